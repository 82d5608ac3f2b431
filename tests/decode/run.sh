#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Test gendecode: every ok-*.decode must give C that compiles and runs, every
# err-*.decode the error its `# expect:` line names.
# usage: run.sh [GENDECODE [CC]]; under make check, those of the build
set -eu
gen=${1:-$BUILD/tools/gendecode}
cc=${2:-${CC:-cc}}
dir=$(dirname "$0")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

fail() {
    echo "decode: FAIL $*" >&2
    failed=1
}

for f in "$dir"/ok-*.decode; do
    "$gen" "$f" -o "$tmp/$(basename "$f" .decode).inc" || fail "$f"
done
for f in "$dir"/ok-*.c; do
    "$cc" -std=gnu11 -Wall -Wextra -Wno-missing-prototypes -Werror \
        -I"$tmp" "$f" -o "$tmp/ok" || { fail "$f: compile"; continue; }
    "$tmp/ok" || fail "$f: run"
done
for f in "$dir"/err-*.decode; do
    want=$(sed -n 's/^# expect: //p' "$f")
    if "$gen" "$f" -o "$tmp/err.inc" 2> "$tmp/err"; then
        fail "$f: no error"
    elif ! grep -qF "$(basename "$f"):$want" "$tmp/err"; then
        fail "$f: want '$want', got:"
        cat "$tmp/err" >&2
    fi
done
[ "$failed" = 0 ] && echo "decode: ok"
exit "$failed"
