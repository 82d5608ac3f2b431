hw-objs += hw/misc/fw-cfg.o
