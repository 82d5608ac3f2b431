#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The device tree of our machine virt against that of qemu-system-arm and qemu-system-aarch64 7.2, for several CPUs and sizes. Nodes that we do not have
# (docs/add-a-board.md says which and why) are taken out of the other tree, and the values of random seeds out of both.
set -u
command -v qemu-system-arm >/dev/null && command -v dtc >/dev/null || {
    echo "needs qemu-system-arm and dtc"
    exit 77
}
qemu-system-arm --version | grep -q ' 7\.2' || {
    echo "the tree is that of QEMU 7.2"
    exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# text TREE.dtb: as source, with what may differ removed.
text() {
    dtc -q -I dtb -O dts "$1" | awk '
        /^\tpmu \{/ { skip = 1 }
        !skip && !/(rng|kaslr)-seed = / { print }
        /(rng|kaslr)-seed = / { n = split($0, cells, "0x"); print $1, n - 1 }
        /^\t\};/ { skip = 0 }' | cat -s
}

qemu=qemu-system-arm
compare() {
    options=$*
    # shellcheck disable=SC2086  # options are words
    if ! $qemu -M virt,dumpdtb="$dir/q.dtb" $options -display none 2>"$dir/q.err" ||
        ! "$TINAMOU" -M virt,dumpdtb="$dir/t.dtb" $options -display none 2>"$dir/t.err"; then
        echo "FAIL $options: no tree"
        cat "$dir/q.err" "$dir/t.err"
        failed=$((failed + 1))
        return
    fi
    text "$dir/q.dtb" >"$dir/q.dts"
    text "$dir/t.dtb" >"$dir/t.dts"
    if diff -u "$dir/q.dts" "$dir/t.dts"; then
        echo "ok   $options"
        passed=$((passed + 1))
    else
        echo "FAIL $options"
        failed=$((failed + 1))
    fi
}

for smp in 1 2 4 8; do
    compare -cpu cortex-a15 -m 512 -smp $smp
done
compare -cpu cortex-a7 -m 128 -smp 2
compare -cpu cortex-a15 -m 3072
compare -M highmem=off -cpu cortex-a15
head -c 100000 /dev/zero >"$dir/initrd"
printf '\376\377\377\352' >"$dir/kernel"
compare -cpu cortex-a15 -m 256 -kernel "$dir/kernel" -initrd "$dir/initrd" -append a=b
if command -v qemu-system-aarch64 >/dev/null; then
    qemu=qemu-system-aarch64 TINAMOU=${TINAMOU%/*}/tinamou-system-aarch64
    for cpu in cortex-a53 cortex-a57 cortex-a72 cortex-a76 neoverse-n1 max; do
        compare -cpu $cpu -m 512 -smp 2
    done
    compare -M gic-version=3 -cpu cortex-a57 -m 512
    compare -M gic-version=3 -cpu cortex-a72 -m 6G -smp 12
    compare -M gic-version=3 -cpu max -m 512 -smp 40
    compare -M gic-version=3,its=off -cpu max -m 512 -smp 4
    compare -M gic-version=max,highmem=off -cpu cortex-a72 -m 2G
    compare -M gic-version=3 -cpu cortex-a57 -m 256 -kernel "$dir/kernel" -initrd "$dir/initrd" -append a=b
    compare -M gic-version=3,virtualization=on -cpu cortex-a72 -kernel "$dir/kernel" -smp 2
    compare -M virtualization=on -cpu cortex-a57 -kernel "$dir/kernel" -smp 2
fi
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
