package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

const thisTLS = "launchready_zone_tls.this"

func zoneTLS(arguments string) string {
	return "resource \"launchready_zone_tls\" \"this\" {\n zone = \"acme.example\"\n " + arguments + "\n}\n"
}

func TestZoneTLSLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	before := map[string]string{}
	for _, id := range []string{"ssl", "min_tls_version", "always_use_https", "tls_1_3", "security_header", "ssl_automatic_mode"} {
		before[id] = s.setting(id)
	}
	full := s.config(zoneTLS(`mode = "strict"
  minimum_version  = "1.2"
  always_use_https = true
  hsts             = { max_age = 31536000 }`))
	less := s.config(zoneTLS(`mode = "strict"
  minimum_version = "1.3"`))
	acceptance(t,
		resource.TestStep{Config: full, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(thisTLS, tfjsonpath.New("tls_1_3"), knownvalue.Null()), // not set: not owned
		}},
		noChange(full),
		resource.TestStep{
			PreConfig: func() {
				if got := s.setting("ssl"); got != `"strict"` {
					t.Errorf("ssl is %s", got)
				}
				if got := s.setting("ssl_automatic_mode"); got != `"custom"` {
					t.Errorf("ssl_automatic_mode is %s", got)
				}
				s.put("/zone/settings", map[string]any{"id": "min_tls_version", "value": "1.0"}) // drift
				s.put("/zone/settings", map[string]any{"id": "tls_1_3", "value": "off"})         // not ours
			},
			Config:           full,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisTLS, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{PreConfig: func() {
			if got := s.setting("tls_1_3"); got != `"off"` {
				t.Errorf("tls_1_3 was not set by us, but is %s", got)
			}
		}, Config: full},
		// What is taken out goes back to what was there before.
		changes(less, thisTLS, plancheck.ResourceActionUpdate),
		resource.TestStep{PreConfig: func() {
			for _, id := range []string{"always_use_https", "security_header"} {
				if got := s.setting(id); got != before[id] {
					t.Errorf("%s is %s, was %s before us", id, got, before[id])
				}
			}
		}, Config: less},
		noChange(less),
		resource.TestStep{Config: less, ResourceName: thisTLS, ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportStateId: "acme.example"},
	)
	for _, id := range []string{"ssl", "min_tls_version", "always_use_https", "security_header", "ssl_automatic_mode"} {
		if got := s.setting(id); got != before[id] {
			t.Errorf("after destroy %s is %s, was %s before us", id, got, before[id])
		}
	}
	if got := s.setting("tls_1_3"); got != `"off"` {
		t.Errorf("after destroy tls_1_3 is %s; it was never ours", got)
	}
}

// A zone that exists is adopted without a change, whatever the configuration leaves out.
func TestZoneTLSImport(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	config := s.config("import {\n to = launchready_zone_tls.this\n id = \"acme.example\"\n}\n" + zoneTLS(`mode = "strict"`))
	acceptance(t, resource.TestStep{Config: config}, noChange(config))
}

// What was there before outlives a taint.
func TestZoneTLSTaint(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	before := map[string]string{}
	for _, id := range []string{"ssl", "min_tls_version", "always_use_https"} {
		before[id] = s.setting(id)
	}
	config := s.config(zoneTLS("mode = \"strict\"\n minimum_version = \"1.2\"\n always_use_https = true"))
	acceptance(t, resource.TestStep{Config: config}, resource.TestStep{Config: config, Taint: []string{thisTLS}}, noChange(config))
	for id, want := range before {
		if got := s.setting(id); got != want {
			t.Errorf("%s is %s, was %s before us", id, got, want)
		}
	}
}

// Two resources cannot set one setting; each may set its own.
func TestZoneTLSDeclaredTwice(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	two := func(a, b string) string {
		return s.config(zoneTLS(a) + strings.Replace(zoneTLS(b), "\"this\"", "\"other\"", 1))
	}
	apart := two(`mode = "strict"`, `minimum_version = "1.2"`)
	acceptance(t,
		resource.TestStep{Config: two(`minimum_version = "1.2"`, `minimum_version = "1.3"`), PlanOnly: true, ExpectError: regexp.MustCompile("declared twice")},
		resource.TestStep{Config: apart}, noChange(apart),
	)
}

// A creation that fails half-way leaves the zone as it was.
func TestZoneTLSRollsBack(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	before := map[string]string{}
	for _, id := range []string{"ssl", "min_tls_version", "always_use_https", "ssl_automatic_mode"} {
		before[id] = s.setting(id)
	}
	check := func() {
		for id, want := range before {
			if got := s.setting(id); got != want {
				t.Errorf("%s is %s, was %s before us", id, got, want)
			}
		}
	}
	config := s.config(zoneTLS(`mode = "strict"
  minimum_version  = "1.2"
  always_use_https = true`))
	acceptance(t,
		resource.TestStep{
			PreConfig: func() {
				s.put("/api/faults", map[string]any{"status": 400, "body": "json", "route": "PATCH /zones/{zone_id}/settings/{setting_id}", "every": 3, "count": 1})
			},
			Config: config, ExpectError: regexp.MustCompile("Could not set"),
		},
		resource.TestStep{PreConfig: check, Config: config},
		noChange(config),
	)
	check()
}

func TestZoneTLSBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	for name, test := range map[string]struct{ arguments, want string }{
		"an unknown mode":        {`mode = "strong"`, "strict"},
		"an unknown version":     {`minimum_version = "1.4"`, `1\.4`},
		"preload without a year": {`hsts = { preload = true, include_subdomains = true, max_age = 10 }`, "31536000"},
		"preload of one name":    {`hsts = { preload = true }`, "include_subdomains"},
		"a negative age":         {`hsts = { max_age = -1 }`, "max_age"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.config(zoneTLS(test.arguments)), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
