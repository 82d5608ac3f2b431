#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# net.sh [MIB [ROUNDS]]: a guest's fetch over user networking, here and in QEMU, with the same kernel and initial RAM disk. By make
# bench-net, or in the build folder with SRC, BUILD and TINAMOU set.
set -eu
mib=${1:-256}
rounds=${2:-3}
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/net-lib.sh"
net_need_user
net_guest bench <<'SCRIPT'
for w in $(cat /proc/cmdline); do
    case $w in port=*) port=${w#port=} ;; esac
done
say start
wget -q -O /dev/null http://10.0.2.2:$port/file || say failed
say stop
SCRIPT
common="-M virt -cpu cortex-a15 -m 256 -nographic -no-reboot -kernel $vmlinuz -initrd $net_dir/bench.cpio -netdev user,id=n"
common="$common -device virtio-net-device,netdev=n -append"
set -- "tinamou=$TINAMOU $common"
if command -v qemu-system-arm >/dev/null; then
    set -- "$@" "qemu=qemu-system-arm $common"
fi
python3 "$SRC/bench/net.py" "$mib" "$rounds" "$@"
