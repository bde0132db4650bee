package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/relay"
)

// deliveryFaults are those that show only in a message that was really sent.
func deliveryFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeMail, apply: apply}
	}
	return []Fault{
		mk("mail_unsigned", "Mail has no DKIM signature.", relayFault(relay.Unsigned), "delivery.dkim"),
		mk("mail_signed_by_vendor", "Mail is signed by the sending service alone, not by the client's domain.", relayFault(relay.VendorSigned), "delivery.dkim"),
		mk("mail_key_mismatch", "Mail is signed with another key than the published one.", relayFault(relay.KeyMismatch), "delivery.dkim"),
		mk("mail_spf_not_covered", "Mail comes from a host that the return path's SPF record does not name.", relayFault(relay.StrayAddress), "delivery.spf"),
		mk("mail_slow", "Mail comes half a minute late.", relayFault(relay.Slow), "delivery.not_received"),
		mk("mail_lost", "Mail is accepted and never sent.", relayFault(relay.Lost), "delivery.not_received"),
		mk("mail_in_junk", "Mail is taken for junk.", junked, "delivery.spam"),
		mk("mail_http_links", "The links in mail are http.", portalSwitch(portal.HTTPLinks), "delivery.links"),
		mk("mail_foreign_links", "The links in mail lead by way of another host.", portalSwitch(portal.ForeignLinks), "delivery.links"),
		mk("mail_no_tls", "Mail travels in clear text.", relayFault(relay.WithoutTLS), "delivery.no_tls"),
		mk("mail_from_other_domain", "Mail is from a domain that is not the client's.", portalSwitch(portal.FromFormerDomain), "delivery.dmarc"),
		mk("bounce_dropped", "Nobody hears of mail that could not be delivered.",
			all(relayFault(relay.BouncesDropped), portalSwitch(portal.BouncesIgnored)), "bounce.unhandled"),
	}
}

// relayFault turns on a fault of the sending service.
func relayFault(f relay.Fault) step {
	return func(w *world) (func() error, error) {
		w.relay.SetFault(f, true)
		return func() error { w.relay.SetFault(f, false); return nil }, nil
	}
}

func junked(w *world) (func() error, error) {
	w.inbox.SetJunk(true)
	return func() error { w.inbox.SetJunk(false); return nil }, nil
}
