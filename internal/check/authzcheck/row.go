package authzcheck

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// row is a route of the matrix under test.
type row struct {
	route   Route
	kind    Kind
	subject string
	owner   *agent
	allowed []*agent // besides the owner
	denied  []*agent // anonymous among them, unless it is allowed

	params   map[string]string
	lookups  []lookup // params whose values are still to be found
	evidence evidence
	owners   []probe.Exchange // what the owner got
	absent   probe.Exchange   // what the owner got for what does not exist
	absents  []probe.Exchange // ... asked again, where answers differ by chance
	own      []view           // of others on the same route
	problem  string           // why nothing can be learnt: the positive control failed
	shell    bool             // the same page for everybody
	attempts map[string]*attempt
}

// attempt is what one agent other than the owner got.
type attempt struct {
	agent *agent
	x     probe.Exchange
	// outcome is decided once all that it depends on is known.
	outcome outcome
	reason  string // of unknown
	held    []string
	cached  bool // a shared cache answered, and past it there is no leak
}

// outcome of an attempt to get what is the owner's.
type outcome string

const (
	refused outcome = "refused"
	leaked  outcome = "leaked" // or given, to who is allowed
	unknown outcome = "unknown"
)

func (t *tester) newRow(r Route) *row {
	r = r.named()
	out := &row{
		route: r, kind: r.Kind, owner: t.agents[r.Owner], params: r.Params, attempts: map[string]*attempt{},
		subject: fmt.Sprintf("%s %s%s", r.method(), t.host, r.template()),
	}
	if out.owner == nil {
		out.owner = &agent{name: r.Owner, problem: fmt.Sprintf("there is no identity %q", r.Owner)}
	}
	if out.kind == "" {
		switch {
		case administers(out.owner.actor.Role):
			out.kind = Function
		case len(r.Params) > 0:
			out.kind = Object
		default:
			out.kind = List
		}
	}
	for _, a := range sorted(t.agents) {
		switch {
		case a == out.owner:
		case names(r.Allow, a):
			out.allowed = append(out.allowed, a)
		case a.anonymous(), names(r.Deny, a):
			out.denied = append(out.denied, a)
		case len(r.Deny) > 0, administers(a.actor.Role) && !administers(out.owner.actor.Role):
		default:
			out.denied = append(out.denied, a)
		}
	}
	return out
}

// names reports whether a list names an agent, by itself or by its role.
func names(list []string, a *agent) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return entry == a.name || !a.anonymous() && entry != "" && entry == a.actor.Role
	})
}

// rule is what an agent breaks that is given what is the owner's.
func (r *row) rule(a *agent) string {
	from, to := r.owner.actor.Organization, a.actor.Organization
	switch {
	case a.anonymous():
		return ruleAnonymous
	case r.kind == Function:
		return ruleLowerRole
	case r.kind == List:
		return ruleList
	case from != "" && to != "" && from != to:
		return ruleCrossOrg
	default:
		return ruleCrossMember
	}
}

// request is the row's, with other params if they are given.
func (r *row) request(params map[string]string) shot {
	if params == nil {
		params = r.params
	}
	return r.route.shot(params)
}

// missing is the row's request for what does not exist.
func (r *row) missing() shot {
	if len(r.params) == 0 {
		return r.route.sibling().shot(nil)
	}
	return r.route.shot(absent(r.params))
}

// identifier tells what names one thing from a word of the address: a number, a
// UUID, a digest, a word with a prefix such as inv_7k2m, what has a number of
// three digits in it, long words with digits, and words in which letters and
// digits take turns.
func identifier(s string) bool {
	digits, run, longest, turns := 0, 0, 0, 0
	for i, c := range s {
		if i > 0 && unicode.IsDigit(c) != unicode.IsDigit(rune(s[i-1])) {
			turns++
		}
		switch {
		case c >= '0' && c <= '9':
			digits++
			run++
			longest = max(longest, run)
		case c == '-', c == '_', c < 0x80 && wordRune(c):
			run = 0
		default:
			return false
		}
	}
	prefix, rest, found := strings.Cut(s, "_")
	return digits > 0 && (digits == len(s) || longest >= 3 || len(s) >= 16 || len(s) >= 8 && turns >= 3 || found && len(prefix) <= 12 && len(rest) >= 4)
}

// named gives names to the ids of a route that is written out, so that another
// id can stand in their place.
func (r Route) named() Route {
	if len(r.Params) > 0 {
		return r
	}
	params := map[string]string{}
	name := func(name, value string) string {
		for base, n := name, 2; params[name] != ""; n++ {
			name = fmt.Sprint(base, n)
		}
		params[name] = value
		return "{" + name + "}"
	}
	path, query, found := strings.Cut(r.Path, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil && identifier(plain) {
			segments[i] = name("id", plain)
		}
	}
	r.Path = strings.Join(segments, "/")
	if found {
		parts := strings.Split(query, "&")
		for i, part := range parts {
			key, value, _ := strings.Cut(part, "=")
			if plain, err := url.QueryUnescape(value); err == nil && identifier(plain) {
				parts[i] = key + "=" + name(key, plain)
			}
		}
		r.Path += "?" + strings.Join(parts, "&")
	}
	r.Query = maps.Clone(r.Query)
	for _, key := range slices.Sorted(maps.Keys(r.Query)) {
		if identifier(r.Query[key]) {
			r.Query[key] = name(key, r.Query[key])
		}
	}
	if r.ReadOnly {
		r.Body = idInBody().ReplaceAllStringFunc(r.Body, func(found string) string {
			m := idInBody().FindStringSubmatch(found)
			return m[1] + name(m[2], m[3]) + m[4]
		})
	}
	r.Params = params
	return r
}

// idInBody finds ids in JSON, by their names.
var idInBody = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`("((?:[A-Za-z_]+_)?(?:id|uuid)|[a-z]+I[dD])"\s*:\s*"?)([A-Za-z0-9_-]+)("?)`)
})

// distinguish tells rows apart that have one subject: by the owner, or by name.
func distinguish(rows []*row) {
	count := map[string]int{}
	for _, r := range rows {
		count[r.subject]++
	}
	for _, r := range rows {
		if count[r.subject] > 1 {
			r.subject += " of " + r.owner.name
		}
	}
	clear(count)
	for _, r := range rows {
		count[r.subject]++
	}
	for _, r := range rows {
		if count[r.subject] > 1 {
			r.subject += " (" + r.route.Name + ")"
		}
	}
}
