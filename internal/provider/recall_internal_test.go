package provider

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check"
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

// An outcome is of the accounts that the check had, and of the services that it read.
func TestOutcomeFileOfOtherAccounts(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	file := func(id identity, access monitorAccess) string {
		s := block(time.Now(), "", "acme.example")
		s.settings.identities = map[string]identity{"admin": id}
		s.settings.monitors = map[string]monitorAccess{"betterstack": access}
		return s.outcomeFile(check.Info{Name: "authentication"}, "declared")
	}
	plain := file(identity{Username: "a", Password: "one"}, monitorAccess{})
	for name, test := range map[string]struct {
		file  string
		other bool
	}{
		"another password":      {file(identity{Username: "a", Password: "two"}, monitorAccess{}), false},
		"with a second factor":  {file(identity{Username: "a", Password: "one", TOTPSecret: "JBSWY3DP"}, monitorAccess{}), true},
		"by a token":            {file(identity{Username: "a", BearerToken: "one"}, monitorAccess{}), true},
		"with a header":         {file(identity{Username: "a", Password: "one", Headers: map[string]string{"X-Wall": "secret"}}, monitorAccess{}), true},
		"monitors of a service": {file(identity{Username: "a", Password: "one"}, monitorAccess{token: "t"}), true},
		"at another address":    {file(identity{Username: "a", Password: "one"}, monitorAccess{baseURL: "https://monitors.example"}), true},
	} {
		if (test.file != plain) != test.other {
			t.Errorf("%s: an outcome of its own %v, want %v", name, !test.other, test.other)
		}
	}
}
