// Package originguard writes what an origin needs to answer Cloudflare's edge and
// nobody else: the address ranges of the edge as rules of a web server and of a
// firewall, and the certificate that the edge shows.
//
// Ranges alone let any customer of Cloudflare through, who can point a zone of
// their own at the origin; so does the shared certificate. A certificate of the
// zone's own, or a tunnel, does not
// (https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/).
package originguard

import (
	_ "embed"
	"fmt"
	"net/netip"
	"strings"
)

// PullCertificate is the authority, in PEM, of the certificate that the edge shows
// with global Authenticated Origin Pulls
// (https://developers.cloudflare.com/ssl/static/authenticated_origin_pull_ca.pem).
// It is valid until 2029-11-01.
//
//go:embed pull_ca.pem
var PullCertificate string

// Ranges are addresses that may reach an origin.
type Ranges struct{ IPv4, IPv6 []netip.Prefix }

// all are the ranges of both families, in order.
func (r Ranges) all() []netip.Prefix { return append(append([]netip.Prefix{}, r.IPv4...), r.IPv6...) }

// NginxHTTP is a snippet for the http block of nginx: it knows the edge by
// $launchready_edge and takes the visitor's address from it. The module realip
// replaces the address that allow and deny would see, so the edge is told by
// $realip_remote_addr.
func (r Ranges) NginxHTTP() string {
	var b strings.Builder
	b.WriteString("geo $realip_remote_addr $launchready_edge {\n    default 0;\n")
	for _, p := range r.all() {
		fmt.Fprintf(&b, "    %s 1;\n", p)
	}
	b.WriteString("}\n")
	for _, p := range r.all() {
		fmt.Fprintf(&b, "set_real_ip_from %s;\n", p)
	}
	b.WriteString("real_ip_header CF-Connecting-IP;\n")
	return b.String()
}

// NginxServer is a snippet for each server block, also the default one: who is
// not the edge is hung up on. With a path at which PullCertificate stands, who
// does not show the edge's certificate is refused as well.
func NginxServer(pullCertificatePath string) string {
	out := "if ($launchready_edge = 0) { return 444; }\n"
	if pullCertificatePath != "" {
		out += fmt.Sprintf("ssl_client_certificate %s;\nssl_verify_client on;\n", pullCertificatePath)
	}
	return out
}

// NFTables is a table for nft -f: ports 80 and 443 take the edge alone. It says
// nothing of other ports. It takes the place of its former self, so that it may be
// loaded again when ranges have changed.
func (r Ranges) NFTables() string {
	list := func(prefixes []netip.Prefix) string {
		text := make([]string, len(prefixes))
		for i, p := range prefixes {
			text[i] = p.String()
		}
		return strings.Join(text, ", ")
	}
	return fmt.Sprintf(`# The first two lines remove what an earlier run has made, if there is any.
table inet launchready
delete table inet launchready
table inet launchready {
  set edge4 { type ipv4_addr; flags interval; elements = { %s } }
  set edge6 { type ipv6_addr; flags interval; elements = { %s } }
  chain origin {
    type filter hook input priority -10; policy accept;
    iif "lo" accept
    ct state established,related accept
    tcp dport { 80, 443 } ip saddr @edge4 accept
    tcp dport { 80, 443 } ip6 saddr @edge6 accept
    tcp dport { 80, 443 } drop
    udp dport 443 drop
  }
  # Ports that Docker publishes are forwarded to a container and never meet the
  # hook input. Their connections are known by the port that they were made to.
  chain published {
    type filter hook forward priority -10; policy accept;
    ct state established,related accept
    ct status dnat meta l4proto tcp ct original proto-dst 80 jump published_web
    ct status dnat meta l4proto tcp ct original proto-dst 443 jump published_web
    ct status dnat meta l4proto udp ct original proto-dst 443 drop
  }
  chain published_web {
    ip saddr @edge4 accept
    ip6 saddr @edge6 accept
    drop
  }
}
`, list(r.IPv4), list(r.IPv6))
}

// UFW is the same as commands of ufw 0.36 and later. The first rule that fits
// decides, and prepend leaves a rule where it is that is there already: so each
// range is taken away and put on top, above the refusal, which itself is put above
// what was allowed earlier.
func (r Ranges) UFW() string {
	var b strings.Builder
	b.WriteString(`# The edge before the refusal, the refusal before what was allowed earlier. It may be run again when ranges have changed;
# of ranges that are withdrawn delete the rules: ufw status numbered. Until it is through, new connections may be refused.
# Delete what allows 80 and 443 to everybody, such as: ufw delete allow 80/tcp; ufw delete allow "Nginx Full"
# Ports that Docker publishes pass by ufw: take the table for nft, or the chain DOCKER-USER.
ufw prepend deny proto udp to any port 443
ufw prepend deny proto tcp to any port 80,443
`)
	for _, p := range r.all() {
		fmt.Fprintf(&b, "ufw delete allow proto tcp from %s to any port 80,443\n", p)
		fmt.Fprintf(&b, "ufw prepend allow proto tcp from %s to any port 80,443\n", p)
	}
	return b.String()
}
