package provider_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/peers"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
)

// Mail that Debian's Postfix sends, OpenDKIM signs and verifies, and Dovecot
// shows is judged as it should be, good and bad. None of the three has been
// written by those who wrote the check.
func TestDeliveryThroughOtherPeoplesServers(t *testing.T) {
	t.Parallel()
	clitest.Program(t) // skips before servers are started
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	authority, err := pki.NewAuthority("Launchready tests", "Peers", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	mail := peers.Start(t, peers.Options{
		Domain: s.Domain(), Resolver: s.Resolver(),
		Certificate: func(host string) (*tls.Certificate, error) { return authority.Issue(pki.Leaf{Names: []string{host}}) },
	})
	text := func(name, content string) {
		s.put("/zone/records", map[string]any{"type": "TXT", "name": name, "content": content})
	}
	key := func(record string) { text(peers.Selector+"._domainkey."+s.Domain(), record) }
	spf := func(terms string) { text(s.Domain(), "v=spf1 "+terms+" -all") }
	key(mail.Key)
	spf("ip4:" + mail.Sender)
	text("_dmarc."+s.Domain(), "v=DMARC1; p=reject; adkim=s; aspf=s")

	run := newPeerRun(t, s, mail, authority.RootPEM())

	good := map[string]string{
		"delivery.not_received":      "pass the message arrived",
		"delivery.spam":              "pass the message lay in the inbox",
		"delivery.spf":               "pass SPF of acme.example allows the sending host",
		"delivery.dkim":              "pass a valid signature of acme.example speaks for the author",
		"delivery.dmarc":             "pass the message passes the policy of acme.example",
		"delivery.no_tls":            "pass the receiver took the message over TLS",
		"delivery.header_gap":        "pass From, Subject, Date, Message-ID and the whole body are signed",
		"delivery.undeclared_signer": "pass every signature of the domain is of a declared selector",
		"delivery.links":             "not_applicable the message holds no link",
		"bounce.unproven":            "inconclusive no bounce was provoked: that bounces are taken is not proven",
		"bounce.unhandled":           "not_applicable no bounce was provoked",
	}
	but := func(changes map[string]string) map[string]string {
		out := maps.Clone(good)
		maps.Copy(out, changes)
		return out
	}
	none := func(reason string) map[string]string {
		out := map[string]string{}
		for rule := range good {
			out[rule] = "inconclusive " + reason
		}
		return out
	}
	const receiver, signed = peers.MXHost + "; ", "header.d=acme.example header.i=@acme.example header.a=rsa-sha256 header.s=" + peers.Selector

	// What is right, and the faults that accounts and services can have, at once.
	run.apply(map[string]peerCheck{
		"sound": {
			config: delivery("submission", "inbox", `bounce = { recipient = "no-such-member-{{token}}@acme.example", mailbox = "bounces" }`),
			status: "pass",
			findings: but(map[string]string{
				"bounce.unproven": "pass whether bounces are taken was tested", "bounce.unhandled": "pass the bounce was taken",
			}),
			observed: map[string]string{
				"authentication_results": receiver + "dkim=pass .*" + signed + " .*",
				"received":               regexp.QuoteMeta("from "+peers.SendingHost+" (unknown ["+mail.Sender+"]) (using TLSv1.3 with cipher ") + ".* with ESMTPS id .*",
				"sender_address":         regexp.QuoteMeta(mail.Sender),
				"return_path":            "portal@acme.example",
				"dkim":                   "d=acme.example s=" + peers.Selector + " pass",
				"spf":                    "acme.example pass",
				"arrived_after":          `[\d.]+m?s`,
				"bounce_taken_after":     `[\d.]+m?s`,
			},
		},
		"defaults": {
			config: delivery("defaults", "inbox"), status: "pass", // the gap is of low severity
			findings: but(map[string]string{"delivery.header_gap": "fail not signed: Message-ID"}),
		},
		"unsigned": {
			config: delivery("unsigned", "inbox"), status: "fail",
			findings: but(map[string]string{
				"delivery.dkim":              "fail the message is not signed",
				"delivery.header_gap":        "not_applicable the message has no valid signature of the author's domain",
				"delivery.undeclared_signer": "not_applicable the message has no valid signature of the author's domain",
			}),
			observed: map[string]string{"authentication_results": receiver + "dkim=none.*"},
		},
		"plain": {
			config: delivery("plain", "inbox"), status: "fail",
			findings: but(map[string]string{"delivery.no_tls": "fail the message came to the receiver without encryption"}),
			observed: map[string]string{"received": ".* with ESMTP id .*"},
		},
		"junk": {
			config: delivery("submission", "junk"), status: "fail",
			findings: but(map[string]string{"delivery.spam": "fail the receiver put the message into the folder for unwanted mail"}),
		},
		"locked": {
			config: delivery("submission", "locked"), status: "inconclusive",
			findings: none("the mailbox cannot be read: the server refused the user name or the password"),
		},
		"refused": {
			config: delivery("refused", "inbox"), status: "inconclusive",
			findings: none("the trigger failed: the server refused the user name or the password"),
		},
	})

	// The faults that the zone can have. DMARC passes while one of SPF and DKIM does.
	broken := func(reason string) map[string]string {
		return but(map[string]string{
			"delivery.dkim":              "fail the signature of acme.example is not valid: " + reason,
			"delivery.header_gap":        "not_applicable the message has no valid signature of the author's domain",
			"delivery.undeclared_signer": "not_applicable the message has no valid signature of the author's domain",
		})
	}
	key(mail.OtherKey)
	run.apply(map[string]peerCheck{"another_key": {
		config: delivery("submission", "inbox"), status: "fail", findings: broken("signature did not verify"),
		observed: map[string]string{"authentication_results": receiver + `dkim=fail reason="signature verification failed" .*` + signed + " .*"},
	}})
	key("")
	spf("ip4:127.0.0.1")
	findings := broken("there is no key at the selector")
	findings["delivery.spf"] = "fail SPF of acme.example is fail for the sending host"
	findings["delivery.dmarc"] = "fail neither an aligned signature nor aligned SPF passed"
	run.apply(map[string]peerCheck{"no_key_no_sender": {config: delivery("submission", "inbox"), status: "fail", findings: findings,
		observed: map[string]string{"authentication_results": receiver + `dkim=fail reason="key not found in DNS" ` + signed + " .*"}}})
}

// peerCheck is a check and what it must find.
type peerCheck struct {
	config   string
	status   string
	findings map[string]string // status and message by rule, all of them
	observed map[string]string // pattern of the whole text by key; some of them
}

// peerRun runs configurations against the servers.
type peerRun struct {
	t       *testing.T
	dir     string
	cli     *clitest.CLI
	header  string
	secrets []string
}

func newPeerRun(t *testing.T, s target, mail *peers.Mail, root []byte) *peerRun {
	t.Helper()
	to := s.ConnectTo()
	const submission = peers.SendingHost
	to[peers.IMAPHost+":993"] = mail.IMAP
	for port, address := range map[int]string{587: mail.Submission, 588: mail.Unsigned, 589: mail.Plain, 590: mail.Defaults} {
		to[fmt.Sprintf("%s:%d", submission, port)] = address
	}
	wrong := "wrong-" + mail.Inbox.Password
	reads := func(a peers.Account) string {
		return fmt.Sprintf("{ imap = \"%s:993\", username = %q, password = %q }", peers.IMAPHost, a.Address, a.Password)
	}
	sends := func(port int, password string) string {
		return fmt.Sprintf("{ smtp = \"%s:%d\", username = %q, password = %q }", submission, port, mail.Product.Address, password)
	}
	dir := t.TempDir()
	run := &peerRun{
		t: t, dir: dir, cli: clitest.New(t, dir),
		// The wrong ones hold that of the inbox.
		secrets: []string{mail.Inbox.Password, mail.Bounces.Password, mail.Spam.Password, mail.Product.Password},
		header: fmt.Sprintf(`
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
provider "launchready" {
  probe = {
    allowed_hosts = [%q]
    resolvers     = [%q]
    connect_to    = jsondecode(%q)
    ca_bundle     = %q
    timeout       = "10s"
  }
  mailboxes = {
    inbox      = %s
    bounces    = %s
    junk       = %s
    locked     = %s
    submission = %s
    unsigned   = %s
    plain      = %s
    defaults   = %s
    refused    = %s
  }
}
`, s.Domain(), s.Resolver(), asJSON(to), string(s.CAPEM())+string(root),
			reads(mail.Inbox), reads(mail.Bounces), reads(mail.Spam), reads(peers.Account{Address: mail.Inbox.Address, Password: wrong}),
			sends(587, mail.Product.Password), sends(588, mail.Product.Password), sends(589, mail.Product.Password), sends(590, mail.Product.Password), sends(587, wrong)),
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(run.header), 0o600); err != nil {
		t.Fatal(err)
	}
	run.cli.Must(t, "init", "-input=false")
	return run
}

// delivery is a check that submits a message at one account and reads it at another.
func delivery(account, mailbox string, more ...string) string {
	return fmt.Sprintf(`
  mailbox        = %q
  trigger        = { smtp = { account = %q, from = "portal@acme.example" } }
  dkim_selectors = [%q]
  within         = "45s"
  enforcement    = "report"
  %s`, mailbox, account, peers.Selector, strings.Join(more, "\n  "))
}

// apply runs checks beside one another and compares what they find. No
// password may be seen in what is printed or stored.
func (r *peerRun) apply(checks map[string]peerCheck) {
	r.t.Helper()
	config := r.header
	for name, c := range checks {
		config += fmt.Sprintf("data \"launchready_mail_delivery_check\" %q {%s\n}\n", name, c.config)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "main.tf"), []byte(config), 0o600); err != nil {
		r.t.Fatal(err)
	}
	start := time.Now()
	printed := r.cli.Must(r.t, "apply", "-input=false", "-auto-approve")
	shown := r.cli.Must(r.t, "show", "-json")
	r.t.Logf("%d checks in %s", len(checks), time.Since(start).Round(100*time.Millisecond))
	stored, err := os.ReadFile(filepath.Join(r.dir, "terraform.tfstate"))
	if err != nil {
		r.t.Fatal(err)
	}
	for place, text := range map[string]string{"the output": printed, "terraform show": shown, "the state": string(stored)} {
		for _, secret := range r.secrets {
			if strings.Contains(text, secret) {
				r.t.Errorf("%s holds a password", place)
			}
		}
	}
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Name   string
					Values struct {
						Status   string
						Findings []struct{ Rule, Status, Message string }
						Observed map[string]string
					}
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(shown), &state); err != nil {
		r.t.Fatal(err)
	}
	if len(state.Values.Root.Resources) != len(checks) {
		r.t.Errorf("%d checks in the state, want %d", len(state.Values.Root.Resources), len(checks))
	}
	for _, check := range state.Values.Root.Resources {
		want, got := checks[check.Name], map[string]string{}
		for _, f := range check.Values.Findings {
			got[f.Rule] = f.Status + " " + f.Message
		}
		if check.Values.Status != want.status {
			r.t.Errorf("%s: status %s, want %s", check.Name, check.Values.Status, want.status)
		}
		if diff := cmp.Diff(want.findings, got); diff != "" {
			r.t.Errorf("%s: findings (-want +got):\n%s\nobserved: %s", check.Name, diff, asJSON(check.Values.Observed))
		}
		for key, pattern := range want.observed {
			if text := check.Values.Observed[key]; !regexp.MustCompile("(?s)^" + pattern + "$").MatchString(text) {
				r.t.Errorf("%s: observed %s is %q, want %s", check.Name, key, text, pattern)
			}
		}
	}
}
