#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs for PCs other than Linux, each to a line that it prints when it works: GNU Mach (multiboot, 32 and 64 bits), iPXE (a lease from user
# networking by e1000), memtest86+ (64 and 32 bits: its first tests without an error), U-Boot's ROMs (their way to a network boot).
set -eu
. "$SRC/tests/boot/lib.sh"
get() {
    sh "$SRC/tools/get-guest.sh" "$1" >/dev/null || skip "no package registry answers, so there is no $1"
}
get gnumach
get ipxe
get memtest86
guests=$BUILD/guests
dir=$BUILD/boot/x86-programs
mkdir -p "$dir"
zcat "$guests"/gnumach/boot/gnumach-*.gz >"$dir/gnumach"
bin=${TINAMOU%/*}

# NAME PATTERN ARCH OPTION...: within a minute the console shows PATTERN.
shows() {
    name=$1 pattern=$2 emulator=$bin/tinamou-system-$3
    shift 3
    "$emulator" "$@" -M pc -nographic -monitor none -serial stdio -no-reboot </dev/null >"$dir/$name.log" 2>&1 &
    pid=$!
    n=0
    until tr -d '\r' <"$dir/$name.log" | grep -aqE "$pattern"; do
        kill -0 $pid 2>/dev/null && [ $n -lt 300 ] || {
            kill $pid 2>/dev/null || :
            bad "$name: the console does not show '$pattern'; see $dir/$name.log"
        }
        n=$((n + 1))
        sleep 0.2
    done
    kill $pid 2>/dev/null || :
    wait $pid || :
}

shows gnumach 'panic.*bootstrap_create: No bootstrap code' i386 -m 64 -nic none -kernel "$dir/gnumach" -append console=com0
shows ipxe 'net0: 10.0.2.15/255.255.255.0 gw 10.0.2.2' x86_64 -m 64 -kernel "$guests/ipxe/boot/ipxe.lkrn"
shows memtest-x64 '#(8|9|10) ' x86_64 -m 32 -nic none -kernel "$guests/memtest86/boot/memtest86+x64.bin" -append console=ttyS0,115200
shows memtest-ia32 '#(8|9|10) ' i386 -m 32 -nic none -kernel "$guests/memtest86/boot/memtest86+ia32.bin" -append console=ttyS0,115200
for name in memtest-x64 memtest-ia32; do
    grep -aq 'Errors: 0 ' "$dir/$name.log" && ! grep -aqE 'Errors: [1-9]' "$dir/$name.log" || bad "$name: memory has errors; see $dir/$name.log"
done
uboot=$(sh "$SRC/tools/get-guest.sh" u-boot-arm)/usr/lib/u-boot || skip "no package registry answers, so there is no U-Boot"
# Its 32-bit ROM calls the VGA BIOS in plain real mode, which reads beyond the segment's limit there: on a processor that is a fault.
shows u-boot "TFTP error: 'Access violation'" i386 -m 256 -vga none -bios "$uboot/qemu-x86/u-boot.rom"
shows u-boot64 "TFTP error: 'Access violation'" x86_64 -m 256 -bios "$uboot/qemu-x86_64/u-boot.rom"
