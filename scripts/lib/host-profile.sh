# shellcheck shell=bash
# shellcheck disable=SC2154 # what is read here comes from cloud.sh
# The instance profile of a stack's host; sourced after cloud.sh, never run.

# host_profile_converge [MANAGED_POLICY…] : the role of the host, with which the broker there needs no static key: it
# may assume the data role and send as the stack's sender. Bound to the instance where that is known.
host_profile_converge() {
  local name=${stack[instance_profile]} arn
  role_trust "$name" "$(trust_ec2)"
  principal_policy role "$name" BrokerAssumeData "$(policy_assume_data)"
  principal_policy role "$name" BrokerSendEmail "$(policy_send_mail)"

  # With AmazonS3FullAccess a broken-into host would read everybody's mail.
  if ask NoSuchEntity iam list-attached-role-policies --role-name "$name"; then
    local attached
    attached=$(jq -r '[.AttachedPolicies[].PolicyArn] | join(" ")' <<<"$answer")
    for arn in $attached; do
      [[ " $* " != *" $arn "* ]] || continue
      change "detached ${arn##*/} from $name: the host's role needs no more than its own policies" NoSuchEntity \
        iam detach-role-policy --role-name "$name" --policy-arn "$arn" || true
    done
    for arn; do
      if [[ " $attached " == *" $arn "* ]]; then
        skip "role $name has ${arn##*/}"
      else
        change "attached ${arn##*/} to $name" "" iam attach-role-policy --role-name "$name" --policy-arn "$arn" || true
      fi
    done
  fi

  if ! ask NoSuchEntity iam get-instance-profile --instance-profile-name "$name"; then
    change "created instance profile $name" EntityAlreadyExists iam create-instance-profile \
      --instance-profile-name "$name" || true
    answer='{}'
  fi
  if jq -e --arg name "$name" 'any(.InstanceProfile.Roles[]?; .RoleName == $name)' <<<"$answer" >/dev/null; then
    skip "instance profile $name has its role"
  else
    change "put role $name into its instance profile" LimitExceeded iam add-role-to-instance-profile \
      --instance-profile-name "$name" --role-name "$name" || true
  fi
  host_profile_bind "$name"
}

host_profile_bind() {
  local bound
  if [[ -z $INSTANCE_ID ]]; then
    skip "binding $1: INSTANCE_ID is empty in $broker_env_file"
    return
  fi
  ask "" ec2 describe-iam-instance-profile-associations --filters "Name=instance-id,Values=$INSTANCE_ID"
  bound=$(jq -r '[.IamInstanceProfileAssociations[]? | select(.State == "associated" or .State == "associating")
    | .IamInstanceProfile.Arn | split("/") | last][0] // empty' <<<"$answer")
  case $bound in
    "$1") skip "instance $INSTANCE_ID has the profile $1" ;;
    "") change "gave instance $INSTANCE_ID the profile $1" "" ec2 associate-iam-instance-profile \
      --instance-id "$INSTANCE_ID" --iam-instance-profile "Name=$1" || true ;;
    *) fail "instance $INSTANCE_ID has the profile $bound, not $1; is it another stack's? Otherwise take it away:" \
      "aws ec2 disassociate-iam-instance-profile --region $REGION --association-id" \
      "$(jq -r '.IamInstanceProfileAssociations[0].AssociationId' <<<"$answer")" ;;
  esac
}
