/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts: GICv2 (ARM IHI 0048B) with two sources, the virtual timer (DDI 0406C B8.1; PPI 27), which ticks 100 times
 * a second, and the console (SPI 1).
 */
#include "roms/boot-arm/demo.h"

#define DIST 0x08000000u
#define CPU_IF 0x08010000u
enum gic_reg { GICD_CTLR = 0x000, GICD_ISENABLER = 0x100, GICD_IPRIORITYR = 0x400, GICD_ITARGETSR = 0x800,
               GICC_CTLR = 0x00, GICC_PMR = 0x04, GICC_IAR = 0x0c, GICC_EOIR = 0x10 };
enum gic_id { ID_TIMER = 27, ID_CONSOLE = 33, ID_SPURIOUS = 1020 };

static volatile uint32_t tick_count;
static uint32_t period;

static uint32_t timer_frequency(void)
{
    uint32_t v;

    __asm__("mrc p15, 0, %0, c14, c0, 0" : "=r"(v));         /* CNTFRQ */
    return v;
}

static void set_compare(uint64_t v)
{
    __asm__ volatile("mcrr p15, 3, %Q0, %R0, c14" : : "r"(v));        /* CNTV_CVAL */
}

static uint64_t next_compare;

static uint64_t counter(void)
{
    uint64_t v;

    __asm__ volatile("isb; mrrc p15, 1, %Q0, %R0, c14" : "=r"(v));    /* CNTVCT */
    return v;
}

static void enable(uint32_t id)
{
    *(volatile uint8_t *)(DIST + GICD_IPRIORITYR + id) = 0xa0;
    if (id >= 32)
        *(volatile uint8_t *)(DIST + GICD_ITARGETSR + id) = 1;
    write32(DIST + GICD_ISENABLER + id / 32 * 4, 1u << id % 32);
}

void irq_init(void)
{
    period = timer_frequency() / TICKS_PER_SECOND;
    next_compare = counter() + period;
    set_compare(next_compare);
    __asm__ volatile("mcr p15, 0, %0, c14, c3, 1; isb" : : "r"(1));   /* CNTV_CTL: on, not masked */
    enable(ID_TIMER);
    enable(ID_CONSOLE);
    write32(DIST + GICD_CTLR, 1);
    write32(CPU_IF + GICC_PMR, 0xff);
    write32(CPU_IF + GICC_CTLR, 1);
    __asm__ volatile("cpsie i" : : : "memory");
}

/* A late tick is not made up for: the next one comes a whole period from now. */
static void tick(void)
{
    uint64_t now = counter();

    tick_count++;
    next_compare += period;
    if (next_compare < now)
        next_compare = now + period;
    set_compare(next_compare);
    __asm__ volatile("isb");
}

void irq_handle(void)
{
    uint32_t iar;

    while (((iar = read32(CPU_IF + GICC_IAR)) & 0x3ff) < ID_SPURIOUS) {
        if ((iar & 0x3ff) == ID_TIMER)
            tick();
        else if ((iar & 0x3ff) == ID_CONSOLE)
            console_interrupt();
        write32(CPU_IF + GICC_EOIR, iar);
    }
}

uint32_t ticks(void)
{
    return tick_count;
}

/* An interrupt that comes before WFI leaves nothing to wait for; the tick comes soon then. */
void wait_for_interrupt(void)
{
    __asm__ volatile("dsb; wfi" : : : "memory");
}
