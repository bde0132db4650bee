package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is a writer that tells when the first line has come.
type line struct{ first chan string }

func (l line) Write(b []byte) (int, error) {
	l.first <- string(b)
	return len(b), nil
}

// TestRun starts the program, sources its file in a real shell, visits the
// portal with what it says, and interrupts it.
func TestRun(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell to source the file")
	}
	file := filepath.Join(t.TempDir(), "it's.env")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, errors := line{make(chan string, 1)}, &bytes.Buffer{}
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"-env-file", file, "-zone", "client.example", "-portal", "healthy", "-records", "3", "-limit", "100/1m"}, out, errors)
	}()
	select {
	case ready := <-out.first:
		if !strings.Contains(ready, "client.example ready") || strings.Count(ready, "\n") != 1 {
			t.Errorf("ready line: %q", ready)
		}
	case code := <-done:
		t.Fatalf("ended with %d: %s", code, errors)
	case <-time.After(30 * time.Second):
		t.Fatal("never ready")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("env file: %v %v", info, err)
	}
	cmd := exec.Command(shell, "-c", `. "$1" && env`, "sh", file)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	listing, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for l := range strings.Lines(string(listing)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "=")
		env[name] = value
	}
	for _, name := range []string{
		"CLOUDFLARE_BASE_URL", "CLOUDFLARE_API_TOKEN", "LAUNCHREADY_RESOLVERS", "LAUNCHREADY_CONNECT_TO", "LAUNCHREADY_CA_BUNDLE",
		"LAUNCHREADY_ALLOWED_HOSTS", "LAUNCHREADY_IDENTITIES", "LAUNCHREADY_MAILBOXES", "SANDBOX_CONTROL_URL",
	} {
		if env[name] == "" {
			t.Errorf("%s is not in the environment", name)
		}
	}
	visit(t, env)
	interrupt()
	select {
	case code := <-done:
		if code != 0 || errors.Len() > 0 {
			t.Errorf("ended with %d: %s", code, errors)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("did not end")
	}
	if _, err := os.Stat(env["LAUNCHREADY_CA_BUNDLE"]); !os.IsNotExist(err) {
		t.Errorf("the CA bundle was left: %v", err)
	}
}

// visit fetches a page of the portal by the environment's connect_to and CA.
func visit(t *testing.T, env map[string]string) {
	t.Helper()
	ca, err := os.ReadFile(env["LAUNCHREADY_CA_BUNDLE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	_, rest, _ := strings.Cut(env["LAUNCHREADY_CONNECT_TO"], "*:443=")
	edge, _, _ := strings.Cut(rest, ",")
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, edge)
		},
	}}
	resp, err := client.Get("https://portal.client.example/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 {
		t.Errorf("portal: %d %s", resp.StatusCode, body)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "env")
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-h"}, 0, "-env-file"},
		{nil, 2, "-env-file is required"},
		{[]string{"-env-file", file, "more"}, 2, "unexpected argument"},
		{[]string{"-env-file", file, "-limit", "1200"}, 2, "calls/window"},
		{[]string{"-env-file", file, "-limit", "x/5m"}, 2, "not a number of calls"},
		{[]string{"-env-file", file, "-limit", "5/never"}, 2, "not a duration"},
		{[]string{"-env-file", file, "-records", "-1"}, 2, "negative"},
		{[]string{"-env-file", file, "-quota", "-1"}, 2, "negative"},
		{[]string{"-env-file", file, "-portal", "made_up"}, 1, `unknown fault "made_up"`},
		{[]string{"-env-file", file, "-plan", "gold"}, 1, `unknown plan "gold"`},
		{[]string{"-env-file", filepath.Join(file, "nowhere", "env")}, 1, "no such file"},
	} {
		var out, errors bytes.Buffer
		if code := run(t.Context(), tc.args, &out, &errors); code != tc.code || !strings.Contains(errors.String(), tc.says) {
			t.Errorf("%v: %d %s, want %d with %q", tc.args, code, &errors, tc.code, tc.says)
		}
	}
}
