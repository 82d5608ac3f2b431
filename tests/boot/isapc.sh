#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 686 kernel on a PC without PCI: to the demo's checks. There is no power to switch off.
set -eu
. "$SRC/tests/boot/lib.sh"
debian 686
log=$BUILD/boot/isapc.log
timeout -k 5 100 "$TINAMOU" -M isapc -cpu pentium3 -m 256 -nographic -kernel "$vmlinuz" -initrd "$initrd" \
    -append "console=ttyS0 panic=-1 demo=check" </dev/null >"$log" 2>&1 &
pid=$!
until grep -q '^DEMO-OK' "$log"; do
    kill -0 $pid 2>/dev/null || bad "no DEMO-OK; see $log"
    sleep 0.3
done
kill $pid
wait $pid || :
tr -d '\r' <"$log" >"$log.text"
grep -q "^DEMO sha256 $sum" "$log.text" || bad "wrong sum; see $log"
grep -q '^DEMO uart .*XT-PIC' "$log.text" || bad "the serial port's interrupt does not come by the 8259; see $log"
