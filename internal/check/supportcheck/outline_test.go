package supportcheck

import (
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

func TestOutline(t *testing.T) {
	book, err := runbook.Parse("runbook.md", []byte(`# Support

Last reviewed: 2026-11-16

## Refunds

- **Owner:** Ines Moreau, membership office
- **Contact:** billing@acme.example
- **Expected time:** 2 business days
- **Escalate when** the amount is above 500 euros: see Escalation.

1. Find the invoice.
2. Choose "Refund".
3. Answer the member.

## Rückerstattungen

Nothing here.

## Escalation

- **Owner:** Ada Lindqvist, operations

## Password resets

Owner: TBD
Escalate: after two days

1. Send the link.
`))
	if err != nil {
		t.Fatal(err)
	}
	sections, reviewed := Outline(book, Spec{})
	if want := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC); !reviewed.Equal(want) {
		t.Errorf("reviewed on %s", reviewed)
	}
	found := map[string]Section{}
	for _, s := range sections {
		found[s.Topic] = s
	}
	refunds := found["refunds"]
	if refunds.Owner != "Ines Moreau, membership office" || refunds.Contact != "billing@acme.example" || refunds.Time != "2 business days" || refunds.Escalate != "the amount is above 500 euros: see Escalation." || len(refunds.Steps) != 3 || refunds.Place != "runbook.md: Refunds" {
		t.Errorf("refunds: %+v", refunds)
	}
	if resets := found["resets"]; resets.Owner != "" || resets.Escalate != "after two days" || len(resets.Steps) != 1 {
		t.Errorf("resets: %+v", resets)
	}
	for topic, s := range found {
		if strings.Contains(s.Escalate, "Ada") {
			t.Errorf("%s: the owner of a section is no time to escalate: %+v", topic, s)
		}
	}
	if _, there := found["invites"]; there {
		t.Error("a topic that nothing is about")
	}
}
