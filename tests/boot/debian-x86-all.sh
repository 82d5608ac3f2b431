#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's kernels on every x86 machine with 1, 2 and 4 CPUs, qemu64 (qemu32) and max.
set -eu
. "$SRC/tests/boot/lib.sh"
for machine in pc q35 microvm; do
    for smp in 1 2 4; do
        boot_x86 $machine amd64 $smp qemu64
        boot_x86 $machine amd64 $smp max
        boot_x86 $machine 686 $smp qemu32
        boot_x86 $machine 686 $smp max
    done
done
