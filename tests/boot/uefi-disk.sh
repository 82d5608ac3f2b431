#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# UEFI's own drivers for virtio disks and FAT: Debian's kernel as /EFI/BOOT/BOOTARM.EFI of a disk is found and started.
set -eu
. "$SRC/tests/boot/lib.sh"
command -v mformat >/dev/null || skip "there is no mformat (package mtools) to make a FAT disk"
debian armmp
efi=$(sh "$SRC/tools/get-guest.sh" efi-arm)/usr/share/AAVMF || skip "no package registry answers, so there is no UEFI firmware"
dir=$BUILD/boot/uefi-disk
rm -rf "$dir"
mkdir -p "$dir"
cp "$efi/AAVMF32_CODE.fd" "$dir/code.fd"
cp "$efi/AAVMF32_VARS.fd" "$dir/vars.fd"
chmod u+w "$dir/vars.fd" "$dir/code.fd"
truncate -s 64M "$dir/disk.raw"
mformat -i "$dir/disk.raw" -F ::
mmd -i "$dir/disk.raw" ::/EFI ::/EFI/BOOT
mcopy -i "$dir/disk.raw" "$vmlinuz" ::/EFI/BOOT/BOOTARM.EFI
"$BUILD/tests/boot/expect" "$TINAMOU" -M virt -cpu cortex-a15 -m 512 -nographic -nic none -no-reboot \
    -pflash "$dir/code.fd" -pflash "$dir/vars.fd" -drive "if=virtio,format=raw,file=$dir/disk.raw" >"$dir/log" <<'STEPS'
limit 120
wait EFI stub: Booting Linux Kernel
wait efi: EFI v2
# The stub got no command line and no RAM disk.
wait VFS: Unable to mount root fs
send \x01x
exit 0
restored
STEPS
