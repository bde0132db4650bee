package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
)

const batchRoute = "POST /zones/{zone_id}/dns_records/batch"

const requiredProvider = `
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
`

// workspace is a folder with a configuration, and the program to run in it.
func workspace(tb testing.TB, s target, config string) *clitest.CLI {
	tb.Helper()
	clitest.Program(tb)
	dir := tb.TempDir()
	rewrite(tb, dir, config)
	cli := clitest.New(tb, dir, s.Environment()...)
	cli.Must(tb, "init", "-input=false")
	return cli
}

func rewrite(tb testing.TB, dir, config string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(requiredProvider+config), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// manyLines is a zone file of n hosts, with others in the place of some.
func manyLines(n int, other map[int]string) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("h%04d A 198.51.%d.%d", i, i/250, i%250+1)
		if line, ok := other[i]; ok {
			lines[i] = line
		}
	}
	return set(file(lines...))
}

// A record that only Cloudflare knows to refuse: the error names it and its
// line, its transaction changes nothing, those before are kept, and once it is
// mended an apply ends the work.
func TestZoneRecordsPartialFailure(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, RecordQuota: 1000})
	refused := map[int]string{230: "h0230 A 104.16.0.1"} // an address of Cloudflare's own
	cli := workspace(t, s, manyLines(250, refused))
	code, out := cli.Run(t, "apply", "-input=false", "-auto-approve")
	flat := strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " ")
	if code == 0 || !strings.Contains(flat, "create A h0230.acme.example (line 231 of zone_file)") {
		t.Fatalf("exit %d:\n%s", code, out)
	}
	if n := len(s.all()); n != 200 {
		t.Errorf("%d records; the first transaction of 200 was to stay, the second to change nothing", n)
	}
	if out := cli.Must(t, "state", "list"); !strings.Contains(out, thisSet) {
		t.Errorf("what was done is not in the state: %q", out)
	}
	cli.Must(t, "untaint", thisSet)
	rewrite(t, cli.Dir, manyLines(250, nil))
	cli.Must(t, "apply", "-input=false", "-auto-approve")
	if n := len(s.all()); n != 250 {
		t.Errorf("%d records in the end", n)
	}
	// The same in a change of what is there: all of it in one transaction.
	before := strings.Join(s.all(), "\n")
	rewrite(t, cli.Dir, manyLines(250, map[int]string{7: "h0007 A 192.0.2.7", 8: "h0008 A 104.16.0.1", 9: "h0009 A 192.0.2.9"}))
	if code, out := cli.Run(t, "apply", "-input=false", "-auto-approve"); code == 0 || !strings.Contains(out, "h0008") || before != strings.Join(s.all(), "\n") {
		t.Errorf("exit %d, zone changed: %v\n%s", code, before != strings.Join(s.all(), "\n"), out)
	}
	rewrite(t, cli.Dir, manyLines(250, nil))
	if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after the failure is not empty:\n%s", out)
	}
}

// The API misbehaves in the middle of an apply; the zone ends as declared, with
// no record twice.
func TestZoneRecordsThroughFaults(t *testing.T) {
	for name, fault := range map[string]api.Fault{
		"answer cut after the effect":  {Route: batchRoute, Cut: true, After: true, Count: 1},
		"answer half after the effect": {Route: batchRoute, Status: 200, Body: "truncated", After: true, Count: 1},
		"cut before the effect":        {Route: batchRoute, Cut: true, Count: 1},
		"502 page after the effect":    {Route: batchRoute, Status: 502, Body: "html", After: true, Count: 1},
		"500 without a body":           {Route: batchRoute, Status: 500, Body: "empty", Count: 1},
		"429":                          {Route: batchRoute, Status: 429, RetryAfter: 1, Count: 1},
		"a list that fails":            {Route: "GET /zones/{zone_id}/dns_records", Status: 503, Body: "html", Count: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			cli := workspace(t, s, manyLines(30, nil))
			if err := s.API().SetFaults([]api.Fault{fault}); err != nil {
				t.Fatal(err)
			}
			cli.Must(t, "apply", "-input=false", "-auto-approve")
			if n := len(s.all()); n != 30 {
				t.Errorf("%d records", n)
			}
			if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
				t.Errorf("the next plan is not empty:\n%s", out)
			}
		})
	}
}

// An answer that is lost for good leaves the state behind; the next apply finds
// out what was done.
func TestZoneRecordsAfterALostAnswer(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	cli := workspace(t, s, manyLines(30, nil))
	// Every second list fails: the first of the apply is before the writing.
	faults := []api.Fault{{Route: batchRoute, Cut: true, After: true}, {Route: "GET /zones/{zone_id}/dns_records", Status: 400, Every: 2}}
	cli.Must(t, "plan", "-input=false", "-out=saved")
	if err := s.API().SetFaults(faults); err != nil {
		t.Fatal(err)
	}
	if code, out := cli.Run(t, "apply", "-input=false", "saved"); code == 0 || !strings.Contains(out, "the answer was lost") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if err := s.API().SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	if n := len(s.all()); n != 30 {
		t.Fatalf("%d records were made without an answer", n)
	}
	cli.Must(t, "apply", "-input=false", "-auto-approve")
	if n := len(s.all()); n != 30 {
		t.Errorf("%d records in the end", n)
	}
}

// kill -9 of the provider in the middle of an apply: a second one converges.
func TestKilledProvider(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the provider's process is found by /proc")
	}
	for name, config := range map[string]string{
		"zone_records": manyLines(500, nil),
		"dns_records":  manyRecords(60),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: sandbox.Empty, RecordQuota: 1000, Latency: 40 * time.Millisecond})
			cli := workspace(t, s, strings.Replace(config, requiredProvider, "", 1))
			done := make(chan int)
			go func() {
				code, _ := cli.Run(t, "apply", "-input=false", "-auto-approve")
				done <- code
			}()
			for s.API().Counts().ByRoute[batchRoute] < 2 {
				time.Sleep(5 * time.Millisecond)
			}
			killProvider(t, cli.Dir)
			if code := <-done; code == 0 {
				t.Error("the apply did not notice")
			}
			made := len(s.all())
			for range 2 { // a set that was being made may be tainted
				if code, _ := cli.Run(t, "apply", "-input=false", "-auto-approve"); code == 0 {
					break
				}
			}
			want := 500
			if name == "dns_records" {
				want = 60
			}
			if n := len(s.all()); n != want {
				t.Errorf("%d records, of which %d were there after the kill; want %d", n, made, want)
			}
			if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
				t.Errorf("the plan is not empty:\n%s", out)
			}
		})
	}
}

// killProvider kills the provider that runs for a folder.
func killProvider(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		command, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		cwd, _ := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if cwd == dir && bytes.Contains(command, []byte("terraform-provider-launchready")) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("no provider is running")
}
