#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# 36 boots of Debian's 64-bit kernel in a row, without a failure: every CPU model with 1, 2 and 4 CPUs and both interrupt controllers. (At
# least 20 are what is asked for.)
set -eu
. "$SRC/tests/boot/lib.sh"
n=0
for cpu in cortex-a53 cortex-a57 cortex-a72 cortex-a76 neoverse-n1 max; do
    for smp in 1 2 4; do
        for gic in 2 3; do
            n=$((n + 1))
            boot arm64 $smp $cpu -M gic-version=$gic || bad "boot $n: -smp $smp -cpu $cpu -M gic-version=$gic"
            echo "boot $n: -smp $smp -cpu $cpu -M gic-version=$gic"
        done
    done
done
