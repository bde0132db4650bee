package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	document "github.com/launchready/terraform-provider-launchready/internal/handover"
	"github.com/launchready/terraform-provider-launchready/internal/report"
)

var (
	_ datasource.DataSourceWithConfigure      = &handoverDataSource{}
	_ datasource.DataSourceWithValidateConfig = &handoverDataSource{}
)

// handoverDataSource makes the document that is left with the client. It asks
// nobody anything: it joins what is declared with what was verified.
type handoverDataSource struct{ shared *shared }

func newHandoverDataSource() datasource.DataSource { return &handoverDataSource{} }

func (d *handoverDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_handover"
}

func (d *handoverDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes the handover document: what was built, what was verified, who owns what, where credentials are kept (never what they are), how members are helped, " +
			"which violations are accepted until when, and what must be looked at next. As HTML and as Markdown, in files and as texts.\n\n" +
			"It asks no one and changes nothing. The same input makes the same texts on the same day. A field that holds what looks like a credential is refused.",
		Attributes: handoverAttributes(),
	}
}

func (d *handoverDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.shared, _ = req.ProviderData.(*shared)
}

// ValidateConfig refuses what can be refused before all is known: a value that
// was pasted in the place of its place must not even reach a plan.
func (d *handoverDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var files types.List
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("files"), &files)...)
	for i, element := range files.Elements() {
		if name, ok := element.(types.String); ok && !name.IsUnknown() && !document.Supported(name.ValueString()) {
			resp.Diagnostics.AddAttributeError(path.Root("files").AtListIndex(i), "Unknown form of document",
				fmt.Sprintf("files[%d] is %q; its ending must be one of %s.", i, name.ValueString(), document.Endings()))
		}
	}
	for _, argument := range []string{"owners", "credentials", "reviews"} {
		var m types.Map
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(argument), &m)...)
		refuseCredentials(ctx, argument, m, &resp.Diagnostics)
	}
	var waivers, attestations types.List
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("waivers"), &waivers)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("attestations"), &attestations)...)
	_, diags := readWaivers(ctx, waivers, path.Root("waivers"))
	resp.Diagnostics.Append(diags...)
	_, diags = readAttestations(ctx, attestations)
	resp.Diagnostics.Append(diags...)
}

// refuseCredentials reports texts that look as if they held a credential. The
// diagnostics name the argument in their words alone: one that points at it makes
// Terraform print the line of the configuration, with the value.
func refuseCredentials(ctx context.Context, argument string, all types.Map, diags *diag.Diagnostics) {
	elements := all.Elements()
	for _, key := range sortedKeys(elements) {
		o, ok := elements[key].(types.Object)
		if !ok {
			continue
		}
		fields := o.Attributes()
		for _, name := range sortedKeys(fields) {
			text, ok := fields[name].(types.String)
			if !ok || text.ValueString() == "" {
				continue
			}
			suspect, wanted := document.Suspect, "words without it"
			if argument == "credentials" && name == "place" {
				suspect, wanted = document.SuspectPlace, "where it is kept, such as \"1Password, vault Acme, item Cloudflare\""
			}
			at := path.Root(argument).AtMapKey(key).AtName(name)
			switch why, err := suspect(ctx, text.ValueString()); {
			case err != nil:
				diags.AddError("Credentials cannot be looked for", err.Error()+"\n\nThis is a fault of the provider: please report it.")
			case why != "":
				diags.AddError("A credential in a handover", fmt.Sprintf("%s holds what looks like one: %s. The document, the plan and the state would show it. Write %s; "+
					"and if it is one, rotate it: it stands in the configuration.", at, why, wanted))
			}
		}
	}
}

func (d *handoverDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = d.shared.logging(ctx)
	var model handoverModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d.shared == nil {
		_, diags := d.shared.ready()
		resp.Diagnostics.Append(diags...)
		return
	}
	refuseCredentials(ctx, "owners", model.Owners, &resp.Diagnostics)
	refuseCredentials(ctx, "credentials", model.Credentials, &resp.Diagnostics)
	refuseCredentials(ctx, "reviews", model.Reviews, &resp.Diagnostics)
	in, diags := model.input(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	doc, err := document.Make(in, d.shared.now())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("scorecard"), "Not a scorecard", "scorecard: "+sentence(err))
		return
	}
	model.write(doc, document.Options{GeneratedAt: d.shared.now()}, &resp.Diagnostics)
	model.fill(doc, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// write writes the files that were asked for.
func (m *handoverModel) write(doc document.Document, o document.Options, diags *diag.Diagnostics) {
	names, _ := stringsOf(m.Files)
	for i, name := range names {
		text, err := document.Render(name, doc, o)
		if err == nil {
			err = report.Replace(name, text)
		}
		if err != nil {
			diags.AddAttributeError(path.Root("files").AtListIndex(i), "Could not write the handover document",
				fmt.Sprintf("files[%d] is %q: %s. Name a file in a folder that can be written to, or leave it out.", i, name, err))
		}
	}
}

// fill writes the document into the outputs. What goes to state carries no time:
// a plan without a change shows no change.
func (m *handoverModel) fill(doc document.Document, diags *diag.Diagnostics) {
	for form, into := range map[string]*types.String{".html": &m.HTML, ".md": &m.Markdown} {
		text, err := document.Render(form, doc, document.Options{})
		if err != nil {
			diags.AddError("Could not render the handover document", err.Error()+"\n\nThis is a fault of the provider: please report it.")
		}
		*into = types.StringValue(string(text))
	}
	m.NextReviews = []handoverReviewModel{}
	for _, r := range doc.Reviews {
		m.NextReviews = append(m.NextReviews, handoverReviewModel{
			ID: types.StringValue(r.ID), What: types.StringValue(r.What), Due: textOf(r.Due), Owner: textOf(r.Owner),
		})
	}
	m.Missing = []types.String{}
	for _, text := range doc.Missing {
		m.Missing = append(m.Missing, types.StringValue(text))
	}
}
