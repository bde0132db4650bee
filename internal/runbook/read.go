package runbook

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of what is read.
const (
	MaxFile  = 8 << 20 // bytes of a file
	maxTotal = 32 << 20
	maxFiles = 500
	maxDepth = 16 // of folders
)

// Read reads a file, or all Markdown of a folder and of the folders in it. The
// error is that nothing is there (fs.ErrNotExist), or that it cannot be read.
func Read(name string) (Book, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Book{}, plain(err)
	}
	r := reader{seen: map[string]bool{}}
	if info.IsDir() {
		r.book.Folder = name
		if _, err := os.ReadDir(name); err != nil {
			return Book{}, plain(err)
		}
		r.folder(name, "", 0)
		slices.SortFunc(r.book.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortFunc(r.book.Gaps, func(a, b Gap) int { return cmp.Compare(a.Name, b.Name) })
		return r.book, nil
	}
	if !info.Mode().IsRegular() {
		return Book{}, errors.New("it is neither a file nor a folder")
	}
	r.book.Folder = filepath.Dir(name)
	r.file(name, filepath.Base(name))
	if len(r.book.Gaps) > 0 {
		return Book{}, errors.New(r.book.Gaps[0].Reason)
	}
	return r.book, nil
}

// Parse reads the bytes of one document.
func Parse(name string, raw []byte) (Book, error) {
	if len(raw) > MaxFile {
		return Book{}, tooLong()
	}
	f, err := parse(name, raw)
	return Book{Files: []File{f}}, err
}

func tooLong() error { return fmt.Errorf("it is longer than %d MiB", MaxFile>>20) }

// plain is an error without the path, which differs from machine to machine.
func plain(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return errors.New("the permission to read it is missing")
	}
	return errors.New("it cannot be read")
}

// reader is one call of Read.
type reader struct {
	book  Book
	seen  map[string]bool // folders and files, by where they really are
	total int64
	full  bool
}

func (r *reader) gap(name, reason string) {
	r.book.Gaps = append(r.book.Gaps, Gap{name, reason})
}

// left are folders that hold no text of people.
var left = []string{"node_modules", "vendor"}

// folder reads what is in a folder. Symbolic links are followed, each place once:
// they may run in a circle.
func (r *reader) folder(folder, name string, depth int) {
	if depth > maxDepth {
		r.gap(name, "it lies too deep")
		return
	}
	if !r.once(folder) {
		return
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		r.gap(name, plain(err).Error())
	}
	for _, e := range entries {
		here, called := filepath.Join(folder, e.Name()), path.Join(name, e.Name())
		if strings.HasPrefix(e.Name(), ".") || slices.Contains(left, e.Name()) {
			continue
		}
		info, err := os.Stat(here)
		switch {
		case err != nil:
			if isMarkdown(e.Name()) {
				r.gap(called, "it is a link that leads nowhere, or cannot be read")
			}
		case info.IsDir():
			r.folder(here, called, depth+1)
		case isMarkdown(e.Name()) && info.Mode().IsRegular():
			if r.once(here) {
				r.file(here, called)
			}
		}
	}
}

// once reports whether a place is seen for the first time.
func (r *reader) once(place string) bool {
	real, err := filepath.EvalSymlinks(place)
	if err != nil {
		real = place
	}
	if r.seen[real] {
		return false
	}
	r.seen[real] = true
	return true
}

func isMarkdown(name string) bool {
	return slices.Contains([]string{".md", ".markdown", ".mdown", ".mkd", ".mdx"}, strings.ToLower(path.Ext(name)))
}

// file reads one document.
func (r *reader) file(place, name string) {
	if r.full || len(r.book.Files) >= maxFiles || r.total > maxTotal {
		if !r.full {
			r.gap(name, fmt.Sprintf("it comes after %d files or %d MiB, which is all that is read", maxFiles, maxTotal>>20))
		}
		r.full = true
		return
	}
	in, err := os.Open(place)
	if err != nil {
		r.gap(name, plain(err).Error())
		return
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	if err == nil && len(raw) > MaxFile {
		err = tooLong()
	} else if err != nil {
		err = plain(err)
	}
	if err != nil {
		r.gap(name, err.Error())
		return
	}
	r.total += int64(len(raw))
	f, err := parse(name, raw)
	if err != nil {
		r.gap(name, err.Error())
		return
	}
	r.book.Files = append(r.book.Files, f)
}
