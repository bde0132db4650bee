#!/usr/bin/env bash
# test-program.sh PROGRAM [SKIP]: the tests of what meets a terraform or tofu, but those
# that judge the checks and not the program, and those whose names match SKIP.
set -euo pipefail
cd "$(dirname "$0")/.."
exec scripts/with-terraform.sh "$1" go test -count=1 -timeout 60m \
  -skip '^(TestVerdicts|TestHealthyPlans|Test.*OfPocketBase|Test.*IsSilent|TestDeploymentTimes|TestSecretsTenTimes|TestPlanCalls|TestApplyCalls|TestExamplesOfTheApplication)$|^TestLaunchOnEachPlan$/^(pro|business|enterprise)$'"${2:+|$2}" ./internal/provider ./modules
