package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

var errNotAName = errors.New("not a domain name")

// lookupError is a name that could not be resolved on the way to a connection.
type lookupError struct{ answer Answer }

func (e *lookupError) Error() string {
	switch e.answer.Status {
	case NXDomain:
		return e.answer.Name + " does not exist (NXDOMAIN)"
	case NoData:
		return e.answer.Name + " has no address"
	default:
		return e.answer.Name + " could not be looked up: " + e.answer.Detail
	}
}

// classify turns an error of the network into a kind and wording that is the
// same from run to run: no ports, addresses or times.
func classify(err error) (FailureKind, string) {
	var scopeErr *ScopeError
	var lookup *lookupError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var network net.Error
	switch {
	case err == nil:
		return FailNone, ""
	case errors.As(err, &scopeErr):
		return FailScope, scopeErr.Error()
	case errors.As(err, &lookup):
		return FailDNS, lookup.Error()
	case errors.As(err, &verification):
		return FailUnverified, describeVerification(verification.Err)
	case errors.As(err, &record):
		return FailTLS, "the server does not speak TLS"
	case isAlert(err):
		return FailTLS, "the server refused the handshake: " + alertText(err)
	case errors.Is(err, context.Canceled):
		return FailTimeout, "the probe was cut short"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return FailTimeout, "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return FailRefused, "connection refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
		return FailNoRoute, "no route from this machine to the address"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return FailReset, "the connection was closed before an answer"
	case strings.Contains(unwrapURL(err).Error(), "tls: "):
		_, text, _ := strings.Cut(unwrapURL(err).Error(), "tls: ")
		return FailTLS, "the handshake failed: " + stable(text)
	default:
		return FailOther, describeOther(unwrapURL(err))
	}
}

// unwrapURL takes off what net/http puts around its errors: it quotes the URL,
// and the query of a redirect may be a token.
func unwrapURL(err error) error {
	var wrapped *url.Error
	for errors.As(err, &wrapped) && wrapped.Err != nil {
		err = wrapped.Err
	}
	return err
}

// stable cuts a text before its first number or quotation: those vary.
func stable(text string) string {
	if i := strings.IndexAny(text, "0123456789\"(:"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSpace(text)
}

// describeVerification words the reasons of crypto/x509 without its dates and serial numbers.
func describeVerification(err error) string {
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "the certificate does not cover the name"
	case errors.As(err, &authority):
		return "the certificate is not signed by a trusted authority, or an intermediate certificate is not served"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate, or one that it depends on, is expired or not yet valid"
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return "the certificate is not for servers"
	default:
		return "the certificate does not verify"
	}
}

// isAlert reports whether the peer sent a TLS alert. crypto/tls wraps one into
// an OpError of this name; the alert's own type is not exported.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

func alertText(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return strings.TrimPrefix(op.Err.Error(), "tls: ")
	}
	return "alert"
}

// describeOther words what has no kind of its own. The errors themselves are
// never shown: they name URLs, addresses, ports and stream numbers.
func describeOther(err error) string {
	var errno syscall.Errno
	switch text := err.Error(); {
	case errors.Is(err, errScheme), errors.Is(err, errNotAName), errors.Is(err, errBadEncoding):
		return text
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "the server speaks HTTP where HTTPS is expected"
	case strings.Contains(text, "headers exceeded"), strings.Contains(text, "header list"):
		return "the headers of the answer are too long"
	case strings.Contains(text, "http2: "), strings.Contains(text, "stream error"), strings.Contains(text, "GOAWAY"), strings.Contains(text, "connection error: "):
		return "the answer breaks the rules of HTTP/2"
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "malformed MIME"), strings.Contains(text, "chunked"),
		strings.Contains(text, "Content-Length"), strings.Contains(text, "transport connection broken"):
		return "the answer is not HTTP"
	case errors.As(err, &errno):
		return errno.Error()
	default:
		return "the request failed"
	}
}
