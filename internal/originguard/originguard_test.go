package originguard

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The fingerprint that several public copies agree on.
func TestPullCertificate(t *testing.T) {
	t.Parallel()
	block, rest := pem.Decode([]byte(PullCertificate))
	if block == nil || len(strings.TrimSpace(string(rest))) > 0 {
		t.Fatal("not one PEM block")
	}
	sum := sha256.Sum256(block.Bytes)
	if got := hex.EncodeToString(sum[:]); got != "9a1ac2b4be15f9f27eee20a734cba4e9898f61001b3bd7c84b69b56a3e25a2b9" {
		t.Errorf("fingerprint %s", got)
	}
	if c, err := x509.ParseCertificate(block.Bytes); err != nil || c.Subject.CommonName != "origin-pull.cloudflare.net" || !c.IsCA {
		t.Errorf("%v %v", c, err)
	}
}

func ranges(prefixes ...string) Ranges {
	var r Ranges
	for _, p := range prefixes {
		if prefix := netip.MustParsePrefix(p); prefix.Addr().Is4() {
			r.IPv4 = append(r.IPv4, prefix)
		} else {
			r.IPv6 = append(r.IPv6, prefix)
		}
	}
	return r
}

// need finds a program; where the run says that the peers are there, it must be.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("LAUNCHREADY_REQUIRE_PEERS") != "" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// A real nginx with the snippets answers the edge, believes its word on who the
// visitor is, and hangs up on all others, whatever they say.
func TestNginx(t *testing.T) {
	t.Parallel()
	nginx := need(t, "nginx")
	for _, tc := range []struct {
		name     string
		ranges   Ranges
		answered bool
	}{
		{"the edge", ranges("127.0.0.0/8", "2400:cb00::/32"), true},
		{"a stranger", ranges("192.0.2.0/24"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := free.Addr().String()
			free.Close()
			config := "daemon off; pid " + dir + "/pid; error_log stderr crit; events {}\nhttp {\n access_log off;\n client_body_temp_path " + dir + "/b; proxy_temp_path " + dir + "/p; fastcgi_temp_path " + dir + "/f; uwsgi_temp_path " + dir + "/u; scgi_temp_path " + dir + "/s;\n" +
				tc.ranges.NginxHTTP() + "server { listen " + address + ";\n" + NginxServer("") + "location / { return 200 \"$remote_addr\"; } }\n}\n"
			if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), nginx, "-p", dir, "-c", dir+"/nginx.conf", "-e", "stderr")
			var said strings.Builder
			cmd.Stderr = &said
			cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
			req, err := http.NewRequest(http.MethodGet, "http://"+address+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("CF-Connecting-IP", "203.0.113.7")
			client := http.Client{Timeout: 5 * time.Second}
			resp, err := client.Do(req)
			for try := 0; try < 100 && err != nil && strings.Contains(err.Error(), "refused"); try++ {
				time.Sleep(20 * time.Millisecond) // until it listens
				resp, err = client.Do(req)
			}
			if !tc.answered {
				if err == nil || strings.Contains(err.Error(), "refused") {
					t.Errorf("a stranger was answered, or nothing listens: %v %v %s", resp, err, said.String())
				}
				return
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, said.String())
			}
			defer resp.Body.Close()
			body := make([]byte, 64)
			n, _ := resp.Body.Read(body)
			if resp.StatusCode != http.StatusOK || string(body[:n]) != "203.0.113.7" {
				t.Errorf("%d %s", resp.StatusCode, body[:n])
			}
		})
	}
}
