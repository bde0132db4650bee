package probe

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// detour is one entry of connect_to. An empty host and a port of 0 stand for
// "any" in from.
type detour struct {
	fromHost string // name or address as text; "" for *
	fromPort uint16 // 0 for *
	toHost   string
	toPort   uint16
}

// parseDetour reads one entry, such as "*:443" = "127.0.0.1:8443".
func parseDetour(from, to string) (detour, error) {
	var d detour
	host, port, err := net.SplitHostPort(from)
	if err != nil || host == "" {
		return d, fmt.Errorf("the key needs a host and a port, such as %q or %q", suggestPort(from, "443"), "*:443")
	}
	if host != "*" {
		if d.fromHost, err = canonicalHost(host); err != nil {
			return d, fmt.Errorf("the key's host: %w", err)
		}
	}
	if port != "*" {
		if d.fromPort, err = parsePort(port); err != nil {
			return d, fmt.Errorf("the key's port: %w", err)
		}
	}
	host, port, err = net.SplitHostPort(to)
	if err != nil || host == "" {
		return d, fmt.Errorf("the value %q needs a host and a port, such as %q", to, suggestPort(to, "8443"))
	}
	if d.toHost, err = canonicalHost(host); err != nil {
		return d, fmt.Errorf("the value's host: %w", err)
	}
	if d.toPort, err = parsePort(port); err != nil {
		return d, fmt.Errorf("the value's port: %w", err)
	}
	return d, nil
}

// suggestPort completes what was written to host:port, for an error's advice.
func suggestPort(written, port string) string {
	host := strings.Trim(written, "[]: ")
	if host == "" || strings.ContainsAny(host, " /*") {
		host = "127.0.0.1"
	}
	if _, err := netip.ParseAddr(host); err != nil {
		host, _, _ = strings.Cut(host, ":")
	}
	return net.JoinHostPort(host, port)
}

// detours is connect_to, parsed.
type detours []detour

func parseDetours(entries map[string]string) (detours, error) {
	var out detours
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		d, err := parseDetour(key, entries[key])
		if err != nil {
			return nil, &ConfigError{Field: "connect_to", Key: key, Reason: err.Error()}
		}
		// Two spellings of one key, such as in capitals: neither may win by chance.
		if slices.ContainsFunc(out, func(o detour) bool { return o.fromHost == d.fromHost && o.fromPort == d.fromPort }) {
			return nil, &ConfigError{Field: "connect_to", Key: key, Reason: "another key is for the same host and port; keep one of them"}
		}
		out = append(out, d)
	}
	return out, nil
}

// find returns the entry for a host ("" finds the entries for any host),
// the one with the port before the one for any port.
func (ds detours) find(host string, port uint16) (detour, bool) {
	for _, p := range []uint16{port, 0} {
		for _, d := range ds {
			if d.fromHost == host && d.fromPort == p {
				return d, true
			}
		}
	}
	return detour{}, false
}
