package zonefile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// show is an entry as "lines name ttl type value [proxied] [comment] [tags]".
func show(e Entry) string {
	r := e.Record
	out := fmt.Sprintf("%d-%d %s %d %s %s", e.First, e.Last, r.Name, r.TTL, r.Type, Value(r))
	if r.Proxied {
		out += " proxied"
	}
	if r.Comment != "" {
		out += fmt.Sprintf(" comment=%q", r.Comment)
	}
	if len(r.Tags) > 0 {
		out += fmt.Sprintf(" tags=%q", r.Tags)
	}
	if len(r.Settings) > 0 {
		out += fmt.Sprintf(" settings=%v", r.Settings)
	}
	return out
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"bind syntax": {`; the client's zone
$ORIGIN acme.example.
$TTL 1h
@	IN SOA ns1.old-host.example. hostmaster ( 2024010101 ; serial
		7200 3600
		1209600 300 )
	IN NS ns1.old-host.example.
	IN MX 10 mail
www	300 IN A 198.51.100.10	; the web server
	IN AAAA 2001:DB8::10

$ORIGIN sub.acme.example.
app	CNAME @
*	IN CNAME app.acme.example.
long IN TXT ( "part one; "
              "part two" )
`, []string{
			"8-8 acme.example 3600 MX 10 mail.acme.example",
			`9-9 www.acme.example 300 A 198.51.100.10 comment="the web server"`,
			"10-10 www.acme.example 3600 AAAA 2001:db8::10",
			"13-13 app.sub.acme.example 3600 CNAME sub.acme.example",
			"14-14 *.sub.acme.example 3600 CNAME app.acme.example",
			"15-16 long.sub.acme.example 3600 TXT part one; part two",
		}},
		"without a TTL": {"a A 192.0.2.1\nb 120 A 192.0.2.2\nc A 192.0.2.3", []string{
			"1-1 a.acme.example 1 A 192.0.2.1", "2-2 b.acme.example 120 A 192.0.2.2", "3-3 c.acme.example 120 A 192.0.2.3",
		}},
		"an export": {`;;
;; Domain:     acme.example.
;; SOA Record
acme.example	3600	IN	SOA	ada.ns.cloudflare.com. dns.cloudflare.com. 2052 10000 2400 604800 3600

;; NS Records
acme.example.	86400	IN	NS	ada.ns.cloudflare.com.

;; A Records
acme.example.	1	IN	A	198.51.100.10 ; cf_tags=cf-proxied:true
www.acme.example.	1	IN	A	198.51.100.10 ; The site, for people cf_tags=cf-proxied:true,team:web,env:prod
app.acme.example.	1	IN	CNAME	x.hosting.example. ; cf_tags=cf-proxied:false,cf-flatten-cname
`, []string{
			"10-10 acme.example 1 A 198.51.100.10 proxied",
			`11-11 www.acme.example 1 A 198.51.100.10 proxied comment="The site, for people" tags=["team:web" "env:prod"]`,
			"12-12 app.acme.example 1 CNAME x.hosting.example settings=map[flatten_cname:true]",
		}},
		"names in UTF-8": {"bücher A 192.0.2.1\n☕.acme.example. CNAME käse.example.\n", []string{
			"1-1 xn--bcher-kva.acme.example 1 A 192.0.2.1", "2-2 xn--53h.acme.example 1 CNAME xn--kse-qla.example",
		}},
		"lines of another system": {"\ufeffa A 192.0.2.1 ; one\r\n\r\nb TXT \"x\"\r\n", []string{
			`1-1 a.acme.example 1 A 192.0.2.1 comment="one"`, "3-3 b.acme.example 1 TXT x",
		}},
		"nothing": {"\n; only a comment\n$TTL 60\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := Parse(tc.text, "ACME.example.")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range file.Entries {
				got = append(got, show(e))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A text changes where a record changed, and as a whole only where other lines
// lean on what changed.
func TestRewrite(t *testing.T) {
	t.Parallel()
	const text = "; web\n$TTL 300\nwww A 192.0.2.1 ; the site\napp A 192.0.2.2\n; mail\n@ MX 10 mail\n"
	const leaning = "www 300 A 192.0.2.1\n    AAAA 2001:db8::1\n"
	other := &cloudflare.Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.9", TTL: 1, Proxied: true}
	for name, tc := range map[string]struct {
		text    string
		changed map[int]*cloudflare.Record
		more    []cloudflare.Record
		want    string
	}{
		"nothing": {text, nil, nil, text},
		"changed": {text, map[int]*cloudflare.Record{0: other}, nil, strings.Replace(text, "www A 192.0.2.1 ; the site", Line(*other), 1)},
		"gone":    {text, map[int]*cloudflare.Record{1: nil}, nil, strings.Replace(text, "app A 192.0.2.2\n", "", 1)},
		"added":   {text, nil, []cloudflare.Record{*other}, text + Line(*other) + "\n"},
		"the others stay": {"$TTL 1h\n$ORIGIN sub.acme.example.\na A 192.0.2.1\n  AAAA 2001:db8::1\nb A 192.0.2.2\n", map[int]*cloudflare.Record{0: nil}, nil,
			"$TTL 1h\n$ORIGIN sub.acme.example.\na.sub.acme.example.\t3600\tIN\tAAAA\t2001:db8::1\nb A 192.0.2.2\n"},
		"leaned on":       {leaning, map[int]*cloudflare.Record{0: nil}, nil, "www.acme.example.\t300\tIN\tAAAA\t2001:db8::1\n"},
		"without its end": {"www A 192.0.2.1", map[int]*cloudflare.Record{0: nil}, nil, ""},
	} {
		file, err := Parse(tc.text, "acme.example")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, file.Rewrite(tc.text, "acme.example", tc.changed, tc.more)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseSkips(t *testing.T) {
	t.Parallel()
	file, err := Parse("@ SOA a. b. 1 2 3 4 5\n@ NS ns1.x.example.\nsub NS ns1.x.example.\n", "acme.example")
	if err != nil || len(file.Skipped) != 2 || file.Skipped[0].Line != 1 || file.Skipped[1].Line != 2 || len(file.Entries) != 1 {
		t.Errorf("%+v %v", file, err)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text   string
		line   int
		column bool
		reason string
	}{
		"bad address":               {"a A 192.0.2.1\n\nb A 192.0.2\n", 3, true, "bad A"},
		"unknown type":              {"a A 192.0.2.1\nb FOO x\n", 2, true, "FOO"},
		"unbalanced":                {"a TXT (\"x\"\nb A 192.0.2.1\n", 2, true, "unbalanced"},
		"outside":                   {"a A 192.0.2.1\nwww.other.example. A 192.0.2.2\n", 2, false, "not in the zone acme.example"},
		"include":                   {"$INCLUDE /etc/passwd\n", 1, false, "put the lines"},
		"an origin without its dot": {"$ORIGIN acme.example\na A 192.0.2.1\n", 2, false, "ends in the zone twice"},
		"an address for a host":     {"@ MX 10 192.0.2.1\n", 1, false, "is an address"},
		"another class":             {"a CH TXT x\n", 1, false, "class CH"},
		"not served":                {"a HINFO x y\n", 1, false, "type HINFO is not served"},
		"a label too long":          {strings.Repeat("a", 64) + " A 192.0.2.1\n", 1, true, "owner"},
		"generate":                  {"\n$GENERATE 1-60000 h$ A 192.0.2.1\n", 2, false, "write the records out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(tc.text, "acme.example")
			var at *Error
			if !errors.As(err, &at) || at.Line != tc.line || (at.Column > 0) != tc.column || !strings.Contains(err.Error(), tc.reason) {
				t.Errorf("got %v (%+v)", err, at)
			}
		})
	}
}

// Every type survives text, and is equal to itself in the eyes of Cloudflare.
func TestValueRoundTrip(t *testing.T) {
	t.Parallel()
	const hex = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
	seen := map[string]bool{}
	for _, tc := range []struct{ kind, value, want string }{
		{"A", "192.0.2.1", ""},
		{"AAAA", "2001:0DB8:0::1", "2001:db8::1"},
		{"CNAME", "Target.Example.", "target.example"},
		{"CNAME", "@", "acme.example"},
		{"CNAME", "bücher.example", "xn--bcher-kva.example"},
		{"NS", "ns1.partner.example", ""},
		{"PTR", "host.partner.example", ""},
		{"MX", "10 Mail.acme.example.", "10 mail.acme.example"},
		{"MX", "0 .", ""},
		{"TXT", `say "hi"; \ and é`, ""},
		{"TXT", `"quoted" " text"`, "quoted text"},
		{"SRV", "1 2 443 srv.partner.example", ""},
		{"SRV", "0 0 0 .", ""},
		{"CAA", `0 ISSUE "letsencrypt.org; validationmethods=dns-01"`, `0 issue "letsencrypt.org; validationmethods=dns-01"`},
		{"TLSA", "3 1 1 " + strings.ToUpper(hex), "3 1 1 " + hex},
		{"SMIMEA", "3 1 1 " + hex, ""},
		{"SSHFP", "4 2 " + hex, ""},
		{"HTTPS", `1 . alpn="h3,h2" ipv4hint="192.0.2.1"`, ""},
		{"SVCB", "0 svc.partner.example", ""},
		{"URI", `10 5 "https://acme.example/path?a=b"`, ""},
		{"NAPTR", `100 10 "U" "SIP+D2U" "!^.*$!sip:info@acme.example!" .`, ""},
		{"DS", "12345 13 2 " + strings.ToUpper(hex), "12345 13 2 " + hex},
		{"DNSKEY", "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==", ""},
		{"CERT", "1 0 0 MIICmDCCAYACCQ==", ""},
		{"OPENPGPKEY", "mQENBFVHm5sBCADvdSqvgkLpNnqT2w==", ""},
		{"LOC", "37 46 46.123 N 122 23 35.5 W 10m 100m 10m 2m", "37 46 46.123 N 122 23 35.5 W 10m 100m 10m 2m"},
	} {
		seen[tc.kind] = true
		if tc.want == "" {
			tc.want = tc.value
		}
		record, err := FromValue(tc.kind, tc.value, "acme.example")
		if err != nil {
			t.Errorf("%s %s: %v", tc.kind, tc.value, err)
			continue
		}
		if got := Value(record); !strings.EqualFold(got, tc.want) {
			t.Errorf("%s %q becomes %q, want %q", tc.kind, tc.value, got, tc.want)
		}
		record.Name, record.TTL = "x.acme.example", 1
		if err := Check(record); err != nil {
			t.Errorf("%s %q: %v", tc.kind, tc.value, err)
		}
		file, err := Parse(Line(record)+"\n", "acme.example")
		if err != nil || len(file.Entries) != 1 || !cloudflare.Identical(file.Entries[0].Record, record) {
			t.Errorf("%q reads back as %+v, %v", Line(record), file.Entries, err)
		}
	}
	for _, kind := range Types() {
		if !seen[kind] {
			t.Errorf("no value of type %s", kind)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	five := int64(5)
	for name, tc := range map[string]struct {
		record cloudflare.Record
		field  string
		reason string
	}{
		"bad address":         {cloudflare.Record{Type: "A", Content: "192.0.2", TTL: 1}, "content", `"192.0.2" is no value of type A`},
		"no line breaks":      {cloudflare.Record{Type: "CNAME", Content: "a.example\nb A 192.0.2.1", TTL: 1}, "content", "line break"},
		"MX to an address":    {cloudflare.Record{Type: "MX", Content: "192.0.2.1", Priority: &five, TTL: 1}, "content", "is an address"},
		"empty text":          {cloudflare.Record{Type: "TXT", Content: `""`, TTL: 1}, "content", "empty"},
		"text too long":       {cloudflare.Record{Type: "TXT", Content: strings.Repeat("é", 2049), TTL: 1}, "content", "2049 characters"},
		"alias of itself":     {cloudflare.Record{Name: "a.example", Type: "CNAME", Content: "A.example.", TTL: 1}, "content", "itself"},
		"a short digest":      {cloudflare.Record{Type: "DS", Data: map[string]any{"key_tag": 1.0, "algorithm": 13.0, "digest_type": 2.0, "digest": "abcd"}, TTL: 1}, "content", "4 hexadecimal digits"},
		"odd hexadecimal":     {cloudflare.Record{Type: "DS", Data: map[string]any{"key_tag": 1.0, "algorithm": 13.0, "digest_type": 2.0, "digest": "xyz"}, TTL: 1}, "content", "no value of type DS"},
		"alias with params":   {cloudflare.Record{Type: "HTTPS", Data: map[string]any{"priority": 0.0, "target": "a.example", "value": `alpn="h2"`}, TTL: 1}, "content", "priority 0"},
		"TTL 0":               {cloudflare.Record{Type: "A", Content: "192.0.2.1"}, "ttl", "1 for automatic"},
		"TTL over a day":      {cloudflare.Record{Type: "A", Content: "192.0.2.1", TTL: 86401}, "ttl", "86400"},
		"proxied MX":          {cloudflare.Record{Type: "MX", Content: "a.example", Priority: &five, Proxied: true, TTL: 1}, "proxied", "cannot be proxied"},
		"proxied with TTL":    {cloudflare.Record{Type: "A", Content: "192.0.2.1", Proxied: true, TTL: 300}, "ttl", "automatic"},
		"comment of lines":    {cloudflare.Record{Type: "A", Content: "192.0.2.1", TTL: 1, Comment: "a\nb"}, "comment", "line break"},
		"tag without a value": {cloudflare.Record{Type: "A", Content: "192.0.2.1", TTL: 1, Tags: []string{"x"}}, "tags", "name:value"},
	} {
		err := Check(tc.record)
		var p *Problem
		if !errors.As(err, &p) || p.Field != tc.field || !strings.Contains(p.Reason, tc.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParse: no text makes the reader panic, every record it reads is in the
// zone, and reads back from its own line.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"@ 300 IN A 192.0.2.1 ; comment cf_tags=cf-proxied:true,a:b\n", "$ORIGIN x.acme.example.\n$TTL 1h\nw MX 10 @\n",
		"a TXT (\"b\"\n \"c\")\n", "$GENERATE 1-3 h$ A 192.0.2.$\n", "\\097 CAA 0 issue \";\"\n", "a LOC 1 N 2 E 0m\n", "a HTTPS 1 . alpn=h2\n",
		"é NAPTR 1 1 \"\" \"\" \"\" .\n", "a URI 1 1 \"\\\"\"\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		file, _ := Parse(text, "acme.example")
		lines := strings.Count(text, "\n") + 1
		for _, e := range file.Entries {
			if e.First < 1 || e.Last > lines || e.First > e.Last {
				t.Fatalf("lines %d to %d of %d", e.First, e.Last, lines)
			}
			if e.Record.Name != "acme.example" && !strings.HasSuffix(e.Record.Name, ".acme.example") {
				t.Fatalf("%s is outside", e.Record.Name)
			}
			if Check(e.Record) != nil {
				continue
			}
			back, err := Parse(Line(e.Record)+"\n", "acme.example")
			if err != nil || len(back.Entries) != 1 || !cloudflare.Identical(back.Entries[0].Record, e.Record) {
				t.Fatalf("%q reads back as %+v, %v", Line(e.Record), back, err)
			}
		}
	})
}
