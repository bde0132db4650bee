package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
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

type onceModel struct{ onceFrame }

// An earlier outcome counts while nothing has changed that could make another of it.
func TestRecall(t *testing.T) {
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	made := outcome{At: noon.Add(10 * time.Second), Began: noon, Result: readiness.Result{Check: "once"}}
	waiver := func(expires string) []readiness.Waiver {
		date, err := readiness.ParseDate(expires)
		if err != nil {
			t.Fatal(err)
		}
		return []readiness.Waiver{{Rule: "once.rule", Subject: "*", Expires: date}}
	}
	for name, test := range map[string]struct {
		after   time.Duration // since the outcome was made
		release string        // that it is of
		change  time.Time     // of a resource
		waivers []readiness.Waiver
		off     bool
		why     string // part of what observed says
		counts  bool
	}{
		"a minute later":            {after: time.Minute, counts: true, why: "no release of the portal ends this outcome: the provider block has no portal.base_url"},
		"just within valid_for":     {after: time.Hour - time.Second, counts: true, why: "no release"},
		"at its end":                {after: time.Hour, why: "not made within valid_for"},
		"made in the future":        {after: -time.Minute, why: "not made within valid_for"},
		"of another release":        {after: time.Minute, release: "1.4.1", why: "told release 1.4.1 then, and tells no release now"},
		"a change since":            {after: 10 * time.Minute, change: noon.Add(5 * time.Minute), why: "a resource has changed something"},
		"a change meanwhile":        {after: 10 * time.Minute, change: noon.Add(5 * time.Second), why: "a resource has changed something"},
		"a change just before":      {after: 10 * time.Minute, change: noon.Add(-50 * time.Second), why: "a resource has changed something"},
		"a change well before":      {after: 10 * time.Minute, change: noon.Add(-time.Minute), counts: true, why: "no release"},
		"a waiver that lasts":       {after: time.Minute, waivers: waiver("2026-11-30"), counts: true, why: "no release"},
		"a waiver that was over":    {after: time.Minute, waivers: waiver("2026-11-29"), counts: true, why: "no release"},
		"a waiver that has expired": {after: 13 * time.Hour, waivers: waiver("2026-11-30"), why: "a waiver has expired since"},
		"a check that is off":       {after: time.Minute, off: true},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", cache)
			t.Setenv("HOME", cache)
			d := checkSource[onceModel, *onceModel, struct{}]{shared: block(made.At.Add(test.after), "", "acme.example")}
			d.definition.Name = "once"
			model := &onceModel{}
			model.ValidFor = types.StringValue("1h")
			if test.waivers != nil {
				model.ValidFor = types.StringValue("24h")
			}
			if test.off {
				model.Enabled = types.BoolValue(false)
			}
			kept := made
			kept.Release = test.release
			d.shared.keep(d.shared.outcomeFile(d.definition.Info, "declared"), kept)
			if !test.change.IsZero() {
				block(test.change, "", "acme.example").changed()
			}
			got := d.recall(t.Context(), model, "declared", test.waivers)
			if (got.outcome != nil) != test.counts || !strings.Contains(got.why, test.why) || test.why == "" && got.why != "" {
				t.Errorf("counts %v, %q; want %v, %q", got.outcome != nil, got.why, test.counts, test.why)
			}
			if other := d.recall(t.Context(), model, "another declaration", test.waivers); other.outcome != nil {
				t.Error("an outcome counts for another declaration")
			}
			if _, kept := earlier(got.file); test.release != "" && kept {
				t.Error("an outcome was kept for when its release comes back")
			}
		})
	}
}
