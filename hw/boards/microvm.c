/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "microvm": what a virtual machine needs and no more: CPUs with APICs, timer and clock, a serial port, virtio transports in memory, ACPI's
 * fixed hardware. The kernel is put into memory, with tables and a map, and entered after reset by a few instructions of our own
 * (roms/boot-x86/reset.S), by Linux's 32-bit protocol or as PVH says; with -bios firmware does it all through fw_cfg.
 */
#include "config.h"
#include <string.h>
#include "hw/acpi/pm-fixed.h"
#include "hw/boards/pc.h"
#include "hw/boards/x86-kernel.h"
#include "util/endian.h"

#define GAP 0xc0000000u
#define PM_BASE 0x600
#define RESET_PORT 0xcf9
#define LOW_END 0x9fc00u         /* of conventional memory: the last KiB is a BIOS's */
#define RSDP_AT 0xe0000u         /* where systems look for it */
#define TABLES_AT 0xe1000u
#define SHADOW_AT 0xc0000u
#define MIB 0x100000u
#define ROM_SIZE 4096u

static const uint8_t reset_code[] = {
#include "hw/boards/reset.inc"
};
enum reset_field { RESET_ENTRY = 0, RESET_EAX = 4, RESET_EBX = 8, RESET_ESI = 12 };

/* Linux's boot_params (Documentation/arch/x86/zero-page of Linux): the header of the kernel's own, from its place on, and a map. */
enum { PARAMS_SIZE = 4096, PARAMS_E820_COUNT = 0x1e8, PARAMS_HEADER = 0x1f1, PARAMS_HEADER_LEN = 0x201, PARAMS_E820 = 0x2d0 };

/* ---- memory maps ------------------------------------------------------------------------------- */

struct range {
    uint64_t start, len;
    uint32_t type;
};

static unsigned memory_map(const struct pc *pc, struct range map[4])
{
    unsigned n = 0;

    map[n++] = (struct range){ 0, LOW_END, 1 };
    map[n++] = (struct range){ RSDP_AT, MIB - RSDP_AT, 2 };
    map[n++] = (struct range){ MIB, pc->below - MIB, 1 };
    if (pc->above)
        map[n++] = (struct range){ PC_4G, pc->above, 1 };
    return n;
}

static void put_map(uint8_t *p, unsigned step, const struct range *map, unsigned n)
{
    for (unsigned i = 0; i < n; i++, p += step) {
        st64_le(p, map[i].start);
        st64_le(p + 8, map[i].len);
        st32_le(p + 16, map[i].type);
    }
}

/* ---- the kernel -------------------------------------------------------------------------------- */

/* Part SETUP of a bzImage becomes boot_params. */
static void make_boot_params(const struct pc *pc, struct x86_kernel *k)
{
    uint8_t *file = k->part[X86_PART_SETUP].data, *params = g_malloc0(PARAMS_SIZE);
    unsigned end = MIN(PARAMS_HEADER_LEN + 1u + file[PARAMS_HEADER_LEN], 0x290u);
    struct range map[4];
    unsigned n = memory_map(pc, map);

    memcpy(params + PARAMS_HEADER, file + PARAMS_HEADER, MIN(end, k->part[X86_PART_SETUP].len) - PARAMS_HEADER);
    params[PARAMS_E820_COUNT] = (uint8_t)n;
    put_map(params + PARAMS_E820, 20, map, n);
    g_free(file);
    k->part[X86_PART_SETUP].data = params;
    k->part[X86_PART_SETUP].len = PARAMS_SIZE;
}

static void fill_map(const struct pc *pc, struct x86_kernel *k)
{
    uint8_t *info = k->part[X86_PART_SETUP].data;
    uint32_t at = k->part[X86_PART_SETUP].addr;
    struct range map[4];
    unsigned n = memory_map(pc, map);

    put_map(info + (k->map - at), X86_MAP_STEP, map, n);
    st32_le(info + (k->map_count - at), n * k->map_unit);
}

/* The last page of the address space. */
static bool add_rom(struct machine *m, const struct x86_kernel *k, GError **err)
{
    uint8_t *rom = bus_new_ram(m->bus, "microvm.rom", ROM_SIZE, err), *code;

    if (!rom)
        return false;
    code = rom + ROM_SIZE - sizeof(reset_code);
    memcpy(code, reset_code, sizeof(reset_code));
    st32_le(code + RESET_ENTRY, k->entry);
    st32_le(code + RESET_EAX, k->eax);
    st32_le(code + RESET_EBX, k->ebx);
    st32_le(code + RESET_ESI, k->part[X86_PART_SETUP].addr);
    bus_region_set(bus_overlay_ram(m->bus, "microvm.rom", ROM_SIZE, rom, true, 0), true, PC_4G - ROM_SIZE);
    return true;
}

static bool add_tables(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);
    GByteArray *tables, *rsdp;
    bool ok;

    if (!pc->acpi)
        return true;
    pc_make_acpi(m, TABLES_AT, &tables, &rsdp);
    ok = loader_add(pc->loader, "ACPI tables", "", TABLES_AT, tables->data, tables->len, err) &&
         loader_add(pc->loader, "ACPI's root pointer", "", RSDP_AT, rsdp->data, rsdp->len, err);
    g_byte_array_unref(tables);
    g_byte_array_unref(rsdp);
    return ok;
}

static bool add_kernel(struct machine *m, GError **err)
{
    static const char *const what[X86_NPARTS] = { "boot parameters", "kernel", "command line", "initrd" };
    struct pc *pc = pc_state(m);
    struct x86_kernel k;
    bool ok = x86_kernel_load(&k, &m->boot, pc->below, err);

    if (ok && k.kind == X86_BZIMAGE && !k.code32)
        ok = pc_fail(m, err, "kernel '%s': it has no 32-bit entry; machine pc starts it", m->boot.kernel);
    if (ok && k.kind == X86_BZIMAGE)
        make_boot_params(pc, &k);
    else if (ok)
        fill_map(pc, &k);
    for (int i = 0; ok && i < X86_NPARTS; i++)
        if (k.part[i].len)
            ok = loader_add(pc->loader, what[i], m->boot.kernel, k.part[i].addr, k.part[i].data, k.part[i].len, err);
    ok = ok && add_rom(m, &k, err);
    x86_kernel_fini(&k);
    return ok && add_tables(m, err);
}

/* ---- the board --------------------------------------------------------------------------------- */

static bool add_transports(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    for (int i = 0; i < PC_NVIRTIO; i++) {
        struct device *dev = pc->transport[i] = device_new(m, "virtio-mmio", err);

        if (!dev)
            return false;
        device_set_u64(dev, "force-legacy", false);
        if (!device_realize(dev, err))
            return false;
        device_map(dev, 0, PC_VIRTIO + (unsigned)i * PC_VIRTIO_SIZE);
        device_connect(dev, 0, &pc->pirq[PC_ISA_IRQS + i]);
    }
    return true;
}

static struct pc_power power(const struct pc *pc)
{
    (void)pc;
    return (struct pc_power){ .base = PM_BASE };
}

static bool add_pm(struct machine *m, GError **err)
{
    struct pc *pc = pc_state(m);

    pc->pm = pc_add(m, "acpi-pm", PM_BASE, PC_SCI, err);
    if (pc->pm)
        device_map_io(pc->pm, 1, RESET_PORT);
    return pc->pm != NULL;
}

static bool microvm_init(struct machine *m, GError **err)
{
    struct pc *pc = m->board_state = g_new0(struct pc, 1);

    pc->m = m;
    pc->mmio = true;
    pc->power = power;
    if (!m->boot.kernel && !m->boot.bios && !m->pflash[0])
        return pc_fail(m, err, "nothing to start: give a kernel with -kernel, or firmware with -bios");
    if (!pc_get_config(m, err) || !pc_init_memory(m, GAP, err) || !pc_add_cpus(m, err))
        return false;
    pc_show_shadow(m, SHADOW_AT);
    pc->loader = loader_new(m->bus, 0, pc->below);
    if ((m->boot.bios || m->pflash[0]) && (!pc_add_firmware(m, NULL, NULL, err) || !pc_show_bios(m, err)))
        return false;
    return pc_add_interrupts(m, true, err) && pc_add_isa(m, 0, false, err) && add_pm(m, err) && add_transports(m, err) &&
           (!pc->bios || pc_add_fw_cfg(m, err));
}

static bool microvm_ready(struct machine *m, GError **err)
{
    return pc_state(m)->bios ? pc_ready(m, err) : add_kernel(m, err);
}

static void microvm_reset(struct machine *m)
{
    if (pc_state(m)->bios)
        pc_reset(m);
    loader_reset(pc_state(m)->loader);
}

static void microvm_powerdown(struct machine *m)
{
    pm_fixed_press_power(pc_state(m)->pm);
}

static void microvm_fini(struct machine *m)
{
    loader_free(pc_state(m)->loader);
    pc_fini(m);
}

static const struct board_type microvm_board = {
    .name = "microvm", .desc = "microvm (i386)", .target = "x86", .default_cpu = "qemu64", .default_cpu_32 = "qemu32",
    .default_ram = 128 << 20, .max_cpus = PC_MAX_CPUS, .props = pc_props, .init = microvm_init, .plug = pc_plug, .ready = microvm_ready,
    .reset = microvm_reset, .powerdown = microvm_powerdown, .fini = microvm_fini,
};
BOARD_REGISTER(microvm_board)
