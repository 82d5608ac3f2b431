#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# x86 instructions of user level against the host's processor: 60 s, or with "long" 50 million
# cases (SEED in the environment chooses others). Every row must have run.
# Skipped (77) where the host is no x86-64 processor with AVX.
set -eu
bin=$BUILD/tests/random/diff-host

"$bin" --decode
if [ "${1:-}" = long ]; then
    seed=${SEED:-$(date +%s)}
    "$bin" --bits 64 --seed "$seed" --count 24000000 --coverage
    "$bin" --bits 32 --seed "$seed" --count 20000000 --coverage
    "$bin" --bits 64 --seed "$seed" --count 3000000 --interpret
    "$bin" --bits 64 --seed "$seed" --count 3000000 --random-ra "$seed"
    "$bin" --bits 64 --seed "$seed" --count 3000000 --host-level 1
    "$bin" --bits 32 --seed "$seed" --count 3000000 --host-level 2
else
    "$bin" --bits 64 --seed "${SEED:-1}" --time 20 --coverage
    "$bin" --bits 32 --seed "${SEED:-1}" --time 18 --coverage
    "$bin" --bits 64 --seed "${SEED:-1}" --time 4 --interpret
    "$bin" --bits 32 --seed "${SEED:-1}" --time 4 --random-ra 1
    "$bin" --bits 64 --seed "${SEED:-1}" --time 3 --host-level 1
    "$bin" --bits 64 --seed "${SEED:-1}" --time 3 --host-level 2
fi
