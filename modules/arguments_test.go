package modules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
)

// What a check can be told, whoever uses the modules can tell it: else a sound portal
// that needs it would be blocked, and all that were left is a waiver.
func TestArgumentsOfChecksAreReached(t *testing.T) {
	verify, launch := source(t, "verify", "main.tf"), source(t, "launch", "main.tf")
	left := map[string]string{
		"email_auth return_path": "return_paths takes it",
		"rate_limit whoami":      "the control of an endpoint names its path",
		"rate_limit enabled":     "no endpoint, no check",
		"mail_delivery enabled":  "no delivery, no check",
	}
	frame := map[string]bool{"enforcement": true, "fail_on": true, "waivers": true, "wait_for": true}
	seen := 0
	for _, info := range provider.Checks() {
		block := blockOf(verify, `data "launchready_`+info.Name+`_check" "this"`)
		if block == "" {
			t.Errorf("modules/verify has no %s check", info.Name)
			continue
		}
		for name := range arguments(t, info.Name) {
			if !frame[name] && left[info.Name+" "+name] == "" && !sets(block, name) {
				t.Errorf("modules/verify does not pass %s to launchready_%s_check", name, info.Name)
			}
			seen++
		}
	}
	if seen < 80 {
		t.Errorf("only %d arguments seen", seen)
	}
	passed := blockOf(launch, `module "verify"`)
	variables := regexp.MustCompile(`(?m)^variable "(\w+)"`).FindAllStringSubmatch(source(t, "verify", "variables.tf"), -1)
	if len(variables) < 30 {
		t.Errorf("only %d variables seen", len(variables))
	}
	for _, v := range variables {
		if !sets(passed, v[1]) {
			t.Errorf("modules/launch does not pass %s to modules/verify", v[1])
		}
	}
}

func source(t *testing.T, module, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(module, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blockOf is the body of a block of formatted configuration.
func blockOf(text, head string) string {
	_, rest, _ := strings.Cut(text, "\n"+head+" {\n")
	body, _, _ := strings.Cut(rest, "\n}\n")
	return body
}

func sets(block, name string) bool {
	return regexp.MustCompile(`(?m)^  ` + name + `\s+=`).MatchString(block)
}

// arguments are those of a check's data source that may be set.
func arguments(t *testing.T, check string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, make := range provider.New("test")().DataSources(t.Context()) {
		s := make()
		var named datasource.MetadataResponse
		s.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "launchready"}, &named)
		if named.TypeName != "launchready_"+check+"_check" {
			continue
		}
		var described datasource.SchemaResponse
		s.Schema(t.Context(), datasource.SchemaRequest{}, &described)
		for name, a := range described.Schema.Attributes {
			if a.IsOptional() || a.IsRequired() {
				out[name] = true
			}
		}
	}
	return out
}
