/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programmable interval timer 8254 (Intel 231164) with port 61h around it (82371SB/AB, NMI status and control). mmio 0: counters (0x40,
 * 4 bytes), 1: port 61h (1 byte). Output 0: OUT of counter 0, IRQ 0; output 1:
 * the speaker.
 *
 * Counters are functions of the virtual clock and of when they were loaded; a count takes effect one clock after its write. Output 0 has
 * the low clock of modes 2, 4 and 5 when it ends, and edges that the host was late for follow each other; of more than a tenth of a second
 * of them the older are lost. Bit 4 of port 61h shows counter 1, or, while a BIOS has not set that up, the refresh of 15 us.
 */
#include "config.h"
#include <string.h>
#include "softmmu/device.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

#define PIT_HZ 1193182
#define PIT_COUNTERS 3
#define PIT_REFRESH_NS 15085
#define PIT_LATE_NS (NS_PER_S / 10)
#define PIT_FAST 24              /* counts below would keep the host busy for nothing: */
#define PIT_FAST_NS (20 * NS_PER_US)     /* their edges are this far apart at least */

enum pit_reg { PIT_COUNTER0, PIT_COUNTER1, PIT_COUNTER2, PIT_CONTROL };
enum pit_control { CONTROL_BCD = 1, READ_BACK_STATUS_OFF = 0x10, READ_BACK_COUNT_OFF = 0x20 };
enum pit_access { ACCESS_LATCH, ACCESS_LOW, ACCESS_HIGH, ACCESS_BOTH };
enum pit_status { STATUS_NULL = 0x40, STATUS_OUT = 0x80 };

/* 82371AB: NMI status and control */
enum port61 { PORT61_GATE2 = 1, PORT61_SPEAKER = 2, PORT61_WRITABLE = 0xf, PORT61_REFRESH = 0x10, PORT61_OUT2 = 0x20 };

struct pit_counter {
    int64_t start;           /* the clock in which the count in use has its first value; the next one while it is not loaded */
    int64_t held;            /* clocks counted so far while the gate holds it */
    uint32_t n;              /* the count in use, 1 to 65536 */
    uint32_t next;           /* one that is taken over at the end of the period, 0: none */
    uint16_t count;          /* as written */
    uint16_t latch;
    uint8_t mode, bcd, access;
    uint8_t gate;
    uint8_t running;         /* has a count, and in modes 1 and 5 was triggered */
    uint8_t holding;         /* the gate is low in a mode where it holds the count */
    uint8_t write_high, read_high;       /* the second byte is next */
    uint8_t low;             /* first byte of two */
    uint8_t latched;         /* bytes left of the latch */
    uint8_t status_latched, status;
};

/* Owner: the device lock. */
struct i8254 {
    struct device dev;
    struct timer *timer;
    struct pit_counter counter[PIT_COUNTERS];
    uint8_t port61;
    int64_t edge;            /* the next rise of OUT 0; INT64_MAX: none */
};

static int64_t now_ns(struct i8254 *s)
{
    return clock_ns(device_clock(&s->dev));
}

/* The clock of this time. */
static int64_t to_clocks(int64_t ns)
{
    return (int64_t)((__int128)ns * PIT_HZ / NS_PER_S);
}

/* The first ns of this clock. */
static int64_t to_ns(int64_t clocks)
{
    return (int64_t)(((__int128)clocks * NS_PER_S + PIT_HZ - 1) / PIT_HZ);
}

/* ---- counters ---------------------------------------------------------------------------------- */

static bool periodic(const struct pit_counter *c)
{
    return c->mode == 2 || c->mode == 3;
}

/* Triggered by the gate's rise. */
static bool triggered(const struct pit_counter *c)
{
    return c->mode == 1 || c->mode == 5;
}

/* Clocks since the count was loaded; negative before. */
static int64_t elapsed(const struct pit_counter *c, int64_t now)
{
    if (c->holding)
        return c->held;
    return to_clocks(now) - c->start;
}

/* A count that was written over a running periodic one comes into use at the end of the period. */
static void catch_up(struct pit_counter *c, int64_t now)
{
    int64_t d = elapsed(c, now);

    if (!c->next || c->holding || d < c->n)
        return;
    c->start += c->n;
    c->n = c->next;
    c->next = 0;
}

static bool output(const struct pit_counter *c, int64_t now)
{
    int64_t d = elapsed(c, now);

    if (!c->running)
        return c->mode != 0;
    switch (c->mode) {
    case 0:
        return d >= c->n;
    case 1:
        return d < 0 || d >= c->n;
    case 2:
        return d < 0 || c->holding || d % c->n != c->n - 1;
    case 3:
        return d < 0 || c->holding || d % c->n < (c->n + 1) / 2;
    default:
        return d != c->n;
    }
}

/* The counting element: what a program reads. */
static uint16_t value(const struct pit_counter *c, int64_t now)
{
    int64_t d = elapsed(c, now);
    uint32_t v, modulus = c->bcd ? 10000 : 65536;

    if (!c->n)
        return 0;
    if (d < 0 || !c->running)
        d = 0;
    if (c->mode == 2) {
        v = c->n - (uint32_t)(d % c->n);
    } else if (c->mode == 3) {
        uint32_t at = (uint32_t)(d % c->n), half = (c->n + 1) / 2;

        v = (c->n & ~1u) - 2 * (at < half ? at : at - half);
    } else {
        v = (uint32_t)(((int64_t)c->n - d) % modulus + modulus);
    }
    v %= modulus;
    if (c->bcd)
        v = v % 10 | v / 10 % 10 << 4 | v / 100 % 10 << 8 | v / 1000 << 12;
    return (uint16_t)v;
}

/* When the output rises next after now; INT64_MAX: not by itself. */
static int64_t next_rise(const struct pit_counter *c, int64_t now)
{
    int64_t d = elapsed(c, now), n = c->n, at;

    if (!c->running || c->holding)
        return INT64_MAX;
    if (d < 0)
        d = 0;
    switch (c->mode) {
    case 0:
    case 1:
        at = n;
        break;
    case 2:
    case 3:
        at = (d / n + 1) * n;
        break;
    default:
        at = n + 1;
        break;
    }
    at = to_ns(c->start + at);
    return at > now ? at : INT64_MAX;
}

static uint32_t real_count(const struct pit_counter *c)
{
    uint32_t v = c->count;

    if (c->bcd)
        v = (v & 15) + (v >> 4 & 15) * 10 + (v >> 8 & 15) * 100 + (v >> 12) * 1000;
    return v ? v : c->bcd ? 10000 : 65536;
}

static void start(struct pit_counter *c, int64_t now)
{
    c->n = real_count(c);
    c->start = to_clocks(now) + 1;
    c->next = 0;
    c->held = 0;
    c->running = 1;
}

static void update_irq(struct i8254 *s, int64_t now)
{
    struct pit_counter *c = &s->counter[0];

    irq_set(s->dev.out[0], output(c, now));
    irq_set(s->dev.out[1], s->port61 & PORT61_SPEAKER && output(&s->counter[2], now));
    s->edge = next_rise(c, now);
    if (s->edge == INT64_MAX)
        timer_cancel(s->timer);
    else
        timer_arm(s->timer, s->edge);
}

/* OUT 0 rises: from now on, or with as many edges as were missed, one each time. */
static void edge_due(void *opaque)
{
    struct i8254 *s = opaque;
    int64_t now = now_ns(s), at = s->edge;

    if (at == INT64_MAX || now < at)
        return;
    if (now - at > PIT_LATE_NS)
        at = now - PIT_LATE_NS;
    catch_up(&s->counter[0], at);
    irq_set(s->dev.out[0], false);
    irq_set(s->dev.out[0], true);
    s->edge = next_rise(&s->counter[0], at);
    if (s->edge != INT64_MAX)
        timer_arm(s->timer, s->counter[0].n < PIT_FAST ? MAX_OF(s->edge, now + PIT_FAST_NS) : s->edge);
}

/* ---- programming ------------------------------------------------------------------------------- */

static void set_gate(struct i8254 *s, struct pit_counter *c, bool level)
{
    int64_t now = now_ns(s);

    if (level == c->gate)
        return;
    catch_up(c, now);
    if (!level && !triggered(c) && c->running) {
        c->held = MAX_OF(elapsed(c, now), 0);
        c->holding = 1;
    } else if (level && c->holding) {
        c->holding = 0;
        if (periodic(c))
            start(c, now);
        else
            c->start = to_clocks(now) - c->held;
    } else if (level && (triggered(c) ? c->n != 0 : c->running && periodic(c))) {
        start(c, now);
    }
    c->gate = level;
}

static void load(struct i8254 *s, struct pit_counter *c, uint16_t count)
{
    int64_t now = now_ns(s);

    catch_up(c, now);
    c->count = count;
    if (triggered(c)) {
        if (!c->n)
            c->n = real_count(c);            /* it waits for the trigger */
    } else if (periodic(c) && c->running && !c->holding && elapsed(c, now) >= 0) {
        c->next = real_count(c);
    } else {
        start(c, now);
        c->holding = !c->gate;
    }
    update_irq(s, now);
}

static void write_counter(struct i8254 *s, struct pit_counter *c, uint8_t v)
{
    switch (c->access) {
    case ACCESS_LOW:
        load(s, c, v);
        break;
    case ACCESS_HIGH:
        load(s, c, (uint16_t)(v << 8));
        break;
    case ACCESS_BOTH:
        if (c->write_high) {
            load(s, c, (uint16_t)(v << 8 | c->low));
        } else {
            c->low = v;
            if (c->mode == 0)
                c->running = 0;              /* the first byte stops mode 0 */
        }
        c->write_high = !c->write_high;
        break;
    default:
        log_guest_error("i8254: count without a control word");
    }
}

static void latch_count(struct i8254 *s, struct pit_counter *c)
{
    if (c->latched)
        return;
    c->latch = value(c, now_ns(s));
    c->latched = c->access == ACCESS_BOTH ? 2 : 1;
}

static void latch_status(struct i8254 *s, struct pit_counter *c)
{
    int64_t now = now_ns(s);

    if (c->status_latched)
        return;
    c->status = (uint8_t)(c->access << 4 | c->mode << 1 | c->bcd);
    if (output(c, now))
        c->status |= STATUS_OUT;
    if (!c->running || c->next || elapsed(c, now) < 0)
        c->status |= STATUS_NULL;
    c->status_latched = 1;
}

static void read_back(struct i8254 *s, uint8_t v)
{
    for (unsigned i = 0; i < PIT_COUNTERS; i++) {
        if (!(v & BIT(i + 1)))
            continue;
        catch_up(&s->counter[i], now_ns(s));
        if (!(v & READ_BACK_COUNT_OFF))
            latch_count(s, &s->counter[i]);
        if (!(v & READ_BACK_STATUS_OFF))
            latch_status(s, &s->counter[i]);
    }
}

static void write_control(struct i8254 *s, uint8_t v)
{
    struct pit_counter *c = &s->counter[MIN_OF(v >> 6, PIT_COUNTERS - 1)];
    unsigned access = v >> 4 & 3, mode = v >> 1 & 7;

    if (v >> 6 == 3) {
        read_back(s, v);
        return;
    }
    if (access == ACCESS_LATCH) {
        catch_up(c, now_ns(s));
        latch_count(s, c);
        return;
    }
    c->access = (uint8_t)access;
    c->mode = (uint8_t)(mode > 5 ? mode & 3 : mode);
    c->bcd = v & CONTROL_BCD;
    c->running = c->holding = c->write_high = c->read_high = c->latched = c->status_latched = 0;
    c->next = c->n = 0;
    update_irq(s, now_ns(s));
}

static uint8_t read_counter(struct i8254 *s, struct pit_counter *c)
{
    uint16_t v;

    if (c->status_latched) {
        c->status_latched = 0;
        return c->status;
    }
    catch_up(c, now_ns(s));
    v = c->latched ? c->latch : value(c, now_ns(s));
    if (c->latched)
        c->latched--;
    if (c->access == ACCESS_BOTH)
        c->read_high = !c->read_high;
    else
        c->read_high = c->access == ACCESS_LOW;
    return (uint8_t)(c->read_high ? v : v >> 8);
}

static uint64_t pit_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8254 *s = opaque;

    (void)size;
    if (off == PIT_CONTROL) {
        log_guest_error("i8254: read of the control word");
        return 0;
    }
    return read_counter(s, &s->counter[off]);
}

static void pit_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8254 *s = opaque;

    (void)size;
    if (off == PIT_CONTROL)
        write_control(s, (uint8_t)val);
    else
        write_counter(s, &s->counter[off], (uint8_t)val);
}

/* ---- port 61h ---------------------------------------------------------------------------------- */

static uint64_t port61_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8254 *s = opaque;
    int64_t now = now_ns(s);
    uint8_t v = s->port61;

    (void)off;
    (void)size;
    catch_up(&s->counter[2], now);
    if (now / PIT_REFRESH_NS & 1)
        v |= PORT61_REFRESH;
    if (output(&s->counter[2], now))
        v |= PORT61_OUT2;
    return v;
}

static void port61_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8254 *s = opaque;

    (void)off;
    (void)size;
    s->port61 = val & PORT61_WRITABLE;
    set_gate(s, &s->counter[2], val & PORT61_GATE2);
    update_irq(s, now_ns(s));
}

/* ---- the device -------------------------------------------------------------------------------- */

/* The chip has no reset; this is how a PC finds it: counters 0 and 1 stand until they are programmed. */
static void pit_reset(struct device *dev)
{
    struct i8254 *s = (struct i8254 *)dev;

    memset(s->counter, 0, sizeof(s->counter));
    for (int i = 0; i < PIT_COUNTERS; i++) {
        s->counter[i].mode = 3;
        s->counter[i].access = ACCESS_BOTH;
        s->counter[i].gate = i < 2;
    }
    s->port61 = 0;
    update_irq(s, now_ns(s));
}

static const struct mmio_ops pit_ops = { .read = pit_read, .write = pit_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops port61_ops = { .read = port61_read, .write = port61_write, .min_size = 1, .max_size = 1 };

static bool pit_realize(struct device *dev, GError **err)
{
    struct i8254 *s = (struct i8254 *)dev;

    (void)err;
    device_init_mmio(dev, 0, "pit", &pit_ops, s, 4);
    device_init_mmio(dev, 1, "port61", &port61_ops, s, 1);
    device_init_out(dev, 2);
    s->timer = timer_new(device_loop(dev), device_clock(dev), edge_due, s);
    return true;
}

static void pit_unrealize(struct device *dev)
{
    timer_free(((struct i8254 *)dev)->timer);
}

static bool pit_post_load(struct device *dev, GError **err)
{
    struct i8254 *s = (struct i8254 *)dev;
    int64_t now = now_ns(s);

    for (int i = 0; i < PIT_COUNTERS; i++) {
        struct pit_counter *c = &s->counter[i];

        c->mode = MIN_OF(c->mode, 5);
        c->access &= 3;
        c->bcd &= 1;
        c->latched = MIN_OF(c->latched, 2);
        if (c->n > 65536 || c->next > 65536 || (c->running && !c->n) || c->held < 0 || c->held > to_clocks(now) ||
            c->start < -to_clocks(now) || c->start > to_clocks(now) + 1) {
            g_set_error(err, g_quark_from_static_string("i8254"), 0, "counter %d out of range", i);
            return false;
        }
    }
    update_irq(s, now);
    return true;
}

#define COUNTER_STATE(i)                                                                                                     \
    STATE(struct i8254, counter[i].start), STATE(struct i8254, counter[i].held), STATE(struct i8254, counter[i].n),          \
    STATE(struct i8254, counter[i].next), STATE(struct i8254, counter[i].count), STATE(struct i8254, counter[i].latch),      \
    STATE(struct i8254, counter[i].mode), STATE(struct i8254, counter[i].bcd), STATE(struct i8254, counter[i].access),       \
    STATE(struct i8254, counter[i].gate), STATE(struct i8254, counter[i].running), STATE(struct i8254, counter[i].holding),  \
    STATE(struct i8254, counter[i].write_high), STATE(struct i8254, counter[i].read_high),                                   \
    STATE(struct i8254, counter[i].low), STATE(struct i8254, counter[i].latched),                                            \
    STATE(struct i8254, counter[i].status_latched), STATE(struct i8254, counter[i].status)

static const struct state_field pit_state[] = {
    COUNTER_STATE(0), COUNTER_STATE(1), COUNTER_STATE(2), STATE(struct i8254, port61), STATE_END
};

static const struct device_type pit_type = {
    .name = "isa-pit", .desc = "8254 interval timer and port 61h of a PC", .size = sizeof(struct i8254),
    .state = pit_state,
    .realize = pit_realize, .reset = pit_reset, .unrealize = pit_unrealize, .post_load = pit_post_load,
};
DEVICE_REGISTER(pit_type)
