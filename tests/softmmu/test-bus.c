/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical address spaces: regions, splitting and widening of accesses, DMA. */
#include "config.h"
#include <check.h>
#include <string.h>
#include "softmmu/bus.h"
#include "softmmu/dma.h"
#include "tests/suite.h"

enum { RAM = 0x1000, ROM = 0x8000, DEV = 0x10000, FLASH = 0x20000, SIZE = 0x1000 };

/* A device that remembers its last accesses. */
struct probe {
    unsigned reads, writes, size;
    uint64_t off, val, regs[4];
    int locked, was_locked;
};

static struct probe probe;
static struct bus *bus;
static uint8_t *ram;
static uint64_t written_at, written_len;

static uint64_t probe_read(void *opaque, uint64_t off, unsigned size)
{
    struct probe *p = opaque;

    p->reads++;
    p->off = off;
    p->size = size;
    p->was_locked = p->locked;
    return p->regs[off / 4 % 4];
}

static void probe_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct probe *p = opaque;

    p->writes++;
    p->off = off;
    p->val = val;
    p->size = size;
}

static const struct mmio_ops only_words = { probe_read, probe_write, 4, 4, false };

static void lock(void *opaque)
{
    ((struct probe *)opaque)->locked++;
}

static void unlock(void *opaque)
{
    ((struct probe *)opaque)->locked--;
}

static void written(void *opaque, uint64_t paddr, uint64_t len)
{
    (void)opaque;
    written_at = paddr;
    written_len = len;
}

static void setup(void)
{
    memset(&probe, 0, sizeof(probe));
    bus = bus_new(lock, unlock, &probe);
    bus_add_mmio(bus, "probe", DEV, SIZE, &only_words, &probe);
    ram = bus_add_ram(bus, "ram", RAM, SIZE, false, NULL);
    bus_add_ram(bus, "rom", ROM, SIZE, true, NULL);
    bus_set_write_hook(bus, written, NULL);
}

static void teardown(void)
{
    bus_free(bus);
}

START_TEST(ram_keeps_little_endian_values_at_any_alignment)
{
    uint64_t v;

    ck_assert_int_eq(bus_write(bus, RAM + 3, 8, 0x1122334455667788), BUS_OK);
    ck_assert_uint_eq(ram[3], 0x88);
    ck_assert_int_eq(bus_read(bus, RAM + 3, 8, &v), BUS_OK);
    ck_assert_uint_eq(v, 0x1122334455667788);
}
END_TEST

START_TEST(nothing_there_is_an_error)
{
    uint64_t v = 1;

    ck_assert_int_eq(bus_read(bus, 0x500, 4, &v), BUS_NO_DEVICE);
    ck_assert_uint_eq(v, 0);
    ck_assert_int_eq(bus_write(bus, 0x500, 4, 1), BUS_NO_DEVICE);
    ck_assert_int_eq(bus_read(bus, RAM + SIZE - 2, 4, &v), BUS_NO_DEVICE);
}
END_TEST

START_TEST(rom_ignores_writes)
{
    uint64_t v;

    ck_assert_int_eq(bus_write(bus, ROM, 4, 0xffffffff), BUS_OK);
    ck_assert_int_eq(bus_read(bus, ROM, 4, &v), BUS_OK);
    ck_assert_uint_eq(v, 0);
    ck_assert(!dma_write(bus, ROM, &v, 4));
}
END_TEST

START_TEST(narrow_read_of_a_word_register_takes_its_bytes)
{
    uint64_t v;

    probe.regs[1] = 0xaabbccdd;
    ck_assert_int_eq(bus_read(bus, DEV + 6, 1, &v), BUS_OK);
    ck_assert_uint_eq(v, 0xbb);
    ck_assert_uint_eq(probe.off, 4);
    ck_assert_uint_eq(probe.size, 4);
    ck_assert_int_eq(probe.was_locked, 1);
    ck_assert_int_eq(probe.locked, 0);
}
END_TEST

START_TEST(wide_access_is_split_into_registers)
{
    uint64_t v;

    probe.regs[0] = 0x11111111;
    probe.regs[1] = 0x22222222;
    ck_assert_int_eq(bus_read(bus, DEV, 8, &v), BUS_OK);
    ck_assert_uint_eq(v, 0x2222222211111111);
    ck_assert_uint_eq(probe.reads, 2);
    ck_assert_int_eq(bus_write(bus, DEV + 8, 8, 0x2222222211111111), BUS_OK);
    ck_assert_uint_eq(probe.writes, 2);
    ck_assert_uint_eq(probe.off, 12);
    ck_assert_uint_eq(probe.val, 0x22222222);
}
END_TEST

START_TEST(dma_stays_in_ram_and_tells_the_hook)
{
    uint8_t buf[16] = { 1, 2, 3 }, back[16];
    uint32_t v;

    ck_assert(dma_write(bus, RAM + 0x10, buf, sizeof(buf)));
    ck_assert_uint_eq(written_at, RAM + 0x10);
    ck_assert_uint_eq(written_len, sizeof(buf));
    ck_assert(dma_read(bus, RAM + 0x10, back, sizeof(back)));
    ck_assert_mem_eq(buf, back, sizeof(buf));
    ck_assert(!dma_read(bus, RAM + SIZE - 8, back, sizeof(back)));
    ck_assert(!dma_read(bus, DEV, back, 4));
    ck_assert(!dma_read(bus, UINT64_MAX - 3, back, 8));
    ck_assert(!dma_read32(bus, DEV, &v));
    ck_assert_uint_eq(v, 0);
}
END_TEST

START_TEST(rom_device_is_memory_or_registers)
{
    static uint8_t mem[SIZE] = { 1, 2, 3, 4 };
    uint64_t v, start, len, room;
    uint32_t word;
    bool readonly = false;

    bus_add_rom_device(bus, "flash", FLASH, SIZE, mem, &only_words, &probe);
    ck_assert(bus_is_direct(bus, FLASH) && bus_is_direct(bus, RAM) && bus_is_direct(bus, DEV) && bus_is_direct(bus, 0x500));
    ck_assert_ptr_eq(bus_ram(bus, FLASH + 4, &room, &readonly), mem + 4);
    ck_assert_uint_eq(room, SIZE - 4);
    ck_assert(readonly);
    ck_assert_int_eq(bus_read(bus, FLASH, 4, &v), BUS_SWITCH);
    ck_assert_uint_eq(v, 0x04030201);
    /* The first write waits. */
    ck_assert_int_eq(bus_write(bus, FLASH, 4, 0x70), BUS_SWITCH);
    ck_assert_uint_eq(probe.writes, 0);
    bus_set_direct(bus, FLASH + 8, false, &start, &len);
    ck_assert_uint_eq(start, FLASH);
    ck_assert_uint_eq(len, SIZE);
    ck_assert_int_eq(bus_write(bus, FLASH, 4, 0x70), BUS_OK);
    ck_assert_uint_eq(probe.val, 0x70);
    probe.regs[0] = 0x80;
    ck_assert_int_eq(bus_read(bus, FLASH, 4, &v), BUS_OK);
    ck_assert_uint_eq(v, 0x80);
    /* DMA sees the memory, and cannot write it. */
    ck_assert(dma_read32(bus, FLASH, &word));
    ck_assert_uint_eq(word, 0x04030201);
    ck_assert(!dma_write32(bus, FLASH, 0));
    bus_set_direct(bus, FLASH, true, &start, &len);
    ck_assert_int_eq(bus_read(bus, FLASH + 1, 2, &v), BUS_SWITCH);
    ck_assert_uint_eq(v, 0x0302);
    bus_changed(bus, FLASH + 2, 2);
    ck_assert_uint_eq(written_at, FLASH + 2);
}
END_TEST

START_TEST(rom_device_beside_ram)
{
    static uint8_t mem[SIZE];
    uint64_t v;

    bus_add_rom_device(bus, "flash", RAM + SIZE, SIZE, mem, &only_words, &probe);
    mem[0] = 0x22;
    ram[SIZE - 1] = 0x11;
    ck_assert_int_eq(bus_read(bus, RAM + SIZE - 1, 2, &v), BUS_OK);
    ck_assert_uint_eq(v, 0x2211);
    ck_assert_int_eq(bus_write(bus, RAM + SIZE - 1, 2, 0x4433), BUS_SWITCH);
}
END_TEST

static Suite *suite_bus(void)
{
    Suite *s = suite_create("bus");
    TCase *t = tcase_create("bus");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, ram_keeps_little_endian_values_at_any_alignment);
    tcase_add_test(t, nothing_there_is_an_error);
    tcase_add_test(t, rom_ignores_writes);
    tcase_add_test(t, narrow_read_of_a_word_register_takes_its_bytes);
    tcase_add_test(t, wide_access_is_split_into_registers);
    tcase_add_test(t, dma_stays_in_ram_and_tells_the_hook);
    tcase_add_test(t, rom_device_is_memory_or_registers);
    tcase_add_test(t, rom_device_beside_ram);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_bus)
