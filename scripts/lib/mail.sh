# shellcheck shell=bash
# shellcheck disable=SC2154 # what is read here comes from cloud.sh
# The mail of a stack at SES; sourced after cloud.sh, never run.

# The receipt rule set that all stacks of the account share; each has one rule in it.
mail_rule_set=agentkeys

# mail_rules : the rule set with its rules, in `answer`; 1 where there is none
mail_rules() {
  ask "RuleSetDoesNotExist RuleSetDoesNotExistException" ses describe-receipt-rule-set --rule-set-name "$mail_rule_set"
}

mail_identity_exists() { ask NotFoundException sesv2 get-email-identity --email-identity "$1"; }

mail_domain_converge() {
  local domain=${stack[mail_domain]}
  if mail_identity_exists "$domain"; then
    skip "SES knows the domain $domain (DKIM: $(jq -r '.DkimAttributes.Status // "unknown"' <<<"$answer"))"
  else
    change "created the SES identity $domain" AlreadyExistsException sesv2 create-email-identity \
      --email-identity "$domain" --dkim-signing-attributes NextSigningKeyLength=RSA_2048_BIT || true
  fi
}

mail_lifecycle_converge() { # what comes in is kept for 30 days
  local bucket=${stack[mail_bucket]} wanted
  wanted=$(jq -nc '{Rules: [{ID: "inbound-30d-ttl", Status: "Enabled", Filter: {Prefix: "inbound/"},
    Expiration: {Days: 30}}]}')
  if ask "NoSuchLifecycleConfiguration NoSuchBucket" s3api get-bucket-lifecycle-configuration --bucket "$bucket" \
    && answer_is '{Rules}' "$wanted"; then
    skip "inbound mail in $bucket expires after 30 days"
  else
    change "let inbound mail in $bucket expire after 30 days" "" s3api put-bucket-lifecycle-configuration \
      --bucket "$bucket" --lifecycle-configuration "$wanted" || true
  fi
}

mail_rule_converge() { # what comes for the domain goes to the bucket, and the rule set is the active one
  local name=${stack[receipt_rule]} wanted there=false same=false active
  wanted=$(jq -nc --arg name "$name" --arg domain "${stack[mail_domain]}" --arg bucket "${stack[mail_bucket]}" \
    '{Name: $name, Enabled: true, TlsPolicy: "Optional", ScanEnabled: true, Recipients: [$domain],
      Actions: [{S3Action: {BucketName: $bucket, ObjectKeyPrefix: "inbound/"}}]}')
  if mail_rules; then
    skip "the receipt rule set $mail_rule_set is there"
    ! jq -e --arg name "$name" 'any(.Rules[]?; .Name == $name)' <<<"$answer" >/dev/null || there=true
    ! answer_is "[.Rules[]? | select(.Name == \"$name\")]" "$wanted" || same=true
  else
    change "created the receipt rule set $mail_rule_set" "AlreadyExists AlreadyExistsException" \
      ses create-receipt-rule-set --rule-set-name "$mail_rule_set" || true
  fi
  if ! $there; then
    change "created the receipt rule $name" "AlreadyExists AlreadyExistsException" ses create-receipt-rule \
      --rule-set-name "$mail_rule_set" --rule "$wanted" || true
  elif $same; then
    skip "the receipt rule $name is there"
  else
    change "updated the receipt rule $name" "" ses update-receipt-rule --rule-set-name "$mail_rule_set" \
      --rule "$wanted" || true
  fi
  ask "" ses describe-active-receipt-rule-set
  active=$(jq -r '.Metadata.Name // empty' <<<"${answer:-null}")
  case $active in
    "$mail_rule_set") skip "the receipt rule set $mail_rule_set is active" ;;
    "") change "activated the receipt rule set $mail_rule_set" "" ses set-active-receipt-rule-set \
      --rule-set-name "$mail_rule_set" || true ;;
    *) fail "another receipt rule set, $active, is active, and one is at a time: its mail would stop. Move its rules" \
      "into $mail_rule_set, or run: aws ses set-active-receipt-rule-set --region $REGION" \
      "--rule-set-name $mail_rule_set" ;;
  esac
}

# mail_link SENDER : the confirmation link for this sender in the mail on standard input; nothing where there is none.
# Anybody may write to this bucket by mail, so only a link of SES's own host, for this sender, is taken.
mail_link() {
  local name
  name=$(jq -rn --arg name "$1" '$name | @uri')
  # Quoted-printable: a = at the end of a line joins it to the next, and =3D is a =.
  tr -d '\r' | sed -e ':a' -e '/=$/{N; s/=\n//; ba' -e '}' -e 's/=3[dD]/=/g; s/=26/\&/g; s/&amp;/\&/g' \
    | grep -o "https://email-verification\.$REGION\.amazonaws\.com/[^[:space:]\"<>]*" \
    | grep -iF -e "Identity.IdentityName=$name&" -e "Identity.IdentityName=$1&" | sed -n 1p
}

mail_sender_verified() {
  mail_identity_exists "${stack[email_from]}" && [[ $(jq -r .VerifiedForSendingStatus <<<"$answer") == true ]]
}

# mail_sender_verify [TRIES] : the sender's address is verified at SES: asks for Amazon's mail, waits for it in the mail
# bucket (a look every five seconds, 24 times) and opens its link. Returns 1 where no mail came; a later run goes on.
mail_sender_verify() {
  local sender=${stack[email_from]} bucket=${stack[mail_bucket]} tries key link seen=' '
  if mail_sender_verified; then
    skip "$sender is already verified"
    return
  fi
  if [[ -z $answer ]]; then
    change "asked SES to verify $sender" AlreadyExistsException sesv2 create-email-identity \
      --email-identity "$sender" || true
  else
    skip "SES has been asked to verify $sender"
  fi
  $dry_run && return
  for ((tries = ${1:-24}; tries > 0; tries--)); do
    ask "NoSuchBucket" s3api list-objects-v2 --bucket "$bucket" --prefix inbound/ --max-items 1000 \
      || fail "there is no bucket $bucket (step 7)"
    # The newest first; what is larger than a mail of SES's is another's.
    while IFS= read -r key; do
      [[ $seen != *" $key "* ]] || continue
      seen+="$key "
      link=$(aws_call s3 cp "s3://$bucket/$key" - | mail_link "$sender") || continue
      [[ -n $link ]] || continue
      curl -fsS -m 20 -o /dev/null "$link" || fail "the link in s3://$bucket/$key does not open; run this step again"
      ok "opened the link of $key"
      break
    done < <(jq -r '[.Contents[]? | select(.Size < 200000)] | sort_by(.LastModified) | reverse | .[:20][].Key' \
      <<<"${answer:-null}")
    if mail_sender_verified; then
      ok "$sender is verified"
      return
    fi
    [[ $tries -eq 1 ]] || pause
  done
  return 1
}
