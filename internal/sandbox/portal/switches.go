package portal

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

	HTTPLinks        Switch = "http_links"         // links in mail are http
	ForeignLinks     Switch = "foreign_links"      // links in mail lead by way of another host
	FromFormerDomain Switch = "from_former_domain" // mail is from a domain that is not the client's
	BouncesIgnored   Switch = "bounces_ignored"    // what the sending service reports is thrown away

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

// On reports whether a fault is on.
func (p *Portal) On(s Switch) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.switches[s]
}
