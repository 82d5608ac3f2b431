/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration mechanism #1 and the reset control register: see conf1.h. */
#include "config.h"
#include "hw/pci/conf1.h"
#include "hw/pci/pci.h"
#include "util/log.h"

/* The address: enable 31, bus 23:16, device and function 15:8, register 7:2. */
#define CONF1_ENABLE 0x80000000u
#define CONF1_BITS 0x80fffffcu
/* Reset control: 2 starts a reset when it rises, 1 says which: of all, or of the processor alone; we do the first for both. */
enum reset_control { RCR_HARD = 2, RCR_RESET = 4 };

static uint64_t address_read(void *opaque, uint64_t off, unsigned size)
{
    struct conf1 *c = opaque;

    if (size == 4)
        return c->address;
    if (off == 1 && size == 1)
        return c->reset_control;
    return UINT64_MAX >> (64 - 8 * size);
}

/* Only a doubleword reaches the address. */
static void address_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct conf1 *c = opaque;
    uint8_t old = c->reset_control;

    if (size == 4) {
        c->address = (uint32_t)val & CONF1_BITS;
    } else if (off == 1 && size == 1) {
        c->reset_control = (uint8_t)val & (RCR_HARD | RCR_RESET);
        if (~old & val & RCR_RESET)
            device_request(&c->host->dev, MACHINE_RESET);
    } else {
        log_guest_error("pci: write of %u bytes to port 0x%x", size, 0xcf8 + (unsigned)off);
    }
}

static uint64_t data_read(void *opaque, uint64_t off, unsigned size)
{
    struct conf1 *c = opaque;

    if (!(c->address & CONF1_ENABLE))
        return UINT64_MAX >> (64 - 8 * size);
    return pci_host_config_read(c->host, c->address >> 16 & 0xff, c->address >> 8 & 0xff, (c->address & 0xfc) + (unsigned)off, size);
}

static void data_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct conf1 *c = opaque;

    if (c->address & CONF1_ENABLE)
        pci_host_config_write(c->host, c->address >> 16 & 0xff, c->address >> 8 & 0xff, (c->address & 0xfc) + (unsigned)off, size,
                              (uint32_t)val);
}

static const struct mmio_ops address_ops = { .read = address_read, .write = address_write, .min_size = 1, .max_size = 4 };
static const struct mmio_ops data_ops = { .read = data_read, .write = data_write, .min_size = 1, .max_size = 4 };

void conf1_init(struct conf1 *c, struct pci_host *host, int n)
{
    c->host = host;
    device_init_mmio(&host->dev, n, "pci-conf-idx", &address_ops, c, 4);
    device_init_mmio(&host->dev, n + 1, "pci-conf-data", &data_ops, c, 4);
}

void conf1_reset(struct conf1 *c)
{
    c->address = 0;
    c->reset_control = 0;
}
