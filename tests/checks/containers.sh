#!/usr/bin/env bash
# What can be said of the container files where no engine runs: the compose files are YAML, name files that exist, and
# leave no container a writable root or a capability that it does not need; what the Dockerfile copies is let through by
# .dockerignore and exists; and the health check tells a service that answers from one that does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/lib.sh
source scripts/lib.sh
[[ ${1:-} != --help && ${1:-} != -h ]] || { usage "${BASH_SOURCE[0]}"; exit 0; }
scratch=$(mktemp -d)
server=''
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT
fail() { echo "FAIL: $1" >&2; exit 1; }

/usr/bin/python3 - <<'PY' || fail "a compose file is wrong"
import os, sys, yaml

faults = []
for name in ("broker", "dstack"):
    path = f"scripts/compose/{name}.yaml"
    with open(path, encoding="utf-8") as file:
        compose = yaml.safe_load(file)
    for service, spec in compose["services"].items():
        where = f"{path}: {service}"
        if spec.get("read_only") is not True: faults.append(f"{where}: its root is writable")
        if spec.get("cap_drop") != ["ALL"]: faults.append(f"{where}: keeps capabilities")
        if spec.get("security_opt") != ["no-new-privileges:true"]: faults.append(f"{where}: may gain privileges")
        if spec.get("privileged"): faults.append(f"{where}: is privileged")
        for volume in spec.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith(("./", "../")):
                target = os.path.normpath(os.path.join("scripts/compose", source))
                # What the steps of the README write.
                if target not in ("scripts/compose/vhost.conf",) and not os.path.exists(target):
                    faults.append(f"{where}: there is no {target}")
            elif not source.startswith("/") and source not in compose.get("volumes", {}):
                faults.append(f"{where}: there is no volume {source}")
print("\n".join(faults) or "ok: compose files")
sys.exit(bool(faults))
PY

while read -r source; do
  [[ -e $source ]] || fail "the Dockerfile copies $source, which is not there"
  grep -qx "!$source" .dockerignore || fail ".dockerignore keeps $source out of the build"
done < <(sed -nE 's/^COPY (--chmod=[0-9]+ )?([a-z][^ ]*) .*/\2/p' Dockerfile)
echo "ok: what the Dockerfile copies"

# Against a server that answers as it is told.
port=$(free_port)
/usr/bin/python3 - "$port" >/dev/null 2>&1 <<'PY' &
import http.server, sys

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/healthz", "/") else 503)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()
PY
server=$!
for _ in $(seq 100); do port_is_free "$port" || break; sleep 0.1; done
health() { env -i PATH="$PATH" "$@"; }
health BROKER_PORT="$port" scripts/container-health.sh || fail "a broker that answers is not healthy"
health BROKER_KMS_AUTH_PORT="$port" scripts/container-health.sh authorizer || fail "an authorizer that answers is not healthy"
health BROKER_MODULES=kms BROKER_KMS_PORT="$port" scripts/container-health.sh || fail "a KMS that listens is not healthy"
kill "$server"
wait "$server" 2>/dev/null || true
server=''
! health BROKER_PORT="$port" scripts/container-health.sh || fail "a broker that is gone is healthy"
! health BROKER_MODULES=kms BROKER_KMS_PORT="$port" scripts/container-health.sh || fail "a KMS that is gone is healthy"
echo "ok: the health check"
