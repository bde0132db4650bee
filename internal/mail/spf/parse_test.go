package spf

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseNamesTheErrorAndTheRemedy(t *testing.T) {
	t.Parallel()
	tests := []struct{ record, problem string }{
		{"v=spf1 redirect:example.com", "redirect is a modifier; write redirect=name"},
		{"v=spf1 ip4=192.0.2.1 foo -all", "there is no such mechanism"},
		{"v=spf1 ipv4:192.0.2.1 -all", "write ip4:address"},
		{"v=spf1 192.0.2.1 -all", "write ip4: or ip6: before it"},
		{"v=spf1 a:192.0.2.1 -all", "write ip4:192.0.2.1"},
		{"v=spf1 mx:192.0.2.1/32 -all", "mx takes no prefix length|mx:192.0.2.1"},
		{"v=spf1 ip4:2001:db8::1 -all", "write ip6:2001:db8::1"},
		{"v=spf1 include:example.com; -all", "drop the punctuation"},
		{"v=spf1 mx, -all", "drop the punctuation"},
		{"v=spf1 -all.", "drop the punctuation"},
		{"v=spf1 -all;", "drop the punctuation"},
		{"v=spf1 \u201c-all\u201d", "typographic quotation mark"},
		{"v=spf1 mx\u00a0-all", "use a plain space"},
		{"v=spf1 mx\t-all", "use a plain space"},
		{"v=spf1 mx\x00 -all", "control character"},
		{"v=spf1 exp=a.example exp=b.example -all", "exp appears twice"},
		{"v=spf1 include -all", "include needs a domain"},
		{"v=spf1 a:localhost -all", "not a full domain name"},
		{"v=spf1 a:. -all", "not a full domain name"},
		{"v=spf1 exists:%{x}.example -all", "there is no macro letter"},
		{"v=spf1 exists:%{.example -all", "no closing brace"},
		{"v=spf1 exists:%(i).example -all", "is not a macro"},
		{"v=spf1 exists:%{d0}.example -all", "keeps 0 labels"},
		{"v=spf1 exists:%{c}.example -all", "for explanations only"},
		{"v=spf1 ip4:192.0.2.0/33 -all", "prefix length"},
		{"v=spf1 ip4:192.0.2.0/024 -all", "prefix length"},
		{"v=spf1 ip4:01.2.3.4 -all", "is not an IPv4 address"},
		{"v=spf1 a//129 -all", "IPv6 prefix length"},
		{"v=spf1 ip6:fe80::1%eth0 -all", "is not an IPv6 address"},
		{" v=spf1 -all", "not an SPF record"},
		{"v=spf10 -all", "not an SPF record"},
	}
	for _, test := range tests {
		_, err := Parse(test.record)
		var errs SyntaxErrors
		if !errors.As(err, &errs) {
			t.Errorf("%q: no syntax errors, got %v", test.record, err)
			continue
		}
		found := false
		for alternative := range strings.SplitSeq(test.problem, "|") {
			found = found || strings.Contains(err.Error(), alternative)
		}
		if !found {
			t.Errorf("%q: %q does not say %q", test.record, err, test.problem)
		}
		for _, e := range errs {
			if e.Span.Start < 0 || e.Span.End > len(test.record) || test.record[e.Span.Start:e.Span.End] != e.Term {
				t.Errorf("%q: span %v is not that of %q", test.record, e.Span, e.Term)
			}
		}
	}
}

func TestFormatIsNormalForm(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"v=spf1":  "v=spf1",
		"V=SPF1 ": "v=spf1",
		"v=spf1  +MX/32//128   INCLUDE:Example.com ~ALL":             "v=spf1 mx include:example.com ~all",
		"v=spf1 ip4:192.0.2.1/32 ip6:2001:DB8::/32 -all":             "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 -all",
		"v=spf1 a/24//64 a:%{d}/24 ptr:example.com ?all":             "v=spf1 a/24//64 a:%{d}/24 ptr:example.com ?all",
		"v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all":                   "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all",
		"v=spf1 ip6:::ffff:192.0.2.1 -all":                           "v=spf1 ip6:::ffff:192.0.2.1 -all",
		"v=spf1 Redirect=_spf.Example.com exp=why.%{d} x.y=%{s}/1:2": "v=spf1 redirect=_spf.example.com exp=why.%{d} x.y=%{s}/1:2",
		"v=spf1 a:WWW.acme.example. exists:%{L}.Acme.example. -all":  "v=spf1 a:www.acme.example exists:%{L}.Acme.example. -all",
		"v=spf1 a:foo:bar/baz.example.com/8 -all":                    "v=spf1 a:foo:bar/baz.example.com/8 -all",
		"v=spf1 exists:%{i999r}.example -all":                        "v=spf1 exists:%{i999r}.example -all",
	}
	for text, want := range tests {
		r, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, Format(r)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		record string
		want   []IssueKind
	}{
		{"v=spf1 include:_spf.example.com ~all", nil},
		{"v=spf1 -all", nil},
		{"v=spf1 redirect=_spf.example.com", nil},
		{"v=spf1 mx", []IssueKind{NoAll}},
		{"v=spf1 mx ?all", []IssueKind{NoAll}},
		{"v=spf1 +all", []IssueKind{Permissive}},
		{"v=spf1 mx all", []IssueKind{Permissive}},
		{"v=spf1 ip4:0.0.0.0/0 -all", []IssueKind{Permissive}},
		{"v=spf1 ip6:2000::/3 -all", []IssueKind{Permissive}},
		{"v=spf1 ip6:2a00::/12 -all", []IssueKind{Permissive}},
		{"v=spf1 ip6:::/0 -all", []IssueKind{Permissive}},
		{"v=spf1 ip6:2a00::/19 -all", []IssueKind{WideRange}},
		{"v=spf1 ip6:fc00::/7 -all", []IssueKind{WideRange}},
		{"v=spf1 ?ip4:0.0.0.0/0 -all", []IssueKind{NoAll}},
		{"v=spf1 ?a/0 -all", []IssueKind{NoAll}},
		{"v=spf1 ?ip4:0.0.0.0/3 ?ip4:32.0.0.0/3 -all", []IssueKind{NoAll}},
		{"v=spf1 ?ip4:192.0.2.0/24 -all", nil},
		{"v=spf1 ip4:0.0.0.0/3 ip4:64.0.0.0/3 -all", []IssueKind{WideRange, WideRange, Permissive}},
		{"v=spf1 -ip4:0.0.0.0/0 -all", nil},
		{"v=spf1 ip4:0.0.0.0/2 ip4:64.0.0.0/2 ip4:128.0.0.0/2 -all", []IssueKind{Permissive, Permissive, Permissive}},
		{"v=spf1 a/0 -all", []IssueKind{Permissive}},
		{"v=spf1 ip4:198.51.0.0/15 -all", []IssueKind{WideRange}},
		{"v=spf1 ip4:198.51.0.0/16 ip6:2001:db8::/32 -all", nil},
		{"v=spf1 ptr -all", []IssueKind{UsesPTR}},
		{"v=spf1 exists:%{p}.example.com -all", []IssueKind{UsesPTR}},
		{"v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.9 -all", []IssueKind{DeadTerm}},
		{"v=spf1 mx MX -all", []IssueKind{DeadTerm}},
		{"v=spf1 -all mx", []IssueKind{DeadTerm}},
		{"v=spf1 redirect=x.example -all", []IssueKind{DeadTerm}},
		{"v=spf1 ip4:10.0.0.0/8 -all", []IssueKind{WideRange}},
		{"v=spf1 ip4:192.168.1.0/24 ip6:fe80::/64 -all", []IssueKind{DeadTerm, DeadTerm}},
		{"v=spf1 include=_spf.example.com -all", []IssueKind{Typo}},
		{"v=spf1 include:a.example v=spf1 -all", []IssueKind{Typo}},
	}
	for _, test := range tests {
		r, err := Parse(test.record)
		if err != nil {
			t.Fatal(err)
		}
		var got []IssueKind
		for _, issue := range Lint(r) {
			got = append(got, issue.Kind)
		}
		less := func(a, b IssueKind) bool { return a < b }
		if diff := cmp.Diff(sorted(test.want, less), sorted(got, less)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.record, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"v=spf1 -all", "v=spf1 a/24//64 mx:%{d2r-} include:x.example redirect=%{ir}.%{v}.x", "v=spf1 %{", "v=spf1 a:%", "v=spf1 =", "v=spf1 -", "v=spf1 ip4:/",
		"v=spf1 //", "v=spf1 exp=%%%_%- x=%{S}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		Lint(r)
		if err != nil {
			return
		}
		normal := Format(r)
		again, err := Parse(normal)
		if err != nil {
			t.Fatalf("%q formats as %q: %v", text, normal, err)
		}
		if twice := Format(again); twice != normal {
			t.Fatalf("%q formats as %q, then as %q", text, normal, twice)
		}
		if len(again.Terms) != len(r.Terms) {
			t.Fatalf("%q: %d terms, then %d", text, len(r.Terms), len(again.Terms))
		}
	})
}
