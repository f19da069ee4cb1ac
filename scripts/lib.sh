# shellcheck shell=bash
# What several scripts need; sourced, never run. Works with bash, awk and coreutils alone.

# usage FILE : the comment at the head of a script, which is its help.
usage() { awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$1"; }

# The sockets that listen on a TCP port, as the kernel lists them: one inode a line.
listeners() { # listeners PORT
  awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

port_is_free() { [[ -z $(listeners "$1") ]]; } # port_is_free PORT

# owns_port PID PORT : the process itself listens there. Another program's answer is not taken for its own.
owns_port() {
  local inode
  for inode in $(listeners "$2"); do
    find "/proc/$1/fd" -lname "socket:\[$inode\]" 2>/dev/null | grep -q . && return 0
  done
  return 1
}

# A port on which nothing listens. It lies below the range from which the kernel gives ports to clients.
free_port() {
  local port
  for _ in $(seq 200); do
    port=$((20000 + RANDOM % 12000))
    port_is_free "$port" && { echo "$port"; return; }
  done
  echo "no free port was found between 20000 and 32000" >&2
  return 1
}
