#!/usr/bin/env bats
# scripts/setup-cloud.sh against a stand-in for AWS (stand-in/aws).

load common
setup() { common_setup; }

# --- What there is in the end ----------------------------------------------------------------------------------------

@test "four stacks in one account: each has exactly its names, a second run changes nothing, no stack touches another" {
  local stack before others
  : >"$BATS_TEST_TMPDIR/others"
  for stack in prod test test-2 base; do
    cp "$AWS_STUB/account.json" "$BATS_TEST_TMPDIR/before.json"
    instance "$stack"
    run setup_cloud "$stack" --to-step 12
    ends 0
    has_not "warn"
    run setup_cloud "$stack"
    ends 0
    has "skip data classes: their roles trust $(provider "")"
    has_not "warn"
    register "$(sed -n 's/^record \(broker[^ ]*\|test-broker[^ ]*\)\. A$/\1/p' "$BATS_TEST_DIRNAME/names/$stack")"
    run setup_cloud "$stack"
    ends 0
    has_not "warn"

    # Exactly the names of this stack are new, and everything of the others is as it was.
    names "$AWS_STUB/account.json" >"$BATS_TEST_TMPDIR/all"
    diff <(sort "$BATS_TEST_TMPDIR/others" "$BATS_TEST_DIRNAME/names/$stack") "$BATS_TEST_TMPDIR/all"
    jq -n --slurpfile before "$BATS_TEST_TMPDIR/before.json" --slurpfile after "$AWS_STUB/account.json" -e '
      $before[0] as $b | $after[0] as $a
      | all(("users", "roles", "buckets", "identities", "records", "providers", "profiles") as $kind
        | ($b[$kind] | to_entries[]) as $one | $a[$kind][$one.key] == $one.value; .)
      and (($b.rule_sets.agentkeys // []) - ($a.rule_sets.agentkeys) == [])
      and ($b.addresses - $a.addresses == [])' >/dev/null
    cp "$BATS_TEST_TMPDIR/all" "$BATS_TEST_TMPDIR/others"

    calls_from_here
    run setup_cloud "$stack"
    ends 0
    has_not "warn"
    [[ $(changes) -eq 0 ]]
  done
  [[ $(account -r .active_rule_set) == agentkeys ]]
}

@test "DNS has six mail records and nine addresses of the broker's" {
  instance test
  setup_cloud test --to-step 6
  local eip
  eip=$(sed -n 's/^EIP=//p' "$envs/broker.test.env")
  [[ $(account '[.records[] | select(.Type != "A")] | length') -eq 6 ]]
  [[ $(account --arg eip "$eip" '[.records[] | select(.Type == "A" and .ResourceRecords == [{"Value": $eip}])] | length') -eq 9 ]]
  same_json "$(account '.records["bots-test.example.org. MX"].ResourceRecords')" \
    '[{"Value": "10 inbound-smtp.us-east-1.amazonaws.com"}]'
  same_json "$(account '.records["_dmarc.bots-test.example.org. TXT"].ResourceRecords')" \
    '[{"Value": "\"v=DMARC1; p=quarantine; rua=mailto:dmarc@bots-test.example.org\""}]'
}

@test "values that are derived stay so: only EIP and DATA_ROLE_ARN are written back" {
  instance test-2
  cp -r "$envs" "$BATS_TEST_TMPDIR/before"
  chmod 640 "$envs/broker.test-2.env"
  setup_cloud test-2 --to-step 12
  diff "$envs/operator-workstation.test-2.env" <(sed 's,^DATA_ROLE_ARN=.*,DATA_ROLE_ARN=arn:aws:iam::111122223333:role/agentkeys-data-role-test-2,' \
    "$BATS_TEST_TMPDIR/before/operator-workstation.test-2.env")
  diff "$envs/broker.test-2.env" <(sed "s/^EIP=.*/EIP=$(account -r '.addresses[0].PublicIp')/" \
    "$BATS_TEST_TMPDIR/before/broker.test-2.env")
  [[ $(stat -c %a "$envs/broker.test-2.env") == 640 ]]
  diff -r "$BATS_TEST_TMPDIR/before" "$envs" | grep '^Only' && return 1
  for other in operator-workstation.env operator-workstation.test.env operator-workstation.base.env; do
    cmp "$envs/$other" "$BATS_TEST_TMPDIR/before/$other"
  done
}

# --- Policies, as the contract's §12.6 has them ----------------------------------------------------------------------

@test "policies before there is an identity provider" {
  setup_cloud prod --to-step 12
  same_json "$(account '.users["agentkeys-daemon"].policies["agentkeys-daemon-assume-role"].Statement')" '[{
    "Sid": "BrokerAssumeData", "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Resource": "arn:aws:iam::111122223333:role/agentkeys-data-role"}]'
  same_json "$(account '.roles["agentkeys-data-role"].trust.Statement')" '[{"Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:user/agentkeys-daemon"},
    "Action": ["sts:AssumeRole", "sts:TagSession"]}]'
  same_json "$(account '.roles["agentkeys-data-role"].policies')" '{"agentkeys-data-role-inline":
    {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::agentkeys-mail-111122223333"},
      {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::agentkeys-mail-111122223333/*"},
      {"Effect": "Allow", "Action": ["ses:SendEmail", "ses:GetEmailIdentity"], "Resource": [
        "arn:aws:ses:us-east-1:111122223333:identity/bots.example.org",
        "arn:aws:ses:us-east-1:111122223333:identity/*@bots.example.org"]}]}}'
  same_json "$(account '.buckets["agentkeys-mail-111122223333"].policy | fromjson | .Statement')" '[
    {"Sid": "AllowSESWriteInbound", "Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"},
      "Action": "s3:PutObject", "Resource": "arn:aws:s3:::agentkeys-mail-111122223333/*",
      "Condition": {"StringEquals": {"aws:Referer": "111122223333"}}}]'
  same_json "$(account '.buckets["agentkeys-mail-111122223333"].lifecycle')" '[{"ID": "inbound-30d-ttl",
    "Status": "Enabled", "Filter": {"Prefix": "inbound/"}, "Expiration": {"Days": 30}}]'
}

@test "policies once there is one, for each data class" {
  local id class folder title
  id=$(instance base)
  setup_cloud base
  register broker-base.example.org
  setup_cloud base
  same_json "$(account '.roles["agentkeys-data-role-base"].trust.Statement')" '[{"Effect": "Allow",
    "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/broker-base.example.org"},
    "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    "Condition": {"StringEquals": {"broker-base.example.org:aud": "sts.amazonaws.com"}}}]'
  # What let every session read everybody's mail is gone.
  [[ $(account -r '.roles["agentkeys-data-role-base"].policies | keys | join(" ")') == agentkeys-data-role-base-own-prefix ]]
  for class in vault:credentials:Vault memory:memory:Memory config:config:Config; do
    IFS=: read -r class folder title <<<"$class"
    same_json "$(account --arg role "agentkeys-$class-role-base" '.roles[$role].trust.Statement')" '[{"Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/broker-base.example.org"},
      "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
      "Condition": {"StringEquals": {"broker-base.example.org:aud": "sts.amazonaws.com"},
        "Null": {"aws:RequestTag/agentkeys_actor_omni": "false"}}}]'
    local bucket=agentkeys-$class-base-111122223333 own="bots/\${aws:PrincipalTag/agentkeys_actor_omni}/$folder/*"
    same_json "$(account --arg role "agentkeys-$class-role-base" '.roles[$role].policies[].Statement')" "[
      {\"Sid\": \"${title}ListOwnPrefix\", \"Effect\": \"Allow\", \"Action\": \"s3:ListBucket\",
        \"Resource\": \"arn:aws:s3:::$bucket\", \"Condition\": {\"StringLike\": {\"s3:prefix\": \"$own\"}}},
      {\"Sid\": \"${title}GetOwnObjects\", \"Effect\": \"Allow\", \"Action\": \"s3:GetObject\",
        \"Resource\": \"arn:aws:s3:::$bucket/$own\"},
      {\"Sid\": \"${title}PutAndDeleteOwnObjects\", \"Effect\": \"Allow\", \"Action\": [\"s3:PutObject\", \"s3:DeleteObject\"],
        \"Resource\": \"arn:aws:s3:::$bucket/$own\"}]"
    same_json "$(account --arg bucket "$bucket" '.buckets[$bucket].policy | fromjson | .Statement')" "[
      {\"Sid\": \"${title}ListV3\", \"Effect\": \"Allow\",
        \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/agentkeys-$class-role-base\"},
        \"Action\": \"s3:ListBucket\", \"Resource\": \"arn:aws:s3:::$bucket\",
        \"Condition\": {\"Null\": {\"aws:PrincipalTag/agentkeys_actor_omni\": \"false\"},
          \"StringLike\": {\"s3:prefix\": \"$own\"}}},
      {\"Sid\": \"${title}ObjectsV3\", \"Effect\": \"Allow\",
        \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/agentkeys-$class-role-base\"},
        \"Action\": [\"s3:GetObject\", \"s3:PutObject\", \"s3:DeleteObject\"],
        \"Resource\": \"arn:aws:s3:::$bucket/$own\",
        \"Condition\": {\"Null\": {\"aws:PrincipalTag/agentkeys_actor_omni\": \"false\"}}}]"
    same_json "$(account --arg bucket "$bucket" '.buckets[$bucket].closed')" '{"BlockPublicAcls": true,
      "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}'
  done
  own='bots/${aws:PrincipalTag/agentkeys_user_wallet}/*'
  same_json "$(account '.buckets["agentkeys-mail-base-111122223333"].policy | fromjson | .Statement')" "[
    {\"Sid\": \"AllowSESWriteInbound\", \"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ses.amazonaws.com\"},
      \"Action\": \"s3:PutObject\", \"Resource\": \"arn:aws:s3:::agentkeys-mail-base-111122223333/*\",
      \"Condition\": {\"StringEquals\": {\"aws:Referer\": \"111122223333\"}}},
    {\"Sid\": \"EmailRoleListOwnPrefix\", \"Effect\": \"Allow\",
      \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/agentkeys-data-role-base\"}, \"Action\": \"s3:ListBucket\",
      \"Resource\": \"arn:aws:s3:::agentkeys-mail-base-111122223333\",
      \"Condition\": {\"Null\": {\"aws:PrincipalTag/agentkeys_user_wallet\": \"false\"},
        \"StringLike\": {\"s3:prefix\": \"$own\"}}},
    {\"Sid\": \"EmailRoleGetOwnObjects\", \"Effect\": \"Allow\",
      \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/agentkeys-data-role-base\"}, \"Action\": \"s3:GetObject\",
      \"Resource\": \"arn:aws:s3:::agentkeys-mail-base-111122223333/$own\",
      \"Condition\": {\"Null\": {\"aws:PrincipalTag/agentkeys_user_wallet\": \"false\"}}}]"
  same_json "$(account '.users["agentkeys-broker-base"].policies[].Statement')" "[{\"Sid\": \"PushSshKey\",
    \"Effect\": \"Allow\", \"Action\": \"ec2-instance-connect:SendSSHPublicKey\",
    \"Resource\": \"arn:aws:ec2:us-east-1:111122223333:instance/$id\",
    \"Condition\": {\"StringEquals\": {\"ec2:osuser\": \"agentkey\"}}}]"
}

@test "the data role is federated once its provider is there, and never goes back" {
  setup_cloud prod --to-step 11
  account -e '.roles["agentkeys-data-role"].trust.Statement[0].Principal.AWS' >/dev/null
  register broker.example.org
  setup_cloud prod --only-step 11
  account -e '.roles["agentkeys-data-role"].trust.Statement[0].Principal.Federated' >/dev/null
  aws iam delete-open-id-connect-provider --region us-east-1 --open-id-connect-provider-arn "$(provider broker.example.org)"
  run setup_cloud prod --only-step 11
  ends 0
  has "skip role agentkeys-data-role is federated and stays so"
  account -e '.roles["agentkeys-data-role"].trust.Statement[0].Principal.Federated' >/dev/null
  [[ $(account -r '.roles["agentkeys-data-role"].policies | keys[]') == agentkeys-data-role-own-prefix ]]
}

@test "a policy that somebody changed is set right, and one that AWS wrote down otherwise is the same" {
  instance prod
  setup_cloud prod --to-step 12
  register broker.example.org
  setup_cloud prod
  # AWS may write a list of one as its element, and lists in another order.
  jq '(.buckets["agentkeys-vault-111122223333"].policy) |= (fromjson | .Statement |= reverse
      | .Statement[0].Action |= reverse | .Statement[1].Action = [.Statement[1].Action] | tojson)' \
    "$AWS_STUB/account.json" >"$AWS_STUB/new" && mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  calls_from_here
  setup_cloud prod --only-step 13
  [[ $(changes) -eq 0 ]]
  jq '(.buckets["agentkeys-vault-111122223333"].policy) |= (fromjson | del(.Statement[0].Condition) | tojson)
      | .roles["agentkeys-vault-role"].policies["agentkeys-vault-role-inline"] = {"Version": "2012-10-17", "Statement": []}' \
    "$AWS_STUB/account.json" >"$AWS_STUB/new" && mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  run setup_cloud prod --only-step 13
  ends 0
  has "ok put the policy of bucket agentkeys-vault-111122223333"
  has "ok deleted the policy agentkeys-vault-role-inline of role agentkeys-vault-role"
  [[ $(changes) -eq 2 ]]
}

# --- Killed, and run again -------------------------------------------------------------------------------------------

@test "killed after any change of AWS's, at the end of a step or in its middle, it goes on from there" {
  local kills=0 step=4 log=$BATS_TEST_TMPDIR/log
  instance test-2
  register broker-test-2.example.org
  while :; do
    [[ $kills -lt 80 ]]
    echo 1 >"$AWS_STUB/kill-after"
    # A process group of its own, which the stand-in kills as soon as AWS has the change.
    ENV_FILE=$envs/operator-workstation.test-2.env setsid --wait bash "$repository/scripts/setup-cloud.sh" --ci --slot 2 \
      --yes --from-step "$step" >"$log" 2>&1 </dev/null && break
    [[ ! -e $AWS_STUB/kill-after ]] || { cat "$log"; return 1; }
    kills=$((kills + 1))
    step=$(sed -n 's/^== step \([0-9]*\).*/\1/p' "$log" | tail -n 1)
  done
  rm -f "$AWS_STUB/kill-after"
  echo "$kills kills"
  [[ $kills -ge 40 ]]
  names "$AWS_STUB/account.json" | diff "$BATS_TEST_DIRNAME/names/test-2" -
  # The two secrets that were lost are told of, and nothing else is left to do.
  calls_from_here
  run setup_cloud test-2
  ends 0
  [[ $(changes) -eq 0 ]]
  [[ $(grep -c '^warn' <<<"$output") -eq 2 ]]
  has "warn user agentkeys-daemon-test-2 has the access key AKIA"
  has "warn user agentkeys-broker-test-2 has the access key AKIA"
}

@test "a kill right after create-access-key loses the secret: the next run warns, and its own words replace the key" {
  setup_cloud prod --to-step 9 >/dev/null
  # User, policy, the note, the key: the fourth change.
  echo 4 >"$AWS_STUB/kill-after"
  ENV_FILE=$envs/operator-workstation.env setsid --wait bash "$repository/scripts/setup-cloud.sh" --yes --only-step 10 \
    >"$BATS_TEST_TMPDIR/log" 2>&1 </dev/null && return 1
  ! grep -q stub-secret "$BATS_TEST_TMPDIR/log"
  run setup_cloud prod --only-step 10
  ends 0
  has "warn user agentkeys-daemon has the access key AKIASTUB"
  has_not "stub-secret"
  [[ $(account '.users["agentkeys-daemon"].keys | length') -eq 1 ]]
  local lost command
  lost=$(account -r '.users["agentkeys-daemon"].keys[0]')
  command=$(sed -n 's/^warn.*Replace it: \(aws [^&]*\) && bash .*/\1/p' <<<"$output")
  [[ $command == "aws iam delete-access-key --user-name agentkeys-daemon --access-key-id $lost" ]]
  has "&& bash scripts/setup-cloud.sh --yes --only-step 10"
  $command --region us-east-1
  run setup_cloud prod --only-step 10
  ends 0
  has "aws_secret_access_key = stub-secret-of-$(account -r '.users["agentkeys-daemon"].keys[0]')"
  run setup_cloud prod --only-step 10
  ends 0
  has_not "warn"
  has_not "stub-secret"
}

@test "a secret is shown once, and touches no file" {
  instance prod
  run setup_cloud prod
  ends 0
  [[ $(grep -c 'stub-secret' <<<"$output") -eq 2 ]]
  has "[agentkeys-daemon]"
  has "[agentkeys-broker]"
  ! grep -rl stub-secret "$BATS_TEST_TMPDIR"
  # Nothing of a run stays in the folder for temporary files.
  [[ -z $(find "$TMPDIR" -mindepth 1) ]]
}

@test "policies that name a user made seconds ago are tried again" {
  setup_cloud prod --to-step 10 >/dev/null
  echo 3 >"$AWS_STUB/slow"
  run setup_cloud prod --only-step 11
  ends 0
  has "ok created role agentkeys-data-role"
  [[ $(<"$AWS_STUB/slow") -eq 0 ]]
}

@test "what was made by somebody else in the meantime is skipped" {
  setup_cloud prod --to-step 9 >/dev/null
  echo "iam create-user EntityAlreadyExists User with name agentkeys-daemon already exists." >"$AWS_STUB/fail"
  run setup_cloud prod --only-step 10
  ends 1 # the stand-in does not make the user, so the next call fails; the line before it is what counts
  has "skip created user agentkeys-daemon already (EntityAlreadyExists)"
}

@test "a refusal of AWS's ends the run with its words" {
  echo "sesv2 create-email-identity TooManyRequestsException Slow down" >"$AWS_STUB/fail"
  run setup_cloud prod
  ends 1
  has "fail aws sesv2 create-email-identity"
  has "Slow down"
  has_not "step 6/15"
}

# --- The elastic IP --------------------------------------------------------------------------------------------------

@test "EIP, A: the one on the instance is adopted and tagged, before all others" {
  local id
  id=$(instance prod)
  aws stub address 198.51.100.7 eipalloc-a --instance-id "$id"
  aws stub address 198.51.100.8 eipalloc-b --tag agentkeys-broker-eip
  sed -i 's/^EIP=.*/EIP=198.51.100.8/' "$envs/broker.env"
  run setup_cloud prod --only-step 4
  ends 0
  has "skip EIP 198.51.100.7 already attached to $id (adopting; no allocation)"
  has "ok tagged existing EIP as agentkeys-broker-eip (idempotency for re-runs)"
  grep -qx EIP=198.51.100.7 "$envs/broker.env"
}

@test "EIP, B: the tagged one is used again, and attached" {
  local id
  id=$(instance prod)
  aws stub address 198.51.100.8 eipalloc-b --tag agentkeys-broker-eip
  aws stub address 198.51.100.9 eipalloc-c --tag agentkeys-broker-eip-test
  run setup_cloud prod --only-step 4
  ends 0
  has "skip EIP 198.51.100.8 has the tag agentkeys-broker-eip (reusing; no allocation)"
  has "ok attached 198.51.100.8 to $id"
  [[ $(account '.addresses | length') -eq 2 ]]
  grep -qx EIP=198.51.100.8 "$envs/broker.env"
}

@test "EIP, C: the one of the env file is used and tagged" {
  aws stub address 198.51.100.9 eipalloc-c
  sed -i 's/^EIP=.*/EIP=198.51.100.9/' "$envs/broker.env"
  run setup_cloud prod --only-step 4
  ends 0
  has "skip EIP 198.51.100.9 is in"
  has "ok tagged existing EIP as agentkeys-broker-eip (idempotency for re-runs)"
  has "skip attaching 198.51.100.9: INSTANCE_ID is empty"
  [[ $(account '.addresses | length') -eq 1 ]]
}

@test "EIP, D: one is allocated with its tag, found again after a kill, and attached once there is an instance" {
  echo 1 >"$AWS_STUB/kill-after"
  ENV_FILE=$envs/operator-workstation.env setsid --wait bash "$repository/scripts/setup-cloud.sh" --yes --only-step 4 \
    >/dev/null 2>&1 </dev/null && return 1
  grep -qx EIP= "$envs/broker.env"
  setup_cloud prod --only-step 4
  [[ $(account '.addresses | length') -eq 1 ]]
  grep -qx "EIP=$(account -r '.addresses[0].PublicIp')" "$envs/broker.env"
  local id
  id=$(instance prod)
  run setup_cloud prod --only-step 4
  ends 0
  has "to $id"
  [[ $(account -r '.addresses[0].InstanceId') == "$id" ]]
}

@test "EIP: one that is attached to another instance, or is another stack's, is refused and left where it is" {
  instance prod
  aws stub instance i-0123456789abcdef0
  aws stub address 198.51.100.8 eipalloc-b --tag agentkeys-broker-eip --instance-id i-0123456789abcdef0
  calls_from_here
  run setup_cloud prod --only-step 4
  ends 1
  has "fail the address 198.51.100.8 is attached to i-0123456789abcdef0"
  [[ $(changes) -eq 0 ]]
  aws stub address 198.51.100.9 eipalloc-c --tag agentkeys-broker-eip-test
  sed -i 's/^EIP=.*/EIP=198.51.100.9/; s/^INSTANCE_ID=.*/INSTANCE_ID=/' "$envs/broker.base.env"
  calls_from_here
  run setup_cloud base --only-step 4
  ends 1
  has "fail the address 198.51.100.9 is another stack's (agentkeys-broker-eip-test)"
  [[ $(changes) -eq 0 ]]
}

# --- Which stack -----------------------------------------------------------------------------------------------------

@test "--base with prod's env file is refused and leaves prod unchanged" {
  setup_cloud prod --to-step 12 >/dev/null
  cp "$AWS_STUB/account.json" "$BATS_TEST_TMPDIR/before.json"
  calls_from_here
  run bash "$repository/scripts/setup-cloud.sh" --base --env-file "$envs/operator-workstation.env" --yes
  ends 1
  has "fail BROKER_HOST=broker.example.org"
  has "another stack's file?"
  [[ $(changes) -eq 0 ]]
  cmp "$AWS_STUB/account.json" "$BATS_TEST_TMPDIR/before.json"
}

@test "each name that is another stack's is refused" {
  local line
  for line in BUCKET=agentkeys-mail-111122223333 VAULT_BUCKET=agentkeys-vault-test-2-111122223333 \
    DATA_ROLE_ARN=arn:aws:iam::111122223333:role/agentkeys-data-role MAIL_DOMAIN=bots.example.org \
    BROKER_HOST=broker-test-2.example.org MEMORY_ROLE_ARN=arn:aws:iam::999922223333:role/agentkeys-memory-role-test \
    SIGNER_HOST=signer.example.org BROKER_HOST=test-broker.example.com; do
    cp "$repository/scripts/operator-workstation.test.env" "$envs"
    echo "$line" >>"$envs/operator-workstation.test.env"
    run setup_cloud test
    ends 1
    has "fail ${line%%=*}"
  done
  [[ $(changes) -eq 0 ]]
}

@test "an env file's name selects its stack, its folder does not, and a contradiction is refused" {
  mkdir "$BATS_TEST_TMPDIR/test-7"
  cp "$envs"/*.env "$BATS_TEST_TMPDIR/test-7"
  run bash "$repository/scripts/setup-cloud.sh" --env-file "$BATS_TEST_TMPDIR/test-7/operator-workstation.env" --only-step 2
  ends 0
  has "ok stack prod,"
  run bash "$repository/scripts/setup-cloud.sh" --env-file "$envs/operator-workstation.test-2.env" --only-step 2
  ends 0
  has "ok stack test-2,"
  has "broker.test-2.env"
  run bash "$repository/scripts/setup-cloud.sh" --test --env-file "$envs/operator-workstation.test-2.env" --only-step 2
  ends 0
  has "ok stack test-2,"
  run bash "$repository/scripts/setup-cloud.sh" --ci --slot 3 --env-file "$envs/operator-workstation.test-2.env"
  ends 2
  has "a file of the stack test-2, but the options say test-3"
  run bash "$repository/scripts/setup-cloud.sh" --env-file "$envs/operator-workstation.env" \
    --broker-env-file "$envs/broker.base.env"
  ends 2
  has "broker.base.env is a file of the stack base, not of prod"
}

@test "wrong command lines end with 2 and reach no AWS" {
  local words
  for words in "--ci --base" "--slot 2" "--ci --slot 1" "--ci --slot x" "--ci --slot" "--only-step 16" "--only-step 0" \
    "--from-step 5 --to-step 4" "--only-step 3 --from-step 2" "--what" "--env-file"; do
    # shellcheck disable=SC2086 # words
    run bash "$repository/scripts/setup-cloud.sh" $words
    ends 2
    [[ ${#output} -gt 20 ]]
  done
  AGENTKEYS_TEST_SLOT=2 run bash "$repository/scripts/setup-cloud.sh" --yes
  ends 2
  has "AGENTKEYS_TEST_SLOT"
  [[ $(grep -vc stub "$AWS_STUB/calls") -eq 0 ]]
  AGENTKEYS_TEST_SLOT=2 run bash "$repository/scripts/setup-cloud.sh" --ci --only-step 2
  ends 0
  has "ok stack test-2,"
}

# --- What must hold first --------------------------------------------------------------------------------------------

@test "another caller, another account, another zone: refused before any change" {
  aws stub caller user/somebody
  run setup_cloud prod
  ends 1
  has "not agentkeys-admin"
  aws stub caller user/agentkeys-admin
  sed -i 's/^ACCOUNT_ID=.*/ACCOUNT_ID=999922223333/' "$envs/operator-workstation.env"
  run setup_cloud prod --only-step 12
  ends 1
  has "ACCOUNT_ID in"
  sed -i 's/^ACCOUNT_ID=.*/ACCOUNT_ID=111122223333/; s/^PARENT_ZONE_ID=.*/PARENT_ZONE_ID=Z0OTHER/' "$envs/operator-workstation.env"
  run setup_cloud prod
  ends 1
  has "fail there is no hosted zone Z0OTHER"
  aws stub zone Z0OTHER example.com
  run setup_cloud prod
  ends 1
  has "is example.com., not example.org"
  [[ $(changes) -eq 0 ]]
}

@test "a key that is missing is named, with its file; the shell's own variables do not stand in" {
  local key
  for key in ACCOUNT_ID REGION ZONE PARENT_ZONE_ID BROKER_HOST MAIL_DOMAIN BUCKET; do
    sed "s/^$key=.*/$key=/" "$repository/scripts/operator-workstation.env" >"$envs/operator-workstation.env"
    export "$key=111122223333"
    run setup_cloud prod --only-step 2
    ends 1
    has "fail $key is not set in $envs/operator-workstation.env"
    unset "$key"
  done
  echo 'rm -rf /' >>"$envs/operator-workstation.env"
  run setup_cloud prod
  ends 1
  has "fail not an env file of NAME=value lines"
}

@test "without a terminal and --yes nothing is changed; --dry-run changes nothing and needs no --yes" {
  run cloud setup-cloud.sh prod
  ends 1
  has "give --yes"
  run cloud setup-cloud.sh prod --dry-run
  ends 0
  has "skip dry run: would have allocated an elastic IP"
  has "skip dry run: would have created user agentkeys-daemon"
  [[ $(changes) -eq 0 ]]
  cmp "$envs/broker.env" "$repository/scripts/broker.env"
  instance prod
  setup_cloud prod --to-step 12 >/dev/null
  calls_from_here
  run cloud setup-cloud.sh prod --dry-run
  ends 0
  [[ $(changes) -eq 0 ]]
}

@test "a bucket of somebody else's, and another active receipt rule set, are refused" {
  setup_cloud prod --to-step 6 >/dev/null
  jq '.buckets["agentkeys-mail-111122223333"] = {"foreign": true, "objects": {}}' "$AWS_STUB/account.json" >"$AWS_STUB/new"
  mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  run setup_cloud prod --only-step 7
  ends 1
  has "somebody has taken the name in another account"
  jq 'del(.buckets["agentkeys-mail-111122223333"])' "$AWS_STUB/account.json" >"$AWS_STUB/new"
  mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  setup_cloud prod --only-step 7 >/dev/null
  aws ses create-receipt-rule-set --region us-east-1 --rule-set-name office
  aws ses set-active-receipt-rule-set --region us-east-1 --rule-set-name office
  run setup_cloud prod --only-step 8
  ends 1
  has "fail another receipt rule set, office, is active"
  [[ $(account -r .active_rule_set) == office ]]
}

@test "no mail of Amazon's: step 9 warns and says what to do; once it comes, the right link is opened" {
  setup_cloud prod --to-step 8 >/dev/null
  jq 'del(.records["bots.example.org. MX"])' "$AWS_STUB/account.json" >"$AWS_STUB/new"
  mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  run setup_cloud prod --only-step 9
  ends 0
  has "warn noreply@bots.example.org is not verified yet"
  has "setup-cloud.sh --yes --only-step 9"
  run cloud ses-verify-sender.sh prod
  ends 1
  setup_cloud prod --only-step 6 >/dev/null
  aws sesv2 delete-email-identity --region us-east-1 --email-identity noreply@bots.example.org
  run cloud ses-verify-sender.sh prod
  ends 0
  has "ok opened the link of inbound/0"
  has_not "evil"
  run cloud ses-verify-sender.sh prod
  ends 0
  has "skip noreply@bots.example.org is already verified"
}

@test "--only-step 13 without a provider says how to register one" {
  setup_cloud prod --to-step 12 >/dev/null
  run setup_cloud prod --only-step 13
  ends 1
  has "bash scripts/register-oidc-provider.sh --yes"
}

@test "another region goes with every call and into the bucket" {
  sed -i 's/^REGION=.*/REGION=eu-west-1/' "$envs/operator-workstation.env"
  setup_cloud prod >/dev/null
  ! grep -v 'stub' "$AWS_STUB/calls" | grep -v -e '--region eu-west-1'
  grep -q 'create-bucket .*LocationConstraint=eu-west-1' "$AWS_STUB/calls"
}
