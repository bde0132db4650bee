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
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// twoOrganisations are two accounts of the sandbox with role and organisation, and one
// whose password is wrong.
func (s target) twoOrganisations() string {
	all := s.Identities()
	one := func(name, identity, password string) string {
		id := all[identity]
		return fmt.Sprintf("%s = { username = %q, password = %q, role = %q, organization = %q }\n", name, id.Username, password, id.Role, id.Organization)
	}
	return fmt.Sprintf(`portal = {
		base_url = "https://portal.%s"
		sign_in  = { path = "/api/login", token_pointer = "/token" }
		whoami   = { path = "/api/me" }
	}
	identities = {
		%s %s %s
	}
`, s.Domain(), one("member_a", "member_a", all["member_a"].Password), one("member_b", "member_b", all["member_b"].Password), one("stale", "member_c", "not-the-password-any-more"))
}

func authorizationCheck(arguments ...string) string {
	return "data \"launchready_authorization_check\" \"this\" {\n" + strings.Join(arguments, "\n") + "\n}\n"
}

func TestAuthorizationCheckInThePlan(t *testing.T) {
	const this = "data.launchready_authorization_check.this"
	route := fmt.Sprintf(`routes = {
		message = { path = "/api/messages/{id}", params = { id = %q }, owner = "member_a", deny = ["member_b"] }
		invoice = { path = "/api/invoices/5001", owner = "member_a", deny = ["member_b"] }
	}
	public_paths = ["/", "/community"]`, portal.MessageOf("member_a"))
	t.Run("a sound portal", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
		acceptance(t, resource.TestStep{Config: s.audit(s.twoOrganisations(), authorizationCheck(route)), Check: noSecrets(s), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(true)),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("requests planned"), knownvalue.StringRegexp(regexp.MustCompile(`^\d+$`))),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("requests sent"), knownvalue.StringRegexp(regexp.MustCompile(`^\d+, of which 0 beyond the plan`))),
		}})
	})
	t.Run("a portal that shows invoices to all", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
		if err := s.SetFaults("authz_object_unchecked"); err != nil {
			t.Fatal(err)
		}
		acceptance(t, resource.TestStep{Config: s.audit(s.twoOrganisations(), authorizationCheck(route)), PlanOnly: true, ExpectError: regexp.MustCompile(`authz\.object_cross_org`)})
	})
	t.Run("an identity that cannot sign in", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
		config := authorizationCheck(`routes = { profile = { path = "/api/profile", owner = "stale", deny = ["member_b"] } }`, `enforcement = "report"`)
		acceptance(t, resource.TestStep{Config: s.audit(s.twoOrganisations(), config), Check: noSecrets(s), ConfigStateChecks: []statecheck.StateCheck{
			says(this, "status", "inconclusive"),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(false)),
		}})
	})
}

func TestAuthorizationCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	routes := func(route string) string { return authorizationCheck("routes = { this = {\n" + route + "\n} }") }
	const message = "path = \"/api/messages/{id}\"\nowner = \"member_a\"\n"
	long := strings.Repeat("x", 64)
	for name, test := range map[string]struct{ config, want string }{
		"nothing":                   {authorizationCheck(), `Nothing to test`},
		"no owner":                  {routes(`path = "/api/me"`), `"owner"\s+is\s+required`},
		"an unknown owner":          {routes("path = \"/api/me\"\nowner = \"membr_a\""), `(?s)owner\s+is\s+"membr_a".*member_a,\s+member_b`},
		"an unknown role":           {routes("path = \"/api/me\"\nowner = \"member_a\"\nallow = [\"amdin\"]"), `(?s)allow\[0\]\s+is\s+"amdin".*anonymous,\s+member`},
		"a param without a value":   {routes(message), `params\s+has\s+no\s+value\s+for\s+\{id\}`},
		"a param that is not used":  {routes("path = \"/api/me\"\nowner = \"member_a\"\nparams = { id = \"1\" }"), `\{id\},\s+which\s+params\s+has\s+a\s+value\s+for`},
		"allowed and denied":        {routes("path = \"/api/me\"\nowner = \"member_a\"\nallow = [\"member_b\"]\ndeny = [\"member_b\"]"), `member_b\s+is\s+in\s+allow\s+and\s+in\s+deny`},
		"a path without a slash":    {routes("path = \"api/me\"\nowner = \"member_a\""), `Not a path`},
		"a credential as header":    {routes("path = \"/api/me\"\nowner = \"member_a\"\nheaders = { Authorization = \"" + long + "\" }"), `Credentials do not belong here`},
		"no field":                  {routes("method = \"PATCH\"\npath = \"/api/me\"\nowner = \"member_a\"\nbody = jsonencode({ a = \"1\", b = \"2\" })"), `set\s+field\s+to\s+the\s+field\s+of\s+body`},
		"a short marker":            {routes("path = \"/api/me\"\nowner = \"member_a\"\nmarker = \"abc\""), `at least 6`},
		"bindings without document": {authorizationCheck(`public_paths = ["/"]`, `bindings = { x = { owner = "member_a" } }`), `Bindings without a document`},
		"no document":               {authorizationCheck(`openapi = { content = "hello" }`), `(?s)OpenAPI document cannot be read`},
		"a document too long":       {authorizationCheck(`openapi = { content = join("", [for i in range(1000) : join("", [for j in range(40) : "` + long + `"])]) }`), `longer\s+than\s+2\s+MiB`},
		"a document elsewhere":      {authorizationCheck(`openapi = { url = "https://www.other.example/openapi.json" }`), `(?s)out of scope.*www.other.example`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.twoOrganisations(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
