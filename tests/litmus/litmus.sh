#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Litmus tests on four CPUs (litmus.c): no forbidden outcome, with and without LSE. The allowed ones depend on the host's load.
set -eu
dir=$BUILD/tests/litmus
mkdir -p "$dir"
command -v aarch64-linux-gnu-gcc >/dev/null || { echo "no aarch64-linux-gnu-gcc"; exit 77; }
aarch64-linux-gnu-gcc -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -mgeneral-regs-only -mno-outline-atomics \
    -Wl,--build-id=none -Wl,-Ttext=0x40080000 -o "$dir/litmus.elf" "$SRC/tests/litmus/start.S" "$SRC/tests/litmus/litmus.c"
n=0
for options in "-cpu cortex-a57" "-cpu max" "-cpu max -accel tcg,hot=on" "-cpu max -accel tcg,thread=single"; do
    # shellcheck disable=SC2086  # a list of words
    timeout 100 "$BUILD/tinamou-system-aarch64" -M virt $options -smp 4 -m 128 -nographic -kernel "$dir/litmus.elf" >"$dir/log" 2>&1 </dev/null ||
        { echo "$options: it did not end"; cat "$dir/log"; exit 1; }
    tail -n 1 "$dir/log" | grep -q '^end' || { echo "$options: it did not come to the end"; cat "$dir/log"; exit 1; }
    if grep forbidden "$dir/log" | grep -v 'forbidden 0.\{0,1\}$'; then
        echo "$options: forbidden outcomes (above)"
        exit 1
    fi
    echo "$options: $(grep allowed "$dir/log" | tr -d '\r' | tr '\n' ' ')"
    n=$((n + $(grep -c forbidden "$dir/log")))
done
echo "$n passed, 0 failed, 0 skipped"
