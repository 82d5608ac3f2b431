/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel ICH9 LPC bridge, function 1f.0 (I/O Controller Hub 9 data sheet, 316972, chapter 13): the router of PCI interrupts, ACPI's fixed hardware,
 * chipset configuration registers (stored). io 0: APM control and status (0xb2). in 0..7: PIRQA# to PIRQH#. ich9-lpc.h: outputs. With smm=off
 * SMIs are shown as set up already, and never come.
 *
 * Not modelled: TCO watchdog, GPIO, SMIs by other sources, DMA, LPC decode ranges (stored).
 */
#include "config.h"
#include "hw/acpi/pm.h"
#include "hw/isa/ich9-lpc.h"
#include "hw/isa/pirq.h"
#include "hw/pci/pci.h"
#include "util/endian.h"

enum lpc_reg {               /* 13.1 */
    PMBASE = 0x40, ACPI_CNTL = 0x44, GPIOBASE = 0x48, GPIO_CNTL = 0x4c, PIRQA = 0x60, SIRQ_CNTL = 0x64, PIRQE = 0x68, LPC_IOD = 0x80,
    GEN_PMCON_1 = 0xa0, GEN_PMCON_LAST = 0xab, RCBA = 0xf0,
};
enum { ACPI_EN = 0x80, PM_SIZE = 0x80, RCBA_SIZE = 0x4000, SMI_LOCK = 0x10 };
enum pm_io { GPE0_STS = 0x20, GPE0_EN = 0x28, SMI_EN = 0x30, SMI_STS = 0x34 };
enum smi_en { GBL_SMI_EN = 0x01, APMC_EN = 0x20 };

struct ich9_lpc {
    struct pci_device pci;   /* first */
    bool smm;                /* property */
    struct pirq pirq;
    struct acpi_pm pm;
    struct bus_region *pm_region, *rcba_region;
    uint32_t smi_en;
    uint8_t rcba[RCBA_SIZE];
};

/* ---- interrupts -------------------------------------------------------------------------------- */

static void update_routes(struct ich9_lpc *s)
{
    for (int n = 0; n < 4; n++) {
        pirq_route(&s->pirq, n, s->pci.config[PIRQA + n]);
        pirq_route(&s->pirq, n + 4, s->pci.config[PIRQE + n]);
    }
}

static void lpc_input(void *opaque, int n, bool level)
{
    struct ich9_lpc *s = opaque;

    irq_set(s->pci.dev.out[ICH9_OUT_GSI16 + n], level);
    pirq_set(&s->pirq, n, level);
}

/* ---- power management -------------------------------------------------------------------------- */

static uint32_t gpe(const struct ich9_lpc *s, unsigned at)
{
    if (at < GPE0_STS + 4)
        return s->pm.gpe_sts >> 8 * (at - GPE0_STS);
    if (at >= GPE0_EN && at < GPE0_EN + 4)
        return s->pm.gpe_en >> 8 * (at - GPE0_EN);
    return at >= SMI_EN && at < SMI_EN + 4 ? s->smi_en >> 8 * (at - SMI_EN) : 0;
}

static uint64_t pm_io_read(void *opaque, uint64_t off, unsigned size)
{
    struct ich9_lpc *s = opaque;
    uint64_t v = 0;

    if (off == 8 && size == 4)
        return acpi_pm_timer(&s->pm);
    for (unsigned i = 0; i < size; i++) {
        unsigned at = (unsigned)off + i;
        uint8_t byte = at < 12 ? acpi_pm_read(&s->pm, at) : at >= GPE0_STS ? (uint8_t)gpe(s, at) : 0;

        v |= (uint64_t)byte << (8 * i);
    }
    return v;
}

static void update_smi(struct ich9_lpc *s)
{
    s->pm.smi_by_apm = s->smm && s->smi_en & APMC_EN && s->smi_en & GBL_SMI_EN;
}

/* 13.8.3.10: the global enable stays once it is locked. */
static void write_smi_en(struct ich9_lpc *s, unsigned shift, uint8_t byte)
{
    uint32_t old = s->smi_en;

    s->smi_en = (old & ~(0xffu << shift)) | (uint32_t)byte << shift;
    if (s->pci.config[GEN_PMCON_1] & SMI_LOCK)
        s->smi_en |= old & GBL_SMI_EN;
    update_smi(s);
}

static void pm_io_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ich9_lpc *s = opaque;
    unsigned at = (unsigned)off;

    if (at < 12) {
        acpi_pm_write(&s->pm, at, size, (uint32_t)val);
        return;
    }
    for (unsigned i = 0; i < size; i++, at++, val >>= 8) {
        uint32_t byte = val & 0xff;

        if (at >= GPE0_STS && at < GPE0_STS + 4)
            acpi_pm_clear_gpe(&s->pm, byte << 8 * (at - GPE0_STS));
        else if (at >= GPE0_EN && at < GPE0_EN + 4)
            acpi_pm_enable_gpe(&s->pm, (s->pm.gpe_en & ~(0xffu << 8 * (at - GPE0_EN))) | byte << 8 * (at - GPE0_EN));
        else if (at >= SMI_EN && at < SMI_EN + 4)
            write_smi_en(s, 8 * (at - SMI_EN), (uint8_t)byte);
    }
}

static const struct mmio_ops pm_io_ops = { .read = pm_io_read, .write = pm_io_write, .min_size = 1, .max_size = 4 };

static uint64_t apm_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return acpi_pm_apm_read(&((struct ich9_lpc *)opaque)->pm, (unsigned)off);
}

static void apm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    acpi_pm_apm_write(&((struct ich9_lpc *)opaque)->pm, (unsigned)off, (uint8_t)val);
}

static const struct mmio_ops apm_ops = { .read = apm_read, .write = apm_write, .min_size = 1, .max_size = 1 };

void ich9_lpc_press_power(struct device *dev)
{
    acpi_pm_press_power(&((struct ich9_lpc *)dev)->pm);
}

uint16_t ich9_lpc_pm_base(struct device *dev)
{
    const struct pci_device *pci = (const struct pci_device *)dev;

    return pci->config[ACPI_CNTL] & ACPI_EN ? ld16_le(pci->config + PMBASE) & 0xff80 : 0;
}

/* ---- chipset configuration (chapter 10) -------------------------------------------------------- */

static uint64_t rcba_read(void *opaque, uint64_t off, unsigned size)
{
    uint32_t v = ld32_le(((struct ich9_lpc *)opaque)->rcba + off);

    (void)size;
    return v;
}

static void rcba_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    st32_le(((struct ich9_lpc *)opaque)->rcba + off, (uint32_t)val);
}

static const struct mmio_ops rcba_ops = { .read = rcba_read, .write = rcba_write, .min_size = 4, .max_size = 4 };

/* ---- configuration ----------------------------------------------------------------------------- */

static void update(struct ich9_lpc *s)
{
    uint16_t pm = ich9_lpc_pm_base(&s->pci.dev);
    uint32_t rcba = ld32_le(s->pci.config + RCBA);

    bus_region_set(s->pm_region, pm != 0, pm);
    bus_region_set(s->rcba_region, rcba & 1, rcba & 0xffffc000);
    update_routes(s);
    update_smi(s);
}

static void lpc_written(struct pci_device *pci, unsigned off, unsigned len)
{
    (void)off;
    (void)len;
    update((struct ich9_lpc *)pci);
}

static void set_config(struct pci_device *pci)
{
    for (unsigned reg = PMBASE; reg <= GEN_PMCON_LAST; reg++)
        pci->wmask[reg] = 0xff;
    st32_le(pci->wmask + PMBASE, 0xff80);
    st32_le(pci->config + PMBASE, 1);
    pci->wmask[ACPI_CNTL] = ACPI_EN | 7;
    st32_le(pci->wmask + GPIOBASE, 0xffc0);
    st32_le(pci->config + GPIOBASE, 1);
    for (unsigned n = 0; n < 4; n++) {
        pci->wmask[PIRQA + n] = pci->wmask[PIRQE + n] = 0x8f;
        pci->config[PIRQA + n] = pci->config[PIRQE + n] = 0x80;
    }
    pci->config[SIRQ_CNTL] = 0x10;
    st32_le(pci->wmask + RCBA, 0xffffc001);
    pci->wmask[PCI_COMMAND] = 0x40;      /* memory, I/O and mastering are always on */
    pci->wmask[PCI_COMMAND + 1] = 0x01;
    pci->config[PCI_COMMAND] = 0x07;
}

/* ---- life -------------------------------------------------------------------------------------- */

static bool lpc_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x2918, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x060100, .revision = 2 };
    struct ich9_lpc *s = (struct ich9_lpc *)dev;

    if (!pci_device_init(&s->pci, &ids, err))
        return false;
    set_config(&s->pci);
    s->pci.config_written = lpc_written;
    device_init_mmio(dev, 0, "apm", &apm_ops, s, 2);
    device_init_in(dev, lpc_input, PIRQ_MAX);
    device_init_out(dev, ICH9_NOUT);
    s->pirq.out = dev->out;
    acpi_pm_init(&s->pm, dev, &dev->out[ICH9_OUT_SCI], &dev->out[ICH9_OUT_SMI]);
    s->pm.acpi_on = ICH9_ACPI_ENABLE;
    s->pm.acpi_off = ICH9_ACPI_DISABLE;
    s->pm_region = bus_overlay_mmio(device_io_bus(dev), "ich9-pm", PM_SIZE, &pm_io_ops, s, 0);
    s->rcba_region = bus_overlay_mmio(device_bus(dev), "lpc-rcrb", RCBA_SIZE, &rcba_ops, s, 0);
    return true;
}

static void lpc_reset(struct device *dev)
{
    struct ich9_lpc *s = (struct ich9_lpc *)dev;

    pci_device_reset(&s->pci);
    memset(s->rcba, 0, sizeof(s->rcba));
    s->smi_en = s->smm ? 0 : APMC_EN;
    acpi_pm_reset(&s->pm);
    update(s);
}

static void lpc_unrealize(struct device *dev)
{
    acpi_pm_fini(&((struct ich9_lpc *)dev)->pm);
    pci_device_fini((struct pci_device *)dev);
}

static bool lpc_post_load(struct device *dev, GError **err)
{
    struct ich9_lpc *s = (struct ich9_lpc *)dev;
    bool ok = pci_device_post_load(&s->pci, err);

    update(s);
    acpi_pm_update(&s->pm);
    return ok;
}

static const struct device_prop lpc_props[] = {
    PCI_PROPS(struct pci_device),
    PROP(struct ich9_lpc, smm, "smm", PROP_BOOL, true, "SMIs"),
    PROP_END
};
static const struct state_field lpc_state[] = {
    PCI_STATE, ACPI_PM_STATE(struct ich9_lpc, pm), STATE(struct ich9_lpc, smi_en), STATE_ARRAY(struct ich9_lpc, rcba),
    STATE_ARRAY(struct ich9_lpc, pirq.level), STATE_END
};

static const struct device_type lpc_type = {
    .name = "ICH9-LPC", .desc = "Intel ICH9 LPC bridge", .size = sizeof(struct ich9_lpc), .bus = "PCI", .props = lpc_props,
    .state = lpc_state, .realize = lpc_realize, .reset = lpc_reset, .unrealize = lpc_unrealize, .post_load = lpc_post_load,
};
DEVICE_REGISTER(lpc_type)
