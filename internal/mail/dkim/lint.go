package dkim

import (
	"fmt"
	"slices"
)

// IssueKind sorts what Lint finds in a record that can be parsed.
type IssueKind string

const (
	Revoked    IssueKind = "revoked"    // p is empty
	WeakKey    IssueKind = "weak_key"   // RSA under MinimumBits: receivers must not accept it
	ShortKey   IssueKind = "short_key"  // RSA under RecommendedBits
	LongKey    IssueKind = "long_key"   // RSA over MaximumBits: receivers need not handle it
	TestMode   IssueKind = "test_mode"  // flag y
	Restricted IssueKind = "restricted" // h or s leaves nothing that mail can use
	Obsolete   IssueKind = "obsolete"   // tag g of RFC 4871
)

// Issue is one weakness of a key record.
type Issue struct {
	Kind    IssueKind
	Message string
}

// Lint judges a record that ParseKey accepted.
func Lint(k *Key) []Issue {
	var out []Issue
	add := func(kind IssueKind, format string, args ...any) {
		out = append(out, Issue{kind, fmt.Sprintf(format, args...)})
	}
	if k.Revoked {
		add(Revoked, "p is empty: the key is revoked")
	}
	if bits := k.Bits(); k.Type == RSA && bits > 0 {
		switch {
		case bits < MinimumBits:
			add(WeakKey, "the RSA key has %d bits; receivers must not accept fewer than %d", bits, MinimumBits)
		case bits < RecommendedBits:
			add(ShortKey, "the RSA key has %d bits; %d are recommended", bits, RecommendedBits)
		case bits > MaximumBits:
			add(LongKey, "the RSA key has %d bits; receivers need not handle more than %d", bits, MaximumBits)
		}
	}
	if k.Testing() {
		add(TestMode, "t=y: receivers treat the mail as if it were unsigned")
	}
	if _, ok := k.Tag("h"); ok && !slices.Contains(k.Hashes, "sha256") {
		add(Restricted, "the tag h does not allow sha256, the only hash in use")
	}
	if _, ok := k.Tag("s"); ok && !slices.Contains(k.Services, "*") && !slices.Contains(k.Services, "email") {
		add(Restricted, "the tag s does not allow the service email")
	}
	if g, ok := k.Tag("g"); ok && g != "*" {
		add(Obsolete, "the tag g was removed from the standard and is ignored")
	}
	return out
}
