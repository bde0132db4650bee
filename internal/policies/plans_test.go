// Package policies_test judges plans that a real terraform made against the
// sandbox by the policies of examples/policies, with a real opa.
package policies_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
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
		t.Fatalf("plan %s ended with exit code %d; %d was expected:\n%s", name, got, code, out)
	}
	text := c.cli.Must(t, "show", "-json", "-no-color", file)
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("plan %s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(c.plans, name+".json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// together makes plans of one world side by side.
func (c *client) together(t *testing.T, plans map[string][]string) {
	t.Helper()
	var wait sync.WaitGroup
	for name, args := range plans {
		wait.Add(1)
		go func() {
			defer wait.Done()
			c.plan(t, name, 0, args...)
		}()
	}
	wait.Wait()
}

func (c *client) faults(t *testing.T, names ...string) {
	t.Helper()
	if err := c.sandbox.SetFaults(names...); err != nil {
		t.Fatal(err)
	}
}

var _ = bytes.NewReader
var _ = http.MethodPut
var _ = fmt.Sprint
var _ = time.Now

// makePlans plays the life of a client and keeps a plan of each kind.
func makePlans(t *testing.T) *client {
	t.Helper()
	c := newClient(t)
	c.cli.Must(t, "init", "-input=false")
	c.plan(t, "first", 0)
	c.cli.Must(t, "apply", "-input=false", "-auto-approve")

	until := time.Now().AddDate(0, 2, 0).Format(time.DateOnly)
	override := fmt.Sprintf(`-var=override={"reason":"trade fair","owner":"Ada Operator","expires":%q}`, until)
	at := time.Now()
	c.plan(t, "open", 0)
	c.plan(t, "left_override", 0, override)
	c.plan(t, "removed", 0, "-var=cors=false")
	c.plan(t, "report", 0, "-var=enforcement=report")
	c.plan(t, "targeted", 0, "-target=module.portal.module.dns")
	c.plan(t, "weakened", 0, "-var=dmarc=none", `-var=tls={mode="flexible",minimum_version="1.0"}`, "-var=waf={blocked_paths=[]}")
	c.plan(t, "destroyed", 0, "-destroy")
	t.Log(time.Since(at))

	c.faults(t, "mixed_script", "cors_reflect")
	c.plan(t, "errored", 1)
	return c
}

func TestPlans(t *testing.T) {
	clitest.Program(t)
	c := makePlans(t)
	_ = os.CopyFS("/tmp/w5-plans", os.DirFS(c.plans))
}
