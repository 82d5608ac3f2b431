hw-objs += hw/pci/conf1.o
hw-objs += hw/pci/ecam.o
hw-objs += hw/pci/host.o
hw-objs += hw/pci/i440fx.o
hw-objs += hw/pci/msi.o
hw-objs += hw/pci/pc-memory.o
hw-objs += hw/pci/pci.o
hw-objs += hw/pci/q35.o
