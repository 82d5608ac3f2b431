hw-objs += hw/net/e1000.o hw/net/e1000-eeprom.o
