#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's installer for amd64 over PXE: the card's ROM gets an address and PXELINUX, which fetches kernel and RAM disk, all by DHCP and TFTP
# from user networking. It reaches its first question on the serial line and the one after it.
set -eu
. "$SRC/tests/boot/lib.sh"
case $TINAMOU in *tinamou-system-arm) TINAMOU=${TINAMOU%arm}x86_64 ;; esac
[ -e /usr/lib/ipxe/qemu/efi-e1000.rom ] || skip "Debian's package ipxe-qemu is not installed"
images=$(sh "$SRC/tools/get-guest.sh" installer-amd64)/usr/lib/debian-installer/images/12/amd64/text ||
    skip "no package registry answers, so there is no installer"
dir=$BUILD/boot/installer-amd64
rm -rf "$dir"
mkdir -p "$dir/tftp/pxelinux.cfg"
cp "$images/debian-installer/amd64/linux" "$images/debian-installer/amd64/initrd.gz" "$dir/tftp"
cp -L "$images/pxelinux.0" "$images/ldlinux.c32" "$dir/tftp"
cat >"$dir/tftp/pxelinux.cfg/default" <<'CFG'
serial 0 115200
default installer
prompt 0
label installer
  kernel linux
  append initrd=initrd.gz console=ttyS0 TERM=vt102
CFG
"$BUILD/tests/boot/expect" "$TINAMOU" -M pc -m 1G -smp 2 -nographic -no-reboot -boot n \
    -nic "user,model=e1000,tftp=$dir/tftp,bootfile=pxelinux.0" >"$dir/log" <<'STEPS'
limit 200
wait Select a language
wait English
send \r
wait Select your location
send \x01x
exit 0
restored
STEPS
