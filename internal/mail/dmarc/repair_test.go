package dmarc

import (
	"strings"
	"testing"
)

func TestRepair(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"v=DMARC1; p=none":                                              "v=DMARC1; p=none",
		"v=DMARC1 p=reject rua=mailto:a@b.example":                      "v=DMARC1; p=reject; rua=mailto:a@b.example",
		"v=DMARC1; p=reject, rua=mailto:a@b.example,mailto:c@b.example": "v=DMARC1; p=reject; rua=mailto:a@b.example,mailto:c@b.example",
		`"v=DMARC1; p=reject;"`:                                         "v=DMARC1; p=reject;",
		`\"v=dmarc1;p=reject\"`:                                         "v=DMARC1; p=reject",
		"\u00a0v = DMARC; p = none":                                     "v=DMARC1; p=none",
		"DMARC1; p=none":                                                "v=DMARC1; p=none",
	} {
		if got := Repair(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRepairURIs(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"mailto:a@b.example!10m, c@b.example":            "mailto:a@b.example mailto:c@b.example",
		"mailto: a@b.example":                            "mailto:a@b.example",
		"<a@b.example>,a@b.example":                      "mailto:a@b.example",
		"garbage,https://b.example/x,mailto=a@b.example": "https://b.example/x",
		"": "",
	} {
		if got := strings.Join(RepairURIs(value), " "); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

func FuzzRepair(f *testing.F) {
	for _, s := range []string{`"v=DMARC1; p=reject, rua=a@b.example"`, "v=dmarc1 p=Reject adkim=strict", "\u0130v=DMARC1;p=none;rua=,,", "v=DMARC1; ruf=mailto:a@b.c!5m"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		r, _ := Parse(Repair(text)) // whatever it makes of a text, it can be read
		for _, t := range r.Tags {
			RepairURIs(t.Value)
		}
	})
}
