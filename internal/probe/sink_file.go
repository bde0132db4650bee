package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// fileSink reads what is added to a log file.
type fileSink struct {
	path   string
	now    func() time.Time
	opened bool
	first  os.FileInfo // as the file was at the first look
	offset int64       // where it ended then
}

// maxTail is how much of a file is read at its first look.
const maxTail = 256 << 10

// Kind implements Sink.
func (s *fileSink) Kind() SinkKind { return SinkFile }

// Close implements Sink.
func (s *fileSink) Close() {}

// Look implements Sink. The first look reads the end of the file; later ones
// read what has come since, also after the file was replaced or cut.
func (s *fileSink) Look(_ context.Context, q SinkQuery) SinkReading {
	f, err := os.Open(s.path)
	if err != nil {
		return fileFailure(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return fileFailure(err)
	case info.IsDir():
		return SinkReading{Failure: FailProtocol, Detail: "the file is a folder: write the path of the log itself"}
	}
	start := max(info.Size()-maxSinkBody, 0) // of one that was replaced or cut
	switch {
	case !s.opened:
		start = max(info.Size()-maxTail, 0)
	case os.SameFile(s.first, info) && info.Size() >= s.offset:
		start = max(s.offset, info.Size()-maxSinkBody)
	}
	text, err := read(f, start, info.Size())
	if err != nil {
		return fileFailure(err)
	}
	if start > 0 && !s.opened { // not in the middle of a line
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	if s.opened && !os.SameFile(s.first, info) {
		text = append(s.rotated(), text...)
	}
	all := lines(string(text))
	out := SinkReading{Entries: holding(all, q.Text), Live: info.Size() > 0 && s.now().Sub(info.ModTime()) < sinkDay}
	if s.opened {
		out.Around = all
	} else {
		s.opened, s.first, s.offset = true, info, info.Size()
	}
	return out
}

// rotated is what came into the file of the first look before it was renamed, as
// rotation of logs does, if it lies beside under its usual new name.
func (s *fileSink) rotated() []byte {
	beside, _ := filepath.Glob(globEscape(s.path) + "?*") // a fixed form: no error
	for _, path := range beside {
		info, err := os.Stat(path)
		if err != nil || !os.SameFile(s.first, info) || info.Size() <= s.offset {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer f.Close()
		text, err := read(f, max(s.offset, info.Size()-maxSinkBody), info.Size())
		if err != nil {
			return nil
		}
		return append(text, '\n')
	}
	return nil
}

// globEscape takes a path literally.
func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// read returns the bytes of a file from one place to another.
func read(f *os.File, from, to int64) ([]byte, error) {
	out, err := io.ReadAll(io.NewSectionReader(f, from, min(to-from, maxSinkBody)))
	return out, err
}

// fileFailure words an error of the file system without the path, which the
// configuration has.
func fileFailure(err error) SinkReading {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return SinkReading{Failure: FailOther, Detail: "the file does not exist"}
	case errors.Is(err, fs.ErrPermission):
		return SinkReading{Failure: FailAuth, Detail: "the file may not be read by this user"}
	}
	return SinkReading{Failure: FailOther, Detail: "the file cannot be read"}
}
