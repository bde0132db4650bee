package authres

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shapes are fields as large receivers and common software write them.
var shapes = []struct {
	name, value string
	want        Header
}{
	{"Gmail", "mx.google.com;\r\n       dkim=pass header.i=@acme.example header.s=s1 header.b=AbC+/d==;\r\n       spf=pass (google.com: domain of b@acme.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=b@acme.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=acme.example",
		Header{Server: "mx.google.com", Results: []Result{
			{Method: "dkim", Value: "pass", Properties: []Property{{"header.i", "@acme.example"}, {"header.s", "s1"}, {"header.b", "AbC+/d"}}},
			{Method: "spf", Value: "pass", Comments: []string{"google.com: domain of b@acme.example designates 192.0.2.1 as permitted sender"}, Properties: []Property{{"smtp.mailfrom", "b@acme.example"}}},
			{Method: "dmarc", Value: "pass", Comments: []string{"p=REJECT sp=REJECT dis=NONE"}, Properties: []Property{{"header.from", "acme.example"}}},
		}}},
	{"Microsoft, without authserv-id", "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=acme.example; dkim=pass (signature was verified)\r\n header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100",
		Header{Results: []Result{
			{Method: "spf", Value: "pass", Comments: []string{"sender IP is 192.0.2.1"}, Properties: []Property{{"smtp.mailfrom", "acme.example"}}},
			{Method: "dkim", Value: "pass", Comments: []string{"signature was verified"}, Properties: []Property{{"header.d", "acme.example"}}},
			{Method: "dmarc", Value: "pass", Properties: []Property{{"action", "none"}, {"header.from", "acme.example"}}},
			{Method: "compauth", Value: "pass", Reason: "100"},
		}}},
	{"OpenDKIM", "mail.inbox.example;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=acme.example header.i=@acme.example header.b=\"k3;=x\"",
		Header{Server: "mail.inbox.example", Results: []Result{
			{Method: "dkim", Value: "pass", Comments: []string{"2048-bit key; unprotected"}, Properties: []Property{{"header.d", "acme.example"}, {"header.i", "@acme.example"}, {"header.b", "k3;=x"}}},
		}}},
	{"OpenDKIM, a failure", "mx.inbox.example;\r\n\tdkim=fail reason=\"key not found in DNS\" header.d=acme.example header.i=@acme.example header.a=rsa-sha256 header.s=s1 header.b=RGKjSHxE;\r\n\tdkim-atps=neutral",
		Header{Server: "mx.inbox.example", Results: []Result{
			{Method: "dkim", Value: "fail", Reason: "key not found in DNS", Properties: []Property{{"header.d", "acme.example"}, {"header.i", "@acme.example"}, {"header.a", "rsa-sha256"}, {"header.s", "s1"}, {"header.b", "RGKjSHxE"}}},
			{Method: "dkim-atps", Value: "neutral"},
		}}},
	{"OpenDMARC", "mail.inbox.example; dmarc=fail (p=none dis=none) header.from=acme.example",
		Header{Server: "mail.inbox.example", Results: []Result{
			{Method: "dmarc", Value: "fail", Comments: []string{"p=none dis=none"}, Properties: []Property{{"header.from", "acme.example"}}},
		}}},
	{"Yahoo", "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\r\n dkim=pass header.i=@acme.example header.s=s1;\r\n dmarc=pass(p=REJECT) header.from=acme.example;",
		Header{Server: "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com", Results: []Result{
			{Method: "dkim", Value: "pass", Properties: []Property{{"header.i", "@acme.example"}, {"header.s", "s1"}}},
			{Method: "dmarc", Value: "pass", Comments: []string{"p=REJECT"}, Properties: []Property{{"header.from", "acme.example"}}},
		}}},
	{"with versions", "inbox.example 1; dkim/1=fail reason=\"bad; signature\" header.d = acme.example",
		Header{Server: "inbox.example", Version: "1", Results: []Result{
			{Method: "dkim", Value: "fail", Reason: "bad; signature", Properties: []Property{{"header.d", "acme.example"}}},
		}}},
	{"none", "inbox.example; none", Header{Server: "inbox.example"}},
	{"none with a version and a comment", "inbox.example (mx; 1) 1; none (nothing; seen)", Header{Server: "inbox.example", Version: "1"}},
	{"a quoted name", `"Inbox.Example"; spf=pass policy.iprev=x`,
		Header{Server: "inbox.example", Results: []Result{{Method: "spf", Value: "pass", Properties: []Property{{"policy.iprev", "x"}}}}}},
	{"an empty value", "inbox.example; spf=none smtp.mailfrom= smtp.helo=mail.acme.example",
		Header{Server: "inbox.example", Results: []Result{{Method: "spf", Value: "none", Properties: []Property{{"smtp.mailfrom", ""}, {"smtp.helo", "mail.acme.example"}}}}}},
	{"comments within comments", `inbox.example; dkim=pass (a (b;c) \) d) header.d=acme.example`,
		Header{Server: "inbox.example", Results: []Result{{Method: "dkim", Value: "pass", Comments: []string{"a (b;c) ) d"}, Properties: []Property{{"header.d", "acme.example"}}}}}},
	{"a pass in a comment is no result", "inbox.example; dkim=fail (x; dkim=pass header.d=acme.example)",
		Header{Server: "inbox.example", Results: []Result{{Method: "dkim", Value: "fail", Comments: []string{"x; dkim=pass header.d=acme.example"}}}}},
	{"a pass in a quoted string is no result", `inbox.example; dkim=fail reason="; dkim=pass"`,
		Header{Server: "inbox.example", Results: []Result{{Method: "dkim", Value: "fail", Reason: "; dkim=pass"}}}},
	{"a comment that does not end swallows the rest", "inbox.example; dkim=fail (; dkim=pass",
		Header{Server: "inbox.example", Results: []Result{{Method: "dkim", Value: "fail", Comments: []string{"; dkim=pass"}}}}},
	{"nothing", "", Header{}},
	{"signs alone", "=;=;;(", Header{}},
}

func TestParse(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			if diff := cmp.Diff(s.want, Parse(s.value)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDomain(t *testing.T) {
	for value, want := range map[string]string{
		"x; dkim=pass header.i=@mail.Acme.example":     "mail.acme.example",
		"x; dkim=pass header.d=acme.example.":          "acme.example",
		"x; spf=pass smtp.mailfrom=b@out.acme.example": "out.acme.example",
		"x; spf=pass smtp.helo=mail.acme.example":      "mail.acme.example",
		"x; dmarc=pass header.from=acme.example":       "acme.example",
		"x; arc=pass header.d=acme.example":            "",
	} {
		if got := Parse(value).Results[0].Domain(); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	for _, value := range []string{strings.Repeat("(", 1<<17), strings.Repeat("a=b;", 1<<15), strings.Repeat("\\", 1<<17)} {
		if n := len(Parse(value).Results); n > maxResults {
			t.Errorf("%d results", n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range shapes {
		f.Add(s.value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, r := range Parse(value).Results {
			if r.Method == "" || r.Value == "" {
				t.Errorf("%+v", r)
			}
			r.Domain()
		}
	})
}
