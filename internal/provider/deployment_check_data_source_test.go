package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func deploymentConfig(arguments ...string) string {
	return "data \"launchready_deployment_check\" \"this\" {\n" + strings.Join(arguments, "\n") + "\n}\n"
}

// wholeDeployment is a configuration with all that a client has.
func wholeDeployment(s target) string {
	folder := s.Variables()["SANDBOX_ENVIRONMENT"]
	return deploymentConfig(`expected_version = "v1.4.2"`, `production = { paths = ["/", "/pricing", "/community", "/api/me"], error_path = "/drill/fail" }`, fmt.Sprintf(`staging = {
    url = "https://staging.%s"
    production_markers = ["Harbour of the north"]
    drill = {
      dependency = "database"
      identity = "robot"
      break   = { method = "PUT", path = "/drill/dependencies/database", body = jsonencode({ state = "down" }) }
      restore = { method = "PUT", path = "/drill/dependencies/database", body = jsonencode({ state = "up" }) }
    }
  }`, s.Domain()), fmt.Sprintf(`environment = {
    example_files = ["%[1]s/.env.example"]
    production_file = "%[1]s/production.names"
    staging_file = "%[1]s/staging.names"
    only_in = { production = ["SENTRY_*"] }
    required = ["DATABASE_URL"]
  }`, folder), `rollback = { endpoint = { path = "/version" } }`, `alert_link = { sink = "deploys", contains = "\"release\":\"{{release}}\"" }`)
}

// withDeploys is a provider block with people and the log of deploys.
func (s target) withDeploys() string {
	return s.people() + fmt.Sprintf("\n  sinks = { deploys = { type = \"file\", path = \"%s/deploys.log\" } }", s.Variables()["SANDBOX_ENVIRONMENT"])
}

// noValues holds that the state shows no value of a variable.
func noValues(s *terraform.State) error {
	for _, value := range []string{"postgres://localhost/portal", "http://localhost:3000/api", "(hidden)"} {
		if strings.Contains(asJSON(s), value) {
			return fmt.Errorf("the state holds the value %s", value)
		}
	}
	return nil
}

// A plan passes on a client in order, and again; what is not as it was meant
// refuses it.
func TestDeploymentCheckInThePlan(t *testing.T) {
	for name, test := range map[string]struct{ fault, want string }{
		"in order":           {},
		"the wrong release":  {"wrong_version", `deploy\.version_expected[\s\S]*production\s+runs\s+1\.4\.1`},
		"a missing variable": {"variable_missing", `deploy\.env_parity[\s\S]*MAIL_TOKEN \(production\)`},
		"no marker":          {"deploy_unmarked", `deploy\.alert_link`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
			if err := s.SetFaults(strings.Fields(test.fault)...); err != nil {
				t.Fatal(err)
			}
			config := s.audit(s.withDeploys(), wholeDeployment(s))
			if test.want != "" {
				acceptance(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
				return
			}
			acceptance(t,
				resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(noSecrets(s), noValues, resource.TestCheckResourceAttr("data.launchready_deployment_check.this", "passed", "true"))},
				resource.TestStep{Config: config, PlanOnly: true})
		})
	}
}

// What stands before staging is no fault of it, and the check says how to come
// through; with what comes through it sees all.
func TestDeploymentCheckBehindAWall(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	if err := s.SetFaults("staging_behind_access"); err != nil {
		t.Fatal(err)
	}
	config := func(identity string) string {
		return fmt.Sprintf("provider \"launchready\" {\n  probe = %s\n  portal = { base_url = \"https://portal.%s\" }\n  identities = { door = { headers = { CF-Access-Client-Id = \"launchready\", CF-Access-Client-Secret = \"sandbox-staging-access\" } } }\n}\n%s",
			s.probeBlock(), s.Domain(), deploymentConfig(`enforcement = "report"`, `expected_version = "1.4.2"`, fmt.Sprintf(`staging = { url = "https://staging.%s", restricted = true %s }`, s.Domain(), identity)))
	}
	parity := func(status string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			attributes := state.RootModule().Resources["data.launchready_deployment_check.this"].Primary.Attributes
			for key, rule := range attributes {
				at, is := strings.CutSuffix(key, ".rule")
				if is && strings.HasPrefix(at, "findings.") && (rule == "deploy.header_parity" || rule == "deploy.route_parity" || rule == "deploy.version_parity") {
					if got := attributes[at+".status"]; got != status {
						return fmt.Errorf("%s: %s, want %s: %s", rule, got, status, attributes[at+".message"])
					}
				}
				if is && rule == "deploy.staging_public" && attributes[at+".status"] == "fail" {
					return fmt.Errorf("a wall is reported: %s", attributes[at+".message"])
				}
			}
			return nil
		}
	}
	acceptance(t,
		resource.TestStep{Config: config(""), Check: resource.ComposeTestCheckFunc(parity("inconclusive"), func(state *terraform.State) error {
			if !strings.Contains(asJSON(state), "service token") {
				return fmt.Errorf("the remedy does not speak of a service token")
			}
			return nil
		})},
		resource.TestStep{Config: config(`, identity = "door"`), Check: resource.ComposeTestCheckFunc(parity("pass"), func(state *terraform.State) error {
			if strings.Contains(asJSON(state), "sandbox-staging-access") {
				return fmt.Errorf("the state holds the token")
			}
			return nil
		})},
	)
}

func TestDeploymentCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	prose, noPlan := write("prose.txt", "Ask the platform team for s3cr3t values.\n"), write("plan.json", `{"a":1}`)
	for name, test := range map[string]struct{ config, want string }{
		"a host out of scope":    {deploymentConfig(`production = { url = "https://www.other.example" }`), `(?s)out of scope.*allowed_hosts`},
		"an address with a path": {deploymentConfig(`production = { url = "https://portal.acme.example/app" }`), `scheme\s+and\s+host`},
		"staging is production":  {deploymentConfig(`staging = { url = "https://portal.acme.example/" }`), `Staging is production`},
		"an empty link":          {deploymentConfig(`alert_link = {}`), `sink`},
		"a value among names":    {deploymentConfig(`environment = { production = ["TOKEN=s3cr3t"] }`), `without\s+a\s+value`},
		"no digest":              {deploymentConfig(`environment = { digests = { production = { TOKEN = "s3cr3t" } } }`), `HMAC-SHA-256`},
		"no such file":           {deploymentConfig(`environment = { production_file = "/no/such/file" }`), `File cannot be read`},
		"a file of another kind": {deploymentConfig(fmt.Sprintf(`environment = { staging_file = %q }`, prose)), `No names of environment variables`},
		"no plan":                {deploymentConfig(fmt.Sprintf(`drift_plan = %q`, noPlan)), `terraform\s+show\s+-json`},
		"half a drill":           {deploymentConfig(`staging = { url = "https://staging.acme.example", drill = { dependency = "database" } }`), `(?s)break.*restore|restore.*break`},
		"too many paths":         {deploymentConfig(`production = { paths = [for i in range(21) : "/${i}"] }`), `at\s+most\s+20`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.withDeploys(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
