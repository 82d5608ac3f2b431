#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Interactive use on a terminal, with our own guest: prompt, a command and its output, Ctrl-A keys, and the terminal's mode after a quit, a
# power-off and signals. Reset with and without -no-reboot.
set -eu
. "$SRC/tests/boot/lib.sh"
talk() {
    "$BUILD/tests/boot/expect" "$TINAMOU" -M virt -m 64 -nographic -kernel "$own" "$@"
}

echo "== commands; Ctrl-A h and Ctrl-A x"
talk <<'STEPS'
wait demo>
raw
send help\r
wait power off
send summ\x7f\r
wait a658f344
send \x01h
wait C-a x
send \x01x
wait terminated
exit 0
restored
STEPS

echo "== power-off"
talk <<'STEPS'
wait demo>
send off\r
exit 0
restored
STEPS

echo "== reset starts the guest again"
talk <<'STEPS'
wait demo guest
wait demo>
send reset\r
wait demo guest
wait demo>
send ticks\r
wait timer interrupts
send reset\r
wait demo guest
wait demo>
send off\r
exit 0
restored
STEPS

echo "== reset ends the emulator with -no-reboot"
talk -no-reboot <<'STEPS'
wait demo>
send reset\r
exit 0
restored
STEPS

for signal in 15 2 1; do
    echo "== signal $signal"
    talk <<STEPS
wait demo>
raw
signal $signal
exit 0
restored
STEPS
done

echo "== an emulator that cannot start leaves the terminal alone"
"$BUILD/tests/boot/expect" "$TINAMOU" -M virt -nographic -kernel /nonexistent <<'STEPS'
wait no such file
exit 1
restored
STEPS
