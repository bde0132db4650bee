package cloudflare

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestNormalizeName(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, zone, want string }{ // "" = refused
		{"@", "acme.example", "acme.example"},
		{"", "acme.example", "acme.example"},
		{"acme.example", "acme.example", "acme.example"},
		{"ACME.Example.", "acme.example", "acme.example"},
		{"www", "acme.example", "www.acme.example"},
		{" WWW ", "Acme.Example.", "www.acme.example"},
		{"www.acme.example", "acme.example", "www.acme.example"},
		{"www.acme.example.", "acme.example", "www.acme.example"},
		{"a.b.c", "acme.example", "a.b.c.acme.example"},
		{"db.internal", "acme.example", "db.internal.acme.example"},
		{"dev", "acme.example", "dev.acme.example"},
		{"com", "acme.example", "com.acme.example"},
		{"k1._domainkey", "acme.example", "k1._domainkey.acme.example"},
		{"k1._domainkey.news", "acme.example", "k1._domainkey.news.acme.example"},
		{"_dmarc", "acme.example", "_dmarc.acme.example"},
		{"*", "acme.example", "*.acme.example"},
		{"*.app", "acme.example", "*.app.acme.example"},
		{"*.acme.example", "acme.example", "*.acme.example"},
		{"bücher", "acme.example", "xn--bcher-kva.acme.example"},
		{"BÜCHER.acme.example", "acme.example", "xn--bcher-kva.acme.example"},
		{"_x.bücher", "acme.example", "_x.xn--bcher-kva.acme.example"},
		{"WWW.Ab.bücher", "acme.example", "www.ab.xn--bcher-kva.acme.example"},
		{"\xbf.A", "acme.example", ""},
		{"www。bücher.example", "xn--bcher-kva.example", "www.xn--bcher-kva.example"},
		{"www", "bücher.example", "www.xn--bcher-kva.example"},
		{"notacme.example", "acme.example", ""},
		{"mail.other.net", "acme.example", ""},
		{"mail.other.example", "acme.example", ""},
		{"_dmarc.other.net", "acme.example", ""},
		{"*.other.net", "acme.example", ""},
		{"www.other.co.uk", "acme.example", ""},
		{"acme.github.io", "acme.example", ""},
		{"www.other.test", "acme.test", ""},
		{"www.", "acme.example", ""},
		{"a..b", "acme.example", ""},
		{"a b", "acme.example", ""},
		{"www.*", "acme.example", ""},
		{"w*", "acme.example", ""},
		{"a@b", "acme.example", ""},
		{strings.Repeat("a", 64), "acme.example", ""},
		{strings.Repeat("a.", 125) + "a", "acme.example", ""},
		{"www", "", ""},
	} {
		got, err := NormalizeName(tc.name, tc.zone)
		if (err != nil) != (tc.want == "") || got != tc.want {
			t.Errorf("NormalizeName(%q, %q) = %q, %v; want %q", tc.name, tc.zone, got, err, tc.want)
		}
	}
}

func FuzzNormalizeName(f *testing.F) {
	for _, name := range []string{"www", "@", "bücher", "*.x", "k1._domainkey.news", "a..b", "mail.other.net", "\u2028"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once, err := NormalizeName(name, "acme.example")
		if err != nil {
			return
		}
		if once != "acme.example" && !strings.HasSuffix(once, ".acme.example") {
			t.Fatalf("%q is outside the zone", once)
		}
		if twice, err := NormalizeName(once, "acme.example"); err != nil || twice != once {
			t.Fatalf("%q becomes %q, %v", once, twice, err)
		}
	})
}

func TestTXT(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`v=spf1 -all`:          `v=spf1 -all`,
		`"v=spf1 -all"`:        `v=spf1 -all`,
		` "v=DKIM1; " "p=AB" `: `v=DKIM1; p=AB`,
		`"a""b"`:               `ab`,
		`"a\"b\\c\;d"`:         `a"b\c;d`,
		`"\195\188"`:           "ü",
		`"ü"`:                  "ü",
		`"\999\12"`:            `99912`,
		`a\"b`:                 `a\"b`,
		`say "hi"`:             `say "hi"`,
		`"open`:                `"open`,
		`"open\`:               `"open\`,
		`"a" b`:                `"a" b`,
		`""`:                   ``,
		``:                     ``,
	} {
		if got := UnquoteTXT(content); got != want {
			t.Errorf("UnquoteTXT(%s) = %q, want %q", content, got, want)
		}
	}
	for value, want := range map[string]string{
		``:                       `""`,
		`v=spf1 -all`:            `"v=spf1 -all"`,
		`a"b\c`:                  `"a\"b\\c"`,
		"ü\n":                    `"\195\188\010"`,
		strings.Repeat("x", 255): `"` + strings.Repeat("x", 255) + `"`,
		strings.Repeat("x", 256): `"` + strings.Repeat("x", 255) + `" "x"`,
		strings.Repeat(`"`, 256): `"` + strings.Repeat(`\"`, 255) + `" "\""`,
	} {
		if got := QuoteTXT(value); got != want {
			t.Errorf("QuoteTXT(%q) = %s, want %s", value, got, want)
		}
	}
}

func FuzzTXT(f *testing.F) {
	for _, seed := range []string{"", `"`, `\`, `"a" "b"`, "ü\x00\xff", `\065`, strings.Repeat("é", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		quoted := QuoteTXT(value)
		if got := UnquoteTXT(quoted); got != value {
			t.Fatalf("%q comes back as %q from %s", value, got, quoted)
		}
		if strings.ContainsFunc(quoted, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q is not printable", quoted)
		}
		_ = UnquoteTXT(value)
		_, _ = parseParams(value)
	})
}

func TestEquivalentContent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind, a, b string
		want       bool
	}{
		{"A", "192.0.2.1", "192.0.2.1", true},
		{"A", "192.0.2.1", "192.0.2.2", false},
		{"AAAA", "2001:DB8:0:0::1", "2001:db8::1", true},
		{"AAAA", "2001:db8::1", "not one", false},
		{"CNAME", "Target.Example.", "target.example", true},
		{"CNAME", "bücher.example", "xn--bcher-kva.example", true},
		{"CNAME", "a.example", "b.example", false},
		{"MX", ".", ".", true},
		{"MX", "Mail.Example.", "mail.example", true},
		{"TXT", `"v=spf1" " -all"`, "v=spf1 -all", true},
		{"TXT", "a", "A", false},
		{"OPENPGPKEY", "AA BB\nCC", "AABBCC", true},
		{"CAA", `0 issue "letsencrypt.org"`, "0  ISSUE letsencrypt.org", true},
		{"CAA", `0 issue "a"`, `0 issuewild "a"`, false},
		{"SRV", "5\t5060\tsip.example", "5 5060 sip.example", true},
		{"WKS", "x y", "x z", false},
	} {
		if got := EquivalentContent(tc.kind, tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %q and %q: %v", tc.kind, tc.a, tc.b, got)
		}
	}
}

func TestEquivalentData(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind, a, b string
		want       bool
	}{
		{"SRV", `{"priority":10,"weight":5,"port":5060,"target":"SIP.example."}`, `{"priority":10,"weight":5,"port":5060,"target":"sip.example","service":"_sip","proto":"_tcp","name":"x"}`, true},
		{"SRV", `{"priority":10,"weight":5,"port":5060,"target":"a"}`, `{"priority":10,"weight":5,"port":5061,"target":"a"}`, false},
		{"SRV", `{"priority":0,"weight":0,"port":0,"target":"."}`, `{"target":"."}`, true},
		{"CAA", `{"flags":0,"tag":"ISSUE","value":"ca.example"}`, `{"flags":0,"tag":"issue","value":"ca.example"}`, true},
		{"CAA", `{"flags":0,"tag":"issue","value":"CA.example"}`, `{"flags":0,"tag":"issue","value":"ca.example"}`, false},
		{"TLSA", `{"usage":3,"selector":1,"matching_type":1,"certificate":"AA BB"}`, `{"usage":3,"selector":1,"matching_type":1,"certificate":"aabb"}`, true},
		{"HTTPS", `{"priority":1,"target":".","value":"alpn=\"h3,h2\" ipv4hint=192.0.2.1"}`, `{"priority":1,"target":".","value":"ipv4hint=\"192.0.2.1\"  ALPN=h3,h2"}`, true},
		{"HTTPS", `{"priority":1,"target":".","value":"alpn=h2"}`, `{"priority":1,"target":".","value":"alpn=h3"}`, false},
		{"HTTPS", `{"priority":0,"target":"a.example"}`, `{"priority":0,"target":"a.example","value":""}`, true},
		{"SVCB", `{"priority":1,"target":".","value":"mandatory=port,alpn"}`, `{"priority":1,"target":".","value":"mandatory=alpn,port"}`, true},
		{"LOC", `{"lat_degrees":52,"lat_seconds":1.0004,"lat_direction":"N"}`, `{"lat_degrees":52,"lat_seconds":1.0001,"lat_direction":"n"}`, true},
		{"LOC", `{"lat_seconds":1.01}`, `{"lat_seconds":1.02}`, false},
		{"URI", `{"weight":1,"target":"https://a/"}`, `{"weight":1,"target":"https://a/","priority":10}`, true},
		{"NAPTR", `{"order":1,"preference":1,"flags":"S","service":"SIP+D2U","regex":"","replacement":"a."}`, `{"order":1,"preference":1,"flags":"s","service":"sip+d2u","replacement":"A"}`, true},
		{"DS", `{"key_tag":1,"algorithm":13,"digest_type":2,"digest":"AB"}`, `{"key_tag":"1","algorithm":13,"digest_type":2,"digest":"ab"}`, true},
		{"DS", `{"key_tag":{}}`, `{"key_tag":1}`, false},
		{"SRV", `{}`, `{"priority":0}`, false},
		{"NEW", `{"x":1}`, `{"x":1.0}`, true},
		{"NEW", `{"x":1}`, `{"y":1}`, false},
		{"NEW", `{"x":"1"}`, `{"x":"01"}`, false},
	} {
		var a, b map[string]any
		if err := json.Unmarshal([]byte(tc.a), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(tc.b), &b); err != nil {
			t.Fatal(err)
		}
		if got := EquivalentData(tc.kind, a, b); got != tc.want || EquivalentData(tc.kind, b, a) != tc.want {
			t.Errorf("%s: %s and %s: %v", tc.kind, tc.a, tc.b, got)
		}
	}
	whole := map[string]any{"flags": int64(0), "tag": "issue", "value": "x"}
	if !EquivalentData("CAA", whole, map[string]any{"flags": json.Number("0"), "tag": "issue", "value": "x"}) {
		t.Error("numbers of different Go types differ")
	}
}
