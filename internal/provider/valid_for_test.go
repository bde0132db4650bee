package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// What acts on its target takes valid_for and is not repeated until it passes; any
// other check is the other way round.
func TestChecksThatActTakeValidFor(t *testing.T) {
	once := map[string]bool{}
	for _, info := range provider.Checks() {
		once["launchready_"+info.Name+"_check"] = info.Once
	}
	seen := 0
	for _, make := range provider.New("test")().DataSources(t.Context()) {
		source := make()
		var named datasource.MetadataResponse
		source.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "launchready"}, &named)
		acts, isCheck := once[named.TypeName]
		if !isCheck {
			continue
		}
		seen++
		var described datasource.SchemaResponse
		source.Schema(t.Context(), datasource.SchemaRequest{}, &described)
		_, remembers := described.Schema.Attributes["valid_for"]
		_, waits := described.Schema.Attributes["wait_for"]
		if remembers != acts || waits == acts {
			t.Errorf("%s: acts %v, valid_for %v, wait_for %v", named.TypeName, acts, remembers, waits)
		}
	}
	if seen != len(once) {
		t.Errorf("%d of %d checks seen", seen, len(once))
	}
}

// While a good outcome counts no mail is sent; a bad one never counts.
func TestDeliveryCheckRemembers(t *testing.T) {
	requireTerraform(t)
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	cli := workspace(t, s, "")
	home := t.TempDir() // of the provider alone: the tests are built with this machine's caches
	cli.Env = append(cli.Env, "HOME="+home, "XDG_CACHE_HOME="+home)
	for _, step := range []struct {
		name, validFor, fault string
		sends                 bool
	}{
		{"the first plan sends", "1h", "", true},
		{"the second reads the outcome", "1h", "", false},
		{"a fault meanwhile is not seen", "1h", "mail_unsigned", false},
		{"another declaration sends", "2h", "mail_unsigned", true},
		{"a bad outcome does not count", "2h", "mail_unsigned", true},
		{"without valid_for each plan sends", "0s", "", true},
	} {
		failIf(t, s.SetFaults(strings.Fields(step.fault)...))
		before := len(s.Inbox().Messages())
		rewrite(t, cli.Dir, s.audit(s.mailArguments(), deliveryCheck(`within = "30s"`, `enforcement = "report"`, fmt.Sprintf("valid_for = %q", step.validFor))))
		cli.Must(t, "plan", "-input=false")
		if sent := len(s.Inbox().Messages()) > before; sent != step.sends {
			t.Errorf("%s: sent %v", step.name, sent)
		}
	}
}

// What a resource changes ends outcomes from before, and those of the moment after: they
// say nothing of what is there once the change has spread.
func TestChangesEndOutcomes(t *testing.T) {
	requireTerraform(t)
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	cli := workspace(t, s, "")
	home := t.TempDir()
	cli.Env = append(cli.Env, "HOME="+home, "XDG_CACHE_HOME="+home)
	check := deliveryCheck(`within = "30s"`, `enforcement = "report"`, `valid_for = "1h"`)
	record := func(content string) string {
		return fmt.Sprintf("resource \"launchready_dns_record\" \"this\" {\n  zone    = %q\n  name    = \"note\"\n  type    = \"TXT\"\n  content = %q\n}\n", s.Domain(), content)
	}
	for _, step := range []struct {
		name, content, command string
		spread                 bool // what was changed before was a while ago
		sends                  bool
	}{
		{"the first plan sends", "one", "plan", false, true},
		{"what is only planned changes nothing", "one", "plan", false, false},
		{"an apply reads the outcome in its plan", "one", "apply -auto-approve", false, false},
		{"after it the plan sends", "one", "plan", false, true},
		{"the outcome was too early", "one", "plan", false, true},
		{"once the change has spread an outcome counts", "one", "plan", true, false},
		{"an apply without a change changes nothing", "one", "apply -auto-approve", false, false},
		{"another content", "two", "apply -auto-approve", false, false},
		{"is another change", "two", "plan", false, true},
	} {
		if step.spread {
			backdate(t, filepath.Join(home, "launchready", "outcomes", "changes"))
		}

		before := len(s.Inbox().Messages())
		rewrite(t, cli.Dir, s.audit(s.mailArguments(), check+record(step.content)))
		cli.Must(t, append(strings.Fields(step.command), "-input=false")...)
		if sent := len(s.Inbox().Messages()) > before; sent != step.sends {
			t.Errorf("%s: sent %v", step.name, sent)
		}
	}
}

// backdate moves changes that were noted into the past.
func backdate(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	failIf(t, err)
	if len(files) == 0 {
		t.Fatal("no change was noted")
	}
	for _, file := range files {
		var noted map[string]any
		text, err := os.ReadFile(file)
		failIf(t, err)
		failIf(t, json.Unmarshal(text, &noted))
		noted["at"] = time.Now().Add(-2 * time.Minute).UTC()
		text, err = json.Marshal(noted)
		failIf(t, err)
		failIf(t, os.WriteFile(file, text, 0o600))
	}
}
