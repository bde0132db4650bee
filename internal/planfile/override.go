package planfile

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Override is one that a configuration of the provider carries, whether a gate
// needed it or not: left in, it overrides every later gate without a word.
type Override struct {
	Provider string // key of the configuration: "launchready", "module.portal:launchready.two"
	Variable string // of the root module, that it comes from; empty for a value
	Unseen   bool   // it comes from what a plan does not show, and so may be none
}

// configuration is the part of a plan that tells how providers are configured.
type configuration struct {
	Providers map[string]struct {
		Name        string `json:"name"`
		Expressions struct {
			Override json.RawMessage `json:"override"`
		} `json:"expressions"`
	} `json:"provider_config"`
}

type variable struct {
	Value json.RawMessage `json:"value"`
}

// overrides finds the overrides of a plan's configuration, by provider and variable.
func overrides(c configuration, variables map[string]variable) []Override {
	var out []Override
	for key, provider := range c.Providers {
		if provider.Name != "launchready" || !given(provider.Expressions.Override) {
			continue
		}
		var e struct {
			Constant   json.RawMessage `json:"constant_value"`
			References []string        `json:"references"`
		}
		// What has another form is written out, and so is there.
		if err := json.Unmarshal(provider.Expressions.Override, &e); err != nil || given(e.Constant) {
			out = append(out, Override{Provider: key})
			continue
		}
		for _, reference := range e.References {
			rest, ok := strings.CutPrefix(reference, "var.")
			name, _, _ := strings.Cut(rest, ".")
			name, _, _ = strings.Cut(name, "[")
			switch v, known := variables[name]; {
			case !ok || !known:
				out = append(out, Override{Provider: key, Unseen: true})
			case given(v.Value):
				out = append(out, Override{Provider: key, Variable: name})
			}
		}
	}
	slices.SortFunc(out, func(a, b Override) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Variable, b.Variable))
	})
	return slices.Compact(out)
}

func given(value json.RawMessage) bool { return len(value) > 0 && string(value) != "null" }
