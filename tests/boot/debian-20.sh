#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# 20 boots of Debian's kernels in a row, over flavours, numbers of CPUs and CPU models, without a failure.
set -eu
. "$SRC/tests/boot/lib.sh"
n=0
while :; do
    for cpu in cortex-a15 cortex-a7 max; do
        for smp in 1 2 4; do
            for flavour in armmp armmp-lpae; do
                boot $flavour $smp $cpu || bad "boot $((n + 1)) of 20: $flavour -smp $smp -cpu $cpu"
                n=$((n + 1))
                echo "boot $n: $flavour -smp $smp -cpu $cpu"
                [ $n -lt 20 ] || exit 0
            done
        done
    done
done
