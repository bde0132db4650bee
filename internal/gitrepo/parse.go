package gitrepo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	// maxPart is how much added text is handed over at once.
	maxPart = 1 << 20
	// overlap is what the parts of one long line have in common, so that nothing
	// is cut in two.
	overlap = 4 << 10
	// maxMessage is how much of a commit's message is kept.
	maxMessage = 1 << 20
)

var errUnreadable = errors.New("what git printed could not be read")

// parser reads the output of git log -p -U0.
type parser struct {
	in     *bufio.Reader
	commit func(*Commit)
	change func(Change) error

	current *Commit
	file    Change
	open    bool // file has begun
	size    int  // of the file's pieces
}

// run reads to the end.
func (p *parser) run() error {
	for {
		line, more, err := p.line()
		if errors.Is(err, io.EOF) {
			return p.flush(true)
		}
		if err != nil {
			return err
		}
		switch {
		case len(line) > 0 && line[0] == 0:
			err = p.header(line, more)
		case bytes.HasPrefix(line, []byte("diff --")):
			err = p.flush(true)
			p.file, p.open = Change{Commit: p.current, Path: plainPath(line)}, true
		case !p.open:
		case bytes.HasPrefix(line, []byte("@@")):
			err = p.hunk(line)
		default:
			p.extended(string(line))
		}
		for more && err == nil { // the rest of a line that is none of a file's text
			_, more, err = p.line()
		}
		if err != nil {
			return err
		}
	}
}

// line returns the next line without its line feed, or a part of it with more
// set. The bytes are good until the next call.
func (p *parser) line() (text []byte, more bool, err error) {
	text, err = p.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return text, true, nil
	}
	if errors.Is(err, io.EOF) && len(text) > 0 {
		return text, false, nil
	}
	return bytes.TrimSuffix(text, []byte("\n")), false, err
}

// header reads "\0id\0date\0message\0", whose message has lines.
func (p *parser) header(first []byte, more bool) error {
	if err := p.flush(true); err != nil {
		return err
	}
	var b bytes.Buffer
	b.Write(first)
	for bytes.Count(b.Bytes(), []byte{0}) < 4 {
		if !more {
			b.WriteByte('\n')
		}
		line, again, err := p.line()
		if err != nil {
			return errUnreadable
		}
		more = again
		if b.Len() < maxMessage || bytes.IndexByte(line, 0) >= 0 {
			b.Write(line)
		}
	}
	fields := strings.SplitN(b.String(), "\x00", 5)
	p.current = &Commit{ID: fields[1], Date: fields[2], Message: strings.TrimSpace(fields[3])}
	p.commit(p.current)
	return nil
}

// extended reads the lines between a file's header and its first hunk.
func (p *parser) extended(line string) {
	switch {
	case strings.HasPrefix(line, "index "):
		ids, _, _ := strings.Cut(strings.TrimPrefix(line, "index "), " ")
		if i := strings.LastIndex(ids, ".."); i >= 0 {
			p.file.Blob = ids[i+2:]
		}
	case strings.HasPrefix(line, "+++ "):
		if path, ok := strings.CutPrefix(unquote(strings.TrimPrefix(line, "+++ ")), "b/"); ok {
			p.file.Path = path
		}
	case strings.HasPrefix(line, "rename to "):
		p.file.Path, p.file.Renamed = unquote(strings.TrimPrefix(line, "rename to ")), true
	case strings.HasPrefix(line, "Binary files "):
		p.file.Binary = strings.Trim(p.file.Blob, "0") != ""
	}
}

// hunk reads "@@ -a,b +c,d @@", or with one @ more for each further parent, and
// its lines. Lines are not counted: the counts of a combined diff without
// context are wrong at the end of a file, and no line of a text begins as a
// header does.
func (p *parser) hunk(head []byte) error {
	parents := len(head) - len(bytes.TrimLeft(head, "@")) - 1
	words := strings.Fields(string(head))
	if parents < 1 || len(words) < parents+2 {
		return fmt.Errorf("%w: a hunk", errUnreadable)
	}
	first, _, _ := strings.Cut(words[parents+1], ",")
	number, err := strconv.Atoi(strings.TrimPrefix(first, "+"))
	if err != nil || number < 0 {
		return fmt.Errorf("%w: a hunk", errUnreadable)
	}
	h := hunk{parser: p, plus: bytes.Repeat([]byte{'+'}, parents), number: number}
	for {
		next, err := p.in.Peek(1)
		if errors.Is(err, io.EOF) || err == nil && !bytes.ContainsAny(next, "+- \\") {
			return h.end()
		}
		if err != nil {
			return err
		}
		if err := h.line(); err != nil {
			return err
		}
	}
}

// hunk is a hunk that is being read.
type hunk struct {
	*parser
	plus   []byte // how a line begins that no parent has
	number int    // of the next line of the file
	first  int    // of piece
	piece  []byte // lines that follow one another; nil = none
}

// line reads one line and keeps it if no parent has it.
func (h *hunk) line() error {
	text, more, err := h.parser.line()
	if err != nil || len(text) > 0 && text[0] != '\\' && len(text) < len(h.plus) {
		return fmt.Errorf("%w: a hunk ends early", errUnreadable)
	}
	if text[0] == '\\' { // "No newline at end of file"
		return nil
	}
	prefix := text[:len(h.plus)]
	added, gone := bytes.Equal(prefix, h.plus), bytes.IndexByte(prefix, '-') >= 0
	switch {
	case added:
		if h.piece == nil {
			h.first, h.piece = h.number, []byte{}
		} else {
			h.piece = append(h.piece, '\n')
		}
		h.piece = append(h.piece, text[len(h.plus):]...)
	case !gone:
		if err := h.end(); err != nil {
			return err
		}
	}
	for more {
		if text, more, err = h.parser.line(); err != nil {
			return errUnreadable
		}
		if !added {
			continue
		}
		if h.piece = append(h.piece, text...); len(h.piece) > maxPart {
			rest := bytes.Clone(h.piece[len(h.piece)-overlap:])
			if err := h.end(); err != nil {
				return err
			}
			h.first, h.piece = h.number, rest
		}
	}
	if !gone {
		h.number++
	}
	if len(h.piece) > maxPart {
		return h.end()
	}
	return nil
}

// end puts the piece into the file, and hands over what has become long.
func (h *hunk) end() error {
	if h.piece != nil {
		h.file.Pieces = append(h.file.Pieces, Piece{h.first, string(h.piece)})
		h.size += len(h.piece)
		h.piece = nil
	}
	if h.size > maxPart {
		return h.flush(false)
	}
	return nil
}

// flush hands over what is known of the file.
func (p *parser) flush(done bool) error {
	if !p.open {
		return nil
	}
	out := p.file
	p.file.Pieces, p.size = nil, 0
	if done {
		p.open = false
	}
	if len(out.Pieces) == 0 && !out.Binary && !out.Renamed && !done {
		return nil
	}
	return p.change(out)
}

// plainPath is the path of "diff --git a/x b/x", good for files that have no
// line +++, which are told apart by their names alone. Of a path with " b/" in
// it the name of both sides decides.
func plainPath(line []byte) string {
	text := string(line)
	for _, combined := range []string{"diff --cc ", "diff --combined "} {
		if path, ok := strings.CutPrefix(text, combined); ok {
			return unquote(path)
		}
	}
	text = strings.TrimPrefix(text, "diff --git ")
	if strings.HasSuffix(text, `"`) {
		if i := strings.LastIndex(text, ` "b/`); i >= 0 {
			return strings.TrimPrefix(unquote(text[i+1:]), "b/")
		}
	}
	if half := len(text) / 2; len(text)%2 == 1 && strings.HasPrefix(text, "a/") && strings.HasPrefix(text[half:], " b/") {
		return text[half+3:]
	}
	if i := strings.LastIndex(text, " b/"); i >= 0 {
		return text[i+3:]
	}
	return ""
}

// unquote undoes how git writes a path with unusual characters, and the tab
// that follows one with blanks.
func unquote(path string) string {
	path = strings.TrimSuffix(path, "\t")
	if len(path) < 2 || path[0] != '"' || path[len(path)-1] != '"' {
		return path
	}
	var b strings.Builder
	in := path[1 : len(path)-1]
	for i := 0; i < len(in); i++ {
		if in[i] != '\\' || i+1 == len(in) {
			b.WriteByte(in[i])
			continue
		}
		i++
		if at := strings.IndexByte(`abtnvfr`, in[i]); at >= 0 {
			b.WriteByte("\a\b\t\n\v\f\r"[at])
			continue
		}
		if i+2 < len(in) && in[i] >= '0' && in[i] <= '3' {
			if n, err := strconv.ParseUint(in[i:i+3], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(in[i])
	}
	return b.String()
}
