package spf

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// Resolver answers DNS questions. Names are absolute and have no trailing dot.
//
// Errors are *net.DNSError: IsNotFound for NXDOMAIN and for an empty answer,
// anything else means that the question could not be answered (temperror).
type Resolver interface {
	// LookupTXT returns one slice of character-strings per TXT record.
	LookupTXT(ctx context.Context, name string) ([][]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	// LookupNetIP asks for the addresses of one family: network is "ip4" or "ip6".
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	// LookupAddr returns the names of an address in its text form.
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// notFound reports whether a look-up was answered, with nothing.
func notFound(err error) bool {
	var dnsErr *net.DNSError
	return errors.As(err, &dnsErr) && dnsErr.IsNotFound
}

// reason is a stable text for an error of a look-up.
func reason(err error) string {
	var dnsErr *net.DNSError
	if errors.As(err, &dnsErr) {
		if dnsErr.Err == "" && dnsErr.IsTimeout {
			return "timeout"
		}
		return dnsErr.Err
	}
	return err.Error()
}
