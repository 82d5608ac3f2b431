/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/boards/pc-*.c: memory, firmware, what firmware finds in fw_cfg and CMOS memory, wires. No instruction runs. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "hw/pci/pci.h"
#include "softmmu/machine.h"
#include "tests/suite.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/rng.h"

#define MIB (1u << 20)
#define GIB (1ull << 30)
#define BIOS_SIZE 0x20000

static struct event_loop *loop;
static struct machine *m;
static char dir[32];
static struct machine_config config;
static struct boot_info boot;
static const char *name;

static char *make_file(const char *file, const void *data, size_t len)
{
    char *path = g_strdup_printf("%s/%s", dir, file);

    ck_assert(g_file_set_contents(path, data, (gssize)len, NULL));
    return path;
}

static void setup(void)
{
    static uint8_t bios[BIOS_SIZE];

    strcpy(dir, "/tmp/test-pc-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    loop = event_loop_new();
    config = (struct machine_config){ .tb_size = MIB, .interpret = true, .seeded = true, .seed = 1, .smp = 2, .want_64bit = true,
                                      .cpu_model = "qemu64", .ram_size = 64 * MIB };
    config.props = g_hash_table_new(g_str_hash, g_str_equal);
    memset(&boot, 0, sizeof(boot));
    memset(bios, 0x5a, sizeof(bios));
    bios[0] = 1;
    bios[BIOS_SIZE - 16] = 0xea;
    boot.bios = make_file("bios", bios, sizeof(bios));
    name = "pc";
    m = NULL;
}

static void teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf %s", dir);

    if (m)
        machine_free(m);
    event_loop_free(loop);
    g_free(boot.bios);
    g_hash_table_destroy(config.props);
    ck_assert_int_eq(system(command), 0);
}

static bool build(GError **err)
{
    m = machine_new(board_find(name), &config, &boot, loop, err);
    return m && machine_init(m, err) && machine_ready(m, err);
}

static void must_build(void)
{
    g_autoptr(GError) err = NULL;
    bool ok = build(&err);

    ck_assert_msg(ok, "%s", err ? err->message : "");
    machine_reset(m);
}

static void must_fail(const char *text)
{
    g_autoptr(GError) err = NULL;

    ck_assert(!build(&err));
    ck_assert_msg(strstr(err->message, text) != NULL, "%s", err->message);
}

static uint32_t mem(uint64_t paddr, unsigned size)
{
    uint64_t v;

    ck_assert_int_eq(bus_read(m->bus, paddr, size, &v), BUS_OK);
    return (uint32_t)v;
}

static uint32_t in(uint16_t port, unsigned size)
{
    uint64_t v;

    ck_assert_int_eq(bus_read(m->io, port, size, &v), BUS_OK);
    return (uint32_t)v;
}

static void out(uint16_t port, unsigned size, uint32_t v)
{
    ck_assert_int_eq(bus_write(m->io, port, size, v), BUS_OK);
}

static uint8_t cmos(uint8_t index)
{
    out(0x70, 1, index);
    return (uint8_t)in(0x71, 1);
}

static void conf_write(unsigned devfn, unsigned reg, unsigned size, uint32_t v)
{
    out(0xcf8, 4, 0x80000000u | devfn << 8 | (reg & 0xfc));
    out((uint16_t)(0xcfc + (reg & 3)), size, v);
}

static uint32_t conf_read(unsigned devfn, unsigned reg)
{
    out(0xcf8, 4, 0x80000000u | devfn << 8 | (reg & 0xfc));
    return in(0xcfc, 4);
}

/* ---- fw_cfg ------------------------------------------------------------------------------------ */

static void fetch(uint16_t key, void *buf, uint32_t len)
{
    out(0x510, 2, key);
    for (uint32_t i = 0; i < len; i++)
        ((uint8_t *)buf)[i] = (uint8_t)in(0x511, 1);
}

/* A file's bytes; free with g_free. */
static uint8_t *fetch_file(const char *file, uint32_t *len)
{
    uint8_t n[4], entry[64];
    uint8_t *data;

    fetch(0x19, n, 4);
    for (uint32_t i = 0; i < ld32_be(n); i++) {
        for (unsigned k = 0; k < sizeof(entry); k++)
            entry[k] = (uint8_t)in(0x511, 1);
        if (strcmp((char *)entry + 8, file))
            continue;
        *len = ld32_be(entry);
        data = g_malloc(*len);
        fetch(ld16_be(entry + 4), data, *len);
        return data;
    }
    ck_abort_msg("no file %s", file);
    return NULL;
}

/* What firmware does with the script: every table's sum is right then; gives the tables. Their addresses are offsets. */
static uint8_t *load_tables(uint32_t *len)
{
    uint32_t script_len;
    g_autofree uint8_t *script = fetch_file("etc/table-loader", &script_len);
    uint8_t *tables = fetch_file("etc/acpi/tables", len);

    for (uint32_t at = 0; at + 128 <= script_len; at += 128) {
        const uint8_t *c = script + at;
        uint32_t result = ld32_le(c + 60), start = ld32_le(c + 64), n = ld32_le(c + 68);
        uint8_t sum = 0;

        if (ld32_le(c) != 3 || strcmp((const char *)c + 4, "etc/acpi/tables"))
            continue;
        ck_assert(start + n <= *len);
        for (uint32_t i = 0; i < n; i++)
            sum += tables[start + i];
        tables[result] = (uint8_t)-sum;
    }
    return tables;
}

static const uint8_t *find_table(const uint8_t *tables, uint32_t len, const char *signature)
{
    for (uint32_t at = 0; at + 36 <= len; at += 8)
        if (!memcmp(tables + at, signature, 4) && ld32_le(tables + at + 4) <= len - at)      /* the DSDT has such names in it */
            return tables + at;
    return NULL;
}

/* ---- tests ------------------------------------------------------------------------------------- */

START_TEST(memory_has_its_gap_and_firmware_ends_it)
{
    uint32_t len;
    g_autofree uint8_t *e820 = NULL;

    config.ram_size = 5 * GIB;
    must_build();
    bus_write(m->bus, 0xbffff000, 4, 0x1234);
    ck_assert_uint_eq(mem(0xbffff000, 4), 0x1234);
    ck_assert_uint_eq(mem(0xc0000000, 4), 0xffffffff);
    bus_write(m->bus, 0x17ffff000, 4, 0x5678);
    ck_assert_uint_eq(mem(0x17ffff000, 4), 0x5678);
    ck_assert_uint_eq(mem(0x180000000, 4), 0xffffffff);
    ck_assert_uint_eq(mem(0xfffffff0, 1), 0xea);
    ck_assert_uint_eq(mem(0xfffe0000, 1), 1);
    ck_assert_uint_eq(mem(0xe0000, 1), 1);
    ck_assert_uint_eq(mem(0xffff0, 1), 0xea);
    ck_assert_uint_eq(mem(0xc0000, 2), 0xffff);
    ck_assert_uint_eq(cmos(0x34) | cmos(0x35) << 8, (3 * GIB - 16 * MIB) >> 16);
    ck_assert_uint_eq(cmos(0x5b) | cmos(0x5c) << 8 | cmos(0x5d) << 16, 2 * GIB >> 16);
    ck_assert_uint_eq(cmos(0x5f), 1);
    e820 = fetch_file("etc/e820", &len);
    ck_assert_uint_eq(len, 40);
    ck_assert_uint_eq(ld64_le(e820 + 8), 3 * GIB);
    ck_assert_uint_eq(ld64_le(e820 + 20), 4 * GIB);
    ck_assert_uint_eq(ld64_le(e820 + 28), 2 * GIB);
}
END_TEST

START_TEST(fw_cfg_answers_at_its_ports)
{
    uint8_t b[8];

    must_build();
    fetch(0, b, 4);
    ck_assert_mem_eq(b, "QEMU", 4);
    fetch(1, b, 4);
    ck_assert_uint_eq(ld32_le(b), 3);
    fetch(0x8002, b, 4);
    ck_assert_uint_eq(ld32_le(b), 1);
    fetch(3, b, 8);
    ck_assert_uint_eq(ld64_le(b), 64 * MIB);
    fetch(0x0f, b, 2);
    ck_assert_uint_eq(ld16_le(b), 2);
    ck_assert_uint_eq(in(0x514, 4), __builtin_bswap32(0x51454d55));
    ck_assert_uint_eq(in(0x518, 4), __builtin_bswap32(0x20434647));
    /* DMA: 4 bytes of item 0 to 0x2000. */
    bus_write(m->bus, 0x1000, 4, __builtin_bswap32(0x0000000a));
    bus_write(m->bus, 0x1004, 4, __builtin_bswap32(4));
    bus_write(m->bus, 0x1008, 8, __builtin_bswap64(0x2000));
    out(0x514, 4, 0);
    out(0x518, 4, __builtin_bswap32(0x1000));
    ck_assert_uint_eq(mem(0x1000, 4), 0);
    ck_assert_uint_eq(mem(0x2000, 4), 0x554d4551);
}
END_TEST

START_TEST(tables_tell_what_firmware_has_set)
{
    static const char *const names[] = { "FACS", "DSDT", "FACP", "APIC", "HPET", "RSDT", "XSDT" };
    uint32_t len, len2;
    g_autofree uint8_t *before = NULL, *tables = NULL;
    const uint8_t *t;

    must_build();
    before = load_tables(&len);
    machine_reset(m);
    conf_write(0x0b, 0x40, 4, 0xb001);
    conf_write(0x0b, 0x80, 1, 1);
    tables = load_tables(&len2);
    ck_assert_uint_eq(len, len2);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        uint8_t sum = 0;

        t = find_table(tables, len, names[i]);
        ck_assert_msg(t != NULL, "%s", names[i]);
        for (uint32_t k = 0; i && k < ld32_le(t + 4); k++)
            sum += t[k];
        ck_assert_uint_eq(sum, 0);
    }
    t = find_table(tables, len, "FACP");
    ck_assert_uint_eq(ld32_le(t + 4), 244);
    ck_assert_uint_eq(ld32_le(t + 56), 0xb000);
    ck_assert_uint_eq(ld32_le(t + 64), 0xb004);
    ck_assert_uint_eq(ld32_le(t + 76), 0xb008);
    ck_assert_uint_eq(ld16_le(t + 46), 9);
    ck_assert_uint_eq(ld64_le(t + 120), 0xcf9);
    ck_assert_uint_eq(ld64_le(t + 152), 0xb000);
    t = find_table(before, len, "FACP");
    ck_assert_uint_eq(ld32_le(t + 56), 0);
    t = find_table(tables, len, "APIC");
    ck_assert_uint_eq(t[44], 0);
    ck_assert_uint_eq(t[44 + 8 + 3], 1);         /* the second CPU's */
    if (getenv("DUMP_ACPI"))
        g_file_set_contents(getenv("DUMP_ACPI"), (const char *)find_table(tables, len, "DSDT"), 
                            ld32_le(find_table(tables, len, "DSDT") + 4), NULL);
}
END_TEST

START_TEST(smbios_structures_end_where_they_say)
{
    uint32_t len, n, at = 0, count = 0;
    g_autofree uint8_t *anchor = NULL, *tables = NULL;

    must_build();
    anchor = fetch_file("etc/smbios/smbios-anchor", &n);
    tables = fetch_file("etc/smbios/smbios-tables", &len);
    ck_assert_uint_eq(n, 31);
    ck_assert_uint_eq(ld16_le(anchor + 22), len);
    while (at < len) {
        uint32_t next = at + tables[at + 1];

        while (tables[next] || tables[next + 1])
            next++;
        count++;
        if (tables[at] == 127)
            ck_assert_uint_eq(next + 2, len);
        at = next + 2;
    }
    ck_assert_uint_eq(at, len);
    ck_assert_uint_eq(ld16_le(anchor + 28), count);
    ck_assert_uint_eq(count, 9);
}
END_TEST

START_TEST(boot_order_is_in_cmos_memory)
{
    boot.once = "d";
    boot.order = "nca";
    must_build();
    ck_assert_uint_eq(cmos(0x3d), 3);
    machine_reset(m);
    ck_assert_uint_eq(cmos(0x3d), 0x24);
    ck_assert_uint_eq(cmos(0x38), 0x10);
}
END_TEST

START_TEST(mistakes_are_named)
{
    static const struct { const char *model; uint64_t ram; const char *order, *prop, *value, *text; } cases[] = {
        { "qemu64", 512 << 10, NULL, NULL, NULL, "it takes 1 to 261120" },
        { "qemu64", 64 * MIB, "cx", NULL, NULL, "-boot cx: there are a (floppy)" },
        { "qemu64", 64 * MIB, NULL, "acpi", "maybe", "acpi=maybe: it must be on or off" },
        { "nosuch", 64 * MIB, NULL, NULL, NULL, "nosuch" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        config.cpu_model = (char *)cases[i].model;
        config.ram_size = cases[i].ram;
        boot.order = (char *)cases[i].order;
        g_hash_table_remove_all(config.props);
        if (cases[i].prop)
            g_hash_table_insert(config.props, (char *)cases[i].prop, (char *)cases[i].value);
        must_fail(cases[i].text);
        machine_free(m);
        m = NULL;
    }
}
END_TEST

START_TEST(firmware_that_is_absent_names_the_package)
{
    g_autofree char *path = boot.bios;

    boot.bios = g_strdup("/nonexistent/bios");
    must_fail("/nonexistent/bios");
    g_free(boot.bios);
    boot.bios = make_file("odd", "abc", 3);
    machine_free(m);
    must_fail("it must be a multiple of 64 KiB");
}
END_TEST

/* The router of the chipset, then a wire of both interrupt controllers. */
START_TEST(pci_interrupts_reach_the_controllers)
{
    must_build();
    ck_assert_uint_eq(conf_read(0x00, 0), 0x12378086);
    ck_assert_uint_eq(conf_read(0x08, 0), 0x70008086);
    ck_assert_uint_eq(conf_read(0x0b, 0), 0x71138086);
    conf_write(0x0b, 0x40, 4, 0x0601);
    conf_write(0x0b, 0x80, 1, 1);
    out(0xb2, 1, 0xf1);
    out(0x602, 2, 0x100);
    out(0x20, 1, 0x11);
    out(0x21, 1, 8);
    out(0x21, 1, 4);
    out(0x21, 1, 1);
    out(0xa0, 1, 0x11);
    out(0xa1, 1, 0x70);
    out(0xa1, 1, 2);
    out(0xa1, 1, 1);
    out(0x4d1, 1, 0x0e);
    out(0xa0, 1, 0x0a);
    ck_assert_uint_eq(in(0xa0, 1) & 2, 0);
    m->board->powerdown(m);
    ck_assert_uint_eq(in(0xa0, 1) & 2, 2);
}
END_TEST

/* ---- q35 ---- */

static uint8_t peek(struct bus *bus, uint64_t at)
{
    uint64_t v = 0;

    bus_read(bus, at, 1, &v);
    return (uint8_t)v;
}

START_TEST(q35_has_its_configuration_window)
{
    uint32_t len;
    g_autofree uint8_t *tables = NULL;
    const uint8_t *t;

    name = "q35";
    must_build();
    ck_assert_uint_eq(conf_read(0x00, 0), 0x29c08086);
    ck_assert_uint_eq(conf_read(0xf8, 0), 0x29188086);
    ck_assert_uint_eq(mem(0xb0000000, 4), 0xffffffff);
    conf_write(0, 0x60, 4, 0xb0000001);
    ck_assert_uint_eq(mem(0xb0000000, 4), 0x29c08086);
    ck_assert_uint_eq(mem(0xb00f8002, 2), 0x2918);
    ck_assert_uint_eq(mem(0xb0100000, 4), 0xffffffff);
    ck_assert_uint_eq(mem(0xb0000100, 4), 0xffffffff);
    conf_write(0, 0x60, 4, 0xe0000005);          /* 64 MiB */
    ck_assert_uint_eq(mem(0xb0000000, 4), 0xffffffff);
    ck_assert_uint_eq(mem(0xe0000000, 4), 0x29c08086);
    conf_write(0xf8, 0x40, 4, 0x601);
    conf_write(0xf8, 0x44, 1, 0x80);
    tables = load_tables(&len);
    t = find_table(tables, len, "MCFG");
    ck_assert_uint_eq(ld64_le(t + 44), 0xe0000000);
    ck_assert_uint_eq(t[55], 63);
    t = find_table(tables, len, "FACP");
    ck_assert_uint_eq(ld32_le(t + 56), 0x600);
    ck_assert_uint_eq(ld32_le(t + 80), 0x620);
    if (getenv("DUMP_ACPI"))
        g_file_set_contents(getenv("DUMP_ACPI"), (const char *)find_table(tables, len, "DSDT"),
                            ld32_le(find_table(tables, len, "DSDT") + 4), NULL);
}
END_TEST

START_TEST(q35_hides_the_end_of_ram_for_smm)
{
    struct bus *smm;

    name = "q35";
    must_build();
    smm = m->cpus[0]->smm_bus;
    bus_write(m->bus, 64 * MIB - MIB, 1, 0x42);
    conf_write(0, 0x9e, 1, 0x01);
    ck_assert_uint_eq(peek(m->bus, 63 * MIB), 0x42);
    conf_write(0, 0x9d, 1, 0x08);
    ck_assert_uint_eq(peek(m->bus, 63 * MIB), 0xff);
    ck_assert_uint_eq(peek(m->bus, 63 * MIB - 1), 0);
    ck_assert_uint_eq(peek(smm, 63 * MIB), 0x42);
    conf_write(0, 0x9d, 1, 0x18);
    conf_write(0, 0x9e, 1, 0x00);                /* locked */
    ck_assert_uint_eq(peek(m->bus, 63 * MIB), 0xff);
    machine_reset(m);
    ck_assert_uint_eq(peek(m->bus, 63 * MIB), 0x42);
}
END_TEST

START_TEST(q35_smi_needs_its_enables)
{
    name = "q35";
    must_build();
    conf_write(0xf8, 0x40, 4, 0x601);
    conf_write(0xf8, 0x44, 1, 0x80);
    ck_assert_uint_eq(in(0x630, 4), 0);
    out(0x630, 4, 0x20);
    out(0xb2, 1, 1);
    ck_assert(!(m->cpus[0]->irq_lines & 1u << X86_SMI));
    out(0x630, 4, 0x21);
    conf_write(0xf8, 0xa0, 1, 0x10);
    out(0x630, 4, 0x20);                         /* the global enable is locked */
    ck_assert_uint_eq(in(0x630, 4), 0x21);
    out(0xb2, 1, 1);
    ck_assert(m->cpus[0]->irq_lines & 1u << X86_SMI);
    out(0xb2, 1, 2);
    ck_assert_uint_eq(in(0x604, 2), 1);
}
END_TEST

/* ---- all ports and registers of a machine -------------------------------------------------------- */

struct places {
    uint64_t start[128], size[128];
    unsigned n;
};

static bool add_place(const char *what, uint64_t start, uint64_t size, bool is_ram, void *opaque)
{
    struct places *p = opaque;

    (void)what;
    if (!is_ram && p->n < G_N_ELEMENTS(p->start)) {
        p->start[p->n] = start;
        p->size[p->n++] = size;
    }
    return true;
}

/* Reads and writes of all widths, among them configuration space; BARs and memory move under way. */
static void hammer(const char *machine, uint64_t seed)
{
    struct rng r;

    name = machine;
    must_build();
    rng_init(&r, seed);
    for (int i = 0; i < 60000; i++) {
        struct bus *bus = rng_below(&r, 3) ? m->io : m->bus;
        struct places p = { .n = 0 };
        unsigned size = 1u << rng_below(&r, 3), k;
        uint64_t at, v = rng_u64(&r);

        if (rng_below(&r, 4) == 0) {
            static const uint8_t functions[] = { 0x00, 0x08, 0x09, 0x0b, 0x10, 0x18, 0xf8, 0xfa };

            conf_write(functions[rng_below(&r, sizeof(functions))], rng_below(&r, 256), 1, (uint32_t)v);
            continue;
        }
        bus_foreach(bus, add_place, &p);
        k = (unsigned)rng_below(&r, p.n);
        at = p.start[k] + rng_u64(&r) % MIN(p.size[k], 4096);
        bus_set_current_cpu((int)rng_below(&r, 2));
        if (rng_below(&r, 2))
            bus_write(bus, at, size, rng_below(&r, 2) ? v : v & 0xff);
        else
            bus_read(bus, at, size, &v);
        if (i % 256 == 0) {
            clock_set(m->clock, clock_ns(m->clock) + 1000000);
            while (event_loop_poll(loop, false))
                continue;
        }
    }
    bus_set_current_cpu(0);
    machine_reset(m);
    ck_assert_uint_eq(mem(0xfffffff0, 1), 0xea);
}

START_TEST(pc_survives_anything)
{
    hammer("pc", 1 + (uint64_t)_i);
}
END_TEST

START_TEST(q35_survives_anything)
{
    hammer("q35", 100 + (uint64_t)_i);
}
END_TEST

static Suite *suite_pc(void)
{
    Suite *s = suite_create("pc");
    TCase *t = tcase_create("pc");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, memory_has_its_gap_and_firmware_ends_it);
    tcase_add_test(t, fw_cfg_answers_at_its_ports);
    tcase_add_test(t, tables_tell_what_firmware_has_set);
    tcase_add_test(t, smbios_structures_end_where_they_say);
    tcase_add_test(t, boot_order_is_in_cmos_memory);
    tcase_add_test(t, mistakes_are_named);
    tcase_add_test(t, firmware_that_is_absent_names_the_package);
    tcase_add_test(t, pci_interrupts_reach_the_controllers);
    tcase_add_test(t, q35_has_its_configuration_window);
    tcase_add_test(t, q35_hides_the_end_of_ram_for_smm);
    tcase_add_test(t, q35_smi_needs_its_enables);
    tcase_add_loop_test(t, pc_survives_anything, 0, 4);
    tcase_add_loop_test(t, q35_survives_anything, 0, 4);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_pc)
