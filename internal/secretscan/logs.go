package secretscan

import (
	"context"
	"regexp"
	"sort"
	"strings"
	"sync"
)

// Credential is a value that must stand in no log, such as the password that a
// test account signs in with.
type Credential struct {
	Name  string // as findings call it
	Value string
}

// logRules know what a log shows and a source does not: the credentials of
// requests.
var logRules = sync.OnceValue(func() []struct {
	id, kind string
	re       *regexp.Regexp
} {
	type rule = struct {
		id, kind string
		re       *regexp.Regexp
	}
	const value = `([A-Za-z0-9._~+/%=-]{16,})`
	return []rule{
		{"log-authorization", "bearer token of a request", regexp.MustCompile(`(?i)\bbearer(?:\s+|%20|\\u0020|["']?\s*[:=]\s*["']?)` + value)},
		{"log-authorization", "user name and password of a request", regexp.MustCompile(`(?i)authorization["']?\s*[:=]\s*["']?basic\s+` + value)},
		{"log-cookie", "session cookie", regexp.MustCompile(`(?i)cookie["']?\s*[:=]?\s*["']?[^\n]{0,500}?\b[A-Za-z0-9_-]*(?:sess|sid|auth|token)[A-Za-z0-9_-]*=` + value)},
		{"log-query", "token in an address", regexp.MustCompile(`(?i)[?&](?:access_token|id_token|refresh_token|token|api_?key|auth|code|sig)=` + value)},
		{"log-password", "password of a request", regexp.MustCompile(`(?i)["']?\b(?:password|passwd|new_password|current_password)["']?\s*(?::|=|=>)\s*["']([^"'\s]{6,200})["']`)},
		{"log-password", "password of a request", regexp.MustCompile(`(?i)\b(?:password|passwd|new_password|current_password)=([^&\s"'<\[*]{6,200})&`)},
		{"log-password", "password of a request", regexp.MustCompile(`(?i)&(?:password|passwd|new_password|current_password)=([^&\s"'<\[*]{6,200})`)},
	}
})

// Logs scans files of logs.
func (e *Engine) Logs(ctx context.Context, paths []string, credentials []Credential) Files {
	here := *e
	here.logs, here.credentials = true, credentials
	out := Files{}
	for _, p := range paths {
		here.artifact(ctx, p, &out)
	}
	out.Findings = e.waive(out.Findings)
	Sort(out.Findings)
	sort.Strings(out.Gaps)
	return out
}

// scanLog finds what only a log shows, and returns the values beside it.
func (e *Engine) scanLog(part string, line int, name string, t Text) (out []Finding, secrets []string) {
	add := func(id, kind, secret string, at int) {
		n := line + strings.Count(part[:at], "\n")
		if t.Mapped != nil {
			n = t.Mapped(n)
		}
		secrets = append(secrets, secret)
		out = append(out, Finding{Rule: id, Kind: kind, Class: Secret, File: name, Line: n, Fingerprint: e.prints.of(secret)})
	}
	for _, r := range logRules() {
		for _, m := range r.re.FindAllStringSubmatchIndex(part, -1) {
			if secret := part[m[2]:m[3]]; !masked(secret) {
				add(r.id, r.kind, secret, m[2])
			}
		}
	}
	for _, c := range e.credentials {
		if at := strings.Index(part, c.Value); at >= 0 && len(c.Value) >= 6 {
			add("log-credential", c.Name, c.Value, at)
		}
	}
	return out, secrets
}

// masked reports whether a log has hidden a value, or names none.
func masked(value string) bool {
	lower := strings.ToLower(value)
	if placeholder(value) || strings.Count(value, "*") > 2 || strings.Count(lower, "x") > len(lower)/2 {
		return true
	}
	for _, word := range []string{"filtered", "redact", "masked", "hidden", "undefined", "omitted", "secret_removed"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}
