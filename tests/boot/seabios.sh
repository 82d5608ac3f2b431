#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# SeaBIOS on pc, q35 and isapc: its banner on the serial port, and a boot sector of ours from each machine's first disk, and from a CD-ROM's
# and a floppy's place in the boot order. The sector prints a line and ends the emulator with a status of its own.
set -eu
. "$SRC/tests/boot/lib.sh"
case $TINAMOU in *tinamou-system-arm) TINAMOU=${TINAMOU%arm}x86_64 ;; esac
[ -e /usr/share/seabios/bios-256k.bin ] || skip "Debian's package seabios is not installed"
dir=$BUILD/boot/seabios
mkdir -p "$dir"

# FILE TEXT SIZE: sti; hlt for four ticks, in which SeaBIOS sends what it still has for the serial port; xor ax,ax; mov ds,ax; cld; mov si,text; print to COM1; out 0xf4,0x21; hlt
sector() {
    printf '\373\364\364\364\364\061\300\216\330\374\276\036\174\254\204\300\164\006\272\370\003\356\353\365\260\041\346\364\364\220%s\r\n' "$2" >"$1"
    truncate -s 510 "$1"
    printf '\125\252' >>"$1"
    truncate -s "$3" "$1"
}

# NAME LINE OPTION...: the emulator ends with the sector's status, and the line was printed.
starts() {
    name=$1 line=$2
    shift 2
    status=0
    timeout -k 5 60 "$TINAMOU" "$@" -nographic -monitor none -serial stdio -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
        </dev/null >"$dir/$name.log" 2>&1 || status=$?
    tr -d '\r' <"$dir/$name.log" >"$dir/$name.text"
    [ $status -eq 67 ] || bad "$name: ended with status $status, not 67; see $dir/$name.log"
    grep -q 'SeaBIOS (version' "$dir/$name.text" || bad "$name: no banner of SeaBIOS"
    grep -q "$line" "$dir/$name.text" || bad "$name: no line '$line'"
}

sector "$dir/disk.raw" "from the disk" 64M
sector "$dir/other.raw" "from the other disk" 1M
starts pc "from the disk" -M pc -hda "$dir/disk.raw"
starts pc-second "from the other disk" -M pc -drive "file=$dir/other.raw,format=raw,if=ide,bus=1,unit=1"
starts pc-virtio "from the other disk" -M pc -drive "file=$dir/other.raw,format=raw,if=virtio"
starts q35 "from the disk" -M q35 -hda "$dir/disk.raw"
starts q35-smp "from the disk" -M q35 -smp 16 -m 4G -hda "$dir/disk.raw"
starts pc-single "from the disk" -M pc -smp 4 -accel tcg,thread=single -hda "$dir/disk.raw"
starts pc-debugcon "from the disk" -M pc -hda "$dir/disk.raw" -debugcon "file:$dir/debugcon.log" -global isa-debugcon.iobase=0x402
grep -q 'SeaBIOS (version' "$dir/debugcon.log" || bad "SeaBIOS wrote nothing to the debug port"
starts isapc "from the disk" -M isapc -hda "$dir/disk.raw"
echo "$(grep -c . "$dir/pc.text") lines; 8 starts"
