// Command demo decides a launch in thirteen acts, with a real terraform against the
// sandbox: nothing leaves this machine. It fails if an act ends otherwise than
// it should.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	version := flag.String("version", "0.1.0", "version of the provider in bin")
	terraform := flag.String("terraform", "terraform", "program that runs the configurations")
	work := flag.String("work", filepath.Join(".cache", "demo"), "folder to work in; emptied first")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *version, *terraform, *work); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, version, terraform, work string) (err error) {
	stage, err := newStage(ctx, version, terraform, work)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.close()) }()
	for _, act := range acts() {
		fmt.Printf("\n=== Act %s ===\n%s\n\n", act.name, act.plot)
		if err := act.play(stage); err != nil {
			return fmt.Errorf("act %s did not end as it should: %w", act.name, err)
		}
	}
	return stage.finale()
}

// act is one scene of the demo.
type act struct {
	name, plot string
	play       func(*stage) error
}

func acts() []act {
	return []act{
		{"a: the audit", "The client's zone as it was found: no mail authentication, weak TLS. An audit needs no\n" +
			"token and changes nothing. The plan must be refused, with every violation and its remedy.", audit},
		{"b: the launch", "The launch module builds records, settings and the edge; the checks run after them, in the\n" +
			"same apply. One thing no API can mend: the origin answers strangers who know its address,\n" +
			"past the edge. The gate must stay shut, for that alone.", launch},
		{"c: the back door", "The origin takes the firewall rules that the module hands out. The gate must open, and a\n" +
			"second plan have nothing to do.", backDoor},
		{"d: a bad release", "A new release of the portal loads a script over plain HTTP. No resource manages that.\n" +
			"The next plan must be refused because of it.", badRelease},
		{"e: the limit that was lifted", "Somebody deletes the rate limit of the zone at the dashboard, to get through a load test.\n" +
			"The plan must show it, and the apply put it back and prove it by a burst.", lifted},
		{"f: a hand in the zone", "The release is taken back. Then someone weakens DMARC by hand at the dashboard. The plan\n" +
			"must show the drift and its repair, and the apply must open the gate again.", drift},
		{"g: a forgotten name", "Somebody leaves an alias of a cloud service behind that is no longer theirs: anyone can claim\n" +
			"it and serve what they like under the client's domain. The next plan must be refused.", hijack},
		{"h: the mail that is forged", "The sending service loses the portal's signing key: its mail leaves unsigned. Every record is\n" +
			"right; only a delivered message shows it. The next plan sends one, and must be refused.", unsigned},
		{"i: the session that does not end", "A release signs people out by forgetting their cookie: the server goes on taking it. Who has\n" +
			"copied it stays in. The plan that tries the sign-in must be refused.", endless},
		{"j: the neighbour's invoice", "A release of the portal looks an invoice up by its number, and no longer asks whose it is. No\n" +
			"page shows it. A member of another organisation asks for it, and is given it. The next plan\n" +
			"must be refused.", neighbour},
		{"k: the token in the history", "A token was committed, and deleted in a later commit. The repository's\n" +
			"history still holds it. The plan that reads the repository must be refused, and say where\n" +
			"the token is without showing it.", committedKey},
		{"l: the whole zone", "Another team takes the zone over as it is, by one import block. The generated configuration\n" +
			"must change nothing.", adoption},
		{"m: the alarm that nobody hears", "Everything is logged, counted and alerted on; but the mail of the alerts is lost on its way.\n" +
			"Nobody notices until the night it matters. The plan causes failures on purpose and looks for\n" +
			"them at the far end, and must be refused. Then the mail is mended: the drill must be seen in\n" +
			"the log, in the metrics and in a person's mailbox, the portal be fast enough, and the gate open.", unheard},
	}
}

func audit(s *stage) error {
	if err := s.initialize("audit"); err != nil {
		return err
	}
	if err := s.terraform("audit", 1, "plan", "-input=false"); err != nil {
		return err
	}
	return s.reportSays("audit", "audit-report.md", "Gate: blocked", "spf.missing", "dmarc.missing", "tls.http_no_redirect", "tls.protocol_old", "edge.https_redirect", "Fix:")
}

func launch(s *stage) error {
	if err := s.initialize("client-portal"); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "edge.origin_direct")
}

// attack lets a run try by a burst that sign-in is throttled.
const attack = "-var=attack=true"

func backDoor(s *stage) error {
	if err := s.put("/origin", map[string]string{"guard": "closed"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 0, "apply", "-input=false", "-auto-approve", attack); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: open"); err != nil {
		return err
	}
	fmt.Println("\nA second plan has nothing to do:")
	return s.terraform("client-portal", 0, "plan", "-input=false", "-detailed-exitcode", attack)
}

func lifted(s *stage) error {
	if err := s.put("/portal/faults", []string{"rate_limit_missing"}); err != nil {
		return err
	}
	// Exit code 2 says that there is something to repair.
	if err := s.terraform("client-portal", 2, "plan", "-input=false", "-detailed-exitcode", attack); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 0, "apply", "-input=false", "-auto-approve", attack); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: open")
}

func badRelease(s *stage) error {
	if err := s.put("/portal/faults", []string{"mixed_script"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false"); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "tls.mixed_active")
}

func drift(s *stage) error {
	if err := s.put("/portal/faults", []string{}); err != nil {
		return err
	}
	weak := map[string]string{"type": "TXT", "name": "_dmarc.acme.example", "content": "v=DMARC1; p=none"}
	if err := s.put("/zone/records", weak); err != nil {
		return err
	}
	// Exit code 2 says that there is something to repair.
	if err := s.terraform("client-portal", 2, "plan", "-input=false", "-detailed-exitcode"); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 0, "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: open")
}

func hijack(s *stage) error {
	if err := s.put("/portal/faults", []string{"takeover_cname"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false"); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "dns.takeover"); err != nil {
		return err
	}
	if err := s.put("/portal/faults", []string{}); err != nil {
		return err
	}
	if err := s.quietly("client-portal", "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: open")
}

func unsigned(s *stage) error {
	if err := s.put("/portal/faults", []string{"mail_unsigned"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false"); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "delivery.dkim"); err != nil {
		return err
	}
	if err := s.put("/portal/faults", []string{}); err != nil {
		return err
	}
	if err := s.quietly("client-portal", "apply", "-input=false", "-auto-approve", attack); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: open")
}

func endless(s *stage) error {
	if err := s.put("/portal/faults", []string{"session_survives_logout"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false", "-var=sign_in=true"); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "session.survives_logout")
}

func neighbour(s *stage) error {
	if err := s.put("/portal/faults", []string{"authz_object_unchecked"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false"); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "authz.object_cross_org"); err != nil {
		return err
	}
	return s.put("/portal/faults", []string{})
}

func committedKey(s *stage) error {
	repository := "-var=repository=" + s.repository
	if err := s.terraform("client-portal", 0, "plan", "-input=false", repository); err != nil {
		return err
	}
	if err := s.put("/portal/faults", []string{"secret_in_deleted_file"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false", repository); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "secrets.in_history"); err != nil {
		return err
	}
	return s.put("/portal/faults", []string{})
}

func unheard(s *stage) error {
	const drills = "-var=operations=true"
	if err := s.put("/portal/faults", []string{"alert_mail_lost"}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 1, "plan", "-input=false", drills); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: blocked", "obs.drill_alert"); err != nil {
		return err
	}
	if err := s.put("/portal/faults", []string{}); err != nil {
		return err
	}
	if err := s.terraform("client-portal", 0, "apply", "-input=false", "-auto-approve", drills); err != nil {
		return err
	}
	if err := s.reportSays("client-portal", "launch-report.md", "Gate: open"); err != nil {
		return err
	}
	return s.reportSays("client-portal", "launch.json", "obs.drill_alert", "latency.p95") // decided, with an open gate
}

func adoption(s *stage) error {
	if err := s.initialize("adopt-zone"); err != nil {
		return err
	}
	if err := s.quietly("adopt-zone", "plan", "-input=false", "-generate-config-out=zone.tf"); err != nil {
		return err
	}
	if err := s.terraform("adopt-zone", 0, "apply", "-input=false", "-auto-approve"); err != nil {
		return err
	}
	// Exit code 0 says that there is nothing to change.
	return s.terraform("adopt-zone", 0, "plan", "-input=false", "-detailed-exitcode")
}
