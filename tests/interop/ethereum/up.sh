#!/usr/bin/env bash
# Installs the pinned Ethereum node and Solidity compiler and compiles the test contracts.
# Does nothing when both are already there and newer than their sources. Needs Node 20 or newer and npm (scripts/install-node.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/lib.sh
source ../../../scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "$(basename "${BASH_SOURCE[0]}")"; exit 0; }

exec 9>.up.lock
flock 9

if [[ ! -f node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  npm ci --no-audit --no-fund --loglevel=error
fi

if [[ ! -f artifacts/contracts.json \
   || -n "$(find contracts compile.mjs package-lock.json -newer artifacts/contracts.json -print -quit)" ]]; then
  node compile.mjs
fi
