package probe

import (
	"cmp"
	"context"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// maxChain is how many CNAMEs are followed. Resolvers give up at 8 to 16.
const maxChain = 12

// Lookup implements Prober. It follows CNAMEs itself where the server leaves
// that to its clients, as authoritative servers do across zones.
func (c *Client) Lookup(ctx context.Context, name string, typ RecordType) Answer {
	asked := strings.ToLower(strings.TrimSuffix(name, "."))
	a := Answer{Name: asked, Type: typ}
	canonical, err := canonicalDNSName(name)
	code, known := dns.StringToType[string(typ)]
	if err != nil || !known {
		a.Status, a.Detail = BadAnswer, "this is not a question that DNS can answer"
		return a
	}
	a.Name = canonical
	current, seen := canonical, map[string]bool{canonical: true}
	for {
		r := c.cache.get(ctx, question{current, code}, func(ctx context.Context) reply {
			return c.ask(ctx, question{current, code})
		})
		a.Resolver, a.Detail, a.Authenticated = r.resolver, r.detail, r.authenticated
		if !r.status.Decided() {
			a.Status = r.status
			break
		}
		before := current
		var status LookupStatus
		if current, status = followChain(r.answer, code, current, seen, &a.Chain); status != "" {
			a.Status, a.Detail = status, "the CNAMEs of the name form a loop, or are too many"
			break
		}
		a.Records = recordsOf(r.answer, current, code)
		if len(a.Records) > 0 {
			a.Status = Found
			break
		}
		if r.status == NXDomain {
			a.Status = NXDomain
			break
		}
		if current == before {
			a.Status = NoData
			break
		}
	}
	c.config.Log(ctx, "dns look-up", map[string]any{"name": a.Name, "type": string(typ), "status": string(a.Status), "resolver": a.Resolver})
	return a
}

// followChain walks the CNAMEs of an answer section from a name to the last
// owner, and notes each target. The status is empty unless they run in a circle.
func followChain(answer []dns.RR, code uint16, from string, seen map[string]bool, chain *[]string) (string, LookupStatus) {
	if code == dns.TypeCNAME {
		return from, ""
	}
	for {
		target := ""
		for _, rr := range answer {
			if cname, ok := rr.(*dns.CNAME); ok && plainName(cname.Hdr.Name) == from {
				target = plainName(cname.Target)
				break
			}
		}
		if target == "" {
			return from, ""
		}
		*chain = append(*chain, target)
		if seen[target] || len(*chain) > maxChain {
			return from, BadAnswer
		}
		seen[target] = true
		from = target
	}
}

func recordsOf(answer []dns.RR, owner string, code uint16) []Record {
	var out []Record
	for _, rr := range answer {
		if rr.Header().Rrtype == code && rr.Header().Class == dns.ClassINET && plainName(rr.Header().Name) == owner {
			out = append(out, toRecord(rr))
		}
	}
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), a.Address.Compare(b.Address), cmp.Compare(a.Value, b.Value))
	})
	return slices.CompactFunc(out, func(a, b Record) bool { return a.Value == b.Value })
}

func toRecord(rr dns.RR) Record {
	h := rr.Header()
	r := Record{
		Name: plainName(h.Name), Type: RecordType(dns.TypeToString[h.Rrtype]), TTL: time.Duration(h.Ttl) * time.Second,
		Value: strings.TrimPrefix(rr.String(), h.String()),
	}
	switch rr := rr.(type) {
	case *dns.A:
		r.Address, _ = netip.AddrFromSlice(rr.A.To4())
	case *dns.AAAA:
		r.Address, _ = netip.AddrFromSlice(rr.AAAA.To16())
	case *dns.CNAME:
		r.Host = plainName(rr.Target)
	case *dns.NS:
		r.Host = plainName(rr.Ns)
	case *dns.PTR:
		r.Host = plainName(rr.Ptr)
	case *dns.MX:
		r.Host, r.Preference = plainName(rr.Mx), rr.Preference
	case *dns.SRV:
		r.Host = plainName(rr.Target)
	case *dns.TXT:
		for _, s := range rr.Txt {
			r.Strings = append(r.Strings, unescapeTXT(s))
		}
		r.Value = strings.Join(r.Strings, "")
	case *dns.TLSA:
		r.Usage, r.Selector, r.Matching = rr.Usage, rr.Selector, rr.MatchingType
		r.Data, _ = hex.DecodeString(rr.Certificate)
	case *dns.SOA:
		r.Serial = rr.Serial
	case *dns.CAA:
		r.CAAFlag, r.CAATag, r.CAAValue = rr.Flag, strings.ToLower(rr.Tag), unescapeTXT(rr.Value)
	}
	return r
}

// plainName is a name in lower case without its trailing dot; the root stays ".".
func plainName(name string) string {
	name = strings.ToLower(name)
	if name == "." {
		return name
	}
	return strings.TrimSuffix(name, ".")
}

// unescapeTXT undoes the library's presentation form, \" \\ and \DDD
// (RFC 1035 5.1), to the bytes that were sent.
func unescapeTXT(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) && digits(s[i+1:i+4]) {
			if n := int(s[i+1]-'0')*100 + int(s[i+2]-'0')*10 + int(s[i+3]-'0'); n <= 255 {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// canonicalDNSName is canonicalHost for any owner name: more than host names
// can be asked about, but neither empty labels nor what exceeds RFC 1035 2.3.4.
func canonicalDNSName(name string) (string, error) {
	if name == "." {
		return ".", nil
	}
	if host, err := canonicalHost(name); err == nil {
		return host, nil
	}
	lower := strings.ToLower(strings.TrimSuffix(name, "."))
	if _, ok := dns.IsDomainName(dns.Fqdn(lower)); !ok || lower == "" || !isASCII(lower) {
		return "", errNotAName
	}
	return lower, nil
}

// CanonicalValue writes RDATA in presentation form (RFC 1035 5.1) the one way that
// answers have it in Record.Value: numbers and sizes in their shortest form, and
// the parameters of a service in the order of their keys (RFC 9460 2.2). What
// cannot be read comes back as it is.
func CanonicalValue(typ RecordType, text string) string {
	if strings.ContainsAny(text, "\r\n") {
		return text
	}
	rr, err := dns.NewRR(". 0 IN " + string(typ) + " " + text)
	if err != nil || rr == nil {
		return text
	}
	var parameters []dns.SVCBKeyValue
	switch rr := rr.(type) {
	case *dns.HTTPS:
		parameters = rr.Value
	case *dns.SVCB:
		parameters = rr.Value
	}
	slices.SortFunc(parameters, func(a, b dns.SVCBKeyValue) int { return cmp.Compare(a.Key(), b.Key()) })
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}
