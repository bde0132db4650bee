package maildelivery

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	fail         = readiness.Fail
	inconclusive = readiness.Inconclusive
)

// with adds what every run without a bounce test says.
func with(more map[string]readiness.Status) map[string]readiness.Status {
	out := map[string]readiness.Status{"bounce.unproven": inconclusive}
	maps.Copy(out, more)
	return out
}

// What receivers write above a message, the first field without its name.
const (
	microsoft = "from DU2PR04MB8616.eurprd04.prod.outlook.com (2603:10a6:10:2db::16) by AM9PR04MB7650.eurprd04.prod.outlook.com with HTTPS; x\r\n" +
		"Received: from DUZPR01CA0053.eurprd01.prod.exchangelabs.com (2603:10a6:10:469::8) by DU2PR04MB8616.eurprd04.prod.outlook.com (2603:10a6:10:2db::16) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 1; x\r\n" +
		"Received: from DB5PEPF00014B8B.eurprd02.prod.outlook.com (2603:10a6:10:469:cafe::90) by DUZPR01CA0053.outlook.office365.com (2603:10a6:10:469::8) with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 1 via Frontend Transport; x\r\n" +
		"Authentication-Results: spf=pass (sender IP is 192.0.2.10) smtp.mailfrom=acme.example; dkim=pass (signature was verified) header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100\r\n" +
		"Received: from mail.acme.example (192.0.2.10) by DB5PEPF00014B8B.mail.protection.outlook.com (10.167.8.199) with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 1 via Frontend Transport; x"
	fastmail = "from compute5.internal (compute5.nyi.internal [10.202.2.45]) by sloti22d1t06 (Cyrus 3.11) with LMTPA; x\r\n" +
		"Received: from mx6 ([10.202.2.205]) by compute5.internal (LMTPProxy); x\r\n" +
		"Received: from mx6.messagingengine.com (localhost [127.0.0.1]) by mailmx.nyi.internal (Postfix) with ESMTP id 1; x\r\n" +
		"Authentication-Results: mx6.messagingengine.com; dkim=pass header.d=acme.example; spf=pass smtp.mailfrom=acme.example; dmarc=pass header.from=acme.example\r\n" +
		"Received: from mail.acme.example (mail.acme.example [192.0.2.10]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by mx6.messagingengine.com (Postfix) with ESMTPS id 1; x"
	behindProxy = "from mail.acme.example (unknown [172.17.0.1]) by mx.inbox.example (Postfix) with ESMTP id 1; x"
)

func TestDefinition(t *testing.T) {
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
}

// One message, in every way that it can be wrong.
func TestDelivered(t *testing.T) {
	good := mailing{domain: "acme.example"}
	for _, test := range []struct {
		name  string
		mail  mailing
		world func(*world)
		spec  func(*Spec)
		want  map[string]readiness.Status
		says  map[string]string // rule -> part of its message

		severity map[string]readiness.Severity // by rule
	}{
		{name: "all is well", mail: good},
		{name: "with the receiver's word", mail: mailing{domain: "acme.example", results: "mx.inbox.example; dkim=pass header.d=acme.example; spf=pass smtp.mailfrom=acme.example; dmarc=pass header.from=acme.example"}},
		{name: "not signed", mail: mailing{}, want: map[string]readiness.Status{"delivery.dkim": fail},
			says: map[string]string{"delivery.dkim": "not signed"}},
		{name: "signed by the vendor alone", mail: mailing{domain: "vendor.example", path: "b@vendor.example"},
			want: map[string]readiness.Status{"delivery.dkim": fail, "delivery.dmarc": fail},
			says: map[string]string{"delivery.dkim": "signed for vendor.example alone"}},
		{name: "tampered", mail: mailing{domain: "acme.example", tamper: func(s string) string { return strings.Replace(s, ">Reset<", ">Reset now<", 1) }},
			want: map[string]readiness.Status{"delivery.dkim": fail}, says: map[string]string{"delivery.dkim": "body hash did not verify"}},
		{name: "from another domain", mail: mailing{domain: "vendor.example", from: "x@vendor.example"},
			want: map[string]readiness.Status{"delivery.dmarc": fail}, says: map[string]string{"delivery.dmarc": "from vendor.example, not from acme.example"}},
		{name: "two From fields", mail: mailing{domain: "acme.example", from: "a@acme.example\r\nFrom: b@acme.example"},
			want: map[string]readiness.Status{"delivery.dkim": fail, "delivery.dmarc": fail}},
		{name: "a revoked key", mail: mailing{domain: "acme.example", selector: "old"}, want: map[string]readiness.Status{"delivery.dkim": fail}},
		{name: "a key that is not there", mail: mailing{domain: "acme.example", selector: "none"}, want: map[string]readiness.Status{"delivery.dkim": fail},
			says: map[string]string{"delivery.dkim": "no key at the selector"}},
		{name: "a key that is not answered", mail: mailing{domain: "acme.example", selector: "slow"}, world: func(w *world) { w.broken["slow._domainkey.acme.example"] = true },
			want: map[string]readiness.Status{"delivery.dkim": inconclusive}},
		{name: "a key in test mode", mail: mailing{domain: "acme.example", selector: "test"}, want: map[string]readiness.Status{"delivery.dkim": fail},
			says: map[string]string{"delivery.dkim": "test mode (t=y)"}, severity: map[string]readiness.Severity{"delivery.dkim": readiness.Medium}},
		{name: "a key in test mode that the receiver passes", mail: mailing{domain: "acme.example", selector: "test", results: "mx.inbox.example; dkim=pass (test mode) header.d=acme.example"}, want: map[string]readiness.Status{"delivery.dkim": fail},
			says: map[string]string{"delivery.dkim": "test mode (t=y)"}, severity: map[string]readiness.Severity{"delivery.dkim": readiness.Medium}},
		{name: "a key in test mode that the receiver fails", mail: mailing{domain: "acme.example", selector: "test", results: "mx.inbox.example; dkim=fail header.d=acme.example"}, want: map[string]readiness.Status{"delivery.dkim": fail},
			says: map[string]string{"delivery.dkim": "two verdicts differ"}, severity: map[string]readiness.Severity{"delivery.dkim": readiness.Critical}},
		{name: "a key in test mode beside another", mail: mailing{domain: "acme.example", selector: "s1 test"}},
		{name: "a key in test mode below another", mail: mailing{domain: "acme.example", selector: "test s1"}},
		{name: "a key in test mode beside a revoked one", mail: mailing{domain: "acme.example", selector: "test old"}, want: map[string]readiness.Status{"delivery.dkim": fail},
			says: map[string]string{"delivery.dkim": "test mode (t=y)"}, severity: map[string]readiness.Severity{"delivery.dkim": readiness.Medium}},
		{name: "a key in test mode beside one that is not answered", mail: mailing{domain: "acme.example", selector: "test slow"}, world: func(w *world) { w.broken["slow._domainkey.acme.example"] = true },
			want: map[string]readiness.Status{"delivery.dkim": inconclusive}},
		{name: "another's key in test mode", mail: mailing{domain: "vendor.example", selector: "test", path: "b@acme.example"}, world: func(w *world) { w.txt["test._domainkey.vendor.example"] = w.txt["test._domainkey.acme.example"] },
			want: map[string]readiness.Status{"delivery.dkim": fail}, severity: map[string]readiness.Severity{"delivery.dkim": readiness.Critical}},
		{name: "SPF that is not answered", mail: good, world: func(w *world) { w.broken["acme.example"] = true }, want: map[string]readiness.Status{"delivery.spf": inconclusive}},
		{name: "a policy that is not answered", mail: good, world: func(w *world) { w.broken["_dmarc.acme.example"] = true }, want: map[string]readiness.Status{"delivery.dmarc": inconclusive}},
		{name: "no policy", mail: good, world: func(w *world) { delete(w.txt, "_dmarc.acme.example") }, want: map[string]readiness.Status{"delivery.dmarc": fail}},
		{name: "a host that SPF does not allow", mail: good, world: func(w *world) { w.txt["acme.example"] = []string{"v=spf1 ip4:198.51.100.1 ~all"} },
			want: map[string]readiness.Status{"delivery.spf": fail}, says: map[string]string{"delivery.spf": "softfail"}},
		{name: "strict alignment", mail: mailing{domain: "acme.example", from: "a@mail.acme.example"}, world: func(w *world) { w.txt["_dmarc.mail.acme.example"] = []string{"v=DMARC1; p=reject; adkim=s; aspf=s"} },
			want: map[string]readiness.Status{"delivery.dkim": fail, "delivery.dmarc": fail}},
		{name: "relaxed alignment", mail: mailing{domain: "acme.example", from: "a@mail.acme.example"}},
		{name: "the receiver says otherwise", mail: mailing{domain: "acme.example", results: "mx.inbox.example; dkim=fail header.d=acme.example"},
			want: map[string]readiness.Status{"delivery.dkim": fail}, says: map[string]string{"delivery.dkim": "this check says dkim=pass, the receiver dkim=fail"}},
		{name: "the receiver passes what is not signed", mail: mailing{results: "mx.inbox.example; dmarc=fail header.from=acme.example"},
			want: map[string]readiness.Status{"delivery.dkim": fail, "delivery.dmarc": fail}},
		{name: "a stranger's results do not count", mail: mailing{domain: "acme.example", results: "mx.evil.example; dkim=fail header.d=acme.example"}},
		{name: "a stranger's results below the border do not count", mail: mailing{domain: "acme.example", received: "from mail.acme.example ([192.0.2.10]) by mx.inbox.example with ESMTPS\r\nAuthentication-Results: mx.evil.example; spf=fail smtp.mailfrom=acme.example"}},
		{name: "a forged pass gains nothing", mail: mailing{received: "from mail.acme.example ([192.0.2.10]) by mx.inbox.example with ESMTPS\r\nAuthentication-Results: mx.inbox.example; dkim=pass header.d=acme.example"},
			want: map[string]readiness.Status{"delivery.dkim": fail}},
		{name: "one field for each method", mail: mailing{domain: "acme.example", results: "mx.inbox.example; dkim=pass header.d=acme.example\r\nAuthentication-Results: mx.inbox.example; spf=fail smtp.mailfrom=acme.example; dkim=fail header.d=acme.example"},
			want: map[string]readiness.Status{"delivery.spf": fail}},
		{name: "results right below the border", mail: mailing{domain: "acme.example", received: "from mail.acme.example ([192.0.2.10]) by mx.inbox.example with ESMTPS\r\nDMARC-Filter: OpenDMARC\r\nAuthentication-Results: mx.inbox.example; spf=fail smtp.mailfrom=acme.example"},
			want: map[string]readiness.Status{"delivery.spf": fail}},
		{name: "results within what the sender wrote", mail: mailing{domain: "acme.example", tamper: func(m string) string {
			return "Received: from x by y\r\nAuthentication-Results: mx.inbox.example; spf=fail smtp.mailfrom=acme.example\r\n" + m
		}},
			spec: func(s *Spec) { s.TrustedReceivers = []string{"mx.inbox.example"} }},
		{name: "Microsoft, without a name", mail: mailing{domain: "acme.example", results: "spf=fail (sender IP is 192.0.2.10) smtp.mailfrom=acme.example; dkim=pass header.d=acme.example; compauth=pass reason=100",
			received: "from mail.acme.example (192.0.2.10) by AM4.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server (version=TLS1_3, cipher=x) id 1; x"},
			want: map[string]readiness.Status{"delivery.spf": fail}},
		{name: "a receiver that is named", mail: mailing{domain: "acme.example", results: "results.host.example; spf=fail smtp.mailfrom=acme.example"},
			spec: func(s *Spec) { s.TrustedReceivers = []string{"host.example"} }, want: map[string]readiness.Status{"delivery.spf": fail}},
		{name: "a mailbox at Microsoft 365", mail: mailing{domain: "acme.example", received: microsoft}},
		{name: "a mailbox at Microsoft 365, an SPF failure", mail: mailing{domain: "acme.example", received: strings.ReplaceAll(microsoft, "192.0.2.10", "192.0.2.66")},
			want: map[string]readiness.Status{"delivery.spf": fail}, says: map[string]string{"delivery.spf": "two verdicts differ"}},
		{name: "a mailbox at Fastmail", mail: mailing{domain: "acme.example", received: fastmail}},
		{name: "a private address", mail: mailing{domain: "acme.example", received: behindProxy},
			want: map[string]readiness.Status{"delivery.spf": inconclusive, "delivery.no_tls": inconclusive}, says: map[string]string{"delivery.spf": "private address", "delivery.no_tls": "private address"}},
		{name: "a private address, the receiver passes SPF", mail: mailing{domain: "acme.example", received: behindProxy, results: "mx.inbox.example; spf=pass smtp.mailfrom=acme.example"},
			want: map[string]readiness.Status{"delivery.no_tls": inconclusive}, says: map[string]string{"delivery.spf": "the receiver says spf=pass"}},
		{name: "a private address, the receiver fails SPF", mail: mailing{domain: "acme.example", received: behindProxy, results: "mx.inbox.example; spf=fail smtp.mailfrom=acme.example"},
			want: map[string]readiness.Status{"delivery.spf": fail, "delivery.no_tls": inconclusive}, says: map[string]string{"delivery.spf": "the receiver says spf=fail"}},
		{name: "a private address, a stranger's word", mail: mailing{domain: "acme.example", received: behindProxy, results: "mx.evil.example; spf=fail smtp.mailfrom=acme.example"},
			want: map[string]readiness.Status{"delivery.spf": inconclusive, "delivery.no_tls": inconclusive}},
		{name: "a private address, the receiver is neutral", mail: mailing{domain: "acme.example", received: behindProxy, results: "mx.inbox.example; spf=neutral smtp.mailfrom=acme.example"},
			want: map[string]readiness.Status{"delivery.spf": inconclusive, "delivery.no_tls": inconclusive}},
		{name: "no policy, as the receiver guesses", mail: mailing{domain: "acme.example", results: "mx.inbox.example; dmarc=bestguesspass header.from=acme.example"}, world: func(w *world) { delete(w.txt, "_dmarc.acme.example") },
			want: map[string]readiness.Status{"delivery.dmarc": fail}, says: map[string]string{"delivery.dmarc": "no policy record applies to acme.example; two verdicts differ: this check says dmarc=none, the receiver dmarc=bestguesspass"}},
		{name: "no address noted", mail: mailing{domain: "acme.example", received: "from mail.acme.example by mx.inbox.example with ESMTP id 1; x"},
			want: map[string]readiness.Status{"delivery.spf": inconclusive, "delivery.no_tls": inconclusive}},
		{name: "no encryption", mail: mailing{domain: "acme.example", received: "from mail.acme.example ([192.0.2.10]) by mx.inbox.example with ESMTP id 1; x"}, want: map[string]readiness.Status{"delivery.no_tls": fail}},
		{name: "no word of encryption", mail: mailing{domain: "acme.example", received: "from mail.acme.example ([192.0.2.10]) by mx.inbox.example; x"}, want: map[string]readiness.Status{"delivery.no_tls": inconclusive}},
		{name: "a subject that is not signed", mail: mailing{domain: "acme.example", headers: []string{"From", "Date", "Message-ID"}}, want: map[string]readiness.Status{"delivery.header_gap": fail},
			says: map[string]string{"delivery.header_gap": "not signed: Subject"}},
		{name: "a selector that is not declared", mail: mailing{domain: "acme.example", selector: "other"}, spec: func(s *Spec) { s.DKIMSelectors = []string{"s1"} }, want: map[string]readiness.Status{"delivery.undeclared_signer": fail}},
		{name: "a declared selector", mail: good, spec: func(s *Spec) { s.DKIMSelectors = []string{"S1"} }},
		{name: "a link over http", mail: mailing{domain: "acme.example", body: `<a href="http://portal.acme.example/x">x</a>`}, want: map[string]readiness.Status{"delivery.links": fail}},
		{name: "a link to a stranger", mail: mailing{domain: "acme.example", body: `<a href="https://portal.acme.example@evil.example/">x</a>`}, want: map[string]readiness.Status{"delivery.links": fail}},
		{name: "a tracker that is named", mail: mailing{domain: "acme.example", body: `<a href="https://click.vendor.example/">x</a>`}, spec: func(s *Spec) { s.LinkHosts = []string{"*.vendor.example"} }},
		{name: "no link", mail: mailing{domain: "acme.example", body: "Hello"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.delivers(test.mail)
			if test.world != nil {
				test.world(w)
			}
			spec := w.spec()
			if test.spec != nil {
				test.spec(&spec)
			}
			result := w.run(spec)
			if diff := cmp.Diff(with(test.want), statuses(result)); diff != "" {
				t.Errorf("%s\n%+v", diff, result.Findings)
			}
			for rule, part := range test.says {
				if got := messageOf(result, rule); !strings.Contains(got, part) {
					t.Errorf("%s says %q, want %q", rule, got, part)
				}
			}
			for _, f := range result.Findings {
				if want, ok := test.severity[f.Rule]; ok && f.Severity != want {
					t.Errorf("%s is of severity %s, want %s", f.Rule, f.Severity, want)
				}
			}
			if len(w.sent) != 1 || !strings.HasPrefix(w.sent[0], "launch-test+lr-") {
				t.Errorf("sent: %q", w.sent)
			}
		})
	}
}

// What a receiver may write beside a message that passes here.
func TestReceiversWord(t *testing.T) {
	const dkim, spf, dmarc = "dkim=%s header.d=acme.example", "spf=%s smtp.mailfrom=acme.example", "dmarc=%s header.from=acme.example"
	for _, test := range []struct {
		rule, result string
		values       []string
		want         readiness.Status
	}{
		{"delivery.dkim", dkim, []string{"pass", "policy", "neutral", "none", "temperror", "x-unheard-of"}, readiness.Pass},
		{"delivery.dkim", dkim, []string{"fail", "permerror"}, fail},
		{"delivery.dkim", dkim + "; dkim=fail header.d=acme.example", []string{"neutral", "policy"}, fail},
		{"delivery.dkim", dkim + "; dkim=pass header.d=acme.example", []string{"neutral", "fail"}, readiness.Pass},
		{"delivery.spf", spf, []string{"pass", "neutral", "none", "policy", "temperror"}, readiness.Pass},
		{"delivery.spf", spf, []string{"fail", "softfail", "permerror", "hardfail"}, fail},
		{"delivery.dmarc", dmarc, []string{"pass", "bestguesspass", "none", "temperror"}, readiness.Pass},
		{"delivery.dmarc", dmarc, []string{"fail", "permerror"}, fail},
	} {
		for _, value := range test.values {
			result := fmt.Sprintf(test.result, value)
			t.Run(result, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.delivers(mailing{domain: "acme.example", results: "mx.inbox.example; " + result})
				got := w.run(w.spec())
				want := map[string]readiness.Status{}
				if test.want != readiness.Pass {
					want[test.rule] = test.want
				}
				if diff := cmp.Diff(with(want), statuses(got)); diff != "" {
					t.Errorf("%s\n%+v", diff, got.Findings)
				}
				_, method, _ := strings.Cut(test.rule, ".")
				if text := messageOf(got, test.rule); test.want == fail && (!strings.Contains(text, method+"=pass") || !strings.Contains(text, "the receiver "+method+"=")) {
					t.Errorf("says %q", text)
				}
			})
		}
	}
}

func undecidedAll() map[string]readiness.Status {
	out := map[string]readiness.Status{}
	for _, rule := range append(append([]string{}, deliveryRules...), bounceRules...) {
		out[rule] = inconclusive
	}
	return out
}

// What keeps the test from being done is no verdict on the mail.
func TestNotTestable(t *testing.T) {
	for _, test := range []struct {
		name  string
		world func(*world)
		spec  func(*Spec)
		says  string
		sends int
	}{
		{name: "wrong password", spec: func(s *Spec) { s.Mailbox.Account.Password = "wrong" }, says: "refused the user name or the password"},
		{name: "a server that repeats the password", spec: func(s *Spec) { s.Mailbox.Account.Username = "echo" }, says: "refused the user name or the password"},
		{name: "a server that stalls", world: func(w *world) { w.Client = newClient(w.t, stalling(w.t), nil) }, says: "no answer in time"},
		{name: "nobody listens", world: func(w *world) { w.Client = newClient(w.t, "127.0.0.1:1", nil) }, says: "connection refused"},
		{name: "an untrusted certificate", world: func(w *world) {
			address, _ := w.serve()
			w.Client = newClient(w.t, address, nil)
		}, says: "trusted authority"},
		{name: "a trigger that fails", world: func(w *world) { w.status = 500 }, says: "the trigger answered 500", sends: 1},
		{name: "a trigger out of scope", spec: func(s *Spec) { s.Trigger.Request.URL = "https://www.other.example/" }, says: "outside the scope"},
		{name: "a bounce request out of scope", spec: func(s *Spec) {
			s.Bounce = &Bounce{Recipient: "x-{{token}}@acme.example", Trigger: &s.Trigger, Request: &Poll{URL: "https://www.other.example/"}}
		}, says: "outside the scope"},
		{name: "a bounce at a stranger's", spec: func(s *Spec) {
			s.Bounce = &Bounce{Recipient: "nobody@gmail.com", Trigger: &s.Trigger, Request: &Poll{URL: portal}}
		}, says: "belongs to a stranger"},
		{name: "turned off", spec: func(s *Spec) { s.Disabled = true }, says: "turned off"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.world != nil {
				test.world(w)
			}
			spec := w.spec()
			if test.spec != nil {
				test.spec(&spec)
			}
			result := w.run(spec)
			if diff := cmp.Diff(undecidedAll(), statuses(result)); diff != "" {
				t.Error(diff)
			}
			if got := messageOf(result, "delivery.not_received"); !strings.Contains(got, test.says) {
				t.Errorf("says %q, want %q", got, test.says)
			}
			if len(w.sent) != test.sends {
				t.Errorf("sent %d messages, want %d", len(w.sent), test.sends)
			}
		})
	}
}

func TestNeverArrives(t *testing.T) {
	w := newWorld(t)
	want := with(map[string]readiness.Status{"delivery.not_received": fail})
	for _, rule := range deliveryRules[1:] {
		want[rule] = inconclusive
	}
	if diff := cmp.Diff(want, statuses(w.run(w.spec()))); diff != "" {
		t.Error(diff)
	}
	if len(w.sent) != 1 {
		t.Errorf("sent %d messages", len(w.sent))
	}
}

func TestJunk(t *testing.T) {
	w := newWorld(t)
	w.product = func(to string) { w.put("Junk", mailing{domain: "acme.example", to: to}.raw(w)) }
	if diff := cmp.Diff(with(map[string]readiness.Status{"delivery.spam": fail}), statuses(w.run(w.spec()))); diff != "" {
		t.Error(diff)
	}
}

func TestLate(t *testing.T) {
	w := newWorld(t)
	w.product = func(to string) {
		w.put("INBOX", mailing{domain: "vendor.example", to: "somebody@inbox.example", from: "n@vendor.example"}.raw(w))
		time.AfterFunc(600*time.Millisecond, func() { w.put("INBOX", mailing{domain: "acme.example", to: to}.raw(w)) })
	}
	result := w.run(w.spec())
	if diff := cmp.Diff(with(nil), statuses(result)); diff != "" {
		t.Error(diff)
	}
	if result.Observed["arrived_after"] == "" {
		t.Error("how long it took was not observed")
	}
}

// A mailbox with 10,000 messages: only what is new is read.
func TestManyOldMessages(t *testing.T) {
	w := newWorld(t)
	old := mailing{domain: "acme.example", to: "launch-test@inbox.example"}.raw(w)
	for range 10_000 {
		w.put("INBOX", old)
	}
	w.delivers(mailing{domain: "acme.example"})
	spec := w.spec()
	spec.Trigger.Request.Body = `{"email":"{{address}}"}`
	spec.Within = 5 * time.Second
	if diff := cmp.Diff(with(nil), statuses(w.run(spec))); diff != "" {
		t.Error(diff)
	}
	if w.fetched != 1 {
		t.Errorf("%d messages were fetched", w.fetched)
	}
}

// Two runs that see the same faults make equal results, whatever the addresses
// and times: else every plan would show a change.
func TestResultIsPure(t *testing.T) {
	var first readiness.Result
	for n := range 2 {
		w := newWorld(t)
		w.answers = func(*url.URL) (int, string) { return 404, "" }
		w.product = func(to string) {
			if strings.HasSuffix(to, "@inbox.example") {
				time.Sleep(time.Duration(n) * 300 * time.Millisecond)
				w.put("Junk", mailing{domain: "vendor.example", path: fmt.Sprintf("b+%d@vendor.example", n), to: to,
					body: fmt.Sprintf(`<a href="http://portal.acme.example/?token=secret-reset-token-%d">x</a>`, n)}.raw(w))
			}
		}
		spec := w.spec()
		spec.Bounce = &Bounce{Recipient: "no-such-member-{{token}}@acme.example", Trigger: &spec.Trigger, Request: &Poll{URL: portal + "?a={{recipient}}"}}
		result := w.run(spec)
		result.Observed = nil
		if n == 0 {
			first = result
		} else if diff := cmp.Diff(first, result); diff != "" {
			t.Error(diff)
		}
	}
	if len(statuses(first)) < 4 {
		t.Errorf("too little went wrong: %v", statuses(first))
	}
}

// A server that stalls after the trigger was sent is no verdict on the mail.
func TestMailboxLostMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.product = func(string) { w.lost.Store(true) }
	result := w.run(w.spec())
	want := with(nil)
	for _, rule := range deliveryRules {
		want[rule] = inconclusive
	}
	if diff := cmp.Diff(want, statuses(result)); diff != "" {
		t.Error(diff)
	}
	if got := messageOf(result, "delivery.not_received"); got != "the mailbox cannot be read: no answer in time" {
		t.Error(got)
	}
}
