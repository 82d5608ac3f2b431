#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make demo [ARCH=arm64|amd64|i386]: boot Debian's kernel (armhf without ARCH) with busybox. On a terminal: an interactive shell. Without one: the guest
# checks itself, and the values that it prints are compared with those computed here. Without a package registry: the small guest of roms/.
set -eu
arch=${ARCH:-armhf}
case $arch in
armhf) flavour=armmp cpu=cortex-a15 part=0xc0f ;;
arm64) flavour=arm64 cpu=cortex-a57 part=0xd07 TINAMOU=${TINAMOU%/*}/tinamou-system-aarch64 ;;
amd64) flavour=amd64 cpu=qemu64 part='QEMU Virtual CPU.*' TINAMOU=${TINAMOU%/*}/tinamou-system-x86_64 ;;
i386) flavour=686 cpu=qemu32 part='QEMU Virtual CPU.*' TINAMOU=${TINAMOU%/*}/tinamou-system-i386 ;;
*)
    echo "demo: ARCH=$arch: there are armhf, arm64, amd64 and i386" >&2
    exit 1
    ;;
esac
case $arch in
arm*) machine=virt console=ttyAMA0 ;;
*) machine=pc console=ttyS0 ;;
esac
out=$BUILD/demo
[ $arch = armhf ] || out=$BUILD/demo-$arch
mkdir -p "$out"

own_guest() {
    echo "No package registry answers, so Debian's kernel cannot be fetched. Booting our own small guest (roms/boot-arm) instead."
    set -- "$TINAMOU" -M virt -cpu cortex-a15 -m 64 -nographic -no-reboot -kernel "$SRC/roms/boot-arm/demo.bin"
    if [ -t 0 ]; then
        echo "Leave with Ctrl-A x (Ctrl-A h lists the keys)."
        exec "$@"
    fi
    sh "$SRC/tests/boot/own-guest.sh" once
}

kernel=$(sh "$SRC/tools/get-guest.sh" $flavour) || {
    own_guest
    exit
}
[ -e "$out/initramfs.gz" ] && [ ! "$SRC/tools/demo-init" -nt "$out/initramfs.gz" ] ||
    sh "$SRC/tools/make-initramfs.sh" "$out/initramfs.gz" "$kernel" || {
    own_guest
    exit
}
vmlinuz=$(ls "$kernel"/boot/vmlinuz-* | tail -n 1)
set -- "$TINAMOU" -M $machine -cpu $cpu -m 512 -smp 2 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$out/initramfs.gz"
if [ -t 0 ]; then
    echo "Booting $(basename "$vmlinuz"). Leave with Ctrl-A x (Ctrl-A h lists the keys)."
    exec "$@" -append "console=$console quiet"
fi
sh "$SRC/tools/check-boot.sh" "$out/console.log" "$(cat "$out/initramfs.gz.sha256")" "${vmlinuz##*/vmlinuz-}" 2 "$part" \
    "$@" -append "console=$console panic=-1 demo=check"
