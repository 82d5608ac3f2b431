hw-objs += hw/intc/gicv2.o
