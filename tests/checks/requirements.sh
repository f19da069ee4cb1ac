#!/usr/bin/env bash
# scripts/install-requirements.sh on machines that it does not expect, each played by a folder of stand-ins: no Debian,
# no sudo, no network; and sudo is asked before anything else happens. Installs nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

stand_in() { # stand_in NAME LINES : a program of the played machine
  printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
  chmod 755 "$scratch/bin/$1"
}

machine() { # machine USER_ID : a new one, without packages and without apt
  rm -rf "${scratch:?}/bin"
  mkdir "$scratch/bin"
  : >"$scratch/calls"
  ln -s "$(command -v bash)" "$(command -v dirname)" "$(command -v env)" "$scratch/bin/"
  stand_in id "echo $1"
}
debian() { # debian USER_ID
  machine "$1"
  stand_in dpkg-query 'exit 1'
  stand_in apt-get "echo \"apt-get \$*\" >>$scratch/calls"
}

expect() { # expect CODE WORDS : how installing ends, and what it says
  local code=0
  PATH=$scratch/bin bash scripts/install-requirements.sh --quickstart >"$scratch/said" 2>&1 || code=$?
  if [[ $code -ne $1 ]] || ! grep -qF -- "$2" "$scratch/said"; then
    echo "requirements: wanted $1 and \"$2\", got $code and: $(cat "$scratch/said")" >&2
    exit 1
  fi
  echo "ok: $2"
}

machine 0
expect 1 "this is no Debian; install the like of: ca-certificates"

debian 1000
expect 1 "run as root: apt-get update && apt-get install ca-certificates"
[[ ! -s $scratch/calls ]]

debian 1000
stand_in sudo "echo \"sudo \$*\" >>$scratch/calls; [ \"\$1\" != -v ] || exit 1"
expect 1 "not allowed by sudo"
[[ $(cat "$scratch/calls") == "sudo -v" ]]

debian 1000
stand_in sudo "echo \"sudo \$*\" >>$scratch/calls; [ \"\$1\" = -v ] || exec \"\$@\""
expect 0 "installing: ca-certificates"
[[ $(head -n 1 "$scratch/calls") == "sudo -v" ]]
grep -q '^sudo env DEBIAN_FRONTEND=noninteractive apt-get .*install' "$scratch/calls"

debian 0
stand_in apt-get 'exit 100'
expect 1 "apt-get update failed; is the network there?"
