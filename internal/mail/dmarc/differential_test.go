package dmarc

import (
	"math/rand/v2"
	"strings"
	"testing"

	other "github.com/emersion/go-msgauth/dmarc"
)

// generated writes a random record of the tags that both know, in a form that
// both read the same way: what they are known to read differently is the table
// below.
func generated(rng *rand.Rand) string {
	pick := func(values ...string) string { return values[rng.IntN(len(values))] }
	parts := []string{"v=DMARC1", "p=" + pick("none", "quarantine", "reject")}
	for _, tag := range []struct{ name, value string }{
		{"sp", pick("none", "quarantine", "reject")},
		{"adkim", pick("r", "s")},
		{"aspf", pick("r", "s")},
		{"pct", pick("0", "25", "100")},
		{"rua", pick("mailto:a@acme.example", "mailto:a@acme.example,mailto:b@reports.example")},
		{"ruf", "mailto:f@acme.example"},
		{"fo", pick("0", "1", "d:s", "1:d:s")},
		{"ri", "86400"},
		{"x" + pick("a", "b"), "unknown"},
	} {
		if rng.IntN(2) == 0 {
			parts = append(parts, tag.name+pick("=", " = ")+tag.value)
		}
	}
	return strings.Join(parts, pick(";", "; ")) + pick("", ";")
}

func TestDifferentialOnGeneratedRecords(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9989, 1))
	for range 3000 {
		text := generated(rng)
		ours, err := Parse(text)
		theirs, theirErr := other.Parse(text)
		if err != nil || theirErr != nil {
			t.Fatalf("%q: ours says %v, theirs %v", text, err, theirErr)
		}
		var rua []string
		for _, u := range ours.Aggregate {
			rua = append(rua, u.Text)
		}
		pct := 100
		if theirs.Percent != nil {
			pct = *theirs.Percent
		}
		if string(ours.Policy) != string(theirs.Policy) || string(ours.Subdomain) != string(theirs.SubdomainPolicy) ||
			ours.StrictDKIM != (theirs.DKIMAlignment == other.AlignmentStrict) || ours.StrictSPF != (theirs.SPFAlignment == other.AlignmentStrict) ||
			ours.Percent != pct || strings.Join(rua, ",") != strings.Join(theirs.ReportURIAggregate, ",") {
			t.Fatalf("%q: ours is %+v, theirs %+v", text, ours, theirs)
		}
	}
}

// knownDifferences are records that the other parser reads otherwise, and why
// ours is right.
var knownDifferences = []struct {
	text, why      string
	ours, accepted bool // whether ours finds no fault; whether theirs does
}{
	{"v=DMARC1; rua=mailto:a@acme.example", "without p but with rua the record counts as p=none (RFC 9989 section 4.10.1); both report it", false, false},
	{"v=DMARC1; p=Reject", "values of p are compared without regard to case", true, false},
	{"p=reject; v=DMARC1", "v must be the first tag (section 4.8)", false, true},
	{" v=DMARC1; p=reject", "a blank before v is not allowed", false, true},
	{"v=DMARC1; p=none; p=reject", "repeated tags are undefined; theirs takes the last", false, true},
	{"v=DMARC1; p=reject; pct=250", "a bad value is as if absent; both report it", false, false},
	{"v=DMARC1; p=reject; np=block", "np is not known to theirs", false, true},
	{"v=DMARC1; p=reject; t=x", "t is not known to theirs", false, true},
	{"v=DMARC1; p=reject; psd=x", "psd is not known to theirs", false, true},
	{"v=DMARC1; p=reject; rua=a@acme.example", "an address is not a URI", false, true},
}

func TestKnownDifferences(t *testing.T) {
	t.Parallel()
	for _, d := range knownDifferences {
		_, err := Parse(d.text)
		_, theirErr := other.Parse(d.text)
		if (err == nil) != d.ours || (theirErr == nil) != d.accepted {
			t.Errorf("%q (%s): ours says %v, theirs %v", d.text, d.why, err, theirErr)
		}
	}
}
