/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82441FX PCI and memory controller (data sheet 290549): the host with configuration mechanism #1, and its function 00.0, which
 * switches the memory below 1 MiB. io 0: address, 1: data (conf1.h). out 0..3: INTA# to INTD# of device 0.
 *
 * Not modelled: DRAM timing and row boundaries (stored), errors, the fixed hole at 512 KiB or 15 MiB.
 */
#include "config.h"
#include "hw/pci/conf1.h"
#include "hw/pci/i440fx.h"
#include "hw/pci/pc-memory.h"
#include "hw/pci/pci.h"

enum i440fx_reg {
    PMCCFG = 0x50,           /* 3.2.15 */
    DETURBO = 0x52,
    DBC = 0x53,
    FDHC = 0x58,
    PAM0 = 0x59,             /* 3.2.18: seven */
    DRB0 = 0x60,             /* 3.2.19: eight */
    SMRAM = 0x72,            /* 3.2.20 */
};

struct i440fx {
    struct pci_host host;    /* first */
    struct conf1 conf1;
    struct pc_memory *memory;
};

void i440fx_set_memory(struct device *host, struct pc_memory *memory)
{
    ((struct i440fx *)host)->memory = memory;
}

/* ---- the function ------------------------------------------------------------------------------ */

struct bridge {
    struct pci_device pci;   /* first */
    uint8_t smram;           /* its register before the write */
};

static void update_memory(struct bridge *b)
{
    const struct i440fx *h = (const struct i440fx *)b->pci.host;

    if (!h->memory)
        return;
    pc_memory_set_pam(h->memory, b->pci.config + PAM0);
    pc_memory_set_smram(h->memory, b->pci.config[SMRAM]);
}

static void bridge_written(struct pci_device *pci, unsigned off, unsigned len)
{
    struct bridge *b = (struct bridge *)pci;

    if (off <= SMRAM && SMRAM < off + len) {
        pci->config[SMRAM] = smram_written(b->smram, pci->config[SMRAM]);
        b->smram = pci->config[SMRAM];
    }
    if (off < SMRAM + 1 && off + len > PAM0)
        update_memory(b);
}

static bool bridge_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x1237, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x060000, .revision = 2 };
    struct pci_device *pci = &((struct bridge *)dev)->pci;

    if (!pci_device_init(pci, &ids, err))
        return false;
    for (unsigned reg = PMCCFG; reg <= SMRAM; reg++)
        pci->wmask[reg] = 0xff;
    for (unsigned reg = PAM0; reg < PAM0 + PC_NPAM; reg++)
        pci->wmask[reg] = 0x77;
    pci->config[SMRAM] = 0x02;
    pci->wmask[SMRAM] = (uint8_t)~SMRAM_BASE & 0x7f;
    pci->config_written = bridge_written;
    return true;
}

static void bridge_reset(struct device *dev)
{
    struct bridge *b = (struct bridge *)dev;

    pci_device_reset(&b->pci);
    b->smram = b->pci.config[SMRAM];
    update_memory(b);
}

static void bridge_unrealize(struct device *dev)
{
    pci_device_fini((struct pci_device *)dev);
}

static bool bridge_post_load(struct device *dev, GError **err)
{
    struct bridge *b = (struct bridge *)dev;

    b->smram = b->pci.config[SMRAM];
    update_memory(b);
    return pci_device_post_load(&b->pci, err);
}

static const struct device_prop bridge_props[] = { PCI_PROPS(struct pci_device), PROP_END };
static const struct state_field bridge_state[] = { PCI_STATE, STATE_END };

static const struct device_type bridge_type = {
    .name = "i440FX", .desc = "north bridge's function", .size = sizeof(struct bridge), .bus = "PCI", .props = bridge_props,
    .state = bridge_state, .realize = bridge_realize, .reset = bridge_reset, .unrealize = bridge_unrealize, .post_load = bridge_post_load,
};
DEVICE_REGISTER(bridge_type)

/* ---- the host ---------------------------------------------------------------------------------- */

static bool host_realize(struct device *dev, GError **err)
{
    struct i440fx *h = (struct i440fx *)dev;

    (void)err;
    pci_host_init(&h->host, "pci.0", PCI_PINS);
    pci_host_take_rest(&h->host);
    conf1_init(&h->conf1, &h->host, 0);
    return true;
}

static void host_reset(struct device *dev)
{
    conf1_reset(&((struct i440fx *)dev)->conf1);
}

static void host_unrealize(struct device *dev)
{
    pci_host_fini((struct pci_host *)dev);
}

static const struct state_field host_state[] = {
    STATE(struct i440fx, conf1.address), STATE(struct i440fx, conf1.reset_control), STATE_END
};

static const struct device_type host_type = {
    .name = "i440FX-pcihost", .desc = "Intel 82441FX PCI host", .size = sizeof(struct i440fx), .state = host_state,
    .realize = host_realize, .reset = host_reset, .unrealize = host_unrealize,
};
DEVICE_REGISTER(host_type)
