package probe

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// endpoint is a place to connect to. address is what stands for it in findings:
// that which was resolved or asked for, before connect_to.
type endpoint struct {
	dial    string // host:port, an address
	address netip.Addr
}

// dial connects to a host, at one address of it if that is given. The order of
// connect_to's entries is: the given address, the host by name, then each
// resolved address, then "*". A "*" redirects connections and invents no names:
// a name that does not resolve cannot be reached.
func (c *Client) dial(ctx context.Context, host string, port uint16, address netip.Addr) (net.Conn, netip.Addr, error) {
	endpoints, err := c.endpoints(ctx, host, port, address)
	phasesOf(ctx).resolved()
	if err != nil {
		return nil, address, err
	}
	var first error
	for i, e := range endpoints {
		conn, err := dialShare(ctx, e.dial, len(endpoints)-i)
		if err == nil {
			return conn, e.address, nil
		}
		// An address without a route says less than one that was tried.
		if kind, _ := classify(first); first == nil || kind == FailNoRoute {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, endpoints[0].address, first
}

// dialShare connects within this address's share of the time that is left.
func dialShare(ctx context.Context, address string, left int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(left))
		defer cancel()
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

func (c *Client) endpoints(ctx context.Context, host string, port uint16, address netip.Addr) ([]endpoint, error) {
	if address.IsValid() {
		d, ok := c.detours.find(address.Unmap().WithZone("").String(), port)
		if !ok {
			d, ok = c.detours.find(host, port)
		}
		if ok {
			return c.detourEndpoints(ctx, d, address)
		}
		return c.addressEndpoints(ctx, address, port)
	}
	if d, ok := c.detours.find(host, port); ok {
		return c.detourEndpoints(ctx, d, netip.Addr{})
	}
	addresses, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var out []endpoint
	for _, a := range addresses {
		next, err := c.addressEndpoints(ctx, a, port)
		if err != nil {
			return nil, err
		}
		out = append(out, next...)
	}
	return out, nil
}

// addressEndpoints applies the entries for an address and for "*".
func (c *Client) addressEndpoints(ctx context.Context, address netip.Addr, port uint16) ([]endpoint, error) {
	d, ok := c.detours.find(address.Unmap().WithZone("").String(), port)
	if !ok {
		d, ok = c.detours.find("", port)
	}
	if ok {
		return c.detourEndpoints(ctx, d, address)
	}
	return []endpoint{{netip.AddrPortFrom(address, port).String(), address}}, nil
}

func (c *Client) detourEndpoints(ctx context.Context, d detour, address netip.Addr) ([]endpoint, error) {
	addresses, err := c.resolve(ctx, d.toHost)
	if err != nil {
		return nil, err
	}
	var out []endpoint
	for _, a := range addresses {
		out = append(out, endpoint{netip.AddrPortFrom(a, d.toPort).String(), address})
	}
	return out, nil
}

// resolve returns the addresses of a host, IPv4 first, or a *lookupError.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761 6.3
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	var v4, v6 Answer
	var both sync.WaitGroup
	both.Go(func() { v4 = c.Lookup(ctx, host, TypeA) })
	both.Go(func() { v6 = c.Lookup(ctx, host, TypeAAAA) })
	both.Wait()
	var out []netip.Addr
	for _, r := range slices.Concat(v4.Records, v6.Records) {
		out = append(out, r.Address)
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, a := range []Answer{v4, v6} {
		if !a.Status.Decided() {
			return nil, &lookupError{a}
		}
	}
	return nil, &lookupError{v4}
}

// splitAddress is net.SplitHostPort for what net/http dials.
func splitAddress(address string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	if port, err = parsePort(text); err != nil {
		return "", 0, err
	}
	host, err = canonicalHost(host)
	return host, port, err
}
