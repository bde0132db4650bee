package secretscan

import (
	"cmp"
	"fmt"
	"slices"
)

// Class says what a find is worth.
type Class string

const (
	Secret  Class = "secret"
	Public  Class = "public"  // meant for everybody by its vendor
	Unknown Class = "unknown" // looks like a key, of a kind that is not known
)

// Grade says how grave a secret is.
type Grade int

const (
	Grave    Grade = iota // opens something that matters
	Moderate              // a key of a test system, the hash of a password
)

// Finding is a place where a secret is. It holds nothing of the secret.
type Finding struct {
	Rule        string `json:"rule"` // of gitleaks, or of this package
	Kind        string `json:"kind"` // in words
	Class       Class  `json:"class"`
	Grade       Grade  `json:"grade,omitempty"`
	File        string `json:"file"`
	Line        int    `json:"line"`
	Fingerprint string `json:"fingerprint"`
	Waiver      string `json:"waiver,omitempty"` // why it is allowed; empty if it is not

	Commit string `json:"commit,omitempty"`
	Date   string `json:"date,omitempty"` // of the author, RFC 3339
	// Elsewhere are other commits that add the same secret to the same file.
	Elsewhere []Origin `json:"elsewhere,omitempty"`
}

// Origin is a commit that adds a secret.
type Origin struct {
	Commit string `json:"commit"`
	Date   string `json:"date"`
	Line   int    `json:"line"`
}

// where names what gitleaks calls the fingerprint of a finding, with and
// without the commit.
func (f Finding) where() []string {
	place := fmt.Sprintf("%s:%s:%d", f.File, f.Rule, f.Line)
	if f.Commit == "" {
		return []string{place}
	}
	return []string{place, f.Commit + ":" + place}
}

// same is what makes two finds one: rule, secret and file.
func (f Finding) same() string { return f.Rule + "\x00" + f.Fingerprint + "\x00" + f.File }

// waive applies the ignore list and the public keys by their fingerprints, which
// are no part of what is cached.
func (e *Engine) waive(all []Finding) []Finding {
	for i, f := range all {
		if f.Waiver != "" || f.Class == Public {
			continue
		}
		all[i].Waiver = e.ignored.reason(f)
		for _, p := range e.options.Public {
			if p.Fingerprint != "" && p.Fingerprint == f.Fingerprint {
				all[i].Class, all[i].Kind = Public, f.Kind+", named in public_keys: "+p.Reason
			}
		}
	}
	return all
}

// reason says why the list allows a finding; "" if it does not. Of a secret that
// several commits add, every one must be listed.
func (l ignoreList) reason(f Finding) string {
	if len(l) == 0 {
		return ""
	}
	if l[f.Fingerprint] {
		return "its fingerprint is in the ignore file"
	}
	for _, o := range append([]Origin{{f.Commit, f.Date, f.Line}}, f.Elsewhere...) {
		g := f
		g.Commit, g.Line = o.Commit, o.Line
		if !slices.ContainsFunc(g.where(), func(s string) bool { return l[s] }) {
			return ""
		}
	}
	return "it is listed in the ignore file"
}

// Named leaves out what rules without a vendor find, for texts whose words look
// like anything.
func Named(all []Finding) []Finding { return named(all) }

// Sort orders findings by file, line, rule and commit.
func Sort(all []Finding) {
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Commit, b.Commit), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
}
