// Package policies_test judges plans that a real terraform made against the
// sandbox by the policies of examples/policies, with a real opa.
package policies_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/planfile"
	"github.com/launchready/terraform-provider-launchready/internal/runtask"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// client is a client's configuration with a world to run against.
type client struct {
	sandbox *sandbox.Sandbox
	cli     *clitest.CLI
	plans   string // folder of plans as JSON, by name
}

func newClient(t *testing.T) *client {
	t.Helper()
	s, err := sandbox.Start(context.Background(), sandbox.Options{State: sandbox.AsFound, EdgeSpeed: 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	// The origin answers the edge alone: what no API can mend is no matter here.
	if err := s.GuardOrigin(portal.Closed); err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	for from, to := range map[string]string{
		filepath.Join(clitest.Root(t), "modules"):                                    "modules",
		filepath.Join(clitest.Root(t), "internal", "policies", "testdata", "client"): "client",
		filepath.Join(clitest.Root(t), "examples", "client-portal", "keys"):          filepath.Join("client", "keys"),
	} {
		if err := os.CopyFS(filepath.Join(work, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return &client{sandbox: s, cli: clitest.New(t, filepath.Join(work, "client"), s.Environment()...), plans: t.TempDir()}
}

// plan makes a plan and keeps it as JSON. One that fails leaves a file, too.
func (c *client) plan(t *testing.T, name string, code int, args ...string) {
	t.Helper()
	file := filepath.Join(c.plans, name+".plan")
	got, out := c.cli.Run(t, append([]string{"plan", "-input=false", "-no-color", "-lock=false", "-out=" + file}, args...)...)
	if got != code {
		t.Errorf("plan %s ended with exit code %d; %d was expected:\n%s", name, got, code, out)
		return
	}
	code, text := c.cli.Run(t, "show", "-json", "-no-color", file)
	if code != 0 || !json.Valid([]byte(text)) {
		t.Errorf("plan %s cannot be shown: %d\n%.2000s", name, code, text)
		return
	}
	if err := os.WriteFile(filepath.Join(c.plans, name+".json"), []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

// together makes plans of one world side by side.
func (c *client) together(t *testing.T, plans map[string][]string) {
	t.Helper()
	var wait sync.WaitGroup
	for name, args := range plans {
		wait.Go(func() { c.plan(t, name, 0, args...) })
	}
	wait.Wait()
}

// keep names a folder in which the plans are left, for who writes policies.
const keep = "KEEP_PLANS"

// makePlans plays the life of a client and keeps a plan of each kind.
func makePlans(t *testing.T) *client {
	t.Helper()
	c := newClient(t)
	c.cli.Must(t, "init", "-input=false")
	c.plan(t, "first", 0)
	c.cli.Must(t, "apply", "-input=false", "-auto-approve")

	now := time.Now()
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	override := fmt.Sprintf(`-var=override={"reason":"trade fair","owner":"Ada Operator","expires":%q}`, day(60))
	waivers := func(expires string, rules ...string) string {
		var list []map[string]string
		for _, rule := range rules {
			list = append(list, map[string]string{"rule": rule, "reason": "agreed", "owner": "Ada Operator", "expires": expires})
		}
		text, _ := json.Marshal(list)
		return "-var=waivers=" + string(text)
	}
	const report = "-var=enforcement=report"
	c.together(t, map[string][]string{
		"open":          nil,
		"left_override": {override},
		"removed":       {"-var=cors=false"},
		"report":        {report},
		"targeted":      {"-target=module.portal.module.dns"},
		"weakened":      {"-var=dmarc=none", `-var=tls={mode="flexible",minimum_version="1.0"}`, "-var=waf={blocked_paths=[]}"},
		"destroyed":     {"-destroy"},
		"many_waivers":  {waivers(day(30), "tls.chain", "tls.expiry", "tls.hsts_missing", "tls.caa_missing", "dns.wildcard", "spf.ptr")},
	})
	if err := c.sandbox.SetFaults("cors_reflects_origin"); err != nil {
		t.Fatal(err)
	}
	c.plan(t, "errored", 1)
	c.together(t, map[string][]string{
		"blocked":        {report},
		"overridden":     {override},
		"expired_waiver": {report, waivers(day(-2), "cors.reflects_origin")},
		"waived":         {waivers(day(30), "cors.reflects_origin")},
	})
	if folder := os.Getenv(keep); folder != "" {
		if err := os.CopyFS(folder, os.DirFS(c.plans)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestPlans(t *testing.T) {
	clitest.Program(t)
	opa := buildOPA(t)
	c := makePlans(t)
	root := clitest.Root(t)
	args := []string{"test", "--timeout", "5m", filepath.Join(root, "examples", "policies"), filepath.Join(root, "internal", "policies", "testdata", "plans_test.rego")}
	plans, err := filepath.Glob(filepath.Join(c.plans, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range plans {
		args = append(args, "plans."+strings.TrimSuffix(filepath.Base(plan), ".json")+":"+plan)
	}
	if out, err := exec.Command(opa, args...).CombinedOutput(); err != nil {
		t.Errorf("opa test: %v\n%s", err, out)
	}
	// The run task reads the same plans, and lets pass what the gate lets pass.
	for _, plan := range plans {
		name := strings.TrimSuffix(filepath.Base(plan), ".json")
		text, err := os.ReadFile(plan)
		if err != nil {
			t.Fatal(err)
		}
		p, err := planfile.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		passes := slices.Contains([]string{"open", "removed", "report", "destroyed", "many_waivers", "waived"}, name)
		if v := runtask.Judge(p); v.Passed != passes {
			t.Errorf("the run task, plan %s: %+v", name, v)
		}
	}
}

// The policies' own tests, as who changes them runs them.
func TestPolicies(t *testing.T) {
	opa := buildOPA(t)
	folder := filepath.Join(clitest.Root(t), "examples", "policies")
	for _, args := range [][]string{{"check", "--strict", folder}, {"fmt", "--fail", "--list", folder}, {"test", "--timeout", "5m", folder}} {
		if out, err := exec.Command(opa, args...).CombinedOutput(); err != nil {
			t.Errorf("opa %v: %v\n%s", args, err, out)
		}
	}
	// Each policy of the set has a rule that is there.
	set, err := os.ReadFile(filepath.Join(folder, "policies.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	queries := regexp.MustCompile(`query\s*=\s*"(.*)"`).FindAllSubmatch(set, -1)
	if len(queries) != 5 {
		t.Errorf("%d policies; the free edition takes five", len(queries))
	}
	for _, q := range queries {
		out, err := exec.Command(opa, "eval", "--format", "raw", "-d", folder, string(q[1])).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "[") {
			t.Errorf("%s is no list: %v: %s", q[1], err, out)
		}
	}
}

// buildOPA builds opa of the tools, once: make test has done so before.
func buildOPA(t *testing.T) string {
	t.Helper()
	root := clitest.Root(t)
	opa := filepath.Join(root, ".cache", "opa")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", opa, "github.com/open-policy-agent/opa")
	cmd.Dir, cmd.Env = filepath.Join(root, "tools", "opa"), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("opa: %v\n%s", err, out)
	}
	return opa
}
