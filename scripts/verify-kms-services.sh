#!/usr/bin/env bash
# Says whether the KMS and its authorizer run, start with the machine, and have keys: the verification script of the
# KMS set-up guide, with its words. Ends with 1 at the first thing that is missing, and with the command that helps.
#
#   scripts/verify-kms-services.sh
#
# Asks with sudo where it is not root. KMS_CERT_DIR (/etc/kms/certs) and KMS_AUTH_URL (http://127.0.0.1:9200) are for
# hosts whose /etc/kms/kms.env says otherwise.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
case "${1:-}" in
  "") ;;
  --help | -h)
    usage "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *)
    echo "verify-kms-services: unknown option $1 (try --help)" >&2
    exit 2
    ;;
esac

as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(sudo)
good() { echo "✓ $1"; }
bad() {
  echo "✗ $1"
  echo "  try: $2"
  exit 1
} # bad WHAT COMMAND

echo "Checking KMS service setup..."
for pair in "dstack-auth-eth:Auth-ETH" "dstack-kms:KMS"; do
  unit=${pair%%:*} name=${pair#*:}
  "${as_root[@]}" systemctl is-active --quiet "$unit" \
    || bad "$name service not running" "sudo systemctl start $unit; sudo journalctl -u $unit -n 50"
  good "$name service running"
done
for pair in "dstack-auth-eth:Auth-ETH" "dstack-kms:KMS"; do
  unit=${pair%%:*} name=${pair#*:}
  "${as_root[@]}" systemctl is-enabled --quiet "$unit" || bad "$name not enabled for boot" "sudo systemctl enable $unit"
  good "$name enabled for boot"
done

# The folder is root's alone.
"${as_root[@]}" test -f "${KMS_CERT_DIR:-/etc/kms/certs}/root-ca.crt" \
  || bad "Root CA certificate not found" "bootstrap the KMS (Onboard.Bootstrap on port 9100), or onboard it from another"
good "Root CA certificate exists"

if curl -s -m 10 -X POST "${KMS_AUTH_URL:-http://127.0.0.1:9200}" -H 'Content-Type: application/json' \
  -d '{"method":"ping"}' >/dev/null 2>&1; then
  good "Auth-ETH webhook responding"
else
  echo "⚠ Auth-ETH webhook not responding (another address? set KMS_AUTH_URL)"
fi

echo
echo "KMS service setup verified successfully!"
echo
echo "Service Status:"
for unit in dstack-auth-eth dstack-kms; do
  "${as_root[@]}" systemctl status "$unit" --no-pager | grep Active
done
