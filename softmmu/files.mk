# Objects of softmmu/, one per line.
softmmu-objs += softmmu/access.o
softmmu-objs += softmmu/bus.o
softmmu-objs += softmmu/check.o
softmmu-objs += softmmu/cpu.o
softmmu-objs += softmmu/cpu-loop.o
softmmu-objs += softmmu/cpu-work.o
softmmu-objs += softmmu/device.o
softmmu-objs += softmmu/fdt.o
softmmu-objs += softmmu/loader.o
softmmu-objs += softmmu/irq.o
softmmu-objs += softmmu/machine.o
softmmu-objs += softmmu/main.o
softmmu-objs += softmmu/names.o
softmmu-objs += softmmu/options.o
softmmu-objs += softmmu/runstate.o
softmmu-objs += softmmu/tb.o
softmmu-objs += softmmu/tlb.o
