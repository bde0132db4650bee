package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func newZoneTLSResource() resource.Resource {
	return &settingsResource{kind: settingsKind{
		name: "tls", settings: zoneTLSSettings(), validate: validateZoneTLS,
		doc: "TLS settings of a zone. Only what is set is owned: an argument that is left out is neither read nor written. " +
			"Destroying the resource, or taking an argument out, restores the value that was there before.\n\n" +
			"Where `mode` is set, Cloudflare's automatic choice of it (`ssl_automatic_mode`) is turned off. Import by zone name.",
	}}
}

// validateZoneTLS refuses preloading that browsers would not accept.
func validateZoneTLS(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	var hsts types.Object
	diags.Append(config.GetAttribute(ctx, path.Root("hsts"), &hsts)...)
	if hsts.IsNull() || hsts.IsUnknown() {
		return
	}
	preload, _ := hsts.Attributes()["preload"].(types.Bool)
	age, _ := hsts.Attributes()["max_age"].(types.Int64)
	subdomains, _ := hsts.Attributes()["include_subdomains"].(types.Bool)
	if !preload.ValueBool() || age.IsUnknown() || subdomains.IsUnknown() {
		return
	}
	if short := !age.IsNull() && age.ValueInt64() < 31536000; short || !subdomains.ValueBool() {
		diags.AddAttributeError(path.Root("hsts").AtName("preload"), "Preloading needs more",
			"hsts.preload is true, but browsers build a domain in only with include_subdomains = true and max_age of at least 31536000 (hstspreload.org).")
	}
}
