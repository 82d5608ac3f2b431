#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# virtio-rng gives the guest random numbers, and virtio serial ports carry lines: a console, and ports with names in both directions; by
# Debian's own drivers.
set -eu
. "$SRC/tests/boot/lib.sh"
for device in virtio-rng-device virtio-serial-device virtconsole; do
    "$TINAMOU" -device help | grep -qF "\"$device\"" || skip "there is no device $device"
done
port=$BUILD/boot/virtio-port.log
pipe=$BUILD/boot/virtio-pipe
rm -f "$port" "$pipe".in "$pipe".out
mkfifo "$pipe.in" "$pipe.out"
{ echo "hello from the host"; exec sleep 100; } >"$pipe.in" &
writer=$!
cat "$pipe.out" >"$pipe.log" &
reader=$!
trap 'kill $writer $reader 2>/dev/null || :' EXIT
TAG=virtio boot armmp 2 cortex-a15 -device virtio-rng-device -chardev "file,id=c0,path=$port" \
    -device virtio-serial-device -device virtconsole,chardev=c0 \
    -chardev "pipe,id=c1,path=$pipe" -device virtserialport,chardev=c1,name=org.example.0
grep -qE '^DEMO hwrng [0-9a-f]{32}' "$log.text" || bad "no random numbers: $(grep '^DEMO hwrng' "$log.text")"
grep -q '^DEMO hvc0 written' "$log.text" || bad "the guest has no hvc0"
grep -q "^hello from the guest" "$port" || bad "nothing came through the console port"
grep -q '^DEMO vport[0-9]p1 org.example.0' "$log.text" || bad "the guest has no port org.example.0: $(grep '^DEMO vport' "$log.text")"
grep -q '^DEMO vport[0-9]p1-in hello from the host' "$log.text" || bad "the port gave the guest something else: $(grep '^DEMO vport' "$log.text")"
grep -q '^hello from org.example.0' "$pipe.log" || bad "nothing came through the port with a name"
