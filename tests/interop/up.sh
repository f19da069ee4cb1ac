#!/usr/bin/env bash
# Installs what the interoperability scripts need, once, exactly as package-lock.json pins it.
# Safe to call from several test runs at a time: the first installs, the others wait.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/lib.sh
source ../../scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "$(basename "${BASH_SOURCE[0]}")"; exit 0; }

exec 9<package-lock.json
flock 9
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --omit=optional --ignore-scripts --no-progress
fi
