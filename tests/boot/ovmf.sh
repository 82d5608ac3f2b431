#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# UEFI of Debian's package ovmf: to its shell on q35, and on to Debian's kernel by -kernel there from a pair of flash images and on pc by -bios.
# The second start from the same images finds what the first has written.
set -eu
. "$SRC/tests/boot/lib.sh"
[ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] && [ -e /usr/share/ovmf/OVMF.fd ] || skip "Debian's package ovmf is not installed"
debian amd64
dir=$BUILD/boot/ovmf
mkdir -p "$dir"
code=/usr/share/OVMF/OVMF_CODE_4M.fd
vars=$dir/vars.fd
cp /usr/share/OVMF/OVMF_VARS_4M.fd "$vars"

# NAME OPTION...: the shell's prompt within a minute.
shell() {
    name=$1
    shift
    "$TINAMOU" "$@" -m 256 -nic none -nographic -monitor none -serial stdio </dev/null >"$dir/$name.log" 2>&1 &
    pid=$!
    n=0
    until grep -aq 'Shell>' "$dir/$name.log"; do
        kill -0 $pid 2>/dev/null && [ $n -lt 60 ] || { kill $pid 2>/dev/null || :; bad "$name: no prompt of the shell; see $dir/$name.log"; }
        n=$((n + 1))
        sleep 1
    done
    kill $pid
    wait $pid || :
}

# NAME MACHINE OPTION...: Debian's kernel to the demo's checks.
kernel() {
    name=$1 machine=$2
    shift 2
    LIMIT_SECONDS=100 sh "$SRC/tools/check-boot.sh" "$dir/$name.log" "$sum" "$release" 2 'QEMU Virtual CPU.*' \
        "$TINAMOU" -M "$machine" -cpu qemu64 -m 512 -smp 2 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
        -append "console=ttyS0 panic=-1 demo=check" "$@"
    grep -aq 'EFI v2' "$dir/$name.log" || bad "$name: the kernel was not started by UEFI"
}

before=$(sha256sum <"$vars")
set -- -drive "if=pflash,format=raw,unit=0,readonly=on,file=$code" -drive "if=pflash,format=raw,unit=1,file=$vars"
shell q35 -M q35 "$@"
[ "$before" != "$(sha256sum <"$vars")" ] || bad "UEFI has written nothing into the second flash image"
kernel q35-kernel q35 "$@"
kernel pc-kernel pc -bios OVMF.fd
