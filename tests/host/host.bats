#!/usr/bin/env bats
# scripts/setup-broker-host.sh on a Debian 12 with systemd, nginx, certbot and an ACME server of its own; the tests
# build on one another, as an operator's day does. tests/host/run.sh says what they need, and starts them.

bats_require_minimum_version 1.5.0

setup_file() {
  cd "$BATS_TEST_DIRNAME/../.." || return
  source tests/host/machine.sh
  machine_start "${HOST_ROOT:-/}" "$PWD" "$HOST_ARTIFACTS"
  export machine REPOSITORY=$PWD
  in_machine mkdir /srv/built
  in_machine cp -r "$HOST_ARTIFACTS/." /srv/built
  # Where this machine has .NET, for programs that do not bring it along.
  in_machine sh -c "mkdir -p /etc/dotnet && echo '${DOTNET_ROOT_OF_HOST:-/usr/share/dotnet}' >/etc/dotnet/install_location"
  acme_server
}

teardown_file() {
  source "$BATS_TEST_DIRNAME/machine.sh"
  machine_stop
}

setup() {
  cd "$REPOSITORY" || return
  source tests/host/machine.sh
}

# pebble, which asks at the machine's own ports 80, as a CA does.
acme_server() {
  in_machine sh -c 'mkdir -p /srv/acme /etc/letsencrypt && cd /srv/acme &&
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
      -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
    cat >config.json <<JSON
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "/srv/acme/cert.pem", "privateKey": "/srv/acme/key.pem", "httpPort": 80, "tlsPort": 443}}
JSON
    printf "server = https://localhost:14000/dir\nno-verify-ssl = true\n" >/etc/letsencrypt/cli.ini
    systemd-run --quiet --unit=acme -p Environment=PEBBLE_VA_NOSLEEP=1 pebble -config /srv/acme/config.json'
}

# Names lead to this machine from now on.
resolve() { in_machine sh -c "echo '127.0.0.1 $*' >>/etc/hosts"; }

host() { # host OPTION… : the script, as an operator runs it there
  in_machine env AGENTKEYS_RESOLVER=system AGENTKEYS_PUBLIC_IP=127.0.0.1 bash -c \
    'cd "$1" && shift && exec bash scripts/setup-broker-host.sh --non-interactive "$@"' _ "$REPOSITORY" "$@"
}
again=(--artifacts /srv/built)
# The README's own command, for another name and account.
read -ra first < <(sed -n 's/^sudo scripts\/setup-broker-host.sh //p' "$BATS_TEST_DIRNAME/../../README.md" |
  sed 's/example\.com/acme.test/; s/000000000000/111122223333/; q')
first+=("${again[@]}")

# All that the script is about: every file's name, mode, owner and content. Ledgers, logs and caches grow by themselves.
listing() {
  in_machine find /etc /usr/local /var/lib/agentkeys/keys /var/www -not -path '/etc/mtab' \( -type f -printf '%p %m %u:%g ' \
    -exec sha256sum {} \; -o -type l -printf '%p -> %l\n' -o -type d -printf '%p %m %u:%g\n' \) | sort
}

status() { in_machine curl -s -m 30 -o /dev/null -w '%{http_code}' "$@"; }
through() { # through HOST PATH : by nginx over TLS, the certificate's name checked
  in_machine curl -sS -m 30 --cacert "/etc/letsencrypt/live/$1/chain.pem" "https://$1$2"
}
pid_of() { in_machine systemctl show "$1" --property=MainPID --value; }
await() { # await COMMAND… : until it succeeds, a minute at most
  local _
  for _ in $(seq 120); do "$@" && return 0; sleep 0.5; done
  return 1
}

@test "an issuer without scheme is refused, a bad credential mode names the good ones" {
  run -1 host --issuer-url broker.acme.test --account-id 111122223333
  [[ $output == *'has no scheme'* && $output == *'give https://broker.acme.test'* ]]
  run -2 host --cred-mode bogus
  [[ $output == *'instance-profile, profile, static, none'* ]]
  run -1 host --account-id 111122223333
  [[ $output == *'--issuer-url'* ]]
}

@test "a dry run says what it would do and changes nothing" {
  listing >"$BATS_FILE_TMPDIR/before"
  run -0 host --dry-run "${first[@]}"
  [[ $output == *'would write /etc/systemd/system/agentkeys-broker.service'* ]]
  [[ $output == *'changes would be made'* ]]
  listing | diff "$BATS_FILE_TMPDIR/before" -
}

@test "each stack has its names, and what contradicts itself is refused" {
  as() { run -0 host --dry-run --account-id 111122223333 "$@"; }
  as --issuer-url https://broker.acme.test/
  [[ $output =~ issuer\ +https://broker.acme.test$'\n' && $output != *warn* ]]
  as --issuer-url http://broker.acme.test
  [[ $output == *'warn the issuer is http'* ]]
  as --issuer-url https://test-broker.acme.test
  [[ $output == *'https://signer-test.acme.test'* ]]
  as --ci --slot 2 --issuer-url https://broker-test-2.acme.test
  [[ $output == *'https://cred-test-2.acme.test'* ]]
  as --base --issuer-url https://broker-base.acme.test
  [[ $output == *'https://memory-base.acme.test'* ]]
  as --issuer-url https://id.corp.test --signer-host keys.corp.test
  [[ $output == *'https://keys.corp.test'* && $output != *'audit.corp.test'* ]]
  run -2 host --dry-run --ci --base --issuer-url https://broker.acme.test --account-id 111122223333
  # Zone and account of the checkout's own file, for a stack that is only named.
  in_machine sh -c "mkdir -p /srv/own && cd /srv/own && ln -sfn $REPOSITORY/src $REPOSITORY/systemd $REPOSITORY/nginx \
    $REPOSITORY/README.md . && cp -r $REPOSITORY/scripts . &&
    printf 'ZONE=acme.test\nACCOUNT_ID=222233334444\nREGION=eu-west-1\n' >scripts/operator-workstation.test.env"
  run -0 in_machine bash /srv/own/scripts/setup-broker-host.sh --ci --non-interactive --dry-run --without-certbot
  [[ $output == *'https://test-broker.acme.test'* && $output == *'222233334444'* && $output == *'eu-west-1'* ]]
}

@test "a fresh machine whose names lead nowhere: a broker, and phase A" {
  run -0 host "${first[@]}"
  sed 's/^/# /' <<<"$output" >&3 # a comment to bats, whose own lines begin with ok too
  [[ $output == *'skip broker.acme.test: no A record'* ]]
  [[ $(status http://127.0.0.1:8091/healthz) == 200 ]]
  in_machine nginx -t
  [[ $(status -H 'Host: broker.acme.test' http://127.0.0.1/healthz) == 503 ]]
  [[ $(in_machine curl -s -H 'Host: broker.acme.test' http://127.0.0.1/) == 'TLS cert not yet issued'* ]]
}

@test "once they do, the same command issues certificates and serves TLS" {
  resolve broker.acme.test signer.acme.test
  run -0 host "${again[@]}"
  [[ $output == *'issue a certificate for broker.acme.test'* ]]
  in_machine nginx -t
  [[ $(through broker.acme.test /healthz) == ok ]]
  [[ $(through signer.acme.test /healthz) == ok ]]
  [[ $(through broker.acme.test /.well-known/openid-configuration | jq -r .issuer) == https://broker.acme.test ]]
  [[ $(status -H 'Host: broker.acme.test' http://127.0.0.1/healthz) == 301 ]]
  [[ $(in_machine openssl x509 -in /etc/letsencrypt/live/broker.acme.test/fullchain.pem -noout -issuer) == *[Pp]ebble* ]]
}

@test "run again it changes nothing and says so" {
  listing >"$BATS_FILE_TMPDIR/before"
  broker=$(pid_of agentkeys-broker)
  run -0 host "${again[@]}"
  [[ $output == *'nothing changed'* ]]
  [[ $output != *'warn'* ]]
  listing | diff "$BATS_FILE_TMPDIR/before" -
  [[ $(pid_of agentkeys-broker) == "$broker" ]]
}

@test "users, modes and units are as documented" {
  [[ $(in_machine stat -c '%U %a' /var/lib/agentkeys) == 'agentkeys 700' ]]
  for file in oidc-keypair session-keypair ledger-key; do
    [[ $(in_machine stat -c '%U %a' "/var/lib/agentkeys/keys/$file.json") == 'agentkeys 600' ]]
  done
  for file in broker dev-key-service; do [[ $(in_machine stat -c '%U %a' "/etc/agentkeys/$file.env") == 'root 600' ]]; done
  [[ $(in_machine grep -c '^DEV_KEY_SERVICE_MASTER_SECRET=[0-9a-f]\{64\}$' /etc/agentkeys/dev-key-service.env) == 1 ]]
  run -0 in_machine systemd-analyze verify --man=no /etc/systemd/system/agentkeys-broker.service
  [[ -z $output ]]
  in_machine systemd-analyze security --offline=true --threshold=15 --no-pager agentkeys-broker.service >/dev/null
  [[ $(in_machine ps -o user= -p "$(pid_of agentkeys-broker)") == agentkey* ]]
}

@test "another stack or another issuer is refused: the machine knows what it is" {
  for options in '--ci' '--base' '--ci --slot 2' '--issuer-url https://broker.other.test'; do
    # shellcheck disable=SC2086 # words
    run ! host $options "${again[@]}"
    [[ $output == *'https://broker.acme.test'* ]]
  done
}

@test "an operator's edit of a setting stays, an option changes it" {
  in_machine sed -i 's/^BROKER_AUTH_METHODS=.*/BROKER_AUTH_METHODS=wallet_sig/' /etc/agentkeys/broker.env
  run -0 host "${again[@]}" --vault-bucket another-vault
  [[ $(in_machine grep -c '^BROKER_AUTH_METHODS=wallet_sig$' /etc/agentkeys/broker.env) == 1 ]]
  [[ $(in_machine grep -c '^BROKER_VAULT_BUCKET=another-vault$' /etc/agentkeys/broker.env) == 1 ]]
  [[ $(in_machine stat -c '%U %a' /etc/agentkeys/broker.env.bak) == 'root 600' ]]
  [[ $(through broker.acme.test /healthz) == ok ]]
}

@test "credentials of each mode, and no secret in what the script says" {
  run -0 host "${again[@]}" --cred-mode profile --profile-name prod
  [[ $(in_machine grep -c '^AWS_PROFILE=prod$' /etc/agentkeys/broker.env) == 1 ]]
  in_machine sed -i '/^AWS_PROFILE=/d' /etc/agentkeys/broker.env
  run -0 in_machine env AGENTKEYS_RESOLVER=system AGENTKEYS_PUBLIC_IP=127.0.0.1 DAEMON_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE \
    DAEMON_SECRET_ACCESS_KEY=wJalrXUtnFEMIexamplekey bash "$REPOSITORY/scripts/setup-broker-host.sh" --non-interactive \
    "${again[@]}" --cred-mode static
  [[ $output != *wJalrXUtnFEMIexamplekey* ]]
  [[ $(in_machine grep -c '^DAEMON_SECRET_ACCESS_KEY=wJalrXUtnFEMIexamplekey$' /etc/agentkeys/broker.env) == 1 ]]
  [[ $(in_machine stat -c '%U %a' /etc/agentkeys/broker.env /etc/agentkeys/broker.env.bak | sort -u) == 'root 600' ]]
  in_machine sed -i '/^DAEMON_/d' /etc/agentkeys/broker.env
}

@test "on a terminal it explains, asks, and does nothing without a yes" {
  listing >"$BATS_FILE_TMPDIR/before"
  run -1 in_machine bash -c "printf 'none\n\nno\nn\n' |
    script -qec 'bash $REPOSITORY/scripts/setup-broker-host.sh --artifacts /srv/built' /dev/null"
  [[ $output == *"instance's role"* && $output == *'Proceed? [y/N]'* && $output == *'nothing was done'* ]]
  listing | diff "$BATS_FILE_TMPDIR/before" -
}

@test "a program that does not come up is taken back, and the old one serves" {
  in_machine sh -c 'cp -r /srv/built /srv/broken && mv /srv/broken/broker/Broker.dll /srv/broken/broker/lost.dll'
  run -1 host --artifacts /srv/broken
  [[ $output == *'does not run'* && $output == *'is as it was before'* ]]
  in_machine test -f /usr/local/lib/agentkeys/broker/Broker.dll
  await test "$(status http://127.0.0.1:8091/healthz)" = 200
  run -0 host "${again[@]}"
  [[ $(through broker.acme.test /healthz) == ok ]]
}

@test "settings that the broker refuses are taken back" {
  run -1 host "${again[@]}" --chain-rpc not-an-address
  [[ $output == *'BOOT_FAIL'* && $output == *'is as it was before'* ]]
  [[ $(in_machine grep -c not-an-address /etc/agentkeys/broker.env) == 0 ]]
  [[ $(status http://127.0.0.1:8091/healthz) == 200 ]]
}

@test "a broker whose threads hang is started afresh by the watchdog" {
  in_machine sh -c 'mkdir -p /run/systemd/system/agentkeys-broker.service.d &&
    printf "[Service]\nWatchdogSec=6s\n" >/run/systemd/system/agentkeys-broker.service.d/short.conf &&
    systemctl daemon-reload && systemctl restart agentkeys-broker'
  before=$(pid_of agentkeys-broker)
  sleep 9 # one that lives is left alone
  [[ $(pid_of agentkeys-broker) == "$before" ]]
  in_machine kill -STOP "$before"
  restarted() { [[ $(pid_of agentkeys-broker) != "$before" && $(status http://127.0.0.1:8091/healthz) == 200 ]]; }
  await restarted
  in_machine sh -c 'rm -r /run/systemd/system/agentkeys-broker.service.d && systemctl daemon-reload'
}

@test "the KMS guide's commands work as written" {
  run -0 host "${again[@]}" --with-kms
  in_machine systemctl enable dstack-auth-eth dstack-kms
  in_machine systemctl start dstack-auth-eth
  in_machine systemctl start dstack-kms
  [[ $(in_machine systemctl is-active dstack-kms agentkeys-kms) == $'active\nactive' ]]
  in_machine ls -la /var/run/kms/
  # Its port, of onboarding too; and through nginx, which reads nothing of it.
  for port in 9100 8000; do
    [[ $(status -k -X POST -H 'Content-Type: application/json' -d '{}' \
      "https://127.0.0.1:$port/prpc/Onboard.GetAttestationInfo?json") != 000 ]]
  done
  # Without keys yet the verification says so.
  run -1 in_machine "$REPOSITORY/scripts/verify-kms-services.sh"
  [[ $output == *'✓ Auth-ETH service running'* && $output == *'✓ KMS enabled for boot'* ]]
  [[ $output == *'✗ Root CA certificate not found'* ]]
}

@test "the KMS guide's kill-and-restart test: new processes within its six seconds" {
  kms=$(pid_of dstack-kms) authorizer=$(pid_of dstack-auth-eth)
  [[ $kms -gt 0 && $authorizer -gt 0 ]] # `kill 0` would be the end of this run
  in_machine sh -c 'kill $(systemctl show dstack-kms --property=MainPID --value)
    kill $(systemctl show dstack-auth-eth --property=MainPID --value)'
  sleep 6
  both() { [[ $(in_machine systemctl is-active dstack-kms dstack-auth-eth) == $'active\nactive' ]]; }
  await both
  [[ $(pid_of dstack-kms) != "$kms" && $(pid_of dstack-auth-eth) != "$authorizer" ]]
}

@test "the guide's troubleshooting takes nothing from the KMS" {
  in_machine sh -c 'chown -R root:root /etc/kms && chmod 755 /etc/kms && systemctl restart dstack-kms'
  [[ $(in_machine systemctl is-active dstack-kms) == active ]]
  [[ $(in_machine stat -c '%U %a' /etc/kms/certs) == 'agentkeys-kms 700' ]]
}

@test "with the KMS too, run again it changes nothing" {
  host "${again[@]}" >/dev/null
  listing >"$BATS_FILE_TMPDIR/before"
  run -0 host "${again[@]}"
  [[ $output == *'nothing changed'* ]]
  listing | diff "$BATS_FILE_TMPDIR/before" -
}
