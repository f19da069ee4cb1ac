#!/usr/bin/env bash
# Runs the KMS bootstrap-and-onboard runbook against two of our own KMS instances, command by command and in its
# order: the deny cases first, the happy path, and the deny cases that need a running KMS after it.
#
#   scripts/kms-runbook.sh [EVIDENCE_DIR]      default: a new folder /tmp/kms-bootstrap-onboard.…
#
# Each instance runs in a simulated confidential VM with its own measurements and asks its own authorizer. Every answer
# is kept in EVIDENCE_DIR under the name that the runbook gives it, with the policies that were in force, and all of it
# in EVIDENCE_DIR-results.tar.gz. Nothing is replaced or deleted: EVIDENCE_DIR must be new or empty. Needs curl, jq,
# openssl, sqlite3, tar, and a build of the solution (CONFIGURATION, default Debug); listens on free ports of
# 127.0.0.1, or on KMS_RUNBOOK_PORT and the four after it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
case "${1:-}" in
  --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
  -*) echo "kms-runbook: unknown option $1 (try --help)" >&2; exit 2 ;;
esac
[[ $# -le 1 ]] || { echo "kms-runbook: takes one folder (try --help)" >&2; exit 2; }

if [[ -n ${1:-} ]]; then
  evidence=$(realpath -m -- "$1")
  if [[ -e $evidence && ! -d $evidence ]] || [[ -n $(find "$evidence" -mindepth 1 -maxdepth 1 -print -quit 2>/dev/null) ]]
  then
    echo "kms-runbook: $evidence is not an empty folder; name another, or remove it yourself" >&2
    exit 2
  fi
  [[ ! -e $evidence-results.tar.gz ]] ||
    { echo "kms-runbook: $evidence-results.tar.gz exists; name another folder, or remove it yourself" >&2; exit 2; }
  mkdir -p "$evidence"
else
  evidence=$(mktemp -d /tmp/kms-bootstrap-onboard.XXXXXX)
fi
configuration=${CONFIGURATION:-Debug}
port() { if [[ -n ${KMS_RUNBOOK_PORT:-} ]]; then echo $((KMS_RUNBOOK_PORT + $1)); else free_port; fi; }
src_port=$(port 0) dst_port=$(port 1) src_auth_port=$(port 2) dst_auth_port=$(port 3) pccs_port=$(port 4)

work=$(mktemp -d)
pids=()
declare -A pid_of=()
# shellcheck disable=SC2317,SC2329 # reached by the trap
cleanup() {
  local status=$?
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [[ $status -ne 0 ]]; then
    echo "--- the runbook failed; the last lines of each log:"
    tail -n 15 "$work"/*.log 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT

say() { printf '\n== %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
dll() { echo "$root/src/$1/bin/$configuration/net10.0/$2.dll"; }
start() { # start NAME COMMAND… : runs it in the background with its output in a log
  local name=$1; shift
  "$@" >"$work/$name.log" 2>&1 &
  pids+=($!)
  pid_of[$name]=$!
}
await() { # await WHAT COMMAND… : until the command succeeds, at most a minute
  local what=$1; shift
  for _ in $(seq 240); do "$@" >/dev/null 2>&1 && return 0; sleep 0.25; done
  fail "$what does not come up"
}

await_port() { # await_port NAME PORT : until the process that was started under this name listens there itself
  await "$1 on port $2" owns_port "${pid_of[$1]}" "$2"
}

for assembly in "$(dll Broker Broker)" "$(dll Broker.KmsAuthorizer Broker.KmsAuthorizer)" "$(dll Broker.Cli brokerctl)"; do
  [[ -f $assembly ]] || fail "no $assembly; build the solution first (CONFIGURATION=$configuration)"
done
program=(dotnet "$(dll Broker.Cli brokerctl)")
[[ -z ${BROKERCTL:-} ]] || program=("$BROKERCTL") # a published one
brokerctl() { "${program[@]}" "$@"; }

# --- Policies -------------------------------------------------------------------------------------------------------
# auth-simple's file; it is read again for every request. Every version that was in force is kept as evidence.
policy() { # policy src|dst MR… : the KMS measurements that this side allows
  local side=$1 file snapshot; shift
  file=$work/auth-$side.json
  jq -n --arg image "0x$(printf '%064d' 0)" '{
      osImages: [$image], gatewayAppId: "0xrunbook", kmsContractAddr: "0x0", chainId: 1, appImplementation: "0x0",
      kms: { mrAggregated: $ARGS.positional, allowAnyDevice: true }, apps: {}
    }' --args "$@" >"$file.new"
  mv "$file.new" "$file"
  policies=$((${policies:-0} + 1))
  snapshot=$(printf '%s/auth-policy-%02d-%s.json' "$evidence" "$policies" "$side")
  cp "$file" "$snapshot"
}

# --- Deployment -----------------------------------------------------------------------------------------------------
say "Deploy two KMS instances, two authorizers and two simulated machines"
cd "$evidence"

brokerctl tee pki "$work/pki" >/dev/null
for side in src dst; do
  printf '{"os_image_hash":"%064d"}' 0 >"$work/vm-$side.json"
  pccs=0; [[ $side == src ]] && pccs=$pccs_port
  app=$(printf 'kms-%s' "$side" | openssl dgst -sha1 -r | cut -c1-40)
  start "tee-$side" "${program[@]}" tee simulate --socket "$work/$side.sock" --pki "$work/pki" \
    --name "kms-$side" --pccs-port "$pccs" --vm-config "$work/vm-$side.json" --app-id "$app"
  policy "$side"
done
start auth-src env BROKER_KMS_AUTH_PORT="$src_auth_port" BROKER_KMS_AUTH_CONFIG_PATH="$work/auth-src.json" \
  dotnet "$(dll Broker.KmsAuthorizer Broker.KmsAuthorizer)"
start auth-dst env BROKER_KMS_AUTH_PORT="$dst_auth_port" BROKER_KMS_AUTH_CONFIG_PATH="$work/auth-dst.json" \
  dotnet "$(dll Broker.KmsAuthorizer Broker.KmsAuthorizer)"

kms() { # kms SIDE PORT AUTH_PORT : a KMS in onboard mode, with a ledger and keys of its own
  start "kms-$1" env -u BROKER_ISSUER \
    BROKER_MODULES=kms BROKER_DEV_MODE=true BROKER_DATA_DIR="$work/data-$1" \
    BROKER_KMS_PORT="$2" BROKER_KMS_CERT_DIR="$work/certs-$1" BROKER_KMS_SITE_NAME="runbook $1" \
    BROKER_KMS_AGENT_ADDRESS="unix:$work/$1.sock" BROKER_KMS_AUTH_API_WEBHOOK_URL="http://127.0.0.1:$3" \
    BROKER_KMS_ATTESTATION_URLS_PCCS="http://127.0.0.1:$pccs_port" \
    BROKER_KMS_ATTESTATION_ROOT_CA_TDX="$work/pki/root-ca.der" \
    BROKER_KMS_ATTESTATION_INSECURE_ALLOW_EXTERNAL_TRUST_ANCHORS=true \
    BROKER_KMS_IMAGE_VERIFY=false BROKER_KMS_IMAGE_CACHE_DIR="$work/cache-$1" \
    dotnet "$(dll Broker Broker)" --init
}
await_port auth-src "$src_auth_port"
await_port auth-dst "$dst_auth_port"
await_port tee-src "$pccs_port"
await "the agent of kms-src" test -S "$work/src.sock"
await "the agent of kms-dst" test -S "$work/dst.sock"
kms src "$src_port" "$src_auth_port"
kms dst "$dst_port" "$dst_auth_port"
await_port kms-src "$src_port"
await_port kms-dst "$dst_port"

export KMS_SRC_ONBOARD="https://127.0.0.1:$src_port/" KMS_DST_ONBOARD="https://127.0.0.1:$dst_port/"
export KMS_SRC_RUNTIME="https://127.0.0.1:$src_port" KMS_DST_RUNTIME="https://127.0.0.1:$dst_port"

# --- Probes: the runbook's own commands, each keeping its answer --------------------------------------------------------
onboard_rpc() { # onboard_rpc URL METHOD BODY FILE
  curl -sk -X POST "${1%/}/prpc/Onboard.$2?json" \
    -H 'Content-Type: application/json' -d "$3" \
    | tee "$evidence/$4" | jq .
}
runtime_rpc() { # runtime_rpc URL METHOD FILE
  curl -sk "${1%/}/prpc/KMS.$2?json" \
    | tee "$evidence/$3" | jq .
}
finish() { # finish URL FILE
  curl -sk "${1%/}/finish" \
    | tee "$evidence/$2"
  echo
  [[ $(<"$evidence/$2") == OK ]] || fail "$2 is not OK"
}
succeeded() { # succeeded FILE FIELD… : no error, and every field is there and not empty
  local file=$evidence/$1 field; shift
  jq -e 'has("error") | not' "$file" >/dev/null || fail "$file holds an error: $(cat "$file")"
  for field in "$@"; do
    jq -e --arg field "$field" '.[$field] | . != null and . != ""' "$file" >/dev/null || fail "$file lacks $field"
  done
}
denied() { # denied FILE TEXT : an error that says this, and nothing but an error
  local file=$evidence/$1
  jq -e 'keys == ["error"]' "$file" >/dev/null || fail "$file holds more than an error"
  jq -r .error "$file" | grep -qF -- "$2" || fail "$file does not say \"$2\": $(jq -r .error "$file")"
  echo "denied as it must be: $2"
}
serves() { curl -skf "${1%/}/prpc/KMS.GetMeta?json"; }
bootstrap() { onboard_rpc "$KMS_SRC_ONBOARD" Bootstrap '{"domain":"kms-src.example.test"}' "$1"; }
onboard() {
  onboard_rpc "$KMS_DST_ONBOARD" Onboard \
    "{\"source_url\":\"${KMS_SRC_RUNTIME%/}/prpc\",\"domain\":\"kms-dst.example.test\"}" "$1"
}

say "Wait until the onboard endpoints respond"
until curl -sk -X POST "${KMS_SRC_ONBOARD%/}/prpc/Onboard.GetAttestationInfo?json" \
  -H 'Content-Type: application/json' -d '{}' >/dev/null 2>&1; do sleep 0.5; done
until curl -sk -X POST "${KMS_DST_ONBOARD%/}/prpc/Onboard.GetAttestationInfo?json" \
  -H 'Content-Type: application/json' -d '{}' >/dev/null 2>&1; do sleep 0.5; done

say "Capture the initial attestation info"
onboard_rpc "$KMS_SRC_ONBOARD" GetAttestationInfo '{}' kms-src-att.json
onboard_rpc "$KMS_DST_ONBOARD" GetAttestationInfo '{}' kms-dst-att.json
succeeded kms-src-att.json mr_aggregated device_id tee_variant
succeeded kms-dst-att.json mr_aggregated device_id tee_variant
src_mr=$(jq -r .mr_aggregated "$evidence/kms-src-att.json")
dst_mr=$(jq -r .mr_aggregated "$evidence/kms-dst-att.json")
[[ $src_mr != "$dst_mr" ]] || fail "the two machines measure the same"

say "Deny case 1: kms-src is not allowed to bootstrap"
policy src
bootstrap kms-src-bootstrap-denied.json
denied kms-src-bootstrap-denied.json "KMS is not allowed to bootstrap: boot denied: aggregated MR not allowed"

say "Bootstrap kms-src"
policy src "$src_mr" "$dst_mr"
bootstrap kms-src-bootstrap.json
succeeded kms-src-bootstrap.json ca_pubkey k256_pubkey attestation

say "Finish kms-src and probe its metadata"
finish "$KMS_SRC_ONBOARD" kms-src-finish.txt
await kms-src serves "$KMS_SRC_RUNTIME"
runtime_rpc "$KMS_SRC_RUNTIME" GetMeta kms-src-meta.json
succeeded kms-src-meta.json ca_cert k256_pubkey bootstrap_info

say "Deny case 2: kms-dst does not accept kms-src as its source"
policy dst
onboard kms-dst-onboard-denied.json
denied kms-dst-onboard-denied.json "Source KMS is not allowed for onboarding: boot denied: aggregated MR not allowed"

say "Deny case 3: kms-src does not give its keys to kms-dst"
policy dst "$src_mr" "$dst_mr"
policy src "$src_mr"
onboard kms-dst-onboard-denied-by-src.json
denied kms-dst-onboard-denied-by-src.json "Boot denied: aggregated MR not allowed"

say "Onboard kms-dst from kms-src"
policy src "$src_mr" "$dst_mr"
onboard kms-dst-onboard.json
succeeded kms-dst-onboard.json
[[ $(jq -c . "$evidence/kms-dst-onboard.json") == '{}' ]] || fail "Onboard does not answer {}"

say "Finish kms-dst and probe its metadata"
finish "$KMS_DST_ONBOARD" kms-dst-finish.txt
await kms-dst serves "$KMS_DST_RUNTIME"
runtime_rpc "$KMS_DST_RUNTIME" GetMeta kms-dst-meta.json
succeeded kms-dst-meta.json ca_cert k256_pubkey

say "Trusted runtime RPCs"
runtime_rpc "$KMS_SRC_RUNTIME" GetTempCaCert kms-src-get-temp-ca.json
runtime_rpc "$KMS_DST_RUNTIME" GetTempCaCert kms-dst-get-temp-ca.json
succeeded kms-src-get-temp-ca.json temp_ca_cert temp_ca_key ca_cert
succeeded kms-dst-get-temp-ca.json temp_ca_cert temp_ca_key ca_cert

say "Both instances hold the same roots"
spki() { jq -r "$2" "$evidence/$1" | openssl x509 -noout -pubkey | openssl dgst -sha256 -r; }
[[ $(spki kms-src-meta.json .ca_cert) == "$(spki kms-dst-meta.json .ca_cert)" ]] || fail "the root CAs differ"
[[ $(jq -r .k256_pubkey "$evidence/kms-src-meta.json") == "$(jq -r .k256_pubkey "$evidence/kms-dst-meta.json")" ]] \
  || fail "the secp256k1 roots differ"
[[ $(jq -r .temp_ca_key "$evidence/kms-src-get-temp-ca.json") == "$(jq -r .temp_ca_key "$evidence/kms-dst-get-temp-ca.json")" ]] \
  || fail "the temp CAs differ"
app='?app_id=1111111111111111111111111111111111111111'
[[ $(curl -sk "$KMS_SRC_RUNTIME/prpc/GetAppEnvEncryptPubKey$app" | jq -r .public_key) \
  == "$(curl -sk "$KMS_DST_RUNTIME/prpc/GetAppEnvEncryptPubKey$app" | jq -r .public_key)" ]] || fail "the env keys differ"
echo "same root CA key, same secp256k1 root, same temp CA, same env keys"

say "Deny case 4: a running KMS that its policy no longer allows"
policy src "$dst_mr"
runtime_rpc "$KMS_SRC_RUNTIME" GetTempCaCert kms-src-get-temp-ca-denied.json
denied kms-src-get-temp-ca-denied.json "KMS self authorization failed: KMS is not allowed: aggregated MR not allowed"
cp "$evidence/kms-src-get-temp-ca-denied.json" "$evidence/kms-src-get-temp-ca-after-deny.json"
policy dst "$src_mr"
runtime_rpc "$KMS_DST_RUNTIME" GetTempCaCert kms-dst-get-temp-ca-denied.json
denied kms-dst-get-temp-ca-denied.json "KMS self authorization failed: KMS is not allowed: aggregated MR not allowed"

say "Allowed again, at once"
policy src "$src_mr" "$dst_mr"
policy dst "$src_mr" "$dst_mr"
runtime_rpc "$KMS_SRC_RUNTIME" GetTempCaCert kms-src-get-temp-ca-again.json
succeeded kms-src-get-temp-ca-again.json temp_ca_cert temp_ca_key ca_cert

say "The ledger of each instance holds what happened"
for side in src dst; do
  ledger=$(find "$work/data-$side" -name audit.sqlite)
  sqlite3 -header "$ledger" \
    'select id, kind, outcome, outcome_detail from mint_log order by id' | tee "$evidence/kms-$side-ledger.txt"
done
for row in 'kms_bootstrap|denied' 'kms_bootstrap|ok' 'kms_kms_key|denied' 'kms_kms_key|ok' 'kms_temp_ca_cert|denied'; do
  grep -qF "$row" "$evidence/kms-src-ledger.txt" || fail "the ledger of kms-src has no row $row"
done
for row in 'kms_onboard|denied' 'kms_onboard|ok'; do
  grep -qF "$row" "$evidence/kms-dst-ledger.txt" || fail "the ledger of kms-dst has no row $row"
done

say "Collateral is kept in each data folder"
for side in src dst; do
  compgen -G "$work/data-$side/collateral/*.json" >/dev/null || fail "kms-$side keeps no collateral in its data folder"
done

say "Archive the evidence"
# The temp CA's key is public by design, but an archive that is passed around need not carry it.
sed -i 's/-----BEGIN PRIVATE KEY-----[^"]*/(left out)/' "$evidence"/*get-temp-ca*.json
tar czf "$evidence-results.tar.gz" -C "$(dirname "$evidence")" "$(basename "$evidence")"
echo "$evidence-results.tar.gz"
say "The runbook passed"
