package authzcheck

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// shot is a request of a route, whoever sends it.
type shot struct {
	method string
	target string // path and query
	header http.Header
	body   []byte
}

// with returns a copy with one more header.
func (s shot) with(name, value string) shot {
	s.header = s.header.Clone()
	if s.header == nil {
		s.header = http.Header{}
	}
	s.header.Set(name, value)
	return s
}

// asked is all that the request says: what of it comes back is no evidence.
func (s shot) asked() string {
	text := s.target + "\n" + string(s.body)
	if plain, err := url.QueryUnescape(s.target); err == nil {
		text += "\n" + plain
	}
	for _, values := range s.header {
		text += "\n" + strings.Join(values, "\n")
	}
	return text
}

// method is the route's, GET by default.
func (r Route) method() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return strings.ToUpper(r.Method)
}

// writes reports whether the request changes state.
func (r Route) writes() bool {
	switch r.method() {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return !r.ReadOnly
}

// shot fills the route's request in. Names stand as {id} or {{id}}.
func (r Route) shot(params map[string]string) shot {
	fill := func(escape func(string) string) *strings.Replacer {
		var pairs []string
		for name, value := range params {
			pairs = append(pairs, "{{"+name+"}}", escape(value))
		}
		for name, value := range params {
			pairs = append(pairs, "{"+name+"}", escape(value))
		}
		return strings.NewReplacer(pairs...)
	}
	plain, query := fill(func(v string) string { return v }), fill(url.QueryEscape)
	path, own, _ := strings.Cut(r.Path, "?")
	out := shot{method: r.method(), target: fill(url.PathEscape).Replace(path), header: http.Header{}}
	parts := []string{}
	if own != "" {
		parts = append(parts, query.Replace(own))
	}
	more := url.Values{}
	for name, value := range r.Query {
		more.Set(name, plain.Replace(value))
	}
	if len(more) > 0 {
		parts = append(parts, more.Encode())
	}
	if len(parts) > 0 {
		out.target += "?" + strings.Join(parts, "&")
	}
	for name, values := range r.Header {
		for _, v := range values {
			out.header.Add(name, plain.Replace(v))
		}
	}
	if r.Body != "" {
		if out.header.Get("Content-Type") == "" {
			out.header.Set("Content-Type", "application/json")
		}
		body := plain
		switch kind := mediaType(out.header); {
		case kind == "application/x-www-form-urlencoded":
			body = query
		case strings.HasSuffix(kind, "json"):
			body = fill(withinJSON)
		}
		out.body = []byte(body.Replace(r.Body))
	}
	return out
}

func mediaType(h http.Header) string {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind
}

// withinJSON is a text as it stands between the quotes of a JSON string.
func withinJSON(text string) string {
	quoted, _ := json.Marshal(text) // strings always marshal
	return string(quoted[1 : len(quoted)-1])
}

// absent are params of the same shape that name nothing.
func absent(params map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range params {
		out[name] = absentID(value)
	}
	return out
}

// absentID is an id of the same shape that nobody has: a number near the end of
// 32 bits, or the same letters and digits drawn anew. A prefix such as inv_ stays.
func absentID(id string) string {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n >= 0 {
		return strconv.FormatInt(1_900_000_000+below(200_000_000), 10)
	}
	from := strings.LastIndexByte(id, '_') + 1
	if len(id)-from < 4 && from > 0 { // so few letters may name something else
		if strings.Trim(id[from:], "0123456789") == "" {
			return id[:from] + absentID("0")
		}
		return id[:from] + drawn()
	}
	if strings.ContainsFunc(id[from:], func(r rune) bool { return r > unicode.MaxASCII }) || len(id) < 4 || strings.Contains(id, "@") {
		return "lr-" + drawn()
	}
	hexadecimal := strings.ContainsAny(id[from:], "0123456789") && strings.Trim(id[from:], "0123456789abcdefABCDEF-") == ""
	out := []byte(id)
	for i := from; i < len(out); i++ {
		switch c := out[i]; {
		case hexadecimal && (c >= '0' && c <= '9' || c >= 'a' && c <= 'f'):
			if len(id) == 36 && (i == 14 || i == 19) { // version and variant of a UUID (RFC 9562 section 4)
				continue
			}
			out[i] = "0123456789abcdef"[below(16)]
		case c >= '0' && c <= '9':
			out[i] = byte('0' + below(10))
		case c >= 'a' && c <= 'z':
			out[i] = byte('a' + below(26))
		case c >= 'A' && c <= 'Z':
			out[i] = byte('A' + below(26))
		}
	}
	return string(out)
}

// sibling is a path beside the one of a route without params, at which nothing is.
func (r Route) sibling() Route {
	path, query, found := strings.Cut(r.Path, "?")
	r.Path = strings.TrimSuffix(path, "/") + "-" + drawn()
	if found {
		r.Path += "?" + query
	}
	return r
}

// drawn is a word that nobody has used before.
func drawn() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

func below(n int64) int64 {
	i, _ := rand.Int(rand.Reader, big.NewInt(n)) // never fails (crypto/rand)
	return i.Int64()
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "portal"
	}
	return check.CanonicalHost(u.Hostname())
}

// template is the path as findings show it: with {id}, and with the names of
// what a query asks for, never their values.
func (r Route) template() string {
	path, own, _ := strings.Cut(r.Path, "?")
	var names []string
	for part := range strings.SplitSeq(own, "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			names = append(names, name+"="+placeholder(value))
		}
	}
	for name, value := range r.Query {
		names = append(names, name+"="+placeholder(value))
	}
	slices.Sort(names)
	path = strings.NewReplacer("{{", "{", "}}", "}").Replace(path)
	if len(names) > 0 {
		path += "?" + strings.Join(names, "&")
	}
	return path
}

func placeholder(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return "{" + strings.Trim(value, "{}") + "}"
	}
	return "*"
}
