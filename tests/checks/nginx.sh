#!/usr/bin/env bash
# Judges what scripts/nginx-vhost.sh prints by nginx: the configuration test as installed, then both phases served on
# loopback ports with a throw-away certificate, in front of a stand-in for the services and of the broker itself; and
# the KMS's TLS passthrough. Leaves nothing behind.
set -euo pipefail

repository="$(cd "$(dirname "$0")/../.." && pwd)"
# shellcheck source=scripts/lib.sh
source "$repository/scripts/lib.sh"
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "$0"; exit 0; }
PATH=$PATH:/usr/sbin # where Debian has nginx, and ordinary users do not look
scratch="$(mktemp -d)"
# nginx's workers give up root and must still reach the challenge files.
chmod 755 "$scratch"
places=(-e "$scratch/error.log" -c "$scratch/nginx.conf" -p "$scratch")
http_port="$(free_port)"
https_port="$(free_port)"
upstream_port="$(free_port)"

fail() {
  printf 'FAIL: %s\n' "$1" >&2
  exit 1
}

# The configuration test leaves an empty pid file behind.
stop() {
  local pid
  pid="$(cat "$scratch/nginx.pid" 2>/dev/null || true)"
  [[ -n "$pid" ]] || return 0
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}
broker_pid='' kms_pid=''
trap '[[ -z $kms_pid ]] || kill "$kms_pid" 2>/dev/null || true; stop; [[ -z $broker_pid ]] || kill "$broker_pid" 2>/dev/null || true; rm -rf "$scratch"' EXIT

# A main configuration around vhosts of ours, with their fixed places moved into the scratch folder.
write_configuration() { # write_configuration PHASE SERVICE…
  local phase="$1" service host; shift
  {
    cat "$repository/nginx/agentkeys.conf"
    for service in "$@"; do
      host=$service.example.com
      "$repository/scripts/nginx-vhost.sh" --host "$host" --service "$service" --phase "$phase" --ipv6 yes
    done
  } | sed -e "s#/etc/letsencrypt/live/[a-z.]*#$scratch/certificate#" -e "s#/var/www/certbot#$scratch/webroot#" \
    -e "s#/var/log/nginx/#$scratch/#" -e "s#/var/lib/nginx/#$scratch/#" >"$scratch/vhosts.conf"
  # Who is not root cannot give root up either: its workers run as who it is.
  local user=''
  [[ "$(id -u)" -eq 0 ]] || user='user root;'
  cat >"$scratch/nginx.conf" <<CONF
$user
pid $scratch/nginx.pid;
error_log $scratch/error.log;
include $scratch/stream.conf;
events {}
http {
  access_log off;
  client_body_temp_path $scratch/body; proxy_temp_path $scratch/proxy; fastcgi_temp_path $scratch/fastcgi;
  uwsgi_temp_path $scratch/uwsgi; scgi_temp_path $scratch/scgi;
  include $scratch/vhosts.conf;
  include $scratch/more.conf;
}
CONF
  : >"$scratch/more.conf"
  : >"$scratch/stream.conf"
}

# As installed, on ports 80 and 443, warnings included; all vhosts beside each other, as on a host.
test_configuration() { # test_configuration PHASE
  local said
  write_configuration "$1" "${services[@]}"
  # Ports 80 and 443 are root's; whoever is not root takes them in a network of their own.
  local as_root=()
  [[ "$(id -u)" -eq 0 ]] || as_root=(unshare --map-root-user --net)
  said="$("${as_root[@]}" nginx -t "${places[@]}" 2>&1)" || fail "phase $1: $said"
  grep -q '\[' <<<"$said" && fail "phase $1: $said"
  printf 'ok: nginx -t, phase %s of every service\n' "$1"
}

# The same on loopback ports; the stand-in answers with what it was sent.
serve() { # serve PHASE SERVICE…
  stop
  write_configuration "$@"
  sed -i -e '/listen \[::\]/d' -e "s/listen 80;/listen 127.0.0.1:$http_port;/" \
    -e "s/listen 443 /listen 127.0.0.1:$https_port /" -e "s/127.0.0.1:\(80\|90\)9[0-9]/127.0.0.1:$upstream_port/" \
    "$scratch/vhosts.conf"
  cat >"$scratch/more.conf" <<CONF
server {
  listen 127.0.0.1:$upstream_port;
  location / { return 200 "host=\$host proto=\$http_x_forwarded_proto for=\$http_x_forwarded_for uri=\$request_uri\n"; }
  location = /hangs-up { return 444; }
  location /v1/hangs-up { return 444; }
  location /.well-known/ { add_header Cache-Control "public, max-age=3600"; return 200 "\$request_id\n"; }
}
CONF
  nginx "${places[@]}" 2>"$scratch/start.log" || fail "phase $1: $(cat "$scratch/start.log")"
}

ask() {
  curl --silent --show-error --max-time 10 --cacert "$scratch/certificate/fullchain.pem" \
    --connect-to "::127.0.0.1:" "$@"
}

expect() {
  local what="$1" wanted="$2" got="$3"
  [[ "$got" == *"$wanted"* ]] || fail "$what: wanted '$wanted', got '$got'"
  printf 'ok: %s\n' "$what"
}

check_phase_a() {
  serve a broker signer
  local plain="http://broker.example.com:$http_port"
  expect "phase A serves the ACME challenge" "proof" "$(ask "$plain/.well-known/acme-challenge/token")"
  expect "phase A answers nothing else" "503" "$(ask -o /dev/null -w '%{http_code}' "$plain/v1/mint-oidc-jwt")"
  expect "phase A of another host too" "503" \
    "$(ask -o /dev/null -w '%{http_code}' "http://signer.example.com:$http_port/healthz")"
  expect "phase A says why" "TLS cert not yet issued — see setup-broker-host.sh" "$(ask "$plain/")"
}

check_phase_b() {
  serve b broker
  local plain="http://broker.example.com:$http_port" secure="https://broker.example.com:$https_port" codes
  expect "phase B still serves the ACME challenge" "proof" "$(ask "$plain/.well-known/acme-challenge/token")"
  expect "phase B redirects" "301 https://broker.example.com/healthz?a=b" \
    "$(ask -o /dev/null -w '%{http_code} %{redirect_url}' "$plain/healthz?a=b")"
  expect "the broker learns host, scheme and the real client" \
    "host=broker.example.com proto=https for=127.0.0.1 uri=/v1/mint-oidc-jwt?x=1" \
    "$(ask -H 'X-Forwarded-For: 203.0.113.9' -H 'X-Forwarded-Proto: http' "$secure/v1/mint-oidc-jwt?x=1")"
  expect "clients may speak HTTP/2" "2" "$(ask --http2 -o /dev/null -w '%{http_version}' "$secure/healthz")"
  expect "answers carry HSTS" "strict-transport-security: max-age=31536000" "$(ask -o /dev/null -D - "$secure/healthz")"
  expect "metrics stay inside" "404" "$(ask -o /dev/null -w '%{http_code}' "$secure/metrics")"
  ask --tls-max 1.1 --ciphers 'DEFAULT@SECLEVEL=0' -o /dev/null "$secure/healthz" 2>/dev/null \
    && fail "TLS 1.1 was accepted"
  expect "TLS 1.2 works" "200" "$(ask --tls-max 1.2 -o /dev/null -w '%{http_code}' "$secure/healthz")"
  expect "TLS 1.3 works" "200" "$(ask --tlsv1.3 -o /dev/null -w '%{http_code}' "$secure/healthz")"

  codes="$(ask --no-progress-meter --parallel --parallel-max 40 -o /dev/null -w '%{http_code}\n' \
    "$secure/v1/auth/wallet/start?[1-80]")"
  expect "a burst of sign-ins is let through" "200" "$codes"
  expect "a flood of sign-ins is refused" "429" "$codes"
  expect "the refusal has the broker's shape" '"error":"rate_limited"' "$(ask "$secure/v1/auth/wallet/start?[1-30]")"
  expect "… and says what to do" "Wait as long as Retry-After says" \
    "$(ask "$secure/v1/auth/wallet/start?[1-30]" | grep -o '{.*}' | jq -r .next_step)"
  for page in /sign-in/mail /auth/oauth2/callback; do
    codes="$(ask --no-progress-meter --parallel --parallel-max 40 -o /dev/null -w '%{http_code}\n' "$secure$page?[1-80]")"
    expect "a flood of $page is refused" "429" "$codes"
  done
  expect "the account is not held up by it" "200" "$(ask -o /dev/null -w '%{http_code}' "$secure/account/sign-out")"
  expect "minting is not held up by it" "200" "$(ask -o /dev/null -w '%{http_code}' "$secure/v1/mint-oidc-jwt")"
  expect "a broker that is down is told in the broker's shape" '"error":"internal"' "$(ask "$secure/hangs-up" | jq -c)"
  expect "… and says when to come back" "retry-after: 5" "$(ask -o /dev/null -D - "$secure/hangs-up")"
  grep -q 'x=1' "$scratch/agentkeys-broker.log" && fail "the access log holds a query"
  ask -o /dev/null "$secure/v1/auth/email/status/eml-0123456789abcdef01234567"
  expect "the access log holds a poll's route" '"GET /v1/auth/email/status/- ' "$(cat "$scratch/agentkeys-broker.log")"
  grep -q 'eml-0123' "$scratch/agentkeys-broker.log" && fail "the access log holds the id of a sign-in's request"
  local first second
  for path in jwks.json openid-configuration; do
    first="$(ask "$secure/.well-known/$path")" second="$(ask "$secure/.well-known/$path?again")"
    [[ -n "$first" && "$first" == "$second" ]] || fail "$path is not kept: $first, then $second"
    expect "… with the broker's own word on caching" "cache-control: public, max-age=3600" \
      "$(ask -o /dev/null -D - "$secure/.well-known/$path")"
  done
  echo "ok: the issuer's documents are kept for a minute"
  [[ "$(ask "$secure/.well-known/oauth-authorization-server")" != \
    "$(ask "$secure/.well-known/oauth-authorization-server")" ]] || fail "something else is kept"
  expect "the access log holds the path" '"GET /v1/mint-oidc-jwt ' "$(cat "$scratch/agentkeys-broker.log")"
}

# Of the signer its wallets' routes, of the data-class services their own; of all of them the health.
check_services() {
  local service secure
  serve b "${services[@]}"
  for service in signer audit cred classify; do
    secure="https://$service.example.com:$https_port"
    expect "$service: the health is served" "host=$service.example.com" "$(ask "$secure/healthz")"
    for path in / /metrics /healthz/ /readyz /openapi /sign-in; do
      expect "$service: nothing at $path" "404" "$(ask --path-as-is -o /dev/null -w '%{http_code}' "$secure$path")"
    done
  done
  secure="https://signer.example.com:$https_port"
  expect "signer: /dev/ is served" "uri=/dev/sign-message" "$(ask --data '{}' "$secure/dev/sign-message")"
  expect "signer: the broker's routes are not" "404" \
    "$(ask -o /dev/null -w '%{http_code}' "$secure/v1/mint-oidc-jwt")"
  secure="https://cred.example.com:$https_port"
  expect "cred: its routes are served" "uri=/v1/cred/store" "$(ask --data '{}' "$secure/v1/cred/store")"
  expect "cred: the signer's are not" "404" "$(ask -o /dev/null -w '%{http_code}' "$secure/dev/sign-message")"
  expect "cred: one that is down has its own code" "cred_unavailable" "$(ask "$secure/v1/hangs-up" | jq -r .code)"
}

# TLS through to the KMS: what the client sees is the KMS's certificate, and what the KMS sees is the client's hello.
check_passthrough() {
  local module kms_port stream_port said
  module="$(find /usr/lib/nginx/modules -name ngx_stream_module.so 2>/dev/null | head -n 1)"
  [[ -n "$module" ]] || fail "there is no stream module: apt-get install libnginx-mod-stream"
  kms_port="$(free_port)" stream_port="$(free_port)"
  serve b broker
  stop
  {
    printf 'load_module %s;\n' "$module"
    "$repository/scripts/nginx-vhost.sh" --service kms --port "$stream_port" --ipv6 no |
      sed -e "s#/var/log/nginx/#$scratch/#" -e "s/127.0.0.1:9100/127.0.0.1:$kms_port/"
  } >"$scratch/stream.conf"
  openssl s_server -accept "127.0.0.1:$kms_port" -cert "$scratch/certificate/fullchain.pem" \
    -key "$scratch/certificate/privkey.pem" -www -quiet >"$scratch/kms.log" 2>&1 &
  kms_pid=$!
  nginx "${places[@]}" 2>"$scratch/start.log" || fail "the passthrough: $(cat "$scratch/start.log")"
  for _ in {1..50}; do port_is_free "$kms_port" || break; sleep 0.1; done
  said="$(ask "https://broker.example.com:$stream_port/")"
  expect "the KMS's port passes TLS through" "TLSv1.3" "$said"
  kill "$kms_pid"
  kms_pid=''
}

# The broker itself behind phase B: what nginx fences is what the broker serves, in every spelling.
check_with_the_broker() {
  local secure="https://broker.example.com:$https_port" path mail_port
  serve b broker
  stop
  # A mail server that never says a word. The broker gives it up after 32 seconds, longer than nginx once waited.
  mail_port="$(free_port)"
  printf 'server { listen 127.0.0.1:%s; }\n' "$mail_port" >"$scratch/more.conf"
  BROKER_DEV_MODE=true BROKER_METRICS_ENABLED=true BROKER_DATA_DIR="$scratch/data" BROKER_PORT="$upstream_port" \
    BROKER_AUTH_METHODS=wallet_sig,email_link BROKER_EMAIL_FROM_ADDRESS=noreply@agentkeys.test \
    BROKER_EMAIL_SENDER=smtp BROKER_SMTP_HOST=127.0.0.1 BROKER_SMTP_PORT="$mail_port" BROKER_EMAIL_TIMEOUT_SECONDS=32 \
    dotnet "$repository/src/Broker/bin/Debug/net10.0/Broker.dll" 2>"$scratch/broker.log" &
  broker_pid=$!
  for _ in {1..300}; do
    curl --silent --output /dev/null "http://127.0.0.1:$upstream_port/healthz" && break
    sleep 0.1
  done
  nginx "${places[@]}" 2>"$scratch/start.log" || fail "$(cat "$scratch/start.log")"

  ask --max-time 60 -H 'Content-Type: application/json' --data '{"email":"alice@example.org"}' \
    "$secure/v1/auth/email/request" >"$scratch/late" &
  local late=$!

  expect "the broker answers through nginx" "200" "$(ask -o /dev/null -w '%{http_code}' "$secure/healthz")"
  expect "HEAD works through nginx" "200" "$(ask --head -o /dev/null -w '%{http_code}' "$secure/healthz")"
  for path in /metrics /METRICS /Metrics /metrics/ //metrics /./metrics /x/../metrics /%6detrics /metrics/. \
    /V1/auth/wallet/start /v1/auth/wallet/start/ /v1//auth/wallet/start /v1/Auth/wallet/start /v1/x/../auth/wallet/start \
    /v1/auth/wallet/%73tart /.Well-Known/jwks.json /.well-known/jwks.json/ /HEALTHZ /Ledger/vkey /v1/MINT-oidc-jwt; do
    expect "nothing is served at $path" "404" "$(ask --path-as-is -o /dev/null -w '%{http_code}' "$secure$path")"
    expect "… nor for POST" "404" "$(ask --path-as-is --data '{}' -o /dev/null -w '%{http_code}' "$secure$path")"
  done
  head -c 3000000 /dev/zero >"$scratch/large"
  expect "a body that is too large is refused" "413" \
    "$(ask --data-binary "@$scratch/large" -o "$scratch/refused" -w '%{http_code}' "$secure/v1/mint-oidc-jwt")"
  expect "… in the broker's shape" "body_too_large" "$(jq -r .code "$scratch/refused")"
  wait "$late" || fail "the request for a link was not answered"
  expect "a mail that is late is told by the broker, not by nginx" "backend_unreachable" "$(jq -r .error "$scratch/late")"
}

mkdir -p "$scratch/certificate" "$scratch/webroot/.well-known/acme-challenge"
printf 'proof' >"$scratch/webroot/.well-known/acme-challenge/token"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=broker.example.com \
  -addext 'subjectAltName=DNS:*.example.com' -keyout "$scratch/certificate/privkey.pem" \
  -out "$scratch/certificate/fullchain.pem" 2>/dev/null

services=(broker signer audit email cred memory config classify)

test_configuration a
test_configuration b
check_phase_a
check_phase_b
check_services
check_passthrough
check_with_the_broker
