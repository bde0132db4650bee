package spf

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func sorted[T any](s []T, less func(a, b T) bool) []T {
	s = slices.Clone(s)
	slices.SortFunc(s, func(a, b T) int {
		switch {
		case less(a, b):
			return -1
		case less(b, a):
			return 1
		}
		return 0
	})
	return s
}

// zone reads lines "name TYPE value" into a resolver.
func zone(lines string) *memory {
	m := newMemory()
	for line := range strings.Lines(lines) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		typ, value, _ := strings.Cut(rest, " ")
		m.exists[name] = true
		switch typ {
		case "TXT":
			m.txt[name] = append(m.txt[name], []string{value})
		case "A", "AAAA":
			m.ip[name] = append(m.ip[name], netip.MustParseAddr(value))
		case "MX":
			m.mx[name] = append(m.mx[name], &net.MX{Host: value})
		case "FAIL":
			m.broken[name] = value
		}
	}
	return m
}

func ten(format string) string {
	var b strings.Builder
	for i := range 10 {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)) + "\n")
	}
	return b.String()
}

func TestWalkCountsTheWholeTree(t *testing.T) {
	t.Parallel()
	type figures struct {
		Lookups, Voids, V4, V6 int
		Problems               string
	}
	tests := map[string]struct {
		zone string
		want figures
	}{
		"empty":     {"a.test TXT v=spf1 -all", figures{}},
		"no record": {"a.test A 192.0.2.1", figures{Problems: "missing"}},
		"two":       {"a.test TXT v=spf1 -all\na.test TXT v=spf1 ~all", figures{Problems: "multiple"}},
		"syntax":    {"a.test TXT v=spf1 include:b.test moo -all", figures{Problems: "syntax"}},
		"exp is free": {
			"a.test TXT v=spf1 a exp=b.test -all\na.test A 192.0.2.1\na.test AAAA 2001:db8::1", figures{Lookups: 1},
		},
		"void for one family": {"a.test TXT v=spf1 a -all\na.test A 192.0.2.1", figures{Lookups: 1, V6: 1}},
		"voids": {
			"a.test TXT v=spf1 a:n1.test mx:n2.test exists:n3.test -all", figures{Lookups: 3, Voids: 3, V4: 3, V6: 3},
		},
		"same include twice counts twice and is no loop": {
			"a.test TXT v=spf1 include:b.test include:b.test -all\nb.test TXT v=spf1 ip4:192.0.2.1 -all", figures{Lookups: 2},
		},
		"diamond is no loop": {
			"a.test TXT v=spf1 include:b.test include:c.test -all\nb.test TXT v=spf1 include:d.test -all\nc.test TXT v=spf1 include:d.test -all\nd.test TXT v=spf1 -all",
			figures{Lookups: 4},
		},
		"self":         {"a.test TXT v=spf1 include:a.test -all", figures{Lookups: 1, Problems: "loop"}},
		"own redirect": {"a.test TXT v=spf1 redirect=A.test.", figures{Lookups: 1, Problems: "loop"}},
		"self by %{d}": {"a.test TXT v=spf1 include:%{d} -all", figures{Lookups: 1, Problems: "loop"}},
		"two-step":     {"a.test TXT v=spf1 include:B.test. -all\nb.test TXT v=spf1 redirect=a.test", figures{Lookups: 2, Problems: "loop"}},
		"dead terms are free": {
			"a.test TXT v=spf1 -all include:gone.test redirect=a.test", figures{},
		},
		"broken include":  {"a.test TXT v=spf1 include:gone.test -all", figures{Lookups: 1, Problems: "missing"}},
		"broken below":    {"a.test TXT v=spf1 include:b.test -all\nb.test TXT v=spf1 include:gone.test -all", figures{Lookups: 2, Problems: "missing"}},
		"no answer below": {"a.test TXT v=spf1 include:b.test -all\nb.test FAIL timeout", figures{Lookups: 1, Problems: "unknown"}},
		"macro":           {"a.test TXT v=spf1 include:%{ir}.b.test -all", figures{Lookups: 1}},
		"ten of ten": {
			"a.test TXT v=spf1 " + strings.ReplaceAll(strings.TrimSpace(ten("include:i#.test")), "\n", " ") + " -all\n" +
				ten("i#.test TXT v=spf1 "+strings.ReplaceAll(strings.TrimSpace(ten("exists:a.test")), "#", "")+" -all") + "a.test A 192.0.2.1",
			figures{Lookups: 20, Problems: ""},
		},
		"mx with eleven names": {
			"a.test TXT v=spf1 mx -all\na.test MX m10.test\n" + ten("a.test MX m#.test"), figures{Lookups: 1, Problems: "mx_count"},
		},
		"null mx": {"a.test TXT v=spf1 mx -all\na.test MX .", figures{Lookups: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := Walk(context.Background(), zone(test.zone), "a.test")
			var kinds []string
			for _, p := range tree.Problems {
				kinds = append(kinds, string(p.Kind))
			}
			got := figures{tree.Lookups, tree.Voids, tree.VoidsV4, tree.VoidsV6, strings.Join(kinds, " ")}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, tree)
			}
			for line := range strings.Lines(tree.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
					t.Errorf("a line of %d columns:\n%s", n, line)
				}
			}
		})
	}
}

func TestWalkIsBounded(t *testing.T) {
	t.Parallel()
	// Every record includes the next one four times: 4^20 paths.
	var lines strings.Builder
	for i := range 30 {
		fmt.Fprintf(&lines, "n%d.test TXT v=spf1 include:n%d.test include:n%d.test include:n%d.test include:n%d.test -all\n", i, i+1, i+1, i+1, i+1)
	}
	m := zone(lines.String())
	tree := Walk(context.Background(), m, "n0.test")
	if tree.Lookups <= LookupLimit || m.queries.Load() > 100 {
		t.Errorf("%d look-ups counted, %d questions asked", tree.Lookups, m.queries.Load())
	}
}

// Name servers that never answer must not be waited for a hundred times.
func TestWalkGivesUpOnSilence(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]string{"one zone": "#.vendor.test", "many zones": "vendor#.test"} {
		var terms, dead strings.Builder
		for i := range 95 {
			host := strings.ReplaceAll(format, "#", fmt.Sprint(i))
			fmt.Fprintf(&terms, " include:%s", host)
			fmt.Fprintf(&dead, "%s FAIL timeout\n", host)
		}
		m := zone("a.test TXT v=spf1" + terms.String() + " -all\n" + dead.String())
		tree := Walk(context.Background(), m, "a.test")
		if n := m.queries.Load(); n > 1+2*batch {
			t.Errorf("%s: %d questions asked", name, n)
		}
		if len(tree.Problems) != 95 || !tree.Incomplete() || !strings.Contains(tree.Problems[94].Detail, "not asked") {
			t.Errorf("%s: %d problems", name, len(tree.Problems))
		}
		if again := Walk(context.Background(), m, "a.test"); cmp.Diff(tree.Problems, again.Problems) != "" {
			t.Errorf("%s: a second walk finds something else", name)
		}
	}
}

func TestWalkHasABudget(t *testing.T) {
	t.Parallel()
	var lines, terms strings.Builder
	for i := range 95 {
		fmt.Fprintf(&terms, " mx:m%d.test", i)
		for j := range 10 {
			fmt.Fprintf(&lines, "m%d.test MX x%d.m%d.test\nx%d.m%d.test A 192.0.2.1\n", i, j, i, j, i)
		}
	}
	m := zone("a.test TXT v=spf1" + terms.String() + " -all\n" + lines.String())
	tree := Walk(context.Background(), m, "a.test")
	if n := m.queries.Load(); n > maxQuestions || tree.Lookups != 95 || !tree.Incomplete() {
		t.Errorf("%d questions asked, %d look-ups counted", n, tree.Lookups)
	}
}

func TestControls(t *testing.T) {
	t.Parallel()
	base := "a.test TXT v=spf1 ip4:192.0.2.0/24 %s -all\n"
	for name, test := range map[string]struct {
		term, zone string
		want       []Result
	}{
		"healthy exists":        {"exists:%{i}._s.a.test", "", nil},
		"healthy include":       {"include:%{ir}.%{v}._s.a.test", "", nil},
		"include of -all":       {"include:%{i}._s.a.test", "1.192.0.2.x TXT x\n192.0.2.1._s.a.test TXT v=spf1 -all", nil},
		"exists for everyone":   {"exists:%{i}._s.a.test", "192.0.2.1._s.a.test A 127.0.0.2", []Result{ResultPass}},
		"exists for IPv6 alone": {"exists:%{v}._s.a.test", "ip6._s.a.test A 127.0.0.2", []Result{ResultPass}},
		"include of +all":       {"include:%{i}._s.a.test", "192.0.2.1._s.a.test TXT v=spf1 +all", []Result{ResultPass}},
		"redirect":              {"redirect=%{v}._s.a.test", "", nil},
		"in an include": {
			"include:b.test", "b.test TXT v=spf1 exists:%{l}.b.test -all\n" + unused + ".b.test A 127.0.0.2", []Result{ResultPass},
		},
		"not authorised": {"-exists:%{v}._s.a.test", "in-addr._s.a.test A 127.0.0.2", nil},
		"no answer":      {"exists:%{v}._s.a.test", "ip6._s.a.test FAIL timeout", []Result{ResultTempError}},
	} {
		record := fmt.Sprintf(base, test.term)
		asked := NewAsker(zone(record + test.zone))
		var got []Result
		for _, c := range Walk(context.Background(), asked, "a.test").Controls(context.Background(), asked) {
			got = append(got, c.Result)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestShadows(t *testing.T) {
	t.Parallel()
	below := "\na.test A 192.0.2.9\nb.test TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"
	for record, want := range map[string]int{
		"v=spf1 include:b.test -all":                                    2,
		"v=spf1 -ip4:0.0.0.0/0 include:b.test -all":                     1,
		"v=spf1 ~a/0 include:b.test -all":                               1,
		"v=spf1 ?include:b.test include:b.test -all":                    0,
		"v=spf1 -ip4:192.0.2.1 include:b.test -all":                     2,
		"v=spf1 include:b.test -ip4:0.0.0.0/0 -all":                     2,
		"v=spf1 -ip4:192.0.0.0/8 -ip6:2001:db8::/16 redirect=b.test":    0,
		"v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.0/24 include:b.test ~all": 2,
	} {
		if got := len(Walk(context.Background(), zone("a.test TXT "+record+below), "a.test").Networks()); got != want {
			t.Errorf("%s: %d networks pass, want %d", record, got, want)
		}
	}
}

func TestHugeRecord(t *testing.T) {
	t.Parallel()
	var record strings.Builder
	record.WriteString("v=spf1")
	for i := range 6000 {
		fmt.Fprintf(&record, " a:%d.test", i)
	}
	tree := Walk(context.Background(), zone("a.test TXT "+record.String()), "a.test")
	if n := strings.Count(tree.String(), "\n"); tree.Lookups <= LookupLimit || n > treeLines+1 {
		t.Errorf("%d look-ups, %d lines", tree.Lookups, n)
	}
	Lint(tree.Root.Record)
}

func TestTreeString(t *testing.T) {
	t.Parallel()
	tree := Walk(context.Background(), zone(`
acme.test TXT v=spf1 include:_spf.mail.test include:gone.test mx ip4:192.0.2.1 -all a
_spf.mail.test TXT v=spf1 include:_n1.mail.test a:dead.mail.test ~all
_n1.mail.test TXT v=spf1 ip4:192.0.2.0/24 ~all
acme.test MX mx.acme.test
mx.acme.test A 192.0.2.1
mx.acme.test AAAA 2001:db8::1
`), "acme.test")
	want := `
acme.test: 5 of 10 look-ups, 1 of 2 void
|- include:_spf.mail.test                                    3
|  |- include:_n1.mail.test                                  1
|  |  |- ip4:192.0.2.0/24
|  |  ` + "`" + `- ~all
|  |- a:dead.mail.test  (void)                               1
|  ` + "`" + `- ~all
|- include:gone.test                                         1
|  ` + "`" + `- no SPF record
|- mx                                                        1
|- ip4:192.0.2.1
|- -all
` + "`" + `- a  (never tested)
`
	trimmed := "\n"
	for line := range strings.Lines(tree.String()) {
		trimmed += strings.TrimRight(line, " \n") + "\n"
	}
	if diff := cmp.Diff(want, trimmed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
