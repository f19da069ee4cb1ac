#!/usr/bin/env bats
# The cloud's other scripts, against a stand-in for AWS (stand-in/aws) and hosts of their own (hosts.py): real TLS, DNS over
# HTTPS, and thumbprints.

load common
setup() { common_setup; }
teardown() {
  [[ -z ${hosts:-} ]] || kill "$hosts" 2>/dev/null || true
}

site() { # site HOST… : these answer /healthz at 198.51.100.10
  local host names=DNS:dns.google
  export SITE=$BATS_TEST_TMPDIR/site
  mkdir -p "$SITE"
  : >"$SITE/dns"
  for host; do
    names+=,DNS:$host
    mkdir -p "$SITE/$host"
    echo ok >"$SITE/$host/healthz"
    echo "$host 198.51.100.10" >>"$SITE/dns"
  done
  /usr/bin/openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 40 -subj "/CN=$1" \
    -addext "subjectAltName=$names" -keyout "$SITE/server.key" -out "$SITE/ca.pem" 2>/dev/null
  cat "$SITE/server.key" "$SITE/ca.pem" >"$SITE/server.pem"
  /usr/bin/python3 -IS "$BATS_TEST_DIRNAME/hosts.py" "$SITE" >/dev/null 2>&1 3>&- &
  hosts=$!
  for _ in {1..300}; do
    [[ ! -e $SITE/port ]] || return 0
    sleep 0.1
  done
  return 1
}
healthy() { sed -n 's/^record \(.*\)\. A$/\1/p' "$BATS_TEST_DIRNAME/names/$1" | grep -v mcp; }
issuer() { # issuer HOST ISSUER KID… : what a broker says about itself there
  local host=$1 issuer=$2
  shift 2
  mkdir -p "$SITE/$host/.well-known"
  jq -n --arg issuer "$issuer" '{issuer: $issuer, jwks_uri: "\($issuer)/.well-known/jwks.json"}' \
    >"$SITE/$host/.well-known/openid-configuration"
  jq -n '{keys: [$ARGS.positional[] | {kty: "EC", crv: "P-256", kid: ., x: "AA", y: "AA", use: "sig", alg: "ES256"}]}' \
    --args "$@" >"$SITE/$host/.well-known/jwks.json"
}
on_terminal() { # on_terminal TYPED COMMAND… : with a terminal on which this is typed
  local typed=$1 words
  shift
  printf -v words '%q ' "$@"
  printf '%s\n' "$typed" | script -qec "$words" /dev/null
}

@test "the stand-in for AWS has the options, codes and answers of the real command line" {
  mkdir "$BATS_TEST_TMPDIR/model"
  /usr/bin/python3 "$BATS_TEST_DIRNAME/model.py" "$BATS_TEST_TMPDIR/model"
}

# --- The identity provider -------------------------------------------------------------------------------------------

@test "registers the provider with the SHA-1 of the leaf, and finds it the same the next time" {
  site broker-base.example.org
  issuer broker-base.example.org https://broker-base.example.org k1
  run cloud register-oidc-provider.sh base
  ends 1
  has "give --yes"
  run cloud register-oidc-provider.sh base --dry-run
  ends 0
  [[ $(changes) -eq 0 ]]
  run cloud register-oidc-provider.sh base --yes
  ends 0
  has "ok registered $(provider broker-base.example.org)"
  local thumbprint
  thumbprint=$(/usr/bin/openssl x509 -in "$SITE/ca.pem" -outform DER | sha1sum | cut -d' ' -f1)
  same_json "$(account --arg arn "$(provider broker-base.example.org)" '.providers[$arn] | {Url, ClientIDList, ThumbprintList}')" \
    "{\"Url\": \"broker-base.example.org\", \"ClientIDList\": [\"sts.amazonaws.com\"], \"ThumbprintList\": [\"$thumbprint\"]}"
  calls_from_here
  run cloud register-oidc-provider.sh base --yes
  ends 0
  has "skip $(provider broker-base.example.org) is registered"
  [[ $(changes) -eq 0 ]]
}

@test "an issuer that is not the registered one, byte for byte, is refused" {
  local said
  site broker.example.org
  for said in broker.example.org https://broker.example.org/ http://broker.example.org https://Broker.example.org; do
    issuer broker.example.org "$said" k1
    run cloud register-oidc-provider.sh prod --yes
    ends 1
    has "the broker calls itself \"$said\""
  done
  issuer broker.example.org https://broker.example.org
  run cloud register-oidc-provider.sh prod --yes
  ends 1
  has "has no ES256 key"
  issuer broker.example.org https://broker.example.org k1
  rm "$SITE/broker.example.org/healthz"
  run cloud register-oidc-provider.sh prod --yes
  ends 1
  has "/healthz does not answer"
  [[ $(changes) -eq 0 ]]
}

@test "stale providers: another thumbprint is set, no audience or a misspelt issuer is deleted and made anew" {
  site broker.example.org
  issuer broker.example.org https://broker.example.org k1
  register broker.example.org
  register test-broker.example.org
  run cloud register-oidc-provider.sh prod --yes
  ends 0
  has "ok gave $(provider broker.example.org) the present thumbprint"
  jq --arg arn "$(provider broker.example.org)" '.providers[$arn].ClientIDList = ["other"]
    | .providers[$arn + "/"] = .providers[$arn]' "$AWS_STUB/account.json" >"$AWS_STUB/new"
  mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  run cloud register-oidc-provider.sh prod --yes
  ends 0
  has "ok deleted the stale provider $(provider broker.example.org)"
  has "ok deleted the stale provider $(provider broker.example.org/)"
  has "ok registered $(provider broker.example.org)"
  [[ $(account -r '.providers | keys | join(" ")') == "$(provider broker.example.org) $(provider test-broker.example.org)" ]]
}

# --- Data classes, mail, DNS -----------------------------------------------------------------------------------------

@test "the scripts of a data class do what step 13 does, each by itself and again" {
  local class
  setup_cloud test-2 >/dev/null
  run cloud provision-vault-role.sh test-2
  ends 1
  has "bash scripts/register-oidc-provider.sh --ci --slot 2 --yes"
  run cloud apply-vault-bucket-policy.sh test-2
  ends 1
  register broker-test-2.example.org
  for class in vault memory config; do
    cloud "provision-$class-bucket.sh" test-2
    cloud "provision-$class-role.sh" test-2
    cloud "apply-$class-bucket-policy.sh" test-2
  done
  setup_cloud test-2 --only-step 11 >/dev/null
  calls_from_here
  setup_cloud test-2 >/dev/null
  for class in vault memory config; do
    cloud "provision-$class-bucket.sh" test-2
    cloud "provision-$class-role.sh" test-2
    cloud "apply-$class-bucket-policy.sh" test-2
  done
  cloud cleanup-mail-bucket-policy.sh test-2
  [[ $(changes) -eq 0 ]]
  names "$AWS_STUB/account.json" | grep -v 'user agentkeys-broker' \
    | diff <(grep -v 'user agentkeys-broker' "$BATS_TEST_DIRNAME/names/test-2") -
}

@test "ENV_FILE alone says which stack a helper works on" {
  register broker-base.example.org
  ENV_FILE=$envs/operator-workstation.base.env run bash "$repository/scripts/provision-vault-bucket.sh"
  ends 0
  [[ $(account -r '.buckets | keys[]') == agentkeys-vault-base-111122223333 ]]
}

@test "the mail bucket's policy is cleaned of what else it grants" {
  setup_cloud prod >/dev/null
  jq '(.buckets["agentkeys-mail-111122223333"].policy) |= (fromjson | .Statement += [{Sid: "AllowDaemonRead", Effect: "Allow",
    Principal: {AWS: "arn:aws:iam::111122223333:role/agentkeys-data-role"}, Action: ["s3:GetObject", "s3:ListBucket"],
    Resource: "arn:aws:s3:::agentkeys-mail-111122223333/*"}] | tojson)' "$AWS_STUB/account.json" >"$AWS_STUB/new"
  mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  cloud cleanup-mail-bucket-policy.sh prod
  [[ $(account -r '.buckets["agentkeys-mail-111122223333"].policy | fromjson | [.Statement[].Sid] | sort | join(" ")') \
    == "AllowSESWriteInbound EmailRoleGetOwnObjects EmailRoleListOwnPrefix" ]]
}

@test "the workers' names mirror the broker's own record, and public DNS is asked" {
  instance test
  setup_cloud test --to-step 6 >/dev/null
  local eip
  eip=$(account -r '.addresses[0].PublicIp')
  # shellcheck disable=SC2046 # hosts
  site $(healthy test)
  sed -i "s/ 198.*/ $eip/" "$SITE/dns"
  # They had been pointed at another stack's.
  run cloud dns-upsert-workers.sh test --eip 198.51.100.99
  ends 0
  [[ $(account -r '.records["audit-test.example.org. A"].ResourceRecords[0].Value') == 198.51.100.99 ]]
  has "warn public DNS does not give 198.51.100.99 yet"
  run cloud dns-upsert-workers.sh test
  ends 0
  has "ok written DNS, workers:"
  has "skip public DNS gives $eip for all six"
  [[ $(account --arg eip "$eip" '[.records[] | select(.Type == "A" and .ResourceRecords[0].Value == $eip)] | length') -eq 9 ]]
}

@test "addresses that the Internet does not route are refused" {
  local address
  for address in 10.0.0.1 172.16.5.5 172.31.255.1 192.168.1.1 100.64.0.1 100.127.255.254 198.18.0.1 198.19.255.255 \
    127.0.0.1 169.254.169.254 0.0.0.0 224.0.0.1 256.1.1.1 1.2.3 ""; do
    run cloud dns-upsert-workers.sh prod --eip "$address"
    ends 2
    has "not \"$address\""
  done
  setup_cloud prod --to-step 6 >/dev/null
  jq '.records["broker.example.org. A"].ResourceRecords[0].Value = "198.18.7.7"' "$AWS_STUB/account.json" >"$AWS_STUB/new"
  mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  run cloud dns-upsert-workers.sh prod
  ends 1
  has "198.18.7.7, which is not a public one"
  for address in 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 198.17.0.1 198.20.0.1 8.8.8.8; do
    run cloud dns-upsert-workers.sh prod --eip "$address" --dry-run
    ends 0
  done
}

# --- Hosts -----------------------------------------------------------------------------------------------------------

@test "eight hosts are waited for, and counted" {
  # shellcheck disable=SC2046 # hosts
  site $(healthy base)
  run cloud wait-stack-healthy.sh base
  ends 0
  has "8/8"
  rm "$SITE/cred-base.example.org/healthz"
  run cloud wait-stack-healthy.sh base --timeout 0
  ends 1
  has "7/8 healthy; not: cred-base.example.org"
}

@test "workers are verified: name, certificate, health" {
  # shellcheck disable=SC2046 # hosts
  site $(healthy prod)
  run cloud verify-workers.sh prod
  ends 0
  [[ $(grep -c '^ok .*certificate for another \(39\|40\) days' <<<"$output") -eq 6 ]]
  sed -i 's/^audit.example.org .*/audit.example.org 198.51.100.77/' "$SITE/dns"
  rm "$SITE/email.example.org/healthz"
  run cloud verify-workers.sh prod
  ends 1
  has "fail audit.example.org leads to 198.51.100.77, the broker to 198.51.100.10: bash scripts/dns-upsert-workers.sh --yes"
  has "fail email.example.org does not answer /healthz"
}

@test "ssh-broker pushes a key of the moment to the stack's instance, and forgets it" {
  local id
  id=$(instance test-2)
  sed -i 's/^EIP=.*/EIP=198.51.100.10/' "$envs/broker.test-2.env"
  export ENV_FILE=$envs/operator-workstation.test-2.env
  SSH_STATUS=3 run bash "$repository/scripts/ssh-broker.sh" test-2 -- uptime --pretty
  ends 3
  has "agentkey@198.51.100.10 uptime --pretty"
  has "HostKeyAlias=broker-test-2.example.org"
  grep -q "send-ssh-public-key --profile agentkeys-broker-test-2 --instance-id $id --instance-os-user agentkey" "$AWS_STUB/calls"
  [[ ! -e $(<"$AWS_STUB/ssh-key") ]]
  [[ -z $(find "$TMPDIR" -mindepth 1) ]]
  : >"$HOME/my.pem"
  run bash "$repository/scripts/ssh-broker.sh" test-2 --fallback --pem "$HOME/my.pem"
  ends 0
  has "ubuntu@198.51.100.10"
  run bash "$repository/scripts/ssh-broker.sh" test-2 --fallback
  ends 1
  has "agentkeys-broker-test-2.pem"
  run bash "$repository/scripts/ssh-broker.sh" prod
  ends 2 # the env file is another stack's
}

@test "the fleet's status shows what is found out, n/a for the rest, and always ends with 0" {
  instance test >/dev/null
  setup_cloud test --to-step 4 >/dev/null
  local eip
  eip=$(account -r '.addresses[0].PublicIp')
  # shellcheck disable=SC2046 # hosts
  site $(healthy test)
  sed -i "s/ 198.*/ $eip/; s/^memory-test.*/memory-test.example.org 198.51.100.3/" "$SITE/dns"
  echo 'ZONE=' >>"$envs/operator-workstation.test-2.env"
  echo 'DEPLOYER_ADDR_HEIMA=0x00000000000000000000000000000000000000aa' >>"$envs/operator-workstation.test.env"
  calls_from_here
  ENV_DIR=$envs run bash "$repository/scripts/fleet-status.sh"
  ends 0
  grep -Eq "^test +running +$eip +$eip +yes +(39|40) +memory=198.51.100.3" <<<"$output"
  grep -Eq '^test-2 +n/a' <<<"$output"
  grep -Eq '^test +0x00000000000000000000000000000000000000aa' <<<"$output"
  has_not base
  [[ $(changes) -eq 0 ]]
  ENV_DIR=$BATS_TEST_TMPDIR run bash "$repository/scripts/fleet-status.sh"
  ends 0
  # Again and again, until it is interrupted.
  ENV_DIR=$BATS_TEST_TMPDIR bash "$repository/scripts/fleet-status.sh" --watch 1 >"$BATS_TEST_TMPDIR/watched" 3>&- &
  local watching=$! _
  for _ in {1..300}; do
    [[ $(grep -c FLEET "$BATS_TEST_TMPDIR/watched") -lt 3 ]] || break
    sleep 0.1
  done
  kill "$watching"
  [[ $(grep -c FLEET "$BATS_TEST_TMPDIR/watched") -ge 3 ]]
}

# --- Roles of hosts and runners --------------------------------------------------------------------------------------

@test "the host's role may send and assume, and nothing else" {
  local id
  id=$(instance prod)
  setup_cloud prod >/dev/null
  cloud provision-broker-host-role.sh prod
  aws iam attach-role-policy --region us-east-1 --role-name agentkeys-broker-host \
    --policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess
  run cloud provision-broker-host-role.sh prod --ssm
  ends 0
  has "ok detached AmazonS3FullAccess"
  same_json "$(account '.roles["agentkeys-broker-host"].attached')" '["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]'
  same_json "$(account '.roles["agentkeys-broker-host"].policies | map_values(.Statement)')" '{
    "BrokerAssumeData": [{"Sid": "BrokerAssumeData", "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
      "Resource": "arn:aws:iam::111122223333:role/agentkeys-data-role"}],
    "BrokerSendEmail": [{"Sid": "BrokerSendEmail", "Effect": "Allow", "Action": "ses:SendEmail", "Resource": [
      "arn:aws:ses:us-east-1:111122223333:identity/bots.example.org",
      "arn:aws:ses:us-east-1:111122223333:identity/noreply@bots.example.org"]}]}'
  [[ $(account -r --arg id "$id" '.instances[$id].profile') == agentkeys-broker-host ]]
  calls_from_here
  cloud provision-broker-host-role.sh prod --ssm
  [[ $(changes) -eq 0 ]]
}

@test "the CI role reaches the fleet's instances alone, and --fix-ssm gives each its profile" {
  local first second
  instance prod
  run bash "$repository/scripts/provision-ci-deploy-role.sh" --env-file "$envs/operator-workstation.test.env"
  ends 1
  has "no slot has an INSTANCE_ID"
  first=$(instance test) second=$(instance test-2)
  setup_cloud test --to-step 11 >/dev/null
  run bash "$repository/scripts/provision-ci-deploy-role.sh" --env-file "$envs/operator-workstation.test.env"
  ends 1
  has "--repository OWNER/NAME"
  for _ in 1 2; do
    run bash "$repository/scripts/provision-ci-deploy-role.sh" --env-file "$envs/operator-workstation.test.env" \
      --repository example/agentkeys --fix-ssm
    ends 0
  done
  has_not "ok created"
  same_json "$(account '.roles["github-actions-agentkeys-deploy"].policies[].Statement[0].Resource')" "[
    \"arn:aws:ec2:us-east-1:111122223333:instance/$first\", \"arn:aws:ec2:us-east-1:111122223333:instance/$second\",
    \"arn:aws:ssm:us-east-1::document/AWS-RunShellScript\"]"
  same_json "$(account '.roles["github-actions-agentkeys-deploy"].trust.Statement[0].Condition')" '{
    "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
    "StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/agentkeys:*"}}'
  [[ $(account -r --arg id "$first" '.instances[$id].profile') == agentkeys-test-broker-ssm ]]
  [[ $(account -r --arg id "$second" '.instances[$id].profile') == agentkeys-test-broker-ssm-2 ]]
  [[ $(account -r '.profiles | keys | join(" ")') == "agentkeys-test-broker-ssm agentkeys-test-broker-ssm-2" ]]
}

# --- Publishing an issuer --------------------------------------------------------------------------------------------

publish() { cloud publish-issuer.sh prod --bucket issuer-files "$@"; }
object() { account -j --arg key "$1" '.buckets["issuer-files"].objects[$key].body'; }

@test "an issuer is published byte for byte, and again where it changed" {
  site broker.example.org cdn.example.org
  issuer broker.example.org https://broker.example.org k1
  run publish
  ends 1
  has "there is no bucket issuer-files"
  aws s3api create-bucket --region us-east-1 --bucket issuer-files >/dev/null
  run publish
  ends 0
  object .well-known/jwks.json | cmp - "$SITE/broker.example.org/.well-known/jwks.json"
  object .well-known/openid-configuration | cmp - "$SITE/broker.example.org/.well-known/openid-configuration"
  calls_from_here
  run publish
  ends 0
  [[ $(changes) -eq 0 ]]
  # A rotation announces the new key first; then the old one is left out, but not at once.
  issuer broker.example.org https://broker.example.org k1 k2
  run publish
  ends 0
  object .well-known/jwks.json | cmp - "$SITE/broker.example.org/.well-known/jwks.json"
  # What the CDN serves is looked at.
  run publish --public-url https://cdn.example.org
  ends 1
  has "does not have the same bytes"
  cp -r "$SITE/broker.example.org/.well-known" "$SITE/cdn.example.org"
  run publish --public-url https://cdn.example.org
  ends 0
  has "ok https://cdn.example.org/.well-known/jwks.json, byte for byte"
}

@test "a set that lacks a key still in use is not published" {
  site broker.example.org
  issuer broker.example.org https://broker.example.org k1 k2
  aws s3api create-bucket --region us-east-1 --bucket issuer-files >/dev/null
  publish
  object .well-known/jwks.json >"$BATS_TEST_TMPDIR/two"
  issuer broker.example.org https://broker.example.org k2
  run publish
  ends 1
  has "still in use: k1"
  object .well-known/jwks.json | cmp - "$BATS_TEST_TMPDIR/two"
  run publish # the time of the first look counts, not of this one
  ends 1
  [[ $(account '.buckets["issuer-files"].objects[".well-known/jwks.json"].tags | length') -eq 1 ]]
  # It comes back: nothing is noted any more.
  issuer broker.example.org https://broker.example.org k1 k2
  publish
  [[ $(account '.buckets["issuer-files"].objects[".well-known/jwks.json"].tags | length') -eq 0 ]]
  # After the grace it may go.
  issuer broker.example.org https://broker.example.org k2
  run publish
  ends 1
  jq --arg since "$(($(date +%s) - 3601))" '.buckets["issuer-files"].objects[".well-known/jwks.json"].tags[0].Value = $since' \
    "$AWS_STUB/account.json" >"$AWS_STUB/new" && mv "$AWS_STUB/new" "$AWS_STUB/account.json"
  run publish
  ends 0
  [[ $(object .well-known/jwks.json | jq -r '.keys[].kid') == k2 ]]
  # A stolen one goes at once, on the operator's word.
  issuer broker.example.org https://broker.example.org k3
  run publish --retire k2
  ends 0
  has "warn key k2 is left out on your word"
  [[ $(object .well-known/jwks.json | jq -r '.keys[].kid') == k3 ]]
}

@test "private keys, another issuer and foreign addresses are never published" {
  site broker.example.org
  aws s3api create-bucket --region us-east-1 --bucket issuer-files >/dev/null
  issuer broker.example.org https://other.example.org k1
  run publish
  ends 1
  issuer broker.example.org https://broker.example.org k1
  jq '.keys[0].d = "AA"' "$SITE/broker.example.org/.well-known/jwks.json" >"$SITE/new"
  mv "$SITE/new" "$SITE/broker.example.org/.well-known/jwks.json"
  run publish
  ends 1
  has "not a set of public keys"
  issuer broker.example.org https://broker.example.org k1
  jq '.jwks_uri = "https://evil.example/jwks.json"' "$SITE/broker.example.org/.well-known/openid-configuration" >"$SITE/new"
  mv "$SITE/new" "$SITE/broker.example.org/.well-known/openid-configuration"
  run publish
  ends 1
  has "jwks_uri is not an address of the issuer's"
  [[ $(account '.buckets["issuer-files"].objects | length') -eq 0 ]]
}

# --- Teardown --------------------------------------------------------------------------------------------------------

@test "teardown takes one stack away and leaves every other; it may be run again" {
  local stack
  for stack in test test-2; do
    instance "$stack" >/dev/null
    setup_cloud "$stack" --to-step 12 >/dev/null
    register "$([[ $stack == test ]] && echo test-broker || echo broker-test-2).example.org"
    setup_cloud "$stack" >/dev/null
  done
  bash "$repository/scripts/provision-ci-deploy-role.sh" --env-file "$envs/operator-workstation.test.env" \
    --repository example/agentkeys --fix-ssm >/dev/null
  echo hello >"$BATS_TEST_TMPDIR/object"
  aws s3api put-object --region us-east-1 --bucket agentkeys-config-test-2-111122223333 --key a --body "$BATS_TEST_TMPDIR/object"
  cp "$AWS_STUB/account.json" "$BATS_TEST_TMPDIR/before.json"
  export ENV_FILE=$envs/operator-workstation.test-2.env
  local teardown=(bash "$repository/scripts/teardown-cloud.sh" --ci --slot 2)

  calls_from_here
  run "${teardown[@]}" --yes </dev/null
  ends 1
  has "on a terminal alone"
  run on_terminal test "${teardown[@]}"
  ends 1
  has "not confirmed; nothing was changed"
  run "${teardown[@]}" --dry-run </dev/null
  ends 0
  has "would have emptied and deleted bucket agentkeys-config-test-2-111122223333"
  [[ $(changes) -eq 0 ]]

  # It is interrupted in the middle, and run again.
  echo "iam delete-role ServiceFailure try later" >"$AWS_STUB/fail"
  run on_terminal test-2 "${teardown[@]}"
  ends 1
  run on_terminal test-2 "${teardown[@]}"
  ends 0
  # What is left of the stack is what is done by hand; everything else is as before.
  {
    names "$BATS_TEST_TMPDIR/before.json" | grep -v -e 'test-2' -e 'ssm-2$'
    grep -e '^record' -e '^address' "$BATS_TEST_DIRNAME/names/test-2"
  } | sort | diff - <(names "$AWS_STUB/account.json")
  [[ $(account -r .active_rule_set) == agentkeys ]]
  [[ $(account -r '.providers | keys | join(" ")') != *broker-test-2* ]]
  jq -n --slurpfile before "$BATS_TEST_TMPDIR/before.json" --slurpfile after "$AWS_STUB/account.json" -e '
    def others: with_entries(select(.key | test("test-2|ssm-2") | not));
    all(("users", "roles", "buckets", "identities", "providers", "profiles") as $kind
      | ($before[0][$kind] | others) == $after[0][$kind]; .)' >/dev/null
  calls_from_here
  run on_terminal test-2 "${teardown[@]}"
  ends 0
  [[ $(changes) -eq 0 ]]
}

@test "a stack that was taken away can be set up again" {
  instance base >/dev/null
  register broker-base.example.org
  setup_cloud base >/dev/null
  ENV_FILE=$envs/operator-workstation.base.env run on_terminal base bash "$repository/scripts/teardown-cloud.sh" --base
  ends 0
  register broker-base.example.org
  setup_cloud base >/dev/null
  names "$AWS_STUB/account.json" | diff "$BATS_TEST_DIRNAME/names/base" -
}

# --- The README ------------------------------------------------------------------------------------------------------

@test "the README's commands, in their order, end in a stack with all its names; each script that it names is there" {
  local lines line name
  mapfile -t lines < <(awk '/^## / { here = $0 == "## Cloud set-up" } !here { next }
    /^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$repository/README.md")
  [[ ${#lines[@]} -eq 8 ]]
  instance prod
  # shellcheck disable=SC2046 # hosts
  site $(healthy prod)
  issuer broker.example.org https://broker.example.org k1
  mkdir -p "$HOME/.ssh"
  : >"$HOME/.ssh/agentkeys-broker.pem"
  for line in "${lines[@]}"; do
    run env -C "$repository" ENV_FILE="$envs/operator-workstation.env" bash -c "$line" </dev/null
    ends 0
    has_not "warn"
  done
  names "$AWS_STUB/account.json" | diff "$BATS_TEST_DIRNAME/names/prod" -
  account -e --arg arn "$(provider broker.example.org)" '.providers[$arn]' >/dev/null
  for name in $(awk '/^## / { here = $0 == "## Cloud set-up" } here' "$repository/README.md" | grep -o '[a-z-]*\.sh' | sort -u); do
    [[ -e $repository/scripts/$name || -e $repository/scripts/lib/$name || -e $repository/tests/checks/$name \
      || $name == -role.sh || $name == -bucket.sh || $name == -bucket-policy.sh || $name == setup-broker-host.sh ]] \
      || { echo "no $name"; return 1; }
  done
}
