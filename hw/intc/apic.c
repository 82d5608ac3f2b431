/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local APIC (SDM volume 3, chapter 11): xAPIC and x2APIC modes, timer, IPIs, messages. apic.h says how the parts are wired.
 *
 * The timer's clock is 1 GHz, the virtual clock's unit. LINT0 of CPU 0 is ExtINT and open after reset, as firmware leaves it, so that
 * the 8259A pair works for programs that know no APIC. Not modelled: other places than 0xfee00000, thermal and performance counter
 * interrupts (their LVT entries are stored), EOI broadcast suppression, arbitration.
 */
#include "config.h"
#include <string.h>
#include "hw/intc/apic.h"
#include "hw/intc/i8259.h"
#include "softmmu/device.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

#define APIC_MAX 256
#define APIC_MAX_EOI 8
#define APIC_VERSION 0x50014     /* six LVT entries */
#define APIC_MIN_PERIOD_NS (20 * NS_PER_US)      /* a faster timer would keep the host busy for nothing */

/* 11.4.1: offset / 16, and the x2APIC's MSR - 0x800. */
enum apic_reg {
    APIC_ID = 0x02, APIC_VER = 0x03, APIC_TPR = 0x08, APIC_APR = 0x09, APIC_PPR = 0x0a, APIC_EOI = 0x0b, APIC_RRD = 0x0c,
    APIC_LDR = 0x0d, APIC_DFR = 0x0e, APIC_SVR = 0x0f, APIC_ISR = 0x10, APIC_TMR = 0x18, APIC_IRR = 0x20, APIC_ESR = 0x28,
    APIC_ICR = 0x30, APIC_ICR_HIGH = 0x31, APIC_LVT = 0x32, APIC_INIT_COUNT = 0x38, APIC_COUNT = 0x39, APIC_DIVIDE = 0x3e,
    APIC_SELF_IPI = 0x3f,
};
enum apic_lvt { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVT_COUNT };
enum apic_lvt_bits {
    LVT_VECTOR = 0xff, LVT_PENDING = 0x1000, LVT_REMOTE_IRR = 0x4000, LVT_LEVEL = 0x8000, LVT_MASKED = 0x10000,
    LVT_TIMER_MODE = 0x60000, LVT_PERIODIC = 0x20000, LVT_DEADLINE = 0x40000,
};
enum apic_icr {
    ICR_LOGICAL = 0x800, ICR_ASSERT = 0x4000, ICR_LEVEL = 0x8000, ICR_SHORTHAND = 0xc0000, ICR_SELF = 0x40000, ICR_ALL = 0x80000,
    ICR_OTHERS = 0xc0000, ICR_WRITABLE = 0xccfff,
};
enum apic_esr { ESR_SEND_VECTOR = 0x20, ESR_RECEIVE_VECTOR = 0x40, ESR_REGISTER = 0x80 };
enum { SVR_ENABLE = 0x100, SVR_WRITABLE = 0x3ff };
enum apic_msr { MSR_APIC_BASE = 0x1b, MSR_TSC_DEADLINE = 0x6e0, MSR_X2APIC = 0x800 };
enum apic_base { BASE_BSP = 0x100, BASE_X2APIC = 0x400, BASE_ENABLE = 0x800 };

/* Writable bits of the LVT entries (11.5.1). */
static const uint32_t lvt_writable[LVT_COUNT] = { 0x700ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff };

struct apic;

struct apic_listener {
    void (*eoi)(struct device *, uint8_t);
    struct device *to;
};

/* Owner: the device lock. */
struct apic_bus {
    struct device dev;
    struct apic *apic[APIC_MAX];     /* by CPU index */
    unsigned n;                      /* one more than the highest index */
    struct device *pic;
    struct apic_listener listener[APIC_MAX_EOI];
    unsigned nlisteners;
    uint32_t turn;                   /* whose turn it is among equals of lowest priority */
};

/* Owner: the device lock. */
struct apic {
    struct device dev;
    struct apic_bus *bus;
    struct timer *timer;
    uint32_t cpu, initial_id;        /* properties */
    bool x2apic;

    uint64_t base;
    uint32_t id, tpr, svr, dfr, ldr, esr, errors, divide, init_count;
    uint32_t lvt[LVT_COUNT], icr[2], isr[8], irr[8], tmr[8];
    uint32_t events;                 /* lines (enum x86_line) that the CPU has not acknowledged */
    uint8_t sipi_vector, lint, extint;       /* levels of LINT0 and 1; an ExtINT message waits */
    bool counting;                   /* the timer has not reached 0 since the count was written; always when periodic */
    int64_t start;                   /* of the timer's count, virtual ns */
    int64_t deadline;                /* virtual ns, 0: none */
};

static bool x2apic_on(const struct apic *s)
{
    return s->base & BASE_X2APIC;
}

static bool enabled(const struct apic *s)
{
    return s->base & BASE_ENABLE;
}

static bool accepts(const struct apic *s)
{
    return enabled(s) && s->svr & SVR_ENABLE;
}

/* ---- priorities (11.8.3) ----------------------------------------------------------------------- */

static bool test_bit(const uint32_t *set, unsigned n)
{
    return set[n / 32] & BIT(n % 32);
}

static void put_bit(uint32_t *set, unsigned n, bool v)
{
    set[n / 32] = v ? set[n / 32] | BIT(n % 32) : set[n / 32] & ~BIT(n % 32);
}

static int highest(const uint32_t *set)
{
    for (int i = 7; i >= 0; i--)
        if (set[i])
            return i * 32 + 31 - __builtin_clz(set[i]);
    return -1;
}

static uint32_t ppr(const struct apic *s)
{
    int isr = highest(s->isr);
    uint32_t in_service = isr < 0 ? 0 : (uint32_t)isr & 0xf0;

    return (s->tpr & 0xf0) >= in_service ? s->tpr : in_service;
}

/* The vector that the CPU shall take now, or -1. */
static int deliverable(const struct apic *s)
{
    int irr = highest(s->irr);

    return accepts(s) && irr >= 0 && ((uint32_t)irr & 0xf0) > (ppr(s) & 0xf0) ? irr : -1;
}

/* The 8259A pair has something for this CPU: by LINT0, or straight when there is no APIC to speak of. */
static bool extint(const struct apic *s)
{
    uint32_t lint0 = s->lvt[LVT_LINT0];

    if (!enabled(s))
        return s->lint & 1;
    return s->extint || (s->lint & 1 && !(lint0 & LVT_MASKED) && (lint0 >> 8 & 7) == APIC_EXTINT);
}

static void update_irq(struct apic *s)
{
    irq_set(s->dev.out[X86_INTR], deliverable(s) >= 0 || extint(s));
}

static void raise_event(struct apic *s, enum x86_line line)
{
    s->events |= BIT(line);
    irq_set(s->dev.out[line], true);
}

/* ---- what arrives ------------------------------------------------------------------------------ */

static void error(struct apic *s, uint32_t bit);

static void request(struct apic *s, uint8_t vector, bool level)
{
    if (vector < 16) {
        error(s, ESR_RECEIVE_VECTOR);
        return;
    }
    put_bit(s->irr, vector, true);
    put_bit(s->tmr, vector, level);
    update_irq(s);
}

static bool accept_message(struct apic *s, const struct apic_message *msg)
{
    switch (msg->mode) {
    case APIC_FIXED:
    case APIC_LOWEST:
        if (!accepts(s))
            return false;
        request(s, msg->vector, msg->level);
        break;
    case APIC_SMI:
        raise_event(s, X86_SMI);
        break;
    case APIC_NMI:
        raise_event(s, X86_NMI);
        break;
    case APIC_INIT:
        raise_event(s, X86_INIT);
        break;
    case APIC_SIPI:
        s->sipi_vector = msg->vector;
        raise_event(s, X86_SIPI);
        break;
    case APIC_EXTINT:
        s->extint = 1;
        update_irq(s);
        break;
    default:
        return false;
    }
    return true;
}

/* A local source: its LVT entry says what becomes of it (11.5.1). */
static void local_interrupt(struct apic *s, enum apic_lvt n)
{
    uint32_t lvt = s->lvt[n], mode = n == LVT_TIMER || n == LVT_ERROR ? APIC_FIXED : lvt >> 8 & 7;
    bool level = (n == LVT_LINT0 || n == LVT_LINT1) && lvt & LVT_LEVEL && mode == APIC_FIXED;
    struct apic_message msg = { .mode = (uint8_t)mode, .vector = lvt & LVT_VECTOR, .level = level };

    if (lvt & LVT_MASKED || !enabled(s) || mode == APIC_EXTINT || mode == APIC_SIPI || mode == APIC_LOWEST)
        return;
    if (level && lvt & LVT_REMOTE_IRR)
        return;
    if (accept_message(s, &msg) && level)
        s->lvt[n] |= LVT_REMOTE_IRR;
}

/* 11.5.3 */
static void error(struct apic *s, uint32_t bit)
{
    s->errors |= bit;
    if ((s->lvt[LVT_ERROR] & LVT_VECTOR) >= 16)
        local_interrupt(s, LVT_ERROR);
}

static void set_lint(void *opaque, int n, bool level)
{
    struct apic *s = opaque;
    bool rises = level && !(s->lint & BIT(n));
    enum apic_lvt which = n ? LVT_LINT1 : LVT_LINT0;

    s->lint = (uint8_t)(level ? s->lint | BIT(n) : s->lint & ~BIT(n));
    if (!enabled(s) && n && rises)
        raise_event(s, X86_NMI);     /* without APIC the pins are INTR and NMI */
    else if (rises || (level && s->lvt[which] & LVT_LEVEL))
        local_interrupt(s, which);
    update_irq(s);
}

/* ---- the bus ----------------------------------------------------------------------------------- */

/* 11.6.2 */
static bool addressed(const struct apic *s, const struct apic_message *msg)
{
    uint32_t dest = msg->dest, logical = s->ldr;

    if (!enabled(s))
        return false;
    if (dest == (msg->wide ? 0xffffffff : 0xff))
        return true;
    if (!msg->logical)
        return s->id == dest;
    if (x2apic_on(s))
        return logical >> 16 == dest >> 16 && logical & dest & 0xffff;
    logical >>= 24;
    if (s->dfr >> 28 == 0xf)
        return logical & dest & 0xff;
    return logical >> 4 == (dest >> 4 & 0xf) && logical & dest & 0xf;
}

/* The one with the lowest priority; of equals the next in turn. */
static bool deliver_lowest(struct apic_bus *bus, const struct apic_message *msg)
{
    struct apic *best = NULL;

    for (unsigned i = 0; i < bus->n; i++) {
        struct apic *s = bus->apic[(bus->turn + i) % bus->n];

        if (s && accepts(s) && addressed(s, msg) && (!best || ppr(s) < ppr(best)))
            best = s;
    }
    if (!best)
        return false;
    bus->turn = (best->cpu + 1) % bus->n;
    return accept_message(best, msg);
}

bool apic_deliver(struct device *dev, const struct apic_message *msg)
{
    struct apic_bus *bus = (struct apic_bus *)dev;
    bool taken = false;

    if (msg->mode == APIC_LOWEST)
        return deliver_lowest(bus, msg);
    for (unsigned i = 0; i < bus->n; i++)
        if (bus->apic[i] && addressed(bus->apic[i], msg))
            taken |= accept_message(bus->apic[i], msg);
    return taken;
}

/* 11.11: address and data of a message. */
void apic_msi(void *bus, uint64_t addr, uint32_t data)
{
    struct apic_message msg = {
        .dest = addr >> 12 & 0xff, .logical = addr & 4, .mode = data >> 8 & 7, .vector = (uint8_t)data, .level = data & 0x8000,
    };

    if (addr & 8 && msg.mode == APIC_FIXED && msg.logical)
        msg.mode = APIC_LOWEST;      /* redirection hint */
    if (msg.level && !(data & 0x4000))
        return;
    if (!apic_deliver(bus, &msg))
        log_guest_error("apic: nobody takes a message to 0x%llx, data 0x%x", (unsigned long long)addr, data);
}

void apic_set_pic(struct device *bus, struct device *pic)
{
    ((struct apic_bus *)bus)->pic = pic;
}

void apic_add_eoi(struct device *dev, void (*eoi)(struct device *to, uint8_t vector), struct device *to)
{
    struct apic_bus *bus = (struct apic_bus *)dev;

    g_assert(bus->nlisteners < APIC_MAX_EOI);
    bus->listener[bus->nlisteners++] = (struct apic_listener){ eoi, to };
}

/* ---- interrupt command (11.6.1) ---------------------------------------------------------------- */

static void send_ipi(struct apic *s)
{
    uint32_t low = s->icr[0], shorthand = low & ICR_SHORTHAND;
    struct apic_message msg = {
        .dest = x2apic_on(s) ? s->icr[1] : s->icr[1] >> 24, .wide = x2apic_on(s), .logical = low & ICR_LOGICAL,
        .mode = low >> 8 & 7, .vector = low & 0xff,
    };

    if (msg.mode == 3 || msg.mode == APIC_EXTINT || (msg.mode == APIC_INIT && low & ICR_LEVEL && !(low & ICR_ASSERT)))
        return;                      /* reserved; INIT level de-assert only synchronized arbitration */
    if (msg.mode <= APIC_LOWEST && msg.vector < 16) {
        error(s, ESR_SEND_VECTOR);
        return;
    }
    if (shorthand == ICR_SELF) {
        accept_message(s, &msg);
    } else if (shorthand) {
        for (unsigned i = 0; i < s->bus->n; i++) {
            struct apic *to = s->bus->apic[i];

            if (to && enabled(to) && (shorthand == ICR_ALL || to != s))
                accept_message(to, &msg);
        }
    } else {
        apic_deliver(&s->bus->dev, &msg);
    }
}

/* ---- timer (11.5.4) ---------------------------------------------------------------------------- */

static int64_t now_ns(struct apic *s)
{
    return clock_ns(device_clock(&s->dev));
}

/* ns for one count, a power of two. */
static unsigned divide_shift(const struct apic *s)
{
    return ((s->divide & 3) + (s->divide >> 1 & 4) + 1) & 7;
}

static int64_t period_ns(const struct apic *s)
{
    return (int64_t)s->init_count << divide_shift(s);
}

static bool deadline_mode(const struct apic *s)
{
    return (s->lvt[LVT_TIMER] & LVT_TIMER_MODE) == LVT_DEADLINE;
}

static bool periodic(const struct apic *s)
{
    return (s->lvt[LVT_TIMER] & LVT_TIMER_MODE) == LVT_PERIODIC;
}

static uint32_t current_count(struct apic *s)
{
    int64_t gone = now_ns(s) - s->start, period = period_ns(s);

    if (!period || deadline_mode(s) || gone < 0)
        return 0;
    if (periodic(s))
        gone %= period;
    return gone >= period ? 0 : s->init_count - (uint32_t)(gone >> divide_shift(s));
}

/*
 * A count that has run out is not a count that has been heard of: the thread may have been away since it was written, or the
 * register written again before the timer's callback ran. Only the callback ends a count.
 */
static void arm(struct apic *s)
{
    int64_t period = period_ns(s), now = now_ns(s), at = s->start + period;

    if (deadline_mode(s)) {
        if (s->deadline)
            timer_arm(s->timer, s->deadline);
        else
            timer_cancel(s->timer);
        return;
    }
    if (periodic(s) && period && at <= now)
        at = now + period - (now - s->start) % period;
    if (!s->counting)
        timer_cancel(s->timer);
    else
        timer_arm(s->timer, periodic(s) ? MAX_OF(at, now + APIC_MIN_PERIOD_NS) : at);
}

static void timer_due(void *opaque)
{
    struct apic *s = opaque;

    if (deadline_mode(s)) {
        s->deadline = 0;
    } else if (periodic(s)) {
        if (s->counting)
            s->start += (now_ns(s) - s->start) / period_ns(s) * period_ns(s);
        arm(s);
    } else {
        s->counting = false;
    }
    local_interrupt(s, LVT_TIMER);
}

static void write_lvt(struct apic *s, enum apic_lvt n, uint32_t v)
{
    bool was_deadline = deadline_mode(s);

    s->lvt[n] = (v & lvt_writable[n]) | (s->lvt[n] & LVT_REMOTE_IRR);
    if (!(v & LVT_LEVEL))
        s->lvt[n] &= ~(uint32_t)LVT_REMOTE_IRR;
    if (!(s->svr & SVR_ENABLE))
        s->lvt[n] |= LVT_MASKED;
    if (n == LVT_TIMER) {
        if (was_deadline != deadline_mode(s)) {
            s->init_count = 0;
            s->counting = false;
            s->deadline = 0;
        }
        arm(s);
    }
    if (n == LVT_LINT0 && s->lint & 1 && v & LVT_LEVEL)
        local_interrupt(s, n);
    update_irq(s);
}

/* ---- registers --------------------------------------------------------------------------------- */

static void end_of_interrupt(struct apic *s)
{
    int vector = highest(s->isr);

    if (vector < 0)
        return;
    put_bit(s->isr, (unsigned)vector, false);
    if (test_bit(s->tmr, (unsigned)vector)) {
        for (int n = LVT_LINT0; n <= LVT_LINT1; n++)
            if (s->lvt[n] & LVT_REMOTE_IRR && (s->lvt[n] & LVT_VECTOR) == (uint32_t)vector) {
                s->lvt[n] &= ~(uint32_t)LVT_REMOTE_IRR;
                if (s->lint & BIT(n - LVT_LINT0))
                    local_interrupt(s, (enum apic_lvt)n);
            }
        for (unsigned i = 0; i < s->bus->nlisteners; i++)
            s->bus->listener[i].eoi(s->bus->listener[i].to, (uint8_t)vector);
    }
    update_irq(s);
}

static void write_svr(struct apic *s, uint32_t v)
{
    s->svr = v & SVR_WRITABLE;
    for (int n = 0; n < LVT_COUNT && !(v & SVR_ENABLE); n++)
        s->lvt[n] |= LVT_MASKED;
    update_irq(s);
}

static uint32_t read_reg(struct apic *s, unsigned reg)
{
    switch (reg) {
    case APIC_ID:
        return x2apic_on(s) ? s->id : s->id << 24;
    case APIC_VER:
        return APIC_VERSION;
    case APIC_TPR:
        return s->tpr;
    case APIC_APR:
    case APIC_RRD:
    case APIC_EOI:
        return 0;
    case APIC_PPR:
        return ppr(s);
    case APIC_LDR:
        return s->ldr;
    case APIC_DFR:
        return s->dfr;
    case APIC_SVR:
        return s->svr;
    case APIC_ISR ... APIC_ISR + 7:
        return s->isr[reg & 7];
    case APIC_TMR ... APIC_TMR + 7:
        return s->tmr[reg & 7];
    case APIC_IRR ... APIC_IRR + 7:
        return s->irr[reg & 7];
    case APIC_ESR:
        return s->esr;
    case APIC_ICR:
    case APIC_ICR_HIGH:
        return s->icr[reg - APIC_ICR];
    case APIC_LVT ... APIC_LVT + LVT_COUNT - 1:
        return s->lvt[reg - APIC_LVT];
    case APIC_INIT_COUNT:
        return s->init_count;
    case APIC_COUNT:
        return current_count(s);
    case APIC_DIVIDE:
        return s->divide;
    default:
        error(s, ESR_REGISTER);
        return 0;
    }
}

static void write_reg(struct apic *s, unsigned reg, uint32_t v)
{
    switch (reg) {
    case APIC_ID:
        s->id = v >> 24;
        break;
    case APIC_TPR:
        s->tpr = v & 0xff;
        update_irq(s);
        break;
    case APIC_EOI:
        end_of_interrupt(s);
        break;
    case APIC_LDR:
        s->ldr = v & 0xff000000;
        break;
    case APIC_DFR:
        s->dfr = v | 0x0fffffff;
        break;
    case APIC_SVR:
        write_svr(s, v);
        break;
    case APIC_ESR:
        s->esr = s->errors;
        s->errors = 0;
        break;
    case APIC_ICR:
        s->icr[0] = v & ICR_WRITABLE;
        send_ipi(s);
        break;
    case APIC_ICR_HIGH:
        s->icr[1] = v & 0xff000000;
        break;
    case APIC_LVT ... APIC_LVT + LVT_COUNT - 1:
        write_lvt(s, (enum apic_lvt)(reg - APIC_LVT), v);
        break;
    case APIC_INIT_COUNT:
        if (deadline_mode(s))
            break;
        s->init_count = v;
        s->counting = v;
        s->start = now_ns(s);
        arm(s);
        break;
    case APIC_DIVIDE:
        s->divide = v & 0xb;
        arm(s);
        break;
    case APIC_VER: case APIC_APR: case APIC_PPR: case APIC_RRD: case APIC_COUNT:
    case APIC_ISR ... APIC_ISR + 7:
    case APIC_TMR ... APIC_TMR + 7:
    case APIC_IRR ... APIC_IRR + 7:
        log_guest_error("apic: write of read-only register 0x%x0", reg);
        break;
    default:
        error(s, ESR_REGISTER);
    }
}

/* ---- xAPIC: memory ----------------------------------------------------------------------------- */

/* The APIC of the CPU that accesses, when it has registers in memory. */
static struct apic *accessed(struct apic_bus *bus, uint64_t off)
{
    unsigned cpu = (unsigned)bus_current_cpu();
    struct apic *s = cpu < bus->n ? bus->apic[cpu] : NULL;

    return s && enabled(s) && !x2apic_on(s) && off < 0x1000 && !(off & 0xf) ? s : NULL;
}

static uint64_t apic_read(void *opaque, uint64_t off, unsigned size)
{
    struct apic *s = accessed(opaque, off);

    (void)size;
    return s ? read_reg(s, (unsigned)off >> 4) : 0xffffffff;
}

static void apic_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct apic *s = accessed(opaque, off);

    (void)size;
    if (s)
        write_reg(s, (unsigned)off >> 4, (uint32_t)val);
    else
        log_guest_error("apic: write of offset 0x%llx", (unsigned long long)off);
}

/* ---- x2APIC: MSRs (11.12.1.2) ------------------------------------------------------------------ */

static bool x2apic_readable(unsigned reg)
{
    switch (reg) {
    case APIC_ID: case APIC_VER: case APIC_TPR: case APIC_PPR: case APIC_LDR: case APIC_SVR: case APIC_ISR ... APIC_IRR + 7:
    case APIC_ESR: case APIC_ICR: case APIC_LVT ... APIC_LVT + LVT_COUNT - 1: case APIC_INIT_COUNT: case APIC_COUNT: case APIC_DIVIDE:
        return true;
    default:
        return false;
    }
}

/* Bits that may be set; 0 for registers that cannot be written but with 0, and false for those that cannot at all. */
static bool x2apic_writable(unsigned reg, uint64_t *bits)
{
    switch (reg) {
    case APIC_TPR: case APIC_SELF_IPI:
        *bits = 0xff;
        return true;
    case APIC_EOI: case APIC_ESR:
        *bits = 0;
        return true;
    case APIC_SVR:
        *bits = SVR_WRITABLE;
        return true;
    case APIC_ICR:
        *bits = 0xffffffff00000000 | ICR_WRITABLE;
        return true;
    case APIC_LVT ... APIC_LVT + LVT_COUNT - 1:
        *bits = lvt_writable[reg - APIC_LVT] | LVT_PENDING | LVT_REMOTE_IRR;
        return true;
    case APIC_INIT_COUNT:
        *bits = 0xffffffff;
        return true;
    case APIC_DIVIDE:
        *bits = 0xb;
        return true;
    default:
        return false;
    }
}

static bool read_x2apic(struct apic *s, unsigned reg, uint64_t *val)
{
    if (!x2apic_on(s) || !x2apic_readable(reg))
        return false;
    *val = read_reg(s, reg);
    if (reg == APIC_ICR)
        *val |= (uint64_t)s->icr[1] << 32;
    return true;
}

static bool write_x2apic(struct apic *s, unsigned reg, uint64_t val)
{
    uint64_t bits;

    if (!x2apic_on(s) || !x2apic_writable(reg, &bits) || val & ~bits)
        return false;
    if (reg == APIC_SELF_IPI) {
        if (val < 16)
            error(s, ESR_SEND_VECTOR);
        else
            accept_message(s, &(struct apic_message){ .mode = APIC_FIXED, .vector = (uint8_t)val });
        return true;
    }
    if (reg == APIC_ICR)
        s->icr[1] = (uint32_t)(val >> 32);
    write_reg(s, reg, (uint32_t)val);
    return true;
}

static void reset_registers(struct apic *s);

/* 11.4.4, 11.12.5: off, xAPIC, x2APIC; there is no way back from x2APIC but through off. */
static bool write_base(struct apic *s, uint64_t val)
{
    uint64_t mode = val & (BASE_ENABLE | BASE_X2APIC), was = s->base & (BASE_ENABLE | BASE_X2APIC);

    if (val & 0x2ff || val >> 52 || mode == BASE_X2APIC || (mode & BASE_X2APIC && (!s->x2apic || !was)) ||
        (was & BASE_X2APIC && mode == BASE_ENABLE))
        return false;
    if ((val & ~(uint64_t)0xfff) != APIC_BASE)
        log_unimp("apic: registers at 0x%llx; they stay at 0x%x", (unsigned long long)(val & ~(uint64_t)0xfff), APIC_BASE);
    s->base = (val & ~(uint64_t)BASE_BSP) | (s->cpu ? 0 : BASE_BSP);
    if (!mode && was) {
        reset_registers(s);
        s->id = s->initial_id;
    } else if (mode & BASE_X2APIC && !(was & BASE_X2APIC)) {
        s->id = s->initial_id;
        s->ldr = s->id >> 4 << 16 | BIT(s->id & 15);
    }
    update_irq(s);
    return true;
}

/* ---- for the CPU (softmmu/apic-link.h) --------------------------------------------------------- */

static int take_intr(struct apic *s)
{
    int vector = deliverable(s);

    if (vector >= 0) {
        put_bit(s->irr, (unsigned)vector, false);
        put_bit(s->isr, (unsigned)vector, true);
    } else if (extint(s)) {
        s->extint = 0;
        if (s->bus->pic && i8259_pending(s->bus->pic))
            vector = i8259_acknowledge(s->bus->pic);
    }
    update_irq(s);
    return vector;
}

static int cpu_acknowledge(void *opaque, enum x86_line line)
{
    struct apic *s = opaque;

    if (line == X86_INTR)
        return take_intr(s);
    if (line >= APIC_NOUT)
        return -1;
    s->events &= ~BIT(line);
    irq_set(s->dev.out[line], false);
    return line == X86_SIPI ? s->sipi_vector : 0;
}

static unsigned cpu_tpr(void *opaque)
{
    return ((struct apic *)opaque)->tpr >> 4;
}

static void cpu_set_tpr(void *opaque, unsigned tpr_class)
{
    write_reg(opaque, APIC_TPR, (tpr_class & 15) << 4);
}

static bool cpu_read_msr(void *opaque, uint32_t index, uint64_t *val)
{
    struct apic *s = opaque;

    if (index == MSR_APIC_BASE)
        *val = s->base;
    else if (index == MSR_TSC_DEADLINE)
        *val = (uint64_t)s->deadline;
    else
        return index - MSR_X2APIC < 0x100 && read_x2apic(s, index - MSR_X2APIC, val);
    return true;
}

/* 11.5.4.1: ignored in the other modes; 0 disarms. */
static void write_deadline(struct apic *s, int64_t ns)
{
    if (!deadline_mode(s))
        return;
    s->deadline = ns < 0 ? 1 : ns;           /* the TSC has passed it before the clock began */
    arm(s);
}

static bool cpu_write_msr(void *opaque, uint32_t index, uint64_t val)
{
    struct apic *s = opaque;

    if (index == MSR_APIC_BASE)
        return write_base(s, val);
    if (index == MSR_TSC_DEADLINE) {
        write_deadline(s, (int64_t)val);
        return true;
    }
    return index - MSR_X2APIC < 0x100 && write_x2apic(s, index - MSR_X2APIC, val);
}

static void cpu_init(void *opaque)
{
    reset_registers(opaque);
}

const struct cpu_apic_ops apic_cpu_ops = {
    .acknowledge = cpu_acknowledge, .tpr = cpu_tpr, .set_tpr = cpu_set_tpr, .read_msr = cpu_read_msr, .write_msr = cpu_write_msr,
    .init = cpu_init,
};

/* ---- the devices ------------------------------------------------------------------------------- */

/* 11.4.7.1, .3: what power-up and INIT have in common. A SIPI that came after the INIT stays. */
static void reset_registers(struct apic *s)
{
    s->tpr = s->esr = s->errors = s->divide = s->init_count = 0;
    s->counting = false;
    s->icr[0] = s->icr[1] = 0;
    memset(s->isr, 0, sizeof(s->isr));
    memset(s->irr, 0, sizeof(s->irr));
    memset(s->tmr, 0, sizeof(s->tmr));
    for (int n = 0; n < LVT_COUNT; n++)
        s->lvt[n] = LVT_MASKED;
    s->svr = 0xff;
    s->dfr = 0xffffffff;
    s->ldr = x2apic_on(s) ? s->id >> 4 << 16 | BIT(s->id & 15) : 0;
    s->deadline = 0;
    s->extint = 0;
    timer_cancel(s->timer);
    update_irq(s);
}

static void apic_reset(struct device *dev)
{
    struct apic *s = (struct apic *)dev;

    s->base = APIC_BASE | BASE_ENABLE | (s->cpu ? 0 : BASE_BSP);
    s->id = s->initial_id;
    s->events = 0;
    s->sipi_vector = 0;
    reset_registers(s);
    if (!s->cpu)
        s->lvt[LVT_LINT0] = APIC_EXTINT << 8;
    for (int n = 0; n < APIC_NOUT; n++)
        irq_set(dev->out[n], false);
    update_irq(s);
}

static bool apic_realize(struct device *dev, GError **err)
{
    struct apic *s = (struct apic *)dev;
    struct apic_bus *bus = (struct apic_bus *)dev->parent_bus;

    if (!bus || s->cpu >= APIC_MAX || s->initial_id >= 255 || bus->apic[s->cpu]) {
        g_set_error(err, g_quark_from_static_string("apic"), 0, "apic: there is no place for CPU %u with ID %u", s->cpu, s->initial_id);
        return false;
    }
    s->bus = bus;
    bus->apic[s->cpu] = s;
    bus->n = MAX_OF(bus->n, s->cpu + 1);
    device_init_in(dev, set_lint, 2);
    device_init_out(dev, APIC_NOUT);
    s->timer = timer_new(device_loop(dev), device_clock(dev), timer_due, s);
    return true;
}

static void apic_unrealize(struct device *dev)
{
    struct apic *s = (struct apic *)dev;

    s->bus->apic[s->cpu] = NULL;
    timer_free(s->timer);
}

static bool apic_post_load(struct device *dev, GError **err)
{
    struct apic *s = (struct apic *)dev;

    if (s->start < 0 || s->start > now_ns(s) || s->deadline < 0 || (s->base & BASE_X2APIC && !(s->base & BASE_ENABLE))) {
        g_set_error(err, g_quark_from_static_string("apic"), 0, "state out of range");
        return false;
    }
    s->counting = s->counting && s->init_count;
    s->divide &= 0xb;
    s->svr &= SVR_WRITABLE;
    s->icr[0] &= ICR_WRITABLE;
    s->events &= BIT(APIC_NOUT) - 1;
    for (int n = X86_INTR + 1; n < APIC_NOUT; n++)
        irq_set(dev->out[n], s->events & BIT(n));
    arm(s);
    update_irq(s);
    return true;
}

static const struct device_prop apic_props[] = {
    PROP(struct apic, cpu, "cpu", PROP_U32, 0, "index of its CPU"),
    PROP(struct apic, initial_id, "id", PROP_U32, 0, "its ID after reset, 0 to 254"),
    PROP(struct apic, x2apic, "x2apic", PROP_BOOL, true, "it has the x2APIC mode"),
    PROP_END
};

static const struct state_field apic_state[] = {
    STATE(struct apic, base), STATE(struct apic, id), STATE(struct apic, tpr), STATE(struct apic, svr), STATE(struct apic, dfr),
    STATE(struct apic, ldr), STATE(struct apic, esr), STATE(struct apic, errors), STATE(struct apic, divide),
    STATE(struct apic, init_count), STATE_ARRAY(struct apic, lvt), STATE_ARRAY(struct apic, icr), STATE_ARRAY(struct apic, isr),
    STATE_ARRAY(struct apic, irr), STATE_ARRAY(struct apic, tmr), STATE(struct apic, events), STATE(struct apic, sipi_vector),
    STATE(struct apic, lint), STATE(struct apic, extint), STATE(struct apic, start), STATE(struct apic, deadline),
    STATE(struct apic, counting),
    STATE_END
};

static const struct device_type apic_type = {
    .name = "apic", .desc = "local APIC of an x86 CPU", .size = sizeof(struct apic), .props = apic_props, .state = apic_state,
    .realize = apic_realize, .reset = apic_reset, .unrealize = apic_unrealize, .post_load = apic_post_load,
};
DEVICE_REGISTER(apic_type)

static const struct mmio_ops apic_ops = { .read = apic_read, .write = apic_write, .min_size = 4, .max_size = 4 };

static bool bus_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "apic", &apic_ops, dev, APIC_SIZE);
    return true;
}

static void bus_reset(struct device *dev)
{
    ((struct apic_bus *)dev)->turn = 0;
}

static const struct state_field bus_state[] = { STATE(struct apic_bus, turn), STATE_END };

static const struct device_type apic_bus_type = {
    .name = "apic-bus", .desc = "what local and I/O APICs talk through", .size = sizeof(struct apic_bus), .state = bus_state,
    .realize = bus_realize, .reset = bus_reset,
};
DEVICE_REGISTER(apic_bus_type)
