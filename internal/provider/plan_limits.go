package provider

import (
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// planLimit is what a plan of Cloudflare's allows a record.
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

// checkPlanLimits says in the plan what the API would refuse in the apply.
func checkPlanLimits(diags *diag.Diagnostics, zone cloudflare.Zone, record cloudflare.Record) {
	limit, ok := planLimits()[zone.Plan]
	if !ok {
		return
	}
	if n := utf8.RuneCountInString(record.Comment); n > limit.comment {
		diags.AddAttributeError(path.Root("comment"), "Comment too long for the zone's plan",
			fmt.Sprintf("comment has %d characters; plan %s of %s allows %d.", n, zone.Plan, zone.Name, limit.comment))
	}
	if n := len(record.Tags); n > limit.tags {
		diags.AddAttributeError(path.Root("tags"), "Too many tags for the zone's plan",
			fmt.Sprintf("tags has %d elements; plan %s of %s allows %d.", n, zone.Plan, zone.Name, limit.tags))
	}
	if record.TTL != 1 && record.TTL < limit.ttl {
		diags.AddAttributeError(path.Root("ttl"), "TTL too short for the zone's plan",
			fmt.Sprintf("ttl is %d; plan %s of %s allows %d or more, or 1 for automatic.", record.TTL, zone.Plan, zone.Name, limit.ttl))
	}
}
