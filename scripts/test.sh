#!/usr/bin/env bash
# Runs every test of Broker and ends with a line "N passed, M failed". Installs what the tests talk to.
#
#   scripts/test.sh              everything
#   scripts/test.sh NAME…        only the test projects and check scripts whose name contains one of the words
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

wanted() { # wanted NAME WORDS… : no words means everything
  local name=$1; shift
  [[ $# -eq 0 ]] && return 0
  for word in "$@"; do [[ $name == *"$word"* ]] && return 0; done
  return 1
}

scripts/install-requirements.sh --tests || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0 skipped=0 broken=() culprits=()

dotnet build Broker.sln --nologo -v q || { echo "the build failed"; echo "0 passed, 1 failed"; exit 1; }

# Packages that tests ask as independent judges, from their lock files.
while IFS= read -r lock; do
  folder=$(dirname "$lock")
  [[ $folder/node_modules/.package-lock.json -nt $lock ]] && continue
  if [[ -f $folder/up.sh ]]; then bash "$folder/up.sh"; else (cd "$folder" && npm ci --ignore-scripts --no-progress); fi \
    >/dev/null || { echo "installing the packages of $folder failed"; broken+=("$folder"); failed=$((failed + 1)); }
done < <(find tests/interop -name package-lock.json -not -path '*/node_modules/*' | sort)

number() { sed -n "s/.*$1: *\([0-9]*\).*/\1/p" <<<"$2"; }

for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  grep -q 'Microsoft.NET.Test.Sdk' "$project" || continue
  wanted "$name" "$@" || continue
  echo "--- $name"
  log=$(mktemp)
  dotnet test "$project" --no-build --nologo --logger "console;verbosity=minimal" 2>&1 | tee "$log"
  # "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total:    12, …"
  line=$(grep -E '^(Passed|Failed|Skipped)! +- ' "$log" | tail -n 1)
  if [[ -z $line ]]; then
    broken+=("$name"); failed=$((failed + 1))
  else
    passed=$((passed + $(number Passed "$line"))); failed=$((failed + $(number Failed "$line")))
    skipped=$((skipped + $(number Skipped "$line")))
    [[ $(number Failed "$line") -gt 0 ]] && broken+=("$name")
    # "  Failed Broker.Ledger.Tests.Storage.LogCopierTests.The_log_stays_short [1 s]"
    mapfile -t -O "${#culprits[@]}" culprits < <(sed -n 's/^ *Failed \(.* \[.*\]\)$/\1/p' "$log")
  fi
  rm -f "$log"
done

# Checks that are scripts: each passes or fails as a whole.
for check in tests/checks/*.sh; do
  [[ -f $check ]] || continue
  name=$(basename "$check" .sh)
  wanted "$name" "$@" || continue
  echo "--- $name"
  if bash "$check"; then passed=$((passed + 1)); else failed=$((failed + 1)); broken+=("$name"); fi
done

[[ $skipped -eq 0 ]] || echo "left out: $skipped tests, each named above with its reason"
[[ ${#broken[@]} -eq 0 ]] || echo "failed in: ${broken[*]}"
[[ ${#culprits[@]} -eq 0 ]] || printf '  %s\n' "${culprits[@]}"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
