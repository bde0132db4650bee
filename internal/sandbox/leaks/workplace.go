package leaks

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Plant is a secret, or another fault, in the workplace.
type Plant string

const (
	InTree          Plant = "in_tree"           // a key in a file of the main branch
	Untracked       Plant = "untracked"         // a key in a file that nobody has added and nothing ignores
	DeletedFile     Plant = "deleted_file"      // a key in a file that was deleted later
	MergeCommit     Plant = "merge_commit"      // a key that a merge added and a later commit took out
	Stash           Plant = "stash"             // a key in the stash
	Branch          Plant = "branch"            // a key on a branch that was never merged
	UTF16           Plant = "utf16"             // a key in a deleted script in UTF-16
	TagMessage      Plant = "tag_message"       // a key in the message of a tag
	CommitMessage   Plant = "commit_message"    // a key in the message of a commit
	Address         Plant = "address"           // a password in the address of a database, deleted later
	EnvTracked      Plant = "env_tracked"       // .env is tracked; it holds no secret
	EnvNotIgnored   Plant = "env_not_ignored"   // .gitignore does not name .env
	Shallow         Plant = "shallow"           // the clone is shallow
	InBuild         Plant = "in_build"          // a key in a bundle of the build output
	InLogs          Plant = "in_logs"           // a bearer token in a log
	RotationMissing Plant = "rotation_no_owner" // the rotation plan lacks an owner
	RotationStale   Plant = "rotation_stale"    // a secret was rotated long ago
)

// Workplace is a folder with the repository and what is beside it. It is made
// when it is first asked for, and again whenever its plants change after that.
type Workplace struct {
	folder string
	now    time.Time

	mu   sync.Mutex
	on   map[Plant]bool
	made bool
	err  error
}

// New is a workplace in a folder that need not exist.
func New(folder string) *Workplace {
	return &Workplace{folder: folder, now: time.Now(), on: map[Plant]bool{}}
}

// Set puts a plant in or takes it out.
func (w *Workplace) Set(p Plant, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.on[p] = on
	if w.made { // somebody is looking at it
		w.err = w.make()
	}
}

// Repository is the folder of the product's Git repository, whether or not it has
// been made, as are the next three.
func (w *Workplace) Repository() string { return filepath.Join(w.folder, "portal") }

// Build is the folder of what is shipped.
func (w *Workplace) Build() string { return filepath.Join(w.folder, "dist") }

// Logs is the folder of the logs.
func (w *Workplace) Logs() string { return filepath.Join(w.folder, "logs") }

// Rotation is the document of the rotation plan.
func (w *Workplace) Rotation() string { return filepath.Join(w.folder, "rotation.md") }

// Make makes all parts as they are to be now. It needs the program git.
func (w *Workplace) Make() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.made {
		w.made, w.err = true, w.make()
	}
	return w.err
}

func (w *Workplace) make() error {
	if err := os.RemoveAll(w.folder); err != nil {
		return err
	}
	files := map[string]string{
		"dist/index.html":    "<!DOCTYPE html><script src=\"/assets/app.js\"></script>\n",
		"dist/assets/app.js": Bundle(),
		"logs/access.log": "198.51.100.7 - - [10/Nov/2026:10:00:00 +0000] \"GET /api/me HTTP/2\" 200 authorization=\"Bearer [FILTERED]\"\n" +
			"198.51.100.7 - - [10/Nov/2026:10:00:01 +0000] \"GET /reset?token=[FILTERED] HTTP/2\" 200\n" +
			`{"level":"info","msg":"sign-in","email":"m***@acme.example","password":"********"}` + "\n",
		"rotation.md": w.plan(),
	}
	if w.on[InBuild] {
		files["dist/assets/bootstrap.min.js"] = `var a={k:"` + Stripe + `"};`
	}
	if w.on[InLogs] {
		files["logs/app.log"] = "2026-11-10T10:00:00Z DEBUG request headers: Authorization: Bearer " + Bearer + " Accept: */*\n"
	}
	for name, content := range files {
		if err := write(filepath.Join(w.folder, name), content); err != nil {
			return err
		}
	}
	return w.repository()
}

func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o600)
}

// plan is the table of secrets, owners and dates.
func (w *Workplace) plan() string {
	owner, rotated := "cto@acme.example", w.now.AddDate(0, 0, -20)
	if w.on[RotationMissing] {
		owner = ""
	}
	if w.on[RotationStale] {
		rotated = w.now.AddDate(-2, 0, 0)
	}
	row := func(secret, owner string, at time.Time) string {
		return fmt.Sprintf("| %s | %s | %s | roll, deploy |\n", secret, owner, at.Format(time.DateOnly))
	}
	return "# Rotation of secrets\n\n| Secret | Owner | Last rotated | How |\n| --- | --- | --- | --- |\n" +
		row("STRIPE_SECRET_KEY", "cto@acme.example", w.now.AddDate(0, 0, -30)) + row("SESSION_SECRET", owner, rotated)
}

// repository is made by git fast-import: one process, whatever its history.
func (w *Workplace) repository() error {
	git := func(input []byte, args ...string) error {
		cmd := exec.Command("git", args...)
		cmd.Stdin = bytes.NewReader(input)
		for _, entry := range os.Environ() {
			if !strings.HasPrefix(entry, "GIT_") {
				cmd.Env = append(cmd.Env, entry)
			}
		}
		cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, out)
		}
		return nil
	}
	root := w.Repository()
	if err := git(nil, "init", "-q", "-b", "main", root); err != nil {
		return err
	}
	if err := git(w.history(), "-C", root, "fast-import", "--quiet", "--done"); err != nil {
		return err
	}
	if err := git(nil, "-C", root, "reset", "-q", "--hard"); err != nil {
		return err
	}
	if w.on[Untracked] {
		if err := write(filepath.Join(root, "notes.txt"), "key for the new account: "+SendGrid+"\n"); err != nil {
			return err
		}
	}
	if w.on[Shallow] {
		return cut(root)
	}
	return nil
}

// cut makes the clone a shallow one: its history ends at the newest commit.
func cut(root string) error {
	head, err := os.ReadFile(filepath.Join(root, ".git", "refs", "heads", "main"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, ".git", "shallow"), head, 0o600)
}

// Plants returns what is planted, sorted.
func (w *Workplace) Plants() []Plant {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Plant
	for p, on := range w.on {
		if on {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}
