#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: the guest suite on this host itself, in qemu-system-arm and in tinamou, in turn, BENCH_RUNS times (3); then the table.
# BENCH_NAMES: some programs only (fib,nbody; none is the boot alone). More in bench/README.
set -eu
export SRC BUILD TINAMOU
runs=${BENCH_RUNS:-3} names=${BENCH_NAMES:-all}
engines="native tinamou"
if command -v "${QEMU:-qemu-system-arm}" >/dev/null; then
    engines="native qemu tinamou"
else
    echo "There is no qemu-system-arm to compare with (Debian package qemu-system-arm)."
fi
for tool in python3 arm-linux-gnueabihf-gcc cpio xz; do
    command -v $tool >/dev/null || {
        echo "make bench needs $tool" >&2
        exit 1
    }
done
for guest in armmp busybox-armhf busybox-amd64; do
    sh "$SRC/tools/get-guest.sh" $guest >/dev/null || {
        echo "make bench needs Debian's $guest package, and no package registry answers" >&2
        exit 1
    }
done
sh "$SRC/bench/build.sh"
rm -f "$BUILD/bench/results.csv" "$BUILD/bench/stats.csv"
run=0
while [ $run -lt "$runs" ]; do
    run=$((run + 1))
    for engine in $engines; do
        printf 'run %s of %s, ' $run "$runs"
        python3 "$SRC/bench/run.py" $engine "$names"
    done
done
python3 "$SRC/bench/table.py"
