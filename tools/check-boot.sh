#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-boot.sh LOG SHA256 RELEASE CPUS PART COMMAND...   run COMMAND (an emulator with demo=check on the kernel's command line), show
# its console, and compare what the guest says of itself with what it must be. The console goes to LOG, without carriage returns to
# LOG.text. QUIET=yes shows it only after a failure; LIMIT_SECONDS is the time that COMMAND has.
set -eu
log=$1 sum=$2 release=$3 cpus=$4 part=$5
shift 5
limit=${LIMIT_SECONDS:-300}
status=0
timeout -k 5 "$limit" "$@" </dev/null >"$log" 2>&1 || status=$?
tr -d '\r' <"$log" >"$log.text"
[ "${QUIET:-no}" = yes ] || cat "$log.text"

bad() {
    echo "check-boot: $1" >&2
    [ "${QUIET:-no}" = no ] || tail -n 30 "$log.text" >&2
    exit 1
}

want() {
    grep -qE "^DEMO $1" "$log.text" || bad "the guest did not print: DEMO $1"
}

[ $status -eq 0 ] || bad "the emulator ended with status $status (124: not within $limit s)"
case $release in
*-arm64)
    want "uname Linux $release aarch64"
    want "armhf ELF class 1\$"
    want "armhf-sha256 $sum"
    ;;
*-amd64)
    want "uname Linux $release x86_64"
    want "i386 ELF class 1\$"
    want "i386-sha256 $sum"
    ;;
*-686) want "uname Linux $release i686" ;;
*) want "uname Linux $release armv7l" ;;
esac
want "cpus $cpus\$"
case $release in
*-amd64 | *-686) key='model name' timer='LOC:.*Local timer' uart=ttyS0 ;;
*) key='CPU part' timer=arch_timer uart=uart-pl011 ;;
esac
want "part $key.*: $part\$"
want "sha256 $sum"
want "timer .*$timer"
want "uart .*$uart"
grep -q '^DEMO-OK' "$log.text" || bad "no DEMO-OK"
! grep -nE 'Internal error: |Unable to handle kernel|WARNING: CPU|BUG: |rcu.*self-detected stall' "$log.text" >&2 ||
    bad "the kernel complains (lines above)"
