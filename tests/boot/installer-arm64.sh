#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's installer for arm64, as for a boot from the network, reaches its first question on the serial line and the one after it.
set -eu
. "$SRC/tests/boot/lib.sh"
use_64bit
images=$(sh "$SRC/tools/get-guest.sh" installer-arm64)/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64 ||
    skip "no package registry answers, so there is no installer"
log=$BUILD/boot/installer-arm64.log
mkdir -p "$BUILD/boot"
"$BUILD/tests/boot/expect" "$TINAMOU" -M virt,gic-version=3 -cpu cortex-a72 -m 1G -smp 2 -nographic -nic none -no-reboot \
    -kernel "$images/linux" -initrd "$images/initrd.gz" -append "console=ttyAMA0 TERM=vt102" >"$log" <<'STEPS'
limit 120
wait Select a language
wait English
send \r
wait Select your location
send \x01x
exit 0
restored
STEPS
