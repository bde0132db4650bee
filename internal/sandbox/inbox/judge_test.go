package inbox

import (
	"net"
	"testing"

	"github.com/emersion/go-msgauth/authres"
)

// TestAlign is RFC 9989 4.4 and 5.3: whose word counts for an author's domain.
func TestAlign(t *testing.T) {
	t.Parallel()
	records := map[string]string{
		"_dmarc.acme.example":       "v=DMARC1; p=reject",
		"_dmarc.strict.example":     "v=DMARC1; p=reject; adkim=s; aspf=s",
		"_dmarc.own.strict.example": "v=DMARC1; p=none",
		"_dmarc.unreadable.example": "v=DMARC1; p=perhaps",
	}
	lookup := func(name string) ([]string, error) {
		if text, ok := records[name]; ok {
			return []string{text}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	good := func(domain string) []signature { return []signature{{domain, "s", authres.ResultPass}} }
	for _, tc := range []struct {
		what, author, passed string
		signatures           []signature
		want                 authres.ResultValue
	}{
		{"SPF of a subdomain", "acme.example", "pm-bounces.acme.example", nil, authres.ResultPass},
		{"a signature of the domain", "acme.example", "", good("acme.example"), authres.ResultPass},
		{"a signature of the vendor", "acme.example", "", good("mtasv.net"), authres.ResultFail},
		{"a broken signature", "acme.example", "", []signature{{"acme.example", "s", authres.ResultFail}}, authres.ResultFail},
		{"nothing", "acme.example", "", nil, authres.ResultFail},
		{"a subdomain of the author's", "news.acme.example", "acme.example", nil, authres.ResultPass},
		{"strict, a subdomain", "strict.example", "pm.strict.example", good("pm.strict.example"), authres.ResultFail},
		{"strict, the same", "strict.example", "", good("strict.example"), authres.ResultPass},
		{"a policy of its own", "own.strict.example", "strict.example", nil, authres.ResultPass},
		{"no policy", "partner.example", "partner.example", nil, authres.ResultNone},
		{"no author", "", "acme.example", nil, authres.ResultNone},
		{"a policy that says nothing", "unreadable.example", "unreadable.example", nil, authres.ResultPermError},
	} {
		if got := align(tc.author, tc.passed, tc.signatures, lookup); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.what, got, tc.want)
		}
	}
}

func TestTag(t *testing.T) {
	t.Parallel()
	const folded = "v=1; a=rsa-sha256; d=acme.example;\r\n\ts=2026\r\n 0301; bh=s=x"
	if got := tag(folded, "s"); got != "20260301" {
		t.Errorf("selector %q", got)
	}
	if got := tag(folded, "x"); got != "" {
		t.Errorf("a tag that is not there: %q", got)
	}
}
