#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Xen in Hyp mode of a 32-bit CPU with Debian's kernel and busybox as its first guest (dom0), given by guest-loader: Hyp mode's tables, stage 2, traps,
# virtual interrupts of GICv2. The guest's console is Xen's (hvc0); it powers the machine off.
set -eu
. "$SRC/tests/boot/lib.sh"
debian armmp-lpae
xen=$(sh "$SRC/tools/get-guest.sh" xen-armhf) || skip "no package registry answers, so there is no Xen to boot"
# The size in its header (bytes 40 to 47: start, end) counts memory that the file does not have.
padded=$BUILD/boot/xen-armhf.bin
cp "$xen"/boot/xen-*-armhf "$padded"
size=$(od -An -tu4 -j40 -N8 "$padded" | awk '{ print $2 - $1 }')
truncate -s "$size" "$padded"
log=$BUILD/boot/xen-armhf.log
status=0
timeout -k 5 "${LIMIT_SECONDS:-100}" "$TINAMOU" -M virt,virtualization=on -cpu cortex-a15 -m 1024 -nographic -no-reboot -kernel "$padded" \
    -append "console=dtuart dtuart=/pl011@9000000 dom0_mem=512M" \
    -device "guest-loader,addr=0x4a000000,kernel=$vmlinuz,bootargs=console=hvc0 panic=-1 demo=check" \
    -device "guest-loader,addr=0x4f000000,initrd=$initrd" </dev/null >"$log" 2>&1 || status=$?
tr -d '\r' <"$log" >"$log.text"
[ $status -eq 0 ] || bad "the emulator ended with status $status (124: too late); $log has the console"
for line in '^\(XEN\) Xen version 4\.' '^\(XEN\) GICv2 initialization' '^\(XEN\) \*\*\* LOADING DOMAIN 0' '^\[.*Xen 4\.[0-9]* support found' \
    "^DEMO uname Linux $release armv7l" '^DEMO cpus 1$' "^DEMO sha256 $sum" '^DEMO timer .*GIC-0 *27 Level *arch_timer' '^DEMO hvc0 written' \
    'reboot: Power down' '^\(XEN\) Hardware Dom0 halted: halting machine'; do
    grep -qE "$line" "$log.text" || bad "the console ($log.text) lacks: $line"
done
! grep -nE 'Internal error: |Unable to handle kernel|WARNING: CPU|BUG|rcu.*self-detected|Xen call trace|Panic on CPU' "$log.text" >&2 ||
    bad "complaints (lines above)"
