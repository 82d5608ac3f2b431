#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make-initramfs.sh OUT.gz [KERNEL-FOLDER [INIT [MODULE...]]]   an initial RAM disk: busybox, INIT (tools/demo-init), known data, and
# from the kernel's folder (as get-guest.sh unpacks it) the MODULEs (virtio's) with what they depend on, named in /lib/modules/order.
# For folders "arm64" and "amd64" busybox is 64-bit, and the 32-bit one is beside it, as /bin/busybox-armhf or busybox-i386.
set -eu
out=${1:?usage: make-initramfs.sh OUT.gz [KERNEL-FOLDER [INIT [MODULE...]]]}
kernel=${2:-}
init=${3:-$SRC/tools/demo-init}
if [ $# -gt 3 ]; then
    shift 3
else
    set -- virtio_mmio virtio_console virtio-rng virtio_blk
    case ${kernel##*/} in amd64 | 686) set -- virtio_pci "$@" ;; esac
fi
other_arch=
case ${kernel##*/} in
arm64) arch=arm64 other_arch=armhf ;;
amd64) arch=amd64 other_arch=i386 ;;
686) arch=i386 ;;
*) arch=armhf ;;
esac
busybox=$(sh "$SRC/tools/get-guest.sh" busybox-$arch)
other=
[ -z "$other_arch" ] || other=$(sh "$SRC/tools/get-guest.sh" busybox-$other_arch)
root=$out.root
rm -rf "$root"
mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/lib/modules" "$root/root"
cp "$busybox/bin/busybox" "$root/bin/busybox"
[ -z "$other" ] || cp "$other/bin/busybox" "$root/bin/busybox-$other_arch"
cp "$init" "$root/init"
chmod 755 "$root/init" "$root/bin/busybox"
# Known data: the same bytes at each build, made here and hashed here.
awk 'BEGIN { x = 12345; for (i = 0; i < 40000; i++) { x = (x * 1103 + 12347) % 65521; printf "%d %x\n", i, x } }' >"$root/data"
sha256sum <"$root/data" | cut -d' ' -f1 >"$out.sha256"

# A module, what it depends on first; each once. Debian makes modules.dep when the kernel is installed, so the modules themselves are
# asked. A name is written with - or _, and what is built in is not there.
add_module() {
    [ ! -e "$root/lib/modules/$1.ko" ] || return 0
    file=$(find "$kernel/lib/modules" -name "$(echo "$1" | sed 's/[-_]/[-_]/g').ko*" | head -n 1)
    [ -n "$file" ] || return 0
    case $file in
    *.xz) xz -dc "$file" >"$root/lib/modules/$1.ko" ;;
    *) cp "$file" "$root/lib/modules/$1.ko" ;;
    esac
    for needed in $(tr '\0' '\n' <"$root/lib/modules/$1.ko" | LC_ALL=C sed -n 's/^depends=//p' | tr ',' ' '); do
        add_module "$needed"
    done
    echo "$1" >>"$root/lib/modules/order"
}

if [ -n "$kernel" ]; then
    for module; do
        add_module "$module"
    done
fi
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) | gzip -6n >"$out.part"
rm -rf "$root"
mv "$out.part" "$out"
