package secretscan

import (
	"bufio"
	"bytes"
	"fmt"
	"go/build"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
)

// largeRepository makes a repository of many commits by git fast-import: pieces
// of Go's own source, each commit rewriting some files, every tenth of them a
// merge, with a secret here and there.
func largeRepository(b *testing.B, commits, perCommit int) string {
	b.Helper()
	var corpus bytes.Buffer
	_ = filepath.WalkDir(filepath.Join(build.Default.GOROOT, "src"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && corpus.Len() < 24<<20 {
			text, _ := os.ReadFile(path)
			corpus.Write(text)
		}
		return nil
	})
	if corpus.Len() < 8<<20 {
		b.Skip("the source of Go is not here")
	}
	root := filepath.Join(b.TempDir(), "large")
	if out, err := exec.Command("git", "init", "-q", "-b", "main", root).CombinedOutput(); err != nil {
		b.Fatalf("%v %s", err, out)
	}
	cmd := exec.Command("git", "-C", root, "fast-import", "--quiet")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	w, random, text := bufio.NewWriterSize(in, 1<<20), rand.New(rand.NewPCG(1, 2)), corpus.Bytes()
	const files = 4
	for n := 1; n <= commits; n++ {
		branch := "main"
		if n%10 == 8 || n%10 == 9 {
			branch = fmt.Sprintf("side%d", n/10)
		}
		message := fmt.Sprintf("change %d", n)
		fmt.Fprintf(w, "commit refs/heads/%s\nmark :%d\ncommitter Dev <dev@acme.example> %d +0000\ndata %d\n%s\n", branch, n, 1700000000+n*60, len(message), message)
		if n%10 == 8 {
			fmt.Fprintf(w, "from :%d\n", n-1)
		}
		if n%10 == 0 && n > 10 {
			fmt.Fprintf(w, "merge :%d\n", n-1)
		}
		for range files {
			at := random.IntN(len(text) - perCommit/files - 1)
			content := append([]byte(nil), text[at:at+perCommit/files]...)
			if n%500 == 0 {
				content = append(content, []byte("\nvar key = \""+stripeLive+"\"\n")...)
			}
			fmt.Fprintf(w, "M 100644 inline src/p%d/f%d.go\ndata %d\n", random.IntN(20), random.IntN(20), len(content))
			w.Write(content)
			w.WriteByte('\n')
		}
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("git", "-C", root, "reset", "-q", "--hard", "main").CombinedOutput(); err != nil {
		b.Fatalf("%v %s", err, out)
	}
	return root
}

// BenchmarkRepository scans 5,000 commits with 200 MB of text, history and
// working tree, by this package and by gitleaks' own command, which reads the
// history alone; then once more with the cache. Figures: seconds of each, their
// ratio, and the most memory that this process had.
func BenchmarkRepository(b *testing.B) {
	root := largeRepository(b, 5000, 40<<10)
	program := filepath.Join(b.TempDir(), "gitleaks")
	build := exec.Command("go", "build", "-o", program, "github.com/zricethezav/gitleaks/v8")
	build.Dir = filepath.Join("..", "..", "tools", "gitleaks")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v %s", err, out)
	}
	for b.Loop() {
		start := time.Now()
		cmd := exec.Command(program, "git", "--no-banner", "--log-level", "error", "--exit-code", "0", root)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v %s", err, out)
		}
		peer := time.Since(start).Seconds()

		repo, err := gitrepo.Open(b.Context(), root)
		if err != nil {
			b.Fatal(err)
		}
		e, err := New(Options{Salt: repo.FirstCommit(b.Context())})
		if err != nil {
			b.Fatal(err)
		}
		cache := CacheIn(b.TempDir())
		scan := func() (float64, History, Tree) {
			start := time.Now()
			h, t := e.History(b.Context(), repo, cache), e.Tree(b.Context(), repo, cache)
			return time.Since(start).Seconds(), h, t
		}
		ours, h, tree := scan()
		again, second, _ := scan()
		if len(h.Findings) == 0 || len(h.Gaps)+len(tree.Gaps) > 0 || h.Commits != 5000 || second.Commits != 0 || len(second.Findings) != len(h.Findings) {
			b.Fatalf("%d findings, gaps %v %v, %d commits, then %d and %d findings", len(h.Findings), h.Gaps, tree.Gaps, h.Commits, second.Commits, len(second.Findings))
		}
		var usage syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		b.ReportMetric(peer, "gitleaks-s")
		b.ReportMetric(ours, "ours-s")
		b.ReportMetric(ours/peer, "ratio")
		b.ReportMetric(again, "cached-s")
		b.ReportMetric(float64(usage.Maxrss)/1024, "peak-MiB")
		b.ReportMetric(float64(tree.Files), "files")
	}
}
