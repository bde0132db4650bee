package zonefile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// Types returns the record types that Cloudflare serves and this package reads
// (https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/).
func Types() []string {
	return []string{
		"A", "AAAA", "CAA", "CERT", "CNAME", "DNSKEY", "DS", "HTTPS", "LOC", "MX", "NAPTR", "NS", "OPENPGPKEY", "PTR",
		"SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI",
	}
}

// hostTypes are those whose value is a host, or ends with one.
func hostType(recordType string) bool {
	return slices.Contains([]string{"CNAME", "NS", "PTR", "MX", "SRV"}, recordType)
}

// targetOf is the host that a record names, or "".
func targetOf(r cloudflare.Record) string {
	if target, ok := r.Data["target"].(string); ok && r.Type == "SRV" {
		return target
	}
	if hostType(r.Type) {
		return r.Content
	}
	return ""
}

// FromValue makes a record of a type and its value in presentation form, such
// as "10 mail.acme.example" for MX. Hosts are full names, with or without the
// final dot; "@" is the zone. The value of TXT is plain text, or text that is
// quoted as in a zone file. Name, TTL and the rest are the caller's.
func FromValue(recordType, value, zone string) (cloudflare.Record, error) {
	recordType = strings.ToUpper(recordType)
	if !slices.Contains(Types(), recordType) {
		return cloudflare.Record{}, fmt.Errorf("type %s is not served by Cloudflare; it is one of %s", recordType, strings.Join(Types(), ", "))
	}
	if recordType == "TXT" {
		return cloudflare.Record{Type: "TXT", Content: cloudflare.QuoteTXT(cloudflare.UnquoteTXT(value))}, nil
	}
	if strings.ContainsAny(value, "\r\n") {
		return cloudflare.Record{}, errors.New("the value has a line break")
	}
	if hostType(recordType) {
		value = fullHost(value, zone)
	}
	rr, err := parseValue(recordType, value)
	if err != nil {
		return cloudflare.Record{}, err
	}
	return fromRR(rr)
}

// parseValue reads a value by the grammar of its type, and packs it: only that
// looks at hexadecimal and base64.
func parseValue(recordType, value string) (dns.RR, error) {
	rr, err := dns.NewRR(". 1 IN " + recordType + " " + value)
	if err != nil || rr == nil {
		return nil, badValue(recordType, value, err)
	}
	if _, err := dns.PackRR(rr, make([]byte, dns.Len(rr)+1), 0, nil, false); err != nil {
		return nil, badValue(recordType, value, err)
	}
	return rr, nil
}

// fullHost writes the host at the end of a value as the DNS knows it.
func fullHost(value, zone string) string {
	fields := strings.Fields(value)
	if len(fields) == 0 {
		return value
	}
	last := &fields[len(fields)-1]
	if *last == "@" {
		*last = zone
	}
	if name, err := cloudflare.CanonicalName(*last); err == nil {
		*last = name
	}
	return strings.Join(fields, " ")
}

// badValue words a parser's error for one value, with an example of the form.
func badValue(recordType, value string, err error) error {
	reason := "it is empty"
	if err != nil {
		reason, _, _ = strings.Cut(located(err, 1).Reason, "; a line is")
	}
	if strings.TrimSpace(value) == "" {
		reason = "it is empty"
	}
	return fmt.Errorf("%q is no value of type %s (%s); write it as in %s", value, recordType, reason, Example(recordType))
}

// Example is a value of a type in presentation form.
func Example(recordType string) string {
	examples := map[string]string{
		"A": "198.51.100.10", "AAAA": "2001:db8::10", "CNAME": "target.example", "NS": "ns1.example", "PTR": "host.example",
		"MX": "10 mail.acme.example", "TXT": "any text", "SRV": "10 5 5060 sip.acme.example", "CAA": `0 issue "letsencrypt.org"`,
		"TLSA": "3 1 1 <hexadecimal>", "SMIMEA": "3 1 1 <hexadecimal>", "SSHFP": "4 2 <hexadecimal>",
		"HTTPS": `1 . alpn="h3,h2"`, "SVCB": `1 svc.acme.example alpn="h2"`, "URI": `10 1 "https://acme.example/"`,
		"LOC": "37 46 46.000 N 122 23 35.000 W 10m 1m 10000m 10m", "NAPTR": `100 10 "s" "SIP+D2U" "" _sip._udp.acme.example`,
		"DS": "2371 13 2 <hexadecimal>", "DNSKEY": "257 3 13 <base64>", "CERT": "1 0 0 <base64>", "OPENPGPKEY": "<base64>",
	}
	return strconv.Quote(examples[recordType])
}

// fromRR turns a record's type and value into Cloudflare's form; numbers are
// float64, as JSON gives them.
func fromRR(rr dns.RR) (cloudflare.Record, error) {
	out := cloudflare.Record{Type: dns.TypeToString[rr.Header().Rrtype]}
	data := func(fields map[string]any) {
		out.Data = fields
		for name, field := range fields {
			fields[name] = value(field)
		}
	}
	switch rr := rr.(type) {
	case *dns.A:
		out.Content = rr.A.String()
	case *dns.AAAA:
		out.Content = rr.AAAA.String()
	case *dns.CNAME:
		out.Content = host(rr.Target)
	case *dns.NS:
		out.Content = host(rr.Ns)
	case *dns.PTR:
		out.Content = host(rr.Ptr)
	case *dns.MX:
		priority := int64(rr.Preference)
		out.Content, out.Priority = host(rr.Mx), &priority
	case *dns.TXT:
		out.Content = cloudflare.QuoteTXT(unescaped(strings.Join(rr.Txt, "")))
	case *dns.OPENPGPKEY:
		out.Content = rr.PublicKey
	case *dns.SRV:
		data(map[string]any{"priority": rr.Priority, "weight": rr.Weight, "port": rr.Port, "target": host(rr.Target)})
	case *dns.CAA:
		data(map[string]any{"flags": rr.Flag, "tag": strings.ToLower(rr.Tag), "value": unescaped(rr.Value)})
	case *dns.TLSA:
		data(map[string]any{"usage": rr.Usage, "selector": rr.Selector, "matching_type": rr.MatchingType, "certificate": rr.Certificate})
	case *dns.SMIMEA:
		data(map[string]any{"usage": rr.Usage, "selector": rr.Selector, "matching_type": rr.MatchingType, "certificate": rr.Certificate})
	case *dns.SSHFP:
		data(map[string]any{"algorithm": rr.Algorithm, "type": rr.Type, "fingerprint": strings.ToLower(rr.FingerPrint)})
	case *dns.HTTPS:
		data(map[string]any{"priority": rr.Priority, "target": host(rr.Target), "value": params(rr.Value)})
	case *dns.SVCB:
		data(map[string]any{"priority": rr.Priority, "target": host(rr.Target), "value": params(rr.Value)})
	case *dns.URI:
		priority := int64(rr.Priority)
		out.Priority = &priority
		data(map[string]any{"weight": rr.Weight, "target": unescaped(rr.Target)})
	case *dns.NAPTR:
		data(map[string]any{"order": rr.Order, "preference": rr.Preference, "flags": unescaped(rr.Flags), "service": unescaped(rr.Service), "regex": unescaped(rr.Regexp), "replacement": host(rr.Replacement)})
	case *dns.DS:
		data(map[string]any{"key_tag": rr.KeyTag, "algorithm": rr.Algorithm, "digest_type": rr.DigestType, "digest": strings.ToLower(rr.Digest)})
	case *dns.DNSKEY:
		data(map[string]any{"flags": rr.Flags, "protocol": rr.Protocol, "algorithm": rr.Algorithm, "public_key": rr.PublicKey})
	case *dns.CERT:
		data(map[string]any{"type": rr.Type, "key_tag": rr.KeyTag, "algorithm": rr.Algorithm, "certificate": rr.Certificate})
	case *dns.LOC:
		return out, fromLOC(rr, &out)
	default:
		return out, fmt.Errorf("type %s is not served by Cloudflare; it is one of %s", out.Type, strings.Join(Types(), ", "))
	}
	return out, nil
}

func value(v any) any {
	switch v := v.(type) {
	case uint8:
		return float64(v)
	case uint16:
		return float64(v)
	}
	return v
}

// fromLOC reads the twelve parts of the text form (RFC 1876 section 3): the
// wire form rounds sizes.
func fromLOC(rr *dns.LOC, out *cloudflare.Record) error {
	fields := strings.Fields(strings.TrimPrefix(rr.String(), rr.Header().String()))
	names := []string{
		"lat_degrees", "lat_minutes", "lat_seconds", "lat_direction", "long_degrees", "long_minutes", "long_seconds", "long_direction",
		"altitude", "size", "precision_horz", "precision_vert",
	}
	if len(fields) != len(names) {
		return fmt.Errorf("a LOC record of %d parts", len(fields))
	}
	out.Data = map[string]any{}
	for i, name := range names {
		if strings.HasSuffix(name, "direction") {
			out.Data[name] = fields[i]
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSuffix(fields[i], "m"), 64)
		if err != nil {
			return err
		}
		out.Data[name] = n
	}
	return nil
}

// host is a target without its final dot; the root stays ".".
func host(name string) string {
	if name == "." {
		return name
	}
	if canonical, err := cloudflare.CanonicalName(plain(name)); err == nil {
		return canonical
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

func unescaped(text string) string { return cloudflare.UnquoteTXT(`"` + text + `"`) }

// params writes service parameters (RFC 9460 section 2.1).
func params(values []dns.SVCBKeyValue) string {
	var out []string
	for _, v := range values {
		if text := v.String(); text != "" {
			out = append(out, v.Key().String()+`="`+text+`"`)
		} else {
			out = append(out, v.Key().String())
		}
	}
	return strings.Join(out, " ")
}

// Value is a record's value in presentation form: what FromValue reads. TXT is
// its plain text, all strings joined, or quoted where it is no text in UTF-8.
func Value(r cloudflare.Record) string {
	number := func(key string) string {
		f, _ := r.Data[key].(float64)
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	text := func(key string) string { s, _ := r.Data[key].(string); return s }
	quoted := func(key string) string { return cloudflare.QuoteTXT(text(key)) }
	join := strings.Join
	priority := "0"
	if r.Priority != nil {
		priority = strconv.FormatInt(*r.Priority, 10)
	}
	root := func(key string) string {
		if t := text(key); t != "" {
			return t
		}
		return "."
	}
	switch r.Type {
	case "TXT":
		text := cloudflare.UnquoteTXT(r.Content)
		if !utf8.ValidString(text) { // bytes that only escapes can say
			return cloudflare.QuoteTXT(text)
		}
		return text
	case "MX":
		return priority + " " + r.Content
	case "SRV":
		return join([]string{number("priority"), number("weight"), number("port"), root("target")}, " ")
	case "CAA":
		return join([]string{number("flags"), text("tag"), quoted("value")}, " ")
	case "TLSA", "SMIMEA":
		return join([]string{number("usage"), number("selector"), number("matching_type"), text("certificate")}, " ")
	case "SSHFP":
		return join([]string{number("algorithm"), number("type"), text("fingerprint")}, " ")
	case "HTTPS", "SVCB":
		return strings.TrimSpace(join([]string{number("priority"), root("target"), text("value")}, " "))
	case "URI":
		return join([]string{priority, number("weight"), quoted("target")}, " ")
	case "NAPTR":
		return join([]string{number("order"), number("preference"), quoted("flags"), quoted("service"), quoted("regex"), root("replacement")}, " ")
	case "DS":
		return join([]string{number("key_tag"), number("algorithm"), number("digest_type"), text("digest")}, " ")
	case "DNSKEY":
		return join([]string{number("flags"), number("protocol"), number("algorithm"), text("public_key")}, " ")
	case "CERT":
		return join([]string{number("type"), number("key_tag"), number("algorithm"), text("certificate")}, " ")
	case "LOC":
		metres := func(key string) string { return number(key) + "m" }
		return join([]string{
			number("lat_degrees"), number("lat_minutes"), number("lat_seconds"), text("lat_direction"),
			number("long_degrees"), number("long_minutes"), number("long_seconds"), text("long_direction"),
			metres("altitude"), metres("size"), metres("precision_horz"), metres("precision_vert"),
		}, " ")
	}
	return r.Content
}

// Line is a record as a line of a zone file, with full names and Cloudflare's
// cf_tags comment where there is something to say.
func Line(r cloudflare.Record) string {
	text := Value(r)
	switch {
	case r.Type == "TXT":
		text = cloudflare.QuoteTXT(cloudflare.UnquoteTXT(r.Content))
	case hostType(r.Type) || r.Type == "HTTPS" || r.Type == "SVCB" || r.Type == "NAPTR":
		text = dotted(r, text)
	}
	var tags []string
	if r.Proxied {
		tags = append(tags, "cf-proxied:true")
	}
	if flatten, _ := r.Settings["flatten_cname"].(bool); flatten {
		tags = append(tags, "cf-flatten-cname")
	}
	tags = append(tags, r.Tags...)
	notes := r.Comment
	if len(tags) > 0 {
		notes = strings.TrimSpace(notes + " cf_tags=" + strings.Join(tags, ","))
	}
	line := fmt.Sprintf("%s.\t%d\tIN\t%s\t%s", r.Name, max(r.TTL, 1), r.Type, text)
	if notes != "" {
		line += " ; " + notes
	}
	return line
}

// dotted writes the target of a value as an absolute name.
func dotted(r cloudflare.Record, text string) string {
	fields := strings.SplitN(text, " ", 3)
	at := len(fields) - 1
	switch r.Type {
	case "HTTPS", "SVCB":
		at = 1
	case "CNAME", "NS", "PTR", "MX":
	default: // the last of many
		fields = strings.Split(text, " ")
		at = len(fields) - 1
	}
	if at < len(fields) {
		fields[at] = dns.Fqdn(fields[at])
	}
	return strings.Join(fields, " ")
}
