# SPDX-License-Identifier: GPL-2.0-or-later
# Devices on the bus of a machine without CPUs (harness.c).
tests-dev-objs += tests/dev/harness.o
tests-dev-objs += tests/dev/virtio-driver.o
tests-dev-objs += tests/dev/test-acpi.o
tests-dev-objs += tests/dev/test-fw-cfg.o
tests-dev-objs += tests/dev/test-gicv2.o
tests-dev-objs += tests/dev/test-gicv3.o
tests-dev-objs += tests/dev/test-i8259.o tests/dev/test-i8254.o tests/dev/test-mc146818.o tests/dev/test-i8042.o tests/dev/test-ns16550.o
tests-dev-objs += tests/dev/test-ide.o tests/dev/test-ahci.o
tests-dev-objs += tests/dev/test-vga.o tests/dev/test-fdc.o tests/dev/test-e1000.o
tests-dev-objs += tests/dev/test-pc-misc.o tests/dev/test-apic.o tests/dev/test-hpet.o
tests-dev-objs += tests/dev/test-i440fx.o
tests-dev-objs += tests/dev/test-pci.o
tests-dev-objs += tests/dev/test-pflash.o
tests-dev-objs += tests/dev/test-pl011.o
tests-dev-objs += tests/dev/test-pl031.o
tests-dev-objs += tests/dev/test-pl061.o
tests-dev-objs += tests/dev/test-types.o
tests-dev-objs += tests/dev/test-virtio.o
tests-dev-objs += tests/dev/test-virtio-console.o
tests-dev-objs += tests/dev/test-virtio-balloon.o
tests-dev-objs += tests/dev/test-virtio-blk.o
tests-dev-objs += tests/dev/test-virtio-net.o
tests-dev-objs += tests/net/capture.o
tests-dev-objs += tests/dev/test-arm-virt.o
tests-dev-objs += tests/dev/test-pc.o
# The images that boards load, and their device trees.
tests-dev-objs += tests/dev/test-fdt.o
tests-dev-objs += tests/dev/test-loader.o
script-tests += tests/dev/dtb-qemu.sh
