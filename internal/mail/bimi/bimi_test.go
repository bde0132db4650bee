package bimi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, fault := range map[string]string{
		"v=BIMI1; l=https://acme.example/logo.svg; a=https://acme.example/vmc.pem": "",
		"v=BIMI1; l=https://acme.example/logo.svg; a=;":                            "",
		"v=BIMI1; l=; a=;": "",
		"v=BIMI1; l=https://acme.example/logo.svg; avp=personal; lps=a,b": "",
		"v=BIMI1; l=http://acme.example/logo.svg":                         "https",
		"v=BIMI1; l=https://acme.example/a.svg,https://b.example/b.svg":   "https",
		"v=BIMI1; a=https://acme.example/vmc.pem":                         "the tag l",
		"v=BIMI1":                               "v=BIMI1 and a semicolon",
		"v=bimi1; l=https://acme.example/l.svg": "v=BIMI1 and a semicolon",
		"v=BIMI1; l=https://acme.example/l.svg; avp=both": "avp",
	} {
		_, err := Parse(text)
		if (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: %v; want %q", text, err, fault)
		}
	}
}

const logo = `<?xml version="1.0"?><svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>Acme</title><path d="M0 0h64v64H0z"/></svg>`

func TestJudgeSVG(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ image, fault string }{
		"sound":       {logo, ""},
		"profile":     {strings.Replace(logo, "tiny-ps", "tiny", 1), "profile"},
		"version":     {strings.Replace(logo, `<svg version="1.2"`, `<svg version="1.1"`, 1), "version"},
		"title":       {strings.Replace(logo, "<title>Acme</title>", "", 1), "title"},
		"x":           {strings.Replace(logo, "<svg ", `<svg x="0" `, 1), "attribute x"},
		"not square":  {strings.Replace(logo, "0 0 64 64", "0 0 64 32", 1), "square"},
		"script":      {strings.Replace(logo, "<path", "<script>alert(1)</script><path", 1), "<script>"},
		"handler":     {strings.Replace(logo, "<path", `<path onclick="x()"`, 1), "event handler"},
		"external":    {strings.Replace(logo, "<path", `<use href="https://elsewhere.example/x.svg#a"/><path`, 1), "outside"},
		"internal":    {strings.Replace(logo, "<path", `<use href="#a"/><path id="a"`, 1), ""},
		"entities":    {strings.Replace(logo, "<svg", `<!DOCTYPE svg [<!ENTITY a "b">]><svg`, 1), "entities"},
		"compressed":  {"\x1f\x8b\x08\x00", "compressed"},
		"large":       {strings.Replace(logo, "<path", "<!--"+strings.Repeat("x", MaximumImage)+"--><path", 1), "32 kB"},
		"page":        {"<!doctype html><html><body></body></html>", "<html>"},
		"not xml":     {"logo", "title"},
		"cut":         {logo[:100], "well-formed"},
		"empty image": {"", "title"},
	} {
		err := JudgeSVG([]byte(c.image))
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v; want %q", name, err, c.fault)
		}
	}
}

func TestJudgeCertificate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	digest := sha256.Sum256([]byte(logo))
	issue := func(name string, usage asn1.ObjectIdentifier, notAfter time.Time) []byte {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme"}, DNSNames: []string{name}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: notAfter,
			UnknownExtKeyUsage: []asn1.ObjectIdentifier{usage}, ExtraExtensions: []pkix.Extension{{Id: logotype, Value: digest[:]}},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	year := now.AddDate(1, 0, 0)
	for name, c := range map[string]struct {
		chain []byte
		image string
		fault string
	}{
		"sound":            {issue("acme.example", markUsage, year), logo, ""},
		"by selector":      {issue("default._bimi.acme.example", markUsage, year), logo, ""},
		"another domain":   {issue("other.example", markUsage, year), logo, "does not name"},
		"expired":          {issue("acme.example", markUsage, now.AddDate(0, 0, -1)), logo, "expired"},
		"of a web server":  {issue("acme.example", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1, 9}, year), logo, "not one for brand indicators"},
		"of another image": {issue("acme.example", markUsage, year), logo + " ", "another"},
		"nothing":          {[]byte("hello"), logo, "no certificate"},
	} {
		err := JudgeCertificate(c.chain, "acme.example", "default", []byte(c.image), now)
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v; want %q", name, err, c.fault)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=BIMI1; l=https://a.b/c.svg; a=;", "v=BIMI1;;l", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(Format(r)); err != nil || again != r {
			t.Fatalf("%q is not stable: %v, %v", text, again, err)
		}
	})
}

func FuzzImage(f *testing.F) {
	for _, s := range []string{logo, "<svg/>", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg>&a;</svg>", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		_ = JudgeSVG(b)
		_ = JudgeCertificate(b, "acme.example", "default", b, time.Time{})
	})
}
