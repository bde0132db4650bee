#!/usr/bin/env bash
# fleet.sh COMMAND...: runs a command of terraform for each client of clients.csv,
# several at once, each with a state of its own, and tells at the end who failed.
#   ./fleet.sh plan -lock-timeout=5m
#   CLIENTS="acme.example guild.example" ./fleet.sh apply -auto-approve
# TERRAFORM (terraform) is the program, PARALLEL (10) how many run at once: no more
# than the API's limit lets through, see "Limits" in the README.
set -euo pipefail
cd "$(dirname "$0")"
terraform="${TERRAFORM:-terraform}"
[[ $# -gt 0 ]] || { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }

# The column is found by its name; whether the file is right terraform says.
domains() {
  awk -F, '{ sub(/\r$/, ""); gsub(/^ +| +$/, "", $0) } NR == 1 { sub(/^\xef\xbb\xbf/, ""); gsub(/"/, ""); for (i = 1; i <= NF; i++) if ($i == "domain") at = i; next } at && $at != "" { print tolower($at) }' clients.csv | sort -u
}
clients="${CLIENTS:-$(domains)}"
[[ -n "$clients" ]] || { echo "clients.csv has no column domain, or no client: its first line names the columns, with commas between" >&2; exit 1; }

mkdir -p logs reports
env -u TF_WORKSPACE "$terraform" init -input=false >logs/init.log || { cat logs/init.log >&2; exit 1; }

run() {
  client="$1" terraform="$2" log="logs/${1//\//_}.log"
  shift 2
  if TF_WORKSPACE="$client" "$terraform" "$@" -input=false -no-color >"$log" 2>&1; then
    echo "ok      $client"
  else
    # What is wrong with the client file says more than the error that it is told in.
    why="$(sed -n '/^clients\.csv /,/^$/p' "$log" | paste -sd ' ' -)"
    [[ -n "$why" ]] || why="$(grep -m1 -o 'Error: .*' "$log" || echo "see $log")"
    echo "FAILED  $client: $why"
    exit 1 # xargs goes on with the others
  fi
}
export -f run
# shellcheck disable=SC2086 # one word a client
printf '%s\n' $clients | xargs -P "${PARALLEL:-10}" -I{} bash -c 'run "$@"' run {} "$terraform" "$@"
