package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// manyRecords is a configuration of n records in one zone.
func manyRecords(n int) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
resource "launchready_dns_record" "many" {
  count   = %d
  zone    = "acme.example"
  name    = "h${count.index}"
  type    = "A"
  content = "198.51.100.${count.index %% 250 + 1}"
}
`, n)
}

// calls returns the API calls since the last reset.
func calls(s target) int { return s.API().Counts().Total }

// The bounds of 300 records in one zone: a plan makes at most 3 calls in all,
// an apply at most one a record besides.
func TestRecordCalls(t *testing.T) {
	const n = 300
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	cli := manyRecordsCLI(t, s, n)
	s.API().ResetCounts()
	cli.Must(t, "apply", "-input=false", "-auto-approve")
	if got := calls(s); got > n+6 {
		t.Errorf("the apply of %d records made %d calls", n, got)
	}
	s.API().ResetCounts()
	if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
		t.Fatalf("the second plan is not empty:\n%s", out)
	}
	if got := calls(s); got > 3 {
		t.Errorf("the plan of %d records made %d calls: %v", n, got, s.API().Counts())
	}
	t.Logf("plan: %d calls", calls(s))
}

func manyRecordsCLI(tb testing.TB, s target, n int) *clitest.CLI {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(manyRecords(n)), 0o600); err != nil {
		tb.Fatal(err)
	}
	cli := clitest.New(tb, dir, s.Environment()...)
	cli.Must(tb, "init", "-input=false")
	return cli
}

// BenchmarkPlan300Records is a whole `terraform plan` without a change.
func BenchmarkPlan300Records(b *testing.B) {
	s := newTarget(b, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	cli := manyRecordsCLI(b, s, 300)
	cli.Must(b, "apply", "-input=false", "-auto-approve")
	s.API().ResetCounts()
	b.ResetTimer()
	for range b.N {
		cli.Must(b, "plan", "-input=false")
	}
	b.ReportMetric(float64(calls(s))/float64(b.N), "calls/op")
}

// BenchmarkApply300Records makes 300 records, one call each.
func BenchmarkApply300Records(b *testing.B) {
	for range b.N {
		s := newTarget(b, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
		cli := manyRecordsCLI(b, s, 300)
		s.API().ResetCounts()
		b.StartTimer()
		cli.Must(b, "apply", "-input=false", "-auto-approve")
		b.StopTimer()
		b.ReportMetric(float64(calls(s)), "calls/op")
	}
}

// BenchmarkStart is `terraform providers schema -json`, a whole process. The
// second figure is the same with an empty framework provider.
func BenchmarkStart(b *testing.B) {
	for _, name := range []string{"launchready", "empty"} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			config := `terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}`
			if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
				b.Fatal(err)
			}
			cli := clitest.New(b, dir)
			if name == "empty" {
				cli = clitest.NewWith(b, dir, clitest.EmptyProvider(b))
			}
			cli.Must(b, "init", "-input=false")
			b.ResetTimer()
			for range b.N {
				if out := cli.Must(b, "providers", "schema", "-json"); !strings.Contains(out, "provider_schemas") {
					b.Fatal("no schema")
				}
			}
		})
	}
}
