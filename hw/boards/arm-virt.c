/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "virt": a board that exists only as a device tree, for guests that ask the tree and nothing else. Memory map,
 * interrupts and tree are those of QEMU 7.2's machine of this name, so that guests made for it run; docs/add-a-board.md lists
 * the differences. This file: devices, images, life; arm-virt-fdt.c: the tree.
 *
 * Linux boots by its own protocols (32 bits: r0 0, r1 all ones, r2 the tree, SVC mode; 64 bits: x0 the tree, x1 to x3 0, EL2 or EL1; MMU
 * off); other CPUs wait for PSCI CPU_ON.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "hw/block/pflash.h"
#include "hw/boards/arm-virt.h"
#include "hw/boards/common.h"
#include "hw/intc/gicv2.h"
#include "hw/intc/gicv3.h"
#include "hw/misc/fw-cfg.h"
#include "hw/misc/image-loader.h"
#include "hw/pci/pci.h"
#include "hw/virtio/virtio-pci.h"
#include "softmmu/dma.h"
#include "util/event-loop.h"
#include "util/keyval.h"

#define VIRT_ERROR g_quark_from_static_string("virt")

const struct place virt_places[VIRT_NDEVICES] = {
    [VIRT_FLASH]        = { 0x00000000, 0x04000000, -1 },     /* one of the banks; the other follows */
    [VIRT_GIC_DIST]     = { 0x08000000, 0x00010000, -1 },
    [VIRT_GIC_CPU]      = { 0x08010000, 0x00010000, -1 },
    [VIRT_GIC_V2M]      = { 0x08020000, 0x00001000, 48 },
    [VIRT_GIC_HYP]      = { 0x08030000, 0x00010000, -1 },
    [VIRT_GIC_VCPU]     = { 0x08040000, 0x00010000, -1 },
    [VIRT_GIC_ITS]      = { 0x08080000, 0x00020000, -1 },
    [VIRT_GIC_REDIST]   = { 0x080a0000, 0x00f60000, -1 },     /* 128 KiB for each CPU */
    [VIRT_UART]         = { 0x09000000, 0x00001000, 1 },
    [VIRT_RTC]          = { 0x09010000, 0x00001000, 2 },
    [VIRT_FW_CFG]       = { 0x09020000, 0x00000018, -1 },
    [VIRT_GPIO]         = { 0x09030000, 0x00001000, 7 },
    [VIRT_MMIO]         = { 0x0a000000, 0x00000200, 16 },     /* one of them; the others follow */
    [VIRT_PLATFORM_BUS] = { 0x0c000000, 0x02000000, -1 },
    [VIRT_PCIE_MMIO]    = { 0x10000000, 0x2eff0000, -1 },
    [VIRT_PCIE_IO]      = { 0x3eff0000, 0x00010000, -1 },
    [VIRT_PCIE_ECAM]    = { 0x3f000000, 0x01000000, 3 },      /* the first of four */
    [VIRT_PCIE_HIGH_ECAM] = { 0x4010000000, 0x10000000, 3 },
    [VIRT_PCIE_HIGH_MMIO] = { 0x8000000000, 0x8000000000, -1 },
};

#define VIRT_RAM_MAX 0xc0000000u         /* up to the end of 32-bit addresses */
#define VIRT_RAM_MAX_HIGH (255ull << 30) /* up to the regions from 256 GiB on */
#define VIRT_FLASH_SECTOR (256 << 10)
#define VIRT_IRQS 288
#define VIRT_GICV2_CPUS 8
#define VIRT_PAGE 4096
#define VIRT_TREE_ALIGN (2 << 20)        /* of the tree, for 64-bit kernels: one block maps it */
#define VIRT_ROOMY_DTB (1 << 20)         /* U-Boot adds nodes to the tree where it lies */

enum cpu_line { CPU_IN_IRQ, CPU_IN_FIQ, CPU_IN_VIRQ, CPU_IN_VFIQ };
const uint8_t virt_timer_ppi[CPU_NOUT] = { 30, 27, 26, 29, 28 };

static bool fail(GError **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error(err, VIRT_ERROR, 0, "machine virt: %s", text);
    return false;
}

static const char *machine_prop(struct machine *m, const char *name)
{
    return m->config.props ? g_hash_table_lookup(m->config.props, name) : NULL;
}

/* ---- devices ----------------------------------------------------------------------------------- */

static struct irq *spi(struct virt *v, enum virt_device d, int n)
{
    return device_in(v->gic, virt_places[d].spi + n);
}

static bool add_gicv2(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    struct device *gic = v->gic = device_new(m, "arm_gic", err);

    if (!gic)
        return false;
    device_set_u64(gic, "num-cpu", (uint64_t)m->ncpus);
    device_set_u64(gic, "num-irq", VIRT_IRQS);
    if (!device_realize(gic, err))
        return false;
    device_map(gic, 0, virt_places[VIRT_GIC_DIST].base);
    device_map(gic, 1, virt_places[VIRT_GIC_CPU].base);
    for (int i = 0; i < m->ncpus; i++) {
        device_connect(gic, GIC_OUT_IRQ(i), cpu_in(m->cpus[i], CPU_IN_IRQ));
        device_connect(gic, GIC_OUT_FIQ(i), cpu_in(m->cpus[i], CPU_IN_FIQ));
    }
    return true;
}

static bool add_gicv2_virt(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    struct device *dev;

    if (!m->want_el2)
        return true;
    dev = device_new(m, "arm-gicv2-virt", err);
    if (!dev)
        return false;
    device_set_u64(dev, "num-cpu", (uint64_t)m->ncpus);
    gicv2_virt_set_gic(dev, v->gic);
    if (!device_realize(dev, err))
        return false;
    device_map(dev, 0, virt_places[VIRT_GIC_HYP].base);
    device_map(dev, 1, virt_places[VIRT_GIC_VCPU].base);
    for (int i = 0; i < m->ncpus; i++) {
        device_connect(dev, GICV2_VIRT_OUT(i, GICV2_VIRQ), cpu_in(m->cpus[i], CPU_IN_VIRQ));
        device_connect(dev, GICV2_VIRT_OUT(i, GICV2_VFIQ), cpu_in(m->cpus[i], CPU_IN_VFIQ));
        device_connect(dev, GICV2_VIRT_OUT(i, GICV2_MAINTENANCE), device_in(v->gic, GIC_IN_PPI(VIRT_IRQS, i, VIRT_MAINTENANCE_PPI)));
    }
    return true;
}

static const struct cpu_sysreg_ops gicv3_regs = { gicv3_sysreg_has, gicv3_sysreg_read, gicv3_sysreg_write };

static bool add_gicv3(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    struct device *gic = v->gic = device_new(m, "arm-gicv3", err);

    if (!gic)
        return false;
    device_set_u64(gic, "num-cpu", (uint64_t)m->ncpus);
    device_set_u64(gic, "num-irq", VIRT_IRQS);
    device_set_u64(gic, "has-lpi", v->its);
    device_set_u64(gic, "has-virtualization-extensions", m->want_el2);
    device_set_u64(gic, "has-el3", m->want_el3);
    if (!device_realize(gic, err))
        return false;
    device_map(gic, 0, virt_places[VIRT_GIC_DIST].base);
    gicv3_map_redistributors(gic, virt_places[VIRT_GIC_REDIST].base);
    for (int i = 0; i < m->ncpus; i++) {
        static const enum cpu_line to[] = { CPU_IN_IRQ, CPU_IN_FIQ, CPU_IN_VIRQ, CPU_IN_VFIQ };

        gicv3_set_affinity(gic, (unsigned)i, m->cpus[i]->affinity);
        m->cpus[i]->icc = &gicv3_regs;
        m->cpus[i]->icc_opaque = gic;
        for (int line = GICV3_IRQ; line <= GICV3_VFIQ; line++)
            device_connect(gic, GICV3_OUT(i, line), cpu_in(m->cpus[i], to[line]));
        device_connect(gic, GICV3_OUT(i, GICV3_MAINTENANCE), device_in(gic, GICV3_IN_PPI(VIRT_IRQS, i, VIRT_MAINTENANCE_PPI)));
    }
    return true;
}

/* Both kinds number their inputs alike. */
static bool add_gic(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);

    if (!(v->gic_version == 2 ? add_gicv2 : add_gicv3)(m, err))
        return false;
    if (v->gic_version == 2 && !add_gicv2_virt(m, err))
        return false;
    for (int i = 0; i < m->ncpus; i++)
        for (int t = 0; t < CPU_NOUT; t++)
            cpu_connect(m->cpus[i], t, device_in(v->gic, GIC_IN_PPI(VIRT_IRQS, i, virt_timer_ppi[t])));
    return true;
}

/* The configuration window lies low for 32-bit firmware, which has no large addresses, and for guests that ask for it. */
enum virt_device virt_ecam_place(struct machine *m)
{
    const struct virt *v = virt_state(m);

    return v->highmem && (!v->firmware || m->cpus[0]->is_64bit) ? VIRT_PCIE_HIGH_ECAM : VIRT_PCIE_ECAM;
}

/* A device with one register block and at most one interrupt, before it is realized. */
static struct device *add_device(struct machine *m, const char *type, enum virt_device d, int n, GError **err)
{
    struct device *dev = device_new(m, type, err);

    if (!dev)
        return NULL;
    if (d == VIRT_UART && m->serial[0])
        device_set_chardev(dev, "chardev", m->serial[0]);
    if (d == VIRT_MMIO && machine_prop(m, "force-legacy") &&
        !device_set_prop(dev, "force-legacy", machine_prop(m, "force-legacy"), err))
        return NULL;
    if (!device_realize(dev, err))
        return NULL;
    device_map(dev, 0, virt_places[d].base + (uint32_t)n * virt_places[d].size);
    if (virt_places[d].spi >= 0)
        device_connect(dev, 0, spi(virt_state(m), d, n));
    return dev;
}

static bool add_flash(struct machine *m, int bank, GError **err)
{
    struct virt *v = virt_state(m);
    struct device *dev = v->flash[bank] = device_new(m, "cfi.pflash01", err);
    struct block *image;

    if (!dev || !board_flash_image(m, bank, &image, err))
        return false;
    device_set_drive(dev, "drive", image);
    device_set_u64(dev, "sector-length", VIRT_FLASH_SECTOR);
    device_set_u64(dev, "num-blocks", virt_places[VIRT_FLASH].size / VIRT_FLASH_SECTOR);
    if (!device_realize(dev, err)) {
        g_prefix_error(err, "machine virt: flash bank %d: ", bank);
        return false;
    }
    device_map(dev, 0, virt_places[VIRT_FLASH].base + (uint32_t)bank * virt_places[VIRT_FLASH].size);
    v->firmware |= bank == 0 && image;
    return true;
}

/* -bios: its own bytes in the first bank. */
static bool load_firmware(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    g_autofree char *path = NULL;
    g_autofree uint8_t *data = NULL;
    size_t len;

    if (!m->boot.bios)
        return true;
    if (v->firmware)
        return fail(err, "-bios '%s': the first flash bank has an image already; leave one of them out", m->boot.bios);
    path = loader_find_firmware(m->boot.bios, m->boot.firmware_dirs, err);
    data = path ? loader_read("firmware", path, virt_places[VIRT_FLASH].size, &len, err) : NULL;
    if (!data)
        return false;
    pflash_load(v->flash[0], data, len);
    v->firmware = true;
    return true;
}

static bool add_v2m(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    struct device *dev = add_device(m, "arm-gicv2m", VIRT_GIC_V2M, 0, err);

    if (!dev)
        return false;
    g_assert(dev->nout == VIRT_V2M_SPIS);
    for (int i = 0; i < VIRT_V2M_SPIS; i++)
        device_connect(dev, i, spi(v, VIRT_GIC_V2M, i));
    return true;
}

static bool add_its(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);

    if (v->gic_version == 2 || !v->its)
        return true;
    v->its_device = device_new(m, "arm-gicv3-its", err);
    if (!v->its_device)
        return false;
    gicv3_its_set_gic(v->its_device, v->gic);
    if (!device_realize(v->its_device, err))
        return false;
    device_map(v->its_device, 0, virt_places[VIRT_GIC_ITS].base);
    return true;
}

static bool add_pcie(struct machine *m, GError **err)
{
    static const enum virt_device windows[] = { VIRT_PCIE_IO, VIRT_PCIE_MMIO, VIRT_PCIE_HIGH_MMIO };
    struct virt *v = virt_state(m);
    enum virt_device ecam = virt_ecam_place(m);
    struct device *host = v->pcie = device_new(m, "gpex-pcihost", err), *bridge;

    if (!host)
        return false;
    device_set_u64(host, "ecam-size", virt_places[ecam].size);
    device_set_u64(host, "mem-base", virt_places[VIRT_PCIE_MMIO].base);
    device_set_u64(host, "mem-size", virt_places[VIRT_PCIE_MMIO].size);
    device_set_u64(host, "high-base", virt_places[VIRT_PCIE_HIGH_MMIO].base);
    device_set_u64(host, "high-size", v->highmem ? virt_places[VIRT_PCIE_HIGH_MMIO].size : 0);
    if (v->gic_version == 2) {
        device_set_u64(host, "msi-base", virt_places[VIRT_GIC_V2M].base);
        device_set_u64(host, "msi-size", virt_places[VIRT_GIC_V2M].size);
    } else if (v->its_device) {
        device_set_u64(host, "msi-base", virt_places[VIRT_GIC_ITS].base + GICV3_ITS_TRANSLATER);
        pci_host_set_msi_target(host, v->its_device, gicv3_its_message);
    }
    if (!device_realize(host, err))
        return false;
    device_map(host, 0, virt_places[ecam].base);
    for (int i = 0; i < (v->highmem ? 3 : 2); i++)
        device_map(host, 1 + i, virt_places[windows[i]].base);
    for (int i = 0; i < host->nout; i++)
        device_connect(host, i, spi(v, VIRT_PCIE_ECAM, i));
    bridge = device_new(m, "gpex-root", err);
    if (!bridge)
        return false;
    bridge->parent_bus = host;
    return device_realize(bridge, err);
}

static bool add_power_key(struct machine *m, struct device *gpio, GError **err)
{
    struct device *key = virt_state(m)->key = device_new(m, "gpio-key", err);

    if (!key || !device_realize(key, err))
        return false;
    device_connect(key, 0, device_in(gpio, VIRT_POWER_PIN));
    return true;
}

static bool add_fw_cfg(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);

    v->fw_cfg = add_device(m, "fw_cfg_mem", VIRT_FW_CFG, 0, err);
    if (!v->fw_cfg)
        return false;
    fw_cfg_add_u16(v->fw_cfg, FW_CFG_NB_CPUS, (uint16_t)m->ncpus);
    return board_add_fw_cfg_files(m, v->fw_cfg, err);
}

static bool add_devices(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    struct device *gpio;

    if (!add_flash(m, 0, err) || !add_flash(m, 1, err) || !load_firmware(m, err) || !add_gic(m, err) ||
        (v->gic_version == 2 && !add_v2m(m, err)) || !add_its(m, err) || !add_device(m, "pl011", VIRT_UART, 0, err) ||
        !add_device(m, "pl031", VIRT_RTC, 0, err))
        return false;
    gpio = add_device(m, "pl061", VIRT_GPIO, 0, err);
    if (!gpio || !add_power_key(m, gpio, err))
        return false;
    if (!add_fw_cfg(m, err) || !add_pcie(m, err))
        return false;
    for (int i = 0; i < VIRT_TRANSPORTS; i++) {
        v->transport[i] = add_device(m, "virtio-mmio", VIRT_MMIO, i, err);
        if (!v->transport[i])
            return false;
    }
    v->free_transports = VIRT_TRANSPORTS;
    return true;
}

/* ---- images ------------------------------------------------------------------------------------ */

static uint64_t round_up(uint64_t x, uint64_t to)
{
    return (x + to - 1) & ~(to - 1);
}

static uint64_t page_up(uint64_t x)
{
    return round_up(x, VIRT_PAGE);
}

/* The RAM disk goes half way up, at most 128 MiB: the kernel has room to unpack itself. */
static bool load_initrd(struct machine *m, uint64_t addr, size_t *len, GError **err)
{
    struct virt *v = virt_state(m);
    g_autofree uint8_t *data = NULL;

    *len = 0;
    if (!m->boot.initrd)
        return true;
    data = loader_read("initrd", m->boot.initrd, 0, len, err);
    if (!data || !loader_add(v->loader, "initrd", m->boot.initrd, addr, data, *len, err))
        return false;
    fdt_set_u32(v->fdt, "/chosen", "linux,initrd-start", (uint32_t)addr);
    fdt_set_u32(v->fdt, "/chosen", "linux,initrd-end", (uint32_t)(addr + *len));
    return true;
}

/* The tree as the guest gets it. */
static const void *guest_fdt(struct virt *v, size_t *len)
{
    return v->firmware ? fdt_blob_roomy(v->fdt, VIRT_ROOMY_DTB, len) : fdt_blob(v->fdt, len);
}

/* Firmware finds the tree at the start of RAM, and starts the kernel itself. */
static bool prepare_firmware(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    const char *append = m->boot.append ? m->boot.append : "";

    if (m->boot.kernel) {
        fw_cfg_add_u32(v->fw_cfg, FW_CFG_CMDLINE_SIZE, (uint32_t)strlen(append) + 1);
        fw_cfg_add(v->fw_cfg, FW_CFG_CMDLINE_DATA, append, (uint32_t)strlen(append) + 1);
    }
    return board_add_fw_cfg_item(v->fw_cfg, "kernel", m->boot.kernel, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA, err) &&
           board_add_fw_cfg_item(v->fw_cfg, "initrd", m->boot.initrd, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA, err);
}

static bool load_kernel(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    uint64_t initrd;
    size_t initrd_len;

    if (m->boot.append)
        fdt_set_string(v->fdt, "/chosen", "bootargs", m->boot.append);
    if (v->firmware)
        return prepare_firmware(m, err);
    if (!m->boot.kernel)
        return true;
    if (!loader_add_arm_kernel(v->loader, m->boot.kernel, m->cpus[0]->is_64bit, &v->kernel, err))
        return false;
    initrd = VIRT_RAM + page_up(MIN(m->config.ram_size / 2, 128u << 20));
    initrd = MAX(initrd, page_up(v->kernel.high));
    if (!load_initrd(m, initrd, &initrd_len, err))
        return false;
    v->boot_end = initrd + initrd_len;
    return true;
}

/* Firmware finds the tree at the start of RAM, Linux behind its RAM disk; other code too, unless it leaves room at the start. */
static bool place_tree(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    bool direct = m->boot.kernel && !v->firmware, linux_boot = v->kernel.linux_boot;
    size_t len;
    const void *blob = guest_fdt(v, &len);

    v->dtb_addr = VIRT_RAM;
    if (direct && (linux_boot || v->kernel.low < VIRT_RAM + len))
        v->dtb_addr = round_up(v->boot_end, linux_boot && m->cpus[0]->is_64bit ? VIRT_TREE_ALIGN : VIRT_PAGE);
    return loader_add(v->loader, "device tree", m->boot.dtb ? m->boot.dtb : "made by the machine", v->dtb_addr, blob, len, err);
}

/* -machine dumpdtb=FILE: write the tree, and end as soon as the main loop starts. */
static bool dump_dtb(struct machine *m, GError **err)
{
    size_t len;
    const void *blob;
    g_autoptr(GError) why = NULL;

    virt_renew_seeds(m);
    blob = fdt_blob(virt_state(m)->fdt, &len);
    /* In place: a message about a temporary file would name what the user does not know. */
    if (!g_file_set_contents_full(m->boot.dumpdtb, blob, (gssize)len, G_FILE_SET_CONTENTS_NONE, 0666, &why))
        return fail(err, "dumpdtb: %s", why->message);
    fprintf(stderr, "info: dtb dumped to %s. Exiting.\n", m->boot.dumpdtb);
    m->config.start_paused = true;
    event_loop_quit(m->loop, 0);
    return true;
}

/* ---- the board --------------------------------------------------------------------------------- */

/* Properties that say no to what there is not, as guests' command lines do. */
static bool check_props(struct machine *m, GError **err)
{
    static const struct { const char *name, *only, *also; } accepted[] = {
        { "usb", "off", "false" }, { "graphics", "off", "on" }, { "mte", "off", "false" },
        { "iommu", "none", "none" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(accepted); i++) {
        const char *value = machine_prop(m, accepted[i].name);

        if (value && strcmp(value, accepted[i].only) && strcmp(value, accepted[i].also))
            return fail(err, "%s=%s: there is only %s=%s", accepted[i].name, value, accepted[i].name,
                        accepted[i].only);
    }
    return true;
}

/* A property that is on or off. */
static bool get_switch(struct machine *m, const char *name, bool def, bool *on, GError **err)
{
    const char *value = machine_prop(m, name);

    *on = def;
    return !value || keyval_parse_bool(value, on) || fail(err, "%s=%s: it must be on or off", name, value);
}

/* With "auto" 64-bit firmware gets tables, as what it starts knows them; Debian's 32-bit firmware has no use for them. */
static bool get_acpi(struct machine *m, GError **err)
{
    const char *value = machine_prop(m, "acpi");
    struct virt *v = virt_state(m);

    v->acpi_auto = !value || !strcmp(value, "auto");
    v->acpi = false;
    return v->acpi_auto || keyval_parse_bool(value, &v->acpi) || fail(err, "acpi=%s: it must be on, off or auto", value);
}

static bool get_gic_version(struct machine *m, GError **err)
{
    const char *value = machine_prop(m, "gic-version");
    struct virt *v = virt_state(m);

    v->gic_version = 2;
    if (!value || !strcmp(value, "2"))
        return true;
    v->gic_version = 3;
    if (!strcmp(value, "3") || !strcmp(value, "max"))
        return true;
    if (!strcmp(value, "host"))
        return fail(err, "gic-version=host: that needs KVM; give 2, 3 or max");
    return fail(err, "gic-version=%s: there are 2, 3 and max", value);
}

/* What power control a guest finds: with a secure monitor of its own (firmware at EL3) that does it. */
static bool get_levels(struct machine *m, GError **err)
{
    bool firmware = m->boot.bios || m->pflash[0] || machine_prop(m, "pflash0");

    if (!get_switch(m, "virtualization", false, &m->want_el2, err) || !get_switch(m, "secure", false, &m->want_el3, err))
        return false;
    m->start_below_el3 = !firmware;
    if (m->want_el3 && firmware)
        m->psci = PSCI_NONE;
    else
        m->psci = m->want_el2 ? PSCI_BY_SMC : PSCI_BY_HVC;
    return true;
}

static bool get_config(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);

    return check_props(m, err) && get_switch(m, "highmem", true, &v->highmem, err) && get_switch(m, "its", true, &v->its, err) &&
           get_acpi(m, err) && get_gic_version(m, err) && get_levels(m, err);
}

static bool check_gicv2_cpus(struct machine *m, GError **err)
{
    if (virt_state(m)->gic_version != 2 || m->config.smp <= VIRT_GICV2_CPUS)
        return true;
    return fail(err, "%d CPUs: with gic-version=2 it takes 1 to %d (-smp)", m->config.smp, VIRT_GICV2_CPUS);
}

static bool check_config(struct machine *m, GError **err)
{
    const struct virt *v = virt_state(m);
    uint64_t max = v->highmem ? VIRT_RAM_MAX_HIGH : VIRT_RAM_MAX;

    if (m->config.smp < 1 || m->config.smp > VIRT_MAX_CPUS)
        return fail(err, "%d CPUs: it takes 1 to %d (-smp)", m->config.smp, VIRT_MAX_CPUS);
    if (!check_gicv2_cpus(m, err))
        return false;
    if (m->config.ram_size < 1 << 20 || m->config.ram_size > max)
        return fail(err, "%" G_GUINT64_FORMAT " MiB of memory: it takes 1 to %u%s (-m)", m->config.ram_size >> 20,
                    (unsigned)(max >> 20), v->highmem ? "" : " with highmem=off");
    if (!m->boot.kernel && !m->boot.dumpdtb && (m->boot.initrd || m->boot.append))
        return fail(err, "%s goes with -kernel only", m->boot.initrd ? "-initrd" : "-append");
    return true;
}

/* Clusters are as large as an SGI register's list of targets: 16 with GICv3, 8 with GICv2. */
static bool add_cpus(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);
    uint64_t cluster = v->gic_version == 2 ? 8 : 16;

    for (int i = 0; i < m->config.smp; i++) {
        struct cpu *cpu = machine_add_cpu(m, err);

        if (!cpu)
            return false;
        cpu->affinity = (uint64_t)i / cluster << 8 | (uint64_t)i % cluster;
        if (!virt_cpu_compatible(m->config.cpu_model))
            return fail(err, "it takes no CPU '%s'; there are cortex-a15, cortex-a57 and others (-cpu help)", m->config.cpu_model);
        if (v->gic_version == 3 && !cpu->is_64bit) {
            if (strcmp(machine_prop(m, "gic-version"), "max"))
                return fail(err, "gic-version=3: the 32-bit CPU '%s' has no registers for it; choose gic-version=2", m->config.cpu_model);
            v->gic_version = 2;
            if (!check_gicv2_cpus(m, err))
                return false;
        }
        if ((m->want_el2 && !cpu->has_el2) || (m->want_el3 && !cpu->has_el3))
            return fail(err, "%s=on: the CPU '%s' has no such level; choose another", m->want_el2 && !cpu->has_el2 ?
                        "virtualization" : "secure", m->config.cpu_model);
    }
    return true;
}

static bool virt_init(struct machine *m, GError **err)
{
    struct virt *v = m->board_state = g_new0(struct virt, 1);

    if (!get_config(m, err) || !check_config(m, err))
        return false;
    m->config.ram_size = page_up(m->config.ram_size);
    if (!bus_add_ram(m->bus, "ram", VIRT_RAM, m->config.ram_size, false, err))
        return false;
    if (!add_cpus(m, err) || !add_devices(m, err))
        return false;
    v->acpi |= v->acpi_auto && m->cpus[0]->is_64bit;
    if (v->acpi && v->firmware && !virt_add_acpi(m, err))
        return false;
    if (m->boot.dtb) {
        if (!virt_read_fdt(m, err))
            return false;
    } else {
        virt_make_fdt(m);
    }
    v->images = g_ptr_array_new();
    v->loader = loader_new(m->bus, VIRT_RAM, m->config.ram_size);
    return load_kernel(m, err);
}

/* Does some -device loader give a CPU a place to start from? */
static bool loader_starts(const struct virt *v)
{
    uint64_t entry;
    uint32_t cpu;

    for (guint i = 0; i < v->images->len; i++)
        if (image_loader_start(g_ptr_array_index(v->images, i), &cpu, &entry))
            return true;
    return false;
}

/* Only Linux expects that firmware has left EL3 before and answers PSCI calls; other code gets the CPUs as they come out of reset. */
static void check_levels(struct machine *m)
{
    const struct virt *v = virt_state(m);

    if (!m->want_el3 || (m->boot.kernel && !v->firmware && v->kernel.linux_boot))
        return;
    m->start_below_el3 = false;
    m->psci = PSCI_NONE;
}

static bool virt_ready(struct machine *m, GError **err)
{
    struct virt *v = virt_state(m);

    if (m->boot.dumpdtb)
        return dump_dtb(m, err);
    if (!m->boot.kernel && !v->firmware && !loader_starts(v))
        return fail(err, "nothing to start: give a kernel with -kernel, or firmware with -bios, or code with "
                    "-device loader,file=FILE,cpu-num=0");
    check_levels(m);
    return place_tree(m, err);
}

/* What -device loader says of CPUs wins. */
static void set_entries(struct machine *m)
{
    const struct virt *v = virt_state(m);
    uint64_t entry;
    uint32_t cpu;

    for (guint i = 0; i < v->images->len; i++)
        if (image_loader_start(g_ptr_array_index(v->images, i), &cpu, &entry))
            m->cpus[cpu]->ops->set_pc(m->cpus[cpu], entry);
}

static void virt_reset(struct machine *m)
{
    struct virt *v = virt_state(m);
    struct cpu *cpu = m->cpus[0];
    uint64_t args32[3] = { 0, 0xffffffff, v->dtb_addr }, args64[4] = { v->dtb_addr, 0, 0, 0 };
    const void *blob;
    size_t len;

    if (!v->dtb_addr)                /* dumpdtb */
        return;
    loader_reset(v->loader);
    if (m->config.no_reboot)         /* several MiB that nobody needs again */
        loader_drop(v->loader);
    virt_renew_seeds(m);
    blob = guest_fdt(v, &len);
    dma_write(m->bus, v->dtb_addr, blob, len);
    if (m->boot.kernel && !v->firmware) {
        if (cpu->is_64bit)
            cpu->ops->set_boot_args(cpu, 4, args64);
        else
            cpu->ops->set_boot_args(cpu, 3, args32);
        for (int i = 0; i < (m->psci == PSCI_NONE ? m->ncpus : 1); i++)
            cpu->ops->set_pc(m->cpus[i], v->kernel.entry);
    } else {
        cpu->ops->set_pc(cpu, virt_places[VIRT_FLASH].base);
    }
    set_entries(m);
}

static void virt_powerdown(struct machine *m)
{
    irq_set(device_in(virt_state(m)->key, 0), true);
}

static void virt_fini(struct machine *m)
{
    fdt_free(virt_state(m)->fdt);
    loader_free(virt_state(m)->loader);
    if (virt_state(m)->images)
        g_ptr_array_free(virt_state(m)->images, TRUE);
}

/* Give dev a bus to sit on: virtio devices take transports from the last one down. */
static bool find_bus(struct virt *v, struct device *dev, GError **err)
{
    const char *bus = dev->type->bus;

    if (!g_strcmp0(bus, "virtio")) {
        if (!v->free_transports)
            return fail(err, "no room for '%s': all %d virtio transports are taken", dev->type->name,
                        VIRT_TRANSPORTS);
        dev->parent_bus = v->transport[v->free_transports - 1];
        return true;
    }
    if (!g_strcmp0(bus, "PCI")) {
        dev->parent_bus = v->pcie;
        return true;
    }
    if (!g_strcmp0(bus, "virtio-serial")) {
        dev->parent_bus = v->serial_bus;
        return v->serial_bus || fail(err, "'%s' needs a bus: add -device virtio-serial-device before it",
                                     dev->type->name);
    }
    return fail(err, "it has no bus of kind '%s' for device '%s'", bus ? bus : "system", dev->type->name);
}

static bool plug_image(struct machine *m, struct device *dev, GError **err)
{
    struct virt *v = virt_state(m);
    struct image_target to = { v->loader, v->fdt, m->cpus[0]->is_64bit, (uint32_t)m->ncpus };

    image_loader_set_target(dev, &to);
    g_ptr_array_add(v->images, dev);
    return device_realize(dev, err);
}

static bool virt_plug(struct machine *m, struct device *dev, GError **err)
{
    struct virt *v = virt_state(m);

    if (image_loader_is(dev))
        return plug_image(m, dev, err);
    if (!find_bus(v, dev, err) || !device_realize(dev, err))
        return false;
    if (!g_strcmp0(dev->type->bus, "virtio"))
        v->free_transports--;
    dev = virtio_pci_child(dev);
    if (!strcmp(dev->type->name, "virtio-serial-device"))
        v->serial_bus = dev;
    return true;
}

static const char *const virt_props[] = { "gic-version", "secure", "virtualization", "its", "highmem", "acpi", "usb",
                                          "graphics", "mte", "iommu", "force-legacy", "pflash0", "pflash1", NULL };

static const struct board_type virt_board = {
    .name = "virt", .desc = "ARM virtual machine", .alias = "virt-7.2", .target = "arm",
    .default_cpu = "cortex-a15", .default_ram = 128 << 20, .max_cpus = VIRT_MAX_CPUS, .props = virt_props,
    .init = virt_init, .plug = virt_plug, .ready = virt_ready, .reset = virt_reset, .powerdown = virt_powerdown, .fini = virt_fini,
};
BOARD_REGISTER(virt_board)
