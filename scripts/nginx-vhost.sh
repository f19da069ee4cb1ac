#!/usr/bin/env bash
# Prints nginx's configuration for one service of this host, from nginx/vhost.conf.template.
#
#   scripts/nginx-vhost.sh --host NAME --service SERVICE [--phase a|b] [--ipv6 yes|no]
#   scripts/nginx-vhost.sh --service kms [--port N] [--ipv6 yes|no]
#
# SERVICE is broker, signer, audit, email, cred, memory, config or classify; kms prints the TLS passthrough, on port
# 8000 unless told otherwise. The phase is b where /etc/letsencrypt/live/NAME/fullchain.pem exists, else a: a vhost that
# names a certificate which is not there keeps nginx from starting. IPv6 is listened on where the kernel has it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

host='' service='' phase='' port='' ipv6=no
[[ ! -s /proc/net/if_inet6 ]] || ipv6=yes
refuse() {
  echo "nginx-vhost: $1 (try --help)" >&2
  exit 2
}
while [[ $# -gt 0 ]]; do
  case $1 in
    --help | -h)
      usage "${BASH_SOURCE[0]}"
      exit 0
      ;;
    --host)
      host=${2:-}
      shift
      ;;
    --service)
      service=${2:-}
      shift
      ;;
    --phase)
      phase=${2:-}
      shift
      ;;
    --port)
      port=${2:-}
      shift
      ;;
    --ipv6)
      ipv6=${2:-}
      shift
      ;;
    *) refuse "unknown option $1" ;;
  esac
  shift
done
[[ $ipv6 == yes || $ipv6 == no ]] || refuse "--ipv6 is yes or no"

template=nginx/vhost.conf.template
case $service in
  broker) default=8091 ;;
  signer) default=8092 ;;
  audit) default=9092 ;;
  email) default=9093 ;;
  cred) default=9094 ;;
  memory) default=9095 ;;
  config) default=9096 ;;
  classify) default=9097 ;;
  kms) default=8000 template=nginx/kms-stream.conf.template host=kms phase=b ;;
  *) refuse "--service is broker, signer, audit, email, cred, memory, config, classify or kms" ;;
esac
port=${port:-$default}
[[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] || refuse "not a port: $port"
# It is written into a configuration file: a host name and nothing else.
[[ $host =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$ && ${#host} -le 253 ]] \
  || refuse "--host is a host name in lower case"
if [[ -z $phase ]]; then
  phase=a
  [[ ! -s /etc/letsencrypt/live/$host/fullchain.pem ]] || phase=b
fi
[[ $phase == a || $phase == b ]] || refuse "--phase is a or b"

awk -v host="$host" -v service="$service" -v phase="$phase" -v port="$port" -v ipv6="$ipv6" '
  BEGIN { value["phase"] = phase; value["service"] = service; value["ipv6"] = ipv6; kept[0] = 1; depth = 0 }
  /^#-/ { next }
  /^#if / {
    holds = 0
    for (word = 3; word <= NF; word++) if ($word == value[$2]) holds = 1
    depth++; kept[depth] = kept[depth - 1] && holds
    next
  }
  /^#end$/ { depth--; next }
  kept[depth] { gsub(/@HOST@/, host); gsub(/@SERVICE@/, service); gsub(/@PORT@/, port); print }' "$template"
