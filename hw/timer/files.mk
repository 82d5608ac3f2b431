hw-objs += hw/timer/pl031.o
