package tlscheck

import (
	"net/netip"
	"net/url"
	"strings"
)

// insecure reports whether browsers hold a load to be mixed content: over
// plain HTTP, and not to the visitor's own machine, which they trust (W3C
// Secure Contexts 3.1).
func insecure(u *url.URL) bool {
	if u == nil || u.Scheme != "http" && u.Scheme != "ws" {
		return false
	}
	host := canonical(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback()
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost")
}

// resolve makes an address absolute as URL parsers of browsers do as far as it
// matters here: white space around it and line breaks within do not count.
func (s *scan) resolve(address string) *url.URL {
	address = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(strings.TrimSpace(address))
	if address == "" {
		return nil
	}
	u, err := s.base.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	u.Fragment = ""
	return u
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
