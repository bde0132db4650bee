package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/deploycheck"
	"github.com/launchready/terraform-provider-launchready/internal/envnames"
)

type deployEnvironmentModel struct {
	ExampleFiles   types.List          `tfsdk:"example_files"`
	Production     types.List          `tfsdk:"production"`
	ProductionFile types.String        `tfsdk:"production_file"`
	Staging        types.List          `tfsdk:"staging"`
	StagingFile    types.String        `tfsdk:"staging_file"`
	Build          types.List          `tfsdk:"build"`
	BuildFile      types.String        `tfsdk:"build_file"`
	Required       types.List          `tfsdk:"required"`
	OnlyIn         *deployOnlyInModel  `tfsdk:"only_in"`
	ClientPrefixes types.List          `tfsdk:"client_prefixes"`
	Ignore         types.List          `tfsdk:"ignore"`
	MustDiffer     types.List          `tfsdk:"must_differ"`
	Digests        *deployDigestsModel `tfsdk:"digests"`
}

type deployOnlyInModel struct {
	Production types.List `tfsdk:"production"`
	Staging    types.List `tfsdk:"staging"`
}

type deployDigestsModel struct {
	Production types.Map `tfsdk:"production"`
	Staging    types.Map `tfsdk:"staging"`
}

// read reads lists and files. Of the files the names alone are kept.
func (m deployEnvironmentModel) read(at path.Path, diags *diag.Diagnostics) *deploycheck.Environment {
	out := &deploycheck.Environment{
		Production: namesFrom(m.Production, m.ProductionFile, envnames.Production, at, "production_file", diags),
		Staging:    namesFrom(m.Staging, m.StagingFile, envnames.Staging, at, "staging_file", diags),
		Build:      namesFrom(m.Build, m.BuildFile, envnames.Any, at, "build_file", diags),
	}
	files, _ := stringsOf(m.ExampleFiles)
	for i, file := range files {
		out.Example = append(out.Example, namesInFile(file, envnames.ParseExample, at.AtName("example_files").AtListIndex(i), diags)...)
	}
	out.Required, _ = stringsOf(m.Required)
	out.ClientPrefixes, _ = stringsOf(m.ClientPrefixes)
	out.Ignore, _ = stringsOf(m.Ignore)
	out.MustDiffer, _ = stringsOf(m.MustDiffer)
	if o := m.OnlyIn; o != nil {
		out.OnlyProduction, _ = stringsOf(o.Production)
		out.OnlyStaging, _ = stringsOf(o.Staging)
	}
	if d := m.Digests; d != nil {
		out.ProductionDigests, out.StagingDigests = textsOf(d.Production), textsOf(d.Staging)
	}
	return out
}

// namesFrom joins a list of names with those of a file; nil if there is neither.
func namesFrom(list types.List, file types.String, target envnames.Target, at path.Path, argument string, diags *diag.Diagnostics) []envnames.Name {
	var out []envnames.Name
	written, _ := stringsOf(list)
	for _, name := range written {
		out = append(out, envnames.Name{Name: name})
	}
	if !file.IsNull() {
		out = append(out, namesInFile(file.ValueString(), func(text []byte) ([]envnames.Name, error) { return envnames.Parse(text, target) }, at.AtName(argument), diags)...)
	}
	return out
}

func namesInFile(file string, parse func([]byte) ([]envnames.Name, error), at path.Path, diags *diag.Diagnostics) []envnames.Name {
	before := diags.ErrorsCount()
	text := readArgument(file, at, diags)
	if diags.ErrorsCount() > before {
		return nil
	}
	out, err := parse([]byte(text))
	if err != nil {
		diags.AddAttributeError(at, "No names of environment variables", fmt.Sprintf("%s is %q: %s "+
			"It may be a file such as .env.example, a list of names, or what a platform exports: `vercel env ls`, `heroku config`, `fly secrets list`, `gh secret list`, `docker inspect`, or JSON of their APIs.", at, file, sentence(err)))
	}
	return out
}
