package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// onPortal is the address of a path on portal.base_url of the provider block.
// at is the argument that holds the path.
func (s *shared) onPortal(onPortal string, at path.Path) (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if arg := s.waitsFor("portal"); arg != "" {
		diags.AddAttributeError(at, "The portal is not known yet", fmt.Sprintf("The argument %s of provider \"launchready\" depends on a value that is known only after apply.", arg))
		return "", diags
	}
	base, _ := s.settings.portal.Attributes()["base_url"].(types.String)
	switch {
	case base.IsUnknown() || s.settings.portal.IsUnknown():
		diags.AddAttributeError(at, "The portal is not known yet", "portal.base_url of provider \"launchready\" depends on a value that is known only after apply: give this data source depends_on what makes it, so that it is read after that.")
	case base.ValueString() == "":
		diags.AddAttributeError(at, "No portal", fmt.Sprintf("%s needs portal.base_url in provider \"launchready\"; or write the whole address in url.", at))
	}
	return strings.TrimSuffix(base.ValueString(), "/") + onPortal, diags
}
