#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A raw image as virtio disk, by Debian's driver: the guest sees its contents, what it wrote and synced is in the file, and an image that is
# read-only or under a snapshot stays as it is.
set -eu
. "$SRC/tests/boot/lib.sh"
"$TINAMOU" -device help | grep -qF '"virtio-blk-device"' || skip "there is no device virtio-blk-device"
mkdir -p "$BUILD/boot"
image=$BUILD/boot/disk.raw
awk 'BEGIN { for (i = 0; i < 220000; i++) printf "%07d sector data\n", i }' | head -c 4194304 >"$image"
before=$(sha256sum <"$image" | cut -d' ' -f1)
TAG=disk-ro boot armmp 1 cortex-a15 -cdrom "$image"
grep -q "^DEMO vda $before" "$log.text" || bad "the guest read something else: $(grep '^DEMO vda' "$log.text")"
grep -q "^DEMO vda-written no" "$log.text" || bad "a read-only disk could be written"
[ "$(sha256sum <"$image" | cut -d' ' -f1)" = "$before" ] || bad "a read-only image has changed"
TAG=disk-snapshot boot armmp 1 cortex-a15 -snapshot -hda "$image"
grep -q "^DEMO vda-written yes" "$log.text" || bad "the guest could not write with a snapshot"
[ "$(sha256sum <"$image" | cut -d' ' -f1)" = "$before" ] || bad "an image under a snapshot has changed"
TAG=disk boot armmp 2 cortex-a15 -blockdev "driver=raw,node-name=d0,file.driver=file,file.filename=$image" \
    -device virtio-blk-device,drive=d0,num-queues=2,serial=tin1
grep -q "^DEMO vda $before" "$log.text" || bad "the guest read something else: $(grep '^DEMO vda' "$log.text")"
grep -q "^DEMO vda-written yes" "$log.text" || bad "the guest could not write"
[ "$(dd if="$image" bs=512 skip=100 count=1 2>/dev/null | head -n 1)" = "written by the guest" ] ||
    bad "what the guest wrote is not in the image"
