#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A raw image as virtio disk, by Debian's driver: the guest sees its contents, what it wrote and synced is in the file, a read-only
# image stays as it is, and an image that is in use is refused.
set -eu
. "$SRC/tests/boot/lib.sh"
"$TINAMOU" -device help | grep -qF '"virtio-blk-device"' || skip "there is no device virtio-blk-device"
mkdir -p "$BUILD/boot"
image=$BUILD/boot/disk.raw
awk 'BEGIN { for (i = 0; i < 220000; i++) printf "%07d sector data\n", i }' | head -c 4194304 >"$image"
before=$(sha256sum <"$image" | cut -d' ' -f1)
TAG=disk-ro boot armmp 1 cortex-a15 -drive "file=$image,if=virtio,readonly=on"
grep -q "^DEMO vda $before" "$log.text" || bad "the guest read something else: $(grep '^DEMO vda' "$log.text")"
grep -q "^DEMO vda-written no" "$log.text" || bad "a read-only disk could be written"
[ "$(sha256sum <"$image" | cut -d' ' -f1)" = "$before" ] || bad "a read-only image has changed"
TAG=disk boot armmp 2 cortex-a15 -drive "file=$image,if=none,id=d0" -device virtio-blk-device,drive=d0,serial=tin1
grep -q "^DEMO vda $before" "$log.text" || bad "the guest read something else: $(grep '^DEMO vda' "$log.text")"
grep -q "^DEMO vda-written yes" "$log.text" || bad "the guest could not write"
[ "$(dd if="$image" bs=512 skip=100 count=1 2>/dev/null | head -n 1)" = "written by the guest" ] ||
    bad "what the guest wrote is not in the image"
