#!/bin/sh
# Runs Stripe's official Node client, unmodified, against `tieout sim serve` on free loopback ports.
# Needs node and npm and, the first time, a package index. Usage: tests/node_client/run.sh [PATH-OF-TIEOUT]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
installed="$root/target/node_client"

fail() {
    echo "node_client: NOT RUN: $1" >&2
    exit 1
}

command -v node >/dev/null && command -v npm >/dev/null || fail "node or npm is missing; on Debian: apt-get install nodejs npm"

# Node looks for the client beside the test that imports it, so the test runs from there.
mkdir -p "$installed"
cp "$here/client.test.mjs" "$here/package.json" "$installed/"
if ! cmp -s "$here/package-lock.json" "$installed/installed-lock.json"; then
    cp "$here/package-lock.json" "$installed/"
    npm ci --prefix "$installed" --no-audit --no-fund --ignore-scripts --loglevel=error >&2 ||
        fail "npm could not install Stripe's client (package 'stripe')"
    cp "$here/package-lock.json" "$installed/installed-lock.json"
fi

tieout=${1:-}
if [ -z "$tieout" ]; then
    (cd "$root" && cargo build --quiet --bin tieout) || fail "tieout does not build"
    tieout="$root/target/debug/tieout"
fi
case "$tieout" in /*) ;; *) tieout="$PWD/$tieout" ;; esac

cd "$installed"
TIEOUT="$tieout" node --test --test-reporter=spec client.test.mjs
