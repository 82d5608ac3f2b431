/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all PCI hosts share: places on the root bus, which BAR answers where, interrupt lines, messages. Registers in BARs are found by the
 * windows that the host has on the machine's bus; BARs that are memory (frame buffers, expansion ROMs) are regions of that bus.
 */
#include "config.h"
#include "hw/pci/pci.h"
#include "softmmu/dma.h"
#include "util/log.h"

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

uint32_t pci_host_config_read(struct pci_host *h, unsigned bus, unsigned devfn, unsigned reg, unsigned size)
{
    struct pci_device *pci = bus ? NULL : h->function[devfn & 0xff];

    return pci && reg < PCI_CONFIG_SIZE ? pci_config_read(pci, reg, size) : (uint32_t)all_ones(size);
}

void pci_host_config_write(struct pci_host *h, unsigned bus, unsigned devfn, unsigned reg, unsigned size, uint32_t val)
{
    struct pci_device *pci = bus ? NULL : h->function[devfn & 0xff];

    if (pci && reg < PCI_CONFIG_SIZE)
        pci_config_write(pci, reg, size, val);
}

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

const struct mmio_ops pci_window_ops = { .read = window_read, .write = window_write, .min_size = 1, .max_size = 8 };
const struct mmio_ops pci_io_window_ops = { .read = window_read, .write = window_write, .min_size = 1, .max_size = 4 };

static bool is_in(const struct pci_window *w, const struct pci_mapping *m)
{
    return w->io == m->io && m->start >= w->base && m->start - w->base < w->size && m->size <= w->size - (m->start - w->base);
}

/* The expansion ROM has its own place, and bit 0 says whether it answers (PCI 3.0, 6.2.5.2). */
static bool find_mapping(const struct pci_host *h, struct pci_device *pci, unsigned n, struct pci_mapping *m)
{
    const struct pci_bar *bar = &pci->bar[n];
    bool io = bar->bits & PCI_BAR_IO;
    unsigned reg = n == PCI_ROM ? PCI_ROM_ADDRESS : PCI_BAR0 + 4 * n;
    uint64_t val = pci_config_read(pci, reg, 4);

    if (!bar->size || !(pci->config[PCI_COMMAND] & (io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)) || (n == PCI_ROM && !(val & 1)))
        return false;
    if (bar->bits & PCI_BAR_MEM64)
        val |= (uint64_t)pci_config_read(pci, reg + 4, 4) << 32;
    *m = (struct pci_mapping){ .start = val & ~(bar->size - 1), .size = bar->size, .pci = pci, .bar = (uint8_t)n, .io = io };
    for (int w = 0; w < PCI_NWINDOWS; w++)
        if (is_in(&h->window[w], m))
            return true;
    return false;
}

static void update_bar(struct pci_host *h, struct pci_device *pci, unsigned n)
{
    struct pci_mapping m;
    bool on = find_mapping(h, pci, n, &m);

    if (pci->bar[n].region)
        bus_region_set(pci->bar[n].region, on, on ? m.start : 0);
    else if (on)
        g_array_append_val(h->mappings, m);
}

void pci_host_update(struct pci_host *h)
{
    struct bus *bus = device_bus(&h->dev);

    g_array_set_size(h->mappings, 0);
    bus_begin(bus);
    for (unsigned f = 0; f < PCI_FUNCTIONS; f++)
        for (unsigned n = 0; h->function[f] && n < PCI_NBARS + 1; n++)
            update_bar(h, h->function[f], n);
    bus_commit(bus);
}

/* ---- interrupts -------------------------------------------------------------------------------- */

/* The lines go round with the device number (PCI-to-PCI Bridge 1.2, 9.1), unless the host has a way of its own. */
void pci_host_intx(struct pci_host *h, const struct pci_device *pci, bool level)
{
    unsigned pin = pci->config[PCI_INTERRUPT_PIN] - 1u, line = ((pci->devfn >> 3) + pin) & (PCI_PINS - 1);

    if (h->route)
        line = h->route(pci->devfn, pin);
    h->asserted[line] += level ? 1u : -1u;
    irq_set(h->dev.out[line], h->asserted[line] != 0);
}

/* To the frame of the interrupt controller, or as a word to RAM; never to registers of others, which could send messages in turn. */
void pci_host_message(struct pci_host *h, const struct pci_device *from, uint64_t addr, uint32_t data)
{
    if (h->msi_target && addr == h->msi_base)
        h->msi_message(h->msi_target, from->devfn, data);
    else if (h->msi_write && addr - h->msi_base < h->msi_size)
        h->msi_write(h->msi_opaque, addr, data);
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

void pci_host_set_msi_write(struct device *host, uint64_t base, uint64_t size, pci_msi_write_fn write, void *opaque)
{
    struct pci_host *h = (struct pci_host *)host;

    h->msi_base = base;
    h->msi_size = size;
    h->msi_write = write;
    h->msi_opaque = opaque;
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
        return *devfn < PCI_FUNCTIONS || fail(err, "no room: all 32 places of %s are taken", h->bus_name);
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

    if (pci->bus_name && strcmp(pci->bus_name, h->bus_name))
        return fail(err, "bus=%s: there is no such PCI bus; the only one is %s", pci->bus_name, h->bus_name);
    if (!find_place(h, pci, &devfn, err))
        return false;
    pci->host = h;
    pci->devfn = (uint8_t)devfn;
    h->function[devfn] = pci;
    return true;
}

/* ---- life -------------------------------------------------------------------------------------- */

void pci_host_init(struct pci_host *h, const char *bus_name, unsigned lines)
{
    g_assert(lines <= PCI_LINES);
    h->bus_name = bus_name;
    h->mappings = g_array_new(FALSE, FALSE, sizeof(struct pci_mapping));
    device_init_out(&h->dev, (int)lines);
}

void pci_host_fini(struct pci_host *h)
{
    g_array_free(h->mappings, TRUE);
}

/* Whatever the machine has goes before the PCI bus: it answers for all the rest. */
void pci_host_take_rest(struct pci_host *h)
{
    static const char *const names[] = { "pci-io", "pci" };
    struct bus *bus[] = { device_io_bus(&h->dev), device_bus(&h->dev) };

    for (int i = 0; i < 2; i++) {
        struct pci_window *w = &h->window[i];

        *w = (struct pci_window){ .host = h, .base = 0, .size = i ? PCI_MEMORY_SIZE : 0x10000, .io = !i };
        bus_region_set(bus_overlay_mmio(bus[i], names[i], w->size, i ? &pci_window_ops : &pci_io_window_ops, w, -2), true, 0);
    }
    h->bar_priority = -1;
}
