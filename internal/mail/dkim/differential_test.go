package dkim

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	other "github.com/emersion/go-msgauth/dkim"
)

// TestDifferentialOnGeneratedRecords holds that a key record is usable by this
// package just where another verifier accepts a signature by it.
func TestDifferentialOnGeneratedRecords(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	p := base64.StdEncoding.EncodeToString(der)
	var signed bytes.Buffer
	message := "From: a@acme.example\r\nSubject: hello\r\n\r\nhello\r\n"
	if err := other.Sign(&signed, strings.NewReader(message), &other.SignOptions{Domain: "acme.example", Selector: "s", Signer: key}); err != nil {
		t.Fatal(err)
	}
	accepts := func(record string) bool {
		verifications, err := other.VerifyWithOptions(bytes.NewReader(signed.Bytes()), &other.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{record}, nil }})
		if err != nil || len(verifications) != 1 {
			t.Fatal(verifications, err)
		}
		return verifications[0].Err == nil
	}
	rng := mathrand.New(mathrand.NewPCG(6376, 1))
	pick := func(values ...string) string { return values[rng.IntN(len(values))] }
	accepted := 0
	for range 400 {
		parts := []string{pick("v=DKIM1", "v=DKIM1", "v = DKIM1", "v=DKIM2", "")}
		parts = append(parts, pick("k=rsa", "k=rsa", "", "k=ed25519", "k=dsa"), pick("h=sha256", "h=sha1", "h=sha1:sha256", "", ""), pick("s=email", "s=*", "s=tlsrpt", "", ""),
			pick("t=s", "t=y", "", ""), pick("n=note", ""), pick("p="+p, "p="+p, "p="+p, "p="+p, "p=", "p="+p[:200], "p=!"))
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		record := strings.Join(parts, pick(";", "; ", " ;\t"))
		theirs := accepts(record)
		if ours := usable(record); ours != theirs {
			t.Errorf("%q: ours says %v, theirs %v", record, ours, theirs)
		}
		if theirs {
			accepted++
		}
	}
	if accepted < 20 {
		t.Errorf("only %d records are accepted", accepted)
	}
	for _, d := range knownVerifierDifferences {
		record := strings.ReplaceAll(d.record, "KEY", p)
		if usable(record) != d.ours || accepts(record) != d.theirs {
			t.Errorf("%q (%s): ours says %v, theirs %v", d.record, d.why, usable(record), accepts(record))
		}
	}
}

// knownVerifierDifferences are records that the two judge differently.
var knownVerifierDifferences = []struct {
	record, why  string
	ours, theirs bool
}{
	{"k=rsa; v=DKIM1; p=KEY", "v must be the first tag if it is there (RFC 6376 section 3.6.1)", false, true},
}

// usable reports whether receivers can verify rsa-sha256 signatures by a record.
func usable(record string) bool {
	k, err := ParseKey(record)
	var problems Problems
	if errors.As(err, &problems) || k.Revoked || k.Type != RSA {
		return false
	}
	return !slices.ContainsFunc(Lint(k), func(i Issue) bool { return i.Kind == Restricted || i.Kind == WeakKey })
}
