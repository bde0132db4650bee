package modules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// What the first page tells to paste works as it is pasted: on a healthy client the
// gate opens, on launch day it does not, and either way there is a report.
func TestQuickStart(t *testing.T) {
	clitest.Program(t)
	t.Parallel()
	script := quickStart(t)
	for state, want := range map[string]struct {
		code int
		says []string
	}{
		sandbox.Healthy:   {0, []string{`gate = "open"`}},
		sandbox.LaunchDay: {1, []string{"gate blocked: acme.example", "dmarc.not_enforced", "tls.protocol_old"}},
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{State: state})
			cli := clitest.New(t, t.TempDir(), s.Environment()...)
			cli.Env = append(cli.Env, "CLOUDFLARE_API_TOKEN=", "LAUNCHREADY_ALLOWED_HOSTS=", "LAUNCHREADY_IDENTITIES=", "TF_CLI_ARGS=-no-color")
			code, out := cli.Shell(t, script)
			for _, text := range want.says {
				if !strings.Contains(strings.ReplaceAll(out, "  ", " "), text) {
					t.Errorf("the output does not say %s", text)
				}
			}
			if code != want.code {
				t.Errorf("ended with %d", code)
			}
			for _, name := range []string{"launch-report.html", "launch.sarif", "launch.junit.xml"} {
				if info, err := os.Stat(filepath.Join(cli.Dir, "launch-audit", name)); err != nil || info.Size() == 0 {
					t.Errorf("no report %s: %v", name, err)
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

// quickStart is the only block of commands under the heading of the first page.
func quickStart(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(clitest.Root(t), "templates", "index.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "\n## Quick start\n")
	text, _, _ = strings.Cut(text, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1)
	if !found || len(blocks) != 1 || strings.Contains(blocks[0][1], "{{") {
		t.Fatalf("%d blocks of commands under Quick start", len(blocks))
	}
	return blocks[0][1]
}
