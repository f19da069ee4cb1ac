#!/usr/bin/env bash
# From a bare Debian 12, which has the .NET SDK and nothing else of what is needed, to a broker that answers through nginx
# over TLS, by the README's one command, scripts/setup-broker-host.sh --non-interactive; and how long that takes. Packages
# of Debian and NuGet are fetched before: the machine itself has no network, so the build is the offline one. The
# certificate is of an ACME server in the machine.
#
#   tests/host/bare.sh
#
# Needs root, the network, and twenty minutes or more. The bare root is that of tests/bare/newcomer.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }
# shellcheck source=tests/bare/root.sh
source tests/bare/root.sh
# shellcheck source=tests/host/machine.sh
source tests/host/machine.sh

bare_root
over=$(mktemp -d "$root.host.XXXXXX")
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() { machine_stop; rm -rf --one-file-system "$over"; }
trap finish EXIT
mkdir -p "$over/upper/root" "$over/work" "$over/merged"
bare_checkout "$over/upper/root/agentKeys"

echo "fetching packages" >&2
cat >"$over/upper/fetch" <<'FETCH'
set -e
export DEBIAN_FRONTEND=noninteractive DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
apt-get update -qq
# What a cloud's image of Debian has.
apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus procps >/dev/null 2>&1
# The test's own, and what the script will install, downloaded only.
apt-get install -y -qq --no-install-recommends pebble >/dev/null 2>&1
apt-get install -y -qq --no-install-recommends --download-only nginx-light certbot jq openssl curl ca-certificates \
  libnginx-mod-stream >/dev/null 2>&1
cd /root/agentKeys
platform=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
for project in Broker Broker.KmsAuthorizer; do
  dotnet msbuild "src/$project" -t:Restore -p:RuntimeIdentifier="$platform" -p:SelfContained=true \
    -p:Configuration=Release -p:RestoreLockedMode=true -v:q -nologo
done
FETCH
# shellcheck disable=SC2016 # the inner shell expands it
ROOT=$root OVER=$over unshare --mount --pid --fork --kill-child --propagation private bash -c '
  set -e
  mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$OVER/upper,workdir=$OVER/work" "$OVER/merged"
  mount -t proc proc "$OVER/merged/proc"
  mount --rbind /dev "$OVER/merged/dev"
  exec chroot "$OVER/merged" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${NUGET_CERT_REVOCATION_MODE:+NUGET_CERT_REVOCATION_MODE="$NUGET_CERT_REVOCATION_MODE"} bash /fetch'

# The machine has loopback alone, and nothing there waits two minutes for more.
machine_start "$over/upper:$root"
in_machine systemctl mask --now --quiet systemd-networkd-wait-online.service
in_machine sh -c 'mkdir -p /srv/acme /etc/letsencrypt && cd /srv/acme &&
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
  cat >config.json <<JSON
{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
 "certificate": "/srv/acme/cert.pem", "privateKey": "/srv/acme/key.pem", "httpPort": 80, "tlsPort": 443}}
JSON
  printf "server = https://localhost:14000/dir\nno-verify-ssl = true\n" >/etc/letsencrypt/cli.ini
  echo "127.0.0.1 broker.acme.test signer.acme.test" >>/etc/hosts
  systemd-run --quiet --unit=acme -p Environment=PEBBLE_VA_NOSLEEP=1 pebble -config /srv/acme/config.json'

set_up() {
  in_machine env AGENTKEYS_RESOLVER=system AGENTKEYS_PUBLIC_IP=127.0.0.1 \
    bash /root/agentKeys/scripts/setup-broker-host.sh --non-interactive "$@"
}
began=$SECONDS
read -ra options < <(sed -n 's/^sudo scripts\/setup-broker-host.sh //p' README.md |
  sed 's/example\.com/acme.test/; s/000000000000/111122223333/; q')
set_up "${options[@]}"
took=$((SECONDS - began))
said=$(in_machine curl -sS -m 10 --cacert /etc/letsencrypt/live/broker.acme.test/chain.pem https://broker.acme.test/healthz)
[[ $said == ok ]] || { echo "host: https://broker.acme.test/healthz says: $said" >&2; exit 1; }
echo "from a bare Debian 12 to https://broker.acme.test/healthz: $took s"
set_up >"$over/again"
grep -q '^nothing changed' "$over/again" || { cat "$over/again" >&2; echo "host: the second run changed something" >&2; exit 1; }
tail -n 1 "$over/again"
