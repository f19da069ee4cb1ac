#!/usr/bin/env bash
# The newcomer's command, as a newcomer runs it: it succeeds; it succeeds beside servers that were left running, of
# other programs and its own; another port has another ledger; those stop when asked; a port that was asked for and is
# taken ends it with a non-zero code and one clear line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

output=$(mktemp)
broker_port=$(free_port) other_port=$(free_port)
squatter=''
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() {
  local port
  [[ -z $squatter ]] || kill "$squatter" 2>/dev/null || true
  for port in "$broker_port" "$other_port"; do
    scripts/quickstart.sh --stop --broker-port "$port" >/dev/null 2>&1 || true
    rm -rf "artifacts/quickstart/agentkeys/dev/port-$port"
  done
  rm -rf "$output" "$output.d"
}
trap finish EXIT

fail() { cat "$output"; echo "quickstart: $1" >&2; exit 1; }
expect() { grep -qF -- "$1" "$output" || fail "did not say: $1"; } # expect WORDS : in the output of the run before
healthy() { curl -fsS -m 5 "http://127.0.0.1:$1/readyz" >/dev/null 2>&1; }
ledger_origin() { curl -fsS -m 5 "http://127.0.0.1:$1/ledger/checkpoint" | head -n 1; }

scripts/quickstart.sh --broker-port "$broker_port" --detach >"$output" 2>&1 || fail "the first run failed"
expect "AccessDenied"
expect "Verified OK"
healthy "$broker_port" || fail "--detach left no broker running"

# Another port beside it: its local cloud finds a port of its own, and its ledger is another.
scripts/quickstart.sh --broker-port "$other_port" --detach >"$output" 2>&1 || fail "a run beside another failed"
healthy "$broker_port" || fail "a run on another port stopped the first"
[[ $(ledger_origin "$broker_port") != "$(ledger_origin "$other_port")" ]] || fail "two ports share a ledger"
scripts/quickstart.sh --stop --broker-port "$other_port" >/dev/null
healthy "$other_port" && fail "--stop left the broker running"
healthy "$broker_port" || fail "--stop of one port stopped the other"
scripts/quickstart.sh --stop --broker-port "$broker_port" >/dev/null

# A program that answers as ours do is still not ours.
mkdir "$output.d"
printf ok >"$output.d/healthz"
python3 -m http.server --bind 127.0.0.1 --directory "$output.d" "$broker_port" >/dev/null 2>&1 &
squatter=$!
for _ in $(seq 100); do owns_port "$squatter" "$broker_port" && break; sleep 0.1; done
if scripts/quickstart.sh --broker-port "$broker_port" >"$output" 2>&1; then fail "succeeded on a taken port"; fi
expect "port $broker_port is taken by another program"
kill "$squatter"
wait "$squatter" 2>/dev/null || true
squatter=''

scripts/quickstart.sh --broker-port "$broker_port" >"$output" 2>&1 || fail "the second run on its ledger failed"
expect "(of an earlier run)"
echo "quickstart: two ledgers side by side, a second run, two stops, one taken port"
