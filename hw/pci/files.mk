hw-objs += hw/pci/ecam.o
hw-objs += hw/pci/msi.o
hw-objs += hw/pci/pci.o
