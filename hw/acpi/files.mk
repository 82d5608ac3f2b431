hw-objs += hw/acpi/acpi.o hw/acpi/aml.o hw/acpi/piix4-pm.o hw/acpi/pm.o hw/acpi/pm-fixed.o
