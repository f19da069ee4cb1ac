# shellcheck shell=bash
# A machine to try host scripts on: systemd as process 1, in namespaces of its own, over a root file system that is only
# read. Its network is a loopback of its own; what it writes is in memory and gone when it stops. Sourced, never run.
#
#   machine_start ROOT [FOLDER…]   boots it over ROOT ("/" is this machine's own); each FOLDER is seen in it, read-only
#   in_machine COMMAND…            runs a command in it, as root
#   machine_stop                   ends it with everything that runs in it
#
# Needs root. The state of a started machine is in $machine, a folder.

machine_stop() {
  [[ -n ${machine:-} && -d $machine ]] || return 0
  local process
  for process in init outer; do
    [[ ! -s $machine/$process.pid ]] || kill -KILL "$(<"$machine/$process.pid")" 2>/dev/null || true
  done
  rmdir /sys/fs/cgroup/{,*/}"machine-${machine##*.}" 2>/dev/null || true
  rm -rf --one-file-system "$machine"
}

in_machine() {
  nsenter -t "$(<"$machine/init.pid")" --mount --pid --net --uts --ipc --cgroup --root --wd \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 SYSTEMD_PAGER= "$@"
}

machine_start() {
  local root=$1 hierarchy
  shift
  machine=$(mktemp -d /var/tmp/machine.XXXXXX)
  mkdir "$machine/own" "$machine/root"
  # A control group of its own, in whichever of the two forms this kernel has them.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    if [[ -e $hierarchy/cgroup.procs ]]; then mkdir "${hierarchy%/}/machine-${machine##*.}" 2>/dev/null || true; fi
  done
  # shellcheck disable=SC2016 # the inner shell expands it
  BASE=$root AT=$machine CGROUP=machine-${machine##*.} setsid bash -c '
    for group in /sys/fs/cgroup/{,*/}"$CGROUP"; do [[ ! -d $group ]] || echo $$ >"$group/cgroup.procs" || true; done
    exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child --propagation private bash -c '\''
      set -e
      R=$AT/root
      ip link set lo up
      hostname machine
      mount -t tmpfs -o mode=755 tmpfs "$AT/own"
      mkdir "$AT/own/upper" "$AT/own/work"
      mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$AT/own/upper,workdir=$AT/own/work" "$R"
      # Nothing of what this machine was set up for.
      rm -rf "$R"/etc/systemd/system/* "$R"/etc/agentkeys "$R"/etc/kms "$R"/etc/letsencrypt "$R"/etc/nginx/sites-*/*.* \
        "$R"/var/lib/agentkeys* "$R"/usr/local/lib/agentkeys "$R"/etc/resolv.conf "$R"/etc/hosts
      echo "127.0.0.1 localhost machine" >"$R/etc/hosts"
      mount -t proc proc "$R/proc"
      mount -t sysfs sysfs "$R/sys"
      if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
        mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
      else
        mount -t tmpfs -o mode=755 tmpfs "$R/sys/fs/cgroup"
        for one in systemd:none,name=systemd memory:memory pids:pids cpu:cpu devices:devices; do
          mkdir "$R/sys/fs/cgroup/${one%%:*}"
          mount -t cgroup -o "${one#*:}" cgroup "$R/sys/fs/cgroup/${one%%:*}" 2>/dev/null ||
            rmdir "$R/sys/fs/cgroup/${one%%:*}"
        done
        mkdir "$R/sys/fs/cgroup/unified"
        mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup/unified" 2>/dev/null || true
      fi
      mount -t tmpfs -o mode=755 tmpfs "$R/dev"
      for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
        read -r name major minor <<<"$node"
        mknod -m 666 "$R/dev/$name" c "$major" "$minor"
      done
      ln -s /proc/self/fd "$R/dev/fd"
      mkdir "$R/dev/pts" "$R/dev/shm"
      mount -t devpts -o newinstance,ptmxmode=666 devpts "$R/dev/pts"
      ln -s pts/ptmx "$R/dev/ptmx"
      mount -t tmpfs tmpfs "$R/dev/shm"
      mount -t tmpfs -o mode=755 tmpfs "$R/run"
      mount -t tmpfs -o mode=1777 tmpfs "$R/tmp"
      for folder; do
        mkdir -p "$R$folder"
        mount --bind "$folder" "$R$folder"
        mount -o remount,bind,ro "$R$folder"
      done
      mkdir "$R/run/old"
      cd "$R"
      pivot_root . run/old
      umount -l /run/old
      exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=lxc /lib/systemd/systemd --log-target=console \
        --show-status=false --log-level=warning'\'' machine "$@"' machine "$@" >"$machine/boot.log" 2>&1 </dev/null &
  echo $! >"$machine/outer.pid"
  disown $! # its end is no news
  local _ init
  for _ in $(seq 900); do # a machine that others use too boots in a minute or two
    init=$(pgrep -P "$(<"$machine/outer.pid")" | head -n 1) || true
    if [[ -n $init ]]; then
      echo "$init" >"$machine/init.pid"
      case $(in_machine systemctl is-system-running 2>/dev/null) in running | degraded) return 0 ;; esac
    fi
    sleep 0.2
  done
  cat "$machine/boot.log" >&2
  return 1
}
