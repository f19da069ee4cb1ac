#!/usr/bin/env bash
# The KMS runbook, command by command, against two instances of ours (scripts/kms-runbook.sh).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "${BASH_SOURCE[0]}")/../../scripts/kms-runbook.sh" "$folder/kms-bootstrap-onboard"
