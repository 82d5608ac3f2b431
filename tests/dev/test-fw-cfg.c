/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/fw-cfg.c: both interfaces. */
#include "config.h"
#include <string.h>
#include "hw/misc/fw-cfg.h"
#include "tests/dev/harness.h"
#include "util/endian.h"

#define BASE 0x09020000u
#define SELECTOR (BASE + 8)
#define DMA (BASE + 16)
#define CMD HARNESS_RAM
#define BUF (HARNESS_RAM + 0x1000)

static struct harness *h;
static struct device *dev;
static uint8_t *ram;

static void setup(void)
{
    h = harness_new();
    dev = harness_realize(h, harness_device(h, "fw_cfg_mem"), BASE);
    ck_assert(fw_cfg_add_file(dev, "opt/one", "first file", 10, NULL));
    ck_assert(fw_cfg_add_file(dev, "opt/two", "2", 1, NULL));
    fw_cfg_add_u16(dev, FW_CFG_NB_CPUS, 4);
    ram = bus_ram(h->m->bus, HARNESS_RAM, NULL, NULL);
}

static void teardown(void)
{
    harness_free(h);
}

static void select_key(uint16_t key)
{
    dev_write(h, SELECTOR, 2, __builtin_bswap16(key));
}

/* Returns the control word afterwards. */
static uint32_t dma(uint32_t control, uint32_t len, uint64_t addr)
{
    st32_be(ram, control);
    st32_be(ram + 4, len);
    st64_be(ram + 8, addr);
    dev_write32(h, DMA, 0);
    dev_write32(h, DMA + 4, __builtin_bswap32(CMD));
    return ld32_be(ram);
}

START_TEST(signature_and_id)
{
    ck_assert_uint_eq(dev_read(h, BASE, 1), 'Q');
    select_key(FW_CFG_SIGNATURE);
    ck_assert_reg(h, BASE, 0x554d4551);          /* bytes in order */
    ck_assert_reg(h, BASE, 0);                   /* beyond the end */
    select_key(FW_CFG_ID);
    ck_assert_reg(h, BASE, 3);
    ck_assert_uint_eq(dev_read(h, DMA, 8), __builtin_bswap64(0x51454d5520434647ull));
    select_key(FW_CFG_NB_CPUS);
    ck_assert_uint_eq(dev_read(h, BASE, 2), 4);
}
END_TEST

START_TEST(directory_lists_files)
{
    uint8_t dir[4 + 2 * 64];
    uint16_t key;

    select_key(FW_CFG_FILE_DIR);
    for (unsigned i = 0; i < sizeof(dir); i++)
        dir[i] = (uint8_t)dev_read(h, BASE, 1);
    ck_assert_uint_eq(ld32_be(dir), 2);
    ck_assert_uint_eq(ld32_be(dir + 4), 10);
    ck_assert_str_eq((char *)dir + 12, "opt/one");
    key = ld16_be(dir + 4 + 64 + 4);
    select_key(key);
    ck_assert_uint_eq(dev_read(h, BASE, 1), '2');
}
END_TEST

START_TEST(dma_reads_and_pads)
{
    memset(ram + 0x1000, 0xff, 32);
    ck_assert_uint_eq(dma(FW_CFG_FILE_FIRST << 16 | 8 | 2, 20, BUF), 0);
    ck_assert_mem_eq(ram + 0x1000, "first file\0\0\0\0\0\0\0\0\0\0\xff", 21);
}
END_TEST

START_TEST(dma_skips)
{
    ck_assert_uint_eq(dma(FW_CFG_FILE_FIRST << 16 | 8 | 4, 6, 0), 0);
    ck_assert_uint_eq(dma(2, 4, BUF), 0);
    ck_assert_mem_eq(ram + 0x1000, "file", 4);
}
END_TEST

START_TEST(dma_errors_are_reported)
{
    ck_assert_uint_eq(dma(FW_CFG_FILE_FIRST << 16 | 8 | 2, 4, 0x1000), 1);       /* not RAM */
    ck_assert_uint_eq(dma(FW_CFG_FILE_FIRST << 16 | 8 | 0x10, 4, BUF), 1);       /* a write */
    ck_assert_uint_eq(dma(0x7777u << 16 | 8 | 2, 4, BUF), 0);                    /* no such item: zeros */
    ck_assert_uint_eq(ld32_le(ram + 0x1000), 0);
    ck_assert_uint_eq(dma(FW_CFG_FILE_FIRST << 16 | 8 | 2, 0xffffffff, BUF), 1);
    dev_write(h, DMA, 8, 0);                     /* the command is not in RAM */
}
END_TEST

START_TEST(names_are_checked)
{
    g_autoptr(GError) err = NULL;

    ck_assert(!fw_cfg_add_file(dev, "opt/two", "x", 1, &err));
    g_clear_error(&err);
    ck_assert(!fw_cfg_add_file(dev, "a-name-of-more-than-fifty-five-characters-is-not-possible-here", "x", 1, &err));
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, BASE, 0x18, 100000, 10);
}
END_TEST

static Suite *fw_cfg_suite(void)
{
    Suite *s = suite_create("fw-cfg");
    TCase *t = tcase_create("fw-cfg");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, signature_and_id);
    tcase_add_test(t, directory_lists_files);
    tcase_add_test(t, dma_reads_and_pads);
    tcase_add_test(t, dma_skips);
    tcase_add_test(t, dma_errors_are_reported);
    tcase_add_test(t, names_are_checked);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(fw_cfg_suite)
