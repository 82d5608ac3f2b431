/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/virtio/virtio-blk.c: the test is the driver, well-behaved or hostile. Loop tests run with both versions of the transport (_i is 1: legacy). */
#include "config.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "softmmu/bus.h"
#include "tests/dev/virtio-driver.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/rng.h"

enum { IMAGE = 1 << 20, SECTORS = IMAGE / 512, NEEDS_RESET = 64, NO_STATUS = 0xee };
enum { F_RO = 1 << 5, F_FLUSH = 1 << 9, F_TOPOLOGY = 1 << 10, F_WCE = 1 << 11, F_MQ = 1 << 12, F_DISCARD = 1 << 13,
       F_ZEROES = 1 << 14, F_INDIRECT = 1 << 28, F_EVENT = 1 << 29 };
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_ID = 8, T_DISCARD = 11, T_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };
/* Offsets in guest memory, from VQ_DATA: headers and status bytes by request, then data. */
enum { HEADER = 0, STATUS = 0x1000, DATA = 0x2000 };

static struct harness *h;
static struct virtio_driver d;
static char image[128];

static uint8_t *mem(uint32_t off)
{
    return d.ram + (VQ_DATA - HARNESS_RAM) + off;
}

static uint8_t image_byte(uint32_t at)
{
    return (uint8_t)(at * 5 + (at >> 9) * 3);
}

static void make_image(void)
{
    g_autofree uint8_t *data = g_malloc(IMAGE);

    for (uint32_t i = 0; i < IMAGE; i++)
        data[i] = image_byte(i);
    snprintf(image, sizeof(image), "%s/image", h->dir);
    ck_assert(g_file_set_contents(image, (const char *)data, IMAGE, NULL));
}

/* The device with options of the drive, and properties in pairs. */
static void plug(bool legacy, const char *drive_options, const char *const *props)
{
    g_autofree char *spec = g_strdup_printf("file=%s,if=none,id=d%s", image, drive_options);

    harness_drive(h, spec);
    vd_init(&d, h, "virtio-blk-device", legacy);
    ck_assert(device_set_prop(d.dev, "drive", "d", NULL));
    for (; props && *props; props += 2)
        ck_assert(device_set_prop(d.dev, props[0], props[1], NULL));
    vd_plug(&d);
}

static void start_with(bool legacy, uint32_t features, const char *drive_options, const char *const *props)
{
    h = harness_new();
    make_image();
    plug(legacy, drive_options, props);
    vd_start(&d, features, 1);
}

static void start(bool legacy, uint32_t features)
{
    start_with(legacy, features, ",discard=unmap", NULL);
}

static void teardown(void)
{
    harness_free(h);
    h = NULL;
}

static uint8_t file_byte(uint32_t at)
{
    FILE *f = fopen(image, "re");
    int c;

    ck_assert_ptr_nonnull(f);
    fseek(f, (long)at, SEEK_SET);
    c = fgetc(f);
    fclose(f);
    return (uint8_t)c;
}

/* Chain 3i, 3i + 1, 3i + 2 of queue q: header, data, status. Data: `len` bytes at DATA + off; none when len is 0. */
static void put_request(unsigned q, unsigned i, uint32_t type, uint64_t sector, uint32_t off, uint32_t len)
{
    unsigned head = 3 * i, writes = type == T_IN || type == T_ID ? VQ_WRITE : 0;

    st32_le(mem(HEADER + 16 * i), type);
    st32_le(mem(HEADER + 16 * i + 4), 0);
    st64_le(mem(HEADER + 16 * i + 8), sector);
    *mem(STATUS + i) = NO_STATUS;
    vq_set_desc(&d, q, head, VQ_DATA + HEADER + 16 * i, 16, VQ_NEXT, len ? head + 1 : head + 2);
    vq_set_desc(&d, q, head + 1, VQ_DATA + DATA + off, len, VQ_NEXT | writes, head + 2);
    vq_set_desc(&d, q, head + 2, VQ_DATA + STATUS + i, 1, VQ_WRITE, 0);
}

static void wait_used(unsigned q, unsigned n)
{
    while (vq_used_idx(&d, q) < n)
        event_loop_poll(h->loop, true);
}

/* One request on queue 0, waited for; its status. */
static uint8_t request(uint32_t type, uint64_t sector, uint32_t off, uint32_t len)
{
    unsigned before = vq_used_idx(&d, 0);

    put_request(0, 0, type, sector, off, len);
    vq_offer(&d, 0, 0);
    wait_used(0, before + 1);
    return *mem(STATUS);
}

/* ---- what the device says of itself ---- */

static uint32_t features(void)
{
    vd_write(&d, V_DEVSEL, 0);
    return vd_read(&d, V_DEVFEAT);
}

static uint64_t config(unsigned off, unsigned size)
{
    return dev_read(h, VMMIO + V_CONFIG + off, size);
}

START_TEST(configuration_of_a_plain_disk)
{
    start(_i, 0);
    ck_assert_uint_eq(vd_read(&d, V_ID), 2);
    ck_assert_uint_eq(features() & (F_FLUSH | F_TOPOLOGY | F_WCE | F_DISCARD | F_ZEROES | F_MQ | F_RO),
                      F_FLUSH | F_TOPOLOGY | F_WCE | F_DISCARD | F_ZEROES);
    ck_assert_uint_eq(config(0, 4), SECTORS);
    ck_assert_uint_eq(config(4, 4), 0);
    ck_assert_uint_eq(config(12, 4), 254);
    ck_assert_uint_eq(config(16, 2), 2);
    ck_assert_uint_eq(config(18, 1), 16);
    ck_assert_uint_eq(config(19, 1), 63);
    ck_assert_uint_eq(config(20, 4), 512);
    ck_assert_uint_eq(config(24, 1), 0);
    ck_assert_uint_eq(config(32, 1), 1);
    ck_assert_uint_eq(config(34, 2), 1);
    ck_assert_uint_eq(config(36, 4), 4194303);
    ck_assert_uint_eq(config(40, 4), 32);
    ck_assert_uint_eq(config(56, 1), 1);
}
END_TEST

START_TEST(configuration_by_properties)
{
    static const char *const props[] = { "num-queues", "4", "queue-size", "64", "logical_block_size", "1k", "physical_block_size",
                                         "4k", "min_io_size", "8k", "opt_io_size", "64k", "config-wce", "off", "discard", "off",
                                         "write-zeroes", "off", "cyls", "100", "heads", "3", "secs", "9", NULL };

    start_with(_i, 0, ",readonly=on,cache=writethrough", props);
    ck_assert_uint_eq(features() & (F_WCE | F_DISCARD | F_ZEROES | F_MQ | F_RO), F_MQ | F_RO);
    ck_assert_uint_eq(config(0, 4), SECTORS);        /* always in units of 512 bytes */
    ck_assert_uint_eq(config(12, 4), 62);
    ck_assert_uint_eq(config(16, 2), 100);
    ck_assert_uint_eq(config(18, 1), 3);
    ck_assert_uint_eq(config(19, 1), 9);
    ck_assert_uint_eq(config(20, 4), 1024);
    ck_assert_uint_eq(config(24, 1), 2);
    ck_assert_uint_eq(config(26, 2), 8);
    ck_assert_uint_eq(config(28, 4), 64);
    ck_assert_uint_eq(config(32, 1), 0);
    ck_assert_uint_eq(config(34, 2), 4);
    ck_assert_uint_eq(config(36, 4), 0);
    vd_write(&d, V_QSEL, 3);
    ck_assert_uint_eq(vd_read(&d, V_QMAX), 64);
    vd_write(&d, V_QSEL, 4);
    ck_assert_uint_eq(vd_read(&d, V_QMAX), 0);
}
END_TEST

START_TEST(properties_that_make_no_sense)
{
    static const char *const rows[][3] = {
        { "num-queues", "0", "num-queues=0: it must be 1 to 64" }, { "num-queues", "65", "num-queues=65" },
        { "queue-size", "100", "queue-size=100: it must be a power of two" }, { "queue-size", "2048", "queue-size=2048" },
        { "logical_block_size", "1000", "logical_block_size" }, { "logical_block_size", "4k", "the physical not the smaller" },
        { "opt_io_size", "100", "opt_io_size" }, { "werror", "retry", "werror=retry" }, { "rerror", "enospc", "rerror=enospc" },
        { "write-cache", "maybe", "write-cache=maybe" }, { "max-discard-sectors", "0", "max-discard-sectors" },
    };

    h = harness_new();
    make_image();
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *spec = g_strdup_printf("file=%s,if=none,id=d%zu,readonly=on", image, i), *id = g_strdup_printf("d%zu", i);
        g_autoptr(GError) err = NULL;

        harness_drive(h, spec);
        d.dev = harness_device(h, "virtio-blk-device");
        d.dev->parent_bus = harness_device(h, "virtio-mmio");
        ck_assert(device_set_prop(d.dev, "drive", id, NULL));
        ck_assert(device_set_prop(d.dev, rows[i][0], rows[i][1], NULL));
        ck_assert(!device_realize(d.dev, &err));
        ck_assert_msg(strstr(err->message, rows[i][2]), "%s", err->message);
    }
}
END_TEST

/* ---- reading and writing ---- */

START_TEST(reads_and_writes)
{
    start(_i, F_FLUSH);
    ck_assert_uint_eq(request(T_IN, 3, 0, 4096), S_OK);
    ck_assert_uint_eq(vq_used_len(&d, 0, 0), 4097);
    for (int i = 0; i < 4096; i++)
        ck_assert_uint_eq(*mem(DATA + i), image_byte(3 * 512 + i));
    memset(mem(DATA), 0x42, 1024);
    ck_assert_uint_eq(request(T_OUT, SECTORS - 2, 0, 1024), S_OK);
    ck_assert_uint_eq(vq_used_len(&d, 0, 1), 1);
    ck_assert_uint_eq(file_byte(IMAGE - 1), 0x42);
    ck_assert_uint_eq(file_byte(IMAGE - 1024), 0x42);
    ck_assert_uint_eq(file_byte(IMAGE - 1025), image_byte(IMAGE - 1025));
    ck_assert_uint_eq(request(T_FLUSH, 0, 0, 0), S_OK);
    ck_assert_irq(h, VQ_LINE, true);
}
END_TEST

/* Header, data and status cut anywhere, one part of each with another. */
START_TEST(layout_is_free)
{
    start(_i, F_FLUSH);
    st32_le(mem(0), T_OUT);
    st64_le(mem(8), 1);
    memset(mem(16), 0x21, 512);
    *mem(STATUS) = NO_STATUS;
    vq_set_desc(&d, 0, 0, VQ_DATA, 7, VQ_NEXT, 1);
    vq_set_desc(&d, 0, 1, VQ_DATA + 7, 100, VQ_NEXT, 2);
    vq_set_desc(&d, 0, 2, VQ_DATA + 107, 0, VQ_NEXT, 3);
    vq_set_desc(&d, 0, 3, VQ_DATA + 107, 421, VQ_NEXT, 4);
    vq_set_desc(&d, 0, 4, VQ_DATA + STATUS, 1, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    wait_used(0, 1);
    ck_assert_uint_eq(*mem(STATUS), S_OK);
    ck_assert_uint_eq(file_byte(512), 0x21);
    ck_assert_uint_eq(file_byte(1023), 0x21);
    ck_assert_uint_eq(file_byte(1024), image_byte(1024));
    st32_le(mem(0), T_IN);
    vq_set_desc(&d, 0, 0, VQ_DATA, 16, VQ_NEXT, 1);
    vq_set_desc(&d, 0, 1, VQ_DATA + DATA + 1, 300, VQ_NEXT | VQ_WRITE, 2);
    vq_set_desc(&d, 0, 2, VQ_DATA + DATA + 1000, 213, VQ_WRITE, 0);      /* the last byte is the status */
    *mem(DATA + 1000 + 212) = NO_STATUS;
    vq_offer(&d, 0, 0);
    wait_used(0, 2);
    ck_assert_uint_eq(*mem(DATA + 1000 + 212), S_OK);
    ck_assert_uint_eq(*mem(DATA + 1), 0x21);
    ck_assert_uint_eq(*mem(DATA + 1000 + 211), 0x21);
    ck_assert_uint_eq(vq_used_len(&d, 0, 1), 513);
}
END_TEST

static uint64_t written_from, written_bytes;

static void note_written(void *opaque, uint64_t paddr, uint64_t len)
{
    (void)opaque;
    if (paddr < VQ_DATA + DATA)
        return;
    written_from = paddr;
    written_bytes += len;
}

/* Translated code there must go. */
START_TEST(memory_that_was_read_into_counts_as_written)
{
    start(_i, 0);
    bus_set_write_hook(h->m->bus, note_written, NULL);
    written_bytes = 0;
    ck_assert_uint_eq(request(T_IN, 0, 512, 2048), S_OK);
    ck_assert_uint_eq(written_from, VQ_DATA + DATA + 512);
    ck_assert_uint_eq(written_bytes, 2048);
    ck_assert_uint_eq(request(T_OUT, 0, 512, 2048), S_OK);
    ck_assert_uint_eq(written_bytes, 2048);
}
END_TEST

START_TEST(one_interrupt_for_a_batch)
{
    start(_i, 0);
    put_request(0, 0, T_IN, 0, 0, 512);
    put_request(0, 1, T_IN, 1, 512, 512);
    st16_le(vq_avail(&d, 0) + 4, 0);
    st16_le(vq_avail(&d, 0) + 6, 3);
    st16_le(vq_avail(&d, 0) + 2, 2);
    vq_kick(&d, 0);
    wait_used(0, 2);
    ck_assert_int_eq(h->rises[VQ_LINE], 1);
    ck_assert_uint_eq(*mem(DATA + 512), image_byte(512));
}
END_TEST

START_TEST(several_queues)
{
    static const char *const props[] = { "num-queues", "4", NULL };

    start_with(_i, F_MQ, "", props);
    vd_start(&d, F_MQ, 4);
    for (unsigned q = 0; q < 4; q++) {
        put_request(q, 0, T_IN, q, 512 * q, 512);
        vq_offer(&d, q, 0);
        wait_used(q, 1);
        ck_assert_uint_eq(*mem(DATA + 512 * q + 7), image_byte(512 * q + 7));
    }
    ck_assert_uint_eq(vq_used_idx(&d, 0), 1);
}
END_TEST

/* A driver that goes on offering the same chains while the device works. */
START_TEST(many_requests)
{
    start(_i, F_EVENT);
    for (unsigned i = 0; i < 2000; i++) {
        put_request(0, i % 2, T_IN, i % SECTORS, 512 * (i % 2), 512);
        vq_offer(&d, 0, 3 * (i % 2));
        wait_used(0, i + 1);
        ck_assert_uint_eq(*mem(DATA + 512 * (i % 2)), image_byte(512 * (i % SECTORS)));
    }
}
END_TEST

START_TEST(serial_number)
{
    static const char *const props[] = { "serial", "0123456789abcdefghijklmnop", NULL };

    start_with(_i, 0, "", props);
    ck_assert_uint_eq(request(T_ID, 0, 0, 20), S_OK);
    ck_assert(!memcmp(mem(DATA), "0123456789abcdefghij", 20));
    memset(mem(DATA), 0xff, 20);
    ck_assert_uint_eq(request(T_ID, 0, 0, 5), S_OK);
    ck_assert(!memcmp(mem(DATA), "01234\377", 6));
}
END_TEST

/* ---- what cannot be done ---- */

START_TEST(bad_requests_fail)
{
    start(_i, F_FLUSH);
    ck_assert_uint_eq(request(T_IN, SECTORS, 0, 512), S_IOERR);
    ck_assert_uint_eq(vq_used_len(&d, 0, 0), 1);
    ck_assert_uint_eq(request(T_IN, SECTORS - 1, 0, 1024), S_IOERR);
    ck_assert_uint_eq(request(T_OUT, UINT64_MAX, 0, 512), S_IOERR);
    ck_assert_uint_eq(request(T_OUT, UINT64_MAX / 512, 0, 512), S_IOERR);
    ck_assert_uint_eq(request(T_IN, 0, 0, 513), S_IOERR);
    ck_assert_uint_eq(request(99, 0, 0, 512), S_UNSUPP);
    ck_assert_uint_eq(request(T_IN, 0, 0, 512), S_OK);
}
END_TEST

START_TEST(blocks_are_whole)
{
    static const char *const props[] = { "logical_block_size", "4096", "physical_block_size", "4096", NULL };

    start_with(_i, 0, "", props);
    ck_assert_uint_eq(request(T_IN, 1, 0, 4096), S_IOERR);
    ck_assert_uint_eq(request(T_IN, 8, 0, 512), S_IOERR);
    ck_assert_uint_eq(request(T_IN, 8, 0, 4096), S_OK);
}
END_TEST

START_TEST(a_readonly_disk)
{
    start_with(_i, 0, ",readonly=on", NULL);
    ck_assert_uint_eq(features() & F_RO, F_RO);
    ck_assert_uint_eq(request(T_OUT, 0, 0, 512), S_IOERR);
    st32_le(mem(DATA + 8), 1);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 16), S_IOERR);
    ck_assert_uint_eq(request(T_IN, 0, 0, 512), S_OK);
    ck_assert_uint_eq(*mem(DATA), image_byte(0));
}
END_TEST

static void expect_broken(void)
{
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
    if (!d.legacy)
        ck_assert_uint_eq(vd_read(&d, V_STATUS) & NEEDS_RESET, NEEDS_RESET);
    vd_start(&d, F_FLUSH, 1);
    ck_assert_uint_eq(request(T_IN, 0, 0, 512), S_OK);
    vd_start(&d, F_FLUSH, 1);
}

START_TEST(hostile_chains_stop_the_device)
{
    start(_i, F_FLUSH);
    vq_set_desc(&d, 0, 0, VQ_DATA, 16, 0, 0);            /* no status */
    vq_offer(&d, 0, 0);
    expect_broken();
    vq_set_desc(&d, 0, 0, VQ_DATA, 15, VQ_NEXT, 1);      /* no header */
    vq_set_desc(&d, 0, 1, VQ_DATA + STATUS, 1, VQ_WRITE, 0);
    vq_offer(&d, 0, 0);
    expect_broken();
    put_request(0, 0, T_IN, 0, 0, 512);                  /* data to device registers */
    st64_le(vq_desc(&d, 0) + 16, VMMIO);
    vq_offer(&d, 0, 0);
    expect_broken();
    put_request(0, 0, T_OUT, 0, 0, 512);                 /* data that begins in RAM and ends outside */
    st64_le(vq_desc(&d, 0) + 16, HARNESS_RAM + HARNESS_RAM_SIZE - 256);
    vq_offer(&d, 0, 0);
    expect_broken();
    put_request(0, 0, T_IN, 0, 0, 512);                  /* a status byte that is nowhere */
    st64_le(vq_desc(&d, 0) + 32, UINT64_MAX);
    vq_offer(&d, 0, 0);
    for (int i = 0; i < 100 && !(vd_read(&d, V_STATUS) & NEEDS_RESET) && !_i; i++) {
        g_usleep(1000);
        harness_settle(h);
    }
    expect_broken();
}
END_TEST

/* A request that may be right, and with a chance of 1 in 4 one field of its descriptors that is not. */
static void put_noise(struct rng *r, unsigned i)
{
    static const uint32_t types[] = { T_IN, T_IN, T_OUT, T_OUT, T_FLUSH, T_ID, T_DISCARD, T_ZEROES, 5, 0x80000001 };
    uint8_t *desc = vq_desc(&d, 0) + 16 * (3 * i + rng_below(r, 3));

    for (uint32_t k = 0; k < 64; k += 16) {      /* ranges, should it be DISCARD */
        st64_le(mem(DATA + k), rng_below(r, SECTORS + 2));
        st64_le(mem(DATA + k + 8), rng_below(r, 20));
    }
    put_request(0, i, types[rng_below(r, G_N_ELEMENTS(types))], rng_below(r, SECTORS + 2), 0,
                rng_below(r, 4) ? 16 * rng_below(r, 4) : 512 * rng_below(r, 16));
    switch (rng_below(r, 16)) {
    case 0:
        st64_le(desc, HARNESS_RAM + HARNESS_RAM_SIZE - rng_below(r, 600));
        break;
    case 1:
        st32_le(desc + 8, rng_below(r, 2) ? rng_below(r, 600) : rng_u32(r));
        break;
    case 2:
        st16_le(desc + 12, (uint16_t)rng_below(r, 8));
        break;
    case 3:
        st16_le(desc + 14, (uint16_t)rng_below(r, 9));
        break;
    }
}

/* What takes a thread or a disk. */
static void settle_a_while(void)
{
    for (int i = 0; i < 3; i++) {
        harness_settle(h);
        g_usleep(30);
    }
    harness_settle(h);
}

START_TEST(survives_noise)
{
    unsigned done = 0, ok = 0;
    struct rng r;

    start(_i, F_INDIRECT | F_EVENT);
    harness_hammer(h, VMMIO, 0x200, 100000, 21);
    rng_init(&r, 22);
    for (int i = 0; i < 3000; i++) {
        vd_start(&d, F_INDIRECT | F_EVENT | (rng_below(&r, 2) ? F_FLUSH : 0), 1);
        put_noise(&r, 0);
        put_noise(&r, 1);
        for (unsigned k = 0; k < 4; k++)
            vq_offer(&d, 0, rng_below(&r, 30) ? 3 * (k & 1) : rng_below(&r, 9));
        if (rng_below(&r, 2))
            settle_a_while();
        done += vq_used_idx(&d, 0);
        ok += *mem(STATUS) == S_OK;
    }
    ck_assert_uint_gt(done, 3000);               /* or it was nothing but noise */
    ck_assert_uint_gt(ok, 300);
    vd_start(&d, F_FLUSH, 1);
    ck_assert_uint_eq(request(T_FLUSH, 0, 0, 0), S_OK);
}
END_TEST

/* ---- the write cache ---- */

START_TEST(writeback_can_be_switched_when_negotiated)
{
    start(_i, F_FLUSH);
    dev_write(h, VMMIO + V_CONFIG + 32, 1, 0);
    ck_assert_uint_eq(config(32, 1), 1);
    vd_start(&d, F_FLUSH | F_WCE, 1);
    dev_write(h, VMMIO + V_CONFIG + 32, 1, 0);
    ck_assert_uint_eq(config(32, 1), 0);
    ck_assert_uint_eq(request(T_OUT, 0, 0, 512), S_OK);
    dev_write(h, VMMIO + V_CONFIG, 4, 77);       /* the rest cannot be written */
    ck_assert_uint_eq(config(0, 4), SECTORS);
    vd_start(&d, F_FLUSH | F_WCE, 1);
    ck_assert_uint_eq(config(32, 1), 1);
}
END_TEST

/* ---- discard and write zeroes ---- */

static void put_range(unsigned i, uint64_t sector, uint32_t sectors, uint32_t flags)
{
    st64_le(mem(DATA + 16 * i), sector);
    st32_le(mem(DATA + 16 * i + 8), sectors);
    st32_le(mem(DATA + 16 * i + 12), flags);
}

START_TEST(several_ranges)
{
    start(_i, F_ZEROES | F_DISCARD);
    put_range(0, 1, 2, 0);
    put_range(1, 100, 1, 1);
    put_range(2, SECTORS - 1, 1, 0);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 48), S_OK);
    for (uint32_t s = 0; s < SECTORS; s++) {
        bool zero = s == 1 || s == 2 || s == 100 || s == SECTORS - 1;

        ck_assert_uint_eq(file_byte(512 * s + 5), zero ? 0 : image_byte(512 * s + 5));
    }
    put_range(0, 8, 8, 0);
    put_range(1, 64, 64, 0);
    ck_assert_uint_eq(request(T_DISCARD, 0, 0, 32), S_OK);
    ck_assert_uint_eq(file_byte(512 * 8), 0);
    ck_assert_uint_eq(file_byte(512 * 127), 0);
    ck_assert_uint_eq(file_byte(512 * 16), image_byte(512 * 16));
}
END_TEST

START_TEST(bad_ranges)
{
    static const char *const off[] = { "discard", "off", NULL };

    start(_i, F_ZEROES | F_DISCARD);
    put_range(0, 0, 1, 0);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 15), S_UNSUPP);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 33 * 16), S_UNSUPP);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 0), S_UNSUPP);
    put_range(1, SECTORS, 1, 0);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 32), S_IOERR);
    ck_assert_uint_eq(file_byte(5), image_byte(5));      /* nothing of it was done */
    put_range(0, 0, 1, 2);
    ck_assert_uint_eq(request(T_ZEROES, 0, 0, 16), S_UNSUPP);
    put_range(0, 0, 1, 1);
    ck_assert_uint_eq(request(T_DISCARD, 0, 0, 16), S_UNSUPP);
    put_range(0, UINT64_MAX / 512, 2, 0);
    ck_assert_uint_eq(request(T_DISCARD, 0, 0, 16), S_IOERR);
    put_range(0, 0, UINT32_MAX, 0);
    ck_assert_uint_eq(request(T_DISCARD, 0, 0, 16), S_IOERR);
    teardown();
    start_with(_i, 0, "", off);
    put_range(0, 0, 1, 0);
    ck_assert_uint_eq(request(T_DISCARD, 0, 0, 16), S_UNSUPP);
}
END_TEST

/* ---- errors of the host ---- */

static void go_on(void)
{
    machine_lock(h->m);
    ck_assert(machine_cont(h->m, NULL));
    machine_unlock(h->m);
}

/* Until the machine has stopped. */
static void wait_stopped(void)
{
    while (h->m->state != RUN_IO_ERROR)
        event_loop_poll(h->loop, true);
    harness_settle(h);
}

/* The machine as if it ran, its images in a file system of 512 KiB; false where that cannot be had. */
static bool start_small(bool legacy, const char *options)
{
    h = harness_new();
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", h->dir, "tmpfs", 0, "size=512k")) {
        printf("skipped: no mount of a small file system is allowed here (it takes root)\n");
        return false;
    }
    snprintf(image, sizeof(image), "%s/image", h->dir);
    ck_assert(g_file_set_contents(image, "", 0, NULL) && !truncate(image, IMAGE));
    plug(legacy, options, NULL);
    vd_start(&d, F_FLUSH, 1);
    h->m->state = RUN_RUNNING;
    return true;
}

/* A file that takes what is left. */
static char *fill_up(void)
{
    static char chunk[600 << 10];
    char *name = g_strdup_printf("%s/ballast", h->dir);
    FILE *f = fopen(name, "we");

    setvbuf(f, NULL, _IONBF, 0);
    ck_assert(fwrite(chunk, 1, sizeof(chunk), f) < sizeof(chunk));
    fclose(f);
    return name;
}

static void unmount(void)
{
    char dir[sizeof(h->dir)];

    strcpy(dir, h->dir);
    ck_assert(!umount2(dir, MNT_DETACH));
}

START_TEST(a_full_host_disk_keeps_requests)
{
    g_autofree char *ballast = NULL;

    if (!start_small(_i, ""))
        return;
    ballast = fill_up();
    memset(mem(DATA), 0x61, 4096);
    memset(mem(DATA + 4096), 0x62, 4096);
    put_request(0, 0, T_OUT, 8, 0, 4096);
    put_request(0, 1, T_OUT, 16, 4096, 4096);
    vq_offer(&d, 0, 0);
    vq_offer(&d, 0, 3);
    wait_stopped();
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
    go_on();                                     /* no room yet: it stops again */
    ck_assert_int_eq(h->m->state, RUN_RUNNING);
    wait_stopped();
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
    ck_assert_uint_eq(*mem(STATUS), NO_STATUS);
    ck_assert(!unlink(ballast));
    go_on();
    wait_used(0, 2);
    ck_assert_uint_eq(*mem(STATUS), S_OK);
    ck_assert_uint_eq(*mem(STATUS + 1), S_OK);
    ck_assert_uint_eq(file_byte(8 * 512), 0x61);
    ck_assert_uint_eq(file_byte(16 * 512 + 4095), 0x62);
    ck_assert_int_eq(h->m->state, RUN_RUNNING);
    unmount();
}
END_TEST

START_TEST(a_full_host_disk_may_be_the_guests_problem)
{
    g_autofree char *ballast = NULL;

    if (!start_small(_i, ",werror=report"))
        return;
    ballast = fill_up();
    ck_assert_uint_eq(request(T_OUT, 8, 0, 4096), S_IOERR);
    ck_assert_int_eq(h->m->state, RUN_RUNNING);
    unmount();
}
END_TEST

START_TEST(reading_errors_by_policy)
{
    start_with(_i, 0, ",rerror=stop", NULL);
    h->m->state = RUN_RUNNING;
    ck_assert(!truncate(image, 4096));
    put_request(0, 0, T_IN, 100, 0, 512);
    vq_offer(&d, 0, 0);
    wait_stopped();
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
    ck_assert(!truncate(image, IMAGE));
    go_on();
    wait_used(0, 1);
    ck_assert_uint_eq(*mem(STATUS), S_OK);
    teardown();
    start_with(_i, 0, ",rerror=ignore", NULL);
    ck_assert(!truncate(image, 4096));
    ck_assert_uint_eq(request(T_IN, 100, 0, 512), S_OK);
    teardown();
    start_with(_i, 0, "", NULL);
    ck_assert(!truncate(image, 4096));
    ck_assert_uint_eq(request(T_IN, 100, 0, 512), S_IOERR);
}
END_TEST

/* A reset forgets what was kept, and the machine can go on. */
START_TEST(reset_drops_kept_requests)
{
    start_with(_i, 0, ",rerror=stop", NULL);
    h->m->state = RUN_RUNNING;
    ck_assert(!truncate(image, 4096));
    put_request(0, 0, T_IN, 100, 0, 512);
    vq_offer(&d, 0, 0);
    wait_stopped();
    vd_start(&d, 0, 1);
    go_on();
    harness_settle(h);
    ck_assert_uint_eq(vq_used_idx(&d, 0), 0);
    ck_assert_int_eq(h->m->state, RUN_RUNNING);
    ck_assert_uint_eq(request(T_IN, 1, 0, 512), S_OK);
}
END_TEST

/* After the reset has been acknowledged nothing is written any more. */
START_TEST(reset_waits_for_requests_under_way)
{
    start_with(_i, 0, ",aio=threads", NULL);
    for (int i = 0; i < 200; i++) {
        put_request(0, 0, T_IN, 0, 0, 256 << 10);
        vq_offer(&d, 0, 0);
        vd_write(&d, V_STATUS, 0);
        memset(mem(DATA), 0xcc, 256 << 10);
        g_usleep(20);
        harness_settle(h);
        for (uint32_t k = 0; k < 256 << 10; k += 511)
            ck_assert_uint_eq(*mem(DATA + k), 0xcc);
        vd_start(&d, 0, 1);
    }
}
END_TEST

static Suite *virtio_blk_suite(void)
{
    Suite *s = suite_create("virtio-blk");
    TCase *t = tcase_create("virtio-blk");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_loop_test(t, configuration_of_a_plain_disk, 0, 2);
    tcase_add_loop_test(t, configuration_by_properties, 0, 2);
    tcase_add_test(t, properties_that_make_no_sense);
    tcase_add_loop_test(t, reads_and_writes, 0, 2);
    tcase_add_loop_test(t, layout_is_free, 0, 2);
    tcase_add_loop_test(t, memory_that_was_read_into_counts_as_written, 0, 2);
    tcase_add_loop_test(t, one_interrupt_for_a_batch, 0, 2);
    tcase_add_loop_test(t, several_queues, 0, 2);
    tcase_add_loop_test(t, many_requests, 0, 2);
    tcase_add_loop_test(t, serial_number, 0, 2);
    tcase_add_loop_test(t, bad_requests_fail, 0, 2);
    tcase_add_loop_test(t, blocks_are_whole, 0, 2);
    tcase_add_loop_test(t, a_readonly_disk, 0, 2);
    tcase_add_loop_test(t, hostile_chains_stop_the_device, 0, 2);
    tcase_add_loop_test(t, survives_noise, 0, 2);
    tcase_add_loop_test(t, writeback_can_be_switched_when_negotiated, 0, 2);
    tcase_add_loop_test(t, several_ranges, 0, 2);
    tcase_add_loop_test(t, bad_ranges, 0, 2);
    tcase_add_loop_test(t, a_full_host_disk_keeps_requests, 0, 2);
    tcase_add_loop_test(t, a_full_host_disk_may_be_the_guests_problem, 0, 2);
    tcase_add_loop_test(t, reading_errors_by_policy, 0, 2);
    tcase_add_loop_test(t, reset_drops_kept_requests, 0, 2);
    tcase_add_loop_test(t, reset_waits_for_requests_under_way, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(virtio_blk_suite)
