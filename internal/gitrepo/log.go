package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"strings"
)

// Commit is who committed what is added.
type Commit struct {
	ID      string
	Date    string // of the author, RFC 3339
	Message string
}

// Piece is a run of lines that a commit adds to a file.
type Piece struct {
	Line int    // number of the first line in the file
	Text string // ends without a line feed
}

// Change is what a commit adds to one file. A long one comes in several parts.
type Change struct {
	Commit  *Commit
	Path    string // after the commit, from the root, with slashes
	Pieces  []Piece
	Binary  bool   // git shows no text: Blob is to be read
	Blob    string // id of the content after the commit
	Renamed bool   // the file was elsewhere before
}

// Range says which commits are meant.
type Range struct {
	// Seen are commits whose history was read before.
	Seen []string
	// Forgotten means the commits that reflogs alone lead to.
	Forgotten bool
}

// arguments of git log. A merge is shown by its combined diff (-c): the lines
// that none of its parents has are those that it adds itself; all others were
// added by a commit that is shown too. Without, a merge would show nothing; with
// -m it would show the whole branch again.
func (g Range) arguments() []string {
	args := []string{
		"log", "--format=%x00%H%x00%aI%x00%B%x00", "-p", "-U0", "-c", "--full-index", "--irreversible-delete",
		"--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--no-decorate", "--no-show-signature",
		"--src-prefix=a/", "--dst-prefix=b/", "--stdin",
	}
	if g.Forgotten {
		return append(args, "--reflog", "--not", "--all")
	}
	return append(args, "--all")
}

// excluded is what --stdin reads: commits whose history is left out.
func (g Range) excluded() string {
	var b strings.Builder
	for _, id := range g.Seen {
		b.WriteString("^" + id + "\n")
	}
	return b.String()
}

// Log hands every commit to commit and every change to change, newest first.
// The error says that something could not be read; what was read before it has
// been handed over.
func (r *Repo) Log(ctx context.Context, g Range, commit func(*Commit), change func(Change) error) error {
	seen, err := r.existing(ctx, g.Seen)
	if err != nil {
		return err
	}
	g.Seen = seen
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.command(ctx, g.arguments()...)
	cmd.Stdin = strings.NewReader(g.excluded())
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var complaint tail
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return errors.New("the program git could not be started")
	}
	p := &parser{in: bufio.NewReaderSize(out, 256<<10), commit: commit, change: change}
	parseErr := p.run()
	if parseErr != nil {
		cancel()
	}
	err = cmd.Wait()
	switch {
	case parseErr != nil:
		return parseErr
	case err == nil && (strings.Contains(complaint.String(), "fatal:") || strings.Contains(complaint.String(), "error:")):
		err = errGitComplained
	}
	return explain(ctx, err, complaint.String())
}

// existing leaves out commits that are here no more.
func (r *Repo) existing(ctx context.Context, ids []string) ([]string, error) {
	var out []string
	err := r.Blobs(ctx, ids, 0, func(id string, size int64, _ []byte) error {
		if size >= 0 {
			out = append(out, id)
		}
		return nil
	})
	return out, err
}
