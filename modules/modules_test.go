// Package modules_test runs each module's own tests with a real terraform or
// tofu against a sandbox.
package modules_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

func TestModules(t *testing.T) {
	clitest.Program(t)
	tests, err := filepath.Glob("*/tests")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no module has tests: %v", err)
	}
	for _, dir := range tests {
		name := filepath.Dir(dir)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cli := copied(t, filepath.Join("modules", name), sandbox.AsFound)
			cli.Must(t, "init", "-input=false")
			if code, out := cli.Run(t, "test"); code != 0 {
				t.Errorf("terraform test:\n%s", out)
			}
		})
	}
}

// What some modules make depends on the plan of the zone.
func TestModulesOnPlans(t *testing.T) {
	clitest.Program(t)
	folders, err := filepath.Glob("*/tests/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		module, tests, _ := strings.Cut(folder, string(filepath.Separator))
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			continue
		}
		t.Run(module+"/"+filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{State: sandbox.AsFound, Plan: filepath.Base(folder)})
			cli := copiedFor(t, s, filepath.Join("modules", module))
			cli.Must(t, "init", "-input=false", "-test-directory="+tests)
			if code, out := cli.Run(t, "test", "-test-directory="+tests); code != 0 {
				t.Errorf("terraform test:\n%s", out)
			}
		})
	}
}

// No example rots: those of a resource or data source are planned, the others
// are run by the demo and validated here.
func TestExamples(t *testing.T) {
	clitest.Program(t)
	root := clitest.Root(t)
	for pattern, state := range map[string]string{"*": "", "resources/*": sandbox.Empty, "data-sources/*": sandbox.Healthy} {
		dirs, err := filepath.Glob(filepath.Join(root, "examples", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range dirs {
			relative, _ := filepath.Rel(root, dir)
			if files, _ := filepath.Glob(filepath.Join(dir, "*.tf")); len(files) == 0 {
				continue
			}
			t.Run(relative, func(t *testing.T) {
				t.Parallel()
				cli := copied(t, relative, state)
				// What somebody has to bring: any text will do.
				for _, name := range []string{"data-source.tf", "resource.tf"} {
					text, _ := os.ReadFile(filepath.Join(dir, name)) // each example has one of them
					for _, v := range regexp.MustCompile(`(?s)\nvariable "(\w+)" \{(.*?)\}`).FindAllStringSubmatch("\n"+string(text), -1) {
						if !strings.Contains(v[2], "default") {
							cli.Env = append(cli.Env, "TF_VAR_"+v[1]+"=1.4.2")
						}
					}
				}
				if state == "" {
					cli.Must(t, "init", "-input=false")
					if relative == filepath.Join("examples", "adopt-zone") { // its resource is yet to be generated
						cli.Must(t, "plan", "-input=false", "-generate-config-out=zone.tf")
					}
					cli.Must(t, "validate")
					return
				}
				for from, to := range map[string]string{
					"modules/launch/versions.tf": "versions.tf", "examples/client-portal/keys/google.pem": "google.pem",
				} {
					text, err := os.ReadFile(filepath.Join(root, from))
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(cli.Dir, to), text, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				cli.Must(t, "init", "-input=false")
				cli.Must(t, "plan", "-input=false")
			})
		}
	}
}

// The examples of the checks of the application pass on a healthy portal, where all
// that they may try is tried.
func TestExamplesOfTheApplication(t *testing.T) {
	clitest.Program(t)
	for name, test := range map[string]struct {
		arguments []string
		prepare   func(t *testing.T, s *sandbox.Sandbox, dir string)
	}{
		"authentication": {[]string{"-var", "attack=true"}, nil},
		"authorization":  {[]string{"-var", "writes=true"}, nil},
		"secrets":        {nil, beside},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{State: sandbox.Healthy})
			cli := copiedFor(t, s, filepath.Join("examples", "data-sources", "launchready_"+name+"_check"))
			text, err := os.ReadFile(filepath.Join(clitest.Root(t), "modules", "launch", "versions.tf"))
			if err != nil {
				t.Fatal(err)
			}
			// Whoever runs an example may wish to see why it does not pass.
			text = append(text, []byte(fmt.Sprintf("output \"findings\" {\n  value = [for f in data.launchready_%s_check.portal.findings : \"${f.status} ${f.rule} ${f.subject}: ${f.message}\" if !contains([\"pass\", \"not_applicable\"], f.status)]\n}\n", name))...)
			if err := os.WriteFile(filepath.Join(cli.Dir, "versions.tf"), text, 0o600); err != nil {
				t.Fatal(err)
			}
			if test.prepare != nil {
				test.prepare(t, s, filepath.Dir(cli.Dir))
			}
			cli.Must(t, "init", "-input=false")
			cli.Must(t, append([]string{"apply", "-input=false", "-auto-approve"}, test.arguments...)...)
			if _, out := cli.Run(t, "output", "-json", "findings"); strings.TrimSpace(out) != "[]" {
				t.Errorf("the example does not pass:\n%s", out)
			}
		})
	}
}

// beside puts what an example takes to stand beside its folder there: a clone of the
// client's repository with what was built in it, and the runbook.
func beside(t *testing.T, s *sandbox.Sandbox, folder string) {
	t.Helper()
	work, err := s.Workplace()
	if err != nil {
		t.Fatal(err)
	}
	portal := filepath.Join(folder, "portal")
	if out, err := exec.Command("git", "clone", "-q", work.Repository(), portal).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.CopyFS(filepath.Join(portal, "dist"), os.DirFS(work.Build())); err != nil {
		t.Fatal(err)
	}
	plan, err := os.ReadFile(work.Rotation())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "runbook"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "runbook", "rotation.md"), plan, 0o600); err != nil {
		t.Fatal(err)
	}
}

// copied makes a copy of modules and examples, in which nothing of the
// repository is touched, with a sandbox to run against.
func copied(t *testing.T, relative, state string) *clitest.CLI {
	t.Helper()
	options := sandbox.Options{State: state}
	if strings.Contains(relative, "launchready_alert_") || strings.Contains(relative, "launchready_uptime_") {
		options.Plan = "pro" // free has neither health checks nor webhooks
	}
	s := start(t, options)
	if relative == filepath.Join("modules", "launch") {
		closeDoor(t, s)
	}
	return copiedFor(t, s, relative)
}

// start starts a sandbox whose rate limits pass thirty times as fast, where nothing
// else is said.
func start(t testing.TB, options sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	options.EdgeSpeed = cmp.Or(options.EdgeSpeed, 30)
	s, err := sandbox.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// closeDoor lets the origin answer the edge alone, as its owner would with the
// snippets of the module edge.
func closeDoor(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	if err := s.GuardOrigin(portal.Closed); err != nil {
		t.Fatal(err)
	}
}

func copiedFor(t *testing.T, s *sandbox.Sandbox, relative string) *clitest.CLI {
	t.Helper()
	root, work := clitest.Root(t), t.TempDir()
	for _, folder := range []string{"modules", "examples"} {
		if err := os.CopyFS(filepath.Join(work, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	return clitest.New(t, filepath.Join(work, relative), s.Environment()...)
}

// rotated dates a document, which a check wants to be no older than a few months.
func rotated(t *testing.T, name string, now time.Time) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dated := regexp.MustCompile(`\d{4}-\d\d-\d\d`).ReplaceAll(text, []byte(now.AddDate(0, -1, 0).Format(time.DateOnly)))
	if err := os.WriteFile(name, dated, 0o600); err != nil {
		t.Fatal(err)
	}
}

// On each plan of Cloudflare's the launch module builds what the plan has, and the
// checks of the edge and of rate limits find nothing to say.
func TestLaunchOnEachPlan(t *testing.T) {
	clitest.Program(t)
	for _, plan := range []string{"free", "pro", "business", "enterprise"} {
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{State: sandbox.AsFound, Plan: plan})
			cli := copiedFor(t, s, filepath.Join("examples", "client-portal"))
			now := time.Now()
			// The sign-in and the repository are the same on every plan.
			config := fmt.Sprintf("tier = %q\nburst = \"1s\"\nsign_in = %v\noperations = %v\nwithin = \"30s\"\np95 = \"4s\"\nattested_until = %q\n", plan, plan == "free", plan == "free", now.AddDate(0, 1, 0).Format(time.DateOnly))
			config += fmt.Sprintf("environment = %q\n", s.Variables()["SANDBOX_ENVIRONMENT"])
			if plan == "free" {
				work, err := s.Workplace()
				if err != nil {
					t.Fatal(err)
				}
				config += fmt.Sprintf("repository = %q\n", work.Repository())
			}
			rotated(t, filepath.Join(cli.Dir, "rotation.md"), now)
			rotated(t, filepath.Join(cli.Dir, "runbook", "README.md"), now)
			if err := os.WriteFile(filepath.Join(cli.Dir, "terraform.tfvars"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			cli.Must(t, "init", "-input=false")
			// What no API can mend: the origin answers strangers.
			if code, out := cli.Run(t, "apply", "-input=false", "-auto-approve", "-no-color", "-var", "attack=false", "-var", "sign_in=false", "-var", "operations=false"); code == 0 || !strings.Contains(out, "edge.origin_direct") || !strings.Contains(out, "has 1 violation") {
				t.Fatalf("with an open origin: %d\n%s", code, out)
			}
			closeDoor(t, s)
			cli.Must(t, "apply", "-input=false", "-auto-approve")
			if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode", "-no-color"); code != 0 {
				t.Errorf("a second plan: %d\n%s", code, out)
			}
		})
	}
}
