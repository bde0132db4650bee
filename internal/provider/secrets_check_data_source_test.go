package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
)

func secretsConfig(arguments ...string) string {
	return "data \"launchready_secrets_check\" \"this\" {\n" + strings.Join(arguments, "\n") + "\n}\n"
}

// noPlanted holds that the state shows no planted secret.
func noPlanted(s *terraform.State) error {
	text := asJSON(s)
	for _, secret := range leaks.All() {
		if strings.Contains(text, secret) {
			return fmt.Errorf("the state holds a secret: %s...", secret[:6])
		}
	}
	return nil
}

// A plan reads the repository, what is shipped and what is served, and passes; a
// planted secret refuses it. A second plan knows what the first one read.
func TestSecretsCheckInThePlan(t *testing.T) {
	const this = "data.launchready_secrets_check.this"
	for name, test := range map[string]struct{ fault, want string }{
		"a sound client":        {},
		"a deleted file":        {"secret_in_deleted_file", `secrets\.in_history`},
		"a key in the bundle":   {"secret_in_bundle", `secrets\.in_bundle`},
		"a file of variables":   {"env_file_served", `secrets\.file_exposed`},
		"a clone with no roots": {"repository_shallow", `(?s)secrets\.in_history.*fetch\s+--unshallow`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
			if err := s.SetFaults(strings.Fields(test.fault)...); err != nil {
				t.Fatal(err)
			}
			work, err := s.Workplace()
			if err != nil {
				t.Fatal(err)
			}
			config := s.audit(s.people(), secretsConfig(
				fmt.Sprintf("repository = %q\npaths = [%q]\nlogs = [%q]", work.Repository(), work.Build(), work.Logs()),
				`pages = ["/"]`, `identity = "member_a"`, fmt.Sprintf("rotation = { document = %q }", work.Rotation())))
			if test.want != "" {
				acceptance(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
				return
			}
			acceptance(t,
				resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(noSecrets(s), noPlanted), ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(true)),
				}},
				resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("commits read"), knownvalue.StringExact("0")),
				}},
			)
		})
	}
}

// What is allowed where it stands is waived and shown, and a fingerprint of a
// finding allows it for good.
func TestSecretsCheckAllows(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	if err := s.SetFaults("secret_untracked"); err != nil {
		t.Fatal(err)
	}
	work, err := s.Workplace()
	if err != nil {
		t.Fatal(err)
	}
	ignore := filepath.Join(t.TempDir(), "ignore")
	if err := os.WriteFile(ignore, []byte("# rotated\nnotes.txt:sendgrid-api-token:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const this = "data.launchready_secrets_check.this"
	acceptance(t, resource.TestStep{
		Config: s.audit("", secretsConfig(fmt.Sprintf("repository = %q\nignore_file = %q", work.Repository(), ignore), `cache = false`, `enforcement = "report"`)),
		Check:  noPlanted,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("findings allowed where they are"), knownvalue.StringExact("1")),
			says(this, "status", "inconclusive"), // nobody has said how secrets are rotated
		},
	})
}

func TestSecretsCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	for name, test := range map[string]struct{ config, want string }{
		"nothing to look at":      {secretsConfig(), `needs\s+one\s+of`},
		"no repository":           {secretsConfig(fmt.Sprintf("repository = %q", t.TempDir())), `no\s+Git\s+repository`},
		"no such folder":          {secretsConfig(`repository = "/no/such/folder"`), `no\s+such\s+folder`},
		"a host out of scope":     {secretsConfig(`hosts = ["www.other.example"]`), `(?s)out of scope.*www.other.example.*allowed_hosts`},
		"a page that is none":     {secretsConfig(`pages = ["portal.acme.example"]`), `Not a page`},
		"an identity unknown":     {secretsConfig(`pages = ["/"]`, `identity = "nobody"`), `member_a,\s+member_b`},
		"a broken configuration":  {secretsConfig(`paths = ["/tmp"]`, `config = "[[rules]]\nid = 'x'\nregex = '('\n"`), `cannot\s+be\s+compiled`},
		"a missing ignore file":   {secretsConfig(`paths = ["/tmp"]`, `ignore_file = "/no/such/file"`), `File cannot be read`},
		"a key as a fingerprint":  {secretsConfig(`paths = ["/tmp"]`, `public_keys = [{ fingerprint = "pk_live_1", reason = "x" }]`), `Not a fingerprint`},
		"a key without reason":    {secretsConfig(`paths = ["/tmp"]`, `public_keys = [{ pattern = "x" }]`), `reason`},
		"half a rotation":         {secretsConfig(`paths = ["/tmp"]`, `rotation = { statement = "we do", owner = "cto" }`), `Not a rotation plan`},
		"a document and an owner": {secretsConfig(`paths = ["/tmp"]`, `rotation = { document = "x", owner = "cto" }`), `Not a rotation plan`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.people(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
