#!/bin/sh
# gitlab-comment.sh REPORT: makes a merge request's note of a Markdown report, or
# changes the one that an earlier run made. Reads GITLAB_COMMENT_TOKEN, and
# CI_API_V4_URL, CI_PROJECT_ID and CI_MERGE_REQUEST_IID, which the runner sets.
set -eu
report="$1"
api="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"
mark="<!-- launchready -->"

body="$(mktemp)"
config="$(mktemp)"
trap 'rm -f "$body" "$config"' EXIT
# The token goes by a file: arguments of a process are for all to read.
printf 'header = "PRIVATE-TOKEN: %s"\n' "$GITLAB_COMMENT_TOKEN" >"$config"

call() { # METHOD URL [FILE]
  curl --silent --show-error --fail --retry 3 --max-time 30 --config "$config" \
    --header "Content-Type: application/json" --request "$1" ${3:+--data-binary "@$3"} "$2"
}

jq --null-input --arg mark "$mark" --rawfile report "$report" '{body: ($mark + "\n" + $report)}' >"$body"

page=1
id=""
while [ -z "$id" ]; do
  notes="$(call GET "$api?per_page=100&page=$page")"
  id="$(printf '%s' "$notes" | jq -r --arg mark "$mark" '[.[] | select((.body // "") | startswith($mark))][0].id // empty')"
  [ "$(printf '%s' "$notes" | jq length)" -eq 100 ] && [ "$page" -lt 20 ] || break
  page=$((page + 1))
done

if [ -n "$id" ]; then
  call PUT "$api/$id" "$body" >/dev/null
  echo "note $id is written anew"
else
  call POST "$api" "$body" >/dev/null
  echo "a note is made"
fi
