#!/usr/bin/env bash
# Points the workers' names (audit, email, cred, memory, config, classify) at the broker's address, which they share:
# the address of the broker's own A record, unless --eip gives another. Then looks whether public DNS says so.
#
#   scripts/dns-upsert-workers.sh [STACK] [--eip ADDRESS] [--dry-run]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin. An address that the Internet does not route is
# refused: private, of a carrier's NAT, or of 198.18.0.0/15, by which VPNs stand in for names.
# Public DNS is asked over HTTPS (dns.google); AGENTKEYS_RESOLVER=system asks this machine's resolver instead.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/dns.sh
source "$cloud_root/scripts/lib/dns.sh"
address=''
own_option() {
  [[ $1 == --eip ]] || return 0
  public_ipv4 "${2:-}" || misused "--eip takes a public IPv4 address, not \"${2:-}\""
  address=$2 took=2
}
cloud_options "$@"
need aws jq curl
cloud_load
cloud_caller

if [[ -z $address ]]; then
  ask NoSuchHostedZone route53 list-resource-record-sets --hosted-zone-id "$PARENT_ZONE_ID" \
    || fail "there is no hosted zone $PARENT_ZONE_ID; see PARENT_ZONE_ID in $env_file"
  address=$(jq -r --arg name "${stack[broker_host]}." \
    '[.ResourceRecordSets[] | select(.Name == $name and .Type == "A") | .ResourceRecords[]?.Value][0] // empty' \
    <<<"$answer")
  [[ -n $address ]] || fail "${stack[broker_host]} has no A record: bash scripts/setup-cloud.sh $again --only-step 6"
  public_ipv4 "$address" || fail "${stack[broker_host]} has the address $address, which is not a public one; give --eip"
fi
dns_workers "$address"
$dry_run && exit 0

behind=()
for tries in {1..12}; do
  behind=()
  for name in "${stack_workers[@]}"; do
    [[ $(resolve "${stack[${name}_host]}" || true) == "$address" ]] || behind+=("${stack[${name}_host]}")
  done
  [[ ${#behind[@]} -gt 0 ]] || break
  [[ $tries -eq 12 ]] || pause
done
if [[ ${#behind[@]} -eq 0 ]]; then
  skip "public DNS gives $address for all six"
else
  warn "public DNS does not give $address yet for ${behind[*]}; it may take some minutes"
fi
