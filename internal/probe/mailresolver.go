package probe

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// Resolver answers the DNS questions of the mail packages with values of the
// standard library, so that they need to know nothing of probes.
//
// Every error is a *net.DNSError: IsNotFound with the text "NXDOMAIN" or
// "NODATA", or IsTemporary (and IsTimeout) if the question was not answered.
type Resolver struct{ p Prober }

// MailResolver returns a Resolver that asks through p.
func MailResolver(p Prober) *Resolver { return &Resolver{p} }

// LookupTXT returns one slice of character-strings per TXT record.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([][]string, error) {
	records, err := r.records(ctx, name, TypeTXT)
	var out [][]string
	for _, record := range records {
		out = append(out, record.Strings)
	}
	return out, err
}

// LookupMX returns the MX records; a null MX has the host ".".
func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	records, err := r.records(ctx, name, TypeMX)
	var out []*net.MX
	for _, record := range records {
		out = append(out, &net.MX{Host: record.Host, Pref: record.Preference})
	}
	return out, err
}

// LookupNetIP returns the addresses of one family: network is "ip4" or "ip6".
func (r *Resolver) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	typ := TypeA
	if network == "ip6" {
		typ = TypeAAAA
	}
	records, err := r.records(ctx, host, typ)
	var out []netip.Addr
	for _, record := range records {
		out = append(out, record.Address)
	}
	return out, err
}

// LookupAddr returns the names of an address in its text form.
func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, &net.DNSError{Err: "not an address", Name: addr, IsNotFound: true}
	}
	records, err := r.records(ctx, reverseName(ip), TypePTR)
	var out []string
	for _, record := range records {
		out = append(out, record.Host)
	}
	return out, err
}

func (r *Resolver) records(ctx context.Context, name string, typ RecordType) ([]Record, error) {
	answer := r.p.Lookup(ctx, name, typ)
	switch answer.Status {
	case Found:
		return answer.Records, nil
	case NoData:
		return nil, &net.DNSError{Err: "NODATA", Name: name, IsNotFound: true}
	case NXDomain:
		return nil, &net.DNSError{Err: "NXDOMAIN", Name: name, IsNotFound: true}
	}
	return nil, &net.DNSError{
		Err: answer.Undecided(), Name: name,
		IsTimeout: answer.Status == TimedOut, IsTemporary: true,
	}
}

// Undecided says in stable words why the question was not answered. Where
// nothing came back it names the resolver, which is as configured.
func (a Answer) Undecided() string {
	text := string(a.Status)
	switch {
	case a.Status == TimedOut:
		text = "no answer in time"
	case a.Status == ServFail:
		return "SERVFAIL"
	case a.Status == Refused:
		return "REFUSED"
	case a.Detail != "":
		text = a.Detail
	}
	if a.Resolver != "" && (a.Status == TimedOut || a.Status == NotReached) {
		text += " (" + a.Resolver + ")"
	}
	return text
}

// reverseName is the name below in-addr.arpa or ip6.arpa (RFC 1035 3.5, RFC 3596 2.5).
func reverseName(ip netip.Addr) string {
	const hex = "0123456789abcdef"
	var labels []string
	ip = ip.Unmap()
	if ip.Is4() {
		octets := strings.Split(ip.String(), ".")
		for i := range octets {
			labels = append(labels, octets[len(octets)-1-i])
		}
		return strings.Join(labels, ".") + ".in-addr.arpa"
	}
	octets := ip.As16()
	for i := range octets {
		o := octets[len(octets)-1-i]
		labels = append(labels, string(hex[o&15]), string(hex[o>>4]))
	}
	return strings.Join(labels, ".") + ".ip6.arpa"
}
