hw-objs += hw/dma/i8237.o
