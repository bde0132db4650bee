package spf

import (
	"strings"
	"testing"
)

func TestRepair(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"mx": "mx", "+MX": "mx", "-all.": "-all", "~all,": "~all", "~all;": "~all", `-all"`: "-all", "\u2013all": "-all",
		"ipv4:192.0.2.1": "ip4:192.0.2.1", "ipv6:2001:db8::/32": "ip6:2001:db8::/32", "ip4=192.0.2.0/24": "ip4:192.0.2.0/24", "ip:192.0.2.1": "ip4:192.0.2.1",
		"ip4:2001:db8::1": "ip6:2001:db8::1", "192.0.2.1": "ip4:192.0.2.1", "-192.0.2.0/24": "-ip4:192.0.2.0/24", "ip4:192.0.2.1.": "ip4:192.0.2.1",
		"a:192.0.2.1": "ip4:192.0.2.1", "mx:192.0.2.1/32": "ip4:192.0.2.1", "a=mail.acme.example": "a:mail.acme.example",
		"include=_spf.acme.example": "include:_spf.acme.example", "?include=_spf.acme.example,": "?include:_spf.acme.example",
		"redirect:_spf.acme.example": "redirect=_spf.acme.example", "ip4:192.0.2.1,ip4:192.0.2.2": "ip4:192.0.2.1 ip4:192.0.2.2",
		// Not certain.
		"moo": "", "-": "", "": "", "v=spf1": "", "include:": "", "include:acme": "", "ip4:192.0.2": "", "ip4:192.0.2.1/33": "", "ip4:192.0.2.1,moo": "",
		"-redirect:_spf.acme.example": "", "http://acme.example": "", "a:mail.acme.example/240": "", "include:%{x}.acme.example": "",
	} {
		var got []string
		for _, term := range Repair(word) {
			got = append(got, term.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"v=spf1": "", "v=spf1 mx -all": "mx|-all", "\"V=SPF1\u00a0mx\u200b -all\"": `mx|-all"`, "spf": "",
	} {
		if got := strings.Join(Words(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzRepair(f *testing.F) {
	for _, s := range []string{"v=spf1 ipv4:192.0.2.1, include=a.example -all.", "V=SPF1\u00a0mx", "\u0130\u0130v=spf1 a", "v=spf1 \u2013all;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, word := range Words(text) {
			for _, term := range Repair(word) {
				if _, err := Parse(Version + " " + term.String()); err != nil {
					t.Fatalf("%q was repaired to %q, which is malformed: %v", word, term, err)
				}
			}
		}
	})
}
