/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine "virt": a board that exists only as a device tree, for guests that ask the tree and nothing else. Memory map,
 * interrupts and tree are those of QEMU 7.2's machine of this name, so that guests made for it run; docs/add-a-board.md lists
 * the differences.
 *
 * Linux boots by its own protocol (r0 0, r1 all ones, r2 the tree; MMU off, SVC mode); other CPUs wait for PSCI CPU_ON.
 */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include "hw/block/pflash.h"
#include "hw/intc/gicv2.h"
#include "hw/misc/fw-cfg.h"
#include "hw/virtio/virtio-pci.h"
#include "softmmu/dma.h"
#include "softmmu/fdt.h"
#include "softmmu/loader.h"
#include "softmmu/machine.h"
#include "util/event-loop.h"
#include "util/keyval.h"

#define VIRT_ERROR g_quark_from_static_string("virt")

/* A device's place: base address and size, and its SPI where it has one. */
struct place {
    uint64_t base, size;
    int spi;
};

enum virt_device { VIRT_FLASH, VIRT_GIC_DIST, VIRT_GIC_CPU, VIRT_GIC_V2M, VIRT_UART, VIRT_RTC, VIRT_FW_CFG, VIRT_GPIO, VIRT_MMIO,
                   VIRT_PLATFORM_BUS, VIRT_PCIE_MMIO, VIRT_PCIE_IO, VIRT_PCIE_ECAM, VIRT_PCIE_HIGH_ECAM, VIRT_PCIE_HIGH_MMIO,
                   VIRT_NDEVICES };

static const struct place places[VIRT_NDEVICES] = {
    [VIRT_FLASH]        = { 0x00000000, 0x04000000, -1 },     /* one of the banks; the other follows */
    [VIRT_GIC_DIST]     = { 0x08000000, 0x00010000, -1 },
    [VIRT_GIC_CPU]      = { 0x08010000, 0x00010000, -1 },
    [VIRT_GIC_V2M]      = { 0x08020000, 0x00001000, 48 },
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

#define VIRT_RAM 0x40000000u
#define VIRT_RAM_MAX 0xc0000000u         /* up to the end of 32-bit addresses */
#define VIRT_MAX_CPUS 8
#define VIRT_BANKS 2
#define VIRT_FLASH_SECTOR (256 << 10)
#define VIRT_TRANSPORTS 32
#define VIRT_IRQS 288
#define VIRT_V2M_SPIS 64
#define VIRT_POWER_PIN 3
#define VIRT_PAGE 4096
#define VIRT_MAX_DTB (2 << 20)
#define VIRT_ROOMY_DTB (1 << 20)         /* U-Boot adds nodes to the tree where it lies */
#define KEY_POWER 0x74                   /* Linux input event code */

/* Lines of the CPU. */
enum cpu_line { CPU_IN_IRQ, CPU_IN_FIQ };
enum cpu_out { CPU_OUT_CNTP_NS, CPU_OUT_CNTV, CPU_OUT_CNTHP, CPU_OUT_CNTP_S, CPU_NOUT };
/* Their private interrupts, as IDs. */
static const uint8_t timer_ppi[CPU_NOUT] = { 30, 27, 26, 29 };

/* Device tree cells of an interrupt. */
enum fdt_interrupt { FDT_SPI, FDT_PPI };
enum fdt_trigger { FDT_EDGE = 1, FDT_LEVEL = 4 };

/* Owner: the device lock. */
struct virt {
    struct device *gic, *key, *serial_bus, *fw_cfg, *pcie;
    struct device *flash[VIRT_BANKS];
    bool firmware;           /* there is something in the flash to start */
    struct device *transport[VIRT_TRANSPORTS];
    int free_transports;     /* the next device goes to the last of these */
    struct fdt *fdt;
    bool own_fdt;            /* we made it: its seeds are renewed at every reset */
    struct loader *loader;
    struct kernel kernel;
    uint64_t dtb_addr;
    uint32_t clock_phandle, gic_phandle, v2m_phandle, gpio_phandle;
};

static struct virt *state(struct machine *m)
{
    return m->board_state;
}

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

/* ---- device tree ------------------------------------------------------------------------------- */
/* Nodes and properties are put in front of others, so this section runs from the end of the tree to its start. */

static void set_reg(struct fdt *f, const char *path, enum virt_device d)
{
    FDT_CELLS(f, path, "reg", 0, places[d].base, 0, places[d].size);
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

static bool is_model(const struct machine *m, const char *name)
{
    size_t n = strlen(name);

    return !strncmp(m->config.cpu_model, name, n) && strchr(",", m->config.cpu_model[n]);
}

static void fdt_timer(struct machine *m, struct fdt *f)
{
    uint32_t flags = ((1u << m->ncpus) - 1) << 8 | FDT_LEVEL;

    fdt_add_node(f, "/timer");
    if (is_model(m, "max"))
        COMPATIBLE(f, "/timer", "arm,armv8-timer\0arm,armv7-timer");
    else
        COMPATIBLE(f, "/timer", "arm,armv7-timer");
    set_flag(f, "/timer", "always-on");
    FDT_CELLS(f, "/timer", "interrupts",
              FDT_PPI, timer_ppi[CPU_OUT_CNTP_S] - 16, flags, FDT_PPI, timer_ppi[CPU_OUT_CNTP_NS] - 16, flags,
              FDT_PPI, timer_ppi[CPU_OUT_CNTV] - 16, flags, FDT_PPI, timer_ppi[CPU_OUT_CNTHP] - 16, flags);
}

static void fdt_cpu(struct machine *m, struct fdt *f, int i, uint32_t phandle)
{
    g_autofree char *path = g_strdup_printf("/cpus/cpu@%x", (unsigned)i);
    const char *model = "arm,cortex-a57";       /* what the 32-bit "max" is called */

    if (is_model(m, "cortex-a7"))
        model = "arm,cortex-a7";
    else if (is_model(m, "cortex-a15"))
        model = "arm,cortex-a15";
    fdt_add_node(f, path);
    fdt_set_string(f, path, "device_type", "cpu");
    fdt_set_string(f, path, "compatible", model);
    if (m->ncpus > 1)
        fdt_set_string(f, path, "enable-method", "psci");
    fdt_set_u32(f, path, "reg", (uint32_t)i);
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
    const struct place *p = &places[VIRT_FLASH];

    fdt_add_node(f, "/flash@0");
    COMPATIBLE(f, "/flash@0", "cfi-flash");
    FDT_CELLS(f, "/flash@0", "reg", 0, p->base, 0, p->size, 0, p->base + p->size, 0, p->size);
    fdt_set_u32(f, "/flash@0", "bank-width", 4);
}

static void fdt_gic(struct virt *v, struct fdt *f)
{
    const char *gic = "/intc@8000000", *v2m = "/intc@8000000/v2m@8020000";

    v->gic_phandle = fdt_new_phandle(f);
    fdt_set_u32(f, "/", "interrupt-parent", v->gic_phandle);
    fdt_add_node(f, gic);
    fdt_set_u32(f, gic, "#interrupt-cells", 3);
    set_flag(f, gic, "interrupt-controller");
    fdt_set_u32(f, gic, "#address-cells", 2);
    fdt_set_u32(f, gic, "#size-cells", 2);
    set_flag(f, gic, "ranges");
    COMPATIBLE(f, gic, "arm,cortex-a15-gic");
    FDT_CELLS(f, gic, "reg", 0, places[VIRT_GIC_DIST].base, 0, places[VIRT_GIC_DIST].size,
              0, places[VIRT_GIC_CPU].base, 0, places[VIRT_GIC_CPU].size);
    fdt_set_u32(f, gic, "phandle", v->gic_phandle);
    fdt_add_node(f, v2m);
    COMPATIBLE(f, v2m, "arm,gic-v2m-frame");
    set_flag(f, v2m, "msi-controller");
    set_reg(f, v2m, VIRT_GIC_V2M);
    v->v2m_phandle = fdt_new_phandle(f);
    fdt_set_u32(f, v2m, "phandle", v->v2m_phandle);
}

/* The part that all PrimeCells share; clocks is the number of clock inputs. */
static void fdt_primecell(struct virt *v, struct fdt *f, const char *path, enum virt_device d)
{
    FDT_CELLS(f, path, "interrupts", FDT_SPI, (uint32_t)places[d].spi, FDT_LEVEL);
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

/* The configuration window lies low for firmware, which has no large addresses, and for guests that ask for it. */
static bool is_highmem(struct machine *m);
static enum virt_device ecam_place(struct machine *m)
{
    return is_highmem(m) && !state(m)->firmware ? VIRT_PCIE_HIGH_ECAM : VIRT_PCIE_ECAM;
}

/* Devices 0 to 3, pins A to D: the lines go round, and again for the devices behind. */
static void fdt_pcie_interrupts(struct virt *v, struct fdt *f, const char *path)
{
    uint32_t map[4 * 4 * 10], *p = map;

    for (uint32_t device = 0; device < 4; device++)
        for (uint32_t pin = 0; pin < 4; pin++) {
            const uint32_t row[10] = { device << 11, 0, 0, pin + 1, v->gic_phandle, 0, 0, FDT_SPI,
                                       (uint32_t)places[VIRT_PCIE_ECAM].spi + (device + pin) % 4, FDT_LEVEL };

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
    const struct place *ecam = &places[ecam_place(m)], *mem = &places[VIRT_PCIE_MMIO], *io = &places[VIRT_PCIE_IO],
                       *high = &places[VIRT_PCIE_HIGH_MMIO];
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
    FDT_CELLS(f, path, "msi-map", 0, state(m)->v2m_phandle, 0, 0x10000);
    FDT_CELLS(f, path, "reg", HIGH(ecam->base), HIGH(ecam->size));
    fdt_set_cells(f, path, "ranges", G_N_ELEMENTS(ranges) - (is_highmem(m) ? 0 : 7), ranges);
    fdt_pcie_interrupts(state(m), f, path);
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
    const struct place *p = &places[VIRT_MMIO];

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
    FDT_CELLS(f, path, "ranges", 0, 0, places[VIRT_PLATFORM_BUS].base, places[VIRT_PLATFORM_BUS].size);
    fdt_set_u32(f, path, "interrupt-parent", v->gic_phandle);
}

static void fdt_psci(struct fdt *f)
{
    fdt_add_node(f, "/psci");
    COMPATIBLE(f, "/psci", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    fdt_set_string(f, "/psci", "method", "hvc");
    fdt_set_u32(f, "/psci", "cpu_suspend", 0x84000001);
    fdt_set_u32(f, "/psci", "cpu_off", 0x84000002);
    fdt_set_u32(f, "/psci", "cpu_on", 0x84000003);
    fdt_set_u32(f, "/psci", "migrate", 0x84000005);
}

/* Also for a tree of the user's, whose cell counts decide. */
static void fdt_memory(struct machine *m, struct fdt *f)
{
    const char *path = "/memory@40000000";
    uint32_t cells[4], n = 0, size = (uint32_t)m->config.ram_size;

    if (fdt_get_u32(f, "/", "#address-cells", 2) > 1)
        cells[n++] = 0;
    cells[n++] = VIRT_RAM;
    if (fdt_get_u32(f, "/", "#size-cells", 1) > 1)
        cells[n++] = 0;
    cells[n++] = size;
    if (!fdt_has_node(f, path))
        fdt_add_node(f, path);
    fdt_set_string(f, path, "device_type", "memory");
    fdt_set_cells(f, path, "reg", (int)n, cells);
}

static void make_fdt(struct machine *m)
{
    struct virt *v = state(m);
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
    fdt_gic(v, f);
    fdt_uart(v, f);
    fdt_rtc(v, f);
    fdt_pcie(m, f);
    fdt_gpio(v, f);
    fdt_transports(f);
    fdt_fw_cfg(f);
    fdt_platform_bus(v, f);
    fdt_memory(m, f);
    fdt_psci(f);
}

static bool read_fdt(struct machine *m, GError **err)
{
    size_t len;
    g_autofree uint8_t *blob = loader_read("device tree", m->boot.dtb, VIRT_MAX_DTB, &len, err);

    if (!blob)
        return false;
    state(m)->fdt = fdt_from_blob(blob, len, err);
    if (!state(m)->fdt) {
        g_prefix_error(err, "device tree '%s': ", m->boot.dtb);
        return false;
    }
    fdt_del_type(state(m)->fdt, "memory");
    fdt_memory(m, state(m)->fdt);
    if (!fdt_has_node(state(m)->fdt, "/chosen"))
        fdt_add_node(state(m)->fdt, "/chosen");
    return true;
}

/* Fresh random numbers for the guest's own generators. */
static void renew_seeds(struct machine *m)
{
    struct virt *v = state(m);
    uint8_t rng[32], kaslr[8];

    if (!v->own_fdt)
        return;
    device_random(v->gic, rng, sizeof(rng));
    device_random(v->gic, kaslr, sizeof(kaslr));
    fdt_set_bytes(v->fdt, "/chosen", "rng-seed", rng, sizeof(rng));
    fdt_set_bytes(v->fdt, "/chosen", "kaslr-seed", kaslr, sizeof(kaslr));
}

/* ---- devices ----------------------------------------------------------------------------------- */

static struct irq *spi(struct virt *v, enum virt_device d, int n)
{
    return device_in(v->gic, places[d].spi + n);
}

static bool add_gic(struct machine *m, GError **err)
{
    struct virt *v = state(m);
    struct device *gic = v->gic = device_new(m, "arm_gic", err);

    if (!gic)
        return false;
    device_set_u64(gic, "num-cpu", (uint64_t)m->ncpus);
    device_set_u64(gic, "num-irq", VIRT_IRQS);
    if (!device_realize(gic, err))
        return false;
    device_map(gic, 0, places[VIRT_GIC_DIST].base);
    device_map(gic, 1, places[VIRT_GIC_CPU].base);
    for (int i = 0; i < m->ncpus; i++) {
        device_connect(gic, GIC_OUT_IRQ(i), cpu_in(m->cpus[i], CPU_IN_IRQ));
        device_connect(gic, GIC_OUT_FIQ(i), cpu_in(m->cpus[i], CPU_IN_FIQ));
        for (int t = 0; t < CPU_NOUT; t++)
            cpu_connect(m->cpus[i], t, device_in(gic, GIC_IN_PPI(VIRT_IRQS, i, timer_ppi[t])));
    }
    return true;
}

static const char *machine_prop(struct machine *m, const char *name)
{
    return m->config.props ? g_hash_table_lookup(m->config.props, name) : NULL;
}

static bool is_highmem(struct machine *m)
{
    const char *value = machine_prop(m, "highmem");

    return !value || !strcmp(value, "on");
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
    device_map(dev, 0, places[d].base + (uint32_t)n * places[d].size);
    if (places[d].spi >= 0)
        device_connect(dev, 0, spi(state(m), d, n));
    return dev;
}

/* The image of a bank: -drive if=pflash, or -machine pflash0=ID. false with err for an ID that does not exist. */
static bool find_image(struct machine *m, int bank, struct block **image, GError **err)
{
    g_autofree char *name = g_strdup_printf("pflash%d", bank);
    const char *id = machine_prop(m, name);

    *image = m->pflash[bank];
    if (!id)
        return true;
    if (*image)
        return fail(err, "%s=%s: -drive if=pflash,unit=%d is there, too", name, id, bank);
    if (!m->attach_drive)
        return fail(err, "%s=%s: there are no drives", name, id);
    *image = m->attach_drive(m->attach_opaque, id, err);
    if (!*image)
        g_prefix_error(err, "machine virt: %s=%s: ", name, id);
    return *image != NULL;
}

static bool add_flash(struct machine *m, int bank, GError **err)
{
    struct virt *v = state(m);
    struct device *dev = v->flash[bank] = device_new(m, "cfi.pflash01", err);
    struct block *image;

    if (!dev || !find_image(m, bank, &image, err))
        return false;
    device_set_drive(dev, "drive", image);
    device_set_u64(dev, "sector-length", VIRT_FLASH_SECTOR);
    device_set_u64(dev, "num-blocks", places[VIRT_FLASH].size / VIRT_FLASH_SECTOR);
    if (!device_realize(dev, err)) {
        g_prefix_error(err, "machine virt: flash bank %d: ", bank);
        return false;
    }
    device_map(dev, 0, places[VIRT_FLASH].base + (uint32_t)bank * places[VIRT_FLASH].size);
    v->firmware |= bank == 0 && image;
    return true;
}

/* -bios: its own bytes in the first bank. */
static bool load_firmware(struct machine *m, GError **err)
{
    struct virt *v = state(m);
    g_autofree char *path = NULL;
    g_autofree uint8_t *data = NULL;
    size_t len;

    if (!m->boot.bios)
        return true;
    if (v->firmware)
        return fail(err, "-bios '%s': the first flash bank has an image already; leave one of them out", m->boot.bios);
    path = loader_find_firmware(m->boot.bios, m->boot.firmware_dirs, err);
    data = path ? loader_read("firmware", path, places[VIRT_FLASH].size, &len, err) : NULL;
    if (!data)
        return false;
    pflash_load(v->flash[0], data, len);
    v->firmware = true;
    return true;
}

static bool add_v2m(struct machine *m, GError **err)
{
    struct virt *v = state(m);
    struct device *dev = add_device(m, "arm-gicv2m", VIRT_GIC_V2M, 0, err);

    if (!dev)
        return false;
    g_assert(dev->nout == VIRT_V2M_SPIS);
    for (int i = 0; i < VIRT_V2M_SPIS; i++)
        device_connect(dev, i, spi(v, VIRT_GIC_V2M, i));
    return true;
}

static bool add_pcie(struct machine *m, GError **err)
{
    static const enum virt_device windows[] = { VIRT_PCIE_IO, VIRT_PCIE_MMIO, VIRT_PCIE_HIGH_MMIO };
    struct virt *v = state(m);
    enum virt_device ecam = ecam_place(m);
    struct device *host = v->pcie = device_new(m, "gpex-pcihost", err), *bridge;

    if (!host)
        return false;
    device_set_u64(host, "ecam-size", places[ecam].size);
    device_set_u64(host, "mem-base", places[VIRT_PCIE_MMIO].base);
    device_set_u64(host, "mem-size", places[VIRT_PCIE_MMIO].size);
    device_set_u64(host, "high-base", places[VIRT_PCIE_HIGH_MMIO].base);
    device_set_u64(host, "high-size", is_highmem(m) ? places[VIRT_PCIE_HIGH_MMIO].size : 0);
    device_set_u64(host, "msi-base", places[VIRT_GIC_V2M].base);
    device_set_u64(host, "msi-size", places[VIRT_GIC_V2M].size);
    if (!device_realize(host, err))
        return false;
    device_map(host, 0, places[ecam].base);
    for (int i = 0; i < (is_highmem(m) ? 3 : 2); i++)
        device_map(host, 1 + i, places[windows[i]].base);
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
    struct device *key = state(m)->key = device_new(m, "gpio-key", err);

    if (!key || !device_realize(key, err))
        return false;
    device_connect(key, 0, device_in(gpio, VIRT_POWER_PIN));
    return true;
}

/* One -fw_cfg. */
static bool add_fw_cfg_option(struct machine *m, const char *text, GError **err)
{
    struct keyval *kv = keyval_parse(text, "name", err);
    const char *name, *path, *string;
    g_autofree uint8_t *data = NULL;
    size_t len = 0;
    bool ok;

    if (!kv)
        return false;
    name = keyval_get(kv, "name");
    path = keyval_get(kv, "file");
    string = keyval_get(kv, "string");
    ok = keyval_finish(kv, "-fw_cfg", "name, file, string", err);
    if (ok && (!name || !path == !string))
        ok = fail(err, "-fw_cfg %s: it needs name=NAME and one of file=FILE and string=TEXT", text);
    if (ok && string) {
        data = (uint8_t *)g_strdup(string);
        len = strlen(string);
    } else if (ok) {
        data = loader_read("fw_cfg file", path, UINT32_MAX, &len, err);
    }
    ok = ok && data && fw_cfg_add_file(state(m)->fw_cfg, name, data, (uint32_t)len, err);
    keyval_free(kv);
    return ok;
}

static bool add_fw_cfg(struct machine *m, GError **err)
{
    struct virt *v = state(m);

    v->fw_cfg = add_device(m, "fw_cfg_mem", VIRT_FW_CFG, 0, err);
    if (!v->fw_cfg)
        return false;
    fw_cfg_add_u16(v->fw_cfg, FW_CFG_NB_CPUS, (uint16_t)m->ncpus);
    for (guint i = 0; m->boot.fw_cfg && i < m->boot.fw_cfg->len; i++)
        if (!add_fw_cfg_option(m, g_ptr_array_index(m->boot.fw_cfg, i), err))
            return false;
    return true;
}

static bool add_devices(struct machine *m, GError **err)
{
    struct virt *v = state(m);
    struct device *gpio;

    if (!add_flash(m, 0, err) || !add_flash(m, 1, err) || !load_firmware(m, err) || !add_gic(m, err) || !add_v2m(m, err) || !add_device(m, "pl011", VIRT_UART, 0, err) ||
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

static uint64_t page_up(uint64_t x)
{
    return (x + VIRT_PAGE - 1) & ~(uint64_t)(VIRT_PAGE - 1);
}

/* The RAM disk goes half way up, at most 128 MiB: the kernel has room to unpack itself. */
static bool load_initrd(struct machine *m, uint64_t addr, size_t *len, GError **err)
{
    struct virt *v = state(m);
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

/* A file under two keys, for firmware: its length, and its bytes. */
static bool add_fw_cfg_file(struct machine *m, const char *what, const char *path, uint16_t size_key, uint16_t data_key,
                            GError **err)
{
    g_autofree uint8_t *data = NULL;
    size_t len;

    if (!path)
        return true;
    data = loader_read(what, path, UINT32_MAX, &len, err);
    if (!data)
        return false;
    fw_cfg_add_u32(state(m)->fw_cfg, size_key, (uint32_t)len);
    fw_cfg_add(state(m)->fw_cfg, data_key, data, (uint32_t)len);
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
    struct virt *v = state(m);
    const char *append = m->boot.append ? m->boot.append : "";
    size_t dtb_len;
    const void *blob = guest_fdt(v, &dtb_len);

    v->dtb_addr = VIRT_RAM;
    if (m->boot.kernel) {
        fw_cfg_add_u32(v->fw_cfg, FW_CFG_CMDLINE_SIZE, (uint32_t)strlen(append) + 1);
        fw_cfg_add(v->fw_cfg, FW_CFG_CMDLINE_DATA, append, (uint32_t)strlen(append) + 1);
    }
    return add_fw_cfg_file(m, "kernel", m->boot.kernel, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA, err) &&
           add_fw_cfg_file(m, "initrd", m->boot.initrd, FW_CFG_INITRD_SIZE, FW_CFG_INITRD_DATA, err) &&
           loader_add(v->loader, "device tree", m->boot.dtb ? m->boot.dtb : "made by the machine", v->dtb_addr, blob,
                      dtb_len, err);
}

static bool load_kernel(struct machine *m, GError **err)
{
    struct virt *v = state(m);
    const char *dtb_name = m->boot.dtb ? m->boot.dtb : "made by the machine";
    uint64_t initrd;
    size_t initrd_len, dtb_len;

    if (m->boot.append)
        fdt_set_string(v->fdt, "/chosen", "bootargs", m->boot.append);
    if (v->firmware)
        return prepare_firmware(m, err);
    if (!m->boot.kernel)
        return true;
    if (!loader_add_arm_kernel(v->loader, m->boot.kernel, &v->kernel, err))
        return false;
    initrd = VIRT_RAM + page_up(MIN(m->config.ram_size / 2, 128u << 20));
    initrd = MAX(initrd, page_up(v->kernel.high));
    if (!load_initrd(m, initrd, &initrd_len, err))
        return false;
    v->dtb_addr = page_up(initrd + initrd_len);
    fdt_blob(v->fdt, &dtb_len);
    if (!v->kernel.linux_boot && v->kernel.low >= VIRT_RAM + dtb_len)
        v->dtb_addr = VIRT_RAM;
    return loader_add(v->loader, "device tree", dtb_name, v->dtb_addr, fdt_blob(v->fdt, &dtb_len), dtb_len, err);
}

/* -machine dumpdtb=FILE: write the tree, and end as soon as the main loop starts. */
static bool dump_dtb(struct machine *m, GError **err)
{
    size_t len;
    const void *blob;
    g_autoptr(GError) why = NULL;

    renew_seeds(m);
    blob = fdt_blob(state(m)->fdt, &len);
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
        { "gic-version", "2", "max" }, { "secure", "off", "false" }, { "virtualization", "off", "false" },
        { "its", "off", "on" }, { "acpi", "off", "auto" }, { "usb", "off", "false" },
        { "graphics", "off", "on" },
    };
    const char *highmem = machine_prop(m, "highmem");

    if (strcmp(highmem ? highmem : "on", "on") && strcmp(highmem, "off"))
        return fail(err, "highmem=%s: it must be on or off", highmem);
    for (unsigned i = 0; i < G_N_ELEMENTS(accepted); i++) {
        const char *value = machine_prop(m, accepted[i].name);

        if (value && strcmp(value, accepted[i].only) && strcmp(value, accepted[i].also))
            return fail(err, "%s=%s: there is only %s=%s", accepted[i].name, value, accepted[i].name,
                        accepted[i].only);
    }
    return true;
}

static bool check_config(struct machine *m, GError **err)
{
    if (m->config.smp < 1 || m->config.smp > VIRT_MAX_CPUS)
        return fail(err, "%d CPUs: it takes 1 to %d (-smp)", m->config.smp, VIRT_MAX_CPUS);
    if (m->config.ram_size < 1 << 20 || m->config.ram_size > VIRT_RAM_MAX)
        return fail(err, "%" G_GUINT64_FORMAT " MiB of memory: it takes 1 to %u (-m)", m->config.ram_size >> 20,
                    VIRT_RAM_MAX >> 20);
    if (m->boot.kernel || m->boot.dumpdtb)
        return true;
    if (m->boot.initrd || m->boot.append)
        return fail(err, "%s goes with -kernel only", m->boot.initrd ? "-initrd" : "-append");
    if (m->boot.bios || m->pflash[0] || machine_prop(m, "pflash0"))
        return true;
    return fail(err, "nothing to start: give a kernel with -kernel, or firmware with -bios");
}

static bool virt_init(struct machine *m, GError **err)
{
    struct virt *v = m->board_state = g_new0(struct virt, 1);

    if (!check_config(m, err) || !check_props(m, err))
        return false;
    m->config.ram_size = page_up(m->config.ram_size);
    if (!bus_add_ram(m->bus, "ram", VIRT_RAM, m->config.ram_size, false, err))
        return false;
    for (int i = 0; i < m->config.smp; i++)
        if (!machine_add_cpu(m, err))
            return false;
    if (!add_devices(m, err))
        return false;
    if (m->boot.dtb) {
        if (!read_fdt(m, err))
            return false;
    } else {
        make_fdt(m);
    }
    v->loader = loader_new(m->bus, VIRT_RAM, m->config.ram_size);
    if (!load_kernel(m, err))
        return false;
    return !m->boot.dumpdtb || dump_dtb(m, err);
}

static void virt_reset(struct machine *m)
{
    struct virt *v = state(m);
    struct cpu *cpu = m->cpus[0];
    uint64_t args[3] = { 0, 0xffffffff, v->dtb_addr };
    const void *blob;
    size_t len;

    if (!m->boot.kernel && !v->firmware)
        return;
    loader_reset(v->loader);
    if (m->config.no_reboot)         /* several MiB that nobody needs again */
        loader_drop(v->loader);
    renew_seeds(m);
    blob = guest_fdt(v, &len);
    dma_write(m->bus, v->dtb_addr, blob, len);
    if (v->firmware) {
        cpu->ops->set_pc(cpu, places[VIRT_FLASH].base);
        return;
    }
    cpu->ops->set_boot_args(cpu, 3, args);
    cpu->ops->set_pc(cpu, v->kernel.entry);
}

static void virt_powerdown(struct machine *m)
{
    irq_set(device_in(state(m)->key, 0), true);
}

static void virt_fini(struct machine *m)
{
    fdt_free(state(m)->fdt);
    loader_free(state(m)->loader);
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

static bool virt_plug(struct machine *m, struct device *dev, GError **err)
{
    struct virt *v = state(m);

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
                                          "graphics", "force-legacy", "pflash0", "pflash1", NULL };

static const struct board_type virt_board = {
    .name = "virt", .desc = "ARM virtual machine", .alias = "virt-7.2", .target = "arm",
    .default_cpu = "cortex-a15", .default_ram = 128 << 20, .max_cpus = VIRT_MAX_CPUS, .props = virt_props,
    .init = virt_init, .plug = virt_plug, .reset = virt_reset, .powerdown = virt_powerdown, .fini = virt_fini,
};
BOARD_REGISTER(virt_board)
