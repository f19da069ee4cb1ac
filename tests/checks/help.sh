#!/usr/bin/env bash
# --help is help everywhere: every script and every program prints it on standard output and ends with 0. Needs a build
# of the solution (CONFIGURATION, default Debug).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

helps() { # helps COMMAND… : within a minute, and with more than a line
  local said
  said=$(timeout 60 "$@" 2>/dev/null </dev/null) || { echo "FAIL: $* ended with an error" >&2; exit 1; }
  [[ ${#said} -gt 60 ]] || { echo "FAIL: $* said: $said" >&2; exit 1; }
  echo "ok: $*"
}

while IFS= read -r script; do
  [[ $(head -c 2 "$script") == '#!' ]] || continue # sourced, never run
  helps bash "$script" --help
  helps bash "$script" -h
done < <(find scripts tests .ci -name node_modules -prune -o \( -name '*.sh' -o -path .ci/run \) -print |
  grep -v -e '^scripts/lib.sh$' -e '^scripts/lib/' | sort) # sourced too

for program in Broker/Broker Broker.KmsAuthorizer/Broker.KmsAuthorizer Broker.LocalCloud/Broker.LocalCloud \
  Broker.Cli/brokerctl; do
  dll=src/${program%/*}/bin/${CONFIGURATION:-Debug}/net10.0/${program#*/}.dll
  helps dotnet "$dll" --help
  helps dotnet "$dll" -h
done
if [[ -n ${BROKERCTL:-} ]]; then # a published one
  helps "$BROKERCTL" --help
  helps "$BROKERCTL" -h
fi
helps dotnet "src/Broker.KmsAuthorizer/bin/${CONFIGURATION:-Debug}/net10.0/Broker.KmsAuthorizer.dll" --port 0 --help
