package policies_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
)

const mark = "<!-- launchready -->"

// comments is a host of code that keeps the comments of one request.
type comments struct {
	sync.Mutex
	header, token string // what a call must carry
	update        string // method that changes a comment
	bodies        []string
	bot           []bool
}

func (c *comments) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Lock()
	defer c.Unlock()
	var in struct{ Body string }
	id := len(c.bodies)
	if r.Header.Get(c.header) != c.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len([]rune(in.Body)) > 65536 {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
	}
	switch last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]; {
	case r.Method == http.MethodGet:
		page, list := 1, []map[string]any{}
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		for i := (page - 1) * 100; i < min(page*100, id); i++ {
			list = append(list, map[string]any{"id": i + 1, "body": c.bodies[i], "user": map[string]any{"type": map[bool]string{true: "Bot", false: "User"}[c.bot[i]]}})
		}
		_ = json.NewEncoder(w).Encode(list)
	case r.Method == http.MethodPost:
		c.bodies, c.bot = append(c.bodies, in.Body), append(c.bot, true)
		_, _ = w.Write([]byte("{}"))
	case r.Method == c.update:
		_, _ = fmt.Sscan(last, &id)
		c.bodies[id-1] = in.Body
		_, _ = w.Write([]byte("{}"))
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// A request has one comment of ours, with the report of the last run, however many
// comments of others it has.
func TestComments(t *testing.T) {
	for _, tool := range []string{"curl", "jq", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	for name, test := range map[string]struct {
		host *comments
		env  func(url string) []string
	}{
		"github": {&comments{header: "Authorization", token: "Bearer s3cret", update: http.MethodPatch}, func(url string) []string {
			return []string{"GITHUB_API_URL=" + url, "GITHUB_REPOSITORY=agency/acme", "PULL_REQUEST=7", "GH_TOKEN=s3cret"}
		}},
		"gitlab": {&comments{header: "Private-Token", token: "s3cret", update: http.MethodPut}, func(url string) []string {
			return []string{"CI_API_V4_URL=" + url, "CI_PROJECT_ID=5", "CI_MERGE_REQUEST_IID=7", "GITLAB_COMMENT_TOKEN=s3cret"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 150 {
				test.host.bodies, test.host.bot = append(test.host.bodies, "a remark"), append(test.host.bot, false)
			}
			server := httptest.NewServer(test.host)
			defer server.Close()
			report := filepath.Join(t.TempDir(), "launch-report.md")
			for _, text := range []string{"# Gate: blocked\n\"quoted\" `code` $HOME 100%", strings.Repeat("ü", 65000), "# Gate: open"} {
				if err := os.WriteFile(report, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command("sh", filepath.Join(clitest.Root(t), "examples", "ci", name+"-comment.sh"), report)
				cmd.Env = append(os.Environ(), test.env(server.URL)...)
				out, err := cmd.CombinedOutput()
				if err != nil || strings.Contains(string(out), "s3cret") {
					t.Fatalf("%v: %s", err, out)
				}
				if n := len(test.host.bodies); n != 151 || test.host.bodies[150] != mark+"\n"+text {
					t.Fatalf("%d comments, the last: %.100s", n, test.host.bodies[n-1])
				}
			}
		})
	}
}

// What a runner does with a plan: it goes on only if the policies answered, and denied nothing.
func TestDenyScript(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	opa := buildOPA(t)
	root, folder := clitest.Root(t), t.TempDir()
	for name, test := range map[string]struct {
		policies, plan, says string
		code                 int
	}{
		"denied":      {filepath.Join(root, "examples", "policies"), `{"format_version":"1.2"}`, "silence is not a pass", 1},
		"nothing":     {filepath.Join(root, "examples", "policies"), `{"run":{"is_destroy":true},"plan":{"resource_changes":[]}}`, "allow_destroy", 1},
		"no policies": {folder, `{"format_version":"1.2"}`, "no answer", 1},
		"no plan":     {filepath.Join(root, "examples", "policies"), `<html>`, "", 1},
		"allowed":     {"", `{"format_version":"1.2"}`, "deny nothing", 0},
	} {
		t.Run(name, func(t *testing.T) {
			policies := test.policies
			if policies == "" {
				policies = t.TempDir()
				if err := os.WriteFile(filepath.Join(policies, "p.rego"), []byte("package launchready\n\ndeny := set()\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			plan := filepath.Join(t.TempDir(), "plan.json")
			if err := os.WriteFile(plan, []byte(test.plan), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh", filepath.Join(root, "examples", "ci", "opa-deny.sh"), policies, plan)
			cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(opa)+":"+os.Getenv("PATH"))
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); (code == 0) != (test.code == 0) || !strings.Contains(string(out), test.says) {
				t.Errorf("exit code %d: %s", code, out)
			}
		})
	}
}
