package sandbox

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// clock is what differs from one look to the next; the month stays.
var clock = regexp.MustCompile(`(\d{4}-\d\d)-\d\dT[\d:]+Z`)

// deployment is all that a plain client sees of a release: both portals, the files of
// names, the log of deploys.
func (c *client) deployment(s *Sandbox) string {
	c.t.Helper()
	var b strings.Builder
	robot := "Bearer " + s.Identities()["robot"].BearerToken
	ask := func(method, url, body string) {
		req, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		if body != "" {
			req.Header.Set("Authorization", robot)
		}
		resp, err := c.http().Do(req)
		if err != nil {
			fmt.Fprintf(&b, "%s %s: %v\n", method, url, err)
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			c.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s: %d %q %q %q %q\n%s\n", method, url, resp.StatusCode, resp.Header.Get("Strict-Transport-Security"), resp.Header.Get("X-Robots-Tag"), resp.Header.Get("Content-Security-Policy"), resp.Header.Get("X-Release"), text)
	}
	for _, host := range []string{"portal", "staging"} {
		// Twice: every second answer may be of another machine.
		for _, path := range []string{"/", "/pricing", "/community", "/version?a", "/version?b", "/version", "/healthz", "/readyz", "/static/app.js?a", "/static/app.js?b", "/drill/fail", "/swagger-ui/index.html", "/nowhere"} {
			ask(http.MethodGet, "https://"+host+".acme.example"+path, "")
		}
	}
	ask(http.MethodPut, "https://staging.acme.example/drill/dependencies/database", `{"state":"down"}`)
	ask(http.MethodGet, "https://staging.acme.example/readyz", "")
	ask(http.MethodPut, "https://staging.acme.example/drill/dependencies/database", `{"state":"up"}`)
	fmt.Fprintln(&b, "TLS 1.0:", c.handshake("staging.acme.example", tls.VersionTLS10))
	for _, file := range []string{exampleFile, productionFile, stagingFile, deploysFile} {
		text, err := os.ReadFile(filepath.Join(s.Variables()["SANDBOX_ENVIRONMENT"], file))
		if err != nil {
			c.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s:\n%s", file, text)
	}
	return clock.ReplaceAllString(b.String(), "$1")
}

// TestDeploymentFaults holds that each fault shows in a way of its own, and that
// nothing of it stays.
func TestDeploymentFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	c := visit(t, s)
	healthy := c.deployment(s)
	if !strings.Contains(healthy, `"database":"down"`) || strings.Count(healthy, `"version":"1.4.2"`) != 6 {
		t.Fatalf("a healthy client is none:\n%s", healthy)
	}
	seen := map[string]string{}
	for _, f := range deploymentFaults() {
		if f.Breaks == "" || len(f.Rules) == 0 || f.Status == "" {
			t.Errorf("%s: incomplete", f.Name)
		}
		if err := s.SetFaults(f.Name); err != nil {
			t.Fatal(err)
		}
		sick := c.deployment(s)
		if sick == healthy {
			t.Errorf("%s does not show", f.Name)
		}
		if other := seen[sick]; other != "" {
			t.Errorf("%s shows as %s does", f.Name, other)
		}
		seen[sick] = f.Name
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		if f.Name == "version_cached" { // what was kept is kept: as at the edge, a rule that is gone purges nothing
			continue
		}
		if diff := cmp.Diff(healthy, c.deployment(s)); diff != "" {
			t.Errorf("%s left something behind:\n%s", f.Name, diff)
		}
	}
}
