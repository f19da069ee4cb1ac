#!/usr/bin/env bash
# Runs every test of Broker and ends with a line "N passed, M failed". Installs what the tests talk to.
#
#   scripts/test.sh                        everything but what the last lines name
#   scripts/test.sh NAME…                  only the test projects and check scripts whose name contains one of the words
#   scripts/test.sh --bare-debian [NAME…]  the quickstart and then the tests in a bare Debian 12 (tests/bare/newcomer.sh)
#   scripts/test.sh --host                 setup-broker-host.sh in a machine of its own that boots systemd (tests/host/run.sh)
#   scripts/test.sh --bare-host            a bare Debian 12 becomes a broker's host, by one command (tests/host/bare.sh)
#   scripts/test.sh cloud isolation        the cloud's scripts with a stand-in for AWS, and the isolation of actors
#   scripts/test.sh --cloud-radosgw        setup-cloud.sh with radosgw where it serves the call (tests/cloud/radosgw.bats)
#
# Needs the .NET 10 SDK, and on the first run the network: Debian's packages, NuGet's, npm's. What runs brokerctl runs the
# native program that BROKERCTL names: artifacts/brokerctl/brokerctl, which is published here unless the variable is set.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

case "${1:-}" in
  --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
  --bare-debian) shift; exec tests/bare/newcomer.sh "$@" ;;
  --host) exec tests/host/run.sh ;;
  --bare-host) exec tests/host/bare.sh ;;
  --cloud-radosgw) exec bats tests/cloud/radosgw.bats ;;
  -*) echo "test: unknown option $1 (try --help)" >&2; exit 2 ;;
esac

wanted() { # wanted NAME WORDS… : no words means everything
  local name=$1; shift
  [[ $# -eq 0 ]] && return 0
  for word in "$@"; do [[ $name == *"$word"* ]] && return 0; done
  return 1
}
stop() { echo "$1"; echo "0 passed, 1 failed"; exit 1; }

command -v dotnet >/dev/null || stop "the .NET 10 SDK is missing (https://dotnet.microsoft.com/download/dotnet/10.0)"
scripts/install-requirements.sh --tests || stop "the Debian packages could not be installed"
node=$(scripts/install-node.sh) || stop "there is no Node for the tests"
export PATH=$node:$PATH:/usr/sbin:/sbin # Debian keeps nginx from the path of ordinary users

passed=0 failed=0 skipped=0 broken=() culprits=() left_out=() times=()

dotnet build Broker.sln --nologo -v q || stop "the build failed"

if [[ -z ${BROKERCTL:-} ]] && { wanted Broker.Cli.Tests "$@" || wanted kms-runbook "$@" || wanted help "$@"; }; then
  rm -rf artifacts/brokerctl
  dotnet publish src/Broker.Cli -c Release -o artifacts/brokerctl -p:RestoreLockedMode=true -p:RunAnalyzers=false --nologo -v q ||
    stop "the native brokerctl could not be published"
  export BROKERCTL=$PWD/artifacts/brokerctl/brokerctl
fi
[[ -z ${BROKERCTL:-} ]] || echo "brokerctl: $BROKERCTL"

# Packages that tests ask as independent judges, from their lock files.
while IFS= read -r lock; do
  folder=$(dirname "$lock")
  [[ $folder == tests/interop/node ]] && continue # Node itself, which install-node.sh has seen to
  [[ $folder/node_modules/.package-lock.json -nt $lock ]] && continue
  if [[ -f $folder/up.sh ]]; then bash "$folder/up.sh"; else (cd "$folder" && npm ci --ignore-scripts --no-progress); fi \
    >/dev/null || { echo "installing the packages of $folder failed"; broken+=("$folder"); failed=$((failed + 1)); }
done < <(find tests/interop -name package-lock.json -not -path '*/node_modules/*' | sort)

number() { sed -n "s/.*$1: *\([0-9]*\).*/\1/p" <<<"$2"; }

# reasons RESULTS NAME : why tests of this project were left out, each reason once, with how many it keeps
reasons() {
  [[ -f $1 ]] || return 0
  awk -v name="$2" '
    /<UnitTestResult / { left_out = /outcome="NotExecuted"/ }
    left_out && /<Message>/ { sub(/^.*<Message>/, ""); sub(/<\/Message>.*$/, ""); count[$0]++ }
    END { for (why in count) printf "%s: %d tests %s\n", name, count[why], why }' "$1" |
    sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&amp;/\&/g" | sort
}

# failures RESULTS : the tests that failed, each with the first lines of what it said
failures() {
  [[ -f $1 ]] || return 0
  awk '
    /<UnitTestResult / { failed = /outcome="Failed"/; name = $0; sub(/^.* testName="/, "", name); sub(/" .*$/, "", name) }
    failed && /<Message>/ { print name; sub(/^.*<Message>/, ""); lines = 1 }
    lines && lines <= 8 { text = $0; sub(/<\/Message>.*$/, "", text); if (text ~ /[^ ]/) print "  " substr(text, 1, 300); lines++ }
    /<\/Message>/ { lines = 0 }' "$1" |
    sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#xD;//g; s/&amp;/\&/g"
}

for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  grep -q 'Microsoft.NET.Test.Sdk' "$project" || continue
  wanted "$name" "$@" || continue
  echo "--- $name"
  began=$SECONDS
  results=$(mktemp -d) log=$results/log
  dotnet test "$project" --no-build --nologo --logger "console;verbosity=minimal" \
    --logger "trx;LogFileName=results.trx" --results-directory "$results" 2>&1 | tee "$log"
  # "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total:    12, …"
  line=$(grep -E '^(Passed|Failed|Skipped)! +- ' "$log" | tail -n 1)
  if [[ -z $line ]]; then
    broken+=("$name"); failed=$((failed + 1))
  else
    passed=$((passed + $(number Passed "$line"))); failed=$((failed + $(number Failed "$line")))
    skipped=$((skipped + $(number Skipped "$line")))
    [[ $(number Failed "$line") -gt 0 ]] && broken+=("$name")
    mapfile -t -O "${#culprits[@]}" culprits < <(failures "$results/results.trx")
    mapfile -t -O "${#left_out[@]}" left_out < <(reasons "$results/results.trx" "$name")
  fi
  rm -rf "$results"
  times+=("$name $((SECONDS - began)) s")
done

# Checks that are scripts: each passes or fails as a whole.
for check in tests/checks/*.sh; do
  [[ -f $check ]] || continue
  name=$(basename "$check" .sh)
  wanted "$name" "$@" || continue
  [[ $# -eq 0 && $name =~ ^(cloud|isolation)$ ]] && continue
  echo "--- $name"
  began=$SECONDS
  if bash "$check"; then passed=$((passed + 1)); else failed=$((failed + 1)); broken+=("$name"); fi
  times+=("$name $((SECONDS - began)) s")
done
[[ ${#times[@]} -eq 0 ]] || printf 'took:%s\n' "$(printf ' %s,' "${times[@]}")"

if [[ $# -eq 0 ]]; then
  echo "not part of this run, because of how long they take:"
  echo "  a bare Debian 12 (scripts/test.sh --bare-debian), one that becomes a broker's host (--bare-host), a machine that"
  echo "  is set up as one (--host), the cloud's scripts (cloud isolation, --cloud-radosgw),"
  echo "  a hundred kills (tests/crash/kill-under-load.sh), long fuzzing (tests/Broker.Fuzz), measurements (scripts/bench.sh)"
fi
[[ $skipped -eq 0 ]] || echo "left out: $skipped tests"
[[ ${#left_out[@]} -eq 0 ]] || printf '  %s\n' "${left_out[@]}"
[[ ${#broken[@]} -eq 0 ]] || echo "failed in: ${broken[*]}"
[[ ${#culprits[@]} -eq 0 ]] || printf '  %s\n' "${culprits[@]}"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
