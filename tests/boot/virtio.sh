#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# virtio-rng gives the guest random numbers, and a virtio console port takes what the guest writes: by Debian's own drivers.
set -eu
. "$SRC/tests/boot/lib.sh"
for device in virtio-rng-device virtio-serial-device virtconsole; do
    "$TINAMOU" -device help | grep -qF "\"$device\"" || skip "there is no device $device"
done
port=$BUILD/boot/virtio-port.log
rm -f "$port"
TAG=virtio boot armmp 2 cortex-a15 -device virtio-rng-device -chardev "file,id=c0,path=$port" \
    -device virtio-serial-device -device virtconsole,chardev=c0
grep -qE '^DEMO hwrng [0-9a-f]{32}' "$log.text" || bad "no random numbers: $(grep '^DEMO hwrng' "$log.text")"
grep -q '^DEMO hvc0 written' "$log.text" || bad "the guest has no hvc0"
grep -q "^hello from the guest" "$port" || bad "nothing came through the console port"
