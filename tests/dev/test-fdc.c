/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/fdc.c against Intel 290166 (82077AA), with hw/dma/i8237.c (Intel 231466): a 1.44 MB disk in drive A. */
#include "config.h"
#include <string.h>
#include "hw/block/fdc.h"
#include "hw/dma/i8237.h"
#include "softmmu/machine.h"
#include "tests/dev/harness.h"
#include "util/rng.h"

#define FDC 0x3f0u
#define DIR 0x3f7u
#define DMA 0x1000u              /* the controllers' ports on the test's bus */
#define DMA_HIGH 0x10c0u
#define PAGES 0x1080u
#define SECTORS 2880
enum { DOR = 2, MSR = 4, FIFO = 5 };

static struct harness *h;
static struct device *fdc, *dma;

static void out(unsigned reg, uint8_t v)
{
    dev_write(h, FDC + reg, 1, v);
}

static uint8_t in(unsigned reg)
{
    return (uint8_t)dev_read(h, FDC + reg, 1);
}

static uint8_t expected(unsigned sector, unsigned i)
{
    return (uint8_t)(sector * 7 + i);
}

static struct device *disk(const char *id, size_t sectors, const char *more)
{
    g_autofree char *path = g_strdup_printf("%s/%s", h->dir, id), *data = g_malloc(sectors * 512), *spec = NULL;
    struct device *dev = harness_device(h, "floppy");

    for (size_t i = 0; i < sectors * 512; i++)
        data[i] = (char)expected((unsigned)(i / 512), (unsigned)(i % 512));
    ck_assert(g_file_set_contents(path, data, (gssize)(sectors * 512), NULL));
    spec = g_strdup_printf("file=%s,format=raw,if=none,id=%s%s", path, id, more);
    harness_drive(h, spec);
    ck_assert(device_set_prop(dev, "drive", id, NULL));
    ck_assert(fdc_plug(fdc, dev, NULL));
    return harness_realize(h, dev, 0);
}

static void setup(void)
{
    h = harness_new();
    dma = harness_realize(h, harness_device(h, "i8237"), DMA);
    device_map(dma, 1, DMA_HIGH);
    device_map(dma, 2, PAGES);
    fdc = harness_device(h, "isa-fdc");
    fdc_set_dma(fdc, dma);
    harness_realize(h, fdc, FDC);
    device_map(fdc, 1, DIR);
    harness_watch(h, fdc, 0, 1, 0);
    disk("a", SECTORS, "");
}

static void teardown(void)
{
    harness_free(h);
}

static void wait_ready(void)
{
    for (int i = 0; i < 2000 && !(in(MSR) & 0x80); i++) {
        harness_settle(h);
        g_usleep(200);
    }
    ck_assert_uint_eq(in(MSR) & 0x80, 0x80);
}

static void command(const uint8_t *bytes, int n)
{
    for (int i = 0; i < n; i++) {
        ck_assert_uint_eq(in(MSR) & 0xc0, 0x80);
        out(FIFO, bytes[i]);
    }
}
#define COMMAND(...) command((const uint8_t[]){ __VA_ARGS__ }, (int)sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void result(uint8_t *r, int n)
{
    wait_ready();
    for (int i = 0; i < n; i++) {
        ck_assert_uint_eq(in(MSR) & 0xd0, 0xd0);
        r[i] = in(FIFO);
    }
    ck_assert_uint_eq(in(MSR) & 0xd0, 0x80);
}

static void start(void)
{
    uint8_t r[2];

    out(DOR, 0);
    out(DOR, 0x1c);
    for (int i = 0; i < 4; i++) {
        COMMAND(8);
        result(r, 2);
        ck_assert_uint_eq(r[0], 0xc0 | i);
    }
    COMMAND(3, 0xdf, 2);
}

/* Memory to reach is below 16 MiB. */
static void program(uint8_t mode, uint32_t addr, uint16_t len)
{
    dev_write(h, DMA + 0xc, 1, 0);
    dev_write(h, DMA + 4, 1, (uint8_t)addr), dev_write(h, DMA + 4, 1, (uint8_t)(addr >> 8));
    dev_write(h, PAGES + 1, 1, (uint8_t)(addr >> 16));
    dev_write(h, DMA + 5, 1, (uint8_t)(len - 1)), dev_write(h, DMA + 5, 1, (uint8_t)((len - 1) >> 8));
    dev_write(h, DMA + 0xb, 1, mode | 2);
    dev_write(h, DMA + 0xa, 1, 2);
}

static uint8_t *low;

static void setup_low(void)
{
    setup();
    low = bus_add_ram(h->m->bus, "low", 0x100000, 0x40000, false, NULL);
    start();
}

START_TEST(reset_polls_four_drives)
{
    uint8_t r[2];

    out(DOR, 0);
    ck_assert_uint_eq(in(MSR), 0);
    out(DOR, 0xc);
    ck_assert_irq(h, 0, true);
    COMMAND(8);
    ck_assert_irq(h, 0, false);
    result(r, 2);
    ck_assert_uint_eq(r[0], 0xc0);
    for (int i = 1; i < 4; i++) {
        COMMAND(8);
        result(r, 2);
    }
    COMMAND(8);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x80);
    COMMAND(0x10);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x90);
    COMMAND(0x1f);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x80);
}
END_TEST

START_TEST(seeks)
{
    uint8_t r[7];

    ck_assert_uint_eq(dev_read(h, DIR, 1) & 0x80, 0x80);         /* a new disk */
    COMMAND(0xf, 0, 40);
    ck_assert_irq(h, 0, true);
    COMMAND(8);
    result(r, 2);
    ck_assert_uint_eq(r[0], 0x20);
    ck_assert_uint_eq(r[1], 40);
    ck_assert_uint_eq(dev_read(h, DIR, 1) & 0x80, 0);
    COMMAND(0x4a, 0);
    result(r, 7);
    ck_assert_uint_eq(r[3], 40);
    ck_assert_uint_eq(r[6], 2);
    COMMAND(7, 0);
    COMMAND(8);
    result(r, 2);
    ck_assert_uint_eq(r[1], 0);
    COMMAND(4, 0);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x38);
    COMMAND(7, 1);                               /* no drive there */
    COMMAND(8);
    result(r, 2);
    ck_assert_uint_eq(r[0], 0x71);
}
END_TEST

START_TEST(reads_by_dma)
{
    uint8_t r[7];

    program(0x44, 0x123400, 3 * 512);
    COMMAND(0xe6, 0, 0, 0, 17, 2, 18, 0x1b, 0xff);
    wait_ready();
    ck_assert_irq(h, 0, true);
    result(r, 7);
    ck_assert_irq(h, 0, false);
    ck_assert_uint_eq(r[0], 0x04);               /* head 1 by now */
    ck_assert_uint_eq(r[1], 0);
    ck_assert_uint_eq(r[4], 1);
    ck_assert_uint_eq(r[5], 2);
    for (unsigned i = 0; i < 3 * 512; i++)
        ck_assert_uint_eq(low[0x23400 + i], expected(16 + i / 512, i % 512));
    ck_assert_uint_eq(low[0x23400 + 3 * 512], 0);
    ck_assert_uint_eq(dev_read(h, DMA + 8, 1) & 4, 4);           /* terminal count */
}
END_TEST

START_TEST(writes_by_dma)
{
    uint8_t r[7];

    memset(low, 0x5a, 1024);
    program(0x48, 0x100000, 1024);
    COMMAND(0xf, 0, 3), COMMAND(8), result(r, 2);
    COMMAND(0xc5, 0, 3, 1, 5, 2, 18, 0x1b, 0xff);
    result(r, 7);
    ck_assert_uint_eq(r[0] & 0xc0, 0);
    program(0x44, 0x110000, 512 * 3);
    COMMAND(0xe6, 4, 3, 1, 5, 2, 18, 0x1b, 0xff);
    result(r, 7);
    ck_assert_uint_eq(low[0x10000 + 1023], 0x5a);
    ck_assert_uint_eq(low[0x10000 + 1024], expected((3 * 2 + 1) * 18 + 6, 0));
}
END_TEST

START_TEST(errors)
{
    uint8_t r[7];

    program(0x44, 0x100000, 512);
    COMMAND(0xe6, 0, 0, 0, 19, 2, 18, 0x1b, 0xff);               /* no such sector */
    result(r, 7);
    ck_assert_uint_eq(r[0] & 0xc0, 0x40);
    ck_assert_uint_eq(r[1], 4);
    COMMAND(0xe6, 0, 5, 0, 1, 2, 18, 0x1b, 0xff);                /* the head is elsewhere */
    result(r, 7);
    ck_assert_uint_eq(r[1], 4);
    COMMAND(0xe6, 1, 0, 0, 1, 2, 18, 0x1b, 0xff);                /* no drive */
    result(r, 7);
    ck_assert_uint_eq(r[0], 0x41);
    ck_assert_uint_eq(r[1], 1);
    program(0x44, 0x100000, 2000);
    COMMAND(0x46, 0, 0, 0, 18, 2, 18, 0x1b, 0xff);               /* ends with the track, but DMA wants more */
    result(r, 7);
    ck_assert_uint_eq(r[0] & 0xc0, 0x40);
    ck_assert_uint_eq(r[1], 0x80);
    dev_write(h, DMA + 0xa, 1, 6);                               /* masked */
    COMMAND(0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    result(r, 7);
    ck_assert_uint_eq(r[1], 0x10);
}
END_TEST

START_TEST(without_dma)
{
    uint8_t r[7];

    COMMAND(3, 0xdf, 3);
    COMMAND(0x46, 0, 0, 0, 1, 2, 2, 0x1b, 0xff);
    for (unsigned i = 0; i < 1024; i++) {
        if (!(i % 512))
            wait_ready();
        ck_assert_uint_eq(in(MSR), 0xf0);
        ck_assert_uint_eq(in(FIFO), expected(i / 512, i % 512));
    }
    result(r, 7);
    ck_assert_uint_eq(r[1], 0x80);
}
END_TEST

START_TEST(formats)
{
    uint8_t r[7];

    for (unsigned i = 0; i < 18; i++)
        memcpy(low + 4 * i, (const uint8_t[]){ 0, 0, (uint8_t)(i + 1), 2 }, 4);
    program(0x48, 0x100000, 72);
    COMMAND(0x4d, 0, 2, 18, 0x50, 0xf6);
    result(r, 7);
    ck_assert_uint_eq(r[0] & 0xc0, 0);
    program(0x44, 0x100000, 512 * 2);
    COMMAND(0xe6, 0, 0, 0, 18, 2, 18, 0x1b, 0xff);
    result(r, 7);
    ck_assert_uint_eq(low[511], 0xf6);
    ck_assert_uint_eq(low[512], expected(18, 0));
}
END_TEST

START_TEST(protected_disk_and_kinds)
{
    uint8_t r[7];
    struct device *third = harness_device(h, "floppy");

    disk("b", 1440, ",readonly=on");
    ck_assert_uint_eq(fdc_drive_type(fdc, 0), 4);
    ck_assert_uint_eq(fdc_drive_type(fdc, 1), 3);
    ck_assert(!fdc_plug(fdc, third, NULL));
    program(0x48, 0x100000, 512);
    COMMAND(0xc5, 1, 0, 0, 1, 2, 9, 0x1b, 0xff);
    result(r, 7);
    ck_assert_uint_eq(r[1], 2);
    COMMAND(4, 1);
    result(r, 1);
    ck_assert_uint_eq(r[0] & 0x40, 0x40);
}
END_TEST

START_TEST(dma_registers)
{
    uint8_t buf[64] = { 0 };
    bool end;

    dev_write(h, DMA + 0xd, 1, 0);
    ck_assert_uint_eq(dev_read(h, DMA + 0xf, 1), 0xff);
    ck_assert(!i8237_ready(dma, 2));
    memcpy(low, "0123456789", 10);
    dev_write(h, DMA_HIGH + 0x18, 1, 0);
    dev_write(h, DMA_HIGH + 4, 1, 0x00), dev_write(h, DMA_HIGH + 4, 1, 0x80);    /* channel 5, words: 110000h */
    dev_write(h, PAGES + 0xb, 1, 0x10);
    dev_write(h, DMA_HIGH + 6, 1, 3), dev_write(h, DMA_HIGH + 6, 1, 0);
    dev_write(h, DMA_HIGH + 0x16, 1, 0x59);      /* autoinitialize, from memory */
    dev_write(h, DMA_HIGH + 0x14, 1, 1);
    memcpy(low + 0x10000, "abcdefgh", 8);
    ck_assert_uint_eq(i8237_transfer(dma, 5, buf, 64, &end), 8);
    ck_assert(end);
    ck_assert_mem_eq(buf, "abcdefgh", 8);
    ck_assert(i8237_ready(dma, 5));              /* it has begun anew */
    ck_assert_uint_eq(dev_read(h, DMA_HIGH + 6, 1), 3);
    program(0x64, 0x100009, 10);                 /* downwards, to memory */
    memcpy(buf, "9876543210", 10);
    ck_assert_uint_eq(i8237_transfer(dma, 2, buf, 64, &end), 10);
    ck_assert_mem_eq(low, "0123456789", 10);
    ck_assert(!i8237_ready(dma, 2));
}
END_TEST

START_TEST(survives_random_accesses)
{
    struct rng r;

    rng_init(&r, 9);
    for (int i = 0; i < 60; i++) {
        harness_hammer_ports(h, FDC, 6, 2000, (uint64_t)i);
        harness_hammer_ports(h, DMA, 16, 200, (uint64_t)i);
        harness_hammer_ports(h, PAGES, 16, 20, (uint64_t)i);
        harness_hammer_ports(h, DMA_HIGH, 32, 200, (uint64_t)i);
        out(DOR, 0);
        out(DOR, 0xc);
        program(i & 1 ? 0x44 : 0x48, 0x100000, (uint16_t)rng_u32(&r));
        for (int n = 0; n < 40; n++)
            out(FIFO, rng_below(&r, 3) ? (uint8_t)rng_below(&r, 8) : (uint8_t)rng_u32(&r));
        harness_settle(h);
    }
    out(DOR, 0);
    start();
}
END_TEST

static Suite *fdc_suite(void)
{
    Suite *s = suite_create("fdc");
    TCase *t = tcase_create("fdc");

    tcase_add_checked_fixture(t, setup_low, teardown);
    tcase_add_test(t, reset_polls_four_drives);
    tcase_add_test(t, seeks);
    tcase_add_test(t, reads_by_dma);
    tcase_add_test(t, writes_by_dma);
    tcase_add_test(t, errors);
    tcase_add_test(t, without_dma);
    tcase_add_test(t, formats);
    tcase_add_test(t, protected_disk_and_kinds);
    tcase_add_test(t, dma_registers);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(fdc_suite)
