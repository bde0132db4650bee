package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
)

// The life of a zone: made with a record in it, paused, unprotected, destroyed.
func TestZoneLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(arguments string) string {
		return s.config(`
resource "launchready_zone" "this" {
  name = "Client.example"
  ` + arguments + `
}
resource "launchready_dns_record" "www" {
  zone    = launchready_zone.this.id
  name    = "www"
  type    = "A"
  content = "192.0.2.1"
}`)
	}
	const zone = "launchready_zone.this"
	acceptance(t,
		resource.TestStep{Config: config(""), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(zone, tfjsonpath.New("status"), knownvalue.StringExact("pending")),
			statecheck.ExpectKnownValue(zone, tfjsonpath.New("name_servers"), knownvalue.ListSizeExact(2)),
			statecheck.ExpectKnownValue("launchready_dns_record.www", tfjsonpath.New("fqdn"), knownvalue.StringExact("www.client.example")),
		}},
		noChange(config("")),
		resource.TestStep{Config: config(""), Destroy: true, ExpectError: regexp.MustCompile(`(?s)Zone Client.example is protected.*deletion_protection = false`)},
		changes(config("paused = true\n deletion_protection = false"), zone, plancheck.ResourceActionUpdate),
		resource.TestStep{ResourceName: zone, ImportState: true, ImportStateId: "client.example", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"name", "deletion_protection"}},
		noChange(config("paused = true\n deletion_protection = false")),
	)
	var zones []struct{ Name string }
	s.call(http.MethodGet, "/zones?name=client.example", nil, &zones)
	if len(zones) != 0 {
		t.Error("the zone is there after the destroy")
	}
}

// A zone that is there is not made twice: refused in the plan, or taken over.
func TestZoneConflict(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(arguments string) string {
		return s.config("resource \"launchready_zone\" \"this\" {\n name = \"acme.example\"\n deletion_protection = false\n" + arguments + "\n}\n")
	}
	acceptance(t,
		resource.TestStep{Config: config(""), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)is there already.*terraform import`)},
		resource.TestStep{Config: config(`on_conflict = "adopt"`)},
		noChange(config(`on_conflict = "adopt"`)),
	)
}

// A zone that was made, but could not be paused, is not lost from the state.
func TestZoneMadeButNotPaused(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	cli := workspace(t, s, "resource \"launchready_zone\" \"this\" {\n name = \"client.example\"\n paused = true\n}\n")
	if err := s.API().SetFaults([]api.Fault{{Route: "PATCH /zones/{zone_id}", Status: 403}}); err != nil {
		t.Fatal(err)
	}
	if code, out := cli.Run(t, "apply", "-input=false", "-auto-approve"); code == 0 || !strings.Contains(out, "untaint launchready_zone") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if err := s.API().SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	cli.Must(t, "untaint", "launchready_zone.this")
	cli.Must(t, "apply", "-input=false", "-auto-approve")
	var zones []struct{ Paused bool }
	s.call(http.MethodGet, "/zones?name=client.example", nil, &zones)
	if len(zones) != 1 || !zones[0].Paused {
		t.Errorf("in the end: %+v", zones)
	}
}

// DNSSEC is turned on, seen by the parent, turned off by hand, turned on again,
// imported; and not taken away while the parent counts on it.
func TestZoneDNSSECLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	const address = "launchready_zone_dnssec.this"
	config := func(arguments string) string {
		return s.config("resource \"launchready_zone_dnssec\" \"this\" {\n zone = \"acme.example\"\n" + arguments + "\n}\n")
	}
	acceptance(t,
		resource.TestStep{Config: config(""), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("status"), knownvalue.StringExact("pending")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("previous_status"), knownvalue.StringExact("disabled")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("ds"), knownvalue.StringRegexp(regexp.MustCompile(`^acme\.example\. 3600 IN DS \d+ 13 2 [0-9A-F]{64}$`))),
		}},
		noChange(config("")),
		resource.TestStep{PreConfig: func() {
			s.call(http.MethodPatch, "/zones/"+s.zoneID()+"/dnssec", map[string]string{"status": "disabled"}, &struct{}{})
		},
			Config: config(""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}}},
		resource.TestStep{PreConfig: func() { s.put("/zone/ds", map[string]any{"published": true}) }, Config: config("")},
		resource.TestStep{Config: config(""), Destroy: true, ExpectError: regexp.MustCompile(`(?s)parent of acme.example has a DS\s+record.*destroy_with_ds`)},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "acme.example", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"previous_status"}},
		resource.TestStep{PreConfig: func() { s.put("/zone/ds", map[string]any{"published": false}) }, Config: config("")},
	)
	var now struct{ Status string }
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dnssec", nil, &now)
	if now.Status != "disabled" {
		t.Errorf("after the destroy DNSSEC is %s", now.Status)
	}
}

// A zone that was signed before stays signed.
func TestZoneDNSSECWasOn(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	acceptance(t, resource.TestStep{Config: s.config("resource \"launchready_zone_dnssec\" \"this\" {\n zone = \"acme.example\"\n}\n")})
	var now struct{ Status string }
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dnssec", nil, &now)
	if now.Status != "active" {
		t.Errorf("after the destroy DNSSEC is %s", now.Status)
	}
}

// Records as data: filters, what serves a site, values as in a zone file.
func TestDNSRecordsData(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	for _, r := range []map[string]any{
		{"type": "A", "name": "mail.acme.example", "content": "203.0.113.25"},
		{"type": "A", "name": "shop.acme.example", "content": "203.0.113.26"},
		{"type": "CNAME", "name": "*.acme.example", "content": "acme.example"},
	} {
		s.put("/zone/records", r)
	}
	const all, mail = "data.launchready_dns_records.all", "data.launchready_dns_records.mail"
	strs := func(values ...string) knownvalue.Check {
		var out []knownvalue.Check
		for _, v := range values {
			out = append(out, knownvalue.StringExact(v))
		}
		return knownvalue.ListExact(out)
	}
	acceptance(t, resource.TestStep{
		Config: s.config(`
data "launchready_dns_records" "all" { zone = "acme.example" }
data "launchready_dns_records" "mail" {
  zone  = "acme.example"
  types = ["MX"]
}
data "launchready_dns_records" "keys" {
  zone  = "acme.example"
  names = ["*._domainkey"]
}
output "keys" { value = length(data.launchready_dns_records.keys.records) }
output "chunks" { value = [for c in provider::launchready::txt_chunks("\"a\" \"${join("", [for i in range(300) : "é"])}\"") : length(c)] }`),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(all, tfjsonpath.New("web_hosts"), strs("acme.example", "mta-sts.acme.example", "portal.acme.example", "shop.acme.example", "staging.acme.example", "www.acme.example")),
			statecheck.ExpectKnownValue(all, tfjsonpath.New("by_type").AtMapKey("CNAME"), strs("*.acme.example", "pm-bounces.acme.example")),
			statecheck.ExpectKnownValue(mail, tfjsonpath.New("records").AtSliceIndex(0).AtMapKey("content"), knownvalue.StringExact("1 smtp.google.com")),
			statecheck.ExpectKnownValue(mail, tfjsonpath.New("web_hosts"), strs("acme.example")),
			statecheck.ExpectKnownOutputValue("keys", knownvalue.Int64Exact(2)),
			statecheck.ExpectKnownOutputValue("chunks", knownvalue.ListExact([]knownvalue.Check{knownvalue.Int64Exact(128), knownvalue.Int64Exact(127), knownvalue.Int64Exact(46)})),
		},
	})
}

// A record is taken over by its identity.
func TestDNSRecordIdentity(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	requireIdentity(t)
	config := s.config(dnsRecord("name = \"www\"\n type = \"A\"\n content = \"192.0.2.1\""))
	acceptance(t, resource.TestStep{Config: config},
		resource.TestStep{Config: config, ResourceName: thisRecord, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity})
}
