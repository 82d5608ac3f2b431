#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Guest programs with expected end states: each on the interpreter, the JIT, the JIT with all code hot, the JIT with all CPUs on one thread, and checked.
# run.sh [NAME...]   only these (arm/NAME.s)
set -u
cross=arm-linux-gnueabihf-
command -v ${cross}gcc >/dev/null || { echo "no ${cross}gcc: the guest programs are not run"; exit 77; }
out=$BUILD/tests/insn/arm
mkdir -p "$out"
passed=0 failed=0
[ $# -gt 0 ] || set -- $(cd "$SRC/tests/insn/arm" && ls *.s | sed 's/\.s$//')
for name; do
    src=$SRC/tests/insn/arm/$name.s
    if ! ${cross}gcc -march=armv7ve+simd -mfpu=neon-vfpv4 -mfloat-abi=hard -I"$SRC/tests/insn/arm" -nostdlib -static \
        -Wl,--build-id=none,-Ttext=0x40000000 -x assembler-with-cpp "$src" "$SRC/tests/insn/arm/handlers.inc" \
        -o "$out/$name.elf" ||
        ! ${cross}objcopy -O binary "$out/$name.elf" "$out/$name.bin"; then
        echo "$name: does not assemble"
        failed=$((failed + 1))
        continue
    fi
    for how in interp jit hot single check; do
        if "$BUILD/tests/insn/runner" $how "$out/$name.bin" "$src"; then
            passed=$((passed + 1))
        else
            echo "FAILED: $name ($how)"
            failed=$((failed + 1))
        fi
    done
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
