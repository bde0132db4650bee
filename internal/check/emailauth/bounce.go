package emailauth

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// returnPath is a domain of envelope senders: bounces go there, and SPF is asked
// there.
type returnPath struct {
	name     string
	declared bool            // by the user; else it is where the sender has it by default
	sender   *senders.Sender // that it belongs to, if it is known
	there    bool            // something stands at the name
	alias    bool            // that is a CNAME: its records are the service's
	open     bool            // the DNS did not answer
}

// returnPaths are those that are declared, and those that declared senders have
// by default.
func (s *session) returnPaths() []*returnPath {
	var out []*returnPath
	for _, name := range s.envelope {
		p := &returnPath{name: name, declared: true}
		for i, sender := range s.senders {
			if sender.ReturnPathAt != "" && name == sender.ReturnPathAt+"."+s.domain {
				p.sender = &s.senders[i]
			}
		}
		out = append(out, p)
	}
	for i, sender := range s.senders {
		for _, from := range append([]string{s.domain}, s.sub...) {
			name := sender.ReturnPathAt + "." + from
			if sender.ReturnPathAt != "" && !slices.ContainsFunc(out, func(p *returnPath) bool { return p.name == name }) {
				out = append(out, &returnPath{name: name, sender: &s.senders[i]})
			}
		}
	}
	return out
}

var bounceRules = []string{"bounce.return_path", "bounce.return_path_spf", "bounce.unaligned"}

// bounces decides where bounces go, for each return path.
func (s *session) bounces() {
	s.paths = s.returnPaths()
	if len(s.paths) == 0 {
		each(bounceRules, func(rule string) {
			s.report.NotApplicable(rule, s.domain, "no return path is declared, and none of the senders has one at a name that is known")
		})
	}
	for _, p := range s.paths {
		s.bouncesTo(p)
	}
	s.reverse()
}

func (s *session) bouncesTo(p *returnPath) {
	mx := s.prober.Lookup(s.ctx, p.name, probe.TypeMX)
	texts, txt := s.texts(p.name)
	for _, answer := range []probe.Answer{mx, txt} {
		if !answer.Status.Decided() {
			p.open = true
			each(bounceRules, func(rule string) { s.report.Inconclusive(rule, p.name, undecided(answer)) })
			return
		}
	}
	s.ownerOf(p, mx)
	p.alias = len(mx.Chain) > 0 || len(txt.Chain) > 0
	p.there = len(mx.Records) > 0 || len(texts) > 0 || len(mx.Chain) > 0 || len(txt.Chain) > 0 || len(s.aliases(p.name)) > 0
	if !p.there && !p.declared {
		each(bounceRules, func(rule string) {
			s.report.NotApplicable(rule, p.name, p.sender.Title+" has no return path here: it uses its own, and DKIM alone carries DMARC")
		})
		return
	}
	s.bounceMX(p, mx)
	s.pathTakeover(p, mx)
	if p.there {
		s.bounceSPF(p)
	} else {
		s.report.NotApplicable("bounce.return_path_spf", p.name, "nothing stands at the return path: see bounce.return_path")
	}
	s.bounceAlignment(p)
}

// ownerOf finds the declared sender that a return path belongs to by where its MX
// records lead.
func (s *session) ownerOf(p *returnPath, mx probe.Answer) {
	for i, sender := range s.senders {
		for _, r := range mx.Records {
			under := func(suffix string) bool { return senders.Under(r.Host, suffix) }
			if p.sender == nil && len(mx.Chain) == 0 && slices.ContainsFunc(sender.ReturnPath, under) {
				p.sender = &s.senders[i]
			}
		}
	}
}

// pathTakeover reports a return path that leads to a domain which nobody has
// registered: who does sends as the client, with SPF and alignment.
func (s *session) pathTakeover(p *returnPath, mx probe.Answer) {
	chain := mx.Chain
	if mx.Status != probe.NXDomain && len(mx.Records) > 0 {
		return
	}
	if len(chain) == 0 {
		chain = s.aliases(p.name)
	}
	for _, target := range chain {
		if org, gone, _ := s.forSale(target); gone {
			s.report.FailAs("spf.takeover", p.name, "", fmt.Sprintf("the return path leads to %s, and nobody has registered %s: whoever does may send as %s", target, org, s.domain),
				"Delete the CNAME at "+p.name+", or correct its target.")
			return
		}
	}
}

// bounceMX decides whether bounces arrive.
func (s *session) bounceMX(p *returnPath, mx probe.Answer) {
	const rule = "bounce.return_path"
	fail := func(message string) {
		s.report.FailAs(rule, p.name, "", message, s.mendReturnPath(p))
	}
	var ses []probe.Record
	for _, r := range mx.Records {
		if senders.Under(r.Host, "amazonses.com") {
			ses = append(ses, r)
		}
	}
	switch {
	case len(mx.Records) == 0 && s.implicitMX(p, mx):
		s.report.Pass(rule, p.name, "bounces go to the address of the sending service")
		return
	case len(mx.Records) == 0:
		message := "no MX takes the bounces"
		if !p.there {
			message = "nothing stands at the return path, so that no MX takes the bounces"
		}
		fail(message)
		return
	case nullMX(mx):
		fail("the MX of the return path is null: receivers refuse such senders, and bounces go nowhere")
		return
	case len(ses) > 0 && len(mx.Records) != 1:
		fail("Amazon SES wants exactly one MX record at the return path, and these are published: " + values(mx.Records))
		return
	case len(ses) == 1 && !sesFeedback(ses[0].Host):
		fail(fmt.Sprintf("the MX %s is none of Amazon SES's, which are feedback-smtp.<region>.amazonses.com", ses[0].Host))
		return
	}
	failed, open := false, ""
	for _, r := range mx.Records {
		o := s.reach(r.Host)
		open = cmp.Or(open, o.Open)
		if o.Bad != "" {
			failed = true
			fail("the MX leads nowhere: " + o.Bad)
		}
	}
	switch {
	case failed:
	case open != "":
		s.report.Inconclusive(rule, p.name, open)
	default:
		s.report.Pass(rule, p.name, "an MX takes the bounces: "+values(mx.Records))
	}
}

// implicitMX reports whether a return path without MX leads to the service's own
// host, to whose address mail then goes (RFC 5321 section 5.1).
func (s *session) implicitMX(p *returnPath, mx probe.Answer) bool {
	chain := mx.Chain
	if len(chain) == 0 {
		chain = s.aliases(p.name)
	}
	service := func(target string) bool {
		return slices.ContainsFunc(s.senders, func(sender senders.Sender) bool {
			return slices.ContainsFunc(sender.ReturnPath, func(suffix string) bool { return senders.Under(target, suffix) })
		})
	}
	return slices.ContainsFunc(chain, service) && s.prober.Lookup(s.ctx, p.name, probe.TypeA).Status == probe.Found
}

func sesFeedback(host string) bool {
	region, ok := strings.CutPrefix(strings.ToLower(host), "feedback-smtp.")
	region, tail, _ := strings.Cut(region, ".")
	return ok && region != "" && tail == "amazonses.com"
}

// mendReturnPath is the record that the sender's documentation asks for.
func (s *session) mendReturnPath(p *returnPath) string {
	if p.sender == nil || len(p.sender.ReturnPath) == 0 {
		return ""
	}
	if slices.Contains(p.sender.ReturnPath, "amazonses.com") {
		return fmt.Sprintf("Publish %s, in the region that %s shows, and no other MX record there.", zoneLine(p.name, "MX", "10 feedback-smtp.<region>.amazonses.com."), p.sender.Title)
	}
	if p.sender.SPFAt == p.sender.ReturnPathAt {
		return fmt.Sprintf("Publish the MX records that %s shows for %s.", p.sender.Title, p.name)
	}
	return fmt.Sprintf("Publish %s, or the target that %s shows, not proxied.", zoneLine(p.name, "CNAME", p.sender.ReturnPath[0]+"."), p.sender.Title)
}

// bounceSPF decides whether SPF passes for the return path.
func (s *session) bounceSPF(p *returnPath) {
	const rule = "bounce.return_path_spf"
	if p.name == s.domain || slices.Contains(s.sub, p.name) {
		s.report.NotApplicable(rule, p.name, "the SPF record of this name is judged by the rules of SPF")
		return
	}
	tree := spf.Walk(s.ctx, s.resolver, p.name)
	if len(tree.Root.Records) == 1 && tree.Root.Err == nil && !p.alias && sameOrganization(p.name, s.domain) {
		s.spfWidth(p.name, tree) // whom it lets send passes DMARC as the domain
	}
	unknown := firstProblem(tree, spf.Unknown)
	wanted := ""
	if p.sender != nil && p.sender.SPFAt != "" && len(p.sender.Includes) > 0 && !p.alias {
		wanted = p.sender.Includes[0]
	}
	mend := ""
	if wanted != "" {
		mend = "Publish " + zoneLine(p.name, "TXT", "v=spf1 include:"+wanted+" ~all") + "."
	} else if p.sender != nil {
		mend = s.mendReturnPath(p)
	}
	root := tree.Root
	switch {
	case unknown != "" && len(root.Records) == 0:
		s.report.Inconclusive(rule, p.name, unknown)
	case len(root.Records) == 0:
		s.report.FailAs(rule, p.name, "", "no SPF record stands at the return path, which is where receivers look", mend)
	case len(root.Records) > 1:
		s.report.FailAs(rule, p.name, "", fmt.Sprintf("%d SPF records stand at the return path, so that receivers use none of them", len(root.Records)), mend)
	case root.Err != nil:
		s.report.FailAs(rule, p.name, "", fmt.Sprintf("the SPF record of the return path is malformed: %s", root.Err), mend)
	case tree.Lookups > spf.LookupLimit || tree.Voids > spf.VoidLimit || slices.ContainsFunc(tree.Problems, func(p spf.Problem) bool { return p.Kind != spf.Unknown && p.Kind != spf.TooLarge }):
		s.report.FailAs(rule, p.name, "", "the SPF record of the return path ends in an error: "+quote(root.Records[0]), mend)
	case unknown != "":
		s.report.Inconclusive(rule, p.name, unknown)
	case wanted != "" && !slices.ContainsFunc(ownIncludes(p.name, tree), p.sender.Owns):
		flat, open := s.flattened(*p.sender, tree)
		switch {
		case flat:
			s.report.Pass(rule, p.name, "the SPF record lists the networks of "+p.sender.Title)
			return
		case open != "":
			s.report.Inconclusive(rule, p.name, open)
			return
		}
		s.report.FailAs(rule, p.name, "", fmt.Sprintf("the SPF record of the return path does not authorise %s: %s", p.sender.Title, quote(root.Records[0])), mend)
	default:
		s.report.Pass(rule, p.name, "an SPF record stands at the return path")
	}
}

// bounceAlignment decides whether the return path counts for DMARC.
func (s *session) bounceAlignment(p *returnPath) {
	const rule = "bounce.unaligned"
	strict := s.policy != nil && s.policy.StrictSPF
	switch {
	case !sameOrganization(p.name, s.domain):
		s.report.Fail(rule, p.name, fmt.Sprintf("the return path is in another organizational domain than %s, so that SPF does not count for DMARC", s.domain))
	case strict && p.name != s.domain:
		s.report.FailAs(rule, p.name, "", fmt.Sprintf("aspf=s wants the return path to be %s itself, so that SPF does not count for DMARC", s.domain),
			"Drop aspf=s from the DMARC record: launchready_dmarc_record without aspf.")
	default:
		s.report.Pass(rule, p.name, "the return path is aligned with "+s.domain)
	}
}

func sameOrganization(a, b string) bool {
	return dmarc.OrganizationalDomain(a) == dmarc.OrganizationalDomain(b)
}

// reverse decides whether the addresses of the client's own mail servers have
// names that lead back to them.
func (s *session) reverse() {
	const rule = "bounce.fcrdns"
	if len(s.addresses) == 0 {
		s.report.NotApplicable(rule, s.domain, "no address of an own mail server is declared")
		return
	}
	resolver := probe.MailResolver(s.prober)
	parallel(len(s.addresses), func(i int) {
		address := s.addresses[i]
		names, err := resolver.LookupAddr(s.ctx, address.String())
		if err != nil && !notFound(err) {
			s.report.Inconclusive(rule, address.String(), reasonOf(err))
			return
		}
		if len(names) == 0 {
			s.report.Fail(rule, address.String(), "the address has no name in the DNS (PTR): large receivers refuse its mail")
			return
		}
		family := "ip4"
		if address.Is6() {
			family = "ip6"
		}
		open := ""
		for _, name := range names {
			back, err := resolver.LookupNetIP(s.ctx, family, name)
			if err != nil && !notFound(err) {
				open = reasonOf(err)
			}
			if slices.ContainsFunc(back, func(a netip.Addr) bool { return a.Unmap() == address }) {
				s.report.Pass(rule, address.String(), "the address and its name "+name+" lead to each other")
				return
			}
		}
		if open != "" {
			s.report.Inconclusive(rule, address.String(), open)
			return
		}
		s.report.Fail(rule, address.String(), fmt.Sprintf("the name of the address, %s, does not lead back to it: large receivers refuse its mail", some(names)))
	})
}
