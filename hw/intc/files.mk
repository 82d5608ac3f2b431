hw-objs += hw/intc/gicv2.o hw/intc/gicv2-virt.o
hw-objs += hw/intc/gicv2m.o
hw-objs += hw/intc/gicv3.o hw/intc/gicv3-dist.o hw/intc/gicv3-redist.o hw/intc/gicv3-cpuif.o hw/intc/gicv3-virt.o hw/intc/gicv3-its.o
hw-objs += hw/intc/i8259.o hw/intc/apic.o hw/intc/ioapic.o
