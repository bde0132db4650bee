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

// passing is how a plan is carried out: in which order, and by one command or two.
type passing struct {
	conflict    string // on_conflict of the record
	after       string // which of the two depends on the other; "" = none
	parallelism string
	saved       bool // the plan is applied by another run of Terraform,
	elsewhere   bool // in a folder that has nothing of the plan's but the plan
}

// passings are all orders in which Terraform may plan and apply the two.
func passings() map[string]passing {
	return map[string]passing{
		"adopt":                             {conflict: "adopt", parallelism: "10"},
		"fail, one by one":                  {conflict: "fail", parallelism: "1"},
		"adopt, elsewhere":                  {conflict: "adopt", parallelism: "10", saved: true, elsewhere: true},
		"fail, saved, one by one":           {conflict: "fail", parallelism: "1", saved: true},
		"adopt, record after set":           {conflict: "adopt", after: "record", parallelism: "10"},
		"fail, record after set, elsewhere": {conflict: "fail", after: "record", parallelism: "10", saved: true, elsewhere: true},
		"fail, set after record":            {conflict: "fail", after: "set", parallelism: "10"},
		"adopt, set after record, saved":    {conflict: "adopt", after: "set", parallelism: "10", saved: true},
	}
}

// depends is the argument depends_on of one of the two.
func (p passing) depends(who, on string) string {
	if p.after != who {
		return ""
	}
	return "  depends_on = [" + on + "]\n"
}

// set is the record set with an SPF record, or without where its text is empty.
func (p passing) set(spf string) string {
	records := "  www = { name = \"www\", type = \"A\", content = \"192.0.2.1\" }\n  app = { name = \"app\", type = \"A\", content = \"192.0.2.2\" }\n"
	if spf != "" {
		// A policy that is raised and a key that is written otherwise pass in the same way.
		records += "  dmarc = { name = \"_dmarc\", type = \"TXT\", content = \"v=DMARC1; p=none\" }\n" +
			"  dkim = { name = \"k1._domainkey\", type = \"TXT\", content = \"k=rsa; p=" + testKeyValue + "\" }\n" +
			"  spf = { name = \"@\", type = \"TXT\", content = \"" + spf + "\" }\n"
	}
	return set("allow_mass_delete = true\nrecords = {\n" + records + "}\n")
}

// run carries a change out and holds that there is nothing left to do.
func (p passing) run(t *testing.T, s target, cli *clitest.CLI) string {
	t.Helper()
	must := func(args ...string) string {
		t.Helper()
		code, out := cli.Run(t, args...)
		if code != 0 {
			t.Fatalf("%v ended with exit code %d:\n%s\nThe zone has %q", args, code, out, s.all())
		}
		return out
	}
	said := ""
	if p.saved {
		said = must("plan", "-input=false", "-no-color", "-out=saved", "-parallelism="+p.parallelism)
		if p.elsewhere {
			files, _ := filepath.Glob(filepath.Join(cli.Dir, ".terraform", "launchready-*.json"))
			for _, file := range files {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
		}
		must("apply", "-input=false", "-no-color", "-parallelism="+p.parallelism, "saved")
	} else {
		said = must("apply", "-input=false", "-no-color", "-auto-approve", "-parallelism="+p.parallelism)
	}
	if code, out := cli.Run(t, "plan", "-input=false", "-no-color", "-detailed-exitcode"); code != 0 {
		t.Errorf("the next plan is not empty:\n%s", out)
	}
	return said
}

// An SPF record passes from a set to a resource of its own, which keeps what it
// does not declare, and back to a set, in whatever order Terraform goes.
func TestSPFRecordPasses(t *testing.T) {
	for name, p := range passings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			cli := workspace(t, s, p.set("v=spf1 include:_spf.google.com ip4:198.51.100.7 -all"))
			others := func(policy, key string) {
				t.Helper()
				for name, want := range map[string]string{"_dmarc.acme.example": policy, "k1._domainkey.acme.example": key} {
					if found := s.records("TXT", name); len(found) != 1 || !strings.HasPrefix(strings.Trim(found[0].Content, `"`), want) {
						t.Errorf("%s has %v, and not %q", name, found, want)
					}
				}
			}
			spf := func(want string) string {
				t.Helper()
				var found []record
				for _, r := range s.records("TXT", "acme.example") {
					if strings.Contains(r.Content, "v=spf1") {
						found = append(found, r)
					}
				}
				if len(found) != 1 || strings.Trim(found[0].Content, `"`) != want {
					t.Fatalf("the zone has %v, and not %q", found, want)
				}
				return found[0].ID
			}
			p.run(t, s, cli)
			first := spf("v=spf1 include:_spf.google.com ip4:198.51.100.7 -all")

			own := "resource \"launchready_spf_record\" \"this\" {\n  zone = \"acme.example\"\n  senders = [\"google_workspace\"]\n  all = \"~all\"\n" +
				"  on_conflict = \"" + p.conflict + "\"\n" + p.depends("record", thisSet) + "}\n" +
				"resource \"launchready_dmarc_record\" \"this\" {\n  zone = \"acme.example\"\n  policy = \"reject\"\n  on_conflict = \"" + p.conflict + "\"\n}\n" +
				"resource \"launchready_dkim_record\" \"this\" {\n  zone = \"acme.example\"\n  selector = \"k1\"\n  public_key = \"" + testKeyValue + "\"\n  on_conflict = \"" + p.conflict + "\"\n}\n"
			rest := strings.TrimSuffix(p.set(""), "}\n") + p.depends("set", "launchready_spf_record.this") + "}\n"
			rewrite(t, cli.Dir, rest+own)
			said := p.run(t, s, cli)
			second := spf("v=spf1 include:_spf.google.com ip4:198.51.100.7 ~all")
			stayed := func(before, after string) {
				t.Helper()
				if !p.saved && before != after {
					t.Errorf("the record was away: it was %s and is %s", before, after)
				}
			}
			stayed(first, second)
			others("v=DMARC1; p=reject", "v=DKIM1")
			if !strings.Contains(said, "ip4:198.51.100.7") {
				t.Errorf("the plan does not say what is kept:\n%s", said)
			}

			// Back, in other words than those that are there.
			rewrite(t, cli.Dir, p.set("v=spf1 include:_spf.google.com mx -all"))
			p.run(t, s, cli)
			stayed(second, spf("v=spf1 include:_spf.google.com mx -all"))
			others("v=DMARC1; p=none", "k=rsa")
		})
	}
}

// A plan that nobody applies gives nothing up: neither for the apply of a run that
// plans itself, nor for that of a plan that was saved later.
func TestSPFRecordOfADiscardedPlan(t *testing.T) {
	for _, saved := range []bool{false, true} {
		t.Run(fmt.Sprintf("saved=%t", saved), func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			const www = "  www = { name = \"www\", type = \"A\", content = \"192.0.2.1\" }\n"
			const own = "resource \"launchready_spf_record\" \"this\" {\n  zone = \"acme.example\"\n  senders = [\"google_workspace\"]\n  all = \"~all\"\n}\n"
			alone := set("records = {\n" + www + "}\n")
			cli := workspace(t, s, alone+own)
			cli.Must(t, "apply", "-input=false", "-auto-approve")
			rewrite(t, cli.Dir, alone)
			cli.Must(t, "plan", "-input=false") // the record would go
			rewrite(t, cli.Dir, set("records = {\n"+www+"  spf = { name = \"@\", type = \"TXT\", content = \"v=spf1 mx -all\" }\n}\n")+own)
			args := []string{"apply", "-input=false", "-no-color", "-auto-approve", "-target=" + thisSet}
			if saved {
				cli.Must(t, "plan", "-input=false", "-out=saved", "-target="+thisSet)
				args = []string{"apply", "-input=false", "-no-color", "saved"}
			}
			code, out := cli.Run(t, args...)
			if flat := strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "); code == 0 || !strings.Contains(flat, "would have more than one SPF record") {
				t.Errorf("exit %d:\n%s", code, out)
			}
			if found := s.records("TXT", "acme.example"); len(found) != 1 || strings.Trim(found[0].Content, `"`) != "v=spf1 include:_spf.google.com ~all" {
				t.Errorf("the zone has %v", found)
			}
		})
	}
}
