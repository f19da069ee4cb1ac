#!/usr/bin/env bash
# Makes the archives that people install from, one pair for each architecture, and SHA256SUMS:
#
#   brokerctl-VERSION-linux-ARCH.tar.gz          brokerctl, native, with its libraries
#   agentkeys-broker-VERSION-linux-ARCH.tar.gz   the same with the broker and the local cloud, which bring .NET along:
#                                                `brokerctl dev` runs where no SDK is
#
#   scripts/archives.sh [--output DIR] [ARCH…]   ARCH is x64 or arm64, both when left out; DIR is artifacts/archives
#
# Needs the .NET 10 SDK, and gcc and zlib1g-dev for brokerctl; for arm64 on an x64 machine gcc-aarch64-linux-gnu and
# arm64's zlib1g-dev. Packages are those of the lock files. The same commit gives the same bytes: times are the
# commit's (or SOURCE_DATE_EPOCH), names are sorted, nobody owns the files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh

output=artifacts/archives architectures=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
    --output) output=${2:?--output DIR}; shift ;;
    x64 | arm64) architectures+=("$1") ;;
    *) echo "archives: unknown option $1 (try --help)" >&2; exit 2 ;;
  esac
  shift
done
[[ ${#architectures[@]} -gt 0 ]] || architectures=(x64 arm64)
stop() { echo "archives: $1" >&2; exit 1; }

case $(uname -m) in
  x86_64) here=x64 ;;
  aarch64) here=arm64 ;;
  *) stop "$(uname -m) is neither x86_64 nor aarch64" ;;
esac
command -v dotnet >/dev/null || stop "the .NET 10 SDK is missing"
for architecture in "${architectures[@]}"; do
  compiler=gcc package='gcc and zlib1g-dev'
  if [[ $architecture != "$here" ]]; then
    [[ $here == x64 ]] || stop "archives for x64 are made on an x64 machine"
    compiler=aarch64-linux-gnu-gcc package=gcc-aarch64-linux-gnu
  fi
  command -v "$compiler" >/dev/null || stop "$compiler is missing: brokerctl for $architecture needs Debian's $package"
done

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' src/Directory.Build.props)
[[ -n $version ]] || stop "src/Directory.Build.props names no version"
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null)} || stop "set SOURCE_DATE_EPOCH: there is no commit"
mkdir -p "$output"
output=$(realpath "$output")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

publish() { # publish PROJECT FOLDER ARCH [OPTION…] : no path of this machine gets into what is built
  local project=$1 folder=$2 architecture=$3; shift 3
  dotnet publish "src/$project" -c Release -r "linux-$architecture" -o "$folder" --nologo -v q \
    -p:RestoreLockedMode=true -p:ContinuousIntegrationBuild=true -p:DebugType=none \
    -p:PublishDocumentationFile=false -p:PublishDocumentationFiles=false -p:RunAnalyzers=false "$@" \
    || stop "src/$project does not build for linux-$architecture"
}

pack() { # pack NAME : the folder of that name, as an archive
  find "$scratch/$1" -type d -exec chmod 755 {} + -o -type f -exec chmod go=u-w {} +
  tar --create --format=gnu --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    --directory "$scratch" "$1" | gzip -9 -n >"$output/$1.tar.gz"
  echo "$output/$1.tar.gz ($(du -h "$output/$1.tar.gz" | cut -f1))"
}

for architecture in "${architectures[@]}"; do
  small=brokerctl-$version-linux-$architecture large=agentkeys-broker-$version-linux-$architecture
  publish Broker.Cli "$scratch/$small" "$architecture"
  if [[ $architecture == "$here" ]]; then
    # What the program writes itself, where it does.
    if "$scratch/$small/brokerctl" completions bash >/dev/null 2>&1; then
      mkdir -p "$scratch/share/completions" "$scratch/share/man/man1"
      for shell in bash zsh fish; do
        "$scratch/$small/brokerctl" completions "$shell" >"$scratch/share/completions/brokerctl.$shell"
      done
      "$scratch/$small/brokerctl" man >"$scratch/share/man/man1/brokerctl.1"
    fi
  fi
  [[ ! -d $scratch/share ]] || cp -r "$scratch/share" "$scratch/$small/share"
  pack "$small"

  mv "$scratch/$small" "$scratch/$large"
  publish Broker "$scratch/$large/broker" "$architecture" --self-contained true
  publish Broker.LocalCloud "$scratch/$large/localcloud" "$architecture" --self-contained true
  rm -f "$scratch/$large"/*/packages.*lock.json # which the SDK takes for a setting of the program's
  # Both bring the same runtime: one copy of it is in the archive, under two names.
  while IFS= read -r file; do
    ! cmp -s "$scratch/$large/localcloud/$file" "$scratch/$large/broker/$file" \
      || ln -f "$scratch/$large/broker/$file" "$scratch/$large/localcloud/$file"
  done < <(cd "$scratch/$large/localcloud" && find . -type f)
  pack "$large"
  rm -rf "${scratch:?}/$large"
done

(cd "$output" && sha256sum -- *.tar.gz >SHA256SUMS)
echo "$output/SHA256SUMS"
