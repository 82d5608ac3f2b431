# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Read by the boot tests: `debian FLAVOUR` fetches a kernel and packs the demo's initramfs for it, once; `boot ...` starts it and
# compares what the guest says of itself; `rootfs NAME` gives a disk with Debian on it; `skip WHY` ends a test that cannot run here.

own=$SRC/roms/boot-arm/demo.bin
export QUIET=yes

skip() {
    echo "$1"
    exit 77
}

bad() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

# From now on $TINAMOU is the emulator for 64-bit guests; another one that was given (QEMU, to try a test on) stays.
use_64bit() {
    case $TINAMOU in *tinamou-system-arm) TINAMOU=${TINAMOU%arm}aarch64 ;; esac
}

# FLAVOUR (armmp, armmp-lpae, arm64, 686, amd64): sets vmlinuz, release, initrd and sum.
debian() {
    case $1 in
    arm64) use_64bit ;;
    686) case $TINAMOU in *tinamou-system-arm) TINAMOU=${TINAMOU%arm}i386 ;; esac ;;
    amd64) case $TINAMOU in *tinamou-system-arm) TINAMOU=${TINAMOU%arm}x86_64 ;; esac ;;
    esac
    guest=$(sh "$SRC/tools/get-guest.sh" "$1") || skip "no package registry answers, so there is no Debian kernel to boot"
    vmlinuz=$(ls "$guest"/boot/vmlinuz-* | tail -n 1)
    release=${vmlinuz##*/vmlinuz-}
    mkdir -p "$BUILD/boot/$1"
    initrd=$BUILD/boot/$1/initramfs.gz
    (
        flock 9
        [ -e "$initrd" ] && [ ! "$SRC/tools/demo-init" -nt "$initrd" ] || sh "$SRC/tools/make-initramfs.sh" "$initrd" "$guest"
    ) 9>"$BUILD/boot/$1/.lock" || skip "no package registry answers, so there is no busybox for the guest"
    sum=$(cat "$initrd.sha256")
}

# NAME [ARCH], after debian: the root file system of tools/make-rootfs.sh as image $disk (a copy of this test's own, NAME), and an initramfs
# $initrd that loads what is needed to mount it and goes on with it when the kernel's command line says root=/dev/vda.
rootfs() {
    master=$(sh "$SRC/tools/make-rootfs.sh" "${2:-armhf}") || {
        [ $? -eq 3 ] && skip "no package registry answers, so there are no packages for a root file system"
        exit 1
    }
    disk=$BUILD/boot/$1.raw
    cp --sparse=always "$master" "$disk"
    initrd=$BUILD/boot/$1-initramfs.gz
    sh "$SRC/tools/make-initramfs.sh" "$initrd" "$guest" "$SRC/tools/demo-init" virtio_mmio virtio_pci virtio_blk crc32c_generic ext4 \
        ata_piix ahci sd_mod
}

# The CPU's part number as /proc/cpuinfo shows it.
part() {
    case $1 in
    cortex-a7) echo 0xc07 ;;
    cortex-a15) echo 0xc0f ;;
    cortex-a53) echo 0xd03 ;;
    cortex-a57) echo 0xd07 ;;
    cortex-a72) echo 0xd08 ;;
    cortex-a76) echo 0xd0b ;;
    neoverse-n1) echo 0xd0c ;;
    max) echo "0x[0-9a-f]+" ;;
    qemu32 | qemu64) echo "QEMU Virtual CPU.*" ;;
    esac
}

# FLAVOUR SMP CPU [OPTION...]: one boot to DEMO-OK and power-off.
boot() {
    flavour=$1 smp=$2 cpu=$3
    shift 3
    debian "$flavour"
    log=$BUILD/boot/$flavour-$smp-$cpu${TAG:+-$TAG}.log
    LIMIT_SECONDS=${LIMIT_SECONDS:-100} sh "$SRC/tools/check-boot.sh" "$log" "$sum" "$release" "$smp" "$(part "$cpu")" \
        "$TINAMOU" -M virt -cpu "$cpu" -m 512 -smp "$smp" -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
        -append "console=ttyAMA0 panic=-1 demo=check" "$@"
}

# MACHINE FLAVOUR SMP CPU [OPTION...]: the same on an x86 machine.
boot_x86() {
    machine=$1 flavour=$2 smp=$3 cpu=$4
    shift 4
    debian "$flavour"
    model=$(part "$cpu")
    case $cpu in qemu*) ;; *) model='.*' ;; esac
    log=$BUILD/boot/$flavour-$machine-$smp-$cpu${TAG:+-$TAG}.log
    LIMIT_SECONDS=${LIMIT_SECONDS:-100} sh "$SRC/tools/check-boot.sh" "$log" "$sum" "$release" "$smp" "$model" \
        "$TINAMOU" -M "$machine" -cpu "$cpu" -m 512 -smp "$smp" -nographic -no-reboot -kernel "$vmlinuz" -initrd "$initrd" \
        -append "console=ttyS0 panic=-1 demo=check" "$@"
}
