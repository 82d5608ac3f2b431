#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# GRUB for PCs from a disk image: its boot sector and core image, made by Debian's grub-mkimage, start Debian's amd64 kernel from an ext2 partition. The
# disk is on IDE, AHCI and virtio; GRUB's console is the serial port.
set -eu
. "$SRC/tests/boot/lib.sh"
for dir in /sbin /usr/sbin; do PATH=$PATH:$dir; done
command -v grub-mkimage >/dev/null || skip "there is no grub-mkimage (grub-common)"
command -v mke2fs >/dev/null || skip "there is no mke2fs (e2fsprogs)"
command -v sfdisk >/dev/null || skip "there is no sfdisk (fdisk)"
debian amd64
modules=$(sh "$SRC/tools/get-guest.sh" grub-pc)/usr/lib/grub/i386-pc || skip "no package registry answers, so there is no GRUB"
dir=$BUILD/boot/grub-pc
rm -rf "$dir"
mkdir -p "$dir/files/boot/grub"
cp "$vmlinuz" "$dir/files/vmlinuz"
cp "$initrd" "$dir/files/initrd.gz"
cat >"$dir/early.cfg" <<'CONFIG'
serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
set root=(hd0,msdos1)
set prefix=(hd0,msdos1)/boot/grub
configfile /boot/grub/grub.cfg
CONFIG
cat >"$dir/files/boot/grub/grub.cfg" <<'CONFIG'
echo "GRUB has read its configuration"
linux /vmlinuz console=ttyS0 panic=-1 demo=check
initrd /initrd.gz
boot
CONFIG
grub-mkimage -d "$modules" -O i386-pc -o "$dir/core.img" -c "$dir/early.cfg" -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2 serial terminal \
    normal configfile linux echo
truncate -s 128M "$dir/disk.raw"
echo '2048,,83,*' | sfdisk -q "$dir/disk.raw"
truncate -s 127M "$dir/part.raw"
mke2fs -q -t ext2 -d "$dir/files" "$dir/part.raw"
dd if="$dir/part.raw" of="$dir/disk.raw" bs=1M seek=1 conv=notrunc 2>/dev/null
# The boot sector keeps the partition table; the core image lies behind it, where boot.img looks.
dd if="$modules/boot.img" of="$dir/disk.raw" bs=440 count=1 conv=notrunc 2>/dev/null
[ "$(wc -c <"$dir/core.img")" -lt 1000000 ] || bad "core.img does not fit before the partition"
dd if="$dir/core.img" of="$dir/disk.raw" bs=512 seek=1 conv=notrunc 2>/dev/null

# NAME OPTION...
from() {
    name=$1
    shift
    echo "== $name"
    "$BUILD/tests/boot/expect" "$TINAMOU" -m 512 -nographic -no-reboot "$@" >"$dir/$name.log" <<'STEPS'
limit 100
wait Booting from Hard Disk
wait GRUB has read its configuration
wait DEMO-OK
exit 0
STEPS
}
from ide -M pc -drive "file=$dir/disk.raw,format=raw,if=ide"
from ahci -M q35 -drive "file=$dir/disk.raw,format=raw,if=ide"
from virtio -M pc -drive "file=$dir/disk.raw,format=raw,if=virtio"
