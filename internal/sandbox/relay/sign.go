package relay

import (
	"bytes"
	"crypto"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"sync"

	"github.com/emersion/go-msgauth/dkim"
)

// Keys that were made for the sandbox and are good for nothing else. The public
// halves are in the zones that the sandbox serves; the client's is fixed so that
// every run serves the same records and none waits for a key to be made.
//
//go:embed sandbox-only-client.pem
var clientPEM []byte

//go:embed sandbox-only-vendor.pem
var vendorPEM []byte

var (
	clientKey = sync.OnceValues(func() (crypto.Signer, error) { return parse(clientPEM) })
	vendorKey = sync.OnceValues(func() (crypto.Signer, error) { return parse(vendorPEM) })
)

func parse(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("no PEM block")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%T does not sign", key)
	}
	return signer, nil
}

// sign signs a message of the client, or does what the faults ask for.
func (s *Server) sign(raw []byte) ([]byte, error) {
	switch {
	case s.on(Unsigned):
		return raw, nil
	case s.on(VendorSigned):
		return signAs(raw, Vendor, vendorSelector, vendorKey)
	case s.on(KeyMismatch):
		return signAs(raw, s.options.Domain, s.options.Selector, vendorKey)
	default:
		return signAs(raw, s.options.Domain, s.options.Selector, clientKey)
	}
}

// signAs puts a signature over the fields that RFC 6376 5.4.1 recommends on top.
func signAs(raw []byte, domain, selector string, key func() (crypto.Signer, error)) ([]byte, error) {
	signer, err := key()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: signer, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "Reply-To", "Subject", "Date", "To", "Cc", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"},
	})
	return out.Bytes(), err
}
