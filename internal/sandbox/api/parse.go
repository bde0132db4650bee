package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Complete brings a record whose type has data, and whose content is in
// master-file form (RFC 1035 5), into the form that the API stores: data and
// content, both. URI has its priority in the content as well. A record of
// another type is left as it is.
func Complete(r *zone.Record) error {
	s, ok := shapeOf(r.Type)
	if !ok {
		return nil
	}
	words, err := zone.Words(r.Content)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Type, r.Name, err)
	}
	if s.ownPriority && len(words) > 0 {
		p, err := strconv.ParseUint(words[0], 10, 16)
		if err != nil {
			return fmt.Errorf("%s %s: %q is not a priority", r.Type, r.Name, words[0])
		}
		r.Priority, words = new(uint16(p)), words[1:]
	}
	parse := s.parse
	if r.Type == "LOC" {
		parse = parseLOC
	}
	data, err := parse(words)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Type, r.Name, err)
	}
	r.Data = raw(data)
	if err := s.normalise(r); err != nil {
		return fmt.Errorf("%s %s: %w", r.Type, r.Name, err)
	}
	return nil
}

// parse gives each field its word, and the last one all that are left.
func (s shape) parse(words []string) (map[string]any, error) {
	data := map[string]any{}
	for i, f := range s.fields {
		if len(words) == 0 {
			if f.fallback != nil {
				continue
			}
			return nil, fmt.Errorf("%s is missing", f.name)
		}
		word := words[0]
		words = words[1:]
		if i == len(s.fields)-1 {
			separator := ""
			if f.kind == svcParams {
				separator = " "
			}
			word, words = strings.Join(append([]string{word}, words...), separator), nil
		}
		data[f.name] = word
		if f.kind == octet || f.kind == number {
			n, err := strconv.ParseFloat(word, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %q is not a number", f.name, word)
			}
			data[f.name] = n
		}
	}
	return data, nil
}

// parseLOC reads RFC 1876 3: d1 [m1 [s1]] N|S d2 [m2 [s2]] E|W alt [siz [hp [vp]]].
func parseLOC(words []string) (map[string]any, error) {
	data := map[string]any{}
	read := func(name, word string) error {
		n, err := strconv.ParseFloat(strings.TrimSuffix(word, "m"), 64)
		if err != nil {
			return fmt.Errorf("%s: %q is not a number", name, word)
		}
		data[name] = n
		return nil
	}
	for axis, letters := range map[string]string{"lat": "NS", "long": "EW"} {
		end := slices.IndexFunc(words, func(w string) bool { return len(w) == 1 && strings.Contains(letters, w) })
		from := 1 + slices.IndexFunc(words[:max(end, 0)], func(w string) bool { return w == "N" || w == "S" })
		if end-from < 1 || end-from > 3 {
			return nil, fmt.Errorf("%s: want degrees, minutes, seconds and a direction", axis)
		}
		data[axis+"_direction"] = words[end]
		for i, word := range words[from:end] {
			if err := read(axis+[]string{"_degrees", "_minutes", "_seconds"}[i], word); err != nil {
				return nil, err
			}
		}
	}
	rest := words[1+slices.IndexFunc(words, func(w string) bool { return w == "E" || w == "W" }):]
	for i, name := range []string{"altitude", "size", "precision_horz", "precision_vert"} {
		if i < len(rest) {
			if err := read(name, rest[i]); err != nil {
				return nil, err
			}
		}
	}
	return data, nil
}
