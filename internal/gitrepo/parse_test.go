package gitrepo

import (
	"bufio"
	"strings"
	"testing"
)

// read parses a log and returns its commits and changes.
func read(log string) (commits []*Commit, changes []Change, err error) {
	p := &parser{in: bufio.NewReaderSize(strings.NewReader(log), 4<<10),
		commit: func(c *Commit) { commits = append(commits, c) }, change: func(c Change) error { changes = append(changes, c); return nil }}
	err = p.run()
	return commits, changes, err
}

func TestParse(t *testing.T) {
	t.Parallel()
	const head = "\x00abc\x002026-01-01T00:00:00Z\x00one\n\ntwo\n\x00\n\n"
	for name, tt := range map[string]struct {
		log, path, text string
		line            int
	}{
		"a new file":                         {head + "diff --git a/a b.txt b/a b.txt\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/a b.txt\t\n@@ -0,0 +1,2 @@\n+one\n+two\n", "a b.txt", "one\ntwo", 1},
		"a quoted path":                      {head + "diff --git \"a/\\303\\244\\t.txt\" \"b/\\303\\244\\t.txt\"\n--- /dev/null\n+++ \"b/\\303\\244\\t.txt\"\n@@ -0,0 +1 @@\n+x\n", "ä\t.txt", "x", 1},
		"a combined diff with a wrong count": {head + "diff --cc f\nindex 1,2..3\n--- a/f\n+++ b/f\n@@@ -496,7 -496,7 +470,18446744073709551615 @@@\n--gone\n++new\n+ theirs\n", "f", "new", 470},
		"no line feed at the end":            {head + "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n", "f", "new", 1},
		"a line that looks like a header":    {head + "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +7,2 @@\n+diff --git a/x b/x\n++++ b/x\n", "f", "diff --git a/x b/x\n+++ b/x", 7},
	} {
		commits, changes, err := read(tt.log)
		if err != nil || len(commits) != 1 || commits[0].Message != "one\n\ntwo" || len(changes) != 1 || len(changes[0].Pieces) != 1 {
			t.Errorf("%s: %v %v %+v", name, err, commits, changes)
			continue
		}
		if c := changes[0]; c.Path != tt.path || c.Pieces[0] != (Piece{tt.line, tt.text}) {
			t.Errorf("%s: %q %+v", name, c.Path, c.Pieces)
		}
	}
}

// FuzzParse holds that no output of git, however broken, ends the process or
// hands over more than it holds.
func FuzzParse(f *testing.F) {
	f.Add("\x00abc\x002026-01-01T00:00:00Z\x00one\x00\n\ndiff --cc f\n+++ b/f\n@@@ -1 -1 +1,2 @@@\n++new\n")
	f.Add("diff --git \"a/\\303\" \"b/\\3\"\n@@ -1 +1 @@\n+\n")
	f.Fuzz(func(t *testing.T, log string) {
		_, changes, _ := read(log)
		n := 0
		for _, c := range changes {
			for _, p := range c.Pieces {
				n += len(p.Text)
			}
		}
		if n > 2*len(log)+overlap {
			t.Errorf("%d bytes of %d", n, len(log))
		}
	})
}
