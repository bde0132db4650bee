package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
)

// decodeKey reads the base64 value of tag p.
func decodeKey(keyType, p string) (crypto.PublicKey, *Problem) {
	bad := func(text, remedy string) (crypto.PublicKey, *Problem) {
		return nil, &Problem{Tag: "p", Text: text, Remedy: remedy}
	}
	if strings.Contains(p, "-----") {
		return bad("p holds the header lines of a PEM file", "keep the base64 between them alone")
	}
	der, err := decodeBase64(p)
	if err != nil {
		return bad("p is not base64", "paste the key again, without quotes, ellipses or line numbers")
	}
	if isPrivate(der) {
		return nil, &Problem{Tag: "p", Text: "p holds a private key", Remedy: "revoke it, make a new key pair, publish the public half alone", Private: true}
	}
	if keyType == Ed25519 {
		if len(der) == ed25519.PublicKeySize {
			return ed25519.PublicKey(der), nil
		}
		if pub, err := x509.ParsePKIXPublicKey(der); err == nil {
			if key, ok := pub.(ed25519.PublicKey); ok {
				return bad("p holds an Ed25519 key in the SPKI form; the raw 32 octets are wanted (RFC 8463 section 4)", "write p="+base64.StdEncoding.EncodeToString(key))
			}
			return bad("k=ed25519, but p holds a key of another type", "correct k or p")
		}
		return bad(fmt.Sprintf("p holds %d octets; an Ed25519 key has 32", len(der)), "paste the raw key in base64, 44 characters")
	}
	pub, err := parsePublic(der)
	if err != nil {
		switch {
		case len(der) == ed25519.PublicKeySize:
			return bad("p holds 32 octets, which is no RSA key", "if it is an Ed25519 key, add k=ed25519")
		case truncated(der):
			return bad("the key in p is cut short", "publish the whole value, split into strings of at most 255 octets within one record")
		}
		return bad("p is not a public key in the DER form", "paste the public key of the pair again")
	}
	key, ok := pub.(*rsa.PublicKey)
	if !ok {
		return bad(fmt.Sprintf("p holds a key of another type than %s", keyType), "use an RSA key, or an Ed25519 key with k=ed25519")
	}
	if problem := faultOf(key); problem != nil {
		return nil, problem
	}
	return key, nil
}

// faultOf finds numbers that no RSA key has, however it was written.
func faultOf(key *rsa.PublicKey) *Problem {
	switch {
	case key.N.Sign() <= 0 || key.N.Bit(0) == 0:
		return &Problem{Tag: "p", Text: "the RSA modulus is even", Remedy: "make a new key pair"}
	case key.E < 3 || key.E%2 == 0:
		return &Problem{Tag: "p", Text: fmt.Sprintf("the RSA exponent is %d", key.E), Remedy: "make a new key pair with exponent 65537"}
	}
	return nil
}

// parsePublic reads SPKI, or the bare PKCS#1 that an erratum to RFC 6376 allows.
func parsePublic(der []byte) (crypto.PublicKey, error) {
	if pub, err := x509.ParsePKIXPublicKey(der); err == nil {
		return pub, nil
	}
	return x509.ParsePKCS1PublicKey(der)
}

// decodeBase64 ignores blanks, which the grammar allows anywhere within.
func decodeBase64(s string) ([]byte, error) {
	s = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(s)
	if der, err := base64.StdEncoding.DecodeString(s); err == nil {
		return der, nil
	}
	// Some publish without the padding; verifiers commonly accept that.
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
}

// truncated reports whether DER announces more octets than there are.
func truncated(der []byte) bool {
	if len(der) < 4 || der[0] != 0x30 || der[1]&0x80 == 0 {
		return false
	}
	n := int(der[1] & 0x7f)
	if n == 0 || n > 3 || len(der) < 2+n {
		return false
	}
	length := 0
	for _, b := range der[2 : 2+n] {
		length = length<<8 | int(b)
	}
	return 2+n+length > len(der)
}

// HasPrivateMaterial reports whether a text holds a private key: a PEM header,
// or base64 of a private key in the value of a tag.
func HasPrivateMaterial(text string) bool {
	if strings.Contains(strings.ToUpper(text), "PRIVATE KEY") {
		return true
	}
	for piece := range strings.SplitSeq(text, ";") {
		if name, value, ok := strings.Cut(piece, "="); ok && len(name) < 8 {
			piece = value
		}
		piece = strings.Trim(piece, " \t\r\n\"")
		if der, err := decodeBase64(piece); err == nil && isPrivate(der) || privateHeader(head(piece)) {
			return true
		}
	}
	return false
}

// head decodes the first octets of base64, whatever spoils the rest of it.
func head(text string) []byte {
	const octets, characters = 36, 48
	if len(text) < characters {
		return make([]byte, octets)
	}
	der, err := base64.StdEncoding.DecodeString(text[:characters])
	if err != nil || der[0] != 0x30 {
		return make([]byte, octets)
	}
	return der
}

func isPrivate(der []byte) bool {
	if len(der) < 32 || der[0] != 0x30 {
		return false
	}
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return true
	}
	// A PKCS#1 private key begins with version 0 and a modulus. It is told by
	// its first octets, so that a key cut at 255 is seen too.
	return privateHeader(der)
}

// privateHeader tells SEQUENCE { INTEGER 0, INTEGER ... } (PKCS#1) and
// SEQUENCE { INTEGER 0, SEQUENCE ... } (PKCS#8); a public key begins with the
// modulus or with an algorithm.
func privateHeader(der []byte) bool {
	i := 2
	if der[1]&0x80 != 0 {
		i += int(der[1] & 0x7f)
	}
	return i+4 <= len(der) && der[i] == 0x02 && der[i+1] == 0x01 && der[i+2] == 0x00 && (der[i+3] == 0x02 || der[i+3] == 0x30)
}

// Normalize makes the record to publish from what a person has at hand: a PEM
// public key (SPKI or PKCS#1), a value of p, or a whole record, quoted and
// split or not. The errors say what was given instead and what to do.
func Normalize(input string) (string, error) {
	text := strings.TrimSpace(input)
	switch {
	case text == "":
		return "", Problem{Text: "the public key is empty", Remedy: "give a PEM public key, the value of p, or the whole record"}
	case strings.Contains(text, "-----BEGIN"):
		return fromPEM(text)
	case HasPrivateMaterial(text):
		return "", errPrivate()
	}
	text = joinQuoted(text)
	if strings.Contains(text, ";") || strings.HasPrefix(text, "p=") || strings.HasPrefix(text, "v=") {
		return fromRecord(text)
	}
	der, err := decodeBase64(text)
	if err != nil {
		return "", Problem{Tag: "p", Text: "this is neither PEM nor base64 nor a record", Remedy: "give a PEM public key, the value of p, or the whole record"}
	}
	if len(der) == ed25519.PublicKeySize {
		return format(ed25519.PublicKey(der), nil)
	}
	pub, err := parsePublic(der)
	if err != nil {
		_, problem := decodeKey(RSA, text)
		if problem == nil {
			return "", err
		}
		return "", *problem
	}
	return format(pub, nil)
}

func errPrivate() error {
	return Problem{Private: true, Text: "this is a private key", Remedy: "give the public half (openssl pkey -in key.pem -pubout); if the private key was ever published, make a new pair"}
}

func fromPEM(text string) (string, error) {
	block, rest := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	switch {
	case strings.Contains(text, "PRIVATE KEY"):
		return "", errPrivate()
	case block == nil:
		return "", Problem{Text: "the PEM block is damaged", Remedy: "give it whole, each header line on its own line"}
	case strings.Contains(string(rest), "-----BEGIN"):
		return "", Problem{Text: "there is more than one PEM block", Remedy: "give the public key alone"}
	case block.Type != "PUBLIC KEY" && block.Type != "RSA PUBLIC KEY":
		return "", Problem{Text: fmt.Sprintf("this is a PEM %q", block.Type), Remedy: `give a "PUBLIC KEY"`}
	}
	pub, err := parsePublic(block.Bytes)
	if err != nil {
		return "", Problem{Text: "the PEM block holds no public key that can be read", Remedy: "make the public key again (openssl pkey -in key.pem -pubout)"}
	}
	return format(pub, nil)
}

func fromRecord(text string) (string, error) {
	k, err := ParseKey(text)
	if err != nil {
		return "", err
	}
	if k.Revoked {
		return "", Problem{Tag: "p", Text: "p is empty, which revokes the key", Remedy: "give the public key, or delete the record"}
	}
	return format(k.PublicKey, k.Tags)
}

// format writes v, k, the other tags in their order, then p. The version and
// the key type are always written: some verifiers want them.
func format(pub crypto.PublicKey, tags []Tag) (string, error) {
	keyType, value := RSA, ""
	switch key := pub.(type) {
	case ed25519.PublicKey:
		keyType, value = Ed25519, base64.StdEncoding.EncodeToString(key)
	case *rsa.PublicKey:
		if problem := faultOf(key); problem != nil {
			return "", *problem
		}
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			return "", Problem{Tag: "p", Text: "the RSA key cannot be encoded", Remedy: "make a new key pair"}
		}
		value = base64.StdEncoding.EncodeToString(der)
	default:
		return "", Problem{Tag: "p", Text: fmt.Sprintf("DKIM has no key type for %T", pub), Remedy: "use RSA with 2048 bits, or Ed25519"}
	}
	out := "v=DKIM1; k=" + keyType
	for _, t := range tags {
		if t.Name != "v" && t.Name != "k" && t.Name != "p" {
			out += "; " + t.Name + "=" + t.Value
		}
	}
	return out + "; p=" + value, nil
}

// joinQuoted undoes the zone-file form: "..." "..." and \;.
func joinQuoted(s string) string {
	if !strings.HasPrefix(s, `"`) && !strings.Contains(s, `\;`) {
		return s
	}
	var b strings.Builder
	quoted, seen := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case c == '"':
			quoted, seen = !quoted, true
		case !quoted && seen && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')'):
		default:
			b.WriteByte(c)
		}
	}
	return strings.TrimSpace(b.String())
}
