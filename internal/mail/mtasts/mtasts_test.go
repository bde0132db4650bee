package mtasts

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, id, fault string }{
		{"v=STSv1; id=20160831085700Z;", "20160831085700Z", ""}, // RFC 8461 appendix A
		{"v=STSv1;id=1", "1", ""},
		{"v=STSv1; x=y; id=a", "a", ""},
		{"v=STSv1; id=2026-03-01", "2026-03-01", "letters and digits"},
		{"v=STSv1; id=" + strings.Repeat("a", 33), strings.Repeat("a", 33), "too long"},
		{"v=STSv1; ID=1", "", "id is missing"},
		{"v=STSv1", "", "discard"},
		{"v=stsv1; id=1", "1", "discard"},
		{" v=STSv1; id=1", "1", "discard"},
		{"v=STSv1; id=1; id=2", "1", "twice"},
		{"v=STSv1; id=\u00e9", "\u00e9", "ASCII"},
	} {
		id, err := ParseRecord(c.text)
		if id != c.id || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%q: %q, %v; want %q, %q", c.text, id, err, c.id, c.fault)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	// RFC 8461 section 3.2 and appendix A.
	const example = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n"
	want := Policy{Enforce, 604800, []string{"mail.example.com", "*.example.net", "backupmx.example.com"}}
	for name, text := range map[string]string{
		"lf": example, "crlf": strings.ReplaceAll(example, "\n", "\r\n"), "no last line end": strings.TrimSuffix(example, "\n"),
		"mixed": strings.Replace(example, "\n", "\r\n", 2), "blanks": strings.ReplaceAll(example, ": ", ":\t "),
		"unknown key": example + "colour: blue\n", "repeated key": example + "mode: none\nmax_age: 1\n", "capitals": strings.Replace(example, "mail.example", "MAIL.Example", 1),
	} {
		got, err := ParsePolicy([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if got, err := ParsePolicy([]byte("version: STSv1\nmode: none\nmax_age: 0\n")); err != nil || got.Mode != None {
		t.Errorf("none without mx: %v, %v", got, err)
	}
	for text, fault := range map[string]string{
		"": "empty", " \r\n": "empty", "<!doctype html><p>not found": "HTML", "\n <html>": "HTML", "\ufeff" + example: "byte order mark",
		"\x1f\x8b\x08\xff": "not text", strings.Repeat("x", MaximumPolicySize+1): "64 kB",
		"version: STSv2\nmode: enforce\nmx: a.b\nmax_age: 1": "version", "mode: enforce\nmx: a.b\nmax_age: 1": "version is missing",
		"version: STSv1\nmx: a.b\nmax_age: 1": "mode is missing", "version: STSv1\nmode: on\nmx: a.b\nmax_age: 1": `mode "on"`,
		"version: STSv1\nmode: enforce\nmx: a.b": "max_age is missing", "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 31557601": "out of range",
		"version: STSv1\nmode: enforce\nmx: a.b\nmax_age: -1": "out of range", "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: +1": "out of range",
		"version: STSv1\nmode: enforce\nmax_age: 1": "no key mx", "version: STSv1\nmode: testing\nmx: *\nmax_age: 1": "not a host",
		"version: STSv1\nmode: enforce\nmx: *.*.x\nmax_age: 1": "not a host", "version: STSv1\nmode: enforce\nmx: 192.0.2.1\nmax_age: 1": "an address",
		"version=STSv1\nmode: enforce\nmx: a.b\nmax_age: 1": "key: value",
	} {
		_, err := ParsePolicy([]byte(text))
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%.60q: %v; want %q", text, err, fault)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, host string
		want          bool
	}{
		{"mx.acme.example", "MX.acme.example.", true},
		{"*.acme.example", "mx.acme.example", true},
		{"*.acme.example", "a.mx.acme.example", false},
		{"*.acme.example", "acme.example", false},
		{"*.acme.example", ".acme.example", false},
		{"acme.example", "mx.acme.example", false},
		{"*.acme.example", "mx.evilacme.example", false},
	} {
		if Matches(c.pattern, c.host) != c.want {
			t.Errorf("Matches(%q, %q) is %v", c.pattern, c.host, !c.want)
		}
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	p := Policy{Enforce, 604800, []string{"mx.acme.example"}}
	q := p
	q.MaxAge++
	if p.ID() == q.ID() || p.ID() != (Policy{Enforce, 604800, []string{"mx.acme.example"}}).ID() {
		t.Error("the id does not follow the policy")
	}
	if _, err := ParseRecord(FormatRecord(p.ID())); err != nil {
		t.Error(err)
	}
}

func FuzzRecord(f *testing.F) {
	for _, s := range []string{"v=STSv1; id=1;", "v=STSv1", "v=STSv1;;id==", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseRecord(text)
		if err != nil {
			return
		}
		if again, err := ParseRecord(FormatRecord(id)); err != nil || again != id {
			t.Fatalf("%q: %q is not stable: %q, %v", text, id, again, err)
		}
	})
}

func FuzzPolicy(f *testing.F) {
	for _, s := range []string{"version: STSv1\nmode: enforce\nmx: *.a.b\nmax_age: 1\n", "mode:none\r\n\r\n:", "<html>", "mx: .", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ParsePolicy(body)
		if err != nil {
			return
		}
		again, err := ParsePolicy([]byte(p.Format()))
		if diff := cmp.Diff(p, again); err != nil || diff != "" {
			t.Fatalf("%q is not stable: %v %s", body, err, diff)
		}
	})
}
