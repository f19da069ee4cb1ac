#!/usr/bin/env bash
# Shows the whole job on this machine, without an AWS account: builds and starts Broker and a local cloud (STS, S3),
# makes a wallet, signs in, mints an OIDC token and AWS credentials, uses them, and reads the ledger.
#
#   scripts/quickstart.sh             run, show, stop
#   scripts/quickstart.sh --detach    leave the servers running afterwards
#   scripts/quickstart.sh --stop      stop the servers that --detach left
#
# Options: --broker-port N, --cloud-port N; without them 8091 and 4580, or the next free ones. With --stop,
# --broker-port stops the servers of that port only. A ledger belongs to its address: all state of a port is under
# artifacts/quickstart/port-N, and another port has another ledger.
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
scratch=$(mktemp -d "$home/run.XXXXXX")
state='' # the folder of the broker's port, known once that is taken

# --- what the reader sees ------------------------------------------------------------------------------------------

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' cyan=$'\e[36m' plain=$'\e[0m' live=true
else
  bold='' dim='' green='' red='' cyan='' plain='' live=false
fi

steps=12 step=0 title='preparing' log='' finished=false
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

# Only a process that is ours is stopped: by its recorded id, and its command line names this folder's programs.
stop_server() { # stop_server STATE NAME
  local file=$1/$2.pid pid
  [[ -f $file ]] || return 0
  pid=$(<"$file")
  if [[ -r /proc/$pid/cmdline ]] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$1/bin/"; then
    kill -TERM "$pid" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -0 "$pid" 2>/dev/null && kill -KILL "$pid" 2>/dev/null
  fi
  rm -f "$file"
}
stop_servers() { [[ -z $1 ]] || { stop_server "$1" broker; stop_server "$1" cloud; }; } # stop_servers STATE

# One run works with a state folder at a time; the servers that --detach leaves do not hold it.
hold() { # hold STATE
  mkdir -p "$1/logs"
  exec {held}>"$1/lock"
  flock -n "$held" || { exec {held}>&-; return 1; }
}

# take_broker_port PORT : the port is free, or an earlier run's server on it could be stopped; holds its state folder
take_broker_port() {
  local folder=$home/port-$1
  hold "$folder" || return 1
  stop_servers "$folder"
  port_is_free "$1" || { exec {held}>&-; return 1; }
  broker_port=$1 state=$folder
}

# Chooses the ports at the moment at which the servers start. A port that the caller named is taken or it is an error.
take_ports() {
  local port taken="is taken by another program (choose with --broker-port, --cloud-port)"
  if [[ -n $broker_port ]]; then
    take_broker_port "$broker_port" || fail "port $broker_port $taken"
  else
    for port in $(seq 8091 8190); do take_broker_port "$port" && break; done
    [[ -n $state ]] || fail "none of the ports 8091 to 8190 is free"
  fi
  if [[ -n $cloud_port ]]; then
    port_is_free "$cloud_port" || fail "port $cloud_port $taken"
  else
    for port in $(seq 4580 4679); do port_is_free "$port" && { cloud_port=$port; break; }; done
    [[ -n $cloud_port ]] || fail "none of the ports 4580 to 4679 is free"
  fi
  broker=http://127.0.0.1:$broker_port cloud=http://127.0.0.1:$cloud_port
}

# start_server NAME PORT COMMAND… : returns once the process that was started listens and /healthz answers. No variable
# of the caller's leaks in
start_server() {
  local name=$1 port=$2; shift 2
  log=$state/logs/$name.log
  : >"$log"
  local clean=(env -i "PATH=$PATH" "HOME=$HOME" DOTNET_NOLOGO=1)
  [[ -z ${DOTNET_ROOT:-} ]] || clean+=("DOTNET_ROOT=$DOTNET_ROOT")
  nohup "${clean[@]}" "$@" >>"$log" 2>&1 </dev/null {held}>&- &
  local pid=$!
  echo "$pid" >"$state/$name.pid"
  for _ in $(seq 300); do
    if owns_port "$pid" "$port" && [[ $(curl -s -m 2 "http://127.0.0.1:$port/healthz" 2>/dev/null) == ok ]]; then
      log=''
      return
    fi
    kill -0 "$pid" 2>/dev/null || fail "the $name ended at its start (its port is $port)"
    sleep 0.2
  done
  fail "the $name does not answer at http://127.0.0.1:$port/healthz"
}

# No secret is sent to another program that came to the port in the meantime.
still_ours() { # still_ours NAME PORT
  owns_port "$(<"$state/$1.pid")" "$2" || fail "the $1 is no longer the program that listens on port $2"
}

at_exit() {
  local code=$?
  rm -rf "$scratch"
  if $detach && $finished && [[ $code -eq 0 ]]; then return; fi
  stop_servers "$state"
  $finished && return
  printf '%squickstart: interrupted in step %d (%s); the servers are stopped%s\n' \
    "$red" "$step" "$title" "$plain" >&2
}

if $stop_only; then
  rm -r "$scratch"
  folders=("$home"/port-*)
  [[ -z $broker_port ]] || folders=("$home/port-$broker_port")
  for folder in "${folders[@]}"; do stop_servers "$folder"; done
  echo "The servers are stopped."
  exit 0
fi
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'unexpected "$LINENO"' ERR

# --- calls ---------------------------------------------------------------------------------------------------------

# post PATH BODY [BEARER] : the answer's body; whatever is not 200 fails the step. No secret becomes an argument
post() {
  local answer status
  still_ours broker "$broker_port"
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
  still_ours cloud "$cloud_port"
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
for project in Broker Broker.LocalCloud Broker.Cli; do
  quietly flock --close "$home/build.lock" dotnet publish "src/$project" -c Release \
    -p:PublishAot=false -o "$scratch/bin/$project" --nologo -v q \
    || fail "src/$project does not build"
done
log=''
brokerctl() { dotnet "$state/bin/Broker.Cli/brokerctl.dll" "$@"; }
ok "from src/, in Release"

begin "Start the local cloud (STS and S3 for a laptop) and Broker"
take_ports
rm -rf "${state:?}/bin"
mv "$scratch/bin" "$state/bin"
start_server cloud "$cloud_port" \
  dotnet "$state/bin/Broker.LocalCloud/Broker.LocalCloud.dll" --port "$cloud_port" --issuer "$broker"
ok "local cloud at $cloud: trusts $broker, holds four roles and four buckets"
settings=("BROKER_DEV_MODE=true" "BROKER_DATA_DIR=$state/broker" "BROKER_PORT=$broker_port")
settings+=("AWS_ENDPOINT_URL_STS=$cloud")
for class in data vault memory config; do
  bucket=$class; [[ $class == data ]] && bucket=mail
  settings+=("BROKER_${class^^}_ROLE_ARN=arn:aws:iam::000000000000:role/agentkeys-$class-role")
  settings+=("BROKER_${class^^}_BUCKET=agentkeys-$bucket-000000000000")
done
start_server broker "$broker_port" "${settings[@]}" dotnet "$state/bin/Broker/Broker.dll"
ok "Broker at $broker, its data in ${state#"$PWD"/}/broker"

begin "Make a wallet"
if [[ -f $state/wallet.key ]]; then
  address=$(brokerctl wallet address --key "$state/wallet.key") || fail "the wallet of an earlier run cannot be read"
  ok "$address (of an earlier run)"
else
  address=$(brokerctl wallet new --key "$state/wallet.key") || fail "no wallet could be made"
  ok "$address"
fi

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
  stop_servers "$state"
  printf '%sDone.%s The servers are stopped; run with %s--detach%s to keep them, and %s--stop%s to stop them then.\n' \
    "$bold" "$plain" "$bold" "$plain" "$bold" "$plain"
fi
