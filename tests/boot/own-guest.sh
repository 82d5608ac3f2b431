#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Our own guest (roms/boot-arm) checks itself: with the translator and the interpreter, with one CPU and several. "once": the first of
# these only, for make demo.
set -eu
. "$SRC/tests/boot/lib.sh"
mkdir -p "$BUILD/boot"
log=$BUILD/boot/own-guest.log

try() { # CPUS OPTION...
    cpus=$1
    shift
    timeout -k 5 60 "$TINAMOU" -M virt -m 64 -smp "$cpus" -nographic -no-reboot -kernel "$own" -append "x demo=check" "$@" \
        </dev/null >"$log" 2>&1 || bad "status $? ($cpus CPUs, $*): $(tail -n 5 "$log")"
    cat "$log"
    tr -d '\r' <"$log" >"$log.text"
    for line in "DEMO sha256 $(seq 0 9999 | sha256sum | cut -d' ' -f1)" "DEMO cpus $cpus" "DEMO-OK" "command line x demo=check"; do
        grep -qxF "$line" "$log.text" || bad "the guest did not print: $line ($cpus CPUs, $*)"
    done
}

try 2 -cpu cortex-a15
[ "${1:-}" != once ] || exit 0
try 8 -cpu cortex-a7
try 2 -cpu max -accel tcg,thread=single
try 1 -cpu cortex-a15 -accel tcg,interp=on
try 1 -cpu cortex-a15 -accel tcg,thread=single,check=on
try 2 -cpu cortex-a15 -accel tcg,check=on
