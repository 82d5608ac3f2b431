#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Guest programs with expected end states: each on the interpreter, the JIT, the JIT with all code hot, the JIT with all CPUs on one thread, and checked.
# run.sh [NAME...]   only these (arm/NAME.s, a64/NAME.s, x86/NAME.s)
set -u
passed=0 failed=0 skipped=0

# ARCH COMPILER FLAGS...: all programs of a folder, or those of $names
run_folder() {
    arch=$1 cross=$2
    shift 2
    folder=$SRC/tests/insn/$arch out=$BUILD/tests/insn/$arch
    programs=$(cd "$folder" && ls ./*.s | sed 's/^..//; s/\.s$//')
    if ! command -v "${cross}gcc" >/dev/null; then
        echo "no ${cross}gcc: the guest programs of $arch are not run"
        skipped=$((skipped + $(echo "$programs" | wc -w)))
        return
    fi
    mkdir -p "$out"
    for name in ${names:-$programs}; do
        [ -e "$folder/$name.s" ] || continue
        handlers=
        [ ! -e "$folder/handlers.inc" ] || handlers=$folder/handlers.inc
        if ! "${cross}gcc" "$@" -I"$folder" -nostdlib -static -Wl,--build-id=none,-Ttext=0x40000000 -x assembler-with-cpp \
            "$folder/$name.s" $handlers -o "$out/$name.elf" ||
            ! "${cross}objcopy" -O binary "$out/$name.elf" "$out/$name.bin"; then
            echo "$name: does not assemble"
            failed=$((failed + 1))
            continue
        fi
        for how in interp jit hot single check; do
            if "$BUILD/tests/insn/runner" $how "$out/$name.bin" "$folder/$name.s"; then
                passed=$((passed + 1))
            else
                echo "FAILED: $name ($how)"
                failed=$((failed + 1))
            fi
        done
    done
}

# x86 programs: assembled by the host's tools where the host is x86, else by a cross assembler; their machine is runner-x86's.
run_x86() {
    folder=$SRC/tests/insn/x86 out=$BUILD/tests/insn/x86
    programs=$(cd "$folder" && ls ./*.s | sed 's/^..//; s/\.s$//')
    cross=
    case $(uname -m) in x86_64 | i?86) ;; *) cross=x86_64-linux-gnu- ;; esac
    if ! command -v "${cross}as" >/dev/null; then
        echo "no ${cross}as: the guest programs of x86 are not run"
        skipped=$((skipped + $(echo "$programs" | wc -w)))
        return
    fi
    mkdir -p "$out"
    for name in ${names:-$programs}; do
        [ -e "$folder/$name.s" ] || continue
        if ! "${cross}as" --64 -I "$folder" "$folder/$name.s" -o "$out/$name.o" ||
            ! "${cross}ld" -Ttext=0x8000 -e _start -N --no-warn-rwx-segments "$out/$name.o" -o "$out/$name.elf" ||
            ! "${cross}objcopy" -O binary "$out/$name.elf" "$out/$name.bin"; then
            echo "$name: does not assemble"
            failed=$((failed + 1))
            continue
        fi
        for how in interp jit hot single check; do
            if "$BUILD/tests/insn/runner-x86" $how "$out/$name.bin" "$folder/$name.s"; then
                passed=$((passed + 1))
            else
                echo "FAILED: $name ($how)"
                failed=$((failed + 1))
            fi
        done
    done
}

names=$*
run_folder arm arm-linux-gnueabihf- -march=armv7ve+simd -mfpu=neon-vfpv4 -mfloat-abi=hard
run_folder a64 aarch64-linux-gnu-
run_x86
[ $((passed + failed)) -gt 0 ] || [ $skipped -eq 0 ] || exit 77
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
