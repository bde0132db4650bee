package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/authzcheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type authorizationCheckModel struct {
	checkFrame
	Routes      map[string]authorizationRouteModel `tfsdk:"routes"`
	OpenAPI     *authorizationOpenAPIModel         `tfsdk:"openapi"`
	Bindings    map[string]authorizationRowModel   `tfsdk:"bindings"`
	PublicPaths types.List                         `tfsdk:"public_paths"`
	PublicAllow types.List                         `tfsdk:"public_allow"`
	AllowWrites types.Bool                         `tfsdk:"allow_writes"`
}

type authorizationRouteModel struct {
	authorizationRowModel
	Method types.String `tfsdk:"method"`
	Path   types.String `tfsdk:"path"`
}

// authorizationRowModel is what a route and a binding have in common.
type authorizationRowModel struct {
	Params         types.Map                 `tfsdk:"params"`
	Query          types.Map                 `tfsdk:"query"`
	Headers        types.Map                 `tfsdk:"headers"`
	Body           types.String              `tfsdk:"body"`
	ReadOnly       types.Bool                `tfsdk:"read_only"`
	Kind           types.String              `tfsdk:"kind"`
	Owner          types.String              `tfsdk:"owner"`
	Marker         types.String              `tfsdk:"marker"`
	Allow          types.List                `tfsdk:"allow"`
	Deny           types.List                `tfsdk:"deny"`
	Own            types.Map                 `tfsdk:"own"`
	AllowFields    types.List                `tfsdk:"allow_fields"`
	Field          types.String              `tfsdk:"field"`
	ReadBack       types.String              `tfsdk:"read_back"`
	Create         *authorizationCreateModel `tfsdk:"create"`
	MassAssignment types.List                `tfsdk:"mass_assignment"`
}

type authorizationCreateModel struct {
	Path  types.String `tfsdk:"path"`
	Body  types.String `tfsdk:"body"`
	ID    types.String `tfsdk:"id"`
	Param types.String `tfsdk:"param"`
}

type authorizationOpenAPIModel struct {
	Path     types.String `tfsdk:"path"`
	URL      types.String `tfsdk:"url"`
	Content  types.String `tfsdk:"content"`
	Identity types.String `tfsdk:"identity"`
}

func authorizationCheck() registration {
	return register(checkSource[authorizationCheckModel, *authorizationCheckModel, authzcheck.Spec]{
		definition: authzcheck.Definition,
		attributes: authorizationCheckAttributes,
		spec:       authorizationCheckSpec,
		complete:   completeAuthorization,
		// The host is that of the provider block: completeAuthorization checks its scope.
		hosts: func(*authorizationCheckModel) map[string]path.Path { return nil },
	})
}

// authorizationCheckSpec reads what the configuration says by itself.
func authorizationCheckSpec(_ context.Context, m *authorizationCheckModel) (authzcheck.Spec, diag.Diagnostics) {
	public, _ := stringsOf(m.PublicPaths)
	allow, _ := stringsOf(m.PublicAllow)
	return authzcheck.Spec{PublicPaths: public, PublicAllow: allow, AllowWrites: m.AllowWrites.ValueBool()}, nil
}

// completeAuthorization finds the portal and all identities, and judges what can
// be judged before anything is sent. Nobody signs in yet: a sign-in that fails
// makes rows inconclusive.
func completeAuthorization(ctx context.Context, s *shared, m *authorizationCheckModel, spec *authzcheck.Spec) diag.Diagnostics {
	r := authorizationArguments{requestArguments{ctx: ctx, shared: s}}
	at := path.Root("routes")
	if len(m.Routes) == 0 {
		at = path.Root("public_paths")
	}
	if len(m.Routes) == 0 && m.OpenAPI == nil && len(spec.PublicPaths) == 0 {
		r.diags.AddError("Nothing to test", "Set routes, openapi with bindings, or public_paths.")
		return r.diags
	}
	base, diags := s.onPortal("", at)
	r.diags.Append(diags...)
	if r.diags.HasError() {
		return r.diags
	}
	spec.BaseURL = base
	if u, err := url.Parse(base); err == nil {
		if err := s.prober.InScope(u.Hostname(), probe.Active); err != nil {
			r.diags.AddError("Host out of scope", "portal.base_url of provider \"launchready\": "+err.Error())
		}
	}
	if arg := s.waitsFor("identities"); arg != "" {
		r.diags.AddAttributeError(at, "The identities are not known yet", fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply.", arg))
		return r.diags
	}
	for _, name := range sortedKeys(s.settings.identities) {
		actor, diags := s.actor(ctx, name, at)
		r.diags.Append(diags...)
		spec.Actors = append(spec.Actors, actor)
	}
	for _, name := range sortedKeys(m.Routes) {
		one, here := m.Routes[name], path.Root("routes").AtMapKey(name)
		route := r.row(one.authorizationRowModel, here)
		route.Name, route.Method, route.Path = name, one.Method.ValueString(), one.Path.ValueString()
		if err := route.Validate(); err != nil {
			r.diags.AddAttributeError(here, "Route cannot be tested", fmt.Sprintf("%s: %s", here, sentence(err)))
		}
		spec.Routes = append(spec.Routes, route)
	}
	r.openAPI(m, spec)
	if n := len(m.Routes) + len(m.Bindings); n > authzcheck.MaxRoutes {
		r.diags.AddAttributeError(at, "Too many routes", fmt.Sprintf("routes and bindings are %d; at most %d are tested at once: use two checks.", n, authzcheck.MaxRoutes))
	}
	return r.diags
}

// authorizationArguments reads routes.
type authorizationArguments struct{ requestArguments }

func (r *authorizationArguments) row(m authorizationRowModel, at path.Path) authzcheck.Route {
	out := authzcheck.Route{
		Body: m.Body.ValueString(), ReadOnly: m.ReadOnly.ValueBool(), Kind: authzcheck.Kind(m.Kind.ValueString()), Owner: m.Owner.ValueString(),
		Marker: m.Marker.ValueString(), Field: m.Field.ValueString(), ReadBack: m.ReadBack.ValueString(), Header: http.Header{},
	}
	r.diags.Append(m.Params.ElementsAs(r.ctx, &out.Params, false)...)
	r.diags.Append(m.Query.ElementsAs(r.ctx, &out.Query, false)...)
	r.diags.Append(m.Own.ElementsAs(r.ctx, &out.Own, false)...)
	r.addHeaders(out.Header, m.Headers, at.AtName("headers"))
	out.Allow, _ = stringsOf(m.Allow)
	out.Deny, _ = stringsOf(m.Deny)
	out.AllowFields, _ = stringsOf(m.AllowFields)
	out.MassAssignment, _ = stringsOf(m.MassAssignment)
	if c := m.Create; c != nil {
		out.Create = &authzcheck.Create{Path: c.Path.ValueString(), Body: c.Body.ValueString(), ID: c.ID.ValueString(), Param: c.Param.ValueString()}
	}
	if out.Owner != "" {
		_, diags := r.shared.identity(out.Owner, at.AtName("owner"))
		r.diags.Append(diags...)
	}
	for _, name := range sortedKeys(out.Own) {
		_, diags := r.shared.identity(name, at.AtName("own").AtMapKey(name))
		r.diags.Append(diags...)
	}
	for argument, list := range map[string][]string{"allow": out.Allow, "deny": out.Deny} {
		for i, name := range list {
			r.whom(name, at.AtName(argument).AtListIndex(i))
		}
	}
	return out
}

// whom refuses a name that is neither an identity nor a role of one: nobody
// would be meant by it.
func (r *authorizationArguments) whom(name string, at path.Path) {
	known := map[string]bool{authzcheck.Anonymous: true}
	for identity, one := range r.shared.settings.identities {
		known[identity] = true
		if one.Role != "" {
			known[one.Role] = true
		}
	}
	if !known[name] {
		r.diags.AddAttributeError(at, "Unknown identity or role", fmt.Sprintf("%s is %q; identities of provider \"launchready\" and their roles are: %s.", at, name, strings.Join(sortedKeys(known), ", ")))
	}
}

func (r *authorizationArguments) openAPI(m *authorizationCheckModel, spec *authzcheck.Spec) {
	at := path.Root("openapi")
	if m.OpenAPI == nil {
		if len(m.Bindings) > 0 {
			r.diags.AddAttributeError(path.Root("bindings"), "Bindings without a document", "bindings say of operations of an OpenAPI document who may use them: set openapi.")
		}
		return
	}
	out := &authzcheck.OpenAPI{Content: []byte(m.OpenAPI.Content.ValueString()), Identity: m.OpenAPI.Identity.ValueString(), Bindings: map[string]authzcheck.Route{}}
	if m.OpenAPI.Content.IsNull() {
		out.URL = r.url(m.OpenAPI.URL, m.OpenAPI.Path, at)
	} else if err := authzcheck.CheckDocument(out.Content); err != nil {
		r.diags.AddAttributeError(at.AtName("content"), "OpenAPI document cannot be read", fmt.Sprintf("%s: %s", at.AtName("content"), sentence(err)))
	}
	if out.Identity != "" {
		_, diags := r.shared.identity(out.Identity, at.AtName("identity"))
		r.diags.Append(diags...)
	}
	for _, key := range sortedKeys(m.Bindings) {
		here := path.Root("bindings").AtMapKey(key)
		binding := r.row(m.Bindings[key], here)
		if err := binding.ValidateBinding(); err != nil {
			r.diags.AddAttributeError(here, "Binding cannot be tested", fmt.Sprintf("%s: %s", here, sentence(err)))
		}
		out.Bindings[key] = binding
	}
	spec.OpenAPI = out
}
