hw-objs += hw/block/pflash.o
hw-objs += hw/block/ata.o hw/block/ata-io.o hw/block/atapi.o hw/block/ide.o hw/block/isa-ide.o hw/block/piix-ide.o hw/block/ahci.o hw/block/fdc.o
