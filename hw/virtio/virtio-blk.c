/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio block device (virtio 1.1, 5.2): several queues, flush, discard, write zeroes, topology, writeback switch, serial number.
 *
 * Data goes between the image and guest memory in place: a request holds host addresses of the driver's buffers, and a reset waits for
 * those under way. A failed request is reported, ignored, or kept while the machine stands, as the drive's error policy says.
 * A driver that takes neither VIRTIO_BLK_F_FLUSH nor _CONFIG_WCE gets write-through (5.2.6.2).
 * Not modelled: SCSI commands, secure erase, lifetime.
 */
#include "config.h"
#include <string.h>
#include "block/block.h"
#include "hw/virtio/virtio.h"
#include "softmmu/dma.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/log.h"

#define BLK_MAX_QUEUES 64
#define BLK_HEADER 16
#define BLK_ID_BYTES 20
#define BLK_RANGE 16                 /* struct virtio_blk_discard_write_zeroes */
#define BLK_MAX_RANGES 32
#define BLK_RANGE_UNMAP 1u
#define BLK_UNDER_WAY 1024           /* requests at once; a driver with more waits */
#define BLK_PIECES 8                 /* more pieces of memory than descriptors: buffers may span regions of RAM */
#define BLK_HEADS 16                 /* of a disk that says nothing about its geometry */
#define BLK_TRACK 63
#define BLK_MAX_CYLINDERS 16383

enum blk_feature {
    BLK_F_SEG_MAX = 2, BLK_F_GEOMETRY = 4, BLK_F_RO = 5, BLK_F_BLK_SIZE = 6, BLK_F_FLUSH = 9, BLK_F_TOPOLOGY = 10,
    BLK_F_CONFIG_WCE = 11, BLK_F_MQ = 12, BLK_F_DISCARD = 13, BLK_F_WRITE_ZEROES = 14,
};

/* 5.2.4 */
enum blk_config {
    BLK_CONFIG_CAPACITY = 0, BLK_CONFIG_SEG_MAX = 12, BLK_CONFIG_CYLINDERS = 16, BLK_CONFIG_HEADS = 18, BLK_CONFIG_TRACK = 19,
    BLK_CONFIG_BLK_SIZE = 20, BLK_CONFIG_PHYSICAL_EXP = 24, BLK_CONFIG_MIN_IO = 26, BLK_CONFIG_OPT_IO = 28,
    BLK_CONFIG_WRITEBACK = 32, BLK_CONFIG_NUM_QUEUES = 34, BLK_CONFIG_DISCARD_SECTORS = 36, BLK_CONFIG_DISCARD_SEG = 40,
    BLK_CONFIG_DISCARD_ALIGN = 44, BLK_CONFIG_ZEROES_SECTORS = 48, BLK_CONFIG_ZEROES_SEG = 52, BLK_CONFIG_ZEROES_UNMAP = 56,
    BLK_CONFIG_LEN = 60,
};

enum blk_type { BLK_T_IN = 0, BLK_T_OUT = 1, BLK_T_FLUSH = 4, BLK_T_GET_ID = 8, BLK_T_DISCARD = 11, BLK_T_WRITE_ZEROES = 13 };
enum blk_status { BLK_S_OK = 0, BLK_S_IOERR = 1, BLK_S_UNSUPP = 2 };

/* One call of block_submitv. */
struct blk_io {
    enum block_op op;
    unsigned flags;
    uint64_t offset, len;
};

struct blk_request {
    struct virtio_blk *s;
    struct blk_request *next;        /* of those that are kept */
    struct virtq_element *e;
    uint64_t epoch;
    unsigned queue;
    uint32_t type;
    struct blk_io io;
    uint8_t *ranges;                 /* BLK_RANGE bytes each: discard and write zeroes, one after the other */
    unsigned nranges, range;
    unsigned npieces;
    struct iovec piece[];
};

/* Owner: the device lock. */
struct virtio_blk {
    struct virtio_device vdev;
    struct block *drive;             /* properties */
    char *serial, *werror, *rerror, *write_cache;
    uint32_t num_queues, queue_size, cylinders, heads, track, max_discard, max_zeroes, discard_granularity;
    uint64_t logical, physical, min_io, opt_io;
    bool config_wce, discard, zeroes;
    enum block_on_error on_read, on_write;
    bool wce_default;

    uint8_t wce;                     /* the driver's choice */

    uint64_t epoch;                  /* advances at reset: completions of before are dropped */
    unsigned under_way;              /* requests that were popped, not those that are kept */
    bool halted;                     /* the machine stands */
    bool waiting;                    /* queues have more than was taken so far */
    bool bh;
    bool notify[BLK_MAX_QUEUES];     /* queues to tell the driver about */
    struct blk_request *kept, **kept_end;
};

static void look_again(struct virtio_blk *s);

/* ---- the end of a request ------------------------------------------------------------------------ */

/* What a read put into guest memory, whoever waits for it still. */
static void mark_written(const struct blk_request *r)
{
    const struct virtq_element *e = r->e;

    for (unsigned i = e->nread; i < e->nread + e->nwrite; i++)
        bus_changed(device_bus(&r->s->vdev.dev), e->seg[i].addr, e->seg[i].len);
}

static void free_request(struct blk_request *r)
{
    g_free(r->ranges);
    g_free(r);
}

static void complete(struct blk_request *r, enum blk_status status)
{
    struct virtio_blk *s = r->s;
    uint8_t byte = status;
    uint32_t written = 0;

    s->under_way--;
    if (r->epoch != s->epoch) {
        g_free(r->e);
    } else {
        if (r->type == BLK_T_IN && status == BLK_S_OK)
            written = (uint32_t)r->io.len;
        written += virtq_write(&s->vdev, r->e, r->e->write_len - 1, &byte, 1);
        virtq_push(&s->vdev, r->queue, r->e, written);
        s->notify[r->queue] = true;
    }
    free_request(r);
}

static void notify_driver(struct virtio_blk *s)
{
    for (unsigned n = 0; n < s->num_queues; n++)
        if (s->notify[n]) {
            s->notify[n] = false;
            virtq_notify(&s->vdev, n);
        }
}

/* Several requests have ended: one interrupt for them. */
static void batch_end(void *opaque)
{
    struct virtio_blk *s = opaque;

    notify_driver(s);
    if (s->waiting && s->under_way <= BLK_UNDER_WAY / 2)
        look_again(s);
}

/* ---- I/O ------------------------------------------------------------------------------------------- */

static bool next_range(struct blk_request *r);
static void submit(struct blk_request *r);

/* Until the machine goes on. */
static void keep(struct blk_request *r)
{
    struct virtio_blk *s = r->s;

    s->under_way--;
    r->next = NULL;
    *s->kept_end = r;
    s->kept_end = &r->next;
    device_request(&s->vdev.dev, MACHINE_STOP_IO_ERROR);
}

static void io_done(void *opaque, int error)
{
    struct blk_request *r = opaque;
    struct virtio_blk *s = r->s;
    bool reading = r->type == BLK_T_IN;

    if (reading)
        mark_written(r);
    if (error && r->epoch == s->epoch)
        switch (block_error(s->drive, reading, error, reading ? s->on_read : s->on_write)) {
        case BLOCK_DO_STOP:
            keep(r);
            return;
        case BLOCK_DO_REPORT:
            complete(r, BLK_S_IOERR);
            return;
        case BLOCK_DO_IGNORE:
            break;
        }
    if (r->ranges && r->epoch == s->epoch && next_range(r))
        submit(r);
    else
        complete(r, BLK_S_OK);
}

static void submit(struct blk_request *r)
{
    block_submitv(r->s->drive, r->io.op, r->io.flags, r->io.offset, r->piece, r->npieces, r->io.len, io_done, r);
}

/* The range is inside the disk and in whole blocks. */
static bool in_disk(const struct virtio_blk *s, uint64_t sector, uint64_t len)
{
    uint64_t size = block_size(s->drive);

    return sector <= size / BLOCK_SECTOR && len <= size - sector * BLOCK_SECTOR &&
           !((sector * BLOCK_SECTOR | len) & (s->logical - 1));
}

static bool writethrough(const struct virtio_blk *s)
{
    return virtio_has(&s->vdev, BLK_F_CONFIG_WCE) ? !s->wce : !virtio_has(&s->vdev, BLK_F_FLUSH);
}

/* Host addresses of len bytes of the segments, after the first `skip`. */
static bool map_data(struct blk_request *r, const struct virtq_segment *seg, unsigned nseg, uint32_t skip, uint64_t len)
{
    struct virtio_device *vdev = &r->s->vdev;
    unsigned room = r->e->nread + r->e->nwrite + BLK_PIECES;

    for (unsigned i = 0; i < nseg && len; i++) {
        uint64_t at = seg[i].addr + MIN(skip, seg[i].len), left = seg[i].len - MIN(skip, seg[i].len);

        skip -= MIN(skip, seg[i].len);
        left = MIN(left, len);
        while (left) {
            uint64_t n = left;
            void *p = dma_map(device_bus(&vdev->dev), at, &n, r->type == BLK_T_IN);

            if (!p || r->npieces == room) {
                virtio_broken(vdev, "a buffer at 0x%llx is not in RAM", (unsigned long long)seg[i].addr);
                return false;
            }
            r->piece[r->npieces++] = (struct iovec){ p, n };
            at += n;
            left -= n;
            len -= n;
        }
    }
    return true;
}

static void transfer(struct blk_request *r, uint64_t sector)
{
    struct virtio_blk *s = r->s;
    const struct virtq_element *e = r->e;
    bool in = r->type == BLK_T_IN;
    uint64_t len = in ? e->write_len - 1 : e->read_len - BLK_HEADER;
    bool mapped;

    if (len % BLOCK_SECTOR || !in_disk(s, sector, len) || (!in && block_readonly(s->drive))) {
        log_guest_error("virtio-blk: request of type %u for sector %llu, %llu bytes", r->type, (unsigned long long)sector,
                        (unsigned long long)len);
        complete(r, BLK_S_IOERR);
        return;
    }
    mapped = in ? map_data(r, e->seg + e->nread, e->nwrite, 0, len) : map_data(r, e->seg, e->nread, BLK_HEADER, len);
    if (!mapped) {
        complete(r, BLK_S_IOERR);
        return;
    }
    r->io = (struct blk_io){ in ? BLOCK_READ : BLOCK_WRITE, !in && writethrough(s) ? BLOCK_FUA : 0, sector * BLOCK_SECTOR, len };
    submit(r);
}

/* ---- discard and write zeroes ------------------------------------------------------------------------ */

/* 5.2.6.2: which status a range would give. */
static enum blk_status check_range(const struct virtio_blk *s, uint32_t type, const uint8_t *d)
{
    uint32_t sectors = ld32_le(d + 8), flags = ld32_le(d + 12);
    bool discard = type == BLK_T_DISCARD;

    if (flags & ~BLK_RANGE_UNMAP || (discard && flags))
        return BLK_S_UNSUPP;
    if (sectors > (discard ? s->max_discard : s->max_zeroes) || !in_disk(s, ld64_le(d), (uint64_t)sectors * BLOCK_SECTOR) ||
        block_readonly(s->drive))
        return BLK_S_IOERR;
    return BLK_S_OK;
}

/* The request's next range into r->io; false after the last. */
static bool next_range(struct blk_request *r)
{
    const uint8_t *d = r->ranges + BLK_RANGE * r->range;
    bool discard = r->type == BLK_T_DISCARD;

    if (r->range == r->nranges)
        return false;
    r->range++;
    r->io = (struct blk_io){ discard ? BLOCK_DISCARD : BLOCK_WRITE_ZEROES,
                             (ld32_le(d + 12) & BLK_RANGE_UNMAP ? BLOCK_UNMAP : 0) | (!discard && writethrough(r->s) ? BLOCK_FUA : 0),
                             ld64_le(d) * BLOCK_SECTOR, (uint64_t)ld32_le(d + 8) * BLOCK_SECTOR };
    return true;
}

static void ranges(struct blk_request *r)
{
    struct virtio_blk *s = r->s;
    uint32_t len = r->e->read_len - BLK_HEADER;
    enum blk_status status = BLK_S_OK;

    if (!len || len % BLK_RANGE || len > BLK_RANGE * BLK_MAX_RANGES || (r->type == BLK_T_DISCARD ? !s->discard : !s->zeroes)) {
        complete(r, BLK_S_UNSUPP);
        return;
    }
    r->ranges = g_malloc0(len);
    r->nranges = len / BLK_RANGE;
    virtq_read(&s->vdev, r->e, BLK_HEADER, r->ranges, len);
    for (unsigned i = 0; i < r->nranges && status == BLK_S_OK; i++)
        status = check_range(s, r->type, r->ranges + BLK_RANGE * i);
    if (status != BLK_S_OK) {
        complete(r, status);
        return;
    }
    next_range(r);
    submit(r);
}

/* ---- requests ----------------------------------------------------------------------------------------- */

static void get_id(struct blk_request *r)
{
    char id[BLK_ID_BYTES] = "";

    if (r->s->serial)
        memcpy(id, r->s->serial, MIN(strlen(r->s->serial), sizeof(id)));
    virtq_write(&r->s->vdev, r->e, 0, id, MIN(r->e->write_len - 1, (uint32_t)sizeof(id)));
    complete(r, BLK_S_OK);
}

static struct blk_request *new_request(struct virtio_blk *s, unsigned n, struct virtq_element *e)
{
    struct blk_request *r = g_malloc(sizeof(*r) + sizeof(r->piece[0]) * (e->nread + e->nwrite + BLK_PIECES));

    memset(r, 0, sizeof(*r));
    r->s = s;
    r->e = e;
    r->epoch = s->epoch;
    r->queue = n;
    s->under_way++;
    return r;
}

static void start(struct virtio_blk *s, unsigned n, struct virtq_element *e)
{
    uint8_t header[BLK_HEADER];
    struct blk_request *r;

    if (e->write_len < 1 || virtq_read(&s->vdev, e, 0, header, sizeof(header)) != sizeof(header)) {
        virtio_broken(&s->vdev, "virtio-blk: a request without header or status");
        g_free(e);
        return;
    }
    r = new_request(s, n, e);
    r->type = ld32_le(header);
    switch (r->type) {
    case BLK_T_IN:
    case BLK_T_OUT:
        transfer(r, ld64_le(header + 8));
        break;
    case BLK_T_FLUSH:
        r->io.op = BLOCK_FLUSH;
        submit(r);
        break;
    case BLK_T_DISCARD:
    case BLK_T_WRITE_ZEROES:
        ranges(r);
        break;
    case BLK_T_GET_ID:
        get_id(r);
        break;
    default:
        log_guest_error("virtio-blk: request of type %u", r->type);
        complete(r, BLK_S_UNSUPP);
        break;
    }
}

/* All requests of a kick go to the host together. Not more than the queue holds, so that a driver which goes on filling it does not keep
 * the lock; the rest is for look_again. */
static void blk_notify(struct virtio_device *vdev, unsigned n)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;
    unsigned room = vdev->vq_size[n];
    struct virtq_element *e = NULL;

    if (s->halted)
        return;                      /* run_state looks at all queues */
    block_plug(s->drive);
    while (room && s->under_way < BLK_UNDER_WAY && (e = virtq_pop(vdev, n))) {
        start(s, n, e);
        room--;
    }
    if (e || s->under_way >= BLK_UNDER_WAY)
        s->waiting = true;
    block_unplug(s->drive);
    notify_driver(s);
    if (s->waiting && s->under_way < BLK_UNDER_WAY)
        look_again(s);
}

static void look_bh(void *opaque)
{
    struct virtio_blk *s = opaque;

    s->bh = s->waiting = false;
    for (unsigned n = 0; n < s->num_queues; n++)
        if (virtio_running(&s->vdev, n))
            blk_notify(&s->vdev, n);
}

static void look_again(struct virtio_blk *s)
{
    if (!s->bh)
        event_loop_bh(device_loop(&s->vdev.dev), look_bh, s);
    s->bh = true;
}

/* ---- stop and go ---------------------------------------------------------------------------------------- */

/* Requests that the error policy kept are submitted again, in their order; they may be kept again. */
static void resubmit(struct virtio_blk *s)
{
    struct blk_request *r = s->kept, *next;

    s->kept = NULL;
    s->kept_end = &s->kept;
    block_plug(s->drive);
    for (; r; r = next) {
        next = r->next;
        s->under_way++;
        submit(r);
    }
    block_unplug(s->drive);
}

static void blk_run_state(struct device *dev, bool running)
{
    struct virtio_blk *s = (struct virtio_blk *)dev;

    s->halted = !running;
    if (!running) {
        block_drain(s->drive);
        return;
    }
    block_resumed(s->drive);
    resubmit(s);
    look_again(s);
}

static void drop_kept(struct virtio_blk *s)
{
    while (s->kept) {
        struct blk_request *r = s->kept;

        s->kept = r->next;
        g_free(r->e);
        free_request(r);
    }
    s->kept_end = &s->kept;
}

/* The driver may use its memory for something else afterwards. */
static void blk_reset(struct virtio_device *vdev)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;

    s->epoch++;
    block_drain(s->drive);
    drop_kept(s);
    s->wce = s->wce_default;
}

/* ---- configuration space -------------------------------------------------------------------------------- */

static uint8_t exponent(uint64_t power)
{
    return (uint8_t)__builtin_ctzll(power);
}

static void blk_get_config(struct virtio_device *vdev, uint8_t *config)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;
    uint32_t align = MAX(s->discard_granularity, (uint32_t)s->logical) / BLOCK_SECTOR;

    st64_le(config + BLK_CONFIG_CAPACITY, block_size(s->drive) / BLOCK_SECTOR);
    st32_le(config + BLK_CONFIG_SEG_MAX, s->queue_size - 2);
    st16_le(config + BLK_CONFIG_CYLINDERS, (uint16_t)s->cylinders);
    config[BLK_CONFIG_HEADS] = (uint8_t)s->heads;
    config[BLK_CONFIG_TRACK] = (uint8_t)s->track;
    st32_le(config + BLK_CONFIG_BLK_SIZE, (uint32_t)s->logical);
    config[BLK_CONFIG_PHYSICAL_EXP] = exponent(s->physical / s->logical);
    st16_le(config + BLK_CONFIG_MIN_IO, (uint16_t)(s->min_io / s->logical));
    st32_le(config + BLK_CONFIG_OPT_IO, (uint32_t)(s->opt_io / s->logical));
    config[BLK_CONFIG_WRITEBACK] = s->wce;
    st16_le(config + BLK_CONFIG_NUM_QUEUES, (uint16_t)s->num_queues);
    if (s->discard) {
        st32_le(config + BLK_CONFIG_DISCARD_SECTORS, s->max_discard);
        st32_le(config + BLK_CONFIG_DISCARD_SEG, BLK_MAX_RANGES);
        st32_le(config + BLK_CONFIG_DISCARD_ALIGN, align);
    }
    if (s->zeroes) {
        st32_le(config + BLK_CONFIG_ZEROES_SECTORS, s->max_zeroes);
        st32_le(config + BLK_CONFIG_ZEROES_SEG, BLK_MAX_RANGES);
        config[BLK_CONFIG_ZEROES_UNMAP] = 1;
    }
}

/* 5.2.5: only the writeback switch may be written, and only when that was negotiated. */
static void blk_set_config(struct virtio_device *vdev, unsigned off, unsigned len, const uint8_t *config)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;

    if (off != BLK_CONFIG_WRITEBACK || len != 1 || !virtio_has(vdev, BLK_F_CONFIG_WCE)) {
        log_guest_error("virtio-blk: write of %u bytes at configuration offset %u", len, off);
        return;
    }
    s->wce = config[BLK_CONFIG_WRITEBACK] != 0;
}

/* ---- life ------------------------------------------------------------------------------------------------ */

static bool fail(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static bool fail(GError **err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, g_quark_from_static_string("virtio-blk"), 0, text);
    return false;
}

static bool is_block(uint64_t bytes)
{
    return bytes >= BLOCK_SECTOR && bytes <= 2u << 20 && !(bytes & (bytes - 1));
}

static bool check_sizes(struct virtio_blk *s, GError **err)
{
    if (s->num_queues < 1 || s->num_queues > BLK_MAX_QUEUES)
        return fail(err, "num-queues=%u: it must be 1 to %u", s->num_queues, BLK_MAX_QUEUES);
    if (s->queue_size <= 2 || s->queue_size > VIRTQ_MAX_SIZE || s->queue_size & (s->queue_size - 1))
        return fail(err, "queue-size=%u: it must be a power of two, 4 to %u", s->queue_size, VIRTQ_MAX_SIZE);
    if (!is_block(s->logical) || !is_block(s->physical) || s->physical < s->logical)
        return fail(err, "logical_block_size and physical_block_size must be powers of two, 512 to 2097152, the physical not the smaller");
    if (s->min_io % s->logical || s->min_io / s->logical > UINT16_MAX || s->opt_io % s->logical ||
        s->opt_io / s->logical > UINT32_MAX || s->discard_granularity % s->logical)
        return fail(err, "min_io_size, opt_io_size and discard_granularity must be whole logical blocks");
    if (s->max_discard < 1 || s->max_zeroes < 1 || s->max_discard > UINT32_MAX / 2 || s->max_zeroes > UINT32_MAX / 2)
        return fail(err, "max-discard-sectors and max-write-zeroes-sectors must be 1 to %u", UINT32_MAX / 2);
    return true;
}

static bool check_policies(struct virtio_blk *s, GError **err)
{
    if (s->rerror && !block_parse_on_error(s->rerror, true, &s->on_read))
        return fail(err, "rerror=%s: it must be report, ignore or stop", s->rerror);
    if (s->werror && !block_parse_on_error(s->werror, false, &s->on_write))
        return fail(err, "werror=%s: it must be report, ignore, enospc or stop", s->werror);
    s->wce_default = !block_writethrough(s->drive);
    if (!s->write_cache || !strcmp(s->write_cache, "auto"))
        return true;
    if (strcmp(s->write_cache, "on") && strcmp(s->write_cache, "off"))
        return fail(err, "write-cache=%s: it must be on, off or auto", s->write_cache);
    s->wce_default = !strcmp(s->write_cache, "on");
    return true;
}

/* What nobody said. */
static void guess_geometry(struct virtio_blk *s)
{
    uint64_t cylinders;

    if (s->cylinders || s->heads || s->track)
        return;
    cylinders = block_size(s->drive) / BLOCK_SECTOR / (BLK_HEADS * BLK_TRACK);
    s->cylinders = (uint32_t)CLAMP(cylinders, 2, BLK_MAX_CYLINDERS);
    s->heads = BLK_HEADS;
    s->track = BLK_TRACK;
}

static bool blk_realize(struct virtio_device *vdev, GError **err)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;

    if (!s->drive)
        return fail(err, "it needs drive=ID, the id of a -drive if=none or the node-name of a -blockdev");
    if (!check_sizes(s, err) || !check_policies(s, err))
        return false;
    guess_geometry(s);
    s->wce = s->wce_default;
    s->kept_end = &s->kept;
    vdev->more_features |= (block_readonly(s->drive) ? VIRTIO_BIT(BLK_F_RO) : 0) |
                           (s->config_wce ? VIRTIO_BIT(BLK_F_CONFIG_WCE) : 0) |
                           (s->num_queues > 1 ? VIRTIO_BIT(BLK_F_MQ) : 0) | (s->discard ? VIRTIO_BIT(BLK_F_DISCARD) : 0) |
                           (s->zeroes ? VIRTIO_BIT(BLK_F_WRITE_ZEROES) : 0);
    for (unsigned i = 0; i < s->num_queues; i++)
        virtio_add_queue(vdev, s->queue_size);
    block_set_batch_end(s->drive, batch_end, s);
    return true;
}

static void blk_unrealize(struct virtio_device *vdev)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;

    s->epoch++;
    block_drain(s->drive);
    block_set_batch_end(s->drive, NULL, NULL);
    event_loop_bh_cancel(device_loop(&vdev->dev), look_bh, s);
    drop_kept(s);
}

static const struct virtio_ops blk_ops = {
    .id = VIRTIO_ID_BLOCK, .config_len = BLK_CONFIG_LEN,
    .features = VIRTIO_BIT(BLK_F_SEG_MAX) | VIRTIO_BIT(BLK_F_GEOMETRY) | VIRTIO_BIT(BLK_F_BLK_SIZE) |
                VIRTIO_BIT(BLK_F_FLUSH) | VIRTIO_BIT(BLK_F_TOPOLOGY),
    .realize = blk_realize, .unrealize = blk_unrealize, .notify = blk_notify, .get_config = blk_get_config,
    .set_config = blk_set_config, .reset = blk_reset,
};

static const struct device_prop blk_props[] = {
    PROP(struct virtio_blk, drive, "drive", PROP_DRIVE, 0, "id of a -drive or node-name of a -blockdev"),
    PROP(struct virtio_blk, serial, "serial", PROP_STR, 0, "serial number; the guest sees 20 characters of it"),
    PROP(struct virtio_blk, num_queues, "num-queues", PROP_U32, 1, "request queues, 1 to 64"),
    PROP(struct virtio_blk, queue_size, "queue-size", PROP_U32, 256, "entries of a queue, a power of two"),
    PROP(struct virtio_blk, logical, "logical_block_size", PROP_SIZE, BLOCK_SECTOR, "power of two from 512"),
    PROP(struct virtio_blk, physical, "physical_block_size", PROP_SIZE, BLOCK_SECTOR, "power of two from 512"),
    PROP(struct virtio_blk, min_io, "min_io_size", PROP_SIZE, 0, "bytes, for the guest to know"),
    PROP(struct virtio_blk, opt_io, "opt_io_size", PROP_SIZE, 0, "bytes, for the guest to know"),
    PROP(struct virtio_blk, discard_granularity, "discard_granularity", PROP_U32, 0, "bytes"),
    PROP(struct virtio_blk, discard, "discard", PROP_BOOL, true, "the guest may discard"),
    PROP(struct virtio_blk, zeroes, "write-zeroes", PROP_BOOL, true, "the guest may write zeroes without data"),
    PROP(struct virtio_blk, max_discard, "max-discard-sectors", PROP_U32, 4194303, "of one range"),
    PROP(struct virtio_blk, max_zeroes, "max-write-zeroes-sectors", PROP_U32, 4194303, "of one range"),
    PROP(struct virtio_blk, config_wce, "config-wce", PROP_BOOL, true, "the guest may switch the write cache"),
    PROP(struct virtio_blk, write_cache, "write-cache", PROP_STR, 0, "on, off, or auto: as the drive's cache="),
    PROP(struct virtio_blk, rerror, "rerror", PROP_STR, 0, "report, ignore, stop; auto: as the drive"),
    PROP(struct virtio_blk, werror, "werror", PROP_STR, 0, "report, ignore, enospc, stop; auto: as the drive"),
    PROP(struct virtio_blk, cylinders, "cyls", PROP_U32, 0, "cylinders; 0: from the size"),
    PROP(struct virtio_blk, heads, "heads", PROP_U32, 0, "heads"),
    PROP(struct virtio_blk, track, "secs", PROP_U32, 0, "sectors of a track"),
    PROP_END
};

static const struct state_field blk_state[] = { VIRTIO_STATE, STATE(struct virtio_blk, wce), STATE_END };

static const struct device_type blk_type = {
    .name = "virtio-blk-device", .desc = "virtio disk", .size = sizeof(struct virtio_blk),
    .user_creatable = true, .bus = "virtio", .props = blk_props, .state = blk_state, .class_data = &blk_ops,
    .realize = virtio_realize, .unrealize = virtio_unrealize, .reset = virtio_reset, .run_state = blk_run_state,
    .post_load = virtio_post_load,
};
VIRTIO_DEVICE_REGISTER(blk_type)
