package sandbox

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/dns"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/inbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

// Domain is the client's zone.
func (s *Sandbox) Domain() string { return s.options.Domain }

// APIURL is the base URL of the Cloudflare API, without a slash at its end.
func (s *Sandbox) APIURL() string { return s.apiURL }

// ControlURL is the base URL of the control interface.
func (s *Sandbox) ControlURL() string { return s.controlURL }

// Resolver is the name server, host:port, for UDP and TCP.
func (s *Sandbox) Resolver() string { return s.names.Addr() }

// DNS is the name server, for tests that want a name to misbehave.
func (s *Sandbox) DNS() *dns.Server { return s.names }

// CAPEM is the root that the edge's visitors trust.
func (s *Sandbox) CAPEM() []byte { return s.world.edge.CAPEM() }

// CAPath is the file that holds CAPEM while the sandbox runs.
func (s *Sandbox) CAPath() string { return filepath.Join(s.folder, "ca.pem") }

// Identities are the portal's test accounts by name, with their secrets.
func (s *Sandbox) Identities() map[string]portal.Identity { return s.world.portal.Identities() }

// Workplace makes the client's repository and what is beside it as the faults say
// now, and returns it. It needs the program git.
func (s *Sandbox) Workplace() (*leaks.Workplace, error) { return s.world.work, s.world.work.Make() }

// Environment returns what makes any configuration run against this sandbox
// unchanged, as "NAME=value" in order of names, the form os/exec takes.
func (s *Sandbox) Environment() []string {
	vars := s.Variables()
	out := make([]string, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		out = append(out, name+"="+vars[name])
	}
	return out
}

// Variables is Environment as a map.
func (s *Sandbox) Variables() map[string]string {
	identities, err := json.Marshal(s.Identities())
	if err != nil {
		panic(err) // strings in a struct always marshal
	}
	return map[string]string{
		"CLOUDFLARE_BASE_URL":       s.APIURL(),
		"CLOUDFLARE_API_TOKEN":      s.Token(),
		"LAUNCHREADY_RESOLVERS":     s.Resolver(),
		"LAUNCHREADY_CONNECT_TO":    s.connectTo(),
		"LAUNCHREADY_CA_BUNDLE":     s.CAPath(),
		"LAUNCHREADY_ALLOWED_HOSTS": s.allowedHosts(),
		"LAUNCHREADY_IDENTITIES":    string(identities),
		"LAUNCHREADY_MAILBOXES":     mailboxesJSON(s.Mailboxes()),
		"LAUNCHREADY_MONITORS":      s.monitorsJSON(),
		"SANDBOX_CONTROL_URL":       s.ControlURL(),
		"LAUNCHREADY_SINKS":         sinksJSON(s.Sinks()),
		"SANDBOX_PORTAL_LOG":        s.LogPath(),
		"SANDBOX_REPOSITORY":        s.world.work.Repository(),
		"SANDBOX_BUILD":             s.world.work.Build(),
		"SANDBOX_LOGS":              s.world.work.Logs(),
		"SANDBOX_ROTATION_PLAN":     s.world.work.Rotation(),
		"SANDBOX_RUNBOOK":           s.Runbook(),
		"SANDBOX_ENVIRONMENT":       s.world.variables.folder,
	}
}

// Clients are the domains of the account's further clients.
func (s *Sandbox) Clients() []string {
	out := make([]string, 0, len(s.account.others))
	for _, z := range s.account.others {
		out = append(out, z.Name)
	}
	return out
}

// allowedHosts are the hosts of all clients.
func (s *Sandbox) allowedHosts() string {
	var out []string
	for _, domain := range append([]string{s.Domain()}, s.Clients()...) {
		out = append(out, domain, "*."+domain)
	}
	return strings.Join(out, ",")
}

// ConnectTo says where addresses are to be reached instead, as curl's
// --connect-to: everything goes to the edge, the origin's own addresses to what
// strangers find of the origin, each name server, by name and by address, to its
// port, and mail to the mail host and the sending service.
func (s *Sandbox) ConnectTo() map[string]string {
	out := reachable(s.origin.PublicHTTPAddr(), s.origin.PublicTLSAddr(), originIP)
	maps.Copy(out, reachable(s.origin.HTTPAddr(), s.origin.TLSAddr(), shopIP)) // nobody guards that one
	out["*:443"], out["*:80"] = s.world.edge.TLSAddr(), s.world.edge.HTTPAddr()
	out[inbox.MX+":25"], out["*:25"] = s.world.inbox.SMTPAddr(), s.world.inbox.SMTPAddr()
	out[inbox.IMAPHost+":993"], out["*:993"] = s.world.inbox.IMAPAddr(), s.world.inbox.IMAPAddr()
	out["*:587"] = s.world.relay.Addr()
	for _, ns := range s.names.NameServers() {
		out[ns.Name+":53"], out[ns.Address+":53"] = ns.Listens, ns.Listens
	}
	return out
}

// connectTo is the map as LAUNCHREADY_CONNECT_TO has it: from=to,from=to.
func (s *Sandbox) connectTo() string {
	m := s.ConnectTo()
	var out []string
	for _, from := range slices.Sorted(maps.Keys(m)) {
		out = append(out, from+"="+m[from])
	}
	return strings.Join(out, ",")
}
