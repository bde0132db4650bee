package message

import (
	"net/netip"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
)

// mailSystem is one mail system whose hosts have names below several domains.
type mailSystem struct {
	name    string
	domains []string
	// leaving ends the names of the hosts by which the mail of its customers
	// leaves. What comes from them comes from outside, also within the system.
	leaving []string
	// own are the networks of its hosts, where it notes only what they call themselves.
	own []netip.Prefix
}

// mailSystems are those whose names do not show that they are one, as seen in the
// Received fields of messages; no published list says so, and what is missing here
// makes a border doubtful, not a verdict wrong (2026-11).
var mailSystems = []mailSystem{
	{
		name:    "Microsoft 365",
		domains: []string{"outlook.com", "office365.com", "exchangelabs.com", "hotmail.com"},
		leaving: []string{".outbound.protection.outlook.com"},
		own:     []netip.Prefix{netip.MustParsePrefix("2603:1000::/24"), netip.MustParsePrefix("2a01:111::/32")},
	},
	{
		name:    "Gmail", // its own hops name no client
		domains: []string{"google.com", "googlemail.com", "gmail.com"},
		leaving: []string{".google.com"},
	},
	{
		name:    "Fastmail", // its other hosts are below .internal
		domains: []string{"messagingengine.com", "fastmail.com"},
		leaving: []string{"-smtp.messagingengine.com"},
	},
}

// Why it is not known who handed the message in.
const (
	doubtUnnamed = "no Received field names the address that the message came from"
	doubtPrivate = "the receiver notes a private address as the one that the message came from"
	doubtOwn     = "the Received fields name only hosts of the receiver's own system"
	doubtClaimed = "a host that the receiver does not know by its address calls itself one of its own"
)

// place is where a hop lies.
type place int

const (
	outside place = iota // from outside to the receiver
	within               // between hosts of the receiver
	handed               // within, without an address
	claimed              // within, if the client's name is true, which nobody has verified
	unnamed              // from outside, without an address
)

// Border finds the hop on which the receiver took the message from outside, and
// the place of its field in the header, -1 if there is none. Fields are trusted
// from the top down to that one and no further: what stands below was there when
// the message came in, and anybody can have written it. Hops within the
// receiver's system are passed over while each field was written by the host
// that the one above it names. doubt says why the hop's address may not be that
// of the host outside; it is empty if it is.
func (m *Message) Border() (hop Hop, index int, doubt string) {
	index = -1
	var above *Hop
	var claim, public int // places of the first of the hops that are claimed; number of those within from a public address
	claim = -1
	var claimHop Hop
	for i, f := range m.Fields {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		h := ParseReceived(f.Value)
		if above != nil && !continues(*above, h) {
			break
		}
		at := h.place()
		if at == outside || at == unnamed {
			switch {
			case claim >= 0:
				return claimHop, claim, doubtClaimed
			case at == unnamed:
				return h, i, doubtUnnamed
			}
			return h, i, ""
		}
		if at == handed {
			if above != nil && h.HELO != "" {
				above = &h
			}
			continue
		}
		if at == claimed && claim < 0 {
			claimHop, claim = h, i
		}
		// If nothing comes from outside, the hop from a public address counts: one
		// organisation sends and receives.
		if isPublic := !notPublic(h.Address); isPublic || index < 0 {
			if isPublic {
				public++
			}
			if index < 0 || public == 1 {
				hop, index = h, i
			}
		}
		above = &h
	}
	switch {
	case index < 0:
		doubt = doubtUnnamed
	case notPublic(hop.Address):
		doubt = doubtPrivate
	case public > 1 || ownNetwork(hop):
		doubt = doubtOwn
	}
	return hop, index, doubt
}

// place judges a hop by itself. A public address is passed over only if the
// receiver knows whose it is: a name alone is what the client said.
func (h Hop) place() place {
	client := h.client()
	switch {
	case !h.Address.IsValid():
		protocol := strings.ToUpper(h.With)
		if isLocal(client) || isLocal(h.By) || sameSystem(h.By, client) || strings.HasPrefix(protocol, "LMTP") {
			return handed
		}
		return unnamed
	case notPublic(h.Address):
		return within
	case isLocal(client) || isLocal(h.By) || !sameSystem(h.By, client) || leaves(client):
		return outside
	case ownNetwork(h):
		return within
	case h.Reverse == "" || len(systemOf(client).own) > 0:
		return claimed
	}
	return within
}

// client is the best known name of the client, without those that are addresses.
func (h Hop) client() string {
	name := h.Reverse
	if name == "" {
		name = h.HELO
	}
	return hostName(name)
}

func hostName(name string) string {
	if _, err := netip.ParseAddr(strings.TrimPrefix(name, "IPv6:")); err == nil {
		return ""
	}
	return canonical(name)
}

// shared are addresses behind a carrier's or a container's translation (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// notPublic reports whether an address is not of the internet, so that no
// record about the sender can name it.
func notPublic(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || shared.Contains(a)
}

var localSuffixes = []string{".internal", ".local", ".localdomain", ".lan"}

// isLocal reports whether a name is not of the internet, or none at all.
func isLocal(name string) bool {
	return !strings.Contains(name, ".") || localSuffix(name) != "" || hostName(name) == ""
}

func localSuffix(name string) string {
	for _, suffix := range localSuffixes {
		if strings.HasSuffix(name, suffix) {
			return suffix
		}
	}
	return ""
}

// continues reports whether a field can be of the host that the one above it
// took the message from.
func continues(above, h Hop) bool {
	name := firstLabel(h.By)
	if sameSystem(above.By, h.By) || name != "" && name == firstLabel(above.client()) {
		return true
	}
	// On a private network the name that the host says counts too: by address it
	// is often localhost.
	return name != "" && notPublic(above.Address) && name == firstLabel(hostName(above.HELO))
}

func firstLabel(name string) string {
	label, _, _ := strings.Cut(name, ".")
	return label
}

// systemOf is the known system that a host is of, or none.
func systemOf(host string) mailSystem {
	for _, s := range mailSystems {
		for _, d := range s.domains {
			if host == d || strings.HasSuffix(host, "."+d) {
				return s
			}
		}
	}
	return mailSystem{}
}

// sameSystem reports whether two hosts are of one mail system: below one
// registrable domain, of one that is known, or of one private network.
func sameSystem(a, b string) bool {
	a, b = canonical(a), canonical(b)
	if !strings.Contains(a, ".") || !strings.Contains(b, ".") || hostName(a) == "" || hostName(b) == "" {
		return false
	}
	if s := systemOf(a).name; s != "" || systemOf(b).name != "" {
		return s == systemOf(b).name
	}
	if s := localSuffix(a); s != "" || localSuffix(b) != "" {
		return s == localSuffix(b)
	}
	return dmarc.OrganizationalDomain(a) == dmarc.OrganizationalDomain(b)
}

// leaves reports whether a host is one by which mail leaves a known system.
func leaves(host string) bool {
	for _, suffix := range systemOf(host).leaving {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// ownNetwork reports whether the client's address is one of the hosts of the
// known system that it says to be of.
func ownNetwork(h Hop) bool {
	if leaves(h.client()) {
		return false
	}
	for _, p := range systemOf(h.client()).own {
		if p.Contains(h.Address) {
			return true
		}
	}
	return false
}
