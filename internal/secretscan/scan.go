package secretscan

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/zricethezav/gitleaks/v8/detect"
)

const (
	// window is how much text is looked at once: a line of a bundle may be
	// megabytes long.
	window = 256 << 10
	// overlap is what two windows have in common, so that nothing is cut in two.
	overlap = 4 << 10
)

// Text is what is searched.
type Text struct {
	Content string
	// Path is what rules know the file by: some are for files of a kind, and some
	// files are left out. Empty for what the web serves: a bundle may be called as
	// a library is that nobody looks into.
	Path string
	// Name is what findings call it; empty = Path.
	Name   string
	Commit string
	Date   string
	// Mapped gives the line of a file for a line of Content, both from 1; nil if
	// they are the same.
	Mapped func(line int) int
}

// Scan finds the secrets of a text. A context that ends leaves some unfound.
func (e *Engine) Scan(ctx context.Context, t Text) []Finding {
	name := cmp.Or(t.Name, t.Path)
	var out []Finding
	line := 1
	for content := t.Content; content != ""; {
		part, next := content, ""
		if len(content) > window {
			part = content[:cut(content)]
			next = content[resume(part):]
		}
		out = append(out, e.scanPart(ctx, part, line, name, t)...)
		line += strings.Count(content[:len(content)-len(next)], "\n")
		content = next
	}
	return unique(out)
}

// cut is where a window ends: at the end of a line, if one is near.
func cut(content string) int {
	if i := strings.LastIndexByte(content[:window], '\n'); i > window/2 {
		return i + 1
	}
	return window
}

// resume is where the next window begins: some bytes before the end of this
// one, at the beginning of a line, if there is one.
func resume(part string) int {
	at := len(part) - overlap
	if i := strings.IndexByte(part[at:], '\n'); i >= 0 && i < overlap/2 {
		return at + i + 1
	}
	return at
}

func (e *Engine) scanPart(ctx context.Context, part string, line int, name string, t Text) []Finding {
	var out []Finding
	var secrets []string // of out, which keeps none
	detector := e.detector
	if mayEncode(part) {
		detector = e.decoding
	}
	for _, f := range detector.DetectContext(ctx, detect.Fragment{ //nolint:staticcheck // the library takes no other before its next major version
		Raw: part, FilePath: t.Path, StartLine: 1}) {
		if f.Secret == "" {
			continue
		}
		v := classify(f, around(part, f.StartLine, f.StartColumn, f.Match), t.Path, name)
		if v.drop {
			continue
		}
		if v.class == "" {
			v.class = Secret
		}
		at := f.StartLine + line - 1
		if t.Mapped != nil {
			at = t.Mapped(at)
		}
		found := Finding{
			Rule: f.RuleID, Kind: cmp.Or(v.kind, kindOf(f.RuleID, f.Description)), Class: v.class, Grade: v.grade,
			File: name, Line: at, Commit: t.Commit, Date: t.Date,
		}
		found.Fingerprint = e.prints.of(f.Secret)
		if v.class != Public {
			for _, p := range e.options.Public {
				if p.Pattern != nil && p.Pattern.FindString(f.Secret) == f.Secret {
					found.Class, found.Kind = Public, found.Kind+", named in public_keys: "+p.Reason
				}
			}
			found.Waiver = e.allow.allowed(f, cmp.Or(t.Path, t.Name), t.Commit)
			if found.Waiver == "" && strings.Contains(f.Line, allowComment) {
				found.Waiver = "a comment on its line says " + allowComment
			}
		}
		out, secrets = append(out, found), append(secrets, f.Secret)
	}
	if e.logs {
		found, values := e.scanLog(part, line, name, t)
		out, secrets = append(out, found...), append(secrets, values...)
	}
	return preferNamed(out, secrets)
}

// shortestCode is the shortest run of letters and digits that may be a secret in
// base64 or hexadecimal.
const shortestCode = 24

// mayEncode reports whether a text may hold text that is encoded. Decoding costs
// as much as all rules together, and most sources have nothing to decode.
func mayEncode(part string) bool {
	run, digits := 0, false
	for i := range len(part) {
		c := part[i]
		switch {
		case c >= '0' && c <= '9':
			run, digits = run+1, true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '+' || c == '/' || c == '_' || c == '-':
			run++
		case c == '%' && i+5 < len(part) && part[i+3] == '%', c == '\\' && i+6 < len(part) && part[i+1] == 'u':
			return true
		default:
			run, digits = 0, false
			continue
		}
		if digits && run >= shortestCode {
			return true
		}
	}
	return false
}

// around is the text near a find.
func around(part string, line, column int, match string) string {
	at := 0
	for range line - 1 {
		i := strings.IndexByte(part[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	at = min(at+max(column-1, 0), len(part))
	return part[max(at-nearby, 0):min(at+len(match)+nearby, len(part))]
}

// preferNamed leaves out what a rule without a vendor finds where one with a
// vendor has found the same, or more or less of it. Another key of the same line
// stays: all of a bundle may be one line.
func preferNamed(all []Finding, secrets []string) []Finding {
	rank := func(f Finding) int {
		switch f.Rule {
		case ruleGeneric:
			return 0
		case ruleEnvFile:
			return 1
		case "jwt", "log-query", "log-cookie", "log-password":
			return 2
		}
		return 3
	}
	var out []Finding
	for i, f := range all {
		better := false
		for j, g := range all {
			if rank(g) > rank(f) && (g.Fingerprint == f.Fingerprint ||
				rank(f) < 2 && g.Line == f.Line && (strings.Contains(secrets[i], secrets[j]) || strings.Contains(secrets[j], secrets[i]))) {
				better = true
				break
			}
		}
		if !better {
			out = append(out, f)
		}
	}
	return out
}

// unique leaves one finding of each secret, rule and file, the first.
func unique(all []Finding) []Finding {
	sort.SliceStable(all, func(i, j int) bool { return all[i].Line < all[j].Line })
	seen := map[string]bool{}
	out := all[:0:0]
	for _, f := range all {
		if key := f.same(); !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	return out
}

// kindOf is what people call a rule: its id, in words.
func kindOf(id, description string) string {
	if strings.HasPrefix(id, publicPrefix) || slices.ContainsFunc(ownIDs(), func(own string) bool { return own == id }) {
		return description
	}
	return strings.ReplaceAll(id, "-", " ")
}

func ownIDs() []string {
	return []string{ruleURL, ruleBcrypt, ruleEnvFile, "stripe-webhook-secret", "supabase-secret-key", "resend-api-key", "postmark-server-token", "postmark-client-token", ruleLaravel, ruleDjango, ruleSigning, ruleGoogleAddress, "rails-master-key", "turnstile-secret-key", "mapbox-secret-token"}
}

// earlier orders origins: by date, then by commit.
func earlier(a, b Origin) int {
	at, errA := time.Parse(time.RFC3339, a.Date)
	bt, errB := time.Parse(time.RFC3339, b.Date)
	if errA == nil && errB == nil && !at.Equal(bt) {
		return at.Compare(bt)
	}
	return cmp.Or(cmp.Compare(a.Commit, b.Commit), cmp.Compare(a.Line, b.Line))
}
