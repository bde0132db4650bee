package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/authcheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type authenticationCheckModel struct {
	onceFrame
	Identity           types.String                `tfsdk:"identity"`
	Marker             types.String                `tfsdk:"marker"`
	ProtectedPaths     types.List                  `tfsdk:"protected_paths"`
	Admin              types.String                `tfsdk:"admin"`
	AdminPaths         types.List                  `tfsdk:"admin_paths"`
	MFARoles           types.List                  `tfsdk:"mfa_roles"`
	Mutable            types.String                `tfsdk:"mutable"`
	SensitiveChanges   map[string]authRequestModel `tfsdk:"sensitive_changes"`
	Recovery           *authRecoveryModel          `tfsdk:"recovery"`
	SignUp             *authRequestModel           `tfsdk:"sign_up"`
	TokenSignIn        *authTokenModel             `tfsdk:"token_sign_in"`
	MaximumIdle        types.String                `tfsdk:"maximum_idle"`
	MaximumAbsolute    types.String                `tfsdk:"maximum_absolute"`
	ShortSession       *authShortModel             `tfsdk:"short_session"`
	Sensitive          types.Bool                  `tfsdk:"membership_is_sensitive"`
	DefaultCredentials types.Bool                  `tfsdk:"default_credentials"`
	Replication        types.String                `tfsdk:"replication"`
}

type authRequestModel struct {
	Method types.String `tfsdk:"method"`
	Path   types.String `tfsdk:"path"`
	Body   types.String `tfsdk:"body"`
	Page   types.String `tfsdk:"page"`
}

type authRecoveryModel struct {
	Mailbox types.String      `tfsdk:"mailbox"`
	Request *authRequestModel `tfsdk:"request"`
	Confirm *authRequestModel `tfsdk:"confirm"`
	Hosts   types.List        `tfsdk:"hosts"`
	Plain   types.Bool        `tfsdk:"plain_address"`
	Within  types.String      `tfsdk:"within"`
}

type authTokenModel struct {
	Path           types.String      `tfsdk:"path"`
	Format         types.String      `tfsdk:"format"`
	Fields         types.Map         `tfsdk:"fields"`
	TokenPointer   types.String      `tfsdk:"token_pointer"`
	RefreshPointer types.String      `tfsdk:"refresh_pointer"`
	Refresh        *authRequestModel `tfsdk:"refresh"`
	SignOut        *authSignOutModel `tfsdk:"sign_out"`
}

type authSignOutModel struct {
	Method types.String `tfsdk:"method"`
	Path   types.String `tfsdk:"path"`
}

type authShortModel struct {
	Headers  types.Map    `tfsdk:"headers"`
	Idle     types.String `tfsdk:"idle"`
	Absolute types.String `tfsdk:"absolute"`
}

func authenticationCheck() registration {
	return register(checkSource[authenticationCheckModel, *authenticationCheckModel, authcheck.Spec]{
		definition: authcheck.Definition,
		attributes: authenticationCheckAttributes,
		spec:       authenticationCheckSpec,
		complete:   completeAuthentication,
		// The host depends on the provider block: completeAuthentication checks its scope.
		hosts: func(*authenticationCheckModel) map[string]path.Path { return nil },
	})
}

// authenticationCheckSpec reads what the configuration says by itself.
func authenticationCheckSpec(_ context.Context, m *authenticationCheckModel) (authcheck.Spec, diag.Diagnostics) {
	spec := authcheck.Spec{
		Disabled: isFalse(m.Enabled), Marker: m.Marker.ValueString(),
		MaximumIdle: durationOf(m.MaximumIdle), MaximumAbsolute: durationOf(m.MaximumAbsolute), Patience: durationOf(m.Replication),
		MembershipIsSensitive: m.Sensitive.ValueBool(), SkipDefaults: isFalse(m.DefaultCredentials),
	}
	spec.ProtectedPaths, _ = stringsOf(m.ProtectedPaths)
	spec.AdminPaths, _ = stringsOf(m.AdminPaths)
	if len(m.SensitiveChanges) > 0 {
		spec.Changes = map[string]authcheck.Request{}
		for name, one := range m.SensitiveChanges {
			spec.Changes[name] = *one.request()
		}
	}
	spec.SignUp = m.SignUp.request()
	if t := m.TokenSignIn; t != nil {
		spec.Token = &authcheck.TokenSignIn{
			SignIn:         probe.SignInRequest{Path: t.Path.ValueString(), Format: t.Format.ValueString(), Fields: textsOf(t.Fields), TokenPointer: t.TokenPointer.ValueString()},
			RefreshPointer: t.RefreshPointer.ValueString(), Refresh: t.Refresh.request(),
		}
		if o := t.SignOut; o != nil {
			spec.Token.SignOut = &probe.SignOutRequest{Method: o.Method.ValueString(), Path: o.Path.ValueString()}
		}
	}
	if s := m.ShortSession; s != nil {
		header := http.Header{}
		for name, value := range textsOf(s.Headers) {
			header.Set(name, value)
		}
		spec.Short = &authcheck.ShortSession{Header: header, Idle: durationOf(s.Idle), Absolute: durationOf(s.Absolute)}
	}
	return spec, nil
}

func (m *authRequestModel) request() *authcheck.Request {
	if m == nil {
		return nil
	}
	return &authcheck.Request{Method: m.Method.ValueString(), Path: m.Path.ValueString(), Body: m.Body.ValueString(), Page: m.Page.ValueString()}
}

// textsOf are the texts of a map.
func textsOf(m types.Map) map[string]string {
	out := map[string]string{}
	for name, value := range m.Elements() {
		if text, ok := value.(types.String); ok {
			out[name] = text.ValueString()
		}
	}
	return out
}

// completeAuthentication finds identities and the mailbox.
func completeAuthentication(ctx context.Context, s *shared, m *authenticationCheckModel, spec *authcheck.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	base, diags := s.onPortal("", path.Root("identity"))
	r.diags.Append(diags...)
	if diags.HasError() {
		return r.diags
	}
	if u, err := url.Parse(base); err == nil {
		if err := s.prober.InScope(u.Hostname(), probe.Active); err != nil {
			r.diags.AddAttributeError(path.Root("identity"), "Host out of scope", err.Error())
		}
	}
	spec.Actor = r.actor(m.Identity.ValueString(), path.Root("identity"))
	spec.Admin = r.admin(m)
	if !m.Mutable.IsNull() {
		mutable := r.actor(m.Mutable.ValueString(), path.Root("mutable"))
		spec.Mutable = &mutable
		if m.Mutable.Equal(m.Identity) || m.Mutable.Equal(m.Admin) {
			r.diags.AddAttributeError(path.Root("mutable"), "Identity is used twice",
				fmt.Sprintf("mutable is %q, as identity or admin is. What is changed and locked for a while must be an identity of its own.", m.Mutable.ValueString()))
		}
	}
	if in := m.Recovery; in != nil {
		spec.Recovery = &authcheck.Recovery{Request: *in.Request.request(), Confirm: in.Confirm.request(), Plain: in.Plain.ValueBool()}
		if !in.Mailbox.IsNull() {
			box := r.reading(in.Mailbox.ValueString(), path.Root("recovery").AtName("mailbox"))
			spec.Recovery.Mailbox, spec.Recovery.Address = box.Account, box.Address
		}
		spec.Recovery.Hosts, _ = stringsOf(in.Hosts)
		spec.Delivery = durationOf(in.Within)
		if !strings.Contains(spec.Recovery.Request.Body+spec.Recovery.Request.Path, "{{address}}") {
			r.diags.AddAttributeError(path.Root("recovery").AtName("request"), "Request without address", "{{address}} stands nowhere in recovery.request: no letter would reach the mailbox.")
		}
	}
	return r.diags
}

// actor is an identity that an argument names.
func (r *requestArguments) actor(name string, at path.Path) probe.Actor {
	actor, diags := r.shared.actor(r.ctx, name, at)
	r.diags.Append(diags...)
	return actor
}

// admin is the administrator: the one that is named, else the first of a role
// that must have a second factor; nil if there is none.
func (r *requestArguments) admin(m *authenticationCheckModel) *probe.Actor {
	name := m.Admin.ValueString()
	roles, _ := stringsOf(m.MFARoles)
	if m.MFARoles.IsNull() {
		roles = []string{"admin"}
	}
	if m.Admin.IsNull() {
		for _, candidate := range sortedKeys(r.shared.settings.identities) {
			id := r.shared.settings.identities[candidate]
			if slices.Contains(roles, id.Role) && id.Username != "" {
				name = candidate
				break
			}
		}
	}
	if name == "" {
		return nil
	}
	actor := r.actor(name, path.Root("admin"))
	return &actor
}
