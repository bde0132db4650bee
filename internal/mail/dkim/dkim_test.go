package dkim

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keys are made once; RSA keys are slow to make.
var keys = sync.OnceValue(func() (k struct {
	rsa  *rsa.PrivateKey
	spki []byte
	ed   ed25519.PublicKey
	ec   []byte
}) {
	k.rsa, _ = rsa.GenerateKey(rand.Reader, 2048)
	k.spki, _ = x509.MarshalPKIXPublicKey(&k.rsa.PublicKey)
	k.ed, _, _ = ed25519.GenerateKey(rand.Reader)
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.ec, _ = x509.MarshalPKIXPublicKey(&ec.PublicKey)
	return k
})

func b64(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

// bareRSA encodes any modulus and exponent as PKCS#1.
func bareRSA(bits uint, exponent int64, odd bool) string {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	if odd {
		n.SetBit(n, 0, 1)
	}
	der, _ := asn1.Marshal(struct{ N, E *big.Int }{n, big.NewInt(exponent)})
	return b64(der)
}

func spkiOf(t *testing.T, pub any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return b64(der)
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	k := keys()
	good := b64(k.spki)
	tests := map[string]struct{ record, problem, issues string }{
		"usual":                {"v=DKIM1; k=rsa; p=" + good, "", ""},
		"p alone":              {"p=" + good, "", ""},
		"blanks in base64":     {"v=DKIM1;p= " + good[:100] + " \t" + good[100:] + " ; ", "", ""},
		"pkcs1":                {"v=DKIM1; p=" + b64(x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)), "", ""},
		"unknown tags":         {"v=DKIM1; x=1; y_2=; p=" + good, "", ""},
		"ed25519":              {"v=DKIM1; k=ed25519; p=" + b64(k.ed), "", ""},
		"strict":               {"v=DKIM1; t=s; p=" + good, "", ""},
		"revoked":              {"v=DKIM1; p=", "", "revoked"},
		"test mode":            {"v=DKIM1; t=y:s; p=" + good, "", "test_mode"},
		"sha1 alone":           {"v=DKIM1; h=sha1; p=" + good, "", "restricted"},
		"sha1 and sha256":      {"v=DKIM1; h=sha1 : sha256; p=" + good, "", ""},
		"not for mail":         {"v=DKIM1; s=tlsrpt; p=" + good, "", "restricted"},
		"for mail":             {"v=DKIM1; s=email; p=" + good, "", ""},
		"old tag":              {"v=DKIM1; g=joe; p=" + good, "", "obsolete"},
		"768 bits":             {"v=DKIM1; p=" + bareRSA(768, 65537, true), "", "weak_key"},
		"1024 bits":            {"v=DKIM1; p=" + bareRSA(1024, 3, true), "", "short_key"},
		"4096 bits":            {"v=DKIM1; p=" + bareRSA(4096, 65537, true), "", ""},
		"16 kbit":              {"v=DKIM1; p=" + bareRSA(16384, 65537, true), "", "long_key"},
		"exponent 1":           {"v=DKIM1; p=" + bareRSA(2048, 1, true), "exponent is 1", ""},
		"even modulus":         {"v=DKIM1; p=" + bareRSA(2048, 65537, false), "modulus is even", ""},
		"trailing octets":      {"v=DKIM1; p=" + b64(append(append([]byte{}, k.spki...), 1, 2)), "not a public key", ""},
		"cut at 255":           {("v=DKIM1; k=rsa; p=" + good)[:255], "cut short|not base64", ""},
		"no p":                 {"v=DKIM1; k=rsa", "p, the public key, is missing", ""},
		"empty":                {"", "p, the public key, is missing", ""},
		"two p":                {"v=DKIM1; p=" + good + "; p=" + good, "appears twice", ""},
		"version 2":            {"v=DKIM2; p=" + good, "v=DKIM1", ""},
		"lower case version":   {"v=dkim1; p=" + good, "v=DKIM1", ""},
		"version last":         {"p=" + good + "; v=DKIM1", "not the first", ""},
		"no semicolon":         {"v=DKIM1 k=rsa p=" + good, "v=DKIM1", ""},
		"type dsa":             {"v=DKIM1; k=dsa; p=" + good, "ignore keys of type", ""},
		"ec key":               {"v=DKIM1; p=" + b64(k.ec), "another type", ""},
		"ed25519 as spki":      {"v=DKIM1; k=ed25519; p=" + spkiOf(t, k.ed), "p=" + b64(k.ed), ""},
		"ed25519 without k":    {"v=DKIM1; p=" + b64(k.ed), "add k=ed25519", ""},
		"rsa as ed25519":       {"v=DKIM1; k=ed25519; p=" + good, "another type", ""},
		"pem armour":           {"v=DKIM1; p=-----BEGIN PUBLIC KEY-----" + good + "-----END PUBLIC KEY-----", "header lines of a PEM", ""},
		"quotes":               {`v=DKIM1; p="` + good + `"`, "quotation marks", ""},
		"escaped semicolon":    {`v=DKIM1\; p=` + good, "backslashes", ""},
		"quotes in a note":     {`v=DKIM1; n=the "old" key; p=` + good, "", ""},
		"quote at the seam":    {`v=DKIM1; p=` + good[:50] + `" "` + good[50:], "quotation marks", ""},
		"private pkcs1":        {"v=DKIM1; p=" + b64(x509.MarshalPKCS1PrivateKey(k.rsa)), "private key", ""},
		"private cut short":    {"v=DKIM1; p=" + b64(x509.MarshalPKCS1PrivateKey(k.rsa))[:200], "private key", ""},
		"private pem":          {"-----BEGIN RSA PRIVATE KEY----- MIIE", "private key", ""},
		"unrelated":            {"google-site-verification=abc", "missing", ""},
		"semicolon twice":      {"v=DKIM1;; p=" + good, "empty tag", ""},
		"hundred unknown tags": {"v=DKIM1; " + manyTags(100) + "p=" + good, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := ParseKey(test.record)
			if (err == nil) != (test.problem == "") {
				t.Fatalf("error %v, want %q", err, test.problem)
			}
			if err != nil {
				found := false
				for alternative := range strings.SplitSeq(test.problem, "|") {
					found = found || strings.Contains(err.Error(), alternative)
				}
				if !found {
					t.Fatalf("error %v, want %q", err, test.problem)
				}
				if strings.Contains(test.problem, "private") != err.(Problems).Private() {
					t.Errorf("private = %v: %v", err.(Problems).Private(), err)
				}
				return
			}
			var kinds []string
			for _, issue := range Lint(key) {
				kinds = append(kinds, string(issue.Kind))
			}
			if diff := cmp.Diff(test.issues, strings.Join(kinds, " ")); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("x" + strings.Repeat("a", i) + "=1; ")
	}
	return b.String()
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	k := keys()
	value := b64(k.spki)
	record := "v=DKIM1; k=rsa; p=" + value
	block := func(typ string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}))
	}
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(k.rsa)
	edSPKI, _ := x509.MarshalPKIXPublicKey(k.ed)
	accepted := map[string][2]string{
		"pem":                 {block("PUBLIC KEY", k.spki), record},
		"pkcs1 pem":           {block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)), record},
		"ed25519 pem":         {block("PUBLIC KEY", edSPKI), "v=DKIM1; k=ed25519; p=" + b64(k.ed)},
		"value":               {value, record},
		"value with newlines": {value[:64] + "\n" + value[64:] + "\n", record},
		"ed25519 value":       {b64(k.ed), "v=DKIM1; k=ed25519; p=" + b64(k.ed)},
		"pkcs1 value":         {b64(x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)), record},
		"p=":                  {"p=" + value, record},
		"record":              {"v=DKIM1;k=rsa;p=" + value + ";", record},
		"other tags kept":     {"v=DKIM1; t=s; x=1; p=" + value, "v=DKIM1; k=rsa; t=s; x=1; p=" + value},
		"zone file":           {`"v=DKIM1\; k=rsa\; p=` + value[:200] + `" "` + value[200:] + `"`, record},
	}
	for name, test := range accepted {
		got, err := Normalize(test[0])
		if err != nil || got != test[1] {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if again, err := Normalize(got); err != nil || again != got {
			t.Errorf("%s: not stable: %v", name, err)
		}
	}
	refused := map[string][2]string{
		"empty":         {" ", "is empty"},
		"private pkcs8": {block("PRIVATE KEY", pkcs8), "private key"},
		"private pkcs1": {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.rsa)), "private key"},
		"private value": {b64(pkcs8), "private key"},
		"certificate":   {block("CERTIFICATE", k.spki), `PEM "CERTIFICATE"`},
		"two blocks":    {block("PUBLIC KEY", k.spki) + block("PUBLIC KEY", k.spki), "more than one"},
		"damaged pem":   {"-----BEGIN PUBLIC KEY-----\nxx", "damaged"},
		"ec":            {block("PUBLIC KEY", k.ec), "no key type"},
		"cut short":     {value[:240], "cut short"},
		"words":         {"my key", "neither PEM nor base64"},
		"revoked":       {"v=DKIM1; p=", "revokes"},
		"typo":          {"v=DKIM1; k=rsa", "missing"},
	}
	for name, test := range refused {
		got, err := Normalize(test[0])
		if err == nil || !strings.Contains(err.Error(), test[1]) {
			t.Errorf("%s: got %q, %v, want an error that says %q", name, got, err, test[1])
		} else if len(err.Error()) > 400 {
			t.Errorf("%s: the error may repeat the input: %v", name, err)
		}
	}
}

func TestSplitStrings(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 255, 256, 510, 511, 4096} {
		value := strings.Repeat("x", n)
		parts := SplitStrings(value)
		if strings.Join(parts, "") != value || len(parts) == 0 {
			t.Errorf("%d octets: the parts do not make the value", n)
		}
		for _, p := range parts {
			if len(p) > 255 {
				t.Errorf("%d octets: a part of %d", n, len(p))
			}
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"v=DKIM1; k=rsa; p=" + b64(keys().spki), "p=", "v=DKIM1;;p=====", `"v=DKIM1\; p=" "x"`, "k=ed25519; p=" + b64(keys().ed), "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "p=MIAC"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := ParseKey(text); err == nil {
			Lint(key)
		}
		IsKey(text)
		if got, err := Normalize(text); err == nil {
			if again, err := Normalize(got); err != nil || again != got {
				t.Fatalf("%q is not stable: %q, %v", got, again, err)
			}
		}
	})
}
