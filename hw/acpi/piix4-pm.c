/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82371AB (PIIX4) power management, function 3 (data sheet 290562, chapter 7): ACPI's fixed hardware at an I/O address that firmware
 * chooses. io 0: APM control and status (0xb2). out 0: system control interrupt, 1: SMI (the CPU that wrote takes it). With smm=off SMIs are
 * shown as set up already, and never come.
 *
 * Not modelled: SMBus host, device monitors, clock control, suspend states; global and device registers are stored.
 */
#include "config.h"
#include "hw/acpi/piix4-pm.h"
#include "hw/acpi/pm.h"
#include "hw/pci/pci.h"
#include "util/endian.h"
#include "util/log.h"

enum piix4_config {
    PMBA = 0x40,             /* 7.1.14 */
    DEVACTB = 0x58,          /* 7.1.19 */
    PMREGMISC = 0x80,        /* 7.1.25 */
    SMBBA = 0x90,
    SMBHSTCFG = 0xd2,
    SMBREV = 0xd6,
};
#define DEVACTB_APMC_EN 0x02000000u
#define PMREGMISC_PMIOSE 1u
#define PM_SIZE 0x40u

enum piix4_io {              /* 7.2 */
    GPSTS = 0x0c, GPEN = 0x0e, PCNTRL = 0x10, GLBSTS = 0x18, DEVSTS = 0x1c, GLBEN = 0x20, GLBCTL = 0x28, DEVCTL = 0x2c,
    GPIREG = 0x30, GPOREG = 0x34,
};

struct piix4_pm {
    struct pci_device pci;   /* first */
    bool smm;                /* property */
    struct acpi_pm pm;
    struct bus_region *region;
    uint8_t other[PM_SIZE];  /* registers that are stored */
};

static uint64_t pm_io_read(void *opaque, uint64_t off, unsigned size)
{
    struct piix4_pm *s = opaque;
    uint64_t v = 0;

    if (off == 8 && size == 4)
        return acpi_pm_timer(&s->pm);
    for (unsigned i = 0; i < size; i++) {
        unsigned at = (unsigned)off + i;
        uint8_t byte = at < GPSTS ? acpi_pm_read(&s->pm, at) :
                       at < GPEN ? (uint8_t)(s->pm.gpe_sts >> 8 * (at - GPSTS)) :
                       at < PCNTRL ? (uint8_t)(s->pm.gpe_en >> 8 * (at - GPEN)) : s->other[at];

        v |= (uint64_t)byte << (8 * i);
    }
    return v;
}

static void pm_io_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct piix4_pm *s = opaque;
    unsigned at = (unsigned)off;

    if (at < GPSTS) {
        acpi_pm_write(&s->pm, at, size, (uint32_t)val);
        return;
    }
    for (unsigned i = 0; i < size; i++, at++, val >>= 8) {
        uint32_t byte = val & 0xff;

        if (at < GPEN)
            acpi_pm_clear_gpe(&s->pm, byte << 8 * (at - GPSTS));
        else if (at < PCNTRL)
            acpi_pm_enable_gpe(&s->pm, (s->pm.gpe_en & ~(0xffu << 8 * (at - GPEN))) | byte << 8 * (at - GPEN));
        else if (at < GPIREG && at != GLBSTS && at != DEVSTS)
            s->other[at] = (uint8_t)byte;
        else if (at >= GPOREG && at < GPOREG + 4)
            s->other[at] = (uint8_t)byte;
    }
}

static const struct mmio_ops pm_io_ops = { .read = pm_io_read, .write = pm_io_write, .min_size = 1, .max_size = 4 };

static uint64_t apm_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return acpi_pm_apm_read(&((struct piix4_pm *)opaque)->pm, (unsigned)off);
}

static void apm_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    acpi_pm_apm_write(&((struct piix4_pm *)opaque)->pm, (unsigned)off, (uint8_t)val);
}

static const struct mmio_ops apm_ops = { .read = apm_read, .write = apm_write, .min_size = 1, .max_size = 1 };

/* ---- configuration ----------------------------------------------------------------------------- */

static bool is_enabled(const struct piix4_pm *s)
{
    return s->pci.config[PMREGMISC] & PMREGMISC_PMIOSE;
}

uint16_t piix4_pm_base(struct device *dev)
{
    struct piix4_pm *s = (struct piix4_pm *)dev;

    return is_enabled(s) ? ld16_le(s->pci.config + PMBA) & 0xffc0 : 0;
}

static void update(struct piix4_pm *s)
{
    uint16_t base = piix4_pm_base(&s->pci.dev);

    bus_region_set(s->region, is_enabled(s) && base, base);
    s->pm.smi_by_apm = s->smm && ld32_le(s->pci.config + DEVACTB) & DEVACTB_APMC_EN;
}

static void written(struct pci_device *pci, unsigned off, unsigned len)
{
    (void)off;
    (void)len;
    update((struct piix4_pm *)pci);
}

void piix4_pm_press_power(struct device *dev)
{
    acpi_pm_press_power(&((struct piix4_pm *)dev)->pm);
}

/* ---- life -------------------------------------------------------------------------------------- */

static void set_config(struct pci_device *pci)
{
    pci->config[PCI_STATUS] = 0x80;
    pci->config[PCI_STATUS + 1] = 0x02;
    pci->config[PMBA] = 1;
    pci->config[SMBBA] = 1;
    for (unsigned reg = PMBA; reg < SMBREV; reg++)
        pci->wmask[reg] = 0xff;
    st32_le(pci->wmask + PMBA, 0xffc0);
    st32_le(pci->wmask + SMBBA, 0xfff0);
    pci->wmask[PMREGMISC] = PMREGMISC_PMIOSE;
    pci->wmask[SMBHSTCFG] = 0x0f;
}

static bool piix4_pm_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x7113, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x068000, .revision = 3, .intx = 1 };
    struct piix4_pm *s = (struct piix4_pm *)dev;

    if (!pci_device_init(&s->pci, &ids, err))
        return false;
    set_config(&s->pci);
    if (!s->smm)
        st32_le(s->pci.config + DEVACTB, DEVACTB_APMC_EN);
    s->pci.config_written = written;
    device_init_mmio(dev, 0, "apm", &apm_ops, s, 2);
    device_init_out(dev, 2);
    acpi_pm_init(&s->pm, dev, &dev->out[0], &dev->out[1]);
    s->pm.acpi_on = PIIX4_ACPI_ENABLE;
    s->pm.acpi_off = PIIX4_ACPI_DISABLE;
    s->region = bus_overlay_mmio(device_io_bus(dev), "piix4-pm", PM_SIZE, &pm_io_ops, s, 0);
    return true;
}

static void piix4_pm_reset(struct device *dev)
{
    struct piix4_pm *s = (struct piix4_pm *)dev;

    pci_device_reset(&s->pci);
    memset(s->other, 0, sizeof(s->other));
    acpi_pm_reset(&s->pm);
    update(s);
}

static void piix4_pm_unrealize(struct device *dev)
{
    acpi_pm_fini(&((struct piix4_pm *)dev)->pm);
    pci_device_fini((struct pci_device *)dev);
}

static bool piix4_pm_post_load(struct device *dev, GError **err)
{
    struct piix4_pm *s = (struct piix4_pm *)dev;
    bool ok = pci_device_post_load(&s->pci, err);

    update(s);
    acpi_pm_update(&s->pm);
    return ok;
}

static const struct device_prop piix4_pm_props[] = {
    PCI_PROPS(struct pci_device),
    PROP(struct piix4_pm, smm, "smm", PROP_BOOL, true, "SMIs"),
    PROP_END
};
static const struct state_field piix4_pm_state[] = {
    PCI_STATE, ACPI_PM_STATE(struct piix4_pm, pm), STATE_ARRAY(struct piix4_pm, other), STATE_END
};

static const struct device_type piix4_pm_type = {
    .name = "PIIX4_PM", .desc = "Intel 82371AB power management", .size = sizeof(struct piix4_pm), .bus = "PCI",
    .props = piix4_pm_props, .state = piix4_pm_state, .realize = piix4_pm_realize, .reset = piix4_pm_reset,
    .unrealize = piix4_pm_unrealize, .post_load = piix4_pm_post_load,
};
DEVICE_REGISTER(piix4_pm_type)
