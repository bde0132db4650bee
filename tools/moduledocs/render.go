package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-config-inspect/tfconfig"
)

// render describes a module: what it needs, its examples, inputs, outputs and
// resources.
func render(dir string) (string, error) {
	module, diags := tfconfig.LoadModule(dir)
	if diags.HasErrors() {
		return "", diags.Err()
	}
	var b strings.Builder
	b.WriteString("## Requirements\n\n")
	for _, version := range module.RequiredCore {
		fmt.Fprintf(&b, "- Terraform or OpenTofu `%s`\n", version)
	}
	for _, name := range sortedKeys(module.RequiredProviders) {
		p := module.RequiredProviders[name]
		fmt.Fprintf(&b, "- provider `%s` `%s`\n", p.Source, strings.Join(p.VersionConstraints, ", "))
	}
	if err := renderExamples(&b, dir); err != nil {
		return "", err
	}
	b.WriteString("\n## Inputs\n")
	for _, required := range []bool{true, false} {
		for _, v := range inOrder(module.Variables, func(v *tfconfig.Variable) tfconfig.SourcePos { return v.Pos }) {
			if v.Required == required {
				renderInput(&b, v)
			}
		}
	}
	b.WriteString("\n## Outputs\n\n")
	for _, o := range inOrder(module.Outputs, func(o *tfconfig.Output) tfconfig.SourcePos { return o.Pos }) {
		fmt.Fprintf(&b, "- `%s`: %s\n", o.Name, oneLine(o.Description))
	}
	renderResources(&b, module)
	return b.String(), nil
}

func renderInput(b *strings.Builder, v *tfconfig.Variable) {
	required := ""
	if v.Required {
		required = " (required)"
	}
	fmt.Fprintf(b, "\n### `%s`%s\n\n%s\n\n", v.Name, required, oneLine(v.Description))
	if kind := dedent(v.Type); strings.Contains(kind, "\n") {
		fmt.Fprintf(b, "Type:\n\n```hcl\n%s\n```\n", kind)
	} else {
		fmt.Fprintf(b, "Type: `%s`\n", cmp.Or(kind, "any"))
	}
	if v.Required {
		return
	}
	value, err := json.Marshal(v.Default)
	if err != nil {
		value = []byte("see variables.tf")
	}
	if len(value) <= 80 {
		fmt.Fprintf(b, "\nDefault: `%s`\n", value)
		return
	}
	value, _ = json.MarshalIndent(v.Default, "", "  ") // what was encoded above
	fmt.Fprintf(b, "\nDefault:\n\n```json\n%s\n```\n", value)
}

// renderExamples lists the folders below examples, each by the first sentence of
// its comment.
func renderExamples(b *strings.Builder, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "examples", "*", "main.tf"))
	if err != nil || len(files) == 0 {
		return err
	}
	b.WriteString("\n## Examples\n\n")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var said []string
		for line := range strings.Lines(string(text)) {
			comment, ok := strings.CutPrefix(strings.TrimSpace(line), "# ")
			if !ok {
				break
			}
			said = append(said, comment)
		}
		name := filepath.Base(filepath.Dir(file))
		sentence, _, _ := strings.Cut(strings.Join(said, " "), ". ")
		fmt.Fprintf(b, "- [%s](examples/%s): %s.\n", name, name, strings.TrimSuffix(sentence, "."))
	}
	return nil
}

func renderResources(b *strings.Builder, module *tfconfig.Module) {
	if len(module.ModuleCalls) > 0 {
		b.WriteString("\n## Modules\n\n")
		for _, name := range sortedKeys(module.ModuleCalls) {
			fmt.Fprintf(b, "- `%s` (%s)\n", name, module.ModuleCalls[name].Source)
		}
	}
	list := func(heading string, all map[string]*tfconfig.Resource) {
		if len(all) == 0 {
			return
		}
		fmt.Fprintf(b, "\n## %s\n\n", heading)
		for _, name := range sortedKeys(all) {
			fmt.Fprintf(b, "- `%s`\n", strings.TrimPrefix(name, "data."))
		}
	}
	list("Resources", module.ManagedResources)
	list("Data sources", module.DataResources)
}

// inOrder lists declarations as their files have them.
func inOrder[V any](all map[string]V, pos func(V) tfconfig.SourcePos) []V {
	out := make([]V, 0, len(all))
	for _, name := range sortedKeys(all) {
		out = append(out, all[name])
	}
	slices.SortStableFunc(out, func(a, b V) int {
		return cmp.Or(strings.Compare(pos(a).Filename, pos(b).Filename), cmp.Compare(pos(a).Line, pos(b).Line))
	})
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for key := range m {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// dedent moves the lines of an expression to the left, by what its last line has.
func dedent(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	last := lines[len(lines)-1]
	indent := last[:len(last)-len(strings.TrimLeft(last, " \t"))]
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], indent)
	}
	return strings.Join(lines, "\n")
}
