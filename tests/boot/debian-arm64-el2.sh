#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit kernel started at EL2 (virtualization=on): it takes the hypervisor's timer and GIC, with GICv2 and GICv3, and PSCI by SMC.
set -eu
. "$SRC/tests/boot/lib.sh"
for gic in 2 3; do
    TAG=el2-$gic boot arm64 2 cortex-a72 -M virtualization=on,gic-version=$gic
    for line in "CPU: All CPU.s. started at EL2" "kvm .1.: Hyp mode initialized successfully" "kvm .1.: vgic interrupt"; do
        grep -q "$line" "$log" || bad "gic-version=$gic: the kernel did not say: $line"
    done
    echo "ok   gic-version=$gic"
done
