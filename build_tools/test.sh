#!/bin/sh
# All checks and tests. What has to be left out is said, with the reason, at the start and again at the end.
set -eu
cd "$(dirname "$0")/.."
left_out=

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
install() {
    echo "Installing $1…"
    timeout 120 apt-get -qq update >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq install -y --no-install-recommends "$1" >/dev/null 2>&1
}

# Debian's Chromium without its windows does a third less work; with them it does as well.
if ! command -v chromium-headless-shell >/dev/null 2>&1 && may_install && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
    install chromium-headless-shell || true
fi
if ! command -v chromium-headless-shell >/dev/null 2>&1 && ! command -v chromium >/dev/null 2>&1; then
    may_install && install chromium || true
    command -v chromium >/dev/null 2>&1 || left_out="$left_out
LEFT OUT: the browser tests, because there is no chromium. Run: sudo apt-get install -y chromium"
fi
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    may_install && install postgresql || true
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || left_out="$left_out
LEFT OUT: the PostgreSQL tests, because its server programs are missing. Run: sudo apt-get install -y postgresql"
fi
[ -z "$left_out" ] || printf '%s\n\n' "$left_out"

bin=.venv/bin
unset PYTHONDONTWRITEBYTECODE  # The servers that the tests start by the dozen need not compile the project each time.
echo "Style:";   $bin/ruff check src tests build_tools benches
$bin/python -m pytest -q --collect-only >/dev/null 2>&1 &  # compiles the tests, once for all processes, on the other core
echo "Types:";   $bin/mypy
echo "Layers:";  $bin/lint-imports
wait || true
echo "Tests:"
$bin/python -m pytest -n 3 --dist worksteal --durations=12 "$@"
[ -z "$left_out" ] || printf '%s\n' "$left_out"
