package tlscheck

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// insecure reports whether browsers hold a load to be mixed content: over
// plain HTTP, and not to the visitor's own machine, which they trust (W3C
// Secure Contexts 3.1).
func insecure(u *url.URL) bool {
	if u == nil || u.Scheme != "http" && u.Scheme != "ws" {
		return false
	}
	host := check.CanonicalHost(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback()
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost")
}

// resolve makes an address absolute as browsers do (WHATWG URL 4.4). They take
// what url.Parse refuses: white space around and line breaks within, backslashes
// for slashes, one slash or none after "http:", a bare per cent sign.
func (s *scan) resolve(address string) *url.URL {
	address = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(strings.TrimFunc(address, func(r rune) bool { return r <= ' ' }))
	if address == "" {
		return nil
	}
	scheme, rest, hasScheme := cutScheme(address)
	switch {
	case hasScheme && !isSpecial(scheme):
		return nil // data:, blob:, javascript: load nothing from the network
	case hasScheme && scheme == s.base.Scheme && !startsWithSlash(rest):
		address = rest // "https:a.js" is relative to a page of that scheme
	case hasScheme:
		return special(scheme, rest)
	}
	address = escape(address)
	if strings.HasPrefix(address, "//") {
		return special(s.base.Scheme, address)
	}
	u, err := s.base.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	return u
}

// cutScheme splits off a scheme (RFC 3986 3.1), in lower case.
func cutScheme(address string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(address, ":")
	if !ok || scheme == "" {
		return "", address, false
	}
	scheme = strings.ToLower(scheme)
	for i, c := range []byte(scheme) {
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return "", address, false
		}
	}
	return scheme, rest, true
}

func isSpecial(scheme string) bool {
	return scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss"
}

func startsWithSlash(s string) bool { return s != "" && (s[0] == '/' || s[0] == '\\') }

// special is a URL of one of the web's schemes from what follows its colon, or
// nil if there is no host in it.
func special(scheme, rest string) *url.URL {
	rest = strings.TrimLeft(escape(rest), "/")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, rest := rest[:end], rest[end:]
	authority = authority[strings.LastIndex(authority, "@")+1:]
	if plain, err := url.PathUnescape(authority); err == nil {
		authority = plain
	}
	if authority == "" || strings.ContainsAny(authority, " <>^|%/\\?#") {
		return nil
	}
	u, err := url.Parse(scheme + "://" + authority + rest)
	if err != nil {
		// The host is what counts, if it is one.
		if u, err = url.Parse(scheme + "://" + authority + "/"); err != nil {
			return nil
		}
	}
	if u.Hostname() == "" {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	return u
}

// escape makes an address of the web's schemes one that url.Parse takes:
// slashes for backslashes before the query, and escapes for what needs them.
func escape(address string) string {
	var b strings.Builder
	query := false
	for i := range len(address) {
		switch c := address[i]; {
		case c == '?' || c == '#':
			query = true
			b.WriteByte(c)
		case c == '\\' && !query:
			b.WriteByte('/')
		case c == '%' && (i+2 >= len(address) || !isHex(address[i+1]) || !isHex(address[i+2])):
			b.WriteString("%25")
		case c <= ' ' || c == 0x7f:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// parseSrcset returns the addresses of a srcset attribute (HTML 4.8.4.2.2): an
// address runs to white space, so a data: URL keeps its commas, and loses those
// it ends with; a descriptor runs to a comma outside parentheses.
func parseSrcset(s string) []string {
	var out []string
	for {
		s = strings.TrimLeft(s, " \t\n\f\r,")
		if s == "" {
			return out
		}
		end := strings.IndexAny(s, " \t\n\f\r")
		if end < 0 {
			end = len(s)
		}
		address := s[:end]
		s = s[end:]
		if trimmed := strings.TrimRight(address, ","); trimmed != address {
			out = append(out, trimmed)
			continue
		}
		out = append(out, address)
		depth, i := 0, 0
		for ; i < len(s) && (s[i] != ',' || depth > 0); i++ {
			switch s[i] {
			case '(':
				depth++
			case ')':
				depth = max(depth-1, 0)
			}
		}
		s = s[i:]
	}
}
