/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel Q35 memory controller hub (3 Series Express Chipset Family data sheet, 316966): the host of a PCI Express root bus with configuration
 * mechanism #1 and an enhanced window, and its function 00.0, which switches the memory below 1 MiB and that of SMM. io 0: address, 1: data
 * (conf1.h). out 0..7: the south bridge's PIRQA# to PIRQH#.
 *
 * Not modelled: DRAM controller, graphics, DMI and egress port registers (their base addresses are stored).
 */
#include "config.h"
#include "hw/pci/conf1.h"
#include "hw/pci/pc-memory.h"
#include "hw/pci/pci.h"
#include "hw/pci/q35.h"
#include "util/endian.h"

enum mch_reg {               /* 5.1 */
    EPBAR = 0x40, MCHBAR = 0x48, PCIEXBAR = 0x60, DMIBAR = 0x68, PAM0 = 0x90, SMRAM = 0x9d, ESMRAMC = 0x9e, TOLUD = 0xb0, MCH_LAST = 0xdf,
};
enum pciexbar { PCIEXBAR_ENABLE = 1, PCIEXBAR_LENGTH = 6 };
enum esmramc { T_EN = 0x01, TSEG_SIZE = 0x06, SM_CACHES = 0x38, E_SMERR = 0x40, H_SMRAME = 0x80 };
#define ECAM_MAX (256u << 20)
#define ECAM_DEFAULT 0xb0000000u

struct q35 {
    struct pci_host host;    /* first */
    struct conf1 conf1;
    struct pc_memory *memory;
    uint8_t *ram;
    uint64_t below;
    struct bus_region *ecam;
};

void q35_set_memory(struct device *host, struct pc_memory *memory, uint8_t *ram, uint64_t below)
{
    struct q35 *h = (struct q35 *)host;

    h->memory = memory;
    h->ram = ram;
    h->below = below;
}

static uint64_t ecam_of(const struct pci_device *mch, uint64_t *base)
{
    uint64_t reg = ld64_le(mch->config + PCIEXBAR);
    unsigned length = (unsigned)(reg & PCIEXBAR_LENGTH) >> 1;
    uint64_t size = ECAM_MAX >> length;

    *base = reg & 0xfffffffffull & ~(size - 1);
    return reg & PCIEXBAR_ENABLE && length < 3 ? size : 0;
}

uint64_t q35_ecam(struct device *host, uint64_t *base)
{
    const struct pci_device *mch = ((struct pci_host *)host)->function[0];

    *base = 0;
    return mch ? ecam_of(mch, base) : 0;
}

/* ---- the function ------------------------------------------------------------------------------ */

struct mch {
    struct pci_device pci;   /* first */
    uint8_t smram, esmramc;  /* registers before the write */
};

/* 5.1.37: with SMRAM and TSEG enabled, the last 1, 2 or 8 MiB of RAM below the hole. */
static void update_tseg(const struct mch *s, const struct q35 *h)
{
    static const uint64_t sizes[] = { 1u << 20, 2u << 20, 8u << 20, 0 };
    uint64_t size = sizes[(s->pci.config[ESMRAMC] & TSEG_SIZE) >> 1];

    if (!(s->pci.config[SMRAM] & SMRAM_ENABLE) || !(s->pci.config[ESMRAMC] & T_EN) || size >= h->below)
        size = 0;
    pc_memory_set_tseg(h->memory, h->below - size, size, h->ram + h->below - size);
}

static void update_memory(const struct mch *s)
{
    const struct q35 *h = (const struct q35 *)s->pci.host;

    if (!h->memory)
        return;
    pc_memory_set_pam(h->memory, s->pci.config + PAM0);
    pc_memory_set_smram(h->memory, s->pci.config[SMRAM]);
    update_tseg(s, h);
}

static void update_ecam(const struct mch *s)
{
    const struct q35 *h = (const struct q35 *)s->pci.host;
    uint64_t base, size = ecam_of(&s->pci, &base);
    struct bus *bus = device_bus(&s->pci.host->dev);

    bus_begin(bus);
    bus_region_set(h->ecam, false, 0);
    if (size) {
        bus_region_resize(h->ecam, size);
        bus_region_set(h->ecam, true, base);
    }
    bus_commit(bus);
}

/* The lock of SMRAM's register holds both. */
static void keep_locked(struct mch *s)
{
    uint8_t *c = s->pci.config;

    if (s->smram & SMRAM_LOCK)
        c[ESMRAMC] = s->esmramc;
    c[SMRAM] = smram_written(s->smram, c[SMRAM]);
    s->smram = c[SMRAM];
    s->esmramc = c[ESMRAMC];
}

static void mch_written(struct pci_device *pci, unsigned off, unsigned len)
{
    struct mch *s = (struct mch *)pci;

    if (off < PCIEXBAR + 8 && off + len > PCIEXBAR)
        update_ecam(s);
    if (off <= ESMRAMC && off + len > PAM0) {
        keep_locked(s);
        update_memory(s);
    }
}

static bool mch_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x29c0, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x060000, .revision = 2 };
    struct pci_device *pci = &((struct mch *)dev)->pci;

    if (!pci_device_init(pci, &ids, err))
        return false;
    for (unsigned reg = EPBAR; reg <= MCH_LAST; reg++)
        pci->wmask[reg] = 0xff;
    for (unsigned reg = PAM0; reg < PAM0 + PC_NPAM; reg++)
        pci->wmask[reg] = 0x33;
    st64_le(pci->wmask + PCIEXBAR, 0xffc000007ull);
    st64_le(pci->config + PCIEXBAR, ECAM_DEFAULT);
    pci->config[SMRAM] = 0x02;
    pci->wmask[SMRAM] = (uint8_t)~SMRAM_BASE & 0x7f;
    pci->config[ESMRAMC] = SM_CACHES;
    pci->wmask[ESMRAMC] = T_EN | TSEG_SIZE | H_SMRAME;
    pci->config_written = mch_written;
    return true;
}

static void restart(struct mch *s)
{
    s->smram = s->pci.config[SMRAM];
    s->esmramc = s->pci.config[ESMRAMC];
    update_ecam(s);
    update_memory(s);
}

static void mch_reset(struct device *dev)
{
    pci_device_reset((struct pci_device *)dev);
    restart((struct mch *)dev);
}

static void mch_unrealize(struct device *dev)
{
    pci_device_fini((struct pci_device *)dev);
}

static bool mch_post_load(struct device *dev, GError **err)
{
    bool ok = pci_device_post_load((struct pci_device *)dev, err);

    restart((struct mch *)dev);
    return ok;
}

static const struct device_prop mch_props[] = { PCI_PROPS(struct pci_device), PROP_END };
static const struct state_field mch_state[] = { PCI_STATE, STATE_END };

static const struct device_type mch_type = {
    .name = "mch", .desc = "Intel Q35 north bridge's function", .size = sizeof(struct mch), .bus = "PCI", .props = mch_props,
    .state = mch_state, .realize = mch_realize, .reset = mch_reset, .unrealize = mch_unrealize, .post_load = mch_post_load,
};
DEVICE_REGISTER(mch_type)

/* ---- the host ---------------------------------------------------------------------------------- */

static bool host_realize(struct device *dev, GError **err)
{
    struct q35 *h = (struct q35 *)dev;

    (void)err;
    pci_host_init(&h->host, "pcie.0", PCI_LINES);
    pci_host_take_rest(&h->host);
    conf1_init(&h->conf1, &h->host, 0);
    h->ecam = bus_overlay_mmio(device_bus(dev), "pcie-mmcfg", ECAM_MAX, &pci_ecam_ops, &h->host, 0);
    return true;
}

static void host_reset(struct device *dev)
{
    conf1_reset(&((struct q35 *)dev)->conf1);
}

static void host_unrealize(struct device *dev)
{
    pci_host_fini((struct pci_host *)dev);
}

static const struct state_field host_state[] = {
    STATE(struct q35, conf1.address), STATE(struct q35, conf1.reset_control), STATE_END
};

static const struct device_type host_type = {
    .name = "q35-pcihost", .desc = "Intel Q35 PCI Express host", .size = sizeof(struct q35), .state = host_state,
    .realize = host_realize, .reset = host_reset, .unrealize = host_unrealize,
};
DEVICE_REGISTER(host_type)
