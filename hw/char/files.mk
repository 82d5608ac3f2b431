hw-objs += hw/char/pl011.o
