#!/usr/bin/env bash
# Plays the newcomer: makes a bare Debian 12 with debootstrap, puts the .NET SDK of this machine and a copy of the
# checkout into it, and runs the README's two commands there. Not a part of every run: it needs root, the network, and
# twenty minutes or more.
#
#   tests/bare/newcomer.sh [NAME…]        quickstart.sh, then test.sh NAME… (all tests without a name), as root
#   tests/bare/newcomer.sh --user [NAME…] the same as an ordinary user who may use sudo
#   tests/bare/newcomer.sh --shell        a shell in that machine; --user --shell: as that user
#
# The root is kept in ${BROKER_BARE_ROOT:-/var/tmp/broker-bare-debian} for the next time and is never written to; each
# run works in an overlay of its own, which goes when it ends. Where this machine takes its packages from (apt, NuGet,
# npm), there the other one takes them from too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

user=root shell=false
while [[ ${1:-} == -* ]]; do
  case $1 in
    --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
    --user) user=dev ;;
    --shell) shell=true ;;
    *) echo "newcomer: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
  shift
done
[[ $(id -u) -eq 0 ]] || { echo "newcomer: needs root, to make a root of its own" >&2; exit 1; }
# shellcheck source=tests/bare/root.sh
source tests/bare/root.sh
bare_root

over=$(mktemp -d "$root.XXXXXX")
trap 'rm -rf --one-file-system "$over"' EXIT
mkdir -p "$over/upper" "$over/work" "$over/merged"
home=/root; [[ $user == root ]] || home=/home/$user
mkdir -p "$over/upper$home"
chmod --reference="$root$home" "$over/upper$home"
chown --reference="$root$home" "$over/upper$home"

bare_checkout "$over/upper$home/broker"
if [[ $user != root ]]; then
  chown -R "$(stat -c %u:%g "$root$home")" "$over/upper$home/broker"
fi
fixtures=${BROKER_FIXTURES:-$PWD/../shared/fixtures}
[[ -d $fixtures ]] && fixtures=$(realpath "$fixtures") || fixtures=''

cat >"$over/upper/newcomer" <<'RUN'
set -u
cd ~/broker
if [[ $SHELL_ONLY == true ]]; then exec bash -i; fi
scripts/quickstart.sh || { echo "newcomer: the quickstart failed" >&2; exit 1; }
scripts/test.sh "$@"
RUN

# Process and mount namespaces of its own: all that runs there ends with it.
# shellcheck disable=SC2016 # the inner shell expands it
ROOT=$root OVER=$over RUN_AS=$user RUN_HOME=$home SHELL_ONLY=$shell FIXTURES=$fixtures \
  unshare --mount --pid --fork --kill-child --propagation private bash -c '
    set -e
    mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$OVER/upper,workdir=$OVER/work" "$OVER/merged"
    inside=$OVER/merged
    mount -t proc proc "$inside/proc"
    mount --rbind /sys "$inside/sys"
    mount --rbind /dev "$inside/dev"
    mount -t tmpfs tmpfs "$inside/run"
    given=()
    if [ -n "$FIXTURES" ]; then
      mkdir -p "$inside/fixtures"
      mount --bind -o ro "$FIXTURES" "$inside/fixtures"
      given=(BROKER_FIXTURES=/fixtures)
    fi
    # The root itself changes: in a mere chroot, user namespaces would be refused, which browsers and checks use.
    cd "$inside"
    mkdir -p oldroot
    pivot_root . oldroot
    cd /
    umount -l /oldroot
    exec setpriv --reuid="$RUN_AS" --regid="$RUN_AS" --init-groups env -i HOME="$RUN_HOME" USER="$RUN_AS" TERM="${TERM:-dumb}" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SHELL_ONLY="$SHELL_ONLY" "${given[@]}" \
      ${NUGET_CERT_REVOCATION_MODE:+NUGET_CERT_REVOCATION_MODE="$NUGET_CERT_REVOCATION_MODE"} \
      bash /newcomer "$@"' newcomer "$@"
