hw-objs += hw/gpio/gpio-key.o
hw-objs += hw/gpio/pl061.o
