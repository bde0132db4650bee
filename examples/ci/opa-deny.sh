#!/bin/sh
# opa-deny.sh POLICIES PLAN: ends with 1 and prints why if the policies deny a plan.
# POLICIES is a copy of examples/policies; PLAN is what terraform show -json wrote.
set -eu
policies="$1"
plan="$2"

out="$(opa eval --format json --data "$policies" --input "$plan" data.launchready.deny)"
# No answer is no leave: a query that is undefined has no result.
if ! printf '%s' "$out" | jq -e '.result[0].expressions[0].value | type == "array"' >/dev/null; then
  echo "the policies gave no answer for $plan" >&2
  exit 1
fi
denied="$(printf '%s' "$out" | jq -r '.result[0].expressions[0].value[]')"
if [ -n "$denied" ]; then
  echo "Denied by the policies:"
  printf '%s\n' "$denied" | sed 's/^/  - /'
  exit 1
fi
echo "The policies deny nothing."
