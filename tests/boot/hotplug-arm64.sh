#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CPUs that are taken out and put back (PSCI CPU_OFF, CPU_ON) under Debian's arm64 kernel while a disk's messages must find another CPU: GICv2
# with GICv2m, GICv3 with the ITS, whose interrupts move.
set -eu
. "$SRC/tests/boot/lib.sh"
debian arm64
dir=$BUILD/boot/hotplug-arm64
mkdir -p "$dir"
head -c 4194304 /dev/urandom >"$dir/disk.raw"
disk_sum=$(sha256sum <"$dir/disk.raw" | cut -d' ' -f1)
sh "$SRC/tools/make-initramfs.sh" "$dir/initramfs.gz" "$guest" "$SRC/tests/boot/hotplug-init" virtio_pci virtio_blk
for gic in 2 3; do
    log=$dir/gicv$gic.log
    timeout -k 5 100 "$TINAMOU" -M "virt,gic-version=$gic" -cpu cortex-a76 -smp 4 -m 512 -nographic -no-reboot -kernel "$vmlinuz" \
        -initrd "$dir/initramfs.gz" -append "console=ttyAMA0 panic=-1" -drive "if=none,id=d,format=raw,file=$dir/disk.raw,readonly=on" \
        -device virtio-blk-pci,drive=d </dev/null >"$log.raw" 2>&1 || { tail -n 20 "$log.raw"; bad "gic-version=$gic: status $?"; }
    tr -d '\r' <"$log.raw" >"$log"
    for line in "1 CPUs" "4 CPUs"; do
        [ "$(grep -c "^HOTPLUG $line $disk_sum" "$log")" -eq 3 ] || { grep HOTPLUG "$log"; bad "gic-version=$gic: not three times: $line"; }
    done
    [ "$(grep -c "^HOTPLUG on CPU . $disk_sum" "$log")" -eq 4 ] || { grep HOTPLUG "$log"; bad "gic-version=$gic: not on all CPUs"; }
    grep -q "^HOTPLUG end" "$log" || bad "gic-version=$gic: no end"
    ! grep -nE 'Internal error: |Unable to handle kernel|WARNING: CPU|BUG: |self-detected stall|failed to' "$log" >&2 || bad "gic-version=$gic: (lines above)"
    echo "ok   gic-version=$gic"
done
