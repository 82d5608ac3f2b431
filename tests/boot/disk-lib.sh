# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Read by disk-kill.sh and disk-full.sh after lib.sh: `disk_guest` makes the guest of disk-writer.c, `new_image FILE SIZE` an ext4 image
# in a sparse file, `check_records IMAGE LAST SIZE` looks whether records 1 to LAST of SIZE bytes are in it, after fsck.

PATH=$PATH:/usr/sbin:/sbin
dir=$BUILD/boot/$(basename "$0" .sh)${rounds:+-$rounds}
rm -rf "$dir"
mkdir -p "$dir"

# Sets disk_initrd; `debian` sets vmlinuz.
disk_guest() {
    for tool in mkfs.ext4 e2fsck debugfs; do
        command -v $tool >/dev/null || skip "no $tool (package e2fsprogs)"
    done
    command -v arm-linux-gnueabihf-gcc >/dev/null || skip "no arm-linux-gnueabihf-gcc for the guest's program"
    debian armmp
    disk_initrd=$dir/initramfs.gz
    arm-linux-gnueabihf-gcc -std=gnu11 -O2 -Wall -Wextra -static "$SRC/tests/boot/disk-writer.c" -o "$dir/init"
    sh "$SRC/tools/make-initramfs.sh" "$disk_initrd" "$guest" "$dir/init" virtio_mmio virtio_blk crc16 crc32c_generic libcrc32c mbcache \
        jbd2 ext4
}

new_image() {
    rm -f "$1"
    truncate -s "$2" "$1"
    mkfs.ext4 -q -F -O ^metadata_csum_seed "$1"
}

# What disk-writer.c writes.
records() { # LAST SIZE
    awk -v last="$1" -v size="$2" 'BEGIN {
        for (i = 0; i < 26; i++) {
            c = sprintf("%c", 97 + i)
            pad = c
            while (length(pad) < size - 19) pad = pad pad
            fill[i] = substr(pad, 1, size - 19)
        }
        for (n = 1; n <= last; n++) printf "record %010d %s\n", n, fill[n % 26]
    }'
}

check_records() { # IMAGE LAST SIZE
    status=0
    e2fsck -fp "$1" >"$dir/fsck" 2>&1 || status=$?
    [ $status -le 1 ] || bad "e2fsck says $status: $(tail -n 3 "$dir/fsck")"
    rm -f "$dir/records"
    debugfs -R "dump /records $dir/records" "$1" >/dev/null 2>&1
    records "$2" "$3" | cmp -s -n $(($2 * $3)) - "$dir/records" ||
        bad "of $2 acknowledged records not all are there: $(records "$2" "$3" | cmp -n $(($2 * $3)) - "$dir/records" 2>&1)"
}
