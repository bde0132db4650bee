package secretscan

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
)

func utf16File(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// Everywhere that a secret can be in a repository, those places among them where
// gitleaks sees nothing.
func TestHistoryFindsWhatIsHidden(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plant func(*place)
		want  string // file of the finding
		rule  string
	}{
		"a deleted file": {func(p *place) {
			p.write("config/old.js", "const k = '"+stripeLive+"';\n")
			p.commit("add")
			p.git("rm", "-q", "config/old.js")
			p.commit("remove")
		}, "config/old.js", "stripe-access-token"},
		"a merge": {func(p *place) {
			p.git("checkout", "-q", "-b", "side")
			p.write("side.txt", "side\n")
			p.commit("side")
			p.git("checkout", "-q", "main")
			p.write("main.txt", "main\n")
			p.commit("main")
			p.git("merge", "-q", "--no-commit", "--no-ff", "side")
			p.write("merged.js", "const k = '"+stripeLive+"';\n")
			p.commit("merge")
		}, "merged.js", "stripe-access-token"},
		"a merge that changes both sides' file": {func(p *place) {
			p.write("app.js", "one\ntwo\nthree\nfour\nfive\n")
			p.commit("base")
			p.git("checkout", "-q", "-b", "side")
			p.write("app.js", "one\ntwo\nthree\nfour\nFIVE\n")
			p.commit("side")
			p.git("checkout", "-q", "main")
			p.write("app.js", "ONE\ntwo\nthree\nfour\nfive\n")
			p.commit("main")
			p.git("merge", "-q", "--no-commit", "--no-ff", "side")
			p.write("app.js", "ONE\ntwo\nconst k = '"+stripeLive+"';\nfour\nFIVE\n")
			p.commit("merge")
		}, "app.js", "stripe-access-token"},
		"a stash": {func(p *place) {
			p.write("README.md", "# Portal\n"+githubToken+"\n")
			p.git("stash", "-q")
		}, "README.md", "github-pat"},
		"a stash under another": {func(p *place) {
			p.write("README.md", "# Portal\n"+githubToken+"\n")
			p.git("stash", "-q")
			p.write("README.md", "# Portal two\n")
			p.git("stash", "-q")
		}, "README.md", "github-pat"},
		"a stash of a new file": {func(p *place) {
			p.write("new.txt", githubToken+"\n")
			p.git("stash", "-q", "-u")
		}, "new.txt", "github-pat"},
		"another branch": {func(p *place) {
			p.git("checkout", "-q", "-b", "side")
			p.write("side.txt", "key: "+githubToken+"\n")
			p.commit("side")
			p.git("checkout", "-q", "main")
		}, "side.txt", "github-pat"},
		"a branch that was deleted": {func(p *place) {
			p.git("checkout", "-q", "-b", "side")
			p.write("side.txt", "key: "+githubToken+"\n")
			p.commit("side")
			p.git("checkout", "-q", "main")
			p.git("branch", "-q", "-D", "side")
		}, "side.txt", "github-pat"},
		"a commit message": {func(p *place) { p.commit("deploy with " + githubToken) }, "commit message", "github-pat"},
		"a tag's message":  {func(p *place) { p.git("tag", "-a", "v1", "-m", "key "+githubToken) }, "message of the tag v1", "github-pat"},
		"a note":           {func(p *place) { p.git("notes", "add", "-m", "key "+githubToken) }, "", "github-pat"},
		"UTF-16": {func(p *place) {
			p.write("deploy.ps1", utf16File("$env:KEY = '"+githubToken+"'\r\n"))
			p.commit("script")
		}, "deploy.ps1", "github-pat"},
		"UTF-16, deleted": {func(p *place) {
			p.write("deploy.ps1", utf16File("$env:KEY = '"+githubToken+"'\r\n"))
			p.commit("script")
			p.git("rm", "-q", "deploy.ps1")
			p.commit("remove")
		}, "deploy.ps1", "github-pat"},
		"a binary file": {func(p *place) {
			p.write("app.sqlite", "SQLite format 3\x00\x01\x02"+githubToken+"\x00\x00")
			p.commit("database")
		}, "app.sqlite", "github-pat"},
		"a link that became a file": {func(p *place) {
			if err := os.Symlink("README.md", filepath.Join(p.root, "link")); err != nil {
				p.t.Fatal(err)
			}
			p.commit("link")
			_ = os.Remove(filepath.Join(p.root, "link"))
			p.write("link", "key: "+githubToken+"\n")
			p.commit("file")
			p.git("rm", "-q", "link")
			p.commit("remove")
		}, "link", "github-pat"},
		"a path with unusual letters": {func(p *place) {
			p.write("schlüssel \"alt\".txt", "key: "+githubToken+"\n")
			p.commit("add")
		}, "schlüssel \"alt\".txt", "github-pat"},
		"a file that looks like a patch": {func(p *place) {
			p.write("x.patch", "diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+key: "+githubToken+"\n")
			p.commit("patch")
		}, "x.patch", "github-pat"},
		"a line of three megabytes": {func(p *place) {
			p.write("bundle.js", strings.Repeat("var a=1;", 380<<10)+"k='"+githubToken+"';"+strings.Repeat("var b=2;", 1<<10))
			p.commit("bundle")
		}, "bundle.js", "github-pat"},
		"attributes that say binary": {func(p *place) {
			p.write(".gitattributes", "*.txt -diff\n")
			p.write("a.txt", "key: "+githubToken+"\n")
			p.commit("attributes")
		}, "a.txt", "github-pat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			tt.plant(p)
			got := engine(t, Options{}).History(t.Context(), p.open(), nil)
			if len(got.Gaps) > 0 || len(got.Findings) != 1 || got.Findings[0].Rule != tt.rule || tt.want != "" && got.Findings[0].File != tt.want {
				t.Fatalf("%v %v, want %s in %s", told(got.Findings), got.Gaps, tt.rule, tt.want)
			}
			if f := got.Findings[0]; f.Commit == "" || !strings.HasPrefix(f.Date, "2026-01-") {
				t.Errorf("without commit or date: %+v", f)
			}
			if text, _ := json.Marshal(got); strings.Contains(string(text), githubToken) || strings.Contains(string(text), stripeLive) {
				t.Error("the secret is shown")
			}
		})
	}
}

// What keeps a scan from seeing all of a repository is said, and what it saw is
// told all the same.
func TestHistoryThatIsIncomplete(t *testing.T) {
	t.Parallel()
	origin := newPlace(t)
	origin.write("a.js", "const k = '"+stripeLive+"';\n")
	origin.commit("leak")
	origin.write("a.js", "clean\n")
	origin.commit("clean")
	clone := func(args ...string) *place {
		p := &place{t: t, root: filepath.Join(t.TempDir(), "clone")}
		here := *origin
		here.git(append(append([]string{"clone", "-q", "--no-local"}, args...), "file://"+origin.root, p.root)...)
		return p
	}
	origin.git("config", "uploadpack.allowFilter", "true")
	for name, tt := range map[string]struct {
		place *place
		gap   string
	}{
		"a shallow clone": {clone("--depth", "1"), "shallow clone"},
		"a partial clone": {clone("--filter=blob:none"), "partial clone"},
		"a missing object": {func() *place {
			p := clone()
			p.git("config", "gc.auto", "0")
			pack, _ := filepath.Glob(filepath.Join(p.root, ".git/objects/pack/*.pack"))
			data, _ := os.ReadFile(pack[0])
			for _, f := range pack {
				for _, ext := range []string{".pack", ".idx", ".rev"} {
					_ = os.Remove(strings.TrimSuffix(f, ".pack") + ext)
				}
			}
			tmp := filepath.Join(t.TempDir(), "p.pack")
			_ = os.WriteFile(tmp, data, 0o600)
			p.unpack(tmp)
			blob := p.git("rev-parse", "HEAD~1:a.js")
			_ = os.Remove(filepath.Join(p.root, ".git/objects", blob[:2], blob[2:]))
			return p
		}(), "an object is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			got := engine(t, Options{}).History(t.Context(), tt.place.open(), nil)
			if !strings.Contains(strings.Join(got.Gaps, "\n"), tt.gap) {
				t.Errorf("gaps %q, want %q", got.Gaps, tt.gap)
			}
			if text := strings.Join(got.Gaps, ""); strings.Contains(text, tt.place.root) {
				t.Errorf("a path is told: %s", text)
			}
		})
	}
}

func (p *place) unpack(pack string) {
	p.t.Helper()
	f, err := os.Open(pack)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	p.pipe(f, "unpack-objects", "-q")
}

// The cache knows what was read: the second scan reads what is new alone, and
// finds the same.
func TestCache(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.write("a.js", "const k = '"+stripeLive+"';\n")
	p.commit("leak")
	p.git("checkout", "-q", "-b", "side")
	p.write("b.js", "key: "+githubToken+"\n")
	p.commit("another")
	p.git("checkout", "-q", "main")
	folder := t.TempDir()
	cache, e := CacheIn(folder), engine(t, Options{Salt: "x"})
	first := e.History(t.Context(), p.open(), cache)
	if first.Commits != 3 || len(first.Findings) != 2 {
		t.Fatalf("%d commits, %v", first.Commits, told(first.Findings))
	}
	again := e.History(t.Context(), p.open(), cache)
	if again.Commits != 0 || again.Known != 2 || !slices.Equal(told(first.Findings), told(again.Findings)) {
		t.Errorf("again %d commits, %d known, %v", again.Commits, again.Known, told(again.Findings))
	}
	p.write("c.js", "key: "+githubToken+"\n")
	p.commit("more")
	more := e.History(t.Context(), p.open(), cache)
	if more.Commits != 1 || len(more.Findings) != 3 {
		t.Errorf("more: %d commits, %v", more.Commits, told(more.Findings))
	}
	// What nothing leads to any more is no finding.
	p.git("branch", "-q", "-D", "side")
	p.git("reflog", "expire", "--expire=now", "--all")
	if gone := e.History(t.Context(), p.open(), cache); len(gone.Findings) != 2 {
		t.Errorf("gone: %v", told(gone.Findings))
	}
	if other := engine(t, Options{Salt: "y"}).History(t.Context(), p.open(), cache); other.Commits != 3 {
		t.Errorf("other options read %d commits", other.Commits)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.json"))
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		if strings.Contains(string(raw), stripeLive) || strings.Contains(string(raw), githubToken) {
			t.Error("the cache holds a secret")
		}
		raw[len(raw)/2] ^= 1
		_ = os.WriteFile(f, raw, 0o600)
	}
	if after := e.History(t.Context(), p.open(), cache); after.Commits != 3 || len(after.Findings) != 2 {
		t.Errorf("a damaged cache: %d commits, %v", after.Commits, told(after.Findings))
	}
}

// A file of variables that nothing leads to any more is forgotten, unless another
// commit has it.
func TestCacheForgetsEnvFiles(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	cache, e := CacheIn(t.TempDir()), engine(t, Options{})
	look := func(want int) {
		t.Helper()
		if got := e.History(t.Context(), p.open(), cache); len(got.EnvFiles) != want || len(got.Gaps) > 0 {
			t.Errorf("%v %v, want %d", got.EnvFiles, got.Gaps, want)
		}
	}
	forget := func() {
		p.git("reflog", "expire", "--expire=now", "--all")
	}
	p.write(".env", "A=1\n")
	p.commit("settings")
	look(1)
	look(1)
	p.git("branch", "copy")
	p.git("reset", "-q", "--hard", "HEAD~1")
	p.git("checkout", "-q", "copy")
	p.git("commit", "-q", "--amend", "-m", "settings, again")
	forget()
	look(1)
	p.git("checkout", "-q", "main")
	p.git("branch", "-q", "-D", "copy")
	forget()
	look(0)
}

// What gitleaks leaves alone for its users is found, and said to be allowed.
func TestAllowed(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.write("a.js", "const k = '"+stripeLive+"'; // gitleaks:allow\n")
	p.write("b.js", "key: "+githubToken+"\n")
	p.write("fixtures/c.js", "key: "+awsKey+"\n")
	p.write("d.js", "key: "+resendKey+"\n")
	commit := p.commit("leaks")
	resend := engine(t, Options{Salt: "s"}).prints.of(resendKey)
	o := Options{
		Salt: "s", Ignore: []string{"# known", commit + ":b.js:github-pat:1", "b.js:github-pat:1", resend},
		Config: "title = \"x\"\n[extend]\nuseDefault = true\n[allowlist]\ndescription = \"fixtures\"\npaths = ['''^fixtures/''']\n",
	}
	e := engine(t, o)
	want := []string{"stripe-access-token a.js:1 secret waived", "github-pat b.js:1 secret waived", "resend-api-key d.js:1 secret waived", "aws-access-token fixtures/c.js:1 secret waived"}
	if got := told(e.History(t.Context(), p.open(), nil).Findings); !slices.Equal(got, want) {
		t.Errorf("history %q", got)
	}
	if got := told(e.Tree(t.Context(), p.open(), nil).Findings); !slices.Equal(got, want) {
		t.Errorf("tree %q", got)
	}
	if _, err := New(Options{Config: "[[rules]]\nid='x'\nregex='('\n"}); err == nil {
		t.Error("a configuration with a broken expression is taken")
	}
	rule := engine(t, Options{Config: "[[rules]]\nid='acme-key'\nregex='acme-[0-9]{6}'\nkeywords=['acme-']\n[[allowlists]]\ntargetRules=['github-pat']\npaths=['x.js']\n"})
	if got := told(rule.Scan(t.Context(), Text{Content: "k acme-123456 " + githubToken, Path: "x.js"})); len(got) != 2 || !slices.Contains(got, "acme-key x.js:1 secret") || !slices.Contains(got, "github-pat x.js:1 secret waived") {
		t.Errorf("own rule: %q", got)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]error{t.TempDir(): gitrepo.ErrNoRepository, "/no/such/folder": gitrepo.ErrNoSuchFolder} {
		if _, err := gitrepo.Open(t.Context(), path); err != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// Notes of files that are read side by side and of those that are left out come
// together; the race detector watches.
func TestNotes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for i := range 300 {
		p.write(fmt.Sprintf("p%d/package-lock.json", i), "{}")
	}
	p.commit("all")
	got := engine(t, Options{}).Tree(t.Context(), p.open(), nil)
	if len(got.Notes) != 1 || got.Notes["files left out by their names (dependencies, lock files, pictures)"] != 300 || len(got.Gaps) > 0 {
		t.Errorf("%v %v", got.Notes, got.Gaps)
	}
}

// A binary file is read to its end, in the tree and in history, also where a key lies
// across two parts that are read at once; so are files whose endings say that they
// hold data or a drawing.
func TestBinaryToItsEnd(t *testing.T) {
	t.Parallel()
	filler := func(n int) string { return "\x00" + strings.Repeat("\x01\x02\x03\x00", n/4) }
	for name, content := range map[string]string{
		"app.sqlite": filler(5<<20) + githubToken + filler(64),
		"across.dat": filler(reading + overlap - 20)[:reading+overlap-20] + githubToken + filler(reading),
		"model.bin":  filler(64) + githubToken + filler(64),
		"logo.svg":   "<svg><!-- key: " + githubToken + " --></svg>\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.write(name, content)
			p.commit("data")
			e := engine(t, Options{})
			tree := e.Tree(t.Context(), p.open(), nil)
			if len(tree.Findings) != 1 || tree.Findings[0].Rule != "github-pat" || len(tree.Gaps) > 0 {
				t.Errorf("the tree: %v %v", told(tree.Findings), tree.Gaps)
			}
			past := e.History(t.Context(), p.open(), nil)
			if len(past.Findings) != 1 || past.Findings[0].Rule != "github-pat" || len(past.Gaps)+len(past.Notes) > 0 {
				t.Errorf("history: %v %v %v", told(past.Findings), past.Gaps, past.Notes)
			}
		})
	}
}

// A folder that may not be read is said; one that is named by its .git is found.
func TestClosedFolder(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	repo, err := gitrepo.Open(t.Context(), filepath.Join(p.root, ".git"))
	if err != nil || repo.Bare || repo.Root != p.open().Root {
		t.Fatalf("%+v %v", repo, err)
	}
	if os.Getuid() == 0 {
		t.Skip("nothing is closed to root")
	}
	p.write("new/a.js", "x")
	if err := os.Chmod(filepath.Join(p.root, "new"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(p.root, "new"), 0o700) })
	if got := engine(t, Options{}).Tree(t.Context(), repo, nil); len(got.Gaps) != 1 || !strings.HasPrefix(got.Gaps[0], "new/ cannot be read") {
		t.Errorf("%v", got.Gaps)
	}
}
