#!/usr/bin/env bash
# Makes github-actions-agentkeys-deploy, the role by which GitHub's runners deploy to the test fleet: it trusts GitHub's
# tokens for one repository, and may send shell commands to the fleet's instances by AWS Systems Manager, to no others.
# The fleet is every scripts/broker.test*.env with an INSTANCE_ID; run this again when a slot is added.
#
#   scripts/provision-ci-deploy-role.sh [--repository OWNER/NAME] [--fix-ssm] [--dry-run]
#
# --repository may stand as GITHUB_REPOSITORY in operator-workstation.test.env; a role that is there keeps the one it
# has. --fix-ssm also makes each slot's instance profile (agentkeys-test-broker-ssm[-N]) and binds it to the instance:
# without it Systems Manager does not reach the machine. Run it as agentkeys-admin.
set -euo pipefail
# shellcheck source=scripts/lib/cloud.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/cloud.sh"
# shellcheck source=scripts/lib/host-profile.sh
source "$cloud_root/scripts/lib/host-profile.sh"
repository='' fix_ssm=false
own_option() {
  case $1 in
    --repository) repository=${2:-} took=2 ;;
    --fix-ssm) fix_ssm=true took=1 ;;
  esac
}
stack_option --ci
cloud_options "$@"
need aws jq
[[ -z $stack_slot ]] || misused "this is for the whole fleet; leave --slot out"
cloud_load
cloud_caller
[[ $STACK == test ]] || misused "this is for the test fleet"
folder=$(dirname "$broker_env_file")
repository=${repository:-${env[GITHUB_REPOSITORY]:-}}
[[ -z $repository || $repository =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] || misused "--repository takes OWNER/NAME"
role=github-actions-agentkeys-deploy issuer=token.actions.githubusercontent.com
provider=arn:aws:iam::$ACCOUNT_ID:oidc-provider/$issuer

title "The fleet"
instances=()
for file in "$folder"/broker.test.env "$folder"/broker.test-*.env; do
  [[ -f $file ]] || continue
  told=$(stack_of_file "$file")
  declare -A slot=()
  env_load slot "$folder/operator-workstation$(stack_infix "$told").env" "$file"
  if [[ -z ${slot[INSTANCE_ID]:-} ]]; then
    skip "$told: INSTANCE_ID is empty in $file"
    continue
  fi
  instances+=("arn:aws:ec2:${slot[REGION]}:${slot[ACCOUNT_ID]}:instance/${slot[INSTANCE_ID]}")
  ok "$told: ${slot[INSTANCE_ID]}"
done
[[ ${#instances[@]} -gt 0 ]] || fail "no slot has an INSTANCE_ID in $folder/broker.test*.env"

title "The role"
if ask NoSuchEntity iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider"; then
  skip "GitHub's identity provider is there"
else
  # IAM knows GitHub's certificates and looks at no thumbprint; older command lines (Debian's) want one all the same.
  change "registered GitHub's identity provider" EntityAlreadyExists iam create-open-id-connect-provider \
    --url "https://$issuer" --client-id-list sts.amazonaws.com \
    --thumbprint-list 6938fd4d98bab03faadb97b34396831e3780aea1 || true
fi
if [[ -n $repository ]]; then
  # shellcheck disable=SC2016 # jq's variables
  role_trust "$role" "$(policy '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {Federated: $provider},
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {StringEquals: {"\($issuer):aud": "sts.amazonaws.com"},
      StringLike: {"\($issuer):sub": "repo:\($repository):*"}}}]}' \
    provider "$provider" issuer "$issuer" repository "$repository")"
elif role_exists "$role"; then
  skip "role $role keeps whom it trusts"
else
  fail "which repository may deploy? Give --repository OWNER/NAME, or GITHUB_REPOSITORY in $env_file"
fi
# shellcheck disable=SC2016 # jq's variables
principal_policy role "$role" "$role-ssm" "$(policy '{Version: "2012-10-17", Statement: [
  {Sid: "DeployToFleet", Effect: "Allow", Action: "ssm:SendCommand",
    Resource: (($instances | split(" ")) + ["arn:aws:ssm:\($region)::document/AWS-RunShellScript"])},
  {Sid: "ReadOutcome", Effect: "Allow", Action: ["ssm:GetCommandInvocation", "ssm:ListCommandInvocations"],
    Resource: "*"}]}' instances "${instances[*]}" region "$REGION")"

if $fix_ssm; then
  for file in "$folder"/broker.test.env "$folder"/broker.test-*.env; do
    [[ -f $file ]] || continue
    told=$(stack_of_file "$file")
    title "Instance profile of $told"
    stack_ci=false env=()
    env_file=$folder/operator-workstation$(stack_infix "$told").env broker_env_file=$file
    cloud_load
    if [[ -n $INSTANCE_ID ]]; then
      host_profile_converge arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore
    else
      skip "INSTANCE_ID is empty in $file"
    fi
  done
fi
