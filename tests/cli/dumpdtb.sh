#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The device tree of machine virt beside the one of Debian's qemu-system-arm, after the differences that are meant:
#   kaslr-seed, rng-seed   random in both
#   phandles               the same numbers are not promised
#   flash                  there is none here yet
#   pcie                   there is none here yet
#   pmu                    CPUs have no performance counters here yet
set -u
. "$SRC/tests/cli/lib.sh"
command -v dtc >/dev/null || {
    echo "there is no dtc (device-tree-compiler)"
    exit 77
}
command -v qemu-system-arm >/dev/null || {
    echo "there is no qemu-system-arm to compare with"
    exit 77
}

# Source without what may differ; nodes that are left out go with all that is in them.
normal() {
    dtc -q -I dtb -O dts -s "$1" | awk '
        skip && /\{$/ { skip++; next }
        skip { if (/^\t*\};$/) skip--; next }
        /^\t*(flash@[0-9a-f]*|pcie@[0-9a-f]*|pmu) \{$/ { skip = 1; next }
        /kaslr-seed|rng-seed/ { sub(/<.*>/, "<random>") }
        /phandle = |^$/ { next }
        /interrupt-parent|clocks = |gpios = |cpu = <|msi-parent/ { sub(/<.*>/, "<phandle>") }
        { print }'
}

compare() {
    run -M "virt,dumpdtb=$work/ours.dtb" "$@"
    qemu-system-arm -M "virt,dumpdtb=$work/theirs.dtb" -nodefaults "$@" >"$work/qemu.log" 2>&1
    normal "$work/ours.dtb" >"$work/ours"
    normal "$work/theirs.dtb" >"$work/theirs"
    if [ ! -s "$work/theirs" ]; then
        skipped "qemu-system-arm wrote no tree for: $*"
    elif diff -u "$work/theirs" "$work/ours" >"$work/diff"; then
        passed
    else
        cat "$work/diff"
        failed "the trees differ (theirs -, ours +): $*"
    fi
}

compare -cpu cortex-a15
compare -cpu cortex-a7 -smp 2
compare -cpu max -smp 8 -m 1G
compare -cpu cortex-a15 -m 3G
finish
