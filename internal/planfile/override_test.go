package planfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOverrides(t *testing.T) {
	const glass = `{"reason":"trade fair","owner":"Ada"}`
	for name, test := range map[string]struct {
		provider, expression, variables string
		want                            []Override
	}{
		"none":                     {"launchready", `{}`, `{}`, nil},
		"a value":                  {"launchready", `{"override":{"constant_value":` + glass + `}}`, `{}`, []Override{{Provider: "launchready"}}},
		"null":                     {"launchready", `{"override":{"constant_value":null}}`, `{}`, nil},
		"a variable":               {"launchready", `{"override":{"references":["var.glass.reason","var.glass"]}}`, `{"glass":{"value":` + glass + `}}`, []Override{{Provider: "launchready", Variable: "glass"}}},
		"a variable with no value": {"launchready", `{"override":{"references":["var.glass"]}}`, `{"glass":{"value":null}}`, nil},
		"a variable of a list":     {"launchready", `{"override":{"references":["var.all[0]","var.all"]}}`, `{"all":{"value":[` + glass + `]}}`, []Override{{Provider: "launchready", Variable: "all"}}},
		"a local":                  {"launchready", `{"override":{"references":["local.glass"]}}`, `{}`, []Override{{Provider: "launchready", Unseen: true}}},
		"another provider's":       {"other", `{"override":{"constant_value":` + glass + `}}`, `{}`, nil},
	} {
		text := plan(`"variables":`+test.variables+`,"configuration":{"provider_config":{"launchready":{"name":"`+test.provider+`","expressions":`+test.expression+`}}},`, nested, "")
		p, err := Read(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, p.Overrides); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}
