package probe

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const (
	defaultTimeout   = 10 * time.Second
	defaultUserAgent = "launchready/dev (+https://github.com/launchready/terraform-provider-launchready)"
)

// Config says how the network is to be seen. Its zero value is usable: the
// system's resolvers and roots, no detours, passive probes only.
type Config struct {
	// AllowedHosts are the hosts that probes may go to: names, "*.name" for any
	// depth below a name but not the name itself, and addresses literally. Nil
	// means not set: passive probes go to any host named, active ones nowhere.
	// Empty means nothing is allowed.
	AllowedHosts []string
	// Resolvers are DNS servers, host:port or an address alone (port 53). Empty
	// means those of /etc/resolv.conf, read on first use.
	Resolvers []string
	// ConnectTo sends connections elsewhere, as curl's --connect-to does: from
	// "host:port", "address:port", "host:*", "*:port" or "*:*" to "host:port".
	ConnectTo map[string]string
	// CABundle is PEM certificates to trust besides the system's.
	CABundle []byte
	// Timeout bounds one request, one handshake and one look-up each; default 10 s.
	Timeout   time.Duration
	UserAgent string
	// Log, if set, is told of each probe. Fields hold neither queries nor bodies.
	Log   func(ctx context.Context, message string, fields map[string]any)
	Clock func() time.Time
}

// ConfigError is a mistake in a Config: the field as users write it
// ("connect_to"), the entry within it, and what to do.
type ConfigError struct {
	Field  string // allowed_hosts, resolvers, connect_to, ca_bundle, timeout
	Key    string // connect_to: the key; lists: the entry; else empty
	Reason string // what is wrong and how to mend it
}

func (e *ConfigError) Error() string {
	if e.Key == "" {
		return e.Field + ": " + e.Reason
	}
	return fmt.Sprintf("%s[%q]: %s", e.Field, e.Key, e.Reason)
}

// Validate reports the first mistake as a *ConfigError, or nil. It does no I/O.
func (c Config) Validate() error {
	for _, entry := range c.AllowedHosts {
		if err := validatePattern(entry); err != nil {
			return &ConfigError{Field: "allowed_hosts", Key: entry, Reason: err.Error()}
		}
	}
	for _, entry := range c.Resolvers {
		if _, err := resolverAddress(entry); err != nil {
			return &ConfigError{Field: "resolvers", Key: entry, Reason: err.Error()}
		}
	}
	if _, err := parseDetours(c.ConnectTo); err != nil {
		return err
	}
	if len(c.CABundle) > 0 && !x509.NewCertPool().AppendCertsFromPEM(c.CABundle) {
		return &ConfigError{Field: "ca_bundle", Reason: "it holds no PEM certificate; give the text or the path of a file with -----BEGIN CERTIFICATE----- blocks"}
	}
	if c.Timeout < 0 {
		return &ConfigError{Field: "timeout", Reason: "it must be positive, such as \"10s\""}
	}
	return nil
}

func (c Config) withDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.UserAgent = cmp.Or(c.UserAgent, defaultUserAgent)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = func(context.Context, string, map[string]any) {}
	}
	return c
}

// resolverAddress completes an entry of Resolvers to host:port.
func resolverAddress(entry string) (string, error) {
	if ip, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return net.JoinHostPort(ip.String(), "53"), nil
	}
	host, port, err := net.SplitHostPort(entry)
	if err != nil || host == "" {
		return "", fmt.Errorf("a resolver is an address, with or without a port, such as \"127.0.0.1:5353\"")
	}
	if _, err := parsePort(port); err != nil {
		return "", err
	}
	return entry, nil
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a port; ports are 1 to 65535", s)
	}
	return uint16(n), nil
}
