#!/usr/bin/env bash
# Installs the provider exactly as package-lock.json pins it; does nothing when it is there. Needs Node 20 or newer and npm (scripts/install-node.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/lib.sh
source ../../../scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "$(basename "${BASH_SOURCE[0]}")"; exit 0; }

exec 9<package-lock.json
flock 9
if [[ ! -f node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi
