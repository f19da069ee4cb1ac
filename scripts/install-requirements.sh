#!/usr/bin/env bash
# Installs the Debian packages that Broker needs and that this machine lacks. Does nothing, and needs no
# rights, where all are there already.
#
#   install-requirements.sh            what the broker itself needs
#   install-requirements.sh --tests    also what the tests and the quickstart talk to
set -euo pipefail

packages=(libsodium23 libsecp256k1-1 libsqlite3-0 ca-certificates)
case "${1:-}" in
  "") ;;
  --quickstart) packages+=(curl jq openssl sqlite3 awscli) ;;
  --tests) packages+=(curl jq sqlite3 awscli openssl python3 strace systemd nginx-light shellcheck chromium) ;;
  --radosgw) packages+=(ceph-mon ceph-osd radosgw ceph-common awscli) ;;
  --bench) packages+=(wrk) ;;
  *) echo "usage: install-requirements.sh [--quickstart|--tests|--radosgw|--bench]" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $state == ii* ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "install-requirements: run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
