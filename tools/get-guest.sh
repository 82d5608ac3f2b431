#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# get-guest.sh KIND   fetch Debian packages for a guest, unpacked under $BUILD/guests/KIND:
#     armmp, armmp-lpae              newest kernel of the flavour
#     busybox-armhf, busybox-amd64   static busybox, for the guest and (bench/) for the host
#     u-boot-arm, efi-arm            firmware: U-Boot, UEFI for 32-bit ARM
# Prints the folder. Uses a private apt state under $BUILD/guests/apt, so that the host's architectures and package lists stay as they are.
# Exit status 3: no package registry answers (or apt is missing).
set -eu
kind=${1:?usage: get-guest.sh armmp|armmp-lpae|busybox-armhf|busybox-amd64|u-boot-arm|efi-arm}
root=${BUILD:?}/guests
dir=$root/$kind
if [ -e "$dir/.done" ]; then
    echo "$dir"
    exit 0
fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || exit 3
state=$root/apt
mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial"
[ -e "$state/state/status" ] || : >"$state/state/status"

with_apt() { # tool arguments...
    tool=$1
    shift
    "$tool" -q -o Dir::State="$state/state" -o Dir::State::status="$state/state/status" -o Dir::Cache="$state/cache" \
        -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=armhf \
        -o APT::Sandbox::User=root -o Acquire::Retries=2 "$@"
}

# One fetch at a time: tests may ask at once.
exec 9>"$root/.lock"
flock 9 2>/dev/null || :
if [ ! -e "$state/.updated" ]; then
    echo "fetching package lists" >&2
    # One of several lists may be out of step for a while: go on with what came.
    if with_apt apt-get update >"$root/apt.log" 2>&1; then
        : >"$state/.updated"
    fi
    ls "$state"/state/lists/*armhf*Packages* >/dev/null 2>&1 || exit 3
fi
case $kind in
armmp | armmp-lpae)
    package=$(with_apt apt-cache depends "linux-image-$kind:armhf" 2>>"$root/apt.log" |
        sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
    ;;
busybox-armhf | busybox-amd64) package=busybox-static:${kind#busybox-} ;;
u-boot-arm) package=u-boot-qemu ;;
efi-arm) package=qemu-efi-arm ;;
*)
    echo "get-guest.sh: no guest '$kind'" >&2
    exit 2
    ;;
esac
[ -n "$package" ] || exit 3
echo "fetching $package" >&2
rm -rf "$dir.part"
mkdir -p "$dir.part"
(cd "$dir.part" && with_apt apt-get download "$package" >>"$root/apt.log" 2>&1 && dpkg-deb -x ./*.deb . && rm -f ./*.deb) || exit 3
: >"$dir.part/.done"
rm -rf "$dir"
mv "$dir.part" "$dir"
echo "$dir"
