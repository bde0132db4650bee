package runbook

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
)

// front cuts the front matter off a text: YAML between two lines of ---, or TOML
// between +++, at its very beginning. The rest keeps its lines, so that numbers
// of lines stay true.
func front(text string) (values map[string]string, rest string) {
	fence := ""
	for _, f := range []string{"---", "+++"} {
		if head, _, _ := strings.Cut(text, "\n"); strings.TrimRight(head, " \t") == f {
			fence = f
		}
	}
	if fence == "" {
		return nil, text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines[1:] {
		end := strings.TrimSpace(line)
		if end != fence && (fence != "---" || end != "...") {
			continue
		}
		inside := strings.Join(lines[1:i+1], "")
		values = scalars(inside, fence)
		if values == nil && strings.TrimSpace(inside) != "" {
			return nil, text // a line across, and prose
		}
		return values, strings.Repeat("\n", i+2) + strings.Join(lines[i+2:], "")
	}
	return nil, text
}

// scalars are the texts, numbers and dates at the top of front matter; nil if it
// is none.
func scalars(text, fence string) map[string]string {
	out := map[string]string{}
	if fence == "+++" {
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(line, "="); ok {
				out[fold(name)] = strings.Trim(strings.TrimSpace(value), `"'`)
			}
		}
		return out
	}
	var doc map[string]any
	if len(text) > 64<<10 || yaml.Unmarshal([]byte(text), &doc) != nil || doc == nil {
		return nil
	}
	for name, value := range doc {
		switch v := value.(type) {
		case time.Time:
			out[fold(name)] = v.Format(time.DateOnly)
		case map[string]any, []any, nil:
		default:
			out[fold(name)] = fmt.Sprint(v)
		}
	}
	return out
}

// fold is a name in lower case, with blanks for what joins words: lastReviewed is
// two.
func fold(name string) string {
	var apart strings.Builder
	small := false
	for _, r := range name {
		if small && unicode.IsUpper(r) {
			apart.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		apart.WriteRune(r)
	}
	name = apart.String()
	return strings.Join(strings.Fields(strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(name))), " ")
}
