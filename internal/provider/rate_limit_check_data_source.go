package provider

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/ratecheck"
)

type rateLimitCheckModel struct {
	onceFrame
	Endpoints      map[string]rateEndpointModel `tfsdk:"endpoints"`
	MaximumLockout types.String                 `tfsdk:"maximum_lockout"`
	WhoAmI         types.String                 `tfsdk:"whoami"`
}

type rateEndpointModel struct {
	Method         types.String      `tfsdk:"method"`
	URL            types.String      `tfsdk:"url"`
	Path           types.String      `tfsdk:"path"`
	Headers        types.Map         `tfsdk:"headers"`
	Body           types.String      `tfsdk:"body"`
	Identity       types.String      `tfsdk:"identity"`
	Scope          types.String      `tfsdk:"scope"`
	Requests       types.Int64       `tfsdk:"requests"`
	Within         types.String      `tfsdk:"within"`
	Kind           types.String      `tfsdk:"kind"`
	Accounts       types.List        `tfsdk:"accounts"`
	ThrottleMarker types.String      `tfsdk:"throttle_marker"`
	Mailbox        types.String      `tfsdk:"mailbox"`
	Control        *rateControlModel `tfsdk:"control"`
	SpoofHeaders   types.Bool        `tfsdk:"spoof_headers"`
	VaryPath       types.Bool        `tfsdk:"vary_path"`
	VaryProtocol   types.Bool        `tfsdk:"vary_protocol"`
}

type rateControlModel struct {
	Identity types.String `tfsdk:"identity"`
	URL      types.String `tfsdk:"url"`
	Path     types.String `tfsdk:"path"`
}

func rateLimitCheck() registration {
	return register(checkSource[rateLimitCheckModel, *rateLimitCheckModel, ratecheck.Spec]{
		definition: ratecheck.Definition,
		attributes: rateLimitCheckAttributes,
		spec:       rateLimitCheckSpec,
		complete:   completeRateLimit,
		// The hosts depend on the provider block: completeRateLimit checks their scope.
		hosts: func(*rateLimitCheckModel) map[string]path.Path { return nil },
	})
}

// rateLimitCheckSpec reads what the configuration says by itself.
func rateLimitCheckSpec(_ context.Context, m *rateLimitCheckModel) (ratecheck.Spec, diag.Diagnostics) {
	return ratecheck.Spec{
		Disabled:       !m.Enabled.IsNull() && !m.Enabled.ValueBool(),
		MaximumLockout: durationOf(m.MaximumLockout),
	}, nil
}

// completeRateLimit finds identities, mailboxes and addresses, and judges what
// can be judged before anything is sent to an endpoint.
func completeRateLimit(ctx context.Context, s *shared, m *rateLimitCheckModel, spec *ratecheck.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	for _, name := range sortedKeys(m.Endpoints) {
		at := path.Root("endpoints").AtMapKey(name)
		e := r.rateEndpoint(m.Endpoints[name], m.WhoAmI, spec.Disabled, at)
		if err := e.Validate(); err != nil && !r.diags.HasError() {
			r.diags.AddAttributeError(at, "Endpoint cannot be tested", fmt.Sprintf("%s: %s", at, sentence(err)))
		}
		spec.Endpoints = append(spec.Endpoints, e)
	}
	return r.diags
}

func (r *requestArguments) rateEndpoint(m rateEndpointModel, whoami types.String, disabled bool, at path.Path) ratecheck.Endpoint {
	out := ratecheck.Endpoint{
		Method: m.Method.ValueString(), URL: r.url(m.URL, m.Path, at), Body: m.Body.ValueString(),
		Scope: ratecheck.Scope(m.Scope.ValueString()), Requests: int(m.Requests.ValueInt64()), Within: durationOf(m.Within),
		Kind: ratecheck.Kind(m.Kind.ValueString()), Marker: m.ThrottleMarker.ValueString(), Header: http.Header{},
		SkipHeaders: isFalse(m.SpoofHeaders), SkipPaths: isFalse(m.VaryPath), SkipProtocols: isFalse(m.VaryProtocol),
	}
	if !disabled { // nobody signs in for a test that is turned off
		out.Header = r.identity(m.Identity, at.AtName("identity"))
	}
	r.addHeaders(out.Header, m.Headers, at.AtName("headers"))
	accounts, _ := stringsOf(m.Accounts)
	for i, name := range accounts {
		out.Accounts = append(out.Accounts, r.rateAccount(name, at.AtName("accounts").AtListIndex(i)))
	}
	if !m.Mailbox.IsNull() {
		box := r.reading(m.Mailbox.ValueString(), at.AtName("mailbox"))
		out.Mailbox = &ratecheck.Mailbox{Account: box.Account, Address: box.Address}
	}
	if m.Control != nil && !disabled {
		out.Control = r.rateControl(*m.Control, whoami, at.AtName("control"))
	}
	return out
}

// rateAccount is a test account: an identity that signs in with a user name, or
// an address.
func (r *requestArguments) rateAccount(name string, at path.Path) ratecheck.Account {
	if _, ok := r.shared.settings.identities[name]; !ok && strings.Contains(name, "@") {
		return ratecheck.Account{Address: name}
	}
	id, diags := r.shared.identity(name, at)
	r.diags.Append(diags...)
	if !diags.HasError() && id.Username == "" {
		r.diags.AddAttributeError(at, "Identity without user name", fmt.Sprintf("%s is %q, which has no username to try passwords for.", at, name))
	}
	return ratecheck.Account{Address: id.Username, Password: id.Password}
}

// rateControl is the control's request; without an address of its own it asks
// who is signed in.
func (r *requestArguments) rateControl(m rateControlModel, whoami types.String, at path.Path) *ratecheck.Control {
	if m.URL.IsNull() && m.Path.IsNull() {
		m.Path = whoami
		if m.Path.IsNull() {
			portal, diags := r.shared.portal(r.ctx, at)
			r.diags.Append(diags...)
			m.Path = textOf(portal.WhoAmI)
		}
		if m.Path.IsNull() {
			r.diags.AddAttributeError(at, "No request for the control", fmt.Sprintf("%s needs path or url, or whoami of this check, or portal.whoami in provider \"launchready\".", at))
			return nil
		}
	}
	return &ratecheck.Control{URL: r.url(m.URL, m.Path, at), Header: r.identity(m.Identity, at.AtName("identity"))}
}
