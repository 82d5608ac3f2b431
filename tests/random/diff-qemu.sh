#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random instructions against qemu-arm: about 60 s, or with "long" at least
# 20 million instructions (SEED in the environment chooses others).
# Skipped (77) without qemu-arm or an armhf compiler.
set -eu
cross=arm-linux-gnueabihf-gcc
dir=$SRC/tests/random
bin=$BUILD/tests/random

command -v qemu-arm > /dev/null || { echo "no qemu-arm"; exit 77; }
command -v $cross > /dev/null || { echo "no $cross"; exit 77; }
$cross -static -O2 -marm -I "$SRC" -o "$bin/driver-arm" "$dir/driver-arm.c"

run() {
    "$bin/diff-qemu" --driver "$bin/driver-arm" "$@"
}

if timeout 10 "$bin/diff-qemu" --no-oracle --row no_such_row 2>/dev/null || [ $? -ne 1 ]; then
    echo "an unknown row is not refused"
    exit 1
fi

if [ "${1:-}" = long ]; then
    seed=${SEED:-$(date +%s)}
    run --seed "$seed" --count 3200000 --tables a32
    run --seed "$seed" --count 1600000 --tables t32
    run --seed "$seed" --count 800000 --tables a32,t32,vfp,neon
    run --seed "$seed" --count 400000 --tables a32,t32 --random-ra "$seed"
    run --seed "$seed" --count 400000 --tables a32,t32,vfp,neon,v8 --cpu max
    run --seed "$seed" --count 400000 --tables a32,t32,vfp,neon --wide
else
    run --seed "${SEED:-1}" --time 16 --tables a32 --coverage
    run --seed "${SEED:-1}" --time 16 --tables t32 --coverage
    run --seed "${SEED:-1}" --time 16 --tables a32,t32,vfp,neon --coverage
    run --seed "${SEED:-1}" --time 6 --tables a32,t32,vfp,neon,v8 --cpu max
    run --seed "${SEED:-1}" --time 4 --tables a32,t32 --random-ra 1
    run --seed "${SEED:-1}" --time 8 --tables a32,t32,vfp,neon --wide
fi
