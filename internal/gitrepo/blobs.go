package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Blobs reads objects one after another and hands each to see, at most limit
// bytes of it, with its whole size. A missing one has size -1.
func (r *Repo) Blobs(ctx context.Context, ids []string, limit int64, see func(id string, size int64, content []byte) error) error {
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.command(ctx, "cat-file", "--batch", "--buffer")
	cmd.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var complaint tail
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := readBatch(bufio.NewReaderSize(out, 64<<10), len(ids), limit, see)
	if readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	if readErr != nil {
		return readErr
	}
	return explain(ctx, err, complaint.String())
}

// readBatch reads what cat-file --batch prints: "<id> <type> <size>", the
// content and a line feed; or "<id> missing".
func readBatch(in *bufio.Reader, n int, limit int64, see func(string, int64, []byte) error) error {
	for range n {
		head, err := in.ReadString('\n')
		if err != nil {
			return fmt.Errorf("%w: an object is missing", errGitComplained)
		}
		words := strings.Fields(head)
		if len(words) < 3 {
			if len(words) == 0 {
				return errGitComplained
			}
			if err := see(words[0], -1, nil); err != nil {
				return err
			}
			continue
		}
		size, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil || size < 0 {
			return errGitComplained
		}
		content := make([]byte, min(size, limit))
		if _, err := io.ReadFull(in, content); err != nil {
			return fmt.Errorf("%w: an object is damaged", errGitComplained)
		}
		if _, err := io.CopyN(io.Discard, in, size-int64(len(content))+1); err != nil {
			return fmt.Errorf("%w: an object is damaged", errGitComplained)
		}
		if err := see(words[0], size, content); err != nil {
			return err
		}
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ b bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	if t.b.Len() > 16<<10 {
		t.b.Next(t.b.Len() - 4<<10)
	}
	return t.b.Write(p)
}

func (t *tail) String() string { return t.b.String() }
