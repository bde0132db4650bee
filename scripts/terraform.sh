#!/usr/bin/env bash
# Prints the path of the program that runs configurations: the one named by
# TF_ACC_TERRAFORM_PATH, a terraform or tofu in PATH, or an OpenTofu built from
# source and kept between runs. With --tofu, always the last one.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "${1:-}" != --tofu ]]; then
  if [[ -n "${TF_ACC_TERRAFORM_PATH:-}" ]]; then
    echo "$TF_ACC_TERRAFORM_PATH"
    exit
  fi
  for program in terraform tofu; do
    if command -v "$program" >/dev/null; then
      command -v "$program"
      exit
    fi
  done
fi

key="$(git hash-object tools/tofu/go.sum | cut -c1-12)-$(go env GOVERSION)"
tofu="$PWD/.cache/tofu-$key/tofu"
if [[ ! -x "$tofu" ]]; then
  echo "Building OpenTofu from source, once (some minutes)." >&2
  mkdir -p "$(dirname "$tofu")"
  (cd tools/tofu && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$tofu" github.com/opentofu/opentofu/cmd/tofu) >&2
fi
echo "$tofu"
