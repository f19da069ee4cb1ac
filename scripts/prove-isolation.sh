#!/usr/bin/env bash
# Proves the isolation of actors, data classes and roles: two wallets sign in at the broker, get OIDC tokens, have STS
# make credentials of them, and try. Own prefix: yes. Another actor's prefix, outside one's own, another class's bucket,
# another role: no. A line for each try; ends with 1 where one came out otherwise than it should.
#
#   scripts/prove-isolation.sh [STACK] [--class CLASS]      here, on a local cloud; of vault, memory, config and mail one
#   AGENTKEYS_BROKER_URL=https://broker.example.org scripts/prove-isolation.sh [STACK]      against that broker, on AWS
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own.
#
# Here, the local cloud (src/Broker.LocalCloud) holds the very roles, trust policies and bucket policies that
# setup-cloud.sh writes for the stack, and a broker runs beside it; both are taken from a build of the solution
# (CONFIGURATION, default Debug) and end with the script. On AWS, run it as agentkeys-admin, who puts the mails that are
# tried; the objects that were written are deleted again. brokerctl is that of the build, or BROKERCTL.
# The broker narrows nothing in either: the tokens go to STS by themselves, so what refuses is the cloud's own policies.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
tried=("${stack_classes[@]}" mail)
own_option() {
  [[ $1 == --class ]] || return 0
  [[ " ${tried[*]} " == *" ${2:-none} "* ]] || misused "--class takes one of ${tried[*]}"
  tried=("$2") took=2
}
cloud_options "$@"
need aws jq curl
cloud_load

dll() { echo "$cloud_root/src/$1/bin/${CONFIGURATION:-Debug}/net10.0/$2.dll"; }
program=(dotnet "$(dll Broker.Cli brokerctl)")
[[ -z ${BROKERCTL:-} ]] || program=("$BROKERCTL")
[[ -n ${BROKERCTL:-} || -f ${program[1]} ]] || fail "there is no ${program[1]}; build the solution, or name BROKERCTL"

work=$(mktemp -d) # mode 0700: tokens and credentials of minutes lie in it
pids=()
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() {
  local status=$? pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  [[ $status -eq 0 || ! -s $work/broker.log ]] || tail -n 15 "$work"/*.log >&2
  rm -rf "$work"
  cloud_end
  exit "$status"
}
trap finish EXIT
umask 077

# --- The cloud and the broker ----------------------------------------------------------------------------------------

endpoint=()
declare -A admin=()
await() { # await PID PORT NAME
  local tries
  for tries in {1..600}; do
    ! owns_port "$1" "$2" || return 0
    kill -0 "$1" 2>/dev/null || fail "$3 ended: $(tail -n 3 "$work/$3.log")"
    sleep 0.2
  done
  fail "$3 does not listen after $tries looks"
}

# The stack as setup-cloud.sh leaves it, as the local cloud reads it; the admin is there to file mail.
local_account() { # local_account KEY_ID SECRET
  local class roles=() buckets=()
  role_of() { # role_of NAME TRUST POLICY
    jq -nc --arg name "$1" --argjson trust "$2" --argjson policy "$3" '{name: $name, trustPolicy: $trust, policies: [$policy]}'
  }
  bucket_of() { jq -nc --arg name "$1" --argjson policy "$2" '{name: $name, policy: $policy}'; }
  roles+=("$(role_of "${stack[data_role]}" "$(trust_provider)" "$(policy_data_own)")")
  # SES writes to no local cloud.
  buckets+=("$(bucket_of "${stack[mail_bucket]}" "$(policy_mail_bucket | jq -c 'del(.Statement[0])')")")
  for class in "${stack_classes[@]}"; do
    roles+=("$(role_of "${stack[${class}_role]}" "$(trust_provider_with_actor)" "$(policy_class_own "$class")")")
    buckets+=("$(bucket_of "${stack[${class}_bucket]}" "$(policy_class_bucket "$class")")")
  done
  SECRET=$2 jq -n --arg account "$ACCOUNT_ID" --arg issuer "${stack[issuer]}" --arg key "$1" \
    --argjson roles "$(jq -sc . <<<"${roles[*]}")" --argjson buckets "$(jq -sc . <<<"${buckets[*]}")" '{
      account: $account, providers: [{issuer: $issuer, clientIds: ["sts.amazonaws.com"]}], roles: $roles,
      buckets: $buckets, users: [{name: "agentkeys-admin", accessKeyId: $key, secretAccessKey: env.SECRET, policies: [
        {Version: "2012-10-17", Statement: [{Effect: "Allow", Action: "s3:*", Resource: "*"}]}]}]}'
}

start_here() {
  local broker_port cloud_port name key secret roles=()
  for name in "$(dll Broker Broker)" "$(dll Broker.LocalCloud Broker.LocalCloud)"; do
    [[ -f $name ]] || fail "there is no $name; build the solution first"
  done
  broker_port=$(free_port) cloud_port=$(free_port)
  broker=http://127.0.0.1:$broker_port
  endpoint=(--endpoint-url "http://127.0.0.1:$cloud_port")
  stack[broker_host]=127.0.0.1:$broker_port stack[issuer]=$broker
  stack[provider_arn]=arn:aws:iam::$ACCOUNT_ID:oidc-provider/${stack[broker_host]}
  key=AKIA$(head -c 100 /dev/urandom | base32 | tr -dc 'A-Z2-7' | cut -c 1-16) secret=$(head -c 30 /dev/urandom | base64 -w0)
  admin=([AWS_ACCESS_KEY_ID]=$key [AWS_SECRET_ACCESS_KEY]=$secret)
  local_account "$key" "$secret" >"$work/account.json"
  env -i "PATH=$PATH" "HOME=$work" DOTNET_NOLOGO=1 dotnet "$(dll Broker.LocalCloud Broker.LocalCloud)" \
    --port "$cloud_port" --config "$work/account.json" --quiet >"$work/cloud.log" 2>&1 &
  pids+=($!)
  await $! "$cloud_port" cloud
  for name in data "${stack_classes[@]}"; do
    roles+=("BROKER_${name^^}_ROLE_ARN=${stack[${name}_role_arn]}")
  done
  env -i "PATH=$PATH" "HOME=$work" DOTNET_NOLOGO=1 BROKER_DEV_MODE=true "BROKER_PORT=$broker_port" \
    "BROKER_DATA_DIR=$work/broker" "ACCOUNT_ID=$ACCOUNT_ID" "${roles[@]}" \
    "AWS_ENDPOINT_URL_STS=http://127.0.0.1:$cloud_port" dotnet "$(dll Broker Broker)" >"$work/broker.log" 2>&1 &
  pids+=($!)
  await $! "$broker_port" broker
  echo "local cloud at 127.0.0.1:$cloud_port with the policies of the stack $STACK, broker at $broker"
}

broker=${AGENTKEYS_BROKER_URL:-}
broker=${broker%/}
if [[ -z $broker ]]; then
  start_here
else
  [[ $broker == "${stack[issuer]}" ]] || fail "AGENTKEYS_BROKER_URL is $broker, but the issuer of $STACK is ${stack[issuer]}"
  cloud_caller
fi

# --- Actors ----------------------------------------------------------------------------------------------------------

post() { # post PATH BODY [BEARER] : no secret becomes an argument
  curl -fsS -m 30 -H 'Content-Type: application/json' ${3:+-H @<(printf 'Authorization: Bearer %s' "$3")} \
    --data-binary @- "$broker$1" <<<"$2" || fail "POST $1 at $broker"
}

declare -A bearer=() omni=() wallet=() session=()
sign_in() { # sign_in ACTOR : with a wallet of its own
  local challenge signature answer
  "${program[@]}" wallet new --key "$work/$1.key" >/dev/null
  wallet[$1]=$("${program[@]}" wallet address --key "$work/$1.key")
  challenge=$(post /v1/auth/wallet/start "{\"address\":\"${wallet[$1]}\",\"chain_id\":1}")
  signature=$(jq -j .siwe_message <<<"$challenge" | "${program[@]}" wallet sign --key "$work/$1.key" 2>/dev/null)
  answer=$(post /v1/auth/wallet/verify \
    "$(jq -c --arg signature "$signature" '{request_id, signature: $signature}' <<<"$challenge")")
  bearer[$1]=$(jq -r .session_jwt <<<"$answer") omni[$1]=$(jq -r .omni_account <<<"$answer")
  echo "actor $1: wallet ${wallet[$1]}, omni ${omni[$1]}"
}

plain_aws() { # plain_aws WORDS… : the AWS command line, with nothing of this machine's configuration
  AWS_PAGER='' AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true \
    AWS_MAX_ATTEMPTS=2 aws "$@" "${endpoint[@]}" --region "$REGION" --output json
}

token_of() { # token_of ACTOR CLASS : an OIDC token for the class's role, in a file
  post /v1/mint-oidc-jwt "{\"role\":\"$2\"}" "${bearer[$1]}" | jq -j .jwt >"$work/$1.$2.jwt"
}

assume() { # assume ACTOR TOKEN_CLASS ROLE_CLASS : STS's credentials for that role, by the token for the other
  plain_aws sts assume-role-with-web-identity --role-arn "${stack[$3_role_arn]}" --role-session-name "prove-isolation-$1" \
    --web-identity-token "file://$work/$1.$2.jwt" --duration-seconds 3600
}

as() { # as ACTOR/CLASS WORDS… : a call with these credentials
  local keys=${session[$1]}
  shift
  AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId <<<"$keys") \
  AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey <<<"$keys") \
  AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken <<<"$keys") plain_aws "$@"
}

as_admin() { # as_admin WORDS… : the account's own
  if [[ ${#admin[@]} -gt 0 ]]; then
    AWS_ACCESS_KEY_ID=${admin[AWS_ACCESS_KEY_ID]} AWS_SECRET_ACCESS_KEY=${admin[AWS_SECRET_ACCESS_KEY]} plain_aws "$@"
  else
    aws_call "$@"
  fi
}

# --- Tries -----------------------------------------------------------------------------------------------------------

allowed=0 denied=0 wrong=0
# Each try starts a program of some size, so that four go on at a time. What they say is printed in their order.
tries=0 settled=0 at_a_time=4
try() { # try yes|no WHAT COMMAND… : should be allowed, or be refused for want of permission; settle says whether it was
  local wanted=$1 what=$2 said came
  shift 2
  tries=$((tries + 1)) said=$work/try.$tries
  while (($(jobs -rp | wc -l) >= at_a_time + ${#pids[@]})); do wait -n || true; done
  {
    came=failed
    if "$@" >"$said.answer" 2>"$said.error"; then
      came=yes
    elif grep -qE 'AccessDenied|InvalidIdentityToken|\(403\)' "$said.error"; then
      came=no
    fi
    case $wanted-$came in
      yes-yes) echo "allowed ok yes  $what" ;;
      no-no) echo "denied ok no   $what" ;;
      yes-*) echo "wrong fail    $what should be allowed: $(tr -s '\n' ' ' <"$said.error")" ;;
      no-yes) echo "wrong fail    $what should be refused, and was not" ;;
      *) echo "wrong fail    $what was refused for another reason: $(tr -s '\n' ' ' <"$said.error")" ;;
    esac >"$said"
  } &
  running+=($!)
}
may() { try yes "$@"; }
may_not() { try no "$@"; }
running=()
settle() { # what was tried until here has ended; what comes next may build on it
  local kind line
  [[ ${#running[@]} -eq 0 ]] || wait "${running[@]}" 2>/dev/null || true # some were waited for before
  running=()
  while [[ $settled -lt $tries ]]; do
    settled=$((settled + 1))
    read -r kind line <"$work/try.$settled" || fail "a try ended before it had an outcome"
    case $kind in
      allowed) allowed=$((allowed + 1)) ;;
      denied) denied=$((denied + 1)) ;;
      *) wrong=$((wrong + 1)) ;;
    esac
    printf '%s\n' "$line"
  done
}
# ACTOR CLASS BUCKET KEY : with the credentials of the class's role
put() { as "$1/$2" s3api put-object --bucket "$3" --key "$4" --body "$work/note"; }
get() { as "$1/$2" s3api get-object --bucket "$3" --key "$4" "$said.got"; }
list() { as "$1/$2" s3api list-objects-v2 --bucket "$3" --prefix "$4"; }
delete() { as "$1/$2" s3api delete-object --bucket "$3" --key "$4"; }
own() { echo "bots/${omni[$1]}/$(class_folder "$2")"; } # own ACTOR CLASS

echo "written by scripts/prove-isolation.sh" >"$work/note"
sign_in A
sign_in B
object=prove-isolation-$$

title "Roles"
for class in data "${stack_classes[@]}"; do
  [[ ${#tried[@]} -gt 1 || ${tried[0]/mail/data} == "$class" ]] || continue
  for actor in A B; do
    token_of "$actor" "$class"
    may "$actor assumes the $class role with its token for it" assume "$actor" "$class" "$class"
    session["$actor/$class"]=$work/try.$tries.answer
  done
done
for class in data "${stack_classes[@]}"; do
  [[ ${tried[0]} == vault && $class != vault ]] || continue
  may_not "A assumes the $class role with its token for the vault" assume A vault "$class"
done
settle
for actor in "${!session[@]}"; do session[$actor]=$(<"${session[$actor]}"); done

for class in "${tried[@]}"; do
  [[ $class != mail ]] || continue
  title "$class"
  bucket=${stack[${class}_bucket]} a=$(own A "$class") b=$(own B "$class")
  may "B writes its own object" put B "$class" "$bucket" "$b/$object"
  may "A writes its own object" put A "$class" "$bucket" "$a/$object"
  settle
  may "A reads it" get A "$class" "$bucket" "$a/$object"
  may "A lists its own prefix" list A "$class" "$bucket" "$a/"
  may_not "A reads B's object" get A "$class" "$bucket" "$b/$object"
  may_not "A writes under B's prefix" put A "$class" "$bucket" "$b/$object-of-A"
  may_not "A deletes B's object" delete A "$class" "$bucket" "$b/$object"
  may_not "A lists B's prefix" list A "$class" "$bucket" "$b/"
  may_not "A lists the whole bucket" list A "$class" "$bucket" ""
  may_not "A writes outside the class's folder" put A "$class" "$bucket" "bots/${omni[A]}/elsewhere/$object"
  for other in mail "${stack_classes[@]}"; do
    [[ $other != "$class" ]] || continue
    if [[ $other == mail ]]; then folder=bots/${wallet[A]}; else folder=$(own A "$other"); fi
    may_not "A's $class credentials write to the $other bucket" put A "$class" "${stack[${other}_bucket]}" "$folder/$object"
    may_not "A's $class credentials list the $other bucket" list A "$class" "${stack[${other}_bucket]}" "$folder/"
  done
  settle
  may "A deletes its own object" delete A "$class" "$bucket" "$a/$object"
  may "B deletes its own object" delete B "$class" "$bucket" "$b/$object"
  settle
done

try_mail() {
  local actor other
  title mail
  local bucket=${stack[mail_bucket]}
  for actor in A B; do
    as_admin s3api put-object --bucket "$bucket" --key "bots/${wallet[$actor]}/inbound/$object" --body "$work/note" >/dev/null
  done
  may "A reads its own mail" get A data "$bucket" "bots/${wallet[A]}/inbound/$object"
  may "A lists its own mail" list A data "$bucket" "bots/${wallet[A]}/"
  may_not "A reads B's mail" get A data "$bucket" "bots/${wallet[B]}/inbound/$object"
  may_not "A lists B's mail" list A data "$bucket" "bots/${wallet[B]}/"
  may_not "A reads mail that is not filed yet" get A data "$bucket" "inbound/$object"
  may_not "A lists the whole bucket" list A data "$bucket" ""
  may_not "A writes mail" put A data "$bucket" "bots/${wallet[A]}/inbound/$object-of-A"
  for other in "${stack_classes[@]}"; do
    may_not "A's data credentials write to the $other bucket" put A data "${stack[${other}_bucket]}" "$(own A "$other")/$object"
    may_not "A's data credentials list the $other bucket" list A data "${stack[${other}_bucket]}" "$(own A "$other")/"
  done
  settle
  for actor in A B; do
    as_admin s3api delete-object --bucket "$bucket" --key "bots/${wallet[$actor]}/inbound/$object" >/dev/null
  done
}
[[ " ${tried[*]} " != *" mail "* ]] || try_mail

echo "$allowed allowed and $denied refused, as they should be; $wrong otherwise"
[[ $wrong -eq 0 ]]
