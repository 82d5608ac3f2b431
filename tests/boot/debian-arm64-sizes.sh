#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit kernel on machines of other shapes: many CPUs, much memory (of which the guest uses little), EL3 without firmware in it.
set -eu
. "$SRC/tests/boot/lib.sh"
LIMIT_SECONDS=200
# TAG SMP CPU OPTION...
try() {
    TAG=$1
    shift
    boot arm64 "$@"
    echo "ok   $*"
}
try gicv2-all 8 cortex-a57
try gicv3 16 max -M gic-version=3
try gicv3-clusters 33 cortex-a53 -M gic-version=3 -m 1G
try high-memory 2 cortex-a72 -M gic-version=3 -m 6G
try all-memory 1 cortex-a53 -M gic-version=3 -m 255G
try el3 2 cortex-a57 -M secure=on
try el3-el2 2 max -M secure=on,virtualization=on,gic-version=3
try single 4 neoverse-n1 -M gic-version=3 -accel tcg,thread=single
