hw-objs += hw/intc/gicv2.o
hw-objs += hw/intc/gicv2m.o
