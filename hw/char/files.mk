hw-objs += hw/char/pl011.o
hw-objs += hw/char/ns16550.o hw/char/debugcon.o
