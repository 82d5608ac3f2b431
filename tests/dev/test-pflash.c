/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/pflash.c: commands of the Intel set and the CFI query, on a bank of two 16-bit chips with four blocks of 256 KiB. */
#include "config.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "hw/block/pflash.h"
#include "softmmu/dma.h"
#include "tests/dev/harness.h"
#include "util/event-loop.h"

#define BASE 0x04000000u
#define BLOCK (256u << 10)
#define NBLOCKS 4
#define SIZE (NBLOCKS * BLOCK)

enum command { CLEAR = 0x500050, ERASE = 0x200020, CONFIRM = 0xd000d0, PROGRAM = 0x400040, BUFFER = 0xe800e8, STATUS = 0x700070,
               ID = 0x900090, QUERY = 0x980098, LOCK = 0x600060, ARRAY = 0xff00ff };
enum status { READY = 0x800080, LOCKED = 0x020002, PROGRAM_ERROR = 0x100010, ERASE_ERROR = 0x200020 };

static struct harness *h;
static struct device *dev;
static char *file;
static uint64_t written_at, written_len;

/* As a CPU would: the first write after a while of reading comes twice. */
static void command(uint32_t off, uint32_t val, unsigned size)
{
    uint64_t start, len;

    if (bus_write(h->m->bus, BASE + off, size, val) != BUS_SWITCH)
        return;
    ck_assert(bus_is_direct(h->m->bus, BASE + off));
    bus_set_direct(h->m->bus, BASE + off, false, &start, &len);
    ck_assert_uint_eq(start, BASE);
    ck_assert_uint_eq(len, SIZE);
    ck_assert_int_eq(bus_write(h->m->bus, BASE + off, size, val), BUS_OK);
}

static void put(uint32_t off, uint32_t val)
{
    command(off, val, 4);
}

static uint64_t get_sized(uint32_t off, unsigned size)
{
    uint64_t v;

    ck_assert_int_ne(bus_read(h->m->bus, BASE + off, size, &v), BUS_NO_DEVICE);
    return v;
}

static uint32_t get(uint32_t off)
{
    return (uint32_t)get_sized(off, 4);
}

static void wait_ready(void)
{
    for (int i = 0; i < 10000 && !(get(0) & READY); i++) {
        harness_settle(h);
        g_usleep(100);
    }
    ck_assert_uint_eq(get(0) & READY, READY);
}

static void program(uint32_t off, uint32_t val)
{
    put(off, PROGRAM);
    put(off, val);
    wait_ready();
    put(off, ARRAY);
}

static void erase(uint32_t off)
{
    put(off, ERASE);
    put(off, CONFIRM);
    wait_ready();
    put(off, ARRAY);
}

static void make(const char *device_width)
{
    h = harness_new();
    dev = harness_device(h, "cfi.pflash01");
    device_set_u64(dev, "num-blocks", NBLOCKS);
    if (device_width)
        ck_assert(device_set_prop(dev, "device-width", device_width, NULL));
}

static void setup(void)
{
    make(NULL);
    harness_realize(h, dev, BASE);
    erase(0);
}

static void teardown(void)
{
    harness_free(h);
    g_clear_pointer(&file, g_free);
}

/* A bank with an image of len bytes: one block of zeros with text in it, one of ones. false when the device is refused. */
static bool make_image(size_t len, const char *options, GError **err)
{
    g_autofree uint8_t *data = g_malloc0(SIZE);
    g_autofree char *spec = NULL;

    make(NULL);
    file = g_strdup_printf("%s/flash", h->dir);
    memcpy(data + 0x1000, "stored", 6);
    memset(data + BLOCK, 0xff, BLOCK);
    ck_assert(g_file_set_contents(file, (char *)data, (gssize)len, NULL));
    spec = g_strdup_printf("if=none,id=f,format=raw,file=%s%s", file, options);
    harness_drive(h, spec);
    ck_assert(device_set_prop(dev, "drive", "f", NULL));
    if (!device_realize(dev, err))
        return false;
    device_map(dev, 0, BASE);
    device_reset(dev);
    return true;
}

static void setup_image(void)
{
    ck_assert(make_image(SIZE, "", NULL));
}

static void again_with(const char *options)
{
    teardown();
    ck_assert(make_image(SIZE, options, NULL));
}

static uint32_t in_file(uint32_t off)
{
    g_autofree char *data = NULL;
    gsize len;
    uint32_t v;

    ck_assert(g_file_get_contents(file, &data, &len, NULL));
    ck_assert_uint_eq(len, SIZE);
    memcpy(&v, data + off, 4);
    return v;
}

START_TEST(it_begins_as_memory)
{
    uint32_t v;

    pflash_load(dev, "firmware", 8);
    ck_assert_uint_eq(get(0), 0x6d726966);
    ck_assert_uint_eq(get_sized(4, 1), 'w');
    ck_assert(dma_read32(h->m->bus, BASE + 4, &v));
    ck_assert_uint_eq(v, 0x65726177);
    ck_assert(!dma_write32(h->m->bus, BASE, 0));
}
END_TEST

START_TEST(query_describes_the_chips)
{
    put(0x55 * 4, QUERY);
    ck_assert_uint_eq(get(0x10 * 4), 0x00510051);
    ck_assert_uint_eq(get(0x11 * 4), 0x00520052);
    ck_assert_uint_eq(get(0x12 * 4), 0x00590059);
    ck_assert_uint_eq(get(0x13 * 4), 0x00010001);
    ck_assert_uint_eq(get(0x27 * 4), 0x00130013);       /* 512 KiB each */
    ck_assert_uint_eq(get_sized(0x2d * 4, 2), NBLOCKS - 1);
    ck_assert_uint_eq(get_sized(0x30 * 4, 1), 2);       /* blocks of 0x200 * 256 bytes */
    ck_assert_uint_eq(get(0x31 * 4), 0x00500050);
    ck_assert_uint_eq(get_sized(0x10 * 4 + 1, 1), 0);
    ck_assert_uint_eq(get(0x100 * 4), 0);
    put(0, ARRAY);
    ck_assert_uint_eq(get(0x10 * 4), 0xffffffff);
}
END_TEST

START_TEST(identifiers_and_lock_bits)
{
    put(0, ID);
    ck_assert_uint_eq(get(0), 0x00890089);
    ck_assert_uint_eq(get(4), 0x00180018);
    ck_assert_uint_eq(get(BLOCK + 8), 0);
    put(BLOCK, LOCK);
    put(BLOCK, 0x00010001);
    put(BLOCK, ID);
    ck_assert_uint_eq(get(BLOCK + 8), 0x00010001);
    ck_assert_uint_eq(get(8), 0);
    put(BLOCK, LOCK);
    put(BLOCK, CONFIRM);
    put(BLOCK, ID);
    ck_assert_uint_eq(get(BLOCK + 8), 0);
}
END_TEST

START_TEST(programming_clears_bits_only)
{
    program(0x100, 0x12345678);
    ck_assert_uint_eq(get(0x100), 0x12345678);
    program(0x100, 0xffff0000);
    ck_assert_uint_eq(get(0x100), 0x12340000);
    put(0x104, PROGRAM);
    command(0x106, 0xabcd, 2);
    put(0x104, ARRAY);
    ck_assert_uint_eq(get(0x104), 0xabcdffff);
}
END_TEST

START_TEST(erase_makes_a_block_ones)
{
    program(0x100, 0);
    program(BLOCK, 0);
    erase(0x2000);
    ck_assert_uint_eq(get(0x100), 0xffffffff);
    ck_assert_uint_eq(get(BLOCK), 0);
}
END_TEST

START_TEST(erase_needs_its_confirmation)
{
    program(0x100, 0);
    put(0, ERASE);
    put(0, STATUS);
    ck_assert_uint_eq(get(0), READY | PROGRAM_ERROR | ERASE_ERROR);
    put(0, CLEAR);
    put(0, STATUS);
    ck_assert_uint_eq(get(0), READY);
    put(0, ARRAY);
    ck_assert_uint_eq(get(0x100), 0);
}
END_TEST

START_TEST(locked_blocks_stay)
{
    put(0, LOCK);
    put(0, 0x00010001);
    put(0x40, PROGRAM);
    put(0x40, 0);
    ck_assert_uint_eq(get(0), READY | LOCKED | PROGRAM_ERROR);
    put(0, CLEAR);
    put(0, ERASE);
    put(0, CONFIRM);
    ck_assert_uint_eq(get(0), READY | LOCKED | ERASE_ERROR);
    put(0, ARRAY);
    ck_assert_uint_eq(get(0x40), 0xffffffff);
    device_reset(dev);
    program(0x40, 0);
    ck_assert_uint_eq(get(0x40), 0);
}
END_TEST

static void buffered(uint32_t off, uint32_t words)
{
    put(off, BUFFER);
    ck_assert_uint_eq(get(off) & READY, READY);
    put(off, (words - 1) * 0x10001);
    for (uint32_t i = 0; i < words; i++)
        put(off + 4 * i, 0x1000 + i);
}

START_TEST(buffer_is_programmed_when_confirmed)
{
    buffered(0x200, 512);
    put(0x200, CONFIRM);
    wait_ready();
    put(0, ARRAY);
    for (uint32_t i = 0; i < 512; i++)
        ck_assert_uint_eq(get(0x200 + 4 * i), 0x1000 + i);
    ck_assert_uint_eq(get(0x1fc), 0xffffffff);
    ck_assert_uint_eq(get(0x200 + 4 * 512), 0xffffffff);
    buffered(0x2000, 4);
    put(0x2000, ARRAY);
    put(0, STATUS);
    ck_assert_uint_eq(get(0), READY | PROGRAM_ERROR | ERASE_ERROR);
    put(0, ARRAY);
    ck_assert_uint_eq(get(0x2000), 0xffffffff);
}
END_TEST

START_TEST(buffer_has_an_end)
{
    static const uint32_t starts[] = { BLOCK - 4, SIZE - 4 };

    for (unsigned i = 0; i < G_N_ELEMENTS(starts); i++) {
        erase(starts[i]);
        put(starts[i], BUFFER);
        put(starts[i], 0x00010001);
        put(starts[i], 1);
        put(starts[i], 2);           /* the same place again: allowed, and nothing behind it */
        put(starts[i], CONFIRM);
        ck_assert_uint_eq(get(0), READY);
        put(0, ARRAY);
        ck_assert_uint_eq(get(starts[i]), 2);
    }
    put(0, BUFFER);
    put(0, 0x02000200);              /* 513 words */
    ck_assert_uint_eq(get(0), READY | PROGRAM_ERROR | ERASE_ERROR);
    put(0, CLEAR);
    put(0, BUFFER);
    put(0, 0x00010001);
    put(0, 1);
    put(8, 2);                       /* beyond two words */
    put(0, STATUS);
    ck_assert_uint_eq(get(0), READY | PROGRAM_ERROR | ERASE_ERROR);
}
END_TEST

START_TEST(reading_makes_it_memory_again)
{
    put(0, STATUS);
    put(0, ARRAY);
    ck_assert(!bus_is_direct(h->m->bus, BASE));
    for (int i = 0; i < 10000; i++)
        get(0);
    ck_assert(bus_is_direct(h->m->bus, BASE));
    put(0, STATUS);
    ck_assert_uint_eq(get(0), READY);
    for (int i = 0; i < 10000; i++)
        get(0);
    ck_assert(!bus_is_direct(h->m->bus, BASE));
    device_reset(dev);
    ck_assert(bus_is_direct(h->m->bus, BASE));
    ck_assert_uint_eq(get(0), 0xffffffff);
}
END_TEST

static void written(void *opaque, uint64_t paddr, uint64_t len)
{
    (void)opaque;
    written_at = paddr;
    written_len = len;
}

START_TEST(translations_are_told_of_changes)
{
    bus_set_write_hook(h->m->bus, written, NULL);
    program(0x100, 0);
    ck_assert_uint_eq(written_at, BASE + 0x100);
    ck_assert_uint_eq(written_len, 4);
    erase(BLOCK);
    ck_assert_uint_eq(written_at, BASE + BLOCK);
    ck_assert_uint_eq(written_len, BLOCK);
}
END_TEST

START_TEST(commands_on_upper_lanes_are_none)
{
    put(0, ARRAY);
    command(1, 0x70, 1);
    ck_assert_uint_eq(get(0), 0xffffffff);
    command(2, 0x70, 1);
    ck_assert_uint_eq(get(0), READY);
}
END_TEST

START_TEST(survives_random_accesses)
{
    harness_hammer(h, BASE, SIZE, 200000, 11);
}
END_TEST

START_TEST(impossible_state_is_refused)
{
    g_autoptr(GError) err = NULL;
    const struct device_type *t = dev->type;

    ck_assert(t->post_load(dev, NULL));
    for (const struct state_field *f = t->state; f->name; f++)
        if (!strcmp(f->name, "mode") || !strcmp(f->name, "cycle")) {
            uint8_t *p = (uint8_t *)dev + f->offset, old = *p;

            *p = 77;
            ck_assert(!t->post_load(dev, &err));
            g_clear_error(&err);
            *p = old;
        } else if (!strcmp(f->name, "block")) {
            uint64_t *p = (uint64_t *)(void *)((uint8_t *)dev + f->offset);

            *p = SIZE;
            ck_assert(!t->post_load(dev, &err));
            g_clear_error(&err);
            *p = 0;
        }
    ck_assert(t->post_load(dev, NULL));
}
END_TEST

START_TEST(chips_of_other_widths)
{
    teardown();
    make("1");
    harness_realize(h, dev, BASE);
    put(0x55 * 4, 0x98989898);
    ck_assert_uint_eq(get(0x10 * 4), 0x51515151);
    ck_assert_uint_eq(get(0x27 * 4), 0x12121212);
    teardown();
    make("4");
    harness_realize(h, dev, BASE);
    put(0x55 * 4, 0x98);
    ck_assert_uint_eq(get(0x10 * 4), 0x51);
    teardown();
    make("3");
    ck_assert(!device_realize(dev, NULL));
}
END_TEST

/* ---- with an image ---- */

START_TEST(contents_come_from_the_image)
{
    ck_assert_uint_eq(get(0x1000), 0x726f7473);
    ck_assert_uint_eq(get(BLOCK), 0xffffffff);
}
END_TEST

START_TEST(ready_means_written)
{
    put(BLOCK, PROGRAM);
    put(BLOCK, 0xcafe1234);
    ck_assert_uint_eq(get(0) & READY, 0);        /* nothing ran meanwhile */
    wait_ready();
    ck_assert_uint_eq(in_file(BLOCK), 0xcafe1234);
    for (uint32_t i = 0; i < 100; i++) {         /* without waiting in between, all over the bank */
        put(BLOCK + 0x800 * i, PROGRAM);
        put(BLOCK + 0x800 * i, 0x5500 + i);
    }
    put(0, ERASE);
    put(0, CONFIRM);
    wait_ready();
    ck_assert_uint_eq(in_file(0x1000), 0xffffffff);
    ck_assert_uint_eq(in_file(BLOCK + 0x800), 0x5501);
    ck_assert_uint_eq(in_file(SIZE - 4), 0);
}
END_TEST

START_TEST(the_end_of_the_machine_writes_what_is_left)
{
    put(BLOCK + 0x40, PROGRAM);
    put(BLOCK + 0x40, 0x1234);
    put(2 * BLOCK, ERASE);
    put(2 * BLOCK, CONFIRM);
    machine_free(h->m);
    ck_assert_uint_eq(in_file(BLOCK + 0x40), 0x1234);
    ck_assert_uint_eq(in_file(2 * BLOCK), 0xffffffff);
    h->m = machine_new(board_find("virt"), &(struct machine_config){ .tb_size = 1 << 20, .smp = 1 }, &(struct boot_info){ NULL },
                       h->loop, NULL);
}
END_TEST

static void limit_files(rlim_t size)
{
    struct rlimit r;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &r);
    r.rlim_cur = size;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
}

/* Check runs each test in a process of its own: the limit hits nobody else. */
START_TEST(a_failed_write_is_reported)
{
    limit_files(BLOCK);
    put(BLOCK, PROGRAM);
    put(BLOCK, 0x1111);
    wait_ready();
    ck_assert_uint_eq(get(0), READY | PROGRAM_ERROR | ERASE_ERROR);
}
END_TEST

START_TEST(a_failed_write_is_made_again)
{
    g_autoptr(GError) err = NULL;

    again_with(",werror=stop");
    limit_files(BLOCK);
    machine_lock(h->m);
    ck_assert(machine_cont(h->m, &err));
    machine_unlock(h->m);
    put(BLOCK + 0x4000, PROGRAM);
    put(BLOCK + 0x4000, 0x2222);
    for (int i = 0; i < 10000 && h->m->state == RUN_RUNNING; i++) {
        harness_settle(h);
        g_usleep(100);
    }
    ck_assert_int_eq(h->m->state, RUN_IO_ERROR);
    ck_assert_uint_eq(get(0) & READY, 0);
    limit_files(RLIM_INFINITY);
    machine_lock(h->m);
    ck_assert(machine_cont(h->m, &err));
    machine_unlock(h->m);
    wait_ready();
    ck_assert_uint_eq(get(0), READY);
    ck_assert_uint_eq(in_file(BLOCK + 0x4000), 0x2222);
}
END_TEST

START_TEST(a_read_only_image_is_locked)
{
    again_with(",readonly=on");
    put(0, ERASE);
    put(0, CONFIRM);
    ck_assert_uint_eq(get(0), READY | LOCKED | ERASE_ERROR);
    put(0, ARRAY);
    ck_assert_uint_eq(get(0), 0);
}
END_TEST

START_TEST(the_image_must_fit)
{
    g_autoptr(GError) err = NULL;

    teardown();
    ck_assert(!make_image(SIZE / 2, "", &err));
    ck_assert_msg(strstr(err->message, "524288 bytes, but the flash bank has 1048576") != NULL, "%s", err->message);
}
END_TEST

static Suite *pflash_suite(void)
{
    Suite *s = suite_create("pflash");
    TCase *t = tcase_create("commands"), *i = tcase_create("image");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, it_begins_as_memory);
    tcase_add_test(t, query_describes_the_chips);
    tcase_add_test(t, identifiers_and_lock_bits);
    tcase_add_test(t, programming_clears_bits_only);
    tcase_add_test(t, erase_makes_a_block_ones);
    tcase_add_test(t, erase_needs_its_confirmation);
    tcase_add_test(t, locked_blocks_stay);
    tcase_add_test(t, buffer_is_programmed_when_confirmed);
    tcase_add_test(t, buffer_has_an_end);
    tcase_add_test(t, reading_makes_it_memory_again);
    tcase_add_test(t, translations_are_told_of_changes);
    tcase_add_test(t, commands_on_upper_lanes_are_none);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, impossible_state_is_refused);
    tcase_add_test(t, chips_of_other_widths);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(i, setup_image, teardown);
    tcase_add_test(i, contents_come_from_the_image);
    tcase_add_test(i, ready_means_written);
    tcase_add_test(i, the_end_of_the_machine_writes_what_is_left);
    tcase_add_test(i, a_failed_write_is_reported);
    tcase_add_test(i, a_failed_write_is_made_again);
    tcase_add_test(i, a_read_only_image_is_locked);
    tcase_add_test(i, the_image_must_fit);
    suite_add_tcase(s, i);
    return s;
}
TEST_SUITE(pflash_suite)
