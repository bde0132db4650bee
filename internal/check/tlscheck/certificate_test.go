package tlscheck

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Certificates of every usual lifetime, at ages around those of their renewal.
func TestExpiry(t *testing.T) {
	t.Parallel()
	const day, hour = 24 * time.Hour, time.Hour
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		lifetime, left time.Duration
		minimum        int
		severity       readiness.Severity // empty = pass
		says           string
	}{
		"90 days, new":                   {90 * day, 90 * day, 21, "", ""},
		"90 days, at renewal":            {90 * day, 30 * day, 21, "", ""},
		"90 days, just enough":           {90 * day, 21 * day, 21, "", ""},
		"90 days, renewal is late":       {90 * day, 21*day - time.Second, 21, readiness.Medium, "the certificate expires on 2026-05-30: fewer than 21 days left"},
		"90 days, it has failed":         {90 * day, 15*day - time.Second, 21, readiness.High, "the certificate expires on 2026-05-30: fewer than 15 days left"},
		"90 days, two left":              {90 * day, 2 * day, 21, readiness.Critical, "the certificate expires on 2026-05-30: fewer than 3 days left"},
		"90 days, more is asked":         {90 * day, 23 * day, 60, "", ""},
		"90 days, a quarter is the most": {90 * day, 22 * day, 60, readiness.Medium, "the certificate expires on 2026-05-30: fewer than 23 days left"},
		"90 days, little asked":          {90 * day, 8 * day, 7, "", ""},
		"90 days, less than that":        {90 * day, 7*day - hour, 7, readiness.High, "the certificate expires on 2026-05-30: fewer than 7 days left"},
		"47 days, at renewal":            {47 * day, 47 * day / 3, 21, "", ""},
		"47 days, renewal is late":       {47 * day, 11 * day, 21, readiness.Medium, "the certificate expires on 2026-04-17: fewer than 12 days left"},
		"47 days, it has failed":         {47 * day, 7 * day, 21, readiness.High, "the certificate expires on 2026-04-17: fewer than 8 days left"},
		"30 days, at a late renewal":     {30 * day, 7 * day, 21, readiness.Medium, ""},
		"30 days, it has failed":         {30 * day, 4 * day, 21, readiness.High, ""},
		"14 days, at renewal":            {14 * day, 14 * day / 3, 21, "", ""},
		"14 days, at a late renewal":     {14 * day, 3 * day, 21, readiness.Medium, ""},
		"14 days, it has failed":         {14 * day, 2 * day, 21, readiness.High, ""},
		"14 days, a day left":            {14 * day, day, 21, readiness.Critical, ""},
		"6 days, new":                    {160 * hour, 160 * hour, 21, "", ""},
		"6 days, at renewal":             {160 * hour, 54 * hour, 21, "", ""},
		"6 days, renewal is late":        {160 * hour, 39 * hour, 21, readiness.Medium, "the certificate expires on 2026-03-07: fewer than 2 days left"},
		"6 days, it has failed":          {160 * hour, 20 * hour, 21, readiness.High, ""},
		"two days":                       {48 * hour, 7 * hour, 21, readiness.High, "the certificate expires on 2026-03-03: fewer than 8 hours left"},
		"nothing asked, an hour left":    {90 * day, hour, 0, "", ""},
		"nothing asked, its last second": {90 * day, 0, 0, "", ""},
		"expired":                        {90 * day, -time.Second, 0, readiness.Critical, "the certificate expired on 2026-05-30"},
		"not valid yet":                  {90 * day, 91 * day, 0, readiness.Critical, "the certificate is not valid before 2026-03-01"},
		"a year":                         {398 * day, 20 * day, 21, readiness.High, "the certificate expires on 2027-04-03: fewer than 21 days left"},
	} {
		leaf := &x509.Certificate{NotBefore: start, NotAfter: start.Add(tt.lifetime)}
		v := judgeExpiry(probe.TLSFacts{Chain: []*x509.Certificate{leaf}, Now: leaf.NotAfter.Add(-tt.left)}, tt.minimum)
		if (v.status == readiness.Pass) != (tt.severity == "") || v.severity != tt.severity || tt.says != "" && v.message != tt.says {
			t.Errorf("%s: %s %s, %q", name, v.status, v.severity, v.message)
		}
	}
}

// A chain ends with the first of its certificates; of several chains the one
// that lasts longest counts, and roots do not.
func TestExpiryOfTheChain(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	lasting := func(name string, d time.Duration) *x509.Certificate {
		return &x509.Certificate{Raw: []byte(name), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-day), NotAfter: now.Add(d)}
	}
	leaf, long, short, root := lasting("leaf", 89*day), lasting("long", 900*day), lasting("short", 6*time.Hour), lasting("root", day)
	for name, tt := range map[string]struct {
		chains   [][]*x509.Certificate
		severity readiness.Severity
		says     string
	}{
		"does not verify":         {nil, "", ""},
		"sound":                   {[][]*x509.Certificate{{leaf, long, root}}, "", ""},
		"the intermediate ends":   {[][]*x509.Certificate{{leaf, short, root}}, readiness.Critical, `the intermediate "short" expires on 2026-03-01`},
		"one of two chains ends":  {[][]*x509.Certificate{{leaf, short, root}, {leaf, long, root}}, "", ""},
		"all chains end":          {[][]*x509.Certificate{{leaf, short, root}, {leaf, long, short, root}}, readiness.Critical, `"short"`},
		"the leaf is its own":     {[][]*x509.Certificate{{leaf}}, "", ""},
		"a leaf directly by root": {[][]*x509.Certificate{{leaf, root}}, "", ""},
	} {
		v := judgeExpiry(probe.TLSFacts{Chain: []*x509.Certificate{leaf, long}, Verified: tt.chains, Now: now}, 21)
		if v.severity != tt.severity || (v.status == readiness.Pass) != (tt.severity == "") || !strings.Contains(v.message, tt.says) {
			t.Errorf("%s: %s %s, %q", name, v.status, v.severity, v.message)
		}
	}
}

// Each fault of a chain or a name is told apart, for each is mended elsewhere.
func TestCertificateMessages(t *testing.T) {
	t.Parallel()
	issued := func(subject, issuer string, names ...string) *x509.Certificate {
		return &x509.Certificate{RawSubject: []byte(subject), RawIssuer: []byte(issuer), Subject: pkix.Name{CommonName: subject}, Issuer: pkix.Name{CommonName: issuer}, DNSNames: names}
	}
	leaf, own, middle := issued("acme.example", "R10", "acme.example"), issued("acme.example", "acme.example"), issued("R10", "Old Root")
	unknown := x509.UnknownAuthorityError{}
	weak, weakMiddle := issued("acme.example", "R10", "acme.example"), issued("R10", "Old Root")
	weak.SignatureAlgorithm, weakMiddle.SignatureAlgorithm = x509.SHA1WithRSA, x509.SHA1WithRSA
	for name, tt := range map[string]struct {
		judge func(probe.TLSFacts) verdict
		facts probe.TLSFacts
		says  string
	}{
		"self-signed":          {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{own}, ChainError: unknown}, "self-signed"},
		"alone":                {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf}, ChainError: unknown}, `issued by "R10"`},
		"unknown root":         {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf, middle}, ChainError: unknown}, `ends at "Old Root"`},
		"expired intermediate": {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf, middle}, ChainError: x509.CertificateInvalidError{Reason: x509.Expired}}, "an intermediate certificate is expired"},
		"for clients":          {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf}, ChainError: x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}}, "not for servers"},
		"common name only":     {judgeName, probe.TLSFacts{Chain: []*x509.Certificate{own}, NameError: x509.HostnameError{}}, "common name does not count"},
		"other names":          {judgeName, probe.TLSFacts{Chain: []*x509.Certificate{issued("a", "b", "1.example", "2.example", "3.example", "4.example", "5.example", "6.example")}, NameError: x509.HostnameError{}}, "5.example, 1 more"},
		"wrong intermediate":   {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf, issued("R3", "Root X")}, ChainError: unknown}, `issued by "R10", and none of the other`},
		"out of order":         {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf, issued("Other", "Any"), middle}, ChainError: unknown}, `ends at "Old Root"`},
		"SHA-1 alone":          {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{weak, middle}, ChainError: unknown}, "the certificate is signed with SHA1-RSA, which clients refuse"},
		"SHA-1 above":          {judgeChain, probe.TLSFacts{Chain: []*x509.Certificate{leaf, weakMiddle}, ChainError: unknown}, `the intermediate "R10" is signed with SHA1-RSA`},
		"nothing sent":         {judgeChain, probe.TLSFacts{ChainError: unknown}, "no certificate"},
		"SHA-1":                {judgeKeys, probe.TLSFacts{Chain: []*x509.Certificate{{SignatureAlgorithm: x509.SHA1WithRSA, RawSubject: []byte("a")}}}, "signed with SHA1-RSA"},
	} {
		if v := tt.judge(tt.facts); v.status == readiness.Pass || !strings.Contains(v.message, tt.says) {
			t.Errorf("%s: %s, %q does not say %q", name, v.status, v.message, tt.says)
		}
	}
}

// What is sent along and no sound chain needs weakens nothing.
func TestKeysThatNobodyNeeds(t *testing.T) {
	t.Parallel()
	leaf, root := &x509.Certificate{Raw: []byte("leaf"), RawIssuer: []byte("root")}, &x509.Certificate{Raw: []byte("root"), RawSubject: []byte("root")}
	cross := &x509.Certificate{Raw: []byte("cross"), RawSubject: []byte("root"), RawIssuer: []byte("old"), SignatureAlgorithm: x509.SHA1WithRSA}
	for name, tt := range map[string]struct {
		verified [][]*x509.Certificate
		status   readiness.Status
	}{
		"beside a sound chain":    {[][]*x509.Certificate{{leaf, root}}, readiness.Pass},
		"in a chain":              {[][]*x509.Certificate{{leaf, cross}}, readiness.Fail},
		"where no chain is known": {nil, readiness.Fail},
	} {
		if v := judgeKeys(probe.TLSFacts{Chain: []*x509.Certificate{leaf, cross}, Verified: tt.verified}); v.status != tt.status {
			t.Errorf("%s: %s, %q", name, v.status, v.message)
		}
	}
}
