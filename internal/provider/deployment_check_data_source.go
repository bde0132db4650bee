package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/deploycheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type deploymentCheckModel struct {
	checkFrame
	Production      *deploySiteModel        `tfsdk:"production"`
	Staging         *deployStagingModel     `tfsdk:"staging"`
	ExpectedVersion types.String            `tfsdk:"expected_version"`
	RolloutUntil    types.String            `tfsdk:"rollout_until"`
	ReleaseOrder    types.List              `tfsdk:"release_order"`
	Environment     *deployEnvironmentModel `tfsdk:"environment"`
	Rollback        *deployRollbackModel    `tfsdk:"rollback"`
	AlertLink       *deployAlertModel       `tfsdk:"alert_link"`
	DriftPlan       types.String            `tfsdk:"drift_plan"`
}

// deployPlaceModel is what production and staging have in common.
type deployPlaceModel struct {
	URL       types.String        `tfsdk:"url"`
	Identity  types.String        `tfsdk:"identity"`
	Version   *deployVersionModel `tfsdk:"version"`
	Health    types.String        `tfsdk:"health"`
	Readiness types.String        `tfsdk:"readiness"`
}

// deploySiteModel is production.
type deploySiteModel struct {
	deployPlaceModel
	Paths     types.List   `tfsdk:"paths"`
	ErrorPath types.String `tfsdk:"error_path"`
	Documents types.List   `tfsdk:"documents"`
}

// deployStagingModel is staging.
type deployStagingModel struct {
	deployPlaceModel
	Restricted        types.Bool        `tfsdk:"restricted"`
	ProductionMarkers types.List        `tfsdk:"production_markers"`
	Drill             *deployDrillModel `tfsdk:"drill"`
}

type deployVersionModel struct {
	Path    types.String `tfsdk:"path"`
	Header  types.String `tfsdk:"header"`
	Pointer types.String `tfsdk:"pointer"`
	Meta    types.String `tfsdk:"meta"`
}

type deployDrillModel struct {
	Dependency types.String       `tfsdk:"dependency"`
	Break      deployRequestModel `tfsdk:"break"`
	Restore    deployRequestModel `tfsdk:"restore"`
	Identity   types.String       `tfsdk:"identity"`
	Within     types.String       `tfsdk:"within"`
}

type deployRequestModel struct {
	Method types.String `tfsdk:"method"`
	Path   types.String `tfsdk:"path"`
	Body   types.String `tfsdk:"body"`
}

type deployRollbackModel struct {
	Endpoint     *deployReleasesModel `tfsdk:"endpoint"`
	Previous     types.String         `tfsdk:"previous"`
	PreviousDate types.String         `tfsdk:"previous_date"`
	Drilled      *deployDrilledModel  `tfsdk:"drilled"`
	MaximumAge   types.String         `tfsdk:"maximum_age"`
}

type deployReleasesModel struct {
	Path         types.String `tfsdk:"path"`
	Previous     types.String `tfsdk:"previous"`
	PreviousDate types.String `tfsdk:"previous_date"`
	Drilled      types.String `tfsdk:"drilled"`
	RestoredIn   types.String `tfsdk:"restored_in"`
}

type deployDrilledModel struct {
	Date       types.String `tfsdk:"date"`
	Owner      types.String `tfsdk:"owner"`
	RestoredIn types.String `tfsdk:"restored_in"`
	Evidence   types.String `tfsdk:"evidence"`
}

type deployAlertModel struct {
	Sink     types.String `tfsdk:"sink"`
	Query    types.String `tfsdk:"query"`
	Contains types.String `tfsdk:"contains"`
	Policy   types.String `tfsdk:"policy"`
}

func deploymentCheck() registration {
	return register(checkSource[deploymentCheckModel, *deploymentCheckModel, deploycheck.Spec]{
		definition: deploycheck.Definition,
		attributes: deploymentCheckAttributes,
		spec:       deploymentCheckSpec,
		complete:   completeDeployment,
		// The hosts depend on the provider block: completeDeployment checks their scope.
		hosts: func(*deploymentCheckModel) map[string]path.Path { return nil },
	})
}

// deploymentCheckSpec reads what the configuration says by itself, and the files
// that it names.
func deploymentCheckSpec(_ context.Context, m *deploymentCheckModel) (deploycheck.Spec, diag.Diagnostics) {
	var diags diag.Diagnostics
	spec := deploycheck.Spec{ExpectedVersion: m.ExpectedVersion.ValueString(), Memory: new(deploycheck.Memory)}
	spec.RolloutUntil, _ = time.Parse(time.RFC3339, m.RolloutUntil.ValueString()) // judged by the attribute's validator
	spec.ReleaseOrder, _ = stringsOf(m.ReleaseOrder)
	if m.Environment != nil {
		spec.Environment = m.Environment.read(path.Root("environment"), &diags)
	}
	if r := m.Rollback; r != nil {
		spec.Rollback = &deploycheck.Rollback{Previous: r.Previous.ValueString(), PreviousDate: dateOf(r.PreviousDate), MaximumAge: durationOf(r.MaximumAge)}
		if e := r.Endpoint; e != nil {
			spec.Rollback.Endpoint = &deploycheck.ReleaseList{
				Path: e.Path.ValueString(), Previous: e.Previous.ValueString(), PreviousDate: e.PreviousDate.ValueString(), Drilled: e.Drilled.ValueString(), RestoredIn: e.RestoredIn.ValueString(),
			}
		}
		if d := r.Drilled; d != nil {
			spec.Rollback.Drilled = &deploycheck.Drilled{Date: dateOf(d.Date), Owner: d.Owner.ValueString(), RestoredIn: d.RestoredIn.ValueString(), Evidence: d.Evidence.ValueString()}
		}
	}
	if !m.DriftPlan.IsNull() {
		at := path.Root("drift_plan")
		plan, err := deploycheck.ParsePlan([]byte(readArgument(m.DriftPlan.ValueString(), at, &diags)))
		if err != nil && !diags.HasError() {
			diags.AddAttributeError(at, "Not a plan", fmt.Sprintf("%s is %q: %s", at, m.DriftPlan.ValueString(), sentence(err)))
		}
		spec.DriftPlan = &plan
	}
	return spec, diags
}

// dateOf reads a date that the attribute's validator has judged.
func dateOf(v types.String) time.Time {
	date, _ := time.Parse(time.DateOnly, v.ValueString())
	return date
}

// completeDeployment finds addresses, identities and sinks.
func completeDeployment(ctx context.Context, s *shared, m *deploymentCheckModel, spec *deploycheck.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	production := deploySiteModel{}
	if m.Production != nil {
		production = *m.Production
	}
	spec.Production = r.deployPlace(production.deployPlaceModel, path.Root("production"))
	spec.Production.Paths, _ = stringsOf(production.Paths)
	spec.Production.Documents, _ = stringsOf(production.Documents)
	spec.Production.ErrorPath = production.ErrorPath.ValueString()
	if m.Staging != nil && !r.diags.HasError() {
		spec.Staging = r.deployStaging(*m.Staging, path.Root("staging"))
		if spec.Staging.URL == spec.Production.URL {
			r.diags.AddAttributeError(path.Root("staging").AtName("url"), "Staging is production", fmt.Sprintf("staging.url is %q, which is production's: nothing would be compared, and a drill would break what members use.", spec.Staging.URL))
		}
	}
	if u, err := url.Parse(spec.Production.URL); err == nil && s.waitsFor("cloudflare") == "" {
		spec.Account = s.deployAccount(u.Hostname())
		spec.Alerts.Policies = s.deployPolicies(u.Hostname())
	}
	if l := m.AlertLink; l != nil {
		spec.Alerts.Policy = l.Policy.ValueString()
		if l.Sink.IsNull() && l.Policy.IsNull() {
			r.diags.AddAttributeError(path.Root("alert_link"), "Nothing to look for", "alert_link needs sink, in which deploys leave markers, or policy, which tells of deploys.")
		}
		if !l.Sink.IsNull() {
			found, diags := s.sink(l.Sink.ValueString(), path.Root("alert_link").AtName("sink"))
			r.diags.Append(diags...)
			spec.Alerts.Marker = &deploycheck.Marker{Name: l.Sink.ValueString(), Sink: found.config(), Query: l.Query.ValueString(), Contains: l.Contains.ValueString()}
		}
	}
	return r.diags
}

// deployAccount reads what only Cloudflare's API tells of a host's zone; nil where
// there is no access to it.
func (s *shared) deployAccount(host string) func(context.Context) (*deploycheck.AccountFacts, error) {
	read := s.edgeAccount(host)
	if read == nil {
		return nil
	}
	return func(ctx context.Context) (*deploycheck.AccountFacts, error) {
		facts, err := read(ctx)
		if facts == nil || err != nil {
			return nil, err
		}
		return &deploycheck.AccountFacts{Zone: facts.Zone, DevelopmentMode: facts.DevelopmentMode}, nil
	}
}

// deployPolicies are the alert policies of the account that a host's zone belongs
// to; nil where there is no access to it.
func (s *shared) deployPolicies(host string) func(context.Context) ([]deploycheck.AlertPolicy, error) {
	if s.api == nil {
		return nil
	}
	return func(ctx context.Context) ([]deploycheck.AlertPolicy, error) {
		zone, err := s.api.ZoneOf(ctx, host)
		if err != nil {
			return nil, err
		}
		all, err := s.api.AlertPolicies(ctx, zone.AccountID)
		if err != nil {
			return nil, err
		}
		out := make([]deploycheck.AlertPolicy, 0, len(all))
		for _, p := range all {
			one := deploycheck.AlertPolicy{Name: p.Name, Type: p.Type, Enabled: p.Enabled}
			for _, ids := range p.Mechanisms {
				one.Destinations += len(ids)
			}
			out = append(out, one)
		}
		return out, nil
	}
}

// deployPlace is a place where the portal runs; without an address of its own it
// is the portal of the provider block.
func (r *requestArguments) deployPlace(m deployPlaceModel, at path.Path) deploycheck.Site {
	out := deploycheck.Site{Health: m.Health.ValueString(), Readiness: m.Readiness.ValueString(), URL: strings.TrimSuffix(m.URL.ValueString(), "/")}
	if m.URL.IsNull() {
		base, diags := r.shared.onPortal("", at.AtName("url"))
		r.diags.Append(diags...)
		out.URL = base
	}
	u, err := url.Parse(out.URL)
	if !r.diags.HasError() && (err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "") {
		r.diags.AddAttributeError(at.AtName("url"), "Not an address", fmt.Sprintf("%s is %q; write scheme and host, such as https://portal.acme.example.", at.AtName("url"), out.URL))
	}
	if r.diags.HasError() {
		return out
	}
	intent := probe.Passive
	if !m.Identity.IsNull() {
		intent = probe.Active
	}
	if err := r.shared.prober.InScope(u.Hostname(), intent); err != nil {
		r.diags.AddAttributeError(at.AtName("url"), "Host out of scope", err.Error())
		return out
	}
	out.Header = r.deployIdentity(m.Identity, out.URL, at.AtName("identity"))
	if m.URL.IsNull() {
		from, known := r.shared.versionSource(r.ctx)
		if !known {
			r.diags.AddAttributeError(at.AtName("version"), "The portal is not known yet", "The argument portal.version of provider \"launchready\" depends on a value that is known only after apply.")
			return out
		}
		out.Version = from
	}
	if v := m.Version; v != nil {
		out.Version = deploycheck.VersionSource{Path: v.Path.ValueString(), Header: v.Header.ValueString(), Pointer: v.Pointer.ValueString(), Meta: v.Meta.ValueString()}
	}
	return out
}

// deployIdentity is what a request is sent with. Who signs in does so at the place
// itself: a session of production is nothing for staging.
func (r *requestArguments) deployIdentity(name types.String, base string, at path.Path) http.Header {
	if name.IsNull() {
		return http.Header{}
	}
	actor, diags := r.shared.actor(r.ctx, name.ValueString(), at)
	r.diags.Append(diags...)
	if diags.HasError() {
		return http.Header{}
	}
	if direct := actor.Identity.Direct(); len(direct) > 0 || actor.Portal.BaseURL == base {
		return r.identity(name, at)
	}
	actor.Portal.BaseURL = base
	session, err := actor.SignIn(r.ctx, r.shared.prober)
	if err != nil {
		r.diags.AddAttributeError(at, "Sign-in failed", fmt.Sprintf("%s is %q, as which nobody could sign in at %s: %s Give an identity with bearer_token or headers where something stands before the portal.", at, name.ValueString(), base, sentence(err)))
		return http.Header{}
	}
	return session.Header()
}

func (r *requestArguments) deployStaging(m deployStagingModel, at path.Path) *deploycheck.Staging {
	out := &deploycheck.Staging{Site: r.deployPlace(m.deployPlaceModel, at), Restricted: m.Restricted.ValueBool()}
	out.Markers, _ = stringsOf(m.ProductionMarkers)
	if m.Drill == nil || r.diags.HasError() {
		return out
	}
	d, here := *m.Drill, at.AtName("drill")
	u, err := url.Parse(out.URL)
	if err != nil {
		return out
	}
	if err := r.shared.prober.InScope(u.Hostname(), probe.Active); err != nil {
		r.diags.AddAttributeError(here, "Host out of scope", err.Error())
		return out
	}
	request := func(m deployRequestModel) deploycheck.Request {
		return deploycheck.Request{Method: m.Method.ValueString(), Path: m.Path.ValueString(), Body: m.Body.ValueString()}
	}
	out.Drill = &deploycheck.Drill{
		Dependency: d.Dependency.ValueString(), Break: request(d.Break), Restore: request(d.Restore),
		Header: r.deployIdentity(d.Identity, out.URL, here.AtName("identity")), Within: durationOf(d.Within),
	}
	return out
}
