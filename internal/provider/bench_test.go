package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
)

// manyRecords is a configuration of n records in one zone.
func manyRecords(n int) string {
	return fmt.Sprintf(`
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

// A zone of n records costs one look-up and one list call a plan, however the
// records are declared.
func TestPlanCalls(t *testing.T) {
	for name, n := range map[string]int{"300 records": 300, "1000 records": 1000, "300 in a set": -300, "1000 in a set": -1000, "5000 in a set": -5000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: sandbox.Empty, RecordQuota: 6000})
			config := manyRecords(n)
			if n < 0 {
				n = -n
				config = manyLines(n, nil)
			}
			cli := workspace(t, s, config)
			cli.Must(t, "apply", "-input=false", "-auto-approve")
			s.API().ResetCounts()
			if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
				t.Fatalf("the second plan is not empty:\n%s", out)
			}
			if got, most := calls(s), 2+n/5000; got > most {
				t.Errorf("the plan made %d calls, more than %d: %v", got, most, s.API().Counts())
			}
		})
	}
}

// Applies of a plan: of 5,000 records as a set in as few transactions as the plan
// of the zone allows, and of 1,000 single records at a tenth of a call each, with
// the latency and the limit of the real API; one look-up of the zone and one list
// besides.
func TestApplyCalls(t *testing.T) {
	for name, test := range map[string]struct {
		options sandbox.Options
		config  string
		most    int
	}{
		"5000 in a set, free": {sandbox.Options{Plan: "free", RecordQuota: 6000}, manyLines(5000, nil), 2 + 5000/200},
		"5000 in a set, paid": {sandbox.Options{Plan: "pro", RecordQuota: 6000}, manyLines(5000, nil), 4},
		"1000 records":        {sandbox.Options{Plan: "pro", Latency: 50 * time.Millisecond}, manyRecords(1000), 1000/10 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.options.State = sandbox.Empty
			var counts api.Counts
			for range 3 { // what Terraform sends late misses its batch: a busy machine gets more than one try
				s := newTarget(t, test.options)
				cli := workspace(t, s, test.config)
				cli.Must(t, "plan", "-input=false", "-out=saved")
				s.API().ResetCounts()
				cli.Must(t, "apply", "-input=false", "saved")
				if counts = s.API().Counts(); counts.Total <= test.most {
					break
				}
			}
			if counts.Total > test.most || counts.RateLimited > 0 {
				t.Errorf("%d calls, of which %d met the rate limit; at most %d: %v", counts.Total, counts.RateLimited, test.most, counts.ByRoute)
			}
		})
	}
}

// BenchmarkRecords are whole processes: the apply and the plan without a change
// of n records, single or as a set.
func BenchmarkRecords(b *testing.B) {
	for _, n := range []int{300, 1000, 5000} {
		for name, config := range map[string]string{"set": manyLines(n, nil), "single": manyRecords(n), "map": manyElements(n)} {
			if name == "single" && n > 1000 {
				continue // minutes of Terraform's own time
			}
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				s := newTarget(b, sandbox.Options{State: sandbox.Empty, Plan: "pro", RecordQuota: 6000})
				cli := workspace(b, s, config)
				began := time.Now()
				s.API().ResetCounts()
				cli.Must(b, "apply", "-input=false", "-auto-approve")
				b.ReportMetric(time.Since(began).Seconds(), "s/apply")
				b.ReportMetric(float64(calls(s)), "calls/apply")
				s.API().ResetCounts()
				b.ResetTimer()
				for range b.N {
					cli.Must(b, "plan", "-input=false")
				}
				b.ReportMetric(float64(calls(s))/float64(b.N), "calls/op")
			})
		}
	}
}

// manyElements is the set of manyLines as a map.
func manyElements(n int) string {
	var b strings.Builder
	b.WriteString("records = {\n")
	for i := range n {
		fmt.Fprintf(&b, "  h%04d = { name = \"h%04d\", type = \"A\", content = \"198.51.%d.%d\" }\n", i, i, i/250, i%250+1)
	}
	b.WriteString("}\n")
	return set(b.String())
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
