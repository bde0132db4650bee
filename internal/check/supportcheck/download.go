package supportcheck

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// download reads a runbook from the web.
func (s *session) download(address string) (runbook.Book, error) {
	u, err := url.Parse(address)
	if err != nil {
		return runbook.Book{}, errors.New("its address cannot be read")
	}
	x := s.get(s.ctx, address, runbook.MaxFile)
	switch {
	case x.Challenged():
		return runbook.Book{}, errors.New("an edge answers in place of the site")
	case absent(x):
		if reason := veil(u, x); reason != "" {
			return runbook.Book{}, errors.New(reason)
		}
		return runbook.Book{}, fs.ErrNotExist
	case x.Status == 0:
		return runbook.Book{}, fmt.Errorf("there was no answer: %s", x.Detail)
	case x.Redirect != "":
		return runbook.Book{}, errors.New("it redirects to a host that may not be asked for")
	case x.Status < 200 || x.Status > 299:
		return runbook.Book{}, fmt.Errorf("the answer is %d", x.Status)
	case x.Failure != "":
		return runbook.Book{}, errors.New("the answer ended before its end")
	case x.Truncated:
		return runbook.Book{}, fmt.Errorf("it is longer than %d MiB", runbook.MaxFile>>20)
	case isPage(x.Body):
		return runbook.Book{}, errors.New("the answer is a web page, not Markdown: name the address of the raw file")
	}
	name := "runbook.md"
	if u, err := url.Parse(x.FinalURL); err == nil {
		s.base = x.FinalURL
		if last := path.Base(u.Path); last != "/" && last != "." {
			name = last
		}
	}
	return runbook.Parse(name, x.Body)
}

// isPage reports whether a body is a page of HTML.
func isPage(body []byte) bool {
	head := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), 512)], " \t\r\n\ufeff"))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}
