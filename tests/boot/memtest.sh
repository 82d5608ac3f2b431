#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# memtest86+, 64 and 32 bits, one whole pass over 64 MiB without an error. (The last test waits for two times 80 seconds.)
set -eu
. "$SRC/tests/boot/lib.sh"
case $TINAMOU in *tinamou-system-arm) TINAMOU=${TINAMOU%arm}x86_64 ;; esac
guest=$(sh "$SRC/tools/get-guest.sh" memtest86) || skip "no package registry answers, so there is no memtest86+"

mkdir -p "$BUILD/boot"
pass() {
    log=$BUILD/boot/memtest-$1.log
    "$BUILD/tests/boot/expect" "$TINAMOU" -M pc -m 64 -nographic -no-reboot -kernel "$guest/boot/memtest86+$1.bin" -append "console=ttyS0,115200" \
        >"$log" <<'STEPS'
limit 600
wait Memtest86+
wait Pass:  1        Errors: 0
send \x01x
exit 0
STEPS
    ! grep -aq 'Errors: *[1-9]' "$log" || bad "$1: errors; see $log"
}

pass x64 &
first=$!
pass ia32
wait $first
