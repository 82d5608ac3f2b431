/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "pc": a PC of 1996, with Intel's 440FX and PIIX3 and the power management of a PIIX4, and what came later: APICs, HPET, ACPI, more
 * than 4 GiB. SeaBIOS starts it, or OVMF.
 */
#include "config.h"
#include "hw/acpi/piix4-pm.h"
#include "hw/block/piix-ide.h"
#include "hw/boards/pc.h"
#include "hw/intc/apic.h"
#include "hw/pci/i440fx.h"
#include "hw/pci/pc-memory.h"
#include "hw/pci/pci.h"

#define GAP_LARGE 0xc0000000u    /* where the PCI hole begins with much memory */
#define GAP_SMALL 0xe0000000u
#define HPET_PINS (1u << 2)

/* The slot of function n.0 adds to its pin; slot 1 is the first (data sheet of the 440FX's boards: as the BIOSes have it). */
unsigned pc_i440fx_route(unsigned devfn, unsigned pin)
{
    return (pin + (devfn >> 3) - 1) & 3;
}

static bool add_pci(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    struct device *south;

    pc->pci = device_new(m, "i440FX-pcihost", err);
    if (!pc->pci)
        return false;
    i440fx_set_memory(pc->pci, pc->memory);
    if (!device_realize(pc->pci, err))
        return false;
    ((struct pci_host *)pc->pci)->route = pc_i440fx_route;
    pci_host_set_msi_write(pc->pci, APIC_BASE, APIC_SIZE, apic_msi, pc->apics);
    device_map_io(pc->pci, 0, 0xcf8);
    device_map_io(pc->pci, 1, 0xcfc);
    south = pc_add_function(m, "i440FX", "0", false, err) ? pc_add_function(m, "PIIX3", "1", true, err) : NULL;
    if (!south)
        return false;
    for (int i = 0; i < PCI_PINS; i++)
        device_connect(pc->pci, i, device_in(south, i));
    for (int i = 0; i < PC_ISA_IRQS; i++)
        device_connect(south, i, &pc->pirq[i]);
    return true;
}

static bool add_ide(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    pc->ide = pc_add_function(m, "piix3-ide", "1.1", false, err);
    if (!pc->ide)
        return false;
    for (int i = 0; i < 4; i++)
        device_map_io(pc->ide, i, piix_ide_ports[i]);
    for (int i = 0; i < 2; i++)
        device_connect(pc->ide, i, &pc->isa[14 + i]);
    return true;
}

static bool add_pm(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    pc->pm = device_new(m, "PIIX4_PM", err);
    if (!pc->pm)
        return false;
    pc->pm->parent_bus = pc->pci;
    device_set_u64(pc->pm, "smm", pc->smm);
    if (!device_set_prop(pc->pm, "addr", "1.3", err) || !device_realize(pc->pm, err))
        return false;
    device_map_io(pc->pm, 0, 0xb2);
    device_connect(pc->pm, 0, &pc->pirq[PC_SCI]);
    device_connect(pc->pm, 1, pc_smi(m));
    return true;
}

static struct pc_power power(const struct pc *pc)
{
    return (struct pc_power){ .base = piix4_pm_base(pc->pm), .gpe = 0x0c, .gpe_len = 4, .acpi_on = PIIX4_ACPI_ENABLE,
                              .acpi_off = PIIX4_ACPI_DISABLE };
}

static bool pc_init(struct machine *m, GError **err)
{
    struct pc *pc = m->board_state = g_new0(struct pc, 1);
    uint64_t gap = m->config.ram_size >= GAP_SMALL ? GAP_LARGE : GAP_SMALL;
    uint8_t *low_bios;

    pc->m = m;
    pc->power = power;
    if (!pc_get_config(m, err) || !pc_init_memory(m, gap, err) || !pc_add_cpus(m, err) ||
        !pc_add_firmware(m, "bios-256k.bin", "seabios", err))
        return false;
    low_bios = pc_low_bios(m, err);
    if (!low_bios)
        return false;
    pc->memory = pc_memory_new(m->bus, pc->smm_bus, pc->ram, low_bios);
    return pc_add_interrupts(m, true, err) && add_pci(m, err) && pc_add_vga(m, "2", err) &&
           pc_add_isa(m, pc->hpet_on ? HPET_PINS : 0, true, err) && add_ide(m, err) && add_pm(m, err) && pc_add_fw_cfg(m, err);
}

static void pc_powerdown(struct machine *m)
{
    piix4_pm_press_power(pc_state(m)->pm);
}

static const struct board_type pc_board = {
    .name = "pc", .desc = "Standard PC (i440FX + PIIX, 1996)", .alias = "pc-i440fx-7.2", .target = "x86", .default_cpu = "qemu64",
    .default_cpu_32 = "qemu32", .default_if = "ide", .default_card = "e1000", .virtio_net = "virtio-net-pci", .virtio_blk = "virtio-blk-pci",
    .default_ram = 128 << 20, .max_cpus = PC_MAX_CPUS, .props = pc_props, .init = pc_init, .plug = pc_plug, .drive_device = pc_drive_device, .ready = pc_ready, .reset = pc_reset,
    .powerdown = pc_powerdown, .fini = pc_fini,
};
BOARD_REGISTER(pc_board)
