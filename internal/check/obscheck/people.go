package obscheck

import (
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// people notes what the drill has shown of alerts: that one arrived where
// somebody reads it proves more than any rule. An Alertmanager that knows the
// alert proves nothing of that: with a webhook that is dead it knows it too.
func (t *trial) people() {
	alert, ok := t.kind.shows()
	arrived, listed := false, false
	proof := t.noticed[alert]
	for _, w := range t.watches {
		switch {
		case !w.seen:
		case w.signal.Config.Kind == probe.SinkAlertmanager:
			listed = true
		case receives(w.signal.Config.Kind):
			arrived, proof.drill = true, t.drill.Name
			if w.signal.Address != "" {
				proof.addresses = append(proof.addresses, w.signal.Address)
			}
		}
	}
	if arrived && ok {
		t.noticed[alert] = proof
	}
	hasReceiver := slices.ContainsFunc(t.watches, func(w *watch) bool { return receives(w.signal.Config.Kind) })
	if listed && !hasReceiver {
		t.report.InconclusiveAs(ruleAlert, t.drill.Name, "Alertmanager knows the alert; whether anybody was told is not seen",
			"Add a signal with the mailbox, or the sink of type webhook, where the alert arrives: Alertmanager answers alike while nobody can be reached.")
	}
}

// isOnCall reports whether a destination is one that counts as a person.
func (s *session) isOnCall(destination string) bool {
	return len(s.spec.OnCall) == 0 || slices.ContainsFunc(s.spec.OnCall, func(one string) bool {
		return strings.EqualFold(strings.TrimSpace(one), destination)
	})
}
