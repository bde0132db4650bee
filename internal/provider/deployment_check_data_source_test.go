package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func deploymentConfig(arguments ...string) string {
	return "data \"launchready_deployment_check\" \"this\" {\n" + strings.Join(arguments, "\n") + "\n}\n"
}

// A plan refuses a release that was not meant.
func TestDeploymentCheckInThePlan(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	acceptance(t, resource.TestStep{Config: s.audit(s.people(), deploymentConfig(`expected_version = "v1.5.0"`)), PlanOnly: true,
		ExpectError: regexp.MustCompile(`deploy\.version_expected[\s\S]*production\s+runs\s+1\.4\.2`)})
}
