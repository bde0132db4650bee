// Package senders is a catalogue of services that send mail for a domain: what
// each needs in the DNS, as data with its source and date. It claims a name as
// required only where the service fixes it; what differs per account comes
// from the user.
package senders

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Apex says what an SPF include at the domain itself does for a sender.
type Apex string

const (
	ApexNeeded   Apex = "needed"   // mail leaves with the domain itself as return path
	ApexOptional Apex = "optional" // depends on how the account is set up
	ApexUseless  Apex = "useless"  // the sender uses a return path of its own: an include wastes look-ups
)

// Form is how a DKIM key is published.
type Form string

const (
	TXT   Form = "TXT"
	CNAME Form = "CNAME"
)

// Selector is a DKIM selector of a sender.
type Selector struct {
	Name  string
	Form  Form
	Fixed bool // set by the service for every account; else a default that the account may change
	// Targets are suffixes that a CNAME ends in, matched on label boundaries.
	Targets []string
}

// Evidence is where an entry was learned.
type Evidence string

const (
	Documentation Evidence = "vendor documentation"
	Template      Evidence = "Domain Connect template"
	Observed      Evidence = "seen alike in several public DNS configurations"
)

// Sender is one entry of the catalogue.
type Sender struct {
	Key        string
	Title      string
	Includes   []string // names of SPF includes; the first is the current one
	Apex       Apex
	SPFAt      string // where the include belongs if not at the domain, such as "send"
	Selectors  []Selector
	ReturnPath []string // suffixes of the CNAME or MX target of the return path
	// ReturnPathAt is where the return path stands below the domain unless the
	// account says otherwise, such as "pm-bounces"; empty if that differs.
	ReturnPathAt string
	// PerAccount is set if the include differs per account or data centre, so
	// that only the service can show the right one.
	PerAccount bool
	// Forwards is set if the service passes on what others sent and sends none of its own.
	Forwards bool
	Note     string
	Evidence []Evidence
	Verified string // YYYY-MM
}

// Lookup returns the entry of a key.
func Lookup(key string) (Sender, bool) {
	s, ok := catalogue()[key]
	return s, ok
}

// Keys returns all keys, sorted.
func Keys() []string { return slices.Sorted(maps.Keys(catalogue())) }

// All returns the whole catalogue, sorted by key.
func All() []Sender {
	var out []Sender
	for _, key := range Keys() {
		out = append(out, catalogue()[key])
	}
	return out
}

// Nearest returns the key closest to what was written, or "" if none is close.
func Nearest(key string) string {
	key = strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(strings.ToLower(strings.TrimSpace(key)))
	if known, ok := aliases()[key]; ok {
		return known
	}
	best, distance := "", len(key)/2+1
	for _, known := range Keys() {
		d := editDistance(key, known)
		if len(key) >= 3 && (strings.HasPrefix(known, key) || strings.HasPrefix(key, known)) {
			d = min(d, 1)
		}
		if d < distance {
			best, distance = known, d
		}
	}
	return best
}

// ByInclude returns the senders that an SPF include belongs to, sorted by key.
// Several share one: Resend and Loops send through Amazon SES.
func ByInclude(name string) []Sender {
	var out []Sender
	for _, key := range Keys() {
		if s := catalogue()[key]; s.Owns(name) {
			out = append(out, s)
		}
	}
	return out
}

// Owns reports whether an SPF include is one of the sender's, or a name below it.
func (s Sender) Owns(include string) bool {
	return slices.ContainsFunc(s.Includes, func(own string) bool { return Under(include, own) })
}

// FixedSelectors are the selectors that every account of the sender has.
func (s Sender) FixedSelectors() []Selector {
	var out []Selector
	for _, sel := range s.Selectors {
		if sel.Fixed {
			out = append(out, sel)
		}
	}
	return out
}

// Names are the names of the sender that records of its clients lead to.
func (s Sender) Names() []string {
	out := slices.Concat(s.Includes, s.ReturnPath)
	for _, sel := range s.Selectors {
		out = append(out, sel.Targets...)
	}
	return out
}

// Under reports whether a name is the suffix or below it, on a label boundary.
func Under(name, suffix string) bool {
	name, suffix = strings.ToLower(strings.TrimSuffix(name, ".")), strings.ToLower(suffix)
	return name == suffix || strings.HasSuffix(name, "."+suffix)
}

// WellKnownSelectors are names worth asking for when nothing is declared. That
// one answers proves a key; that none does proves nothing.
func WellKnownSelectors() []string {
	return strings.Fields(`google selector1 selector2 s1 s2 k1 k2 k3 default mail dkim resend pm zoho zmail mandrill sm mx fm1 fm2 fm3
		protonmail protonmail2 protonmail3 hs1 hs2 cm dk mlsend mlsend2 kl kl2 ctct1 ctct2 cf-bounce mte1 mte2 brevo1 brevo2 zendesk1 zendesk2
		pdk1 pdk2 acdkim1 acdkim2 cka cka2 intercom`)
}

var catalogue = sync.OnceValue(func() map[string]Sender {
	out := map[string]Sender{}
	for _, s := range entries() {
		s.Verified = verified
		out[s.Key] = s
	}
	return out
})

// aliases are other names that people know a sender by.
func aliases() map[string]string {
	return map[string]string{
		"google": "google_workspace", "gmail": "google_workspace", "gsuite": "google_workspace", "g_suite": "google_workspace",
		"office365": "microsoft_365", "office_365": "microsoft_365", "o365": "microsoft_365", "outlook": "microsoft_365", "exchange_online": "microsoft_365", "microsoft365": "microsoft_365",
		"ses": "amazon_ses", "aws_ses": "amazon_ses", "aws": "amazon_ses", "twilio_sendgrid": "sendgrid", "sendinblue": "brevo", "convertkit": "kit",
		"protonmail": "proton", "bird": "sparkpost", "zoho": "zoho_mail", "cloudflare": "cloudflare_email_sending", "customerio": "customer_io",
	}
}

// editDistance is the Levenshtein distance in bytes.
func editDistance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j]+cost, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
