# shellcheck shell=bash
# shellcheck disable=SC2154 # what is read here comes from cloud.sh
# Records of the stack in its Route 53 zone; sourced after cloud.sh, never run.

# dns_addresses ADDRESS HOST… : A records as JSON, for dns_upsert
dns_addresses() {
  jq -nc --arg value "$1" '[$ARGS.positional[] | {Name: ., Type: "A", TTL: 300, ResourceRecords: [{Value: $value}]}]' \
    --args "${@:2}"
}

# dns_mail_records TOKENS : the six records of the mail domain, for these DKIM tokens (a JSON list)
dns_mail_records() {
  jq -nc --argjson tokens "$1" --arg domain "${stack[mail_domain]}" --arg region "$REGION" '
    def record($name; $type; $value): {Name: $name, Type: $type, TTL: 300, ResourceRecords: [{Value: $value}]};
    [($tokens[] | record("\(.)._domainkey.\($domain)"; "CNAME"; "\(.).dkim.amazonses.com")),
    record($domain; "MX"; "10 inbound-smtp.\($region).amazonaws.com"),
    record($domain; "TXT"; "\"v=spf1 include:amazonses.com -all\""),
    record("_dmarc.\($domain)"; "TXT"; "\"v=DMARC1; p=quarantine; rua=mailto:dmarc@\($domain)\"")]'
}

# dns_upsert WHAT RECORDS : these records (a JSON list), in one change of those that differ
dns_upsert() {
  local what=$1 records=$2 batch names
  ask NoSuchHostedZone route53 list-resource-record-sets --hosted-zone-id "$PARENT_ZONE_ID" \
    || fail "there is no hosted zone $PARENT_ZONE_ID; see PARENT_ZONE_ID in $env_file"
  # The names on the first line, the change on the second.
  { read -r names && read -r batch; } < <(jq -r --argjson wanted "$records" --arg what "$what" '
    def plain: {Name: (.Name | rtrimstr(".") | ascii_downcase), Type, TTL,
      Values: ([.ResourceRecords[]?.Value] | sort)};
    [.ResourceRecordSets[] | plain] as $have
    | [$wanted[] | select(plain as $one | $have | any(. == $one) | not)]
    | ([.[] | "\(.Name) \(.Type)"] | join(", ")),
      ({Comment: "AgentKeys: \($what)", Changes: map({Action: "UPSERT", ResourceRecordSet: .})} | tojson)' <<<"$answer") \
    || fail "the records of the zone $PARENT_ZONE_ID cannot be read"
  if [[ -z $names ]]; then
    skip "DNS, $what: all records are there"
  else
    change "written DNS, $what: $names" "" route53 change-resource-record-sets --hosted-zone-id "$PARENT_ZONE_ID" \
      --change-batch "$batch" || true
  fi
}

# dns_workers ADDRESS : the workers' A records; they stand on the broker's host
dns_workers() {
  local name hosts=()
  for name in "${stack_workers[@]}"; do hosts+=("${stack[${name}_host]}"); done
  dns_upsert "workers" "$(dns_addresses "$1" "${hosts[@]}")"
}

# dns_own ADDRESS : the broker's, the signer's and the MCP host's A records
dns_own() {
  dns_upsert "broker, signer, mcp" \
    "$(dns_addresses "$1" "${stack[broker_host]}" "${stack[signer_host]}" "${stack[mcp_host]}")"
}
