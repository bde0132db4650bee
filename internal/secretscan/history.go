package secretscan

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
)

// History is what was found in the commits of a repository.
type History struct {
	Report
	Commits int // that were read this time
	Known   int // findings that the cache knew
	// EnvFiles are files of variables that a commit adds or changes, each with the
	// earliest one.
	EnvFiles map[string]Origin
	// Reach tells how the commits of findings are led to.
	Reach map[string]gitrepo.Reach
}

// History scans a repository: every line that a commit adds, whatever
// branch, tag, stash or reflog leads to it, merges and messages too, and binary
// files as far as they hold text.
func (e *Engine) History(ctx context.Context, repo *gitrepo.Repo, cache *Cache) History {
	out := History{EnvFiles: map[string]Origin{}}
	out.Gaps = repo.Gaps(ctx)
	tips, err := repo.Tips(ctx)
	if err != nil {
		out.Gaps = append(out.Gaps, "the references of the repository: "+err.Error())
		return out
	}
	known := stillTrue(ctx, repo, cache.load(repo, e.key))
	w := newWalk(ctx, e)
	w.add(known.Findings)
	for path, origin := range known.EnvFiles {
		out.EnvFiles[path] = origin
	}
	out.Known = len(known.Findings)

	complete := len(out.Gaps) == 0
	for _, forgotten := range []bool{false, true} {
		err := repo.Log(ctx, gitrepo.Range{Seen: known.Tips, Forgotten: forgotten}, w.commit, w.change)
		if err != nil {
			complete = false
			out.Gaps = append(out.Gaps, "the history: "+err.Error())
			break
		}
	}
	if err := w.finish(repo); err != nil {
		complete = false
		out.Gaps = append(out.Gaps, "binary files of the history: "+err.Error())
	}
	out.Commits = w.commits
	for path, origin := range w.envFiles {
		if old, ok := out.EnvFiles[path]; !ok || earlier(origin, old) < 0 {
			out.EnvFiles[path] = origin
		}
	}
	out.note("binary files of the history that were read in part", w.partly)
	out.Findings = w.findings()
	if complete && ctx.Err() == nil {
		cache.store(repo, e.key, func(m *memory) { m.Tips, m.Findings, m.EnvFiles = tips, out.Findings, out.EnvFiles })
	}
	out.Findings = e.tagMessages(ctx, repo, out.Findings, &out.Report)
	e.settle(ctx, repo, &out)
	sort.Strings(out.Gaps)
	return out
}

// stillTrue is a memory, or the empty one where nothing leads any more to a commit in
// which it has a file of variables: it knows only the first of each file, and whether
// another has it is read again.
func stillTrue(ctx context.Context, repo *gitrepo.Repo, known memory) memory {
	var commits []string
	for _, origin := range known.EnvFiles {
		commits = append(commits, origin.Commit)
	}
	reach, err := repo.Reachable(ctx, commits)
	if err != nil {
		return memory{}
	}
	for _, r := range reach {
		if r == gitrepo.Nowhere {
			return memory{}
		}
	}
	return known
}

// tagMessages looks at what annotated tags say.
func (e *Engine) tagMessages(ctx context.Context, repo *gitrepo.Repo, found []Finding, r *Report) []Finding {
	tags, err := repo.Tags(ctx)
	if err != nil {
		r.Gaps = append(r.Gaps, "the messages of tags: "+err.Error())
	}
	for _, t := range tags {
		found = append(found, named(e.Scan(ctx, Text{Content: t.Message, Name: "message of the tag " + t.Name, Commit: t.ID, Date: t.Date}))...)
	}
	return found
}

// named leaves out what rules without a vendor find: prose has words that look
// like anything.
func named(all []Finding) []Finding {
	return slices.DeleteFunc(all, func(f Finding) bool { return f.Class == Unknown || f.Rule == ruleGeneric })
}

// settle drops what no reference or reflog leads to any more, which the cache
// may still know, chooses the earliest commit of each secret, and applies the
// ignore list.
func (e *Engine) settle(ctx context.Context, repo *gitrepo.Repo, out *History) {
	var commits []string
	for _, f := range out.Findings {
		commits = append(commits, f.Commit)
		for _, o := range f.Elsewhere {
			commits = append(commits, o.Commit)
		}
	}
	reach, err := repo.Reachable(ctx, commits)
	if err != nil {
		out.Gaps = append(out.Gaps, "which commits branches lead to: "+err.Error())
		return
	}
	out.Reach = reach
	kept := out.Findings[:0:0]
	for _, f := range out.Findings {
		if strings.HasPrefix(f.File, "message of the tag ") {
			kept = append(kept, f)
			continue
		}
		var origins []Origin
		for _, o := range append([]Origin{{f.Commit, f.Date, f.Line}}, f.Elsewhere...) {
			if reach[o.Commit] != gitrepo.Nowhere {
				origins = append(origins, o)
			}
		}
		if len(origins) == 0 {
			continue
		}
		slices.SortFunc(origins, func(a, b Origin) int {
			if d := int(reach[b.Commit]) - int(reach[a.Commit]); d != 0 {
				return d
			}
			return earlier(a, b)
		})
		f.Commit, f.Date, f.Line, f.Elsewhere = origins[0].Commit, origins[0].Date, origins[0].Line, origins[1:]
		kept = append(kept, f)
	}
	out.Findings = e.waive(kept)
	Sort(out.Findings)
}

// walk scans changes side by side as git tells them.
type walk struct {
	ctx     context.Context
	engine  *Engine
	jobs    chan gitrepo.Change
	running sync.WaitGroup

	commits  int
	partly   int
	envFiles map[string]Origin
	binaries map[string]gitrepo.Change // by blob

	mu  sync.Mutex
	all map[string]*Finding // by rule, secret and file
}

func newWalk(ctx context.Context, e *Engine) *walk {
	w := &walk{ctx: ctx, engine: e, jobs: make(chan gitrepo.Change, 64), envFiles: map[string]Origin{}, binaries: map[string]gitrepo.Change{}, all: map[string]*Finding{}}
	for range max(runtime.GOMAXPROCS(0), 2) {
		w.running.Go(func() {
			for c := range w.jobs {
				w.scan(c)
			}
		})
	}
	return w
}

// commit takes a commit: its message may hold a secret too.
func (w *walk) commit(c *gitrepo.Commit) {
	w.commits++
	if c.Message != "" {
		w.jobs <- gitrepo.Change{Commit: c, Pieces: []gitrepo.Piece{{Line: 1, Text: c.Message}}}
	}
}

// change takes what a commit adds to a file.
func (w *walk) change(c gitrepo.Change) error {
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if isEnvFile(c.Path) && !isEnvTemplate(c.Path) {
		origin := Origin{Commit: c.Commit.ID, Date: c.Commit.Date}
		if old, ok := w.envFiles[c.Path]; !ok || earlier(origin, old) < 0 {
			w.envFiles[c.Path] = origin
		}
	}
	if c.Binary {
		if old, seen := w.binaries[c.Blob]; !seen || earlier(Origin{Commit: c.Commit.ID, Date: c.Commit.Date}, Origin{Commit: old.Commit.ID, Date: old.Commit.Date}) < 0 {
			w.binaries[c.Blob] = c
		}
		return nil
	}
	if len(c.Pieces) > 0 {
		w.jobs <- c
	}
	return nil
}

// seam stands between the pieces of a file: no expression for blanks bridges it.
const seam = "\n\x00\n"

// scan looks at the added lines of a file as one text.
func (w *walk) scan(c gitrepo.Change) {
	t := Text{Path: c.Path, Commit: c.Commit.ID, Date: c.Commit.Date}
	if c.Path == "" {
		t.Name = "commit message"
	}
	var b strings.Builder
	starts := make([]int, len(c.Pieces)) // line of the text at which each piece begins
	line := 1
	for i, p := range c.Pieces {
		if i > 0 {
			b.WriteString(seam)
			line += 2
		}
		starts[i] = line
		b.WriteString(p.Text)
		line += strings.Count(p.Text, "\n")
	}
	t.Content = b.String()
	t.Mapped = func(n int) int {
		i := max(sort.SearchInts(starts, n+1)-1, 0)
		return c.Pieces[i].Line + n - starts[i]
	}
	found := w.engine.Scan(w.ctx, t)
	if c.Path == "" {
		found = named(found)
	}
	w.add(found)
}

// add joins findings of one secret in one file.
func (w *walk) add(found []Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range found {
		old := w.all[f.same()]
		if old == nil {
			w.all[f.same()] = &f
			continue
		}
		if old.Waiver != "" && f.Waiver == "" { // allowed in one commit, not in another
			old.Waiver = ""
		}
		for _, o := range append([]Origin{{f.Commit, f.Date, f.Line}}, f.Elsewhere...) {
			if o.Commit != old.Commit && !slices.ContainsFunc(old.Elsewhere, func(x Origin) bool { return x.Commit == o.Commit }) {
				old.Elsewhere = append(old.Elsewhere, o)
			}
		}
	}
}

// finish waits for what is under way and reads the binary files.
func (w *walk) finish(repo *gitrepo.Repo) error {
	var ids []string
	for id, c := range w.binaries {
		if !w.engine.leftOut(c.Path) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	err := repo.Blobs(w.ctx, ids, MaxFile, func(id string, size int64, content []byte) error {
		c := w.binaries[id]
		c.Binary = false
		if size < 0 {
			return errMissing
		}
		if size > MaxFile {
			w.partly++
		}
		if FormOf(content) == Binary {
			found, err := w.engine.binary(w.ctx, bytes.NewReader(content), Text{Path: c.Path, Commit: c.Commit.ID, Date: c.Commit.Date})
			w.add(found)
			return err
		}
		c.Pieces = []gitrepo.Piece{{Line: 1, Text: Decode(content)}}
		w.jobs <- c
		return nil
	})
	close(w.jobs)
	w.running.Wait()
	return err
}

// noLine stands for the lines of a binary file, which has none.
func noLine(int) int { return 0 }

// findings are what was found, each with its origins in order.
func (w *walk) findings() []Finding {
	out := make([]Finding, 0, len(w.all))
	for _, f := range w.all {
		origins := append([]Origin{{f.Commit, f.Date, f.Line}}, f.Elsewhere...)
		slices.SortFunc(origins, earlier)
		origins = origins[:min(len(origins), maxElsewhere)]
		f.Commit, f.Date, f.Line = origins[0].Commit, origins[0].Date, origins[0].Line
		if f.Elsewhere = origins[1:]; len(f.Elsewhere) == 0 {
			f.Elsewhere = nil
		}
		out = append(out, *f)
	}
	Sort(out)
	return out
}
