#!/usr/bin/env bash
# release-notes.sh VERSION: the section of CHANGELOG.md about a version, such as
# 0.2.0. Without one there is no release.
set -euo pipefail
cd "$(dirname "$0")/.."
notes="$(awk -v title="## ${1#v}" '
  /^## / { inside = ($0 == title || index($0, title " ") == 1); next }
  inside
' CHANGELOG.md)"
[[ -n "${notes//[[:space:]]/}" ]] || { echo "CHANGELOG.md says nothing of ${1#v}: rename \"Unreleased\" first" >&2; exit 1; }
echo "$notes"
