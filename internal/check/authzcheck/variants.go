package authzcheck

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// trick is another way to make a request that was refused.
type trick struct {
	name string // for findings, in the order in which they are tried
	shot shot
	bare *shot // the same without what should do the trick, where that is another page; nil = none
}

// spellings are other ways to write a row's path. Ids keep their spelling.
func (r *row) spellings() []trick {
	path, query, found := strings.Cut(r.route.Path, "?")
	if found {
		query = "?" + query
	}
	plain := strings.TrimSuffix(path, "/")
	written := func(name, path string) trick {
		route := r.route
		route.Path = path + query
		return trick{name: name, shot: route.shot(r.params)}
	}
	out := []trick{
		written("upper case", literal(path, func(s string) string { return upperFirst(s) })),
		written("a trailing slash", plain+"/"),
		written("a trailing dot segment", plain+"/."),
		written("a double slash", "/"+path),
		written("an encoded trailing slash", plain+"%2f"),
		written("an encoded letter", encodeFirst(path)),
		written("a path parameter", plain+";x"),
		written("the suffix .json", plain+".json"),
	}
	if older := version().ReplaceAllStringFunc(path, previous); older != path {
		out = append(out, written("an older version of the API", older))
	}
	front := r.request(nil)
	s := front.with("X-Original-URL", front.target).with("X-Rewrite-URL", front.target)
	s.target, front.target = "/", "/"
	return append(out, trick{"the headers X-Original-URL and X-Rewrite-URL", s, &front})
}

// literal changes the parts of a path that are no params.
func literal(path string, change func(string) string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if !strings.Contains(s, "{") {
			segments[i] = change(s)
		}
	}
	return strings.Join(segments, "/")
}

func upperFirst(s string) string {
	runes := []rune(s)
	if len(runes) > 0 {
		runes[0] = unicode.ToUpper(runes[0])
	}
	return string(runes)
}

// encodeFirst writes the first letter of the path in percent-encoding, which
// means the same (RFC 3986 section 6.2.2.2).
func encodeFirst(path string) string {
	if len(path) < 2 || path[1] == '{' || path[1] >= 0x80 {
		return path
	}
	return fmt.Sprintf("/%%%02x%s", path[1], path[2:])
}

var version = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/v([2-9])(?:/|$)`) })

func previous(found string) string {
	return strings.Replace(found, found[2:3], string(found[2]-1), 1)
}

// overrides are other methods, and headers that name one. What is sent as POST
// may change state, and is sent only if writes are allowed.
func (r *row) overrides(allowWrites bool) []trick {
	named := func(s shot, method string) shot {
		for _, header := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
			s = s.with(header, method)
		}
		return s
	}
	glue := func(s shot, pair string) shot {
		s.target += map[bool]string{true: "&", false: "?"}[strings.Contains(s.target, "?")] + pair
		return s
	}
	plain := r.request(nil)
	// OPTIONS is safe (RFC 9110 section 9.2.1), and so is what it names.
	carrier := plain
	carrier.method = http.MethodOptions
	out := []trick{
		{name: "headers that name the method OPTIONS", shot: named(plain, http.MethodOptions)},
		{name: "OPTIONS with headers that name the method " + plain.method, shot: named(carrier, plain.method)},
		{name: "OPTIONS with _method=" + plain.method, shot: glue(carrier, "_method="+plain.method)},
	}
	if allowWrites && plain.method == http.MethodGet {
		posted := plain
		posted.method = http.MethodPost
		form := posted.with("Content-Type", "application/x-www-form-urlencoded")
		form.body = []byte("_method=GET")
		out = append(out,
			trick{name: "POST with headers that name the method GET", shot: named(posted, http.MethodGet)},
			trick{name: "POST with _method=GET", shot: glue(form, "_method=GET")})
	}
	return out
}

// head is the row's request by HEAD; false if the row is no GET.
func (r *row) head() (shot, bool) {
	s := r.request(nil)
	if s.method != http.MethodGet {
		return s, false
	}
	s.method = http.MethodHead
	return s, true
}
