package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Links between pages that are written by hand, and to files of the repository, lead
// somewhere.
func TestLinksOfGuidesLeadSomewhere(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "templates", "*", "*.md.tmpl"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	pages = append(pages, filepath.Join(root, "templates", "index.md.tmpl"), filepath.Join(root, "SECURITY.md"), filepath.Join(root, "examples", "audit", "README.md"))
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if target := fileOf(root, page, m[1]); target != "" && !there(root, target) {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
			}
		}
	}
}

// fileOf is the file that a link leads to; "" for one that is not the repository's.
func fileOf(root, page, address string) string {
	address, _, _ = strings.Cut(address, "#")
	for _, tree := range []string{"/blob/main/", "/tree/main/"} {
		if path, ok := strings.CutPrefix(address, readiness.Repository+tree); ok {
			return filepath.Join(root, path)
		}
	}
	if address == "" || strings.Contains(address, "://") {
		return ""
	}
	folder := filepath.Dir(page)
	if relative, err := filepath.Rel(filepath.Join(root, "templates"), folder); err == nil && !strings.HasPrefix(relative, "..") {
		folder = filepath.Join(root, "docs", relative) // where it is rendered
	}
	return filepath.Join(folder, address)
}

// there reports whether there is a file, or a template that it is made of.
func there(root, name string) bool {
	if _, err := os.Stat(name); err == nil {
		return true
	}
	relative, err := filepath.Rel(filepath.Join(root, "docs"), name)
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(root, "templates", relative+".tmpl"))
	return err == nil
}
