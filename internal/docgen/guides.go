package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// A guide has this comment where the rules of its area belong: the list follows
// the catalogue, the words around it are written by hand in templates/guides.
var rulesMarker = regexp.MustCompile(`(?m)^<!-- rules: ([a-z_]+) -->$`)

// fillGuides writes the rules of the areas into the guides of a folder.
func fillGuides(dir string, c *readiness.Catalogue) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		filled, err := withRules(string(text), c)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if filled == string(text) {
			continue
		}
		if err := os.WriteFile(name, []byte(filled), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// withRules puts the list of an area's rules in the place of its comment.
func withRules(text string, c *readiness.Catalogue) (string, error) {
	var failed error
	out := rulesMarker.ReplaceAllStringFunc(text, func(comment string) string {
		area := readiness.Area(rulesMarker.FindStringSubmatch(comment)[1])
		if !area.Valid() {
			failed = fmt.Errorf("there is no area %q", area)
			return comment
		}
		rows, n := ruleRows(c, area, "../rules/")
		return fmt.Sprintf("The %d rules of the area, each with what is decided, how, and when a waiver is right:\n\n| rule | severity | violated when |\n| --- | --- | --- |\n%s", n, strings.TrimSuffix(rows, "\n"))
	})
	return out, failed
}

// ruleRows are the lines of a table with the rules of an area, which link to pages
// below a folder, and how many they are.
func ruleRows(c *readiness.Catalogue, area readiness.Area, folder string) (string, int) {
	var rows strings.Builder
	n := 0
	for _, r := range c.Rules() {
		if r.Area == area {
			n++
			fmt.Fprintf(&rows, "| [%s](%s%s.md) | %s | %s |\n", r.ID, folder, r.ID, r.Severity, r.Title)
		}
	}
	return rows.String(), n
}
