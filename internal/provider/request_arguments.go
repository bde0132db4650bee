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

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// requestArguments reads arguments that refer to the provider block.
type requestArguments struct {
	ctx    context.Context
	shared *shared
	diags  diag.Diagnostics
}

// addHeaders adds headers as written. Those that authenticate are refused.
func (r *requestArguments) addHeaders(to http.Header, from types.Map, at path.Path) {
	var own map[string]string
	r.diags.Append(from.ElementsAs(r.ctx, &own, false)...)
	for name, value := range own {
		if isCredentialHeader(name) {
			r.diags.AddAttributeError(at.AtMapKey(name), "Credentials do not belong here",
				fmt.Sprintf("What a data source is given stands in the state. Put the header %s into an identity of provider \"launchready\" and name it in identity.", name))
		}
		to.Set(name, value)
	}
}

// url is an address as written, or a path on the portal. Requests may go only
// where active probes may.
func (r *requestArguments) url(address, onPortal types.String, at path.Path) string {
	out, here := address.ValueString(), at.AtName("url")
	if !onPortal.IsNull() {
		here = at.AtName("path")
		there, diags := r.shared.onPortal(onPortal.ValueString(), here)
		r.diags.Append(diags...)
		if diags.HasError() {
			return ""
		}
		out = there
	}
	u, err := url.Parse(strings.NewReplacer("{{recipient}}", "x", "{{address}}", "x", "{{account}}", "x", "{{password}}", "x").Replace(out))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		r.diags.AddAttributeError(here, "Not an address", fmt.Sprintf("%s is %q; write an address such as https://portal.acme.example/api/password-reset.", here, out))
		return ""
	}
	if err := r.shared.prober.InScope(u.Hostname(), probe.Active); err != nil {
		r.diags.AddAttributeError(here, "Host out of scope", err.Error())
	}
	return out
}

// identity turns a named identity into headers, of its session if it signs in.
func (r *requestArguments) identity(name types.String, at path.Path) http.Header {
	header, diags := r.shared.identityHeaders(r.ctx, name, at)
	r.diags.Append(diags...)
	return header
}

func isCredentialHeader(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie", "x-api-key":
		return true
	}
	return false
}
