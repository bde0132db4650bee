// Package emailauth is the check email_auth: whether mail in the name of a
// domain can be told from forged mail by what SPF, DKIM and DMARC publish.
package emailauth

import (
	"context"
	"embed"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/idna"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/mail/bimi"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/mtasts"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/mail/tlsrpt"
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
		Name:  "email_auth",
		Area:  readiness.EmailAuth,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
	},
	Target: func(s Spec) string { return canonical(s.Domain) },
	Run:    run,
}

// Spec is what a user asks for. Names are relative to the domain or full.
type Spec struct {
	Domain            string       // the domain of the From address
	Senders           []string     // keys of the catalogue of senders
	DKIMSelectors     []string     // selectors in use
	MinimumPolicy     dmarc.Policy // empty = quarantine
	SendingSubdomains []string     // other names that mail is sent from
	ReturnPaths       []string     // domains of envelope senders; a name with a dot is a full one
	Parked            []string     // names that neither send nor receive mail
	Addresses         []netip.Addr // of the client's own mail servers
	Require           []string     // of Requirements
}

// Requirements are the protections that not every domain needs.
func Requirements() []string { return []string{"mta_sts", "tls_rpt", "bimi", "dnssec", "dane"} }

// canonical is a domain as the DNS writes it: A-labels, lower case, no trailing
// dot. Labels that IDNA refuses, such as those with an underscore, stay.
func canonical(domain string) string {
	domain = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(domain)), ".")
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if a, err := idna.Lookup.ToASCII(label); err == nil {
			labels[i] = a
		}
	}
	return strings.Join(labels, ".")
}

// session is one run of the check.
type session struct {
	ctx      context.Context
	prober   *once
	resolver *spf.Asker // for SPF: its bounds are those of the whole run
	policies *spf.Asker // the same for DMARC, which a huge SPF tree must not starve
	report   *readiness.Recorder
	warming  sync.WaitGroup

	domain    string
	minimum   dmarc.Policy
	senders   []senders.Sender
	unknown   []string // senders that the catalogue does not have
	selector  []string // declared DKIM selectors, those that are none left out
	sub       []string // sending subdomains, absolute
	envelope  []string // declared return paths, absolute
	noMail    []string // names without mail, absolute
	addresses []netip.Addr
	require   []string

	// What one rule finds and a later one builds on.

	spfOpen    string         // why the domain's SPF record is not known
	keys       []*selector    // those that were judged
	silent     bool           // the domain's SPF record authorises nobody at all
	authorises bool           // it authorises somebody
	declares   bool           // anything was declared that sends mail
	policyAt   string         // where the DMARC record stands that is judged for the domain
	policy     *dmarc.Record  // that record
	policyOpen string         // why no record is known
	exchanges  []probe.Record // MX records of the domain
	mxOpen     string         // why they are not known
	transport  bool           // MTA-STS or DANE is on
	paths      []*returnPath
	keysWork   bool   // a DKIM key of the domain can be used
	keysFailed bool   // one that should be there cannot
	keysOpen   string // why more keys may be there

	// What stands there, by name, for remedies.

	trees    map[string]*spf.Tree
	texted   map[string][]string // DMARC records at the name itself, spoilt ones too
	standsAt map[string]standing
	// misplaced is a DMARC record at a place where no receiver looks.
	misplaced map[string]string

	serversMu sync.Mutex
	talks     map[string]func() probe.MailServerFacts
}

func newSession(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) *session {
	asked := newOnce(p)
	s := &session{
		ctx: ctx, prober: asked, resolver: spf.NewAsker(probe.MailResolver(asked)), policies: spf.NewAsker(probe.MailResolver(asked)), report: report,
		domain: canonical(spec.Domain), minimum: spec.MinimumPolicy, require: spec.Require, talks: map[string]func() probe.MailServerFacts{},
		trees: map[string]*spf.Tree{}, texted: map[string][]string{}, standsAt: map[string]standing{}, misplaced: map[string]string{},
	}
	if !s.minimum.Valid() {
		s.minimum = dmarc.Quarantine
	}
	for _, key := range spec.Senders {
		if sender, ok := senders.Lookup(key); ok {
			s.senders = append(s.senders, sender)
		} else {
			s.unknown = append(s.unknown, key)
		}
	}
	for _, name := range spec.DKIMSelectors {
		name = strings.ToLower(strings.TrimSpace(name))
		if err := dkim.ValidSelector(name); err != nil {
			s.report.Undecided("dkim.missing", "_domainkey."+s.domain, err.Error())
			continue
		}
		s.selector = append(s.selector, name)
	}
	add := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, name := range spec.SendingSubdomains {
		if name = s.absolute(name); name != s.domain {
			add(&s.sub, name)
		}
	}
	for _, name := range spec.ReturnPaths {
		if _, host, isAddress := strings.Cut(name, "@"); isAddress {
			name = host
		}
		if strings.Contains(strings.TrimSuffix(name, "."), ".") {
			name = canonical(name)
		} else {
			name = s.absolute(name)
		}
		add(&s.envelope, name)
	}
	for _, name := range spec.Parked {
		add(&s.noMail, s.absolute(name))
	}
	for _, address := range spec.Addresses {
		s.addresses = append(s.addresses, address.Unmap())
	}
	s.declares = len(spec.Senders)+len(spec.DKIMSelectors)+len(s.sub)+len(s.envelope)+len(s.addresses) > 0
	return s
}

func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	s := newSession(ctx, p, spec, report)
	defer s.warming.Wait()
	s.foresee()
	s.spf(s.domain)
	s.dkim()
	s.dmarc(s.domain)
	for _, name := range s.sub {
		s.spf(name)
		s.dmarc(name)
		s.senderMX(name)
	}
	s.mailExchanges()
	s.mtaSTS()
	s.dane()
	s.tlsReports()
	s.dnssec()
	s.bimi()
	s.bounces()
	s.parkedNames()
	s.unsignedSenders()
	s.alignment()
}

// foresee asks what the rules will ask in any case.
func (s *session) foresee() {
	s.warm(probe.TypeMX, s.domain)
	s.warm(probe.TypeTXT, "_dmarc."+s.domain, mtasts.Label+"."+s.domain, tlsrpt.Prefix+"."+s.domain, bimi.DefaultSelector+"."+bimi.Label+"."+s.domain)
	for _, name := range s.sub {
		s.warm(probe.TypeTXT, name, "_dmarc."+name)
	}
	for _, p := range s.returnPaths() {
		s.warm(probe.TypeTXT, p.name)
		s.warm(probe.TypeMX, p.name)
	}
}

// absolute makes a name that may be relative to the domain a full one.
func (s *session) absolute(name string) string {
	name = canonical(name)
	if name == "@" {
		return s.domain
	}
	if name == s.domain || strings.HasSuffix(name, "."+s.domain) {
		return name
	}
	return name + "." + s.domain
}

// observe keeps something seen of a name; of the domain itself under the plain key.
func (s *session) observe(key, name, value string) {
	if name != s.domain {
		key += " " + name
	}
	s.report.Observe(key, value)
}

// each reports the same outcome for many rules.
func each(rules []string, report func(rule string)) {
	for _, rule := range rules {
		report(rule)
	}
}

// atOnce is how many questions go out beside one another.
const atOnce = 8

// parallel calls f for 0 to n-1 beside one another and waits.
func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// control is a label that nobody publishes: what it answers comes of a wildcard.
const control = "launchready-negative-control"

// texts are the TXT values at a name, strings joined, and the answer's status.
func (s *session) texts(name string) ([]string, probe.Answer) {
	answer := s.prober.Lookup(s.ctx, name, probe.TypeTXT)
	var out []string
	for _, r := range answer.Records {
		out = append(out, strings.Join(r.Strings, ""))
	}
	return out, answer
}

// quote shows public record text in a message: on one line, of bounded length.
func quote(text string) string {
	var b strings.Builder
	for i, r := range text {
		if i > 160 {
			b.WriteString("...")
			break
		}
		if r < 0x20 || r == 0x7f || r == 0xfffd || r == 0xa0 || r == 0xfeff {
			r = '\u2423' // the open box stands for what cannot be seen
		}
		b.WriteRune(r)
	}
	return "\u201c" + b.String() + "\u201d"
}
