package sandbox

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// TestEdit is what a person's saves at the dashboard make of a zone.
func TestEdit(t *testing.T) {
	t.Parallel()
	z := zone.New("z", "acme.example", "a", "free")
	ids := func() map[string]string { // content to id
		out := map[string]string{}
		for _, r := range z.Records() {
			out[r.Type+" "+r.Name+" "+unquote(r.Content)] = r.ID
		}
		return out
	}
	save := func(r record) {
		t.Helper()
		if err := edit(z, r); err != nil {
			t.Fatal(err)
		}
	}
	save(record{Type: "txt", Name: "ACME.example.", Content: "verification=1"})
	save(record{Type: "TXT", Name: "acme.example", Content: "v=spf1 -all"})
	save(record{Type: "TXT", Name: "acme.example", Content: "some words"})
	save(record{Type: "A", Name: "www.acme.example", Content: originIP, Proxied: true})
	before := ids()
	save(record{Type: "TXT", Name: "acme.example", Content: "v=spf1 +all"})
	after := ids()
	want := map[string]string{
		"TXT acme.example some words":     before["TXT acme.example some words"],
		"TXT acme.example verification=1": before["TXT acme.example verification=1"],
		"TXT acme.example v=spf1 +all":    before["TXT acme.example v=spf1 -all"],
		"A www.acme.example " + originIP:  before["A www.acme.example "+originIP],
	}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("an edit in place:\n%s", diff)
	}
	save(record{Type: "CAA", Name: "acme.example", Content: `0 issue "pki.goog"`})
	save(record{Type: "CAA", Name: "acme.example", Content: `0 ISSUE letsencrypt.org`, TTL: 600})
	save(record{Type: "CAA", Name: "acme.example", Content: `0 issue "letsencrypt.org"`, Meta: map[string]any{"read_only": true}})
	for _, r := range z.Records() {
		if r.Type == "CAA" && strings.Contains(r.Content, "letsencrypt") && (r.Meta["read_only"] != true || r.TTL != 1 || len(r.Data) == 0) {
			t.Errorf("a type with data: %+v", r)
		}
	}
	if got := len(z.Records()); got != 6 {
		t.Errorf("%d records, want 6: two of CAA", got)
	}
	save(record{Type: "A", Name: "www.acme.example"})
	if _, left := ids()["A www.acme.example "+originIP]; left {
		t.Error("an empty content did not delete")
	}
	for _, bad := range []record{{Type: "A", Name: "www.other.example", Content: originIP}, {Name: "acme.example", Content: "x"}, {}, {Type: "CAA", Name: "acme.example", Content: "issue"}} {
		if err := edit(z, bad); err == nil {
			t.Errorf("%+v was saved", bad)
		}
	}
}

func TestExchangeRefusesWhatItCannotTakeBack(t *testing.T) {
	t.Parallel()
	z := zone.New("z", "acme.example", "a", "free")
	if _, err := exchange(z, textAt("acme.example", "v=spf1"), record{Type: "TXT", Name: "acme.example", Content: "other"}); err == nil {
		t.Error("a record outside the chosen set was put")
	}
	if len(z.Records()) != 0 {
		t.Error("the zone was changed")
	}
}
