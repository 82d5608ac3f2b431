/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernels for PCs: Linux's bzImage (Documentation/arch/x86/boot of Linux: protocol 2.00 and later), multiboot (Multiboot Specification 0.6.96)
 * and PVH (an ELF file with the note PHYS32_ENTRY; docs/misc/pvh of Xen). What goes where is worked out here; pc-kernel.c has firmware
 * load it, microvm.c puts it into memory itself.
 */
#ifndef HW_BOARDS_X86_KERNEL_H
#define HW_BOARDS_X86_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

struct boot_info;

enum x86_kernel_kind { X86_BZIMAGE, X86_MULTIBOOT, X86_PVH };
enum x86_part { X86_PART_SETUP, X86_PART_KERNEL, X86_PART_CMDLINE, X86_PART_INITRD, X86_NPARTS };

/* Slots for the map of memory that whoever starts the kernel knows: entries of 20 bytes as ACPI 6.0, 15.2 has them, 24 bytes apart. */
#define X86_MAP_SLOTS 64
#define X86_MAP_STEP 24

struct x86_kernel {
    enum x86_kernel_kind kind;
    struct { uint8_t *data; uint32_t len, addr; } part[X86_NPARTS];  /* to be put into memory; len 0: none */
    uint32_t entry, eax, ebx;        /* to be entered in flat 32-bit mode; bzImage: its 32-bit entry */
    bool code32;             /* bzImage: it has a 32-bit entry (protocol 2.02, loaded high) */
    uint16_t setup_seg, setup_sp;    /* bzImage: to be entered in real mode at setup_seg + 0x20 */
    uint32_t map;            /* multiboot, PVH: where the first entry of the map goes, in part SETUP */
    uint32_t map_count;      /* where its size goes, which is entries times map_unit */
    uint16_t map_unit;
};

/* Read what -kernel, -initrd and -append say. ram_end: memory below this may be used, bytes from 0. Errors name the file. Fini takes a struct of
 * zeros, too. */
bool x86_kernel_load(struct x86_kernel *k, const struct boot_info *boot, uint64_t ram_end, GError **err);
void x86_kernel_fini(struct x86_kernel *k);

#endif
