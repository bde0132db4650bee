#!/usr/bin/env bash
# Writes docs/ from the provider's schema, templates/, examples/ and the rules.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
terraform="$(scripts/terraform.sh)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

make --no-print-directory build >&2
mkdir -p .cache
(cd tools/docs && go build -o "$root/.cache/tfplugindocs" github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs)

cat >"$work/cli.tfrc" <<EOF
provider_installation {
  dev_overrides {
    "registry.terraform.io/launchready/launchready" = "$root/bin"
  }
  direct {}
}
EOF
cat >"$work/main.tf" <<'EOF'
terraform {
  required_providers {
    launchready = { source = "registry.terraform.io/launchready/launchready" }
  }
}
EOF
# The generator wants the provider under its short name.
(cd "$work" && TF_CLI_CONFIG_FILE="$work/cli.tfrc" "$terraform" providers schema -json 2>/dev/null) |
  sed 's#"registry.terraform.io/launchready/launchready"#"launchready"#' >"$work/schema.json"
.cache/tfplugindocs generate --provider-name launchready --rendered-provider-name launchready --providers-schema "$work/schema.json"
go run ./internal/docgen -out docs
(cd tools/moduledocs && go build -o "$root/.cache/moduledocs" .)
.cache/moduledocs modules/*/
