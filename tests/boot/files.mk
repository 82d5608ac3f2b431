# SPDX-License-Identifier: GPL-2.0-or-later
test-progs += tests/boot/expect
tests/boot/expect-objs := tests/boot/expect.o
tests/boot/expect-uses := util

script-tests += tests/boot/own-guest.sh tests/boot/images.sh tests/boot/terminal.sh tests/boot/monitor.sh tests/boot/u-boot.sh tests/boot/uefi.sh tests/boot/uefi-disk.sh \
	tests/boot/debian-armmp-1.sh tests/boot/debian-armmp-2.sh \
	tests/boot/debian-armmp-lpae-4.sh tests/boot/debian-armmp-lpae-hyp.sh tests/boot/debian-terminal.sh \
	tests/boot/virtio.sh tests/boot/disk.sh tests/boot/memory.sh tests/boot/balloon.sh tests/boot/rootfs.sh
script-tests += tests/boot/net-user.sh tests/boot/net-socket.sh tests/boot/net-tap.sh
script-tests += tests/boot/pci.sh
script-tests += tests/boot/debian-arm64-1.sh tests/boot/debian-arm64-2.sh tests/boot/debian-arm64-4.sh tests/boot/debian-arm64-el2.sh tests/boot/hotplug-arm64.sh tests/boot/u-boot-arm64.sh \
	tests/boot/uefi-arm64.sh tests/boot/uefi-disk-arm64.sh tests/boot/rootfs-arm64.sh
script-tests += tests/boot/debian-amd64.sh tests/boot/debian-686.sh tests/boot/seabios.sh tests/boot/ovmf.sh tests/boot/isapc.sh tests/boot/x86-programs.sh
script-tests += tests/boot/xen-amd64.sh tests/boot/grub-pc.sh
limit-tests/boot/grub-pc.sh := 400
script-tests-long += tests/boot/memtest.sh
limit-tests/boot/memtest.sh := 900
script-tests-long += tests/boot/rootfs-amd64-long.sh tests/boot/installer-amd64.sh
script-tests += tests/boot/rootfs-amd64.sh
script-tests += tests/boot/pc-devices.sh
limit-tests/boot/pc-devices.sh := 240
script-tests-long += tests/boot/debian-x86-all.sh tests/boot/debian-x86-20.sh
script-tests += tests/boot/crypto-arm64.sh tests/boot/xen-arm64.sh tests/boot/xen-armhf.sh
script-tests += tests/boot/kvm-arm64.sh
script-tests += tests/boot/disk-kill.sh tests/boot/disk-full.sh
script-tests-long += tests/boot/rootfs-long.sh tests/boot/rootfs-arm64-long.sh tests/boot/installer-arm64.sh tests/boot/debian-20.sh tests/boot/debian-arm64-20.sh tests/boot/debian-arm64-sizes.sh tests/boot/disk-kill-50.sh

# A kernel is fetched once, a boot takes seconds; the rest is for slow days.
limit-tests/boot/debian-armmp-1.sh := 240
limit-tests/boot/debian-armmp-2.sh := 240
limit-tests/boot/debian-armmp-lpae-4.sh := 240
limit-tests/boot/debian-armmp-lpae-hyp.sh := 240
limit-tests/boot/debian-arm64-1.sh := 240
limit-tests/boot/debian-arm64-2.sh := 240
limit-tests/boot/debian-arm64-4.sh := 240
limit-tests/boot/debian-arm64-el2.sh := 240
limit-tests/boot/hotplug-arm64.sh := 240
limit-tests/boot/debian-terminal.sh := 240
limit-tests/boot/monitor.sh := 240
limit-tests/boot/u-boot.sh := 300
limit-tests/boot/uefi.sh := 400
limit-tests/boot/crypto-arm64.sh := 240
limit-tests/boot/u-boot-arm64.sh := 300
limit-tests/boot/uefi-arm64.sh := 400
limit-tests/boot/uefi-disk-arm64.sh := 300
limit-tests/boot/installer-arm64.sh := 300
limit-tests/boot/xen-arm64.sh := 500
limit-tests/boot/xen-armhf.sh := 240
limit-tests/boot/kvm-arm64.sh := 300
limit-tests/boot/uefi-disk.sh := 300
limit-tests/boot/pci.sh := 400
limit-tests/boot/virtio.sh := 240
limit-tests/boot/disk.sh := 240
limit-tests/boot/disk-kill.sh := 240
limit-tests/boot/disk-full.sh := 240
limit-tests/boot/disk-kill-50.sh := 1200
limit-tests/boot/memory.sh := 240
limit-tests/boot/balloon.sh := 240
limit-tests/boot/debian-amd64.sh := 300
limit-tests/boot/debian-686.sh := 300
limit-tests/boot/ovmf.sh := 300
limit-tests/boot/x86-programs.sh := 400
limit-tests/boot/xen-amd64.sh := 300
limit-tests/boot/rootfs-amd64.sh := 700
limit-tests/boot/installer-amd64.sh := 300
limit-tests/boot/rootfs-amd64-long.sh := 900
limit-tests/boot/isapc.sh := 240
limit-tests/boot/debian-x86-all.sh := 1800
limit-tests/boot/debian-x86-20.sh := 1800
# The first time the file system is made: about a minute.
limit-tests/boot/rootfs.sh := 600
limit-tests/boot/rootfs-long.sh := 900
limit-tests/boot/rootfs-arm64.sh := 700
limit-tests/boot/rootfs-arm64-long.sh := 900
limit-tests/boot/debian-20.sh := 1200
limit-tests/boot/debian-arm64-20.sh := 1200
limit-tests/boot/debian-arm64-sizes.sh := 600
limit-tests/boot/net-user.sh := 240
limit-tests/boot/net-socket.sh := 240
limit-tests/boot/net-tap.sh := 240
