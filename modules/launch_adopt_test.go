package modules_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// A client's zone, whatever is in it, is adopted without a change: the first plan
// imports and does nothing else, and so does the apply.
func TestAdoption(t *testing.T) {
	clitest.Program(t)
	for _, state := range []string{sandbox.AsFound, sandbox.ManagedRecords, sandbox.Traps} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{State: state})
			cli := adopting(t, s)
			before := zoneOf(t, s)
			if got := planned(t, cli, "-generate-config-out=found.tf"); !slices.Equal(got, []string{"launchready_zone_records.found import", "launchready_zone_tls.found import"}) {
				t.Fatalf("the first plan does %q", got)
			}
			if code, out := cli.Run(t, "apply", "-input=false", "-no-color", "saved"); code != 0 {
				t.Fatalf("%d\n%s", code, out)
			}
			if after := zoneOf(t, s); after != before {
				t.Errorf("the zone was\n%s\nand is\n%s", before, after)
			}
			if code, out := cli.Run(t, "plan", "-input=false", "-no-color", "-detailed-exitcode"); code != 0 {
				t.Errorf("a second plan: %d\n%s", code, out)
			}
		})
	}
}

// What is adopted is handed on part by part. A setting that moves shows what it was;
// a record that passes to the module is not away in between.
func TestAdoptionEnds(t *testing.T) {
	clitest.Program(t)
	s := start(t, sandbox.Options{State: sandbox.AsFound})
	publish(t, s, "acme.example", "v=spf1 include:_spf.google.com ip4:192.0.2.7 -all")
	publish(t, s, "_dmarc.acme.example", "v=DMARC1; p=none; rua=mailto:dmarc@acme.example")
	cli := adopting(t, s)
	planned(t, cli, "-generate-config-out=found.tf")
	cli.Must(t, "apply", "-input=false", "saved")

	edit(t, cli, "found.tf", func(text string) string {
		text = regexp.MustCompile(`(?s)resource "launchready_zone_tls" "found" \{.*?\n\}\n`).ReplaceAllString(text, "")
		return regexp.MustCompile(`(?s)    (_dmarc_txt|apex_txt_2|portal_a) = \{.*?\n    \}\n`).ReplaceAllStringFunc(text, func(record string) string {
			if strings.Contains(record, "v=DMARC1") || strings.Contains(record, "v=spf1") || strings.Contains(record, "198.51.100.10") {
				return ""
			}
			return record
		})
	})
	edit(t, cli, "main.tf", func(text string) string {
		text = regexp.MustCompile(`(?s)import \{\n  to = launchready_zone_tls.*?\n\}\n`).ReplaceAllString(text, "")
		text = strings.Replace(text, `"dns", "email", "tls", "edge", "monitoring"`, `"edge", "monitoring"`, 1)
		text = strings.Replace(text, "  enforcement = ", "  spf         = { ip4 = [\"192.0.2.7\"], merge = false }\n  enforcement = ", 1)
		return text + "\nmoved {\n  from = launchready_zone_tls.found\n  to   = module.portal.module.tls.launchready_zone_tls.this[0]\n}\n"
	})
	want := []string{
		"launchready_zone_records.found update",
		"module.portal.module.dns.launchready_dns_record.web[\"portal\"] create",
		"module.portal.module.email.launchready_dmarc_record.this[0] create",
		"module.portal.module.email.launchready_spf_record.this[0] create",
		"module.portal.module.tls.launchready_zone_tls.this[0] update",
	}
	if got := planned(t, cli); !slices.Equal(got, want) {
		t.Fatalf("the plan does %q, and not %q", got, want)
	}
	cli.Must(t, "apply", "-input=false", "saved")
	if code, out := cli.Run(t, "plan", "-input=false", "-no-color", "-detailed-exitcode"); code != 0 {
		t.Errorf("a second plan: %d\n%s", code, out)
	}
	zone := zoneOf(t, s)
	for text, times := range map[string]int{"v=DMARC1; p=quarantine": 1, "v=DMARC1": 1, "v=spf1 ip4:192.0.2.7 include:_spf.google.com ~all": 1, "v=spf1 ": 1, "google-site-verification": 1} {
		if got := strings.Count(zone, text); got != times {
			t.Errorf("%q stands %d times in the zone, not %d:\n%s", text, got, times, zone)
		}
	}
}

// adopting is the example, ready to be planned.
func adopting(t *testing.T, s *sandbox.Sandbox) *clitest.CLI {
	t.Helper()
	cli := copiedFor(t, s, filepath.Join("modules", "launch", "examples", "adopt"))
	// A zone that is not mended yet is looked at once.
	edit(t, cli, "main.tf", func(text string) string {
		return strings.Replace(text, "  enforcement = ", "  wait        = \"1s\"\n  enforcement = ", 1)
	})
	cli.Must(t, "init", "-input=false")
	return cli
}

// planned saves a plan and lists what it would do, but for what it leaves alone.
func planned(t *testing.T, cli *clitest.CLI, args ...string) []string {
	t.Helper()
	cli.Must(t, append([]string{"plan", "-input=false", "-out=saved"}, args...)...)
	var plan struct {
		Changes []struct {
			Address string
			Mode    string
			Change  struct {
				Actions   []string
				Importing *struct{ ID string }
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(cli.Must(t, "show", "-json", "saved")), &plan); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range plan.Changes {
		if c.Mode != "managed" {
			continue
		}
		for _, action := range c.Change.Actions {
			switch {
			case c.Change.Importing != nil:
				out = append(out, c.Address+" import")
				if action != "no-op" {
					out = append(out, c.Address+" "+action)
				}
			case action != "no-op":
				out = append(out, c.Address+" "+action)
			}
		}
	}
	slices.Sort(out)
	return out
}

// zoneOf is what stands in the zone: records, settings and rules, with their ids.
func zoneOf(t *testing.T, s *sandbox.Sandbox) string {
	t.Helper()
	resp, err := http.Get(s.ControlURL() + "/zone")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func edit(t *testing.T, cli *clitest.CLI, name string, change func(string) string) {
	t.Helper()
	file := filepath.Join(cli.Dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(change(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
}
