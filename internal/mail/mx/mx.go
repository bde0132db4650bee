// Package mx reads, writes and judges MX records (RFC 5321 section 5.1) and the
// null MX of names that take no mail (RFC 7505). Nothing here panics on any input.
package mx

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Record is one MX record. The host is in lower case, without a trailing dot; "."
// alone says that the name takes no mail.
type Record struct {
	Preference uint16
	Host       string
}

// Parse reads the form of a zone file, such as "10 mx.acme.example.".
func Parse(text string) (Record, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return Record{}, fmt.Errorf("%q is not a preference and a host, such as 10 mx.acme.example", text)
	}
	preference, err := strconv.ParseUint(words[0], 10, 16)
	if err != nil {
		return Record{}, fmt.Errorf("the preference %q is not a number from 0 to 65535", words[0])
	}
	host := strings.ToLower(words[1])
	if host != "." {
		host = strings.TrimSuffix(host, ".")
	}
	return Record{uint16(preference), host}, nil
}

// String is the form that Parse reads.
func (r Record) String() string { return strconv.Itoa(int(r.Preference)) + " " + r.Host }

// Nowhere reports whether the record names no host.
func (r Record) Nowhere() bool { return r.Host == "." || r.Host == "" }

// Null reports whether records say that a name takes no mail: one, which names no
// host (RFC 7505 section 3).
func Null(records []Record) bool { return len(records) == 1 && records[0].Nowhere() }

// Conflict reports whether a null MX stands beside other records, which it must not.
func Conflict(records []Record) bool {
	return len(records) > 1 && slices.ContainsFunc(records, Record.Nowhere) && slices.ContainsFunc(records, func(r Record) bool { return !r.Nowhere() })
}

// Found is what the DNS says of the addresses of a host in one family.
type Found struct {
	Addresses []netip.Addr
	Chain     []string // CNAME targets followed, in order
	Exists    bool     // the name does
	Open      string   // why the question went unanswered; empty if it did not
}

// Resolver asks for the addresses of a host, IPv4 or IPv6.
type Resolver interface {
	Addresses(ctx context.Context, host string, v6 bool) Found
}

// Outcome is what is wrong with a host that is to take mail.
type Outcome struct {
	Bad   string // why mail cannot get there
	Open  string // which question went unanswered, where that decides
	Alias string // what the host is an alias of (RFC 2181 section 10.3)
}

// Reach follows the host of an MX record to its addresses.
func Reach(ctx context.Context, r Resolver, host string) Outcome {
	if _, err := netip.ParseAddr(host); err == nil {
		return Outcome{Bad: host + " is an address, where a name is wanted"}
	}
	var both [2]Found
	done := make(chan struct{})
	go func() { both[1] = r.Addresses(ctx, host, true); close(done) }()
	both[0] = r.Addresses(ctx, host, false)
	<-done
	var out Outcome
	var addresses []netip.Addr
	exists := false
	for _, f := range both {
		out.Open = cmp.Or(out.Open, f.Open)
		exists = exists || f.Exists
		if len(f.Chain) > 0 {
			out.Alias = f.Chain[len(f.Chain)-1]
		}
		addresses = append(addresses, f.Addresses...)
	}
	switch {
	case slices.ContainsFunc(addresses, public):
		out.Open = ""
	case out.Open != "":
	case len(addresses) > 0:
		out.Bad = host + " has private addresses only"
	case !exists:
		out.Bad = host + " does not exist"
	default:
		out.Bad = host + " has no address"
	}
	return out
}

func public(a netip.Addr) bool {
	return !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() && !a.IsMulticast()
}
