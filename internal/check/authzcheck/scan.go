package authzcheck

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// leak is something private on a public page, in words that do not repeat it.
type leak struct {
	severity readiness.Severity
	what     string
}

// scan searches an answer that anyone gets.
func (t *tester) scan(x probe.Exchange) []leak {
	var out []leak
	v := viewOf(x)
	known := map[string]bool{}
	for _, a := range sorted(t.agents) {
		address := a.actor.Identity.Username
		if strings.Contains(address, "@") && !t.mayShow(address) && (x.Holds(address) || strings.Contains(strings.ToLower(v.text), strings.ToLower(address))) {
			known[strings.ToLower(address)] = true
			out = append(out, leak{readiness.High, "the e-mail address of " + a.known()})
		}
	}
	others := map[string]bool{}
	for _, address := range addresses(v.text) {
		if !known[address] && !t.mayShow(address) {
			others[masked(address)] = true
		}
	}
	for shown := range others {
		out = append(out, leak{readiness.High, "an e-mail address that public_allow does not name (" + shown + ")"})
	}
	for _, r := range t.rows {
		if m := r.route.Marker; m != "" && (x.Holds(m) || v.has(m)) {
			out = append(out, leak{readiness.Critical, "the marker of " + r.owner.known()})
		}
	}
	for _, kind := range tokens(x, v) {
		out = append(out, leak{readiness.Critical, kind})
	}
	if invoices(x, t.knows) {
		out = append(out, leak{readiness.Critical, "an invoice: a number, an amount and a name together"})
	}
	for _, a := range sorted(t.agents) {
		if len(a.id) >= 5 && strings.ContainsFunc(a.id, unicode.IsLetter) && !strings.Contains(a.id, "@") && v.holds(a.id) {
			out = append(out, leak{readiness.Medium, "the internal id of " + a.known()})
		}
	}
	if name := internalIDs(x); name != "" {
		out = append(out, leak{readiness.Medium, "sequential internal ids (" + name + ")"})
	}
	return out
}

func (t *tester) mayShow(text string) bool {
	return slices.ContainsFunc(t.spec.PublicAllow, func(pattern string) bool { return glob(pattern, text) })
}

var (
	addressForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(^|[^A-Za-z0-9._%+/:@-])([A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})\b`)
	})
	placeholderForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\bplaceholder\s*=\s*("[^"]*"|'[^']*')`) })
)

// addresses are the e-mail addresses of a text, in lower case, but for those
// that are meant for the public: of an office rather than a person, and examples
// (RFC 2606 section 3).
func addresses(text string) []string {
	var out []string
	for _, m := range addressForm().FindAllStringSubmatch(placeholderForm().ReplaceAllString(text, ""), -1) {
		address := strings.ToLower(m[2])
		local, domain, _ := strings.Cut(address, "@")
		ending := domain[strings.LastIndexByte(domain, '.')+1:]
		switch {
		case slices.Contains([]string{"png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "js", "mjs", "css", "map", "json", "woff"}, ending):
		case slices.Contains([]string{"example.com", "example.org", "example.net", "email.com", "domain.com"}, domain):
		case office(local):
		default:
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// office tells mailboxes of an office (RFC 2142, and common ones) from a person's.
func office(local string) bool {
	local, _, _ = strings.Cut(local, "+")
	return slices.Contains([]string{
		"info", "contact", "hello", "hi", "support", "help", "helpdesk", "office", "mail", "team", "sales", "marketing", "press", "media", "privacy", "legal", "dpo",
		"security", "abuse", "postmaster", "hostmaster", "webmaster", "noc", "billing", "accounts", "accounting", "finance", "jobs", "careers", "hr", "events", "news",
		"newsletter", "noreply", "no-reply", "donotreply", "feedback", "service", "services", "enquiries", "inquiries", "membership", "members", "community", "git",
		"kontakt", "datenschutz", "impressum", "buero", "contacto", "contato", "secretariat", "board", "partners", "partner", "press-office", "admissions", "booking", "bookings",
	}, local)
}

// masked shows of an address what tells it apart, not whose it is.
func masked(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return address[:1] + "...@" + domain
}

var tokenForms = sync.OnceValue(func() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"a secret key of a payment service": regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{16,}`),
		"a token of GitHub or GitLab":       regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20})`),
		"a token of Slack":                  regexp.MustCompile(`\bxox[abeprs]-[A-Za-z0-9-]{10,}`),
		"a key of AWS":                      regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b`),
		"a private key":                     regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`),
		"a key of SendGrid":                 regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b`),
	}
})

var jwtForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{16,}`)
})

// sampleToken begins the claims of the token by which JSON web tokens are
// explained: {"sub":"1234567890","name":"John Doe".
const sampleToken = "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lI"

// tokens are kinds of credentials that an answer holds: by their form, and texts
// of JSON whose name says so. A key of Supabase for anyone is meant to be public.
func tokens(x probe.Exchange, v view) []string {
	var out []string
	for kind, form := range tokenForms() {
		if form.MatchString(v.text) {
			out = append(out, kind)
		}
	}
	for _, m := range jwtForm().FindAllStringSubmatch(v.text, -1) {
		payload, err := base64.RawURLEncoding.DecodeString(m[1])
		var claims struct {
			Role string `json:"role"`
		}
		if err == nil && json.Unmarshal(payload, &claims) == nil && claims.Role == "anon" {
			continue
		}
		if strings.HasPrefix(m[1], sampleToken) { // of jwt.io, in everybody's documentation
			continue
		}
		out = append(out, "a JSON web token")
	}
	for _, l := range leavesOf(x) {
		switch strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(l.key())) {
		case "accesstoken", "refreshtoken", "sessiontoken", "sessionid", "authtoken", "resettoken", "invitetoken", "bearertoken", "apitoken", "token":
			if len(l.value) >= 16 && !strings.Contains(l.value, " ") && strings.ContainsAny(l.value, "0123456789") {
				out = append(out, "a token ("+l.key()+")")
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// internal finds names of fields and attributes that number people.
var internal = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:user|member|customer|account|person|owner|author|creator|organi[sz]er|assignee|internal|db|database|row|record)_?id$|^(?:created|updated)_?by$`)
})

var internalAttribute = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\bdata-((?:user|member|customer|account|person|owner|author|internal|db|record)-id)=["']?(\d+)\b`)
})

// internalIDs is the name of a field or attribute under which an answer counts
// people or records by plain numbers; empty if there is none.
func internalIDs(x probe.Exchange) string {
	values := map[string]map[string]bool{}
	add := func(name, value string) {
		if values[name] == nil {
			values[name] = map[string]bool{}
		}
		values[name][value] = true
	}
	for _, l := range leavesOf(x) {
		if internal().MatchString(snake(l.key())) && strings.Trim(l.value, "0123456789") == "" {
			add(l.key(), l.value)
		}
	}
	for _, m := range internalAttribute().FindAllStringSubmatch(string(x.Body), -1) {
		add("data-"+m[1], m[2])
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// snake is a name such as userId as user_id.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
