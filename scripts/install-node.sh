#!/usr/bin/env bash
# Prints the folder to put first in PATH so that `node` and `npm` are recent enough: 20 or newer, for the tests, or as
# --at-least says, up to 24.
# That is the folder of the machine's own where they are. Otherwise Node 24 and npm come from npm's own packages, as
# tests/interop/node/package-lock.json pins them by hash, into ${XDG_CACHE_HOME:-~/.cache}/broker. Nothing else of the
# machine changes, but that Debian's npm is installed where there is none.
#
#   PATH=$(scripts/install-node.sh [--at-least 24]):$PATH
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
least=20
case "${1:-}" in
  "") ;;
  --at-least) least=$2 ;;
  --help | -h) usage "${BASH_SOURCE[0]}"; exit 0 ;;
  *) echo "install-node: unknown option $1 (try --help)" >&2; exit 2 ;;
esac

recent() { # recent NODE NPM : both run, and Node is new enough
  local version
  version=$("$1" --version 2>/dev/null) && "$2" --version >/dev/null 2>&1 || return 1
  [[ $version =~ ^v([0-9]+)\. && ${BASH_REMATCH[1]} -ge $least ]]
}

if node=$(command -v node) && npm=$(command -v npm) && recent "$node" "$npm"; then dirname "$node"; exit; fi

pinned=tests/interop/node
cache=${XDG_CACHE_HOME:-$HOME/.cache}/broker
home=$cache/node-$(cat "$pinned"/package*.json scripts/install-node.sh | sha256sum | cut -c1-16)
bin=$home/node_modules/.bin
mkdir -p "$cache"
exec 9>"$cache/node.lock"
flock 9 # of several runs at a time the first installs, the others wait
if ! PATH=$bin:$PATH recent "$bin/node" "$bin/npm"; then
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) echo "install-node: npm has no Node for $(uname -m); install Node 20 or newer yourself" >&2; exit 1 ;;
  esac
  command -v npm >/dev/null || scripts/install-requirements.sh --npm >&2
  echo "installing Node 24 into $home" >&2
  fresh=$(mktemp -d "$cache/node.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  cp "$pinned"/package.json "$pinned"/package-lock.json "$pinned"/.npmrc "$fresh/"
  (cd "$fresh" && npm ci --ignore-scripts --no-progress --loglevel=error) >&2
  # Not every npm links a program that is called as the one it runs on.
  (cd "$fresh/node_modules/.bin" && ln -sf ../node-linux-*/bin/node node)
  # Like Debian's npm it heeds the machine's configuration and trusts whom the machine trusts.
  printf 'globalconfig=/etc/npmrc\ncafile=/etc/ssl/certs/ca-certificates.crt\n' >"$fresh/node_modules/npm/npmrc"
  PATH=$fresh/node_modules/.bin:$PATH recent "$fresh/node_modules/.bin/node" "$fresh/node_modules/.bin/npm" ||
    { echo "install-node: what npm brought does not run" >&2; exit 1; }
  rm -rf "$home" # an attempt that was cut off
  mv "$fresh" "$home"
fi
echo "$bin"
