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

# The column is found by its name, where a field before it may hold commas in quotation
# marks; whether the file is right terraform says.
domains() {
  awk '{
    sub(/\r$/, "")
    if (NR == 1) sub(/^\xef\xbb\xbf/, "")
    n = 0; field = ""; quoted = 0
    for (i = 1; i <= length($0) + 1; i++) {
      c = substr($0, i, 1)
      if (c == "\"") quoted = !quoted
      else if (c == "" || c == "," && !quoted) { gsub(/^ +| +$/, "", field); fields[++n] = field; field = "" }
      else field = field c
    }
    if (NR == 1) { for (i = 1; i <= n; i++) if (fields[i] == "domain") at = i; next }
    if (at && at <= n) { domain = tolower(fields[at]); sub(/\.$/, "", domain); if (domain != "") print domain }
  }' clients.csv | sort -u
}
clients="${CLIENTS:-$(domains)}"
[[ -n "$clients" ]] || { echo "clients.csv has no column domain, or no client: its first line names the columns, with commas between" >&2; exit 1; }
# A workspace cannot have such a name, and so terraform would not come to read the file.
for client in $clients; do
  [[ "$client" =~ ^[a-z0-9.-]+$ ]] || { echo "clients.csv: \"$client\" is no domain; write a name such as acme.example, without scheme or path, and one of other letters as xn--" >&2; exit 1; }
done

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
