package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// client is a visitor who knows nothing of the sandbox but its environment.
type client struct {
	t         *testing.T
	env       map[string]string
	roots     *x509.CertPool
	resolver  *net.Resolver
	connectTo map[string]string
}

func visit(t *testing.T, s *Sandbox) *client {
	t.Helper()
	c := &client{t: t, env: s.Variables(), roots: x509.NewCertPool(), connectTo: map[string]string{}}
	ca, err := os.ReadFile(c.env["LAUNCHREADY_CA_BUNDLE"])
	if err != nil || !c.roots.AppendCertsFromPEM(ca) {
		t.Fatalf("CA bundle: %v", err)
	}
	for _, pair := range strings.Split(c.env["LAUNCHREADY_CONNECT_TO"], ",") {
		from, to, _ := strings.Cut(pair, "=")
		c.connectTo[from] = to
	}
	c.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, c.env["LAUNCHREADY_RESOLVERS"])
	}}
	return c
}

// dial connects as curl does with --connect-to: by address first, then by port.
func (c *client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ips := []string{host}
	if net.ParseIP(host) == nil {
		if ips, err = c.resolver.LookupHost(ctx, host+"."); err != nil {
			return nil, err
		}
	}
	to, ok := c.connectTo[ips[0]+":"+port]
	if !ok {
		to = c.connectTo["*:"+port]
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

func (c *client) http() *http.Client {
	return &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			DialContext: c.dial, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: c.roots},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// fetch follows redirects by hand and writes down each step.
func (c *client) fetch(url string) string {
	var out strings.Builder
	for range 4 {
		resp, err := c.http().Get(url)
		if err != nil {
			fmt.Fprintf(&out, "GET %s: %v\n", url, stable(err))
			return out.String()
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Fprintf(&out, "GET %s: %d location=%q hsts=%q server=%q\n", url, resp.StatusCode,
			resp.Header.Get("Location"), resp.Header.Get("Strict-Transport-Security"), resp.Header.Get("Server"))
		if url = resp.Header.Get("Location"); url == "" {
			return out.String() + string(body)
		}
	}
	return out.String() + "too many redirects\n"
}

// stable is an error without ports and times, which differ between runs.
func stable(err error) string {
	text := err.Error()
	for _, known := range []string{"connection refused", "unknown authority", "has expired", "is valid for", "server misbehaving", "i/o timeout", "no such host", "protocol version"} {
		if strings.Contains(text, known) {
			return known
		}
	}
	return text
}

// handshake says what comes of one version of TLS.
func (c *client) handshake(host string, version uint16) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	raw, err := c.dial(ctx, "tcp", host+":443")
	if err != nil {
		return stable(err)
	}
	defer raw.Close()
	conn := tls.Client(raw, &tls.Config{ServerName: host, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
	if err := conn.HandshakeContext(ctx); err != nil {
		return stable(err)
	}
	leaf := conn.ConnectionState().PeerCertificates[0]
	soon := time.Until(leaf.NotAfter) < 7*24*time.Hour
	return fmt.Sprintf("accepted, ends within a week: %v", soon)
}

// look is all that a stranger can see of the client, as text.
func (c *client) look() string {
	const domain = "acme.example"
	var out strings.Builder
	for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		fmt.Fprintf(&out, "%s: %s\n", tls.VersionName(v), c.handshake("portal."+domain, v))
	}
	for _, url := range []string{
		"https://portal." + domain + "/", "https://portal." + domain + "/welcome", "http://portal." + domain + "/pricing",
		"https://mta-sts." + domain + "/.well-known/mta-sts.txt",
	} {
		out.WriteString(c.fetch(url))
	}
	for _, name := range []string{domain, "_dmarc." + domain, "_mta-sts." + domain, "_smtp._tls." + domain, googleSelector + "._domainkey." + domain} {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		found, err := c.resolver.LookupTXT(ctx, name+".")
		cancel()
		slices.Sort(found)
		fmt.Fprintf(&out, "TXT %s: %q", name, found)
		if err != nil {
			out.WriteString(" " + stable(err))
		}
		out.WriteString("\n")
	}
	for _, label := range []string{"assets", "shop", "anything"} {
		out.WriteString(c.fetch("https://" + label + "." + domain + "/"))
	}
	return out.String() + c.servers()
}

// call calls the API and returns the id of what it answers.
func (c *client) call(s *Sandbox, method, path, body string) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, s.APIURL()+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token())
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		Success bool
		Errors  json.RawMessage
		Result  struct{ ID string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || !out.Success {
		c.t.Fatalf("%s %s: %d %s (%v)", method, path, resp.StatusCode, out.Errors, err)
	}
	return out.Result.ID
}
