# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set here is read by those who source this, and set by them
# What scripts/setup-broker-host.sh does to a machine; sourced, never run. Every change goes through one of these, so
# that a dry run changes nothing, a second run changes nothing, and a failed one is taken back. Needs report.sh.

dry_run=false
changes=0
# What was replaced, to be put back: "FILE" stands for FILE and its FILE.bak, "+FILE" for a FILE that was not there.
replaced=()
# Units whose programs, settings or files changed in this run.
declare -A touched=()

die() { # die WHAT [NEXT_STEP]
  printf 'fail %s\n' "$1" >&2
  [[ -z ${2:-} ]] || printf '     %s\n' "$2" >&2
  exit 1
}
change() { # change WHAT : said in the run's words, and counted
  changes=$((changes + 1))
  if $dry_run; then printf 'would %s\n' "$*"; else ok "$*"; fi
}

# put FILE MODE OWNER[:GROUP] [UNIT…] <CONTENT : writes a file whose content, mode or owner differs, whole or not at all;
# the units named have to be started afresh. What was there stays beside it as FILE.bak.
put() {
  local file=$1 mode=$2 owner=$3 unit content was=''
  shift 3
  content=$(mktemp "${TMPDIR:-/tmp}/put.XXXXXX") # mode 0600
  cat >"$content"
  if [[ -f $file ]]; then
    was=$(stat -c '%a %U:%G' "$file")
    if cmp -s "$content" "$file" && [[ $was == "$mode $(whole_owner "$owner")" ]]; then
      rm -f "$content"
      return
    fi
  fi
  change "write $file (mode $mode)"
  for unit in "$@"; do touched["$unit"]=1; done
  if $dry_run; then
    rm -f "$content"
    return
  fi
  mkdir -p "$(dirname "$file")"
  if [[ -f $file ]]; then
    cp -p "$file" "$file.bak"
    replaced+=("$file")
  else
    replaced+=("+$file")
  fi
  # Beside it first, with its mode before its content: nobody reads half of it, and nobody else a secret.
  install -m "$mode" -o "${owner%%:*}" -g "$(group_of "$owner")" /dev/null "$file.new"
  cat "$content" >"$file.new"
  mv -f "$file.new" "$file"
  rm -f "$content"
}
group_of() { if [[ $1 == *:* ]]; then echo "${1#*:}"; else id -gn "$1" 2>/dev/null || echo "$1"; fi; }
whole_owner() { echo "${1%%:*}:$(group_of "$1")"; }

# link TARGET NAME : a symbolic link
link() {
  [[ $(readlink "$2" 2>/dev/null) != "$1" ]] || return 0
  change "link $2 to $1"
  $dry_run && return
  [[ -e $2 || -L $2 ]] || replaced+=("+$2")
  ln -sfn "$1" "$2"
}

# take_back : the files of this run as they were before it, the last one first
take_back() {
  local at file
  for ((at = ${#replaced[@]} - 1; at >= 0; at--)); do
    file=${replaced[at]}
    if [[ $file == +* ]]; then
      rm -rf "${file#+}"
    elif [[ -e $file.bak ]]; then
      rm -rf "$file.failed"
      mv -f "$file" "$file.failed" 2>/dev/null || true
      mv -f "$file.bak" "$file"
    fi
  done
  replaced=()
}

# --- settings in files of systemd's EnvironmentFile= form ---------------------------------------------------------

# env_value FILE NAME : the last value there; nothing where the name is missing or commented out
env_value() { sed -n "s/^$2=//p" "$1" 2>/dev/null | tail -n 1; }

# env_file FILE UNITS <LINES : the file with these lines, mode 0600, root's. A name that the file has already
# keeps its value (an operator may have changed it) unless the line begins with "!", which is for what this run was told
# on its command line. Lines that are comments are written only into a new file.
env_file() {
  local file=$1 line name new
  local -a units=()
  read -ra units <<<"$2"
  new=$(mktemp "${TMPDIR:-/tmp}/env.XXXXXX")
  if [[ -r $file ]]; then cat "$file" >"$new"; fi
  while IFS= read -r line; do
    if [[ $line == '#'* || -z $line ]]; then
      [[ -f $file ]] || printf '%s\n' "$line" >>"$new"
      continue
    fi
    name=${line#!}
    name=${name%%=*}
    if ! grep -q "^$name=" "$new"; then
      printf '%s\n' "${line#!}" >>"$new"
    elif [[ $line == '!'* && $(env_value "$new" "$name") != "${line#*=}" ]]; then
      # By awk, for a value may hold what sed takes for a command.
      LINE=${line#!} NAME=$name awk 'index($0, ENVIRON["NAME"] "=") == 1 { if (!done++) print ENVIRON["LINE"]; next } { print }' \
        "$new" >"$new.2"
      mv "$new.2" "$new"
    fi
  done
  put "$file" 600 root:root "${units[@]}" <"$new"
  rm -f "$new"
}

# secret_file FILE NAME UNITS : NAME=<32 random bytes in hex>, written once; an existing value is never replaced, since
# what was made with it would be lost.
secret_file() {
  [[ -z $(env_value "$1" "$2") ]] || return 0
  printf '%s=%s\n' "$2" "$(openssl rand -hex 32)" | env_file "$1" "$3"
}

# --- packages, users, units ----------------------------------------------------------------------------------------

# packages NAME… : those that are missing; apt is not called where none is
packages() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    skip "packages: all there"
    return
  fi
  change "install ${missing[*]}"
  $dry_run && return
  # Without a network, what was downloaded before may do.
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq >"$scratch/apt.log" 2>&1 \
    || printf '     apt-get update failed: %s\n' "$(tail -n 1 "$scratch/apt.log")" >&2
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    "${missing[@]}" >"$scratch/apt.log" 2>&1 \
    || die "apt-get could not install ${missing[*]}" "$(tail -n 12 "$scratch/apt.log")"
}

# at_boot UNIT : starts with the machine
at_boot() {
  [[ $(systemctl is-enabled "$1" 2>/dev/null) != enabled ]] || return 0
  change "enable $1"
  $dry_run || systemctl enable --quiet "$1"
}

# running UNIT : runs, afresh where something of it changed. Units are Type=notify: when this returns it listens.
running() {
  if [[ -z ${touched[$1]:-} ]] && systemctl is-active --quiet "$1" 2>/dev/null; then return 0; fi
  change "start $1"
  $dry_run || systemctl restart "$1"
}

journal_of() { journalctl --no-pager -u "$1" -n 20 -o cat 2>/dev/null | sed 's/^/     | /' >&2 || true; }

# healthy URL : answers 200 within 20 seconds
healthy() {
  local _
  for _ in $(seq 40); do
    [[ $(curl -sk -m 2 -o /dev/null -w '%{http_code}' "$1") != 200 ]] || return 0
    sleep 0.5
  done
  return 1
}
