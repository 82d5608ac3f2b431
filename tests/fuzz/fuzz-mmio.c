/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every device of the virt board gets reads and writes of all sizes at all offsets, from its registers' usual values to noise, while time
 * passes; no CPU runs. Power requests are heard and change nothing here. Identification registers must read the same at all times, and after
 * a reset the serial port is idle.
 */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "softmmu/machine.h"
#include "tests/fuzz/fuzz.h"
#include "util/clock.h"
#include "util/endian.h"
#include "util/event-loop.h"

#define RAM 0x40000000u
#define RAM_SIZE (16u << 20)
#define UART_FLAGS 0x09000018u
#define MAX_REGIONS 96

struct region {
    uint64_t paddr, size;
};

struct fuzz_mmio {
    struct rng *r;
    struct event_loop *loop;
    struct machine *m;
    struct region region[MAX_REGIONS];
    unsigned nregions;
    bool gicv3;
    GHashTable *props;
};

static bool add_region(const char *name, uint64_t paddr, uint64_t size, bool is_ram, void *opaque)
{
    struct fuzz_mmio *f = opaque;

    (void)name;
    if (!is_ram && f->nregions < MAX_REGIONS)
        f->region[f->nregions++] = (struct region){ paddr, size };
    return true;
}

static const char *const functions[] = { "virtio-rng-pci", "virtio-balloon-pci", "virtio-serial-pci" };

static void make(struct fuzz_mmio *f)
{
    static char *const cpus[] = { "cortex-a7", "cortex-a15", "cortex-a57" };
    char *cpu = cpus[rng_below(f->r, 3)];
    const struct machine_config config = {
        .tb_size = 1 << 20, .interpret = true, .seeded = true, .seed = 1, .smp = 1 + (int)rng_below(f->r, 8),
        .cpu_model = cpu, .ram_size = RAM_SIZE, .props = f->props = g_hash_table_new(g_str_hash, g_str_equal) };
    char path[] = "/tmp/fuzz-mmio-XXXXXX";
    const struct boot_info boot = { .kernel = path };
    static const uint8_t code[32] = { 0xfe, 0xff, 0xff, 0xea };      /* b . */
    g_autoptr(GError) err = NULL;
    int fd = mkstemp(path);

    fuzz_check(fd >= 0 && write(fd, code, sizeof(code)) == sizeof(code), "no kernel");
    close(fd);
    f->gicv3 = !strcmp(cpu, "cortex-a57") && fuzz_percent(f->r, 80);
    if (f->gicv3)
        g_hash_table_insert(f->props, "gic-version", "3");
    if (!strcmp(cpu, "cortex-a57") && fuzz_percent(f->r, 50))
        g_hash_table_insert(f->props, "virtualization", "on");
    f->loop = event_loop_new();
    f->m = machine_new(board_find("virt"), &config, &boot, f->loop, &err);
    fuzz_check(f->m && machine_init(f->m, &err), "%s", err ? err->message : "no machine");
    unlink(path);
    for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++)
        fuzz_check(f->m->board->plug(f->m, device_new(f->m, functions[i], NULL), &err), "%s", functions[i]);
    fuzz_check(machine_ready(f->m, &err), "not ready");
    machine_reset(f->m);
    bus_foreach(f->m->bus, add_region, f);
    fuzz_check(f->nregions > 30, "%u regions", f->nregions);
}

static void settle(struct fuzz_mmio *f)
{
    for (int i = 0; i < 1000 && event_loop_poll(f->loop, false); i++)
        continue;
}

/* A command for fw_cfg's DMA in memory, and its address into the register: big-endian, as all there. */
static void fw_cfg_dma(struct fuzz_mmio *f)
{
    const uint64_t at = RAM + rng_below(f->r, 4096) * 16;
    uint8_t *p = bus_ram(f->m->bus, at, NULL, NULL);

    st32_be(p, fuzz_percent(f->r, 80) ? rng_below(f->r, 64) << 16 | rng_below(f->r, 32) : (uint32_t)fuzz_number(f->r));
    st32_be(p + 4, fuzz_percent(f->r, 80) ? rng_below(f->r, 4096) : (uint32_t)fuzz_number(f->r));
    st64_be(p + 8, fuzz_percent(f->r, 80) ? RAM + rng_below(f->r, RAM_SIZE) : fuzz_number(f->r));
    bus_write(f->m->bus, 0x09020010, 8, GUINT64_SWAP_LE_BE(fuzz_percent(f->r, 95) ? at : fuzz_number(f->r)));
}

/* bus_write says BUS_SWITCH when CPUs must first hear that flash is no longer memory: there are none that run. */
static void write_at(struct fuzz_mmio *f, uint64_t paddr, unsigned size, uint64_t val)
{
    uint64_t start, len;

    if (bus_write(f->m->bus, paddr, size, val) != BUS_SWITCH)
        return;
    bus_set_direct(f->m->bus, paddr, false, &start, &len);
    fuzz_check(bus_write(f->m->bus, paddr, size, val) == BUS_OK, "flash at 0x%llx", (unsigned long long)paddr);
}

static void access_at_random(struct fuzz_mmio *f)
{
    const struct region *g = &f->region[rng_below(f->r, f->nregions)];
    unsigned size = 1u << rng_below(f->r, 4);
    uint64_t span = fuzz_percent(f->r, 50) ? MIN(g->size, 0x100u) : g->size, at = rng_u64(f->r) % span, val = 0;

    if (fuzz_percent(f->r, 70))
        at &= ~(uint64_t)3, size = 4;
    bus_set_current_cpu((int)rng_below(f->r, (uint32_t)f->m->ncpus));
    if (fuzz_percent(f->r, 50))
        bus_read(f->m->bus, g->paddr + at, size, &val);
    else
        write_at(f, g->paddr + at, size, fuzz_number(f->r));
    bus_set_current_cpu(0);
}

/* Its own words for a chip: commands of the flash, again and again at the same places. */
static void flash_command(struct fuzz_mmio *f)
{
    static const uint32_t commands[] = { 0xff, 0x70, 0x50, 0x90, 0x98, 0x40, 0x10, 0x20, 0xd0, 0xe8, 0x60, 0x01, 0x00 };
    uint64_t at = rng_below(f->r, 2) * 0x04000000 + rng_below(f->r, 4) * 0x40000 + rng_below(f->r, 64) * 4, val;
    uint32_t c = commands[rng_below(f->r, G_N_ELEMENTS(commands))];

    write_at(f, at, 4, c << 16 | c);
    if (fuzz_percent(f->r, 50))
        bus_read(f->m->bus, at, 4, &val);
}

/* Configuration of the PCI functions, by all sizes anywhere, or a BAR and what enables it, and then accesses to where it may be. */
static void pci_access(struct fuzz_mmio *f)
{
    const uint64_t ecam = 0x4010000000, function = ecam + rng_below(f->r, 1 + G_N_ELEMENTS(functions)) * 0x8000;
    uint64_t at = 0x10000000 + rng_below(f->r, 8) * 0x1000, val;
    unsigned size = 1u << rng_below(f->r, 4);

    if (fuzz_percent(f->r, 30)) {
        bus_write(f->m->bus, function + rng_below(f->r, 0x104), size, fuzz_number(f->r));
    } else if (fuzz_percent(f->r, 30)) {
        bus_write(f->m->bus, function + 0x10 + 4 * rng_below(f->r, 6), 4, at);
        bus_write(f->m->bus, function + 4, 2, rng_below(f->r, 0x800) | 6);
    } else {
        at += rng_below(f->r, 0x60);
        bus_write(f->m->bus, at, size, fuzz_percent(f->r, 50) ? RAM + rng_below(f->r, RAM_SIZE) : fuzz_number(f->r));
        bus_read(f->m->bus, at, size, &val);
        bus_read(f->m->bus, function + rng_below(f->r, 0x100), size, &val);
    }
}

/* System registers of a CPU's interface, and the registers of SGIs, PPIs and LPIs. */
static void gicv3_access(struct fuzz_mmio *f)
{
    struct cpu *cpu = f->m->cpus[rng_below(f->r, (uint32_t)f->m->ncpus)];
    unsigned op1 = rng_below(f->r, 2) * 4, crn = fuzz_percent(f->r, 95) ? 12 : 4;
    unsigned reg = CPU_SYSREG(3, op1, crn, 6 + rng_below(f->r, 8), rng_below(f->r, 8));
    uint64_t frame = 0x080a0000 + (uint64_t)cpu->index * 0x20000 + rng_below(f->r, 2) * 0x10000;

    if (fuzz_percent(f->r, 40))
        bus_write(f->m->bus, frame + rng_below(f->r, 0x80) * 4, 4, fuzz_percent(f->r, 30) ? RAM : fuzz_number(f->r));
    else if (fuzz_percent(f->r, 20))
        bus_write(f->m->bus, 0x08080000 + rng_below(f->r, 0x28) * 8, 8, fuzz_number(f->r) | (fuzz_percent(f->r, 50) ? 1ull << 63 | RAM : 1));
    else if (fuzz_percent(f->r, 50) && cpu->icc->has(cpu->icc_opaque, reg, true))
        cpu->icc->write(cpu->icc_opaque, (unsigned)cpu->index, reg, fuzz_number(f->r));
    else if (cpu->icc->has(cpu->icc_opaque, reg, false))
        cpu->icc->read(cpu->icc_opaque, (unsigned)cpu->index, reg);
}

static void step(struct fuzz_mmio *f)
{
    uint32_t what = rng_below(f->r, 100);

    if (what < 3) {
        clock_set(f->m->clock, clock_ns(f->m->clock) + rng_below(f->r, 2000000000));
        settle(f);
    } else if (what < 5) {
        settle(f);
    } else if (what < 15) {
        fw_cfg_dma(f);
    } else if (what < 25) {
        flash_command(f);
    } else if (what < 40) {
        pci_access(f);
    } else if (what < 60 && f->gicv3) {
        gicv3_access(f);
    } else {
        access_at_random(f);
    }
}

/* Identification registers, at the end of a PrimeCell's or GIC's page, say the same whatever was written. */
static void still_there(struct fuzz_mmio *f)
{
    const struct { uint64_t paddr; uint32_t val; } id[] = {
        { 0x09000fe0, 0x11 }, { 0x09000ff0, 0x0d }, { 0x09010fe0, 0x31 }, { 0x09010ff0, 0x0d }, { 0x09030fe0, 0x61 },
        { f->gicv3 ? 0x0800ffe8 : 0x08000fe8, f->gicv3 ? 0x3b : 0x2b }, { 0x0a000000, 0x74726976 }, { 0x4010000000, 0x00081b36 }, { 0x4010008000, 0x10051af4 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(id); i++) {
        uint64_t val = 0;

        fuzz_check(bus_read(f->m->bus, id[i].paddr, 4, &val) == BUS_OK && (uint8_t)val == (uint8_t)id[i].val, "0x%llx reads 0x%llx",
                   (unsigned long long)id[i].paddr, (unsigned long long)val);
    }
}

static void round_mmio(const struct fuzz_target *t, struct rng *r)
{
    struct fuzz_mmio f = { .r = r };
    unsigned steps = 500 + rng_below(r, 5000);
    uint64_t flags, val;

    (void)t;
    make(&f);
    still_there(&f);
    bus_read(f.m->bus, UART_FLAGS, 4, &flags);
    while (steps--)
        step(&f);
    settle(&f);
    still_there(&f);
    machine_reset(f.m);
    still_there(&f);
    fuzz_check(bus_read(f.m->bus, UART_FLAGS, 4, &val) == BUS_OK && val == flags, "the UART's flags are 0x%llx after a reset",
               (unsigned long long)val);
    machine_free(f.m);
    event_loop_free(f.loop);
    g_hash_table_destroy(f.props);
}

const struct fuzz_target fuzz_mmio = { "mmio", round_mmio, NULL };
