/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every device of the machines pc and q35 gets accesses of all sizes at its ports and registers, from usual values to noise, while time passes,
 * keys are pressed and frames arrive; memory holds plausible tables (PRDs, AHCI command lists, e1000 descriptors) or noise. No CPU runs.
 * Afterwards the host bridge, the clock and the disk must still be there.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "block/drives.h"
#include "hw/display/vga.h"
#include "net/internal.h"
#include "softmmu/input.h"
#include "softmmu/machine.h"
#include "tests/fuzz/fuzz.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define RAM_SIZE (16u << 20)
#define TABLES 0x100000u         /* what devices read: in the first MiB above 1 MiB */
#define MAX_REGIONS 160

struct region {
    uint64_t paddr, size;
    bool io;
};

struct fuzz_pc {
    struct rng *r;
    struct event_loop *loop;
    struct machine *m;
    struct drives *drives;
    struct net *net;
    struct netdev *nd;
    struct region region[MAX_REGIONS];
    unsigned nregions;
    bool q35, io;
    GHashTable *props;
    char dir[32];
};

static bool add_region(const char *name, uint64_t paddr, uint64_t size, bool is_ram, void *opaque)
{
    struct fuzz_pc *f = opaque;

    (void)name;
    if (!is_ram && f->nregions < MAX_REGIONS)
        f->region[f->nregions++] = (struct region){ paddr, size, f->io };
    return true;
}

static void *attach_drive(void *opaque, const char *id, GError **err)
{
    return drives_attach(((struct fuzz_pc *)opaque)->drives, id, err);
}

static void *attach_netdev(void *opaque, const char *id, GError **err)
{
    return net_attach(((struct fuzz_pc *)opaque)->net, id, err);
}

static bool wire_receive(void *opaque, const struct net_frame *frame)
{
    uint8_t buf[2048];

    (void)opaque;
    net_frame_copy(frame, buf, sizeof(buf));
    return true;
}

static const struct net_port_ops wire_ops = { .receive = wire_receive };

static void add_image(struct fuzz_pc *f, const char *id, size_t size)
{
    g_autofree char *path = g_strdup_printf("%s/%s", f->dir, id), *data = g_malloc0(size);
    g_autofree char *spec = g_strdup_printf("file=%s,format=raw,if=none,id=%s", path, id);

    fuzz_check(g_file_set_contents(path, data, (gssize)size, NULL) && drives_add(f->drives, spec, NULL), "no image");
}

static void plug(struct fuzz_pc *f, const char *type, const char *prop, const char *value)
{
    struct device *dev = device_new(f->m, type, NULL);
    g_autoptr(GError) err = NULL;
    bool ok = dev && (!prop || device_set_prop(dev, prop, value, &err)) && f->m->board->plug(f->m, dev, &err);

    fuzz_check(ok, "%s: %s", type, err ? err->message : "");
}

static void add_devices(struct fuzz_pc *f)
{
    plug(f, "ide-hd", "drive", "d");
    plug(f, "ide-cd", "drive", "c");
    plug(f, "floppy", "drive", "a");
    f->net = net_new(f->loop, f->m->clock, NULL);
    fuzz_check(net_add(f->net, "socket,id=n,listen=127.0.0.1:0", NULL), "no netdev");
    plug(f, "e1000", "netdev", "n");
    f->nd = *(struct netdev **)((uint8_t *)g_ptr_array_index(f->m->devices, f->m->devices->len - 1) +
                                device_type_find("e1000")->props[0].offset);
    f->nd->close(f->nd);
    f->nd->close = NULL;
    net_port_init(&f->nd->back, &wire_ops, f);
    plug(f, "pvpanic", NULL, NULL);
    plug(f, "isa-debugcon", NULL, NULL);
}

static void make(struct fuzz_pc *f)
{
    g_autofree char *bios = NULL, *code = g_malloc0(65536);
    struct machine_config config = { .tb_size = 1 << 20, .interpret = true, .seeded = true, .seed = 1, .smp = 1 + (int)rng_below(f->r, 3),
                                     .want_64bit = true, .ram_size = RAM_SIZE, .props = f->props = g_hash_table_new(g_str_hash, g_str_equal) };
    g_autoptr(GError) err = NULL;
    struct boot_info boot = { 0 };

    f->q35 = fuzz_percent(f->r, 50);
    strcpy(f->dir, "/tmp/fuzz-pc-XXXXXX");
    fuzz_check(mkdtemp(f->dir), "no folder");
    boot.bios = bios = g_strdup_printf("%s/bios", f->dir);
    fuzz_check(g_file_set_contents(bios, code, 65536, NULL), "no BIOS");
    f->loop = event_loop_new();
    f->drives = drives_new(f->loop);
    add_image(f, "d", 1 << 20);
    add_image(f, "c", 1 << 20);
    add_image(f, "a", 1474560);
    config.cpu_model = "qemu64";
    f->m = machine_new(board_find(f->q35 ? "q35" : "pc"), &config, &boot, f->loop, &err);
    fuzz_check(f->m, "%s", err ? err->message : "no machine");
    f->m->attach_drive = attach_drive;
    f->m->attach_netdev = attach_netdev;
    f->m->attach_opaque = f;
    fuzz_check(machine_init(f->m, &err), "%s", err ? err->message : "no machine");
    add_devices(f);
    fuzz_check(machine_ready(f->m, &err), "%s", err ? err->message : "not ready");
    machine_reset(f->m);
}

/* What answers now: BARs move. */
static void list_regions(struct fuzz_pc *f)
{
    f->nregions = 0;
    f->io = true;
    bus_foreach(f->m->io, add_region, f);
    f->io = false;
    bus_foreach(f->m->bus, add_region, f);
    fuzz_check(f->nregions > 20, "%u regions", f->nregions);
}

static void settle(struct fuzz_pc *f)
{
    for (int i = 0; i < 1000 && event_loop_poll(f->loop, false); i++)
        continue;
}

static uint8_t *ram(struct fuzz_pc *f, uint64_t at)
{
    return bus_ram(f->m->bus, at, NULL, NULL);
}

static void out(struct fuzz_pc *f, unsigned port, unsigned size, uint64_t val)
{
    bus_write(f->m->io, port, size, val);
}

static uint64_t in(struct fuzz_pc *f, unsigned port, unsigned size)
{
    uint64_t val = 0;

    bus_read(f->m->io, port, size, &val);
    return val;
}

static void access_at_random(struct fuzz_pc *f)
{
    const struct region *g = &f->region[rng_below(f->r, f->nregions)];
    struct bus *bus = g->io ? f->m->io : f->m->bus;
    unsigned size = 1u << rng_below(f->r, g->io ? 3 : 4);
    uint64_t at = g->paddr + rng_u64(f->r) % (fuzz_percent(f->r, 50) ? MIN(g->size, 0x100u) : g->size), val = 0;

    if (g->io && at + size > 0x10000)
        return;
    if (!g->io && fuzz_percent(f->r, 70))
        at &= ~(uint64_t)3, size = 4;
    bus_set_current_cpu((int)rng_below(f->r, (uint32_t)f->m->ncpus));
    if (fuzz_percent(f->r, 50))
        bus_read(bus, at, size, &val);
    else
        bus_write(bus, at, size, fuzz_percent(f->r, 20) ? TABLES + rng_below(f->r, 16) * 0x1000 : fuzz_number(f->r));
    bus_set_current_cpu(0);
}

/* Configuration by mechanism #1: a function of bus 0, mostly what enables it and where it lies. */
static void config_access(struct fuzz_pc *f)
{
    static const uint8_t places[] = { 0x00, 0x08, 0x09, 0x0b, 0x10, 0x18, 0xf8, 0xfa };
    unsigned fn = fuzz_percent(f->r, 90) ? places[rng_below(f->r, sizeof(places))] : rng_below(f->r, 256), reg = rng_below(f->r, 64) * 4;
    uint64_t val = fuzz_number(f->r);

    if (fuzz_percent(f->r, 40)) {
        reg = 0x10 + 4 * rng_below(f->r, 6);
        val = fuzz_percent(f->r, 50) ? 0xe0000000 + rng_below(f->r, 256) * 0x20000 : 0xc000 + rng_below(f->r, 64) * 0x40;
    } else if (fuzz_percent(f->r, 50)) {
        reg = 4;
        val = 7;
    }
    out(f, 0xcf8, 4, 0x80000000 | fn << 8 | reg);
    if (fuzz_percent(f->r, 80))
        out(f, 0xcfc, 4, val);
    else
        in(f, 0xcfc + rng_below(f->r, 4), 1u << rng_below(f->r, 3));
    list_regions(f);
}

/* Command lists, PRDs and descriptors that mostly make sense. */
static void fill_tables(struct fuzz_pc *f)
{
    uint64_t at = TABLES + rng_below(f->r, 16) * 0x1000;
    uint8_t *p = ram(f, at);

    rng_bytes(f->r, p, 0x1000);
    for (unsigned i = 0; i < 0x1000 && fuzz_percent(f->r, 90); i += 8) {
        st32_le(p + i, TABLES + rng_below(f->r, 0x100) * 0x100);
        st32_le(p + i + 4, i & 8 ? rng_below(f->r, 4096) : 0);
    }
    for (unsigned i = 0; i < 0x1000 && fuzz_percent(f->r, 50); i += 128)
        memcpy(p + i, (const uint8_t[]){ 0x27, 0x80, (uint8_t)(0x20 + rng_below(f->r, 0x50)) }, 3);
}

/* An IDE command with its registers, and the bus master if it is where a BIOS puts it. */
static void ide_command(struct fuzz_pc *f)
{
    static const uint8_t commands[] = { 0x20, 0x24, 0x25, 0x30, 0x34, 0x35, 0xa0, 0xa1, 0xc4, 0xc5, 0xc8, 0xca, 0xe7, 0xec, 0xef, 0x08, 0x90 };
    unsigned base = fuzz_percent(f->r, 70) ? 0x1f0 : 0x170;

    for (unsigned i = 1; i < 6; i++)
        out(f, base + i, 1, rng_below(f->r, fuzz_percent(f->r, 70) ? 8 : 256));
    out(f, base + 6, 1, 0xe0 | rng_below(f->r, 2) << 4);
    out(f, base + 7, 1, commands[rng_below(f->r, sizeof(commands))]);
    for (unsigned n = rng_below(f->r, 300); n--;)
        fuzz_percent(f->r, 50) ? (void)in(f, base, 2) : out(f, base, 2, rng_below(f->r, 0x60));
}

static void floppy_command(struct fuzz_pc *f)
{
    out(f, 0x3f2, 1, fuzz_percent(f->r, 90) ? 0x1c : rng_below(f->r, 256));
    for (unsigned n = rng_below(f->r, 12); n--;)
        out(f, 0x3f5, 1, fuzz_percent(f->r, 80) ? rng_below(f->r, 20) : rng_below(f->r, 256));
    in(f, 0x3f5, 1);
}

static void outside(struct fuzz_pc *f)
{
    uint8_t frame[1600];
    uint32_t len = 14 + rng_below(f->r, sizeof(frame) - 14);
    struct display_image image;

    switch (rng_below(f->r, 4)) {
    case 0:
        input_key(f->m, rng_below(f->r, INPUT_KEYS), fuzz_percent(f->r, 50));
        break;
    case 1:
        input_pointer(f->m, (int)rng_below(f->r, 5000) - 2500, (int)rng_below(f->r, 500) - 250, (int)rng_below(f->r, 9) - 4, rng_below(f->r, 32));
        break;
    case 2:
        rng_bytes(f->r, frame, len);
        memset(frame, 0xff, 6);
        net_send_buf(&f->nd->back, frame, len);
        net_flush(&f->nd->back);
        break;
    default:
        if (fuzz_percent(f->r, 10) && machine_render(f->m, &image, NULL))
            g_free(image.rgb);
    }
}

static void step(struct fuzz_pc *f)
{
    uint32_t what = rng_below(f->r, 100);

    if (what < 3) {
        clock_set(f->m->clock, clock_ns(f->m->clock) + rng_below(f->r, 200000000));
        settle(f);
    } else if (what < 6) {
        settle(f);
    } else if (what < 12) {
        config_access(f);
    } else if (what < 15) {
        fill_tables(f);
    } else if (what < 20) {
        ide_command(f);
    } else if (what < 24) {
        floppy_command(f);
    } else if (what < 30) {
        outside(f);
    } else {
        access_at_random(f);
    }
}

/* After a reset: the bridge's number, the clock's battery, a disk's signature. */
static void still_there(struct fuzz_pc *f)
{
    out(f, 0xcf8, 4, 0x80000000);
    fuzz_check(in(f, 0xcfc, 4) == (f->q35 ? 0x29c08086 : 0x12378086), "the host bridge reads 0x%llx", (unsigned long long)in(f, 0xcfc, 4));
    out(f, 0x70, 1, 13);
    fuzz_check(in(f, 0x71, 1) == 0x80, "the clock reads 0x%llx", (unsigned long long)in(f, 0x71, 1));
    if (f->q35)
        return;
    out(f, 0x1f6, 1, 0xa0);
    fuzz_check(in(f, 0x1f7, 1) == 0x50, "the disk's status is 0x%llx", (unsigned long long)in(f, 0x1f7, 1));
}

static void round_pc(const struct fuzz_target *t, struct rng *r)
{
    struct fuzz_pc f = { .r = r };
    unsigned steps = 500 + rng_below(r, 4000);
    g_autofree char *command = NULL;

    (void)t;
    make(&f);
    list_regions(&f);
    still_there(&f);
    while (steps--)
        step(&f);
    settle(&f);
    machine_reset(f.m);
    still_there(&f);
    net_close(f.net);
    machine_free(f.m);
    net_free(f.net);
    drives_free(f.drives);
    event_loop_free(f.loop);
    g_hash_table_destroy(f.props);
    command = g_strdup_printf("rm -rf %s", f.dir);
    fuzz_check(!system(command), "cannot remove %s", f.dir);
}

const struct fuzz_target fuzz_pc = { "pc", round_pc, NULL };
