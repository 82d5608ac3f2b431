#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# disk-kill.sh   the emulator is killed (-9) at a random moment while the guest writes: what the guest had synced is in the image, and the file
# system mounts again. ROUNDS=3 times on one image, each with another way of doing the I/O.
set -eu
. "$SRC/tests/boot/lib.sh"
rounds=${ROUNDS:-3}
. "$SRC/tests/boot/disk-lib.sh"
disk_guest
image=$dir/image
new_image "$image" 96M
last=0
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null' EXIT

# Drive options, then mount options, of round N.
drive() {
    case $(($1 % 5)) in
    1) echo "discard=unmap" ;;
    2) echo "aio=threads" ;;
    3) echo "cache=none" ;;
    4) echo "cache=writethrough" ;;
    0) echo "aio=threads,discard=unmap,detect-zeroes=unmap" ;;
    esac
}

# The last whole line.
acknowledged() {
    tr -d '\r' <"$log" | sed -n 's/^ACK \([0-9]*\) ok$/\1/p' | tail -n 1
}

round=1
while [ "$round" -le "$rounds" ]; do
    log=$dir/round-$round.log
    : >"$log"
    wait_ms=$(($(od -An -N2 -tu2 /dev/urandom) % 1500))
    "$TINAMOU" -M virt -cpu cortex-a15 -m 256 -display none -serial stdio -no-reboot -kernel "$vmlinuz" -initrd "$disk_initrd" \
        -append "console=ttyAMA0 panic=-1 quiet start=$((last + 1)) options=discard" \
        -drive "file=$image,if=none,id=d,format=raw,$(drive "$round")" \
        -device "virtio-blk-device,drive=d,num-queues=$((round % 2 + 1))" </dev/null >"$log" 2>&1 &
    pid=$!
    tries=600
    until [ -n "$(acknowledged)" ]; do
        kill -0 $pid 2>/dev/null && [ $tries -gt 0 ] || bad "round $round: nothing was written: $(tail -n 3 "$log")"
        tries=$((tries - 1))
        sleep 0.1
    done
    sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
    kill -9 $pid
    wait $pid 2>/dev/null || :
    pid=
    first=$((last + 1))
    last=$(acknowledged)
    check_records "$image" "$last" 64
    echo "round $round: $(drive "$round"), killed after $wait_ms ms, records $first to $last are there"
    round=$((round + 1))
done
echo "$rounds passed, 0 failed, 0 skipped"
