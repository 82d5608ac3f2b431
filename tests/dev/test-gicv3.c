/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/intc/gicv3*.c against IHI 0069. Three CPUs, of affinity 0.0.0.0, 0.0.0.1 and 0.0.1.0; lines 5 * CPU are its IRQ, FIQ, VIRQ, VFIQ and
 * maintenance interrupt. An ITS with tables in memory; every interrupt is of Group 1.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/gicv3.h"
#include "softmmu/sysreg.h"
#include "tests/dev/harness.h"
#include "util/endian.h"
#include "util/rng.h"

#define GICD 0x08000000u
#define ITS 0x08080000u
#define GICR 0x080a0000u
#define RD(cpu) (GICR + (cpu) * 0x20000u)
#define SGI(cpu) (RD(cpu) + 0x10000u)
#define NIRQ 96
#define NCPU 3
enum gicd { CTLR = GICD, TYPER = GICD + 4, IGROUPR = GICD + 0x80, ISENABLER = GICD + 0x100, ICENABLER = GICD + 0x180,
            ISPENDR = GICD + 0x200, ICPENDR = GICD + 0x280, ISACTIVER = GICD + 0x300, IPRIORITYR = GICD + 0x400, ICFGR = GICD + 0xc00,
            IROUTER = GICD + 0x6000 };
enum gits { GITS_CTLR = ITS, GITS_CBASER = ITS + 0x80, GITS_CWRITER = ITS + 0x88, GITS_CREADR = ITS + 0x90, GITS_BASER = ITS + 0x100 };
#define R(op1, crn, crm, op2) CPU_SYSREG(3, op1, crn, crm, op2)
enum icc { PMR = R(0, 4, 6, 0), IAR0 = R(0, 12, 8, 0), EOIR0 = R(0, 12, 8, 1), BPR0 = R(0, 12, 8, 3), AP1R0 = R(0, 12, 9, 0),
           AP1R1 = R(0, 12, 9, 1), DEACT = R(0, 12, 11, 1), RPR = R(0, 12, 11, 3), SGI1R = R(0, 12, 11, 5), SGI0R = R(0, 12, 11, 7),
           IAR1 = R(0, 12, 12, 0), EOIR1 = R(0, 12, 12, 1), HPPIR1 = R(0, 12, 12, 2), BPR1 = R(0, 12, 12, 3), ICC_CTLR = R(0, 12, 12, 4),
           SRE = R(0, 12, 12, 5), GRPEN0 = R(0, 12, 12, 6), GRPEN1 = R(0, 12, 12, 7) };
enum ich { ICH_HCR = R(4, 12, 11, 0), ICH_VTR = R(4, 12, 11, 1), ICH_MISR = R(4, 12, 11, 2), ICH_EISR = R(4, 12, 11, 3),
           ICH_ELRSR = R(4, 12, 11, 5), ICH_VMCR = R(4, 12, 11, 7), ICH_LR0 = R(4, 12, 12, 0) };
/* In memory: the LPIs' tables, and the ITS's. */
enum places { CONFIG = HARNESS_RAM + 0x10000, PENDING = HARNESS_RAM + 0x20000, QUEUE = HARNESS_RAM + 0x50000, DEVICES = HARNESS_RAM + 0x60000,
              COLLECTIONS = HARNESS_RAM + 0x70000, ITT = HARNESS_RAM + 0x80000, LEVEL2 = HARNESS_RAM + 0x90000 };
#define VALID (1ull << 63)

static struct harness *h;
static struct device *gic, *its;

static uint64_t icc(unsigned cpu, unsigned reg)
{
    ck_assert(gicv3_sysreg_has(gic, reg, false));
    return gicv3_sysreg_read(gic, cpu, reg);
}

static void set_icc(unsigned cpu, unsigned reg, uint64_t v)
{
    ck_assert(gicv3_sysreg_has(gic, reg, true));
    gicv3_sysreg_write(gic, cpu, reg, v);
}

static uint64_t icv(unsigned reg)
{
    return gicv3_sysreg_read(gic, 0, reg | CPU_SYSREG_VIRTUAL);
}

static void set_icv(unsigned reg, uint64_t v)
{
    gicv3_sysreg_write(gic, 0, reg | CPU_SYSREG_VIRTUAL, v);
}
#define ck_assert_icc(cpu, reg, val) ck_assert_uint_eq(icc(cpu, reg), val)
#define IRQ(cpu) GICV3_OUT(cpu, GICV3_IRQ)
#define FIQ(cpu) GICV3_OUT(cpu, GICV3_FIQ)

static void setup(void)
{
    static const uint64_t affinity[NCPU] = { 0, 1, 0x100 };

    h = harness_new();
    gic = harness_device(h, "arm-gicv3");
    device_set_u64(gic, "num-cpu", NCPU);
    device_set_u64(gic, "num-irq", NIRQ);
    device_set_u64(gic, "has-lpi", true);
    device_set_u64(gic, "has-virtualization-extensions", true);
    harness_realize(h, gic, GICD);
    gicv3_map_redistributors(gic, GICR);
    its = harness_device(h, "arm-gicv3-its");
    gicv3_its_set_gic(its, gic);
    harness_realize(h, its, ITS);
    harness_watch(h, gic, 0, NCPU * GICV3_LINES, 0);
    for (unsigned cpu = 0; cpu < NCPU; cpu++)
        gicv3_set_affinity(gic, cpu, affinity[cpu]);
    device_reset(gic);
    dev_write32(h, CTLR, 2);
    for (unsigned i = 1; i < NIRQ / 32; i++)
        dev_write32(h, IGROUPR + 4 * i, ~0u);
    for (unsigned cpu = 0; cpu < NCPU; cpu++) {
        dev_write32(h, RD(cpu) + 0x14, 0);
        dev_write32(h, SGI(cpu) + 0x80, ~0u);
        set_icc(cpu, PMR, 0xf0);
        set_icc(cpu, GRPEN1, 1);
    }
}

static void teardown(void)
{
    harness_free(h);
}

/* SPI n: enabled, to CPU 0, priority. */
static void enable_spi(int n, uint8_t prio)
{
    int id = 32 + n;

    dev_write(h, IPRIORITYR + id, 1, prio);
    dev_write32(h, ISENABLER + id / 32 * 4, 1u << (id % 32));
}

static void spi(int n, bool level)
{
    irq_set(device_in(gic, n), level);
}

/* ---- distributor and CPU interface ---- */

START_TEST(identification)
{
    ck_assert_reg(h, TYPER, 2 | 1 << 17 | 15 << 19 | 1 << 24);
    ck_assert_reg(h, CTLR, 2 | 1 << 4 | 1 << 6);
    ck_assert_uint_eq(dev_read32(h, GICD + 0xffe8) & 0xf0, 0x30);
    ck_assert_uint_eq(dev_read32(h, RD(1) + 0xffe8) & 0xf0, 0x30);
    ck_assert_uint_eq(dev_read32(h, ITS + 0xffe8) & 0xf0, 0x30);
    ck_assert_uint_eq(dev_read(h, RD(1) + 8, 8), 1ull << 32 | 1 << 8 | 0x21);
    ck_assert_uint_eq(dev_read(h, RD(2) + 8, 8), 0x100ull << 32 | 2 << 8 | 0x31);
    ck_assert_icc(0, SRE, 7);
    ck_assert_icc(0, ICC_CTLR, 4 << 8 | 1 << 15);
    ck_assert_icc(0, BPR0, 2);
    ck_assert_icc(0, BPR1, 3);
    ck_assert(!gicv3_sysreg_has(gic, AP1R1, false));
    ck_assert(!gicv3_sysreg_has(gic, IAR1, true));
    ck_assert(!gicv3_sysreg_has(gic, EOIR1, false));
    ck_assert(!gicv3_sysreg_has(gic, R(6, 12, 12, 4), false));
}
END_TEST

START_TEST(level_spi_is_acknowledged_and_ended)
{
    enable_spi(3, 0x80);
    ck_assert_irq(h, IRQ(0), false);
    spi(3, true);
    ck_assert_irq(h, IRQ(0), true);
    ck_assert_irq(h, FIQ(0), false);
    ck_assert_irq(h, IRQ(1), false);
    ck_assert_icc(0, HPPIR1, 35);
    ck_assert_icc(0, IAR0, 1023);
    ck_assert_icc(0, IAR1, 35);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_icc(0, RPR, 0x80);
    ck_assert_icc(0, AP1R0, 1u << 16);
    ck_assert_reg(h, ISACTIVER + 4, 1 << 3);
    ck_assert_icc(0, IAR1, 1023);
    set_icc(0, EOIR1, 35);
    ck_assert_icc(0, RPR, 0xff);
    ck_assert_irq(h, IRQ(0), true);              /* still high */
    spi(3, false);
    ck_assert_irq(h, IRQ(0), false);
}
END_TEST

START_TEST(edge_is_latched_once)
{
    enable_spi(0, 0x80);
    dev_write32(h, ICFGR + 8, 2);
    spi(0, true);
    spi(0, false);
    ck_assert_irq(h, IRQ(0), true);
    ck_assert_icc(0, IAR1, 32);
    set_icc(0, EOIR1, 32);
    ck_assert_irq(h, IRQ(0), false);
}
END_TEST

START_TEST(priorities_mask_and_preempt)
{
    enable_spi(0, 0x80);
    enable_spi(1, 0x40);
    enable_spi(2, 0xf0);
    spi(2, true);
    ck_assert_irq(h, IRQ(0), false);             /* not above the mask */
    spi(0, true);
    ck_assert_icc(0, IAR1, 32);
    spi(1, true);
    ck_assert_irq(h, IRQ(0), true);
    ck_assert_icc(0, IAR1, 33);
    ck_assert_icc(0, RPR, 0x40);
    set_icc(0, EOIR1, 33);
    ck_assert_icc(0, RPR, 0x80);
    set_icc(0, PMR, 0x40);
    set_icc(0, EOIR1, 32);
    spi(1, false);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_uint_eq(dev_read(h, IPRIORITYR + 34, 1), 0xf0);
    dev_write(h, IPRIORITYR + 34, 1, 0xff);      /* five bits */
    ck_assert_uint_eq(dev_read(h, IPRIORITYR + 34, 1), 0xf8);
}
END_TEST

START_TEST(binary_point_keeps_neighbours_from_preempting)
{
    enable_spi(0, 0x88);
    enable_spi(1, 0x80);
    set_icc(0, BPR1, 4);
    spi(0, true);
    ck_assert_icc(0, IAR1, 32);
    spi(1, true);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_icc(0, RPR, 0x80);
    set_icc(0, BPR1, 0);                         /* its smallest */
    ck_assert_icc(0, BPR1, 3);
    ck_assert_irq(h, IRQ(0), false);
    set_icc(0, ICC_CTLR, 1);                     /* CBPR: Group 0's, and one */
    set_icc(0, BPR0, 3);
    ck_assert_icc(0, BPR1, 4);
}
END_TEST

START_TEST(group_0_is_fiq)
{
    dev_write32(h, CTLR, 3);
    dev_write32(h, IGROUPR + 4, ~1u);
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_irq(h, FIQ(0), false);
    set_icc(0, GRPEN0, 1);
    ck_assert_irq(h, FIQ(0), true);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_icc(0, IAR1, 1023);
    ck_assert_icc(0, IAR0, 32);
    set_icc(0, EOIR1, 32);                       /* of the other group: ignored */
    ck_assert_icc(0, RPR, 0x80);
    set_icc(0, EOIR0, 32);
    ck_assert_icc(0, RPR, 0xff);
    dev_write32(h, CTLR, 2);
    ck_assert_irq(h, FIQ(0), false);
}
END_TEST

START_TEST(eoi_mode_splits_drop_and_deactivation)
{
    set_icc(0, ICC_CTLR, 2);
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_icc(0, IAR1, 32);
    set_icc(0, EOIR1, 32);
    ck_assert_icc(0, RPR, 0xff);
    ck_assert_reg(h, ISACTIVER + 4, 1);
    ck_assert_irq(h, IRQ(0), false);
    set_icc(1, ICC_CTLR, 2);
    set_icc(1, DEACT, 32);                       /* another CPU may */
    ck_assert_reg(h, ISACTIVER + 4, 0);
    ck_assert_irq(h, IRQ(0), true);
}
END_TEST

START_TEST(ppis_belong_to_their_cpu)
{
    dev_write32(h, SGI(1) + 0x100, 1 << 27);
    irq_set(device_in(gic, GICV3_IN_PPI(NIRQ, 0, 27)), true);
    ck_assert_irq(h, IRQ(0), false);
    irq_set(device_in(gic, GICV3_IN_PPI(NIRQ, 1, 27)), true);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_icc(1, IAR1, 27);
    ck_assert_reg(h, SGI(1) + 0x300, 1 << 27);
    ck_assert_reg(h, SGI(0) + 0x200, 1 << 27);
    ck_assert_reg(h, ISENABLER, 0);              /* the distributor has no such registers */
    ck_assert_reg(h, SGI(0) + 0xc00, 0xaaaaaaaa);
}
END_TEST

START_TEST(sgis)
{
    for (unsigned cpu = 0; cpu < NCPU; cpu++)
        dev_write32(h, SGI(cpu) + 0x100, 0xffff);
    set_icc(0, SGI1R, 5 << 24 | 2);              /* 0.0.0.1 */
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_irq(h, IRQ(2), false);
    ck_assert_icc(1, IAR1, 5);
    set_icc(1, EOIR1, 5);
    set_icc(1, SGI1R, 6 << 24 | 1 << 16 | 1);    /* 0.0.1.0 */
    ck_assert_irq(h, IRQ(2), true);
    ck_assert_icc(2, IAR1, 6);
    set_icc(2, EOIR1, 6);
    set_icc(2, SGI1R, 1ull << 40 | 7 << 24);     /* all but itself */
    ck_assert_irq(h, IRQ(0), true);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_irq(h, IRQ(2), false);
    set_icc(0, SGI0R, 8 << 24 | 4);              /* it is of Group 1: dropped */
    ck_assert_reg(h, SGI(2) + 0x200, 0);
    set_icc(0, SGI1R, 1ull << 44 | 9 << 24 | 3); /* range 16 to 31: nobody */
    ck_assert_reg(h, SGI(0) + 0x200, 1 << 7);
    set_icc(0, SGI1R, 1ull << 48 | 9 << 24 | 3); /* Aff3 1: nobody */
    ck_assert_reg(h, SGI(0) + 0x200, 1 << 7);
}
END_TEST

START_TEST(routes)
{
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_irq(h, IRQ(0), true);
    dev_write(h, IROUTER + 8 * 32, 8, 0x100);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_irq(h, IRQ(2), true);
    ck_assert_uint_eq(dev_read(h, IROUTER + 8 * 32, 8), 0x100);
    dev_write(h, IROUTER + 8 * 32, 8, 0x200);    /* there is no such CPU */
    ck_assert_irq(h, IRQ(2), false);
    ck_assert_reg(h, ISPENDR + 4, 1);
    ck_assert_uint_eq(dev_read(h, IROUTER, 8), 0);
}
END_TEST

START_TEST(one_of_n)
{
    enable_spi(1, 0x80);                         /* ID 33: CPU 0 first */
    dev_write(h, IROUTER + 8 * 33, 8, 1ull << 31);
    spi(1, true);
    ck_assert_irq(h, IRQ(0), true);
    ck_assert_irq(h, IRQ(1), false);
    set_icc(0, GRPEN1, 0);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_irq(h, IRQ(1), true);
    dev_write32(h, RD(1), 1 << 25);              /* DPG1NS: it does not take part */
    ck_assert_irq(h, IRQ(1), false);
    ck_assert_irq(h, IRQ(2), true);
    dev_write32(h, RD(2) + 0x14, 2);             /* asleep */
    ck_assert_irq(h, IRQ(2), false);
    ck_assert_reg(h, RD(2) + 0x14, 6);
    ck_assert_reg(h, ISPENDR + 4, 2);
    set_icc(0, GRPEN1, 1);
    ck_assert_irq(h, IRQ(0), true);
}
END_TEST

/* ---- LPIs and the ITS ---- */

static uint8_t *memory(uint64_t at)
{
    return bus_ram(h->m->bus, at, NULL, NULL);
}

static void enable_lpis(unsigned cpu)
{
    dev_write(h, RD(cpu) + 0x70, 8, CONFIG | 13);        /* 14 bits: LPIs 8192 to 16383 */
    dev_write(h, RD(cpu) + 0x78, 8, PENDING + cpu * 0x10000);
    dev_write32(h, RD(cpu), 1);
}

static void start_its(bool indirect)
{
    dev_write(h, GITS_BASER, 8, VALID | (indirect ? 1ull << 62 : 0) | DEVICES);
    dev_write(h, GITS_BASER + 8, 8, VALID | COLLECTIONS);
    dev_write(h, GITS_CBASER, 8, VALID | QUEUE);
    dev_write32(h, GITS_CTLR, 1);
}

/* The four words of a command to the end of the queue. */
static void command(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    uint64_t at = dev_read(h, GITS_CWRITER, 8);
    uint8_t *p = memory(QUEUE + at);

    st64_le(p, w0);
    st64_le(p + 8, w1);
    st64_le(p + 16, w2);
    st64_le(p + 24, w3);
    dev_write(h, GITS_CWRITER, 8, (at + 32) % 4096);
    ck_assert_uint_eq(dev_read(h, GITS_CREADR, 8), (at + 32) % 4096);
}
enum { MOVI = 1, INT = 3, CLEAR = 4, SYNC = 5, MAPD = 8, MAPC = 9, MAPTI = 10, MAPI = 11, INV = 12, INVALL = 13, MOVALL = 14, DISCARD = 15 };
#define DEV(id) ((uint64_t)(id) << 32)

/* Device 0x18, event 2 -> LPI 8200, collection 1 -> CPU 1. */
static void map_one(void)
{
    enable_lpis(0);
    enable_lpis(1);
    command(MAPC, 0, VALID | 1 << 16 | 1, 0);
    command(MAPC, 0, VALID | 0 << 16 | 0, 0);
    command(MAPD | DEV(0x18), 3, VALID | ITT, 0);
    command(MAPTI | DEV(0x18), 8200ull << 32 | 2, 1, 0);
    memory(CONFIG)[8200 - 8192] = 0x80 | 1;
    command(INV | DEV(0x18), 2, 0, 0);
    command(SYNC, 0, 1 << 16, 0);
}

START_TEST(message_becomes_lpi)
{
    start_its(_i);
    if (_i)
        st64_le(memory(DEVICES), VALID | LEVEL2);
    map_one();
    gicv3_its_message(its, 0x18, 2);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_icc(1, HPPIR1, 8200);
    ck_assert_icc(1, IAR1, 8200);
    ck_assert_irq(h, IRQ(1), false);
    gicv3_its_message(its, 0x18, 2);             /* there is no active state: pending at once */
    ck_assert_irq(h, IRQ(1), false);
    set_icc(1, EOIR1, 8200);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_icc(1, IAR1, 8200);
    set_icc(1, EOIR1, 8200);
    ck_assert_icc(1, IAR1, 1023);
}
END_TEST

START_TEST(messages_that_lead_nowhere)
{
    gicv3_its_message(its, 0x18, 2);
    start_its(false);
    map_one();
    gicv3_its_message(its, 0x19, 2);
    gicv3_its_message(its, 0x18, 3);
    gicv3_its_message(its, 0x18, 16);
    gicv3_its_message(its, 0xffffffff, 0xffffffff);
    ck_assert_irq(h, IRQ(1), false);
    memory(CONFIG)[8200 - 8192] = 0x80;          /* disabled: pending but not signalled, until INV after it is enabled */
    command(INV | DEV(0x18), 2, 0, 0);
    gicv3_its_message(its, 0x18, 2);
    ck_assert_irq(h, IRQ(1), false);
    memory(CONFIG)[8200 - 8192] = 0x41;
    ck_assert_irq(h, IRQ(1), false);
    command(INVALL, 0, 1, 0);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_icc(1, IAR1, 8200);
    ck_assert_icc(1, RPR, 0x40);
    set_icc(1, EOIR1, 8200);
    command(DISCARD | DEV(0x18), 2, 0, 0);
    gicv3_its_message(its, 0x18, 2);
    ck_assert_irq(h, IRQ(1), false);
}
END_TEST

START_TEST(interrupts_move)
{
    start_its(false);
    map_one();
    command(INT | DEV(0x18), 2, 0, 0);
    ck_assert_irq(h, IRQ(1), true);
    command(MOVI | DEV(0x18), 2, 0, 0);
    ck_assert_irq(h, IRQ(1), false);
    ck_assert_irq(h, IRQ(0), true);
    command(MOVALL, 0, 0, 1 << 16);
    ck_assert_irq(h, IRQ(0), false);
    ck_assert_irq(h, IRQ(1), true);
    command(MOVALL, 0, 1 << 16, 0);
    command(CLEAR | DEV(0x18), 2, 0, 0);
    ck_assert_irq(h, IRQ(0), false);
    gicv3_its_message(its, 0x18, 2);
    ck_assert_irq(h, IRQ(0), true);
}
END_TEST

START_TEST(pending_table_is_in_memory_while_lpis_are_disabled)
{
    start_its(false);
    map_one();
    gicv3_its_message(its, 0x18, 2);
    dev_write32(h, RD(1), 0);
    ck_assert_irq(h, IRQ(1), false);
    ck_assert_uint_eq(memory(PENDING + 0x10000)[8200 / 8], 1 << (8200 % 8));
    memory(PENDING + 0x10000)[8200 / 8] = 0;
    memory(PENDING + 0x10000)[8208 / 8] = 1;
    memory(CONFIG)[8208 - 8192] = 1;
    dev_write32(h, RD(1), 1);
    ck_assert_irq(h, IRQ(1), true);
    ck_assert_icc(1, IAR1, 8208);
    dev_write32(h, RD(1), 0);
    dev_write(h, RD(1) + 0x78, 8, (PENDING + 0x10000) | 1ull << 62);    /* says that it is zero */
    memory(PENDING + 0x10000)[8208 / 8] = 1;
    dev_write32(h, RD(1), 1);
    set_icc(1, EOIR1, 8208);
    ck_assert_irq(h, IRQ(1), false);
    dev_write(h, RD(1) + 0x70, 8, 0);            /* held while they are enabled */
    ck_assert_uint_eq(dev_read(h, RD(1) + 0x70, 8), CONFIG | 13);
}
END_TEST

START_TEST(best_lpi_first)
{
    start_its(false);
    map_one();
    for (unsigned i = 0; i < 8; i++) {
        command(MAPTI | DEV(0x18), (8300ull + i) << 32 | (4 + i), 0, 0);
        memory(CONFIG)[8300 + i - 8192] = (uint8_t)(1 | (0xc0 - 0x10 * (i ^ 3)));
    }
    command(INVALL, 0, 0, 0);
    for (unsigned i = 0; i < 8; i++)
        gicv3_its_message(its, 0x18, 4 + i);
    for (unsigned i = 0; i < 8; i++) {
        unsigned id = 8300 + ((7 - i) ^ 3);

        ck_assert_icc(0, IAR1, id);
        set_icc(0, EOIR1, id);
    }
    ck_assert_icc(0, IAR1, 1023);
}
END_TEST

START_TEST(impossible_commands_are_ignored)
{
    start_its(false);
    map_one();
    command(MAPC, 0, VALID | 77 << 16 | 2, 0);           /* no such CPU */
    command(MAPC, 0, VALID | 1 << 16 | 0xffff, 0);       /* beyond the table */
    command(MAPD | DEV(0xffff0000), 3, VALID | ITT, 0);
    command(MAPD | DEV(0x19), 31, VALID | ITT, 0);
    command(MAPTI | DEV(0x18), 100ull << 32 | 1, 1, 0);  /* not an LPI */
    command(MAPTI | DEV(0x18), 8201ull << 32 | 16, 1, 0);        /* beyond the device's events */
    command(MAPI | DEV(0x18), 8201, 1, 0);
    command(MOVALL, 0, 500 << 16, 1 << 16);
    command(INVALL, 0, 9, 0);
    command(0x77, ~0ull, ~0ull, ~0ull);
    command(MAPD | DEV(0x1a), 3, VALID | 0x00f0000000000000ull, 0);      /* not memory */
    command(INT | DEV(0x1a), 1, 0, 0);
    gicv3_its_message(its, 0x18, 2);
    ck_assert_irq(h, IRQ(1), true);
    dev_write(h, GITS_CWRITER, 8, 0x1000);               /* behind the end: nothing is done */
    ck_assert_uint_lt(dev_read(h, GITS_CREADR, 8), 0x1000);
}
END_TEST

START_TEST(long_queues_are_done_in_pieces)
{
    dev_write(h, GITS_CBASER, 8, VALID | QUEUE | 7);     /* 1024 commands, all zeroes: none that exists */
    dev_write32(h, GITS_CTLR, 1);
    dev_write(h, GITS_CWRITER, 8, 1000 * 32);
    ck_assert_uint_eq(dev_read(h, GITS_CREADR, 8), 256 * 32);
    ck_assert_reg(h, GITS_CTLR, 1);              /* not quiescent */
    harness_settle(h);
    ck_assert_uint_eq(dev_read(h, GITS_CREADR, 8), 1000 * 32);
    ck_assert_reg(h, GITS_CTLR, 1u | 1u << 31);
}
END_TEST

/* Those that look at all LPIs of all CPUs: few at a time. */
START_TEST(expensive_commands_are_done_in_smaller_pieces)
{
    static const uint8_t what[] = { INV, INVALL, MOVALL };

    start_its(false);
    for (unsigned i = 0; i < 127; i++)
        st64_le(memory(QUEUE + i * 32), what[_i]);
    dev_write(h, GITS_CWRITER, 8, 127 * 32);
    ck_assert_uint_eq(dev_read(h, GITS_CREADR, 8), 8 * 32);
    harness_settle(h);
    ck_assert_uint_eq(dev_read(h, GITS_CREADR, 8), 127 * 32);
}
END_TEST

/* ---- virtualization ---- */

#define LR(state, hw, prio, phys, virt) ((uint64_t)(state) << 62 | (uint64_t)(hw) << 61 | 1ull << 60 | (uint64_t)(prio) << 48 | \
                                         (uint64_t)(phys) << 32 | (virt))
#define VIRQ GICV3_OUT(0, GICV3_VIRQ)
#define VFIQ GICV3_OUT(0, GICV3_VFIQ)
#define MAINTENANCE GICV3_OUT(0, GICV3_MAINTENANCE)

static void start_virtual(void)
{
    set_icc(0, ICH_VMCR, 0xf0u << 24 | 3);
    set_icc(0, ICH_HCR, 1);
}

START_TEST(list_register_reaches_the_virtual_machine)
{
    start_virtual();
    ck_assert_uint_eq(icc(0, ICH_VTR) & 31, 3);
    ck_assert_uint_eq(icc(0, ICH_ELRSR), 15);
    set_icc(0, ICH_LR0 + 1, LR(1, 0, 0x80, 0, 40));
    ck_assert_irq(h, VIRQ, true);
    ck_assert_irq(h, VFIQ, false);
    ck_assert_uint_eq(icc(0, ICH_ELRSR), 13);
    ck_assert_uint_eq(icv(HPPIR1), 40);
    ck_assert_uint_eq(icv(IAR0), 1023);
    ck_assert_uint_eq(icv(IAR1), 40);
    ck_assert_irq(h, VIRQ, false);
    ck_assert_uint_eq(icv(RPR), 0x80);
    ck_assert_uint_eq(icc(0, ICH_LR0 + 1) >> 62, 2);
    set_icv(EOIR1, 40);
    ck_assert_uint_eq(icv(RPR), 0xff);
    ck_assert_uint_eq(icc(0, ICH_LR0 + 1) >> 62, 0);
    ck_assert_uint_eq(icc(0, ICH_ELRSR), 15);
}
END_TEST

START_TEST(virtual_priorities_and_enables)
{
    start_virtual();
    set_icc(0, ICH_LR0, LR(1, 0, 0x80, 0, 40));
    set_icv(PMR, 0x80);
    ck_assert_irq(h, VIRQ, false);
    ck_assert_uint_eq(icc(0, ICH_VMCR) >> 24, 0x80);
    set_icc(0, ICH_LR0 + 1, LR(1, 0, 0x40, 0, 41));
    ck_assert_irq(h, VIRQ, true);
    set_icv(GRPEN1, 0);
    ck_assert_irq(h, VIRQ, false);
    set_icv(GRPEN1, 1);
    ck_assert_uint_eq(icv(IAR1), 41);
    set_icc(0, ICH_HCR, 0);
    ck_assert_irq(h, VIRQ, false);
    set_icc(0, ICH_HCR, 1);
    set_icv(PMR, 0xf8);
    ck_assert_irq(h, VIRQ, false);               /* 0x40 runs */
    set_icv(EOIR1, 41);
    ck_assert_irq(h, VIRQ, true);
    set_icc(0, ICH_LR0, LR(1, 0, 0x80, 0, 40) & ~(1ull << 60));
    ck_assert_irq(h, VIRQ, false);
    ck_assert_irq(h, VFIQ, true);
    ck_assert_uint_eq(icv(IAR0), 40);
}
END_TEST

START_TEST(hardware_interrupt_is_deactivated_by_the_guest)
{
    set_icc(0, ICC_CTLR, 2);
    enable_spi(0, 0x80);
    spi(0, true);
    ck_assert_icc(0, IAR1, 32);
    set_icc(0, EOIR1, 32);
    ck_assert_reg(h, ISACTIVER + 4, 1);
    start_virtual();
    set_icc(0, ICH_LR0, LR(1, 1, 0x80, 32, 50));
    ck_assert_uint_eq(icv(IAR1), 50);
    spi(0, false);
    set_icv(EOIR1, 50);
    ck_assert_reg(h, ISACTIVER + 4, 0);
    ck_assert_uint_eq(icc(0, ICH_LR0) >> 62, 0);
}
END_TEST

START_TEST(maintenance)
{
    start_virtual();
    ck_assert_irq(h, MAINTENANCE, false);
    set_icc(0, ICH_HCR, 1 | 2);                  /* underflow */
    ck_assert_irq(h, MAINTENANCE, true);
    ck_assert_uint_eq(icc(0, ICH_MISR), 2);
    set_icc(0, ICH_LR0, LR(1, 0, 0x80, 1 << 9, 40));     /* EOI wanted */
    set_icc(0, ICH_LR0 + 1, LR(1, 0, 0x90, 0, 41));
    ck_assert_irq(h, MAINTENANCE, false);
    ck_assert_uint_eq(icv(IAR1), 40);
    set_icv(EOIR1, 40);
    ck_assert_uint_eq(icc(0, ICH_MISR), 3);
    ck_assert_uint_eq(icc(0, ICH_EISR), 1);
    ck_assert_uint_eq(icc(0, ICH_ELRSR), 12);
    set_icc(0, ICH_HCR, 1 | 4);
    set_icc(0, ICH_LR0, 0);
    ck_assert_irq(h, MAINTENANCE, false);
    set_icv(AP1R0, 1 << 4);
    set_icv(EOIR1, 99);                          /* in no list register */
    ck_assert_uint_eq(icc(0, ICH_HCR) >> 27, 1);
    ck_assert_uint_eq(icc(0, ICH_MISR), 4);
    ck_assert_irq(h, MAINTENANCE, true);
}
END_TEST

/* ---- noise ---- */

START_TEST(survives_random_accesses)
{
    struct rng r;

    rng_init(&r, 9);
    start_its(false);
    map_one();
    for (int i = 0; i < 200000; i++) {
        unsigned reg = CPU_SYSREG(3, (rng_u32(&r) & 1) * 4, rng_below(&r, 20) ? 12 : 4, 6 + rng_below(&r, 8), rng_u32(&r) & 7);
        unsigned cpu = rng_below(&r, NCPU);
        uint64_t v = rng_u64(&r) >> rng_below(&r, 64);

        if (rng_u32(&r) & 1 && gicv3_sysreg_has(gic, reg, true))
            gicv3_sysreg_write(gic, cpu, reg | (rng_u32(&r) & CPU_SYSREG_VIRTUAL), v);
        else if (gicv3_sysreg_has(gic, reg, false))
            gicv3_sysreg_read(gic, cpu, reg | (rng_u32(&r) & CPU_SYSREG_VIRTUAL));
        if (i % 16 == 0)
            spi((int)rng_below(&r, NIRQ - 32), rng_u32(&r) & 1);
        if (i % 32 == 0)
            gicv3_its_message(its, rng_below(&r, 32), rng_below(&r, 16));
    }
    harness_hammer(h, GICD, 0x10000, 100000, 1);
    harness_hammer(h, GICD, 0x1000, 50000, 2);
    harness_hammer(h, GICR, NCPU * 0x20000, 50000, 3);
    harness_hammer(h, SGI(1), 0x1000, 50000, 4);
    harness_hammer(h, RD(1), 0x100, 5000, 5);
    harness_hammer(h, ITS, 0x200, 20000, 6);
    harness_hammer(h, ITS, 0x20000, 20000, 7);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
    struct device *dev = harness_device(h, "arm-gicv3");
    g_autoptr(GError) err = NULL;

    device_set_u64(dev, "num-cpu", 124);
    ck_assert(!device_realize(dev, &err));
    ck_assert_ptr_nonnull(strstr(err->message, "num-cpu"));
}
END_TEST

static Suite *gicv3_suite(void)
{
    Suite *s = suite_create("gicv3");
    TCase *t = tcase_create("gicv3");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, identification);
    tcase_add_test(t, level_spi_is_acknowledged_and_ended);
    tcase_add_test(t, edge_is_latched_once);
    tcase_add_test(t, priorities_mask_and_preempt);
    tcase_add_test(t, binary_point_keeps_neighbours_from_preempting);
    tcase_add_test(t, group_0_is_fiq);
    tcase_add_test(t, eoi_mode_splits_drop_and_deactivation);
    tcase_add_test(t, ppis_belong_to_their_cpu);
    tcase_add_test(t, sgis);
    tcase_add_test(t, routes);
    tcase_add_test(t, one_of_n);
    tcase_add_loop_test(t, message_becomes_lpi, 0, 2);
    tcase_add_test(t, messages_that_lead_nowhere);
    tcase_add_test(t, interrupts_move);
    tcase_add_test(t, pending_table_is_in_memory_while_lpis_are_disabled);
    tcase_add_test(t, best_lpi_first);
    tcase_add_test(t, impossible_commands_are_ignored);
    tcase_add_test(t, long_queues_are_done_in_pieces);
    tcase_add_loop_test(t, expensive_commands_are_done_in_smaller_pieces, 0, 3);
    tcase_add_test(t, list_register_reaches_the_virtual_machine);
    tcase_add_test(t, virtual_priorities_and_enables);
    tcase_add_test(t, hardware_interrupt_is_deactivated_by_the_guest);
    tcase_add_test(t, maintenance);
    tcase_add_test(t, survives_random_accesses);
    tcase_add_test(t, impossible_sizes_are_refused);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(gicv3_suite)
