# shellcheck shell=bash
# A bare Debian 12 by debootstrap with the .NET SDK of this machine; sourced, never run.
#
#   bare_root               sets $root, and makes it where it is not there yet
#   bare_checkout FOLDER    a clone of this checkout with what is about to be committed
#
# The root is kept in ${BROKER_BARE_ROOT:-/var/tmp/broker-bare-debian} for the next time and is never written to. Where
# this machine takes its packages from (apt, NuGet, npm), there the other one takes them from too. Needs root.

copy_into_root() { # copy_into_root PATH… : from this machine, what there is of it
  local path
  for path in "$@"; do
    [[ -e $path ]] || continue
    mkdir -p "$root$(dirname "$path")"
    cp -rT "$path" "$root$path"
  done
}

make_bare_root() { # make_bare_root SDK
  scripts/install-requirements.sh --bare-debian
  local mirror path kept=$root
  mirror=$(awk '/^URIs:/ { print $2; exit } /^deb / { print $2; exit }' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
  root=$(mktemp -d "$root.new.XXXXXX")
  chmod 755 "$root"
  debootstrap --variant=minbase --include=ca-certificates,git,curl,sudo,tzdata,libicu72,libssl3 \
    bookworm "$root" "${mirror:-http://deb.debian.org/debian}" >/dev/null
  copy_into_root /etc/apt/sources.list.d/debian.sources /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/resolv.conf \
    /etc/hosts /etc/npmrc /root/.npmrc /root/.nuget/NuGet/NuGet.Config /usr/local/share/ca-certificates
  [[ -e $root/etc/apt/sources.list.d/debian.sources ]] && rm -f "$root/etc/apt/sources.list"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
  mkdir -p "$root/usr/share/dotnet"
  cp -r "$1/." "$root/usr/share/dotnet/"
  ln -sf ../share/dotnet/dotnet "$root/usr/bin/dotnet"
  chroot "$root" useradd --create-home --shell /bin/bash dev
  for path in .npmrc .nuget; do
    [[ ! -e $root/root/$path ]] || cp -r "$root/root/$path" "$root/home/dev/"
  done
  chroot "$root" chown -R dev:dev /home/dev
  echo 'dev ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/dev"
  mv "$root" "$kept"
  root=$kept
}

bare_root() {
  local sdk
  [[ $(id -u) -eq 0 ]] || { echo "${0##*/}: needs root, to make a root of its own" >&2; exit 1; }
  sdk=$(dirname "$(realpath "$(command -v dotnet)")") || { echo "${0##*/}: there is no dotnet to copy" >&2; exit 1; }
  root=$(realpath -m "${BROKER_BARE_ROOT:-/var/tmp/broker-bare-debian}")
  [[ -d $root ]] || { echo "making a bare Debian 12 in $root" >&2; make_bare_root "$sdk"; }
}

# A clone, because builds name the commit; nothing that a build left here.
bare_checkout() {
  git clone --quiet --depth 1 "file://$PWD" "$1"
  git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
    tar --null --files-from=- -cf - | tar -xf - -C "$1"
}
