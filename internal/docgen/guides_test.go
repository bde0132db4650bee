package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Each area has one guide, which says why, what is checked, how it is mended and
// what a pass does not prove, and leads to every rule of the area.
func TestEachAreaHasAGuide(t *testing.T) {
	catalogue, err := provider.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join("..", "..", "templates", "guides", "*.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	guides := map[readiness.Area]string{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for _, m := range rulesMarker.FindAllStringSubmatch(text, -1) {
			area := readiness.Area(m[1])
			if other, ok := guides[area]; ok {
				t.Errorf("%s and %s are both about %s", name, other, area)
			}
			guides[area] = name
			for _, want := range []string{"## Why", "## What is checked", "## How it is mended", "## What a pass does not prove", "subcategory: \"" + area.Title() + "\""} {
				if !strings.Contains(text, want+"\n") {
					t.Errorf("%s has no line %q", name, want)
				}
			}
			filled, err := withRules(text, catalogue)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, r := range catalogue.Rules() {
				if r.Area == area && !strings.Contains(filled, "(../rules/"+r.ID+".md)") {
					t.Errorf("%s does not lead to %s", name, r.ID)
				}
			}
		}
		// A rule that a guide speaks of exists.
		for _, m := range regexp.MustCompile("`([a-z_]+\\.[a-z_]+)`").FindAllStringSubmatch(text, -1) {
			family := strings.SplitN(m[1], ".", 2)[0]
			if _, ok := catalogue.Rule(m[1]); !ok && isFamily(catalogue, family) && !strings.HasSuffix(m[1], ".md") {
				t.Errorf("%s speaks of the rule %s, which there is not", name, m[1])
			}
		}
	}
	for _, area := range readiness.Areas() {
		if guides[area] == "" {
			t.Errorf("no guide is about %s", area)
		}
	}
}

func isFamily(c *readiness.Catalogue, prefix string) bool {
	for _, id := range c.IDs() {
		if strings.HasPrefix(id, prefix+".") {
			return true
		}
	}
	return false
}

func TestRulesOfAnUnknownArea(t *testing.T) {
	if _, err := withRules("<!-- rules: colour -->\n", &readiness.Catalogue{}); err == nil {
		t.Error("the area colour is taken")
	}
}

// The links of reports that were handed over lead to their rules for good: a rule
// that was once released is never taken out without a page that says so. Add the
// rules of a release to the list when it is made.
func TestReleasedRulesKeepTheirPages(t *testing.T) {
	pages, err := Pages()
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join("testdata", "released.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for id := range strings.FieldsSeq(string(list)) {
		if _, ok := pages[id+".md"]; !ok {
			t.Errorf("the page of %s is gone: write internal/docgen/withdrawn/%s.md, which says since when and what took its place", id, id)
		}
	}
}
