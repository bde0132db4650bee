// Package zonefile reads and writes DNS records as text: whole zone files in
// master-file form (RFC 1035 section 5), and the value of a single record.
// What it reads are records as Cloudflare's API holds them.
//
// The grammar is miekg/dns's. Ours is what stands around it: where each record
// stands in the text, Cloudflare's own export with its cf_tags comments, and
// what Cloudflare takes.
package zonefile

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// File is what a zone file says.
type File struct {
	Entries []Entry
	Skipped []Skipped
}

// Entry is one record and where it stands: lines count from 1.
type Entry struct {
	Record      cloudflare.Record
	First, Last int
}

// Skipped is a record that Cloudflare keeps itself, and so is not declared:
// the SOA record, and the name servers of the zone.
type Skipped struct {
	Line int
	Text string
}

// Error is what is wrong at a place of a zone file.
type Error struct {
	Line   int
	Column int // 0 = the line as a whole
	Reason string
}

func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Parse reads a zone file of a zone. Names that do not end in a dot are
// relative to $ORIGIN, which is the zone at first. A record without a TTL takes
// that of $TTL, else the one stated last, else 1: automatic. A comment at the
// end of a record's line is the record's comment; in it Cloudflare's export
// writes "cf_tags=", of which cf-proxied and cf-flatten-cname are settings and
// the rest are tags. $INCLUDE and $GENERATE are refused: what is declared stands
// in the text.
//
// The error joins *Error values: the first mistake of syntax, where reading
// ends, or all records that cannot be in the zone.
func Parse(text, zone string) (File, error) {
	apex, err := cloudflare.CanonicalName(zone)
	if err != nil {
		return File{}, err
	}
	text = unix(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch upper := strings.ToUpper(line); {
		case strings.HasPrefix(upper, "$GENERATE"): // of which the parser would forget the $TTL
			return File{}, &Error{Line: i + 1, Reason: "$GENERATE is not read: write the records out"}
		case strings.HasPrefix(upper, "$INCLUDE"):
			return File{}, &Error{Line: i + 1, Reason: "$INCLUDE is not read: put the lines of that file here"}
		}
	}
	source := &counter{text: text}
	parser := dns.NewZoneParser(source, dns.Fqdn(apex), "")
	parser.SetDefaultTTL(1)
	var out File
	var errs []error
	ended := 0 // the last line of what was read before
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		entry := Entry{Last: source.lines}
		entry.First = begins(lines, ended, entry.Last)
		ended = entry.Last
		if skipped := keptByCloudflare(rr, apex); skipped != "" {
			out.Skipped = append(out.Skipped, Skipped{entry.First, skipped})
			continue
		}
		if entry.Record, err = fromFile(rr, apex, parser.Comment()); err != nil {
			errs = append(errs, &Error{Line: entry.First, Reason: err.Error()})
			continue
		}
		out.Entries = append(out.Entries, entry)
	}
	if err := parser.Err(); err != nil {
		errs = append(errs, located(err, ended+1))
	}
	return out, errors.Join(errs...)
}

// unix takes away what editors of other systems put around lines; the lines stay
// where they are.
func unix(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
}

// counter hands the text to the parser byte by byte and counts lines: the
// parser tells where an error is, but not where a record was.
type counter struct {
	text  string
	at    int
	lines int // of which something was read
}

// ReadByte implements io.ByteReader, which the parser prefers to Read.
func (c *counter) ReadByte() (byte, error) {
	if c.at >= len(c.text) {
		return 0, io.EOF
	}
	if c.at == 0 || c.text[c.at-1] == '\n' {
		c.lines++
	}
	b := c.text[c.at]
	c.at++
	return b, nil
}

func (c *counter) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := c.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// begins is the first line after ended that is no comment and no directive.
func begins(lines []string, ended, last int) int {
	for n := ended + 1; n <= last; n++ {
		line := strings.TrimSpace(lines[n-1])
		if line != "" && line[0] != ';' && line[0] != '$' {
			return n
		}
	}
	return last
}

// keptByCloudflare says why a record is not declared, or "".
func keptByCloudflare(rr dns.RR, apex string) string {
	switch rr := rr.(type) {
	case *dns.SOA: // whose name Cloudflare's export writes without the final dot
		return "the SOA record, which Cloudflare writes itself"
	case *dns.NS:
		if strings.EqualFold(rr.Hdr.Name, dns.Fqdn(apex)) {
			return "the zone's name server " + strings.TrimSuffix(rr.Ns, ".") + ", which Cloudflare sets itself"
		}
	}
	return ""
}

var place = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)^(.*) at line: (\d+):(\d+)$`) })

// located takes a parser's error apart.
func located(err error, line int) *Error {
	out := &Error{Line: line, Reason: strings.TrimPrefix(err.Error(), "dns: ")}
	if m := place().FindStringSubmatch(out.Reason); m != nil {
		out.Reason = m[1]
		out.Line, _ = strconv.Atoi(m[2])
		out.Column, _ = strconv.Atoi(m[3])
		out.Reason += "; a line is NAME [TTL] [IN] TYPE VALUE, and a value of several lines stands in parentheses"
	}
	return out
}

// fromFile is a record of a zone file as the zone would hold it.
func fromFile(rr dns.RR, apex, comment string) (cloudflare.Record, error) {
	h := rr.Header()
	name, err := cloudflare.CanonicalName(plain(h.Name))
	if err != nil {
		return cloudflare.Record{}, err
	}
	if name != apex && !strings.HasSuffix(name, "."+apex) {
		return cloudflare.Record{}, fmt.Errorf("%s is not in the zone %s", name, apex)
	}
	if name == apex+"."+apex || strings.HasSuffix(name, "."+apex+"."+apex) {
		return cloudflare.Record{}, fmt.Errorf("%s ends in the zone twice: a full name, in $ORIGIN too, ends in a dot", name)
	}
	if h.Class != dns.ClassINET {
		return cloudflare.Record{}, fmt.Errorf("%s: class %s; Cloudflare serves class IN alone", name, dns.ClassToString[h.Class])
	}
	record, err := fromRR(rr)
	if err != nil {
		return record, err
	}
	if target := targetOf(record); target != "" {
		if _, err := netip.ParseAddr(strings.TrimSuffix(target, "."+apex)); err == nil {
			return record, fmt.Errorf("%s is an address; a record of type %s names a host by its name (RFC 1035 section 3.3)", strings.TrimSuffix(target, "."+apex), record.Type)
		}
	}
	record.Name, record.TTL = name, int64(h.Ttl)
	annotate(&record, comment)
	return record, nil
}

// annotate reads a trailing comment.
func annotate(record *cloudflare.Record, comment string) {
	text := strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(comment), ";"))
	if i := strings.LastIndex(text, "cf_tags="); i >= 0 && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t') {
		for tag := range strings.SplitSeq(text[i+len("cf_tags="):], ",") {
			tag = strings.TrimSpace(tag)
			name, value, _ := strings.Cut(tag, ":")
			set := value == "" || strings.EqualFold(value, "true")
			switch {
			case tag == "":
			case strings.EqualFold(name, "cf-proxied"):
				record.Proxied = set
			case strings.EqualFold(name, "cf-flatten-cname"):
				record.Settings = map[string]any{"flatten_cname": set}
			case strings.HasPrefix(strings.ToLower(name), "cf-"): // a setting that is not ours to know
			default:
				record.Tags = append(record.Tags, tag)
			}
		}
		text = strings.TrimSpace(text[:i])
	}
	record.Comment = text
	if record.Proxied {
		record.TTL = 1
	}
}

// plain undoes the escapes of a name in presentation form, so that names in
// UTF-8 can be encoded; a name that needs its escapes is refused later.
func plain(name string) string {
	name = strings.TrimSuffix(name, ".")
	if !strings.Contains(name, `\`) {
		return name
	}
	return cloudflare.UnquoteTXT(`"` + name + `"`)
}
