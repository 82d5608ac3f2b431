#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# rootfs-amd64.sh [long]   Debian amd64 from a disk: on virtio-blk (pc) systemd without a failed unit, a login on the serial line, apt, Python, gcc makes
# a program that runs, a file that is there at the next boots, which have the disk on IDE (pc) and on AHCI (q35), and in the image as the host's
# tools see it. Long: these are whole boots, too.
set -eu
. "$SRC/tests/boot/lib.sh"
form=${1:-short}
for tool in debugfs e2fsck mke2fs; do
    PATH=$PATH:/usr/sbin:/sbin
    command -v $tool >/dev/null || skip "there is no $tool (package e2fsprogs)"
done
name=rootfs-amd64-$form
debian amd64
rootfs "$name" amd64
log=$BUILD/boot/$name.log

# MACHINE DEVICE "WORDS FOR THE KERNEL"; the steps on stdin
talk() {
    "$BUILD/tests/boot/expect" "$TINAMOU" -M "$1" -cpu qemu64 -smp 2 -m 512 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
        -drive "file=$disk,format=raw,if=none,id=root" -device "$2,drive=root" -append "console=ttyS0 panic=-1 rw $3" >"$log" ||
        bad "see $log: $(tail -n 3 "$log")"
    ! grep -anE 'Unable to handle kernel|WARNING: CPU|BUG: |self-detected stall|EXT4-fs error|I/O error' "$log" >&2 ||
        bad "the kernel complains (lines above)"
    e2fsck -fn "$disk" >"$log.fsck" 2>&1 || bad "e2fsck: $(cat "$log.fsck")"
    debugfs -R "cat /root/kept" "$disk" 2>/dev/null >"$log.kept"
    echo "$kept" | cmp -s - "$log.kept" || bad "the file in the image is not what the guest wrote: $(cat "$log.kept")"
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

compile='send printf "#include <math.h>\\n#include <stdio.h>\\nint main(int n, char **v) { return printf(\\"%%.9f %%s\\", sqrt(n * 3.0), *v) < 1; }" >p.c\r
wait root@tinamou:~#
send gcc -O2 -Wall -o p p.c -lm && ./p; echo " status $?"\r
limit 120
wait 1.732050808 ./p status 0
wait root@tinamou:~#'

kept="kept by $$ at $(date)"
talk pc virtio-blk-pci root=/dev/vda <<STEPS
$login
send echo state \$(systemctl is-system-running --wait)\r
wait state running
wait root@tinamou:~#
send apt-get --version\r
wait apt 2.
wait root@tinamou:~#
send dpkg --audit && dpkg-query -W | wc -l\r
wait $(ls "$BUILD/guests/debs-amd64"/*.deb | wc -l)
send python3 -c 'import hashlib; print(hashlib.sha256(b"tinamou" * 1000).hexdigest())'\r
wait $(awk 'BEGIN { for (i = 0; i < 1000; i++) printf "tinamou" }' | sha256sum | cut -d' ' -f1)
wait root@tinamou:~#
$compile
send echo "$kept" >kept\r
wait root@tinamou:~#
$bye
STEPS

# The disk as $1 has it; the file is there.
again() {
    if [ "$form" = short ]; then
        talk "$1" "$2" "root=/dev/sda quiet init=/bin/bash" <<STEPS
limit 60
wait #
send cat /root/kept; mount -t proc none /proc; mount -o remount,ro /; echo o >/proc/sysrq-trigger\r
wait $kept
wait Power down
exit 0
STEPS
        return
    fi
    talk "$1" "$2" root=/dev/sda <<STEPS
$login
send cat kept\r
wait $kept
wait root@tinamou:~#
$bye
STEPS
}
again pc ide-hd
again q35 ide-hd
