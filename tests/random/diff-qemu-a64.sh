#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random A64 instructions against qemu-aarch64: about 30 s, or with "long" at
# least 20 million instructions (SEED in the environment chooses others). The
# CPU is a Neoverse N1 (v8.2), and max for what came later.
# Skipped (77) without qemu-aarch64 or an arm64 compiler.
set -eu
cross=aarch64-linux-gnu-gcc
dir=$SRC/tests/random
bin=$BUILD/tests/random
# without SVE, whose signal frames are others, and PAuth, which is not there yet
max=max,sve=off,pauth=off

command -v qemu-aarch64 > /dev/null || { echo "no qemu-aarch64"; exit 77; }
command -v $cross > /dev/null || { echo "no $cross"; exit 77; }
$cross -static -O2 -I "$SRC" -o "$bin/driver-arm64" "$dir/driver-arm.c"

run() {
    "$bin/diff-qemu" --driver "$bin/driver-arm64" --qemu qemu-aarch64 "$@"
}

if [ "${1:-}" = long ]; then
    seed=${SEED:-$(date +%s)}
    run --seed "$seed" --count 3000000 --tables a64 --cpu neoverse-n1
    run --seed "$seed" --count 1500000 --tables a64,v8 --cpu $max
    run --seed "$seed" --count 1000000 --tables a64 --cpu neoverse-n1 --random-ra "$seed"
else
    run --seed "${SEED:-1}" --time 16 --tables a64 --cpu neoverse-n1 --coverage
    run --seed "${SEED:-1}" --time 10 --tables a64,v8 --cpu $max --coverage
    run --seed "${SEED:-1}" --time 4 --tables a64 --cpu neoverse-n1 --random-ra 1
fi
