#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Twenty boots in a row of each of Debian's kernels, with 2 CPUs; machines in turn.
set -eu
. "$SRC/tests/boot/lib.sh"
n=0
while [ $n -lt 20 ]; do
    case $((n % 3)) in
    0) machine=pc ;;
    1) machine=q35 ;;
    *) machine=microvm ;;
    esac
    TAG=20-$n boot_x86 $machine amd64 2 qemu64
    TAG=20-$n boot_x86 $machine 686 2 qemu32
    n=$((n + 1))
done
