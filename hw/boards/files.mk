hw-objs += hw/boards/arm-virt.o
