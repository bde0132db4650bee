package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/corscheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/dnscheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/edgecheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/emailauth"
	"github.com/launchready/terraform-provider-launchready/internal/check/maildelivery"
	"github.com/launchready/terraform-provider-launchready/internal/check/ratecheck"
	"github.com/launchready/terraform-provider-launchready/internal/check/tlscheck"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// prober sees the network as a client's configuration says.
func (s target) prober(t *testing.T) *probe.Client {
	t.Helper()
	prober, err := probe.New(probe.Config{
		AllowedHosts: []string{s.Domain(), "*." + s.Domain()}, Resolvers: []string{s.Resolver()},
		ConnectTo: s.ConnectTo(), CABundle: s.CAPEM(), Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return prober
}

// deliveryResult lets the portal send a password reset and an invitation that
// bounces. The wait is short: the sandbox delivers at once, or not at all.
func deliveryResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	inbox := s.Mailboxes()["inbox"]
	portal := "https://portal." + s.Domain()
	robot := http.Header{"Authorization": {"Bearer " + s.Identities()["robot"].BearerToken}}
	result, err := maildelivery.Definition.Execute(t.Context(), s.prober(t), maildelivery.Spec{
		Mailbox: maildelivery.Mailbox{Account: probe.MailAccount{Server: inbox.IMAP, Username: inbox.Username, Password: inbox.Password}, Address: inbox.Address},
		Trigger: maildelivery.Trigger{Request: &maildelivery.Request{URL: portal + "/api/password-reset", Body: `{"email":"{{recipient}}"}`}},
		Within:  4 * time.Second, FromDomain: s.Domain(), LinkHosts: []string{"portal." + s.Domain()}, DKIMSelectors: []string{"20260301093000pm"},
		Bounce: &maildelivery.Bounce{
			Recipient: "no-such-member-{{token}}@" + s.Domain(), Within: 4 * time.Second,
			Trigger: &maildelivery.Trigger{Request: &maildelivery.Request{URL: portal + "/api/invites", Header: robot, Body: `{"email":"{{recipient}}"}`}},
			Request: &maildelivery.Poll{URL: portal + "/api/mail/suppressions?address={{recipient}}", Header: robot, Contains: `"suppressed":true`},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// rateSpeed makes ten seconds of the sandbox's rate limits one.
const rateSpeed = 10

// rateResult sends bursts to the sign-in, to the recovery of a password, whose
// mail is counted, and to the resending of a code.
func rateResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	portal, people, inbox := "https://portal."+s.Domain(), s.Identities(), s.Mailboxes()["inbox"]
	robot := http.Header{"Authorization": {"Bearer " + people["robot"].BearerToken}}
	base := ratecheck.Endpoint{Requests: 30, Within: 3 * time.Second, Control: &ratecheck.Control{URL: portal + "/api/me", Header: robot}}
	login, reset, resend := base, base, base
	login.URL, login.Body = portal+"/api/login", `{"email":"{{account}}","password":"{{password}}"}`
	for _, name := range []string{"member_a", "member_b"} {
		login.Accounts = append(login.Accounts, ratecheck.Account{Address: people[name].Username, Password: people[name].Password})
	}
	reset.URL, reset.Body = portal+"/api/password-reset", `{"email":"{{account}}"}`
	reset.Mailbox = &ratecheck.Mailbox{Account: probe.MailAccount{Server: inbox.IMAP, Username: inbox.Username, Password: inbox.Password}, Address: inbox.Address}
	resend.URL, resend.Body = portal+"/api/resend-code", `{"email":"nobody@`+s.Domain()+`"}`
	result, err := ratecheck.Definition.Execute(t.Context(), s.prober(t), ratecheck.Spec{
		Endpoints: []ratecheck.Endpoint{login, resend, reset}, MaximumLockout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// clientResults runs the checks as a client's configuration would ask for them.
func clientResults(t *testing.T, s target) []readiness.Result {
	t.Helper()
	prober := s.prober(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	mail, err := emailauth.Definition.Execute(ctx, prober, emailauth.Spec{
		Domain: s.Domain(), Senders: []string{"google_workspace", "postmark"}, DKIMSelectors: []string{"google"}, MinimumPolicy: dmarc.Quarantine,
		ReturnPaths: []string{"pm-bounces"},
	})
	if err != nil {
		t.Fatal(err)
	}
	spec := tlscheck.DefaultSpec("portal." + s.Domain())
	spec.Pages = []string{"/", "/welcome"}
	tls, err := tlscheck.Definition.Execute(ctx, prober, spec)
	if err != nil {
		t.Fatal(err)
	}
	names, err := dnscheck.Definition.Execute(ctx, prober, dnscheck.Spec{
		Domain: s.Domain(), Listed: true, Records: s.listing(), Hosts: []string{s.Domain(), "portal." + s.Domain()},
		Expected: []dnscheck.Expected{{Name: "portal." + s.Domain(), Type: "A", Proxied: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	edge, err := edgecheck.Definition.Execute(ctx, prober, s.edgeSpec(ctx, prober))
	if err != nil {
		t.Fatal(err)
	}
	robot := http.Header{"Authorization": {"Bearer " + s.Identities()["robot"].BearerToken}}
	endpoint := func(path string) corscheck.Endpoint {
		return corscheck.Endpoint{URL: "https://portal." + s.Domain() + path, Header: robot, Identity: "robot"}
	}
	cors, err := corscheck.Definition.Execute(ctx, prober, corscheck.Spec{
		Endpoints:      map[string]corscheck.Endpoint{"me": endpoint("/api/me"), "posts": endpoint("/api/posts")},
		TrustedOrigins: []string{"https://app." + s.Domain()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return []readiness.Result{mail, tls, names, edge, cors}
}

// listing is the zone as its owner's configuration reads it from the API.
func (s target) listing() []dnscheck.Record {
	s.t.Helper()
	var all []struct {
		Type, Name, Content string
		TTL                 int64
		Proxied             bool
		Priority            *int
	}
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dns_records?per_page=5000", nil, &all)
	out := make([]dnscheck.Record, len(all))
	for i, r := range all {
		if r.Priority != nil && (r.Type == "MX" || r.Type == "URI") {
			r.Content = fmt.Sprintf("%d %s", *r.Priority, r.Content)
		}
		out[i] = dnscheck.Record{Name: r.Name, Type: r.Type, Content: r.Content, TTL: r.TTL, Proxied: r.Proxied}
	}
	return out
}
