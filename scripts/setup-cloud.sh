#!/usr/bin/env bash
# Sets up a stack in AWS: its address, DNS, mail, users, roles and buckets, in 15 steps, each of which may be run again
# at any time: what is there already is skipped. Run it on your own machine as agentkeys-admin.
#
#   scripts/setup-cloud.sh --yes                    prod
#   scripts/setup-cloud.sh --ci --yes               the test stack (--test is the same); with --slot N, slot N (from 2)
#   scripts/setup-cloud.sh --base --yes             the Base stack
#
#   --env-file PATH, --broker-env-file PATH         other env files than scripts/operator-workstation[.STACK].env and
#                                                   scripts/broker[.STACK].env; a name with test, test-N or base in it
#                                                   selects that stack
#   --from-step N, --to-step N, --only-step N       not all steps
#   --dry-run                                       look, and say what would be changed
#   --yes                                           do not ask
#
#    1 programs       2 env files      3 caller and zone      4 elastic IP       5 mail domain
#    6 DNS            7 mail bucket    8 receipt rule         9 sender          10 user of the daemon
#   11 data role     12 SSH user      13 data classes        14 mail policy     15 summary
#
# A new stack: --to-step 12, then scripts/setup-broker-host.sh on the host, scripts/register-oidc-provider.sh here,
# --only-step 13, and everything once more. Steps 10 and 12 show an access key once. Written back are EIP (broker file,
# step 4) and DATA_ROLE_ARN (operator's file, step 11).
#
# Each line begins with ok (changed), skip (was so), warn or fail. Ends with 1 after a fail, 2 for a wrong command line.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/dns.sh
source "$cloud_root/scripts/lib/dns.sh"
# shellcheck source=scripts/lib/mail.sh
source "$cloud_root/scripts/lib/mail.sh"
# shellcheck source=scripts/lib/data-class.sh
source "$cloud_root/scripts/lib/data-class.sh"

steps=15 from='' to='' only=''
own_option() {
  case $1 in
    --from-step | --to-step | --only-step)
      [[ ${2:-} =~ ^[1-9][0-9]?$ && $2 -le $steps ]] || misused "$1 takes a step from 1 to $steps"
      case $1 in
        --from-step) from=$2 ;;
        --to-step) to=$2 ;;
        *) only=$2 ;;
      esac
      took=2
      ;;
  esac
}
cloud_options "$@"
[[ -z $only || -z $from$to ]] || misused "--only-step goes without --from-step and --to-step"
from=${only:-${from:-1}} to=${only:-${to:-$steps}}
[[ $from -le $to ]] || misused "--from-step $from comes after --to-step $to"
runs() { [[ $1 -ge $from && $1 -le $to ]]; }

# --- The steps ------------------------------------------------------------------------------------------------------

step_1() { # required programs
  need aws jq curl openssl
  ok "aws, jq, curl and openssl are there"
}

step_2() { # required keys
  ok "stack $STACK, account $ACCOUNT_ID, region $REGION, zone $ZONE," \
    "from ${env_file#"$PWD/"} and ${broker_env_file#"$PWD/"}"
}

step_3() { # the caller, and the zone
  ok "you are $cloud_arn"
  if ! runs 6; then
    skip "the hosted zone: no DNS is written in this run"
    return
  fi
  ask NoSuchHostedZone route53 get-hosted-zone --id "$PARENT_ZONE_ID" \
    || fail "there is no hosted zone $PARENT_ZONE_ID; PARENT_ZONE_ID in $env_file is the id of $ZONE's zone"
  [[ $(jq -r '.HostedZone.Name | rtrimstr(".")' <<<"$answer") == "$ZONE" ]] \
    || fail "the hosted zone $PARENT_ZONE_ID is $(jq -r .HostedZone.Name <<<"$answer"), not $ZONE"
  [[ $(jq -r '.HostedZone.Config.PrivateZone // false' <<<"$answer") == false ]] \
    || fail "the hosted zone $PARENT_ZONE_ID is a private one; the names must be public"
  ok "the hosted zone $ZONE is there"
}

# The address in `answer` (of describe-addresses) is one that this stack may have.
address_is_ours() {
  local tag instance count
  IFS=, read -r count address allocation instance tag < <(jq -r '.Addresses as $all | $all[0]
    | "\($all | length),\(.PublicIp),\(.AllocationId // ""),\(.InstanceId // ""),"
      + "\([.Tags[]? | select(.Key == "Name") | .Value][0] // "")"' <<<"$answer")
  [[ $count -eq 1 ]] || fail "$count addresses fit: the tag ${stack[eip_tag]}, or the instance, must have one alone"
  [[ $tag != agentkeys-broker-eip* || $tag == "${stack[eip_tag]}" ]] \
    || fail "the address $address is another stack's ($tag); see INSTANCE_ID and EIP in $broker_env_file"
  [[ -z $instance || -z $INSTANCE_ID || $instance == "$INSTANCE_ID" ]] \
    || fail "the address $address is attached to $instance, not to INSTANCE_ID=$INSTANCE_ID; it is not taken away" \
      "there. Correct $broker_env_file, or run: aws ec2 disassociate-address --public-ip $address --region $REGION"
  address_tag=$tag address_instance=$instance
}

step_4() { # the elastic IP: the instance's own, else the tagged one, else EIP of the env file, else a new one
  local address='' allocation='' address_tag='' address_instance='' found=false
  if [[ -n $INSTANCE_ID ]]; then
    ask "" ec2 describe-addresses --filters "Name=instance-id,Values=$INSTANCE_ID"
    if [[ $answer == *'"PublicIp"'* ]]; then
      address_is_ours
      skip "EIP $address already attached to $INSTANCE_ID (adopting; no allocation)"
      found=true
    fi
  fi
  if ! $found; then
    ask "" ec2 describe-addresses --filters "Name=tag:Name,Values=${stack[eip_tag]}"
    if [[ $answer == *'"PublicIp"'* ]]; then
      address_is_ours
      skip "EIP $address has the tag ${stack[eip_tag]} (reusing; no allocation)"
      found=true
    fi
  fi
  if ! $found && [[ -n $EIP ]]; then
    ask InvalidAddress.NotFound ec2 describe-addresses --public-ips "$EIP" \
      || fail "EIP=$EIP in $broker_env_file is not an address of this account in $REGION; correct it, or take it out"
    address_is_ours
    skip "EIP $address is in $broker_env_file (using; no allocation)"
    found=true
  fi
  if ! $found; then
    # Tagged as it is made: a run that ends right after is found by the tag.
    change "allocated an elastic IP with the tag ${stack[eip_tag]}" "" ec2 allocate-address --domain vpc \
      --tag-specifications "ResourceType=elastic-ip,Tags=[{Key=Name,Value=${stack[eip_tag]}}]" || return 0
    address=$(jq -r .PublicIp <<<"$answer") allocation=$(jq -r .AllocationId <<<"$answer") address_tag=${stack[eip_tag]}
  fi
  if [[ $address_tag != "${stack[eip_tag]}" ]]; then
    change "tagged existing EIP as ${stack[eip_tag]} (idempotency for re-runs)" "" ec2 create-tags \
      --resources "$allocation" --tags "Key=Name,Value=${stack[eip_tag]}" || true
  fi
  if [[ -z $INSTANCE_ID ]]; then
    skip "attaching $address: INSTANCE_ID is empty in $broker_env_file; paste it, then --only-step 4"
  elif [[ -z $address_instance ]]; then
    # Refused by AWS, and not moved, where somebody attaches it in this moment.
    change "attached $address to $INSTANCE_ID" "" ec2 associate-address --allocation-id "$allocation" \
      --instance-id "$INSTANCE_ID" --no-allow-reassociation || true
  fi
  write_back "$broker_env_file" EIP "$address"
  EIP=$address
}

write_back() { # write_back FILE NAME VALUE
  if [[ ${env[$2]:-} == "$3" ]]; then
    skip "$2=$3 is in $1"
  elif $dry_run; then
    skip "dry run: would have written $2=$3 to $1"
  else
    [[ -f $1 ]] || : >"$1"
    env_set "$1" "$2" "$3"
    env[$2]=$3
    ok "written $2=$3 to $1"
  fi
}

step_5() { mail_domain_converge; }

step_6() { # six records of mail, nine addresses
  local tokens
  if mail_identity_exists "${stack[mail_domain]}"; then
    tokens=$(jq -c '.DkimAttributes.Tokens // []' <<<"$answer")
    [[ $(jq length <<<"$tokens") -eq 3 ]] \
      || fail "SES has no DKIM tokens for ${stack[mail_domain]} yet; run step 6 again"
    dns_upsert "mail" "$(dns_mail_records "$tokens")"
  else
    $dry_run || fail "SES does not know the domain ${stack[mail_domain]} yet: --only-step 5"
    skip "dry run: the mail records need the SES identity of step 5"
  fi
  if [[ -z $EIP ]]; then
    $dry_run || fail "there is no EIP in $broker_env_file yet: --only-step 4"
    skip "dry run: the address records need the elastic IP of step 4"
    return
  fi
  public_ipv4 "$EIP" || fail "EIP=$EIP in $broker_env_file is not a public address"
  dns_own "$EIP"
  dns_workers "$EIP"
}

step_7() {
  bucket_converge "${stack[mail_bucket]}"
  mail_lifecycle_converge
  mail_bucket_ses
}

step_8() { mail_rule_converge; }

step_9() {
  mail_sender_verify 24 || warn "${stack[email_from]} is not verified yet: no mail of Amazon's came. DNS may need" \
    "some minutes; then: bash scripts/setup-cloud.sh $again --only-step 9"
}

step_10() {
  user_converge "${stack[daemon_user]}"
  principal_policy user "${stack[daemon_user]}" "${stack[daemon_user]}-assume-role" "$(policy_assume_data)"
  user_key "${stack[daemon_user]}" "${stack[daemon_user]}" 10
}

step_11() {
  data_role_converge
  write_back "$env_file" DATA_ROLE_ARN "${stack[data_role_arn]}"
}

step_12() {
  if [[ -z $INSTANCE_ID ]]; then
    skip "user ${stack[ssh_user]}: INSTANCE_ID is empty in $broker_env_file; paste it, then --only-step 12"
    return
  fi
  user_converge "${stack[ssh_user]}"
  principal_policy user "${stack[ssh_user]}" "${stack[ssh_user]}-ssh" "$(policy_ssh)"
  user_key "${stack[ssh_user]}" "${stack[ssh_user]}" 12
}

step_13() { # the buckets, roles and bucket policies of the data classes
  local class
  if ! provider_exists; then
    [[ -z $only ]] || fail "there is no identity provider ${stack[provider_arn]} yet, which the roles trust. Once the" \
      "broker answers: bash scripts/register-oidc-provider.sh $again"
    skip "data classes: their roles trust ${stack[provider_arn]}, which is registered once the broker answers:" \
      "bash scripts/register-oidc-provider.sh $again, then --only-step 13"
    return
  fi
  data_role_converge
  for class in "${stack_classes[@]}"; do
    class_bucket "$class"
    class_role "$class"
    class_bucket_policy "$class"
  done
}

step_14() { mail_bucket_clean; }

step_15() {
  cat <<SUMMARY
stack $STACK in account $ACCOUNT_ID, $REGION
  issuer        ${stack[issuer]}
  address       ${EIP:-none yet}${INSTANCE_ID:+ on $INSTANCE_ID}
  sender        ${stack[email_from]}
  users         ${stack[daemon_user]}, ${stack[ssh_user]}
  roles         ${stack[data_role]}, ${stack[vault_role]}, ${stack[memory_role]}, ${stack[config_role]}
  buckets       ${stack[mail_bucket]}, ${stack[vault_bucket]}, ${stack[memory_bucket]}, ${stack[config_bucket]}
next
  on the host   bash scripts/ssh-broker.sh $STACK --fallback
                sudo bash scripts/setup-broker-host.sh $again
  then here     bash scripts/register-oidc-provider.sh $again
                bash scripts/setup-cloud.sh $again --only-step 13
                bash scripts/setup-cloud.sh $again
SUMMARY
}

titles=('' "Programs" "Env files" "Caller and hosted zone" "Elastic IP" "SES domain" "DNS" "Mail bucket" "Receipt rule"
  "Sender" "User of the daemon" "Data role" "SSH user" "Data classes" "Mail bucket policy" "Summary")

# The first three hold for every step, whether they are shown or not.
need aws jq curl openssl
cloud_load
cloud_caller
if [[ $to -gt 3 ]] && ! $dry_run; then
  confirm "Set up the stack $STACK (${stack[broker_host]}) in account $ACCOUNT_ID, steps $from to $to?"
fi
for ((step = from; step <= to; step++)); do
  title "step $step/$steps: ${titles[step]}"
  "step_$step"
done
summary
