#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: the guest suite on this host itself, in Debian's QEMU and in tinamou, in turn, BENCH_RUNS times (3); then the table.
# ARCH: armhf (default), arm64 or amd64 guests. BENCH_NAMES: some programs only (fib,nbody; none is the boot alone). More in bench/README.
set -eu
export SRC BUILD TINAMOU
runs=${BENCH_RUNS:-3} names=${BENCH_NAMES:-all}
export BENCH_ARCH="${ARCH:-armhf}"
case $BENCH_ARCH in
armhf) kernel=armmp cross=arm-linux-gnueabihf-gcc qemu=qemu-system-arm ;;
arm64) kernel=arm64 cross=aarch64-linux-gnu-gcc qemu=qemu-system-aarch64 ;;
amd64) kernel=amd64 cross=gcc qemu=qemu-system-x86_64 ;;
*)
    echo "make bench: there is no suite for ARCH=$BENCH_ARCH; there are armhf, arm64 and amd64" >&2
    exit 1
    ;;
esac
export QEMU="${QEMU:-$qemu}"
engines="native tinamou"
if command -v "$QEMU" >/dev/null; then
    engines="native qemu tinamou"
else
    echo "There is no $QEMU to compare with (Debian package qemu-system-arm, or qemu-system-x86)."
fi
for tool in python3 $cross cpio xz; do
    command -v $tool >/dev/null || {
        echo "make bench needs $tool" >&2
        exit 1
    }
done
for guest in $kernel busybox-$BENCH_ARCH busybox-amd64; do
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
