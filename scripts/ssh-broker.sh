#!/usr/bin/env bash
# Signs in to a broker's host, whose instance and address stand in the stack's broker env file.
#
#   scripts/ssh-broker.sh [prod|test|test-N|base] [--fallback] [-- COMMAND…]
#
# By EC2 Instance Connect as agentkey: a key of the moment is pushed to the instance with the profile
# agentkeys-broker[-STACK] (--profile NAME for another), is good for a minute and is deleted again. With --fallback by a
# key file as ubuntu, for the first time and for when Instance Connect is down: --pem PATH, AGENTKEYS_PEM, or
# ~/.ssh/agentkeys-broker[-STACK].pem. The stack's flags (--ci, --slot N, --base) do as well.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
fallback=false named='' profile='' pem=${AGENTKEYS_PEM:-} command=()
own_option() {
  took=1
  case $1 in
    --fallback) fallback=true ;;
    --profile | --pem)
      [[ -n ${2:-} ]] || misused "$1 takes a value"
      if [[ $1 == --pem ]]; then pem=$2; else profile=$2; fi
      took=2
      ;;
    --)
      command=("${@:2}")
      took=$#
      ;;
    prod) named=prod ;;
    test) stack_option --ci ;;
    test-*) stack_option --ci && stack_option --slot "${1#test-}" || exit 2 ;;
    base) stack_option --base ;;
    *) took=0 ;;
  esac
}
cloud_options "$@"
need aws jq ssh ssh-keygen
cloud_load
[[ $named != prod || $STACK == prod ]] || misused "${env_file##*/} is a file of the stack $STACK, not of prod"
[[ -n $EIP ]] || fail "EIP is empty in $broker_env_file: bash scripts/setup-cloud.sh $again --only-step 4"
# One name in known_hosts, whatever address the host has.
options=(-o "HostKeyAlias=${stack[broker_host]}" -o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes)

if $fallback; then
  pem=${pem:-$HOME/.ssh/agentkeys-broker${stack[suffix]}.pem}
  [[ -r $pem ]] || fail "there is no key file $pem; name it: --pem PATH, or AGENTKEYS_PEM"
  exec ssh "${options[@]}" -i "$pem" "ubuntu@$EIP" "${command[@]}"
fi

[[ -n $INSTANCE_ID ]] || fail "INSTANCE_ID is empty in $broker_env_file; paste the EC2 instance's id"
moment=$(mktemp -d)
# shellcheck disable=SC2317,SC2329 # reached by the trap
forget() {
  rm -rf "$moment"
  cloud_end
}
trap forget EXIT
ssh-keygen -q -t ed25519 -N '' -C "ssh-broker" -f "$moment/key"
# Whatever profile the shell has: this one may push a key to this instance and nothing else.
aws_call ec2-instance-connect send-ssh-public-key --profile "${profile:-${stack[ssh_user]}}" \
  --instance-id "$INSTANCE_ID" --instance-os-user "$stack_login_user" \
  --ssh-public-key "file://$moment/key.pub" >/dev/null \
  || fail "Instance Connect: $(aws_words) - the profile is made by: bash scripts/setup-cloud.sh $again" \
    "--only-step 12; without it: bash scripts/ssh-broker.sh $STACK --fallback"
status=0
ssh "${options[@]}" -i "$moment/key" "$stack_login_user@$EIP" "${command[@]}" || status=$?
exit "$status"
