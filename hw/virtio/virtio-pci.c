/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio over PCI (virtio 1.1, 4.1): for each virtio device type X-device a PCI function X-pci, which holds the device in itself and has
 * its properties. Modern registers in BAR 4 (4.1.4), MSI-X in BAR 1, and with disable-legacy=off the legacy ones in BAR 0 (4.1.4.8).
 *
 * With both, the interface that the driver uses while the device is reset decides which rules count until the next reset.
 */
#include "config.h"
#include "hw/pci/pci.h"
#include "hw/virtio/virtio.h"
#include "hw/virtio/virtio-pci.h"
#include "util/endian.h"
#include "util/log.h"

#define VIRTIO_VENDOR 0x1af4
#define LEGACY_BAR 0
#define MSIX_BAR 1
#define MODERN_BAR 4
#define NO_VECTOR 0xffffu
#define VECTORS_AUTO UINT32_MAX
#define PAGE_SHIFT 12            /* of the legacy queue address; queues are aligned to such pages */

/* 4.1.4.3: common configuration, at the start of BAR 4. */
enum common_reg {
    COMMON_DEV_FEAT_SEL = 0x00, COMMON_DEV_FEATURES = 0x04, COMMON_DRV_FEAT_SEL = 0x08, COMMON_DRV_FEATURES = 0x0c,
    COMMON_MSIX = 0x10, COMMON_NUM_QUEUES = 0x12, COMMON_STATUS = 0x14, COMMON_GENERATION = 0x15, COMMON_QUEUE_SEL = 0x16,
    COMMON_QUEUE_SIZE = 0x18, COMMON_QUEUE_MSIX = 0x1a, COMMON_QUEUE_ENABLE = 0x1c, COMMON_QUEUE_NOTIFY = 0x1e,
    COMMON_QUEUE_DESC = 0x20, COMMON_QUEUE_AVAIL = 0x28, COMMON_QUEUE_USED = 0x30, COMMON_SIZE = 0x38,
};

/* 4.1.4.8: the legacy interface. Configuration follows, behind the vectors when MSI-X is on. */
enum legacy_reg {
    LEGACY_DEV_FEATURES = 0x00, LEGACY_DRV_FEATURES = 0x04, LEGACY_QUEUE_PFN = 0x08, LEGACY_QUEUE_SIZE = 0x0c, LEGACY_QUEUE_SEL = 0x0e,
    LEGACY_NOTIFY = 0x10, LEGACY_STATUS = 0x12, LEGACY_ISR = 0x13, LEGACY_MSIX = 0x14, LEGACY_QUEUE_MSIX = 0x16, LEGACY_END = 0x18,
};

/* The parts of BAR 4, each of PART bytes. */
enum modern_part { PART_COMMON, PART_ISR, PART_DEVICE, PART_NOTIFY };
#define PART 0x1000u
#define MODERN_SIZE 0x4000u
#define NOTIFY_STEP 4u           /* a queue's own notification register */

/* 4.1.4: the capabilities. */
enum cfg_type { CFG_COMMON = 1, CFG_NOTIFY = 2, CFG_ISR = 3, CFG_DEVICE = 4, CFG_PCI = 5 };
enum cap_field { CAP_LEN = 2, CAP_TYPE = 3, CAP_BAR = 4, CAP_OFFSET = 8, CAP_LENGTH = 12, CAP_MORE = 16, CAP_SIZE = 20 };

/* Owner: the device lock. The virtio device follows at CHILD. */
struct virtio_pci {
    struct pci_device pci;
    struct virtio_transport t;
    char *disable_legacy;        /* properties */
    bool disable_modern;
    uint32_t vectors;
    bool has_legacy;
    unsigned window;             /* the capability of type CFG_PCI; 0: none */
    uint32_t dev_sel, drv_sel;
    uint16_t queue, config_vector, vector[VIRTIO_MAX_QUEUES];
    uint32_t pfn[VIRTIO_MAX_QUEUES];
};
#define CHILD ((sizeof(struct virtio_pci) + 15) & ~(size_t)15)

static struct virtio_pci *of_transport(struct virtio_transport *t)
{
    return (struct virtio_pci *)((uint8_t *)t - offsetof(struct virtio_pci, t));
}

static struct device *child(struct device *dev)
{
    return (struct device *)((uint8_t *)dev + CHILD);
}

/* ---- interrupts -------------------------------------------------------------------------------- */

static void interrupt(struct virtio_transport *t)
{
    pci_set_intx(&of_transport(t)->pci, t->vdev && t->vdev->isr);
}

/* 4.1.5.1.2: with MSI-X on nothing else is used. */
static bool message(struct virtio_transport *t, unsigned n)
{
    struct virtio_pci *s = of_transport(t);
    unsigned v = n == VIRTIO_NO_QUEUE ? s->config_vector : s->vector[n];

    if (!pci_msix_enabled(&s->pci))
        return false;
    if (v != NO_VECTOR)
        pci_msix_send(&s->pci, v);
    return true;
}

/* 4.1.5.1.2.1: what cannot be had reads back as no vector. */
static uint16_t usable(const struct virtio_pci *s, uint64_t v)
{
    return v < s->pci.msix_n ? (uint16_t)v : NO_VECTOR;
}

static void set_queue_vector(struct virtio_pci *s, uint64_t v)
{
    if (s->queue < s->t.vdev->nqueues)
        s->vector[s->queue] = usable(s, v);
}

static uint16_t queue_vector(const struct virtio_pci *s)
{
    return s->queue < s->t.vdev->nqueues ? s->vector[s->queue] : NO_VECTOR;
}

/* Reading it clears it and lowers the line (4.1.4.5). */
static uint8_t take_isr(struct virtio_pci *s)
{
    uint8_t isr = s->t.vdev->isr;

    s->t.vdev->isr = 0;
    interrupt(&s->t);
    return isr;
}

/* ---- what both interfaces do ------------------------------------------------------------------- */

static void forget(struct virtio_pci *s)
{
    s->config_vector = NO_VECTOR;
    s->dev_sel = s->drv_sel = s->queue = 0;
    for (unsigned i = 0; i < VIRTIO_MAX_QUEUES; i++) {
        s->vector[i] = NO_VECTOR;
        s->pfn[i] = 0;
    }
}

static void write_status(struct virtio_pci *s, uint8_t val)
{
    struct virtio_device *v = s->t.vdev;

    if (s->t.legacy)         /* what a legacy driver accepts beyond the offer does not count */
        v->features &= virtio_host_features(v);
    virtio_set_status(v, val);
    if (!val)
        forget(s);
}

static void choose_interface(struct virtio_pci *s, bool legacy)
{
    if (!s->t.vdev->status)
        s->t.legacy = legacy;
}

static void set_half(uint64_t *addr, bool high, uint64_t val)
{
    *addr = high ? (uint32_t)*addr | val << 32 : (*addr & ~(uint64_t)UINT32_MAX) | (uint32_t)val;
}

static void write_features(struct virtio_pci *s, bool high, uint64_t val)
{
    struct virtio_device *v = s->t.vdev;

    if (v->status & (VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK))
        log_guest_error("virtio-pci: features changed too late");
    else
        set_half(&v->features, high, val);
}

/* ---- modern ------------------------------------------------------------------------------------ */

static uint64_t read_queue(const struct virtio_pci *s, unsigned off, unsigned size)
{
    const struct virtio_device *v = s->t.vdev;
    unsigned n = s->queue;

    if (n >= v->nqueues)
        return 0;
    switch (off) {
    case COMMON_QUEUE_SIZE:
        return v->vq_size[n];
    case COMMON_QUEUE_ENABLE:
        return v->vq_ready[n];
    case COMMON_QUEUE_NOTIFY:
        return n;
    case COMMON_QUEUE_DESC ... COMMON_QUEUE_AVAIL - 1:
        return v->vq_desc[n] >> (8 * (off & 7));
    case COMMON_QUEUE_AVAIL ... COMMON_QUEUE_USED - 1:
        return v->vq_avail[n] >> (8 * (off & 7));
    case COMMON_QUEUE_USED ... COMMON_SIZE - 1:
        return v->vq_used[n] >> (8 * (off & 7));
    default:
        log_guest_error("virtio-pci: read of %u bytes at offset 0x%x", size, off);
        return 0;
    }
}

static uint64_t read_common(struct virtio_pci *s, unsigned off, unsigned size)
{
    const struct virtio_device *v = s->t.vdev;

    choose_interface(s, false);
    switch (off) {
    case COMMON_DEV_FEAT_SEL:
        return s->dev_sel;
    case COMMON_DEV_FEATURES:
        return s->dev_sel > 1 ? 0 : (uint32_t)(virtio_host_features(v) >> (32 * s->dev_sel));
    case COMMON_DRV_FEAT_SEL:
        return s->drv_sel;
    case COMMON_DRV_FEATURES:
        return s->drv_sel > 1 ? 0 : (uint32_t)(v->features >> (32 * s->drv_sel));
    case COMMON_MSIX:
        return s->config_vector;
    case COMMON_NUM_QUEUES:
        return v->nqueues;
    case COMMON_STATUS:
        return v->status;
    case COMMON_GENERATION:
        return (uint8_t)v->generation;
    case COMMON_QUEUE_SEL:
        return s->queue;
    case COMMON_QUEUE_MSIX:
        return queue_vector(s);
    default:
        return read_queue(s, off, size);
    }
}

static void write_queue(struct virtio_pci *s, unsigned off, uint64_t val, unsigned size)
{
    struct virtio_device *v = s->t.vdev;
    unsigned n = s->queue;

    if (n >= v->nqueues || v->vq_ready[n]) {
        log_guest_error("virtio-pci: write of offset 0x%x for queue %u, which %s", off, n,
                        n >= v->nqueues ? "is not there" : "is in use");
        return;
    }
    if (off == COMMON_QUEUE_SIZE && size == 2)
        v->vq_size[n] = (uint16_t)val;
    else if (off == COMMON_QUEUE_ENABLE && val == 1)
        virtq_enable(v, n);
    else if (size != 4 || off < COMMON_QUEUE_DESC)
        log_guest_error("virtio-pci: write of %u bytes at offset 0x%x", size, off);
    else if (off < COMMON_QUEUE_AVAIL)
        set_half(&v->vq_desc[n], off & 4, val);
    else if (off < COMMON_QUEUE_USED)
        set_half(&v->vq_avail[n], off & 4, val);
    else if (off < COMMON_SIZE)
        set_half(&v->vq_used[n], off & 4, val);
}

static void write_common(struct virtio_pci *s, unsigned off, uint64_t val, unsigned size)
{
    choose_interface(s, false);
    switch (off) {
    case COMMON_DEV_FEAT_SEL:
        s->dev_sel = (uint32_t)val;
        break;
    case COMMON_DRV_FEAT_SEL:
        s->drv_sel = (uint32_t)val;
        break;
    case COMMON_DRV_FEATURES:
        if (s->drv_sel < 2)
            write_features(s, s->drv_sel, val);
        break;
    case COMMON_MSIX:
        s->config_vector = usable(s, val);
        break;
    case COMMON_STATUS:
        write_status(s, (uint8_t)val);
        break;
    case COMMON_QUEUE_SEL:
        s->queue = (uint16_t)val;
        break;
    case COMMON_QUEUE_MSIX:
        set_queue_vector(s, val);
        break;
    default:
        write_queue(s, off, val, size);
    }
}

static uint64_t modern_read(void *opaque, uint64_t off, unsigned size)
{
    struct virtio_pci *s = opaque;
    unsigned at = (unsigned)off % PART;

    switch ((enum modern_part)(off / PART)) {
    case PART_COMMON:
        return read_common(s, at, size);
    case PART_ISR:
        return at ? 0 : take_isr(s);
    case PART_DEVICE:
        return virtio_config_read(s->t.vdev, at, size);
    default:
        return 0;
    }
}

static void modern_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct virtio_pci *s = opaque;
    unsigned at = (unsigned)off % PART;

    switch ((enum modern_part)(off / PART)) {
    case PART_COMMON:
        write_common(s, at, val, size);
        break;
    case PART_ISR:
        log_guest_error("virtio-pci: write of the ISR status");
        break;
    case PART_DEVICE:
        virtio_config_write(s->t.vdev, at, size, val);
        break;
    case PART_NOTIFY:
        virtio_kick(s->t.vdev, at / NOTIFY_STEP);
        break;
    }
}

static const struct mmio_ops modern_ops = { .read = modern_read, .write = modern_write, .min_size = 1, .max_size = 4 };

/* ---- legacy ------------------------------------------------------------------------------------ */

static unsigned legacy_config(const struct virtio_pci *s)
{
    return pci_msix_enabled(&s->pci) ? LEGACY_END : LEGACY_MSIX;
}

static uint64_t legacy_read(void *opaque, uint64_t off, unsigned size)
{
    struct virtio_pci *s = opaque;
    const struct virtio_device *v = s->t.vdev;
    bool is_queue = s->queue < v->nqueues;

    choose_interface(s, true);
    if (off >= legacy_config(s))
        return virtio_config_read(s->t.vdev, (unsigned)off - legacy_config(s), size);
    switch ((enum legacy_reg)off) {
    case LEGACY_DEV_FEATURES:
        return (uint32_t)virtio_host_features(v);
    case LEGACY_DRV_FEATURES:
        return (uint32_t)v->features;
    case LEGACY_QUEUE_PFN:
        return is_queue ? s->pfn[s->queue] : 0;
    case LEGACY_QUEUE_SIZE:
        return is_queue ? v->vq_max[s->queue] : 0;
    case LEGACY_QUEUE_SEL:
        return s->queue;
    case LEGACY_STATUS:
        return v->status;
    case LEGACY_ISR:
        return take_isr(s);
    case LEGACY_MSIX:
        return s->config_vector;
    case LEGACY_QUEUE_MSIX:
        return queue_vector(s);
    default:
        log_guest_error("virtio-pci: read of legacy offset 0x%x", (unsigned)off);
        return 0;
    }
}

static void write_pfn(struct virtio_pci *s, uint32_t pfn)
{
    if (s->queue >= s->t.vdev->nqueues)
        return;
    s->pfn[s->queue] = pfn;
    virtq_place_legacy(s->t.vdev, s->queue, (uint64_t)pfn << PAGE_SHIFT, 1u << PAGE_SHIFT);
}

static void legacy_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct virtio_pci *s = opaque;

    choose_interface(s, true);
    if (off >= legacy_config(s)) {
        virtio_config_write(s->t.vdev, (unsigned)off - legacy_config(s), size, val);
        return;
    }
    switch ((enum legacy_reg)off) {
    case LEGACY_DRV_FEATURES:
        write_features(s, false, val);
        break;
    case LEGACY_QUEUE_PFN:
        write_pfn(s, (uint32_t)val);
        break;
    case LEGACY_QUEUE_SEL:
        s->queue = (uint16_t)val;
        break;
    case LEGACY_NOTIFY:
        virtio_kick(s->t.vdev, (uint16_t)val);
        break;
    case LEGACY_STATUS:
        write_status(s, (uint8_t)val);
        break;
    case LEGACY_MSIX:
        s->config_vector = usable(s, val);
        break;
    case LEGACY_QUEUE_MSIX:
        set_queue_vector(s, val);
        break;
    default:
        log_guest_error("virtio-pci: write of legacy offset 0x%x", (unsigned)off);
    }
}

static const struct mmio_ops legacy_ops = { .read = legacy_read, .write = legacy_write, .min_size = 1, .max_size = 4 };

/* ---- capabilities ------------------------------------------------------------------------------ */

/* 4.1.4.7: the driver names a place in a BAR; its data register is what lies there. */
static bool window_at(const struct virtio_pci *s, unsigned *bar, uint32_t *off, unsigned *len)
{
    const uint8_t *c = s->pci.config + s->window;

    *bar = c[CAP_BAR];
    *off = ld32_le(c + CAP_OFFSET);
    *len = ld32_le(c + CAP_LENGTH);
    return (*len == 1 || *len == 2 || *len == 4) && !(*off & (*len - 1));
}

static bool is_window(const struct virtio_pci *s, unsigned off, unsigned len)
{
    return s->window && off < s->window + CAP_SIZE && s->window + CAP_MORE < off + len;
}

static void config_read(struct pci_device *pci, unsigned at, unsigned n)
{
    struct virtio_pci *s = (struct virtio_pci *)pci;
    unsigned bar, len;
    uint32_t off;

    if (is_window(s, at, n) && window_at(s, &bar, &off, &len))
        st32_le(pci->config + s->window + CAP_MORE, (uint32_t)pci_bar_read(pci, bar, off, len));
}

static void config_written(struct pci_device *pci, unsigned at, unsigned n)
{
    struct virtio_pci *s = (struct virtio_pci *)pci;
    unsigned bar, len;
    uint32_t off, val;

    if (!is_window(s, at, n) || !window_at(s, &bar, &off, &len))
        return;
    val = ld32_le(pci->config + s->window + CAP_MORE);
    pci_bar_write(pci, bar, off, len, len == 4 ? val : val & ((1u << (8 * len)) - 1));
}

static unsigned add_capability(struct virtio_pci *s, enum cfg_type type, unsigned len, unsigned bar, uint32_t off, uint32_t size)
{
    unsigned at = pci_add_capability(&s->pci, PCI_CAP_VENDOR, len);
    uint8_t *c = s->pci.config + at;

    c[CAP_LEN] = (uint8_t)len;
    c[CAP_TYPE] = type;
    c[CAP_BAR] = (uint8_t)bar;
    st32_le(c + CAP_OFFSET, off);
    st32_le(c + CAP_LENGTH, size);
    return at;
}

static void add_modern(struct virtio_pci *s)
{
    uint8_t *mask;
    unsigned at;

    pci_add_bar(&s->pci, MODERN_BAR, PCI_BAR_MEM64 | PCI_BAR_PREFETCH, MODERN_SIZE, &modern_ops, s);
    s->window = add_capability(s, CFG_PCI, CAP_SIZE, 0, 0, 0);
    mask = s->pci.wmask + s->window;
    mask[CAP_BAR] = 0xff;
    memset(mask + CAP_OFFSET, 0xff, CAP_SIZE - CAP_OFFSET);
    at = add_capability(s, CFG_NOTIFY, CAP_SIZE, MODERN_BAR, PART_NOTIFY * PART, PART);
    st32_le(s->pci.config + at + CAP_MORE, NOTIFY_STEP);
    add_capability(s, CFG_DEVICE, CAP_MORE, MODERN_BAR, PART_DEVICE * PART, PART);
    add_capability(s, CFG_ISR, CAP_MORE, MODERN_BAR, PART_ISR * PART, PART);
    add_capability(s, CFG_COMMON, CAP_MORE, MODERN_BAR, PART_COMMON * PART, PART);
    s->pci.config_read = config_read;
    s->pci.config_written = config_written;
}

static void add_legacy(struct virtio_pci *s)
{
    unsigned size = 32;

    while (size < LEGACY_END + s->t.vdev->ops->config_len)
        size *= 2;
    pci_add_bar(&s->pci, LEGACY_BAR, PCI_BAR_IO, size, &legacy_ops, s);
}

/* ---- life -------------------------------------------------------------------------------------- */

static bool fail(GError **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error(err, g_quark_from_static_string("virtio-pci"), 0, "%s", text);
    return false;
}

/* 4.1.2: a transitional device has an old ID, revision 0 and its kind as subsystem. */
static struct pci_ids ids_of(const struct virtio_pci *s, uint16_t id)
{
    static const struct { uint16_t old; uint32_t class_code; } kinds[] = {
        [VIRTIO_ID_NET] = { 0x1000, 0x020000 }, [VIRTIO_ID_BLOCK] = { 0x1001, 0x010000 }, [VIRTIO_ID_CONSOLE] = { 0x1003, 0x078000 },
        [VIRTIO_ID_RNG] = { 0x1005, 0x00ff00 }, [VIRTIO_ID_BALLOON] = { 0x1002, 0x00ff00 },
    };

    g_assert(id < G_N_ELEMENTS(kinds) && kinds[id].old);
    return (struct pci_ids){ .vendor = VIRTIO_VENDOR, .device = s->has_legacy ? kinds[id].old : (uint16_t)(0x1040 + id),
                             .subsystem_vendor = VIRTIO_VENDOR, .subsystem = s->has_legacy ? id : 0x1100,
                             .class_code = kinds[id].class_code, .revision = !s->has_legacy, .intx = true };
}

static bool check_props(struct virtio_pci *s, GError **err)
{
    const char *off = s->disable_legacy ? s->disable_legacy : "auto";

    if (strcmp(off, "on") && strcmp(off, "off") && strcmp(off, "auto"))
        return fail(err, "disable-legacy=%s: it must be on, off or auto", off);
    s->has_legacy = strcmp(off, "on");
    if (!s->has_legacy && s->disable_modern)
        return fail(err, "disable-legacy=on and disable-modern=on leave nothing");
    if (s->vectors != VECTORS_AUTO && s->vectors > PCI_MSIX_MAX)
        return fail(err, "vectors=%u: it takes 0 to %d", s->vectors, PCI_MSIX_MAX);
    return true;
}

static bool realize_child(struct virtio_pci *s, GError **err)
{
    struct device *dev = child(&s->pci.dev);

    dev->type = s->pci.dev.type->class_data;
    dev->machine = s->pci.dev.machine;
    dev->id = s->pci.dev.id;
    dev->parent_bus = &s->t.dev;
    s->t.interrupt = interrupt;
    s->t.message = message;
    s->t.legacy = s->disable_modern;
    dev->realized = dev->type->realize(dev, err);        /* errors name the type that the user knows */
    return dev->realized;
}

static bool vpci_realize(struct device *dev, GError **err)
{
    struct virtio_pci *s = (struct virtio_pci *)dev;
    const struct device_type *type = dev->type->class_data;
    const struct virtio_ops *ops = type->class_data;
    struct pci_ids ids;
    uint32_t n;

    if (!check_props(s, err))
        return false;
    ids = ids_of(s, ops->id);
    if (!pci_device_init(&s->pci, &ids, err))
        return false;
    if (!realize_child(s, err)) {
        pci_device_fini(&s->pci);
        return false;
    }
    if (ops->id == VIRTIO_ID_NET)
        s->pci.default_rom = "efi-virtio.rom";   /* iPXE */
    n = s->vectors == VECTORS_AUTO ? s->t.vdev->nqueues + 1 : s->vectors;
    if (s->has_legacy)
        add_legacy(s);
    if (n)
        pci_msix_init(&s->pci, n, MSIX_BAR);
    if (!s->disable_modern)
        add_modern(s);
    forget(s);
    return true;
}

static void vpci_reset(struct device *dev)
{
    struct virtio_pci *s = (struct virtio_pci *)dev;

    device_reset(child(dev));
    pci_device_reset(&s->pci);
    forget(s);
    s->t.legacy = s->disable_modern;
}

static void vpci_unrealize(struct device *dev)
{
    struct device *c = child(dev);

    if (c->type->unrealize)
        c->type->unrealize(c);
    pci_device_fini(&((struct virtio_pci *)dev)->pci);
}

static void vpci_run_state(struct device *dev, bool running)
{
    struct device *c = child(dev);

    if (c->type->run_state)
        c->type->run_state(c, running);
}

static bool vpci_post_load(struct device *dev, GError **err)
{
    struct virtio_pci *s = (struct virtio_pci *)dev;
    struct device *c = child(dev);

    s->t.legacy = s->disable_modern || (s->t.legacy && s->has_legacy);
    s->config_vector = usable(s, s->config_vector);
    for (unsigned i = 0; i < VIRTIO_MAX_QUEUES; i++)
        s->vector[i] = usable(s, s->vector[i]);
    return pci_device_post_load(&s->pci, err) && (!c->type->post_load || c->type->post_load(c, err));
}

struct device *virtio_pci_child(struct device *dev)
{
    return dev->type->realize == vpci_realize ? child(dev) : dev;
}

/* ---- types ------------------------------------------------------------------------------------- */

static const struct device_prop own_props[] = {
    PCI_PROPS(struct virtio_pci),
    PROP(struct virtio_pci, disable_legacy, "disable-legacy", PROP_STR, 0, "on: no legacy registers; off, auto: both"),
    PROP(struct virtio_pci, disable_modern, "disable-modern", PROP_BOOL, false, "legacy registers only"),
    PROP(struct virtio_pci, vectors, "vectors", PROP_U32, VECTORS_AUTO, "MSI-X vectors, 0: none; one for each queue and one more if not given"),
};

static const struct state_field own_state[] = {
    PCI_STATE, STATE(struct virtio_pci, t.legacy), STATE(struct virtio_pci, dev_sel), STATE(struct virtio_pci, drv_sel),
    STATE(struct virtio_pci, queue), STATE(struct virtio_pci, config_vector), STATE_ARRAY(struct virtio_pci, vector),
    STATE_ARRAY(struct virtio_pci, pfn),
};

/* Ours, then the device's own with their offsets behind us. */
static const struct device_prop *join_props(const struct device_prop *more)
{
    GArray *all = g_array_new(TRUE, FALSE, sizeof(*more));

    g_array_append_vals(all, own_props, G_N_ELEMENTS(own_props));
    for (; more && more->name; more++) {
        struct device_prop p = *more;

        p.offset += CHILD;
        g_array_append_val(all, p);
    }
    return (const struct device_prop *)(void *)g_array_free(all, FALSE);
}

static const struct state_field *join_state(const struct state_field *more)
{
    GArray *all = g_array_new(TRUE, FALSE, sizeof(*more));

    g_array_append_vals(all, own_state, G_N_ELEMENTS(own_state));
    for (; more->name; more++) {
        struct state_field f = *more;

        f.offset += (uint32_t)CHILD;
        g_array_append_val(all, f);
    }
    return (const struct state_field *)(void *)g_array_free(all, FALSE);
}

/* Types live as long as the process. */
void virtio_device_register(const struct device_type *type)
{
    struct device_type *t = g_new0(struct device_type, 1);

    g_assert(g_str_has_suffix(type->name, "-device"));
    device_register(type);
    *t = (struct device_type){
        .desc = g_strdup_printf("%s, on PCI", type->desc), .size = CHILD + type->size, .user_creatable = true, .bus = "PCI",
        .class_data = type, .props = join_props(type->props), .state = join_state(type->state), .realize = vpci_realize,
        .reset = vpci_reset, .unrealize = vpci_unrealize, .run_state = vpci_run_state, .post_load = vpci_post_load,
    };
    t->alias = g_strndup(type->name, strlen(type->name) - strlen("-device"));
    t->name = g_strconcat(t->alias, "-pci", NULL);
    device_register(t);
}
