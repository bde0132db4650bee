package modules_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// fleetOf is the example fleet with a client file of the sandbox's clients, all
// of whom sign mail with one key.
func fleetOf(t testing.TB, s *sandbox.Sandbox) *clitest.CLI {
	t.Helper()
	cli := copiedTo(t, s, filepath.Join("examples", "fleet"))
	key, err := os.ReadFile(filepath.Join(clitest.Root(t), "examples", "client-portal", "keys", "google.pem"))
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{"domain,portal_host,origin,tier,senders,dmarc,alerts_to"}
	for _, domain := range s.Clients() {
		rows = append(rows, domain+",portal,198.51.100.10,free,google_workspace,reject,")
		writeFile(t, filepath.Join(cli.Dir, "keys", domain, "google.pem"), string(key))
	}
	writeFile(t, filepath.Join(cli.Dir, "clients.csv"), strings.Join(rows, "\r\n")+"\r\n")
	return cli
}

func writeFile(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// copiedTo is copiedFor for benchmarks too.
func copiedTo(t testing.TB, s *sandbox.Sandbox, relative string) *clitest.CLI {
	t.Helper()
	root, work := clitest.Root(t), t.TempDir()
	for _, folder := range []string{"modules", "examples"} {
		if err := os.CopyFS(filepath.Join(work, folder), os.DirFS(filepath.Join(root, folder))); err != nil {
			t.Fatal(err)
		}
	}
	return clitest.New(t, filepath.Join(work, relative), s.Environment()...)
}

// of is the fleet's run of one client.
func of(cli *clitest.CLI, domain string) *clitest.CLI {
	one := *cli
	one.Env = append(slices.Clone(cli.Env), "TF_WORKSPACE="+domain)
	return &one
}

// neighbour uses the account's limit up, window after window, until some of the
// others' calls were refused: however slowly these begin. What it returns ends it, and
// says how many calls it sent and how many of them were refused.
func neighbour(t *testing.T, s *sandbox.Sandbox) (end func() (sent, refused int)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	var sent, refused int
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil && s.API().Counts().RateLimited < refused+5 {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.APIURL()+"/zones", nil)
			if err != nil {
				return
			}
			req.Header.Set("Authorization", "Bearer "+s.Token())
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return
			}
			_ = resp.Body.Close()
			sent++
			if resp.StatusCode == http.StatusTooManyRequests {
				refused++
				time.Sleep(20 * time.Millisecond)
			}
		}
	}()
	return func() (int, int) {
		cancel()
		<-done
		return sent, refused
	}
}

// Twenty clients are built at once through one account whose limit is used up when
// they begin, and too small for all of them: they wait, and none fails. With
// LAUNCHREADY_SOAK they are checked as well, which needs no API and much of a machine.
func TestFleetSharesALimit(t *testing.T) {
	clitest.Program(t)
	t.Parallel()
	const calls = 300
	s := start(t, sandbox.Options{State: sandbox.AsFound, Clients: 20, LimitCalls: calls, LimitWindow: 10 * time.Second})
	if err := s.GuardOrigin(portal.Closed); err != nil {
		t.Fatal(err)
	}
	cli := fleetOf(t, s)
	cli.Must(t, "init", "-input=false")
	s.API().ResetCounts()
	busy := neighbour(t, s)
	args := []string{"apply", "-input=false", "-auto-approve", "-no-color"}
	checked := os.Getenv("LAUNCHREADY_SOAK") != ""
	if !checked {
		for _, module := range []string{"dns", "email", "tls", "edge", "monitoring"} {
			args = append(args, "-target=module.launch.module."+module)
		}
	}
	var running sync.WaitGroup
	for _, domain := range s.Clients() {
		running.Go(func() {
			if code, out := of(cli, domain).Run(t, args...); code != 0 {
				t.Errorf("%s: %d\n%s", domain, code, out)
			}
		})
	}
	running.Wait()
	sent, refused := busy()
	if counts := s.API().Counts(); counts.RateLimited <= refused || counts.Total-sent <= calls {
		t.Errorf("the clients did not meet the limit, so that nothing is proved: %+v, of which %d and %d are somebody else's", counts, sent, refused)
	}
	for _, domain := range s.Clients() {
		var state struct {
			Outputs   map[string]struct{ Value any }
			Resources []any
		}
		text, err := os.ReadFile(filepath.Join(cli.Dir, "terraform.tfstate.d", domain, "terraform.tfstate"))
		if err != nil || json.Unmarshal(text, &state) != nil || len(state.Resources) < 10 {
			t.Errorf("%s: %v: %d resources", domain, err, len(state.Resources))
		}
		if checked && state.Outputs["gate"].Value != "open" {
			t.Errorf("%s: the gate is %v", domain, state.Outputs["gate"].Value)
		}
		if mine := strings.Count(string(text), strings.TrimSuffix(domain, ".example")); mine == 0 || strings.Count(string(text), "client-0") != mine {
			t.Errorf("the state of %s holds another client", domain)
		}
	}
}

// What is wrong with a client file is said. That nothing else happens then follows
// from what main.tf is made of: all of it rests on the client that the file gives.
func TestFleetClientFile(t *testing.T) {
	clitest.Program(t)
	t.Parallel()
	const header = "domain,portal_host,origin,tier,senders,dmarc,alerts_to\n"
	const good = "acme.example,portal,198.51.100.10,free,google_workspace,reject,ops@agency.example\n"
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(clitest.Root(t), "examples", "fleet", "client-file"))); err != nil {
		t.Fatal(err)
	}
	cli := clitest.New(t, dir)
	cli.Must(t, "init", "-input=false")
	for name, test := range map[string]struct{ file, workspace, want string }{
		"a good file":                  {header + good, "acme.example", ""},
		"a good file, from a sheet":    {"\ufeff" + strings.ReplaceAll(header+good, "\n", "\r\n"), "acme.example", ""},
		"a missing column":             {"domain,portal_host,tier,senders,dmarc,alerts_to\nacme.example,portal,free,,reject,\n", "acme.example", "lacks the column origin"},
		"semicolons":                   {strings.ReplaceAll(header+good, ",", ";"), "acme.example", "save it as CSV with commas"},
		"no client":                    {header, "acme.example", "names no client"},
		"an empty file":                {"", "acme.example", "lacks the column"},
		"two clients with one domain":  {header + good + strings.Replace(good, "acme", "ACME", 1), "acme.example", "acme.example in lines 2 and 3"},
		"a domain that is an address":  {header + strings.Replace(good, "acme.example", "https://acme.example/", 1), "acme.example", "without scheme or path"},
		"a tier that there is not":     {header + strings.Replace(good, "free", "gold", 1), "acme.example", `line 2: tier is "gold"`},
		"no origin":                    {header + strings.Replace(good, "198.51.100.10", "", 1), "acme.example", "line 2: origin is empty"},
		"a policy that there is not":   {header + strings.Replace(good, "reject", "", 1), "acme.example", `line 2: dmarc is ""`},
		"a client that there is not":   {header + good, "amce.example", `no client with the domain "amce.example"`},
		"no workspace":                 {header + good, "default", "TF_WORKSPACE=acme.example"},
		"a row with a field too many":  {header + strings.TrimSuffix(good, "\n") + ",x\n", "acme.example", "line 2 has 8 fields and not 7: there is something after alerts_to"},
		"a row with two fields less":   {header + good + "guild.example,@,guild.hosting.example,free,\"a, b\"\n", "acme.example", "line 3 has 5 fields and not 7: dmarc, alerts_to is missing"},
		"a row that begins empty":      {header + ",portal\n", "acme.example", "line 2 has 2 fields and not 7: origin, tier, senders, dmarc, alerts_to is missing"},
		"a stray quotation mark":       {header + strings.Replace(good, "portal", "por\"tal", 1), "acme.example", "a quotation mark is not closed"},
		"a quoted header, as exported": {"\ufeff" + strings.ReplaceAll(`"`+strings.TrimSpace(header)+`"`, ",", `","`) + "\r\n" + strings.Replace(good, "free", "gold", 1), "acme.example", `tier is "gold"`},
	} {
		writeFile(t, filepath.Join(dir, "clients.csv"), test.file)
		code, out := cli.Run(t, "plan", "-input=false", "-no-color", "-var", "path=clients.csv", "-var", "domain="+test.workspace)
		if flat := strings.Join(strings.Fields(out), " "); (code == 0) != (test.want == "") || !strings.Contains(flat, test.want) {
			t.Errorf("%s: %d, not %q:\n%s", name, code, test.want, out)
		}
	}
}
