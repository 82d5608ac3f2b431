hw-objs += hw/block/pflash.o
