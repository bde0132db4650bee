package expression

import (
	"slices"
	"strings"
)

// Conditions are what All(Hosts, Methods, Paths) is built of.
type Conditions struct {
	Hosts, Methods, Paths []string
}

// Build gives the expression; exact compares paths as they stand. "" for none.
func (c Conditions) Build(exact bool) string {
	paths := Paths(c.Paths...)
	if exact {
		paths = ExactPaths(c.Paths...)
	}
	return All(Hosts(c.Hosts...), Methods(c.Methods...), paths)
}

// Read finds the conditions that Build makes an expression of; ok is false for
// one that was written otherwise. What it returns builds the same text.
func Read(text string, exact bool) (c Conditions, ok bool) {
	for _, part := range split(unwrap(text), " and ") {
		for _, atom := range split(unwrap(part), " or ") {
			if !c.add(atom) {
				return Conditions{}, false
			}
		}
	}
	if !exact {
		c.Paths = withoutForms(c.Paths)
	}
	return c, text != "" && c.Build(exact) == text
}

// ReadCookies takes conditions that Cookies makes from the end of a list of such
// that are joined by or, and returns what is before them.
func ReadCookies(text string) (before string, names []string) {
	atoms := split(text, " or ")
	n := len(atoms)
	for n > 0 && strings.HasPrefix(unwrap(atoms[n-1]), cookies+" contains ") {
		for _, atom := range split(unwrap(atoms[n-1]), " or ") {
			values, ok := quotedIn(atom)
			if !ok {
				return text, nil
			}
			name, whole := strings.CutSuffix(values[0], "=")
			if !whole {
				name += "*"
			}
			names = append(names, name)
		}
		n--
	}
	return strings.Join(atoms[:n], " or "), names
}

// add reads one comparison.
func (c *Conditions) add(atom string) bool {
	values, ok := quotedIn(atom)
	if !ok {
		return false
	}
	field := Path
	if strings.Contains(atom, normalPath) {
		field = normalPath
	}
	switch {
	case strings.HasPrefix(atom, "ends_with("+Host+", "):
		c.Hosts = append(c.Hosts, "*"+values[0])
	case strings.HasPrefix(atom, Host+" "):
		c.Hosts = append(c.Hosts, values...)
	case strings.HasPrefix(atom, Method+" "):
		c.Methods = append(c.Methods, values...)
	case strings.HasPrefix(atom, "starts_with("+field+", "):
		c.Paths = append(c.Paths, values[0]+"*")
	case strings.HasPrefix(atom, field+" "):
		c.Paths = append(c.Paths, values...)
	default:
		return false
	}
	return true
}

// withoutForms drops the form of a path with a slash at its end where the other
// one is there.
func withoutForms(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		bare, slashed := strings.CutSuffix(p, "/")
		return slashed && bare != "" && slices.Contains(paths, bare)
	})
}

// quotedIn returns the texts of a comparison; ok is false for none, and for those
// with escapes.
func quotedIn(atom string) (out []string, ok bool) {
	if strings.Contains(atom, `\`) {
		return nil, false
	}
	parts := strings.Split(atom, `"`)
	for i := 1; i < len(parts); i += 2 {
		out = append(out, parts[i])
	}
	return out, len(out) > 0
}

// unwrap takes the brackets off that stand around all of a text.
func unwrap(text string) string {
	inner, ok := strings.CutPrefix(text, "(")
	if inner, closed := strings.CutSuffix(inner, ")"); ok && closed && Check(inner) == nil {
		return inner
	}
	return text
}

// split cuts a text at an operator that stands in no brackets and no quotes.
func split(text, operator string) []string {
	var out []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], operator):
			out = append(out, text[start:i])
			start = i + len(operator)
			i = start - 1
		}
	}
	return append(out, text[start:])
}
