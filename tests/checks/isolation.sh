#!/usr/bin/env bash
# scripts/prove-isolation.sh on a local cloud: with the policies that setup-cloud.sh writes nothing is reached that should
# not be. And it would be seen: with the bucket policy and the role's policy of one class opened, the proof fails.
# Needs a build of the solution (CONFIGURATION, default Debug).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

scripts/install-requirements.sh --tests
export PATH=/usr/bin:$PATH # Debian's command line of AWS, where another comes first
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bash scripts/prove-isolation.sh --ci | tee "$scratch/said"
grep -qx '28 allowed and 50 refused, as they should be; 0 otherwise' "$scratch/said"

# A copy of the scripts, in which the vault's actors are not told apart.
mkdir "$scratch/src"
cp -r scripts "$scratch/scripts"
for project in Broker Broker.LocalCloud Broker.Cli; do ln -s "$PWD/src/$project" "$scratch/src/$project"; done
# shellcheck disable=SC2016 # jq's variables
sed -i 's,"bots/\\($actor)/\\($folder)/\*" as $own,(if $class == "vault" then "*" else "bots/\\($actor)/\\($folder)/*" end) as $own,' \
  "$scratch/scripts/lib/policies.sh"
if bash "$scratch/scripts/prove-isolation.sh" --ci --class vault >"$scratch/said" 2>&1; then
  echo "isolation: the proof does not see an open bucket" >&2
  exit 1
fi
grep -q "^fail    A reads B's object should be refused, and was not" "$scratch/said" || { cat "$scratch/said" >&2; exit 1; }
echo "isolation: an open bucket is seen"
