#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rootfs.sh [short|long [arm64]]   Debian armhf or arm64 from a virtio disk: systemd without a failed unit, a login on the serial line, apt, Perl and Python, a file
# that is there at the next boot and in the image as the host's tools see it, and a clean power-off. Long: every boot is a whole one, with
# two CPUs or four, and there is one of QEMU on the same image. arm64: gcc makes a program that runs, and the next boot has the disk on PCI,
# behind the ITS.
set -eu
. "$SRC/tests/boot/lib.sh"
form=${1:-short} arch=${2:-armhf}
for tool in debugfs e2fsck mke2fs; do
    PATH=$PATH:/usr/sbin:/sbin
    command -v $tool >/dev/null || skip "there is no $tool (package e2fsprogs)"
done
qemu=qemu-system-arm cpu=cortex-a15 name=rootfs-$form
[ "$arch" = armhf ] || qemu=qemu-system-aarch64 cpu=cortex-a57 name=rootfs-$arch-$form
debian "$([ "$arch" = armhf ] && echo armmp || echo "$arch")"
rootfs "$name" "$arch"
log=$BUILD/boot/$name.log
disk_on=virtio-blk-device

# EMULATOR "WORDS FOR THE KERNEL" OPTIONS...; the steps on stdin
talk() {
    emulator=$1 append="console=ttyAMA0 panic=-1 root=/dev/vda rw $2"
    shift 2
    "$BUILD/tests/boot/expect" "$emulator" -M virt -cpu "$cpu" -m 512 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
        -drive "file=$disk,format=raw,if=none,id=root" -device "$disk_on,drive=root" "$@" -append "$append" >"$log" ||
        bad "see $log: $(tail -n 3 "$log")"
    ! grep -anE 'Internal error: |Unable to handle kernel|WARNING: CPU|BUG: |self-detected stall|EXT4-fs error|I/O error' "$log" >&2 ||
        bad "the kernel complains (lines above)"
}

login='limit 150
wait login: 
send root\r
limit 60
wait Password: 
send tinamou\r
wait root@tinamou:~#'

bye='send poweroff\r
wait Power down
exit 0'

compile=
[ "$arch" = armhf ] || compile='send printf "#include <math.h>\\n#include <stdio.h>\\nint main(int n, char **v) { return printf(\\"%%.9f %%s\\", sqrt(n * 3.0), *v) < 1; }" >p.c\r
wait root@tinamou:~#
send gcc -O2 -Wall -o p p.c -lm && ./p; echo " status $?"\r
limit 120
wait 1.732050808 ./p status 0
wait root@tinamou:~#'

# The image on the host: clean, with the file as the guest wrote it.
check_image() {
    e2fsck -fn "$disk" >"$log.fsck" 2>&1 || bad "e2fsck: $(cat "$log.fsck")"
    debugfs -R "cat /root/kept" "$disk" 2>/dev/null >"$log.kept"
    echo "$kept" | cmp -s - "$log.kept" || bad "the file in the image is not what the guest wrote: $(cat "$log.kept")"
}

kept="kept by $$ at $(date)"
talk "$TINAMOU" "" -smp 2 <<STEPS
$login
send echo state \$(systemctl is-system-running --wait)\r
wait state running
wait root@tinamou:~#
send apt-get --version\r
wait apt 2.
wait root@tinamou:~#
send dpkg --audit && dpkg-query -W | wc -l\r
wait $(ls "$BUILD/guests/debs-$arch"/*.deb | wc -l)
send python3 -c 'import hashlib; print(hashlib.sha256(b"tinamou" * 1000).hexdigest())'\r
wait $(awk 'BEGIN { for (i = 0; i < 1000; i++) printf "tinamou" }' | sha256sum | cut -d' ' -f1)
wait root@tinamou:~#
send perl -e '\$x = 1; \$x = \$x * 7 % 1000003 for 1 .. 100000; print "perl ", \$x + 0, " ", sqrt(2), "\\\\n"'\r
wait perl $(awk 'BEGIN { x = 1; for (i = 1; i <= 100000; i++) x = x * 7 % 1000003; print x }') 1.4142135623731
wait root@tinamou:~#
$compile
send echo "$kept" >kept\r
wait root@tinamou:~#
$bye
STEPS
check_image

gicv3=
[ "$arch" = armhf ] || gicv3="-M gic-version=3"
# shellcheck disable=SC2086  # a list of words
if [ "$form" = short ]; then
    [ "$arch" = armhf ] || disk_on=virtio-blk-pci
    talk "$TINAMOU" "quiet init=/bin/bash" -smp 1 $gicv3 <<STEPS
limit 60
wait #
send cat /root/kept; mount -t proc none /proc; mount -o remount,ro /; echo o >/proc/sysrq-trigger\r
wait $kept
wait Power down
exit 0
STEPS
    check_image
    exit 0
fi

[ "$arch" = armhf ] || disk_on=virtio-blk-pci
talk "$TINAMOU" "" -smp 4 -cpu max $gicv3 <<STEPS
$login
send cat kept\r
wait $kept
wait root@tinamou:~#
$bye
STEPS
check_image
command -v $qemu >/dev/null || {
    echo "without $qemu, which would boot the same image"
    exit 0
}
talk $qemu "" -smp 2 <<STEPS
$login
send cat kept\r
wait $kept
wait root@tinamou:~#
$bye
STEPS
check_image
