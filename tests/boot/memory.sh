#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the emulator takes of the host's memory with the demo's guest (512 MiB, one CPU) at its shell: at most 100 MiB, about half of which
# are pages that the guest itself has touched.
set -eu
. "$SRC/tests/boot/lib.sh"
limit_kib=102400
grep -q CONFIG_SANITIZERS "$BUILD/config.h" && skip "sanitizers take memory of their own"
debian armmp
log=$BUILD/boot/memory.log
keys=$BUILD/boot/memory.keys
rm -f "$keys"
mkfifo "$keys"
sleep 100 >"$keys" &
writer=$!
"$TINAMOU" -M virt -cpu cortex-a15 -m 512 -smp 1 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
    -append "console=ttyAMA0 quiet" <"$keys" >"$log" 2>&1 &
emulator=$!
trap 'kill $emulator $writer 2>/dev/null || :' EXIT
waited=0
until grep -q 'tinamou:/#' "$log"; do
    [ $waited -lt 60 ] && kill -0 $emulator 2>/dev/null || bad "no shell: $(tail -n 3 "$log")"
    sleep 1
    waited=$((waited + 1))
done
sleep 1
rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$emulator/status")
echo "VmRSS $rss KiB"
[ "$rss" -le $limit_kib ] || bad "the emulator takes $rss KiB, more than $limit_kib"
