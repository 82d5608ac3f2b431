#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A PC's devices with Debian's drivers, on pc (IDE) and q35 (AHCI): disk, CD-ROM and floppy with equal hashes, a file over e1000, the clock, a
# key from sendkey. Then with SeaBIOS: a boot sector on a floppy, an IDE disk and an AHCI disk prints on screen and serial port, screendump
# shows it as PPM and PNG, and ctrl-alt-delete boots again.
set -eu
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/net-lib.sh"
net_need_user
command -v python3 >/dev/null || skip "there is no python3 for the web server (package python3)"
debian amd64
dir=$BUILD/boot/pc-devices
mkdir -p "$dir/www"
head -c 4194304 /dev/urandom >"$dir/www/file"
head -c 4194304 /dev/urandom >"$dir/disc.iso"
file_sum=$(sha256sum <"$dir/www/file" | cut -d' ' -f1)
disc_sum=$(sha256sum <"$dir/disc.iso" | cut -d' ' -f1)
net_http "$dir/www"
sh "$SRC/tools/make-initramfs.sh" "$dir/initramfs.gz" "$guest" "$SRC/tests/boot/pc-devices-init" \
    ata_piix ahci sd_mod sr_mod e1000 floppy evdev psmouse

# MACHINE DRIVER-OF-DISKS
linux() {
    log=$dir/$1.log
    head -c 8388608 /dev/urandom >"$dir/disk.raw"
    head -c 1474560 /dev/urandom >"$dir/floppy.img"
    disk_sum=$(sha256sum <"$dir/disk.raw" | cut -d' ' -f1)
    floppy_sum=$(sha256sum <"$dir/floppy.img" | cut -d' ' -f1)
    "$BUILD/tests/boot/expect" "$TINAMOU" -M "$1" -m 256 -smp 2 -nographic -no-reboot -kernel "$vmlinuz" -initrd "$dir/initramfs.gz" \
        -append "console=ttyS0 panic=-1 fetch=http://10.0.2.2:$http_port/file" -hda "$dir/disk.raw" -cdrom "$dir/disc.iso" \
        -fda "$dir/floppy.img" -netdev user,id=n -device e1000,netdev=n >"$log.raw" 2>&1 <<'STEPS' || { tail -n 20 "$log.raw"; bad "$1: it did not come to its end"; }
wait PC key: waiting
send \x01csendkey b\r\x01c
wait PC-END
exit 0
STEPS
    tr -d '\r' <"$log.raw" >"$log"
    for line in "disk $disk_sum" written "disc $disc_sum" "floppy $floppy_sum" "floppy written" "clock [0-9]+ 1" "sources .*hpet.*acpi_pm" \
        "fetched $file_sum" "driver e1000" "input AT Translated Set 2 keyboard" "event 0100300001000000" "interrupt .*$2" \
        "interrupt .*IO-APIC.*eth0" "interrupt .*i8042" "interrupt LOC:.*"; do
        grep -qE "^PC $line" "$log" || { grep '^PC' "$log"; bad "$1: the guest did not say: $line"; }
    done
    cmp -s -n 1048576 "$dir/disk.raw" /dev/zero || bad "$1: what the guest wrote is not on the disk"
    cmp -s -n 20480 "$dir/floppy.img" /dev/zero || bad "$1: what the guest wrote is not on the floppy"
    echo "ok   $1"
}
linux pc ata_piix
linux q35 ahci

# mov ax,3; int 10h; then each character to the screen (int 10h) and to COM1.
printf '\061\300\216\330\270\003\000\315\020\276\060\174\254\204\300\164\012\264\016\315\020\272\370\003\356\353\361\373\364\353\374' >"$dir/boot.img"
truncate -s 48 "$dir/boot.img"
printf 'HELLO FROM DISK\r\n\000' >>"$dir/boot.img"
truncate -s 510 "$dir/boot.img"
printf '\125\252' >>"$dir/boot.img"
truncate -s 1474560 "$dir/boot.img"

cat >"$dir/look.py" <<'LOOK'
# The first line's cells of 9 x 16 dots: equal letters look alike, others do not.
import sys
magic, size, most, data = open(sys.argv[1], "rb").read().split(b"\n", 3)
w, h = map(int, size.split())
assert (magic, w, h, most, len(data)) == (b"P6", 720, 400, b"255", w * h * 3), (magic, size, len(data))
cell = lambda n: b"".join(data[(y * w + n * 9) * 3:(y * w + n * 9 + 9) * 3] for y in range(16))
text = "HELLO FROM DISK"
for i, a in enumerate(text):
    for j, b in enumerate(text):
        assert (cell(i) == cell(j)) == (a == b), (i, j)
assert cell(0) != cell(79) == cell(5)
LOOK

# NAME OPTION...
firmware() {
    name=$1
    shift
    rm -f "$dir"/screen.*
    "$BUILD/tests/boot/expect" "$TINAMOU" -m 64 -display none -serial mon:stdio -net none "$@" >"$dir/$name.log" 2>&1 <<STEPS || { tail -n 5 "$dir/$name.log"; bad "$name: no boot"; }
wait HELLO FROM DISK
send \\x01cscreendump $dir/screen.ppm\\r
wait (qemu)
send screendump $dir/screen.png -f png\\r
wait (qemu)
send sendkey ctrl-alt-delete\\r\\x01c
wait HELLO FROM DISK
send \\x01x
exit 0
STEPS
    python3 "$dir/look.py" "$dir/screen.ppm" || bad "$name: the screen does not show the text"
    [ "$(head -c 4 "$dir/screen.png" | tail -c 3)" = PNG ] || bad "$name: no PNG"
    echo "ok   $name"
}
firmware floppy -M pc -drive "if=floppy,format=raw,file=$dir/boot.img" -boot a
firmware ide -M pc -drive "format=raw,file=$dir/boot.img"
firmware ahci -M q35 -drive "format=raw,file=$dir/boot.img"
