#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The fuzzers with address and undefined behaviour sanitizers, each target for 60 seconds; a build of their own, in $BUILD/fuzz/build.
set -eu
mkdir -p "$BUILD/fuzz/build"
cd "$BUILD/fuzz/build"
echo 'int main(void) { return 0; }' >try.c
# shellcheck disable=SC2086  # a command with options
$CC -fsanitize=address,undefined -o try try.c 2>/dev/null && ./try || {
    echo "the compiler has no sanitizers"
    exit 77
}
[ -e config.mk ] || CC=$CC "$SRC/configure" --enable-sanitizers >configure.log 2>&1
make -j2 tests/fuzz/fuzz >make.log 2>&1 || {
    tail -n 20 make.log
    exit 1
}
exec sh "$SRC/tests/fuzz/short.sh" "$PWD/tests/fuzz/fuzz" "${FUZZ_SECONDS:-60}"
