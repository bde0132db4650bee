package provider_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func dnsRecord(arguments string) string {
	return fmt.Sprintf("resource \"launchready_dns_record\" \"this\" {\n  zone = \"acme.example\"\n  %s\n}\n", arguments)
}

const thisRecord = "launchready_dns_record.this"

// The life of a record: made, changed, respelled, changed by hand, deleted by
// hand, imported by name, destroyed.
func TestDNSRecordLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	a := s.config(dnsRecord(`name = "portal"
  type = "A"
  content = "198.51.100.10"
  proxied = true`))
	b := s.config(dnsRecord(`name = "portal"
  type = "A"
  content = "198.51.100.11"
  ttl = 300
  comment = "moved"`))
	respelled := s.config(dnsRecord(`name = "PORTAL.acme.example."
  type = "A"
  content = "198.51.100.11"
  ttl = 300
  comment = "moved"`))
	cname := s.config(dnsRecord(`name = "portal"
  type = "CNAME"
  content = "Origin.Partner.Example."`))
	acceptance(t,
		resource.TestStep{Config: a, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(thisRecord, tfjsonpath.New("fqdn"), knownvalue.StringExact("portal.acme.example")),
			statecheck.ExpectKnownValue(thisRecord, tfjsonpath.New("ttl"), knownvalue.Int64Exact(1)),
		}},
		noChange(a),
		changes(b, thisRecord, plancheck.ResourceActionUpdate),
		noChange(respelled),
		resource.TestStep{
			PreConfig: func() {
				s.put("/zone/records", map[string]any{"type": "A", "name": "portal.acme.example", "content": "203.0.113.66"})
			},
			Config:           b,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisRecord, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{
			PreConfig: func() {
				s.put("/zone/records", map[string]any{"type": "A", "name": "portal.acme.example", "content": ""})
			},
			Config:           b,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisRecord, plancheck.ResourceActionCreate)}},
		},
		resource.TestStep{ResourceName: thisRecord, ImportState: true, ImportStateId: "acme.example/A/portal", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"name"}},
		// A change of type keeps the record: the name is never empty.
		changes(cname, thisRecord, plancheck.ResourceActionUpdate),
		noChange(cname),
	)
	if left := s.records("CNAME", "portal.acme.example"); len(left) != 0 {
		t.Errorf("left after destroy: %v", left)
	}
}

// Every type, written once, read back without a difference, imported by id.
func TestDNSRecordTypes(t *testing.T) {
	for name, test := range map[string]struct{ arguments, respelled string }{
		"AAAA":       {`content = "2001:0db8:0000::0010"`, `content = "2001:db8::10"`},
		"CNAME":      {`content = "target.partner.example"`, `content = "TARGET.partner.example."`},
		"TXT":        {`content = "say \"hi\"; back\\slash é"`, `content = "\"say \\\"hi\\\"; back\\\\slash é\""`},
		"NS":         {`content = "ns1.partner.example."`, `content = "ns1.partner.example"`},
		"MX":         {`mx = { priority = 10, target = "Mail.partner.example." }`, `mx = { priority = 10, target = "mail.partner.example" }`},
		"SRV":        {`srv = { priority = 1, weight = 2, port = 443, target = "srv.partner.example" }`, `srv = { priority = 1, weight = 2, port = 443, target = "SRV.partner.example." }`},
		"CAA":        {`caa = { flags = 0, tag = "ISSUE", value = "letsencrypt.org" }`, `caa = { flags = 0, tag = "issue", value = "letsencrypt.org" }`},
		"TLSA":       {`tlsa = { usage = 3, selector = 1, matching_type = 1, certificate = "` + hex64 + `" }`, ""},
		"SSHFP":      {`sshfp = { algorithm = 4, type = 2, fingerprint = "` + hex64 + `" }`, ""},
		"HTTPS":      {`svcb = { priority = 1, target = ".", value = "alpn=\"h3,h2\"" }`, ""},
		"SVCB":       {`svcb = { priority = 0, target = "svc.partner.example" }`, ""},
		"URI":        {`uri = { priority = 10, weight = 5, target = "https://acme.example/path" }`, ""},
		"NAPTR":      {`naptr = { order = 100, preference = 10, flags = "s", service = "SIP+D2U", regex = "", replacement = "_sip._udp.acme.example" }`, ""},
		"DS":         {`ds = { key_tag = 12345, algorithm = 13, digest_type = 2, digest = "` + hex64 + `" }`, ""},
		"PTR":        {`content = "host.partner.example"`, `content = "HOST.partner.example."`},
		"SMIMEA":     {`tlsa = { usage = 3, selector = 1, matching_type = 1, certificate = "` + strings.ToUpper(hex64) + `" }`, `tlsa = { usage = 3, selector = 1, matching_type = 1, certificate = "` + hex64 + `" }`},
		"OPENPGPKEY": {`content = "mQENBFVHm5sBCADvdSqvgkLpNnqT2w=="`, `content = "mQENBFVHm5sB CADvdSqvgkLpNnqT2w=="`},
		"DNSKEY":     {`dnskey = { flags = 257, protocol = 3, algorithm = 13, public_key = "` + key256 + `" }`, ""},
		"CERT":       {`cert = { type = 1, key_tag = 0, algorithm = 0, certificate = "MIICmDCCAYACCQ==" }`, ""},
		"A":          {`content = "198.51.100.10"`, ""},
		"LOC":        {`loc = { lat_degrees = 37, lat_minutes = 46, lat_seconds = 46.123, lat_direction = "N", long_degrees = 122, long_minutes = 23, long_seconds = 35.5, long_direction = "W", altitude = 10, size = 100, precision_horz = 10, precision_vert = 2 }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			config := func(arguments string) string {
				extra := ""
				if name == "DS" { // a delegation's DS stands beside its NS
					extra = "\nresource \"launchready_dns_record\" \"ns\" {\n zone = \"acme.example\"\n name = \"sub\"\n type = \"NS\"\n content = \"ns1.partner.example\"\n}\n"
				}
				return s.config(dnsRecord(fmt.Sprintf("name = \"sub\"\n  type = %q\n  %s", name, arguments)) + extra)
			}
			steps := []resource.TestStep{
				{Config: config(test.arguments)},
				noChange(config(test.arguments)),
			}
			if test.respelled != "" {
				steps = append(steps, noChange(config(test.respelled)))
			}
			steps = append(steps, resource.TestStep{
				Config: config(test.arguments), ResourceName: thisRecord, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
				ImportStateId: "acme.example/sub/" + name,
			})
			acceptance(t, steps...)
		})
	}
}

const key256 = "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="

const hex64 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

// A long text is split on the way and compared joined.
func TestDNSRecordLongText(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	long := s.config(dnsRecord(`name = "@"
  type = "TXT"
  content = join("", [for i in range(50) : "0123456789"])`))
	acceptance(t, resource.TestStep{Config: long}, noChange(long))
}

func TestDNSRecordConflicts(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	portal := func(arguments string) string {
		return s.config(dnsRecord("name = \"portal\"\n  type = \"A\"\n  content = \"198.51.100.10\"\n  proxied = true\n  " + arguments))
	}
	cname := s.config(dnsRecord("name = \"portal\"\n  type = \"CNAME\"\n  content = \"origin.partner.example\""))
	acceptance(t,
		resource.TestStep{Config: portal(""), ExpectError: regexp.MustCompile(`(?s)already in the zone.*terraform import launchready_dns_record.*on_conflict =\s+"adopt"`)},
		resource.TestStep{Config: cname, ExpectError: regexp.MustCompile(`already in the zone`)},
		changes(portal(`on_conflict = "adopt"`), thisRecord, plancheck.ResourceActionCreate),
		noChange(portal(`on_conflict = "adopt"`)),
	)
}

// Two addresses of one name stand side by side.
func TestDNSRecordRoundRobin(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := s.config(`
resource "launchready_dns_record" "this" {
  count       = 3
  zone        = "acme.example"
  name        = "portal"
  type        = "A"
  content     = "198.51.100.${10 + count.index}"
  on_conflict = "adopt"
}`)
	acceptance(t, resource.TestStep{Config: config}, resource.TestStep{PreConfig: func() {
		if got := s.records("A", "portal.acme.example"); len(got) != 3 {
			t.Errorf("%d records, want 3: %v", len(got), got)
		}
	}, Config: config})
}

// addresses makes a configuration of A records, each from its arguments.
func addresses(s target, bodies map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		fmt.Fprintf(&b, "resource \"launchready_dns_record\" %q {\n  zone = \"acme.example\"\n  type = \"A\"\n  %s\n}\n", name, bodies[name])
	}
	return s.config(b.String())
}

// Refactoring loses no record and needs no by-hand work: renamed without a moved
// block, replaced, shifted in a list, tainted.
func TestDNSRecordRefactoring(t *testing.T) {
	list := func(s target, conflict string, names ...string) string {
		return s.config(fmt.Sprintf(`
resource "launchready_dns_record" "many" {
  count       = %d
  zone        = "acme.example"
  name        = %s[count.index]
  type        = "A"
  content     = "198.51.100.10"
  on_conflict = %q
}`, len(names), asJSON(names), conflict))
	}
	one := func(label, conflict string) func(target) string {
		return func(s target) string {
			return addresses(s, map[string]string{label: "name = \"portal\"\n content = \"198.51.100.10\"\n on_conflict = \"" + conflict + "\""})
		}
	}
	for name, test := range map[string]struct {
		before, after func(target) string
		want          map[string]int // records of a name in the end
	}{
		"renamed":               {one("old", "fail"), one("new", "fail"), map[string]int{"portal": 1}},
		"renamed, adopting":     {one("old", "adopt"), one("new", "adopt"), map[string]int{"portal": 1}},
		"an element put before": {func(s target) string { return list(s, "fail", "a", "b", "c") }, func(s target) string { return list(s, "fail", "new", "a", "b", "c") }, map[string]int{"new": 1, "a": 1, "b": 1, "c": 1}},
		"the first taken out":   {func(s target) string { return list(s, "fail", "a", "b", "c") }, func(s target) string { return list(s, "fail", "b", "c") }, map[string]int{"a": 0, "b": 1, "c": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			acceptance(t, resource.TestStep{Config: test.before(s)}, resource.TestStep{Config: test.after(s)},
				resource.TestStep{PreConfig: func() {
					for name, want := range test.want {
						if got := s.records("A", name+".acme.example"); len(got) != want {
							t.Errorf("%s: %d records, want %d", name, len(got), want)
						}
					}
				}, Config: test.after(s), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}})
		})
	}
	t.Run("replaced", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Empty})
		config := one("this", "fail")(s)
		acceptance(t, resource.TestStep{Config: config}, resource.TestStep{Config: config, Taint: []string{thisRecord}}, noChange(config))
	})
}

// A name changes from a CNAME of one resource to an address of another and back,
// in one apply each.
func TestDNSRecordTypeMoves(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(label, recordType, content string) string {
		return s.config(fmt.Sprintf("resource \"launchready_dns_record\" %q {\n zone = \"acme.example\"\n name = \"app\"\n type = %q\n content = %q\n}\n", label, recordType, content))
	}
	alias, address := config("alias", "CNAME", "app.partner.example"), config("address", "A", "192.0.2.1")
	acceptance(t, resource.TestStep{Config: alias}, resource.TestStep{Config: address}, noChange(address), resource.TestStep{Config: alias}, noChange(alias))
}

// Two resources swap what they say, and three pass it on: ids stay.
func TestDNSRecordTrades(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(contents ...string) string {
		return s.config(fmt.Sprintf(`
resource "launchready_dns_record" "many" {
  count   = 4
  zone    = "acme.example"
  name    = count.index < 3 ? "app" : "www"
  type    = can(regex("^[0-9]", %[1]s[count.index])) ? "A" : "CNAME"
  content = %[1]s[count.index]
}`, asJSON(contents)))
	}
	var ids map[string]string
	see := func() map[string]string {
		out := map[string]string{}
		for _, r := range s.records("A", "app.acme.example") {
			out[r.ID] = r.Content
		}
		return out
	}
	acceptance(t,
		resource.TestStep{Config: config("192.0.2.1", "192.0.2.2", "192.0.2.3", "a.partner.example")},
		resource.TestStep{PreConfig: func() { ids = see() }, Config: config("192.0.2.2", "192.0.2.1", "192.0.2.3", "a.partner.example")},
		resource.TestStep{Config: config("192.0.2.3", "192.0.2.2", "192.0.2.1", "192.0.2.9")},
		resource.TestStep{PreConfig: func() {
			for id := range see() {
				if _, ok := ids[id]; !ok {
					t.Errorf("record %s is a new one", id)
				}
			}
		}, Config: config("192.0.2.3", "192.0.2.2", "192.0.2.1", "192.0.2.9")},
	)
}

// Two resources swap their names.
func TestDNSRecordNamesTraded(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(first, second string) string {
		return s.config(fmt.Sprintf(`
resource "launchready_dns_record" "a" {
  zone    = "acme.example"
  name    = %q
  type    = "A"
  content = "192.0.2.1"
}
resource "launchready_dns_record" "c" {
  zone    = "acme.example"
  name    = %q
  type    = "CNAME"
  content = "c.partner.example"
}`, first, second))
	}
	acceptance(t, resource.TestStep{Config: config("s1", "s2")}, resource.TestStep{Config: config("s2", "s1")}, noChange(config("s2", "s1")))
}

// No resource takes a record that another one holds.
func TestDNSRecordIsNotStolen(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	body := func(content, conflict string) string {
		return fmt.Sprintf("name = \"app\"\n content = %q\n on_conflict = %q", content, conflict)
	}
	first := map[string]string{"a": body("192.0.2.1", "adopt")}
	other := map[string]string{"a": body("192.0.2.1", "adopt"), "b": body("192.0.2.2", "adopt")}
	both := map[string]string{"a": body("192.0.2.1", "adopt"), "b": body("192.0.2.2", "fail")}
	same := map[string]string{"a": body("192.0.2.1", "adopt"), "b": body("192.0.2.1", "fail")}
	acceptance(t,
		resource.TestStep{Config: addresses(s, first)},
		resource.TestStep{Config: addresses(s, other), ExpectError: regexp.MustCompile(`(?s)already in the zone.*192\.0\.2\.1.*on_conflict =\s+"fail"`)},
		resource.TestStep{Config: addresses(s, same), PlanOnly: true, ExpectError: regexp.MustCompile(`declared\s+twice`)},
		resource.TestStep{Config: addresses(s, both)},
		noChange(addresses(s, both)),
	)
	// Not even by a copy of itself, word for word.
	copied := map[string]string{"c": "name = \"copied\"\n content = \"192.0.2.9\"", "d": "name = \"copied\"\n content = \"192.0.2.9\""}
	s = newTarget(t, sandbox.Options{State: sandbox.Empty})
	serially(t, resource.TestStep{Config: addresses(s, copied), PlanOnly: true, ExpectError: regexp.MustCompile(`declared\s+twice`)})
}

// What can be known of the configuration alone is said before anything runs.
func TestDNSRecordBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	for name, test := range map[string]struct{ arguments, want string }{
		"an address that is none":         {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100"`, "Not an IPv4 address"},
		"IPv6 in A":                       {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "2001:db8::1"`, "Not an IPv4 address"},
		"a value in the wrong place":      {`name = "x"` + "\n" + `type = "MX"` + "\n" + `content = "10 mail.acme.example"`, `mx = \{ ... \}`},
		"a typed object of another":       {`name = "x"` + "\n" + `type = "A"` + "\n" + `mx = { priority = 1, target = "a.example" }`, "has no object mx"},
		"no value":                        {`name = "x"` + "\n" + `type = "TXT"`, "Value missing"},
		"a TXT record proxied":            {`name = "x"` + "\n" + `type = "TXT"` + "\n" + `content = "a"` + "\n" + `proxied = true`, "cannot be proxied"},
		"a TTL on a proxied record":       {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100.1"` + "\n" + `proxied = true` + "\n" + `ttl = 300`, "TTL of a proxied record"},
		"an unknown type":                 {`name = "x"` + "\n" + `type = "A6"` + "\n" + `content = "a"`, "A6"},
		"a comment too long for the plan": {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100.1"` + "\n" + `comment = "` + strings.Repeat("x", 101) + `"`, "(?s)101.*100"},
		"tags that the plan lacks":        {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100.1"` + "\n" + `tags = ["a:b"]`, "allows 0"},
		"a TTL that the plan lacks":       {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100.1"` + "\n" + `ttl = 30`, "allows 60"},
		"a mail server by its address":    {`name = "x"` + "\n" + `type = "MX"` + "\n" + `mx = { priority = 1, target = "192.0.2.1" }`, "host name"},
		"hexadecimal that is none":        {`name = "x"` + "\n" + `type = "DS"` + "\n" + `ds = { key_tag = 1, algorithm = 13, digest_type = 2, digest = "xyz" }`, "(?s)no value of type DS"},
		"a label of 64 bytes":             {`name = "` + strings.Repeat("a", 64) + `"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100.1"`, `longer\s+than\s+63`},
		"a TTL of 0":                      {`name = "x"` + "\n" + `type = "A"` + "\n" + `content = "198.51.100.1"` + "\n" + `ttl = 0`, "ttl"},
		"a priority out of range":         {`name = "x"` + "\n" + `type = "MX"` + "\n" + `mx = { priority = 70000, target = "a.example" }`, "65535"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.config(dnsRecord(test.arguments)), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
