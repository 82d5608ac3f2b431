/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segments and SMM memory of a PC's north bridge as regions of the bus. Priorities: RAM, ROM, devices with fixed places have 0.
 */
#include "config.h"
#include <string.h>
#include <glib.h>
#include "hw/pci/pc-memory.h"
#include "softmmu/bus.h"

#define SEGMENTS 13              /* 0xf0000, 64 KiB; 0xc0000 to 0xec000, 16 KiB each */
#define SMALL 0x4000u
#define F_SEGMENT 0xf0000u
#define ROM_START 0xe0000u
#define SMRAM_START 0xa0000u
#define SMRAM_SIZE 0x20000u
enum priority { PRIO_PAM = 1, PRIO_SMRAM = 2, PRIO_TSEG = 3 };
enum pam { PAM_READ = 1, PAM_WRITE = 2 };

struct pc_memory {
    struct bus *bus, *smm;
    uint8_t *ram, *rom;
    uint8_t nothing[SMALL];      /* where there is no ROM */
    struct bus_region *segment[SEGMENTS];
    struct bus_region *smram[2]; /* for all, in SMM */
    struct bus_region *no_tseg, *tseg;   /* TSEG as all see it, as SMM does */
};

static uint32_t segment_start(unsigned n)
{
    return n ? 0xc0000 + (n - 1) * SMALL : F_SEGMENT;
}

/* What others than SMM see of TSEG. */
static uint64_t hidden_read(void *opaque, uint64_t off, unsigned size)
{
    (void)opaque;
    (void)off;
    return UINT64_MAX >> (64 - 8 * size);
}

static void hidden_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)opaque;
    (void)off;
    (void)val;
    (void)size;
}

static const struct mmio_ops hidden_ops = { .read = hidden_read, .write = hidden_write, .min_size = 1, .max_size = 8 };

struct pc_memory *pc_memory_new(struct bus *bus, struct bus *smm, uint8_t *ram, uint8_t *rom)
{
    struct pc_memory *p = g_new0(struct pc_memory, 1);

    p->bus = bus;
    p->smm = smm;
    p->ram = ram;
    p->rom = rom;
    memset(p->nothing, 0xff, sizeof(p->nothing));
    if (rom)
        bus_region_set(bus_overlay_ram(bus, "isa-bios", 0x20000, rom, true, 0), true, ROM_START);
    for (unsigned n = 0; n < SEGMENTS; n++)
        p->segment[n] = bus_overlay_ram(bus, "pam", n ? SMALL : 0x10000, ram + segment_start(n), false, PRIO_PAM);
    p->smram[0] = bus_overlay_ram(bus, "smram", SMRAM_SIZE, ram + SMRAM_START, false, PRIO_SMRAM);
    p->smram[1] = bus_overlay_ram(smm, "smram", SMRAM_SIZE, ram + SMRAM_START, false, PRIO_SMRAM);
    p->no_tseg = bus_overlay_mmio(bus, "no-tseg", 1, &hidden_ops, NULL, PRIO_SMRAM);
    p->tseg = bus_overlay_ram(smm, "tseg", 1, ram, false, PRIO_TSEG);
    return p;
}

void pc_memory_free(struct pc_memory *p)
{
    g_free(p);
}

/* What is read where RAM is not. */
static uint8_t *rom_at(struct pc_memory *p, uint32_t start)
{
    return p->rom && start >= ROM_START ? p->rom + (start - ROM_START) : p->nothing;
}

static void set_segment(struct pc_memory *p, unsigned n, unsigned bits)
{
    uint32_t start = segment_start(n);
    uint8_t *ram = p->ram + start;

    if (bits & PAM_READ)
        bus_region_set_memory(p->segment[n], ram, !(bits & PAM_WRITE), NULL);
    else if (p->rom || n)        /* without ROM there is nothing to be read from the last segment, which is larger */
        bus_region_set_memory(p->segment[n], rom_at(p, start), true, ram);
    bus_region_set(p->segment[n], bits & PAM_READ || (bits & PAM_WRITE && (p->rom || n)), start);
}

/* Register 0 has the last segment in its upper half; each of the others two, the lower one below. */
void pc_memory_set_pam(struct pc_memory *p, const uint8_t pam[PC_NPAM])
{
    bus_begin(p->bus);
    set_segment(p, 0, pam[0] >> 4);
    for (unsigned n = 1; n < SEGMENTS; n++)
        set_segment(p, n, (n & 1 ? pam[(n + 1) / 2] : pam[(n + 1) / 2] >> 4) & 15);
    bus_commit(p->bus);
}

void pc_memory_set_smram(struct pc_memory *p, uint8_t smram)
{
    bool on = smram & SMRAM_ENABLE;

    bus_region_set(p->smram[0], on && smram & SMRAM_OPEN, SMRAM_START);
    bus_region_set(p->smram[1], on, SMRAM_START);
}

/* 3.2.20: the lock closes the memory and stays, with the enable bit as it is, until reset; the base reads 2. */
uint8_t smram_written(uint8_t old, uint8_t val)
{
    uint8_t mask = old & SMRAM_LOCK ? SMRAM_CLOSED : SMRAM_OPEN | SMRAM_CLOSED | SMRAM_LOCK | SMRAM_ENABLE;

    val = (uint8_t)((old & ~mask) | (val & mask));
    return val & SMRAM_LOCK ? val & (uint8_t)~SMRAM_OPEN : val;
}

void pc_memory_set_tseg(struct pc_memory *p, uint64_t base, uint64_t size, uint8_t *mem)
{
    bus_begin(p->bus);
    bus_begin(p->smm);
    bus_region_set(p->no_tseg, false, 0);
    bus_region_set(p->tseg, false, 0);
    if (size) {
        bus_region_resize(p->no_tseg, size);
        bus_region_resize(p->tseg, size);
        bus_region_set_memory(p->tseg, mem, false, NULL);
        bus_region_set(p->no_tseg, true, base);
        bus_region_set(p->tseg, true, base);
    }
    bus_commit(p->bus);
    bus_commit(p->smm);
}
