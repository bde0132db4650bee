package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Codes of the API. The lists of them in the documentation are not complete.
const (
	codeInvalidToken     = 1000
	codeBadSetting       = 1007
	codeNotEntitled      = 1015
	codeHeaderMalformed  = 6003
	codeHeaderFormat     = 6111
	codeBadIdentifier    = 7000
	codeNoRoute          = 7003
	codeUnauthorized     = 9109
	codeTargetNotProxied = 9003
	codeTypeNotProxied   = 9004
	codeBadAddress       = 9005
	codeBadTTL           = 9021
	codeNotProxied       = 9041
	codePermission       = 10000
	codePlanFeature      = 10010
	codeRecordNotFound   = 81044
	codeHostTaken        = 81053
	codeCNAMETaken       = 81054
	codeSubdomainZone    = 81056
	codeRecordExists     = 81057
	codeIdenticalRecord  = 81058
	statusPage           = "https://www.cloudflarestatus.com"
	limitExplanation     = "Cloudflare takes 1,200 requests in 5 minutes from one user, over the dashboard and all tokens together, and refuses all of them for the rest of the time once there were more."
)

// conflict reports that another record is in the way.
func (e *Error) conflict() bool {
	return e.has(codeHostTaken, codeCNAMETaken, codeRecordExists, codeIdenticalRecord)
}

func (e *Error) onSetting() bool { return strings.Contains(e.Path, "/settings/") }

// decided reports whether the API decided against the call. It may say so with a
// status of 200.
func (e *Error) decided() bool {
	return e.Status >= 200 && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

// planForbids reports what looks like a missing permission and is a limit of the plan.
func (e *Error) planForbids() bool {
	denied := e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Status == http.StatusOK
	switch {
	case !e.decided():
		return false
	case denied && (e.has(codeNotEntitled, codePlanFeature) || e.says("not_entitled") || e.says("not entitled")):
		return true
	case e.onSetting() && e.has(1024, 1025, 1057):
		return true
	}
	return e.says("quota")
}

// lacksPermission reports a valid token without the permission: code 10000, or
// no code at all from some services.
func (e *Error) lacksPermission() bool {
	return e.decided() && !e.planForbids() && !e.html && (e.has(codePermission) || e.Status == http.StatusForbidden && e.Code == 0)
}

// Advice says what the likely cause is and what to do next, in whole sentences;
// empty if there is nothing to add to the error.
func (e *Error) Advice() string {
	for _, advise := range []func() string{e.adviseTransport, e.adviseToken, e.adviseRecord, e.adviseStatus} {
		if advice := advise(); advice != "" {
			return advice
		}
	}
	return ""
}

func (e *Error) adviseTransport() string {
	switch {
	case e.Status == http.StatusTooManyRequests && !e.RetryAt.IsZero():
		return limitExplanation + " Try again after " + e.RetryAt.UTC().Format(time.RFC3339) + "."
	case e.Status == http.StatusTooManyRequests:
		return limitExplanation + " Try again in 5 minutes."
	case errors.Is(e.cause, context.Canceled), e.Status == 0 && !e.Retryable:
		return ""
	case e.Status == 0 && e.uncertain && e.Method != http.MethodGet:
		return "The request was sent, so the change may have been made. Run again: what is there is looked at first."
	case e.Status == 0:
		return "The API could not be reached. Check the network, a proxy (HTTPS_PROXY) and base_url, then run again."
	case e.uncertain && e.Method == http.MethodPost:
		return "Whether the change was made is not known. Run again: what is there is looked at first. Incidents are listed at " + statusPage + "."
	case e.uncertain:
		return "Cloudflare had a fault of its own, or something between refused the call. Run again in a while; incidents are listed at " + statusPage + "."
	case e.html:
		return "The answer did not come from the API. Check base_url, and whether a proxy or firewall stands between."
	}
	return ""
}

func (e *Error) adviseToken() string {
	switch {
	case e.planForbids():
		return e.advisePlan()
	case e.has(codeHeaderMalformed, codeHeaderFormat):
		return `The token has the wrong shape. Look for quotes, a line break or "Bearer " in it, or a Global API Key in its place.`
	case e.has(codeUnauthorized):
		return fmt.Sprintf("The token has no access to %s, is disabled or expired, or may not be used from this address. "+
			"Add the zone to the token's zone resources, and check its expiry and its IP address filter.", e.object())
	case e.lacksPermission() && e.Permission != "":
		return fmt.Sprintf("The token needs the permission %s on %s. Add it at https://dash.cloudflare.com/profile/api-tokens (the dashboard says Edit for Write).", e.Permission, e.object())
	case e.lacksPermission():
		return fmt.Sprintf("The token lacks a permission on %s.", e.object())
	case (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) && e.has(codeInvalidToken):
		return fmt.Sprintf("The token is not valid, or of the wrong kind for %s. Check that it was copied whole and was not rolled or deleted; "+
			"a token that belongs to an account is refused by the endpoints of users.", e.Path)
	}
	return ""
}

func (e *Error) advisePlan() string {
	plan := "The zone's plan"
	if e.Plan != "" {
		plan = "The zone's plan (" + e.Plan + ")"
	}
	switch {
	case e.says("record quota"):
		return plan + " takes no more of these" + recordQuota(e.Plan) + ". Delete some, or change the plan. The token is not at fault."
	case e.says("quota"):
		return plan + " does not allow that many. Use fewer, or change the plan. The token is not at fault."
	}
	return plan + " does not include this. Leave the argument out, or change the plan. The token is not at fault."
}

// recordQuota is the number of DNS records a plan takes
// (https://developers.cloudflare.com/dns/manage-dns-records/#record-quota).
func recordQuota(plan string) string {
	switch plan {
	case "free":
		return ": 200 DNS records, or 1,000 for a zone created before 2024-09-01"
	case "pro", "business":
		return ": 3,500 DNS records"
	}
	return ""
}

func (e *Error) adviseRecord() string {
	existing := ""
	if e.RecordID != "" {
		existing = " (id " + e.RecordID + ")"
	}
	switch {
	case e.has(codeRecordExists, codeIdenticalRecord):
		return "The same record is there already" + existing + `. Import it, or let this resource take it over with on_conflict = "adopt".`
	case e.has(codeHostTaken):
		return "The name has an A, AAAA or CNAME record" + existing + `, and a CNAME stands alone. Delete that record, or take it over with on_conflict = "adopt": its type is changed in place.`
	case e.has(codeCNAMETaken):
		return "The name has a CNAME record" + existing + `, which stands alone. Delete it, or take it over with on_conflict = "adopt": its type is changed in place.`
	case e.has(codeSubdomainZone):
		return "The name is a zone of its own, so this zone cannot hold addresses for it. Put the record into that zone."
	case e.has(codeRecordNotFound):
		return "The record is gone: someone deleted it. Run again, and it is created anew."
	case e.has(codeBadAddress):
		return "content is not an address of the record's type, or it is one of Cloudflare's own."
	case e.has(codeBadTTL):
		return "ttl must be 1 (automatic) or 60 to 86400 seconds; from 30 on Enterprise."
	case e.has(codeTypeNotProxied, codeNotProxied, codeTargetNotProxied):
		return "This record cannot be proxied: only A, AAAA and CNAME can, and not every target. Set proxied = false."
	}
	return ""
}

func (e *Error) adviseStatus() string {
	switch {
	case e.onSetting() && e.has(codeBadSetting):
		return "Cloudflare does not take this value for the setting."
	case e.has(codeBadIdentifier, codeNoRoute):
		return "The address of the call was not understood: an id in it is malformed. Check the zone's id, 32 hexadecimal digits, or name the zone by its domain."
	case e.Status == http.StatusNotFound:
		return fmt.Sprintf("It is not there, or not visible to the token. Check that the token covers %s.", e.object())
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return fmt.Sprintf("The token was refused. Check its permissions, that it covers %s, and its expiry.", e.object())
	}
	return ""
}

// object names what a token would have to cover.
func (e *Error) object() string {
	if e.Zone != "" {
		return "zone " + e.Zone
	}
	if strings.HasPrefix(e.Path, "/accounts/") {
		return "the account"
	}
	return "the zone"
}
