package gitrepo

import (
	"context"
	"slices"
	"strings"
)

// File is a file of the working tree.
type File struct {
	Path    string // from the root, with slashes
	Tracked bool
	Blob    string // id of what is committed or staged; empty where the file differs from it or is not tracked
	Kind    Kind
}

// Kind tells files whose content is elsewhere.
type Kind int

const (
	Regular   Kind = iota
	Symlink        // its target is not followed
	Submodule      // a repository of its own
	Closed         // a folder that may not be read
)

// Files lists what is tracked, and what is neither tracked nor ignored. Of a
// bare repository it lists what HEAD holds.
func (r *Repo) Files(ctx context.Context) ([]File, error) {
	if r.Bare {
		text, err := r.output(ctx, "ls-tree", "-r", "-z", "--full-tree", "HEAD")
		if err != nil {
			return nil, err
		}
		return entries(text, 2, nil), nil
	}
	changed := map[string]bool{}
	text, err := r.output(ctx, "diff-files", "--name-only", "-z", "--no-ext-diff", "--ignore-submodules=all")
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(text, "\x00") {
		changed[name] = true
	}
	if text, err = r.output(ctx, "ls-files", "-z", "--stage", "--full-name"); err != nil {
		return nil, err
	}
	out := entries(text, 1, changed)
	var complaint string
	if text, complaint, err = r.outputs(ctx, "ls-files", "-z", "--others", "--exclude-standard", "--full-name"); err != nil {
		return nil, err
	}
	for line := range strings.Lines(complaint) {
		if _, rest, ok := strings.Cut(line, "could not open directory '"); ok {
			path, _, _ := strings.Cut(rest, "'")
			out = append(out, File{Path: path, Kind: Closed})
		}
	}
	for name := range strings.SplitSeq(text, "\x00") {
		if name != "" && !strings.HasSuffix(name, "/") { // a folder is a repository within this one
			out = append(out, File{Path: name})
		}
	}
	return out, nil
}

// entries reads lines of ls-files --stage (mode, id, stage) or ls-tree (mode,
// type, id): words, a tab and the path.
func entries(text string, id int, changed map[string]bool) []File {
	var out []File
	for line := range strings.SplitSeq(text, "\x00") {
		words, path, ok := strings.Cut(line, "\t")
		fields := strings.Fields(words)
		if !ok || len(fields) <= id {
			continue
		}
		f := File{Path: path, Tracked: true, Blob: fields[id]}
		switch fields[0] {
		case "160000":
			f.Kind = Submodule
		case "120000":
			f.Kind = Symlink
		}
		if changed[path] {
			f.Blob = ""
		}
		if n := len(out); n > 0 && out[n-1].Path == path { // stages of a conflict
			out[n-1].Blob = ""
			continue
		}
		out = append(out, f)
	}
	return out
}

// Present returns which of some paths are in the tree of HEAD.
func (r *Repo) Present(ctx context.Context) (map[string]bool, error) {
	text, err := r.output(ctx, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD")
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for name := range strings.SplitSeq(text, "\x00") {
		out[name] = true
	}
	delete(out, "")
	return out, nil
}

// Reach is how a commit is led to.
type Reach int

const (
	Nowhere  Reach = iota // by nothing: it is waiting to be removed
	Reflog                // by a reflog alone
	FromRefs              // by a branch, a tag, the stash
)

// Reachable tells how commits are led to.
func (r *Repo) Reachable(ctx context.Context, commits []string) (map[string]Reach, error) {
	out := map[string]Reach{}
	for _, c := range commits {
		out[c] = Nowhere
	}
	if len(out) == 0 {
		return out, nil
	}
	for _, way := range []struct {
		args  []string
		reach Reach
	}{{[]string{"--reflog"}, Reflog}, {[]string{"--all"}, FromRefs}} {
		text, err := r.output(ctx, append([]string{"rev-list"}, way.args...)...)
		if err != nil && way.reach == FromRefs {
			return out, err
		}
		for line := range strings.Lines(text) {
			if id := strings.TrimSuffix(line, "\n"); out[id] < way.reach {
				if _, wanted := out[id]; wanted {
					out[id] = way.reach
				}
			}
		}
	}
	return out, nil
}

// Tag is an annotated tag.
type Tag struct {
	Name, ID string
	Date     string // RFC 3339, of the tagger
	Message  string
}

// Tags returns the annotated tags by name.
func (r *Repo) Tags(ctx context.Context) ([]Tag, error) {
	text, err := r.output(ctx, "for-each-ref", "refs/tags", "--format=%(objecttype)%00%(refname:short)%00%(objectname)%00%(taggerdate:iso-strict)%00%(contents)%00%01")
	if err != nil {
		return nil, err
	}
	var out []Tag
	for record := range strings.SplitSeq(text, "\x00\x01\n") {
		if f := strings.Split(record, "\x00"); len(f) == 5 && f[0] == "tag" {
			out = append(out, Tag{Name: f[1], ID: f[2], Date: f[3], Message: f[4]})
		}
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
