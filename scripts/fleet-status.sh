#!/usr/bin/env bash
# Shows the fleet: prod and the slots of the test fleet, what runs on them, and who deploys. Reads only, always ends
# with 0; what cannot be found out is n/a.
#
#   scripts/fleet-status.sh [--watch [SECONDS]]      again every SECONDS (default 30), until Ctrl-C
#
# The stacks are those of scripts/broker.env and scripts/broker.test*.env (ENV_DIR names another folder). Sections:
#   FLEET       EC2 state, EIP of the env file and of the tag, /healthz, days left of the certificate, DNS drift
#   CI          the newest runs of harness-ci.yml and the slot that each has (needs gh, signed in)
#   DEPLOYERS   the deployer's address that each stack's env file pins (DEPLOYER_ADDR_HEIMA)
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/hosts.sh
source "$cloud_root/scripts/lib/hosts.sh"
folder=${ENV_DIR:-$cloud_root/scripts} watch=''
own_option() {
  [[ $1 == --watch ]] || return 0
  watch=30 took=1
  if [[ ${2:-} =~ ^[1-9][0-9]{0,4}$ ]]; then watch=$2 took=2; fi
}
cloud_options "$@"
need jq

row() { printf '%-8s %-12s %-16s %-16s %-8s %-5s %s\n' "$@"; }

# fleet_row FILE : a stack's line. In a subshell: an env file that is wrong ends that alone.
fleet_row() {
  local state=n/a tagged=n/a healthy=n/a days=n/a drift=n/a name address drifted=()
  broker_env_file=$1 env_file=$folder/operator-workstation${1##*/broker}
  cloud_load 2>/dev/null
  if [[ -n $INSTANCE_ID ]] && answer=$(aws_call ec2 describe-instances --instance-ids "$INSTANCE_ID"); then
    state=$(jq -r '[.Reservations[].Instances[].State.Name][0] // "n/a"' <<<"$answer")
  fi
  if answer=$(aws_call ec2 describe-addresses --filters "Name=tag:Name,Values=${stack[eip_tag]}"); then
    tagged=$(jq -r '[.Addresses[].PublicIp] | join(",") | if . == "" then "none" else . end' <<<"$answer")
  fi
  if [[ -n $EIP ]]; then
    healthy=no
    ! host_healthy "${stack[broker_host]}" "$EIP" || healthy=yes
    days=$(host_days_left "${stack[broker_host]}" "$EIP" 2>/dev/null || echo n/a)
    for name in broker signer "${stack_workers[@]}"; do
      address=$(resolve "${stack[${name}_host]}" 2>/dev/null || true)
      [[ $address == "$EIP" ]] || drifted+=("$name=${address:-none}")
    done
    drift=${drifted[*]:-none}
  fi
  row "$STACK" "$state" "${EIP:-none}" "$tagged" "$healthy" "$days" "$drift"
}

show() {
  local file runs told line
  title "FLEET $(date -u +%H:%M:%SZ)"
  row stack ec2 eip-env eip-tag healthz days drift
  for file in "$folder"/broker.env "$folder"/broker.test.env "$folder"/broker.test-*.env; do
    [[ -f $file ]] || continue
    told=$(stack_of_file "$file")
    (fleet_row "$file") 2>/dev/null || row "${told:-prod}" n/a n/a n/a n/a n/a n/a
  done
  title CI
  if command -v gh >/dev/null && runs=$(gh run list --workflow harness-ci.yml --limit 8 \
    --json databaseId,status,conclusion,headBranch,displayTitle 2>/dev/null); then
    # The slot that a run has claimed stands in its title, as "slot N".
    jq -r '.[] | "\(.databaseId)  \(.status)\(if .conclusion == "" then "" else "/" + .conclusion end)  \(.headBranch)  "
      + "slot \((.displayTitle | capture("slot (?<n>[0-9]+)").n) // "n/a")"' <<<"$runs" 2>/dev/null || echo n/a
  else
    echo n/a
  fi
  title DEPLOYERS
  for file in "$folder"/operator-workstation.env "$folder"/operator-workstation.test.env \
    "$folder"/operator-workstation.test-*.env; do
    [[ -f $file ]] || continue
    told=$(stack_of_file "$file")
    line=$(
      declare -A one=()
      env_load one "$file" 2>/dev/null
      echo "${one[DEPLOYER_ADDR_HEIMA]:-n/a}"
    ) || line=n/a
    printf '%-8s %s\n' "${told:-prod}" "$line"
  done
}

show || true
while [[ -n $watch ]]; do
  sleep "$watch"
  show || true
done
exit 0
