hw-objs += hw/misc/fw-cfg.o hw/misc/image-loader.o
