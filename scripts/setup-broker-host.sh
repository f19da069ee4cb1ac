#!/usr/bin/env bash
# Makes this machine a broker's host, and keeps it one: users, folders, keys, settings, programs, systemd units, nginx,
# certificates. Run it again after a `git pull`, or whenever something looks wrong: it changes what differs and says
# "nothing changed" where nothing does. What was replaced stays beside it as .bak, and comes back when the new one does
# not answer its health check.
#
#   sudo scripts/setup-broker-host.sh                         asks, explains, shows a summary, asks once more
#   sudo scripts/setup-broker-host.sh --yes                   asks only for what it cannot find out
#   sudo scripts/setup-broker-host.sh --non-interactive …     never asks: what is missing is an error
#   scripts/setup-broker-host.sh --dry-run …                  says what it would do, and does nothing
#
# What this host is (after the first run it knows; an option that contradicts it is refused):
#   --issuer-url URL     https://broker.example.com: AWS compares it byte for byte, so it never changes
#   --account-id ID      AWS account, twelve digits
#   --region R           AWS region (us-east-1)
#   --ci | --test, --slot N, --base    the stack, where the names follow scripts/operator-workstation*.env
#   --signer-host H, --audit-host H, --email-host H, --cred-host H, --memory-host H, --config-host H, --classify-host H
#                        names of the services, where they do not follow the stack's
#   --email-from A, --vault-bucket B, --memory-bucket B, --config-bucket B, --mail-bucket B
#   --chain-rpc URL, --scope-addr A, --registry-addr A, --k3-counter-addr A      where capabilities are checked
#
# AWS credentials of the broker itself (mail; with BROKER_STS_MODE=assume_role also minting):
#   --cred-mode M        instance-profile (default), profile, static, or none
#   --profile-name P     with profile: of /var/lib/agentkeys/.aws
#                        with static: DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY come from the environment
#
# What is installed:
#   --with-nginx, --without-nginx, --with-certbot, --without-certbot, --certbot-email A
#   --with-kms           also the KMS (port 9100), its authorizer, and nginx's passthrough on port 8000
#   --with-login-user, --without-login-user   the user agentkey for EC2 Instance Connect; on EC2 by default
#   --artifacts DIR      take DIR/broker (and DIR/kms-authorizer), published elsewhere, and build nothing
#   --ref BRANCH         git fetch and check out before building
#   --reclaim-toolchain  afterwards empty NuGet's cache (the next build fetches it again)
#   --interactive, --upgrade, --skip-pull     accepted; the first is what a terminal means, the others what happens anyway
#
# AGENTKEYS_RESOLVER=system looks names up by the system's resolver instead of DNS over HTTPS; AGENTKEYS_PUBLIC_IP says
# this host's address instead of asking for it. certbot's server is that of /etc/letsencrypt/cli.ini.
# Needs systemd, root, and the .NET 10 SDK unless --artifacts brings the programs. Ends with 0 when every health check
# passed, with 1 when something failed and was taken back, with 2 when the command line is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
# shellcheck source=scripts/lib/stack.sh
source scripts/lib/stack.sh
# shellcheck source=scripts/lib/report.sh
source scripts/lib/report.sh
# shellcheck source=scripts/lib/host.sh
source scripts/lib/host.sh
# shellcheck source=scripts/lib/host-tls.sh
source scripts/lib/host-tls.sh
shopt -s lastpipe # what is piped into a function changes this shell's variables

# --- the command line ----------------------------------------------------------------------------------------------

issuer='' account='' region='' cred_mode='' profile='' nginx='' certbot='' certbot_email='' kms=false login_user=''
artifacts='' ref='' reclaim=false interactive='' assume_yes=false stack_told=false
declare -A host=() told=() stack=()
wrong() {
  echo "setup-broker-host: $1 (try --help)" >&2
  exit 2
}
while [[ $# -gt 0 ]]; do
  stack_option "$@" || exit 2
  if ((stack_took > 0)); then
    stack_told=true
    shift "$stack_took"
    continue
  fi
  case $1 in
    --issuer-url | --account-id | --region | --cred-mode | --profile-name | --certbot-email | --artifacts | --ref | \
      --*-host | --*-bucket | --email-from | --chain-rpc | --*-addr)
      [[ -n ${2:-} ]] || wrong "$1 needs a value"
      ;;
  esac
  case $1 in
    --help | -h)
      usage "${BASH_SOURCE[0]}"
      exit 0
      ;;
    --issuer-url)
      issuer=$2
      shift
      ;;
    --account-id)
      account=$2
      shift
      ;;
    --region)
      region=$2
      shift
      ;;
    --cred-mode)
      cred_mode=$2
      shift
      ;;
    --profile-name)
      profile=$2
      shift
      ;;
    --with-nginx) nginx=yes ;;
    --without-nginx) nginx=no ;;
    --with-certbot) certbot=yes ;;
    --without-certbot) certbot=no ;;
    --certbot-email)
      certbot_email=$2
      shift
      ;;
    --with-kms) kms=true ;;
    --with-login-user) login_user=yes ;;
    --without-login-user) login_user=no ;;
    --artifacts)
      artifacts=$2
      shift
      ;;
    --ref)
      ref=$2
      shift
      ;;
    --reclaim-toolchain) reclaim=true ;;
    --interactive) interactive=yes ;;
    --non-interactive) interactive=no ;;
    --yes | -y) assume_yes=true ;;
    --dry-run) dry_run=true ;;
    --upgrade | --skip-pull) ;;
    --signer-host | --audit-host | --email-host | --cred-host | --memory-host | --config-host | --classify-host)
      name=${1#--}
      host[${name%-host}]=$2
      shift
      ;;
    --email-from)
      told[BROKER_EMAIL_FROM_ADDRESS]=$2
      shift
      ;;
    --mail-bucket)
      told[BROKER_DATA_BUCKET]=$2
      shift
      ;;
    --vault-bucket)
      told[BROKER_VAULT_BUCKET]=$2
      shift
      ;;
    --memory-bucket)
      told[BROKER_MEMORY_BUCKET]=$2
      shift
      ;;
    --config-bucket)
      told[BROKER_CONFIG_BUCKET]=$2
      shift
      ;;
    --chain-rpc)
      told[AGENTKEYS_CHAIN_RPC_HTTP]=$2
      shift
      ;;
    --scope-addr)
      told[SCOPE_CONTRACT_ADDRESS]=$2
      shift
      ;;
    --registry-addr)
      told[SIDECAR_REGISTRY_ADDRESS]=$2
      shift
      ;;
    --k3-counter-addr)
      told[K3_EPOCH_COUNTER_ADDRESS]=$2
      shift
      ;;
    *) wrong "unknown option $1" ;;
  esac
  shift
done
case ${cred_mode:-none} in
  instance-profile | profile | static | none) ;;
  *) wrong "--cred-mode $cred_mode: it is one of instance-profile, profile, static, none" ;;
esac

started=$SECONDS
library=/usr/local/lib/agentkeys etc=/etc/agentkeys state=/var/lib/agentkeys unit_dir=/etc/systemd/system
services=(signer audit email cred memory config classify)
declare -A port=([broker]=8091 [signer]=8092 [audit]=9092 [email]=9093 [cred]=9094 [memory]=9095 [config]=9096
  [classify]=9097)

# --- this machine, and what it is already --------------------------------------------------------------------------

[[ $(uname -s) == Linux ]] || die "this is no Linux"
case $(uname -m) in
  x86_64) architecture=x64 ;;
  aarch64) architecture=arm64 ;;
  *) die "$(uname -m) is neither x86_64 nor aarch64" ;;
esac
if ! $dry_run; then
  [[ $(id -u) -eq 0 ]] || die "needs root" "sudo $0 …, or --dry-run to see what it would do"
  [[ -d /run/systemd/system ]] || die "systemd does not run here" "a container image is made by the Dockerfile"
fi
if [[ -z $interactive ]]; then
  interactive=no
  if [[ -t 0 ]] && ! $assume_yes; then interactive=yes; fi
fi
scratch=$(mktemp -d /var/tmp/agentkeys-setup.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

deployed() { # deployed NAME : what the unit says, or the settings' file, which goes before it
  local value
  value=$(env_value "$etc/broker.env" "$1")
  [[ -n $value ]] || value=$(sed -n "s/^Environment=$1=//p" "$unit_dir/agentkeys-broker.service" 2>/dev/null | tail -n 1)
  echo "$value"
}
host_of() { # host_of URL
  local rest=${1#*://}
  rest=${rest%%/*}
  echo "${rest%%:*}"
}
stack_of_host() { # stack_of_host HOST : the stack whose broker has this name; nothing for a name of one's own
  case $1 in
    test-broker.*) echo test ;;
    broker-base.*) echo base ;;
    broker.*) echo prod ;;
    broker-test-*.*)
      local name=${1%%.*}
      name=${name#broker-}
      ! stack_is "$name" || echo "$name"
      ;;
  esac
}
normal_issuer() { # normal_issuer URL : without the slash at the end, which AWS would take for another issuer
  [[ $1 =~ ^https?:// ]] \
    || die "the issuer \"$1\" has no scheme" "AWS compares it byte for byte: give https://${1%/}"
  local url=${1%/}
  [[ $url =~ ^https?://[a-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$ ]] \
    || die "the issuer \"$1\" is not https://host in lower case, without query" "for example https://broker.example.com"
  echo "$url"
}

was=$(deployed BROKER_OIDC_ISSUER)
if [[ -n $issuer ]]; then issuer=$(normal_issuer "$issuer"); fi
if [[ -n $was ]]; then
  was_stack=$(stack_of_host "$(host_of "$was")")
  if $stack_told; then
    stack_choose "" || exit 2
    [[ $STACK == "$was_stack" ]] \
      || die "this host is ${was_stack:-a host of its own} ($was), the options say $STACK" \
        "leave the stack's options out here; another stack needs another machine"
  fi
  [[ -z $issuer || $issuer == "$was" ]] \
    || die "this host's issuer is $was, the options say $issuer" \
      "AWS trusts the old one. To make this another issuer's host, remove $unit_dir/agentkeys-broker.service first"
  issuer=$was STACK=$was_stack
elif [[ -n $issuer ]] && ! $stack_told; then
  STACK=$(stack_of_host "$(host_of "$issuer")")
else
  stack_choose "" || exit 2
fi

# Zone and account of the checkout's own file, unless these are still its examples.
operator_value() { # operator_value NAME
  local file=scripts/operator-workstation${STACK:+$(stack_suffix "$STACK" | sed 's/^-/./')}.env
  [[ -f $file ]] || return 0
  # shellcheck source=/dev/null
  (
    set +u
    source "$file" >/dev/null 2>&1
    printf '%s' "${!1:-}"
  )
}
zone=''
if [[ -n $issuer ]]; then
  name=$(host_of "$issuer")
  [[ -z $STACK ]] || zone=${name#*.}
else
  zone=$(operator_value ZONE)
  [[ ! $zone =~ (^|\.)example(\.(com|org|net))?$ ]] || zone=''
fi
[[ -n $account ]] || account=$(deployed ACCOUNT_ID)
if [[ -z $account ]]; then
  account=$(operator_value ACCOUNT_ID)
  [[ ! $account =~ ^(0{12}|111122223333|123456789012)$ ]] || account=''
fi
[[ -n $region ]] || region=$(deployed REGION)
[[ -n $region ]] || region=$(operator_value REGION)
region=${region:-us-east-1}
if [[ -z $issuer && -n $zone ]]; then
  stack_names "$STACK" "$zone" "$account"
  issuer=${stack[issuer]}
fi
if [[ -z $cred_mode ]]; then
  cred_mode=instance-profile
  [[ -z $(deployed AWS_PROFILE) ]] || cred_mode=profile
  [[ -z $(deployed DAEMON_ACCESS_KEY_ID) ]] || cred_mode=static
fi
[[ -n $profile ]] || profile=$(deployed AWS_PROFILE)
[[ ! -f $unit_dir/dstack-kms.service ]] || kms=true

# --- questions, each with what it is about -------------------------------------------------------------------------

question() { # question VARIABLE WHAT EXPLANATION… : keeps what is there where nothing is typed
  local variable=$1 what=$2 answer
  shift 2
  printf '\n'
  printf '  %s\n' "$@"
  read -r -p "$what [${!variable:-}]: " answer || die "no answer"
  [[ -z $answer ]] || printf -v "$variable" '%s' "$answer"
}
nginx=${nginx:-yes}
if [[ $interactive == yes ]]; then
  if [[ -z $was ]]; then
    question issuer "Issuer URL" \
      "Where this broker is reached: https and its host name, for example https://broker.example.com." \
      "It stands in every token and AWS compares it byte for byte, so it cannot be changed later."
    issuer=$(normal_issuer "$issuer")
    $stack_told || STACK=$(stack_of_host "$(host_of "$issuer")")
    question account "AWS account" "The twelve digits of the account whose roles this broker gives out."
    question region "AWS region" "Where STS is asked and mail is sent."
  fi
  question cred_mode "Credentials (instance-profile, profile, static, none)" \
    "The AWS credentials of the broker itself. Minting needs none of its own; sending mail by SES does." \
    "instance-profile: the EC2 instance's role, no key on disk: best on EC2" \
    "profile: of $state/.aws, for other clouds        static: an access key in $etc/broker.env" \
    "none: no mail by SES"
  [[ $cred_mode != profile ]] || question profile "Profile" "Its name in $state/.aws/credentials."
  question nginx "nginx (yes, no)" "TLS ends in nginx; the broker listens on loopback. Say no if another proxy does it."
  if [[ $nginx == yes ]]; then
    certbot=${certbot:-yes}
    question certbot "certbot (yes, no)" \
      "Certificates by Let's Encrypt for each name that leads here. Say no if they come from elsewhere."
    [[ $certbot != yes ]] || question certbot_email "Address for expiry notices (may be empty)" \
      "Let's Encrypt writes there when a renewal is late."
  fi
fi
certbot=${certbot:-$nginx}
case $cred_mode in
  instance-profile | profile | static | none) ;;
  *) wrong "credentials \"$cred_mode\": one of instance-profile, profile, static, none" ;;
esac

[[ -n $issuer ]] || die "who is the issuer?" \
  "give --issuer-url https://broker.example.com, set ZONE in scripts/operator-workstation.env, or run it on a terminal"
issuer=$(normal_issuer "$issuer")
[[ $account =~ ^[0-9]{12}$ ]] || die "the AWS account \"$account\" is not twelve digits" \
  "give --account-id, set ACCOUNT_ID in scripts/operator-workstation.env, or run it on a terminal"
[[ $region =~ ^[a-z]{2}(-[a-z]+)+-[0-9]$ ]] || die "\"$region\" is no AWS region"
[[ $cred_mode != profile || -n $profile ]] || die "--cred-mode profile needs --profile-name"
[[ $certbot != yes || $nginx == yes ]] || die "certbot's challenge is served by nginx" "give --without-certbot"
[[ $issuer == https://* ]] || warn "the issuer is http: AWS does not accept it, and the broker only in development mode"
host[broker]=$(host_of "$issuer")
if [[ -n $STACK ]]; then
  stack_names "$STACK" "${host[broker]#*.}" "$account"
  for service in "${services[@]}"; do host[$service]=${host[$service]:-${stack[${service}_host]}}; done
fi

printf '\n%s\n' "This host will be:"
printf '  %-14s %s\n' issuer "$issuer" stack "${STACK:-its own}" account "$account" region "$region" \
  credentials "$cred_mode${profile:+ ($profile)}" nginx "$nginx" certbot "$certbot" KMS "$kms"
for service in "${services[@]}"; do
  [[ -z ${host[$service]:-} ]] || printf '  %-14s %s\n' "$service" "https://${host[$service]}"
done
if [[ $interactive == yes ]] && ! $assume_yes && ! $dry_run; then
  read -r -p "Proceed? [y/N] " answer || answer=n
  [[ $answer == [yY]* ]] || die "nothing was done"
fi

# --- what is done --------------------------------------------------------------------------------------------------

# Whatever ends this run early, its files are taken back, and what runs by them is started by those of before.
at_end() {
  local code=$? one file
  trap - EXIT
  if [[ $code -ne 0 && ${#replaced[@]} -gt 0 ]]; then
    take_back
    systemctl daemon-reload
    for one in "${!touched[@]}"; do
      file=$one
      [[ $one != *@* ]] || file=${one%%@*}@
      if [[ -f $unit_dir/$file.service ]]; then
        systemctl restart "$one" || true
      else
        systemctl stop "$one" 2>/dev/null || true
      fi
    done
    ! command -v nginx >/dev/null || ! nginx -t -q 2>/dev/null || systemctl reload nginx 2>/dev/null || true
    echo "     every file that this run replaced is as it was before" >&2
  fi
  rm -rf "$scratch"
  exit "$code"
}
trap at_end EXIT

# failed UNIT : ends the run, with what the unit said
failed() {
  journal_of "$1"
  die "$1 does not answer" "sudo journalctl -u $1 -n 50"
}

title "packages"
wanted=(ca-certificates curl jq openssl)
[[ $nginx != yes ]] || wanted+=(nginx-light)
[[ $certbot != yes ]] || wanted+=(certbot)
if $kms && [[ $nginx == yes ]]; then wanted+=(libnginx-mod-stream); fi
packages "${wanted[@]}"

title "programs"
if [[ -n $ref ]]; then
  before=$(git rev-parse HEAD)
  if ! $dry_run; then
    { git fetch --quiet origin "$ref" && git checkout --quiet "$ref" && git merge --quiet --ff-only FETCH_HEAD; } \
      || die "git could not check out $ref" "git status; git fetch origin $ref"
  fi
  [[ $(git rev-parse HEAD) == "$before" ]] || change "check out $ref ($(git rev-parse --short HEAD))"
fi
projects=(Broker:broker)
! $kms || projects+=(Broker.KmsAuthorizer:kms-authorizer)
# What the programs are made of; so a second run builds nothing, and an edited checkout is built.
source_id=$(find src -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum \
  | sha256sum | cut -c1-64)
manifest_holds() { # manifest_holds PROGRAM : what was installed is what was built, and all of it
  [[ $(sed -n 's/^# source //p' "$library/$1.manifest" 2>/dev/null) == "$source_id" ]] \
    && (cd "$library/$1" && grep -v '^#' "../$1.manifest" | sha256sum --status --strict -c -)
}
program() { # program PROJECT NAME : built or taken, and put in its place
  local project=$1 name=$2 new=$scratch/$2 unit
  if [[ -n $artifacts ]]; then
    [[ -d $artifacts/$name ]] || die "$artifacts has no folder $name"
    if diff -rq -x 'packages.*lock.json' "$artifacts/$name" "$library/$name" >/dev/null 2>&1; then
      skip "$name: as in $artifacts"
      return
    fi
    change "install $name of $artifacts"
  else
    if manifest_holds "$name"; then
      skip "$name: built from this source"
      return
    fi
    change "build and install $name"
  fi
  $dry_run && return
  if [[ -n $artifacts ]]; then
    cp -r "$artifacts/$name" "$new"
  else
    command -v dotnet >/dev/null || die "the .NET 10 SDK is missing" \
      "https://dotnet.microsoft.com/download/dotnet/10.0, or --artifacts DIR with what another machine published"
    # What an earlier build noted for this platform; it would contradict packages that have changed since.
    rm -f src/*/obj/packages.*.lock.json
    DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 dotnet publish "src/$project" -c Release \
      -r "linux-$architecture" --self-contained true -o "$new" --nologo -v q -p:RestoreLockedMode=true \
      -p:ContinuousIntegrationBuild=true -p:DebugType=none -p:PublishDocumentationFile=false \
      -p:PublishDocumentationFiles=false -p:RunAnalyzers=false >"$scratch/build.log" 2>&1 \
      || die "src/$project does not build" "$(grep -m 3 -E 'error|Error' "$scratch/build.log" || tail -n 3 "$scratch/build.log")"
  fi
  rm -f "$new"/packages.*lock.json
  chmod -R u=rwX,go=rX "$new"
  chown -R root:root "$new"
  local -a users=()
  read -ra users <<<"${units_of[$name]}"
  for unit in "${users[@]}"; do
    touched["$unit"]=1
    # A running .NET program loads files late: it must not find another version's.
    if systemctl is-active --quiet "$unit" 2>/dev/null; then systemctl stop "$unit"; fi
  done
  mkdir -p "$library"
  if [[ -d $library/$name ]]; then
    rm -rf "$library/$name.bak"
    mv "$library/$name" "$library/$name.bak"
    replaced+=("$library/$name")
  else
    replaced+=("+$library/$name")
  fi
  mv "$new" "$library/$name"
  {
    echo "# source ${artifacts:+artifacts of }$source_id"
    (cd "$library/$name" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
  } \
    | {
      changes=$((changes - 1))
      put "$library/$name.manifest" 644 root:root
    }
}
declare -A units_of=([broker]='agentkeys-broker agentkeys-signer dstack-kms' ["kms-authorizer"]=dstack-auth-eth)
for service in "${services[@]}"; do units_of[broker]+=" agentkeys-worker@$service"; done
for pair in "${projects[@]}"; do program "${pair%%:*}" "${pair#*:}"; done

# Which services this build has, and which of them run in the broker's process, because they need its state: the
# program says so itself when it is asked to start as that module alone, with a port that keeps it from starting.
declare -A place=()
place_of() { # place_of SERVICE : alone, beside or absent
  local said
  said=$(timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups env -i HOME=/nonexistent DOTNET_gcServer=0 \
    BROKER_PORT=none BROKER_DATA_DIR=/proc/none "BROKER_MODULES=$1" "$program" 2>&1 || true)
  case $(grep BOOT_FAIL <<<"$said" || true) in
    *'is not a module'*) echo absent ;;
    *'beside the broker'*) echo beside ;;
    '') die "$program does not run" "$(tail -n 1 <<<"$said")" ;;
    *) echo alone ;;
  esac
}
program=$library/broker/Broker known=$library/broker.services
[[ -x $program || -z $artifacts ]] || program=$artifacts/broker/Broker
manifest=$(sha256sum <"$library/broker.manifest" 2>/dev/null || true)
if [[ -n $manifest && $(head -n 1 "$known" 2>/dev/null) == "# $manifest" ]]; then
  while read -r service where; do place[$service]=$where; done < <(tail -n +2 "$known")
elif [[ -x $program ]]; then
  for service in "${services[@]}"; do place[$service]=$(place_of "$service") || exit; done
  if ! $dry_run; then
    {
      echo "# $manifest"
      for service in "${services[@]}"; do echo "$service ${place[$service]}"; done
    } \
      | put "$known" 644 root:root
  fi
fi
for service in "${services[@]}"; do
  place[$service]=${place[$service]:-alone} # unknown in a dry run on a new machine
  [[ ${place[$service]} != absent ]] || skip "$service: not in this build"
done
modules=broker
for service in "${services[@]}"; do [[ ${place[$service]} != beside ]] || modules+=,$service; done

title "users and folders"
put /etc/sysusers.d/agentkeys.conf 644 root:root <systemd/sysusers.d/agentkeys.conf
put /etc/tmpfiles.d/agentkeys.conf 644 root:root <systemd/tmpfiles.d/agentkeys.conf
new_users=$(awk '$1 == "u" { print $2 }' systemd/sysusers.d/agentkeys.conf | while read -r user; do
  getent passwd "$user" >/dev/null || printf ' %s' "$user"
done)
if [[ -n $new_users ]]; then
  change "make the users$new_users"
  $dry_run || systemd-sysusers /etc/sysusers.d/agentkeys.conf 2>/dev/null
fi
$dry_run || systemd-tmpfiles --create /etc/tmpfiles.d/agentkeys.conf
put /usr/local/share/doc/agentkeys/README.md 644 root:root <README.md

title "settings and keys"
chain=HEIMA
[[ $STACK != base ]] || chain=BASE
broker_settings() {
  local name
  echo "# Settings of the broker; /usr/local/lib/agentkeys/broker/Broker settings prints all of them. Yours to edit:"
  echo "# setup-broker-host.sh adds what is missing and changes only what its options say."
  echo "BROKER_AUTH_METHODS=wallet_sig,email_link"
  if [[ $cred_mode == none ]]; then echo "BROKER_EMAIL_SENDER=smtp"; else echo "BROKER_EMAIL_SENDER=ses"; fi
  if [[ -n $STACK ]]; then
    echo "BROKER_EMAIL_FROM_ADDRESS=${stack[email_from]}"
    for name in data vault memory config; do echo "BROKER_${name^^}_ROLE_ARN=${stack[${name}_role_arn]}"; done
    echo "BROKER_DATA_BUCKET=${stack[mail_bucket]}"
    for name in vault memory config; do echo "BROKER_${name^^}_BUCKET=${stack[${name}_bucket]}"; done
  else
    echo "BROKER_EMAIL_FROM_ADDRESS=noreply@${host[broker]}"
  fi
  [[ $cred_mode != profile ]] || echo "!AWS_PROFILE=$profile"
  if [[ $cred_mode == static ]]; then
    if [[ -n ${DAEMON_ACCESS_KEY_ID:-} && -n ${DAEMON_SECRET_ACCESS_KEY:-} ]]; then
      echo "!DAEMON_ACCESS_KEY_ID=$DAEMON_ACCESS_KEY_ID"
      echo "!DAEMON_SECRET_ACCESS_KEY=$DAEMON_SECRET_ACCESS_KEY"
    else
      echo "# The access key of the daemon's user (scripts/setup-cloud.sh prints it once):"
      echo "#DAEMON_ACCESS_KEY_ID="
      echo "#DAEMON_SECRET_ACCESS_KEY="
    fi
  fi
  [[ $STACK != base ]] || echo "AGENTKEYS_CHAIN=base"
  for name in "${!told[@]}"; do
    case $name in
      *_ADDRESS) [[ $name == BROKER_EMAIL_FROM_ADDRESS ]] && echo "!$name=${told[$name]}" || echo "!${name}_$chain=${told[$name]}" ;;
      *) echo "!$name=${told[$name]}" ;;
    esac
  done
  if [[ -n ${told[AGENTKEYS_CHAIN_RPC_HTTP]:-} ]]; then echo "BROKER_CAPABILITY_GATES=chain"; fi
}
broker_settings | env_file "$etc/broker.env" agentkeys-broker
if [[ $cred_mode == static && -z $(env_value "$etc/broker.env" DAEMON_ACCESS_KEY_ID) ]] && ! $dry_run; then
  warn "no access key yet: put DAEMON_ACCESS_KEY_ID and DAEMON_SECRET_ACCESS_KEY into $etc/broker.env, run this again"
fi
secret_file "$etc/dev-key-service.env" DEV_KEY_SERVICE_MASTER_SECRET agentkeys-signer
worker_settings() { # worker_settings SERVICE
  echo "# Settings of the service $1; /usr/local/lib/agentkeys/broker/Broker settings prints all of them."
  echo "BROKER_AWS_REGION=$region"
  [[ $1 != classify ]] || echo "BROKER_CLASSIFY_CATALOG_PATH=$etc/classify-catalog.json"
  [[ $1 != email ]] || echo "BROKER_MAIL_DOMAIN=${stack[mail_domain]:-${host[broker]}}"
  if [[ -n $STACK ]]; then
    case $1 in
      cred) echo "BROKER_VAULT_BUCKET=${told[BROKER_VAULT_BUCKET]:-${stack[vault_bucket]}}" ;;
      memory) echo "BROKER_MEMORY_BUCKET=${told[BROKER_MEMORY_BUCKET]:-${stack[memory_bucket]}}" ;;
      config) echo "BROKER_CONFIG_BUCKET=${told[BROKER_CONFIG_BUCKET]:-${stack[config_bucket]}}" ;;
    esac
  fi
}
if [[ ${place[classify]} != absent ]]; then
  # Yours to fill: a text with none of its words is "unknown" and "high".
  catalogue=$etc/classify-catalog.json
  [[ -f $catalogue ]] || put "$catalogue" 644 root:root <<<'{"version":1,"entries":[]}'
fi
for service in "${services[@]}"; do
  [[ $service != signer && ${place[$service]} != absent ]] || continue
  unit=agentkeys-worker@$service file=$etc/worker-$service.env
  [[ $service != cred ]] || file=$etc/worker-creds.env
  [[ ${place[$service]} == alone ]] || unit=agentkeys-broker
  worker_settings "$service" | env_file "$file" "$unit"
  # The keys of the envelopes: another one, and nothing stored before can be opened.
  case $service in
    cred) secret_file "$file" AGENTKEYS_WORKER_KEK_HEX "$unit" ;;
    memory) secret_file "$file" AGENTKEYS_MEMORY_KEK_HEX "$unit" ;;
    config) secret_file "$file" AGENTKEYS_CONFIG_KEK_HEX "$unit" ;;
  esac
done
for purpose in oidc session ledger; do
  file=$state/keys/$purpose-keypair.json
  [[ $purpose != ledger ]] || file=$state/keys/ledger-key.json
  [[ ! -s $file ]] || continue
  change "make the $purpose key"
  $dry_run || runuser -u agentkeys -- env HOME="$state" "$library/broker/Broker" keygen --purpose "$purpose" --out "$file" \
    >/dev/null || die "the $purpose key could not be made"
done
if $kms; then
  # Denies everything until its operator says which machines may boot.
  [[ -f /etc/kms/auth-config.json ]] || put /etc/kms/auth-config.json 644 root:root dstack-auth-eth <<'JSON'
{"osImages": [], "gatewayAppId": "", "kms": {"mrAggregated": [], "devices": [], "allowAnyDevice": false}, "apps": {}}
JSON
fi

title "units"
unit_file() { # unit_file NAME UNIT… : with this host's own values in the lines that are marked
  local name=$1
  shift
  sed -e "s|^Environment=BROKER_OIDC_ISSUER=.*|Environment=BROKER_OIDC_ISSUER=$issuer|" \
    -e "s|^Environment=ACCOUNT_ID=.*|Environment=ACCOUNT_ID=$account|" \
    -e "s|^Environment=REGION=.*|Environment=REGION=$region|" \
    -e "s|^Environment=BROKER_MODULES=broker$|Environment=BROKER_MODULES=$modules|" "systemd/$name.service" \
    | put "$unit_dir/$name.service" 644 root:root "$@"
}
unit_file agentkeys-broker agentkeys-broker
run=(agentkeys-broker)
if [[ ${place[signer]} == alone ]]; then
  unit_file agentkeys-signer agentkeys-signer
  run+=(agentkeys-signer)
fi
alone=()
for service in "${services[@]:1}"; do [[ ${place[$service]} != alone ]] || alone+=("agentkeys-worker@$service"); done
if [[ ${#alone[@]} -gt 0 ]]; then unit_file agentkeys-worker@ "${alone[@]}"; fi
run+=("${alone[@]}")
if $kms; then
  unit_file dstack-auth-eth dstack-auth-eth
  unit_file dstack-kms dstack-kms
  run+=(dstack-auth-eth dstack-kms)
fi
$dry_run || systemctl daemon-reload

title "services"
for unit in "${run[@]}"; do
  at_boot "$unit"
  before=$changes
  running "$unit" || failed "$unit"
  [[ $changes -gt $before ]] || skip "$unit runs"
  # Requires: what it needs was started anew, and it with it.
  [[ $unit != dstack-auth-eth || $changes -eq $before ]] || touched["dstack-kms"]=1
done
if ! $dry_run; then
  for service in broker "${services[@]}"; do
    [[ $service == broker || ${place[$service]} != absent ]] || continue
    unit=agentkeys-broker
    [[ ${place[$service]:-beside} != alone ]] || unit=agentkeys-worker@$service
    [[ $unit != agentkeys-worker@signer ]] || unit=agentkeys-signer
    healthy "http://127.0.0.1:${port[$service]}/healthz" || failed "$unit"
    ok "$service answers on 127.0.0.1:${port[$service]}"
  done
fi

title "nginx and certificates"
without=()
if [[ $nginx == yes ]]; then
  put /etc/nginx/conf.d/agentkeys.conf 644 root:root nginx <nginx/agentkeys.conf
  served=(broker)
  for service in "${services[@]}"; do
    if [[ ${place[$service]} != absent && -n ${host[$service]:-} ]]; then served+=("$service"); fi
  done
  for service in "${served[@]}"; do vhost "${host[$service]}" "$service"; done
  if $kms; then
    scripts/nginx-vhost.sh --service kms | put /etc/nginx/modules-enabled/90-agentkeys-kms.conf 644 root:root nginx
  fi
  nginx_takes_it
  for service in "${served[@]}"; do
    name=${host[$service]}
    if [[ $certbot == yes ]] && ! certificate "$name"; then without+=("$name: $why"); fi
    [[ $certbot == yes || -s $live/$name/fullchain.pem ]] || without+=("$name: --without-certbot, and no $live/$name")
    $dry_run || vhost "$name" "$service" # now in phase B where there is a certificate
  done
  nginx_takes_it
else
  skip "nginx: --without-nginx"
fi

if ! $dry_run; then
  title "checks"
  broker=http://127.0.0.1:${port[broker]} through=(-H "X-Forwarded-Proto: https")
  if [[ -s $live/${host[broker]}/fullchain.pem && $nginx == yes ]]; then
    # By name and certificate, whatever the world's DNS says by now. The chain is trusted, not the machine's store.
    broker=$issuer through=(--cacert "$live/${host[broker]}/chain.pem" --connect-to "::127.0.0.1:")
  fi
  # A small machine has all its services starting at this moment.
  ask() { curl -sS -m 30 "${through[@]}" "$@"; }
  [[ $(ask -o /dev/null -w '%{http_code}' "$broker/healthz") == 200 ]] || die "$broker/healthz does not answer 200"
  ok "$broker/healthz"
  [[ $(ask "$broker/.well-known/openid-configuration" | jq -r .issuer) == "$issuer" ]] \
    || die "discovery does not name $issuer as the issuer, byte for byte"
  [[ $(ask "$broker/.well-known/jwks.json" | jq '[.keys[] | select(.alg == "ES256")] | length') -ge 1 ]] \
    || die "the JWKS has no ES256 key"
  ok "discovery and keys of $issuer"
  [[ $(ask -o /dev/null -w '%{http_code}' -X POST -H 'Content-Type: application/json' -d '{"pairing_code":"AAAA-AAAA"}' \
    "$broker/v1/agent/pairing/claim") == 401 ]] || die "the pairing route does not ask for a session"
  ok "pairing asks for a session"
fi

# --- who signs in to this machine ----------------------------------------------------------------------------------

if [[ -z $login_user ]]; then
  login_user=no
  ! grep -qi amazon /sys/class/dmi/id/sys_vendor 2>/dev/null || login_user=yes
fi
if [[ $login_user == yes ]]; then
  title "login user"
  if ! getent passwd "$stack_login_user" >/dev/null; then
    change "make the user $stack_login_user"
    $dry_run || useradd --create-home --shell /bin/bash "$stack_login_user"
  fi
  put "/etc/sudoers.d/90-$stack_login_user" 440 root:root <<<"$stack_login_user ALL=(ALL) NOPASSWD: ALL"
  if [[ -n $(apt-cache madison ec2-instance-connect 2>/dev/null) ]]; then packages ec2-instance-connect; fi
  if [[ -x /usr/share/ec2-instance-connect/eic_run_authorized_keys ]]; then
    put /etc/ssh/sshd_config.d/60-ec2-instance-connect.conf 644 root:root ssh <<'SSHD'
AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f
AuthorizedKeysCommandUser ec2-instance-connect
SSHD
    if [[ -n ${touched[ssh]:-} ]] && ! $dry_run; then sshd -t && systemctl reload ssh; fi
  else
    skip "EC2 Instance Connect: this distribution has no package of it"
  fi
  # The checkout moves to who works with it from now on.
  if [[ $PWD == /home/* && $PWD != /home/"$stack_login_user"/* && ! -e /home/$stack_login_user/agentKeys ]]; then
    change "move $PWD to /home/$stack_login_user/agentKeys"
    if ! $dry_run; then
      mv "$PWD" "/home/$stack_login_user/agentKeys"
      cd "/home/$stack_login_user/agentKeys"
      chown -R "$stack_login_user:" .
    fi
  fi
fi
if $reclaim && ! $dry_run; then
  dotnet nuget locals all --clear >/dev/null && ok "NuGet's cache is empty"
fi

# --- the end -------------------------------------------------------------------------------------------------------

echo
if [[ ${#without[@]} -gt 0 ]]; then
  echo "Not served over TLS yet; create the A records (scripts/dns-upsert-workers.sh), then run this again:"
  for name in "${without[@]}"; do skip "$name"; done
fi
if $dry_run; then
  if [[ $changes -eq 0 ]]; then echo "nothing would change"; else echo "$changes changes would be made"; fi
elif [[ $changes -eq 0 ]]; then
  echo "nothing changed ($((SECONDS - started)) s)"
else
  echo "$changes changes, all checks passed ($((SECONDS - started)) s)"
fi
