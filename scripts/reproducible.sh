#!/usr/bin/env bash
# reproducible.sh [VERSION]: builds the provider twice from two clones of the last
# commit, the second time with nothing in the build cache, and compares the bytes.
# With a second argument, the file that the builds must be equal to, such as one that
# was downloaded; GOOS and GOARCH say which.
set -euo pipefail
cd "$(dirname "$0")/.."
version="${1:-0.1.0}"
work="$(mktemp -d)"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

one() { # name, cache
  git clone -q --no-hardlinks . "$work/$1/source"
  (cd "$work/$1/source" && GOCACHE="$2" CGO_ENABLED=0 GOFLAGS= go build -trimpath -ldflags "-s -w -X main.version=$version" -o "$work/$1/provider" .)
}
one first "$(go env GOCACHE)"
one a/longer/way/to/the/second "$work/cache"
if [[ -n "${2:-}" ]]; then
  cp "$2" "$work/third"
  cmp "$work/first/provider" "$work/third" || { echo "the file is not what this commit gives" >&2; exit 1; }
fi
cmp "$work/first/provider" "$work/a/longer/way/to/the/second/provider" || { echo "two builds of one commit differ" >&2; exit 1; }
echo "reproducible: sha256 $(sha256sum <"$work/first/provider" | cut -d' ' -f1)"
