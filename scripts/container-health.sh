#!/bin/bash
# Whether the program of this container answers, for its HEALTHCHECK; ends with 0 or 1. Needs nothing but bash.
#
#   container-health.sh             the broker's /healthz on 127.0.0.1:BROKER_PORT (8091); of a process that is only a
#                                   KMS, whether its port (BROKER_KMS_PORT, 8000) is open
#   container-health.sh authorizer  the KMS's authorizer on 127.0.0.1:BROKER_KMS_AUTH_PORT (9200)
set -euo pipefail
if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  while IFS= read -r line; do
    [[ $line != '#!'* ]] || continue
    [[ $line == '#'* ]] || break
    line=${line#\#}
    echo "${line# }"
  done <"$0"
  exit 0
fi

answers() { # answers PORT PATH : 200
  local status=''
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
  read -r -t 5 status <&3 || true
  [[ $status == 'HTTP/1.'*' 200 '* ]]
}

if [[ ${1:-} == authorizer ]]; then
  answers "${BROKER_KMS_AUTH_PORT:-9200}" /
elif [[ ${BROKER_MODULES:-broker} == kms ]]; then
  exec 3<>"/dev/tcp/127.0.0.1/${BROKER_KMS_PORT:-8000}"
else
  answers "${BROKER_PORT:-8091}" /healthz
fi 2>/dev/null
