package report

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// inFiles are the rules whose subject may be a file: of the repository, or of the
// runbook's folder.
func inFiles(rule string) bool {
	switch rule {
	case "secrets.in_tree", "secrets.in_history", "secrets.in_artifact", "secrets.in_logs", "secrets.env_file_tracked",
		"support.placeholder", "support.manual_db", "support.secret_in_runbook", "support.stale":
		return true
	}
	return false
}

// The pattern is compiled on first use: nothing is compiled at start-up.
var linePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bline (\d{1,7})\b`) })

// file is the file and line of a finding that has one; line 1 stands for the
// whole file. Nothing that leaves the folder is a file.
func file(f readiness.Finding) (name string, line int, ok bool) {
	if !inFiles(f.Rule) {
		return "", 0, false
	}
	name, _, _ = strings.Cut(f.Subject, "@") // file@commit
	if name == "" || strings.ContainsAny(name, "\\ \x00\n") || !strings.Contains(path.Base(name), ".") ||
		path.IsAbs(name) || path.Clean(name) != name || strings.HasPrefix(name, "../") {
		return "", 0, false
	}
	line = 1
	if match := linePattern().FindStringSubmatch(f.Message); match != nil {
		if n, err := strconv.Atoi(match[1]); err == nil && n > 0 {
			line = n
		}
	}
	return name, line, true
}

// place is where a finding is. What is no file has a logical place, its subject,
// and the stand-in of a file that code scanning demands: launch/area/subject.
func place(f readiness.Finding) *sarif.Location {
	name, line, ok := file(f)
	if !ok {
		name, line = standIn(f), 1
	}
	logical := sarif.NewLogicalLocation().WithName(f.Subject).WithFullyQualifiedName(string(f.Area) + "/" + f.Subject).WithKind("resource")
	at := sarif.NewPhysicalLocation().
		WithArtifactLocation(sarif.NewSimpleArtifactLocation((&url.URL{Path: name}).String())).
		WithRegion(sarif.NewRegion().WithStartLine(line).WithEndLine(line))
	return sarif.NewLocationWithPhysicalLocation(at).WithLogicalLocations([]*sarif.LogicalLocation{logical})
}

// standInLength is how long the last part of a stand-in may be, in bytes.
const standInLength = 120

// standIn is a path that names area and subject. It is relative, and no part of
// it leads upwards.
func standIn(f readiness.Finding) string {
	area := string(f.Area)
	if area == "" {
		area = "gate"
	}
	subject := strings.Map(func(r rune) rune {
		switch {
		case r <= ' ' || r == 0x7f || strings.ContainsRune(`/\:?*"<>|`, r):
			return '_'
		}
		return r
	}, strings.ToValidUTF8(f.Subject, "_"))
	if len(subject) > standInLength {
		subject = strings.ToValidUTF8(subject[:standInLength], "")
	}
	if strings.Trim(subject, ".") == "" {
		subject = "_" + subject
	}
	return path.Join("launch", area, subject)
}

// fingerprints tell a finding from others, run after run: by rule and subject,
// whatever the wording, the line or the severity. The key is the one by which
// code scanning knows alerts again.
func fingerprints(f readiness.Finding) map[string]string {
	sum := sha256.Sum256([]byte(f.Rule + "\x00" + f.Subject))
	return map[string]string{"primaryLocationLineHash": fmt.Sprintf("%x:1", sum[:8])}
}

// messageText is text for a message of SARIF, in which braces are placeholders
// unless they are doubled (3.11.5) and [text](address) is a link (3.11.6).
func messageText(s string) string {
	return strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace(strings.ToValidUTF8(s, "\ufffd"))
}

// pageURL is the address of a rule's page from anywhere.
func pageURL(reference string) string {
	if absolute(reference) != "" {
		return reference
	}
	return home + "/blob/main/" + strings.TrimPrefix((&url.URL{Path: reference}).String(), "./")
}
