hw-objs += hw/acpi/acpi.o hw/acpi/aml.o
