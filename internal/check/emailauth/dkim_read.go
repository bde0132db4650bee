package emailauth

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// wildcard is what any name below _domainkey answers: all empty without one.
type wildcard struct {
	texts []string
	chain []string
	open  string // why it is not known whether there is one
}

// silentLimit is how many selectors may go unanswered before no more are asked.
const silentLimit = 3

// readKeys asks for all selectors and returns what a wildcard answers, if one does.
func (s *session) readKeys(list []*selector) wildcard {
	var wild wildcard
	var answer probe.Answer
	name := control + "._domainkey." + s.domain
	wild.texts, answer = s.texts(name)
	if !answer.Status.Decided() {
		wild.open = undecided(answer)
	}
	if wild.chain = answer.Chain; len(wild.chain) == 0 && answer.Status != probe.Found {
		wild.chain = s.aliases(name)
	}
	// A server that stays silent is not waited for once a selector.
	unanswered, cause := 0, ""
	for some := range slices.Chunk(list, atOnce) {
		if unanswered >= silentLimit {
			for _, k := range some {
				k.why = fmt.Sprintf("TXT %s: not asked after %d selectors went unanswered: %s", k.fqdn, unanswered, cause)
			}
			continue
		}
		parallel(len(some), func(i int) { s.readKey(some[i], wild) })
		for _, k := range some {
			if k.state == keyUndecided {
				unanswered++
				cause = strings.TrimPrefix(k.why, "TXT "+k.fqdn+": ")
			}
		}
	}
	return wild
}

// aliases are the CNAME targets of a name. Some resolvers leave the CNAME out
// of a negative answer.
func (s *session) aliases(name string) []string {
	var out []string
	for _, r := range s.prober.Lookup(s.ctx, name, probe.TypeCNAME).Records {
		out = append(out, r.Host)
	}
	return out
}

func (s *session) readKey(k *selector, wild wildcard) {
	texts, answer := s.texts(k.fqdn)
	k.chain = answer.Chain
	switch answer.Status {
	case probe.Found:
		k.texts, k.state = texts, keyFound
		if !slices.ContainsFunc(texts, dkim.IsKey) {
			switch {
			case wild.open != "":
				k.state, k.why = keyUndecided, wild.open
				return
			case slices.Equal(texts, wild.texts):
				k.state = keyAbsent // what the wildcard says of any name
				return
			}
		}
		if len(texts) == 1 {
			k.key, k.err = dkim.ParseKey(texts[0])
		}
	case probe.NoData, probe.NXDomain:
		k.state = keyAbsent
		if len(k.chain) == 0 {
			k.chain = s.aliases(k.fqdn)
		}
		if len(k.chain) > 0 && slices.Equal(k.chain, wild.chain) {
			k.chain = nil // the wildcard's, not the selector's
		}
		if len(k.chain) > 0 {
			k.state = keyDangling
			k.why = "has no TXT record"
			if answer.Status == probe.NXDomain {
				k.why = "does not exist"
			}
		}
	default:
		k.why = undecided(answer)
	}
}

// observeKeys lists what was seen, without key material.
func (s *session) observeKeys(list []*selector, wild wildcard) {
	var lines []string
	for _, k := range list {
		line := k.fqdn + ": "
		switch {
		case k.state == keyUndecided:
			line += k.why
		case k.state == keyAbsent:
			line += "no record"
		case k.state == keyDangling:
			line += "CNAME to " + k.chain[len(k.chain)-1] + ", no key"
		case k.key == nil || k.err != nil:
			line += fmt.Sprintf("%d TXT, not usable", len(k.texts))
		case k.key.Revoked:
			line += "revoked"
		default:
			line += fmt.Sprintf("%s, %d bits", k.key.Type, k.key.Bits())
		}
		if k.state == keyFound && len(k.chain) > 0 {
			line += ", by CNAME to " + k.chain[len(k.chain)-1]
		}
		lines = append(lines, line)
	}
	if len(wild.texts)+len(wild.chain) > 0 {
		lines = append(lines, "a wildcard answers for any selector")
	}
	s.report.Observe("dkim_selectors", strings.Join(lines, "\n"))
}
