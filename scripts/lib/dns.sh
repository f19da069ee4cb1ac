# shellcheck shell=bash
# shellcheck disable=SC2154 # what is read here comes from cloud.sh
# Records of the stack in its Route 53 zone; sourced after cloud.sh, never run.

# dns_address HOST ADDRESS : an A record as JSON, for dns_upsert
dns_address() {
  jq -nc --arg name "$1" --arg value "$2" '{Name: $name, Type: "A", TTL: 300, ResourceRecords: [{Value: $value}]}'
}

# dns_mail_records TOKENS : the six records of the mail domain, for these DKIM tokens (a JSON list)
dns_mail_records() {
  jq -nc --argjson tokens "$1" --arg domain "${stack[mail_domain]}" --arg region "$REGION" '
    def record($name; $type; $value): {Name: $name, Type: $type, TTL: 300, ResourceRecords: [{Value: $value}]};
    ($tokens[] | record("\(.)._domainkey.\($domain)"; "CNAME"; "\(.).dkim.amazonses.com")),
    record($domain; "MX"; "10 inbound-smtp.\($region).amazonaws.com"),
    record($domain; "TXT"; "\"v=spf1 include:amazonses.com -all\""),
    record("_dmarc.\($domain)"; "TXT"; "\"v=DMARC1; p=quarantine; rua=mailto:dmarc@\($domain)\"")'
}

# dns_upsert WHAT RECORDS : these records (a JSON list), in one change of those that differ
dns_upsert() {
  local what=$1 records=$2 batch names
  ask NoSuchHostedZone route53 list-resource-record-sets --hosted-zone-id "$PARENT_ZONE_ID" \
    || fail "there is no hosted zone $PARENT_ZONE_ID; see PARENT_ZONE_ID in $env_file"
  batch=$(jq -c --argjson wanted "$records" --arg what "$what" '
    def plain: {Name: (.Name | rtrimstr(".") | ascii_downcase), Type, TTL,
      Values: ([.ResourceRecords[]?.Value] | sort)};
    [.ResourceRecordSets[] | plain] as $have
    | {Comment: "AgentKeys: \($what)", Changes: [$wanted[] | select(plain as $one | $have | any(. == $one) | not)
      | {Action: "UPSERT", ResourceRecordSet: .}]}' <<<"$answer")
  names=$(jq -r '[.Changes[].ResourceRecordSet | "\(.Name) \(.Type)"] | join(", ")' <<<"$batch")
  if [[ -z $names ]]; then
    skip "DNS, $what: $(jq length <<<"$records") records are there"
  else
    change "written DNS, $what: $names" "" route53 change-resource-record-sets --hosted-zone-id "$PARENT_ZONE_ID" \
      --change-batch "$batch" || true
  fi
}

# dns_workers ADDRESS : the workers' A records; they stand on the broker's host
dns_workers() {
  local name records=()
  for name in "${stack_workers[@]}"; do records+=("$(dns_address "${stack[${name}_host]}" "$1")"); done
  dns_upsert "workers" "$(jq -sc . <<<"${records[*]}")"
}

# dns_own ADDRESS : the broker's, the signer's and the MCP host's A records
dns_own() {
  local name records=()
  for name in broker signer mcp; do records+=("$(dns_address "${stack[${name}_host]}" "$1")"); done
  dns_upsert "broker, signer, mcp" "$(jq -sc . <<<"${records[*]}")"
}
