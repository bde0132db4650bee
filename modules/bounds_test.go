package modules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// late is a client as found, whose API takes as long as Cloudflare's does, and at
// whose edge windows of rate limits pass faster.
func late(b *testing.B, clients int) *sandbox.Sandbox {
	b.Helper()
	s := start(b, sandbox.Options{State: sandbox.AsFound, Latency: 50 * time.Millisecond, Clients: clients})
	if err := s.GuardOrigin(portal.Closed); err != nil {
		b.Fatal(err)
	}
	return s
}

// told reports what a command took.
func told(b *testing.B, what string, use clitest.Usage, calls int) {
	const mb = 1 << 20
	b.ReportMetric(use.Wall.Seconds(), "s/"+what)
	b.ReportMetric(float64(calls), "calls/"+what)
	b.ReportMetric(float64(use.Provider)/mb, "MB-provider/"+what)
	b.ReportMetric(float64(use.CLI)/mb, "MB-cli/"+what)
}

// nextCode waits until the administrator's second factor has a code that the run
// before did not use: one is good once, and for half a minute.
func nextCode() {
	const step = 30 * time.Second
	time.Sleep(time.Until(time.Now().Truncate(step).Add(step + time.Second)))
}

// BenchmarkLaunchPlan is the plan without a change of the whole example, with all
// checks: once where each acts anew, and once within valid_for, where good outcomes
// of those that act on the portal count. The bound is 20 s and 400 MB.
func BenchmarkLaunchPlan(b *testing.B) {
	s := late(b, 0)
	cli := copiedTo(b, s, filepath.Join("examples", "client-portal"))
	cli.Env = append(cli.Env, "XDG_CACHE_HOME="+b.TempDir())
	work, err := s.Workplace()
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	for _, name := range []string{"rotation.md", filepath.Join("runbook", "README.md")} {
		file := filepath.Join(cli.Dir, name)
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		writeFile(b, file, regexp.MustCompile(`\d{4}-\d\d-\d\d`).ReplaceAllString(string(text), now.AddDate(0, -1, 0).Format(time.DateOnly)))
	}
	config := fmt.Sprintf("burst = \"1s\"\nwithin = \"30s\"\np95 = \"4s\"\nrepository = %q\nenvironment = %q\nattested_until = %q\n",
		work.Repository(), s.Variables()["SANDBOX_ENVIRONMENT"], now.AddDate(0, 1, 0).Format(time.DateOnly))
	writeFile(b, filepath.Join(cli.Dir, "terraform.tfvars"), config)
	cli.Must(b, "init", "-input=false")
	cli.Must(b, "apply", "-input=false", "-auto-approve", "-no-color")
	settled := time.Now().Add(time.Minute + time.Second) // outcomes of before do not count
	for _, run := range []struct{ name, valid string }{{"acting", "0s"}, {"valid_for", "24h"}} {
		b.Run(run.name, func(b *testing.B) {
			args := []string{"plan", "-input=false", "-no-color", "-var", "valid_for=" + run.valid}
			if run.name == "valid_for" {
				time.Sleep(time.Until(settled))
				cli.Must(b, args...) // whose outcomes count
			}
			for range b.N {
				nextCode()
				s.API().ResetCounts()
				use, code, out := cli.Measure(b, args...)
				if code != 0 || strings.Contains(out, "\nPlan:") { // a busy machine may cost a point of the score, and no more
					b.Fatalf("%d\n%s", code, out)
				}
				told(b, "plan", use, s.API().Counts().Total)
			}
		})
	}
}

// BenchmarkFleetClient is what one client of the fleet costs.
func BenchmarkFleetClient(b *testing.B) {
	s := late(b, 1)
	fleet := fleetOf(b, s)
	fleet.Must(b, "init", "-input=false")
	domain := s.Clients()[0]
	cli := of(fleet, domain)
	for _, command := range [][]string{{"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}} {
		s.API().ResetCounts()
		use, code, out := cli.Measure(b, append(command, "-input=false", "-no-color")...)
		if code != 0 {
			b.Fatalf("%d\n%s", code, out)
		}
		told(b, command[0], use, s.API().Counts().Total)
	}
	if info, err := os.Stat(filepath.Join(fleet.Dir, "terraform.tfstate.d", domain, "terraform.tfstate")); err == nil {
		b.ReportMetric(float64(info.Size())/1024, "kB-state")
	}
}
