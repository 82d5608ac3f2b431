hw-objs += hw/display/vga.o hw/display/vga-render.o hw/display/vga-pci.o
