/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "isapc": a PC without PCI, APICs or ACPI, as those before 1995: one CPU, the ISA bus with IDE and VGA on it. SeaBIOS starts it, in
 * memory that nothing write-protects.
 */
#include "config.h"
#include <string.h>
#include "hw/boards/pc.h"
#include "hw/misc/fw-cfg.h"

#define GAP 0xe0000000u
#define SHADOW_AT 0xc0000u
#define BIOS_AT 0xe0000u
#define BIOS_SIZE 0x20000u
#define VGA_BIOS "vgabios-isavga.bin"
#define VGA_BIOS_MAX 0x10000u

static bool add_ide(struct machine *m, GError **err)
{
    static const uint16_t ports[PC_ISA_IDES][2] = { { 0x1f0, 0x3f6 }, { 0x170, 0x376 } };
    struct pc *pc = pc_state(m);

    for (int i = 0; i < PC_ISA_IDES; i++) {
        pc->isa_ide[i] = pc_add(m, "isa-ide", ports[i][0], 14 + i, err);
        if (!pc->isa_ide[i])
            return false;
        device_map_io(pc->isa_ide[i], 1, ports[i][1]);
    }
    return true;
}

/* Its BIOS comes by fw_cfg. */
static bool add_vga(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    g_autofree char *path = NULL;
    g_autofree uint8_t *data = NULL;
    size_t len;

    if (m->config.vga ? !strcmp(m->config.vga, "none") : m->config.no_defaults)
        return true;
    pc->vga = pc_add(m, "isa-vga", 0, -1, err);
    if (!pc->vga)
        return false;
    device_map(pc->vga, 0, 0xa0000);
    device_map_io(pc->vga, 1, 0x3b0);
    device_map_io(pc->vga, 2, 0x1ce);
    path = loader_find_firmware(VGA_BIOS, m->boot.firmware_dirs, NULL);
    if (!path)
        return true;
    data = loader_read("VGA BIOS", path, VGA_BIOS_MAX, &len, err);
    return data && fw_cfg_add_file(pc->fw_cfg, "vgaroms/" VGA_BIOS, data, (uint32_t)len, err);
}

static bool isapc_init(struct machine *m, GError **err)
{
    struct pc *pc = m->board_state = g_new0(struct pc, 1);

    pc->m = m;
    if (!pc_init_memory(m, GAP, err) || !pc_add_cpus(m, err) || !pc_add_firmware(m, "bios.bin", "seabios", err))
        return false;
    pc_show_shadow(m, SHADOW_AT);
    pc->low_bios = pc_low_bios(m, err);
    return pc->low_bios && pc_add_interrupts(m, false, err) && pc_add_isa(m, 0, true, err) && add_ide(m, err) &&
           pc_add_fw_cfg(m, err) && add_vga(m, err);
}

static void isapc_reset(struct machine *m)
{
    struct pc *pc = pc_state(m);

    memcpy(pc->ram + BIOS_AT, pc->low_bios, BIOS_SIZE);
    bus_changed(m->bus, BIOS_AT, BIOS_SIZE);
    pc_reset(m);
}

static const char *const isapc_props[] = { "pflash0", "pflash1", NULL };

static const struct board_type isapc_board = {
    .name = "isapc", .desc = "ISA-only PC", .target = "x86", .default_cpu = "486", .default_if = "ide", .no_card = true,
    .default_ram = 128 << 20, .max_cpus = 1, .props = isapc_props, .init = isapc_init, .plug = pc_plug,
    .drive_device = pc_drive_device, .ready = pc_finish, .reset = isapc_reset, .fini = pc_fini,
};
BOARD_REGISTER(isapc_board)
