hw-objs += hw/input/i8042.o hw/input/ps2.o
