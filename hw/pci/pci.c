/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PCI function: configuration space with a type 0 header (PCI 3.0, 6.1), base addresses, capabilities, INTA#.
 *
 * Not modelled: power management, errors, extended configuration space. Bus mastering off holds messages back, but not
 * the device's other accesses.
 */
#include "config.h"
#include "hw/pci/pci.h"
#include "util/endian.h"
#include "util/log.h"

/* ---- configuration space ----------------------------------------------------------------------- */

static bool touches(unsigned off, unsigned len, unsigned reg, unsigned reg_len)
{
    return off < reg + reg_len && reg < off + len;
}

/* 6.2.2, 6.2.3: INTA# as command and status say. */
static void update_intx(struct pci_device *pci)
{
    uint16_t command = ld16_le(pci->config + PCI_COMMAND);
    bool out = pci->intx && !(command & PCI_COMMAND_INTX_OFF) && !pci_msix_enabled(pci);

    pci->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
    if (pci->intx)
        pci->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
    if (out == pci->intx_out)
        return;
    pci->intx_out = out;
    pci_host_intx(pci->host, pci, out);
}

void pci_set_intx(struct pci_device *pci, bool level)
{
    pci->intx = level;
    update_intx(pci);
}

uint32_t pci_config_read(struct pci_device *pci, unsigned off, unsigned len)
{
    uint32_t val = 0;

    if (pci->config_read)
        pci->config_read(pci, off, len);
    for (unsigned i = 0; i < len && off + i < PCI_CONFIG_SIZE; i++)
        val |= (uint32_t)pci->config[off + i] << (8 * i);
    return val;
}

void pci_config_write(struct pci_device *pci, unsigned off, unsigned len, uint32_t val)
{
    for (unsigned i = 0; i < len && off + i < PCI_CONFIG_SIZE; i++) {
        uint8_t mask = pci->wmask[off + i];

        pci->config[off + i] = (uint8_t)((pci->config[off + i] & ~mask) | (val >> (8 * i) & mask));
    }
    if (touches(off, len, PCI_COMMAND, 2) || touches(off, len, PCI_BAR0, 4 * PCI_NBARS) || touches(off, len, PCI_ROM_ADDRESS, 4))
        pci_host_update(pci->host);
    if (touches(off, len, PCI_COMMAND, 2) || (pci->msix_n && touches(off, len, pci->msix_cap, 4))) {
        pci_msix_update(pci);
        update_intx(pci);
    }
    if (pci->config_written)
        pci->config_written(pci, off, len);
}

static void set_class(struct pci_device *pci, const struct pci_ids *ids)
{
    uint8_t *c = pci->config;

    c[PCI_REVISION] = ids->revision;
    c[PCI_CLASS] = (uint8_t)ids->class_code;
    st16_le(c + PCI_CLASS + 1, (uint16_t)(ids->class_code >> 8));
}

bool pci_device_init(struct pci_device *pci, const struct pci_ids *ids, GError **err)
{
    uint8_t *c = pci->config;

    if (!pci_host_place((struct pci_host *)pci->dev.parent_bus, pci, err))
        return false;
    st16_le(c + PCI_VENDOR_ID, ids->vendor);
    st16_le(c + PCI_DEVICE_ID, ids->device);
    st16_le(c + PCI_SUBSYSTEM_VENDOR, ids->subsystem_vendor);
    st16_le(c + PCI_SUBSYSTEM, ids->subsystem);
    set_class(pci, ids);
    c[PCI_HEADER_TYPE] = pci->multifunction ? 0x80 : 0;
    c[PCI_INTERRUPT_PIN] = ids->intx;
    st16_le(pci->wmask + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF);
    pci->wmask[PCI_INTERRUPT_LINE] = 0xff;
    pci->cap_end = PCI_FIRST_CAPABILITY;
    return true;
}

void pci_device_fini(struct pci_device *pci)
{
    for (unsigned n = 0; n <= PCI_ROM; n++)
        if (pci->bar[n].region)
            bus_region_set(pci->bar[n].region, false, 0);
    pci->host->function[pci->devfn] = NULL;
    pci_host_update(pci->host);
    g_free(pci->rom);
}

/* What realize left in configuration space, before the first reset, is what each reset brings back. */
void pci_device_reset(struct pci_device *pci)
{
    if (!ld16_le(pci->initial))
        memcpy(pci->initial, pci->config, PCI_CONFIG_SIZE);
    memcpy(pci->config, pci->initial, PCI_CONFIG_SIZE);
    pci->intx = 0;
    pci_msix_reset(pci);
    update_intx(pci);
    pci_host_update(pci->host);
}

/* Bits that the guest cannot write are ours, whatever was loaded. */
bool pci_device_post_load(struct pci_device *pci, GError **err)
{
    (void)err;
    for (unsigned i = 0; i < PCI_CONFIG_SIZE && ld16_le(pci->initial); i++)
        pci->config[i] = (uint8_t)((pci->config[i] & pci->wmask[i]) | (pci->initial[i] & ~pci->wmask[i]));
    update_intx(pci);
    pci_host_update(pci->host);
    return true;
}

/* ---- base addresses ---------------------------------------------------------------------------- */

void pci_add_bar(struct pci_device *pci, unsigned n, uint8_t bits, uint64_t size, const struct mmio_ops *ops, void *opaque)
{
    unsigned reg = PCI_BAR0 + 4 * n;

    g_assert(n < PCI_NBARS - !!(bits & PCI_BAR_MEM64) && size >= (bits & PCI_BAR_IO ? 4 : 16) && !(size & (size - 1)));
    pci->bar[n] = (struct pci_bar){ .size = size, .bits = bits, .ops = ops, .opaque = opaque };
    pci->config[reg] = bits;
    st32_le(pci->wmask + reg, (uint32_t)~(size - 1));
    if (bits & PCI_BAR_MEM64)
        st32_le(pci->wmask + reg + 4, (uint32_t)(~(size - 1) >> 32));
}

void pci_add_memory_bar(struct pci_device *pci, unsigned n, uint8_t bits, uint64_t size, void *mem)
{
    g_assert(!(bits & PCI_BAR_IO));
    pci_add_bar(pci, n, bits, size, NULL, NULL);
    pci->bar[n].region = bus_overlay_ram(device_bus(&pci->dev), pci->dev.type->name, size, mem, false, pci->host->bar_priority);
}

/* 6.3.1.2: the first image's numbers become the function's, and its checksum stays: iPXE's ROM is for virtio cards of both kinds, but names
 * one, and SeaBIOS compares. */
static void name_rom(const struct pci_device *pci, uint8_t *rom, size_t len)
{
    unsigned pcir = len > 0x1a ? ld16_le(rom + 0x18) : 0;

    if (!pcir || pcir + 8 > len || ld16_le(rom) != 0xaa55 || memcmp(rom + pcir, "PCIR", 4))
        return;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t *id = rom + pcir + 4 + i, now = pci->config[PCI_VENDOR_ID + i];

        rom[6] = (uint8_t)(rom[6] + *id - now);
        *id = now;
    }
}

/* 6.2.5.2: a power of two, at least 2 KiB, here a page; what the file does not fill reads all ones, as an erased chip. */
void pci_add_rom(struct pci_device *pci, const void *data, size_t len)
{
    uint64_t size = 4096;
    uint8_t *mem;

    while (size < len)
        size *= 2;
    pci->rom = mem = g_malloc(size);
    memset(mem, 0xff, size);
    memcpy(mem, data, len);
    name_rom(pci, mem, len);
    pci->bar[PCI_ROM] = (struct pci_bar){ .size = size };
    pci->bar[PCI_ROM].region = bus_overlay_ram(device_bus(&pci->dev), pci->dev.type->name, size, mem, true, pci->host->bar_priority);
    st32_le(pci->wmask + PCI_ROM_ADDRESS, (uint32_t)~(size - 1) | 1);
}

static bool bar_has(const struct pci_device *pci, unsigned n, uint64_t off, unsigned size)
{
    return n < PCI_NBARS && pci->bar[n].ops && pci->bar[n].size >= size && off <= pci->bar[n].size - size;
}

uint64_t pci_bar_read(struct pci_device *pci, unsigned n, uint64_t off, unsigned size)
{
    return bar_has(pci, n, off, size) ? mmio_ops_read(pci->bar[n].ops, pci->bar[n].opaque, off, size) : 0;
}

void pci_bar_write(struct pci_device *pci, unsigned n, uint64_t off, unsigned size, uint64_t val)
{
    if (bar_has(pci, n, off, size))
        mmio_ops_write(pci->bar[n].ops, pci->bar[n].opaque, off, size, val);
}

/* ---- capabilities (6.7) ------------------------------------------------------------------------ */

unsigned pci_add_capability(struct pci_device *pci, uint8_t id, unsigned len)
{
    unsigned at = pci->cap_end;

    g_assert(at + len <= PCI_CONFIG_SIZE);
    pci->config[at] = id;
    pci->config[at + 1] = pci->config[PCI_CAPABILITIES];
    pci->config[PCI_CAPABILITIES] = (uint8_t)at;
    pci->config[PCI_STATUS] |= PCI_STATUS_CAPABILITIES;
    pci->cap_end = (at + len + 3) & ~3u;
    return at;
}
