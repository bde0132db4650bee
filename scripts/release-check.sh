#!/usr/bin/env bash
# release-check.sh: tries the release of the last commit, for this system alone:
# configuration, build, archive, list of contents, checksums and signature, with a key
# that lives as long as the trial. Nothing is published.
set -euo pipefail
cd "$(dirname "$0")/.."
name=terraform-provider-launchready
goreleaser="$(scripts/tool.sh goreleaser)"
PATH="$(dirname "$(scripts/tool.sh cyclonedx-gomod)"):$PATH"
"$goreleaser" check
"$(scripts/tool.sh actionlint)"

work="$(mktemp -d)"
export GNUPGHOME="$work/keys"
trap 'gpgconf --kill all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase "" --quick-generate-key "trial <trial@launchready.invalid>" rsa3072 sign 1d
GPG_FINGERPRINT="$(gpg --batch --list-keys --with-colons 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }')"
export GPG_FINGERPRINT

# A clone: what is not committed is not released.
git clone -q . "$work/source"
system="$(go env GOOS)" machine="$(go env GOARCH)"
sed -e "s/^    goos: .*/    goos: [$system]/" -e "s/^    goarch: .*/    goarch: [$machine]/" .goreleaser.yml >"$work/config.yml"
(cd "$work/source" && "$goreleaser" release --snapshot --clean --config "$work/config.yml" >"$work/log" 2>&1) || { cat "$work/log" >&2; exit 1; }

cd "$work/source/dist"
sums=("$name"_*_SHA256SUMS)
version="${sums[0]#"${name}_"}" version="${version%_SHA256SUMS}"
release="${name}_$version"
for part in "_manifest.json" "_${system}_$machine.zip" "_${system}_$machine.cdx.json"; do
  grep -q " $release$part\$" "${release}_SHA256SUMS" || { echo "$release$part is not in the checksums:" >&2; cat "${release}_SHA256SUMS" >&2; exit 1; }
done
cp ../terraform-registry-manifest.json "${release}_manifest.json" # published under this name
sha256sum --quiet --check "${release}_SHA256SUMS"
gpg --batch --quiet --verify "${release}_SHA256SUMS.sig" "${release}_SHA256SUMS" 2>/dev/null
grep -q '"pkg:golang/github.com/hashicorp/terraform-plugin-framework@' "${release}_${system}_$machine.cdx.json"
unzip -q "${release}_${system}_$machine.zip" -d "$work/unpacked"
test -x "$work/unpacked/${name}_v$version" -a -f "$work/unpacked/LICENSE"
# The archive holds what anybody else gets from this commit.
cd "$work/source" && scripts/reproducible.sh "$version" "$work/unpacked/${name}_v$version"
echo "a release of ${version%-snapshot} would hold:"
sed 's/^[0-9a-f]*  /  /' "dist/${release}_SHA256SUMS"
