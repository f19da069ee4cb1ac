#!/usr/bin/env bash
# Measures Broker against a floor and peers, in one run, alternating, on the same cores:
#   (a) the least that Kestrel needs to hand out an ES256 token (tests/Broker.Floor); it records nothing
#   (b) POST /v1/mint-oidc-jwt with a session, a record that is on disk (synchronous=FULL) and a receipt
#   (c) the same without the receipt
#   (d) node oidc-provider issuing ES256 JWT access tokens by client credentials; it records nothing
#   (e) the same with a row on disk (synchronous=FULL) before each token: the one peer here that keeps Broker's promise
#   (f) OpenIddict's own token route, ES256 JWT access tokens by client credentials; it records nothing
#   (g) as (b), by many actors in turn instead of one
# then what a mint allocates, the start on the ledger of the run, the first answer of brokerctl mcp, GetAppKey of the KMS
# over warm connections, what the ledger's writer takes by itself, a start on the ledger that the writer made, and what an
# append costs as the ledger grows. Prints the tables, at last the one of what was wanted; writes artifacts/bench.json.
#
#   scripts/bench.sh [options]
#     --seconds N            of each measurement (4)
#     --rounds N             (3)
#     --connections "N …"    ("1 32 128")
#     --actors "N …"         measures (g) with so many each ("1000"); above 10000 only the first of them signs in, and
#                            the session tokens of the others are signed with the broker's session key
#     --entries N            how far the ledger grows (1000000; 10000000 takes minutes more)
#     --no-growth            leaves out what needs a grown ledger
#     --against COMMIT       measures that commit's broker too, alternating with this one: (b), (g), the writer and the
#                            growth, to a million at most. It is built in a worktree that stays:
#                            git worktree remove --force artifacts/bench/before
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

seconds=4 rounds=3 actors=1000 connections="1 32 128" entries=1000000 growth=yes against=""
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --actors) actors=$2; shift 2 ;;
    --connections) connections=$2; shift 2 ;;
    --entries) entries=$2; shift 2 ;;
    --no-growth) growth=no; shift ;;
    --against) against=$(git rev-parse --verify "$2^{commit}"); shift 2 ;;
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
  (cd $peer && npm ci --ignore-scripts --no-progress >&2)
for project in src/Broker tests/Broker.Floor tests/Broker.OpenIddictPeer tests/Broker.Benchmarks; do
  dotnet build "$project" -c Release --nologo -v q >&2
done
release=bin/Release/net10.0
benchmarks=tests/Broker.Benchmarks/$release/Broker.Benchmarks.dll

# What is measured of a broker is "broker" for this commit and "before" for the other one.
declare -A tree=([broker]=.) pid=() port=()
brokers=(broker)
if [[ -n $against ]]; then
  tree[before]=$out/before
  brokers+=(before)
  git worktree prune
  if [[ -e ${tree[before]}/.git ]]; then
    git -C "${tree[before]}" checkout --quiet --force --detach "$against"
  else
    git worktree add --quiet --force --detach "${tree[before]}" "$against"
  fi
  say "building ${against:0:7}"
  for project in src/Broker tests/Broker.Benchmarks; do
    (cd "${tree[before]}" && dotnet build "$project" -c Release --nologo -v q >&2)
  done
fi

# Every process that is started here, and the data of the brokers, goes when the script ends.
work=$(mktemp -d "$PWD/$out/run.XXXXXX")
started=()
finish() {
  stop_all
  rm -rf "$work"
}
stop_all() {
  for one in "${started[@]}"; do kill "$one" 2>/dev/null || true; done
  wait 2>/dev/null || true
  started=()
}
trap finish EXIT

await() { # await URL: until something answers there
  for _ in $(seq 3000); do
    curl -s -o /dev/null -m 2 "$1" && return
    sleep 0.01
  done
  echo "bench: nothing answers at $1" >&2; cat "$work"/*.log >&2; exit 1
}

start_broker() { # start_broker NAME [DATA]
  BROKER_DEV_MODE=true BROKER_DATA_DIR=$work/data-${2:-$1} BROKER_PORT=${port[$1]} BROKER_LOG_LEVEL=warn \
    BROKER_METRICS_ENABLED=true dotnet "${tree[$1]}/src/Broker/$release/Broker.dll" >>"$work/$1.log" 2>&1 &
  pid[$1]=$!; started+=("$!")
  await "http://127.0.0.1:${port[$1]}/healthz"
}

stop_broker() { kill "${pid[$1]}"; wait "${pid[$1]}" || true; } # stop_broker NAME

resident_mib() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }

# Starts a broker on what its ledger has become; prints a line of JSON. The log and its index count as the ledger.
measure_start() { # measure_start NAME [DATA]
  local bytes=0 file begun start_ms count
  for file in "$work/data-${2:-$1}"/audit{,-index}.sqlite; do
    [[ ! -e $file ]] || bytes=$((bytes + $(stat -c %s "$file")))
  done
  begun=$(date +%s%N)
  start_broker "$@"
  start_ms=$((($(date +%s%N) - begun) / 1000000))
  count=$(curl -s "http://127.0.0.1:${port[$1]}/ledger/checkpoint" | sed -n 2p)
  started_json=$(printf '"entries":%d,"bytes_per_entry":%d,"start_ms":%d,"idle_resident_mib":%d' \
    "$count" $((bytes / count)) "$start_ms" "$(resident_mib "${pid[$1]}")")
}

for name in floor peer recorder openiddict "${brokers[@]}"; do port[$name]=$(free_port); done
dotnet tests/Broker.Floor/$release/Broker.Floor.dll "${port[floor]}" >"$work/floor.log" 2>&1 & started+=($!)
dotnet tests/Broker.OpenIddictPeer/$release/Broker.OpenIddictPeer.dll "${port[openiddict]}" \
  >"$work/openiddict.log" 2>&1 & started+=($!)
node $peer/provider.mjs "${port[peer]}" >"$work/peer.log" 2>&1 & started+=($!)
node $peer/provider.mjs "${port[recorder]}" "$work/peer.sqlite" >"$work/recorder.log" 2>&1 & started+=($!)
await "http://127.0.0.1:${port[floor]}/"
await "http://127.0.0.1:${port[openiddict]}/.well-known/openid-configuration"
await "http://127.0.0.1:${port[peer]}/.well-known/openid-configuration"
await "http://127.0.0.1:${port[recorder]}/.well-known/openid-configuration"

# A file of bearers for each broker and each number of actors. They do not belong among a process's arguments.
for name in "${brokers[@]}"; do
  start_broker "$name"
  for count in 1 $actors; do
    say "signing in $count actors ($name)"
    key=()
    [[ $count -le 10000 ]] || key=(--session-key "$work/data-$name/session-keypair.json")
    (umask 077; dotnet $benchmarks sign-in --broker "http://127.0.0.1:${port[$name]}" --wallets "$count" "${key[@]}" \
      >"$work/bearers-$name-$count")
  done
done

# One run of wrk against one program; prints its line of JSON.
run() { # run TARGET CONNECTIONS SECONDS
  local url authorization="" type="" body="" bearers="" name=${1%%-*}
  case $1 in
    floor) url=http://127.0.0.1:${port[floor]}/ ;;
    broker | broker-* | before | before-*)
      url=http://127.0.0.1:${port[$name]}/v1/mint-oidc-jwt
      case $1 in
        *-actors-*) bearers=$work/bearers-$name-${1##*-} ;;
        *) authorization="Bearer $(cat "$work/bearers-$name-1")" ;;
      esac
      [[ $1 != *-no-receipt ]] || url+="?receipt=none" ;;
    oidc-provider | oidc-provider-recording | openiddict)
      case $1 in
        oidc-provider) url=http://127.0.0.1:${port[peer]}/token ;;
        oidc-provider-recording) url=http://127.0.0.1:${port[recorder]}/token ;;
        openiddict) url=http://127.0.0.1:${port[openiddict]}/token ;;
      esac
      authorization="Basic $(printf 'bench:bench-secret' | base64)"
      type=application/x-www-form-urlencoded body='grant_type=client_credentials&scope=mint' ;;
  esac
  BENCH_AUTHORIZATION=$authorization BENCH_CONTENT_TYPE=$type BENCH_BODY=$body BENCH_BEARERS=$bearers \
    wrk -t1 -c"$2" -d"$3"s -s tests/bench/mint.lua "$url" | grep '^{'
}

# One after the other, so that what is compared is measured close together.
targets=(floor "${brokers[@]}" broker-no-receipt)
for count in $actors; do
  for name in "${brokers[@]}"; do targets+=("$name-actors-$count"); done
done
targets+=(openiddict oidc-provider oidc-provider-recording)

# How far the index is behind, at the most, while many actors mint over 32 connections.
echo 0 >"$work/behind"
watch_index() { # watch_index TARGET CONNECTIONS
  [[ $1 == broker-actors-1000 && $2 == 32 ]] || return 0
  local behind
  while sleep 0.2; do
    behind=$(curl -s -m 2 "http://127.0.0.1:${port[broker]}/metrics" |
      awk '$1 == "agentkeys_broker_ledger_index_behind" { print int($2) }')
    ((${behind:-0} <= $(cat "$work/behind"))) || echo "$behind" >"$work/behind"
  done
}

# Long enough for the run time to have compiled everything for good: it does that beside the load, on the same cores.
say "warming up"
for target in floor "${brokers[@]}" openiddict oidc-provider oidc-provider-recording; do
  run "$target" 32 15 >/dev/null
done
# Each actor's session is verified once and remembered; that is not what the runs compare.
for target in "${targets[@]}"; do [[ $target != *-actors-* ]] || run "$target" 32 3 >/dev/null; done
for ((round = 1; round <= rounds; round++)); do
  for level in $connections; do
    say "round $round of $rounds, $level connections"
    # Forwards and backwards in turn, so that no program is always measured before another.
    mapfile -t turn < <(printf '%s\n' "${targets[@]}" | if ((round % 2)); then cat; else tac; fi)
    for target in "${turn[@]}"; do
      watch_index "$target" "$level" &
      watch=$!
      result=$(run "$target" "$level" "$seconds")
      kill "$watch" 2>/dev/null || true
      echo "{\"round\":$round,\"target\":\"$target\",\"connections\":$level,${result#\{}" >>"$work/runs.ndjson"
    done
  done
done

# Each broker as a process: what a mint allocates, memory after the load, then the start on the ledger of the load.
for name in "${brokers[@]}"; do
  say "what a mint allocates, and a restart on the ledger of this run ($name)"
  first=$(dotnet $benchmarks allocations --pid "${pid[$name]}")
  result=$(run "$name" 32 "$seconds")
  last=$(dotnet $benchmarks allocations --pid "${pid[$name]}")
  loaded=$(resident_mib "${pid[$name]}")
  stop_broker "$name"
  measure_start "$name"
  printf '{"allocations":{"first":%s,"last":%s,"run":%s},"resident_mib":%d,%s}\n' \
    "$first" "$last" "$result" "$loaded" "$started_json" >"$work/process-$name.json"
done
stop_all

say "the first answer of brokerctl mcp, and of a server of the MCP SDK"
tests/interop/mcp/up.sh >&2
dotnet publish src/Broker.Cli -c Release -o "$work/brokerctl" -p:RestoreLockedMode=true --nologo -v q >&2
dotnet $benchmarks mcp-start --brokerctl "$work/brokerctl/brokerctl" --peer tests/interop/mcp/stdio-peer.mjs
say "asking a KMS for keys"
dotnet $benchmarks kms-app-key --seconds "$seconds" --clients 16 --json "$work/kms.json" >&2
if [[ $growth == yes ]]; then
  for name in "${brokers[@]}"; do
    program=${tree[$name]}/$benchmarks
    # An older broker takes minutes for each million.
    grown=$entries
    [[ $name == broker ]] || grown=$((entries < 1000000 ? entries : 1000000))
    say "the writer alone, and a ledger of $grown entries ($name)"
    if grep -rq -- '--keep' "${tree[$name]}/tests/Broker.Benchmarks/Ledger"; then
      # A first start makes the keys; the writer then writes the ledger that the second start finds.
      start_broker "$name" grown
      stop_broker "$name"
      rm -f "$work"/data-grown/audit*.sqlite*
      dotnet "$program" ledger-writer --max "$grown" --keep "$work/data-grown" \
        --origin "127.0.0.1:${port[$name]}/ledger" --json "$work/writer-$name.json"
      measure_start "$name" grown
      echo "{$started_json}" >"$work/grown-$name.json"
      stop_broker "$name"
      if [[ $name == broker ]]; then
        dotnet "$program" ledger-lookups --data "$work/data-grown" \
          --origin "127.0.0.1:${port[$name]}/ledger" --json "$work/lookups.json" >&2
        dotnet "$program" ledger-catch-up --data "$work/data-grown" --most-behind "$(cat "$work/behind")" \
          --origin "127.0.0.1:${port[$name]}/ledger" --json "$work/index.json" >&2
      fi
      rm -rf "$work/data-grown"
    elif grep -q '"ledger-writer"' "${tree[$name]}/tests/Broker.Benchmarks/Program.cs"; then
      # An older one, which cannot leave its ledger to a broker.
      dotnet "$program" ledger-writer --max "$grown" --folder "$work" --json "$work/writer-$name.json"
    fi
    echo
    dotnet "$program" ledger-growth --max "$grown" --actors 100000 --folder "$work" --json "$work/growth-$name.json"
    echo
  done
fi

commit=$(git rev-parse HEAD)
git diff --quiet HEAD -- src || commit+="+" # with changes that are in no commit
printf '{"commit":"%s","against":"%s","seconds":%d,"rounds":%d,"processors":%d}\n' \
  "$commit" "$against" "$seconds" "$rounds" "$(nproc)" >"$work/run.json"
node tests/bench/report.mjs "$work" artifacts/bench.json
