#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit U-Boot as -bios: to its prompt; it loads Debian's kernel from a virtio disk and starts it, with GICv2 and GICv3. From flash
# images it keeps its environment over a restart.
set -eu
. "$SRC/tests/boot/lib.sh"
for dir in /sbin /usr/sbin; do PATH=$PATH:$dir; done
command -v mke2fs >/dev/null || skip "there is no mke2fs (e2fsprogs) to make a disk with a kernel"
debian arm64
firmware=$(sh "$SRC/tools/get-guest.sh" u-boot-arm)/usr/lib/u-boot/qemu_arm64/u-boot.bin || skip "no package registry answers, so there is no U-Boot"
dir=$BUILD/boot/u-boot-arm64
rm -rf "$dir"
mkdir -p "$dir/files"
cp "$vmlinuz" "$dir/files/vmlinuz"
cp "$initrd" "$dir/files/initrd.gz"
truncate -s 64M "$dir/disk.raw"
mke2fs -q -t ext2 -d "$dir/files" "$dir/disk.raw"
uboot() {
    "$BUILD/tests/boot/expect" "$TINAMOU" -M virt -m 512 -nographic -no-reboot "$@"
}

# NAME OPTION...
from_disk() {
    name=$1
    shift
    echo "== a kernel from a disk: $name"
    uboot "$@" -smp 2 -bios "$firmware" -drive "file=$dir/disk.raw,if=none,id=d,format=raw,readonly=on" \
        -device virtio-blk-device,drive=d >"$dir/boot-$name.log" <<'STEPS'
wait Flash: 64 MiB
wait autoboot
send \r
wait => 
send virtio scan\r
wait => 
send virtio info\r
wait Capacity: 64.0 MB
wait => 
send setenv bootargs console=ttyAMA0 panic=-1 demo=check\r
wait => 
send load virtio 0 ${kernel_addr_r} vmlinuz\r
limit 60
wait bytes read
wait => 
send load virtio 0 ${ramdisk_addr_r} initrd.gz\r
wait bytes read
wait => 
send booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdtcontroladdr}\r
limit 100
wait DEMO cpus 2
wait DEMO-OK
exit 0
restored
STEPS
}
from_disk gicv2 -cpu cortex-a57
from_disk gicv3 -cpu cortex-a72 -M gic-version=3

echo "== the environment in flash"
truncate -s 64M "$dir/code.fd" "$dir/env.fd"
dd if="$firmware" of="$dir/code.fd" conv=notrunc 2>/dev/null
flash() {
    uboot -cpu cortex-a57 -drive "if=pflash,format=raw,unit=0,file=$dir/code.fd,readonly=on" \
        -drive "if=pflash,format=raw,unit=1,file=$dir/env.fd" >"$dir/flash-$1.log"
}
flash 1 <<'STEPS'
wait autoboot
send \r
wait => 
send setenv kept first; saveenv\r
wait OK
wait => 
send \x01x
exit 0
STEPS
flash 2 <<'STEPS'
wait autoboot
send \r
wait => 
send printenv kept\r
wait kept=first
wait => 
send reset\r
exit 0
STEPS
