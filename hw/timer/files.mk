hw-objs += hw/timer/pl031.o
hw-objs += hw/timer/i8254.o hw/timer/mc146818.o hw/timer/hpet.o
