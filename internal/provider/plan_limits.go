package provider

import (
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

// planLimit is what a plan of Cloudflare's allows.
type planLimit struct {
	comment int   // characters
	tags    int   // a record
	ttl     int64 // least, in seconds
}

// planLimits are by legacy id of the plan; a plan that is not named has no
// limit here. Last verified 2026-11 in
// https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes.
func planLimits() map[string]planLimit {
	return map[string]planLimit{
		"free":       {comment: 100, tags: 0, ttl: 60},
		"pro":        {comment: 500, tags: 20, ttl: 60},
		"business":   {comment: 500, tags: 20, ttl: 60},
		"enterprise": {comment: 500, tags: 20, ttl: 30},
	}
}

// planProblems says what the zone's plan does not allow a record.
func planProblems(zone cloudflare.Zone, record cloudflare.Record) []*zonefile.Problem {
	limit, ok := planLimits()[zone.Plan]
	if !ok {
		return nil
	}
	var out []*zonefile.Problem
	if n := utf8.RuneCountInString(record.Comment); n > limit.comment {
		out = append(out, &zonefile.Problem{Field: "comment", Reason: fmt.Sprintf("it has %d characters; plan %s of %s allows %d. Shorten it, or change the plan", n, zone.Plan, zone.Name, limit.comment)})
	}
	if n := len(record.Tags); n > limit.tags {
		out = append(out, &zonefile.Problem{Field: "tags", Reason: fmt.Sprintf("there are %d; plan %s of %s allows %d. Leave them out, or change the plan", n, zone.Plan, zone.Name, limit.tags)})
	}
	if record.TTL != 1 && record.TTL < limit.ttl {
		out = append(out, &zonefile.Problem{Field: "ttl", Reason: fmt.Sprintf("it is %d; plan %s of %s allows %d or more, or 1 for automatic", record.TTL, zone.Plan, zone.Name, limit.ttl)})
	}
	return out
}

// checkPlanLimits says in the plan what the API would refuse in the apply.
func checkPlanLimits(diags *diag.Diagnostics, zone cloudflare.Zone, record cloudflare.Record) {
	for _, p := range planProblems(zone, record) {
		diags.AddAttributeError(path.Root(p.Field), "Not in the zone's plan", p.Error()+".")
	}
}
