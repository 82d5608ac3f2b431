/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -kernel on machines with firmware: the images under the keys of fw_cfg that firmware knows (OVMF starts a bzImage from them itself), and an
 * option ROM of our own (roms/boot-x86/linuxboot.S) by which a BIOS starts them, first of all.
 */
#include "config.h"
#include <string.h>
#include "hw/boards/pc.h"
#include "hw/boards/x86-kernel.h"
#include "hw/misc/fw-cfg.h"
#include "util/endian.h"

#define ROM_NAME "genroms/tinamou-kernel.bin"
#define ROM_SIZE 1024u
#define RESERVED 0x100000u       /* the BIOS keeps tables at the end of RAM */

static const uint8_t rom_code[] = {
#include "hw/boards/linuxboot.inc"
};

/* The block of parameters in the ROM. */
enum rom_field {
    ROM_BLOCKS = 2, ROM_PNP = 0x20, ROM_PNP_SUM = 0x29, ROM_PNP_END = 0x40, ROM_FLAT = 0x40, ROM_SP = 0x44, ROM_SEG = 0x46, ROM_ENTRY = 0x48,
    ROM_EAX = 0x4c, ROM_EBX = 0x50, ROM_MAP = 0x54, ROM_FIRST = 0x56, ROM_COUNT = 0x58, ROM_UNIT = 0x5a, ROM_NCMD = 0x5c, ROM_CMDS = 0x60,
};
enum { DMA_READ = 2, DMA_SELECT = 8 };

static const struct { uint16_t addr, size, data; } keys[X86_NPARTS] = {
    [X86_PART_SETUP] = { FW_CFG_SETUP_ADDR, FW_CFG_SETUP_SIZE, FW_CFG_SETUP_DATA },
    [X86_PART_KERNEL] = { FW_CFG_KERNEL_ADDR, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA },
    [X86_PART_CMDLINE] = { FW_CFG_CMDLINE_ADDR, FW_CFG_CMDLINE_SIZE, FW_CFG_CMDLINE_DATA },
    [X86_PART_INITRD] = { FW_CFG_INITRD_ADDR, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA },
};

/* Make the bytes from `from` to `to` add up to 0. */
static void seal(uint8_t *rom, unsigned from, unsigned to, unsigned at)
{
    uint8_t sum = 0;

    for (unsigned i = from; i < to; i++)
        sum += i == at ? 0 : rom[i];
    rom[at] = (uint8_t)-sum;
}

static void add_command(uint8_t *rom, const struct x86_kernel *k, enum x86_part part)
{
    uint32_t n = ld32_le(rom + ROM_NCMD);
    uint8_t *cmd = rom + ROM_CMDS + 16 * n;

    st32_be(cmd, (uint32_t)keys[part].data << 16 | DMA_SELECT | DMA_READ);
    st32_be(cmd + 4, k->part[part].len);
    st64_be(cmd + 8, k->part[part].addr);
    st32_le(rom + ROM_NCMD, n + 1);
}

static void make_rom(uint8_t rom[ROM_SIZE], const struct x86_kernel *k)
{
    memset(rom, 0, ROM_SIZE);
    memcpy(rom, rom_code, sizeof(rom_code));
    rom[ROM_BLOCKS] = ROM_SIZE / 512;
    st32_le(rom + ROM_FLAT, k->kind != X86_BZIMAGE);
    st16_le(rom + ROM_SP, k->setup_sp);
    st16_le(rom + ROM_SEG, k->setup_seg);
    st32_le(rom + ROM_ENTRY, k->entry);
    st32_le(rom + ROM_EAX, k->eax);
    st32_le(rom + ROM_EBX, k->ebx);
    st16_le(rom + ROM_MAP, (uint16_t)(k->part[X86_PART_SETUP].addr >> 4));
    st16_le(rom + ROM_FIRST, (uint16_t)(k->map - k->part[X86_PART_SETUP].addr));
    st16_le(rom + ROM_COUNT, (uint16_t)(k->map_count - k->part[X86_PART_SETUP].addr));
    st16_le(rom + ROM_UNIT, k->map_unit);
    for (enum x86_part i = 0; i < X86_NPARTS; i++)
        if (k->part[i].len)
            add_command(rom, k, i);
    seal(rom, ROM_PNP, ROM_PNP_END, ROM_PNP_SUM);
    seal(rom, 0, ROM_SIZE, ROM_SIZE - 1);
}

bool pc_add_kernel(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    struct x86_kernel k = { 0 };
    uint8_t rom[ROM_SIZE];
    bool ok;

    if (!m->boot.kernel)
        return true;
    G_STATIC_ASSERT(sizeof(rom_code) < ROM_SIZE);
    ok = x86_kernel_load(&k, &m->boot, pc->below > 4 * RESERVED ? pc->below - RESERVED : pc->below, err);
    for (int i = 0; ok && i < X86_NPARTS; i++) {
        fw_cfg_add_u32(pc->fw_cfg, keys[i].addr, k.part[i].addr);
        fw_cfg_add_u32(pc->fw_cfg, keys[i].size, k.part[i].len);
        if (k.part[i].len)
            fw_cfg_add(pc->fw_cfg, keys[i].data, k.part[i].data, k.part[i].len);
    }
    if (ok) {
        make_rom(rom, &k);
        ok = fw_cfg_add_file(pc->fw_cfg, ROM_NAME, rom, ROM_SIZE, err) &&
             fw_cfg_add_file(pc->fw_cfg, "bootorder", "/rom@" ROM_NAME "\n", sizeof("/rom@" ROM_NAME "\n"), err);
    }
    x86_kernel_fini(&k);
    return ok;
}
