# shellcheck shell=bash
# shellcheck disable=SC2154 # what is read here comes from cloud.sh
# What a look at the stack's hosts from outside shows; sourced after cloud.sh, never run.

# host_certificate HOST ADDRESS : the certificate that the host shows at this address, as PEM
host_certificate() {
  openssl s_client -servername "$1" -connect "$2:443" </dev/null 2>/dev/null | openssl x509 2>/dev/null
}

# host_days_left HOST ADDRESS : whole days until its certificate expires
host_days_left() {
  local end seconds
  end=$(host_certificate "$1" "$2" | openssl x509 -noout -enddate 2>/dev/null | sed 's/^notAfter=//')
  [[ -n $end ]] || return 1
  seconds=$(date -d "$end" +%s 2>/dev/null || date -j -f '%b %e %T %Y %Z' "$end" +%s) # GNU, BSD
  echo $(((seconds - $(date +%s)) / 86400))
}

# host_healthy HOST [ADDRESS] : /healthz answers 200 over public TLS, with a certificate for this name
host_healthy() { https "$1" /healthz "${2:-}" >/dev/null 2>&1; }
