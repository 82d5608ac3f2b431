hw-objs += hw/boards/common.o
hw-objs += hw/boards/arm-virt.o hw/boards/arm-virt-fdt.o hw/boards/arm-virt-acpi.o
hw-objs += hw/boards/pc-common.o hw/boards/pc-i440fx.o
hw-objs += hw/boards/pc-acpi.o hw/boards/pc-smbios.o hw/boards/pc-q35.o
hw-objs += hw/boards/pc-kernel.o hw/boards/x86-kernel.o
hw-objs += hw/boards/microvm.o
hw-objs += hw/boards/isapc.o
