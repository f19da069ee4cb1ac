# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read by those who source this
# The stacks and their names; sourced, never run.
#
# A stack is prod, test (slot 1 of the test fleet), test-N (slot N, from 2) or base. Every name that a stack has in AWS,
# in DNS and on a host carries its suffix, so that no two stacks share one. Slot 1 keeps the host names that it had
# before there was a fleet: its issuer is registered with IAM byte for byte.
#
#   stack_option "$@"                    takes one stack option of a command line; stack_took says how many words
#   stack_choose [ENV_FILE]              the stack of those options and of the file's name, in STACK
#   stack_names STACK ZONE [ACCOUNT_ID]  its names, in the array `stack`
#
# Functions that refuse print the reason to standard error and return 2, as for a wrong command line.

((BASH_VERSINFO[0] >= 4)) || {
  echo "bash $BASH_VERSION is too old: 4 or newer is needed (macOS: brew install bash)" >&2
  exit 1
}

stack_ci=false stack_slot='' stack_base=false stack_took=0

# The OS user that operators sign in as on a broker's host; the daemon's own user is agentkeys.
stack_login_user=agentkey
# The services that stand on a broker's host under names of their own.
stack_workers=(audit email cred memory config classify)
# The data classes that have a bucket and a role each, besides mail.
stack_classes=(vault memory config)

stack_refuse() {
  echo "${0##*/}: $*" >&2
  return 2
}

# stack_option WORDS… : takes --ci (alias --test), --slot N or --base from the front; stack_took is 0, 1 or 2.
stack_option() {
  stack_took=0
  case ${1:-} in
    --ci | --test)
      stack_ci=true stack_took=1
      ;;
    --base)
      stack_base=true stack_took=1
      ;;
    --slot)
      [[ ${2:-} =~ ^([2-9]|[1-9][0-9]{1,2})$ ]] \
        || stack_refuse "--slot takes a number from 2 to 999, not \"${2:-}\"; slot 1 is a bare --ci" || return
      stack_slot=$2 stack_took=2
      ;;
  esac
}

# stack_of_file PATH : the stack that an env file's name tells: test, test-N, base; nothing for prod's. The folder does
# not count, so that a checkout under ~/test is no test stack.
stack_of_file() {
  local name=.${1##*/}.
  if [[ $name =~ [._-]test-([1-9][0-9]{0,2})[._-] ]]; then
    [[ ${BASH_REMATCH[1]} == 1 ]] && echo test || echo "test-${BASH_REMATCH[1]}"
  elif [[ $name =~ [._-]test[._-] ]]; then
    echo test
  elif [[ $name =~ [._-]base[._-] ]]; then
    echo base
  fi
}

# stack_choose [ENV_FILE] : sets STACK from the options taken, AGENTKEYS_TEST_SLOT and the env file's name. Where two of
# them contradict each other the choice is refused: the wrong stack's resources would be changed.
stack_choose() {
  local told slot=$stack_slot
  told=$(stack_of_file "${1:-}")
  if $stack_ci && $stack_base; then
    stack_refuse "--ci and --base name two stacks; give one of them" || return
  fi
  if [[ -n $slot ]] && ! $stack_ci; then
    stack_refuse "--slot is a slot of the test fleet; give --ci with it" || return
  fi
  if $stack_ci && [[ -z $slot ]]; then
    slot=${AGENTKEYS_TEST_SLOT:-}
    [[ -z $slot || $slot =~ ^[1-9][0-9]{0,2}$ ]] \
      || stack_refuse "AGENTKEYS_TEST_SLOT=\"$slot\" is not a number from 1 to 999" || return
    [[ $slot != 1 ]] || slot=''
  elif [[ -n ${AGENTKEYS_TEST_SLOT:-} && -z $told ]] && ! $stack_ci && ! $stack_base; then
    stack_refuse "AGENTKEYS_TEST_SLOT is set, but nothing says --ci; give --ci, or unset it for prod" || return
  fi
  STACK=prod
  if $stack_base; then
    STACK=base
  elif $stack_ci; then
    STACK=test${slot:+-$slot}
    # Without a slot of its own, --ci leaves it to the file.
    [[ -n $slot || $told != test-* ]] || STACK=$told
  elif [[ -n $told ]]; then
    STACK=$told
  fi
  if [[ -n $told && $told != "$STACK" ]]; then
    stack_refuse "${1##*/} is a file of the stack $told, but the options say $STACK" || return
  fi
}

# stack_is NAME : whether this names a stack: prod, test, test-N, base.
stack_is() { [[ $1 =~ ^(prod|base|test|test-([2-9]|[1-9][0-9]{1,2}))$ ]]; }

# stack_suffix STACK : what its identifiers end with: nothing, -test, -test-N, -base.
stack_suffix() { [[ $1 == prod ]] || echo "-$1"; }

# stack_names STACK ZONE [ACCOUNT_ID] : fills the associative array `stack`. Hosts and mail need the zone, buckets and
# ARNs the account.
#
#   suffix, env_infix                      "-test-2", ".test-2"; both empty for prod
#   broker_host, mcp_host, signer_host, audit_host, email_host, cred_host, memory_host, config_host, classify_host
#   hosts                                  all nine of these, each an A record
#   healthy_hosts                          the eight that answer /healthz (mcp is a name without a service yet)
#   issuer                                 https://<broker_host>
#   mail_domain, email_from, receipt_rule
#   mail_bucket, vault_bucket, memory_bucket, config_bucket
#   data_role, vault_role, memory_role, config_role     and each with _arn after it; provider_arn
#   daemon_user, ssh_user, eip_tag, instance_profile
stack_names() {
  local kind=$1 zone=$2 account=${3:-} suffix name
  stack_is "$kind" || stack_refuse "\"$kind\" is not a stack: prod, test, test-N (N from 2) or base" || return
  declare -gA stack=()
  suffix=$(stack_suffix "$kind")
  stack[name]=$kind
  stack[suffix]=$suffix
  stack[env_infix]=${suffix/#-/.}

  # Slot 1 alone has its suffix in front.
  stack[broker_host]=broker$suffix.$zone
  stack[mcp_host]=mcp$suffix.$zone
  if [[ $kind == test ]]; then
    stack[broker_host]=test-broker.$zone
    stack[mcp_host]=test-mcp.$zone
  fi
  stack[healthy_hosts]=${stack[broker_host]}
  for name in signer "${stack_workers[@]}"; do
    stack[${name}_host]=$name$suffix.$zone
    stack[healthy_hosts]+=" $name$suffix.$zone"
  done
  stack[hosts]="${stack[healthy_hosts]} ${stack[mcp_host]}"
  stack[issuer]=https://${stack[broker_host]}

  stack[mail_domain]=bots$suffix.$zone
  stack[email_from]=noreply$suffix@${stack[mail_domain]}
  stack[receipt_rule]=agentkeys-inbound$suffix

  for name in mail vault memory config; do
    stack[${name}_bucket]=agentkeys-$name$suffix-$account
  done
  for name in data vault memory config; do
    stack[${name}_role]=agentkeys-$name-role$suffix
    stack[${name}_role_arn]=arn:aws:iam::$account:role/agentkeys-$name-role$suffix
  done
  stack[provider_arn]=arn:aws:iam::$account:oidc-provider/${stack[broker_host]}

  stack[daemon_user]=agentkeys-daemon$suffix
  stack[ssh_user]=agentkeys-broker$suffix
  stack[eip_tag]=agentkeys-broker-eip$suffix
  case $kind in
    test) stack[instance_profile]=agentkeys-test-broker-ssm ;;
    test-*) stack[instance_profile]=agentkeys-test-broker-ssm-${kind#test-} ;;
    *) stack[instance_profile]=agentkeys-broker-host$suffix ;;
  esac
}
