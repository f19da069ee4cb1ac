#!/usr/bin/env bash
# The README's quick start from the archive, as somebody has it who downloaded it: a fresh shell, an empty home, no SDK,
# and no programs but a shell's and curl. Its three lines end in credentials that write and read an object under the
# own prefix, and nowhere else. The checksums hold.
#
# BROKER_ARCHIVES names a folder with archives that scripts/archives.sh made; they are made here where it is not set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }

scratch=$(mktemp -d)
dev=''
# shellcheck disable=SC2317,SC2329 # reached by the trap
finish() {
  [[ -z $dev ]] || kill "$dev" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
touch "$scratch/said"
fail() { cat "$scratch/said" >&2; echo "archives: $1" >&2; exit 1; }

architecture=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
archives=$(realpath -m "${BROKER_ARCHIVES:-$scratch/archives}")
[[ -n ${BROKER_ARCHIVES:-} ]] || scripts/archives.sh --output "$archives" "$architecture" >"$scratch/said" 2>&1 \
  || fail "the archives could not be made"
(cd "$archives" && sha256sum --check --quiet SHA256SUMS) || fail "a checksum does not hold"
archive=$(echo "$archives"/agentkeys-broker-*-linux-"$architecture".tar.gz)
[[ -f $archive ]] || fail "there is no archive for $architecture in $archives"
small=$(echo "$archives"/brokerctl-*-linux-"$architecture".tar.gz)
tar -tzf "$small" | grep '/brokerctl$' >/dev/null || fail "$small holds no brokerctl"

# All that the newcomer's machine has: what comes with Debian, and curl.
mkdir -p "$scratch/bin" "$scratch/home"
for program in bash sh curl tar gzip cat grep; do ln -s "$(command -v "$program")" "$scratch/bin/$program"; done
fresh() { # fresh SCRIPT : becomes a shell of the newcomer's, in the home; for a subshell
  cd "$scratch/home"
  exec env -i HOME="$scratch/home" PATH="$scratch/bin" ARCHIVE="file://$archive" \
    bash -euo pipefail -c "$1"
}

mapfile -t lines < <(awk '/^## / { here = $0 == "## Quick start" } !here { next }
  /^```sh$/ { inside = 1; next } /^```$/ { exit } inside' README.md)
[[ ${#lines[@]} -eq 3 ]] || fail "the quick start has ${#lines[@]} lines"
(fresh "${lines[0]}") >"$scratch/said" 2>&1 || fail "fails: ${lines[0]}"
folder=$(echo "$scratch/home"/agentkeys-broker-*)

# The second line runs until it is told to end. No port of this machine's other servers is in its way.
port=$(free_port) cloud=$(free_port)
[[ ${lines[1]} == "./brokerctl dev" ]] || fail "the second line is: ${lines[1]}"
fresh "cd '$folder' && exec ${lines[1]} --broker-port $port --cloud-port $cloud" >"$scratch/said" 2>&1 &
dev=$!
for _ in $(seq 300); do
  grep -q '^Ctrl-C stops both' "$scratch/said" && break
  kill -0 "$dev" 2>/dev/null || fail "dev ended"
  sleep 0.2
done
omni=$(sed -n 's/^signed in .* actor //p' "$scratch/said")
[[ ${#omni} -eq 64 ]] || fail "dev names no actor"

# s3 METHOD PATH… : in the shell of the third line; curl signs as AWS's own clients do.
s3() {
  (fresh "cd '$folder'
    ${lines[2]}
    curl -sS -m 20 -o '$scratch/answer' -w '%{http_code}' -X $1 --aws-sigv4 aws:amz:us-east-1:s3 \
      --user \"\$AWS_ACCESS_KEY_ID:\$AWS_SECRET_ACCESS_KEY\" -H \"x-amz-security-token: \$AWS_SESSION_TOKEN\" \
      -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' ${3:-} 'http://127.0.0.1:$cloud/agentkeys-vault-000000000000/$2'")
}
[[ $(s3 PUT "bots/$omni/hello.txt" "--data-binary hello") == 200 ]] \
  || fail "the own object cannot be written: $(<"$scratch/answer")"
[[ $(s3 GET "bots/$omni/hello.txt") == 200 && $(<"$scratch/answer") == hello ]] || fail "it does not come back"
[[ $(s3 GET "bots/${omni//[0-9]/f}/hello.txt") == 403 ]] || fail "another actor's prefix is not refused"

kill -TERM "$dev"
wait "$dev" || fail "dev did not end cleanly"
dev=''
for taken in "$port" "$cloud"; do port_is_free "$taken" || fail "a server outlived dev"; done
echo "archives: three lines from $(basename "$archive"), an object written and read"
