package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/latencycheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type latencyCheckModel struct {
	onceFrame
	Actions         map[string]latencyActionModel `tfsdk:"actions"`
	P95             types.String                  `tfsdk:"p95"`
	Rate            types.Float64                 `tfsdk:"rate"`
	Duration        types.String                  `tfsdk:"duration"`
	MaximumRequests types.Int64                   `tfsdk:"maximum_requests"`
	Baseline        types.String                  `tfsdk:"baseline"`
	MaximumBaseline types.String                  `tfsdk:"maximum_baseline"`
}

type latencyActionModel struct {
	Method   types.String `tfsdk:"method"`
	URL      types.String `tfsdk:"url"`
	Path     types.String `tfsdk:"path"`
	Headers  types.Map    `tfsdk:"headers"`
	Identity types.String `tfsdk:"identity"`
	Kind     types.String `tfsdk:"kind"`
	Status   types.List   `tfsdk:"status"`
	Contains types.String `tfsdk:"contains"`
	P95      types.String `tfsdk:"p95"`
}

func latencyCheck() registration {
	return register(checkSource[latencyCheckModel, *latencyCheckModel, latencycheck.Spec]{
		definition: latencycheck.Definition,
		attributes: latencyCheckAttributes,
		spec:       latencyCheckSpec,
		complete:   completeLatency,
		// The hosts depend on the provider block: completeLatency checks their scope.
		hosts: func(*latencyCheckModel) map[string]path.Path { return nil },
	})
}

// latencyCheckSpec reads what the configuration says by itself.
func latencyCheckSpec(_ context.Context, m *latencyCheckModel) (latencycheck.Spec, diag.Diagnostics) {
	return latencycheck.Spec{
		Disabled: isFalse(m.Enabled), Limit: durationOf(m.P95), Rate: m.Rate.ValueFloat64(), Duration: durationOf(m.Duration),
		MaximumRequests: int(m.MaximumRequests.ValueInt64()), MaximumBaseline: durationOf(m.MaximumBaseline),
	}, nil
}

// completeLatency finds identities and addresses, and judges what can be judged
// before anything is sent.
func completeLatency(ctx context.Context, s *shared, m *latencyCheckModel, spec *latencycheck.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	for _, name := range sortedKeys(m.Actions) {
		spec.Actions = append(spec.Actions, r.latencyAction(name, m.Actions[name], path.Root("actions").AtMapKey(name)))
	}
	spec.Baseline = r.pathOrURL(m.Baseline, path.Root("baseline"))
	if err := spec.Validate(); err != nil && !r.diags.HasError() {
		r.diags.AddError("Latency cannot be measured", sentence(err)+" Change duration, rate, maximum_requests or the number of actions.")
	}
	return r.diags
}

func (r *requestArguments) latencyAction(name string, m latencyActionModel, at path.Path) latencycheck.Action {
	out := latencycheck.Action{
		Name: name, Kind: latencycheck.Kind(m.Kind.ValueString()), Method: m.Method.ValueString(), URL: r.url(m.URL, m.Path, at),
		Contains: m.Contains.ValueString(), Limit: durationOf(m.P95), Header: http.Header{},
	}
	r.addHeaders(out.Header, m.Headers, at.AtName("headers"))
	var status []int64
	r.diags.Append(m.Status.ElementsAs(r.ctx, &status, false)...)
	for _, code := range status {
		out.Status = append(out.Status, int(code))
	}
	if !m.Identity.IsNull() {
		actor, diags := r.shared.actor(r.ctx, m.Identity.ValueString(), at.AtName("identity"))
		r.diags.Append(diags...)
		out.Actor = &actor
	}
	return out
}

// pathOrURL is an address in one argument: whole, or a path on the portal.
func (r *requestArguments) pathOrURL(v types.String, at path.Path) string {
	text := v.ValueString()
	if text == "" {
		return ""
	}
	if text[0] == '/' {
		out, diags := r.shared.onPortal(text, at)
		r.diags.Append(diags...)
		text = out
		if diags.HasError() {
			return ""
		}
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		r.diags.AddAttributeError(at, "Not an address", fmt.Sprintf("%s is %q; write a path such as /robots.txt, or an address such as https://portal.acme.example/robots.txt.", at, text))
		return ""
	}
	if err := r.shared.prober.InScope(u.Hostname(), probe.Active); err != nil {
		r.diags.AddAttributeError(at, "Host out of scope", err.Error())
	}
	return text
}
