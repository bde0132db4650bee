package spf

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	declared, err := Parse("v=spf1 include:_spf.google.com -all")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		published     string
		kept, dropped []string
	}{
		{"v=spf1 a:mail.acme.example INCLUDE:_spf.google.com ip4:198.51.100.7/32 ?all", []string{"a:mail.acme.example", "ip4:198.51.100.7"}, nil},
		{"v=spf1 redirect=SPF.mtasv.net", []string{"include:spf.mtasv.net"}, nil},
		{"v=spf1 redirect=spf.mtasv.net ~all", nil, nil},
		{"v=spf1 redirect=_spf.google.com", nil, nil},
		{"v=spf1 mx mx incl:x.example exp=why.acme.example +all", []string{"mx", "exp=why.acme.example"}, []string{"incl:x.example"}},
		{"v=spf1", nil, nil},
		{"", nil, nil},
	} {
		kept, dropped := Merge(c.published, declared)
		if diff := cmp.Diff(c.kept, kept) + cmp.Diff(c.dropped, dropped); diff != "" {
			t.Errorf("%q: %s", c.published, diff)
		}
	}
}
