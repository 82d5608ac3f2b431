#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make-rootfs.sh [armhf|arm64|amd64]   a Debian root file system: ext4 in the raw image $BUILD/guests/rootfs-ARCH.raw, whose path is printed. Made
# once and kept; made anew when its recipe (this file) has changed. root's password is "tinamou". 64-bit ones have gcc, too.
#
# Nothing here needs root (but fakeroot) or foreign programs. The host puts the packages' files and dpkg's records of them as "unpacked" into
# the file system; in our own guest dpkg then configures the packages (the second stage).
# The init is Debian's own, systemd: it is at the login in 10 s here, SysV's scripts, which start a program for every step, in 20 to 25.
# Exit status 3: no package registry answers.
set -eu
PATH=$PATH:/usr/sbin:/sbin
packages='?essential apt perl-base python3-minimal systemd-sysv udev dbus libpam-systemd login passwd usr-is-merged'
arch=armhf
case ${1:-} in
first-stage) arch=$3 ;;
armhf | arm64 | amd64) arch=$1 ;;
esac
machine=virt console=ttyAMA0 root=/dev/vda
case $arch in
armhf) flavour=armmp cpu=cortex-a15 ;;
arm64) flavour=arm64 cpu=cortex-a57 packages="$packages gcc libc6-dev" TINAMOU=${TINAMOU%/*}/tinamou-system-aarch64 ;;
amd64)
    flavour=amd64 cpu=qemu64 packages="$packages gcc libc6-dev" TINAMOU=${TINAMOU%/*}/tinamou-system-x86_64
    machine=pc console=ttyS0 root=LABEL=tinamou
    ;;
esac
image=${BUILD:?}/guests/rootfs-$arch.raw
recipe=$(cksum <"$SRC/tools/make-rootfs.sh")
work=$BUILD/guests/rootfs-$arch.part
tree=$work/tree

there() {
    [ -e "$image" ] && [ "$recipe" = "$(cat "$image.done" 2>/dev/null)" ] || return 0
    echo "$image"
    exit 0
}

# PATH CONTENTS: a text file
text() {
    mkdir -p "$tree/$(dirname "$1")"
    printf '%s\n' "$2" >"$tree/$1"
}

# Runs in the guest, in the new root. base-passwd makes the users that others' scripts give files to.
second_stage='set -e
export PATH=/usr/sbin:/usr/bin DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C HOME=/root
ln -sf mawk /usr/bin/awk
dpkg --force-depends --configure base-passwd
dpkg --force-depends --configure base-files
dpkg --configure -a
rm -f /usr/sbin/policy-rc.d
echo root:tinamou | chpasswd
echo "ROOTFS states: $(dpkg-query -W -f "\${Status}\n" | sort -u)"
[ -z "$(dpkg --audit)" ] && echo "ROOTFS configured"'

# What the image has beside the packages' files.
add_own_files() {
    text etc/fstab "$root / ext4 errors=remount-ro 0 0"
    text etc/hostname tinamou
    text etc/hosts '127.0.0.1 localhost tinamou'
    text usr/sbin/policy-rc.d '#!/bin/sh
exit 101'
    chmod 755 "$tree/usr/sbin/policy-rc.d"
    text second-stage "$second_stage"
}

# DEB: its files (without what Debian's slim images leave out too), its control files; its status record to stdout.
add_package() {
    name=$(dpkg-deb -f "$1" Package)
    info=$tree/var/lib/dpkg/info/$name
    [ "$(dpkg-deb -f "$1" Multi-Arch)" != same ] || info=$info:$arch
    dpkg-deb --fsys-tarfile "$1" >"$work/tar"
    tar -tf "$work/tar" | sed 's|^\.||; s|/$||; s|^$|/.|' >"$info.list"
    tar -xpf "$work/tar" -C "$tree" --numeric-owner --keep-directory-symlink --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
        --exclude='./usr/share/info/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/lintian/*'
    rm -rf "$work/control"
    dpkg-deb -e "$1" "$work/control"
    for file in "$work/control"/*; do
        [ "${file##*/}" = control ] || mv "$file" "$info.${file##*/}"
    done
    dpkg-deb -f "$1" | sed '1a Status: install ok unpacked'
    echo
}

# DEBS-FOLDER: the file system before the second stage. As root, or in fakeroot.
first_stage() {
    dirs="bin sbin lib"
    [ $arch != amd64 ] || dirs="$dirs lib64"
    for dir in $dirs; do
        mkdir -p "$tree/usr/$dir"
        ln -s "usr/$dir" "$tree/$dir"
    done
    mkdir -p "$tree/var/lib/dpkg/info" "$tree/var/lib/dpkg/updates" "$tree/proc" "$tree/dev" "$tree/sys"
    : >"$tree/var/lib/dpkg/available"
    echo $arch >"$tree/var/lib/dpkg/arch"
    for deb in "$1"/*.deb; do
        add_package "$deb"
    done >"$tree/var/lib/dpkg/status"
    add_own_files
    truncate -s 1G "$work/image"
    mke2fs -q -t ext4 -L tinamou -d "$tree" "$work/image"
}

second_stage_in_guest() {
    kernel=$(sh "$SRC/tools/get-guest.sh" $flavour) || exit 3
    sh "$SRC/tools/make-initramfs.sh" "$work/initramfs.gz" "$kernel" "$SRC/tools/demo-init" virtio_mmio virtio_pci virtio_blk crc32c_generic ext4 || exit 3
    log=$BUILD/guests/rootfs-$arch.log
    echo "configuring the packages in a guest" >&2
    timeout -k 5 300 "$TINAMOU" -M $machine -cpu $cpu -m 512 -smp 2 -nographic -no-reboot -kernel "$kernel"/boot/vmlinuz-* \
        -initrd "$work/initramfs.gz" -append "console=$console quiet panic=-1 demo=rootfs" \
        -drive "file=$work/image,format=raw,if=virtio" </dev/null >"$log" 2>&1 || :
    for line in 'ROOTFS states: install ok installed' 'ROOTFS configured' 'ROOTFS unmounted'; do
        grep -q "^$line.\{0,1\}\$" "$log" && continue
        echo "make-rootfs.sh: the second stage did not print '$line':" >&2
        tail -n 20 "$log" >&2
        exit 1
    done
    e2fsck -fn "$work/image" >"$work/fsck" 2>&1 || {
        cat "$work/fsck" >&2
        exit 1
    }
}

if [ "${1:-}" = first-stage ]; then
    first_stage "$2"
    exit 0
fi
there
mkdir -p "$BUILD/guests"
exec 8>"$BUILD/guests/.lock-rootfs-$arch"
flock 8 2>/dev/null || :
there
# shellcheck disable=SC2086  # a list of words
debs=$(sh "$SRC/tools/get-guest.sh" debs-$arch $packages) || exit 3
rm -rf "$work"
mkdir -p "$tree"
fakeroot=
[ "$(id -u)" = 0 ] || fakeroot=fakeroot
$fakeroot sh "$SRC/tools/make-rootfs.sh" first-stage "$debs" $arch
second_stage_in_guest
mv "$work/image" "$image"
rm -rf "$work"
echo "$recipe" >"$image.done"
echo "$image"
