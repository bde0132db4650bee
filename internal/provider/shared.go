package provider

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// shared is what lives as long as the provider process: one HTTP client, one
// limiter, one record snapshot a zone, one DNS cache. It is safe for concurrent use.
type shared struct {
	settings settings
	now      func() time.Time
	api      *cloudflare.Client // nil without a token
	prober   *probe.Client

	warnOverride sync.Once
	records      *ownership
	journal      func() *journal
	handover     func() *handover
	sessions     probe.Sessions
	monitors     monitorBackends
	timings      timings
	releases     releases
	hasChanged   atomic.Bool // a resource of this run has changed something, or may have
}

// configure builds what the process shares. It does no network I/O.
func (p *launchready) configure(m configModel) (*shared, diag.Diagnostics) {
	s, diags := p.read(m, os.Getenv)
	if diags.HasError() {
		return nil, diags
	}
	out := &shared{settings: s, now: p.now, records: newOwnership(), journal: sync.OnceValue(openJournal)}
	told := openHandover() // now: it has to be read before anything is planned
	out.handover = func() *handover { return told }
	s.probe.Log = logDebug
	prober, err := probe.New(s.probe)
	if err != nil {
		diags.AddAttributeError(path.Root("probe"), "Invalid probe configuration", err.Error())
		return nil, diags
	}
	out.prober = prober
	if s.token != "" {
		out.api, err = cloudflare.New(cloudflare.Config{
			Token: s.token, BaseURL: s.baseURL, UserAgent: s.probe.UserAgent, Log: logDebug, Changed: out.changed,
		})
		if err != nil {
			diags.AddAttributeError(path.Root("cloudflare").AtName("api_token"), "Invalid Cloudflare access",
				"cloudflare.api_token (or CLOUDFLARE_API_TOKEN), or cloudflare.base_url: "+err.Error())
		}
	}
	return out, diags
}

// client returns the API client, or says why there is none: the argument is
// not known yet, or it is missing.
func (s *shared) client() (*cloudflare.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	if s == nil {
		diags.AddError("Provider is not configured", "The provider was not configured before it was used. This is a fault of the program that runs it.")
		return nil, diags
	}
	if arg := s.waitsFor("cloudflare"); arg != "" {
		diags.AddError("Cloudflare access is not known yet",
			fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply. "+
				"Give it a value that is known, or apply what makes it first with -target.", arg))
		return nil, diags
	}
	if s.api == nil {
		diags.AddError("No Cloudflare API token",
			"This needs Cloudflare's API. Set cloudflare.api_token in provider \"launchready\", or the environment variable CLOUDFLARE_API_TOKEN. "+
				"Create a token at https://dash.cloudflare.com/profile/api-tokens with Zone Read and, for what is used, DNS Write, Zone Settings Write, Zone WAF Write, HTTP DDoS Managed Ruleset Write, Cache Rules Write, Single Redirect Write, Transform Rules Write and Health Checks Write on the zone, and Notifications Write on the account.")
		return nil, diags
	}
	return s.api, diags
}

// refresher is the client for a refresh, or nil: with a warning that says how
// things are taken to be while access is not known yet, or an error.
func (s *shared) refresher(otherwise string, diags *diag.Diagnostics) *cloudflare.Client {
	if s != nil {
		if arg := s.waitsFor("cloudflare"); arg != "" {
			diags.AddWarning("Not refreshed", fmt.Sprintf("%s of provider \"launchready\" is not known yet; %s.", arg, otherwise))
			return nil
		}
	}
	client, more := s.client()
	diags.Append(more...)
	if diags.HasError() {
		return nil
	}
	return client
}

// ready returns the prober, or says what it waits for.
func (s *shared) ready() (*probe.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	if s == nil {
		diags.AddError("Provider is not configured", "The provider was not configured before it was used. This is a fault of the program that runs it.")
		return nil, diags
	}
	if arg := s.waitsFor("probe"); arg != "" {
		diags.AddError("How to reach the target is not known yet",
			fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply. "+
				"Give it a value that is known, or apply what makes it first with -target.", arg))
		return nil, diags
	}
	return s.prober, diags
}

// waitsFor returns the first argument under a block that is not known yet.
func (s *shared) waitsFor(block string) string {
	for _, u := range s.settings.unknown {
		if u == block || strings.HasPrefix(u, block+".") || strings.HasPrefix(u, block+"[") {
			return u
		}
	}
	return ""
}

// override returns the override that counts now, or nil. One that has expired
// is said so, once.
func (s *shared) override(diags *diag.Diagnostics) *readiness.Override {
	o := s.settings.override
	if o == nil {
		return nil
	}
	if o.Active(s.now()) {
		s.warnOverride.Do(func() {
			diags.AddWarning("launchready override is active", fmt.Sprintf("%s (%s). Errors of checks and gate are warnings in this run.", o.Reason, o.Owner))
		})
		return o
	}
	s.warnOverride.Do(func() {
		diags.AddWarning("launchready override has expired",
			fmt.Sprintf("The override of %s expired on %s and no longer counts.", o.Owner, o.Expires))
	})
	return nil
}

// logging returns a context in which log lines cannot show a secret of the
// provider block. Masks live in the context of one call, so every entry point
// begins with it.
func (s *shared) logging(ctx context.Context) context.Context {
	if s == nil {
		return ctx
	}
	ctx = tflog.MaskFieldValuesWithFieldKeys(ctx, "authorization", "cookie", "set-cookie", "token")
	for _, secret := range s.settings.secrets {
		if secret != "" {
			ctx = tflog.MaskMessageStrings(tflog.MaskAllFieldValuesStrings(ctx, secret), secret)
		}
	}
	return ctx
}

// logging of one call is not safe for concurrent use once masks are set: the
// logger masks its shared fields in place. Probes of one check run side by side.
var logLock sync.Mutex

func logDebug(ctx context.Context, message string, fields map[string]any) {
	logLock.Lock()
	defer logLock.Unlock()
	tflog.Debug(ctx, message, fields)
}
