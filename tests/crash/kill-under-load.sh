#!/usr/bin/env bash
# kill -9 under load, a hundred times by default: every credential that any client received must be on record after each
# restart, and every checkpoint that any client saw must be a beginning of the later ones. Between a kill and the start
# the ledger's index is at random left alone, deleted, cut, overwritten or replaced by an older one, and every look-up
# must be right all the same. Says how many it saw.
#
#   tests/crash/kill-under-load.sh [--rounds] [KILLS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --rounds ]] || shift
case "${1:-}" in
  --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
  "" | [1-9]*) ;;
  *) echo "kill-under-load: not a number of kills: $1 (try --help)" >&2; exit 2 ;;
esac

export BROKER_CRASH_KILLS=${1:-100}
dotnet test tests/Broker.EndToEnd --nologo --filter 'FullyQualifiedName~KillUnderLoad' \
  --logger 'console;verbosity=detailed'
