package secretscan

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"sync"
)

// reading is how much of a file is in memory at once.
const reading = 1 << 20

func tooLong(name string) string {
	return fmt.Sprintf("%s is longer than %d MiB: the rest of it was not read", name, MaxFile>>20)
}

// File scans one file of a working tree, which findings call name.
func (e *Engine) File(ctx context.Context, path, name string) Report {
	return e.file(ctx, path, Text{Path: name})
}

// file scans a file on disk.
func (e *Engine) file(ctx context.Context, path string, t Text) Report {
	var out Report
	name := t.Name
	if name == "" {
		name = t.Path
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return out // deleted and not yet committed
	case err != nil:
		out.Gaps = []string{name + " cannot be read"}
		return out
	case !info.Mode().IsRegular():
		return out // what a device or a pipe gives has no end
	}
	f, err := os.Open(path)
	if err != nil {
		out.Gaps = []string{name + " cannot be read: permission denied or locked"}
		return out
	}
	defer f.Close()
	e.stream(ctx, f, info.Size(), name, t, &out)
	return out
}

// stream scans what a reader gives, a part after the other.
func (e *Engine) stream(ctx context.Context, in io.Reader, size int64, name string, t Text, out *Report) {
	r := bufio.NewReaderSize(io.LimitReader(in, MaxFile), 64<<10)
	head, _ := r.Peek(sniffed)
	form := FormOf(head)
	defer func() {
		if size > MaxFile {
			out.Gaps = append(out.Gaps, tooLong(name))
		}
		if ctx.Err() != nil {
			out.Gaps = append(out.Gaps, name+": the scan was interrupted")
		}
	}()
	if form == Binary {
		var err error
		if out.Findings, err = e.binary(ctx, r, t); err != nil {
			out.Gaps = append(out.Gaps, name+" cannot be read to its end")
		}
		return
	}
	if form == UTF16 {
		content, err := io.ReadAll(r)
		if err != nil {
			out.Gaps = append(out.Gaps, name+" cannot be read to its end")
		}
		t.Content = Decode(content)
		out.Findings = e.Scan(ctx, t)
		return
	}
	if strings.HasSuffix(strings.ToLower(name), ".map") && size <= maxMap {
		content, err := io.ReadAll(r)
		if err != nil {
			out.Gaps = append(out.Gaps, name+" cannot be read to its end")
		}
		t.Content = mappings().ReplaceAllString(string(content), `"mappings":""`)
		out.Findings = e.Scan(ctx, t)
		return
	}
	var all []Finding
	buffer := make([]byte, 0, reading+overlap)
	line := 1
	for {
		n, err := io.ReadFull(r, buffer[len(buffer):reading+overlap])
		buffer = buffer[:len(buffer)+n]
		last := err != nil
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			out.Gaps = append(out.Gaps, name+" cannot be read to its end")
		}
		first := line
		t.Content, t.Mapped = string(buffer), func(n int) int { return first + n - 1 }
		all = append(all, e.Scan(ctx, t)...)
		if last || ctx.Err() != nil {
			break
		}
		keep := buffer[len(buffer)-overlap:]
		if i := bytes.IndexByte(keep, '\n'); i >= 0 && i < overlap/2 {
			keep = keep[i+1:]
		}
		line += bytes.Count(buffer[:len(buffer)-len(keep)], []byte("\n"))
		buffer = append(buffer[:0], keep...)
	}
	out.Findings = unique(all)
}

// binary scans the readable parts of a file that git takes for binary, a window
// after the other.
func (e *Engine) binary(ctx context.Context, r io.Reader, t Text) ([]Finding, error) {
	var all []Finding
	window := make([]byte, 0, reading+overlap)
	t.Mapped = noLine
	for {
		n, err := io.ReadFull(r, window[len(window):cap(window)])
		window = window[:len(window)+n]
		t.Content = readable(window)
		all = append(all, named(e.Scan(ctx, t))...)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return unique(all), nil
		}
		if err != nil || ctx.Err() != nil { // an interruption is told by who interrupts
			return unique(all), err
		}
		window = append(window[:0], window[len(window)-overlap:]...)
	}
}

// maxMap is how long a source map may be whose mappings are left out: numbers
// written in base64 (ECMA-426), in which any key may seem to stand.
const maxMap = 16 << 20

var mappings = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"mappings"\s*:\s*"[^"\n]*"`) })

// Files is what was found in files and folders that a user names.
type Files struct {
	Report
	Read int
}

// Artifacts scans files and folders of what is shipped. No name is left out but
// that of dependencies: a bundle may be called as a library is. Archives (tar,
// also compressed by gzip, and the layers of container images in them) are
// opened.
func (e *Engine) Artifacts(ctx context.Context, paths []string) Files {
	var out Files
	for _, root := range paths {
		e.artifact(ctx, root, &out)
	}
	out.Findings = e.waive(out.Findings)
	Sort(out.Findings)
	sort.Strings(out.Gaps)
	return out
}

func (e *Engine) artifact(ctx context.Context, root string, out *Files) {
	label := filepath.ToSlash(filepath.Base(filepath.Clean(root)))
	declared := filepath.ToSlash(root)
	if _, err := os.Stat(root); err != nil {
		out.Gaps = append(out.Gaps, declared+" does not exist or cannot be read")
		return
	}
	// Files are read side by side, as those of a working tree are.
	type job struct{ path, name string }
	jobs := make(chan job)
	var mu sync.Mutex
	var running sync.WaitGroup
	for range max(runtime.GOMAXPROCS(0), 2) {
		running.Go(func() {
			for j := range jobs {
				r := e.opened(ctx, j.path, j.name)
				mu.Lock()
				out.take(r)
				mu.Unlock()
			}
		})
	}
	note := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := label
		if rel, relErr := filepath.Rel(root, path); relErr == nil && rel != "." {
			name = label + "/" + filepath.ToSlash(rel)
		}
		switch {
		case err != nil:
			mu.Lock()
			out.Gaps = append(out.Gaps, name+" cannot be read: permission denied or gone")
			mu.Unlock()
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") && path != root:
			note++
			return fs.SkipDir
		case d.IsDir(), picture(name):
			return nil
		case out.Read >= maxFiles:
			return errTooMany
		}
		out.Read++
		if path == root { // a file that is named by itself may be a link
			if target, linkErr := filepath.EvalSymlinks(path); linkErr == nil {
				path = target
			}
		}
		jobs <- job{path, name}
		return nil
	})
	close(jobs)
	running.Wait()
	out.note("folders of dependencies that were left out", note)
	switch {
	case errors.Is(err, errTooMany):
		out.Gaps = append(out.Gaps, fmt.Sprintf("%s holds more than %d files", declared, maxFiles))
	case err != nil:
		out.Gaps = append(out.Gaps, declared+": the scan was interrupted")
	}
}

var errTooMany = errors.New("too many files")

func (f *Files) take(r Report) {
	f.Findings = append(f.Findings, r.Findings...)
	f.Gaps = append(f.Gaps, r.Gaps...)
	for name, n := range r.Notes {
		f.note(name, n)
	}
}

// served is a text whose rules do not depend on its name, but that one of
// variables is known for what it is.
func served(name string) Text {
	t := Text{Name: name}
	if isEnvFile(name) || strings.HasSuffix(name, ".key") {
		t.Path = name
	}
	return t
}

// opened scans a file, or what is in it if it is an archive.
func (e *Engine) opened(ctx context.Context, path, name string) Report {
	if !archive(name) {
		return e.file(ctx, path, served(name))
	}
	var out Report
	f, err := os.Open(path)
	if err != nil {
		out.Gaps = []string{name + " cannot be read: permission denied or locked"}
		return out
	}
	defer f.Close()
	budget := int64(maxArchive)
	e.untar(ctx, f, name, 0, &budget, &out)
	return out
}

const (
	maxArchive = 2 << 30 // that is read of an archive, decompressed
	maxDepth   = 2       // of archives in an archive
)

func archive(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasSuffix(lower, ".tar") || strings.HasSuffix(lower, ".tar.gz") || strings.HasSuffix(lower, ".tgz")
}

// untar scans the files of an archive.
func (e *Engine) untar(ctx context.Context, in io.Reader, name string, depth int, budget *int64, out *Report) {
	buffered := bufio.NewReader(in)
	var source io.Reader = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		zipped, err := gzip.NewReader(buffered)
		if err != nil {
			out.Gaps = append(out.Gaps, name+" is an archive that cannot be read")
			return
		}
		source = zipped
	}
	limited := &io.LimitedReader{R: source, N: *budget}
	defer func() { *budget = max(limited.N, 0) }()
	r := tar.NewReader(limited)
	for {
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF) && limited.N > 0:
			return
		case err != nil || ctx.Err() != nil:
			out.Gaps = append(out.Gaps, name+" is an archive that could not be read to its end")
			return
		case h.Typeflag != tar.TypeReg:
			continue
		}
		inner := name + "!" + strings.TrimPrefix(filepath.ToSlash(filepath.Clean(h.Name)), "/")
		if strings.Contains(inner, "node_modules/") || picture(inner) || e.system(inner) {
			continue
		}
		body := bufio.NewReaderSize(r, sniffed)
		head, _ := body.Peek(512)
		if depth < maxDepth && (archive(inner) || isTar(inner, head)) {
			e.untar(ctx, body, inner, depth+1, &limited.N, out)
			continue
		}
		var one Report
		e.stream(ctx, body, h.Size, inner, served(inner), &one)
		out.Findings = append(out.Findings, one.Findings...)
		out.Gaps = append(out.Gaps, one.Gaps...)
	}
}

// isTar knows a layer of a container image, which has no telling name: a tar of
// POSIX, or what is compressed in the folder of blobs of an OCI image.
func isTar(name string, head []byte) bool {
	return len(head) >= 262 && bytes.Equal(head[257:262], []byte("ustar")) ||
		strings.Contains(name, "blobs/sha256/") && bytes.HasPrefix(head, []byte{0x1f, 0x8b})
}

// system reports whether a file of an image is its distribution's, not the
// application's.
func (e *Engine) system(inner string) bool {
	_, path, _ := strings.Cut(inner, "!")
	if i := strings.LastIndexByte(path, '!'); i >= 0 {
		path = path[i+1:]
	}
	for _, top := range []string{"usr/share/", "usr/lib/", "usr/lib64/", "usr/bin/", "usr/sbin/", "lib/", "lib64/", "bin/", "sbin/", "var/lib/dpkg/", "usr/local/lib/", "usr/local/go/"} {
		if strings.HasPrefix(path, top) {
			return true
		}
	}
	return false
}

// picture reports whether a file is of a kind that holds no text.
func picture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".ico", ".bmp", ".tiff", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp4", ".webm", ".mp3", ".ogg", ".pdf":
		return true
	}
	return false
}
