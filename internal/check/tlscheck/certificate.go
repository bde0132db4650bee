package tlscheck

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const minimumRSABits = 2048

func judgeChain(f probe.TLSFacts) verdict {
	if f.ChainError == nil {
		return pass("the chain leads to a trusted authority")
	}
	v := fail(describeChainError(f))
	if weak := weakLink(f.Chain); weak != "" {
		v.message = weak + ", which clients refuse whatever the rest of the chain is"
		v.remedy = "Reissue the certificate, signed with SHA-256 or better along its whole chain."
	}
	return v
}

// path follows the issuers from the leaf through what is served, in whatever order
// that is, and ends where the issuer is not among it.
func path(served []*x509.Certificate) []*x509.Certificate {
	if len(served) == 0 {
		return nil
	}
	out := served[:1:1]
	for range served {
		last := out[len(out)-1]
		next := slices.IndexFunc(served, func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, last.RawIssuer) })
		if next < 0 || selfSigned(last) {
			break
		}
		out = append(out, served[next])
	}
	return out
}

// weakLink names the first certificate from the leaf to the root whose signature
// is of a broken hash; empty if none is.
func weakLink(served []*x509.Certificate) string {
	for i, c := range path(served) {
		if weakSignature(c) && (i == 0 || !selfSigned(c)) {
			return titleOf(i, c) + " is signed with " + c.SignatureAlgorithm.String()
		}
	}
	return ""
}

func titleOf(i int, c *x509.Certificate) string {
	if i == 0 {
		return "the certificate"
	}
	return fmt.Sprintf("the intermediate %q", c.Subject.CommonName)
}

func weakSignature(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// describeChainError words the fault without dates, serial numbers or addresses.
func describeChainError(f probe.TLSFacts) string {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	leaf := f.Leaf()
	switch {
	case leaf == nil:
		return "the server sent no certificate"
	case errors.As(f.ChainError, &authority) && selfSigned(leaf):
		return "the certificate is self-signed"
	case errors.As(f.ChainError, &authority) && len(f.Chain) == 1:
		return fmt.Sprintf("the server sends its certificate alone, without an intermediate that leads to a trusted authority; it was issued by %q", leaf.Issuer.CommonName)
	case errors.As(f.ChainError, &authority) && len(path(f.Chain)) == 1:
		return fmt.Sprintf("the certificate was issued by %q, and none of the other certificates that the server sends is that", leaf.Issuer.CommonName)
	case errors.As(f.ChainError, &authority):
		linked := path(f.Chain)
		return fmt.Sprintf("the chain that is served ends at %q, which no trusted authority has signed", linked[len(linked)-1].Issuer.CommonName)
	case errors.As(f.ChainError, &invalid) && invalid.Reason == x509.Expired:
		return "an intermediate certificate is expired or not yet valid"
	case errors.As(f.ChainError, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return "the certificate is not for servers"
	default:
		text, _, _ := strings.Cut(f.ChainError.Error(), ":")
		if _, rest, ok := strings.Cut(f.ChainError.Error(), "x509: "); ok {
			text = rest
		}
		return "the chain does not verify: " + text
	}
}

func selfSigned(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

func judgeName(f probe.TLSFacts) verdict {
	leaf := f.Leaf()
	switch {
	case f.NameError == nil:
		return pass("the certificate covers the host")
	case leaf == nil:
		return fail("the server sent no certificate")
	case len(leaf.DNSNames) == 0 && len(leaf.IPAddresses) == 0:
		return fail("the certificate has no subject alternative names; its common name does not count")
	default:
		names := append([]string(nil), leaf.DNSNames...)
		for _, ip := range leaf.IPAddresses {
			names = append(names, ip.String())
		}
		const shown = 5
		if len(names) > shown {
			names = append(names[:shown], fmt.Sprintf("%d more", len(names)-shown))
		}
		return fail("the certificate is for " + strings.Join(names, ", "))
	}
}

// judgeExpiry asks for some days to go, in three steps that leave room for
// renewal at its usual time, whatever the lifetime: at two thirds of it for most
// authorities, at a quarter or a fifth to go for some. With 21 days asked for,
// a certificate of 90 days is medium below 21 days, high below 15, critical
// below 3; one of a year is high below 21; one of 14 days is high below 2.3.
func judgeExpiry(f probe.TLSFacts, minimumDays int) verdict {
	leaf := f.Leaf()
	if leaf == nil {
		return unclear("the server sent no certificate")
	}
	as := func(severity readiness.Severity, message string) verdict {
		v := fail(message)
		v.severity = severity
		return v
	}
	ends := firstToExpire(f)
	what := "the certificate"
	if ends != leaf {
		what = fmt.Sprintf("the intermediate %q", ends.Subject.CommonName)
	}
	on := ends.NotAfter.UTC().Format(time.DateOnly)
	left := ends.NotAfter.Sub(f.Now)
	switch {
	case f.Now.Before(leaf.NotBefore):
		return as(readiness.Critical, "the certificate is not valid before "+leaf.NotBefore.UTC().Format(time.DateOnly))
	case left < 0:
		return as(readiness.Critical, what+" expired on "+on)
	}
	const day = 24 * time.Hour
	lifetime, minimum := leaf.NotAfter.Sub(leaf.NotBefore), time.Duration(minimumDays)*day
	for _, step := range []struct {
		severity readiness.Severity
		below    time.Duration
	}{
		{readiness.Critical, min(minimum, 3*day, lifetime/10)},
		{readiness.High, min(minimum, lifetime/6)},
		{readiness.Medium, min(minimum, lifetime/4)},
	} {
		if left < step.below {
			return as(step.severity, fmt.Sprintf("%s expires on %s: fewer than %s left", what, on, days(step.below)))
		}
	}
	return pass("the certificate is valid for long enough")
}

// firstToExpire is the certificate whose end ends the trust in the leaf: the
// first of the chain that lasts longest. Chains that do not verify, such as
// over an expired cross-signature, do not count; nor do roots, which clients
// have of their own.
func firstToExpire(f probe.TLSFacts) *x509.Certificate {
	var best *x509.Certificate
	for _, chain := range f.Verified {
		first := chain[0]
		for _, c := range chain[1:max(len(chain)-1, 1)] {
			if c.NotAfter.Before(first.NotAfter) {
				first = c
			}
		}
		if best == nil || first.NotAfter.After(best.NotAfter) {
			best = first
		}
	}
	if best == nil || best.Equal(f.Leaf()) {
		return f.Leaf()
	}
	return best
}

// days rounds up, so that "fewer than" stays true.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d <= day {
		return fmt.Sprintf("%d hours", (d+time.Hour-1)/time.Hour)
	}
	return fmt.Sprintf("%d days", (d+day-1)/day)
}

// judgeKeys looks at the keys of all that is served, and at the signatures but
// those of roots, which nobody verifies. What no sound chain needs, such as an old
// cross-signature that is sent along, does not count.
func judgeKeys(f probe.TLSFacts) verdict {
	for i, c := range f.Chain {
		if len(f.Verified) > 0 && !slices.ContainsFunc(f.Verified, func(chain []*x509.Certificate) bool { return slices.ContainsFunc(chain, c.Equal) }) {
			continue
		}
		what := titleOf(i, c)
		switch key := c.PublicKey.(type) {
		case *rsa.PublicKey:
			if key.N.BitLen() < minimumRSABits {
				return fail(fmt.Sprintf("%s has an RSA key of %d bits", what, key.N.BitLen()))
			}
		case *ecdsa.PublicKey:
			if key.Curve.Params().BitSize < 256 {
				return fail(fmt.Sprintf("%s has a key on %s", what, key.Curve.Params().Name))
			}
		}
		if i > 0 && selfSigned(c) {
			continue
		}
		if weakSignature(c) {
			return fail(fmt.Sprintf("%s is signed with %s", what, c.SignatureAlgorithm))
		}
	}
	return pass("keys and signatures are strong")
}
