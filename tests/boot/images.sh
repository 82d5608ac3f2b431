#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Our own guest in the other formats of -kernel: ELF, uImage, compressed uImage. Debian's kernels are zImages, demo.bin is raw.
set -eu
. "$SRC/tests/boot/lib.sh"
dir=$BUILD/boot/images
rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
passed=0
skipped=0

try() { # FORMAT FILE
    timeout -k 5 60 "$TINAMOU" -M virt -m 64 -nographic -no-reboot -kernel "$2" -append demo=check </dev/null >"$1.log" 2>&1 ||
        bad "$1: status $?: $(tail -n 3 "$1.log")"
    grep -q '^DEMO-OK' "$1.log" || bad "$1: no DEMO-OK"
    passed=$((passed + 1))
}

if command -v arm-linux-gnueabihf-ld >/dev/null; then
    printf '.global _start\n_start: .incbin "%s"\n' "$own" | arm-linux-gnueabihf-as -o demo.o
    arm-linux-gnueabihf-ld -Ttext=0x40010000 -o demo.elf demo.o
    try elf demo.elf
else
    echo "no arm-linux-gnueabihf-ld: no ELF image"
    skipped=$((skipped + 1))
fi
if command -v mkimage >/dev/null; then
    mkimage -A arm -O linux -T kernel -C none -a 0x40010000 -e 0x40010000 -n demo -d "$own" demo.uimage >/dev/null
    try uimage demo.uimage
    gzip -c "$own" >demo.gz
    mkimage -A arm -O linux -T kernel -C gzip -a 0x40010000 -e 0x40010000 -n demo -d demo.gz demo.uimage.gz >/dev/null
    try uimage-gzip demo.uimage.gz
else
    echo "no mkimage (u-boot-tools): no uImages"
    skipped=$((skipped + 2))
fi
echo "$passed passed, 0 failed, $skipped skipped"
