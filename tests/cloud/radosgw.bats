#!/usr/bin/env bats
# The steps of scripts/setup-cloud.sh that make buckets, roles and the identity provider, against radosgw, which we did
# not write, by the real command line of AWS. What it does not serve is the stand-in's (../aws_account.py): policies with a
# variable such as ${aws:PrincipalTag/…}, which radosgw 16.2 refuses, as the last test shows.

load common

setup_file() {
  tools=${BROKER_SHARED_TOOLS:-$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)/shared/tools}
  if [[ ! -x $tools/radosgw-up ]]; then
    export RADOSGW_ABSENT="no radosgw-up in $tools (set BROKER_SHARED_TOOLS)"
    return
  fi
  "$BATS_TEST_DIRNAME/../../scripts/install-requirements.sh" --radosgw >&2
  # shellcheck source=scripts/lib.sh
  source "$BATS_TEST_DIRNAME/../../scripts/lib.sh"
  export RADOSGW_PORT RADOSGW_MON_PORT RADOSGW RADOSGW_DOWN=$tools/radosgw-down RADOSGW_HOME=$BATS_FILE_TMPDIR/radosgw
  RADOSGW_PORT=$(free_port) RADOSGW_MON_PORT=$(free_port)
  RADOSGW=http://127.0.0.1:$RADOSGW_PORT
  "$tools/radosgw-up" "$RADOSGW_HOME" >"$BATS_FILE_TMPDIR/up" 2>&1 3>&- 4>&-
}
teardown_file() { [[ -z ${RADOSGW_DOWN:-} ]] || "$RADOSGW_DOWN" "$RADOSGW_HOME" >/dev/null 2>&1 || true; }
setup() {
  [[ -z ${RADOSGW_ABSENT:-} ]] || skip "$RADOSGW_ABSENT"
  common_setup
  export PATH=$BATS_TEST_DIRNAME/radosgw:$PATH
}

@test "buckets, roles, policies and the provider: made, and the same in a second run" {
  register broker-test-2.example.org
  run setup_cloud test-2 --only-step 13
  ends 0
  has "ok created role agentkeys-data-role-test-2"
  for class in vault memory config; do
    has "ok created bucket agentkeys-$class-test-2-111122223333"
    has "ok closed bucket agentkeys-$class-test-2-111122223333 to the public"
    has "ok created role agentkeys-$class-role-test-2"
    has "ok put the policy of bucket agentkeys-$class-test-2-111122223333"
  done
  run setup_cloud test-2 --from-step 11 --to-step 13
  ends 0
  has_not "ok created"
  has_not "ok put"
  has_not "ok changed"
  has_not "warn"
  [[ $(grep -c 'iam create-role: 0' "$AWS_STUB/radosgw-calls") -eq 4 ]]
  [[ $(grep -c 's3api create-bucket: 0' "$AWS_STUB/radosgw-calls") -eq 3 ]]
}

@test "teardown empties and deletes what is there, and nothing else" {
  aws s3api create-bucket --region us-east-1 --bucket bystander
  printf x >"$BATS_TEST_TMPDIR/x"
  register broker-base.example.org
  setup_cloud base --only-step 13 >/dev/null
  aws s3api put-object --region us-east-1 --bucket agentkeys-vault-base-111122223333 --key a/b --body "$BATS_TEST_TMPDIR/x"
  ENV_FILE=$envs/operator-workstation.base.env run script -qec \
    "bash '$repository/scripts/teardown-cloud.sh' --base" /dev/null <<<base
  ends 0
  has "ok deleted bucket agentkeys-vault-base-111122223333"
  has "ok deleted role agentkeys-config-role-base"
  has "ok deleted $(provider broker-base.example.org)"
  run aws s3api head-bucket --region us-east-1 --bucket agentkeys-vault-base-111122223333
  ends 254
  run aws s3api head-bucket --region us-east-1 --bucket bystander
  ends 0
}

@test "policies are radosgw's own matter but for those with a variable, which it refuses" {
  direct() {
    AWS_ACCESS_KEY_ID=ADMINKEY AWS_SECRET_ACCESS_KEY=ADMINSECRET AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
      AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1 AWS_PAGER='' \
      /usr/bin/aws --endpoint-url "$RADOSGW" --region us-east-1 --output json "$@"
  }
  reads() { # reads FOLDER : a role's policy
    jq -nc --arg folder "$1" '{Version: "2012-10-17", Statement: [{Effect: "Allow", Action: "s3:GetObject",
      Resource: "arn:aws:s3:::agentkeys-vault/bots/\($folder)/*"}]}'
  }
  direct iam create-role --role-name judged --assume-role-policy-document \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
  direct iam put-role-policy --role-name judged --policy-name own --policy-document "$(reads 0xaa)"
  run direct iam get-role-policy --role-name judged --policy-name own
  ends 0
  same_json "$(jq -c '.PolicyDocument | if type == "string" then fromjson else . end' <<<"$output")" "$(reads 0xaa)"
  # Once this is served, radosgw/aws need not leave the policies to the stand-in any more.
  # shellcheck disable=SC2016 # IAM's variable
  run direct iam put-role-policy --role-name judged --policy-name own --policy-document \
    "$(reads '${aws:PrincipalTag/agentkeys_actor_omni}')"
  [[ $status -ne 0 ]]
}
