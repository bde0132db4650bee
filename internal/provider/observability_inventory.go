package provider

import (
	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
)

// inventory is what services that watch have been told to do; nil where none is
// configured.
func (s *shared) inventory() obscheck.Inventory { return nil }
