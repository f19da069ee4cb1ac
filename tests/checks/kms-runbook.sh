#!/usr/bin/env bash
# The KMS runbook, command by command, against two instances of ours (scripts/kms-runbook.sh): it passes, and it never
# takes a folder that somebody else filled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/mine"
echo precious >"$folder/mine/notes"
if scripts/kms-runbook.sh "$folder/mine" >"$folder/said" 2>&1; then
  echo "kms-runbook: took a folder that was not empty" >&2; exit 1
fi
grep -q "is not an empty folder" "$folder/said" || { cat "$folder/said" >&2; exit 1; }
[[ $(cat "$folder/mine/notes") == precious ]] || { echo "kms-runbook: deleted what others put there" >&2; exit 1; }

scripts/kms-runbook.sh "$folder/kms-bootstrap-onboard"
