package probe

import (
	"cmp"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// errScheme is for URLs that no probe can fetch.
var errScheme = errors.New("not an absolute http or https URL")

func portOf(scheme, port string) uint16 {
	n, _ := strconv.ParseUint(cmp.Or(port, map[string]string{"http": "80", "https": "443"}[scheme]), 10, 16)
	return uint16(n)
}

// parseURL reads an absolute http or https URL and makes its host canonical.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, errScheme
	}
	host, err := canonicalHost(u.Hostname())
	if err != nil || portOf(u.Scheme, u.Port()) == 0 {
		return nil, errScheme
	}
	port := u.Port()
	switch {
	case port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme]:
		u.Host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		u.Host = "[" + host + "]"
	default:
		u.Host = host
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.User = nil // credentials do not travel in URLs, and URLs are shown
	return u, nil
}

// plainPath is a path as logs show it: "..." stands for segments that look like
// tokens, such as that of a link to a new password.
func plainPath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if len(s) >= 32 || len(s) >= 16 && strings.ContainsAny(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			segments[i] = "..."
		}
	}
	return strings.Join(segments, "/")
}
