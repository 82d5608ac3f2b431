/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/boards/arm-virt.c: what it builds, loads and wires. No instruction runs; the tree is dtb-qemu.sh's business. */
#include "config.h"
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "softmmu/machine.h"
#include "tests/suite.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define RAM 0x40000000u
#define GICD 0x08000000u
#define GICD_ISPENDR (GICD + 0x200)
#define MIB (1u << 20)

static struct event_loop *loop;
static struct machine *m;
static char dir[32];
static struct machine_config config;
static struct boot_info boot;

static void setup(void)
{
    strcpy(dir, "/tmp/test-virt-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    loop = event_loop_new();
    config = (struct machine_config){ .tb_size = MIB, .interpret = true, .seeded = true, .seed = 1, .smp = 2,
                                      .cpu_model = "cortex-a15", .ram_size = 64 * MIB };
    memset(&boot, 0, sizeof(boot));
    m = NULL;
}

static void teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf %s", dir);

    if (m)
        machine_free(m);
    event_loop_free(loop);
    g_free(boot.kernel);
    g_free(boot.initrd);
    g_free(boot.dtb);
    if (config.props)
        g_hash_table_destroy(config.props);
    ck_assert_int_eq(system(command), 0);
}

static char *make_file(const char *name, const void *data, size_t len)
{
    char *path = g_strdup_printf("%s/%s", dir, name);

    ck_assert(g_file_set_contents(path, data, (gssize)len, NULL));
    return path;
}

/* A kernel of eight instructions, some of them recognisable. */
static void give_kernel(void)
{
    uint8_t code[32] = { 0 };

    st32_le(code, 0xeafffffe);
    st32_le(code + 28, 0x12345678);
    boot.kernel = make_file("kernel", code, sizeof(code));
}

static bool build(GError **err)
{
    m = machine_new(board_find("virt"), &config, &boot, loop, err);
    ck_assert_ptr_nonnull(m);
    return machine_init(m, err) && machine_ready(m, err);
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

static uint32_t rd(uint64_t paddr)
{
    uint64_t v;

    ck_assert_int_eq(bus_read(m->bus, paddr, 4, &v), BUS_OK);
    return (uint32_t)v;
}

static void wr(uint64_t paddr, uint32_t v)
{
    ck_assert_int_eq(bus_write(m->bus, paddr, 4, v), BUS_OK);
}

static const void *tree(void)
{
    uint64_t room;
    const void *blob = bus_ram(m->bus, RAM + 32 * MIB, &room, NULL);

    ck_assert_int_eq(fdt_check_full(blob, room), 0);
    return blob;
}

START_TEST(linux_protocol)
{
    const void *blob;
    const char *args;

    give_kernel();
    boot.append = "console=x";
    must_build();
    ck_assert_uint_eq(m->cpus[0]->env.pc, RAM + 0x10000);
    ck_assert(!m->cpus[0]->powered_off);
    ck_assert(m->cpus[1]->powered_off);
    ck_assert_uint_eq(rd(RAM + 0x1001c), 0x12345678);
    blob = tree();
    args = fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "bootargs", NULL);
    ck_assert_str_eq(args, "console=x");
}
END_TEST

START_TEST(images_come_back_at_reset_with_new_seeds)
{
    uint8_t seed[8];
    const void *blob;

    give_kernel();
    must_build();
    wr(RAM + 0x1001c, 0);
    blob = tree();
    memcpy(seed, fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "kaslr-seed", NULL), 8);
    machine_reset(m);
    ck_assert_uint_eq(rd(RAM + 0x1001c), 0x12345678);
    blob = tree();
    ck_assert_mem_ne(seed, fdt_getprop(blob, fdt_path_offset(blob, "/chosen"), "kaslr-seed", NULL), 8);
}
END_TEST

START_TEST(initrd_is_half_way_up)
{
    uint8_t data[5000];

    memset(data, 0xcd, sizeof(data));
    give_kernel();
    boot.initrd = make_file("initrd", data, sizeof(data));
    must_build();
    ck_assert_uint_eq(rd(RAM + 32 * MIB), 0xcdcdcdcd);
    ck_assert_uint_eq(rd(RAM + 32 * MIB + 8192), 0xedfe0dd0);
}
END_TEST

START_TEST(users_tree_gets_memory_and_arguments)
{
    static uint8_t blob[4096];
    const void *t;
    int node, len;

    ck_assert_int_eq(fdt_create_empty_tree(blob, sizeof(blob)), 0);
    fdt_setprop_u32(blob, 0, "#address-cells", 1);
    fdt_setprop_u32(blob, 0, "#size-cells", 1);
    node = fdt_add_subnode(blob, 0, "memory");
    fdt_setprop_string(blob, node, "device_type", "memory");
    boot.dtb = make_file("dtb", blob, sizeof(blob));
    boot.append = "quiet";
    give_kernel();
    must_build();
    t = tree();
    node = fdt_node_offset_by_prop_value(t, -1, "device_type", "memory", 7);
    ck_assert_int_eq(node, fdt_path_offset(t, "/memory@40000000"));
    ck_assert_int_lt(fdt_node_offset_by_prop_value(t, node, "device_type", "memory", 7), 0);
    ck_assert_ptr_nonnull(fdt_getprop(t, fdt_path_offset(t, "/memory@40000000"), "reg", &len));
    ck_assert_int_eq(len, 8);
    ck_assert_str_eq(fdt_getprop(t, fdt_path_offset(t, "/chosen"), "bootargs", NULL), "quiet");
}
END_TEST

START_TEST(devices_are_wired)
{
    give_kernel();
    must_build();
    wr(0x09000000 + 0x38, 0x7ff);                /* UART: all interrupts */
    wr(0x09000000, 'x');
    ck_assert_uint_eq(rd(GICD_ISPENDR + 4), 1 << 1);
    wr(0x09010004, rd(0x09010000));              /* RTC: match now */
    wr(0x09010010, 1);
    ck_assert_uint_eq(rd(GICD_ISPENDR + 4), 1 << 1 | 1 << 2);
    wr(0x08020040, 85);                          /* GICv2m: a message */
    ck_assert_uint_eq(rd(GICD_ISPENDR + 8), 0);  /* the SPI is level-sensitive after reset */
    wr(GICD + 0xc00 + 20, 2u << (2 * 5));
    wr(0x08020040, 85);
    ck_assert_uint_eq(rd(GICD_ISPENDR + 8), 1u << (85 - 64));
    wr(0x08020040, 300);
    ck_assert_uint_eq(rd(0x08020008), 80 << 16 | 64);
    ck_assert_uint_eq(rd(0x0a000000), 0x74726976);
    ck_assert_uint_eq(rd(0x0a003e08), 0);
}
END_TEST

/* A 64-bit Image at RAM + 2 MiB, the RAM disk half way up, the tree at the next multiple of 2 MiB. */
START_TEST(linux_protocol_for_64_bits)
{
    uint8_t image[128] = { 0 }, data[5000] = { 0 };
    uint64_t room;

    memcpy(image + 56, "ARM\x64", 4);
    st64_le(image + 16, sizeof(image));
    boot.kernel = make_file("kernel", image, sizeof(image));
    boot.initrd = make_file("initrd", data, sizeof(data));
    config.cpu_model = "cortex-a57";
    must_build();
    ck_assert(m->cpus[0]->is_64bit);
    ck_assert_uint_eq(m->cpus[0]->env.pc, RAM + 2 * MIB);
    ck_assert_int_eq(fdt_check_full(bus_ram(m->bus, RAM + 34 * MIB, &room, NULL), 30 * MIB), 0);
    ck_assert_uint_eq(room, 30 * MIB);
}
END_TEST

START_TEST(gicv3_is_wired)
{
    config.props = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(config.props, "gic-version", "3");
    config.cpu_model = "cortex-a72";
    config.smp = 18;
    give_kernel();
    must_build();
    ck_assert_uint_eq(m->cpus[17]->affinity, 0x101);
    ck_assert_uint_eq(rd(0x080a0000 + 17 * 0x20000 + 12), 0x101);
    ck_assert(m->cpus[17]->icc->has(m->cpus[17]->icc_opaque, CPU_SYSREG(3, 0, 12, 12, 0), false));
    wr(GICD + 0xc00 + 20, 2u << (2 * 5));
    wr(0x09000000 + 0x38, 0x7ff);                /* UART: all interrupts */
    wr(0x09000000, 'x');
    ck_assert_uint_eq(rd(GICD_ISPENDR + 4), 1 << 1);
    ck_assert_uint_eq(rd(0x08080000 + 0xffe8) & 0xf0, 0x30);
}
END_TEST

/* Plug a device with these properties, NAME VALUE... up to NULL. */
static bool plug(GError **err, const char *type, ...)
{
    struct device *dev = device_new(m, type, err);
    const char *name;
    va_list ap;
    bool ok = true;

    va_start(ap, type);
    while (ok && (name = va_arg(ap, const char *)))
        ok = device_set_prop(dev, name, va_arg(ap, const char *), err);
    va_end(ap);
    return ok && m->board->plug(m, dev, err);
}

START_TEST(loader_puts_images_and_starts_cpus)
{
    g_autofree char *raw = make_file("raw", "abcdefgh", 8);
    g_autoptr(GError) err = NULL;

    config.smp = 2;
    m = machine_new(board_find("virt"), &config, &boot, loop, NULL);
    ck_assert(machine_init(m, NULL));
    ck_assert(!machine_ready(m, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "nothing to start"));
    ck_assert(plug(NULL, "loader", "file", raw, "addr", "0x41000000", "cpu-num", "0", NULL));
    ck_assert(plug(NULL, "loader", "data", "0x11223344", "data-len", "4", "addr", "0x41001000", NULL));
    ck_assert(plug(NULL, "loader", "data", "0x1122", "data-len", "2", "data-be", "on", "addr", "0x41001004", NULL));
    ck_assert(plug(NULL, "loader", "addr", "0x41001000", "cpu-num", "1", NULL));
    ck_assert(machine_ready(m, NULL));
    for (int i = 0; i < 2; i++) {
        machine_reset(m);
        ck_assert_uint_eq(rd(0x41000000), 0x64636261);
        ck_assert_uint_eq(rd(0x41001000), 0x11223344);
        ck_assert_uint_eq(rd(0x41001004), 0x2211);
        ck_assert_uint_eq(m->cpus[0]->env.pc, 0x41000000);
        ck_assert_uint_eq(m->cpus[1]->env.pc, 0x41001000);
        ck_assert_uint_eq(rd(0x40000000), 0xedfe0dd0);   /* the tree is where code without a kernel finds it */
        wr(0x41000000, 0);
    }
}
END_TEST

START_TEST(guest_loader_tells_the_hypervisor)
{
    g_autofree char *kernel = make_file("dom0", "KERNEL", 6), *initrd = make_file("dom0-initrd", "RAMDISK!", 8);
    const char *node = "/chosen/module@0x43000000";
    const uint8_t *p;
    int at, len;

    give_kernel();
    m = machine_new(board_find("virt"), &config, &boot, loop, NULL);
    ck_assert(machine_init(m, NULL));
    ck_assert(plug(NULL, "guest-loader", "addr", "0x43000000", "kernel", kernel, "bootargs", "console=hvc0", NULL));
    ck_assert(plug(NULL, "guest-loader", "addr", "0x43800000", "initrd", initrd, NULL));
    ck_assert(machine_ready(m, NULL));
    machine_reset(m);
    ck_assert_uint_eq(rd(0x43000000), 0x4e52454b);
    ck_assert_uint_eq(rd(0x43800004), 0x214b5349);
    at = fdt_path_offset(tree(), node);
    p = fdt_getprop(tree(), at, "reg", &len);
    ck_assert_int_eq(len, 16);
    ck_assert_uint_eq(ld64_be(p), 0x43000000);
    ck_assert_uint_eq(ld64_be(p + 8), 6);
    ck_assert_str_eq(fdt_getprop(tree(), at, "bootargs", NULL), "console=hvc0");
    ck_assert_int_eq(fdt_node_check_compatible(tree(), at, "multiboot,kernel"), 0);
    ck_assert_int_eq(fdt_node_check_compatible(tree(), at, "multiboot,module"), 0);
    at = fdt_path_offset(tree(), "/chosen/module@0x43800000");
    ck_assert_int_eq(fdt_node_check_compatible(tree(), at, "multiboot,ramdisk"), 0);
    ck_assert_ptr_null(fdt_getprop(tree(), at, "bootargs", NULL));
}
END_TEST

START_TEST(power_key)
{
    give_kernel();
    must_build();
    m->board->powerdown(m);
    ck_assert_uint_eq(rd(0x09030000 + 0x3fc), 8);
}
END_TEST

START_TEST(virtio_devices_come_from_the_last_transport_down)
{
    g_autoptr(GError) err = NULL;

    give_kernel();
    must_build();
    ck_assert(m->board->plug(m, device_new(m, "virtio-rng-device", NULL), NULL));
    ck_assert(m->board->plug(m, device_new(m, "virtio-serial-device", NULL), NULL));
    ck_assert(m->board->plug(m, device_new(m, "virtconsole", NULL), NULL));
    ck_assert_uint_eq(rd(0x0a003e08), 4);
    ck_assert_uint_eq(rd(0x0a003c08), 3);
    ck_assert_uint_eq(rd(0x0a003e04), 1);
    for (int i = 0; i < 30; i++)
        ck_assert(m->board->plug(m, device_new(m, "virtio-rng-device", NULL), NULL));
    ck_assert(!m->board->plug(m, device_new(m, "virtio-rng-device", NULL), &err));
    ck_assert_ptr_nonnull(strstr(err->message, "all 32 virtio transports are taken"));
}
END_TEST

START_TEST(port_needs_its_bus)
{
    g_autoptr(GError) err = NULL;

    give_kernel();
    must_build();
    ck_assert(!m->board->plug(m, device_new(m, "virtserialport", NULL), &err));
    ck_assert_ptr_nonnull(strstr(err->message, "virtio-serial-device"));
}
END_TEST

START_TEST(wrong_configurations)
{
    static const struct { int smp; uint64_t ram; const char *text; } rows[] = {
        { 9, 64 * MIB, "9 CPUs" }, { 1, 256ull << 30, "262144 MiB" }, { 1, 64 * MIB, "-kernel" },
    };

    config.smp = rows[_i].smp;
    config.ram_size = rows[_i].ram;
    must_fail(rows[_i].text);
}
END_TEST

START_TEST(properties_that_it_cannot_have)
{
    config.props = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(config.props, "gic-version", "3");
    give_kernel();
    must_fail("gic-version=3");
}
END_TEST

START_TEST(what_does_not_fit)
{
    g_autofree uint8_t *big = g_malloc0(5 * MIB);

    give_kernel();
    config.ram_size = 8 * MIB;
    boot.initrd = make_file("initrd", big, 5 * MIB);
    must_fail("do not fit into RAM");
}
END_TEST

START_TEST(tree_that_is_none)
{
    give_kernel();
    boot.dtb = make_file("dtb", "not a tree", 10);
    must_fail("not a valid device tree");
}
END_TEST

static Suite *virt_suite(void)
{
    Suite *s = suite_create("arm-virt");
    TCase *t = tcase_create("arm-virt");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, linux_protocol);
    tcase_add_test(t, images_come_back_at_reset_with_new_seeds);
    tcase_add_test(t, initrd_is_half_way_up);
    tcase_add_test(t, users_tree_gets_memory_and_arguments);
    tcase_add_test(t, devices_are_wired);
    tcase_add_test(t, linux_protocol_for_64_bits);
    tcase_add_test(t, gicv3_is_wired);
    tcase_add_test(t, loader_puts_images_and_starts_cpus);
    tcase_add_test(t, guest_loader_tells_the_hypervisor);
    tcase_add_test(t, power_key);
    tcase_add_test(t, virtio_devices_come_from_the_last_transport_down);
    tcase_add_test(t, port_needs_its_bus);
    tcase_add_loop_test(t, wrong_configurations, 0, 3);
    tcase_add_test(t, properties_that_it_cannot_have);
    tcase_add_test(t, what_does_not_fit);
    tcase_add_test(t, tree_that_is_none);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(virt_suite)
