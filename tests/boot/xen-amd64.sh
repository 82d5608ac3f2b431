#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Xen (a multiboot kernel) with Debian's amd64 kernel and busybox as its first guest (dom0), paravirtual: machine pc and q35, 1 and 2 CPUs. The
# guest's console is Xen's (hvc0); it powers the machine off.
set -eu
. "$SRC/tests/boot/lib.sh"
debian amd64
xen=$(sh "$SRC/tools/get-guest.sh" xen-amd64) || skip "no package registry answers, so there is no Xen to boot"
gunzip -c "$xen"/boot/xen-*-amd64.gz >"$BUILD/boot/xen-amd64.elf"

# MACHINE SMP CPU
try() {
    log=$BUILD/boot/xen-amd64-$1-$2-$3.log
    status=0
    timeout -k 5 "${LIMIT_SECONDS:-100}" "$TINAMOU" -M "$1" -smp "$2" -cpu "$3" -m 1024 -nographic -no-reboot -kernel "$BUILD/boot/xen-amd64.elf" \
        -append "com1=115200 console=com1 dom0_mem=512M" -initrd "$vmlinuz console=hvc0 panic=-1 demo=check,$initrd" \
        </dev/null >"$log" 2>&1 || status=$?
    tr -d '\r' <"$log" >"$log.text"
    [ $status -eq 0 ] || bad "$*: the emulator ended with status $status (124: too late); $log has the console"
    for line in '\(XEN\) Xen version 4\.' "^\(XEN\) Brought up $2 CPUs" '^\(XEN\)  Dom0 kernel: 64-bit' 'Booting kernel on Xen' \
        "^DEMO uname Linux $release x86_64" "^DEMO cpus $2\$" "^DEMO sha256 $sum" "^DEMO i386-sha256 $sum" '^DEMO hvc0 written' 'reboot: Power down' '^\(XEN\) Entering ACPI S5 state'; do
        grep -qE "$line" "$log.text" || bad "$*: the console ($log.text) lacks: $line"
    done
    ! grep -nE 'Oops|general protection|BUG|rcu.*self-detected|Xen call trace|Panic on CPU' "$log.text" >&2 || bad "$*: complaints (lines above)"
}

try pc 1 qemu64
try q35 2 max
