package dmarc

import "fmt"

// Dialect is the standard by which a receiver reads a record.
type Dialect string

const (
	RFC9989 Dialect = "RFC 9989"
	RFC7489 Dialect = "RFC 7489"
)

// Scope says whose mail the policy is wanted for.
type Scope int

const (
	OwnName         Scope = iota // the domain that the record stands at
	ExistingSubname              // a name below it that exists
	MissingSubname               // a name below it that does not exist
)

// Applies reports whether the record counts at all: without a readable policy
// it does only if there is an address for reports (RFC 9989 section 4.10.1).
func (r *Record) Applies() bool { return r.Policy != "" || len(r.Aggregate) > 0 }

// For returns the policy for a scope and the tag that it comes from, before
// test mode and pct.
func (r *Record) For(scope Scope, dialect Dialect) (Policy, string) {
	switch {
	case scope == MissingSubname && dialect == RFC9989 && r.Nonexistent != "":
		return r.Nonexistent, "np"
	case scope != OwnName && r.Subdomain != "":
		return r.Subdomain, "sp"
	case r.Policy == "":
		return None, "p"
	}
	return r.Policy, "p"
}

// Effective returns the policy as a receiver applies it. RFC 9989 lowers it one
// step for t=y and ignores pct; RFC 7489 knows pct alone, of which 0 is the old
// way to write test mode.
func (r *Record) Effective(scope Scope, dialect Dialect) (policy Policy, because string) {
	policy, tag := r.For(scope, dialect)
	because = fmt.Sprintf("%s=%s", tag, policy)
	switch {
	case dialect == RFC9989 && r.Testing:
		return policy.Weaker(), because + " with t=y"
	case dialect == RFC7489 && r.Percent == 0:
		return policy.Weaker(), because + " with pct=0"
	}
	return policy, because
}

// IssueKind sorts what Lint finds.
type IssueKind string

const (
	NotEnforced  IssueKind = "not_enforced"  // p=none
	TestMode     IssueKind = "test_mode"     // an enforcing policy with t=y or pct<100
	SubdomainGap IssueKind = "subdomain_gap" // sp or np weaker than p
	RemovedTag   IssueKind = "removed_tag"   // pct, rf, ri, a size in rua or ruf
	NoAggregate  IssueKind = "no_rua"        // nobody gets reports
	UpperCase    IssueKind = "upper_case"    // V=DMARC1
)

// Issue is one weakness of a record that can be read.
type Issue struct {
	Kind    IssueKind
	Tag     string
	Policy  Policy // for SubdomainGap: of the weaker tag
	Message string
}

// Lint judges a record by itself. sp and np count only in a record that stands
// at an organizational domain: organizational says whether it does.
func Lint(r *Record, organizational bool) []Issue {
	var out []Issue
	add := func(kind IssueKind, tag string, format string, args ...any) {
		out = append(out, Issue{Kind: kind, Tag: tag, Message: fmt.Sprintf(format, args...)})
	}
	if r.Policy == None {
		add(NotEnforced, "p", "p=none asks receivers to do nothing")
	}
	if r.Policy.AtLeast(Quarantine) {
		if r.Testing {
			add(TestMode, "t", "t=y lowers p=%s to %s", r.Policy, r.Policy.Weaker())
		}
		if r.Percent < 100 {
			add(TestMode, "pct", "pct=%d exempts part of the mail at receivers that follow RFC 7489", r.Percent)
		}
	}
	if organizational {
		out = append(out, subdomainGaps(r)...)
	}
	for _, name := range []string{"pct", "rf", "ri"} {
		if _, ok := r.Tag(name); ok {
			add(RemovedTag, name, "the tag %s was removed from the standard", name)
		}
	}
	for _, list := range [][]URI{r.Aggregate, r.Failure} {
		for _, u := range list {
			if u.Size != "" {
				add(RemovedTag, "rua", "the size limit !%s was removed from the standard", u.Size)
			}
		}
	}
	if _, ok := r.Tag("rua"); !ok {
		add(NoAggregate, "rua", "there is no address for aggregate reports")
	} else if len(r.Aggregate) > 0 && !hasMailto(r.Aggregate) {
		add(NoAggregate, "rua", "no address for aggregate reports is a mailto URI, which alone receivers support")
	}
	if r.UpperCaseTagNames {
		add(UpperCase, "", "tag names in capitals are legal, but some receivers match v=DMARC1 literally")
	}
	return out
}

func subdomainGaps(r *Record) []Issue {
	var out []Issue
	gap := func(tag string, policy Policy) {
		out = append(out, Issue{SubdomainGap, tag, policy, fmt.Sprintf("%s=%s is weaker than p=%s", tag, policy, r.Policy)})
	}
	if r.Subdomain != "" && !r.Subdomain.AtLeast(r.Policy) {
		gap("sp", r.Subdomain)
	}
	if r.Nonexistent != "" && !r.Nonexistent.AtLeast(r.Policy) {
		gap("np", r.Nonexistent)
	}
	return out
}

func hasMailto(uris []URI) bool {
	for _, u := range uris {
		if u.Scheme == "mailto" {
			return true
		}
	}
	return false
}
