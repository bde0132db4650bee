package provider

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// block is a provider block at a moment, with the user's cache folder of the test.
func block(at time.Time, portal string, hosts ...string) *shared {
	s := &shared{now: func() time.Time { return at }}
	s.settings.probe.AllowedHosts = hosts
	if portal != "" {
		s.settings.portal = types.ObjectValueMust(map[string]attr.Type{"base_url": types.StringType}, map[string]attr.Value{"base_url": types.StringValue(portal)})
	}
	return s
}

// A change ends outcomes of every provider block that is about the same client, in
// other states and under an alias too, and of no other client's.
func TestChangesOfOtherProviderBlocks(t *testing.T) {
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		changer *shared
		ends    bool
	}{
		"the same":                         {block(noon, "https://portal.acme.example", "*.acme.example"), true},
		"without the portal":               {block(noon, "", "acme.example"), true},
		"of another host":                  {block(noon, "", "www.ACME.example."), true},
		"with the portal alone":            {block(noon, "https://portal.acme.example/app/"), true},
		"that does not say what it is for": {block(noon, ""), true},
		"of another client":                {block(noon, "https://portal.other.example", "*.other.example"), false},
		"of a client with a similar name":  {block(noon, "", "notacme.example"), false},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", cache)
			t.Setenv("HOME", cache)
			reader := block(noon.Add(time.Hour), "https://portal.acme.example", "portal.acme.example")
			if last := reader.lastChange(); !last.IsZero() {
				t.Fatalf("a change at %s, of nobody", last)
			}
			test.changer.changed()
			if last := reader.lastChange(); last.Equal(noon) != test.ends {
				t.Errorf("last change at %s, ends outcomes: want %v", last, test.ends)
			}
		})
	}
}

// A note that cannot be read counts as of everything.
func TestDamagedChange(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	s := block(time.Now(), "", "acme.example")
	s.changed()
	files, err := filepath.Glob(filepath.Join(outcomesRoot(), "changes", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q %v, want one file", files, err)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if last := block(time.Now(), "", "other.example").lastChange(); last.IsZero() {
		t.Error("a damaged note was passed over")
	}
}
