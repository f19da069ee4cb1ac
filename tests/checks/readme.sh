#!/usr/bin/env bash
# The README's "Run it", copied line by line, as somebody does who has no key, no folder and no setting yet: each of its
# two blocks ends in a broker that serves. Then its "First use, by curl" against such a broker: a token for a wallet, a
# sign-in by mail, whose link this check confirms as a browser would, then a link of both and a grant.
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

# The settings that the README gives for its sign-in by mail, name by name.
mail_settings() {
  sed -n '/signs in by mail/,/```sh/p' README.md | grep -o 'BROKER_[A-Z_]*=[^`]*'
}

answers() { # answers N WHAT FILTER : the N-th answer of the block that ran last
  sed -n "$1p" "$scratch/answers" | jq -e "$3" >/dev/null \
    || fail "$2 answers $(sed -n "$1p" "$scratch/answers")"
}

use() { # use N : the N-th block of the first use, in the shell of those before it; one line for each JSON answer
  block "$1" "First use, by curl" | sed "s#127.0.0.1:8091#127.0.0.1:$port#; s#src/Broker.Cli#$here/src/Broker.Cli#
    s#~/.agentkeys#$scratch/home-first/.agentkeys#" >"$scratch/first/block"
  [[ -s $scratch/first/block ]] || fail "the first use has no block $1"
  # What a block leaves in its shell the next one finds there.
  cat >"$scratch/first/lines" <<'LINES'
[[ ! -e kept ]] || source ./kept
source ./block
{ declare -p broker json address; declare -f brokerctl; } >kept
LINES
  (cd "$scratch/first" && bash -e lines) >"$scratch/printed" 2>"$scratch/said" || fail "block $1 fails"
  grep -v '#t=' "$scratch/printed" | jq -c . >"$scratch/answers" || fail "block $1 answers no JSON"
}

confirm() { # the link of the newest mail, as its page does it
  local token
  token=$(sed ':a; /=$/{N; s/=\r\?\n//; ba}' "$scratch/home-first/.agentkeys/broker/newest-mail.eml" \
    | grep -om1 '#t=\(3D\)\?[A-Za-z0-9_-]*' | sed 's/#t=\(3D\)\?//')
  curl -fsS "http://127.0.0.1:$port/v1/auth/email/verify" -H 'Content-Type: application/json' \
    -d "{\"token\":\"$token\"}" >"$scratch/said" || fail "the mailed link does not hold"
}

first_use() {
  local port here=$PWD settings
  port=$(free_port)
  mkdir "$scratch/home-first" "$scratch/first"
  mapfile -t settings < <(mail_settings)
  [[ ${#settings[@]} -eq 2 ]] || fail "the sign-in by mail has ${#settings[@]} settings"
  serve "${fresh[@]}" HOME="$scratch/home-first" BROKER_PORT="$port" BROKER_DEV_MODE=true "${settings[@]}" \
    dotnet "$scratch/out/Broker.dll"
  use 1
  answers 1 "the mint" '(.jwt | startswith("eyJ")) and (.receipt | startswith("c2sp.org/tlog-proof"))'
  # Its last line polls before anybody has confirmed.
  use 2
  answers 1 "the poll" '.status == "pending"'
  confirm
  use 3
  answers 1 "the link" '.identity_value == "alice@example.org" and .proven'
  answers 2 "the look-up" '.linked and .proven'
  answers 3 "the unlinking" '.identity_type == "email"'
  answers 4 "the list of grants" '.grants[0] | .max_uses == 3 and .service == "s3"'
  answers 5 "the revocation" '.revoked_at > 0'
  end
  echo "ok: first use"
}

run 1
run 2
first_use
