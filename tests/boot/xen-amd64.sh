#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's Xen for amd64 by -kernel (multiboot), with Debian's kernel and the demo's initramfs as modules: dom0 runs the demo's checks.
set -eu
. "$SRC/tests/boot/lib.sh"
debian amd64
xen=$(sh "$SRC/tools/get-guest.sh" xen-amd64) || skip "no package registry answers, so there is no Xen"
dir=$BUILD/boot/xen-amd64
mkdir -p "$dir"
zcat "$xen"/boot/xen-*-amd64.gz >"$dir/xen"
timeout -k 5 150 "$TINAMOU" -M pc -m 1024 -nographic -no-reboot -kernel "$dir/xen" \
    -append "console=com1 com1=115200 loglvl=all dom0_mem=512M" -initrd "$vmlinuz console=hvc0 panic=-1 demo=check,$initrd" \
    </dev/null >"$dir/log" 2>&1 || bad "ended with status $?; see $dir/log"
tr -d '\r' <"$dir/log" >"$dir/text"
grep -q '(XEN) Xen version 4' "$dir/text" || bad "no banner of Xen; see $dir/log"
grep -q "^DEMO uname Linux $release x86_64" "$dir/text" || bad "dom0 does not say what it is; see $dir/log"
grep -q "^DEMO sha256 $sum" "$dir/text" || bad "dom0 computes a wrong sum; see $dir/log"
grep -q "^DEMO i386-sha256 $sum" "$dir/text" || bad "a 32-bit program of dom0 computes a wrong sum; see $dir/log"
