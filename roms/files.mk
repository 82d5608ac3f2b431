# SPDX-License-Identifier: GPL-2.0-or-later
#
# make roms rebuilds the images that the repository holds; see roms/README.

boot-arm := $(wildcard $(SRC)/roms/boot-arm/*.[chS])

roms: $(SRC)/roms/boot-arm/demo.bin

$(SRC)/roms/boot-arm/demo.bin: $(boot-arm) $(SRC)/roms/boot-arm/demo.lds
	@mkdir -p roms/boot-arm
	$(say) ROM $@
	$(Q)arm-linux-gnueabihf-gcc -mcpu=cortex-a15 -mthumb -mgeneral-regs-only \
		-mfloat-abi=soft -std=gnu11 -Os -Wall -Wextra -ffreestanding -fno-pic \
		-fno-tree-loop-distribute-patterns -fno-stack-protector -nostdlib \
		-static -no-pie -Wl,--build-id=none,-z,noexecstack,--no-warn-rwx-segments -I$(SRC) \
		-T $(SRC)/roms/boot-arm/demo.lds -o roms/boot-arm/demo.elf \
		$(filter %.c %.S,$^) -lgcc
	$(Q)arm-linux-gnueabihf-objcopy -O binary roms/boot-arm/demo.elf $@ && chmod 644 $@

.PHONY: roms
