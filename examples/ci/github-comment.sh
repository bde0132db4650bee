#!/bin/sh
# github-comment.sh REPORT: makes a pull request's comment of a Markdown report, or
# changes the one that an earlier run made. Reads GITHUB_REPOSITORY, PULL_REQUEST and
# GH_TOKEN; GITHUB_API_URL is set by the runner.
set -eu
report="$1"
api="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY"
mark="<!-- launchready -->"

body="$(mktemp)"
config="$(mktemp)"
trap 'rm -f "$body" "$config"' EXIT
# The token goes by a file: arguments of a process are for all to read.
printf 'header = "Authorization: Bearer %s"\n' "$GH_TOKEN" >"$config"

call() { # METHOD URL [FILE]
  curl --silent --show-error --fail --retry 3 --max-time 30 --config "$config" \
    --header "Accept: application/vnd.github+json" --request "$1" ${3:+--data-binary "@$3"} "$2"
}

# A comment holds 65,536 characters, the mark among them.
jq --null-input --arg mark "$mark" --rawfile report "$report" '{body: ($mark + "\n" + $report[0:65500])}' >"$body"

page=1
id=""
while [ -z "$id" ]; do
  comments="$(call GET "$api/issues/$PULL_REQUEST/comments?per_page=100&page=$page")"
  id="$(printf '%s' "$comments" | jq -r --arg mark "$mark" '[.[] | select(.user.type == "Bot" and ((.body // "") | startswith($mark)))][0].id // empty')"
  [ "$(printf '%s' "$comments" | jq length)" -eq 100 ] && [ "$page" -lt 20 ] || break
  page=$((page + 1))
done

if [ -n "$id" ]; then
  call PATCH "$api/issues/comments/$id" "$body" >/dev/null
  echo "comment $id is written anew"
else
  call POST "$api/issues/$PULL_REQUEST/comments" "$body" >/dev/null
  echo "a comment is made"
fi
