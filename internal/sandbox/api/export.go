package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// exportHead is what every zone file of Cloudflare begins with.
const exportHead = `;;
;; Domain:     %s.
;; Exported:   %s
;;
;; This file is intended for use for informational and archival
;; purposes ONLY and MUST be edited before use on a production
;; DNS server.  In particular, you must:
;;   -- update the SOA record with the correct authoritative name server
;;   -- update the SOA record with the contact e-mail address information
;;   -- update the NS record(s) with the authoritative name servers for this domain.
;;
;; For further information, please consult the BIND documentation
;; located on the following website:
;;
;; http://www.isc.org/
;;
;; And RFC 1035:
;;
;; http://www.ietf.org/rfc/rfc1035.txt
;;
;; Please note that we do NOT offer technical support for any use
;; of this zone data, the BIND name server, or any other third-party
;; DNS software.
;;
;; Use at your own risk.
`

// exportRecords writes the zone in master-file form (RFC 1035 5). Comments,
// tags and what is Cloudflare's own ride in comments of the lines.
func exportRecords(c *call) (*envelope, *Error) {
	z := c.zone
	records, serial := z.Snapshot()
	byType := map[string][]zone.Record{}
	for _, r := range records {
		byType[r.Type] = append(byType[r.Type], r)
	}
	var out strings.Builder
	fmt.Fprintf(&out, exportHead, z.Name, c.server.now().UTC().Format("2006-01-02 15:04:05"))
	fmt.Fprintf(&out, ";; SOA Record\n%s.\t3600\tIN\tSOA\t%s. dns.cloudflare.com. %d 10000 2400 604800 3600\n",
		z.Name, z.NameServers[0], zone.FirstSerial+serial)
	out.WriteString("\n;; NS Records\n")
	for _, host := range z.NameServers {
		fmt.Fprintf(&out, "%s.\t86400\tIN\tNS\t%s.\n", z.Name, host)
	}
	types := slices.DeleteFunc(slices.Sorted(maps.Keys(byType)), func(typ string) bool { return typ == "NS" })
	for _, typ := range append([]string{"NS"}, types...) {
		if typ != "NS" {
			fmt.Fprintf(&out, "\n;; %s Records\n", typ)
		}
		slices.SortFunc(byType[typ], func(a, b zone.Record) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Content, b.Content), cmp.Compare(a.ID, b.ID))
		})
		for _, r := range byType[typ] {
			fmt.Fprintf(&out, "%s.\t%d\tIN\t%s\t%s%s\n", r.Name, r.TTL, r.Type, masterForm(r), notes(r))
		}
	}
	return &envelope{text: out.String()}, nil
}

// masterForm is the data of a record with every host in it fully qualified.
func masterForm(r zone.Record) string {
	switch r.Type {
	case "CNAME", "NS", "PTR":
		return dotted(r.Content)
	case "MX":
		return fmt.Sprintf("%d %s", *r.Priority, dotted(r.Content))
	case "TXT":
		parts, err := zone.TextStrings(r.Content)
		if err != nil {
			return zone.Quote(zone.Chunks(r.Content))
		}
		return zone.Quote(parts)
	}
	s, ok := shapeOf(r.Type)
	data := map[string]any{}
	if !ok || s.show != nil || json.Unmarshal(r.Data, &data) != nil {
		return r.Content
	}
	parts := []string{}
	if s.ownPriority {
		parts = append(parts, fmt.Sprint(*r.Priority))
	}
	for _, f := range s.fields {
		shown := f.show(data[f.name])
		if f.kind == host {
			shown = dotted(shown)
		}
		if shown != "" {
			parts = append(parts, shown)
		}
	}
	return strings.Join(parts, " ")
}

func dotted(host string) string {
	if host == "." {
		return host
	}
	return host + "."
}

// notes is the comment at the end of a line: " ; comment cf_tags=a:b,c:d".
func notes(r zone.Record) string {
	tags := []string{}
	if mayProxy(r.Type) {
		tags = append(tags, fmt.Sprintf("cf-proxied:%v", r.Proxied))
	}
	if r.Settings["flatten_cname"] == true {
		tags = append(tags, "cf-flatten-cname")
	}
	out := ""
	if r.Comment != "" {
		out = " " + r.Comment
	}
	if tags = append(tags, r.Tags...); len(tags) > 0 {
		out += " cf_tags=" + strings.Join(tags, ",")
	}
	if out != "" {
		out = " ;" + out
	}
	return out
}
