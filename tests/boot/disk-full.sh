#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's file system fills up while the guest writes to a sparse image: one line on stderr, the guest stands (io-error), `cont` without
# room stops it again, `cont` with room lets it go on, and every record it wrote is there. With io_uring and with threads.
set -eu
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/disk-lib.sh"
[ "$(id -u)" = 0 ] || skip "mounting a small file system takes root"
command -v socat >/dev/null || skip "no socat to talk to the monitor"
if [ -z "${DISK_FULL_INSIDE:-}" ]; then
    unshare -m true 2>/dev/null || skip "no mount namespace of our own is allowed here"
    DISK_FULL_INSIDE=yes exec unshare -m sh "$0"
fi
disk_guest
small=$dir/small
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null' EXIT

monitor() {
    echo "$1" | socat -t 1 - "UNIX-CONNECT:$dir/monitor" | tr -d '\r' >>"$dir/answers"
}

await_state() {
    tries=300
    until
        : >"$dir/answers"
        monitor "info status"
        grep -q "VM status: $1" "$dir/answers"
    do
        kill -0 "$pid" || bad "it ended: $(tail -n 3 "$dir/err" "$dir/log")"
        tries=$((tries - 1))
        [ $tries -gt 0 ] || bad "the state is not '$1' but: $(cat "$dir/answers")"
        sleep 0.1
    done
}

try() { # AIO
    mkdir -p "$small"
    mount -t tmpfs -o size=48m tmpfs "$small" || skip "no small file system can be mounted here"
    new_image "$small/image" 64M
    dd if=/dev/zero of="$small/ballast" bs=1M count=34 2>/dev/null
    rm -f "$dir/monitor"
    : >"$dir/log"
    "$TINAMOU" -M virt -cpu cortex-a15 -m 256 -display none -serial "file:$dir/log" -monitor "unix:$dir/monitor,server,nowait" \
        -no-reboot -kernel "$vmlinuz" -initrd "$disk_initrd" -append "console=ttyAMA0 panic=-1 quiet count=4000 size=4096" \
        -drive "file=$small/image,if=none,id=d,format=raw,aio=$1" -device virtio-blk-device,drive=d </dev/null >"$dir/out" 2>"$dir/err" &
    pid=$!
    until [ -S "$dir/monitor" ]; do
        kill -0 "$pid" || bad "it ended: $(cat "$dir/err")"
        sleep 0.1
    done
    await_state "paused (io-error)"
    before=$(grep -c '^ACK' "$dir/log" || :)
    [ "$before" -lt 4000 ] || bad "the file system was not full"
    monitor cont
    await_state "paused (io-error)"
    rm "$small/ballast"
    monitor cont
    tries=600
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || bad "it did not go on: $(tail -n 3 "$dir/log")"
        sleep 0.1
    done
    wait "$pid" || bad "status $?: $(cat "$dir/err")"
    pid=
    grep -q '^WRITER: done' "$dir/log" || bad "the guest noticed: $(tail -n 3 "$dir/log")"
    ! grep -E 'I/O error|EXT4-fs error' "$dir/log" || bad "the guest noticed"
    grep -q "drive 'd': cannot write '$small/image': No space left on device; the guest is paused: make room, then type cont" "$dir/err" ||
        bad "no line says why it paused: $(cat "$dir/err")"
    [ "$(wc -l <"$dir/err")" -eq 2 ] || bad "not one line for each pause: $(cat "$dir/err")"
    check_records "$small/image" 4000 4096
    echo "aio=$1: full after $before records, all 4000 are there"
    umount "$small"
}

truncate -s 1M "$dir/probe"
uring=$("$TINAMOU" -M virt -display none -kernel /nonexistent -drive "file=$dir/probe,format=raw,aio=io_uring" 2>&1 || :)
case $uring in
*aio=threads*)
    echo "no io_uring: $uring"
    try threads
    echo "1 passed, 0 failed, 1 skipped"
    exit
    ;;
esac
try io_uring
try threads
echo "2 passed, 0 failed, 0 skipped"
