# shellcheck shell=bash
# shellcheck disable=SC2154 # what is read here comes from cloud.sh
# The bucket, the role and the bucket policy of a data class (vault, memory, config), and those of mail; sourced after
# cloud.sh, never run.

# class_bucket CLASS
class_bucket() { bucket_converge "${stack[$1_bucket]}"; }

# class_role CLASS : trusts the stack's issuer and nobody else, and reaches its actor's own prefix
class_role() {
  local role=${stack[$1_role]}
  provider_exists \
    || fail "there is no identity provider ${stack[provider_arn]} yet, which the role trusts:" \
      "bash scripts/register-oidc-provider.sh $again"
  role_trust "$role" "$(trust_provider_with_actor)"
  principal_policy role "$role" "$role-own-prefix" "$(policy_class_own "$1")"
  role_policy_gone "$role" "$role-inline" "it let a session out of its own prefix"
}

# class_bucket_policy CLASS
class_bucket_policy() {
  role_exists "${stack[$1_role]}" || {
    $dry_run || fail "there is no role ${stack[$1_role]} yet, which the policy names: bash scripts/provision-$1-role.sh"
  }
  bucket_policy_converge "${stack[$1_bucket]}" "$(policy_class_bucket "$1")"
}

# mail_bucket_ses : SES may write what comes in; what else the policy says stays
mail_bucket_ses() {
  local bucket=${stack[mail_bucket]} statement wanted
  statement=$(statement_ses_inbound)
  if bucket_policy "$bucket"; then
    if jq -e --argjson wanted "$statement" '.Policy | fromjson | any(.Statement[]; . == $wanted)' \
      <<<"$answer" >/dev/null; then
      skip "SES may write to $bucket"
      return
    fi
    wanted=$(jq -c --argjson wanted "$statement" \
      '.Policy | fromjson | .Statement |= map(select(.Sid != $wanted.Sid)) + [$wanted]' <<<"$answer")
  else
    wanted=$(jq -nc --argjson wanted "$statement" '{Version: "2012-10-17", Statement: [$wanted]}')
  fi
  change "let SES write to $bucket" "" s3api put-bucket-policy --bucket "$bucket" --policy "$wanted" || true
}

# mail_bucket_clean : SES's statement, and each session's own prefix; nothing else
mail_bucket_clean() {
  if ! role_exists "${stack[data_role]}"; then
    skip "mail bucket policy: there is no role ${stack[data_role]} yet (step 11)"
    return
  fi
  bucket_policy_converge "${stack[mail_bucket]}" "$(policy_mail_bucket)"
}

# data_role_converge : the daemon's before there is an identity provider; federated from then on, for good
data_role_converge() {
  local role=${stack[data_role]}
  if provider_exists; then
    role_trust "$role" "$(trust_provider)"
    principal_policy role "$role" "$role-own-prefix" "$(policy_data_own)"
    role_policy_gone "$role" "$role-inline" "a federated session is held to its own prefix"
  elif role_exists "$role" && grep -q '"Federated"' <<<"$answer"; then
    skip "role $role is federated and stays so, though its identity provider is missing:" \
      "bash scripts/register-oidc-provider.sh $again"
  else
    role_trust "$role" "$(trust_daemon)"
    principal_policy role "$role" "$role-inline" "$(policy_data_static)"
  fi
}

# data_class_script CLASS bucket|role|bucket-policy ARGUMENTS… : what provision-<class>-<part>.sh and
# apply-<class>-bucket-policy.sh do
data_class_script() {
  local class=$1 part=$2
  shift 2
  cloud_options "$@"
  need aws jq
  cloud_load
  cloud_caller
  "class_${part//-/_}" "$class"
}
