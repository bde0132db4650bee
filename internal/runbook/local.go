package runbook

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Leads reports whether a relative link of a file leads to a file, and to a
// heading in it if it names one. known is false where that cannot be told: the
// runbook is a text by itself, or the link begins at the root of some site.
func (b Book) Leads(from, target string) (leads, known bool) {
	name, anchor, _ := strings.Cut(target, "#")
	name, _, _ = strings.Cut(name, "?")
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	if decoded, err := url.PathUnescape(anchor); err == nil {
		anchor = decoded
	}
	if name == "" {
		return b.has(from, anchor), true
	}
	if b.Folder == "" || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\x00\\") {
		return false, false
	}
	there := path.Join(path.Dir(from), name)
	for _, candidate := range []string{there, there + ".md", strings.TrimSuffix(there, ".html") + ".md", path.Join(there, "README.md"), path.Join(there, "index.md")} {
		info, err := os.Stat(filepath.Join(b.Folder, filepath.FromSlash(candidate)))
		if err != nil || info.IsDir() && candidate == there && anchor != "" {
			continue
		}
		return anchor == "" || b.has(candidate, anchor), true
	}
	return false, true
}

// has reports whether a file has a heading or a mark of a name. Of a file that was
// not read nothing is known.
func (b Book) has(name, anchor string) bool {
	if anchor == "" || strings.EqualFold(anchor, "top") {
		return true
	}
	for _, f := range b.Files {
		if f.Name != name {
			continue
		}
		wanted := Anchor(anchor)
		if f.Anchors[wanted] {
			return true
		}
		// The second heading of one text is text-1.
		base := strings.TrimRight(anchor, "0123456789")
		return base != anchor && strings.HasSuffix(base, "-") && f.Anchors[Anchor(base)]
	}
	return true
}
