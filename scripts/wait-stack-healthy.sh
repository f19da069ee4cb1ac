#!/usr/bin/env bash
# Waits until the eight hosts of a stack answer /healthz over public TLS (broker, signer, audit, email, cred, memory,
# config, classify), and prints how many do: 8/8 at the end. Ends with 1 where they do not in time.
#
#   scripts/wait-stack-healthy.sh [STACK] [--timeout SECONDS]      default 600; 0 looks once
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Names are asked over HTTPS (dns.google); AGENTKEYS_RESOLVER=system asks this
# machine's resolver instead.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/hosts.sh
source "$cloud_root/scripts/lib/hosts.sh"
timeout=600
own_option() {
  [[ $1 == --timeout ]] || return 0
  [[ ${2:-} =~ ^[0-9]{1,5}$ ]] || misused "--timeout takes seconds"
  timeout=$2 took=2
}
cloud_options "$@"
need curl jq
cloud_load

read -r -a hosts <<<"${stack[healthy_hosts]}"
started=$SECONDS
while :; do
  waiting=()
  for host in "${hosts[@]}"; do host_healthy "$host" || waiting+=("$host"); done
  count=$((${#hosts[@]} - ${#waiting[@]}))
  if [[ ${#waiting[@]} -eq 0 ]]; then
    ok "$count/${#hosts[@]} healthy"
    exit 0
  fi
  [[ $((SECONDS - started)) -lt $timeout ]] || break
  echo "$count/${#hosts[@]} healthy; waiting for ${waiting[*]}"
  pause
done
fail "$count/${#hosts[@]} healthy; not: ${waiting[*]}. On the host: sudo bash scripts/setup-broker-host.sh $again"
