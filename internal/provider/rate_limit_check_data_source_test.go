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

func rateCheck(endpoint string, arguments ...string) string {
	return fmt.Sprintf("data \"launchready_rate_limit_check\" \"this\" {\n endpoints = { this = {\n%s\n} }\n%s\n}\n", endpoint, strings.Join(arguments, "\n"))
}

// people are the sandbox's accounts, for the provider block.
func (s target) people() string {
	all := s.Identities()
	return fmt.Sprintf(`portal = {
		base_url = "https://portal.%s"
		sign_in  = { path = "/api/login", token_pointer = "/token" }
		whoami   = { path = "/api/me" }
	}
	identities = {
		member_a = { username = %q, password = %q }
		member_b = { username = %q, password = %q }
		robot    = { bearer_token = "x" }
	}
`, s.Domain(), all["member_a"].Username, all["member_a"].Password, all["member_b"].Username, all["member_b"].Password)
}

const (
	signInEndpoint = `path = "/api/login"
		body     = jsonencode({ email = "{{account}}", password = "{{password}}" })
		accounts = ["member_a", "member_b"]
		requests = 30
		within   = "3s"
		control  = { identity = "member_b" }`
	resendEndpoint = `path = "/api/resend-code"
		body   = jsonencode({ email = "nobody@acme.example" })
		within = "3s"`
)

// A plan tries the sign-in and passes; with a fault of the limits it is refused
// and says which.
func TestRateLimitCheckInThePlan(t *testing.T) {
	const this = "data.launchready_rate_limit_check.this"
	subject := knownvalue.StringExact("POST portal.acme.example/api/login")
	for name, test := range map[string]struct{ endpoint, fault, want string }{
		"a sound portal":    {endpoint: signInEndpoint},
		"an evaded limiter": {signInEndpoint, "limiter_trusts_forwarded_for", `rate\.header_bypass`},
		"no limit":          {resendEndpoint, "rate_limit_missing", `rate\.missing`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
			config := s.audit(s.people(), rateCheck(test.endpoint, `maximum_lockout = "10s"`))
			if test.want != "" {
				if err := s.SetFaults(test.fault); err != nil {
					t.Fatal(err)
				}
				acceptance(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
				return
			}
			acceptance(t, resource.TestStep{Config: config, Check: noSecrets(s), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("findings").AtSliceIndex(0).AtMapKey("subject"), subject),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("POST portal.acme.example/api/login requests"), knownvalue.StringRegexp(regexp.MustCompile(`^\d+ of at most 200$`))),
			}})
		})
	}
}

// A test that is turned off sends nothing, signs in as nobody and is no pass.
func TestRateLimitCheckTurnedOff(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	const this = "data.launchready_rate_limit_check.this"
	acceptance(t, resource.TestStep{
		Config: s.audit(s.people(), rateCheck(signInEndpoint, "enabled = false", `enforcement = "report"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			says(this, "status", "inconclusive"),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("POST portal.acme.example/api/login requests"), knownvalue.StringExact("0 of at most 200")),
		},
	})
}

func TestRateLimitCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	const body = "\nbody = jsonencode({ email = \"{{account}}\" })\n"
	for name, test := range map[string]struct{ config, want string }{
		"no endpoint":                {"data \"launchready_rate_limit_check\" \"this\" {\n endpoints = {}\n}\n", `at least 1`},
		"neither path nor address":   {rateCheck(`kind = "login"`), `exactly\s+one\s+of\s+url\s+and\s+path`},
		"a host out of scope":        {rateCheck(`url = "https://www.other.example/login"`), `(?s)out of scope.*www.other.example.*allowed_hosts`},
		"too many requests":          {rateCheck("path = \"/api/login\"\nrequests = 200"), `between 2 and 80`},
		"one account":                {rateCheck("path = \"/api/login\"\naccounts = [\"member_a\"]" + body), `at least 2`},
		"an unknown account":         {rateCheck("path = \"/api/login\"\naccounts = [\"member_a\", \"membr_b\"]" + body), `(?s)accounts\[1\]\s+is\s+"membr_b".*member_a,\s+member_b`},
		"an account without a name":  {rateCheck("path = \"/api/login\"\naccounts = [\"member_a\", \"robot\"]" + body), `no\s+username`},
		"accounts that are not used": {rateCheck("path = \"/api/login\"\naccounts = [\"member_a\", \"member_b\"]"), `\{\{account\}\}\s+stands\s+nowhere`},
		"invented addresses by mail": {rateCheck("path = \"/api/password-reset\"" + body), `(?s)name\s+two\s+accounts`},
		"an account's limit alone":   {rateCheck("path = \"/api/login\"\nscope = \"account\"" + body), `two\s+test\s+accounts`},
		"a credential as header":     {rateCheck("path = \"/api/login\"\nheaders = { Cookie = \"a=b\" }"), `Credentials do not belong here`},
		"a wait":                     {rateCheck(`path = "/api/login"`, `wait_for = { timeout = "5m" }`), `Unsupported argument`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.people(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
