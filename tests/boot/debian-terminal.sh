#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A person at Debian's shell: prompt, a command, its output; poweroff; reboot with and without -no-reboot.
set -eu
. "$SRC/tests/boot/lib.sh"
debian armmp
talk() {
    "$BUILD/tests/boot/expect" "$TINAMOU" -M virt -cpu cortex-a15 -m 512 -nographic -kernel "$vmlinuz" -initrd "$initrd" \
        -append "console=ttyAMA0 quiet" "$@" >"$BUILD/boot/terminal.log"
}

echo "== a command, and reboot with -no-reboot"
talk -no-reboot <<'STEPS'
limit 60
wait tinamou:
raw
send echo $((6 * 7)) is the answer\r
wait 42 is the answer
send reboot -f\r
exit 0
restored
STEPS

echo "== reboot, then poweroff"
talk <<'STEPS'
limit 60
wait tinamou:
send reboot -f\r
wait This is Debian
wait tinamou:
send poweroff -f\r
exit 0
restored
STEPS

echo "== Ctrl-A x"
talk <<'STEPS'
limit 60
wait tinamou:
send \x01x
exit 0
restored
STEPS
