#!/usr/bin/env bash
# The README's "Run it", copied line by line, as somebody does who has no key, no folder and no setting yet: each of its
# two blocks ends in a broker that serves. Then its "First use, by curl" against such a broker, which ends in a token.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

scratch=$(mktemp -d)
broker=''
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() {
  [[ -z $broker ]] || kill "$broker" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
fail() { echo "readme: $1" >&2; cat "$scratch/said" >&2; exit 1; }

block() { # block N [TITLE] : the N-th block of shell lines under "Run it", or under another title
  awk -v wanted="$1" -v title="## ${2:-Run it}" '/^## / { here = $0 == title } !here { next }
    /^```sh$/ { count++; inside = 1; next } /^```$/ { inside = 0 } inside && count == wanted' README.md
}

# A home without anything in it, but the packages that builds fetched before; and no setting of the caller's.
fresh=(env -i "PATH=$PATH" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1)

# serve COMMAND… : starts a broker and returns once it serves
serve() {
  "$@" >"$scratch/said" 2>&1 &
  broker=$!
  for _ in $(seq 300); do
    if owns_port "$broker" "$port"; then break; fi
    kill -0 "$broker" 2>/dev/null || fail "the broker ended"
    sleep 0.2
  done
  [[ $(curl -fsS -m 10 "http://127.0.0.1:$port/healthz") == ok ]] || fail "the broker does not serve"
}

end() {
  kill "$broker"
  wait "$broker" || fail "the broker did not end cleanly"
  broker=''
}

run() { # run N : all lines of a block, the last of which serves
  local home=$scratch/home-$1 port lines line
  port=$(free_port)
  mkdir "$home"
  mapfile -t lines < <(block "$1")
  [[ ${#lines[@]} -ge 3 ]] || fail "block $1 has ${#lines[@]} lines"
  : >"$scratch/lines"
  for line in "${lines[@]}"; do
    line=${line//-o out/-o $scratch/out} line=${line//out\/Broker.dll/$scratch/out/Broker.dll}
    case $line in
      "dotnet publish"* | scripts/*) bash -c "$line" >"$scratch/said" 2>&1 || fail "fails: $line" ;;
      "${lines[-1]//out\/Broker.dll/$scratch/out/Broker.dll}") echo "exec env $line" >>"$scratch/lines" ;;
      *) echo "$line" >>"$scratch/lines" ;;
    esac
  done
  serve "${fresh[@]}" HOME="$home" BROKER_PORT="$port" bash -e "$scratch/lines"
  end
  echo "ok: block $1"
}

first_use() {
  local port here=$PWD answer
  port=$(free_port)
  mkdir "$scratch/home-first" "$scratch/first"
  serve "${fresh[@]}" HOME="$scratch/home-first" BROKER_PORT="$port" BROKER_DEV_MODE=true dotnet "$scratch/out/Broker.dll"
  block 1 "First use, by curl" \
    | sed "s#127.0.0.1:8091#127.0.0.1:$port#; s#src/Broker.Cli#$here/src/Broker.Cli#" >"$scratch/first/lines"
  answer=$(cd "$scratch/first" && bash -e lines 2>"$scratch/said") || fail "the first use fails"
  jq -e '(.jwt | startswith("eyJ")) and (.receipt | startswith("c2sp.org/tlog-proof"))' <<<"$answer" >/dev/null \
    || fail "the first use answers $answer"
  end
  echo "ok: first use"
}

run 1
run 2
first_use
