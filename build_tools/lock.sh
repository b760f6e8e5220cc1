#!/bin/sh
# Makes the lock files anew. Needs uv; writes no address into any of them.
set -eu
cd "$(dirname "$0")/.."
options="--universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --fork-strategy fewest --quiet"
uv pip compile $options --all-extras pyproject.toml -o requirements.lock
uv pip compile $options build_tools/build.in -o build.lock
npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
