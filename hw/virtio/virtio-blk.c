/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio block device (virtio 1.1, 5.2): one queue, flush, discard, write zeroes, serial number.
 * A driver that does not take VIRTIO_BLK_F_FLUSH gets write-through: each write is flushed before it completes (5.2.6.2).
 * Not modelled: several queues, SCSI commands, secure erase.
 */
#include "config.h"
#include <string.h>
#include "block/block.h"
#include "hw/virtio/virtio.h"
#include "util/endian.h"
#include "util/log.h"

#define BLK_QUEUE 256
#define BLK_SEG_MAX (BLK_QUEUE - 2)
#define BLK_HEADER 16
#define BLK_ID_BYTES 20
#define BLK_RANGE 16         /* struct virtio_blk_discard_write_zeroes */
#define BLK_MAX_DATA (64u << 20)     /* bytes of one request: more is refused */
#define BLK_MAX_RANGE_SECTORS (1u << 22)

enum blk_feature {
    BLK_F_SEG_MAX = 2, BLK_F_RO = 5, BLK_F_BLK_SIZE = 6, BLK_F_FLUSH = 9, BLK_F_DISCARD = 13, BLK_F_WRITE_ZEROES = 14,
};

/* 5.2.4 */
enum blk_config {
    BLK_CONFIG_CAPACITY = 0, BLK_CONFIG_SEG_MAX = 12, BLK_CONFIG_BLK_SIZE = 20, BLK_CONFIG_DISCARD_SECTORS = 36,
    BLK_CONFIG_DISCARD_SEG = 40, BLK_CONFIG_DISCARD_ALIGN = 44, BLK_CONFIG_ZEROES_SECTORS = 48, BLK_CONFIG_ZEROES_SEG = 52,
    BLK_CONFIG_ZEROES_UNMAP = 56, BLK_CONFIG_LEN = 60,
};

enum blk_type { BLK_T_IN = 0, BLK_T_OUT = 1, BLK_T_FLUSH = 4, BLK_T_GET_ID = 8, BLK_T_DISCARD = 11, BLK_T_WRITE_ZEROES = 13 };
enum blk_status { BLK_S_OK = 0, BLK_S_IOERR = 1, BLK_S_UNSUPP = 2 };

/* Owner: the device lock. */
struct virtio_blk {
    struct virtio_device vdev;
    struct block *drive;     /* properties */
    char *serial;
    uint64_t epoch;          /* advances at reset: completions of before are dropped */
};

struct blk_request {
    struct virtio_blk *s;
    struct virtq_element *e;
    uint64_t epoch;
    uint32_t type, data;     /* bytes of data */
    bool synced;             /* a write's flush has been submitted */
    uint8_t *buf;
};

static void complete(struct blk_request *r, enum blk_status status)
{
    struct virtio_device *vdev = &r->s->vdev;
    uint8_t byte = status;
    uint32_t written = 0;

    if (r->epoch != r->s->epoch) {
        g_free(r->e);
    } else {
        if (r->type == BLK_T_IN && status == BLK_S_OK)
            written = virtq_write(vdev, r->e, 0, r->buf, r->data);
        written += virtq_write(vdev, r->e, r->e->write_len - 1, &byte, 1);
        virtq_push(vdev, 0, r->e, written);
        virtq_notify(vdev, 0);
    }
    g_free(r->buf);
    g_free(r);
}

static void io_done(void *opaque, int error)
{
    struct blk_request *r = opaque;

    if (error) {
        log_guest_error("virtio-blk: request of type %u: %s", r->type, g_strerror(error));
        complete(r, BLK_S_IOERR);
        return;
    }
    if (r->type == BLK_T_OUT && !r->synced && !virtio_has(&r->s->vdev, BLK_F_FLUSH)) {
        r->synced = true;
        block_submit(r->s->drive, BLOCK_FLUSH, 0, NULL, 0, io_done, r);
        return;
    }
    complete(r, BLK_S_OK);
}

static void submit(struct blk_request *r, enum block_op op, uint64_t sector, uint64_t len)
{
    if (sector > UINT64_MAX / BLOCK_SECTOR) {
        complete(r, BLK_S_IOERR);
        return;
    }
    block_submit(r->s->drive, op, sector * BLOCK_SECTOR, r->buf, len, io_done, r);
}

static void transfer(struct blk_request *r, uint64_t sector)
{
    struct virtq_element *e = r->e;

    r->data = r->type == BLK_T_IN ? e->write_len - 1 : e->read_len - BLK_HEADER;
    if (r->data % BLOCK_SECTOR || r->data > BLK_MAX_DATA) {
        log_guest_error("virtio-blk: %u bytes of data", r->data);
        complete(r, BLK_S_IOERR);
        return;
    }
    r->buf = g_try_malloc(MAX(r->data, 1));
    if (!r->buf) {
        complete(r, BLK_S_IOERR);
        return;
    }
    if (r->type == BLK_T_OUT)
        virtq_read(&r->s->vdev, e, BLK_HEADER, r->buf, r->data);
    submit(r, r->type == BLK_T_IN ? BLOCK_READ : BLOCK_WRITE, sector, r->data);
}

/* 5.2.6: one range; DISCARD and WRITE_ZEROES. */
static void range(struct blk_request *r)
{
    uint8_t d[BLK_RANGE];
    uint32_t sectors;

    if (r->e->read_len != BLK_HEADER + BLK_RANGE ||
        virtq_read(&r->s->vdev, r->e, BLK_HEADER, d, sizeof(d)) != sizeof(d)) {
        complete(r, BLK_S_UNSUPP);
        return;
    }
    sectors = ld32_le(d + 8);
    if (sectors > BLK_MAX_RANGE_SECTORS) {
        complete(r, BLK_S_IOERR);
        return;
    }
    submit(r, r->type == BLK_T_DISCARD ? BLOCK_DISCARD : BLOCK_WRITE_ZEROES, ld64_le(d), (uint64_t)sectors * BLOCK_SECTOR);
}

static void get_id(struct blk_request *r)
{
    char id[BLK_ID_BYTES] = "";

    if (r->s->serial)
        memcpy(id, r->s->serial, MIN(strlen(r->s->serial), sizeof(id)));
    virtq_write(&r->s->vdev, r->e, 0, id, MIN(r->e->write_len - 1, (uint32_t)sizeof(id)));
    complete(r, BLK_S_OK);
}

static void start(struct virtio_blk *s, struct virtq_element *e)
{
    uint8_t header[BLK_HEADER];
    struct blk_request *r;

    if (e->write_len < 1 || virtq_read(&s->vdev, e, 0, header, sizeof(header)) != sizeof(header)) {
        virtio_broken(&s->vdev, "virtio-blk: a request without header or status");
        g_free(e);
        return;
    }
    r = g_new0(struct blk_request, 1);
    r->s = s;
    r->e = e;
    r->epoch = s->epoch;
    r->type = ld32_le(header);
    switch (r->type) {
    case BLK_T_IN:
    case BLK_T_OUT:
        transfer(r, ld64_le(header + 8));
        break;
    case BLK_T_FLUSH:
        submit(r, BLOCK_FLUSH, 0, 0);
        break;
    case BLK_T_DISCARD:
    case BLK_T_WRITE_ZEROES:
        range(r);
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

static void blk_notify(struct virtio_device *vdev, unsigned n)
{
    struct virtq_element *e;

    while ((e = virtq_pop(vdev, n)))
        start((struct virtio_blk *)vdev, e);
}

static void blk_get_config(struct virtio_device *vdev, uint8_t *config)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;

    st64_le(config + BLK_CONFIG_CAPACITY, block_size(s->drive) / BLOCK_SECTOR);
    st32_le(config + BLK_CONFIG_SEG_MAX, BLK_SEG_MAX);
    st32_le(config + BLK_CONFIG_BLK_SIZE, BLOCK_SECTOR);
    st32_le(config + BLK_CONFIG_DISCARD_SECTORS, BLK_MAX_RANGE_SECTORS);
    st32_le(config + BLK_CONFIG_DISCARD_SEG, 1);
    st32_le(config + BLK_CONFIG_DISCARD_ALIGN, 1);
    st32_le(config + BLK_CONFIG_ZEROES_SECTORS, BLK_MAX_RANGE_SECTORS);
    st32_le(config + BLK_CONFIG_ZEROES_SEG, 1);
    config[BLK_CONFIG_ZEROES_UNMAP] = 0;
}

static void blk_reset(struct virtio_device *vdev)
{
    ((struct virtio_blk *)vdev)->epoch++;
}

static bool blk_realize(struct virtio_device *vdev, GError **err)
{
    struct virtio_blk *s = (struct virtio_blk *)vdev;

    if (!s->drive) {
        g_set_error(err, g_quark_from_static_string("virtio-blk"), 0, "it needs drive=ID, the id of a -drive if=none");
        return false;
    }
    if (block_readonly(s->drive))
        vdev->more_features |= VIRTIO_BIT(BLK_F_RO);
    virtio_add_queue(vdev, BLK_QUEUE);
    return true;
}

static const struct virtio_ops blk_ops = {
    .id = VIRTIO_ID_BLOCK, .config_len = BLK_CONFIG_LEN,
    .features = VIRTIO_BIT(BLK_F_SEG_MAX) | VIRTIO_BIT(BLK_F_BLK_SIZE) | VIRTIO_BIT(BLK_F_FLUSH) |
                VIRTIO_BIT(BLK_F_DISCARD) | VIRTIO_BIT(BLK_F_WRITE_ZEROES),
    .realize = blk_realize, .notify = blk_notify, .get_config = blk_get_config, .reset = blk_reset,
};

static const struct device_prop blk_props[] = {
    PROP(struct virtio_blk, drive, "drive", PROP_DRIVE, 0, "id of a -drive"),
    PROP(struct virtio_blk, serial, "serial", PROP_STR, 0, "serial number, at most 20 characters"),
    PROP_END
};

static const struct state_field blk_state[] = { VIRTIO_STATE, STATE_END };

static const struct device_type blk_type = {
    .name = "virtio-blk-device", .desc = "virtio disk", .size = sizeof(struct virtio_blk),
    .user_creatable = true, .bus = "virtio", .props = blk_props, .state = blk_state, .class_data = &blk_ops,
    .realize = virtio_realize, .unrealize = virtio_unrealize, .reset = virtio_reset, .post_load = virtio_post_load,
};
DEVICE_REGISTER(blk_type)
