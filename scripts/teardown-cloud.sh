#!/usr/bin/env bash
# Takes a stack's resources in AWS away: its buckets with everything in them, roles, instance profile, identity
# provider, users, receipt rule and SES identities. No other stack's are touched, and the shared receipt rule set stays
# active.
#
#   scripts/teardown-cloud.sh [STACK] [--dry-run]
#
# STACK is nothing for prod, --ci for the test stack, --ci --slot N, or --base; ENV_FILE or --env-file PATH names
# another env file than the stack's own. Run it as agentkeys-admin, on a terminal: the stack's name has to be typed out,
# --yes does not do. What is gone already is skipped, so that it may be run again. By hand remain DNS records, the
# elastic IP and the instance; the last lines name them.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/mail.sh
source "$cloud_root/scripts/lib/mail.sh"
cloud_options "$@"
need aws jq
cloud_load
cloud_caller

if ! $dry_run; then
  [[ -t 0 ]] || fail "this deletes buckets; it is done on a terminal alone, where the stack's name is typed out"
  printf 'This deletes the stack %s in account %s, %s:\n' "$STACK" "$ACCOUNT_ID" "${stack[issuer]}"
  for name in mail "${stack_classes[@]}"; do
    printf '  bucket %s and all that is in it\n' "${stack[${name}_bucket]}"
  done
  typed=''
  read -r -p "Type the stack's name (prod, test, test-N, base): " typed || true
  [[ $typed == "$STACK" ]] || fail "not confirmed; nothing was changed"
fi

bucket_gone() {
  if ! bucket_exists "$1"; then
    skip "bucket $1 is gone"
    return
  fi
  if $dry_run; then
    skip "dry run: would have emptied and deleted bucket $1"
    return
  fi
  aws_call s3 rm "s3://$1" --recursive --quiet || fail "bucket $1 cannot be emptied: $(aws_words)"
  ok "emptied bucket $1"
  change "deleted bucket $1" NoSuchBucket s3api delete-bucket --bucket "$1" || true
}

role_gone() {
  local policies attached one
  if ! role_exists "$1"; then
    skip "role $1 is gone"
    return
  fi
  ask "" iam list-role-policies --role-name "$1"
  policies=$(jq -r '.PolicyNames[]' <<<"$answer")
  ask "" iam list-attached-role-policies --role-name "$1"
  attached=$(jq -r '.AttachedPolicies[].PolicyArn' <<<"$answer")
  for one in $policies; do
    change "deleted the policy $one of $1" NoSuchEntity iam delete-role-policy --role-name "$1" \
      --policy-name "$one" || true
  done
  for one in $attached; do
    change "detached ${one##*/} from $1" NoSuchEntity iam detach-role-policy --role-name "$1" \
      --policy-arn "$one" || true
  done
  change "deleted role $1" NoSuchEntity iam delete-role --role-name "$1" || true
}

profile_gone() {
  local association
  if [[ -n $INSTANCE_ID ]]; then
    ask "" ec2 describe-iam-instance-profile-associations --filters "Name=instance-id,Values=$INSTANCE_ID"
    association=$(jq -r --arg name "$1" '[.IamInstanceProfileAssociations[]?
      | select(.IamInstanceProfile.Arn | endswith("/" + $name)) | .AssociationId][0] // empty' <<<"$answer")
    [[ -z $association ]] || change "took the profile $1 from $INSTANCE_ID" "" ec2 disassociate-iam-instance-profile \
      --association-id "$association" || true
  fi
  if ! ask NoSuchEntity iam get-instance-profile --instance-profile-name "$1"; then
    skip "instance profile $1 is gone"
    return
  fi
  if jq -e --arg name "$1" 'any(.InstanceProfile.Roles[]; .RoleName == $name)' <<<"$answer" >/dev/null; then
    change "took role $1 out of its instance profile" NoSuchEntity iam remove-role-from-instance-profile \
      --instance-profile-name "$1" --role-name "$1" || true
  fi
  change "deleted instance profile $1" NoSuchEntity iam delete-instance-profile --instance-profile-name "$1" || true
}

user_gone() {
  local keys policies one
  if ! user_exists "$1"; then
    skip "user $1 is gone"
    return
  fi
  ask "" iam list-access-keys --user-name "$1"
  keys=$(jq -r '.AccessKeyMetadata[].AccessKeyId' <<<"$answer")
  ask "" iam list-user-policies --user-name "$1"
  policies=$(jq -r '.PolicyNames[]' <<<"$answer")
  for one in $keys; do
    change "deleted the access key $one of $1" NoSuchEntity iam delete-access-key --user-name "$1" \
      --access-key-id "$one" || true
  done
  for one in $policies; do
    change "deleted the policy $one of $1" NoSuchEntity iam delete-user-policy --user-name "$1" \
      --policy-name "$one" || true
  done
  change "deleted user $1" NoSuchEntity iam delete-user --user-name "$1" || true
}

identity_gone() {
  if mail_identity_exists "$1"; then
    change "deleted the SES identity $1" NotFoundException sesv2 delete-email-identity --email-identity "$1" || true
  else
    skip "the SES identity $1 is gone"
  fi
}

title "Mail"
# The rule first: it writes to a bucket that goes next. The rule set stays active: other stacks have theirs in it.
if mail_rules \
  && jq -e --arg name "${stack[receipt_rule]}" 'any(.Rules[]?; .Name == $name)' <<<"$answer" >/dev/null; then
  change "deleted the receipt rule ${stack[receipt_rule]}" "" ses delete-receipt-rule --rule-set-name "$mail_rule_set" \
    --rule-name "${stack[receipt_rule]}" || true
else
  skip "the receipt rule ${stack[receipt_rule]} is gone"
fi
identity_gone "${stack[email_from]}"
identity_gone "${stack[mail_domain]}"

title "Buckets"
for name in mail "${stack_classes[@]}"; do bucket_gone "${stack[${name}_bucket]}"; done

title "Roles"
for name in data "${stack_classes[@]}"; do role_gone "${stack[${name}_role]}"; done
profile_gone "${stack[instance_profile]}"
role_gone "${stack[instance_profile]}"

title "Identity provider"
if provider_exists; then
  change "deleted ${stack[provider_arn]}" NoSuchEntity iam delete-open-id-connect-provider \
    --open-id-connect-provider-arn "${stack[provider_arn]}" || true
else
  skip "${stack[provider_arn]} is gone"
fi

title "Users"
user_gone "${stack[daemon_user]}"
user_gone "${stack[ssh_user]}"

title "By hand"
cat <<REST
  DNS records   of ${stack[hosts]// /, }, and of ${stack[mail_domain]}, in the zone $PARENT_ZONE_ID
  elastic IP    ${EIP:-with the tag ${stack[eip_tag]}}: aws ec2 release-address --region $REGION --allocation-id …
  instance      ${INSTANCE_ID:-none in $broker_env_file}: aws ec2 terminate-instances --region $REGION --instance-ids …
REST
summary
