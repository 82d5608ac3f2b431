#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk as an installed system has it, with an EFI partition: 64-bit UEFI finds GRUB there, GRUB its menu and Debian's kernel with the demo's
# RAM disk; on virtio-mmio with GICv2 and a device tree, and on PCI with GICv3 and ACPI.
set -eu
. "$SRC/tests/boot/lib.sh"
command -v mformat >/dev/null || skip "there is no mformat (package mtools) to make a FAT disk"
debian arm64
efi=$(sh "$SRC/tools/get-guest.sh" efi-aarch64)/usr/share/AAVMF || skip "no package registry answers, so there is no UEFI firmware"
grub=$(sh "$SRC/tools/get-guest.sh" grub-arm64)/usr/lib/grub/arm64-efi/monolithic/grubaa64.efi || skip "no package registry answers, so there is no GRUB"
dir=$BUILD/boot/uefi-disk-arm64
rm -rf "$dir"
mkdir -p "$dir"
cat >"$dir/grub.cfg" <<'CFG'
set timeout=0
menuentry "Debian on Tinamou" {
    echo "loading the kernel from $root"
    linux /vmlinuz console=ttyAMA0 panic=-1 demo=check
    initrd /initrd.gz
}
CFG
# One partition, of type EF (EFI system), from sector 2048 to the end of 128 MiB: entry 0 of the table at 446.
truncate -s 128M "$dir/disk.raw"
printf '\200\376\377\377\357\376\377\377\000\010\000\000\000\370\003\000' | dd of="$dir/disk.raw" bs=1 seek=446 conv=notrunc 2>/dev/null
printf '\125\252' | dd of="$dir/disk.raw" bs=1 seek=510 conv=notrunc 2>/dev/null
part=$dir/disk.raw@@1M
mformat -i "$part" -F -T 260096 ::
mmd -i "$part" ::/EFI ::/EFI/BOOT ::/EFI/debian
mcopy -i "$part" "$grub" ::/EFI/BOOT/BOOTAA64.EFI
mcopy -i "$part" "$dir/grub.cfg" ::/EFI/debian/grub.cfg
mcopy -i "$part" "$vmlinuz" ::/vmlinuz
mcopy -i "$part" "$initrd" ::/initrd.gz

# NAME WORDS-OF-THE-KERNEL OPTION...
try() {
    name=$1 words=$2
    shift 2
    cp "$efi/AAVMF_VARS.fd" "$dir/vars.fd"
    chmod u+w "$dir/vars.fd"
    "$BUILD/tests/boot/expect" "$TINAMOU" -M virt -m 1G -smp 2 -nographic -nic none -no-reboot \
        -drive "if=pflash,format=raw,unit=0,file=$efi/AAVMF_CODE.fd,readonly=on" \
        -drive "if=pflash,format=raw,unit=1,file=$dir/vars.fd" \
        -drive "if=none,id=d,format=raw,file=$dir/disk.raw,readonly=on" "$@" >"$dir/$name.log" <<STEPS
limit 120
wait loading the kernel from hd0,msdos1
wait EFI stub: Booting Linux Kernel
wait efi: EFI v2
wait $words
wait DEMO cpus 2
wait DEMO-OK
exit 0
restored
STEPS
    echo "ok   $name"
}
try mmio "psci: probing for conduit method from DT" -M acpi=off -cpu cortex-a57 -device virtio-blk-device,drive=d
try pci "PCI/MSI: ITS@0x8080000 domain created" -M gic-version=3 -cpu max -device virtio-blk-pci,drive=d
