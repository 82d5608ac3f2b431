#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# KVM in Debian's 64-bit kernel at EL2, with a virtual machine of our own (kvm-init.c): cortex-a57 (EL2 apart from the kernel) and max (VHE).
set -eu
. "$SRC/tests/boot/lib.sh"
debian arm64
cc=aarch64-linux-gnu-gcc
root=$BUILD/boot/kvm-arm64.root
rm -rf "$root"
mkdir -p "$root/dev"
command -v $cc >/dev/null || skip "no $cc to make the guest's program"
$cc -O1 -Wall -Wextra -static "$SRC/tests/boot/kvm-init.c" -o "$root/init" || bad "kvm-init.c does not compile"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -6n) >"$BUILD/boot/kvm-arm64.gz"

# CPU GIC MODE
try() {
    log=$BUILD/boot/kvm-arm64-$1-gic$2.log
    status=0
    timeout -k 5 "${LIMIT_SECONDS:-60}" "$TINAMOU" -M virt,virtualization=on,gic-version="$2" -cpu "$1" -m 512 -nographic -no-reboot \
        -kernel "$vmlinuz" -initrd "$BUILD/boot/kvm-arm64.gz" -append "console=ttyAMA0 panic=-1" </dev/null >"$log" 2>&1 || status=$?
    tr -d '\r' <"$log" >"$log.text"
    [ $status -eq 0 ] || bad "-cpu $1, GICv$2: the emulator ended with status $status (124: too late); $log has the console"
    for line in "kvm .*: $3 mode initialized successfully" '^KVM store 8 1$' '^KVM store 10 12345678$' \
        '^KVM exit 24 event 1 sums 1000 last 500500$' '^KVM-OK$'; do
        grep -qE "$line" "$log.text" || bad "-cpu $1, GICv$2: the console ($log.text) lacks: $line"
    done
    ! grep -nE 'Internal error: |Unable to handle kernel|WARNING: CPU|BUG: ' "$log.text" >&2 || bad "-cpu $1, GICv$2: complaints (lines above)"
}

try cortex-a57 3 Hyp
try max 2 VHE
try max 3 VHE
