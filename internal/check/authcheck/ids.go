package authcheck

import (
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// judgeAddresses looks for the session's token in every address of the sign-in
// and in the links of what follows it.
func (w *way) judgeAddresses() {
	record := w.session.Record()
	for _, address := range record.Addresses {
		if plain, err := url.QueryUnescape(address); w.holdsSecret(address, w.session) || err == nil && w.holdsSecret(plain, w.session) || namesSession(address) {
			w.fail(ruleInURL, w.name, "the sign-in leads to an address that holds the session's token")
			return
		}
	}
	for _, x := range []probe.Exchange{record.Answer, w.me.owner} {
		for _, link := range linksOf(x.Body) {
			if w.holdsSecret(link, w.session) {
				w.fail(ruleInURL, w.name, "a link of a page holds the session's token")
				return
			}
		}
	}
	if len(w.credentials(w.session)) == 0 {
		w.unclear(ruleInURL, w.name, "which cookie or token is the session could not be learned")
		return
	}
	w.pass(ruleInURL, w.name, "no address of the sign-in, and no link of what follows it, holds the session's token")
}

var (
	sessionParameter = regexp.MustCompile(`(?i)[?&;#](jsessionid|phpsessid|sessionid|session_id|session|sid|access_token|auth_token|id_token)=[^&;#\s]{16,}`)
	anyLink          = regexp.MustCompile(`(?i)(?:href|src|action)\s*=\s*["']?([^"'\s>]+)`)
)

// namesSession finds parameters that hold a session by their name.
func namesSession(address string) bool { return sessionParameter.MatchString(address) }

func linksOf(body []byte) []string {
	var out []string
	for _, found := range anyLink.FindAllSubmatch(body[:min(len(body), 256<<10)], 500) {
		out = append(out, string(found[1]))
	}
	return out
}

// judgeIDs compares the ids of three sign-ins, one of which begins with an id
// that the visitor chose.
func (w *way) judgeIDs() {
	second, err := w.again()
	if err != nil {
		w.unclear(ruleEntropy, w.name, "no second session could be opened: "+err.Error())
		w.unclear(ruleFixation, w.name, "no second session could be opened: "+err.Error())
		return
	}
	third := w.fixation(second)
	w.opened = append(w.opened, second, third)
	var ids [][]string
	for _, s := range []probe.Session{w.session, second, third} {
		var values []string
		for _, c := range w.credentials(s) {
			values = append(values, c.value)
		}
		ids = append(ids, values)
	}
	if len(ids[0]) == 0 || len(ids[1]) != len(ids[0]) || len(ids[2]) != len(ids[0]) {
		w.unclear(ruleEntropy, w.name, "the ids of three sessions could not be compared")
		return
	}
	for i := range ids[0] {
		if _, ok := parseJWT(ids[0][i]); ok {
			w.none(ruleEntropy, w.name, "the session is a signed token, which holds no id to guess")
			return
		}
		if why := guessable(ids[0][i], ids[1][i], ids[2][i]); why != "" {
			// Of several cookies that only suffice together, one that is hard to guess is enough.
			if len(ids[0]) > 1 && !w.either {
				continue
			}
			w.fail(ruleEntropy, w.name, why)
			return
		}
	}
	w.pass(ruleEntropy, w.name, "the ids of three sessions have nothing in common and are long enough")
}

// guessable says why three ids are not drawn from enough; empty if they seem to be.
func guessable(ids ...string) string {
	shortest := len(ids[0])
	for i, id := range ids {
		if plain, err := url.QueryUnescape(id); err == nil {
			ids[i] = plain
		}
		shortest = min(shortest, len(ids[i]))
	}
	if shortest == 0 {
		return "the session's id is empty"
	}
	if ids[0] == ids[1] || ids[1] == ids[2] {
		return "two sign-ins gave the same session id"
	}
	shared := 0
	for at := range shortest {
		if ids[0][at] == ids[1][at] && ids[1][at] == ids[2][at] {
			shared++
		}
	}
	if 2*shared > shortest {
		return "the ids of three sessions are the same at most of their positions: they are counted up, or hardly drawn"
	}
	if bits := float64(shortest) * math.Log2(float64(alphabet(strings.Join(ids, "")))); bits < 127 {
		return "the session's id is shorter than 128 random bits"
	}
	return ""
}

// alphabet is how many characters ids like these are drawn from.
func alphabet(s string) int {
	digits, lower, upper, beyondHex, special := false, false, false, false, false
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c >= 'a' && c <= 'z':
			lower, beyondHex = true, beyondHex || c > 'f'
		case c >= 'A' && c <= 'Z':
			upper, beyondHex = true, beyondHex || c > 'F'
		default:
			special = true
		}
	}
	if !beyondHex && digits && !(lower && upper) {
		if lower || upper {
			return 16
		}
		return 10
	}
	n := 0
	for _, part := range []struct {
		has bool
		n   int
	}{{digits, 10}, {lower, 26}, {upper, 26}, {special, 2}} {
		if part.has {
			n += part.n
		}
	}
	if !lower && digits && upper && !special {
		return 32 // base32 has six digits only
	}
	return max(n, 2)
}

// fixation signs in with an id that the visitor chose, and with those that the
// portal gave strangers. It returns the session that came of it.
func (w *way) fixation(second probe.Session) probe.Session {
	if w.doubled && w.main { // what browsers keep is judged by itself
		s, _ := w.again()
		return s
	}
	if len(w.cookies) == 0 {
		w.none(ruleFixation, w.name, "the session is no cookie: nobody can plant it in a browser")
		s, _ := w.again()
		return s
	}
	strangers := w.strangers()
	chosen := map[string]string{}
	for name, value := range strangers {
		chosen[name] = value
	}
	for _, name := range w.cookies {
		if given, ok := strangers[name]; !ok || given == "" {
			chosen[name] = imitation(second.Cookies()[name])
		}
	}
	s, err := w.actor.SignInWith(w.ctx, w.prober, chosen)
	if err != nil {
		// A portal may refuse who shows a session that does not exist.
		w.unclear(ruleFixation, w.name, "who brings a session id that is not the portal's cannot sign in: "+err.Error())
		return s
	}
	after := s.Cookies()
	if _, token := bearerOf(s); token { // the answer holds one too; a browser keeps what it brought all the same
		for _, name := range w.cookies {
			after[name] = chosen[name]
			if set := lastOf(s.Record().Set, name); set != nil {
				after[name] = set.Value
			}
		}
	}
	kept := false
	for _, name := range w.cookies {
		kept = kept || after[name] != "" && after[name] == chosen[name]
	}
	for _, session := range []probe.Session{w.session, second} {
		before, now := session.Record().Before, session.Cookies()
		for _, name := range w.cookies {
			kept = kept || before[name] != "" && before[name] == now[name]
		}
	}
	switch {
	case !kept:
		w.pass(ruleFixation, w.name, "the sign-in makes a new session id, whatever id the visitor brings")
	case w.lives(s) == granted && w.me.judge(w.look(w.me.url, http.Header{"Cookie": {joined(w.cookies, chosen)}})) == granted:
		w.fail(ruleFixation, w.name, "a session id of before the sign-in is the session after it")
	default:
		w.pass(ruleFixation, w.name, "a session id of before the sign-in is worth nothing after it")
	}
	return s
}

// strangers are the cookies that the portal gives who has not signed in.
func (w *way) strangers() map[string]string {
	out := map[string]string{}
	for _, address := range []string{w.at("/"), w.at(w.actor.Portal.SignIn.Path)} {
		x := w.look(address, nil)
		resp := http.Response{Header: x.Header}
		for _, c := range resp.Cookies() {
			if c.Value != "" && c.MaxAge >= 0 {
				out[c.Name] = c.Value
			}
		}
	}
	return out
}

// imitation is a value of the same form as an id.
func imitation(id string) string {
	out := []byte(id)
	for i := range out {
		out[i] = other(out[i])
		if strings.IndexByte(".:-_%=~|", id[i]) >= 0 {
			out[i] = id[i]
		}
	}
	return string(out)
}

func joined(names []string, values map[string]string) string {
	var parts []string
	for _, name := range names {
		parts = append(parts, name+"="+values[name])
	}
	return strings.Join(parts, "; ")
}
