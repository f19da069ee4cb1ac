#!/usr/bin/env bash
# Every shell script of the repository as shellcheck and shfmt have it (.editorconfig says how), and the promises that
# they share: set -euo pipefail in what is run, and --help (tests/checks/help.sh runs it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

scripts/install-requirements.sh --tests
mapfile -t run < <(find scripts -maxdepth 1 -name '*.sh' ! -name lib.sh | sort)
mapfile -t sourced < <(find scripts/lib.sh scripts/lib tests/cloud -name '*.sh' -o -name '*.bash' | sort)
mapfile -t tests < <(find .ci/run tests -name node_modules -prune -o \( -path .ci/run -o -name '*.sh' \) -print | sort)
shellcheck -x "${run[@]}" "${sourced[@]}" "${tests[@]}"
# The older scripts keep their own line breaks.
# shellcheck disable=SC2016 # the scripts' own words
mapfile -t formatted < <(grep -l 'source "$(dirname "${BASH_SOURCE\[0\]}")/lib/' "${run[@]}")
shfmt -d "${formatted[@]}" scripts/lib
for script in "${run[@]}"; do
  grep -Eq '^set -[Ee]*uo pipefail$' "$script" || { echo "shell: $script lacks set -euo pipefail" >&2; exit 1; }
  [[ -x $script ]] || { echo "shell: $script is not executable" >&2; exit 1; }
done
echo "shell: ${#run[@]} scripts, ${#sourced[@]} that are sourced, ${#tests[@]} of the tests"
