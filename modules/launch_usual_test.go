package modules_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// launchCalls is how many calls of Cloudflare's API a new client's launch may take,
// plan and apply together.
const launchCalls = 40

// A usual client takes ten lines and few calls. What nobody can build, such as the
// review of a history, is what the gate asks for then, and nothing is left to build.
func TestUsualClient(t *testing.T) {
	clitest.Program(t)
	s := start(t, sandbox.Options{State: sandbox.BeforePortal})
	closeDoor(t, s)
	publish(t, s, "google._domainkey.acme.example", "v=DKIM1; k=rsa; p="+exampleKey) // as it was for years
	cli := copiedFor(t, s, filepath.Join("modules", "launch", "examples", "usual"))
	config, err := os.ReadFile(filepath.Join(cli.Dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := regexp.MustCompile(`(?m)^[^#\n].*$`).FindAll(config, -1); len(lines) > 10 {
		t.Errorf("a usual client takes %d lines, more than ten", len(lines))
	}
	beside(t, s, filepath.Dir(cli.Dir))
	if err := os.CopyFS(filepath.Join(cli.Dir, "runbook"), os.DirFS(filepath.Join(clitest.Root(t), "examples", "client-portal", "runbook"))); err != nil {
		t.Fatal(err)
	}
	cli.Must(t, "init", "-input=false")
	s.API().ResetCounts()
	code, out := cli.Run(t, "apply", "-input=false", "-auto-approve", "-no-color")
	counts := s.API().Counts()
	if counts.Total > launchCalls {
		t.Errorf("the launch made %d calls, more than %d: %v", counts.Total, launchCalls, counts.ByRoute)
	}
	if code == 0 || strings.Count(out, "Error: ") != 1 || !strings.Contains(out, "Error: gate blocked: acme.example") {
		t.Fatalf("the apply ended with %d, and not by the gate alone:\n%s", code, out)
	}
	for _, name := range []string{"launch-report.html", "launch-report.md", "launch.json", "launch.sarif", "launch.junit.xml"} {
		if info, err := os.Stat(filepath.Join(cli.Dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("no report %s: %v", name, err)
		}
	}
	if !strings.Contains(out, "secrets.history_reviewed") {
		t.Errorf("nobody is asked for a review of the history:\n%s", out)
	}
	// What was built stays as it is: nothing is pending but the gate.
	s.API().ResetCounts()
	_, out = cli.Run(t, "plan", "-input=false", "-no-color")
	if strings.Contains(out, "will be ") || strings.Count(out, "Error: ") != 1 {
		t.Errorf("a second plan has something to do:\n%s", out)
	}
	if counts := s.API().Counts(); counts.Total > launchCalls/2 {
		t.Errorf("a plan without a change made %d calls, more than %d: %v", counts.Total, launchCalls/2, counts.ByRoute)
	}
}

// publish saves a TXT record as a person at the dashboard would.
func publish(t *testing.T, s *sandbox.Sandbox, name, content string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"type": "TXT", "name": name, "content": content})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.ControlURL()+"/zone/records", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("%s was not published: %s", name, resp.Status)
	}
}

// On a larger plan there is more to build, and the apply keeps to the same number.
func TestLaunchCallsOnEnterprise(t *testing.T) {
	clitest.Program(t)
	s := start(t, sandbox.Options{State: sandbox.BeforePortal, Plan: "enterprise"})
	closeDoor(t, s)
	cli := copiedFor(t, s, filepath.Join("modules", "launch", "examples", "usual"))
	edit(t, cli, "main.tf", func(text string) string {
		text = regexp.MustCompile(`(?m)^  (runbook|repository) .*\n`).ReplaceAllString(text, "")
		return strings.Replace(text, "  origin ", "  tier        = \"enterprise\"\n  enforcement = \"warn\"\n  wait        = \"1s\"\n  origin ", 1)
	})
	cli.Must(t, "init", "-input=false")
	cli.Must(t, "plan", "-input=false", "-out=saved")
	s.API().ResetCounts()
	cli.Must(t, "apply", "-input=false", "saved")
	if counts := s.API().Counts(); counts.Total > launchCalls {
		t.Errorf("the apply made %d calls, more than %d: %v", counts.Total, launchCalls, counts.ByRoute)
	}
}
