#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The memory balloon with Debian's driver: what the guest has touched and freed goes back to the host when the monitor wants the guest
# smaller, the guest has less memory then, and has it again when it may.
set -eu
. "$SRC/tests/boot/lib.sh"
command -v socat >/dev/null || skip "there is no socat"
grep -q CONFIG_SANITIZERS "$BUILD/config.h" && skip "sanitizers take memory of their own"
debian armmp
initrd=$BUILD/boot/balloon-initramfs.gz
sh "$SRC/tools/make-initramfs.sh" "$initrd" "$guest" "$SRC/tools/demo-init" virtio_mmio virtio_balloon
log=$BUILD/boot/balloon.log
keys=$BUILD/boot/balloon.keys
socket=$BUILD/boot/balloon.monitor
rm -f "$keys" "$socket"
: >"$log"
mkfifo "$keys"
sleep 200 >"$keys" &
writer=$!
"$TINAMOU" -M virt -cpu cortex-a15 -m 512 -smp 1 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
    -append "console=ttyAMA0 quiet" -device virtio-balloon-device -monitor "unix:$socket,server=on,wait=off" <"$keys" >"$log" 2>&1 &
emulator=$!
trap 'kill $emulator $writer 2>/dev/null || :' EXIT

# TEXT: until the guest has printed a line with it at its start.
await() {
    waited=0
    until tr '\r' '\n' <"$log" | grep -q "^$1"; do
        [ $waited -lt 60 ] && kill -0 $emulator 2>/dev/null || bad "the guest does not say $1: $(tail -n 3 "$log")"
        sleep 1
        waited=$((waited + 1))
    done
}

monitor() {
    printf '%s\n' "$1" | socat -t 1 - "UNIX-CONNECT:$socket" | tr -d '\r'
}

# MIB: until the guest's balloon has brought it there.
await_size() {
    waited=0
    until monitor "info balloon" | grep -q "actual=$1\$"; do
        [ $waited -lt 30 ] || bad "the guest does not come to $1 MiB: $(monitor "info balloon")"
        sleep 1
        waited=$((waited + 1))
    done
}

rss() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$emulator/status"
}

# NAME: MemTotal in the guest as NAME, in KiB
guest_total() {
    echo "echo $1 \$(grep MemTotal /proc/meminfo | tr -dc 0-9)" >"$keys"
    await "$1 [0-9]"
    total=$(tr '\r' '\n' <"$log" | sed -n "s/^$1 \([0-9]*\).*/\1/p")
}

await 'tinamou:/#'
echo 'dd if=/dev/zero of=/x bs=1M count=200 && rm /x && echo FILLED' >"$keys"
await FILLED
guest_total BEFORE
before=$total full=$(rss)
monitor "balloon 192" >/dev/null
await_size 192
guest_total SMALL
small=$total empty=$(rss)
echo "VmRSS $full KiB, with the balloon $empty; the guest's memory $before KiB, $small"
[ $((full - empty)) -gt 150000 ] || bad "the host got $((full - empty)) KiB back"
[ $((before - small)) -gt 300000 ] || bad "the guest has $small KiB of $before"
monitor "balloon 512" >/dev/null
await_size 512
guest_total AGAIN
[ "$total" -eq "$before" ] || bad "the guest has $total KiB of $before again"
echo 'dd if=/dev/zero of=/y bs=1M count=200 && echo AGAIN-FILLED' >"$keys"
await AGAIN-FILLED
