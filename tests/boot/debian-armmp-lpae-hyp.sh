#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 32-bit kernel with the Virtualization Extensions (it starts in Hyp mode), with the Security Extensions (it starts Non-secure), and both.
set -eu
. "$SRC/tests/boot/lib.sh"

# TAG CPU MODE OPTIONS: the kernel says that all CPUs started in MODE
boot_in() {
    TAG=$1 boot armmp-lpae 2 "$2" -M "$4"
    grep -q "CPU: All CPU.s. started in $3 mode" "$log" || bad "$4: the kernel did not say that it started in $3 mode"
    echo "ok   $2 $4"
}
boot_in hyp cortex-a15 HYP virtualization=on
boot_in secure cortex-a7 SVC secure=on
boot_in both cortex-a15 HYP virtualization=on,secure=on
