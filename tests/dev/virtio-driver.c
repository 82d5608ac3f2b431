/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests' own virtio driver. */
#include "config.h"
#include "tests/dev/virtio-driver.h"
#include "util/endian.h"

void vd_init(struct virtio_driver *d, struct harness *h, const char *type, bool legacy)
{
    vd_init_at(d, h, type, legacy, VMMIO, VQ_BASE, VQ_LINE);
}

void vd_init_at(struct virtio_driver *d, struct harness *h, const char *type, bool legacy, uint64_t base, uint64_t rings, int line)
{
    *d = (struct virtio_driver){ .h = h, .legacy = legacy, .base = base, .rings = rings };
    d->transport = harness_device(h, "virtio-mmio");
    ck_assert(device_set_prop(d->transport, "force-legacy", legacy ? "on" : "off", NULL));
    harness_realize(h, d->transport, base);
    harness_watch(h, d->transport, 0, 1, line);
    d->dev = harness_device(h, type);
    d->dev->parent_bus = d->transport;
    d->ram = bus_ram(h->m->bus, HARNESS_RAM, NULL, NULL);
}

void vd_plug(struct virtio_driver *d)
{
    harness_realize(d->h, d->dev, 0);
}

uint32_t vd_read(struct virtio_driver *d, unsigned reg)
{
    return dev_read32(d->h, d->base + reg);
}

void vd_write(struct virtio_driver *d, unsigned reg, uint32_t val)
{
    dev_write32(d->h, d->base + reg, val);
}

/* Layout of the legacy version serves both: the used ring is page aligned. */
static uint64_t desc_addr(const struct virtio_driver *d, unsigned q)
{
    return d->rings + q * VQ_STRIDE;
}

static void setup_queue(struct virtio_driver *d, unsigned q)
{
    vd_write(d, V_QSEL, q);
    vd_write(d, V_QNUM, VQ_SIZE);
    memset(vq_desc(d, q), 0, VQ_STRIDE);
    if (d->legacy) {
        vd_write(d, V_QALIGN, 4096);
        vd_write(d, V_PFN, (uint32_t)(desc_addr(d, q) / 4096));
        return;
    }
    vd_write(d, V_DESC, (uint32_t)desc_addr(d, q));
    vd_write(d, V_AVAIL, (uint32_t)desc_addr(d, q) + 16 * VQ_SIZE);
    vd_write(d, V_USED, (uint32_t)desc_addr(d, q) + 4096);
    vd_write(d, V_READY, 1);
}

void vd_start(struct virtio_driver *d, uint32_t features, unsigned nqueues)
{
    uint32_t status = 3;

    vd_write(d, V_STATUS, 0);
    vd_write(d, V_STATUS, status);
    vd_write(d, V_DRVSEL, 0);
    vd_write(d, V_DRVFEAT, features);
    if (d->legacy) {
        vd_write(d, V_PAGE, 4096);
    } else {
        vd_write(d, V_DRVSEL, 1);
        vd_write(d, V_DRVFEAT, 1);
        status |= 8;
        vd_write(d, V_STATUS, status);
        ck_assert_uint_eq(vd_read(d, V_STATUS), status);
    }
    for (unsigned q = 0; q < nqueues; q++)
        setup_queue(d, q);
    vd_write(d, V_STATUS, status | 4);
}

uint8_t *vq_desc(struct virtio_driver *d, unsigned q)
{
    return d->ram + (desc_addr(d, q) - HARNESS_RAM);
}

uint8_t *vq_avail(struct virtio_driver *d, unsigned q)
{
    return vq_desc(d, q) + 16 * VQ_SIZE;
}

uint8_t *vq_used(struct virtio_driver *d, unsigned q)
{
    return vq_desc(d, q) + 4096;
}

void vq_set_desc(struct virtio_driver *d, unsigned q, unsigned i, uint64_t addr, uint32_t len, unsigned flags,
                 unsigned next)
{
    uint8_t *p = vq_desc(d, q) + 16 * i;

    st64_le(p, addr);
    st32_le(p + 8, len);
    st16_le(p + 12, (uint16_t)flags);
    st16_le(p + 14, (uint16_t)next);
}

void vq_kick(struct virtio_driver *d, unsigned q)
{
    vd_write(d, V_NOTIFY, q);
}

void vq_offer(struct virtio_driver *d, unsigned q, unsigned head)
{
    uint8_t *a = vq_avail(d, q);
    uint16_t idx = ld16_le(a + 2);

    st16_le(a + 4 + 2 * (idx % VQ_SIZE), (uint16_t)head);
    st16_le(a + 2, idx + 1);
    vq_kick(d, q);
}

unsigned vq_used_idx(struct virtio_driver *d, unsigned q)
{
    return ld16_le(vq_used(d, q) + 2);
}

uint32_t vq_used_len(struct virtio_driver *d, unsigned q, unsigned i)
{
    return ld32_le(vq_used(d, q) + 4 + 8 * i + 4);
}
