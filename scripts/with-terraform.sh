#!/usr/bin/env bash
# with-terraform.sh PROGRAM COMMAND...: runs a command with the environment by
# which acceptance tests find the program.
set -euo pipefail
export TF_ACC_TERRAFORM_PATH="$1"
shift
# What a person has configured for their own work is not for tests.
unset TF_CLI_CONFIG_FILE TF_LOG TF_CLI_ARGS CLOUDFLARE_API_TOKEN CLOUDFLARE_BASE_URL
while read -r name; do
  [[ "$name" == LAUNCHREADY_REQUIRE_PEERS ]] || unset "$name" # .ci/run sets it for the tests
done < <(compgen -e LAUNCHREADY_ || true)
export CHECKPOINT_DISABLE=1
# OpenTofu resolves the test framework's provider addresses otherwise than Terraform.
# The answer is read whole: in a pipe that ends early the program fails now and then.
if [[ "$("$TF_ACC_TERRAFORM_PATH" version)" == OpenTofu* ]]; then
  export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=hashicorp
fi
exec "$@"
