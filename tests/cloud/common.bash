# shellcheck shell=bash
# shellcheck disable=SC2154 # bats sets output and status
# What the tests of the cloud's scripts share: an account that is empty but for a hosted zone, env files of their own,
# and a home of their own. Loaded by *.bats.

repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
provider() { echo "arn:aws:iam::111122223333:oidc-provider/$1"; }

common_setup() {
  export AWS_STUB=$BATS_TEST_TMPDIR/aws HOME=$BATS_TEST_TMPDIR/home TMPDIR=$BATS_TEST_TMPDIR/tmp
  envs=$BATS_TEST_TMPDIR/envs
  mkdir -p "$AWS_STUB" "$HOME" "$TMPDIR" "$envs"
  export PATH=$repository/tests/cloud/stand-in:$PATH AGENTKEYS_POLL_SECONDS=0
  unset AWS_PROFILE AWS_DEFAULT_PROFILE ENV_FILE BROKER_ENV_FILE AGENTKEYS_TEST_SLOT AGENTKEYS_RESOLVER SITE
  cp "$repository"/scripts/*.env "$envs"
  aws stub zone Z0EXAMPLEZONEID example.org
}

options() { # options STACK : its flags
  case $1 in
    prod) ;;
    test) echo --ci ;;
    base) echo --base ;;
    *) echo --ci --slot "${1#test-}" ;;
  esac
}
infix() { [[ $1 == prod ]] || echo ".$1"; }
instance() { # instance STACK : an instance that is there, in the stack's env file
  local id
  id=i-$(printf '%s' "$1" | sha256sum | cut -c 1-17)
  aws stub instance "$id"
  sed -i "s/^INSTANCE_ID=.*/INSTANCE_ID=$id/" "$envs/broker$(infix "$1").env"
  echo "$id"
}

cloud() { # cloud SCRIPT STACK WORDS… : a script for a stack, with the tests' env files
  local script=$1 stack=$2
  shift 2
  # shellcheck disable=SC2046 # words
  ENV_FILE=$envs/operator-workstation$(infix "$stack").env \
    bash "$repository/scripts/$script" $(options "$stack") "$@" </dev/null
}
setup_cloud() { cloud setup-cloud.sh "$1" --yes "${@:2}"; }
register() { # register HOST : the identity provider, as register-oidc-provider.sh leaves it
  aws iam create-open-id-connect-provider --region us-east-1 --url "https://$1" --client-id-list sts.amazonaws.com \
    --thumbprint-list 0123456789012345678901234567890123456789 >/dev/null
}

account() { jq "$@" "$AWS_STUB/account.json"; }
changes() { grep -c '^! [^s]\|^! s[^t]' "$AWS_STUB/calls" || true; } # by scripts; "stub" is the tests' own
calls_from_here() { : >"$AWS_STUB/calls"; }

# names FILE : every name in the account, a line each
names() {
  jq -r '(.records | to_entries[] | .value | "record \(.Name) \(.Type)"),
    (.addresses[].Tags[]? | select(.Key == "Name") | "address \(.Value)"),
    (.users | keys[] | "user \(.)"), (.roles | keys[] | "role \(.)"), (.buckets | keys[] | "bucket \(.)"),
    (.identities | keys[] | "identity \(.)"), (.rule_sets[][] | "rule \(.Name)"),
    (.profiles | keys[] | "profile \(.)")' "$1" | sort
}

same_json() { # same_json A B
  jq -en --argjson a "$1" --argjson b "$2" '$a == $b' >/dev/null || {
    printf 'is     %s\nwanted %s\n' "$(jq -cS . <<<"$1")" "$(jq -cS . <<<"$2")"
    return 1
  }
}
has() { # has WORDS : the output of the last run
  [[ $output == *"$1"* ]] || {
    printf 'wanted "%s" in:\n%s\n' "$1" "$output"
    return 1
  }
}
has_not() { ! has "$1" >/dev/null || { printf 'has "%s":\n%s\n' "$1" "$output"; return 1; }; }
ends() { # ends CODE : the last run's
  [[ $status -eq $1 ]] || {
    printf 'ended with %s, not %s:\n%s\n' "$status" "$1" "$output"
    return 1
  }
}
