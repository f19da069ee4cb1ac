#!/usr/bin/env bash
# The broker's keys from the KMS of its own process (BROKER_SIGNING_KEYS=kms), in two simulated confidential machines.
# While a KMS waits for its operator the broker says so and answers nothing; then its keys are those of the roots, also
# after a restart, with no key file outside the KMS's folder. A second node that is onboarded from the first serves the
# same keys and wallets, and takes a session of the first. The next versions of a key are the same on both, too, after an
# announcement and after an emergency. The ledger has the ceremony as its first entry and holds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

configuration=${CONFIGURATION:-Debug}
work=$(mktemp -d)
declare -A pid=()
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() {
  local status=$?
  kill "${pid[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  [[ $status -eq 0 ]] || tail -n 20 "$work"/*.log >&2 || true
  rm -rf "$work"
}
trap finish EXIT
fail() { echo "kms-issuer: $1" >&2; exit 1; }
dll() { echo "src/$1/bin/$configuration/net10.0/$2.dll"; }
start() { # start NAME COMMAND…
  local name=$1; shift
  "$@" >>"$work/$name.log" 2>&1 &
  pid[$name]=$!
}
await() { # await WHAT COMMAND… : until it succeeds, at most a minute
  local what=$1; shift
  for _ in $(seq 240); do "$@" >/dev/null 2>&1 && return 0; sleep 0.25; done
  fail "$what does not come"
}
brokerctl=(dotnet "$(dll Broker.Cli brokerctl)")
[[ -z ${BROKERCTL:-} ]] || brokerctl=("$BROKERCTL")
for program in "$(dll Broker Broker)" "$(dll Broker.Cli brokerctl)"; do
  [[ -f $program ]] || fail "no $program; build the solution first (CONFIGURATION=$configuration)"
done

pccs=$(free_port)
"${brokerctl[@]}" tee pki "$work/pki" >/dev/null
printf '{"os_image_hash":"%064d"}' 0 >"$work/vm.json"
(umask 077 && openssl rand -hex 32 >"$work/operator-token")
declare -A broker=([first]=$(free_port) [second]=$(free_port)) kms=([first]=$(free_port) [second]=$(free_port))
declare -A signer=([first]=$(free_port) [second]=$(free_port)) cred=([first]=$(free_port) [second]=$(free_port))
start_node() { # start_node NODE [VARIABLE=VALUE…]
  local node=$1; shift
  start "$node" env -u BROKER_OIDC_ISSUER BROKER_MODULES=broker,kms,signer,cred BROKER_SIGNING_KEYS=kms BROKER_DEV_MODE=true \
    BROKER_DATA_KEK=kms BROKER_VAULT_BUCKET=agentkeys-vault BROKER_CRED_PORT="${cred[$node]}" \
    BROKER_SIGNER_MASTER=kms BROKER_SIGNER_PORT="${signer[$node]}" BROKER_OIDC_ISSUER=https://broker.example.test \
    BROKER_PORT="${broker[$node]}" BROKER_DATA_DIR="$work/data-$node" \
    BROKER_KMS_PORT="${kms[$node]}" BROKER_KMS_CERT_DIR="$work/keys-$node" \
    BROKER_KMS_AGENT_ADDRESS="unix:$work/$node.sock" BROKER_KMS_AUTH_API_TYPE=dev \
    BROKER_KMS_ATTESTATION_URLS_PCCS="http://127.0.0.1:$pccs" BROKER_KMS_ATTESTATION_ROOT_CA_TDX="$work/pki/root-ca.der" \
    BROKER_KMS_ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS=true BROKER_KMS_IMAGE_VERIFY=false \
    BROKER_KMS_IMAGE_CACHE_DIR="$work/cache-$node" BROKER_OPERATOR_TOKEN_FILE="$work/operator-token" \
    "$@" dotnet "$(dll Broker Broker)"
}
for node in first second; do
  start "tee-$node" "${brokerctl[@]}" tee simulate --socket "$work/$node.sock" --pki "$work/pki" --name "$node" \
    --pccs-port "$([[ $node == first ]] && echo "$pccs" || echo 0)" --vm-config "$work/vm.json" \
    --app-id "$(printf '%s' "$node" | openssl dgst -sha1 -r | cut -c1-40)"
  await "the agent of $node" test -S "$work/$node.sock"
done
# What systemd would hear of the first node.
start systemd python3 -c '
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
while True: print(manager.recv(256).decode(), flush=True)' "$work/notify"
await "the manager's socket" test -S "$work/notify"
start_node first "NOTIFY_SOCKET=$work/notify"
start_node second

url() { echo "http://127.0.0.1:${broker[$1]}$2"; }                        # url NODE PATH
status() { curl -s -m 5 -o "$work/said" -w '%{http_code}' "$@"; }         # status CURL-ARGUMENTS…
ready() { [[ $(status "$(url "$1" /readyz)") == 200 ]]; }                 # ready NODE
onboard() { # onboard NODE METHOD BODY : of the KMS that waits
  curl -sk -m 60 -X POST "https://127.0.0.1:${kms[$1]}/prpc/Onboard.$2?json" -H 'Content-Type: application/json' -d "$3"
}
keys() { curl -fsS -m 5 "$(url "$1" /.well-known/jwks.json)" | jq -cS '[.keys[] | {kid, x, y, alg}]'; } # keys NODE

for node in first second; do
  await "the listener of $node" curl -fsS -m 2 "$(url "$node" /healthz)"
  [[ $(status "$(url "$node" /readyz)") == 503 ]] || fail "$node is ready before it has keys"
  grep -q "the KMS of this broker has no keys yet" "$work/said" || fail "readyz of $node does not say why"
  for path in /.well-known/jwks.json /v1/mint-oidc-jwt /; do
    [[ $(status "$(url "$node" "$path")") == 503 ]] || fail "$path of $node answers before there are keys"
    [[ $(jq -r .code "$work/said") == kms_not_onboarded ]] || fail "$path of $node gives another reason"
  done
done

onboard first Bootstrap '{"domain":"kms-first.example.test"}' | jq -e .k256_pubkey >/dev/null || fail "no bootstrap"
curl -sk -m 20 "https://127.0.0.1:${kms[first]}/finish" >/dev/null
await "the first broker" ready first
# A service that says that it stops is ended by systemd if it does not: here it only goes from waiting to serving.
[[ $(sort -u "$work/systemd.log") == READY=1 ]] || fail "systemd hears: $(<"$work/systemd.log")"
first=$(keys first)
[[ $(jq length <<<"$first") == 1 ]] || fail "the first broker publishes: $first"
[[ $(sqlite3 -readonly "$work/data-first/audit.sqlite" "select kind || ' ' || outcome from mint_log where id = 1") \
  == "kms_bootstrap ok" ]] || fail "the ledger does not begin with the bootstrap"
[[ -z $(find "$work/data-first" -name '*key*' -print) ]] || fail "there is a key file outside the KMS's folder"

# A session of the first node, and its tokens before and after a restart.
export XDG_STATE_HOME=$work/state HOME=$work
"${brokerctl[@]}" wallet new --key "$work/wallet.key" >/dev/null
"${brokerctl[@]}" login --wallet "$work/wallet.key" --broker-url "$(url first /)" >/dev/null || fail "no sign-in"
session() { # session NODE : whether the first node's session is taken there
  [[ $(status -X POST -H @"$work/bearer" "$(url "$1" /v1/mint-oidc-jwt)") == 200 ]]
}
stored=$(find "$work/state/agentkeys" -name 'session-*' | head -n 1)
jq -r '"Authorization: Bearer \([.. | strings | select(startswith("eyJ"))][0])"' "$stored" >"$work/bearer"
session first || fail "the first broker mints no token: $(<"$work/said")"
kill "${pid[first]}"
wait "${pid[first]}" || fail "the first broker did not end cleanly"
start_node first
await "the first broker again" ready first
[[ $(keys first) == "$first" ]] || fail "a restart changed the keys"
session first || fail "a session does not outlive a restart: $(<"$work/said")"
vkey=$(curl -fsS -m 5 "$(url first /ledger/vkey)")
"${brokerctl[@]}" ledger verify --db "$work/data-first/audit.sqlite" --vkey "$vkey" >/dev/null \
  || fail "the ledger does not hold"

onboard second Onboard \
  "{\"source_url\":\"https://127.0.0.1:${kms[first]}/prpc\",\"domain\":\"kms-second.example.test\"}" >"$work/onboarded"
[[ $(jq -c . "$work/onboarded") == '{}' ]] || fail "the second is not onboarded: $(<"$work/onboarded")"
curl -sk -m 20 "https://127.0.0.1:${kms[second]}/finish" >/dev/null
await "the second broker" ready second
[[ $(keys second) == "$first" ]] || fail "the second broker has other keys: $(keys second)"
# The wallet that the signer derives is the same on both, and its secret is in no file and no variable.
wallet() { # wallet NODE
  curl -fsS -m 5 -H @"$work/bearer" -H 'Content-Type: application/json' \
    -d "{\"omni_account\":\"$omni\"}" "http://127.0.0.1:${signer[$1]}/dev/derive-address" | jq -r .address
}
omni=$("${brokerctl[@]}" whoami --json --broker-url "$(url first /)" | jq -r .omni_account)
[[ $(wallet first) == 0x* && $(wallet first) == "$(wallet second)" ]] || fail "the signers derive different wallets"
session second || fail "the second broker does not take the first one's session: $(<"$work/said")"

# So are the keys of the data classes: both seal, with none in a variable.
for node in first second; do
  [[ $(curl -fsS -m 5 "http://127.0.0.1:${cred[$node]}/healthz" | jq -c '[.ok, .vault_bucket]') \
    == '[true,"agentkeys-vault"]' ]] || fail "the credentials service of $node is not there"
done

# The next version of a path: announced on each, and the same key. An emergency: signs at once, and the other node, told
# the same, takes what it signs.
rotate() { # rotate NODE VERB PURPOSE
  "${brokerctl[@]}" keys "$2" "$3" --broker-url "$(url "$1" /)" --operator-token-file "$work/operator-token" >"$work/said" 2>&1 \
    || fail "$2 of the $3 key fails at the $1: $(<"$work/said")"
}
published() { [[ $(keys "$1" | jq length) == "$2" ]]; } # published NODE COUNT
for node in first second; do rotate "$node" rotate oidc; done
for node in first second; do await "the next key of the $node" published "$node" 2; done
[[ $(keys first) == "$(keys second)" ]] || fail "the next OIDC keys differ: $(keys first) and $(keys second)"
[[ $(keys first | jq -c '.[:1]') == "$first" ]] || fail "the announced key stands before the one that signs"
for node in first second; do rotate "$node" emergency-rotate oidc; done
next() { [[ $(keys "$1" | jq -r '.[0].kid') != "$(jq -r '.[0].kid' <<<"$first")" ]]; } # next NODE
for node in first second; do await "the emergency's key at the $node" next "$node"; done
[[ $(keys first) == "$(keys second)" ]] || fail "the emergency's keys differ: $(keys first) and $(keys second)"
for node in first second; do rotate "$node" emergency-rotate session; done
# The session of before is withdrawn everywhere; a new one of the second is taken by the first.
withdrawn() { [[ $(status -X POST -H @"$work/bearer" "$(url "$1" /v1/mint-oidc-jwt)") == 401 ]]; } # withdrawn NODE
for node in first second; do await "the end of the old sessions at the $node" withdrawn "$node"; done
rm -rf "$work/state/agentkeys"
"${brokerctl[@]}" login --wallet "$work/wallet.key" --broker-url "$(url second /)" >/dev/null || fail "no sign-in at the second"
stored=$(find "$work/state/agentkeys" -name 'session-*' | head -n 1)
jq -r '"Authorization: Bearer \([.. | strings | select(startswith("eyJ"))][0])"' "$stored" >"$work/bearer"
await "the second's new session at the first" session first
[[ -z $(find "$work"/data-* -name '*keypair*' -print) ]] || fail "a rotation left a key file outside the KMS's folder"

# Key files and the KMS's keys are one or the other.
! timeout 60 env BROKER_MODULES=broker BROKER_SIGNING_KEYS=kms BROKER_DEV_MODE=true BROKER_DATA_DIR="$work/other" \
  dotnet "$(dll Broker Broker)" >"$work/said" 2>&1 || fail "a broker without a KMS started"
grep -q '^BOOT_FAIL: BROKER_SIGNING_KEYS="kms": needs the KMS' "$work/said" || fail "it said: $(<"$work/said")"
echo "kms-issuer: two nodes, one key, before and after a restart, a rotation and an emergency"
