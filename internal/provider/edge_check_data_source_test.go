package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// signInArguments let members and the robot of the sandbox sign in.
func (s target) signInArguments() string {
	people := s.Identities()
	return fmt.Sprintf(`portal = {
		base_url = "https://portal.%s"
		sign_in  = { path = "/api/login", format = "json", token_pointer = "/token" }
		whoami   = { path = "/api/me" }
	}
	identities = { robot = { bearer_token = %q }, member_a = { username = %q, password = %q }, wrong = { username = %q, password = "wrong" } }
`, s.Domain(), people["robot"].BearerToken, people["member_a"].Username, people["member_a"].Password, people["member_b"].Username)
}

func edgeOf(arguments string) string {
	return fmt.Sprintf("data \"launchready_edge_check\" \"this\" {\n hosts = [\"portal.acme.example\"]\n %s\n}\n", arguments)
}

func corsOf(arguments string) string {
	return fmt.Sprintf("data \"launchready_cors_check\" \"this\" {\n %s\n}\n", arguments)
}

// Both checks of the edge in a plan: what they take, find and refuse.
func TestEdgeChecks(t *testing.T) {
	const (
		edgeAt, corsAt = "data.launchready_edge_check.this", "data.launchready_cors_check.this"
		everything     = `origins = ["198.51.100.10"]
			private_paths = ["/account", "https://portal.acme.example/api/me"]
			static_paths = ["/static/site.css"]
			identity = "member_a"`
		endpoints = `endpoints = {
				me     = { path = "/api/me", identity = "member_a" }
				posts  = { url = "https://portal.acme.example/api/posts", identity = "robot" }
				invite = { path = "/api/invites", method = "POST", identity = "robot" }
			}
			trusted_origins = ["https://app.acme.example"]`
	)
	for name, test := range map[string]struct {
		state, config string
		at            string // that passes, or
		fails         string // error of the plan
	}{
		"a sound edge":            {config: edgeOf(everything), at: edgeAt},
		"the host alone":          {config: edgeOf(""), at: edgeAt},
		"an origin that answers":  {state: "origin_exposed", config: edgeOf(everything), fails: `edge\.origin_direct`},
		"private answers kept":    {state: "cache_private", config: edgeOf(everything), fails: `(?s)edge\.private_cached.*portal\.acme\.example/account`},
		"no firewall":             {state: "waf_off", config: edgeOf(""), fails: `edge\.waf_absent`},
		"no firewall, not asked":  {state: "waf_off", config: edgeOf("waf_probe = false"), at: edgeAt},
		"a weak header":           {state: "csp_missing", config: edgeOf(`fail_on = "medium"`), fails: `headers\.csp`},
		"another marker":          {config: edgeOf(everything + "\n marker = \"nobody\""), fails: `could not be\s+tested`},
		"an origin out of scope":  {config: edgeOf(`origins = ["origin.elsewhere.example"]`), fails: `(?s)out of scope.*origin\.elsewhere\.example`},
		"a path out of scope":     {config: edgeOf(`private_paths = ["https://portal.elsewhere.example/x"]` + "\n identity = \"robot\""), fails: `(?s)out of scope.*portal\.elsewhere\.example`},
		"an unknown identity":     {config: edgeOf(`private_paths = ["/x"]` + "\n identity = \"nobody\""), fails: `Unknown identity`},
		"a wrong password":        {config: edgeOf(`private_paths = ["/x"]` + "\n identity = \"wrong\""), fails: `Sign-in failed`},
		"a marker of nobody":      {config: edgeOf(`marker = "x"`), fails: `(?s)marker.*identity`},
		"a host with a scheme":    {config: `data "launchready_edge_check" "this" { hosts = ["https://portal.acme.example"] }`, fails: "Not a host name"},
		"sound CORS":              {config: corsOf(endpoints), at: corsAt},
		"an echo":                 {state: "cors_reflects_origin", config: corsOf(endpoints), fails: `(?s)cors\.reflects_origin.*portal\.acme\.example/api/me`},
		"a trusted one broken":    {state: "cors_trusted_broken", config: corsOf(endpoints), fails: `cors\.trusted_broken`},
		"a host out of scope":     {config: corsOf(`endpoints = { x = { url = "https://api.elsewhere.example/" } }`), fails: `(?s)out of scope.*api\.elsewhere\.example`},
		"plain http":              {config: corsOf(`endpoints = { x = { url = "http://portal.acme.example/" } }`), fails: `Not an address`},
		"an address and a path":   {config: corsOf(`endpoints = { x = { url = "https://portal.acme.example/", path = "/" } }`), fails: `(?s)exactly one`},
		"an origin with a path":   {config: corsOf(strings.Replace(endpoints, `["https://app.acme.example"]`, `["https://app.acme.example/"]`, 1)), fails: `Not an origin`},
		"an endpoint that is not": {config: corsOf(`endpoints = { x = { path = "/api/nothing", identity = "robot" } }`), fails: `could not be\s+tested`},
	} {
		t.Run(name, func(t *testing.T) {
			state := test.state
			if state == "" {
				state = sandbox.Healthy
			}
			s := newTarget(t, sandbox.Options{State: state})
			step := resource.TestStep{Config: s.audit(s.signInArguments(), test.config), PlanOnly: test.fails != ""}
			if test.fails != "" {
				step.ExpectError = regexp.MustCompile(test.fails)
			} else {
				step.ConfigStateChecks = []statecheck.StateCheck{
					says(test.at, "status", "pass"),
					statecheck.ExpectKnownValue(test.at, tfjsonpath.New("result").AtMapKey("area"), knownvalue.StringExact("edge")),
					statecheck.ExpectKnownValue(test.at, tfjsonpath.New("observed").AtMapKey("requests"), knownvalue.NotNull()),
				}
			}
			acceptance(t, step)
		})
	}
}
