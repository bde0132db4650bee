package emailauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// page reads what a fixture serves at an address.
func (w *world) page(t testing.TB, line string, args []string) {
	t.Helper()
	if len(args) < 2 {
		t.Fatalf("%q: an address and a status are wanted", line)
	}
	x := probe.Exchange{FinalURL: args[0], Header: http.Header{}}
	if status, err := strconv.Atoi(args[1]); err == nil {
		x.Status = status
	} else {
		x.Failure, x.Detail = probe.FailureKind(args[1]), args[1]
	}
	if x.Status >= 300 && x.Status < 400 {
		x.Redirect = args[2]
	} else if len(args) > 2 {
		x.Header.Set("Content-Type", args[2])
		_, body, _ := strings.Cut(line, " "+args[2]+" ")
		x.Body = []byte(strings.ReplaceAll(strings.TrimSpace(body), `\n`, "\n"))
	}
	w.pages[args[0]] = x
}

func (w *world) Fetch(_ context.Context, req probe.Request) probe.Exchange {
	if x, ok := w.pages[req.URL]; ok {
		return x
	}
	return probe.Exchange{Failure: probe.FailDNS, Detail: "the host of " + req.URL + " does not exist"}
}

func (w *world) Now() time.Time { return now }

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// leaf is the certificate of every mail server of the fixtures. Its TLSA record
// is not known beforehand: fixtures write 3 1 1 with a digest of zeros for one
// that matches nothing.
var leaf = sync.OnceValue(func() *x509.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.acme.example"}, DNSNames: []string{"mx.acme.example"},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 2, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return c
})

func (w *world) MailServer(_ context.Context, host string, _ netip.Addr) probe.MailServerFacts {
	facts := probe.MailServerFacts{TLSFacts: probe.TLSFacts{Host: host, Now: now}}
	state, ok := w.mailServers[host]
	if !ok {
		facts.Failure, facts.Detail = probe.FailTimeout, "no answer in time"
		return facts
	}
	facts.Greeted = true
	if state == "plain" {
		facts.Failure, facts.Detail = probe.FailOther, "the mail server does not offer STARTTLS"
		return facts
	}
	facts.StartTLS, facts.Chain = true, []*x509.Certificate{leaf()}
	if state == "foreign" {
		facts.NameError = errors.New("another name")
	}
	return facts
}
