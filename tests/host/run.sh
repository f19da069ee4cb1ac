#!/usr/bin/env bash
# Plays a broker's host: boots a Debian 12 with systemd in namespaces of this machine, with an ACME server of its own,
# and has scripts/setup-broker-host.sh set it up, again, wrongly, and with the KMS (tests/host/host.bats).
#
#   tests/host/run.sh           over this machine's own root file system, which is only read, with the programs of the
#                               last build (CONFIGURATION, default Debug): some minutes
#   tests/host/run.sh --bare    over a bare Debian 12, which has nothing of what is needed: packages are installed, the
#                               programs built there, offline, and the time is printed: twenty minutes or more
#
# HOST_ARTIFACTS names a folder with broker/ and kms-authorizer/, published before, instead of the last build. Needs
# root, or sudo without a question. Nothing of this machine is changed but the packages that are installed for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
case ${1:-} in
  "") ;;
  --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
  --bare) exec tests/host/bare.sh ;;
  *) echo "host: unknown option $1 (try --help)" >&2; exit 2 ;;
esac
if [[ $(id -u) -ne 0 ]]; then
  sudo -n true 2>/dev/null || { echo "host: needs root, to start a machine" >&2; exit 1; }
  exec sudo -n --preserve-env=CONFIGURATION,HOST_ARTIFACTS,DOTNET_ROOT "PATH=$PATH" "${BASH_SOURCE[0]}"
fi
scripts/install-requirements.sh --host

sdk=$(dirname "$(realpath "$(command -v dotnet)")")
built=''
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() { [[ -z $built ]] || rm -rf "$built"; }
trap finish EXIT
if [[ -z ${HOST_ARTIFACTS:-} ]]; then
  built=$(mktemp -d /var/tmp/host-built.XXXXXX)
  for pair in Broker:broker Broker.KmsAuthorizer:kms-authorizer; do
    folder=src/${pair%%:*}/bin/${CONFIGURATION:-Debug}/net10.0
    [[ -x $folder/${pair%%:*} ]] || { echo "host: no $folder/${pair%%:*}; build the solution first" >&2; exit 1; }
    cp -r "$folder" "$built/${pair#*:}"
    # Native libraries of other systems.
    find "$built/${pair#*:}/runtimes" -mindepth 1 -maxdepth 1 -not -name "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" \
      -not -name unix -exec rm -r {} + 2>/dev/null || true
  done
  HOST_ARTIFACTS=$built
fi
export HOST_ARTIFACTS DOTNET_ROOT_OF_HOST=$sdk
bats --print-output-on-failure --timing tests/host/host.bats
