package secretscan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
)

var errMissing = errors.New("an object is missing")

// Tree is what was found in the files of a working tree.
type Tree struct {
	Report
	Files    int
	EnvFiles []string // that are tracked now
}

// Tree scans what is tracked, and what is neither tracked nor ignored.
func (e *Engine) Tree(ctx context.Context, repo *gitrepo.Repo, cache *Cache) Tree {
	var out Tree
	files, err := repo.Files(ctx)
	if err != nil {
		out.Gaps = []string{"the files of the repository: " + err.Error()}
		return out
	}
	if repo.Bare {
		out.note("the repository has no working tree: its files are those of HEAD", 1)
	}
	known, fresh := cache.load(repo, e.key).Files, map[string][]Finding{}
	var mu sync.Mutex
	var running sync.WaitGroup
	jobs := make(chan gitrepo.File)
	for range max(runtime.GOMAXPROCS(0), 2) {
		running.Go(func() {
			for f := range jobs {
				var r Report
				key := f.Path + "\x00" + f.Blob
				before, read := known[key]
				if r.Findings = before; !read || f.Blob == "" {
					r = e.File(ctx, filepath.Join(repo.Root, filepath.FromSlash(f.Path)), f.Path)
				}
				mu.Lock()
				out.Findings = append(out.Findings, r.Findings...)
				out.Gaps = append(out.Gaps, r.Gaps...)
				for name, n := range r.Notes {
					out.note(name, n)
				}
				if f.Blob != "" && len(r.Gaps) == 0 {
					fresh[key] = r.Findings
				}
				mu.Unlock()
			}
		})
	}
	var blobs []gitrepo.File
	var listed Report // of this loop, while the others write into out
	for i, f := range files {
		switch {
		case i >= maxFiles:
			listed.Gaps = append(listed.Gaps, fmt.Sprintf("the repository has more than %d files", maxFiles))
		case ctx.Err() != nil:
			listed.Gaps = append(listed.Gaps, "the files of the repository: the scan was interrupted")
		case f.Kind == gitrepo.Submodule:
			listed.note("submodules, each a repository of its own", 1)
			continue
		case f.Kind == gitrepo.Symlink:
			continue
		case f.Kind == gitrepo.Closed:
			listed.Gaps = append(listed.Gaps, f.Path+" cannot be read: permission denied")
			continue
		default:
			if f.Tracked && isEnvFile(f.Path) && !isEnvTemplate(f.Path) {
				out.EnvFiles = append(out.EnvFiles, f.Path)
			}
			if e.leftOut(f.Path) {
				listed.note("files left out by their names (dependencies, lock files, pictures)", 1)
				continue
			}
			out.Files++
			if repo.Bare {
				blobs = append(blobs, f)
				continue
			}
			jobs <- f
			continue
		}
		break
	}
	close(jobs)
	running.Wait()
	out.Gaps = append(out.Gaps, listed.Gaps...)
	for name, n := range listed.Notes {
		out.note(name, n)
	}
	e.blobs(ctx, repo, blobs, &out)
	if len(out.Gaps) == 0 && ctx.Err() == nil && !repo.Bare {
		cache.store(repo, e.key, func(m *memory) { m.Files = fresh })
	}
	out.Findings = e.waive(out.Findings)
	Sort(out.Findings)
	sort.Strings(out.Gaps)
	return out
}

// blobs reads files of a repository without a working tree.
func (e *Engine) blobs(ctx context.Context, repo *gitrepo.Repo, files []gitrepo.File, out *Tree) {
	var ids []string
	for _, f := range files {
		ids = append(ids, f.Blob)
	}
	i := 0
	err := repo.Blobs(ctx, ids, MaxFile, func(_ string, size int64, content []byte) error {
		f := files[i]
		i++
		if size < 0 {
			return errMissing
		}
		if size > MaxFile {
			out.Gaps = append(out.Gaps, tooLong(f.Path))
		}
		out.Findings = append(out.Findings, e.Scan(ctx, Text{Content: Decode(content), Path: f.Path})...)
		return nil
	})
	if err != nil {
		out.Gaps = append(out.Gaps, "the files of the repository: "+err.Error())
	}
}

// leftOut reports whether the default rules look into no file of this name.
func (e *Engine) leftOut(path string) bool {
	if path == "" {
		return false
	}
	for _, a := range e.detector.Config.Allowlists {
		if a.PathAllowed(path) {
			return true
		}
	}
	return false
}

var envTemplate = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\.(?:example|sample|template|dist|defaults?|schema|tpl)$|(?:^|/)\.env\.(?:example|sample|template|dist|defaults?|schema)(?:\.[a-z]+)?$|(?:^|/)(?:example|sample)\.env$`)
})

// isEnvTemplate reports whether a file of variables is there to be copied.
func isEnvTemplate(path string) bool { return envTemplate().MatchString(path) }
