#!/usr/bin/env bash
# Measures Broker against a floor and a peer, in one run, alternating, on the same cores:
#   (a) the least that Kestrel needs to hand out an ES256 token (tests/Broker.Floor)
#   (b) POST /v1/mint-oidc-jwt with a session, a record that is on disk (synchronous=FULL) and a receipt
#   (c) the same without the receipt
#   (d) node oidc-provider issuing ES256 JWT access tokens by client credentials; it records nothing
#   (e) the same with a row on disk (synchronous=FULL) before each token: the one peer here that keeps Broker's promise
#   (g) as (b), by a thousand actors in turn instead of one
# then GetAppKey of the KMS over warm connections, what the ledger's writer takes by itself, and what an append costs as
# the ledger grows. Prints the tables, writes
# artifacts/bench.json.
#
#   scripts/bench.sh [--seconds N] [--rounds N] [--actors N] [--connections "1 32 128"] [--entries 1000000|10000000] [--no-growth]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

seconds=4 rounds=3 actors=1000 connections="1 32 128" entries=1000000 growth=yes
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --actors) actors=$2; shift 2 ;;
    --connections) connections=$2; shift 2 ;;
    --entries) entries=$2; shift 2 ;;
    --no-growth) growth=no; shift ;;
    --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "bench: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
done

say() { echo "--- $*" >&2; }

scripts/install-requirements.sh --bench
node_folder=$(scripts/install-node.sh --at-least 24) # the recording peer needs Node's own SQLite
export PATH=$node_folder:$PATH
say "building"
out=artifacts/bench
mkdir -p "$out"
peer=tests/interop/oidc-provider
[[ $peer/node_modules/.package-lock.json -nt $peer/package-lock.json ]] ||
  (cd $peer && npm ci --ignore-scripts --no-progress)
for project in src/Broker tests/Broker.Floor tests/Broker.Benchmarks; do
  dotnet build "$project" -c Release --nologo -v q
done

# Every process that is started here, and the data of the broker, goes when the script ends.
work=$(mktemp -d "$PWD/$out/run.XXXXXX")
started=()
finish() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

await() { # await URL: until something answers there
  for _ in $(seq 600); do
    curl -s -o /dev/null -m 2 "$1" && return
    sleep 0.05
  done
  echo "bench: nothing answers at $1" >&2; cat "$work"/*.log >&2; exit 1
}

start_broker() {
  BROKER_DEV_MODE=true BROKER_DATA_DIR=$work/data BROKER_PORT=$broker_port BROKER_LOG_LEVEL=warn \
    dotnet src/Broker/bin/Release/net10.0/Broker.dll >>"$work/broker.log" 2>&1 &
  broker_pid=$!; started+=("$broker_pid")
  await "http://127.0.0.1:$broker_port/healthz"
}

resident_mib() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }

floor_port=$(free_port) broker_port=$(free_port) peer_port=$(free_port) recorder_port=$(free_port)
dotnet tests/Broker.Floor/bin/Release/net10.0/Broker.Floor.dll "$floor_port" >"$work/floor.log" 2>&1 & started+=($!)
node $peer/provider.mjs "$peer_port" >"$work/peer.log" 2>&1 & started+=($!)
node $peer/provider.mjs "$recorder_port" "$work/peer.sqlite" >"$work/recorder.log" 2>&1 & started+=($!)
start_broker
await "http://127.0.0.1:$floor_port/"
await "http://127.0.0.1:$peer_port/.well-known/openid-configuration"
await "http://127.0.0.1:$recorder_port/.well-known/openid-configuration"
session=$(node $peer/sign-in.mjs "http://127.0.0.1:$broker_port")
say "signing in $actors actors"
(umask 077; node $peer/sign-in.mjs "http://127.0.0.1:$broker_port" "$actors" >"$work/bearers")

# One run of wrk against one program; prints its line of JSON.
run() { # run TARGET CONNECTIONS SECONDS
  local target=$1 url authorization="" type="" body="" bearers=""
  case $target in
    floor) url=http://127.0.0.1:$floor_port/ ;;
    broker) url=http://127.0.0.1:$broker_port/v1/mint-oidc-jwt authorization="Bearer $session" ;;
    broker-actors) url=http://127.0.0.1:$broker_port/v1/mint-oidc-jwt bearers=$work/bearers ;;
    broker-no-receipt)
      url="http://127.0.0.1:$broker_port/v1/mint-oidc-jwt?receipt=none" authorization="Bearer $session" ;;
    oidc-provider | oidc-provider-recording)
      url=http://127.0.0.1:$peer_port/token
      [[ $target == oidc-provider ]] || url=http://127.0.0.1:$recorder_port/token
      authorization="Basic $(printf 'bench:bench-secret' | base64)"
      type=application/x-www-form-urlencoded body='grant_type=client_credentials&scope=mint' ;;
  esac
  BENCH_AUTHORIZATION=$authorization BENCH_CONTENT_TYPE=$type BENCH_BODY=$body BENCH_BEARERS=$bearers \
    wrk -t1 -c"$2" -d"$3"s -s tests/bench/mint.lua "$url" | grep '^{'
}

targets=(floor broker broker-no-receipt broker-actors oidc-provider oidc-provider-recording)
# Long enough for the run time to have compiled everything for good: it does that beside the load, on the same cores.
say "warming up"
for target in "${targets[@]}"; do run "$target" 32 15 >/dev/null; done
for ((round = 1; round <= rounds; round++)); do
  for level in $connections; do
    say "round $round of $rounds, $level connections"
    for target in "${targets[@]}"; do
      result=$(run "$target" "$level" "$seconds")
      echo "{\"round\":$round,\"target\":\"$target\",\"connections\":$level,${result#\{}" >>"$work/runs.ndjson"
    done
  done
done

# The broker as a process: memory after the load, then how it starts with the ledger that the load made.
say "restarting the broker on the ledger of this run"
loaded=$(resident_mib "$broker_pid")
kill "$broker_pid"; wait "$broker_pid" || true
bytes=$(stat -c %s "$work/data/audit.sqlite")
begun=$(date +%s%N)
start_broker
start_ms=$((($(date +%s%N) - begun) / 1000000))
count=$(curl -s "http://127.0.0.1:$broker_port/ledger/checkpoint" | sed -n 2p)
printf '{"entries":%d,"bytes_per_entry":%d,"start_ms":%d,"resident_mib":%d,"idle_resident_mib":%d}\n' \
  "$count" $((bytes / count)) "$start_ms" "$loaded" "$(resident_mib "$broker_pid")" >"$work/broker.json"
for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done

say "asking a KMS for keys"
dotnet tests/Broker.Benchmarks/bin/Release/net10.0/Broker.Benchmarks.dll kms-app-key \
  --seconds "$seconds" --clients 16 --json "$work/kms.json" >&2
if [[ $growth == yes ]]; then
  say "growing a ledger to $entries entries"
  dotnet tests/Broker.Benchmarks/bin/Release/net10.0/Broker.Benchmarks.dll ledger-writer \
    --max "$entries" --folder "$work" --json "$work/writer.json"
  echo
  dotnet tests/Broker.Benchmarks/bin/Release/net10.0/Broker.Benchmarks.dll ledger-growth \
    --max "$entries" --folder "$work" --json "$work/growth.json"
  echo
fi
node tests/bench/report.mjs "$work/runs.ndjson" "$work/growth.json" "$work/broker.json" "$work/kms.json" "$work/writer.json" artifacts/bench.json
