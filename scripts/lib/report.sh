# shellcheck shell=bash
# What a set-up script says, a line for each thing: ok (changed), skip (was so already, or does not apply), warn (look
# at it), fail (and ends). Sourced, never run.

# How many lines of each kind there were, for a summary.
report_ok=0 report_skip=0 report_warn=0

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  report_bold=$'\e[1m' report_green=$'\e[32m' report_dim=$'\e[2m' report_yellow=$'\e[33m' report_plain=$'\e[0m'
else
  report_bold='' report_green='' report_dim='' report_yellow='' report_plain=''
fi

title() { printf '%s== %s%s\n' "$report_bold" "$*" "$report_plain"; }
ok() {
  report_ok=$((report_ok + 1))
  printf '%sok%s %s\n' "$report_green" "$report_plain" "$*"
}
skip() {
  report_skip=$((report_skip + 1))
  printf '%sskip%s %s\n' "$report_dim" "$report_plain" "$*"
}
warn() {
  report_warn=$((report_warn + 1))
  printf '%swarn%s %s\n' "$report_yellow" "$report_plain" "$*"
}
fail() { # fail REASON : to standard error, and the script ends with 1
  printf 'fail %s\n' "$*" >&2
  exit 1
}
misused() { # misused REASON : a wrong command line; the script ends with 2
  printf '%s: %s (try --help)\n' "${0##*/}" "$*" >&2
  exit 2
}

# summary : how many lines of each kind there were. A kind that there was not is not named: who looks for it finds none.
summary() {
  local said="$report_ok ok, $report_skip skip"
  [[ $report_warn -eq 0 ]] || said+=", $report_warn warn"
  echo "$said"
}

# confirm QUESTION : goes on after a y, or with --yes (the variable `yes`). Without a terminal nobody can be asked.
confirm() {
  local answer=''
  ${yes:-false} && return
  [[ -t 0 ]] || fail "nobody can be asked without a terminal; give --yes to go on: $1"
  read -r -p "$1 [y/N] " answer || true
  [[ $answer == [yY] || $answer == [yY][eE][sS] ]] || fail "not confirmed; nothing was changed"
}
