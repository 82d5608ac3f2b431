#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# disk.sh   `dd bs=1M count=512 iflag=direct` of a 512 MiB virtio disk, whose image is in the host's page cache, by Debian's kernel in tinamou
# and in qemu-system-arm. Prints for each run what one dd costs: host on-CPU seconds of the emulator (a run that reads READS times, less one
# that does not, divided) and MB/s by the guest's clock. RUNS=3 READS=4 BS=4k COUNT=16384 DRIVE_OPTIONS=,aio=threads
# DEVICE_OPTIONS=,num-queues=2 change it.
# From the build folder: make bench-disk
set -eu
QEMU=${QEMU:-qemu-system-arm}
RUNS=${RUNS:-3}
READS=${READS:-4}
BS=${BS:-1M}
COUNT=${COUNT:-512}
dir=$BUILD/bench/disk
mkdir -p "$dir"
guest=$(sh "$SRC/tools/get-guest.sh" armmp)
vmlinuz=$(ls "$guest"/boot/vmlinuz-* | tail -n 1)
sh "$SRC/tools/make-initramfs.sh" "$dir/initramfs.gz" "$guest" "$SRC/bench/disk-init" virtio_mmio virtio_blk
[ -e "$dir/image" ] || head -c 536870912 /dev/urandom >"$dir/image"
cat "$dir/image" >/dev/null

# ENGINE READS: "seconds MB/s" of one process
one() {
    case $1 in
    qemu) set -- "$QEMU" "$2" ;;
    *) set -- "$TINAMOU" "$2" ;;
    esac
    /usr/bin/env python3 - "$@" <<PY
import os, re, resource, subprocess, sys
emulator, reads = sys.argv[1:3]
out = subprocess.run([emulator, "-M", "virt", "-cpu", "cortex-a15", "-m", "512", "-nographic", "-no-reboot", "-kernel", "$vmlinuz",
                      "-initrd", "$dir/initramfs.gz", "-append", "console=ttyAMA0 panic=-1 quiet bs=$BS count=$COUNT disk=" + reads,
                      "-drive", "file=$dir/image,if=none,id=d,format=raw,readonly=on${DRIVE_OPTIONS:-}",
                      "-device", "virtio-blk-device,drive=d${DEVICE_OPTIONS:-}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                     timeout=120).stdout.decode(errors="replace")
times = re.findall(r"^DISK ([0-9.]+) ([0-9.]+)", out, re.M)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
if not times:
    sys.exit("the guest did not read the disk:\n" + out)
print("%.3f %.2f" % (usage.ru_utime + usage.ru_stime, float(times[0][1]) - float(times[0][0])))
PY
}

case $BS in
*M) mib=$((${BS%M} * COUNT)) ;;
*k) mib=$((${BS%k} * COUNT / 1024)) ;;
esac

echo "engine  run  seconds of a read  MB/s"
for run in $(seq "$RUNS"); do
    for engine in tinamou qemu; do
        few=$(one $engine 0)
        many=$(one $engine "$READS")
        echo "$few $many $READS $mib" | awk -v e="$engine" -v r="$run" '{ printf "%-8s %d  %.3f  %d\n", e, r, ($3 - $1) / $5, $6 * $5 / $4 }'
    done
done | tee "$dir/table"
awk '{ s[$1] = s[$1] " " $3; m[$1] = m[$1] " " $4 }
     function middle(list, a, n, i, j, t) {
         n = split(list, a, " ")
         for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (a[j] + 0 < a[i] + 0) { t = a[i]; a[i] = a[j]; a[j] = t }
         return a[int((n + 1) / 2)]
     }
     END { for (e in s) printf "median %-8s %.3f s, %d MB/s\n", e, middle(s[e]), middle(m[e]) }' "$dir/table"
