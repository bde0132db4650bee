package leaks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Everything that can be planted shows to plain git or in a file, and in a sound
// workplace nothing does.
func TestPlants(t *testing.T) {
	t.Parallel()
	git := func(w *Workplace, args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", w.Repository()}, args...)...).CombinedOutput()
		if err != nil && args[0] != "check-ignore" {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
		return string(out)
	}
	read := func(path string) string {
		text, _ := os.ReadFile(path)
		return string(text)
	}
	for plant, shows := range map[Plant]func(*Workplace) bool{
		InTree: func(w *Workplace) bool {
			return strings.Contains(read(filepath.Join(w.Repository(), "src/payments.js")), Stripe)
		},
		Untracked:   func(w *Workplace) bool { return strings.Contains(git(w, "status", "--porcelain"), "?? notes.txt") },
		DeletedFile: func(w *Workplace) bool { return strings.Contains(git(w, "log", "-p", "main"), GitHub) },
		MergeCommit: func(w *Workplace) bool {
			return strings.Contains(git(w, "log", "-p", "-m", "--merges", "main"), Webhook) && !strings.Contains(git(w, "log", "-p", "main"), "+export const hook = \""+Webhook)
		},
		Stash: func(w *Workplace) bool {
			return strings.Contains(git(w, "log", "-p", "-m", "--all"), "const t = \""+GitHub)
		},
		Branch:        func(w *Workplace) bool { return strings.Contains(git(w, "log", "-p", "--all", "--not", "main"), AWS) },
		UTF16:         func(w *Workplace) bool { return strings.Contains(git(w, "log", "-p", "main"), "Binary files") },
		TagMessage:    func(w *Workplace) bool { return strings.Contains(git(w, "tag", "-n"), GitHub) },
		CommitMessage: func(w *Workplace) bool { return strings.Contains(git(w, "log", "--format=%B"), GitHub) },
		Address:       func(w *Workplace) bool { return strings.Contains(git(w, "log", "-p", "main"), Database) },
		EnvTracked:    func(w *Workplace) bool { return strings.Contains(git(w, "ls-files"), ".env\n") },
		EnvNotIgnored: func(w *Workplace) bool { return git(w, "check-ignore", ".env") == "" },
		Shallow: func(w *Workplace) bool {
			return strings.Contains(git(w, "rev-parse", "--is-shallow-repository"), "true")
		},
		InBuild: func(w *Workplace) bool {
			return strings.Contains(read(filepath.Join(w.Build(), "assets/bootstrap.min.js")), Stripe)
		},
		InLogs:          func(w *Workplace) bool { return strings.Contains(read(filepath.Join(w.Logs(), "app.log")), Bearer) },
		RotationMissing: func(w *Workplace) bool { return strings.Contains(read(w.Rotation()), "|  |") },
		RotationStale: func(w *Workplace) bool {
			return strings.Contains(read(w.Rotation()), w.now.AddDate(-2, 0, 0).Format("2006-01"))
		},
	} {
		w := New(filepath.Join(t.TempDir(), "work"))
		if err := w.Make(); err != nil {
			t.Fatal(err)
		}
		if shows(w) {
			t.Errorf("%s shows where nothing is planted", plant)
		}
		w.Set(plant, true)
		if err := w.Make(); err != nil || !shows(w) {
			t.Errorf("%s does not show: %v", plant, err)
		}
	}
}
