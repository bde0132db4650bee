package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// originIP is where the client's records point (TEST-NET-2, RFC 5737). Nothing
// answers there: LAUNCHREADY_CONNECT_TO leads its visitors to the origin here.
const originIP = "198.51.100.10"

// shopIP is a second origin of the client, with an address that anyone can
// reach, so that a record which tells it is wrong for no other reason.
const shopIP = "192.5.6.80"

// tunnelHost is where a tunnel of the client begins; the edge alone knows how
// it goes on.
const tunnelHost = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415.cfargotunnel.com"

// state is how a client's zone and portal stand when the sandbox starts.
type state struct {
	name    string
	records func(domain string) []record
	// settings by id; those not named have Cloudflare's defaults.
	settings map[string]any
	signed   bool // with DNSSEC, and the DS record at the parent
	guard    portal.Guard
	rules    func(plan string) []phaseRule // beside what Cloudflare deploys by itself
	faults   []string
}

// The names of the states.
const (
	// Healthy is a launch that is ready: everything right.
	Healthy = "healthy"
	// LaunchDay is the healthy client spoilt by what is found on launch days:
	// mail and TLS faults in zone and portal, each of them in Faults.
	LaunchDay = "launch-day"
	// AsFound is the zone a client arrives with: web and MX records made by
	// hand, no mail authentication, weak TLS; the portal itself is healthy.
	AsFound = "as-found"
	// BeforePortal is AsFound without a record for the portal's host.
	BeforePortal = "before-portal"
	// Empty is a zone just added: no record, default settings.
	Empty = "empty"
	// ManagedRecords is a client whose mail Cloudflare receives and whose
	// portal is reached by a tunnel: records that Cloudflare keeps itself.
	ManagedRecords = "managed-records"
	// Traps is Healthy with every trap on: nothing is wrong, and nothing is as a
	// check may expect.
	Traps = "traps"
)

// states returns every state. Built at each call: the values are small and
// the sandbox asks once.
func states() []state {
	soundTLS := map[string]any{
		"ssl_automatic_mode": "custom", "ssl": "strict", "min_tls_version": "1.2", "tls_1_3": "on",
		"always_use_https": "on", "automatic_https_rewrites": "on", "security_header": hsts(31536000),
	}
	weakTLS := map[string]any{
		"ssl": "flexible", "min_tls_version": "1.0", "tls_1_3": "on",
		"always_use_https": "off", "automatic_https_rewrites": "off", "security_header": hsts(0),
	}
	// Flexible shows to nobody outside until the origin forces https, but the
	// account says it.
	launchTLS := maps.Clone(soundTLS)
	launchTLS["ssl"] = "flexible"
	web := func(domain string) []record {
		return []record{
			{Type: "A", Name: domain, Content: originIP, Proxied: true},
			{Type: "A", Name: "www." + domain, Content: originIP, Proxied: true},
			{Type: "MX", Name: domain, Content: "smtp.google.com", Priority: 1},
			{Type: "TXT", Name: domain, Content: "google-site-verification=3kq0Yt7wPzqkU2m8bVtR1dXh5sLcA9eJ"},
		}
	}
	webPortal := func(domain string) record {
		return record{Type: "A", Name: "portal." + domain, Content: originIP, Proxied: true}
	}
	withMail := func(domain string) []record {
		return append(web(domain), webPortal(domain), record{Type: "A", Name: "staging." + domain, Content: originIP, Proxied: true},
			record{Type: "TXT", Name: domain, Content: "v=spf1 include:_spf.google.com -all"},
			record{Type: "TXT", Name: googleSelector + "._domainkey." + domain, Content: "v=DKIM1; k=rsa; p=" + googleKey},
			record{Type: "TXT", Name: postmarkSelector + "._domainkey." + domain, Content: "k=rsa; p=" + postmarkKey},
			record{Type: "CNAME", Name: "pm-bounces." + domain, Content: "pm.mtasv.net"},
			record{Type: "TXT", Name: dmarcName + "." + domain, Content: "v=DMARC1; p=reject; rua=mailto:dmarc-reports@" + domain},
		)
	}
	sound := func(domain string) []record {
		return slices.Concat(withMail(domain), transport(domain), allowedIssuers(domain))
	}
	managed := func(domain string) []record {
		routing := map[string]any{"read_only": true, "email_routing": true}
		return []record{
			{Type: "A", Name: domain, Content: originIP, Proxied: true},
			{Type: "A", Name: "www." + domain, Content: originIP, Proxied: true},
			{Type: "CNAME", Name: "portal." + domain, Content: tunnelHost, Proxied: true, Meta: map[string]any{"managed_by_argo_tunnel": true}},
			{Type: "MX", Name: domain, Content: "route1.mx.cloudflare.net", Priority: 12, Meta: routing},
			{Type: "MX", Name: domain, Content: "route2.mx.cloudflare.net", Priority: 45, Meta: routing},
			{Type: "MX", Name: domain, Content: "route3.mx.cloudflare.net", Priority: 89, Meta: routing},
			{Type: "TXT", Name: domain, Content: "v=spf1 include:_spf.mx.cloudflare.net ~all", Meta: routing},
			{Type: "TXT", Name: "cf2024-1._domainkey." + domain, Content: "v=DKIM1; h=sha256; k=rsa; p=" + googleKey, Meta: routing},
			{Type: "TXT", Name: dmarcName + "." + domain, Content: "v=DMARC1; p=reject; rua=mailto:dmarc-reports@" + domain},
		}
	}
	return []state{
		{name: Healthy, records: sound, settings: soundTLS, signed: true, guard: portal.Closed, rules: soundRules},
		{name: LaunchDay, records: sound, settings: launchTLS, signed: true, guard: portal.Closed, rules: soundRules, faults: []string{
			"spf_too_many_lookups", "dkim_missing", "dmarc_not_enforced",
			"http_not_redirected", "tls_1_0_accepted", "hsts_missing", "mixed_script", "mixed_image",
		}},
		{name: AsFound, records: func(d string) []record { return append(web(d), webPortal(d)) }, settings: weakTLS, guard: portal.Open},
		{name: BeforePortal, records: web, settings: weakTLS, guard: portal.Open},
		{name: Empty, records: func(string) []record { return nil }, guard: portal.Open},
		{name: ManagedRecords, records: managed, settings: soundTLS, guard: portal.Closed},
		{name: Traps, records: sound, settings: soundTLS, signed: true, guard: portal.Closed, rules: soundRules, faults: trapNames()},
	}
}

// transport is what says that mail to the domain must come by TLS (RFC 8461),
// and where it is reported that it did not (RFC 8460).
func transport(domain string) []record {
	return []record{
		{Type: "TXT", Name: stsName + "." + domain, Content: "v=STSv1; id=20260301093000"},
		{Type: "A", Name: "mta-sts." + domain, Content: originIP, Proxied: true},
		{Type: "TXT", Name: tlsReportName + "." + domain, Content: "v=TLSRPTv1; rua=mailto:tls-reports@" + domain},
	}
}

// allowedIssuers are the CAA records (RFC 8659) of a domain whose certificates
// Cloudflare renews: every authority that it may choose, for names and for
// wildcards.
func allowedIssuers(domain string) []record {
	var out []record
	for _, issuer := range []string{"pki.goog; cansignhttpexchanges=yes", "letsencrypt.org", "ssl.com", "sectigo.com"} {
		for _, tag := range []string{"issue", "issuewild"} {
			out = append(out, record{Type: "CAA", Name: domain, Content: fmt.Sprintf("0 %s %q", tag, issuer)})
		}
	}
	return out
}

// chooseState reads what -portal takes: the name of a state, or a list of
// faults of an otherwise healthy client; a state may begin the list.
func chooseState(text string) (state, error) {
	all := states()
	out := all[0]
	for i, word := range strings.Split(text, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		at := slices.IndexFunc(all, func(s state) bool { return s.name == word })
		if at >= 0 && i == 0 {
			out = all[at]
			continue
		}
		if _, err := faultNamed(word); err != nil {
			return state{}, err
		}
		out.faults = append(slices.Clip(out.faults), word)
	}
	return out, nil
}

// expandFaults replaces the name of a state by its faults, so that one word
// sets or clears them all.
func expandFaults(names []string) []string {
	var out []string
	for _, name := range names {
		at := slices.IndexFunc(states(), func(s state) bool { return s.name == name && (s.name == Healthy || len(s.faults) > 0) })
		if at >= 0 {
			out = append(out, states()[at].faults...)
			continue
		}
		out = append(out, name)
	}
	return out
}

// furnish writes a state into the clients' zones, with extra records to make the
// first one large.
func (s state) furnish(a *account, extra int) error {
	for _, z := range append([]*zone.Zone{a.zone}, a.others...) {
		if err := s.furnishZone(a, z); err != nil {
			return err
		}
	}
	if extra == 0 {
		return nil
	}
	return a.api.SeedMany(a.zone, extra)
}

// furnishZone writes a state into one zone, records through the checks of the API.
func (s state) furnishZone(a *account, z *zone.Zone) error {
	for id, value := range s.settings {
		if _, err := change(z, id, value); err != nil {
			return err
		}
	}
	for _, r := range s.records(z.Name) {
		stored, err := r.stored()
		if err != nil {
			return err
		}
		var options []api.SeedOption
		if stored.Proxied {
			options = append(options, api.Proxied())
		}
		if stored.Priority != nil {
			options = append(options, api.Priority(*stored.Priority))
		}
		if stored.Data != nil {
			options = append(options, api.Data(stored.Data))
		}
		for name, value := range stored.Meta {
			options = append(options, api.Meta(name, value))
		}
		if _, err := a.api.Seed(z, stored.Type, stored.Name, stored.Content, options...); err != nil {
			return err
		}
	}
	if s.rules != nil {
		for _, r := range s.rules(z.Plan) {
			a.api.SeedRule(z, r.phase, r.Rule)
		}
	}
	if s.signed {
		return errors.Join(z.SetDNSSEC(true), z.PublishDS(true))
	}
	return nil
}
