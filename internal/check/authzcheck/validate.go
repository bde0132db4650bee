package authzcheck

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

var placeholders = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_-]*)\}`) })

// Validate says what is wrong with a route by itself; nil if nothing is.
func (r Route) Validate() error {
	if r.Owner == "" {
		return errors.New("owner is required: who must get the route's answer")
	}
	return r.validate(true)
}

// ValidateBinding says what is wrong with a binding: its path is the document's.
func (r Route) ValidateBinding() error { return r.validate(false) }

func (r Route) validate(alone bool) error {
	if alone {
		path, _, _ := strings.Cut(r.Path, "?")
		for _, m := range placeholders().FindAllStringSubmatch(path, -1) {
			if r.Params[m[1]] == "" && (r.Create == nil || m[1] != cmp.Or(r.Create.Param, "id")) {
				return fmt.Errorf("params has no value for {%s} of path", m[1])
			}
		}
		text := r.Path + r.Body
		for _, v := range r.Query {
			text += v
		}
		for _, values := range r.Header {
			text += strings.Join(values, "")
		}
		for _, name := range slices.Sorted(maps.Keys(r.Params)) {
			if !strings.Contains(text, "{"+name+"}") {
				return fmt.Errorf("{%s}, which params has a value for, stands nowhere in path, query, headers and body", name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Own)) {
		for param := range r.Params {
			if r.Own[name][param] == "" {
				return fmt.Errorf("own of %s has no value for %s", name, param)
			}
		}
	}
	if both := slices.IndexFunc(r.Allow, func(a string) bool { return slices.Contains(r.Deny, a) }); both >= 0 {
		return fmt.Errorf("%s is in allow and in deny", r.Allow[both])
	}
	if slices.Contains(r.Deny, r.Owner) && r.Owner != "" {
		return fmt.Errorf("%s is the owner, and in deny", r.Owner)
	}
	if !alone || !r.writes() || r.method() == "DELETE" {
		return nil
	}
	_, err := r.fieldOf()
	return err
}
