#!/usr/bin/env bash
# Installs the browser's driver exactly as package-lock.json pins it; does nothing when it is there. Needs node >= 20 and npm.
set -euo pipefail
cd "$(dirname "$0")"

exec 9<package-lock.json
flock 9
if [[ ! -f node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
fi
