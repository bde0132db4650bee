// Package maildelivery is the check mail_delivery: whether mail that the product
// sends arrives, and with what on it. It makes the product send one real
// message to a mailbox, reads it there and judges it as a receiver would; and it
// provokes one bounce and sees that it is taken.
package maildelivery

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Definition is the check.
var Definition = check.Definition[Spec]{
	Info: check.Info{
		Name:  "mail_delivery",
		Area:  readiness.EmailAuth,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
		Once:  true,
	},
	Target: func(s Spec) string { return canonical(s.FromDomain) },
	Run:    run,
}

// DefaultWithin is how long a message may take.
const DefaultWithin = 5 * time.Minute

// Spec is what a user asks for.
type Spec struct {
	Mailbox          Mailbox
	Trigger          Trigger
	Within           time.Duration // 0 = DefaultWithin
	FromDomain       string        // domain that the product writes from
	LinkHosts        []string      // hosts that links may lead to, also "*.name"; empty = the trigger's
	DKIMSelectors    []string      // selectors in use; empty = not declared
	TrustedReceivers []string      // authserv-ids to believe; empty = the receiving host's own
	Bounce           *Bounce       // nil = no bounce is provoked
	Disabled         bool          // nothing is sent; every rule ends as inconclusive
}

// Mailbox is an account and the address that mail for it has.
type Mailbox struct {
	Account probe.MailAccount
	Address string
}

// Trigger makes a message leave: exactly one of its fields is set.
type Trigger struct {
	Request *Request
	SMTP    *Submission
}

// Request is an HTTP request to the product. In URL, Header and Body
// {{recipient}} stands for an address that nothing else is sent to, and
// {{address}} for the mailbox's plain one.
type Request struct {
	Method string // empty = POST
	URL    string
	Header http.Header
	Body   string
}

// Submission is a message that the check writes itself and hands to a
// submission service. It shows what the service makes of mail, not what the
// product sends.
type Submission struct {
	Account probe.MailAccount
	From    string
	Subject string
}

// Bounce provokes a message that cannot be delivered.
type Bounce struct {
	Recipient string   // {{token}} stands for a random text
	Trigger   *Trigger // nil = that of the message
	Mailbox   *Mailbox // where the report arrives, or
	Request   *Poll    // where the product shows that it has taken it
	Within    time.Duration
}

// Poll is an HTTP request that is repeated until its answer names the recipient
// and holds the text Contains, if that is set.
type Poll struct {
	URL      string
	Header   http.Header
	Contains string
}

// deliveryRules need a message that arrived; bounceRules a bounce.
var (
	deliveryRules = []string{
		"delivery.not_received", "delivery.spam", "delivery.spf", "delivery.dkim", "delivery.dmarc",
		"delivery.undeclared_signer", "delivery.no_tls", "delivery.header_gap", "delivery.links",
	}
	bounceRules = []string{"bounce.unproven", "bounce.unhandled"}
)

// session is one run of the check.
type session struct {
	ctx    context.Context
	prober probe.Prober
	report *readiness.Recorder
	spec   Spec
	domain string
	token  string
}

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	s := &session{ctx: ctx, prober: p, report: report, spec: spec, domain: canonical(spec.FromDomain), token: newToken()}
	if s.spec.Within <= 0 {
		s.spec.Within = DefaultWithin
	}
	all := append(append([]string{}, deliveryRules...), bounceRules...)
	if spec.Disabled {
		for _, rule := range all {
			s.report.InconclusiveAs(rule, s.domain, "the delivery test is turned off", "Set enabled = true where mail may be sent.")
		}
		return
	}
	// Whatever keeps the test from being done is found before anything is sent.
	if err := spec.Validate(); err != nil {
		s.undecided(all, err.Error(), mendTrigger)
		return
	}
	if err := s.inScope(); err != nil {
		s.undecided(all, err.Error(), mendTrigger)
		return
	}
	inbox, failure := p.OpenMailbox(ctx, spec.Mailbox.Account)
	if failure.Failed() {
		s.undecided(all, unreadable(failure), mendMailbox)
		return
	}
	defer inbox.Close()
	bounce := s.prepareBounce()
	defer bounce.close()

	sent := time.Now()
	order := s.order(spec.Trigger, s.recipient(), spec.Mailbox.Address)
	if reason := s.send(order); reason != "" {
		s.undecided(all, reason, mendTrigger)
		return
	}
	var both sync.WaitGroup
	arrived := false
	both.Go(func() { arrived = s.delivery(inbox, order, sent) })
	both.Go(func() { bounce.run() })
	both.Wait()
	bounce.conclude(arrived)
}

// What to look at where the test could not be done.
const (
	mendMailbox = "Check the mailbox in mailboxes of provider \"launchready\" (or LAUNCHREADY_MAILBOXES): imap, username and password. Where its server is reached is set in probe.connect_to."
	mendTrigger = "Check trigger: the address, the body, and the identity that it is sent with; or smtp and password of its account in mailboxes of provider \"launchready\"."
	mendArrival = "Mend delivery.not_received first: nothing can be said of a message that did not arrive."
)

// undecided reports that rules could not be tested.
func (s *session) undecided(rules []string, reason, remedy string) {
	for _, rule := range rules {
		s.report.InconclusiveAs(rule, s.domain, reason, remedy)
	}
}

func unreadable(f probe.MailFailure) string { return "the mailbox cannot be read: " + f.Detail }

// newToken makes an address that nobody has used before.
func newToken() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
