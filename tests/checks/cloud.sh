#!/usr/bin/env bash
# The scripts that set up the cloud, by the bats files in tests/cloud: against a stand-in for AWS that keeps an account
# and refuses what AWS refuses, with real TLS hosts. About three minutes. Words narrow it to the tests whose names
# match: tests/checks/cloud.sh teardown.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

scripts/install-requirements.sh --tests
# Side by side as far as the machine goes: each test has an account and a home of its own.
filter=("${@:+--filter}" "${@:+$*}")
[[ $# -gt 0 ]] || filter=()
pids=()
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for file in tests/cloud/setup-cloud.bats tests/cloud/helpers.bats; do # radosgw.bats: scripts/test.sh says
  bats "${filter[@]}" "$file" >"$scratch/$(basename "$file")" 2>&1 &
  pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
cat "$scratch"/*.bats
[[ $failed -eq 0 ]]
