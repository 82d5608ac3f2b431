/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine without CPUs. */
#include "config.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "block/drives.h"
#include "tests/dev/harness.h"
#include "util/clock.h"
#include "util/event-loop.h"
#include "util/rng.h"

static bool bare_init(struct machine *m, GError **err)
{
    return bus_add_ram(m->bus, "ram", HARNESS_RAM, HARNESS_RAM_SIZE, false, err) != NULL;
}

static const struct board_type bare_board = {
    .name = "bare", .desc = "nothing but memory", .target = "arm", .init = bare_init,
};

static void line_set(void *opaque, int n, bool level)
{
    struct harness *h = opaque;

    if (level && !h->level[n])
        h->rises[n]++;
    h->level[n] = level;
}

struct harness *harness_new(void)
{
    struct machine_config config = { .tb_size = 1 << 20, .interpret = true, .seeded = true, .seed = 1,
                                     .ram_size = HARNESS_RAM_SIZE };
    struct boot_info boot = { 0 };
    struct harness *h = g_new0(struct harness, 1);

    h->loop = event_loop_new();
    h->m = machine_new(&bare_board, &config, &boot, h->loop, NULL);
    ck_assert_ptr_nonnull(h->m);
    ck_assert(machine_init(h->m, NULL));
    h->lines = irq_new_array(line_set, h, HARNESS_LINES);
    h->to_dev = h->from_dev = -1;
    strcpy(h->dir, "/tmp/test-dev-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(h->dir));
    return h;
}

void harness_free(struct harness *h)
{
    g_autofree char *command = g_strdup_printf("rm -rf %s", h->dir);

    machine_free(h->m);
    chardev_free(h->chr);
    drives_free(h->drives);
    event_loop_free(h->loop);
    irq_free_array(h->lines);
    if (h->to_dev >= 0) {
        close(h->to_dev);
        close(h->from_dev);
    }
    ck_assert_int_eq(system(command), 0);
    bus_set_current_cpu(0);
    g_free(h);
}

struct device *harness_device(struct harness *h, const char *type)
{
    g_autoptr(GError) err = NULL;
    struct device *dev = device_new(h->m, type, &err);

    ck_assert_msg(dev != NULL, "%s", err ? err->message : "");
    return dev;
}

struct device *harness_realize(struct harness *h, struct device *dev, uint64_t paddr)
{
    g_autoptr(GError) err = NULL;
    bool ok = device_realize(dev, &err);

    (void)h;
    ck_assert_msg(ok, "%s", err ? err->message : "");
    ck_assert_ptr_nonnull(dev->type->state);
    if (paddr)
        device_map(dev, 0, paddr);
    device_reset(dev);
    return dev;
}

void harness_watch(struct harness *h, struct device *dev, int first, int count, int line)
{
    for (int i = 0; i < count; i++)
        device_connect(dev, first + i, &h->lines[line + i]);
}

struct chardev *harness_chardev(struct harness *h)
{
    g_autofree char *in = g_strdup_printf("%s/p.in", h->dir), *out = g_strdup_printf("%s/p.out", h->dir);
    g_autofree char *spec = g_strdup_printf("pipe,id=c,path=%s/p", h->dir);

    ck_assert_int_eq(mkfifo(in, 0600), 0);
    ck_assert_int_eq(mkfifo(out, 0600), 0);
    h->chr = chardev_new(spec, h->loop, NULL);
    ck_assert_ptr_nonnull(h->chr);
    h->to_dev = open(in, O_WRONLY | O_NONBLOCK);
    h->from_dev = open(out, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(h->to_dev, 0);
    ck_assert_int_ge(h->from_dev, 0);
    return chardev_attach(h->chr, NULL);
}

static void *attach_drive(void *opaque, const char *id, GError **err)
{
    return drives_attach(((struct harness *)opaque)->drives, id, err);
}

void harness_drive(struct harness *h, const char *spec)
{
    g_autoptr(GError) err = NULL;

    if (!h->drives)
        h->drives = drives_new(h->loop);
    h->m->attach_drive = attach_drive;
    h->m->attach_opaque = h;
    ck_assert_msg(drives_add(h->drives, spec, &err), "%s", err ? err->message : "");
}

void harness_settle(struct harness *h)
{
    while (event_loop_poll(h->loop, false))
        continue;
}

void clock_step(struct harness *h, int64_t ns)
{
    clock_set(h->m->clock, clock_ns(h->m->clock) + ns);
    harness_settle(h);
}

void harness_output(struct harness *h, char *buf, size_t len)
{
    ssize_t n;

    harness_settle(h);
    n = read(h->from_dev, buf, len - 1);
    buf[n < 0 ? 0 : n] = 0;
}

void harness_input(struct harness *h, const char *text)
{
    ck_assert_int_eq(write(h->to_dev, text, strlen(text)), (ssize_t)strlen(text));
    harness_settle(h);
}

uint64_t dev_read(struct harness *h, uint64_t paddr, unsigned size)
{
    uint64_t v;

    ck_assert_int_eq(bus_read(h->m->bus, paddr, size, &v), BUS_OK);
    return v;
}

void dev_write(struct harness *h, uint64_t paddr, unsigned size, uint64_t val)
{
    ck_assert_int_eq(bus_write(h->m->bus, paddr, size, val), BUS_OK);
}

uint32_t dev_read32(struct harness *h, uint64_t paddr)
{
    return (uint32_t)dev_read(h, paddr, 4);
}

void dev_write32(struct harness *h, uint64_t paddr, uint32_t val)
{
    dev_write(h, paddr, 4, val);
}

void harness_hammer(struct harness *h, uint64_t paddr, uint32_t size, int rounds, uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed);
    for (int i = 0; i < rounds; i++) {
        uint64_t bits = rng_u64(&r), val = rng_u64(&r);
        unsigned width = 1u << (bits & 3);
        uint64_t at = paddr + (bits >> 8) % (size - width + 1);

        if (bits & 0x10)         /* half of them aligned words */
            at &= ~(uint64_t)3, width = 4;
        if (bits & 0x20)
            val &= 0xff;
        if (bits & 0x40)
            dev_write(h, at, width, val);
        else
            dev_read(h, at, width);
        if (i % 64 == 0)
            clock_step(h, 1000000);
    }
}

void harness_hammer_ports(struct harness *h, uint64_t paddr, uint32_t count, int rounds, uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed);
    for (int i = 0; i < rounds; i++) {
        uint64_t bits = rng_u64(&r), at = paddr + (bits >> 16) % count;

        if (bits & 0x100)
            dev_write(h, at, 1, bits & 0xff);
        else
            dev_read(h, at, 1);
        if (i % 64 == 0)
            clock_step(h, 1000000);
    }
}
