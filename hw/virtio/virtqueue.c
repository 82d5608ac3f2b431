/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Split virtqueues (virtio 1.1, 2.6) in guest memory. See virtio.h for the rules about what the guest may do to us. */
#include "config.h"
#include "hw/virtio/virtio.h"
#include "softmmu/dma.h"
#include "util/endian.h"

enum virtq_desc_flags { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4 };     /* 2.6.5 */
#define DESC_SIZE 16u
#define AVAIL_NO_INTERRUPT 1u        /* 2.6.6 */
/* Offsets in the rings: flags, index, entries, event. */
#define RING_IDX 2u
#define RING_ENTRIES 4u
#define AVAIL_ENTRY 2u
#define USED_ENTRY 8u

struct desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
};

/* A table of descriptors: the queue's, or an indirect one. */
struct table {
    uint64_t addr;
    uint32_t size;           /* entries */
};

/* ---- set-up ------------------------------------------------------------------------------------ */

static bool is_ram(struct virtio_device *vdev, uint64_t addr, uint64_t len)
{
    uint64_t room;
    bool readonly;

    return bus_ram(device_bus(&vdev->dev), addr, &room, &readonly) && room >= len && !readonly;
}

bool virtq_enable(struct virtio_device *vdev, unsigned n)
{
    uint32_t size = vdev->vq_size[n];

    if (!size || size > vdev->vq_max[n] || size & (size - 1)) {
        virtio_broken(vdev, "queue %u has %u entries", n, size);
        return false;
    }
    if (vdev->vq_desc[n] & 15 || vdev->vq_avail[n] & 1 || vdev->vq_used[n] & 3 ||
        !is_ram(vdev, vdev->vq_desc[n], DESC_SIZE * size) ||
        !is_ram(vdev, vdev->vq_avail[n], RING_ENTRIES + AVAIL_ENTRY * size + 2) ||
        !is_ram(vdev, vdev->vq_used[n], RING_ENTRIES + USED_ENTRY * size + 2)) {
        virtio_broken(vdev, "queue %u is not in RAM or misaligned", n);
        return false;
    }
    vdev->vq_ready[n] = 1;
    return true;
}

void virtq_disable(struct virtio_device *vdev, unsigned n)
{
    vdev->vq_ready[n] = 0;
    vdev->vq_next[n] = vdev->vq_used_idx[n] = vdev->vq_signalled[n] = 0;
    vdev->vq_desc[n] = vdev->vq_avail[n] = vdev->vq_used[n] = 0;
}

void virtq_place_legacy(struct virtio_device *vdev, unsigned n, uint64_t base, uint32_t align)
{
    uint64_t avail_end;

    virtq_disable(vdev, n);
    if (!base)
        return;
    vdev->vq_desc[n] = base;
    vdev->vq_avail[n] = base + DESC_SIZE * vdev->vq_size[n];
    avail_end = vdev->vq_avail[n] + RING_ENTRIES + AVAIL_ENTRY * (uint64_t)vdev->vq_size[n] + 2;
    vdev->vq_used[n] = (avail_end + align - 1) & ~(uint64_t)(align - 1);
    virtq_enable(vdev, n);
}

/* ---- taking buffers ---------------------------------------------------------------------------- */

static uint16_t read16(struct virtio_device *vdev, uint64_t addr)
{
    uint16_t v;

    if (!dma_read16(device_bus(&vdev->dev), addr, &v))
        virtio_broken(vdev, "ring at 0x%llx is not in RAM", (unsigned long long)addr);
    return v;
}

static void write16(struct virtio_device *vdev, uint64_t addr, uint16_t v)
{
    if (!dma_write16(device_bus(&vdev->dev), addr, v))
        virtio_broken(vdev, "ring at 0x%llx is not in RAM", (unsigned long long)addr);
}

static bool read_desc(struct virtio_device *vdev, const struct table *t, uint32_t i, struct desc *d)
{
    uint8_t raw[DESC_SIZE];

    if (i >= t->size) {
        virtio_broken(vdev, "descriptor %u of %u", i, t->size);
        return false;
    }
    if (!dma_read(device_bus(&vdev->dev), t->addr + DESC_SIZE * (uint64_t)i, raw, sizeof(raw))) {
        virtio_broken(vdev, "descriptor table at 0x%llx is not in RAM", (unsigned long long)t->addr);
        return false;
    }
    d->addr = ld64_le(raw);
    d->len = ld32_le(raw + 8);
    d->flags = ld16_le(raw + 12);
    d->next = ld16_le(raw + 14);
    return true;
}

static bool add_segment(struct virtio_device *vdev, struct virtq_element *e, const struct desc *d)
{
    uint32_t *len = d->flags & DESC_WRITE ? &e->write_len : &e->read_len;
    unsigned n = e->nread + e->nwrite;

    if (n == VIRTQ_MAX_SEGMENTS || d->len > UINT32_MAX - *len) {
        virtio_broken(vdev, "a chain of too many descriptors or bytes");
        return false;
    }
    if (!(d->flags & DESC_WRITE) && e->nwrite) {
        virtio_broken(vdev, "a part to read after one to write");
        return false;
    }
    e->seg[n] = (struct virtq_segment){ d->addr, d->len };
    *len += d->len;
    if (d->flags & DESC_WRITE)
        e->nwrite++;
    else
        e->nread++;
    return true;
}

/* 2.6.5.3: the table replaces the queue's; it must hold whole descriptors. */
static bool enter_indirect(struct virtio_device *vdev, const struct desc *d, struct table *t)
{
    if (!virtio_has(vdev, VIRTIO_F_INDIRECT_DESC) || d->flags & DESC_NEXT || !d->len || d->len % DESC_SIZE ||
        d->len / DESC_SIZE > VIRTQ_MAX_SEGMENTS) {
        virtio_broken(vdev, "bad indirect descriptor");
        return false;
    }
    *t = (struct table){ d->addr, d->len / DESC_SIZE };
    return true;
}

/* Follow a chain. It ends: a loop would have more descriptors than the table. */
static bool collect(struct virtio_device *vdev, unsigned n, struct virtq_element *e)
{
    struct table t = { vdev->vq_desc[n], vdev->vq_size[n] };
    uint32_t i = e->head, seen = 0;
    bool indirect = false;
    struct desc d;

    for (;;) {
        if (seen++ >= t.size) {
            virtio_broken(vdev, "a chain of descriptors with a loop");
            return false;
        }
        if (!read_desc(vdev, &t, i, &d))
            return false;
        if (d.flags & DESC_INDIRECT) {
            if (indirect || !enter_indirect(vdev, &d, &t)) {
                virtio_broken(vdev, "bad indirect descriptor");
                return false;
            }
            indirect = true;
            i = seen = 0;
            continue;
        }
        if (!add_segment(vdev, e, &d))
            return false;
        if (!(d.flags & DESC_NEXT))
            return true;
        i = d.next;
    }
}

/* Tell the driver at which index we want to be kicked next: at the first that we have not seen (2.6.10). */
static void ask_for_kick(struct virtio_device *vdev, unsigned n)
{
    if (virtio_has(vdev, VIRTIO_F_EVENT_IDX))
        write16(vdev, vdev->vq_used[n] + RING_ENTRIES + USED_ENTRY * vdev->vq_size[n], vdev->vq_next[n]);
}

struct virtq_element *virtq_pop(struct virtio_device *vdev, unsigned n)
{
    struct virtq_element *e;
    uint16_t idx, waiting;

    if (!virtio_running(vdev, n))
        return NULL;
    idx = read16(vdev, vdev->vq_avail[n] + RING_IDX);
    if (idx == vdev->vq_next[n]) {
        ask_for_kick(vdev, n);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);       /* look again: it may have missed the wish */
        idx = read16(vdev, vdev->vq_avail[n] + RING_IDX);
    }
    waiting = idx - vdev->vq_next[n];
    if (waiting > vdev->vq_size[n])
        virtio_broken(vdev, "%u buffers in queue %u of %u", waiting, n, vdev->vq_size[n]);
    if (!waiting || vdev->broken)
        return NULL;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);     /* the entry is written before the index */
    e = g_malloc(sizeof(*e));
    e->nread = e->nwrite = 0;
    e->read_len = e->write_len = 0;
    e->head = read16(vdev, vdev->vq_avail[n] + RING_ENTRIES +
                     AVAIL_ENTRY * (vdev->vq_next[n] & (vdev->vq_size[n] - 1u)));
    if (vdev->broken || !collect(vdev, n, e)) {
        g_free(e);
        return NULL;
    }
    vdev->vq_next[n]++;
    ask_for_kick(vdev, n);
    return e;
}

void virtq_unpop(struct virtio_device *vdev, unsigned n)
{
    vdev->vq_next[n]--;
}

/* ---- giving them back -------------------------------------------------------------------------- */

/* The i-th entry behind the used index, which does not count yet. */
static bool put_used(struct virtio_device *vdev, unsigned n, unsigned i, uint32_t head, uint32_t written)
{
    uint16_t idx = vdev->vq_used_idx[n] + (uint16_t)i;
    uint8_t raw[USED_ENTRY];

    st32_le(raw, head);
    st32_le(raw + 4, written);
    if (dma_write(device_bus(&vdev->dev),
                  vdev->vq_used[n] + RING_ENTRIES + USED_ENTRY * (idx & (vdev->vq_size[n] - 1u)), raw, sizeof(raw)))
        return true;
    virtio_broken(vdev, "used ring of queue %u is not in RAM", n);
    return false;
}

void virtq_push_all(struct virtio_device *vdev, unsigned n, struct virtq_element **e, const uint32_t *written, unsigned count)
{
    bool ok = virtio_running(vdev, n);

    for (unsigned i = 0; i < count; i++) {
        ok = ok && put_used(vdev, n, i, e[i]->head, written[i]);
        g_free(e[i]);
    }
    if (!ok)
        return;
    __atomic_thread_fence(__ATOMIC_RELEASE);     /* the entries before the index */
    vdev->vq_used_idx[n] += (uint16_t)count;
    write16(vdev, vdev->vq_used[n] + RING_IDX, vdev->vq_used_idx[n]);
}

void virtq_push(struct virtio_device *vdev, unsigned n, struct virtq_element *e, uint32_t written)
{
    virtq_push_all(vdev, n, &e, &written, 1);
}

/* 2.6.7, 2.6.8: by flag, or when the index that the driver named was passed since the last interrupt. */
static bool wants_interrupt(struct virtio_device *vdev, unsigned n)
{
    uint16_t idx = vdev->vq_used_idx[n], old = vdev->vq_signalled[n], event;

    __atomic_thread_fence(__ATOMIC_SEQ_CST);     /* our index before the driver's wish */
    if (!virtio_has(vdev, VIRTIO_F_EVENT_IDX))
        return !(read16(vdev, vdev->vq_avail[n]) & AVAIL_NO_INTERRUPT);
    event = read16(vdev, vdev->vq_avail[n] + RING_ENTRIES + AVAIL_ENTRY * vdev->vq_size[n]);
    return (uint16_t)(idx - event - 1) < (uint16_t)(idx - old);
}

void virtq_notify(struct virtio_device *vdev, unsigned n)
{
    if (!virtio_running(vdev, n) || vdev->vq_used_idx[n] == vdev->vq_signalled[n])
        return;
    if (wants_interrupt(vdev, n))
        virtio_signal(vdev, n);
    vdev->vq_signalled[n] = vdev->vq_used_idx[n];
}

/* ---- contents ---------------------------------------------------------------------------------- */

static uint32_t copy(struct virtio_device *vdev, const struct virtq_segment *seg, unsigned nseg, uint32_t off,
                     uint8_t *buf, uint32_t len, bool write)
{
    struct bus *bus = device_bus(&vdev->dev);
    uint32_t done = 0;

    for (unsigned i = 0; i < nseg && done < len; i++) {
        uint32_t n;
        bool ok;

        if (off >= seg[i].len) {
            off -= seg[i].len;
            continue;
        }
        n = MIN(seg[i].len - off, len - done);
        ok = write ? dma_write(bus, seg[i].addr + off, buf + done, n) : dma_read(bus, seg[i].addr + off, buf + done, n);
        if (!ok) {
            virtio_broken(vdev, "a buffer at 0x%llx is not in RAM", (unsigned long long)seg[i].addr);
            return done;
        }
        done += n;
        off = 0;
    }
    return done;
}

uint32_t virtq_read(struct virtio_device *vdev, const struct virtq_element *e, uint32_t off, void *buf, uint32_t len)
{
    return copy(vdev, e->seg, e->nread, off, buf, len, false);
}

uint32_t virtq_write(struct virtio_device *vdev, const struct virtq_element *e, uint32_t off, const void *buf,
                     uint32_t len)
{
    return copy(vdev, e->seg + e->nread, e->nwrite, off, (uint8_t *)buf, len, true);
}
