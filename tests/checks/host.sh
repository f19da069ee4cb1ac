#!/usr/bin/env bash
# scripts/setup-broker-host.sh in a machine of its own, with real systemd, nginx, certbot and ACME (tests/host/run.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }
exec tests/host/run.sh
