package dmarc

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type zone map[string]string // name without _dmarc -> record; "!" = no answer; "|" separates records

func (z zone) LookupTXT(_ context.Context, name string) ([][]string, error) {
	text, ok := z[strings.TrimPrefix(name, "_dmarc.")]
	switch {
	case !ok:
		return nil, &net.DNSError{Err: "NXDOMAIN", IsNotFound: true}
	case text == "!":
		return nil, &net.DNSError{Err: "SERVFAIL", IsTemporary: true}
	}
	var out [][]string
	for record := range strings.SplitSeq(text, "|") {
		out = append(out, []string{record})
	}
	return out, nil
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct{ record, problems, issues string }{
		{"v=DMARC1; p=reject; rua=mailto:d@example.com", "", ""},
		{"v=DMARC1;p=quarantine;sp=quarantine;np=reject;adkim=s;aspf=r;fo=1:d:s;rua=mailto:a@example.com,mailto:b@example.com;", "", ""},
		{"v = DMARC1 ; p = Reject ; rua=mailto:d@example.com", "", ""},
		{"v=DMARC1; p=none; rua=mailto:d@example.com", "", "not_enforced"},
		{"v=DMARC1; p=reject", "", "no_rua"},
		{"v=DMARC1; p=reject; rua=https://example.com/r", "", "no_rua"},
		{"v=DMARC1; p=reject; x=1; rua=mailto:d@example.com", "", ""},
		{"v=DMARC1; p=reject; t=y; rua=mailto:d@example.com", "", "test_mode"},
		{"v=DMARC1; p=reject; pct=50; rua=mailto:d@example.com", "", "test_mode removed_tag"},
		{"v=DMARC1; p=reject; pct=100; ri=86400; rf=afrf; rua=mailto:d@example.com!10m", "", "removed_tag removed_tag removed_tag removed_tag"},
		{"v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com", "", "subdomain_gap"},
		{"v=DMARC1; p=reject; sp=reject; np=none; rua=mailto:d@example.com", "", "subdomain_gap"},
		{"V=DMARC1; p=reject; rua=mailto:d@example.com", "", "upper_case"},
		{"v=dmarc1; p=reject; rua=mailto:d@example.com", "version", ""},
		{" v=DMARC1; p=reject; rua=mailto:d@example.com", "version", ""},
		{"v=DMARC1 p=reject; rua=mailto:d@example.com", "version policy", ""},
		{"p=reject; v=DMARC1; rua=mailto:d@example.com", "version", ""},
		{"v=DMARC1; rua=mailto:d@example.com", "policy", ""},
		{"v=DMARC1; p=quarantined; rua=mailto:d@example.com", "policy", ""},
		{"v=DMARC1; p=reject; p=none; rua=mailto:d@example.com", "syntax", ""},
		{"v=DMARC1; p=reject; sp=rejected; rua=mailto:d@example.com", "syntax", ""},
		{"v=DMARC1; p=reject; rua=mailto:d@example.com; pct=200", "syntax", "removed_tag"},
		{"v=DMARC1; p=reject, rua=mailto:d@example.com", "policy", "no_rua"},
		{"v=DMARC1; p=reject; rua=d@example.com", "uri", ""},
		{"v=DMARC1; p=reject; rua=mailto:d", "uri", ""},
		{"v=DMARC1; p=reject; rua=mailto:a!b@example.com", "uri", ""},
		{"v=DMARC1; p=reject; rua=mailto:a%21b%2Cc@example.com", "", ""},
		{"v=DMARC1; p=reject; rua=mailto:d@example.com,", "uri", ""},
		{"v=DMARC1; p=reject; rua=" + strings.TrimSuffix(strings.Repeat("mailto:d@example.com,", 200), ","), "", ""},
		{"v=DMARC1; p=reject; fo=9; rua=mailto:d@example.com", "syntax", ""},
		{"v=DMARC1; p=reject; p\u00fa=1; rua=mailto:d@example.com", "syntax", ""},
	}
	for _, test := range tests {
		r, err := Parse(test.record)
		var kinds, issues []string
		if problems, ok := err.(Problems); ok {
			for _, p := range problems {
				kinds = append(kinds, string(p.Kind))
			}
		}
		for _, issue := range Lint(r, true) {
			issues = append(issues, string(issue.Kind))
		}
		if diff := cmp.Diff(test.problems, strings.Join(kinds, " ")); diff != "" {
			t.Errorf("%q: problems (-want +got):\n%s%v", test.record, diff, err)
		}
		if diff := cmp.Diff(test.issues, strings.Join(issues, " ")); diff != "" && err == nil {
			t.Errorf("%q: issues (-want +got):\n%s", test.record, diff)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	r, err := Parse("v=DMARC1 ;rua = mailto:d@example.com;p=reject; X=1;")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Format(r.Tags), "v=DMARC1; p=reject; rua=mailto:d@example.com; x=1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	const reject, none = "v=DMARC1; p=reject", "v=DMARC1; p=none"
	type found struct{ Walk, Org, WalkPolicy, List, ListPolicy, Err string }
	tests := map[string]struct {
		zone   zone
		domain string
		want   found
	}{
		"own":       {zone{"example.com": reject}, "example.com", found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""}},
		"inherited": {zone{"example.com": reject}, "app.example.com", found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""}},
		"sp":        {zone{"example.com": reject + "; sp=none"}, "app.example.com", found{"example.com", "example.com", "sp=none", "example.com", "sp=none", ""}},
		"the middle record counts for its own name alone": {
			zone{"example.com": reject, "mail.example.com": none}, "a.mail.example.com",
			found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""},
		},
		"psd=n cuts a subtree off": {
			zone{"example.com": reject, "mail.example.com": none + "; psd=n"}, "a.mail.example.com",
			found{"mail.example.com", "mail.example.com", "p=none", "example.com", "p=reject", ""},
		},
		"psd=y of a registry": {
			zone{"com": none + "; psd=y; sp=reject"}, "app.example.com", found{"com", "example.com", "sp=reject", "", "no record", ""},
		},
		"below psd=y": {
			zone{"com": none + "; psd=y", "example.com": reject}, "app.example.com", found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""},
		},
		"two are none": {zone{"example.com": reject + "|" + none}, "example.com", found{"", "example.com", "no record", "", "no record", ""}},
		"unrelated text": {
			zone{"example.com": reject + "|something else"}, "example.com", found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""},
		},
		"without p and rua": {zone{"example.com": "v=DMARC1; sp=reject"}, "example.com", found{"", "example.com", "no record", "", "no record", ""}},
		"without p":         {zone{"example.com": "v=DMARC1; rua=mailto:a@b.example"}, "example.com", found{"example.com", "example.com", "p=none", "example.com", "p=none", ""}},
		"test mode":         {zone{"example.com": reject + "; t=y"}, "example.com", found{"example.com", "example.com", "p=reject with t=y", "example.com", "p=reject", ""}},
		"no answer":         {zone{"example.com": "!"}, "example.com", found{"", "", "no record", "", "no record", "walk list"}},
		"no answer above":   {zone{"app.example.com": reject, "example.com": "!"}, "app.example.com", found{"app.example.com", "", "p=reject", "app.example.com", "p=reject", ""}},
		"no answer above without a record": {
			zone{"example.com": "!"}, "app.example.com", found{"", "", "no record", "", "no record", "walk list"},
		},
		"a silent registry does not matter": {zone{"com": "!", "example.com": reject}, "app.example.com", found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""}},
		"long names jump": {
			zone{"example.com": reject, "b.c.d.e.f.g.example.com": none}, "1.2.a.b.c.d.e.f.g.example.com",
			found{"example.com", "example.com", "p=reject", "example.com", "p=reject", ""},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk := Walk(context.Background(), test.zone, test.domain)
			list := ByPublicSuffix(context.Background(), test.zone, test.domain)
			got := found{Walk: walk.Found, Org: walk.Organizational, List: list.Found}
			_, got.WalkPolicy = walk.Effective(true)
			_, got.ListPolicy = list.Effective(true)
			if walk.Err != nil {
				got.Err += "walk"
			}
			if list.Err != nil {
				got.Err += " list"
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(walk.Steps) > 8 {
				t.Errorf("%d queries, more than 8", len(walk.Steps))
			}
		})
	}
}

func TestReportAuthorization(t *testing.T) {
	t.Parallel()
	for _, test := range [][3]string{
		{"example.com", "example.com", ""},
		{"example.com", "mail.example.com", ""},
		{"app.example.com", "example.com", ""},
		{"example.com", "reports.test.net", "example.com._report._dmarc.reports.test.net"},
	} {
		if name, _ := ReportAuthorization(test[0], test[1]); name != test[2] {
			t.Errorf("%v: %q", test, name)
		}
	}
	if !Authorizes([]string{"other", "v=DMARC1"}) || !Authorizes([]string{"v=DMARC1; rua=mailto:x@y.example"}) || Authorizes([]string{"v=DMARC"}) || Authorizes(nil) {
		t.Error("wrong judgement")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"v=DMARC1; p=reject; rua=mailto:a@b.example!10m", "v=DMARC1;;=;p", "v=DMARC1; rua=,!,%zz:", "V = DMARC1 ; np=none", "v=DMARC1;p=none;pct=-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		Lint(r, true)
		Resembles(text)
		if err != nil {
			return
		}
		normal := Format(r.Tags)
		again, err := Parse(normal)
		if err != nil {
			t.Fatalf("%q formats as %q: %v", text, normal, err)
		}
		if twice := Format(again.Tags); twice != normal || again.Policy != r.Policy {
			t.Fatalf("%q formats as %q, then as %q", text, normal, twice)
		}
	})
}

// What stands in the way of the version is told for what it is.
func TestVersionFault(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"v=DMARC1: p=reject":  "something else than a semicolon stands after v=DMARC1",
		`v=DMARC1\; p=reject`: "something else than a semicolon stands after v=DMARC1",
		"v=DMARC1 p=reject":   "no semicolon stands after v=DMARC1",
		"p=reject; v=DMARC1":  "the tag v is not the first",
		" v=DMARC1; p=reject": "a blank stands before v=DMARC1",
		"v=dmarc1; p=reject":  "the version is not in capitals",
	} {
		if got := versionFault(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
