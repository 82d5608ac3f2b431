#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-boot.sh OUT RELEASE CPUS PART COMMAND...   run COMMAND (an emulator with demo=check on the kernel's command line), show its
# console, and compare what the guest says of itself with what it must be. OUT: folder with initramfs.gz.sha256; the console goes to OUT/console.log.
set -eu
out=$1 release=$2 cpus=$3 part=$4
shift 4
log=$out/console.log
limit=${LIMIT_SECONDS:-300}
status=0
timeout -k 5 "$limit" "$@" </dev/null >"$log" 2>&1 || status=$?
tr -d '\r' <"$log" >"$log.text"
[ "${QUIET:-no}" = yes ] || cat "$log.text"
bad() {
    echo "check-boot: $1" >&2
    [ "${QUIET:-no}" = no ] || tail -n 15 "$log.text" >&2
    exit 1
}
[ $status -eq 0 ] || bad "the emulator ended with status $status (124: not within $limit s)"
want() {
    grep -qE "^DEMO $1" "$log.text" || bad "the guest did not print: DEMO $1"
}
want "uname Linux $release armv7l"
want "cpus $cpus\$"
want "part CPU part.*: $part"
want "sha256 $(cat "$out/initramfs.gz.sha256")"
want "timer .*arch_timer"
want "uart .*uart-pl011"
grep -q '^DEMO-OK' "$log.text" || bad "no DEMO-OK"
