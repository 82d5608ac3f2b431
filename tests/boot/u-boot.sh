#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's U-Boot as -bios: to its prompt; it loads Debian's kernel from a virtio disk and starts it. From flash images it keeps its
# environment over a restart, also when the emulator is killed after U-Boot said that it is saved.
set -eu
. "$SRC/tests/boot/lib.sh"
for dir in /sbin /usr/sbin; do PATH=$PATH:$dir; done
command -v mke2fs >/dev/null || skip "there is no mke2fs (e2fsprogs) to make a disk with a kernel"
debian armmp
firmware=$(sh "$SRC/tools/get-guest.sh" u-boot-arm)/usr/lib/u-boot/qemu_arm/u-boot.bin || skip "no package registry answers, so there is no U-Boot"
dir=$BUILD/boot/u-boot
rm -rf "$dir"
mkdir -p "$dir/files"
cp "$vmlinuz" "$dir/files/vmlinuz"
cp "$initrd" "$dir/files/initrd.gz"
truncate -s 32M "$dir/disk.raw"
mke2fs -q -t ext2 -d "$dir/files" "$dir/disk.raw"
uboot() {
    "$BUILD/tests/boot/expect" "$TINAMOU" -M virt -cpu cortex-a15 -m 512 -nographic -no-reboot "$@"
}

echo "== a kernel from a disk"
uboot -smp 2 -bios "$firmware" -fw_cfg name=opt/org.example/greeting,string=hello -drive "file=$dir/disk.raw,if=virtio,format=raw,readonly=on" >"$dir/boot.log" <<'STEPS'
wait Flash: 64 MiB
wait autoboot
send \r
wait => 
send qfw list\r
wait opt/org.example/greeting
wait => 
send virtio scan\r
wait => 
send virtio info\r
wait Capacity: 32.0 MB
wait => 
send setenv bootargs console=ttyAMA0 panic=-1 demo=check\r
wait => 
send load virtio 0 ${kernel_addr_r} vmlinuz\r
wait bytes read
wait => 
send load virtio 0 ${ramdisk_addr_r} initrd.gz\r
wait bytes read
wait => 
send bootz ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdtcontroladdr}\r
limit 100
wait DEMO cpus 2
wait DEMO-OK
exit 0
restored
STEPS

echo "== the environment in flash"
truncate -s 64M "$dir/code.fd" "$dir/env.fd"
dd if="$firmware" of="$dir/code.fd" conv=notrunc 2>/dev/null
flash() {
    uboot -drive "if=pflash,format=raw,unit=0,file=$dir/code.fd,readonly=on" -drive "if=pflash,format=raw,unit=1,file=$dir/env.fd" \
        >"$dir/flash-$1.log"
}
flash 1 <<'STEPS'
wait bad CRC, using default environment
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
send setenv kept second; saveenv\r
wait OK
wait => 
signal 9
exit 137
STEPS
flash 3 <<'STEPS'
wait autoboot
send \r
wait => 
send printenv kept\r
wait kept=second
wait => 
send reset\r
exit 0
STEPS
