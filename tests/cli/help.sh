#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Help and version: exit status 0, on stdout, nothing on stderr, and the lists hold what they should.
set -u
. "$SRC/tests/cli/lib.sh"

# shows PATTERN OPTION...
shows() {
    pattern=$1
    shift
    run "$@"
    if [ $status -ne 0 ] || [ -s "$work/err" ]; then
        failed "status $status, '$(cat "$work/err")': $*"
    elif ! grep -qE -- "$pattern" "$work/out"; then
        failed "no '$pattern' in the output of: $*"
    else
        passed
    fi
}

for option in -version --version; do
    shows "^Tinamou emulator version [0-9]+\.[0-9]+" $option
done
for option in -h -help --help; do
    shows "^usage: ${TINAMOU##*/} " $option
done
for option in machine M cpu m smp accel kernel initrd append dtb device chardev serial nographic display monitor mon net nic d D \
    no-reboot S name pidfile nodefaults version; do
    shows "^-$option( |$)" -help
done
shows "^virt +" -machine help
shows "^virt +" -M help
for model in cortex-a7 cortex-a15 max; do
    shows "^  $model" -cpu help
    shows "^  $model" -M virt -cpu help
done
for device in virtio-rng-device virtio-serial-device virtconsole; do
    shows "^name \"$device\"" -device help
done
shows "^ *max-bytes=" -device virtio-rng-device,help
shows "^ *chardev=" -device virtconsole,help
for kind in file null pipe pty socket stdio; do
    shows "^  $kind" -chardev help
done
for topic in in_asm ir opt out_asm int mmu guest_errors unimp exec; do
    shows "^  $topic " -d help
done
shows "^tcg$" -accel help

# The other names of the executable exist.
for name in aarch64 i386 x86_64; do
    if "$BUILD/tinamou-system-$name" -version | grep -q "^Tinamou"; then
        passed
    else
        failed "tinamou-system-$name -version"
    fi
done
finish
