#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# 20 boots of Debian's 64-bit kernel in a row, over CPU models, numbers of CPUs and interrupt controllers, without a failure.
set -eu
. "$SRC/tests/boot/lib.sh"
n=0
while :; do
    for cpu in cortex-a57 max cortex-a72 cortex-a53 cortex-a76 neoverse-n1; do
        for smp in 1 2 4; do
            for gic in 2 3; do
                boot arm64 $smp $cpu -M gic-version=$gic || bad "boot $((n + 1)) of 20: -smp $smp -cpu $cpu -M gic-version=$gic"
                n=$((n + 1))
                echo "boot $n: -smp $smp -cpu $cpu -M gic-version=$gic"
                [ $n -lt 20 ] || exit 0
            done
        done
    done
done
