#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit UEFI firmware in two flash banks: to its shell; a variable that was set there survives the end of the emulator, by a
# signal, too. It starts a kernel that fw_cfg gives it, which finds the machine by ACPI and hears the power key.
set -eu
. "$SRC/tests/boot/lib.sh"
debian arm64
efi=$(sh "$SRC/tools/get-guest.sh" efi-aarch64)/usr/share/AAVMF || skip "no package registry answers, so there is no UEFI firmware"
dir=$BUILD/boot/uefi-arm64
rm -rf "$dir"
mkdir -p "$dir"
cp "$efi/AAVMF_VARS.fd" "$dir/vars.fd"
chmod u+w "$dir/vars.fd"
uefi() {
    log=$dir/$1.log
    shift
    "$BUILD/tests/boot/expect" "$TINAMOU" -M virt -m 512 -nographic -nic none -no-reboot \
        -drive "if=pflash,format=raw,unit=0,file=$efi/AAVMF_CODE.fd,readonly=on" \
        -drive "if=pflash,format=raw,unit=1,file=$dir/vars.fd" "$@" >"$log"
}

echo "== a variable is set"
uefi set -cpu cortex-a57 <<'STEPS'
limit 120
wait UEFI Interactive Shell
wait any other key to continue
send \r
wait Shell> 
limit 30
send setvar Kept -guid 5A1D0C01-7A11-4B0C-9C8A-000000000123 -nv -bs =0x11223344\r
wait Shell> 
signal 9
exit 137
STEPS

echo "== and is there after a restart, with GICv3"
uefi get -cpu cortex-a72 -M gic-version=3 <<'STEPS'
limit 120
wait UEFI Interactive Shell
wait any other key to continue
send \r
wait Shell> 
limit 30
send setvar Kept -guid 5A1D0C01-7A11-4B0C-9C8A-000000000123\r
wait 44 33 22 11
wait Shell> 
send reset -s\r
exit 0
restored
STEPS

echo "== a kernel through fw_cfg"
uefi kernel -cpu cortex-a57 -smp 2 -kernel "$vmlinuz" -initrd "$initrd" -append "console=ttyAMA0 panic=-1 demo=check" <<'STEPS'
limit 120
wait EFI stub: Booting Linux Kernel
wait efi: EFI v2
wait ACPI: Using GIC for interrupt routing
wait DEMO cpus 2
wait DEMO-OK
exit 0
restored
STEPS

echo "== the power key, by ACPI"
sh "$SRC/tools/make-initramfs.sh" "$dir/power.gz" "$guest" "$SRC/tests/boot/power-init"
uefi power -cpu cortex-a72 -M gic-version=3 -kernel "$vmlinuz" -initrd "$dir/power.gz" -append "console=ttyAMA0 panic=-1" <<'STEPS'
limit 120
wait POWER ready
send \x01c
send system_powerdown\r
wait POWER pressed
exit 0
restored
STEPS
