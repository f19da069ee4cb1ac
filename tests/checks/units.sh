#!/usr/bin/env bash
# Judges systemd/ by systemd: every directive known, every program and unit named there, none more exposed than 1.5, the
# accounts and folders made, and the KMS guide's `systemctl enable` works as written. Leaves nothing behind.
set -euo pipefail

repository="$(cd "$(dirname "$0")/../.." && pwd)"
# shellcheck source=scripts/lib.sh
source "$repository/scripts/lib.sh"
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "$0"; exit 0; }
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
root="$scratch/root"

# On systemd's scale of 0 (none) to 10, in tenths.
exposure_limit=15

fail() {
  printf 'FAIL: %s\n' "$1" >&2
  exit 1
}

# The units as they would stand on a host: the distribution's own beside them, and something to execute.
make_root() {
  mkdir -p "$root/etc/systemd/system" "$root/usr/lib/sysusers.d" "$root/usr/lib/tmpfiles.d"
  cp -a /usr/lib/systemd "$root/usr/lib/"
  ln -s usr/lib "$root/lib"
  cp "$repository"/systemd/*.service "$root/etc/systemd/system/"
  cp "$repository"/systemd/sysusers.d/*.conf "$root/usr/lib/sysusers.d/"
  cp "$repository"/systemd/tmpfiles.d/*.conf "$root/usr/lib/tmpfiles.d/"
  sed -nE 's/^Exec[A-Za-z]*=([^ ]*).*/\1/p' "$repository"/systemd/*.service | sort -u | while read -r program; do
    install -D -m 755 /bin/true "$root$program"
  done
  printf 'root:x:0:0::/root:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\n' >"$root/etc/group"
}

check_units() {
  local unit name instance said
  for unit in "$repository"/systemd/*.service; do
    name="$(basename "$unit" .service)"
    for instance in $(instances_of "$name"); do
      # It exits with 0 after "unknown key, ignoring", so silence is what counts.
      said="$(systemd-analyze verify --man=no --root="$root" "$instance.service" 2>&1)" || fail "$instance: $said"
      [[ -z "$said" ]] || fail "$instance: $said"
    done
    for directive in LimitCORE=0 MemorySwapMax=0 Type=notify WatchdogSec=60s Restart=always; do
      grep -qx "$directive" "$unit" || fail "$name: lacks $directive"
    done
    systemd-analyze security --offline=true --threshold="$exposure_limit" --no-pager "$unit" >"$scratch/said" \
      || fail "$name: $(tail -1 "$scratch/said")"
    printf 'ok: %s: %s\n' "$name" "$(tail -1 "$scratch/said" | sed 's/[^:]*: //')"
  done
}

# One for each port of the runbook.
instances_of() { # instances_of UNIT
  if [[ $1 == *@ ]]; then printf "$1%s\n" audit email cred memory config classify; else echo "$1"; fi
}

# Every account that a unit names is made, and no other.
check_accounts() {
  local named made
  systemd-sysusers --root="$root" >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
  made="$(cut -d: -f1 "$root/etc/passwd" | grep -v '^root$' | sort)"
  named="$(for unit in "$repository"/systemd/*.service; do
    for instance in $(instances_of "$(basename "$unit" .service)"); do
      sed -n 's/^User=//p' "$unit" | sed "s/%i/${instance#*@}/"
    done
  done | sort -u)"
  [[ "$made" == "$named" ]] || fail "accounts made: $made; named by units: $named"
  echo "ok: accounts"
  [[ $(id -u) -eq 0 ]] || { echo "ok: folders are judged as root only"; return; }
  systemd-tmpfiles --create --root="$root" "$root/usr/lib/tmpfiles.d/agentkeys.conf" >"$scratch/said" 2>&1 \
    || fail "$(cat "$scratch/said")"
  [[ $(stat -c '%a %u' "$root/var/lib/agentkeys/keys") == "700 $(id_in_root agentkeys)" ]] || fail "folder of the keys"
  [[ $(stat -c '%a %u' "$root/etc/kms/certs") == "700 $(id_in_root agentkeys-kms)" ]] || fail "folder of the KMS's keys"
  [[ $(stat -c '%a %u' "$root/etc/agentkeys/credentials") == "700 0" ]] || fail "folder of the credentials"
  echo "ok: folders"
}
id_in_root() { awk -F: -v name="$1" '$1 == name { print $3 }' "$root/etc/passwd"; }

# The command of the KMS guide's third step, word for word but for the root.
check_enabling() {
  local link
  systemctl --root="$root" enable dstack-auth-eth dstack-kms >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
  for link in multi-user.target.wants/dstack-auth-eth multi-user.target.wants/dstack-kms agentkeys-kms \
    agentkeys-kms-authorizer; do
    [[ -L $root/etc/systemd/system/$link.service ]] || fail "enable made no $link.service"
  done
  systemctl --root="$root" enable agentkeys-broker agentkeys-signer agentkeys-worker@{audit,email,cred,memory,config,classify} \
    >"$scratch/said" 2>&1 || fail "$(cat "$scratch/said")"
  echo "ok: units can be enabled, and have both names"
}

make_root
check_units
check_accounts
check_enabling
