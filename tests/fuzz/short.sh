#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# short.sh [PROGRAM [SECONDS]]   the fuzzers of tests/fuzz, each target for 5 seconds, two at a time.
set -eu
fuzz=${1:-$BUILD/tests/fuzz/fuzz}
seconds=${2:-5}
out=$BUILD/fuzz/out
mkdir -p "$out"
rm -f "$out"/*
"$fuzz" list | xargs -P 2 -I TARGET sh -c '"$1" TARGET --seconds "$2" >"$3/TARGET" 2>&1 || touch "$3/TARGET.found"' sh "$fuzz" "$seconds" "$out" ||
    :
failed=0 passed=0
for target in $("$fuzz" list); do
    tail -n 40 "$out/$target"
    if [ -e "$out/$target.found" ] || ! grep -q rounds "$out/$target"; then
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
