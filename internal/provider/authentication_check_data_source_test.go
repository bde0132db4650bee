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

func authCheck(arguments ...string) string {
	return fmt.Sprintf("data \"launchready_authentication_check\" \"this\" {\n%s\n}\n", strings.Join(arguments, "\n"))
}

// members are the sandbox's accounts, for the provider block, with a sign-in by form.
func (s target) members() string {
	all := s.Identities()
	person := func(name string) string {
		id := all[name]
		second := ""
		if id.TOTPSecret != "" {
			second = fmt.Sprintf("totp_secret = %q", id.TOTPSecret)
		}
		return fmt.Sprintf("\t\t%s = { username = %q, password = %q, role = %q\n %s }\n", name, id.Username, id.Password, id.Role, second)
	}
	return fmt.Sprintf(`portal = {
		base_url = "https://portal.%s"
		sign_in  = { path = "/login", format = "form" }
		sign_out = { path = "/api/logout" }
		whoami   = { path = "/api/me" }
	}
	identities = {
%s	}
`, s.Domain(), person("member_a")+person("disposable")+person("admin")+"\t\trobot = { bearer_token = \"x\" }\n")
}

const authArguments = `identity = "member_a"
	protected_paths = ["/api/posts"]
	admin_paths = ["/api/admin/users"]
	mutable = "disposable"
	sensitive_changes = { password = { path = "/api/password", body = jsonencode({ current_password = "{{current_password}}", password = "{{password}}" }) } }
	token_sign_in = { path = "/api/token", token_pointer = "/access_token", refresh = { path = "/api/token/refresh", body = jsonencode({ refresh_token = "{{refresh_token}}" }) } }
	short_session = { headers = { "X-Test-Session" = "idle=1s, life=4s" }, idle = "1s", absolute = "4s" }
	replication = "2s"`

// A plan signs in and decides; with a fault it is refused and says which. What is
// not given is inconclusive, and no secret gets into the state.
func TestAuthenticationCheckInThePlan(t *testing.T) {
	const this = "data.launchready_authentication_check.this"
	t.Run("a sound portal", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
		acceptance(t, resource.TestStep{
			Config: s.audit(s.members(), authCheck(authArguments, `enforcement = "report"`)), Check: noSecrets(s),
			ConfigStateChecks: []statecheck.StateCheck{
				says(this, "status", "inconclusive"), // recovery is not given
				statecheck.ExpectKnownValue(this, tfjsonpath.New("findings").AtSliceIndex(0).AtMapKey("rule"), knownvalue.StringExact("authn.bypass")),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("findings").AtSliceIndex(0).AtMapKey("status"), knownvalue.StringExact("pass")),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("requests"), knownvalue.StringRegexp(regexp.MustCompile(`^\d+$`))),
			},
		})
	})
	t.Run("a session that survives", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
		if err := s.SetFaults("session_survives_logout"); err != nil {
			t.Fatal(err)
		}
		acceptance(t, resource.TestStep{Config: s.audit(s.members(), authCheck(authArguments)), PlanOnly: true, ExpectError: regexp.MustCompile(`session\.survives_logout`)})
	})
}

// A test that is turned off sends nothing and is no pass.
func TestAuthenticationCheckTurnedOff(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	const this = "data.launchready_authentication_check.this"
	acceptance(t, resource.TestStep{
		Config: s.audit(s.members(), authCheck(authArguments, "enabled = false", `enforcement = "report"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			says(this, "status", "inconclusive"),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("requests"), knownvalue.StringExact("0")),
		},
	})
}

func TestAuthenticationCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	const member = `identity = "member_a"`
	for name, test := range map[string]struct{ config, want string }{
		"no identity":         {authCheck(""), `"identity" is required`},
		"an unknown identity": {authCheck(`identity = "membr_a"`), `(?s)identity\s+is\s+"membr_a".*member_a`},
		"no path":             {authCheck(member, `protected_paths = ["posts"]`), `Not a path`},
		"one for two":         {authCheck(member, `mutable = "member_a"`), `(?s)used\s+twice`},
		"an unknown change":   {authCheck(member, `sensitive_changes = { phone = { path = "/x" } }`), `(?s)password.*email`},
		"an unknown mailbox":  {authCheck(member, `recovery = { mailbox = "x", request = { path = "/r" } }`), `(?s)No\s+mailboxes|Unknown\s+mailbox`},
		"a wait":              {authCheck(member, `wait_for = { timeout = "5m" }`), `Unsupported argument`},
		"no duration":         {authCheck(member, `maximum_idle = "a day"`), `duration`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.members(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
