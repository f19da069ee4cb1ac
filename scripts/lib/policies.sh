# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # the variables in quotes are jq's and IAM's; the others are the caller's
# The IAM, S3 and SES documents of a stack, each as one line of JSON; sourced, never run. Names come from the array
# `stack` and from ACCOUNT_ID, REGION. Built by jq, so that no value is ever part of the syntax.

policy() { # policy FILTER [NAME VALUE]… : the filter's JSON, with `actor` and `wallet` for the session's own tags
  local filter=$1 arguments=()
  shift
  while [[ $# -gt 0 ]]; do
    arguments+=(--arg "$1" "$2")
    shift 2
  done
  jq -nc "${arguments[@]}" \
    --arg actor '${aws:PrincipalTag/agentkeys_actor_omni}' \
    --arg wallet '${aws:PrincipalTag/agentkeys_user_wallet}' "$filter"
}

# --- Trust ----------------------------------------------------------------------------------------------------------
# Sessions carry tags, which a trust policy must allow (sts:TagSession) or STS refuses the call.

trust_daemon() { # before there is an identity provider: the daemon's user
  policy '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {AWS: $user},
    Action: ["sts:AssumeRole", "sts:TagSession"]}]}' user "arn:aws:iam::$ACCOUNT_ID:user/${stack[daemon_user]}"
}

trust_provider() { # the data role: whoever brings a token of this stack's issuer
  policy '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {Federated: $provider},
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {StringEquals: {"\($host):aud": "sts.amazonaws.com"}}}]}' \
    provider "${stack[provider_arn]}" host "${stack[broker_host]}"
}

trust_provider_with_actor() { # the data classes' roles: … that names its actor
  policy '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {Federated: $provider},
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {StringEquals: {"\($host):aud": "sts.amazonaws.com"},
      Null: {"aws:RequestTag/agentkeys_actor_omni": "false"}}}]}' \
    provider "${stack[provider_arn]}" host "${stack[broker_host]}"
}

trust_ec2() { # the host's own role
  policy '{Version: "2012-10-17", Statement: [{Effect: "Allow", Principal: {Service: "ec2.amazonaws.com"},
    Action: "sts:AssumeRole"}]}'
}

# --- Users and the host ---------------------------------------------------------------------------------------------

policy_assume_data() { # the daemon, or the host: assume the data role and nothing else
  policy '{Version: "2012-10-17", Statement: [{Sid: "BrokerAssumeData", Effect: "Allow",
    Action: ["sts:AssumeRole", "sts:TagSession"], Resource: $role}]}' role "${stack[data_role_arn]}"
}

policy_send_mail() { # the host: send as the stack's own sender
  policy '{Version: "2012-10-17", Statement: [{Sid: "BrokerSendEmail", Effect: "Allow", Action: "ses:SendEmail",
    Resource: ["arn:aws:ses:\($region):\($account):identity/\($domain)",
      "arn:aws:ses:\($region):\($account):identity/\($sender)"]}]}' \
    region "$REGION" account "$ACCOUNT_ID" domain "${stack[mail_domain]}" sender "${stack[email_from]}"
}

policy_ssh() { # the operators' user: push a key of the moment to this one instance, for this one OS user
  policy '{Version: "2012-10-17", Statement: [{Sid: "PushSshKey", Effect: "Allow",
    Action: "ec2-instance-connect:SendSSHPublicKey",
    Resource: "arn:aws:ec2:\($region):\($account):instance/\($instance)",
    Condition: {StringEquals: {"ec2:osuser": $login}}}]}' \
    region "$REGION" account "$ACCOUNT_ID" instance "$INSTANCE_ID" login "$stack_login_user"
}

# --- Roles ----------------------------------------------------------------------------------------------------------

policy_data_static() { # the data role before federation, when sessions carry no tags that could narrow it
  policy '{Version: "2012-10-17", Statement: [
    {Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::\($bucket)"},
    {Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::\($bucket)/*"},
    {Effect: "Allow", Action: ["ses:SendEmail", "ses:GetEmailIdentity"],
      Resource: ["arn:aws:ses:\($region):\($account):identity/\($domain)",
        "arn:aws:ses:\($region):\($account):identity/*@\($domain)"]}]}' \
    bucket "${stack[mail_bucket]}" region "$REGION" account "$ACCOUNT_ID" domain "${stack[mail_domain]}"
}

policy_data_own() { # … and once it is federated: its actor's own mail, under the actor's omni and under its wallet
  policy '{Version: "2012-10-17", Statement: [
    {Sid: "EmailListOwnPrefix", Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::\($bucket)",
      Condition: {StringLike: {"s3:prefix": ["bots/\($actor)/*", "bots/\($wallet)/*"]}}},
    {Sid: "EmailGetOwnObjects", Effect: "Allow", Action: "s3:GetObject",
      Resource: ["arn:aws:s3:::\($bucket)/bots/\($actor)/*", "arn:aws:s3:::\($bucket)/bots/\($wallet)/*"]}]}' \
    bucket "${stack[mail_bucket]}"
}

# class_folder CLASS : the folder of a data class under an actor's prefix
class_folder() {
  case $1 in
    vault) echo credentials ;;
    memory | config) echo "$1" ;;
    *) fail "\"$1\" is not a data class: ${stack_classes[*]}" ;;
  esac
}

policy_class_own() { # policy_class_own CLASS : the role of a data class
  policy '($class[0:1] | ascii_upcase) as $first | "\($first)\($class[1:])" as $title
    | "bots/\($actor)/\($folder)/*" as $own | "arn:aws:s3:::\($bucket)/\($own)" as $objects
    | {Version: "2012-10-17", Statement: [
      {Sid: "\($title)ListOwnPrefix", Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::\($bucket)",
        Condition: {StringLike: {"s3:prefix": $own}}},
      {Sid: "\($title)GetOwnObjects", Effect: "Allow", Action: "s3:GetObject", Resource: $objects},
      {Sid: "\($title)PutAndDeleteOwnObjects", Effect: "Allow", Action: ["s3:PutObject", "s3:DeleteObject"],
        Resource: $objects}]}' \
    class "$1" folder "$(class_folder "$1")" bucket "${stack[$1_bucket]}"
}

# --- Buckets --------------------------------------------------------------------------------------------------------

# policy_class_bucket CLASS : the bucket of a data class. Two statements, for s3:prefix exists on List alone: one joint
# statement would refuse every object.
policy_class_bucket() {
  policy '($class[0:1] | ascii_upcase) as $first | "\($first)\($class[1:])" as $title
    | "bots/\($actor)/\($folder)/*" as $own | {"aws:PrincipalTag/agentkeys_actor_omni": "false"} as $tagged
    | {Version: "2012-10-17", Statement: [
      {Sid: "\($title)ListV3", Effect: "Allow", Principal: {AWS: $role}, Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::\($bucket)", Condition: {Null: $tagged, StringLike: {"s3:prefix": $own}}},
      {Sid: "\($title)ObjectsV3", Effect: "Allow", Principal: {AWS: $role},
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource: "arn:aws:s3:::\($bucket)/\($own)",
        Condition: {Null: $tagged}}]}' \
    class "$1" folder "$(class_folder "$1")" bucket "${stack[$1_bucket]}" role "${stack[$1_role_arn]}"
}

statement_ses_inbound() { # SES writes the mail that comes in
  policy '{Sid: "AllowSESWriteInbound", Effect: "Allow", Principal: {Service: "ses.amazonaws.com"},
    Action: "s3:PutObject", Resource: "arn:aws:s3:::\($bucket)/*",
    Condition: {StringEquals: {"aws:Referer": $account}}}' bucket "${stack[mail_bucket]}" account "$ACCOUNT_ID"
}

policy_mail_bucket() { # … and each session reads what is filed under its own wallet
  policy '{"aws:PrincipalTag/agentkeys_user_wallet": "false"} as $tagged | {Version: "2012-10-17", Statement: [
    ($ses | fromjson),
    {Sid: "EmailRoleListOwnPrefix", Effect: "Allow", Principal: {AWS: $role}, Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::\($bucket)", Condition: {Null: $tagged, StringLike: {"s3:prefix": "bots/\($wallet)/*"}}},
    {Sid: "EmailRoleGetOwnObjects", Effect: "Allow", Principal: {AWS: $role}, Action: "s3:GetObject",
      Resource: "arn:aws:s3:::\($bucket)/bots/\($wallet)/*", Condition: {Null: $tagged}}]}' \
    ses "$(statement_ses_inbound)" bucket "${stack[mail_bucket]}" role "${stack[data_role_arn]}"
}
