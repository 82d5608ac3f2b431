hw-objs += hw/misc/fw-cfg.o hw/misc/image-loader.o hw/misc/port92.o hw/misc/debug-exit.o hw/misc/pvpanic.o
