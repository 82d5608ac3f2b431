/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express host with an enhanced configuration access window (PCIe 3.0, 7.2.2) and one root bus, pcie.0. mmio 0: configuration;
 * 1: I/O addresses; 2: memory below 4 GiB; 3: memory above, where high-size is not 0. out 0..3: INTA# to INTD# of device 0.
 *
 * What is absent reads all ones. Not modelled: bridges, so the other buses of the window are empty.
 */
#include "config.h"
#include "hw/pci/pci.h"
#include "softmmu/dma.h"
#include "util/log.h"

#define IO_SIZE 0x10000u
#define DEVFN(device, function) ((device) << 3 | (function))

static uint64_t all_ones(unsigned size)
{
    return size == 8 ? UINT64_MAX : ((uint64_t)1 << (8 * size)) - 1;
}

static bool fail(GError **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error(err, g_quark_from_static_string("pci"), 0, "%s", text);
    return false;
}

/* ---- configuration ----------------------------------------------------------------------------- */

/* 7.2.2, table 7-1: bus [27:20], device and function [19:12], register [11:0]. */
static struct pci_device *function_at(const struct pci_host *h, uint64_t off)
{
    struct pci_device *pci = off >> 20 ? NULL : h->function[off >> 12 & 0xff];

    return (off & 0xfff) < PCI_CONFIG_SIZE ? pci : NULL;
}

static uint64_t ecam_read(void *opaque, uint64_t off, unsigned size)
{
    struct pci_device *pci = function_at(opaque, off);

    return pci ? pci_config_read(pci, (unsigned)off & 0xfff, size) : all_ones(size);
}

static void ecam_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pci_device *pci = function_at(opaque, off);

    if (pci)
        pci_config_write(pci, (unsigned)off & 0xfff, size, (uint32_t)val);
}

static const struct mmio_ops ecam_ops = { .read = ecam_read, .write = ecam_write, .min_size = 1, .max_size = 4 };

/* ---- windows ----------------------------------------------------------------------------------- */

static const struct pci_mapping *mapping_at(const struct pci_window *w, uint64_t addr)
{
    const GArray *list = w->host->mappings;

    for (guint i = 0; i < list->len; i++) {
        const struct pci_mapping *m = &g_array_index(list, struct pci_mapping, i);

        if (m->io == w->io && addr - m->start < m->size)
            return m;
    }
    return NULL;
}

static uint64_t window_read(void *opaque, uint64_t off, unsigned size)
{
    const struct pci_window *w = opaque;
    const struct pci_mapping *m = mapping_at(w, w->base + off);

    return m ? pci_bar_read(m->pci, m->bar, w->base + off - m->start, size) : all_ones(size);
}

static void window_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    const struct pci_window *w = opaque;
    const struct pci_mapping *m = mapping_at(w, w->base + off);

    if (m)
        pci_bar_write(m->pci, m->bar, w->base + off - m->start, size, val);
}

static const struct mmio_ops window_ops = { .read = window_read, .write = window_write, .min_size = 1, .max_size = 8 };
static const struct mmio_ops io_ops = { .read = window_read, .write = window_write, .min_size = 1, .max_size = 4 };

static bool is_in(const struct pci_window *w, const struct pci_mapping *m)
{
    return w->io == m->io && m->start >= w->base && m->start - w->base < w->size && m->size <= w->size - (m->start - w->base);
}

static bool find_mapping(const struct pci_host *h, struct pci_device *pci, unsigned n, struct pci_mapping *m)
{
    const struct pci_bar *bar = &pci->bar[n];
    bool io = bar->bits & PCI_BAR_IO;
    uint64_t val = pci_config_read(pci, PCI_BAR0 + 4 * n, 4);

    if (!bar->size || !(pci->config[PCI_COMMAND] & (io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)))
        return false;
    if (bar->bits & PCI_BAR_MEM64)
        val |= (uint64_t)pci_config_read(pci, PCI_BAR0 + 4 * n + 4, 4) << 32;
    *m = (struct pci_mapping){ .start = val & ~(bar->size - 1), .size = bar->size, .pci = pci, .bar = (uint8_t)n, .io = io };
    for (int w = 0; w < PCI_NWINDOWS; w++)
        if (is_in(&h->window[w], m))
            return true;
    return false;
}

void pci_host_update(struct pci_host *h)
{
    struct pci_mapping m;

    g_array_set_size(h->mappings, 0);
    for (unsigned f = 0; f < PCI_FUNCTIONS; f++)
        for (unsigned n = 0; h->function[f] && n < PCI_NBARS; n++)
            if (find_mapping(h, h->function[f], n, &m))
                g_array_append_val(h->mappings, m);
}

/* ---- interrupts -------------------------------------------------------------------------------- */

/* All functions use INTA#; the lines go round with the device number (PCI-to-PCI Bridge 1.2, 9.1). */
void pci_host_intx(struct pci_host *h, unsigned devfn, bool level)
{
    unsigned line = devfn >> 3 & (PCI_PINS - 1);

    h->asserted[line] += level ? 1u : -1u;
    irq_set(h->dev.out[line], h->asserted[line] != 0);
}

/* To the frame of the interrupt controller, or as a word to RAM; never to registers of others, which could send messages in turn. */
void pci_host_message(struct pci_host *h, const struct pci_device *from, uint64_t addr, uint32_t data)
{
    if (h->msi_target && addr == h->msi_base)
        h->msi_message(h->msi_target, from->devfn, data);
    else if (addr - h->msi_base < h->msi_size)
        bus_write(device_bus(&h->dev), addr, 4, data);
    else if (!dma_write32(device_bus(&h->dev), addr, data))
        log_guest_error("pci: a message to 0x%llx, where none can go", (unsigned long long)addr);
}

void pci_host_set_msi_target(struct device *host, struct device *to, pci_msi_fn message)
{
    struct pci_host *h = (struct pci_host *)host;

    h->msi_target = to;
    h->msi_message = message;
}

/* ---- places ------------------------------------------------------------------------------------ */

/* NN or NN.F, hexadecimal. */
static bool parse_addr(const char *text, unsigned *devfn)
{
    char *end;
    guint64 device = g_ascii_isxdigit(*text) ? g_ascii_strtoull(text, &end, 16) : UINT64_MAX, function = 0;

    if (device > 31)
        return false;
    if (*end == '.' && g_ascii_isdigit(end[1]))
        function = g_ascii_strtoull(end + 1, &end, 10);
    *devfn = (unsigned)DEVFN(device, function);
    return !*end && function < 8;
}

/* One function alone at its device number, or function 0 says that there are more. */
static bool check_functions(const struct pci_host *h, const struct pci_device *pci, unsigned devfn, GError **err)
{
    const struct pci_device *first = h->function[devfn & ~7u];

    if (devfn & 7 && first && !first->multifunction)
        return fail(err, "addr=%s: function 0 there, '%s', is not multifunction=on", pci->addr, first->dev.type->name);
    for (unsigned f = 1; !(devfn & 7) && !pci->multifunction && f < 8; f++)
        if (h->function[devfn + f])
            return fail(err, "addr=%s: there are other functions; add multifunction=on", pci->addr);
    return true;
}

static bool find_place(const struct pci_host *h, const struct pci_device *pci, unsigned *devfn, GError **err)
{
    if (!pci->addr) {
        for (*devfn = 0; *devfn < PCI_FUNCTIONS && h->function[*devfn]; *devfn += 8)
            continue;
        return *devfn < PCI_FUNCTIONS || fail(err, "no room: all 32 places of pcie.0 are taken");
    }
    if (!parse_addr(pci->addr, devfn))
        return fail(err, "addr=%s: it must be DEVICE[.FUNCTION], 0 to 1f and 0 to 7", pci->addr);
    if (h->function[*devfn])
        return fail(err, "addr=%s: '%s' is there; take another one or leave it out", pci->addr, h->function[*devfn]->dev.type->name);
    return check_functions(h, pci, *devfn, err);
}

bool pci_host_place(struct pci_host *h, struct pci_device *pci, GError **err)
{
    unsigned devfn = 0;

    if (pci->bus_name && strcmp(pci->bus_name, "pcie.0"))
        return fail(err, "bus=%s: there is no such PCI bus; the only one is pcie.0", pci->bus_name);
    if (!find_place(h, pci, &devfn, err))
        return false;
    pci->host = h;
    pci->devfn = (uint8_t)devfn;
    h->function[devfn] = pci;
    return true;
}

/* ---- the host bridge's own function, 00.0 ------------------------------------------------------ */

static bool bridge_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x1b36, .device = 0x0008, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x060000 };

    return pci_device_init((struct pci_device *)dev, &ids, err);
}

static void bridge_reset(struct device *dev)
{
    pci_device_reset((struct pci_device *)dev);
}

static void bridge_unrealize(struct device *dev)
{
    pci_device_fini((struct pci_device *)dev);
}

static bool bridge_post_load(struct device *dev, GError **err)
{
    return pci_device_post_load((struct pci_device *)dev, err);
}

static const struct device_prop bridge_props[] = { PCI_PROPS(struct pci_device), PROP_END };
static const struct state_field bridge_state[] = { PCI_STATE, STATE_END };

static const struct device_type bridge_type = {
    .name = "gpex-root", .desc = "PCI Express host bridge's function", .size = sizeof(struct pci_device), .bus = "PCI",
    .props = bridge_props, .state = bridge_state, .realize = bridge_realize, .reset = bridge_reset,
    .unrealize = bridge_unrealize, .post_load = bridge_post_load,
};
DEVICE_REGISTER(bridge_type)

/* ---- the host ---------------------------------------------------------------------------------- */

static void set_window(struct pci_host *h, enum pci_window_kind kind, uint64_t base, uint64_t size)
{
    static const char *const names[] = { "pcie-io", "pcie-mmio", "pcie-mmio-high" };
    struct pci_window *w = &h->window[kind];

    *w = (struct pci_window){ .host = h, .base = base, .size = size, .io = kind == PCI_WINDOW_IO };
    if (size)
        device_init_mmio(&h->dev, 1 + (int)kind, names[kind], w->io ? &io_ops : &window_ops, w, size);
}

static bool host_realize(struct device *dev, GError **err)
{
    struct pci_host *h = (struct pci_host *)dev;

    (void)err;
    h->mappings = g_array_new(FALSE, FALSE, sizeof(struct pci_mapping));
    device_init_mmio(dev, 0, "pcie-ecam", &ecam_ops, h, h->ecam_size);
    set_window(h, PCI_WINDOW_IO, 0, IO_SIZE);
    set_window(h, PCI_WINDOW_MEM, h->mem_base, h->mem_size);
    set_window(h, PCI_WINDOW_HIGH, h->high_base, h->high_size);
    device_init_out(dev, PCI_PINS);
    return true;
}

static void host_unrealize(struct device *dev)
{
    g_array_free(((struct pci_host *)dev)->mappings, TRUE);
}

static const struct device_prop host_props[] = {
    PROP(struct pci_host, ecam_size, "ecam-size", PROP_SIZE, 1 << 24, "configuration window, 1 MiB for a bus"),
    PROP(struct pci_host, mem_base, "mem-base", PROP_U64, 0x10000000, "memory window below 4 GiB"),
    PROP(struct pci_host, mem_size, "mem-size", PROP_SIZE, 0x2eff0000, "its size"),
    PROP(struct pci_host, high_base, "high-base", PROP_U64, 0, "memory window above 4 GiB"),
    PROP(struct pci_host, high_size, "high-size", PROP_SIZE, 0, "its size; 0: none"),
    PROP(struct pci_host, msi_base, "msi-base", PROP_U64, 0, "where messages go that are interrupts"),
    PROP(struct pci_host, msi_size, "msi-size", PROP_SIZE, 0, "bytes of it"),
    PROP_END
};

/* Lines and mappings follow from the functions' state. */
static const struct state_field host_state[] = { STATE_END };

static const struct device_type host_type = {
    .name = "gpex-pcihost", .desc = "generic PCI Express host", .size = sizeof(struct pci_host), .props = host_props,
    .state = host_state, .realize = host_realize, .unrealize = host_unrealize,
};
DEVICE_REGISTER(host_type)
