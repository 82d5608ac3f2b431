#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# get-guest.sh KIND   fetch Debian packages for a guest, unpacked under $BUILD/guests/KIND:
#     armmp, armmp-lpae, arm64, 686, amd64   newest kernel of the flavour; arm64 and amd64 are 64-bit
#     busybox-armhf, busybox-arm64, busybox-i386, busybox-amd64   static busybox, for guests and (bench/) for the host
#     xen-arm64, xen-armhf, xen-amd64   the hypervisor
#     grub-arm64, grub-pc            the boot loader, for UEFI and for a PC's BIOS
#     installer-arm64, installer-amd64   Debian's installer: kernel and RAM disk for a network boot
#     memtest86, ipxe, gnumach       programs for PCs: memory test, network boot, the Hurd's microkernel
#     u-boot-arm, efi-arm, efi-aarch64   firmware: U-Boot for 32- and 64-bit ARM, UEFI
#     debs-armhf, debs-arm64, debs-amd64 PACKAGE...  these packages and all that they need, as packages (for make-rootfs.sh)
# Prints the folder. Uses a private apt state under $BUILD/guests/apt, so that the host's architectures and package lists stay as they are.
# Exit status 3: no package registry answers (or apt is missing).
set -eu
kind=${1:?usage: get-guest.sh KIND [PACKAGE...]   (the kinds are at the top of this file)}
shift
root=${BUILD:?}/guests
dir=$root/$kind
wanted=$*

# Ends the script when it was fetched before.
there() {
    [ -e "$dir/.done" ] && [ "$wanted" = "$(cat "$dir/.done")" ] || return 0
    echo "$dir"
    exit 0
}

there
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || exit 3
state=$root/apt
mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial"
[ -e "$state/state/status" ] || : >"$state/state/status"
arch=amd64
others="-o APT::Architectures::=amd64 -o APT::Architectures::=armhf -o APT::Architectures::=arm64 -o APT::Architectures::=i386"

with_apt() { # tool arguments...
    tool=$1
    shift
    # shellcheck disable=SC2086  # a list of words
    "$tool" -q -o Dir::State="$state/state" -o Dir::State::status="$state/state/status" -o Dir::Cache="$state/cache" \
        -o APT::Architecture=$arch $others \
        -o APT::Sandbox::User=root -o Acquire::Retries=2 "$@"
}

# What came is used even when one of several lists is out of step with the registry; "fetch" looks for newer ones when a package is gone.
update() {
    echo "fetching package lists" >&2
    with_apt apt-get update >"$root/apt.log" 2>&1 || :
    ls "$state"/state/lists/*-"${guest_arch}"_Packages* >/dev/null 2>&1 || exit 3
    : >"$state/.updated"
    updated=yes
}

package_of() {
    case $kind in
    armmp | armmp-lpae | arm64 | 686 | amd64)
        with_apt apt-cache depends "linux-image-$kind:$guest_arch" 2>>"$root/apt.log" |
            sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1
        ;;
    busybox-*) echo "busybox-static:${kind#busybox-}" ;;
    xen-*)
        with_apt apt-cache depends "xen-system-$guest_arch:$guest_arch" 2>>"$root/apt.log" |
            sed -n "s/.*Depends: \(xen-hypervisor-[0-9.]*-$guest_arch[^ ]*\).*/\1/p" | head -n 1
        ;;
    grub-arm64) echo grub-efi-arm64-bin:arm64 ;;
    grub-pc) echo grub-pc-bin:amd64 ;;
    memtest86) echo memtest86+:amd64 ;;
    ipxe) echo ipxe ;;
    gnumach) echo gnumach-image-1.8-486:i386 ;;
    installer-*) echo "debian-installer-12-netboot-${kind#installer-}" ;;
    u-boot-arm) echo u-boot-qemu ;;
    efi-arm | efi-aarch64) echo "qemu-$kind" ;;
    esac
}

# Into $dir.part.
fetch() {
    rm -rf "$dir.part"
    mkdir -p "$dir.part/partial"
    if [ "$kind" = "debs-$guest_arch" ]; then
        arch=$guest_arch others="-o APT::Architectures::=$guest_arch"
        # shellcheck disable=SC2086  # a list of words
        with_apt apt-get install -y --no-install-recommends --download-only -o Dir::Cache::archives="$dir.part" \
            -o Debug::NoLocking=yes $wanted >>"$root/apt.log" 2>&1 && rm -rf "$dir.part/partial" "$dir.part/lock"
        return
    fi
    package=$(package_of)
    [ -n "$package" ] || return 1
    echo "fetching $package" >&2
    (cd "$dir.part" && rmdir partial && with_apt apt-get download "$package" >>"$root/apt.log" 2>&1 && dpkg-deb -x ./*.deb . &&
        rm -f ./*.deb)
}

case $kind in
arm64 | busybox-arm64 | efi-aarch64 | xen-arm64 | grub-arm64 | installer-arm64 | debs-arm64) guest_arch=arm64 ;;
armmp | armmp-lpae | busybox-armhf | u-boot-arm | efi-arm | xen-armhf | debs-armhf) guest_arch=armhf ;;
amd64 | busybox-amd64 | xen-amd64 | grub-pc | memtest86 | ipxe | installer-amd64 | debs-amd64) guest_arch=amd64 ;;
686 | busybox-i386 | gnumach) guest_arch=i386 ;;
*)
    echo "get-guest.sh: no guest '$kind'" >&2
    exit 2
    ;;
esac
# One fetch at a time: tests may ask at once.
exec 9>"$root/.lock"
flock 9 2>/dev/null || :
there
updated=no
[ -e "$state/.updated" ] || update
if ! fetch; then
    [ $updated = no ] || exit 3
    update
    fetch || exit 3
fi
echo "$wanted" >"$dir.part/.done"
rm -rf "$dir"
mv "$dir.part" "$dir"
echo "$dir"
