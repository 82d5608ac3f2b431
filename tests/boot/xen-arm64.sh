#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Xen at EL2 with Debian's 64-bit kernel and busybox as its first guest (dom0), given by guest-loader: cortex-a57 and max, 1 and 2 CPUs,
# GICv3 and GICv2. The guest's console is Xen's (hvc0); it sees Xen's interrupt controller and timers, and powers the machine off.
set -eu
. "$SRC/tests/boot/lib.sh"
debian arm64
xen=$(sh "$SRC/tools/get-guest.sh" xen-arm64) || skip "no package registry answers, so there is no Xen to boot"
xen=$(ls "$xen"/boot/xen-*-arm64)

# CPU SMP [GIC-VERSION]
try() {
    gic=${3:-3}
    log=$BUILD/boot/xen-arm64-$1-$2-$gic.log
    status=0
    timeout -k 5 "${LIMIT_SECONDS:-100}" "$TINAMOU" -M virt,virtualization=on,gic-version=$gic -cpu "$1" -smp "$2" -m 1024 -nographic \
        -no-reboot -kernel "$xen" -append "console=dtuart dtuart=/pl011@9000000 dom0_mem=512M" \
        -device "guest-loader,addr=0x4a000000,kernel=$vmlinuz,bootargs=console=hvc0 panic=-1 demo=check" \
        -device "guest-loader,addr=0x4f000000,initrd=$initrd" </dev/null >"$log" 2>&1 || status=$?
    tr -d '\r' <"$log" >"$log.text"
    [ $status -eq 0 ] || bad "-cpu $1 -smp $2: the emulator ended with status $status (124: too late); $log has the console"
    for line in '^\(XEN\) Xen version 4\.' "^\(XEN\) GICv$gic initialization" "^\(XEN\) Brought up $2 CPUs" '^\(XEN\) \*\*\* LOADING DOMAIN 0' \
        '^\[.*Xen 4\.[0-9]* support found' "^DEMO uname Linux $release aarch64" "^DEMO cpus $2\$" "^DEMO part CPU part.*: $(part "$1")\$" \
        "^DEMO sha256 $sum" '^DEMO armhf ELF class 1$' "^DEMO armhf-sha256 $sum" '^DEMO timer .*GIC[-v][03] *27 Level *arch_timer' \
        '^DEMO hvc0 written' 'reboot: Power down' '^\(XEN\) Hardware Dom0 halted: halting machine'; do
        grep -qE "$line" "$log.text" || bad "-cpu $1 -smp $2: the console ($log.text) lacks: $line"
    done
    ! grep -nE 'Internal error: |Unable to handle kernel|WARNING: CPU|BUG|rcu.*self-detected|Xen call trace|Panic on CPU' "$log.text" >&2 ||
        bad "-cpu $1 -smp $2: complaints (lines above)"
}

try cortex-a57 1
try cortex-a57 2
try max 1
try max 2
try cortex-a57 2 2
