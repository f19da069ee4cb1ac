#!/usr/bin/env bash
# The newcomer's command, as a newcomer runs it: it succeeds, it succeeds again beside servers that were left running,
# those stop when asked, and a port that is taken ends it with a non-zero code and one clear line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
output=$(mktemp)
trap 'scripts/quickstart.sh --stop >/dev/null 2>&1 || true; rm -f "$output"' EXIT
ports=(--broker-port 18491 --cloud-port 18492)

expect() { # expect WORDS : in the output of the run before
  grep -qF -- "$1" "$output" || { cat "$output"; echo "quickstart: did not say: $1" >&2; exit 1; }
}

scripts/quickstart.sh "${ports[@]}" --detach >"$output" 2>&1 || { cat "$output"; exit 1; }
expect "AccessDenied"
expect "Verified OK"
curl -fsS -m 5 http://127.0.0.1:18491/readyz >/dev/null
scripts/quickstart.sh --stop >/dev/null
! curl -fsS -m 5 http://127.0.0.1:18491/healthz >/dev/null 2>&1 || { echo "quickstart: --stop left the broker running" >&2; exit 1; }

python3 -m http.server --bind 127.0.0.1 18491 >/dev/null 2>&1 &
squatter=$!
sleep 1
if scripts/quickstart.sh "${ports[@]}" >"$output" 2>&1; then kill "$squatter"; cat "$output"; echo "quickstart: succeeded on a taken port" >&2; exit 1; fi
kill "$squatter"
expect "18491"

scripts/quickstart.sh "${ports[@]}" >"$output" 2>&1 || { cat "$output"; echo "quickstart: the second run failed" >&2; exit 1; }
echo "quickstart: two runs, one stop, one taken port"
