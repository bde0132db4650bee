package report

import (
	"html/template"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// rows are findings as items of a list. There may be thousands of them, so they
// are written by hand: as a template they would take most of a rendering's time.
// Every text goes through text, which escapes it.
func rows(findings []readiness.Finding) template.HTML {
	var b strings.Builder
	text := func(s string) { b.WriteString(template.HTMLEscapeString(s)) }
	for _, f := range findings {
		b.WriteString(`<li><span class="chip `)
		text(string(f.Status))
		b.WriteString(`">`)
		text(word(f.Status))
		b.WriteString("</span> ")
		if f.Status.Violates() {
			b.WriteString(`<strong class="`)
			text(string(f.Severity))
			b.WriteString(`">`)
			text(string(f.Severity))
			b.WriteString("</strong> ")
		}
		b.WriteString("<code>")
		text(f.Rule)
		b.WriteString("</code> <strong>")
		text(f.Subject)
		b.WriteString("</strong> ")
		text(f.Message)
		if f.Status.Violates() && f.Remedy != "" {
			b.WriteString(` <span class="soft">Fix: `)
			text(f.Remedy)
			b.WriteString("</span>")
		}
		if f.Waiver != "" {
			b.WriteString(` <span class="soft">Waived: `)
			text(f.Waiver)
			b.WriteString("</span>")
		}
		b.WriteString("</li>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // text escapes
}
