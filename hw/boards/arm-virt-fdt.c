/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device tree of machine virt, as QEMU 7.2 makes it (tests/dev/dtb-qemu.sh compares them).
 *
 * Nodes and properties are put in front of others, so this file runs from the end of the tree to its start.
 */
#include "config.h"
#include <string.h>
#include "hw/boards/arm-virt.h"

#define VIRT_MAX_DTB (2 << 20)
#define KEY_POWER 0x74                   /* Linux input event code */

/* Device tree cells of an interrupt. */
enum fdt_interrupt { FDT_SPI, FDT_PPI };
enum fdt_trigger { FDT_EDGE = 1, FDT_LEVEL = 4 };

/* CPU models, and what their kind is called. The tree calls "max" a cortex-a57, as QEMU's does. */
static const struct { const char *name, *compatible; } cpu_names[] = {
    { "cortex-a7", "arm,cortex-a7" }, { "cortex-a15", "arm,cortex-a15" }, { "max", "arm,cortex-a57" },
    { "cortex-a53", "arm,cortex-a53" }, { "cortex-a57", "arm,cortex-a57" }, { "cortex-a72", "arm,cortex-a72" },
    { "cortex-a76", "arm,cortex-a76" }, { "neoverse-n1", "arm,neoverse-n1" },
};

const char *virt_cpu_compatible(const char *name)
{
    size_t n = strcspn(name, ",");

    for (unsigned i = 0; i < G_N_ELEMENTS(cpu_names); i++)
        if (strlen(cpu_names[i].name) == n && !memcmp(cpu_names[i].name, name, n))
            return cpu_names[i].compatible;
    return NULL;
}

bool virt_is_model(const struct machine *m, const char *name)
{
    size_t n = strlen(name);

    return !strncmp(m->config.cpu_model, name, n) && strchr(",", m->config.cpu_model[n]);
}

static void set_reg(struct fdt *f, const char *path, enum virt_device d)
{
    FDT_CELLS(f, path, "reg", 0, virt_places[d].base, 0, virt_places[d].size);
}

static void set_compatible(struct fdt *f, const char *path, const char *list, size_t len)
{
    fdt_set_bytes(f, path, "compatible", list, len);
}
/* A literal with NULs between its strings. */
#define COMPATIBLE(f, path, list) set_compatible(f, path, list, sizeof(list))

static void set_flag(struct fdt *f, const char *path, const char *prop)
{
    fdt_set_bytes(f, path, prop, "", 0);
}

static void fdt_chosen(struct machine *m, struct fdt *f)
{
    uint8_t zeros[32] = { 0 };

    fdt_add_node(f, "/chosen");
    fdt_set_bytes(f, "/chosen", "kaslr-seed", zeros, 8);
    fdt_set_bytes(f, "/chosen", "rng-seed", zeros, 32);
    fdt_set_string(f, "/chosen", "stdout-path", "/pl011@9000000");
    (void)m;
}

static void fdt_clock(struct virt *v, struct fdt *f)
{
    v->clock_phandle = fdt_new_phandle(f);
    fdt_add_node(f, "/apb-pclk");
    COMPATIBLE(f, "/apb-pclk", "fixed-clock");
    fdt_set_u32(f, "/apb-pclk", "#clock-cells", 0);
    fdt_set_u32(f, "/apb-pclk", "clock-frequency", 24000000);
    fdt_set_string(f, "/apb-pclk", "clock-output-names", "clk24mhz");
    fdt_set_u32(f, "/apb-pclk", "phandle", v->clock_phandle);
}

/* GICv2 has a bit per CPU in the third cell of a private interrupt; with GICv3 they are alike on all. */
static uint32_t ppi_flags(struct machine *m)
{
    return virt_state(m)->gic_version == 2 ? ((1u << m->ncpus) - 1) << 8 | FDT_LEVEL : FDT_LEVEL;
}

static void fdt_timer(struct machine *m, struct fdt *f)
{
    uint32_t flags = ppi_flags(m);

    fdt_add_node(f, "/timer");
    if (m->cpus[0]->is_64bit || virt_is_model(m, "max"))
        COMPATIBLE(f, "/timer", "arm,armv8-timer\0arm,armv7-timer");
    else
        COMPATIBLE(f, "/timer", "arm,armv7-timer");
    set_flag(f, "/timer", "always-on");
    FDT_CELLS(f, "/timer", "interrupts",
              FDT_PPI, virt_timer_ppi[CPU_OUT_CNTP_S] - 16, flags, FDT_PPI, virt_timer_ppi[CPU_OUT_CNTP_NS] - 16, flags,
              FDT_PPI, virt_timer_ppi[CPU_OUT_CNTV] - 16, flags, FDT_PPI, virt_timer_ppi[CPU_OUT_CNTHP] - 16, flags);
}

static void fdt_cpu(struct machine *m, struct fdt *f, int i, uint32_t phandle)
{
    g_autofree char *path = g_strdup_printf("/cpus/cpu@%d", i);

    fdt_add_node(f, path);
    fdt_set_string(f, path, "device_type", "cpu");
    fdt_set_string(f, path, "compatible", virt_cpu_compatible(m->config.cpu_model));
    if (m->ncpus > 1 && m->psci != PSCI_NONE)
        fdt_set_string(f, path, "enable-method", "psci");
    fdt_set_u32(f, path, "reg", (uint32_t)m->cpus[i]->affinity);
    fdt_set_u32(f, path, "phandle", phandle);
}

static void fdt_cpus(struct machine *m, struct fdt *f)
{
    uint32_t phandle[VIRT_MAX_CPUS];

    fdt_add_node(f, "/cpus");
    fdt_set_u32(f, "/cpus", "#address-cells", 1);
    fdt_set_u32(f, "/cpus", "#size-cells", 0);
    for (int i = m->ncpus - 1; i >= 0; i--) {
        phandle[i] = fdt_new_phandle(f);
        fdt_cpu(m, f, i, phandle[i]);
    }
    fdt_add_node(f, "/cpus/cpu-map");
    fdt_add_node(f, "/cpus/cpu-map/socket0");
    fdt_add_node(f, "/cpus/cpu-map/socket0/cluster0");
    for (int i = m->ncpus - 1; i >= 0; i--) {
        g_autofree char *path = g_strdup_printf("/cpus/cpu-map/socket0/cluster0/core%d", i);

        fdt_add_node(f, path);
        fdt_set_u32(f, path, "cpu", phandle[i]);
    }
}

static void fdt_flash(struct fdt *f)
{
    const struct place *p = &virt_places[VIRT_FLASH];

    fdt_add_node(f, "/flash@0");
    COMPATIBLE(f, "/flash@0", "cfi-flash");
    FDT_CELLS(f, "/flash@0", "reg", 0, p->base, 0, p->size, 0, p->base + p->size, 0, p->size);
    fdt_set_u32(f, "/flash@0", "bank-width", 4);
}

static void fdt_gicv2(struct virt *v, struct fdt *f, const char *gic, bool el2)
{
    static const enum virt_device frames[] = { VIRT_GIC_DIST, VIRT_GIC_CPU, VIRT_GIC_HYP, VIRT_GIC_VCPU };
    const char *v2m = "/intc@8000000/v2m@8020000";
    uint32_t cells[4 * G_N_ELEMENTS(frames)] = { 0 };

    COMPATIBLE(f, gic, "arm,cortex-a15-gic");
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
        cells[4 * i + 1] = (uint32_t)virt_places[frames[i]].base;
        cells[4 * i + 3] = (uint32_t)virt_places[frames[i]].size;
    }
    fdt_set_cells(f, gic, "reg", el2 ? 16 : 8, cells);
    if (el2)
        FDT_CELLS(f, gic, "interrupts", FDT_PPI, VIRT_MAINTENANCE_PPI - 16, FDT_LEVEL);
    fdt_set_u32(f, gic, "phandle", v->gic_phandle);
    fdt_add_node(f, v2m);
    COMPATIBLE(f, v2m, "arm,gic-v2m-frame");
    set_flag(f, v2m, "msi-controller");
    set_reg(f, v2m, VIRT_GIC_V2M);
    v->msi_phandle = fdt_new_phandle(f);
    fdt_set_u32(f, v2m, "phandle", v->msi_phandle);
}

static void fdt_gicv3(struct virt *v, struct fdt *f, const char *gic, bool el2)
{
    const struct place *d = &virt_places[VIRT_GIC_DIST], *r = &virt_places[VIRT_GIC_REDIST];
    const char *its = "/intc@8000000/its@8080000";

    COMPATIBLE(f, gic, "arm,gic-v3");
    fdt_set_u32(f, gic, "#redistributor-regions", 1);
    FDT_CELLS(f, gic, "reg", 0, (uint32_t)d->base, 0, (uint32_t)d->size, 0, (uint32_t)r->base, 0, (uint32_t)r->size);
    if (el2)
        FDT_CELLS(f, gic, "interrupts", FDT_PPI, VIRT_MAINTENANCE_PPI - 16, FDT_LEVEL);
    fdt_set_u32(f, gic, "phandle", v->gic_phandle);
    if (!v->its)
        return;
    fdt_add_node(f, its);
    COMPATIBLE(f, its, "arm,gic-v3-its");
    set_flag(f, its, "msi-controller");
    fdt_set_u32(f, its, "#msi-cells", 1);
    set_reg(f, its, VIRT_GIC_ITS);
    v->msi_phandle = fdt_new_phandle(f);
    fdt_set_u32(f, its, "phandle", v->msi_phandle);
}

static void fdt_gic(struct machine *m, struct fdt *f)
{
    struct virt *v = virt_state(m);
    const char *gic = "/intc@8000000";

    v->gic_phandle = fdt_new_phandle(f);
    fdt_set_u32(f, "/", "interrupt-parent", v->gic_phandle);
    fdt_add_node(f, gic);
    fdt_set_u32(f, gic, "#interrupt-cells", 3);
    set_flag(f, gic, "interrupt-controller");
    fdt_set_u32(f, gic, "#address-cells", 2);
    fdt_set_u32(f, gic, "#size-cells", 2);
    set_flag(f, gic, "ranges");
    (v->gic_version == 2 ? fdt_gicv2 : fdt_gicv3)(v, f, gic, m->want_el2);
}

/* The part that all PrimeCells share; clocks is the number of clock inputs. */
static void fdt_primecell(struct virt *v, struct fdt *f, const char *path, enum virt_device d)
{
    FDT_CELLS(f, path, "interrupts", FDT_SPI, (uint32_t)virt_places[d].spi, FDT_LEVEL);
    fdt_set_u32(f, path, "clocks", v->clock_phandle);
    fdt_set_string(f, path, "clock-names", "apb_pclk");
}

static void fdt_uart(struct virt *v, struct fdt *f)
{
    const char *path = "/pl011@9000000";
    static const char names[] = "uartclk\0apb_pclk";

    fdt_add_node(f, path);
    COMPATIBLE(f, path, "arm,pl011\0arm,primecell");
    set_reg(f, path, VIRT_UART);
    fdt_primecell(v, f, path, VIRT_UART);
    FDT_CELLS(f, path, "clocks", v->clock_phandle, v->clock_phandle);
    fdt_set_bytes(f, path, "clock-names", names, sizeof(names));
}

static void fdt_rtc(struct virt *v, struct fdt *f)
{
    const char *path = "/pl031@9010000";

    fdt_add_node(f, path);
    COMPATIBLE(f, path, "arm,pl031\0arm,primecell");
    set_reg(f, path, VIRT_RTC);
    fdt_primecell(v, f, path, VIRT_RTC);
}

/* Devices 0 to 3, pins A to D: the lines go round, and again for the devices behind. */
static void fdt_pcie_interrupts(struct virt *v, struct fdt *f, const char *path)
{
    uint32_t map[4 * 4 * 10], *p = map;

    for (uint32_t device = 0; device < 4; device++)
        for (uint32_t pin = 0; pin < 4; pin++) {
            const uint32_t row[10] = { device << 11, 0, 0, pin + 1, v->gic_phandle, 0, 0, FDT_SPI,
                                       (uint32_t)virt_places[VIRT_PCIE_ECAM].spi + (device + pin) % 4, FDT_LEVEL };

            memcpy(p, row, sizeof(row));
            p += G_N_ELEMENTS(row);
        }
    fdt_set_u32(f, path, "#interrupt-cells", 1);
    fdt_set_cells(f, path, "interrupt-map", G_N_ELEMENTS(map), map);
    FDT_CELLS(f, path, "interrupt-map-mask", 0x1800, 0, 0, 7);
}

#define HIGH(x) (uint32_t)((x) >> 32), (uint32_t)(x)
/* Kinds of address (IEEE 1275 PCI binding, 2.2.1.1). */
enum fdt_pci_space { FDT_PCI_IO = 0x01000000, FDT_PCI_MEM = 0x02000000, FDT_PCI_MEM64 = 0x03000000 };

static void fdt_pcie(struct machine *m, struct fdt *f)
{
    const struct place *ecam = &virt_places[virt_ecam_place(m)], *mem = &virt_places[VIRT_PCIE_MMIO], *io = &virt_places[VIRT_PCIE_IO],
                       *high = &virt_places[VIRT_PCIE_HIGH_MMIO];
    const uint32_t ranges[] = { FDT_PCI_IO, 0, 0, HIGH(io->base), HIGH(io->size),
                                FDT_PCI_MEM, HIGH(mem->base), HIGH(mem->base), HIGH(mem->size),
                                FDT_PCI_MEM64, HIGH(high->base), HIGH(high->base), HIGH(high->size) };
    const char *path = "/pcie@10000000";

    fdt_add_node(f, path);
    COMPATIBLE(f, path, "pci-host-ecam-generic");
    fdt_set_string(f, path, "device_type", "pci");
    fdt_set_u32(f, path, "#address-cells", 3);
    fdt_set_u32(f, path, "#size-cells", 2);
    fdt_set_u32(f, path, "linux,pci-domain", 0);
    FDT_CELLS(f, path, "bus-range", 0, (uint32_t)(ecam->size >> 20) - 1);
    set_flag(f, path, "dma-coherent");
    if (virt_state(m)->msi_phandle)
        FDT_CELLS(f, path, "msi-map", 0, virt_state(m)->msi_phandle, 0, 0x10000);
    FDT_CELLS(f, path, "reg", HIGH(ecam->base), HIGH(ecam->size));
    fdt_set_cells(f, path, "ranges", G_N_ELEMENTS(ranges) - (virt_state(m)->highmem ? 0 : 7), ranges);
    fdt_pcie_interrupts(virt_state(m), f, path);
}

static void fdt_gpio(struct virt *v, struct fdt *f)
{
    const char *path = "/pl061@9030000", *key = "/gpio-keys/poweroff";

    v->gpio_phandle = fdt_new_phandle(f);
    fdt_add_node(f, path);
    set_reg(f, path, VIRT_GPIO);
    COMPATIBLE(f, path, "arm,pl061\0arm,primecell");
    fdt_set_u32(f, path, "#gpio-cells", 2);
    set_flag(f, path, "gpio-controller");
    fdt_primecell(v, f, path, VIRT_GPIO);
    fdt_set_u32(f, path, "phandle", v->gpio_phandle);
    fdt_add_node(f, "/gpio-keys");
    COMPATIBLE(f, "/gpio-keys", "gpio-keys");
    fdt_add_node(f, key);
    fdt_set_string(f, key, "label", "GPIO Key Poweroff");
    fdt_set_u32(f, key, "linux,code", KEY_POWER);
    FDT_CELLS(f, key, "gpios", v->gpio_phandle, VIRT_POWER_PIN, 0);
}

static void fdt_transports(struct fdt *f)
{
    const struct place *p = &virt_places[VIRT_MMIO];

    for (uint32_t i = VIRT_TRANSPORTS; i-- > 0;) {
        g_autofree char *path = g_strdup_printf("/virtio_mmio@%x", (unsigned)(p->base + i * p->size));

        fdt_add_node(f, path);
        COMPATIBLE(f, path, "virtio,mmio");
        FDT_CELLS(f, path, "reg", 0, p->base + i * p->size, 0, p->size);
        FDT_CELLS(f, path, "interrupts", FDT_SPI, (uint32_t)p->spi + i, FDT_EDGE);
        set_flag(f, path, "dma-coherent");
    }
}

static void fdt_fw_cfg(struct fdt *f)
{
    const char *path = "/fw-cfg@9020000";

    fdt_add_node(f, path);
    COMPATIBLE(f, path, "qemu,fw-cfg-mmio");
    set_reg(f, path, VIRT_FW_CFG);
    set_flag(f, path, "dma-coherent");
}

static void fdt_platform_bus(struct virt *v, struct fdt *f)
{
    const char *path = "/platform-bus@c000000";

    fdt_add_node(f, path);
    COMPATIBLE(f, path, "qemu,platform\0simple-bus");
    fdt_set_u32(f, path, "#size-cells", 1);
    fdt_set_u32(f, path, "#address-cells", 1);
    FDT_CELLS(f, path, "ranges", 0, 0, virt_places[VIRT_PLATFORM_BUS].base, virt_places[VIRT_PLATFORM_BUS].size);
    fdt_set_u32(f, path, "interrupt-parent", v->gic_phandle);
}

/* The calls with addresses have numbers of their own for 64-bit callers (SMC calling convention, DEN 0028: bit 30). */
static void fdt_psci(struct machine *m, struct fdt *f)
{
    uint32_t wide = m->cpus[0]->is_64bit ? 0x40000000u : 0;

    if (m->psci == PSCI_NONE)
        return;
    fdt_add_node(f, "/psci");
    COMPATIBLE(f, "/psci", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    fdt_set_string(f, "/psci", "method", m->psci == PSCI_BY_SMC ? "smc" : "hvc");
    fdt_set_u32(f, "/psci", "cpu_suspend", wide | 0x84000001u);
    fdt_set_u32(f, "/psci", "cpu_off", 0x84000002u);
    fdt_set_u32(f, "/psci", "cpu_on", wide | 0x84000003u);
    fdt_set_u32(f, "/psci", "migrate", wide | 0x84000005u);
}

/* Also for a tree of the user's, whose cell counts decide. */
static void fdt_memory(struct machine *m, struct fdt *f)
{
    const char *path = "/memory@40000000";
    uint32_t cells[4], n = 0;
    uint64_t size = m->config.ram_size;

    if (fdt_get_u32(f, "/", "#address-cells", 2) > 1)
        cells[n++] = 0;
    cells[n++] = VIRT_RAM;
    if (fdt_get_u32(f, "/", "#size-cells", 1) > 1)
        cells[n++] = (uint32_t)(size >> 32);
    else
        size = MIN(size, UINT32_MAX & ~0xfffu);
    cells[n++] = (uint32_t)size;
    if (!fdt_has_node(f, path))
        fdt_add_node(f, path);
    fdt_set_string(f, path, "device_type", "memory");
    fdt_set_cells(f, path, "reg", (int)n, cells);
}

void virt_make_fdt(struct machine *m)
{
    struct virt *v = virt_state(m);
    struct fdt *f = v->fdt = fdt_new();

    v->own_fdt = true;
    COMPATIBLE(f, "/", "linux,dummy-virt");
    fdt_set_u32(f, "/", "#address-cells", 2);
    fdt_set_u32(f, "/", "#size-cells", 2);
    fdt_set_string(f, "/", "model", "linux,dummy-virt");
    fdt_chosen(m, f);
    fdt_clock(v, f);
    fdt_timer(m, f);
    fdt_cpus(m, f);
    fdt_flash(f);
    fdt_gic(m, f);
    fdt_uart(v, f);
    fdt_rtc(v, f);
    fdt_pcie(m, f);
    fdt_gpio(v, f);
    fdt_transports(f);
    fdt_fw_cfg(f);
    fdt_platform_bus(v, f);
    fdt_memory(m, f);
    fdt_psci(m, f);
}

bool virt_read_fdt(struct machine *m, GError **err)
{
    size_t len;
    g_autofree uint8_t *blob = loader_read("device tree", m->boot.dtb, VIRT_MAX_DTB, &len, err);

    if (!blob)
        return false;
    virt_state(m)->fdt = fdt_from_blob(blob, len, err);
    if (!virt_state(m)->fdt) {
        g_prefix_error(err, "device tree '%s': ", m->boot.dtb);
        return false;
    }
    fdt_del_type(virt_state(m)->fdt, "memory");
    fdt_memory(m, virt_state(m)->fdt);
    if (!fdt_has_node(virt_state(m)->fdt, "/chosen"))
        fdt_add_node(virt_state(m)->fdt, "/chosen");
    return true;
}

void virt_renew_seeds(struct machine *m)
{
    struct virt *v = virt_state(m);
    uint8_t rng[32], kaslr[8];

    if (!v->own_fdt)
        return;
    device_random(v->gic, rng, sizeof(rng));
    device_random(v->gic, kaslr, sizeof(kaslr));
    fdt_set_bytes(v->fdt, "/chosen", "rng-seed", rng, sizeof(rng));
    fdt_set_bytes(v->fdt, "/chosen", "kaslr-seed", kaslr, sizeof(kaslr));
}

