#!/usr/bin/env bash
# Judges systemd/*.service by systemd-analyze: every directive known, every program and unit named there, and no more
# exposed than the limits below. Leaves nothing behind.
set -euo pipefail

repository="$(cd "$(dirname "$0")/../.." && pwd)"
# shellcheck source=scripts/lib.sh
source "$repository/scripts/lib.sh"
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "$0"; exit 0; }
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# A unit's exposure on systemd's scale of 0 (none) to 10; the KMS runs as root without capabilities, hence its own.
declare -A exposure_limit=([agentkeys-broker]=15 [agentkeys-kms]=22 [agentkeys-kms-authorizer]=15)

fail() {
  printf 'FAIL: %s\n' "$1" >&2
  exit 1
}

# The units as they would stand on a host: the distribution's own beside them, and something to execute.
check_units() {
  local root="$scratch/root" unit name said
  mkdir -p "$root/etc/systemd/system" "$root/usr/lib"
  cp -a /usr/lib/systemd "$root/usr/lib/"
  ln -s usr/lib "$root/lib"
  cp "$repository"/systemd/*.service "$root/etc/systemd/system/"
  sed -nE 's/^Exec(Start|Reload)=([^ ]*).*/\2/p' "$repository"/systemd/*.service | sort -u | while read -r program; do
    install -D -m 755 /bin/true "$root$program"
  done

  for unit in "$repository"/systemd/*.service; do
    name="$(basename "$unit" .service)"
    # It exits with 0 after "unknown key, ignoring", so silence is what counts.
    said="$(systemd-analyze verify --root="$root" "$name.service" 2>&1)" || fail "$name: $said"
    [[ -z "$said" ]] || fail "$name: $said"
    for directive in LimitCORE=0 MemorySwapMax=0; do
      grep -qx "$directive" "$unit" || fail "$name: lacks $directive: secrets would reach core dumps or swap"
    done
    systemd-analyze security --offline=true --threshold="${exposure_limit[$name]}" --no-pager "$unit" >"$scratch/said" \
      || fail "$name: $(tail -1 "$scratch/said")"
    printf 'ok: %s: %s\n' "$name" "$(tail -1 "$scratch/said" | sed 's/[^:]*: //')"
  done
}

check_units
