#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Virtio devices on PCI Express with Debian's drivers: pci-host-generic finds the bus, virtio-pci the devices, transitional and modern;
# a disk with equal hashes, a file over the network, random numbers, a console; MSI-X through the GICv2m frame and, with GICv3, the ITS, and
# with vectors=0 the INTx lines. The kernel with large page tables finds the configuration window above 4 GiB. U-Boot lists them and
# reads the disk. (Debian's ARM kernels have no I/O
# ports, so no legacy drivers: tests/dev/test-pci.c is one.)
set -eu
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/net-lib.sh"
net_need_user
command -v python3 >/dev/null || skip "there is no python3 for the web server (package python3)"
firmware=$(sh "$SRC/tools/get-guest.sh" u-boot-arm)/usr/lib/u-boot/qemu_arm/u-boot.bin || skip "no package registry answers, so there is no U-Boot"
dir=$BUILD/boot/pci
mkdir -p "$dir/www"
head -c 4194304 /dev/urandom >"$dir/www/file"
file_sum=$(sha256sum <"$dir/www/file" | cut -d' ' -f1)
net_http "$dir/www"

# NAME FLAVOUR MACHINE INTERRUPT PROPS: boots it with all devices, each with these properties.
try() {
    name=$1 machine=$3 interrupt=$4 props=$5
    debian "$2"
    cpu=cortex-a15
    [ "$2" != arm64 ] || cpu=cortex-a57
    log=$dir/$name.log
    sh "$SRC/tools/make-initramfs.sh" "$dir/$2.gz" "$guest" "$SRC/tests/boot/pci-init" \
        virtio_pci virtio_blk failover net_failover virtio_net virtio-rng virtio_console
    head -c 8388608 /dev/urandom >"$dir/disk.raw"
    disk_sum=$(sha256sum <"$dir/disk.raw" | cut -d' ' -f1)
    rm -f "$dir/console.log"
    timeout -k 5 100 "$TINAMOU" -M "virt$machine" -cpu $cpu -m 256 -smp 2 -nographic -no-reboot -nodefaults -serial stdio \
        -kernel "$vmlinuz" -initrd "$dir/$2.gz" -append "console=ttyAMA0 panic=-1 fetch=http://10.0.2.2:$http_port/file" \
        -drive "if=none,id=d,format=raw,file=$dir/disk.raw" -device "virtio-blk-pci,drive=d,addr=5$props" \
        -netdev user,id=n -device "virtio-net,netdev=n,addr=3.0,bus=pcie.0$props" -device "virtio-rng-pci$props" \
        -chardev "file,id=c,path=$dir/console.log" -device "virtio-serial-pci$props" -device virtconsole,chardev=c \
        </dev/null >"$log.raw" 2>&1 || { tail -n 20 "$log.raw"; bad "$name: status $?"; }
    tr -d '\r' <"$log.raw" >"$log"
    grep -q '^PCI-END' "$log" || { tail -n 20 "$log"; bad "$name: the guest did not come to its end"; }
    for line in "function 0000:00:00.0 0x1b36 0x0008 0x060000" "function 0000:00:03.0 0x1af4 $6 0x020000 driver=virtio-pci" \
        "function 0000:00:05.0 0x1af4 $7 0x010000 driver=virtio-pci" "disk $disk_sum" "written" "hwrng [0-9a-f]{32}" \
        "fetched $file_sum" "interrupt .* $interrupt .*virtio[0-9].*"; do
        grep -qE "^PCI $line" "$log" || { grep '^PCI' "$log"; bad "$name: the guest did not say: $line"; }
    done
    grep -q "hello from the console" "$dir/console.log" || bad "$name: nothing came through the console"
    cmp -s -n 1048576 "$dir/disk.raw" /dev/zero || bad "$name: what the guest wrote is not on the disk"
    echo "ok   $name"
}
try transitional armmp ,highmem=off MSI "" 0x1000 0x1001
try modern armmp-lpae "" MSI ,disable-legacy=on 0x1041 0x1042
try lines armmp ,highmem=off "GIC-0 .*Level" ,vectors=0 0x1000 0x1001
try v2m arm64 "" MSI "" 0x1000 0x1001
try its arm64 ,gic-version=3 ITS-MSI ,disable-legacy=on 0x1041 0x1042
try lines-gicv3 arm64 ,gic-version=3,its=off "GICv3 .*Level" ,vectors=0 0x1000 0x1001

echo "== U-Boot"
head -c 1048576 /dev/zero >"$dir/disk.raw"
"$BUILD/tests/boot/expect" "$TINAMOU" -M virt,highmem=off -cpu cortex-a15 -m 256 -nographic -no-reboot -bios "$firmware" \
    -drive "if=none,id=d,format=raw,file=$dir/disk.raw" -device virtio-blk-pci,drive=d -device virtio-rng-pci >"$dir/u-boot.log" <<'STEPS'
wait autoboot
send \r
wait => 
send pci enum; pci\r
wait 0x1af4
wait => 
send virtio scan; virtio info\r
wait Capacity: 1.0 MB
wait => 
send virtio read ${loadaddr} 0 8\r
wait 8 blocks read: OK
wait => 
send \x01x
exit 0
restored
STEPS
echo "ok   u-boot"
