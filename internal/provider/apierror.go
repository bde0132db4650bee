package provider

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// addAPIError reports what Cloudflare said, with the likely cause and the next step.
func addAPIError(diags *diag.Diagnostics, at path.Path, doing string, err error) {
	detail := err.Error()
	var apiError *cloudflare.Error
	if errors.As(err, &apiError) {
		if advice := apiError.Advice(); advice != "" {
			detail += "\n\n" + advice
		}
		if apiError.Status == http.StatusUnauthorized || apiError.Status == http.StatusForbidden || apiError.Code == 6003 {
			detail += "\n\nThe token is cloudflare.api_token of provider \"launchready\", or the environment variable CLOUDFLARE_API_TOKEN."
		}
	}
	summary := fmt.Sprintf("Could not %s", doing)
	if len(at.Steps()) == 0 {
		diags.AddError(summary, detail)
		return
	}
	diags.AddAttributeError(at, summary, detail)
}

// asNotFound reports whether an error says that the object is gone.
func asNotFound(err error, e **cloudflare.Error) bool {
	return errors.As(err, e) && (*e).NotFound()
}
