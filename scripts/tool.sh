#!/usr/bin/env bash
# tool.sh NAME: builds a tool of tools/ once a version and prints its path.
set -euo pipefail
cd "$(dirname "$0")/.."

case "$1" in
  goreleaser) package=github.com/goreleaser/goreleaser/v2 ;;
  cyclonedx-gomod) package=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod ;;
  actionlint) package=github.com/rhysd/actionlint/cmd/actionlint ;;
  *) echo "there is no tool $1" >&2; exit 2 ;;
esac
# By version, so that a raised one is built, and under its own name, by which others
# call it.
binary="$PWD/.cache/$1-$(git hash-object "tools/$1/go.sum" | cut -c1-12)-$(go env GOVERSION)/$1"
if [[ ! -x "$binary" ]]; then
  echo "Building $1, once." >&2
  mkdir -p "$(dirname "$binary")"
  (cd "tools/$1" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$binary" "$package") >&2
fi
echo "$binary"
