#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Pointer authentication: QARMA5 (-cpu max,pauth-impdef=off) against qemu-system-aarch64; the default algorithm by its properties: codes
# authenticate, others do not, and every kind of failure looks as the architecture says.
set -eu
dir=$BUILD/tests/random
mkdir -p "$dir"
command -v qemu-system-aarch64 >/dev/null || { echo "no qemu-system-aarch64"; exit 77; }
command -v aarch64-linux-gnu-gcc >/dev/null || { echo "no aarch64-linux-gnu-gcc"; exit 77; }
aarch64-linux-gnu-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40080000 -o "$dir/pauth.elf" "$SRC/tests/random/pauth.S"

run() { # output, emulator and options
    out=$1
    shift
    timeout 20 "$@" -M virt -m 128 -nographic -kernel "$dir/pauth.elf" >"$out" 2>&1 </dev/null
}

emulator=$BUILD/tinamou-system-aarch64
run "$dir/pauth.qemu" qemu-system-aarch64 -cpu max
run "$dir/pauth.qarma" "$emulator" -cpu max,pauth-impdef=off
run "$dir/pauth.interp" "$emulator" -cpu max,pauth-impdef=off -accel tcg,interp=on
run "$dir/pauth.fast" "$emulator" -cpu max
[ "$(wc -l <"$dir/pauth.qemu")" -eq 45 ] || { echo "qemu did not finish"; exit 1; }
diff "$dir/pauth.qemu" "$dir/pauth.qarma" || { echo "QARMA5 differs from qemu's"; exit 1; }
diff "$dir/pauth.qemu" "$dir/pauth.interp" || { echo "QARMA5 in the interpreter differs from qemu's"; exit 1; }
# Stripped pointers and canonical ones authenticated are the same by any algorithm, codes are not.
cut -d' ' -f11,12 "$dir/pauth.qemu" >"$dir/pauth.want"
cut -d' ' -f11,12 "$dir/pauth.fast" | diff "$dir/pauth.want" - || { echo "stripped pointers differ"; exit 1; }
awk '$1 == "0000000040001234" || $6 != "0000000040001234" { exit 1 } NR == 1 { exit 0 }' "$dir/pauth.fast" || {
    echo "a pointer with its code does not authenticate, or there is no code"
    exit 1
}
[ "$(cut -d' ' -f1-5 "$dir/pauth.fast" | tr ' ' '\n' | sort -u | wc -l)" -gt 150 ] || { echo "codes repeat"; exit 1; }
# Capstone 4.0 does not know these instructions: -d in_asm names them after the decode table.
run "$dir/pauth.log-run" "$emulator" -cpu max -d in_asm -D "$dir/pauth.in_asm"
grep -qE '  (PACGA|pacga)' "$dir/pauth.in_asm" || { echo "-d in_asm does not name PACGA"; exit 1; }
echo "$(wc -l <"$dir/pauth.qemu") passed, 0 failed, 0 skipped"
