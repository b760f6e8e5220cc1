#!/bin/sh
# Sets up what is missing: .venv from the hash-checked locks, the project in it, and the browser assets.
set -eu
cd "$(dirname "$0")/.."
stamp=.venv/.ready
wanted=$(cat requirements.lock build.lock pyproject.toml package-lock.json build_tools/assets.py build_tools/setup.sh | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ "$(cat .venv/.place 2>/dev/null)" = "$PWD" ]; then
    .venv/bin/python build_tools/assets.py
    .venv/bin/python -m compileall -q src
    exit 0
fi

python=
for name in python3 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "Attunement needs Python 3.11, 3.12 or 3.13. On Debian 12 or Ubuntu 24.04: apt-get install -y python3 python3-venv" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing python3-venv…"
        apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null
    else
        echo "Python's venv module is missing. Run this line, then make again:" >&2
        echo "    sudo apt-get update && sudo apt-get install -y python3-venv" >&2
        exit 1
    fi
fi

[ -x .venv/bin/python ] && [ "$(cat .venv/.place 2>/dev/null)" = "$PWD" ] || { rm -rf .venv; "$python" -m venv .venv; }
quiet="--quiet --quiet --disable-pip-version-check --no-input"
echo "Installing the build tools…"
.venv/bin/python -m pip install $quiet --require-hashes -r build.lock
echo "Installing what Attunement needs…"
# The lock names everything, so pip need not look for more; it compiles on one core, compileall on all.
.venv/bin/python -m pip install $quiet --require-hashes --no-deps --no-compile -r requirements.lock
.venv/bin/python build_tools/assets.py
.venv/bin/python -m pip install $quiet --no-deps --no-build-isolation --editable .
# What the pages and the rehearsal use. Larger packages, of which little is used, are compiled when they are.
rarely='/(tests?|sympy|mpmath|pandas|statsmodels|moto|cfnlint|botocore|networkx|nltk|numba|llvmlite|matplotlib|fontTools|dask|distributed|pip|setuptools|mypy)/'
.venv/bin/python -m compileall -qq -j 0 -x "$rarely" .venv/lib src || true # some carry files for other versions of Python
echo "$PWD" > .venv/.place
echo "$wanted" > "$stamp"
