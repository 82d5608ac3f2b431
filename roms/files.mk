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

# Code of PCs, as C arrays of bytes: hw/boards includes them, so that the program has them in itself. No rule makes the files by name: a
# build must not want to make them anew because a checkout gave the sources a later date.
X86_CC ?= gcc
X86_LD ?= ld
X86_OBJCOPY ?= objcopy

define rom-x86
$(say) ROM $(SRC)/hw/boards/$(1).inc
$(Q)$(X86_CC) -m32 -c -o roms/boot-x86/$(1).o $(SRC)/roms/boot-x86/$(1).S
$(Q)$(X86_LD) -m elf_i386 -Ttext 0 -e _start -o roms/boot-x86/$(1).elf roms/boot-x86/$(1).o
$(Q)$(X86_OBJCOPY) -O binary -j .text roms/boot-x86/$(1).elf roms/boot-x86/$(1).bin
$(Q)(echo '/* Made from roms/boot-x86/$(1).S by make roms. */'; \
	od -An -v -tx1 -w16 roms/boot-x86/$(1).bin | sed 's/ \(..\)/ 0x\1,/g; s/^ //') >$(SRC)/hw/boards/$(1).inc
endef

roms: roms-x86
roms-x86:
	@mkdir -p roms/boot-x86
	$(call rom-x86,linuxboot)
	$(call rom-x86,reset)

.PHONY: roms-x86
