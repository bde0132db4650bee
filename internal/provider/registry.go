package provider

import (
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// checks lists every check. A new check is one line here.
func checks() []registration {
	return []registration{
		emailAuthCheck(),
		tlsCheck(),
		dnsCheck(),
		mailDeliveryCheck(),
		edgeCheck(),
		corsCheck(),
		rateLimitCheck(),
		secretsCheck(),
		authorizationCheck(),
		authenticationCheck(),
		latencyCheck(),
		observabilityCheck(),
		supportCheck(),
		deploymentCheck(),
	}
}

// Checks returns the part of every check that does not depend on its inputs:
// what the documentation is made from.
func Checks() []check.Info {
	var out []check.Info
	for _, c := range checks() {
		out = append(out, c.info)
	}
	return out
}

// catalogue joins the rules of all checks with those of the gate, on first use.
var catalogue = sync.OnceValue(func() *readiness.Catalogue {
	c, err := Catalogue()
	if err != nil {
		panic(err) // a test holds that it cannot happen
	}
	return c
})

// Catalogue returns every rule there is. The error is a mistake in a check's rules.
func Catalogue() (*readiness.Catalogue, error) {
	lists := [][]readiness.Rule{readiness.GovernanceRules()}
	decided := map[string]bool{}
	for _, c := range checks() {
		lists = append(lists, c.info.Rules)
		for _, r := range c.info.Rules {
			decided[r.ID] = true
		}
	}
	// A question that a check may decide is the check's rule: it is asked of a
	// person where the check is not used, or could not decide it.
	asked := slices.DeleteFunc(readiness.AttestedRules(), func(r readiness.Rule) bool { return decided[r.ID] })
	return readiness.NewCatalogue(append(lists, asked)...)
}

func dataSources() []func() datasource.DataSource {
	out := []func() datasource.DataSource{
		newZoneDataSource,
		newDNSRecordsDataSource,
		newScorecardDataSource,
		newSenderDataSource,
		newCloudflareRangesDataSource,
		newMonitoringConfigDataSource,
		newHandoverDataSource,
	}
	for _, c := range checks() {
		out = append(out, c.new)
	}
	return out
}

func resources() []func() resource.Resource {
	return []func() resource.Resource{
		newZoneResource,
		newZoneDNSSECResource,
		newDNSRecordResource,
		newZoneRecordsResource,
		newSPFRecordResource,
		newDKIMRecordResource,
		newDMARCRecordResource,
		newMTASTSRecordsResource,
		newTLSRPTRecordResource,
		newBIMIRecordResource,
		newZoneTLSResource,
		newZoneWAFResource,
		newZoneRateLimitsResource,
		newZoneDDoSProtectionResource,
		newZoneCacheResource,
		newZoneRedirectsResource,
		newZoneResponseHeadersResource,
		newZoneOriginProtectionResource,
		newUptimeMonitorResource,
		newAlertDestinationResource,
		newAlertPolicyResource,
	}
}

func functions() []func() function.Function {
	return []func() function.Function{newTXTChunksFunction, newParseSPFFunction, newFormatSPFFunction, newParseDMARCFunction, newFormatDMARCFunction}
}
