hw-objs += hw/boards/arm-virt.o hw/boards/arm-virt-fdt.o hw/boards/arm-virt-acpi.o
