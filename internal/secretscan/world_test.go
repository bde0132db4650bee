package secretscan

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
)

// Secrets that nobody has: put together here, so that no scanner of this
// repository takes them for real.
var (
	stripeLive  = "sk_" + "live_" + "51HqJ2eKz8YvTnW3xRb0cQmLpDfGaU7sEi"
	githubToken = "gh" + "p_" + "9aZ8bY7cX6dW5eV4fU3gT2hS1iR0jQ9kP8lO"
	awsKey      = "AK" + "IA" + "Q3EGRZ7HXN2VWKTP"
	webhookKey  = "whsec" + "_" + "Zk3vT9qLm2Xw8Rb5Yc1Nd7Hf4Jg6Ks0P"
	resendKey   = "re" + "_" + "Ab3dEf6h" + "_" + "Jk9mNp2qRs4tUv7wXy8zAc5e"
	supabaseKey = "sb_" + "secret_" + "N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"
	turnstile   = "0x4" + "AAAAAAADnPIDROrmt1Wwj7b9q2Lx3vBce"
	postmark    = "4f7a1b2c" + "-93de-4c5f-8a6b-" + "0d1e2f3a4b5c"
	databaseURL = "postgres://portal:" + "hT7-kq29xZw" + "@db.acme-hosting.net:5432/portal"
	pem         = "-----BEGIN " + "PRIVATE KEY-----\n" + strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 8) + "-----END " + "PRIVATE KEY-----"
)

// place is a repository of a test's own.
type place struct {
	t    *testing.T
	root string
	n    int
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, root: t.TempDir()}
	p.git("init", "-q", "-b", "main")
	p.write("README.md", "# Portal\n")
	p.commit("first")
	return p
}

// git runs git at a time of its own, so that commits have the same ids always.
func (p *place) git(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", p.root}, args...)...)
	at := fmt.Sprintf("2026-01-%02dT10:00:00Z", p.n%27+1)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Dev", "GIT_AUTHOR_EMAIL=dev@acme.example",
		"GIT_COMMITTER_NAME=Dev", "GIT_COMMITTER_EMAIL=dev@acme.example", "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at)
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (p *place) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) commit(message string) string {
	p.t.Helper()
	p.n++
	p.git("add", "-A")
	p.git("commit", "-q", "--allow-empty", "-m", message)
	return p.git("rev-parse", "HEAD")
}

func (p *place) open() *gitrepo.Repo {
	p.t.Helper()
	r, err := gitrepo.Open(p.t.Context(), p.root)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func engine(t *testing.T, o Options) *Engine {
	t.Helper()
	e, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// told is findings as "rule file:line class".
func told(all []Finding) []string {
	out := []string{}
	for _, f := range all {
		text := fmt.Sprintf("%s %s:%d %s", f.Rule, f.File, f.Line, f.Class)
		if f.Waiver != "" {
			text += " waived"
		}
		out = append(out, text)
	}
	return out
}

// pipe runs git with an input.
func (p *place) pipe(in *os.File, args ...string) {
	p.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", p.root}, args...)...)
	cmd.Stdin = in
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}
