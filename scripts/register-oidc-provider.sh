#!/usr/bin/env bash
# Registers the stack's broker with IAM as an identity provider, once it serves over public TLS: looks at what it
# serves, at what is registered already, registers, and looks again.
#
#   scripts/register-oidc-provider.sh [STACK] [--yes] [--dry-run]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin.
#
# Refused is an issuer that is not https://BROKER_HOST byte for byte: IAM compares it with each token. A provider that
# is registered already is left alone where it is the same, gets the present thumbprint where only that differs, and is
# deleted and made anew where it takes no token for sts.amazonaws.com. One that was registered for a misspelt issuer of
# this host (a slash at the end, a path) is deleted: tokens of this broker never match it.
# The host's name is asked over HTTPS (dns.google); AGENTKEYS_RESOLVER=system asks this machine's resolver instead.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/hosts.sh
source "$cloud_root/scripts/lib/hosts.sh"
# shellcheck source=scripts/lib/data-class.sh
source "$cloud_root/scripts/lib/data-class.sh"
cloud_options "$@"
need aws jq curl openssl
cloud_load
cloud_caller
host=${stack[broker_host]} arn=${stack[provider_arn]} audience=sts.amazonaws.com

title "What the broker serves"
address=$(resolve "$host" || true)
[[ -n $address ]] || fail "$host has no address: bash scripts/setup-cloud.sh $again --only-step 6"
discovery=$(https "$host" /.well-known/openid-configuration "$address") \
  || fail "https://$host/.well-known/openid-configuration does not answer at $address;" \
    "on the host: sudo bash scripts/setup-broker-host.sh $again"
issuer=$(jq -r .issuer <<<"$discovery") || fail "the discovery document of $host is not JSON"
[[ $issuer == "${stack[issuer]}" ]] \
  || fail "the broker calls itself \"$issuer\", and must call itself \"${stack[issuer]}\":" \
    "set BROKER_OIDC_ISSUER on the host, then systemctl restart agentkeys-broker"
keys_url=$(jq -r .jwks_uri <<<"$discovery")
[[ $keys_url == "${stack[issuer]}"/* ]] || fail "jwks_uri is \"$keys_url\", which is not the issuer's"
keys=$(https "$host" "${keys_url#"${stack[issuer]}"}" "$address") || fail "$keys_url does not answer"
count=$(jq '[.keys[] | select(.kty == "EC" and .crv == "P-256")] | length' <<<"$keys") \
  || fail "$keys_url is not a key set"
[[ $count -ge 1 ]] || fail "$keys_url has no ES256 key"
host_healthy "$host" "$address" || fail "https://$host/healthz does not answer"
ok "${stack[issuer]} at $address, $count ES256 keys"

# IAM takes SHA-1, 40 digits in lower case; without -sha1 a modern OpenSSL gives SHA-256.
thumbprint=$(host_certificate "$host" "$address" | openssl x509 -noout -fingerprint -sha1 | sed 's/^.*=//; s/://g' \
  | tr '[:upper:]' '[:lower:]')
[[ $thumbprint =~ ^[0-9a-f]{40}$ ]] \
  || fail "the certificate of $host has no SHA-1 thumbprint of 40 digits: \"$thumbprint\""
ok "thumbprint $thumbprint"

title "What is registered"
ask "" iam list-open-id-connect-providers
mapfile -t stale < <(jq -r --arg arn "$arn" \
  '.OpenIDConnectProviderList[].Arn | select(startswith($arn + "/"))' <<<"$answer")
state=empty
if provider_exists; then
  if [[ $(jq -r .Url <<<"$answer") != "$host" ]] \
    || ! jq -e --arg audience "$audience" 'any(.ClientIDList[]?; . == $audience)' <<<"$answer" >/dev/null; then
    state=stale
    stale+=("$arn")
  elif ! jq -e --arg thumbprint "$thumbprint" 'any(.ThumbprintList[]?; ascii_downcase == $thumbprint)' \
    <<<"$answer" >/dev/null; then
    state=thumbprint
  else
    state=matching
  fi
fi

[[ $state == matching && ${#stale[@]} -eq 0 ]] || $dry_run \
  || confirm "Register ${stack[issuer]} in account $ACCOUNT_ID? (Now: $state${stale[*]:+, to be deleted: ${stale[*]}})"
for one in "${stale[@]}"; do
  change "deleted the stale provider $one" NoSuchEntity iam delete-open-id-connect-provider \
    --open-id-connect-provider-arn "$one" || true
done
case $state in
  matching) skip "$arn is registered" ;;
  thumbprint)
    change "gave $arn the present thumbprint" "" iam update-open-id-connect-provider-thumbprint \
      --open-id-connect-provider-arn "$arn" --thumbprint-list "$thumbprint" || true
    ;;
  *)
    change "registered $arn" EntityAlreadyExists iam create-open-id-connect-provider --url "${stack[issuer]}" \
      --client-id-list "$audience" --thumbprint-list "$thumbprint" || true
    ;;
esac
$dry_run && exit 0

title "What is registered now"
provider_exists || fail "$arn is not there; run this again"
jq -e --arg host "$host" --arg audience "$audience" --arg thumbprint "$thumbprint" '.Url == $host
  and any(.ClientIDList[]; . == $audience) and any(.ThumbprintList[]; ascii_downcase == $thumbprint)' \
  <<<"$answer" >/dev/null \
  || fail "$arn is not as it was registered: $(jq -c '{Url, ClientIDList, ThumbprintList}' <<<"$answer")"
ok "$arn takes tokens of ${stack[issuer]} for $audience"
echo "next: bash scripts/setup-cloud.sh $again --only-step 13, then once more without it"
