#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The monitor: Ctrl-A c on the terminal, stop and cont, reset, quit; on stdin beside a serial port elsewhere, on a socket; -S and cont,
# -no-shutdown and reset. system_powerdown presses the power key of a Debian kernel: its input device gets KEY_POWER.
set -eu
. "$SRC/tests/boot/lib.sh"
expect=$BUILD/tests/boot/expect
mkdir -p "$BUILD/boot"

echo "== on the terminal of the serial port"
"$expect" "$TINAMOU" -M virt -m 64 -nographic -kernel "$own" -name "a guest" <<'STEPS'
wait demo>
raw
send \x01c
wait monitor - type 'help' for more information
wait (qemu) 
send info status\r
wait VM status: running
wait (qemu) 
send info name\r
wait a guest
send info chardev\r
wait serial0: filename=mux
send stop\r
wait (qemu) 
send info status\r
wait VM status: paused
wait (qemu) 
# The guest stands: this waits for cont.
send \x01csum\r\x01c
wait (qemu) 
silent 1
send cont\r
wait a658f344
send \x01cticks\r\x01c
wait timer interrupts
send system_reset\r
wait demo guest
wait demo>
send stop\r
send system_reset\r
send info status\r
wait VM status: paused (prelaunch)
send cont\r
wait demo guest
wait demo>
send quit\r
exit 0
restored
STEPS

echo "== on the terminal alone; -S and cont; -no-shutdown and a reset"
serial=$BUILD/boot/monitor-serial.log
"$expect" "$TINAMOU" -M virt -m 64 -S -no-shutdown -nographic -serial "file:$serial" -kernel "$own" -append demo=check <<'STEPS'
wait (qemu) 
send info status\r
wait VM status: paused (prelaunch)
send cont\r
wait (qemu) 
send info status\r
until VM status: paused (shutdown)
send cont\r
wait Error: the guest has shut down
send system_reset\r
wait (qemu) 
send info status\r
wait VM status: paused (prelaunch)
send cont\r
wait (qemu) 
send info status\r
until VM status: paused (shutdown)
send q\r
exit 0
restored
STEPS
[ "$(grep -c '^DEMO-OK' "$serial")" = 2 ] || bad "the guest did not run twice"

echo "== on a -chardev, -serial elsewhere"
"$expect" "$TINAMOU" -M virt -m 64 -display none -serial null -chardev stdio,id=m -mon m -kernel "$own" <<'STEPS'
wait (qemu) 
send info version\r
wait (qemu) 
send quit\r
exit 0
STEPS

echo "== the power key"
debian armmp
extra=$BUILD/boot/monitor-initramfs
rm -rf "$extra.root"
mkdir -p "$extra.root/lib/modules"
module=$(find "$guest/lib/modules" -name "evdev.ko*")
case $module in
*.xz) xz -dc "$module" >"$extra.root/lib/modules/evdev.ko" ;;
*) cp "$module" "$extra.root/lib/modules/evdev.ko" ;;
esac
# The kernel unpacks one archive after the other.
(cd "$extra.root" && find . | cpio -o -H newc --quiet -R 0:0) | gzip -1n | cat "$initrd" - >"$extra.gz"
rm -rf "$extra.root"
"$expect" "$TINAMOU" -M virt -cpu cortex-a15 -m 512 -nographic -kernel "$vmlinuz" -initrd "$extra.gz" \
    -append "console=ttyAMA0 quiet" >"$BUILD/boot/monitor-key.log" <<'STEPS'
limit 60
wait tinamou:
send insmod /lib/modules/evdev.ko; grep -A5 gpio-keys /proc/bus/input/devices\r
wait KEY=100000
send dd if=/dev/input/event0 bs=16 count=1 2>/dev/null | hexdump -e '4/4 "%08x "' & sleep 1; echo list""ening\r
wait listening
send \x01csystem_powerdown\r\x01c
# struct input_event: type EV_KEY 1, code KEY_POWER 116 (0x74), value 1
wait 00740001 00000001
send \x01c
wait (qemu) 
send quit\r
exit 0
restored
STEPS
