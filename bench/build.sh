#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the suite's programs for the guest ($BENCH_ARCH) and for the host, and packs the guest's initial RAM disk, under $BUILD/bench.
set -eu
out=$BUILD/bench
mkdir -p "$out"

flags() { # FILE: chosen so that each program shows one thing
    case $1 in
    call) echo "-O2 -fno-inline -fno-optimize-sibling-calls -fno-ipa-cp" ;;
    simd) echo "-O3 -ffast-math" ;;
    fp) echo "-O2 -fno-tree-vectorize -ffp-contract=off -fno-math-errno" ;;
    *) echo "-O2 -fno-tree-vectorize" ;;
    esac
}

program() { # ARCH COMPILER OPTION...
    arch=$1
    shift
    objects=
    mkdir -p "$out/obj-$arch"
    for c in "$SRC"/bench/guest/*.c; do
        name=$(basename "$c" .c)
        # shellcheck disable=SC2046  # words
        "$@" -std=gnu11 -I"$SRC" $(flags "$name") -c "$c" -o "$out/obj-$arch/$name.o"
        objects="$objects $out/obj-$arch/$name.o"
    done
    # shellcheck disable=SC2086  # words
    "$@" -static $objects -lm -o "$out/bench-$arch"
}

program amd64 gcc -march=x86-64
case $BENCH_ARCH in
armhf) program armhf arm-linux-gnueabihf-gcc -mcpu=cortex-a15 -mfpu=neon-vfpv4 -mfloat-abi=hard ;;
arm64) program arm64 aarch64-linux-gnu-gcc -march=armv8-a ;;
amd64) ;; # what the host runs
esac

"$out/bench-amd64" gendata "$out/data" 1500000
xz -6 -f "$out/data"

root=$out/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp"
cp "$(sh "$SRC/tools/get-guest.sh" "busybox-$BENCH_ARCH")/bin/busybox" "$root/bin/busybox"
cp "$out/bench-$BENCH_ARCH" "$root/bin/bench"
cp "$SRC/bench/guest/init" "$SRC/bench/guest/commands" "$out/data.xz" "$root/"
chmod 755 "$root/init" "$root/bin/busybox"
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) | gzip -9n >"$out/initramfs.gz"
