/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard VGA as a PCI function ("VGA", 1234:1111) and on the ISA bus ("isa-vga"); vga.h says what regions they have beside BARs. BAR 0: the
 * memory; BAR 2: registers in memory (0x400: ports from 3C0h on, 0x500: VBE registers, 0x600: size and byte order).
 */
#include "config.h"
#include "hw/display/vga.h"
#include "hw/pci/pci.h"
#include "util/bits.h"
#include "util/log.h"

#define BAR_PORTS 0x400
#define BAR_VBE 0x500
#define BAR_MORE 0x600
#define ISA_VGA_MEMORY (8u << 20)

struct vga_pci {
    struct pci_device pci;
    uint64_t vgamem_mb;          /* property: u32 in MiB */
    struct vga vga;
};

struct vga_isa {
    struct device dev;
    struct vga vga;
};

static bool too_big(uint64_t mb, GError **err)
{
    if (mb >= 1 && mb <= VGA_MAX_MEMORY >> 20 && !(mb & (mb - 1)))
        return false;
    g_set_error(err, g_quark_from_static_string("vga"), 0, "vgamem_mb=%u: it must be a power of two, 1 to %u", (unsigned)mb,
                VGA_MAX_MEMORY >> 20);
    return true;
}

/* ---- BAR 2 ------------------------------------------------------------------------------------- */

static uint64_t bar_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;

    if (off >= BAR_PORTS && off < BAR_PORTS + 0x20) {
        uint64_t val = 0;

        for (unsigned i = 0; i < size; i++)
            val |= (uint64_t)vga_port_read(v, 0x3c0 + (unsigned)off - BAR_PORTS + i) << 8 * i;
        return val;
    }
    if (off >= BAR_VBE && off < BAR_VBE + 2 * (VBE_REGS + 1))
        return vga_vbe_read(v, (unsigned)(off - BAR_VBE) / 2) >> 8 * (off & 1);
    if (off == BAR_MORE)
        return 8;                /* bytes of this part */
    if (off == BAR_MORE + 4)
        return 0x1e1e;           /* little-endian, which cannot be changed */
    if (off == BAR_MORE + 6)
        return 0x1e1e;
    return 0;
}

static void bar_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct vga *v = opaque;

    if (off >= BAR_PORTS && off < BAR_PORTS + 0x20) {
        for (unsigned i = 0; i < size; i++)
            vga_port_write(v, 0x3c0 + (unsigned)off - BAR_PORTS + i, (uint8_t)(val >> 8 * i));
    } else if (off >= BAR_VBE && off < BAR_VBE + 2 * (VBE_REGS + 1) && size == 2) {
        vga_vbe_write(v, (unsigned)(off - BAR_VBE) / 2, (uint16_t)val);
    } else if (off < BAR_MORE) {
        log_guest_error("VGA: write of offset 0x%x in BAR 2", (unsigned)off);
    }
}

static const struct mmio_ops bar_ops = { .read = bar_read, .write = bar_write, .min_size = 1, .max_size = 2 };

/* ---- PCI --------------------------------------------------------------------------------------- */

static bool pci_render(struct device *dev, struct display_image *image)
{
    return vga_render(&((struct vga_pci *)dev)->vga, image);
}

static const struct display_ops pci_display = { .render = pci_render };

static bool vga_pci_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x1234, .device = 0x1111, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x030000, .revision = 2 };
    struct vga_pci *s = (struct vga_pci *)dev;
    uint32_t size = (uint32_t)s->vgamem_mb << 20;
    void *ram;

    if (too_big(s->vgamem_mb, err))
        return false;
    ram = bus_new_ram(device_bus(dev), "vga", size, err);
    if (!ram || !pci_device_init(&s->pci, &ids, err))
        return false;
    s->pci.default_rom = "vgabios-stdvga.bin";
    pci_add_memory_bar(&s->pci, 0, PCI_BAR_PREFETCH, size, ram);
    pci_add_bar(&s->pci, 2, 0, 0x1000, &bar_ops, &s->vga);
    vga_init(&s->vga, dev, ram, size);
    display_register(dev, &pci_display);
    return true;
}

static void vga_pci_unrealize(struct device *dev)
{
    display_register(dev, NULL);
    pci_device_fini((struct pci_device *)dev);
}

static void vga_pci_reset(struct device *dev)
{
    pci_device_reset((struct pci_device *)dev);
    vga_reset(&((struct vga_pci *)dev)->vga);
}

static bool vga_pci_post_load(struct device *dev, GError **err)
{
    vga_sanitize(&((struct vga_pci *)dev)->vga);
    return pci_device_post_load((struct pci_device *)dev, err);
}

static const struct device_prop vga_pci_props[] = {
    PCI_PROPS(struct vga_pci),
    PROP(struct vga_pci, vgamem_mb, "vgamem_mb", PROP_U64, 16, "MiB of memory, a power of two"),
    PROP_END
};

static const struct state_field vga_pci_state[] = { PCI_STATE, VGA_STATE(struct vga_pci, vga), STATE_END };

static const struct device_type vga_pci_type = {
    .name = "VGA", .desc = "standard VGA with Bochs VBE", .size = sizeof(struct vga_pci), .user_creatable = true, .bus = "PCI",
    .props = vga_pci_props, .state = vga_pci_state, .realize = vga_pci_realize, .reset = vga_pci_reset, .unrealize = vga_pci_unrealize,
    .post_load = vga_pci_post_load,
};
DEVICE_REGISTER(vga_pci_type)

/* ---- ISA --------------------------------------------------------------------------------------- */

static bool isa_render(struct device *dev, struct display_image *image)
{
    return vga_render(&((struct vga_isa *)dev)->vga, image);
}

static const struct display_ops isa_display = { .render = isa_render };

static bool vga_isa_realize(struct device *dev, GError **err)
{
    struct vga_isa *s = (struct vga_isa *)dev;
    void *ram = bus_new_ram(device_bus(dev), "vga", ISA_VGA_MEMORY, err);

    if (!ram)
        return false;
    vga_init(&s->vga, dev, ram, ISA_VGA_MEMORY);
    display_register(dev, &isa_display);
    return true;
}

static void vga_isa_unrealize(struct device *dev)
{
    display_register(dev, NULL);
}

static void vga_isa_reset(struct device *dev)
{
    vga_reset(&((struct vga_isa *)dev)->vga);
}

static bool vga_isa_post_load(struct device *dev, GError **err)
{
    (void)err;
    vga_sanitize(&((struct vga_isa *)dev)->vga);
    return true;
}

static const struct state_field vga_isa_state[] = { VGA_STATE(struct vga_isa, vga), STATE_END };

static const struct device_type vga_isa_type = {
    .name = "isa-vga", .desc = "standard VGA on the ISA bus", .size = sizeof(struct vga_isa), .state = vga_isa_state,
    .realize = vga_isa_realize, .reset = vga_isa_reset, .unrealize = vga_isa_unrealize, .post_load = vga_isa_post_load,
};
DEVICE_REGISTER(vga_isa_type)
