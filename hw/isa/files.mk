# Objects of hw/isa, one per line.
hw-objs += hw/isa/ich9-lpc.o
hw-objs += hw/isa/piix3.o
hw-objs += hw/isa/pirq.o
