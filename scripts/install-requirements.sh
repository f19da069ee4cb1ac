#!/usr/bin/env bash
# Installs the Debian packages that Broker needs and that this machine lacks. Does nothing, and needs no
# rights, where all are there already.
#
#   install-requirements.sh                what the broker itself needs
#   install-requirements.sh --quickstart   also what the quickstart talks to
#   install-requirements.sh --cloud        what scripts/setup-cloud.sh and the scripts beside it talk to
#   install-requirements.sh --tests        also what the tests talk to
#   install-requirements.sh --native       the C compiler with which `dotnet publish src/Broker.Cli` makes a native program
#   install-requirements.sh --radosgw      Ceph's S3 and STS, for the tests in tests/Broker.EndToEnd that have them as judge
#   install-requirements.sh --bench        what scripts/bench.sh measures with
#   install-requirements.sh --bare-debian  what scripts/test.sh --bare-debian makes its machine with
#   install-requirements.sh --host         what tests/host/run.sh makes a broker's host with
#   install-requirements.sh --npm          npm, for scripts/install-node.sh
#   install-requirements.sh --missing …    install nothing: print what is missing, one a line
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

list_only=false
[[ ${1:-} == --missing ]] && { list_only=true; shift; }
packages=(ca-certificates)
native=(gcc libc6-dev)
case "${1:-}" in
  "") ;;
  --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
  --quickstart) packages+=(curl jq openssl sqlite3 awscli) ;;
  --cloud) packages+=(awscli curl jq openssl openssh-client) ;;
  --tests)
    packages+=(curl jq sqlite3 awscli openssl python3 strace systemd nginx-light libnginx-mod-stream
      shellcheck chromium)
    packages+=(bats shfmt openssh-client bsdutils) # the set-up scripts are tested with these
    # Not a part of every small Debian: mounts for the disk-full tests, chattr, ps.
    packages+=(mount e2fsprogs procps python3-yaml)
    packages+=(dbus gnome-keyring libsecret-tools) # where brokerctl keeps sessions
    # brokerctl completes in these shells, and has a manual page for these readers.
    packages+=(bash zsh fish man-db mandoc)
    packages+=(postgresql-15) # of which the ledger's tests start servers of their own
    packages+=("${native[@]}") ;; # they run the native brokerctl
  --native) packages+=("${native[@]}") ;;
  --radosgw) packages+=(ceph-mon ceph-osd radosgw ceph-common awscli) ;;
  --bench) packages+=(curl wrk "${native[@]}") ;;
  --bare-debian) packages=(debootstrap mount) ;;
  --host) packages+=(nginx-light libnginx-mod-stream certbot pebble bats jq openssl curl systemd dbus procps iproute2 mount bsdutils) ;;
  --npm) packages=(npm ca-certificates) ;;
  *) echo "install-requirements: unknown option $1 (try --help)" >&2; exit 2 ;;
esac

fail() { echo "install-requirements: $*" >&2; exit 1; }

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  $list_only && exit 0
  fail "this is no Debian; install the like of: ${packages[*]}"
fi
missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $state == ii* ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0
$list_only && { printf '%s\n' "${missing[@]}"; exit 0; }

as_root=(env)
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || fail "run as root: apt-get update && apt-get install ${missing[*]}"
  sudo -v || fail "not allowed by sudo; run as root: apt-get update && apt-get install ${missing[*]}"
  as_root=(sudo env)
fi
echo "installing: ${missing[*]}" >&2
# Another apt, say of unattended upgrades on a machine just started, is waited for.
apt() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"; }
apt update -qq || fail "apt-get update failed; is the network there?"
install_them() {
  local said
  said=$(apt install -y -qq --no-install-recommends "$@" 2>&1) ||
    { echo "$said" >&2; fail "apt-get could not install: $*"; }
}
# Debian's PostgreSQL makes a server "main" and starts it when it is installed, unless this file forbids it.
clusters=/etc/postgresql-common/createcluster.conf
if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e $clusters ]]; then
  install_them postgresql-common
  "${as_root[@]}" sed -i 's/^#create_main_cluster = true/create_main_cluster = false/' "$clusters"
  install_them "${missing[@]}"
  "${as_root[@]}" sed -i 's/^create_main_cluster = false/#create_main_cluster = true/' "$clusters"
else
  install_them "${missing[@]}"
fi
