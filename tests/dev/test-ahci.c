/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/ahci.c against AHCI 1.3.1: a disk on port 0, a CD-ROM on port 1. */
#include "config.h"
#include <string.h>
#include <unistd.h>
#include "hw/block/ata.h"
#include "hw/pci/pci.h"
#include "softmmu/machine.h"
#include "tests/dev/harness.h"
#include "util/endian.h"
#include "util/rng.h"

#define ECAM 0x3f000000u
#define MEM 0x10000000u
#define FN (ECAM + (3 << 15))
#define PORT(n) (MEM + 0x100 + 0x80 * (n))
#define LIST(n) (HARNESS_RAM + 0x1000 * (n))     /* of port n; received frames at +0x400 */
#define TABLES(n) (HARNESS_RAM + 0x10000 + 0x8000 * (n))         /* 0x400 each slot */
#define DATA (HARNESS_RAM + 0x40000)
#define SECTORS 4096
enum { IS = 0x10, IE = 0x14, CMD = 0x18, TFD = 0x20, SIG = 0x24, SSTS = 0x28, SCTL = 0x2c, SACT = 0x34, CI = 0x38 };
enum { GHC = MEM + 4, HBA_IS = MEM + 8 };

static struct harness *h;
static struct device *ahci;

static uint8_t *ram(uint32_t addr)
{
    return (uint8_t *)bus_ram(h->m->bus, addr, NULL, NULL);
}

static uint8_t expected(uint64_t sector, unsigned i)
{
    return (uint8_t)(sector * 7 + i);
}

static void drive(unsigned port, const char *type, const char *id, size_t len, const char *more)
{
    g_autofree char *path = g_strdup_printf("%s/%s", h->dir, id), *data = g_malloc(len), *spec = NULL;
    struct device *dev = harness_device(h, type);

    for (size_t i = 0; i < len; i++)
        data[i] = (char)(i / 512 * 7 + i % 512);
    ck_assert(g_file_set_contents(path, data, (gssize)len, NULL));
    spec = g_strdup_printf("file=%s,format=raw,if=none,id=%s%s", path, id, more);
    harness_drive(h, spec);
    ck_assert(device_set_prop(dev, "drive", id, NULL));
    ck_assert(ata_plug(ata_controller_bus(ahci, port), dev, NULL));
    harness_realize(h, dev, 0);
}

static void start(unsigned port)
{
    dev_write32(h, PORT(port), LIST(port));
    dev_write32(h, PORT(port) + 8, LIST(port) + 0x400);
    dev_write32(h, PORT(port) + IE, 0xffffffff);
    dev_write32(h, PORT(port) + CMD, 0x17);
}

static void setup(void)
{
    struct device *host;

    h = harness_new();
    host = harness_device(h, "gpex-pcihost");
    harness_realize(h, host, ECAM);
    device_map(host, 1, 0x3eff0000);
    device_map(host, 2, MEM);
    harness_watch(h, host, 0, 4, 0);
    ahci = harness_device(h, "ich9-ahci");
    ahci->parent_bus = host;
    ck_assert(device_set_prop(ahci, "addr", "3", NULL));
    harness_realize(h, ahci, 0);
    dev_write32(h, FN + 0x24, MEM);
    dev_write(h, FN + 4, 2, 6);
    drive(0, "ide-hd", "d", SECTORS * 512, "");
    drive(1, "ide-cd", "c", 300 * 2048, ",media=cdrom");
    dev_write32(h, GHC, 1);
    dev_write32(h, GHC, 2);
    start(0);
    start(1);
}

static void teardown(void)
{
    harness_free(h);
}

static void prd(unsigned port, unsigned slot, unsigned i, uint32_t addr, uint32_t len)
{
    uint8_t *e = ram(TABLES(port) + 0x400 * slot + 0x80 + 16 * i);

    st64_le(e, addr);
    st32_le(e + 12, len - 1);
}

/* A command of n PRDs into a slot: command, LBA, count, features. */
static void command(unsigned port, unsigned slot, uint8_t cmd, uint64_t lba, uint16_t count, uint16_t feature, unsigned n, uint32_t flags)
{
    uint8_t *header = ram(LIST(port) + 32 * slot), *t = ram(TABLES(port) + 0x400 * slot);

    memset(header, 0, 32);
    st32_le(header, 5 | n << 16 | flags);
    st32_le(header + 8, TABLES(port) + 0x400 * slot);
    memset(t, 0, 64);
    t[0] = 0x27, t[1] = 0x80, t[2] = cmd, t[3] = (uint8_t)feature, t[7] = 0x40, t[11] = (uint8_t)(feature >> 8);
    t[4] = (uint8_t)lba, t[5] = (uint8_t)(lba >> 8), t[6] = (uint8_t)(lba >> 16), t[8] = (uint8_t)(lba >> 24);
    t[12] = (uint8_t)count, t[13] = (uint8_t)(count >> 8);
}

static void issue(unsigned port, uint32_t slots)
{
    dev_write32(h, PORT(port) + CI, slots);
}

static void wait_for(unsigned port, unsigned reg, uint32_t bits)
{
    for (int i = 0; i < 2000 && dev_read32(h, PORT(port) + reg) & bits && !(dev_read32(h, PORT(port) + TFD) & 1); i++) {
        harness_settle(h);
        g_usleep(500);
    }
}

START_TEST(ports_and_signatures)
{
    ck_assert_uint_eq(dev_read32(h, MEM) & 0x1f, 5);
    ck_assert_uint_eq(dev_read32(h, MEM + 0xc), 0x3f);
    ck_assert_uint_eq(dev_read32(h, GHC), 0x80000002);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + SIG), 0x101);
    ck_assert_uint_eq(dev_read32(h, PORT(1) + SIG), 0xeb140101);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + SSTS), 0x123);
    ck_assert_uint_eq(dev_read32(h, PORT(2) + SSTS), 0);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + TFD), 0x150);
    ck_assert_uint_eq(dev_read32(h, PORT(2) + TFD), 0x7f);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CMD), 0xc017);
    ck_assert_uint_eq(ram(LIST(0) + 0x440)[0], 0x34);            /* the drive's first frame */
    dev_write32(h, PORT(1) + CMD, 0x16);
    dev_write32(h, PORT(1) + SCTL, 1);
    ck_assert_uint_eq(dev_read32(h, PORT(1) + SSTS), 0);
    dev_write32(h, PORT(1) + SCTL, 0);
    ck_assert_uint_eq(dev_read32(h, PORT(1) + SIG), 0xeb140101);
}
END_TEST

START_TEST(identify)
{
    prd(0, 0, 0, DATA, 512);
    command(0, 0, 0xec, 0, 0, 0, 1, 0);
    issue(0, 1);
    wait_for(0, CI, 1);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CI), 0);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + IS), 2);           /* a PIO setup frame, and no other */
    ck_assert_uint_eq(ld32_le(ram(LIST(0) + 4)), 512);
    ck_assert_uint_eq(ld32_le(ram(DATA) + 120), SECTORS);
    ck_assert_uint_eq(ld16_le(ram(DATA) + 152) & 0x100, 0x100);  /* NCQ */
    ck_assert_uint_eq(ram(LIST(0) + 0x420)[0], 0x5f);
    ck_assert_irq(h, 3, true);
    dev_write32(h, PORT(0) + IS, 2);
    ck_assert_irq(h, 3, true);
    dev_write32(h, HBA_IS, 1);
    ck_assert_irq(h, 3, false);
}
END_TEST

START_TEST(dma)
{
    prd(0, 2, 0, DATA, 1000);
    prd(0, 2, 1, DATA + 0x10000, 3096);
    command(0, 2, 0x25, 100, 8, 0, 2, 0);
    issue(0, 4);
    wait_for(0, CI, 4);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + TFD), 0x50);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + IS), 1);
    ck_assert_uint_eq(ld32_le(ram(LIST(0) + 64 + 4)), 4096);
    ck_assert_uint_eq(ram(DATA)[999], expected(101, 487));
    ck_assert_uint_eq(ram(DATA + 0x10000)[0], expected(101, 488));
    ck_assert_uint_eq(ram(DATA + 0x10000)[3095], expected(107, 511));
    memset(ram(DATA), 0x77, 512);
    prd(0, 1, 0, DATA, 512);
    command(0, 1, 0x35, 9, 1, 0, 1, 0x40);
    prd(0, 3, 0, DATA + 0x20000, 512);
    command(0, 3, 0x25, 9, 1, 0, 1, 0);
    issue(0, 2 | 8);                             /* one after the other */
    wait_for(0, CI, 10);
    ck_assert_uint_eq(ram(DATA + 0x20000)[511], 0x77);
}
END_TEST

START_TEST(queued)
{
    for (unsigned t = 0; t < 32; t++) {
        prd(0, t, 0, DATA + 0x1000 * t, 4096);
        command(0, t, 0x60, t * 100, (uint16_t)(t << 3), 8, 1, 0);
    }
    dev_write32(h, PORT(0) + SACT, 0xffffffff);
    issue(0, 0xffffffff);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CI), 0);           /* taken */
    wait_for(0, SACT, 0xffffffff);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + SACT), 0);
    for (unsigned t = 0; t < 32; t++)
        ck_assert_uint_eq(ram(DATA + 0x1000 * t)[4095], expected(t * 100 + 7, 511));
    ck_assert_uint_eq(dev_read32(h, PORT(0) + IS) & 8, 8);
    ck_assert_uint_eq(ram(LIST(0) + 0x458)[0], 0xa1);
    memset(ram(DATA), 0x33, 4096);
    command(0, 5, 0x61, 500, 5 << 3, 8, 1, 0x40);
    prd(0, 5, 0, DATA, 4096);
    dev_write32(h, PORT(0) + SACT, 32);
    issue(0, 32);
    wait_for(0, SACT, 32);
    command(0, 5, 0x60, 507, 5 << 3, 1, 1, 0);
    prd(0, 5, 0, DATA + 0x8000, 4096);
    dev_write32(h, PORT(0) + SACT, 32);
    issue(0, 32);
    wait_for(0, SACT, 32);
    ck_assert_uint_eq(ram(DATA + 0x8000)[0], 0x33);
}
END_TEST

START_TEST(errors_stop_the_list)
{
    prd(0, 0, 0, DATA, 512);
    command(0, 0, 0x25, SECTORS, 1, 0, 1, 0);
    command(0, 1, 0xe7, 0, 0, 0, 0, 0);
    issue(0, 3);
    wait_for(0, CI, 3);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + TFD), 0x1051);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + IS) & 0x40000000, 0x40000000);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CI), 3);
    dev_write32(h, PORT(0) + CMD, 0x16);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CI), 0);
    dev_write32(h, PORT(0) + CMD, 0x17);
    issue(0, 2);
    wait_for(0, CI, 2);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CI), 0);
    prd(0, 0, 0, 0xf0000000, 512);               /* not RAM */
    command(0, 0, 0x25, 0, 1, 0, 1, 0);
    issue(0, 1);
    wait_for(0, CI, 1);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + TFD), 0x451);
}
END_TEST

START_TEST(software_reset)
{
    command(0, 0, 0, 0, 0, 0, 0, 0);
    ram(TABLES(0))[1] = 0, ram(TABLES(0))[15] = 4;
    issue(0, 1);
    ram(TABLES(0))[15] = 0;
    memset(ram(LIST(0) + 0x440), 0, 20);
    issue(0, 1);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + CI), 0);
    ck_assert_uint_eq(ram(LIST(0) + 0x440)[0], 0x34);
    ck_assert_uint_eq(ram(LIST(0) + 0x440)[12], 1);
}
END_TEST

static void packet(const uint8_t *p, uint16_t limit, bool by_dma, uint32_t room)
{
    prd(1, 0, 0, DATA, room);
    command(1, 0, 0xa0, (uint64_t)limit << 8, 0, by_dma, 1, 0x20);
    memcpy(ram(TABLES(1) + 0x40), p, 12);
    issue(1, 1);
    wait_for(1, CI, 1);
}

START_TEST(packets)
{
    static const uint8_t read[12] = { 0x28, 0, 0, 0, 0, 7, 0, 0, 2 }, inquiry[12] = { 0x12, 0, 0, 0, 36 }, bad[12] = { 0xff },
                         large[12] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 40 };

    packet(inquiry, 0xffff, false, 512);
    ck_assert_mem_eq(ram(DATA + 8), "TINAMOU", 7);
    ck_assert_uint_eq(dev_read32(h, PORT(1) + TFD), 0x40);
    packet(read, 0, true, 4096);
    ck_assert_uint_eq(ram(DATA)[4095], expected(35, 511));
    memset(ram(DATA), 0, 4096);
    packet(read, 512, false, 4096);
    ck_assert_uint_eq(ram(DATA)[4095], expected(35, 511));
    ck_assert_uint_eq(ld32_le(ram(LIST(1) + 4)), 4096);
    packet(large, 2, false, 40 * 2048);          /* many blocks of two bytes */
    ck_assert_uint_eq(ram(DATA)[40 * 2048 - 1], expected(159, 511));
    packet(bad, 0xffff, false, 512);
    ck_assert_uint_eq(dev_read32(h, PORT(1) + TFD), 0x5441);
}
END_TEST

START_TEST(stopping_in_transfers)
{
    for (int round = 0; round < 20; round++) {
        for (unsigned t = 0; t < 16; t++) {
            prd(0, t, 0, DATA + 0x10000 * t, 65536);
            command(0, t, 0x60, t * 128, (uint16_t)(t << 3), 128, 1, 0);
        }
        dev_write32(h, PORT(0) + SACT, 0xffff);
        issue(0, 0xffff);
        if (round & 1)
            dev_write32(h, GHC, 1);
        else
            dev_write32(h, PORT(0) + CMD, 0x16);
        harness_settle(h);
        ck_assert_uint_eq(dev_read32(h, PORT(0) + SACT), 0);
        start(0);
    }
    prd(0, 0, 0, DATA, 512);
    command(0, 0, 0xec, 0, 0, 0, 1, 0);
    issue(0, 1);
    ck_assert_uint_eq(ld32_le(ram(DATA) + 120), SECTORS);
}
END_TEST

START_TEST(failed_queued_commands_stop_the_queue)
{
    g_autofree char *path = g_strdup_printf("%s/d", h->dir);

    ck_assert(!truncate(path, 4096));
    for (unsigned t = 0; t < 4; t++) {
        prd(0, t, 0, DATA + 0x1000 * t, 512);
        command(0, t, 0x60, t == 2 ? 1000 : t, (uint16_t)(t << 3), 1, 1, 0);
    }
    dev_write32(h, PORT(0) + SACT, 15);
    issue(0, 15);
    for (int i = 0; i < 2000 && !(dev_read32(h, PORT(0) + TFD) & 1); i++) {
        harness_settle(h);
        g_usleep(500);
    }
    ck_assert_uint_eq(dev_read32(h, PORT(0) + TFD) & 0xff01, 0x4001);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + SACT) & 4, 4);     /* it was this one */
    ck_assert_uint_eq(dev_read32(h, PORT(0) + IS) & 0x40000000, 0x40000000);
    dev_write32(h, PORT(0) + CMD, 0x16);
    dev_write32(h, PORT(0) + CMD, 0x17);
    ck_assert_uint_eq(dev_read32(h, PORT(0) + SACT), 0);
    command(0, 1, 0x60, 1, 1 << 3, 1, 1, 0);
    dev_write32(h, PORT(0) + SACT, 2);
    issue(0, 2);
    for (int i = 0; i < 2000 && dev_read32(h, PORT(0) + SACT); i++) {
        harness_settle(h);
        g_usleep(500);
    }
    ck_assert_uint_eq(dev_read32(h, PORT(0) + SACT), 0);
}
END_TEST

START_TEST(survives_random_accesses)
{
    struct rng r;

    rng_init(&r, 5);
    for (int i = 0; i < 60; i++) {
        rng_bytes(&r, ram(LIST(0)), 0x1000);
        rng_bytes(&r, ram(TABLES(0)), 0x8000);
        for (unsigned slot = 0; slot < 32 && i & 1; slot++) {
            static const uint8_t commands[] = { 0x25, 0x35, 0x60, 0x61, 0xec, 0xc8, 0x24, 0x34, 0xa0, 0x90, 0x08, 0xe7 };

            command(i & 2, slot, commands[rng_below(&r, sizeof(commands))], rng_below(&r, SECTORS), (uint16_t)rng_u32(&r),
                    (uint16_t)rng_below(&r, 300), rng_below(&r, 60), rng_below(&r, 256));
        }
        harness_hammer(h, PORT(0), 0x48, 300, (uint64_t)i);
        harness_hammer(h, PORT(1), 0x48, 300, (uint64_t)i);
        start(0);
        start(1);
        issue(0, rng_u32(&r));
        issue(1, rng_u32(&r));
        harness_hammer(h, MEM, 0x400, 300, (uint64_t)i);
        harness_settle(h);
    }
}
END_TEST

static Suite *ahci_suite(void)
{
    Suite *s = suite_create("ahci");
    TCase *t = tcase_create("ahci");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, ports_and_signatures);
    tcase_add_test(t, identify);
    tcase_add_test(t, dma);
    tcase_add_test(t, queued);
    tcase_add_test(t, errors_stop_the_list);
    tcase_add_test(t, software_reset);
    tcase_add_test(t, packets);
    tcase_add_test(t, stopping_in_transfers);
    tcase_add_test(t, failed_queued_commands_stop_the_queue);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(ahci_suite)
