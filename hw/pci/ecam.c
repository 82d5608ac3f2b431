/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express host with an enhanced configuration access window (PCIe 3.0, 7.2.2) and one root bus, pcie.0. mmio 0: configuration;
 * 1: I/O addresses; 2: memory below 4 GiB; 3: memory above, where high-size is not 0. out 0..3: INTA# to INTD# of device 0.
 *
 * What is absent reads all ones. Not modelled: bridges, so the other buses of the window are empty.
 */
#include "config.h"
#include "hw/pci/pci.h"

#define IO_SIZE 0x10000u

/* ---- configuration ----------------------------------------------------------------------------- */

/* 7.2.2, table 7-1: bus [27:20], device and function [19:12], register [11:0]. */
static uint64_t ecam_read(void *opaque, uint64_t off, unsigned size)
{
    return pci_host_config_read(opaque, (unsigned)(off >> 20), (unsigned)(off >> 12) & 0xff, (unsigned)off & 0xfff, size);
}

static void ecam_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    pci_host_config_write(opaque, (unsigned)(off >> 20), (unsigned)(off >> 12) & 0xff, (unsigned)off & 0xfff, size, (uint32_t)val);
}

const struct mmio_ops pci_ecam_ops = { .read = ecam_read, .write = ecam_write, .min_size = 1, .max_size = 4 };

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
        device_init_mmio(&h->dev, 1 + (int)kind, names[kind], w->io ? &pci_io_window_ops : &pci_window_ops, w, size);
}

static bool host_realize(struct device *dev, GError **err)
{
    struct pci_host *h = (struct pci_host *)dev;

    (void)err;
    pci_host_init(h, "pcie.0", PCI_PINS);
    h->bar_priority = 1;         /* above the windows */
    device_init_mmio(dev, 0, "pcie-ecam", &pci_ecam_ops, h, h->ecam_size);
    set_window(h, PCI_WINDOW_IO, 0, IO_SIZE);
    set_window(h, PCI_WINDOW_MEM, h->mem_base, h->mem_size);
    set_window(h, PCI_WINDOW_HIGH, h->high_base, h->high_size);
    return true;
}

static void host_unrealize(struct device *dev)
{
    pci_host_fini((struct pci_host *)dev);
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
