package portal

import "slices"

// Switch is one fault the portal can be given: what a release that was not
// looked at brings. All are off in a healthy portal.
type Switch string

const (
	MixedScript     Switch = "mixed_script"     // /welcome loads a script by http
	MixedStylesheet Switch = "mixed_stylesheet" // /welcome loads a stylesheet by http
	MixedFrame      Switch = "mixed_frame"      // /welcome frames a page by http
	MixedImage      Switch = "mixed_image"      // /welcome shows a picture by http
	MixedForm       Switch = "mixed_form"       // /welcome sends a form by http
	// ForceBySocket makes the application redirect to https whenever its own
	// connection is clear text, whatever the edge says about the visitor's:
	// with ssl=flexible that never ends.
	ForceBySocket Switch = "force_https_by_socket"
	// RedirectElsewhere sends clear-text visitors to www instead of to https
	// on the same host.
	RedirectElsewhere Switch = "redirect_elsewhere"
	// DowngradeHop sends visitors of https://.../ over an http:// address.
	DowngradeHop Switch = "downgrade_hop"

	// RedirectToHTTPS makes the application redirect visitors over http itself.
	RedirectToHTTPS Switch = "redirect_to_https"

	AccountBelow    Switch = "account_below"    // /account answers below its own address too
	HostByHeader    Switch = "host_by_header"   // pages name the host that X-Forwarded-Host claims
	CaseInsensitive Switch = "case_insensitive" // paths are taken in every spelling

	// Which pages of other origins may read the API, beside the application's.
	CORSReflects            Switch = "cors_reflects"             // those of any origin
	CORSNull                Switch = "cors_null"                 // those of the origin null
	CORSSuffix              Switch = "cors_suffix"               // whose name ends as the domain does
	CORSPrefix              Switch = "cors_prefix"               // whose name begins as the application's does
	CORSContains            Switch = "cors_contains"             // whose name has letters for the dots
	CORSSubdomain           Switch = "cors_subdomain"            // of any name below the domain
	CORSHTTP                Switch = "cors_http"                 // of the application over http
	CORSSpecial             Switch = "cors_special_char"         // whose name goes on behind an underscore
	CORSLocalhost           Switch = "cors_localhost"            // of a developer's machine
	CORSWildcardCredentials Switch = "cors_wildcard_credentials" // all, by the wildcard with credentials
	CORSWildcardPrivate     Switch = "cors_wildcard_private"     // all, by the wildcard
	CORSPreflightBroad      Switch = "cors_preflight_broad"      // preflights of any origin are approved
	CORSVaryMissing         Switch = "cors_vary_missing"         // caches may keep the posts and are not told of Origin
	CORSTrustedBroken       Switch = "cors_trusted_broken"       // the application's former origin instead of its own

	PolicyMissing    Switch = "csp_missing"       // no Content-Security-Policy
	PolicyInline     Switch = "csp_unsafe"        // the policy allows inline scripts
	NosniffMissing   Switch = "nosniff_missing"   // no X-Content-Type-Options
	FrameMissing     Switch = "frame_missing"     // nothing says who may frame pages
	ReferrerMissing  Switch = "referrer_missing"  // no Referrer-Policy
	VersionTold      Switch = "version_told"      // X-Powered-By with a version
	AccountCacheable Switch = "account_cacheable" // /account without Cache-Control

	HTTPLinks        Switch = "http_links"         // links in mail are http
	ForeignLinks     Switch = "foreign_links"      // links in mail lead by way of another host
	FromFormerDomain Switch = "from_former_domain" // mail is from a domain that is not the client's
	BouncesIgnored   Switch = "bounces_ignored"    // what the sending service reports is thrown away

	// Faults of the limiter.
	TrustsForwardedFor   Switch = "trusts_forwarded_for"   // the visitor's address is what X-Forwarded-For claims
	LimiterMissing       Switch = "limiter_missing"        // attempts at one account are not counted
	LimiterCaseSensitive Switch = "limiter_case_sensitive" // each spelling of an address is counted by itself
	LockoutPermanent     Switch = "lockout_permanent"      // an account that was locked stays so
	MailBomb             Switch = "mail_bomb"              // every reset sends a letter
	RetryAfterMissing    Switch = "retry_after_missing"    // 429 does not say when to come back
	ThrottleAs200        Switch = "throttle_as_200"        // what is throttled is answered with 200
	BurstBreaks          Switch = "burst_breaks"           // many failed sign-ins make the portal fail
	NetworkUncounted     Switch = "network_uncounted"      // attempts of one visitor at many accounts are not counted
	LimiterLate          Switch = "limiter_late"           // many attempts pass before an account is locked
	RetryAfterShort      Switch = "retry_after_short"      // 429 says to come back in a second, and the lock is longer than usual
	LockShutsOut         Switch = "lock_shuts_out"         // a locked account shuts its whole network out of the API

	PolicyForeignMX  Switch = "policy_foreign_mx" // the MTA-STS policy names another MX host
	PolicyPage       Switch = "policy_page"       // a page is served in the place of the policy
	PolicyRedirected Switch = "policy_redirected" // the policy is somewhere else
	PolicyTesting    Switch = "policy_testing"    // the policy is only being tested
)

// partner is the site that mixed content comes from. It is in no zone of the
// account, so the edge does not mend its addresses.
const partner = "http://cdn.partner.example"

// Set turns one fault on or off.
func (p *Portal) Set(s Switch, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.switches[s] = on
}

// Switches returns what is on, in order of names.
func (p *Portal) Switches() []Switch {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var out []Switch
	for s, on := range p.switches {
		if on {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// On reports whether a fault is on.
func (p *Portal) On(s Switch) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.switches[s]
}
