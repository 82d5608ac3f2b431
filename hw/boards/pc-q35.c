/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "q35": a PC of 2009, with Intel's Q35 and ICH9: PCI Express configuration window, AHCI, more interrupts. SeaBIOS starts it, or OVMF.
 */
#include "config.h"
#include "hw/boards/pc.h"
#include "hw/intc/apic.h"
#include "hw/isa/ich9-lpc.h"
#include "hw/isa/pirq.h"
#include "hw/pci/pc-memory.h"
#include "hw/pci/pci.h"
#include "hw/pci/q35.h"

#define GAP_LARGE 0x80000000u    /* where the PCI hole begins with much memory */
#define GAP_SMALL 0xb0000000u
#define HPET_PINS 0x00ff0104u

/* Devices 25 to 31 drive A# to D# as they come; the others go round E# to H#. */
unsigned pc_q35_route(unsigned devfn, unsigned pin)
{
    unsigned device = devfn >> 3;

    return device >= 25 ? pin & 3 : 4 + ((device + pin) & 3);
}

static bool add_pci(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    pc->pci = device_new(m, "q35-pcihost", err);
    if (!pc->pci)
        return false;
    q35_set_memory(pc->pci, pc->memory, pc->ram, pc->below);
    if (!device_realize(pc->pci, err))
        return false;
    ((struct pci_host *)pc->pci)->route = pc_q35_route;
    pci_host_set_msi_write(pc->pci, APIC_BASE, APIC_SIZE, apic_msi, pc->apics);
    device_map_io(pc->pci, 0, 0xcf8);
    device_map_io(pc->pci, 1, 0xcfc);
    return pc_add_function(m, "mch", "0", false, err) != NULL;
}

static bool add_south_bridge(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    pc->pm = device_new(m, "ICH9-LPC", err);
    if (!pc->pm)
        return false;
    pc->pm->parent_bus = pc->pci;
    device_set_u64(pc->pm, "smm", pc->smm);
    device_set_u64(pc->pm, "multifunction", true);
    if (!device_set_prop(pc->pm, "addr", "1f", err) || !device_realize(pc->pm, err))
        return false;
    device_map_io(pc->pm, 0, 0xb2);
    for (int i = 0; i < PIRQ_MAX; i++) {
        device_connect(pc->pci, i, device_in(pc->pm, i));
        device_connect(pc->pm, ICH9_OUT_GSI16 + i, &pc->pirq[PC_ISA_IRQS + i]);
    }
    for (int i = 0; i < PC_ISA_IRQS; i++)
        device_connect(pc->pm, i, &pc->pirq[i]);
    device_connect(pc->pm, ICH9_OUT_SCI, &pc->isa[PC_SCI]);
    device_connect(pc->pm, ICH9_OUT_SMI, pc_smi(m));
    pc->ide = pc_add_function(m, "ich9-ahci", "1f.2", true, err);
    return pc->ide != NULL;
}

static struct pc_power power(const struct pc *pc)
{
    return (struct pc_power){ .base = ich9_lpc_pm_base(pc->pm), .gpe = 0x20, .gpe_len = 16, .acpi_on = ICH9_ACPI_ENABLE,
                              .acpi_off = ICH9_ACPI_DISABLE };
}

static uint64_t ecam(const struct pc *pc, uint64_t *base)
{
    return q35_ecam(pc->pci, base);
}

static bool q35_init(struct machine *m, GError **err)
{
    struct pc *pc = m->board_state = g_new0(struct pc, 1);
    uint64_t gap = m->config.ram_size >= GAP_SMALL ? GAP_LARGE : GAP_SMALL;
    uint8_t *low_bios;

    pc->m = m;
    pc->q35 = true;
    pc->power = power;
    pc->find_ecam = ecam;
    if (!pc_get_config(m, err) || !pc_init_memory(m, gap, err) || !pc_add_cpus(m, err) ||
        !pc_add_firmware(m, "bios-256k.bin", "seabios", err))
        return false;
    low_bios = pc_low_bios(m, err);
    if (!low_bios)
        return false;
    pc->memory = pc_memory_new(m->bus, pc->smm_bus, pc->ram, low_bios);
    return pc_add_interrupts(m, true, err) && add_pci(m, err) && add_south_bridge(m, err) && pc_add_vga(m, "1", err) &&
           pc_add_isa(m, pc->hpet_on ? HPET_PINS : 0, true, err) && pc_add_fw_cfg(m, err);
}

static void q35_powerdown(struct machine *m)
{
    ich9_lpc_press_power(pc_state(m)->pm);
}

static const struct board_type q35_board = {
    .name = "q35", .desc = "Standard PC (Q35 + ICH9, 2009)", .alias = "pc-q35-7.2", .target = "x86", .default_cpu = "qemu64",
    .default_cpu_32 = "qemu32", .default_if = "ide", .default_card = "e1000", .virtio_net = "virtio-net-pci", .virtio_blk = "virtio-blk-pci",
    .default_ram = 128 << 20, .max_cpus = PC_MAX_CPUS, .props = pc_props, .init = q35_init, .plug = pc_plug,
    .drive_device = pc_drive_device, .ready = pc_ready, .reset = pc_reset, .powerdown = q35_powerdown, .fini = pc_fini,
};
BOARD_REGISTER(q35_board)
