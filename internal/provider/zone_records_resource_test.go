package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

const thisSet = "launchready_zone_records.this"

// set is a zone_records resource of acme.example with arguments.
func set(arguments string) string {
	return "resource \"launchready_zone_records\" \"this\" {\n  zone = \"acme.example\"\n" + arguments + "\n}\n"
}

// file is the argument zone_file.
func file(lines ...string) string {
	return "zone_file = <<-EOT\n" + strings.Join(lines, "\n") + "\nEOT\n"
}

// all lists the zone as "name type content", sorted by the API.
func (s target) all() []string {
	s.t.Helper()
	var all []record
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dns_records?per_page=5000", nil, &all)
	out := []string{}
	for _, r := range all {
		out = append(out, r.Name+" "+r.Type+" "+r.Content)
	}
	return out
}

// has fails unless the zone holds exactly these records, given without the zone.
func (s target) has(want ...string) func() {
	return func() {
		s.t.Helper()
		got := map[string]bool{}
		for _, r := range s.all() {
			got[r] = true
		}
		for _, w := range want {
			name, rest, _ := strings.Cut(w, " ")
			full := strings.TrimPrefix(name+".acme.example", "@.") + " " + rest
			if !got[full] {
				s.t.Errorf("the zone lacks %q; it has %v", full, s.all())
			}
			delete(got, full)
		}
		if len(got) > 0 {
			s.t.Errorf("the zone has %v besides", got)
		}
	}
}

const twoRecords = `records = {
  www  = { name = "www", type = "A", content = "198.51.100.10", proxied = true }
  mail = { name = "@", type = "MX", content = "10 mail.partner.example" }
}`

// The life of a record set: made, changed, respelled, changed and deleted by
// hand, turned into another type, destroyed.
func TestZoneRecordsLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	first := s.config(set(twoRecords))
	respelled := s.config(set(`records = {
  www  = { name = "WWW.acme.example.", type = "a", content = "198.51.100.10", proxied = true, ttl = 1 }
  mail = { name = "acme.example", type = "MX", content = "10 MAIL.partner.example." }
}`))
	changed := s.config(set(`records = {
  www  = { name = "www", type = "CNAME", content = "site.partner.example", ttl = 300, comment = "moved" }
  text = { name = "@", type = "TXT", content = "say \"hi\"" }
}`))
	acceptance(t,
		resource.TestStep{Config: first, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(thisSet, tfjsonpath.New("record_ids"), knownvalue.MapSizeExact(2)),
			statecheck.ExpectKnownValue(thisSet, tfjsonpath.New("plan"), knownvalue.StringExact("free")),
			statecheck.ExpectKnownValue(thisSet, tfjsonpath.New("since"), knownvalue.NotNull()),
		}},
		noChange(first),
		noChange(respelled),
		resource.TestStep{PreConfig: func() {
			s.has("www A 198.51.100.10", "@ MX mail.partner.example")()
			s.put("/zone/records", map[string]any{"type": "A", "name": "www.acme.example", "content": "203.0.113.66"})
			s.put("/zone/records", map[string]any{"type": "MX", "name": "acme.example", "content": ""})
			s.put("/zone/records", map[string]any{"type": "A", "name": "other.acme.example", "content": "192.0.2.77"})
		}, Config: first, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisSet, plancheck.ResourceActionUpdate)}}},
		changes(changed, thisSet, plancheck.ResourceActionUpdate),
		noChange(changed),
		resource.TestStep{PreConfig: s.has("www CNAME site.partner.example", `@ TXT "say \"hi\""`, "other A 192.0.2.77"), Config: changed},
	)
	s.has("other A 192.0.2.77")()
}

// A zone file says the same as a map, and drift shows in its lines.
func TestZoneRecordsFile(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	lines := []string{"; the site", "$TTL 300", "www A 198.51.100.10 ; web cf_tags=cf-proxied:true", "app (", "  AAAA 2001:db8::1 )", "@ MX 10 mail.partner.example."}
	first := s.config(set(file(lines...)))
	commented := s.config(set(file(append([]string{"; more words", ""}, lines...)...)))
	changed := s.config(set("allow_mass_delete = true\n" + file("www 300 A 198.51.100.11", "@ TXT \"v=spf1 -all\"")))
	acceptance(t,
		resource.TestStep{Config: first},
		noChange(first),
		noChange(commented),
		resource.TestStep{PreConfig: func() {
			s.has("www A 198.51.100.10", "app AAAA 2001:db8::1", "@ MX mail.partner.example")()
			s.put("/zone/records", map[string]any{"type": "AAAA", "name": "app.acme.example", "content": "2001:db8::2"})
		}, Config: first, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisSet, plancheck.ResourceActionUpdate)}}},
		resource.TestStep{PreConfig: s.has("www A 198.51.100.10", "app AAAA 2001:db8::1", "@ MX mail.partner.example"), Config: changed},
		resource.TestStep{PreConfig: s.has("www A 198.51.100.11", `@ TXT "v=spf1 -all"`), Config: changed},
		// The same set said in the other way.
		resource.TestStep{Config: s.config(set(`records = {
  a = { name = "www", type = "A", content = "198.51.100.11", ttl = 300 }
  b = { name = "@", type = "TXT", content = "v=spf1 -all" }
}`)), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisSet, plancheck.ResourceActionUpdate)}}},
	)
}

// Cloudflare's own export reads back without a change.
func TestZoneRecordsReadsAnExport(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy, Plan: "pro"})
	before := s.all()
	req, err := http.NewRequest(http.MethodGet, s.APIURL()+"/zones/"+s.zoneID()+"/dns_records/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	path := filepath.Join(t.TempDir(), "export.zone")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	config := s.config(set(fmt.Sprintf("zone_file = file(%q)\nunmanaged = \"fail\"\nallow_mass_delete = true", path)))
	acceptance(t, resource.TestStep{Config: config}, resource.TestStep{PreConfig: func() {
		if after := s.all(); strings.Join(before, "\n") != strings.Join(after, "\n") {
			t.Errorf("before:\n%s\nafter:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
	}, Config: config})
}

// Records of others: kept, refused or deleted.
func TestZoneRecordsUnmanaged(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	more := `records = { new = { name = "new", type = "A", content = "192.0.2.1" } }
`
	was := len(s.all())
	acceptance(t,
		resource.TestStep{Config: s.config(set(more + `unmanaged = "fail"`)), ExpectError: regexp.MustCompile(`(?s)5 records of acme.example are not\s+declared.*portal\.acme\.example A 198`)},
		resource.TestStep{Config: s.config(set(more))},
		resource.TestStep{PreConfig: func() {
			if n := len(s.all()); n != was+1 {
				t.Errorf("%d records", n)
			}
		}, Config: s.config(set(more + `unmanaged = "delete"`)), ExpectError: regexp.MustCompile(`(?s)5 of the 6 records of acme.example would be deleted.*allow_mass_delete =\s+true`)},
		resource.TestStep{Config: s.config(set(more + "unmanaged = \"delete\"\nallow_mass_delete = true\nignore = [\"TXT @\", \"portal*\"]"))},
		resource.TestStep{PreConfig: s.has("new A 192.0.2.1", "portal A 198.51.100.10", `@ TXT "google-site-verification=3kq0Yt7wPzqkU2m8bVtR1dXh5sLcA9eJ"`),
			Config: s.config(set(more + "unmanaged = \"delete\"\nallow_mass_delete = true\nignore = [\"TXT @\", \"portal*\"]")), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
}

// What Cloudflare keeps itself is left alone, whatever is asked for.
func TestZoneRecordsOfCloudflare(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.ManagedRecords})
	config := s.config(set("records = { new = { name = \"new\", type = \"A\", content = \"192.0.2.1\" } }\nunmanaged = \"delete\"\nallow_mass_delete = true"))
	acceptance(t, resource.TestStep{Config: config}, noChange(config))
	var all []struct{ Meta map[string]any }
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dns_records?per_page=5000", nil, &all)
	if len(all) == 0 {
		t.Error("the records that Cloudflare keeps are gone")
	}
	for _, r := range all {
		if r.Meta["read_only"] != true && r.Meta["managed_by_argo_tunnel"] != true {
			t.Errorf("left after destroy: %v", r)
		}
	}
}

// A whole zone is taken over by one import: what is generated plans to nothing,
// and a destroy by mistake is refused.
func TestZoneRecordsImport(t *testing.T) {
	clitest.Program(t)
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy, Plan: "pro", Records: 50})
	before := s.all()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("main.tf", `
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
import {
  to = launchready_zone_records.this
  id = "acme.example"
}
`)
	cli := clitest.New(t, dir, s.Environment()...)
	cli.Must(t, "init", "-input=false")
	cli.Must(t, "plan", "-input=false", "-generate-config-out=zone.tf")
	s.API().ResetCounts()
	if out := cli.Must(t, "apply", "-input=false", "-auto-approve"); !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the first apply is not a mere import:\n%s", out)
	}
	if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after the import is not empty:\n%s", out)
	}
	if writes := s.API().Counts().ByRoute["POST /zones/{zone_id}/dns_records/batch"]; writes != 0 || strings.Join(before, "\n") != strings.Join(s.all(), "\n") {
		t.Errorf("%d writes; the zone was %v and is %v", writes, before, s.all())
	}
	generated, err := os.ReadFile(filepath.Join(dir, "zone.tf"))
	if err != nil || !strings.Contains(string(generated), "apex_mx = {") || strings.Contains(string(generated), "known after apply") {
		t.Errorf("generated (%v):\n%s", err, generated)
	}
	if code, out := cli.Run(t, "destroy", "-input=false", "-auto-approve"); code == 0 || !strings.Contains(out, "allow_mass_delete") {
		t.Errorf("the destroy of an imported zone was not refused:\n%s", out)
	}
}

// Mistakes are told in the plan, with the place.
func TestZoneRecordsBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	one := func(element string) string { return "records = { x = " + element + " }" }
	for name, test := range map[string]struct{ arguments, want string }{
		"syntax error":            {file("www A 192.0.2.1", "app A 192.0.2"), `(?s)line 2, column`},
		"outside the zone":        {file("www A 192.0.2.1", "www.other.example. A 192.0.2.1"), `(?s)line 2.*not in the\s+zone`},
		"a name of another zone":  {one(`{ name = "mail.other.net", type = "A", content = "192.0.2.1" }`), `(?s)records\["x"\].*not in\s+zone`},
		"cannot coexist":          {file("www CNAME a.partner.example.", "www A 192.0.2.1"), `(?s)cannot both\s+be.*stands\s+alone`},
		"cannot coexist by key":   {`records = { a = { name = "w", type = "CNAME", content = "a.partner.example" }, b = { name = "w", type = "AAAA", content = "2001:db8::1" } }`, `(?s)records\["a"\] and records\["b"\] cannot both be`},
		"the same twice":          {file("www A 192.0.2.1", "www 300 A 192.0.2.1"), `(?s)Line 2 of zone_file repeats line 1`},
		"in the way of another":   {one(`{ name = "portal", type = "CNAME", content = "a.partner.example" }`), `(?s)portal.acme.example is in the\s+way`},
		"content of another type": {one(`{ name = "x", type = "A", content = "a.partner.example" }`), `(?s)no value of type A.*198`},
		"MX without priority":     {one(`{ name = "x", type = "MX", content = "a.partner.example" }`), `(?s)no value of type MX.*10 mail`},
		"a label of 64 bytes":     {one(fmt.Sprintf(`{ name = %q, type = "A", content = "192.0.2.1" }`, strings.Repeat("a", 64))), `(?s)is longer\s+than 63`},
		"TTL 0":                   {one(`{ name = "x", type = "A", content = "192.0.2.1", ttl = 0 }`), `(?s)ttl.*1 for\s+automatic`},
		"proxied MX":              {one(`{ name = "x", type = "MX", content = "10 a.partner.example", proxied = true }`), `cannot be\s+proxied`},
		"tags on a free plan":     {one(`{ name = "x", type = "A", content = "192.0.2.1", tags = "a:b" }`), `(?s)tags.*plan free`},
		"an argument misspelt":    {one(`{ name = "x", type = "A", contnet = "192.0.2.1" }`), `(?s)contnet.*no such\s+argument`},
		"an argument missing":     {one(`{ name = "x", type = "A" }`), `(?s)content.*missing`},
		"both":                    {one(`{ name = "x", type = "A", content = "192.0.2.1" }`) + "\n" + file("www A 192.0.2.1"), `exactly\s+one`},
		"neither":                 {"", `exactly\s+one`},
		"an unknown type":         {one(`{ name = "x", type = "SPF", content = "v=spf1 -all" }`), `"SPF" is not\s+served`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.config(set(test.arguments)), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// Names in any script, and the emoji domain, are one with their A-labels.
func TestZoneRecordsInternationalNames(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := s.config(set("records = {\n a = { name = \"bücher\", type = \"CNAME\", content = \"käse.example\" }\n b = { name = \"☕\", type = \"A\", content = \"192.0.2.1\" }\n}"))
	ascii := s.config(set("records = {\n a = { name = \"xn--bcher-kva\", type = \"CNAME\", content = \"xn--kse-qla.example.\" }\n b = { name = \"xn--53h\", type = \"A\", content = \"192.0.2.1\" }\n}"))
	acceptance(t, resource.TestStep{Config: config}, noChange(config), noChange(ascii))
}

// The framework alone, without the way around it, serves the same.
func TestZoneRecordsByTheFramework(t *testing.T) {
	t.Parallel()
	requireTerraform(t)
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	changed := s.config(set(strings.Replace(twoRecords, "10 mail", "20 mail", 1)))
	resource.Test(t, resource.TestCase{IsUnitTest: true, ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
		"launchready": providerserver.NewProtocol6WithError(provider.New("test")()),
	}, Steps: []resource.TestStep{
		{Config: s.config(set("")), ExpectError: regexp.MustCompile(`exactly\s+one`)},
		{Config: s.config(set(twoRecords))},
		noChange(s.config(set(twoRecords))),
		changes(changed, thisSet, plancheck.ResourceActionUpdate),
		{ResourceName: thisSet, ImportState: true, ImportStateId: "acme.example", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"records", "record_ids", "since"}},
	}})
}

// What a replacement must not do: take away what was in the zone before, or end
// in disagreement between plan and apply.
func TestZoneRecordsReplaced(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := s.config(set(twoRecords))
	acceptance(t, resource.TestStep{Config: config}, resource.TestStep{Config: config, Taint: []string{thisSet}}, noChange(config))
	t.Run("of a client's zone", func(t *testing.T) {
		t.Parallel()
		s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
		cli := workspace(t, s, set(`records = {
  a = { name = "@", type = "A", content = "198.51.100.10", proxied = true }
  p = { name = "portal", type = "A", content = "198.51.100.10", proxied = true }
  w = { name = "www", type = "A", content = "198.51.100.10", proxied = true }
}`))
		cli.Must(t, "apply", "-input=false", "-auto-approve")
		before := len(s.all())
		cli.Must(t, "taint", thisSet)
		if code, out := cli.Run(t, "apply", "-input=false", "-auto-approve"); code == 0 || !strings.Contains(out, "3 of the 5 records") || !strings.Contains(out, "untaint") {
			t.Errorf("exit %d:\n%s", code, out)
		}
		if after := len(s.all()); after != before {
			t.Errorf("%d records of %d are left", after, before)
		}
		cli.Must(t, "untaint", thisSet)
		if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
			t.Errorf("the plan is not empty:\n%s", out)
		}
	})
}

// Records move between resources, and resources are renamed, without a record
// lost: in the order that Terraform picks.
func TestRecordsMoveBetweenResources(t *testing.T) {
	single := "resource \"launchready_dns_record\" \"a\" {\n zone = \"acme.example\"\n name = \"m\"\n type = \"A\"\n content = \"192.0.2.1\"\n on_conflict = \"adopt\"\n}\n"
	other := strings.Replace(single, `"launchready_dns_record" "a"`, `"launchready_dns_record" "b"`, 1)
	alias := "resource \"launchready_dns_record\" \"c\" {\n zone = \"acme.example\"\n name = \"m\"\n type = \"CNAME\"\n content = \"m.partner.example\"\n}\n"
	inSet := set("allow_mass_delete = true\nrecords = { q = { name = \"m\", type = \"A\", content = \"192.0.2.1\" } }")
	renamed := strings.Replace(inSet, `"this"`, `"that"`, 1)
	pair := set("allow_mass_delete = true\nrecords = {\n q = { name = \"m\", type = \"A\", content = \"192.0.2.1\" }\n r = { name = \"n\", type = \"A\", content = \"192.0.2.2\" }\n}")
	rest := set("allow_mass_delete = true\nrecords = { r = { name = \"n\", type = \"A\", content = \"192.0.2.2\" } }")
	for name, steps := range map[string][]string{
		"single to set":       {single, inSet},
		"set to single":       {inSet, single},
		"set renamed":         {inSet, renamed, inSet},
		"single renamed":      {single, other, single},
		"out of a set":        {pair, strings.ReplaceAll(single, "adopt", "fail") + rest, pair},
		"an alias to address": {alias, strings.ReplaceAll(single, "adopt", "fail"), alias},
	} {
		for _, parallelism := range []string{"1", "10"} {
			t.Run(name+"/"+parallelism, func(t *testing.T) {
				t.Parallel()
				s := newTarget(t, sandbox.Options{State: sandbox.Empty})
				cli := workspace(t, s, steps[0])
				for _, step := range steps {
					rewrite(t, cli.Dir, step)
					cli.Must(t, "apply", "-input=false", "-auto-approve", "-parallelism="+parallelism)
					if got := s.all(); len(got) != strings.Count(step, "name =") {
						t.Fatalf("the zone has %v", got)
					}
					if code, out := cli.Run(t, "plan", "-input=false", "-detailed-exitcode"); code != 0 {
						t.Fatalf("the next plan is not empty:\n%s", out)
					}
				}
			})
		}
	}
}

// What is deleted as nobody's is told; what another resource holds is refused.
func TestZoneRecordsDeletesNothingUnsaid(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	const held = "resource \"launchready_dns_record\" \"held\" {\n zone = \"acme.example\"\n name = \"held\"\n type = \"A\"\n content = \"192.0.2.1\"\n}\n"
	cli := workspace(t, s, held)
	cli.Must(t, "apply", "-input=false", "-auto-approve")
	total := set("records = { n = { name = \"n\", type = \"A\", content = \"192.0.2.2\" } }\nunmanaged = \"delete\"\nallow_mass_delete = true\nignore = [\"Portal.acme.example.\", IGNORE]\n")
	rewrite(t, cli.Dir, held+strings.Replace(total, ", IGNORE", "", 1))
	if code, out := cli.Run(t, "plan", "-input=false"); code == 0 || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(out, "│", "")), " "), "A held.acme.example belongs to another resource") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	rewrite(t, cli.Dir, held+strings.Replace(total, "IGNORE", `"held"`, 1))
	out := cli.Must(t, "apply", "-input=false", "-auto-approve")
	if !strings.Contains(out, "4 records of acme.example are deleted that nobody declares") || !strings.Contains(out, "www.acme.example A 198.51.100.10") {
		t.Errorf("the deletions are not told:\n%s", out)
	}
	s.has("n A 192.0.2.2", "held A 192.0.2.1", "portal A 198.51.100.10")()
}

// There is one SPF record of a name, in a set as well as beside it.
func TestZoneRecordsSecondSPF(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	was := len(s.records("TXT", "acme.example"))
	spf := func(elements string) string { return s.config(set("records = {\n" + elements + "\n}")) }
	acceptance(t,
		resource.TestStep{Config: spf("a = { name = \"x\", type = \"TXT\", content = \"v=spf1 -all\" }\nb = { name = \"x\", type = \"TXT\", content = \"v=spf1 ~all\" }"), PlanOnly: true, ExpectError: regexp.MustCompile(`more than\s+one SPF record`)},
		// Another resource may be about to give it up: the apply decides, before it writes anything.
		resource.TestStep{Config: spf(`a = { name = "@", type = "TXT", content = "v=spf1 -all" }` + "\n" + `b = { name = "new", type = "A", content = "192.0.2.1" }`), ExpectError: regexp.MustCompile(`(?s)more than\s+one SPF.*of\s+the\s+zone`)},
		resource.TestStep{PreConfig: func() {
			if n := len(s.records("A", "new.acme.example")) + len(s.records("TXT", "acme.example")); n != was {
				t.Errorf("what was refused has changed the zone: %v", s.all())
			}
		}, Config: spf(`a = { name = "@", type = "TXT", content = "v=spf1 include:_spf.google.com -all" }`)},
	)
}
