#!/usr/bin/env bash
# Shows the whole job on this machine, without an AWS account: builds and starts Broker and a local cloud (STS, S3),
# makes a wallet, signs in, mints an OIDC token and AWS credentials, uses them, and reads the ledger.
#
#   scripts/quickstart.sh             run, show, stop
#   scripts/quickstart.sh --detach    leave the servers running afterwards
#   scripts/quickstart.sh --stop      stop the servers that --detach left
#
# Options: --broker-port N, --cloud-port N; without them 8091 and 4580, or the next free ones. With --stop,
# --broker-port stops the servers of that port only. The servers are those of `brokerctl dev`, whose state is under
# artifacts/quickstart: a ledger belongs to its address, so each port of the broker has its own.
# Needs the .NET 10 SDK; other programs are installed by scripts/install-requirements.sh.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

broker_port='' cloud_port='' detach=false stop_only=false
number() {
  [[ ${1:-} =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535 ]] && return
  echo "quickstart: not a port: ${1:-}" >&2
  exit 2
}
while [[ $# -gt 0 ]]; do
  case $1 in
    --detach) detach=true ;;
    --stop) stop_only=true ;;
    --broker-port) number "${2:-}"; broker_port=$2; shift ;;
    --cloud-port) number "${2:-}"; cloud_port=$2; shift ;;
    --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "quickstart: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
  shift
done

home=$PWD/artifacts/quickstart
mkdir -p "$home"
chmod 700 "$home" # the wallets' keys and Broker's lie in it

# --- what the reader sees ------------------------------------------------------------------------------------------

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' cyan=$'\e[36m' plain=$'\e[0m' live=true
else
  bold='' dim='' green='' red='' cyan='' plain='' live=false
fi

steps=11 step=0 title='preparing' log='' finished=false
begin() {
  step=$((step + 1)) title=$1
  printf '%s[%2d/%d]%s %s%s%s\n' "$cyan" "$step" "$steps" "$plain" "$bold" "$title" "$plain"
}
ok() { printf '        %sok%s  %s\n' "$green" "$plain" "$1"; }
show() { sed "s/^/        $dim|$plain /"; }

fail() { # fail REASON : one clear line, the end of the step's log, a non-zero exit; also out of a $(…)
  finished=true
  touch "$scratch/failed"
  [[ -z $log || ! -s $log ]] || { echo "        last lines of $log:"; tail -n 15 "$log" | sed 's/^/        | /'; } >&2
  printf '%squickstart: step %d (%s) failed: %s%s\n' "$red" "$step" "$title" "$1" "$plain" >&2
  exit 1
}

unexpected() { # unexpected LINE : a command failed; says so unless fail has said it already in a subshell
  if [[ -e $scratch/failed ]]; then finished=true; exit 1; fi
  fail "unexpected error in line $1"
}

quietly() { # quietly COMMAND… : output to the log; on a terminal a line shows that time passes
  if ! $live; then "$@" >>"$log" 2>&1; return; fi
  "$@" >>"$log" 2>&1 &
  local worker=$! since=$SECONDS
  while kill -0 "$worker" 2>/dev/null; do
    printf '\r        %s… %d s%s' "$dim" $((SECONDS - since)) "$plain"
    sleep 0.2
  done
  printf '\r\e[K'
  wait "$worker"
}

# --- servers -------------------------------------------------------------------------------------------------------

# A run has a folder: its programs, the id of its own process and of `brokerctl dev`, and what that said. It stays as
# long as the servers do. No process is asked to end that is not of the folder, by its command line.
is_of() { # is_of PID WORDS
  [[ -r /proc/$1/cmdline ]] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -qF -- "$2"
}
stop_run() { # stop_run FOLDER
  local pid
  if [[ -s $1/dev.pid ]]; then
    pid=$(<"$1/dev.pid")
    if is_of "$pid" "$1/bin/"; then
      kill -TERM "$pid" 2>/dev/null || true
      for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
      kill -0 "$pid" 2>/dev/null && kill -KILL "$pid" 2>/dev/null
    fi
  fi
  rm -rf "$1"
}
stop_left() { # stop_left [PORT] : the servers, of any port, of runs that have ended
  local folder
  for folder in "$home"/run.*; do
    [[ -d $folder && ! $folder -ef ${scratch:-/} ]] || continue
    is_of "$(cat "$folder/run.pid" 2>/dev/null)" quickstart && continue
    [[ -z ${1:-} ]] || grep -qsF "127.0.0.1:$1/\"" "$folder/dev.json" || continue
    stop_run "$folder"
  done
}

# `brokerctl dev` takes the ports, or says that they are taken. No variable of the caller's leaks in.
start_dev() {
  local clean=(env -i "PATH=$PATH" "HOME=$HOME" "XDG_STATE_HOME=$home" DOTNET_NOLOGO=1 "DOTNET_ROOT=$dotnet_root")
  local ports=()
  [[ -z $broker_port ]] || ports+=(--broker-port "$broker_port")
  [[ -z $cloud_port ]] || ports+=(--cloud-port "$cloud_port")
  log=$scratch/dev.log
  nohup "${clean[@]}" dotnet "$scratch/bin/brokerctl.dll" dev --json "${ports[@]}" \
    >"$scratch/dev.json" 2>"$log" </dev/null &
  dev=$!
  echo "$dev" >"$scratch/dev.pid"
  until [[ -s $scratch/dev.json ]]; do
    kill -0 "$dev" 2>/dev/null || fail "$(jq -r .error "$log" 2>/dev/null || echo "brokerctl dev ended")"
    sleep 0.1
  done
  log=''
  broker=$(jq -r '.broker_url | rtrimstr("/")' "$scratch/dev.json")
  cloud=$(jq -r '.cloud_url | rtrimstr("/")' "$scratch/dev.json")
  state=$(jq -r .state_folder "$scratch/dev.json")
}

# No secret is sent to another program that came to a port in the meantime: dev ends with either of its servers.
still_ours() { kill -0 "$dev" 2>/dev/null || fail "brokerctl dev has ended, and its servers with it"; }

at_exit() {
  local code=$?
  trap - ERR
  if $detach && $finished && [[ $code -eq 0 ]]; then return; fi
  stop_run "$scratch"
  $finished && return
  printf '%squickstart: interrupted in step %d (%s); the servers are stopped%s\n' \
    "$red" "$step" "$title" "$plain" >&2
}

if $stop_only; then
  stop_left "$broker_port"
  echo "The servers are stopped."
  exit 0
fi
scratch=$(mktemp -d "$home/run.XXXXXX")
echo $$ >"$scratch/run.pid"
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'unexpected "$LINENO"' ERR

# --- calls ---------------------------------------------------------------------------------------------------------

# post PATH BODY [BEARER] : the answer's body; whatever is not 200 fails the step. No secret becomes an argument
post() {
  local answer status
  still_ours
  answer=$(curl -sS -m 30 -w '\n%{http_code}' -H 'Content-Type: application/json' \
    ${3:+-H @<(printf 'Authorization: Bearer %s' "$3")} --data-binary @- "$broker$1" <<<"$2") \
    || fail "POST $1: no answer"
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  [[ $status == 200 ]] || fail "POST $1 answered $status: $answer"
  printf '%s' "$answer"
}

unbase64url() {
  local text
  text=$(tr '_-' '/+' <<<"$1")
  while ((${#text} % 4)); do text+='='; done
  base64 -d <<<"$text"
}

aws_as() { # aws_as COMMAND… : with the minted credentials and nothing else of this machine's AWS settings
  still_ours
  (
    AWS_ACCESS_KEY_ID=$(jq -r .access_key_id <<<"$credentials") || exit 1
    AWS_SECRET_ACCESS_KEY=$(jq -r .secret_access_key <<<"$credentials") || exit 1
    AWS_SESSION_TOKEN=$(jq -r .session_token <<<"$credentials") || exit 1
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true AWS_PAGER=''
    export AWS_DEFAULT_REGION=us-east-1
    unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_CA_BUNDLE
    unset AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_STS
    "$aws" --endpoint-url "$cloud" "$@"
  )
}

# --- the tour ------------------------------------------------------------------------------------------------------

begin "Check programs"
command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing (https://dotnet.microsoft.com/download/dotnet/10.0)"
sdk=$(dotnet --list-sdks | sed -n 's/^\(10\.[^ ]*\).*/\1/p' | tail -n 1)
[[ -n $sdk ]] || fail "there is a dotnet, but no .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0)"
dotnet_root=$(dotnet --list-sdks | sed -n 's:^10\..*\[\(.*\)/sdk\]$:\1:p' | tail -n 1)
mapfile -t packages < <(scripts/install-requirements.sh --missing --quickstart)
if [[ ${#packages[@]} -gt 0 && $(id -u) -ne 0 ]] && command -v sudo >/dev/null; then
  echo "        these Debian packages are missing: ${packages[*]}"
  sudo -v || fail "sudo does not let you install them" # asks here, where its prompt is seen
fi
log=$home/install.log; : >"$log"
quietly scripts/install-requirements.sh --quickstart || fail "the Debian packages could not be installed"
log=''
aws=/usr/bin/aws; [[ -x $aws ]] || aws=aws
ok ".NET SDK $sdk, curl, jq, openssl, sqlite3, $("$aws" --version 2>&1 | cut -d' ' -f1)"

begin "Build Broker, the local cloud and brokerctl"
log=$home/build.log; : >"$log"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
# One build at a time: two of one folder spoil each other. brokerctl managed: the native one needs a C compiler.
for project in Broker.Cli:. Broker:broker Broker.LocalCloud:localcloud; do
  quietly flock --close "$home/build.lock" dotnet publish "src/${project%:*}" -c Release \
    -p:PublishAot=false -p:RunAnalyzers=false -o "$scratch/bin/${project#*:}" --nologo -v q \
    || fail "src/${project%:*} does not build"
done
log=''
brokerctl() { dotnet "$scratch/bin/brokerctl.dll" "$@"; }
ok "from src/, in Release"

begin "Run brokerctl dev: a local cloud (STS and S3 for a laptop), Broker, and a wallet"
stop_left "${broker_port:-8091}"
start_dev
ok "local cloud at $cloud: trusts $broker, holds four roles and four buckets"
ok "Broker at $broker, its data in ${state#"$PWD"/}/broker"
address=$(jq -r .wallet_address "$scratch/dev.json")
earlier=''
[[ ! $state/wallet.key -ot $scratch/run.pid ]] || earlier=' (of an earlier run)'
ok "wallet $address$earlier"

begin "Sign in: Broker writes a message, the wallet signs it"
challenge=$(post /v1/auth/wallet/start "{\"address\":\"$address\",\"chain_id\":1}")
jq -r .siwe_message <<<"$challenge" | show
signature=$(jq -j .siwe_message <<<"$challenge" | brokerctl wallet sign --key "$state/wallet.key" 2>"$scratch/signed") \
  || fail "the wallet did not sign: $(cat "$scratch/signed")"
signed=$(jq -c --arg signature "$signature" '{request_id, signature: $signature}' <<<"$challenge")
session=$(post /v1/auth/wallet/verify "$signed")
bearer=$(jq -r .session_jwt <<<"$session") omni=$(jq -r .omni_account <<<"$session")
ok "signed in as actor $omni"

begin "Mint an OIDC token"
minted=$(post '/v1/mint-oidc-jwt?receipt=full' '{"role":"vault"}' "$bearer")
token=$(jq -r .jwt <<<"$minted")
IFS=. read -r header payload seal <<<"$token"
{ unbase64url "$header" | jq . && unbase64url "$payload" | jq .; } | show
ok "ledger record $(jq -r .audit_record_id <<<"$minted")"

begin "Verify the token with OpenSSL and the published key"
jwks=$(curl -sSf -m 10 "$broker/.well-known/jwks.json") || fail "the JWKS does not answer"
key_id=$(unbase64url "$header" | jq -r .kid)
work=$scratch/verify
mkdir "$work"
jq -r --arg kid "$key_id" '.keys[] | select(.kid == $kid) | .x5c[0]' <<<"$jwks" | base64 -d >"$work/certificate.der"
openssl x509 -inform DER -in "$work/certificate.der" -pubkey -noout >"$work/key.pem" \
  || fail "no certificate for key $key_id"
# A JWS has r and s side by side (RFC 7518 §3.4); OpenSSL wants them as an ASN.1 sequence.
halves=$(unbase64url "$seal" | od -An -v -tx1 | tr -d ' \n')
[[ ${#halves} -eq 128 ]] || fail "the signature has not 64 bytes"
printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "${halves:0:64}" "${halves:64}" >"$work/signature.conf"
openssl asn1parse -genconf "$work/signature.conf" -noout -out "$work/signature.der" \
  || fail "the signature cannot be written"
verdict=$(printf '%s.%s' "$header" "$payload" \
  | openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/signature.der") \
  || fail "OpenSSL says: $verdict"
ok "OpenSSL: $verdict (key $key_id)"

begin "Mint AWS credentials for the vault"
credentials=$(post '/v1/mint-aws-creds?receipt=none' '{"role":"vault","duration_seconds":3600}' "$bearer")
jq '{access_key_id, secret_access_key: "(not shown)", session_token: "(not shown)", role_arn,
     expiration: (.expiration | todate), audit_record_id}' <<<"$credentials" | show
identity=$(aws_as sts get-caller-identity --query Arn --output text) || fail "STS does not know the credentials"
ok "STS says: $identity"

begin "Write and read an object under the own prefix"
bucket=agentkeys-vault-000000000000 key=bots/$omni/credentials/hello.txt
note="hello from $address"
aws_as s3 cp --only-show-errors - "s3://$bucket/$key" <<<"$note" || fail "the object could not be written"
[[ $(aws_as s3 cp --only-show-errors "s3://$bucket/$key" -) == "$note" ]] \
  || fail "the object did not come back as it was"
aws_as s3 ls "s3://$bucket/bots/$omni/credentials/" | show
ok "s3://$bucket/$key"

begin "Try another actor's prefix"
other=$(printf 'somebody else' | sha256sum | cut -d' ' -f1)
if answer=$(aws_as s3 cp --only-show-errors "s3://$bucket/bots/$other/credentials/hello.txt" - 2>&1); then
  fail "another actor's object was readable"
fi
[[ $answer == *403* || $answer == *AccessDenied* ]] || fail "refused, but not with AccessDenied: $answer"
if answer=$(aws_as s3api put-object --bucket "$bucket" --key "bots/$other/x" 2>&1); then
  fail "another actor's prefix was writable"
fi
[[ $answer == *AccessDenied* ]] || fail "refused, but not with AccessDenied: $answer"
sed -n 's/^ *\(An error.*\)/\1/p' <<<"$answer" | show
ok "AccessDenied, as it should be"

begin "Read the ledger: every release was on disk before its answer left"
role="case when requested_role like '%:role/%'
  then substr(requested_role, instr(requested_role, ':role/') + 6) else requested_role end"
columns="id, datetime(minted_at, 'unixepoch') as minted_at, record_id, $role as role, outcome"
sqlite3 -readonly -header -column "$state/broker/audit.sqlite" \
  "select * from (select $columns from mint_log order by id desc limit 8) order by id" | show
for record in "$(jq -r .audit_record_id <<<"$minted")" "$(jq -r .audit_record_id <<<"$credentials")"; do
  found=$(sqlite3 -readonly "$state/broker/audit.sqlite" \
    "select count(*) from mint_log where record_id = '$record' and outcome = 'ok'")
  [[ $found == 1 ]] || fail "the ledger lacks record $record"
done
ok "both of this run's credentials are on record"

begin "Check the whole ledger, and the token's receipt, offline"
log_key=$(curl -sSf -m 10 "$broker/ledger/vkey") || fail "the ledger's key does not answer"
brokerctl ledger verify --db "$state/broker/audit.sqlite" --vkey "$log_key" | show || fail "the ledger does not hold"
jq '{receipt, entry}' <<<"$minted" >"$state/receipt.json"
brokerctl ledger verify-receipt "$state/receipt.json" --vkey "$log_key" | show || fail "the receipt does not hold"
ok "anyone with the receipt and the key $(cut -d+ -f1 <<<"$log_key") can check it"

finished=true
echo
if $detach; then
  printf '%sRunning%s: Broker at %s, local cloud at %s. Stop both with: %sscripts/quickstart.sh --stop%s\n' \
    "$bold" "$plain" "$broker" "$cloud" "$bold" "$plain"
else
  stop_run "$scratch"
  printf '%sDone.%s The servers are stopped; run with %s--detach%s to keep them, and %s--stop%s to stop them then.\n' \
    "$bold" "$plain" "$bold" "$plain" "$bold" "$plain"
fi
