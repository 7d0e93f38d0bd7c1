#!/bin/sh
# Fetches axe-core, the accessibility checker that the browser tests inject, from the npm registry into target/.
# Needs npm. Chromium and its driver come from the system: on Debian the packages chromium and chromium-driver.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p target/browser
npm install --prefix target/browser --no-save --no-audit --no-fund --ignore-scripts --loglevel=error axe-core@4.14.1
test -s target/browser/node_modules/axe-core/axe.min.js
echo "axe-core is in target/browser; run: TIEOUT_BROWSER_TESTS=1 cargo test --test browser"
