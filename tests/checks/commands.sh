#!/usr/bin/env bash
# The README's commands exist: every script that its shell blocks and tables name is there and knows the options that it is
# given, and so does brokerctl. What the commands do is for the checks that run them (readme.sh, quickstart.sh, tests/host).
# Needs a build of the solution (CONFIGURATION, default Debug).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }
fail() { echo "FAIL: README.md: $1" >&2; exit 1; }
declare -A help=()

knows() { # knows NAME OPTIONS… : the program's help, asked for once, has each of them
  local name=$1 option
  shift
  for option; do
    grep -qE -- "(^|[^a-z-])$option([^a-z-]|$)" <<<"${help[$name]}" || fail "$name has no $option"
  done
}
options_of() { grep -oE -- ' --[a-z][a-z-]*' <<<"$1" | sed 's/^ //' || true; } # options_of WORDS

# Shell blocks and code in running text alike; a command ends where another one begins.
mapfile -t pieces < <(awk '/^ *```sh$/ { inside = 1; next } /^ *```/ { inside = 0 } inside' README.md | sed 's/ # .*//; s/[|;&]/\n/g'
  # shellcheck disable=SC2016 # backquotes, to be found
  grep -oE '`[^`]+`' README.md | tr -d '`' | sed 's/[|;&]/\n/g')
scripts=0
for piece in "${pieces[@]}"; do
  [[ $piece =~ (^|[[:space:]])(sudo\ )?((scripts|tests)/[a-z/-]+\.sh)(.*)$ ]] || continue
  script=${BASH_REMATCH[3]} rest=${BASH_REMATCH[5]}
  [[ $script == scripts/lib/* ]] && continue # sourced, never run
  [[ -x $script ]] || fail "there is no $script"
  if [[ -z ${help[$script]:-} ]]; then help[$script]=$(bash "$script" --help) || fail "$script has no --help"; fi
  mapfile -t options < <(options_of "$rest")
  knows "$script" "${options[@]}"
  scripts=$((scripts + 1))
done
[[ $scripts -ge 20 ]] || fail "names $scripts scripts only: is this check blind?"

brokerctl=(dotnet "src/Broker.Cli/bin/${CONFIGURATION:-Debug}/net10.0/brokerctl.dll")
[[ -z ${BROKERCTL:-} ]] || brokerctl=("$BROKERCTL")
commands=0
for piece in "${pieces[@]}"; do
  [[ $piece =~ (^|[[:space:]\(./])brokerctl\ ([a-z]+)(.*)$ ]] || continue
  verb=${BASH_REMATCH[2]} rest=${BASH_REMATCH[3]%% -- *}
  name="brokerctl $verb"
  if [[ $rest =~ ^\ ([a-z]+(-[a-z]+)*)(\ |$) ]] && "${brokerctl[@]}" "$verb" "${BASH_REMATCH[1]}" --help >/dev/null 2>&1; then
    name+=" ${BASH_REMATCH[1]}"
  fi
  read -ra words <<<"${name#brokerctl }"
  if [[ -z ${help[$name]:-} ]]; then
    help[$name]=$("${brokerctl[@]}" "${words[@]}" --help 2>/dev/null) || fail "there is no $name"
  fi
  mapfile -t options < <(options_of "$rest")
  knows "$name" "${options[@]}"
  commands=$((commands + 1))
done
[[ $commands -ge 20 ]] || fail "names $commands commands of brokerctl only: is this check blind?"
echo "ok: $scripts scripts, $commands commands of brokerctl"
