#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's amd64 kernel and busybox, and a 32-bit program under it: machines pc, q35 and microvm, 1, 2 and 4 CPUs, qemu64 and max.
set -eu
. "$SRC/tests/boot/lib.sh"
boot_x86 pc amd64 1 qemu64
boot_x86 q35 amd64 2 max
boot_x86 microvm amd64 4 qemu64
