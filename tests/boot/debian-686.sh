#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 686 kernel and busybox: machines pc, q35 and microvm, 1, 2 and 4 CPUs, qemu32 and max.
set -eu
. "$SRC/tests/boot/lib.sh"
boot_x86 pc 686 4 max
boot_x86 q35 686 2 qemu32
boot_x86 microvm 686 1 qemu32
