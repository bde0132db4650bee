// Package gitrepo reads a Git repository by the program git: what its working
// tree holds, and every line that was ever added on the way there. It never
// writes, asks no network, and takes nothing from the user's configuration but
// which folders are to be trusted.
package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Reasons for which nothing of a repository can be read.
var (
	ErrNoGit         = errors.New("the program git is not in PATH: install it, for it is what reads a repository")
	ErrNoRepository  = errors.New("this is no Git repository")
	ErrNotTrusted    = errors.New("git refuses the repository because it belongs to another user: run git config --global --add safe.directory with its path")
	ErrNoSuchFolder  = errors.New("there is no such folder")
	ErrEmpty         = errors.New("the repository has no commit")
	errInterrupted   = errors.New("git was interrupted")
	errGitComplained = errors.New("git could not read all of it")
)

// Repo is a repository that can be read. It is safe for concurrent use.
type Repo struct {
	Root    string // of the working tree; of the repository itself where that is bare
	Bare    bool
	program string
	trusted []string // arguments that repeat the user's safe.directory
}

// Open finds the repository that a folder is in.
func Open(ctx context.Context, folder string) (*Repo, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrNoGit
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, ErrNoSuchFolder
	}
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, ErrNoSuchFolder
	}
	r := &Repo{Root: root, program: program, trusted: trustedFolders(ctx, program)}
	out, err := r.output(ctx, "rev-parse", "--is-bare-repository", "--absolute-git-dir")
	if err != nil {
		return nil, err
	}
	bare, gitDir, _ := strings.Cut(strings.TrimSpace(out), "\n")
	if r.Bare = bare == "true"; r.Bare {
		r.Root = gitDir
		return r, nil
	}
	if filepath.Base(gitDir) == ".git" && within(root, gitDir) { // the folder in which git keeps what it knows
		r.Root = filepath.Dir(gitDir)
	}
	if out, err = r.output(ctx, "rev-parse", "--show-toplevel"); err != nil {
		return nil, err
	}
	r.Root = strings.TrimSuffix(out, "\n")
	return r, nil
}

// within reports whether a folder is another or lies in it.
func within(folder, outer string) bool {
	if resolved, err := filepath.EvalSymlinks(folder); err == nil {
		folder = resolved
	}
	return folder == outer || strings.HasPrefix(folder, outer+string(filepath.Separator))
}

// trustedFolders reads safe.directory where the user has set it: it is the one
// thing of the configuration that a reader needs.
func trustedFolders(ctx context.Context, program string) []string {
	var out []string
	for _, scope := range []string{"--system", "--global"} {
		text, err := exec.CommandContext(ctx, program, "config", scope, "--get-all", "safe.directory").Output() //nolint:gosec // the arguments are constants
		if err != nil {
			continue // nothing is set
		}
		for line := range strings.Lines(string(text)) {
			out = append(out, "-c", "safe.directory="+strings.TrimSuffix(line, "\n"))
		}
	}
	return out
}

// settings make git print the same whatever anybody has configured, and keep it
// from starting other programs.
var settings = []string{
	"core.quotePath=false", "core.fsmonitor=false", "core.untrackedCache=false", "core.excludesFile=" + os.DevNull, "core.attributesFile=" + os.DevNull,
	"core.hooksPath=" + os.DevNull, "color.ui=false", "log.showSignature=false", "log.showRoot=true", "log.mailmap=false", "log.follow=false",
	"diff.noprefix=false", "diff.mnemonicPrefix=false", "diff.renames=true", "diff.renameLimit=1000", "diff.suppressBlankEmpty=false", "diff.interHunkContext=0",
	"diff.ignoreSubmodules=none", "diff.orderFile=" + os.DevNull, "diff.submodule=short", "diff.algorithm=default", "gc.auto=0", "maintenance.auto=false", "submodule.recurse=false",
	"advice.detachedHead=false",
}

// command is git in a clean environment.
func (r *Repo) command(ctx context.Context, args ...string) *exec.Cmd {
	all := slices.Clone(r.trusted)
	for _, s := range settings {
		all = append(all, "-c", s)
	}
	all = append(all, "-C", r.Root, "--no-pager", "--no-optional-locks")
	cmd := exec.CommandContext(ctx, r.program, append(all, args...)...) //nolint:gosec // the arguments are this package's, and names that git printed
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "GIT_") && !strings.HasPrefix(entry, "LC_") && !strings.HasPrefix(entry, "LANG") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_LAZY_FETCH=1", // objects of a partial clone are not fetched: they are missing, and said to be
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_ATTR_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0")
	return cmd
}

// output runs git and returns what it prints.
func (r *Repo) output(ctx context.Context, args ...string) (string, error) {
	text, _, err := r.outputs(ctx, args...)
	return text, err
}

// outputs is output with what git complains of although it succeeds.
func (r *Repo) outputs(ctx context.Context, args ...string) (text, complaint string, err error) {
	cmd := r.command(ctx, args...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	return out.String(), complaints.String(), explain(ctx, err, complaints.String())
}

// explain turns a failure of git into a reason that holds no path and nothing
// that varies from run to run.
func explain(ctx context.Context, err error, complaint string) error {
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case err == nil:
		return nil
	case strings.Contains(complaint, "dubious ownership"), strings.Contains(complaint, "unsafe repository"):
		return ErrNotTrusted
	case strings.Contains(complaint, "not a git repository"), strings.Contains(complaint, "invalid gitfile format"):
		return ErrNoRepository
	}
	return fmt.Errorf("%w: %s", errGitComplained, reason(complaint))
}

// reason tells what git complains of, without names of objects and files.
func reason(complaint string) string {
	for _, known := range []struct{ sign, text string }{
		{"unable to read", "an object is missing"}, {"missing", "an object is missing"}, {"bad object", "an object is missing"}, {"Could not read", "an object is missing"},
		{"could not fetch", "an object of a partial clone is missing"}, {"promisor", "an object of a partial clone is missing"},
		{"corrupt", "an object is damaged"}, {"inflate", "an object is damaged"}, {"bad file", "an object is damaged"}, {"hash mismatch", "an object is damaged"},
		{"Permission denied", "a file of the repository may not be read"}, {"index file", "the index is damaged"},
	} {
		if strings.Contains(complaint, known.sign) {
			return known.text
		}
	}
	return "it ended with an error"
}

// Gaps says why the history that is here is not all of it; empty if it is.
func (r *Repo) Gaps(ctx context.Context) []string {
	var out []string
	if text, err := r.output(ctx, "rev-parse", "--is-shallow-repository"); err != nil || strings.TrimSpace(text) != "false" {
		out = append(out, "this is a shallow clone, whose older history is missing: run git fetch --unshallow (actions/checkout: fetch-depth: 0)")
	}
	if text, _ := r.output(ctx, "config", "--local", "--get-regexp", `^(remote\..*\.(promisor|partialclonefilter)|extensions\.partialclone)$`); strings.TrimSpace(text) != "" {
		out = append(out, "this is a partial clone, in which files are missing: clone without --filter")
	}
	return out
}

// FirstCommit is the commit that the checked-out branch began with: what every
// clone of a repository has in common. It is empty before the first commit.
func (r *Repo) FirstCommit(ctx context.Context) string {
	text, err := r.output(ctx, "rev-list", "--first-parent", "--max-parents=0", "HEAD")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

// Tips are the commits that references and reflogs lead to, sorted.
func (r *Repo) Tips(ctx context.Context) ([]string, error) {
	text, err := r.output(ctx, "rev-parse", "--all", "--reflog")
	if err != nil {
		text = "" // a reflog may name what has been removed: the references alone then
	}
	refs, err := r.output(ctx, "for-each-ref", "--format=%(objectname) %(*objectname)")
	if err != nil {
		return nil, err
	}
	head, err := r.output(ctx, "rev-parse", "--verify", "--quiet", "HEAD")
	if err != nil && refs == "" {
		return nil, ErrEmpty
	}
	out := strings.Fields(text + " " + refs + " " + head)
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Ignored reports whether a file of this name would be ignored at the root.
func (r *Repo) Ignored(ctx context.Context, name string) (bool, error) {
	if r.Bare {
		return false, ErrNoRepository
	}
	_, err := r.output(ctx, "check-ignore", "--quiet", "--no-index", "--", name)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	return false, nil // git ends with 1 where nothing ignores it
}
