#!/usr/bin/env bash
# Publishes what an issuer says about itself, its discovery document and its key set, into a bucket behind a CDN or a
# static host, byte for byte, so that relying parties read them while the broker is down. Run it from a timer, every
# minute or so: it writes where something changed, as when a key is rotated.
#
#   scripts/publish-issuer.sh [STACK] --bucket BUCKET [--prefix PREFIX] [--public-url URL]
#
#   --bucket BUCKET     where to; ISSUER_BUCKET of the env file otherwise. It must be there. --prefix PREFIX: below it
#   --public-url URL    where relying parties read the bucket; looked at afterwards, until it has the same bytes
#   --from URL          where to read the issuer (default: the issuer itself), such as http://127.0.0.1:8091 on its host
#   --grace SECONDS     how long a key is in use after the issuer has left it out: the longest life of a token (3600)
#   --retire KID        leave this key out at once all the same, as after its theft; may be given more than once
#   STACK               nothing for prod, --ci, --ci --slot N, or --base; ENV_FILE or --env-file PATH names an env file
#
# A set that lacks a published key is refused as long as tokens signed by it may be in use: when the key was first
# missed is noted in the tags of the published set, and after the grace the set is published without it. A broker that
# is restarted with another key file, in place of a rotation that keeps the old one published, is found out that way.
# Needs s3:GetObject, PutObject, GetObjectTagging and PutObjectTagging on the bucket's objects, and s3:ListBucket.
# Ends with 1 where nothing could be published, or is refused.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
bucket='' prefix='' public_url='' from='' grace=3600 retired=()
own_option() {
  case $1 in
    --bucket | --prefix | --public-url | --from | --grace | --retire)
      [[ -n ${2:-} && $2 != --* ]] || misused "$1 takes a value"
      took=2
      ;;
  esac
  case $1 in
    --bucket) bucket=$2 ;;
    --prefix) prefix=${2%/}/ ;;
    --public-url) public_url=${2%/} ;;
    --from) from=${2%/} ;;
    --grace) grace=$2 ;;
    --retire) retired+=("$2") ;;
  esac
}
cloud_options "$@"
[[ $grace =~ ^[0-9]{1,7}$ ]] || misused "--grace takes seconds"
need aws jq curl cmp
cloud_load
bucket=${bucket:-${env[ISSUER_BUCKET]:-}}
[[ $bucket =~ ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$ ]] || misused "--bucket takes the name of a bucket"
issuer=${stack[issuer]}

work=$(mktemp -d)
# shellcheck disable=SC2317,SC2329 # reached by the trap
forget() {
  rm -rf "$work"
  cloud_end
}
trap forget EXIT

title "What the issuer says"
fetch() { # fetch PATH FILE : at most a mebibyte
  if [[ -n $from ]]; then
    curl -fsS -m 10 --max-filesize 1048576 -o "$work/$2" "$from$1"
  else
    https "${stack[broker_host]}" "$1" >"$work/$2"
  fi || fail "${from:-$issuer}$1 does not answer"
}
fetch /.well-known/openid-configuration discovery
jq -e . "$work/discovery" >/dev/null 2>&1 || fail "the discovery document is not JSON"
[[ $(jq -r .issuer "$work/discovery") == "$issuer" ]] \
  || fail "the issuer there is \"$(jq -r .issuer "$work/discovery")\", not \"$issuer\""
keys_path=$(jq -r --arg issuer "$issuer/" \
  '.jwks_uri | select(startswith($issuer)) | .[($issuer | length) - 1:]' "$work/discovery")
[[ $keys_path =~ ^(/[A-Za-z0-9._-]+)+$ && $keys_path != *..* ]] || fail "jwks_uri is not an address of the issuer's"
fetch "$keys_path" keys
jq -e '(.keys | type == "array" and length > 0) and all(.keys[]; (.kid | type == "string") and (.kty | type == "string")
    and (has("d") or has("k") or has("p") | not))' "$work/keys" >/dev/null 2>&1 \
  || fail "$keys_path is not a set of public keys that have a kid each"
ok "$issuer, keys $(jq -r '[.keys[].kid] | join(", ")' "$work/keys")"

title "What is published"
keys_object=$prefix${keys_path#/} discovery_object=$prefix.well-known/openid-configuration
published() { # published OBJECT FILE : its bytes; 1 where there is none
  ask NoSuchBucket s3api list-objects-v2 --bucket "$bucket" --prefix "$1" --max-items 100 \
    || fail "there is no bucket $bucket"
  jq -e --arg key "$1" 'any(.Contents[]?; .Key == $key)' <<<"${answer:-null}" >/dev/null || return 1
  aws_call s3 cp "s3://$bucket/$1" - >"$work/$2" || fail "s3://$bucket/$1 cannot be read: $(aws_words)"
}

# The published keys that the issuer has left out, and since when that is known, in the published set's tags.
kept=() tags='[]' now=$(date +%s)
if published "$keys_object" published-keys; then
  ask "" s3api get-object-tagging --bucket "$bucket" --key "$keys_object"
  tags=$(jq -c '.TagSet // []' <<<"$answer")
  left_out=$(jq -rn --slurpfile new "$work/keys" --slurpfile old "$work/published-keys" \
    '[$old[0].keys[].kid] - [$new[0].keys[].kid] | .[]') || fail "s3://$bucket/$keys_object is not a key set; remove it"
  noted='[]'
  while IFS= read -r kid; do
    [[ -n $kid ]] || continue
    if [[ " ${retired[*]} " == *" $kid "* ]]; then
      warn "key $kid is left out on your word; tokens that it signed are refused from now on"
      continue
    fi
    since=$(jq -r --arg key "missing:$kid" '[.[] | select(.Key == $key) | .Value][0] // empty' <<<"$tags")
    [[ $since =~ ^[0-9]{1,12}$ ]] || since=$now
    if ((now - since >= grace)); then
      skip "key $kid was left out $((now - since)) s ago and is in use no more"
    else
      kept+=("$kid (for another $((since + grace - now)) s)")
      noted=$(jq -c --arg key "missing:$kid" --arg value "$since" '. + [{Key: $key, Value: $value}]' <<<"$noted")
    fi
  done <<<"$left_out"
  if [[ ${#kept[@]} -gt 0 ]]; then
    [[ $noted == "$tags" ]] || change "noted that keys are missing" "" s3api put-object-tagging --bucket "$bucket" \
      --key "$keys_object" --tagging "{\"TagSet\":$noted}" || true
    fail "the issuer leaves out keys that are still in use: ${kept[*]}. Put the old key back beside the new one" \
      "(BROKER_OIDC_PUBLISHED_KEYPAIR_PATHS) until then, or, if it was stolen, give --retire"
  fi
fi

publish() { # publish OBJECT FILE
  if published "$1" "published-$2" && cmp -s "$work/$2" "$work/published-$2"; then
    skip "s3://$bucket/$1 has these bytes"
    return
  fi
  change "published s3://$bucket/$1" "" s3api put-object --bucket "$bucket" --key "$1" --body "$work/$2" \
    --content-type application/json --cache-control "public, max-age=300" || return 0
  { published "$1" "published-$2" && cmp -s "$work/$2" "$work/published-$2"; } \
    || fail "s3://$bucket/$1 came back with other bytes; run this again"
  ok "read back, byte for byte"
}
title "Publish"
# The keys first: a document never leads to a set that is not there.
publish "$keys_object" keys
publish "$discovery_object" discovery
if [[ $tags != '[]' ]] && ! $dry_run; then # no key is missing any more
  change "noted that no key is missing" "" s3api put-object-tagging --bucket "$bucket" --key "$keys_object" \
    --tagging '{"TagSet":[]}' || true
fi

if [[ -n $public_url ]] && ! $dry_run; then
  title "What relying parties read"
  for pair in "$keys_path keys" "/.well-known/openid-configuration discovery"; do
    for tries in {1..60}; do # a CDN may serve the older one until its five minutes are over
      curl -fsS -m 10 --max-filesize 1048576 -o "$work/public" "$public_url${pair% *}" 2>/dev/null \
        && cmp -s "$work/public" "$work/${pair#* }" && break
      [[ $tries -lt 60 ]] || fail "$public_url${pair% *} does not have the same bytes"
      pause
    done
    ok "$public_url${pair% *}, byte for byte"
  done
fi
