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

static unsigned remaps;

static void remapped(void *opaque)
{
    (void)opaque;
    remaps++;
}

static uint64_t get(struct bus *b, uint64_t at, unsigned size)
{
    uint64_t v = 0x5555;

    ck_assert_int_eq(bus_read(b, at, size, &v), BUS_OK);
    return v;
}

START_TEST(overlays_hide_what_is_below_them_where_they_are)
{
    static uint8_t mem[0x100];
    struct bus_region *r = bus_overlay_ram(bus, "overlay", sizeof(mem), mem, false, 1), *over;
    uint64_t room;

    bus_set_remap_hook(bus, remapped, NULL);
    remaps = 0;
    ram[0x80] = 0x11;
    mem[0] = 0x22;
    ck_assert_uint_eq(get(bus, RAM + 0x80, 1), 0x11);
    bus_region_set(r, true, RAM + 0x80);
    ck_assert_uint_eq(get(bus, RAM + 0x80, 1), 0x22);
    ck_assert_uint_eq(remaps, 1);
    ck_assert_uint_eq(written_at, RAM + 0x80);
    ck_assert_ptr_eq(bus_ram(bus, RAM + 0x90, &room, NULL), mem + 0x10);
    ck_assert_uint_eq(room, 0xf0);
    ck_assert_ptr_eq(bus_ram(bus, RAM + 0x70, &room, NULL), ram + 0x70);
    ck_assert_uint_eq(room, 0x10);
    ck_assert_ptr_eq(bus_ram(bus, RAM + 0x180, &room, NULL), ram + 0x180);
    /* An access over the edge takes both. */
    ram[0x7f] = 0x33;
    ck_assert_uint_eq(get(bus, RAM + 0x7f, 2), 0x2233);
    /* Moved; registers above it. */
    bus_region_set(r, true, DEV + 0xf80);
    ck_assert_uint_eq(get(bus, RAM + 0x80, 1), 0x11);
    ck_assert_uint_eq(get(bus, DEV + 0xf80, 1), 0x22);
    ck_assert_uint_eq(get(bus, DEV + 0x107f, 1), 0);
    over = bus_overlay_mmio(bus, "over", 4, &only_words, &probe, 2);
    bus_region_set(over, true, DEV + 0xf84);
    probe.regs[0] = 0x77;
    ck_assert_uint_eq(get(bus, DEV + 0xf84, 4), 0x77);
    ck_assert_uint_eq(probe.off, 0);
    ck_assert_ptr_eq(bus_ram(bus, DEV + 0xf88, NULL, NULL), mem + 8);
    bus_region_set(r, false, 0);
    ck_assert_uint_eq(get(bus, DEV + 0xf80, 1), 0x77);
    ck_assert_uint_eq(probe.off, 0xf80);
    bus_region_set(over, true, UINT64_MAX - 1);      /* the end of the space cuts it */
    ck_assert_uint_eq(get(bus, UINT64_MAX, 1), 0);
    ck_assert_int_eq(bus_read(bus, 0, 1, &room), BUS_NO_DEVICE);
}
END_TEST

START_TEST(of_equal_overlays_the_first_answers)
{
    static uint8_t one[16] = { 1 }, two[16] = { 2 };
    struct bus_region *a = bus_overlay_ram(bus, "one", 16, one, false, 3), *b = bus_overlay_ram(bus, "two", 16, two, false, 3);

    bus_region_set(b, true, 0);
    ck_assert_uint_eq(get(bus, 0, 1), 2);
    bus_region_set(a, true, 0);
    ck_assert_uint_eq(get(bus, 0, 1), 1);
}
END_TEST

START_TEST(shadow_memory_is_filled_while_rom_is_read)
{
    static uint8_t shadow[0x100], rom[0x100] = { 0xea };
    struct bus_region *r = bus_overlay_ram(bus, "shadow", 0x100, rom, true, 1);
    uint32_t v = 0xa5a5a5a5;
    bool readonly = false;

    bus_set_remap_hook(bus, remapped, NULL);
    bus_region_set(r, true, RAM);
    remaps = 0;
    bus_region_set_memory(r, rom, true, shadow);
    ck_assert_uint_eq(remaps, 0);        /* what is read stays */
    ck_assert_int_eq(bus_write(bus, RAM, 2, 0x1234), BUS_OK);
    ck_assert_uint_eq(get(bus, RAM, 1), 0xea);
    ck_assert_uint_eq(shadow[1], 0x12);
    ck_assert_ptr_eq(bus_ram(bus, RAM, NULL, &readonly), rom);
    ck_assert(readonly);
    ck_assert(dma_write(bus, RAM + 4, &v, 4));
    ck_assert_uint_eq(shadow[4], 0xa5);
    bus_region_set_memory(r, shadow, true, NULL);
    ck_assert_uint_eq(remaps, 1);
    ck_assert_uint_eq(written_at, RAM);
    ck_assert_uint_eq(written_len, 0x100);
    ck_assert_int_eq(bus_write(bus, RAM, 2, 0), BUS_OK);
    ck_assert_uint_eq(get(bus, RAM, 2), 0x1234);
}
END_TEST

START_TEST(changes_between_begin_and_commit_are_seen_at_once)
{
    static uint8_t mem[16] = { 9 };
    struct bus_region *a = bus_overlay_ram(bus, "a", 16, mem, false, 1), *b = bus_overlay_ram(bus, "b", 16, mem, false, 1);

    bus_set_remap_hook(bus, remapped, NULL);
    remaps = 0;
    bus_begin(bus);
    bus_region_set(a, true, RAM);
    bus_region_set(b, true, RAM + 16);
    ck_assert_uint_eq(get(bus, RAM, 1), 0);
    ck_assert_uint_eq(remaps, 0);
    bus_commit(bus);
    ck_assert_uint_eq(get(bus, RAM, 1), 9);
    ck_assert_uint_eq(get(bus, RAM + 16, 1), 9);
    ck_assert_uint_eq(remaps, 1);
}
END_TEST

START_TEST(a_view_shows_more_than_the_bus)
{
    static uint8_t secret[16] = { 0x66 }, mem[16] = { 0x44 };
    struct bus *view = bus_new_view(bus);
    struct bus_region *r = bus_overlay_ram(view, "secret", 16, secret, false, 5), *later = bus_overlay_ram(bus, "later", 16, mem, false, 1);

    bus_region_set(r, true, RAM);
    ck_assert_uint_eq(get(view, RAM, 1), 0x66);
    ck_assert_uint_eq(get(bus, RAM, 1), 0);
    bus_region_set(later, true, RAM + 16);
    ck_assert_uint_eq(get(view, RAM + 16, 1), 0x44);
    bus_region_set(r, false, 0);
    ck_assert_uint_eq(get(view, RAM, 1), 0);
}
END_TEST

START_TEST(an_open_bus_reads_ones)
{
    uint64_t v;

    bus_set_open(bus);
    ck_assert_int_eq(bus_read(bus, 0x500, 2, &v), BUS_OK);
    ck_assert_uint_eq(v, 0xffff);
    ck_assert_int_eq(bus_read(bus, 0x500, 8, &v), BUS_OK);
    ck_assert_uint_eq(v, UINT64_MAX);
    ck_assert_int_eq(bus_write(bus, 0x500, 4, 1), BUS_OK);
    ck_assert_uint_eq(get(bus, RAM + SIZE - 1, 2), 0xff00);
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
    tcase_add_test(t, overlays_hide_what_is_below_them_where_they_are);
    tcase_add_test(t, of_equal_overlays_the_first_answers);
    tcase_add_test(t, shadow_memory_is_filled_while_rom_is_read);
    tcase_add_test(t, changes_between_begin_and_commit_are_seen_at_once);
    tcase_add_test(t, a_view_shows_more_than_the_bus);
    tcase_add_test(t, an_open_bus_reads_ones);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_bus)
