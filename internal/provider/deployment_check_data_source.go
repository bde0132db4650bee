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

	"github.com/launchready/terraform-provider-launchready/internal/check/deploycheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type deploymentCheckModel struct {
	checkFrame
	Production      *deploySiteModel `tfsdk:"production"`
	ExpectedVersion types.String     `tfsdk:"expected_version"`
}

// deploySiteModel is production.
type deploySiteModel struct {
	URL      types.String        `tfsdk:"url"`
	Identity types.String        `tfsdk:"identity"`
	Version  *deployVersionModel `tfsdk:"version"`
}

type deployVersionModel struct {
	Path    types.String `tfsdk:"path"`
	Header  types.String `tfsdk:"header"`
	Pointer types.String `tfsdk:"pointer"`
	Meta    types.String `tfsdk:"meta"`
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

// deploymentCheckSpec reads what the configuration says by itself.
func deploymentCheckSpec(_ context.Context, m *deploymentCheckModel) (deploycheck.Spec, diag.Diagnostics) {
	return deploycheck.Spec{ExpectedVersion: m.ExpectedVersion.ValueString(), Memory: new(deploycheck.Memory)}, nil
}

// completeDeployment finds addresses and identities.
func completeDeployment(ctx context.Context, s *shared, m *deploymentCheckModel, spec *deploycheck.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	production := m.Production
	if production == nil {
		production = &deploySiteModel{}
	}
	spec.Production = r.deploySite(*production, path.Root("production"))
	return r.diags
}

// deploySite is a place where the portal runs; without an address of its own it
// is the portal of the provider block.
func (r *requestArguments) deploySite(m deploySiteModel, at path.Path) deploycheck.Site {
	out := deploycheck.Site{Header: http.Header{}}
	out.URL = strings.TrimSuffix(m.URL.ValueString(), "/")
	if m.URL.IsNull() {
		base, diags := r.shared.onPortal("", at.AtName("url"))
		r.diags.Append(diags...)
		out.URL = base
	}
	u, err := url.Parse(out.URL)
	if !r.diags.HasError() && (err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http") {
		r.diags.AddAttributeError(at.AtName("url"), "Not an address", fmt.Sprintf("%s is %q; write an address such as https://portal.acme.example.", at.AtName("url"), out.URL))
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
	out.Header = r.identity(m.Identity, at.AtName("identity"))
	if v := m.Version; v != nil {
		out.Version = deploycheck.VersionSource{Path: v.Path.ValueString(), Header: v.Header.ValueString(), Pointer: v.Pointer.ValueString(), Meta: v.Meta.ValueString()}
	}
	return out
}
