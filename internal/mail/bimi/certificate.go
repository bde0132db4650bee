package bimi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // certificates name images by it
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"io"
	"slices"
	"strings"
	"time"
)

// maximumChain is how many certificates of a PEM file are read.
const maximumChain = 8

var (
	// markUsage is id-kp-BrandIndicatorforMessageIdentification.
	markUsage = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 31}
	// logotype is id-pe-logotype (RFC 9399 section 4).
	logotype = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 12}
)

// JudgeCertificate reports what is wrong with the mark certificate in a PEM
// chain, leaf first, for an image shown for a domain: Problems, or nil. Whether
// a mail service trusts its authority is that service's own decision.
func JudgeCertificate(chain []byte, domain, selector string, image []byte, now time.Time) error {
	var problems Problems
	var certificates []*x509.Certificate
	for rest := chain; len(certificates) < maximumChain; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil || block.Type != "CERTIFICATE" {
			problems.Add("serve the chain of certificates alone, as PEM", "a block of the file is no certificate")
			return problems
		}
		certificates = append(certificates, c)
	}
	if len(certificates) == 0 {
		problems.Add("serve the chain of certificates as PEM", "the file holds no certificate")
		return problems
	}
	leaf := certificates[0]
	if now.After(leaf.NotAfter) {
		problems.Add("renew it", "the mark certificate has expired")
	} else if now.Before(leaf.NotBefore) {
		problems.Add("wait, or correct the clock", "the mark certificate is not valid yet")
	}
	if !slices.ContainsFunc(leaf.UnknownExtKeyUsage, markUsage.Equal) {
		problems.Add("order a mark certificate (VMC or CMC)", "the certificate is not one for brand indicators")
	}
	names := []string{strings.ToLower(domain), strings.ToLower(selector + "._bimi." + domain)}
	if !slices.ContainsFunc(leaf.DNSNames, func(san string) bool { return slices.Contains(names, strings.ToLower(san)) }) {
		problems.Add("order one for the domain", "the mark certificate does not name %s", domain)
	}
	if len(image) > 0 && !shows(leaf, image) {
		problems.Add("serve the image that the certificate was issued for", "the image is another than the certificate's")
	}
	return problems.AsError()
}

// shows reports whether a certificate's logotype is the image: it holds a
// digest of it, or the image itself, compressed, in a data address.
func shows(leaf *x509.Certificate, image []byte) bool {
	for _, extension := range leaf.Extensions {
		if !extension.Id.Equal(logotype) {
			continue
		}
		if long, short := sha256.Sum256(image), sha1.Sum(image); bytes.Contains(extension.Value, long[:]) || bytes.Contains(extension.Value, short[:]) { //nolint:gosec // as above
			return true
		}
		const prefix = ";base64,"
		for rest := extension.Value; ; {
			at := bytes.Index(rest, []byte(prefix))
			if at < 0 {
				break
			}
			rest = rest[at+len(prefix):]
			if bytes.Equal(bytes.TrimSpace(embedded(rest)), bytes.TrimSpace(image)) {
				return true
			}
		}
	}
	return false
}

// embedded decodes base64 up to the first octet that is none, and gunzips it.
func embedded(text []byte) []byte {
	end := bytes.IndexFunc(text, func(r rune) bool {
		return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && r != '+' && r != '/' && r != '='
	})
	if end >= 0 {
		text = text[:end]
	}
	data, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		// What follows in the extension may look like base64 too.
		data, _ = base64.RawStdEncoding.DecodeString(string(text[:len(text)/4*4]))
	}
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return data
	}
	defer reader.Close()
	plain, _ := io.ReadAll(io.LimitReader(reader, 4*MaximumImage)) // what is cut short equals nothing
	return plain
}
