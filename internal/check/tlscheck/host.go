package tlscheck

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// maxAddresses is how many addresses of a host are tested.
const maxAddresses = 8

// reachability is what is known of a host's port 443.
type reachability int

const (
	unknownHost reachability = iota // not tested, or nothing could be decided
	noSuchHost                      // the name has no address
	noTLS                           // there is an address, and no TLS service behind any
	reachable
)

// hostCheck tests one host.
type hostCheck struct {
	prober probe.Prober
	site   *site
	spec   Spec
	host   string
	report *readiness.Recorder
}

func (h *hostCheck) run(ctx context.Context) reachability {
	all := slices.Concat(connectionRules(), hstsRules(), redirectRules())
	if err := h.prober.InScope(h.host, probe.Passive); err != nil {
		check.Each(append(all, ruleUnreachable), h.host, err.Error(), h.report.Inconclusive)
		return unknownHost
	}
	addresses, missing, undecided := h.addresses(ctx)
	switch {
	case len(addresses) > 0:
	case undecided != "":
		check.Each(append(all, ruleUnreachable), h.host, undecided, h.report.Inconclusive)
		return unknownHost
	default:
		h.report.Fail(ruleUnreachable, h.host, missing)
		check.Each(all, h.host, "the host has no address", h.report.NotApplicable)
		return noSuchHost
	}
	facts := h.handshakes(ctx, addresses)
	reach := h.judgeReachability(facts, undecided)
	h.judgeConnection(facts, reach)
	h.judgeHTTP(ctx, facts, reach)
	return reach
}

// addresses returns all addresses of the host, or why there are none: because
// the name has none, or because that could not be found out. What is undecided
// is told even if there are some: an unknown part of them was not tested.
func (h *hostCheck) addresses(ctx context.Context) (found []netip.Addr, missing, undecided string) {
	if ip, err := netip.ParseAddr(h.host); err == nil {
		return []netip.Addr{ip}, "", ""
	}
	missing = "the name has neither A nor AAAA records"
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := h.prober.Lookup(ctx, h.host, typ)
		switch {
		case answer.Status == probe.NXDomain:
			missing = "the name does not exist (NXDOMAIN)"
		case !answer.Status.Decided():
			undecided = fmt.Sprintf("its %s records could not be looked up: %s", typ, answer.Detail)
		}
		for _, r := range answer.Records {
			found = append(found, r.Address)
		}
		if len(answer.Chain) > 0 {
			h.report.Observe(h.host+" cname", strings.Join(answer.Chain, " -> "))
		}
	}
	if len(found) > maxAddresses {
		h.report.Observe(h.host+" addresses", fmt.Sprintf("%d; the first %d are tested", len(found), maxAddresses))
		found = found[:maxAddresses]
	}
	return found, missing, undecided
}

// handshakes collects the facts of every address, in the order of the addresses.
func (h *hostCheck) handshakes(ctx context.Context, addresses []netip.Addr) []probe.TLSFacts {
	facts := make([]probe.TLSFacts, len(addresses))
	ask := func(i int, suites [][]uint16) {
		target := probe.TLSTarget{Host: h.host, Address: addresses[i], Versions: h.versionsToTry(), Suites: suites}
		facts[i] = h.prober.Handshake(ctx, target)
		if facts[i].Failure == probe.FailTimeout && ctx.Err() == nil {
			facts[i] = h.prober.Handshake(ctx, target) // one silence may be a lost packet
		}
	}
	seenFamily := map[bool]bool{}
	var all sync.WaitGroup
	for i, address := range addresses {
		// Cipher suites cost three handshakes: one address of a family stands for its siblings.
		var suites [][]uint16
		if !seenFamily[address.Is4()] {
			seenFamily[address.Is4()] = true
			suites = suiteGroups()
		}
		all.Go(func() { ask(i, suites) })
	}
	all.Wait()
	for _, is4 := range []bool{true, false} {
		if i := standIn(facts, addresses, is4); i >= 0 {
			ask(i, suiteGroups())
		}
	}
	for i, f := range facts {
		h.report.Observe(h.host+" "+addresses[i].String(), describeFacts(f))
	}
	return facts
}

// standIn returns the first working address of a family whose address that was
// to show the cipher suites is dead; -1 if there is no need, or none works.
func standIn(facts []probe.TLSFacts, addresses []netip.Addr, is4 bool) int {
	first := -1
	for i, f := range facts {
		if addresses[i].Is4() != is4 || f.Failure != probe.FailNone {
			continue
		}
		if len(f.Suites) > 0 {
			return -1
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// versionsToTry is every version below the minimum, and 1.3.
func (h *hostCheck) versionsToTry() []uint16 {
	var out []uint16
	for v := uint16(tls.VersionTLS10); v < h.spec.minimumVersion(); v++ {
		out = append(out, v)
	}
	return append(out, tls.VersionTLS13)
}

func describeFacts(f probe.TLSFacts) string {
	leaf := f.Leaf()
	if leaf == nil {
		return f.Detail
	}
	return fmt.Sprintf("%s, %s; certificate of %s by %s until %s; %d served",
		tls.VersionName(f.Version), tls.CipherSuiteName(f.Suite), strings.Join(leaf.DNSNames, " "), leaf.Issuer.CommonName, leaf.NotAfter.UTC().Format("2006-01-02"), len(f.Chain))
}

// judgeReachability decides tls.unreachable: the worst address counts, but for
// IPv6 addresses that this machine has no route to.
func (h *hostCheck) judgeReachability(facts []probe.TLSFacts, undecided string) reachability {
	var working, dead, silent, unrouted []string
	for _, f := range facts {
		told := fmt.Sprintf("%s (%s)", f.Detail, f.Address)
		switch f.Failure {
		case probe.FailNone:
			working = append(working, f.Address.String())
		case probe.FailRefused, probe.FailReset, probe.FailTLS:
			dead = append(dead, told)
		case probe.FailNoRoute:
			if f.Address.Is4() {
				silent = append(silent, told)
			} else {
				unrouted = append(unrouted, told)
			}
		default:
			silent = append(silent, told)
		}
	}
	if undecided != "" {
		silent = append(silent, undecided)
	}
	switch {
	case len(dead) > 0:
		message := "port 443: " + strings.Join(dead, "; ")
		if len(working) > 0 {
			message = fmt.Sprintf("%d of %d addresses do not answer over TLS: %s", len(dead), len(facts), strings.Join(dead, "; "))
		}
		h.report.Fail(ruleUnreachable, h.host, message)
	case len(silent) > 0:
		h.report.Inconclusive(ruleUnreachable, h.host, "port 443: "+strings.Join(silent, "; "))
	case len(working) == 0:
		h.report.Inconclusive(ruleUnreachable, h.host, "port 443: "+strings.Join(unrouted, "; "))
	default:
		h.report.Pass(ruleUnreachable, h.host, "every address answers over TLS")
	}
	switch {
	case len(working) > 0:
		return reachable
	case len(dead) > 0 && len(silent) == 0:
		return noTLS
	default:
		return unknownHost
	}
}
