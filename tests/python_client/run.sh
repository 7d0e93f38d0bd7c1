#!/bin/sh
# Runs Stripe's official Python client, unmodified, against `tieout sim serve` on a free loopback port.
# Needs python3 with venv and, the first time, a package index. Usage: tests/python_client/run.sh [PATH-OF-TIEOUT]
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
venv="$root/target/python_client"

fail() {
    echo "python_client: NOT RUN: $1" >&2
    exit 1
}

command -v python3 >/dev/null || fail "python3 is missing; on Debian: apt-get install python3 python3-venv"
if ! [ -x "$venv/bin/python" ]; then
    python3 -m venv "$venv" || { rm -rf "$venv"; fail "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv"; }
fi
"$venv/bin/python" -c 'import stripe' 2>/dev/null ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'stripe>=12' ||
    fail "pip could not install Stripe's client (package 'stripe')"

tieout=${1:-}
if [ -z "$tieout" ]; then
    (cd "$root" && cargo build --quiet --bin tieout) || fail "tieout does not build"
    tieout="$root/target/debug/tieout"
fi

address=$(mktemp)
trap 'kill "$server" 2>/dev/null || true; rm -f "$address"' EXIT
"$tieout" sim serve --port 0 --seed 3 --days 60 --per-day 10 --accounts 2 --until 2026-06-30 >"$address" &
server=$!
waited=0
until [ -s "$address" ]; do
    kill -0 "$server" 2>/dev/null || fail "the simulator ended at once"
    [ "$waited" -lt 300 ] || fail "the simulator is not ready after 30 seconds"
    waited=$((waited + 1))
    sleep 0.1
done

echo "python_client: $("$venv/bin/python" -c 'import stripe; print("stripe", stripe.VERSION)') against $(cat "$address")" >&2
STRIPE_API_BASE=$(cat "$address") TIEOUT=$tieout "$venv/bin/python" -B -m unittest discover -v -s "$root/tests/python_client"
