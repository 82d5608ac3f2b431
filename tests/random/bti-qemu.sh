#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Branch target identification: which landings in a guarded page take which branches, on every engine, as qemu-system-aarch64 has it.
set -eu
dir=$BUILD/tests/random
mkdir -p "$dir"
command -v qemu-system-aarch64 >/dev/null || { echo "no qemu-system-aarch64"; exit 77; }
command -v aarch64-linux-gnu-gcc >/dev/null || { echo "no aarch64-linux-gnu-gcc"; exit 77; }
aarch64-linux-gnu-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40080000 -o "$dir/bti.elf" "$SRC/tests/random/bti.S"

run() { # output, emulator and options
    out=$1
    shift
    timeout 20 "$@" -M virt -cpu max -m 128 -nographic -kernel "$dir/bti.elf" >"$out" 2>&1 </dev/null
}

run "$dir/bti.qemu" qemu-system-aarch64
[ "$(wc -l <"$dir/bti.qemu")" -eq 14 ] || { echo "qemu did not finish"; exit 1; }
n=0
for how in hot=auto hot=on interp=on check=on; do
    run "$dir/bti.$how" "$BUILD/tinamou-system-aarch64" -accel "tcg,$how"
    diff "$dir/bti.qemu" "$dir/bti.$how" || { echo "$how differs from qemu"; exit 1; }
    n=$((n + 14))
done
echo "$n passed, 0 failed, 0 skipped"
