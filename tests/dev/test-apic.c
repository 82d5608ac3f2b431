/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/apic.c against SDM volume 3 chapter 11, and hw/intc/ioapic.c against data sheet 290566. */
#include "config.h"
#include "hw/intc/apic.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "tests/dev/harness.h"
#include "util/clock.h"

#define CPUS 4
#define LINE(cpu, line) ((cpu) * 8 + (line))
enum { ID = 0x20, VER = 0x30, TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR = 0x100, TMR = 0x180,
       IRR = 0x200, ESR = 0x280, ICR = 0x300, ICRH = 0x310, TIMER = 0x320, LINT0 = 0x350, LINT1 = 0x360, ERR = 0x370, COUNT = 0x380,
       NOW = 0x390, DIVIDE = 0x3e0 };

static struct harness *h;
static struct device *bus, *apic[CPUS], *pic, *io;

static uint32_t get(int cpu, unsigned reg)
{
    uint32_t v;

    bus_set_current_cpu(cpu);
    v = dev_read32(h, APIC_BASE + reg);
    bus_set_current_cpu(0);
    return v;
}

static void put(int cpu, unsigned reg, uint32_t v)
{
    bus_set_current_cpu(cpu);
    dev_write32(h, APIC_BASE + reg, v);
    bus_set_current_cpu(0);
}

static int take(int cpu, enum x86_line line)
{
    return apic_cpu_ops.acknowledge(apic[cpu], line);
}

static bool line(int cpu, enum x86_line n)
{
    return h->level[LINE(cpu, n)];
}

static void setup(void)
{
    h = harness_new();
    clock_pause(h->m->clock);
    clock_set(h->m->clock, 1000000);
    bus = harness_realize(h, harness_device(h, "apic-bus"), APIC_BASE);
    pic = harness_realize(h, harness_device(h, "i8259"), 0x20);
    device_map(pic, 1, 0xa0);
    apic_set_pic(bus, pic);
    for (int i = 0; i < CPUS; i++) {
        apic[i] = harness_device(h, "apic");
        apic[i]->parent_bus = bus;
        device_set_u64(apic[i], "cpu", (uint64_t)i);
        device_set_u64(apic[i], "id", (uint64_t)i);
        harness_realize(h, apic[i], 0);
        harness_watch(h, apic[i], 0, APIC_NOUT, LINE(i, 0));
    }
    device_connect(pic, 0, device_in(apic[0], 0));
    io = harness_device(h, "ioapic");
    io->parent_bus = bus;
    harness_realize(h, io, IOAPIC_BASE);
}

static void enable(void)
{
    for (int i = 0; i < CPUS; i++)
        put(i, SVR, 0x1ff);
}

static void teardown(void)
{
    harness_free(h);
}

static void io_write(unsigned reg, uint32_t v)
{
    dev_write32(h, IOAPIC_BASE, reg);
    dev_write32(h, IOAPIC_BASE + 0x10, v);
}

static uint32_t io_read(unsigned reg)
{
    dev_write32(h, IOAPIC_BASE, reg);
    return dev_read32(h, IOAPIC_BASE + 0x10);
}

START_TEST(reset_values)
{
    uint64_t base;

    for (int i = 0; i < CPUS; i++) {
        ck_assert_uint_eq(get(i, ID), (uint32_t)i << 24);
        ck_assert_uint_eq(get(i, VER), 0x50014);
        ck_assert_uint_eq(get(i, SVR), 0xff);
        ck_assert_uint_eq(get(i, DFR), 0xffffffff);
        ck_assert_uint_eq(get(i, TIMER), 0x10000);
        ck_assert(apic_cpu_ops.read_msr(apic[i], 0x1b, &base));
        ck_assert_uint_eq(base, i ? 0xfee00800 : 0xfee00900);
    }
}
END_TEST

START_TEST(ipi_is_taken_and_ended)
{
    enable();
    put(0, ICRH, 2u << 24);
    put(0, ICR, 0x4041);
    ck_assert(line(2, X86_INTR));
    ck_assert(!line(1, X86_INTR));
    ck_assert_uint_eq(get(2, IRR + 0x20), 2);
    ck_assert_int_eq(take(2, X86_INTR), 0x41);
    ck_assert(!line(2, X86_INTR));
    ck_assert_uint_eq(get(2, IRR + 0x20), 0);
    ck_assert_uint_eq(get(2, ISR + 0x20), 2);
    ck_assert_uint_eq(get(2, PPR), 0x40);
    put(2, EOI, 0);
    ck_assert_uint_eq(get(2, ISR + 0x20), 0);
    ck_assert_int_eq(take(2, X86_INTR), -1);
}
END_TEST

START_TEST(priorities)
{
    enable();
    put(0, ICR, 0x40000 | 0x41);
    ck_assert_int_eq(take(0, X86_INTR), 0x41);
    put(0, ICR, 0x40000 | 0x4f);                 /* same class */
    ck_assert(!line(0, X86_INTR));
    put(0, ICR, 0x40000 | 0x50);
    ck_assert(line(0, X86_INTR));
    put(0, TPR, 0x50);
    ck_assert(!line(0, X86_INTR));
    ck_assert_uint_eq(apic_cpu_ops.tpr(apic[0]), 5);
    apic_cpu_ops.set_tpr(apic[0], 4);
    ck_assert(line(0, X86_INTR));
    ck_assert_int_eq(take(0, X86_INTR), 0x50);
    put(0, EOI, 0);
    ck_assert(!line(0, X86_INTR));
    apic_cpu_ops.set_tpr(apic[0], 0);
    put(0, EOI, 0);
    ck_assert_int_eq(take(0, X86_INTR), 0x4f);
}
END_TEST

START_TEST(software_disabled_takes_nothing)
{
    put(0, ICRH, 1u << 24);
    put(0, ICR, 0x41);
    ck_assert(!line(1, X86_INTR));
    put(1, TIMER, 0x30);
    ck_assert_uint_eq(get(1, TIMER), 0x10030);   /* cannot be unmasked */
}
END_TEST

START_TEST(shorthands_and_events)
{
    enable();
    put(1, ICR, 0xc4400);                        /* NMI to the others */
    for (int i = 0; i < CPUS; i++)
        ck_assert_int_eq(line(i, X86_NMI), i != 1);
    take(0, X86_NMI);
    ck_assert(!line(0, X86_NMI));
    put(0, ICR, 0xc4500);                        /* INIT */
    ck_assert(line(3, X86_INIT));
    put(0, ICR, 0xc8500);                        /* its de-assertion */
    put(0, ICR, 0xc4612);                        /* SIPI */
    ck_assert(line(3, X86_SIPI));
    take(3, X86_INIT);
    apic_cpu_ops.init(apic[3]);
    ck_assert_int_eq(take(3, X86_SIPI), 0x12);
    ck_assert_uint_eq(get(3, SVR), 0xff);
    ck_assert(!line(0, X86_INIT));
    put(0, ICR, 0x84030);                        /* all */
    ck_assert(line(0, X86_INTR));
    ck_assert(line(1, X86_INTR));
    ck_assert(!line(3, X86_INTR));               /* INIT has disabled it */
    put(0, ICR, 0x84200);
    ck_assert(line(2, X86_SMI));
}
END_TEST

START_TEST(logical_sets)
{
    enable();
    for (int i = 0; i < CPUS; i++)
        put(i, LDR, 1u << (24 + i));
    put(0, ICRH, 6u << 24);
    put(0, ICR, 0x4841);
    ck_assert(!line(0, X86_INTR));
    ck_assert(line(1, X86_INTR));
    ck_assert(line(2, X86_INTR));
    ck_assert(!line(3, X86_INTR));
    for (int i = 0; i < CPUS; i++) {             /* two clusters of two */
        put(i, DFR, 0x0fffffff);
        put(i, LDR, (uint32_t)(i / 2) << 28 | 1u << (24 + i % 2));
        take(i, X86_INTR);
        put(i, EOI, 0);
    }
    put(0, ICRH, 0x12u << 24);
    put(0, ICR, 0x4842);
    ck_assert(line(3, X86_INTR));
    ck_assert(!line(1, X86_INTR));
    ck_assert(!line(2, X86_INTR));
}
END_TEST

START_TEST(lowest_priority_goes_round)
{
    int got[CPUS] = { 0 };

    enable();
    put(2, TPR, 0x80);
    for (int i = 0; i < 6; i++) {
        put(0, ICRH, 0xffu << 24);
        put(0, ICR, 0x4150);
        for (int c = 0; c < CPUS; c++)
            if (line(c, X86_INTR)) {
                got[c]++;
                ck_assert_int_eq(take(c, X86_INTR), 0x50);
                put(c, EOI, 0);
            }
    }
    ck_assert_int_eq(got[0], 2);
    ck_assert_int_eq(got[1], 2);
    ck_assert_int_eq(got[2], 0);
    ck_assert_int_eq(got[3], 2);
}
END_TEST

START_TEST(timer_once_and_periodic)
{
    enable();
    put(1, DIVIDE, 3);                           /* by 16 */
    put(1, TIMER, 0x40);
    put(1, COUNT, 1000);
    clock_step(h, 15999);
    ck_assert(!line(1, X86_INTR));
    ck_assert_uint_eq(get(1, NOW), 1);
    clock_step(h, 1);
    ck_assert_int_eq(take(1, X86_INTR), 0x40);
    put(1, EOI, 0);
    ck_assert_uint_eq(get(1, NOW), 0);
    put(1, DIVIDE, 0xb);
    put(1, TIMER, 0x20041);
    put(1, COUNT, 100000);
    for (int i = 0; i < 5; i++) {
        clock_step(h, 100000);
        ck_assert_int_eq(take(1, X86_INTR), 0x41);
        put(1, EOI, 0);
    }
    ck_assert_uint_eq(get(1, NOW), 100000);
    put(1, TIMER, 0x30041);
    clock_step(h, 100000);
    ck_assert(!line(1, X86_INTR));
    put(1, TIMER, 0x20041);
    put(1, COUNT, 0);
    clock_step(h, 1000000);
    ck_assert(!line(1, X86_INTR));
}
END_TEST

/* A count that has run out before the timer is armed again (here by a faster clock) is late, not lost. */
START_TEST(timer_late)
{
    enable();
    put(1, DIVIDE, 3);
    put(1, TIMER, 0x40);
    put(1, COUNT, 1000);
    clock_step(h, 8000);
    ck_assert(!line(1, X86_INTR));
    put(1, DIVIDE, 0xb);
    harness_settle(h);
    ck_assert_int_eq(take(1, X86_INTR), 0x40);
    put(1, EOI, 0);
    put(1, TIMER, 0x41);                         /* and it is over then */
    clock_step(h, 1000000);
    ck_assert(!line(1, X86_INTR));
}
END_TEST

START_TEST(tsc_deadline)
{
    uint64_t v;

    enable();
    ck_assert(apic_cpu_ops.write_msr(apic[0], 0x6e0, 5000000));
    ck_assert(apic_cpu_ops.read_msr(apic[0], 0x6e0, &v));
    ck_assert_uint_eq(v, 0);                     /* not in this mode */
    put(0, TIMER, 0x40042);
    apic_cpu_ops.write_msr(apic[0], 0x6e0, (uint64_t)clock_ns(h->m->clock) + 1000);
    apic_cpu_ops.read_msr(apic[0], 0x6e0, &v);
    ck_assert_uint_eq(v, (uint64_t)clock_ns(h->m->clock) + 1000);
    clock_step(h, 999);
    ck_assert(!line(0, X86_INTR));
    clock_step(h, 1);
    ck_assert_int_eq(take(0, X86_INTR), 0x42);
    apic_cpu_ops.read_msr(apic[0], 0x6e0, &v);
    ck_assert_uint_eq(v, 0);
    put(0, EOI, 0);
    apic_cpu_ops.write_msr(apic[0], 0x6e0, 1);   /* long past: at once */
    harness_settle(h);
    ck_assert(line(0, X86_INTR));
}
END_TEST

START_TEST(errors_are_latched)
{
    enable();
    put(0, ERR, 0xfe);
    put(0, ICR, 0x40005);
    ck_assert_int_eq(take(0, X86_INTR), 0xfe);
    ck_assert_uint_eq(get(0, ESR), 0);
    put(0, ESR, 0);
    ck_assert_uint_eq(get(0, ESR), 0x20);
    put(0, ESR, 0);
    ck_assert_uint_eq(get(0, ESR), 0);
    get(0, 0x3f0);
    put(0, ESR, 0);
    ck_assert_uint_eq(get(0, ESR), 0x80);
}
END_TEST

START_TEST(extint_through_lint0)
{
    static const uint8_t init[] = { 0x11, 0x20, 4, 1 };

    dev_write(h, 0x20, 1, init[0]);
    for (int i = 1; i < 4; i++)
        dev_write(h, 0x21, 1, init[i]);
    irq_set(device_in(pic, 4), true);            /* open after reset */
    ck_assert(line(0, X86_INTR));
    ck_assert_int_eq(take(0, X86_INTR), 0x24);
    ck_assert(!line(0, X86_INTR));
    dev_write(h, 0x20, 1, 0x20);
    put(0, SVR, 0x1ff);
    put(0, LINT0, 0x10700);
    irq_set(device_in(pic, 3), true);
    ck_assert(!line(0, X86_INTR));
    put(0, LINT0, 0x700);
    ck_assert_int_eq(take(0, X86_INTR), 0x23);
}
END_TEST

START_TEST(lint1_is_nmi)
{
    enable();
    irq_set(device_in(apic[0], 1), true);
    ck_assert(!line(0, X86_NMI));
    irq_set(device_in(apic[0], 1), false);
    put(0, LINT1, 0x400);
    irq_set(device_in(apic[0], 1), true);
    ck_assert(line(0, X86_NMI));
}
END_TEST

START_TEST(x2apic)
{
    uint64_t v;
    const struct cpu_apic_ops *ops = &apic_cpu_ops;

    ck_assert(!ops->read_msr(apic[1], 0x802, &v));
    ck_assert(!ops->write_msr(apic[1], 0x1b, 0xfee00400));       /* not without EN */
    ck_assert(!ops->write_msr(apic[1], 0x1b, 0xfee00801));
    ck_assert(ops->write_msr(apic[1], 0x1b, 0xfee00c00));
    ck_assert(!ops->write_msr(apic[1], 0x1b, 0xfee00800));       /* no way straight back */
    ck_assert_uint_eq(get(1, ID), 0xffffffff);
    ck_assert(ops->read_msr(apic[1], 0x802, &v));
    ck_assert_uint_eq(v, 1);
    ck_assert(ops->read_msr(apic[1], 0x80d, &v));
    ck_assert_uint_eq(v, 2);
    ck_assert(ops->write_msr(apic[1], 0x80f, 0x1ff));
    ck_assert(!ops->write_msr(apic[1], 0x80f, 0x1000));
    ck_assert(!ops->write_msr(apic[1], 0x802, 0));
    ck_assert(!ops->write_msr(apic[1], 0x80b, 1));
    ck_assert(!ops->read_msr(apic[1], 0x80e, &v));
    ck_assert(ops->write_msr(apic[1], 0x83f, 0x61));             /* self */
    ck_assert_int_eq(take(1, X86_INTR), 0x61);
    ck_assert(ops->write_msr(apic[1], 0x80b, 0));
    put(0, SVR, 0x1ff);
    ck_assert(ops->write_msr(apic[1], 0x830, 0x4062));           /* to CPU 0, which is not in this mode */
    ck_assert_int_eq(take(0, X86_INTR), 0x62);
    ck_assert(ops->write_msr(apic[1], 0x830, 0xffffffff00004400));
    ck_assert(line(3, X86_NMI));
    ck_assert(ops->write_msr(apic[1], 0x1b, 0xfee00000));
    ck_assert(ops->write_msr(apic[1], 0x1b, 0xfee00800));
    ck_assert_uint_eq(get(1, ID), 1u << 24);
}
END_TEST

START_TEST(messages)
{
    enable();
    apic_msi(bus, APIC_BASE | 2 << 12, 0x4051);
    ck_assert_int_eq(take(2, X86_INTR), 0x51);
    put(3, LDR, 8u << 24);
    apic_msi(bus, APIC_BASE | 8 << 12 | 0xc, 0x0152);
    ck_assert_int_eq(take(3, X86_INTR), 0x52);
    apic_msi(bus, APIC_BASE | 99 << 12, 0x51);   /* nobody */
}
END_TEST

/* ---- I/O APIC ---------------------------------------------------------------------------------- */

START_TEST(ioapic_registers)
{
    ck_assert_uint_eq(io_read(1), 0x170020);
    ck_assert_uint_eq(io_read(0x10), 0x10000);
    io_write(0, 0x05000000);
    ck_assert_uint_eq(io_read(0), 0x05000000);
    io_write(0x11, 0xffffffff);
    ck_assert_uint_eq(io_read(0x11), 0xff000000);
    io_write(0x10, 0xffffffff);
    ck_assert_uint_eq(io_read(0x10), 0x1afff);
}
END_TEST

START_TEST(ioapic_edge)
{
    enable();
    io_write(0x19, 1u << 24);
    io_write(0x18, 0x10044);
    irq_pulse(device_in(io, 4));                 /* masked: lost */
    io_write(0x18, 0x44);
    ck_assert(!line(1, X86_INTR));
    irq_pulse(device_in(io, 4));
    ck_assert_int_eq(take(1, X86_INTR), 0x44);
    ck_assert_uint_eq(get(1, TMR + 0x20), 0);
    put(1, EOI, 0);
    ck_assert(!line(1, X86_INTR));
}
END_TEST

START_TEST(ioapic_level)
{
    enable();
    irq_set(device_in(io, 20), true);
    io_write(0x39, 1u << 24);
    io_write(0x38, 0x8055);
    ck_assert_uint_eq(io_read(0x38), 0xc055);    /* remote IRR */
    ck_assert_int_eq(take(1, X86_INTR), 0x55);
    ck_assert_uint_eq(get(1, TMR + 0x20), 1u << 21);
    put(1, EOI, 0);
    ck_assert(line(1, X86_INTR));                /* still asserted */
    ck_assert_int_eq(take(1, X86_INTR), 0x55);
    irq_set(device_in(io, 20), false);
    put(1, EOI, 0);
    ck_assert(!line(1, X86_INTR));
    ck_assert_uint_eq(io_read(0x38), 0x8055);
    irq_set(device_in(io, 20), true);
    dev_write32(h, IOAPIC_BASE + 0x40, 0x55);    /* the EOI register does the same */
    ck_assert_uint_eq(io_read(0x38), 0xc055);
    irq_set(device_in(io, 20), false);
    dev_write32(h, IOAPIC_BASE + 0x40, 0x55);
    ck_assert_uint_eq(io_read(0x38), 0x8055);
}
END_TEST

START_TEST(survives_random_accesses)
{
    enable();
    for (int i = 0; i < 30; i++) {
        uint64_t v;

        bus_set_current_cpu(i % 6);
        harness_hammer(h, APIC_BASE, 0x400, 2000, (uint64_t)i);
        harness_hammer(h, IOAPIC_BASE, 0x48, 500, (uint64_t)i);
        for (int n = 0; n < IOAPIC_PINS; n++)
            irq_set(device_in(io, n), (i >> (n & 3)) & 1);
        for (uint32_t msr = 0x800; msr < 0x900; msr++) {
            apic_cpu_ops.write_msr(apic[3], msr, (uint64_t)i << (msr & 31));
            apic_cpu_ops.read_msr(apic[3], msr, &v);
        }
        apic_cpu_ops.write_msr(apic[3], 0x1b, 0xfee00800 | (uint64_t)(i & 1) << 10);
        apic_msi(bus, APIC_BASE + (uint64_t)i * 4093, (uint32_t)i * 40503);
        for (int c = 0; c < CPUS; c++)
            ck_assert_int_le(take(c, X86_INTR), 255);
    }
}
END_TEST

static Suite *apic_suite(void)
{
    Suite *s = suite_create("apic");
    TCase *t = tcase_create("apic");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, reset_values);
    tcase_add_test(t, ipi_is_taken_and_ended);
    tcase_add_test(t, priorities);
    tcase_add_test(t, software_disabled_takes_nothing);
    tcase_add_test(t, shorthands_and_events);
    tcase_add_test(t, logical_sets);
    tcase_add_test(t, lowest_priority_goes_round);
    tcase_add_test(t, timer_once_and_periodic);
    tcase_add_test(t, timer_late);
    tcase_add_test(t, tsc_deadline);
    tcase_add_test(t, errors_are_latched);
    tcase_add_test(t, extint_through_lint0);
    tcase_add_test(t, lint1_is_nmi);
    tcase_add_test(t, x2apic);
    tcase_add_test(t, messages);
    tcase_add_test(t, ioapic_registers);
    tcase_add_test(t, ioapic_edge);
    tcase_add_test(t, ioapic_level);
    tcase_add_test(t, survives_random_accesses);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(apic_suite)
