# shellcheck shell=bash
# What the scripts of the cloud have in common: their command line, the stack's env files, and calls of AWS. Sourced,
# never run.
#
#   cloud_options "$@"    --ci (alias --test), --slot N, --base, --env-file PATH, --broker-env-file PATH, --yes,
#                         --dry-run, --help; the script's own go to its function own_option, which sets `took`
#   cloud_load            reads the stack's env files into `env`, and its names into `stack`
#
# ENV_FILE and BROKER_ENV_FILE stand in for the two options. AGENTKEYS_POLL_SECONDS is the pause between two looks at
# something that AWS needs time for (default 5).
# shellcheck disable=SC2034 # what is set here is read by those who source this

cloud_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib.sh
source "$cloud_root/scripts/lib.sh"
# shellcheck source=scripts/lib/report.sh
source "$cloud_root/scripts/lib/report.sh"
# shellcheck source=scripts/lib/stack.sh
source "$cloud_root/scripts/lib/stack.sh"
# shellcheck source=scripts/lib/env-file.sh
source "$cloud_root/scripts/lib/env-file.sh"
# shellcheck source=scripts/lib/policies.sh
source "$cloud_root/scripts/lib/policies.sh"

yes=false dry_run=false env_file=${ENV_FILE:-} broker_env_file=${BROKER_ENV_FILE:-} took=0
declare -A env=()
poll_seconds=${AGENTKEYS_POLL_SECONDS:-5}
pause() { sleep "$poll_seconds"; }

cloud_options() {
  while [[ $# -gt 0 ]]; do
    stack_option "$@" || exit 2
    if ((stack_took)); then
      shift "$stack_took"
      continue
    fi
    took=1
    case $1 in
      --env-file | --broker-env-file)
        [[ -n ${2:-} ]] || misused "$1 takes a path"
        if [[ $1 == --env-file ]]; then env_file=$2; else broker_env_file=$2; fi
        took=2
        ;;
      --yes | -y) yes=true ;;
      --dry-run) dry_run=true ;;
      --help | -h)
        usage "$0"
        exit 0
        ;;
      *)
        took=0
        ! declare -F own_option >/dev/null || own_option "$@"
        ((took)) || misused "unknown option $1"
        ;;
    esac
    shift "$took"
  done
}

# need PROGRAM… : all of them are installed
need() {
  local program missing=()
  for program; do command -v "$program" >/dev/null || missing+=("$program"); done
  [[ ${#missing[@]} -eq 0 ]] \
    || fail "missing: ${missing[*]}; on Debian and Ubuntu scripts/install-requirements.sh --cloud installs them"
}

# --- The stack ------------------------------------------------------------------------------------------------------

# The options that name this stack on a command line, for what a script says to run next.
again=''

# cloud_load : chooses the stack, reads its env files and checks that their names are this stack's. Nothing of another
# stack is ever touched, for no name of one passes here.
cloud_load() {
  local key
  stack_choose "$env_file" || exit 2
  [[ -n $env_file ]] || env_file=$cloud_root/scripts/operator-workstation$(stack_infix "$STACK").env
  if [[ -z $broker_env_file ]]; then
    # Beside the operator's, under the name that goes with it.
    broker_env_file=${env_file%/*}/broker$(stack_infix "$STACK").env
    [[ $env_file == */* ]] || broker_env_file=./${broker_env_file##*/}
    [[ -f $broker_env_file ]] || broker_env_file=$cloud_root/scripts/${broker_env_file##*/}
  fi
  case $STACK in
    prod) again=--yes ;;
    base) again='--base --yes' ;;
    test) again='--ci --yes' ;;
    *) again="--ci --slot ${STACK#test-} --yes" ;;
  esac
  key=$(stack_of_file "$broker_env_file")
  [[ -z $key || $key == "$STACK" ]] || misused "${broker_env_file##*/} is a file of the stack $key, not of $STACK"
  [[ -f $env_file ]] || fail "there is no $env_file; copy the env files of another stack and change their names"
  if [[ -f $broker_env_file ]]; then env_load env "$env_file" "$broker_env_file"; else env_load env "$env_file"; fi

  for key in ACCOUNT_ID REGION ZONE PARENT_ZONE_ID BROKER_HOST MAIL_DOMAIN BUCKET; do
    [[ -n ${env[$key]:-} ]] || fail "$key is not set in $env_file; see README.md, \"Cloud set-up\""
  done
  cloud_form ACCOUNT_ID '^[0-9]{12}$' "an AWS account is 12 digits"
  cloud_form REGION '^[a-z]{2}(-[a-z]+)+-[0-9]$' "such as us-east-1"
  cloud_form ZONE '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$' "a domain in lower case, without a dot at its end"
  cloud_form PARENT_ZONE_ID '^Z[A-Z0-9]{1,31}$' "the id of the Route 53 zone, without /hostedzone/"
  cloud_form INSTANCE_ID '^(i-[0-9a-f]{8,17})?$' "an EC2 instance such as i-0123456789abcdef0, or empty"
  cloud_form EIP '^([0-9]{1,3}(\.[0-9]{1,3}){3})?$' "an IPv4 address, or empty"
  REGION=${env[REGION]} ACCOUNT_ID=${env[ACCOUNT_ID]} ZONE=${env[ZONE]} PARENT_ZONE_ID=${env[PARENT_ZONE_ID]}
  INSTANCE_ID=${env[INSTANCE_ID]:-} EIP=${env[EIP]:-}
  stack_names "$STACK" "$ZONE" "$ACCOUNT_ID" || exit 2
  cloud_host BROKER_HOST broker_host
  cloud_host MAIL_DOMAIN mail_domain
  stack[issuer]=https://${stack[broker_host]}
  stack[provider_arn]=arn:aws:iam::$ACCOUNT_ID:oidc-provider/${stack[broker_host]}
  stack[email_from]=${stack[email_from]%@*}@${stack[mail_domain]}
  cloud_name BUCKET mail_bucket
  cloud_name MAIL_BUCKET mail_bucket
  for key in "${stack_classes[@]}"; do
    cloud_name "${key^^}_BUCKET" "${key}_bucket"
    cloud_name "${key^^}_ROLE_ARN" "${key}_role_arn"
  done
  cloud_name DATA_ROLE_ARN data_role_arn
  cloud_name BROKER_DATA_ROLE_ARN data_role_arn
  cloud_name OIDC_PROVIDER_ARN provider_arn
  cloud_name BROKER_OIDC_ISSUER issuer
  cloud_name BROKER_EMAIL_FROM_ADDRESS email_from
  for key in MCP SIGNER "${stack_workers[@]^^}"; do cloud_name "${key}_HOST" "${key,,}_host"; done
}

cloud_form() { # cloud_form KEY PATTERN FORM : what a value looks like
  [[ ${env[$1]:-} =~ $2 ]] || fail "$1=\"${env[$1]:-}\" in the env files of $STACK: $3"
}

cloud_name() { # cloud_name KEY NAME : a value that is set is the stack's name
  [[ -z ${env[$1]:-} || ${env[$1]} == "${stack[$2]}" ]] \
    || fail "$1=${env[$1]} in the env files, but the stack $STACK calls it ${stack[$2]}: another stack's file?"
}

# cloud_host KEY NAME : a host of one's own is possible where it tells its stack as the usual ones do, so that no two
# stacks share one.
cloud_host() {
  local value=${env[$1]} told
  [[ $value =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ && $value == *".$ZONE" ]] \
    || fail "$1=\"$value\" in $env_file: must be a name under $ZONE"
  told=$(stack_of_file "${value%".$ZONE"}")
  [[ ${told:-prod} == "$STACK" ]] \
    || fail "$1=$value in $env_file is a name of the stack ${told:-prod}, not of $STACK: another stack's file?"
  stack[$2]=$value
}

# --- AWS ------------------------------------------------------------------------------------------------------------

# What AWS last said on standard error; nothing else is ever written here.
cloud_said=$(mktemp)
# shellcheck disable=SC2317,SC2329 # reached by the trap
cloud_end() { rm -f "$cloud_said"; }
trap cloud_end EXIT

# The region goes with every call: a profile's own may be another, where the answer is an empty list. Answers are read
# here, so no pager.
aws_call() { AWS_PAGER='' aws "$@" --region "$REGION" --output json 2>"$cloud_said"; }

# The code of AWS's last refusal, such as NoSuchEntity; nothing where it was no refusal of AWS's.
aws_code() { sed -n 's/^An error occurred (\([A-Za-z0-9._]*\)) when calling.*/\1/p' "$cloud_said" | head -n 1; }
aws_words() { tr -s '\n' ' ' <"$cloud_said" | cut -c 1-600; }
aws_refused() { # aws_refused CODE… : AWS's last refusal was one of these
  local code wanted
  code=$(aws_code)
  for wanted; do [[ $code != "$wanted" ]] || return 0; done
  return 1
}

# ask CODES COMMAND… : AWS's answer to a question, in `answer`; 1 where it refuses with one of these codes (words of
# one argument), which say that the thing is not there. Any other failure ends the script.
ask() {
  local codes=$1
  shift
  answer=''
  if answer=$(aws_call "$@"); then return 0; fi
  # shellcheck disable=SC2086 # words
  ! aws_refused $codes || return 1
  fail "aws $1 $2: $(aws_words)"
}

# change WHAT CODES COMMAND… : changes something, says so, and leaves AWS's answer in `answer`. WHAT completes "has";
# one of the codes says that it is so already. Returns 1 where nothing was done, as under --dry-run.
change() {
  local what=$1 codes=$2 tries
  shift 2
  answer=''
  if $dry_run; then
    skip "dry run: would have $what"
    return 1
  fi
  for tries in {1..12}; do
    if answer=$(aws_call "$@"); then
      ok "$what"
      return 0
    fi
    # shellcheck disable=SC2086 # words
    if aws_refused $codes; then
      skip "$what already ($(aws_code))"
      return 1
    fi
    # A policy may name a user or role that was made seconds ago, and that this part of AWS does not know yet.
    grep -qi 'invalid principal' "$cloud_said" || break
    [[ $tries -eq 12 ]] || pause
  done
  fail "aws $1 $2 ($what): $(aws_words)"
}

# answer_is FILTER WANTED : what this filter takes out of `answer` is equal to WANTED as policies are: the order in a
# list does not count, and a list of one is its element.
answer_is() {
  jq -e --argjson wanted "$2" "def canonical: if type == \"object\" then map_values(canonical)
      elif type == \"array\" then map(canonical) | if length == 1 then .[0] else sort end
      else . end;
    ($1 | canonical) == (\$wanted | canonical)" <<<"${answer:-null}" >/dev/null
}

# --- IAM ------------------------------------------------------------------------------------------------------------

role_exists() { ask NoSuchEntity iam get-role --role-name "$1"; }
user_exists() { ask NoSuchEntity iam get-user --user-name "$1"; }
provider_exists() {
  ask NoSuchEntity iam get-open-id-connect-provider --open-id-connect-provider-arn "${stack[provider_arn]}"
}

# role_trust ROLE POLICY [FOR] : the role is there and trusts whom the policy says
role_trust() {
  local role=$1 policy=$2
  if ! role_exists "$role"; then
    change "created role $role" EntityAlreadyExists iam create-role --role-name "$role" \
      --assume-role-policy-document "$policy" || true
  elif answer_is .Role.AssumeRolePolicyDocument "$policy"; then
    skip "role $role trusts whom it should"
  else
    change "changed whom role $role trusts" "" iam update-assume-role-policy --role-name "$role" \
      --policy-document "$policy" || true
  fi
}

# principal_policy role|user NAME POLICY_NAME POLICY : its inline policy of this name
principal_policy() {
  local kind=$1 name=$2 policy_name=$3 policy=$4
  if ask NoSuchEntity iam "get-$kind-policy" "--$kind-name" "$name" --policy-name "$policy_name" \
    && answer_is .PolicyDocument "$policy"; then
    skip "$kind $name has the policy $policy_name"
  else
    change "put the policy $policy_name on $kind $name" "" iam "put-$kind-policy" "--$kind-name" "$name" \
      --policy-name "$policy_name" --policy-document "$policy" || true
  fi
}

role_policy_gone() { # role_policy_gone ROLE POLICY_NAME WHY
  if ask NoSuchEntity iam get-role-policy --role-name "$1" --policy-name "$2"; then
    change "deleted the policy $2 of role $1: $3" NoSuchEntity iam delete-role-policy --role-name "$1" \
      --policy-name "$2" || true
  fi
}

user_converge() { # user_converge USER
  if user_exists "$1"; then
    skip "user $1 is there"
  else
    change "created user $1" EntityAlreadyExists iam create-user --user-name "$1" || true
  fi
}

# The tag of a user whose access key is being made. It is taken away once the secret has been shown, so that a run that
# ends in between is found out: AWS shows the secret once.
key_tag=agentkeys-access-key-pending

# user_key USER PROFILE STEP : the user has an access key; a new one is shown once, on standard output, as the profile
# to append to ~/.aws/credentials. No secret touches a file of these scripts.
user_key() {
  local user=$1 profile=$2 step=$3 keys pending
  if ! ask NoSuchEntity iam list-access-keys --user-name "$user"; then
    skip "access key of $user: dry run, there is no such user yet"
    return
  fi
  keys=$(jq -r '[.AccessKeyMetadata[].AccessKeyId] | join(" ")' <<<"$answer")
  ask "" iam list-user-tags --user-name "$user"
  pending=$(jq -r --arg key "$key_tag" 'any(.Tags[]?; .Key == $key)' <<<"$answer")
  if [[ -n $keys ]]; then
    if ! $pending; then
      skip "user $user has an access key; its secret is shown once only"
      return
    fi
    warn "user $user has the access key $keys, but an earlier run ended before it had shown the" \
      "secret, which is lost. Replace it: aws iam delete-access-key --user-name $user --access-key-id" \
      "${keys%% *} && bash scripts/setup-cloud.sh $again --only-step $step"
    return
  fi
  if ! $pending; then
    change "noted that an access key of $user is being made" "" iam tag-user --user-name "$user" \
      --tags "Key=$key_tag,Value=true" || return 0
  fi
  change "created an access key of $user" "" iam create-access-key --user-name "$user" || return 0
  printf '\nAppend to ~/.aws/credentials; the secret is shown this once:\n\n'
  jq -r --arg profile "$profile" --arg region "$REGION" '.AccessKey | "[\($profile)]",
    "aws_access_key_id = \(.AccessKeyId)", "aws_secret_access_key = \(.SecretAccessKey)", "region = \($region)", ""' \
    <<<"$answer"
  answer=''
  change "noted that the secret has been shown" "" iam untag-user --user-name "$user" --tag-keys "$key_tag"
}

# --- S3 -------------------------------------------------------------------------------------------------------------

# bucket_exists BUCKET : ours; one of another account or region ends the script
bucket_exists() {
  if ask "404 NoSuchBucket 403 301" s3api head-bucket --bucket "$1"; then return 0; fi
  case $(aws_code) in
    403) fail "bucket $1 is there and not yours: somebody has taken the name in another account" ;;
    301) fail "bucket $1 is in another region than $REGION" ;;
  esac
  return 1
}

bucket_converge() { # bucket_converge BUCKET : there, and closed to the public
  local bucket=$1 location=() closed
  [[ $REGION == us-east-1 ]] || location=(--create-bucket-configuration "LocationConstraint=$REGION")
  if bucket_exists "$bucket"; then
    skip "bucket $bucket is there"
  else
    change "created bucket $bucket" BucketAlreadyOwnedByYou s3api create-bucket --bucket "$bucket" "${location[@]}" \
      || true
  fi
  closed='{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}'
  if ask "NoSuchPublicAccessBlockConfiguration NoSuchBucket" s3api get-public-access-block --bucket "$bucket" \
    && answer_is .PublicAccessBlockConfiguration "$closed"; then
    skip "bucket $bucket is closed to the public"
  else
    change "closed bucket $bucket to the public" "" s3api put-public-access-block --bucket "$bucket" \
      --public-access-block-configuration "$closed" || true
  fi
}

# bucket_policy BUCKET : its policy, in .Policy of `answer` as text; 1 where it has none
bucket_policy() { ask "NoSuchBucketPolicy NoSuchBucket" s3api get-bucket-policy --bucket "$1"; }

bucket_policy_converge() { # bucket_policy_converge BUCKET POLICY : this policy, in place of any other
  if bucket_policy "$1" && answer_is '.Policy | fromjson' "$2"; then
    skip "bucket $1 has its policy"
  else
    change "put the policy of bucket $1" "" s3api put-bucket-policy --bucket "$1" --policy "$2" || true
  fi
}

# --- Names and addresses --------------------------------------------------------------------------------------------

# resolve HOST : the host's first IPv4 address, by DNS over HTTPS: a VPN on this machine may rewrite ordinary answers.
# AGENTKEYS_RESOLVER=system asks this machine's resolver all the same, for networks that reach no other.
resolve() {
  case ${AGENTKEYS_RESOLVER:-doh} in
    system) getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }' ;;
    doh)
      curl -fsS -m 10 --get --data-urlencode "name=$1" --data-urlencode type=A \
        "${AGENTKEYS_DOH_URL:-https://dns.google/resolve}" 2>/dev/null \
        | jq -r '[.Answer[]? | select(.type == 1) | .data][0] // empty' 2>/dev/null
      ;;
    *) fail "AGENTKEYS_RESOLVER=\"$AGENTKEYS_RESOLVER\" is neither doh nor system" ;;
  esac
}

# public_ipv4 ADDRESS : an address that the Internet routes: not private, of a carrier's NAT, loopback, link-local,
# multicast, or of 198.18.0.0/15, by which VPNs stand in for names.
public_ipv4() {
  local a b c d
  [[ $1 =~ ^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$ ]] || return 1
  a=$((10#${BASH_REMATCH[1]})) b=$((10#${BASH_REMATCH[2]})) c=$((10#${BASH_REMATCH[3]})) d=$((10#${BASH_REMATCH[4]}))
  ((a <= 255 && b <= 255 && c <= 255 && d <= 255)) || return 1
  ((a != 0 && a != 10 && a != 127 && a < 224)) || return 1
  ((!(a == 100 && b >= 64 && b <= 127) && !(a == 169 && b == 254) && !(a == 172 && b >= 16 && b <= 31))) || return 1
  ((!(a == 192 && b == 168) && !(a == 198 && (b == 18 || b == 19))))
}

# https HOST PATH [ADDRESS] : GET over public TLS, at the address that public DNS gives; the body on standard output
https() {
  local address=${3:-}
  [[ -n $address ]] || address=$(resolve "$1") || true
  [[ -n $address ]] || return 1
  curl -fsS -m 10 --resolve "$1:443:$address" "https://$1$2"
}

# cloud_caller : whoever calls is the admin, in the stack's account. Otherwise nothing is done: with the profile of
# another account every bucket and role would be made there.
cloud_caller() {
  local account arn
  ask "" sts get-caller-identity
  read -r account arn < <(jq -r '"\(.Account) \(.Arn)"' <<<"$answer")
  [[ $account == "$ACCOUNT_ID" ]] \
    || fail "you are $arn, but ACCOUNT_ID in $env_file is $ACCOUNT_ID; choose the profile:" \
      "export AWS_PROFILE=agentkeys-admin"
  [[ $arn == *:user/agentkeys-admin || $arn == *:assumed-role/agentkeys-admin/* ||
    $arn == *:assumed-role/AWSReservedSSO_agentkeys-admin_*/* ]] \
    || fail "you are $arn, not agentkeys-admin; choose the profile: export AWS_PROFILE=agentkeys-admin"
  cloud_arn=$arn
}
