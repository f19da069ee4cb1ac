#!/usr/bin/env bash
# Looks at the six workers of a stack from outside: their names lead to the broker's address, and /healthz answers over
# TLS with a certificate for the name. A line for each; ends with 1 where one is wrong.
#
#   scripts/verify-workers.sh [STACK]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Names are asked over HTTPS (dns.google); AGENTKEYS_RESOLVER=system asks this
# machine's resolver instead.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/hosts.sh
source "$cloud_root/scripts/lib/hosts.sh"
cloud_options "$@"
need curl jq openssl
cloud_load

wrong=0
bad() {
  wrong=$((wrong + 1))
  printf 'fail %s\n' "$*"
}
broker=$(resolve "${stack[broker_host]}" || true)
[[ -n $broker ]] || fail "${stack[broker_host]} has no address: bash scripts/setup-cloud.sh $again --only-step 6"
for name in "${stack_workers[@]}"; do
  host=${stack[${name}_host]}
  address=$(resolve "$host" || true)
  if [[ $address != "$broker" ]]; then
    bad "$host leads to ${address:-nowhere}, the broker to $broker: bash scripts/dns-upsert-workers.sh $again"
  elif ! host_healthy "$host" "$address"; then
    bad "$host does not answer /healthz over TLS; on the host: sudo bash scripts/setup-broker-host.sh $again"
  else
    ok "$host at $address, certificate for another $(host_days_left "$host" "$address" || echo '?') days"
  fi
done
[[ $wrong -eq 0 ]]
