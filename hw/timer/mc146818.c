/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real time clock and memory MC146818A (Motorola ADI1197R2), as in a PC: mc146818.h says what its regions and lines are.
 *
 * The calendar is the host's clock (or the virtual one, or from a date on) plus what the guest has set; the update cycle has its 244 us of
 * warning, and then takes no time. Periodic interrupts run on the virtual clock. Flags that interrupt nobody are found when register C is
 * read. Byte 32h is the century, as ACPI's FADT says. Not modelled: square wave output, daylight saving, masking NMI by the index port.
 */
#include "config.h"
#include <string.h>
#include <time.h>
#include "hw/timer/mc146818.h"
#include "softmmu/device.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

#define RTC_BYTES 256
#define RTC_WARNING_NS (244 * NS_PER_US)
#define RTC_DAY 86400
#define RTC_BASE_HZ 32768

enum rtc_reg {
    RTC_SECOND, RTC_SECOND_ALARM, RTC_MINUTE, RTC_MINUTE_ALARM, RTC_HOUR, RTC_HOUR_ALARM, RTC_WEEKDAY, RTC_DAY_OF_MONTH, RTC_MONTH,
    RTC_YEAR, RTC_A, RTC_B, RTC_C, RTC_D, RTC_RAM, RTC_CENTURY = 0x32,
};
enum rtc_a { A_RATE = 0x0f, A_DIVIDER = 0x70, A_UIP = 0x80 };
enum rtc_b { B_DSE = 1, B_24H = 2, B_BINARY = 4, B_SQWE = 8, B_UIE = 0x10, B_AIE = 0x20, B_PIE = 0x40, B_SET = 0x80 };
enum rtc_c { C_UF = 0x10, C_AF = 0x20, C_PF = 0x40, C_IRQF = 0x80 };
enum { D_VRT = 0x80, HOUR_PM = 0x80, ALARM_ANY = 0xc0 };

/* Owner: the device lock. */
struct mc146818 {
    struct device dev;
    struct timer *second, *periodic;
    bool vm_clock;           /* properties */
    uint64_t base;
    int64_t clock_base;      /* calendar seconds when its clock shows 0 */

    uint8_t index[2];
    uint8_t cmos[RTC_BYTES];
    int64_t offset;          /* seconds, added to the clock: what the guest has set */
    int32_t part;            /* and ns of a second, 0 to 999999999 */
    int64_t seen;            /* calendar seconds up to which updates and alarms were looked at */
    int64_t next_period;     /* virtual ns */
    int32_t weekday_offset;
};

/* ---- the calendar ------------------------------------------------------------------------------ */

static struct clock *calendar_clock(struct mc146818 *s)
{
    return s->vm_clock ? device_clock(&s->dev) : device_clock_host(&s->dev);
}

/* The calendar's second, since 1970. */
static int64_t calendar(struct mc146818 *s)
{
    return (clock_ns(calendar_clock(s)) + s->part) / NS_PER_S + s->clock_base + s->offset;
}

/* How far it has gone, and until the next begins, ns. */
static int64_t gone_ns(struct mc146818 *s)
{
    return (clock_ns(calendar_clock(s)) + s->part) % NS_PER_S;
}

static int64_t left_ns(struct mc146818 *s)
{
    return NS_PER_S - gone_ns(s);
}

static bool counting(const struct mc146818 *s)
{
    return !(s->cmos[RTC_B] & B_SET) && (s->cmos[RTC_A] & 0x60) != 0x60;
}

static uint8_t encode(const struct mc146818 *s, int v)
{
    return (uint8_t)(s->cmos[RTC_B] & B_BINARY ? v : v / 10 << 4 | v % 10);
}

static int decode(const struct mc146818 *s, uint8_t v)
{
    return s->cmos[RTC_B] & B_BINARY ? v : (v >> 4) * 10 + (v & 15);
}

static uint8_t encode_hour(const struct mc146818 *s, int hour)
{
    if (s->cmos[RTC_B] & B_24H)
        return encode(s, hour);
    return (uint8_t)(encode(s, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0));
}

static int decode_hour(const struct mc146818 *s, uint8_t v)
{
    if (s->cmos[RTC_B] & B_24H)
        return decode(s, v);
    return decode(s, v & 0x7f) % 12 + (v & HOUR_PM ? 12 : 0);
}

/* The calendar's registers show this second. */
static void show(struct mc146818 *s, int64_t seconds)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&t, &tm))
        return;
    s->cmos[RTC_SECOND] = encode(s, tm.tm_sec);
    s->cmos[RTC_MINUTE] = encode(s, tm.tm_min);
    s->cmos[RTC_HOUR] = encode_hour(s, tm.tm_hour);
    s->cmos[RTC_WEEKDAY] = encode(s, (tm.tm_wday + s->weekday_offset) % 7 + 1);
    s->cmos[RTC_DAY_OF_MONTH] = encode(s, tm.tm_mday);
    s->cmos[RTC_MONTH] = encode(s, tm.tm_mon + 1);
    s->cmos[RTC_YEAR] = encode(s, ((tm.tm_year % 100) + 100) % 100);
    s->cmos[RTC_CENTURY] = encode(s, (tm.tm_year + 1900) / 100 % 100);
}

static void refresh(struct mc146818 *s)
{
    if (counting(s))
        show(s, calendar(s));
}

/* The calendar goes on from what its registers show; a second begins half a second after the divider starts (11x to 010). */
static void set_calendar(struct mc146818 *s, bool new_second)
{
    struct tm tm = {
        .tm_sec = decode(s, s->cmos[RTC_SECOND]), .tm_min = decode(s, s->cmos[RTC_MINUTE]), .tm_hour = decode_hour(s, s->cmos[RTC_HOUR]),
        .tm_mday = decode(s, s->cmos[RTC_DAY_OF_MONTH]), .tm_mon = decode(s, s->cmos[RTC_MONTH]) - 1,
        .tm_year = decode(s, s->cmos[RTC_YEAR]) + decode(s, s->cmos[RTC_CENTURY]) * 100 - 1900,
    };
    int64_t seconds = timegm(&tm);

    s->weekday_offset = ((decode(s, s->cmos[RTC_WEEKDAY]) - 1 - tm.tm_wday) % 7 + 7) % 7;
    if (new_second)
        s->part = (int32_t)((s->part + NS_PER_S / 2 + left_ns(s)) % NS_PER_S);
    s->offset += seconds - calendar(s);
    s->seen = seconds;
}

/* ---- interrupts -------------------------------------------------------------------------------- */

static void update_irq(struct mc146818 *s)
{
    if (s->cmos[RTC_C] & s->cmos[RTC_B] & (C_UF | C_AF | C_PF))
        s->cmos[RTC_C] |= C_IRQF;
    else
        s->cmos[RTC_C] &= (uint8_t)~C_IRQF;
    irq_set(s->dev.out[0], s->cmos[RTC_C] & C_IRQF);
}

static bool alarm_matches(const struct mc146818 *s, int64_t seconds)
{
    int of_day = (int)((seconds % RTC_DAY + RTC_DAY) % RTC_DAY);
    uint8_t sec = s->cmos[RTC_SECOND_ALARM], min = s->cmos[RTC_MINUTE_ALARM], hour = s->cmos[RTC_HOUR_ALARM];

    return (sec >= ALARM_ANY || decode(s, sec) == of_day % 60) && (min >= ALARM_ANY || decode(s, min) == of_day / 60 % 60) &&
           ((hour & ALARM_ANY) == ALARM_ANY || decode_hour(s, hour) == of_day / 3600);
}

/* Flags of the seconds that have begun since the last look; at most a day's, in which every alarm comes. */
static void look_at_seconds(struct mc146818 *s)
{
    int64_t now = calendar(s);

    if (!counting(s) || now == s->seen)
        return;
    if (now < s->seen || now - s->seen > RTC_DAY)        /* the host's calendar was set */
        s->seen = now < s->seen ? now - 1 : now - RTC_DAY;
    s->cmos[RTC_C] |= C_UF;
    while (s->seen < now && !(s->cmos[RTC_C] & C_AF))
        if (alarm_matches(s, ++s->seen))
            s->cmos[RTC_C] |= C_AF;
    s->seen = now;
}

/* When the next second begins, if it may interrupt. */
static void arm_second(struct mc146818 *s)
{
    if (counting(s) && s->cmos[RTC_B] & (B_UIE | B_AIE))
        timer_arm(s->second, clock_ns(calendar_clock(s)) + left_ns(s));
    else
        timer_cancel(s->second);
}

static void second_due(void *opaque)
{
    struct mc146818 *s = opaque;

    look_at_seconds(s);
    update_irq(s);
    arm_second(s);
}

/* Of the periodic flag in ns; 0: off. Rates 1 and 2 are those of 8 and 9 with a 32768 Hz base. */
static int64_t period_ns(const struct mc146818 *s)
{
    unsigned rate = s->cmos[RTC_A] & A_RATE;

    if (!rate || (s->cmos[RTC_A] & 0x60) == 0x60)
        return 0;
    if (rate < 3)
        rate += 7;
    return (int64_t)NS_PER_S * (1 << (rate - 1)) / RTC_BASE_HZ;
}

static void look_at_period(struct mc146818 *s)
{
    int64_t now = clock_ns(device_clock(&s->dev)), period = period_ns(s);

    if (!period || now < s->next_period)
        return;
    s->cmos[RTC_C] |= C_PF;
    s->next_period += ((now - s->next_period) / period + 1) * period;
}

static void arm_period(struct mc146818 *s)
{
    if (period_ns(s) && s->cmos[RTC_B] & B_PIE)
        timer_arm(s->periodic, s->next_period);
    else
        timer_cancel(s->periodic);
}

static void period_due(void *opaque)
{
    struct mc146818 *s = opaque;

    look_at_period(s);
    update_irq(s);
    arm_period(s);
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint8_t read_a(struct mc146818 *s)
{
    return (uint8_t)(s->cmos[RTC_A] | (counting(s) && left_ns(s) <= RTC_WARNING_NS ? A_UIP : 0));
}

static uint8_t read_c(struct mc146818 *s)
{
    uint8_t v;

    look_at_seconds(s);
    look_at_period(s);
    update_irq(s);
    v = s->cmos[RTC_C];
    s->cmos[RTC_C] = 0;
    update_irq(s);
    return v;
}

static void write_a(struct mc146818 *s, uint8_t v)
{
    bool was = counting(s);
    uint8_t old = s->cmos[RTC_A];

    if (was)
        refresh(s);
    s->cmos[RTC_A] = v & (A_RATE | A_DIVIDER);
    if (!was && counting(s))
        set_calendar(s, (old & 0x60) == 0x60);
    if ((v ^ old) & (A_RATE | A_DIVIDER))
        s->next_period = clock_ns(device_clock(&s->dev)) + period_ns(s);
    arm_period(s);
    arm_second(s);
}

/* SET stops the calendar and clears UIE. A new form (BCD, 12 hours) is for what is written from then on; the calendar itself stays. */
static void write_b(struct mc146818 *s, uint8_t v)
{
    bool was = counting(s);

    if (was) {
        refresh(s);
        look_at_seconds(s);
    }
    if (v & B_SET)
        v &= (uint8_t)~B_UIE;
    s->cmos[RTC_B] = v;
    if (!was && counting(s))
        set_calendar(s, false);
    look_at_period(s);
    update_irq(s);
    arm_second(s);
    arm_period(s);
}

static void write_calendar(struct mc146818 *s, unsigned index, uint8_t v)
{
    refresh(s);
    s->cmos[index] = v;
    if (counting(s)) {
        set_calendar(s, false);
        arm_second(s);
    }
}

static uint8_t read_byte(struct mc146818 *s, unsigned index)
{
    switch (index) {
    case RTC_SECOND: case RTC_MINUTE: case RTC_HOUR: case RTC_WEEKDAY: case RTC_DAY_OF_MONTH: case RTC_MONTH: case RTC_YEAR:
    case RTC_CENTURY:
        refresh(s);
        return s->cmos[index];
    case RTC_A:
        return read_a(s);
    case RTC_C:
        return read_c(s);
    case RTC_D:
        return D_VRT;
    default:
        return s->cmos[index];
    }
}

static void write_byte(struct mc146818 *s, unsigned index, uint8_t v)
{
    switch (index) {
    case RTC_SECOND: case RTC_MINUTE: case RTC_HOUR: case RTC_WEEKDAY: case RTC_DAY_OF_MONTH: case RTC_MONTH: case RTC_YEAR:
    case RTC_CENTURY:
        write_calendar(s, index, v);
        break;
    case RTC_SECOND_ALARM: case RTC_MINUTE_ALARM: case RTC_HOUR_ALARM:
        look_at_seconds(s);
        s->cmos[index] = v;
        update_irq(s);
        break;
    case RTC_A:
        write_a(s, v);
        break;
    case RTC_B:
        write_b(s, v);
        break;
    case RTC_C:
    case RTC_D:
        log_guest_error("mc146818: write of register %c", index == RTC_C ? 'C' : 'D');
        break;
    default:
        s->cmos[index] = v;
        break;
    }
}

static unsigned selected(const struct mc146818 *s, uint64_t off)
{
    return off & 2 ? 128u + s->index[1] : s->index[0];
}

static uint64_t rtc_read(void *opaque, uint64_t off, unsigned size)
{
    struct mc146818 *s = opaque;

    (void)size;
    if (off & 1)
        return read_byte(s, selected(s, off));
    return off & 2 ? s->index[1] : 0xff;         /* the first index cannot be read */
}

static void rtc_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct mc146818 *s = opaque;

    (void)size;
    if (off & 1)
        write_byte(s, selected(s, off), (uint8_t)val);
    else
        s->index[off >> 1] = val & 0x7f;
}

/* ---- the device -------------------------------------------------------------------------------- */

void mc146818_set_cmos(struct device *rtc, unsigned index, uint8_t value)
{
    g_assert(index >= RTC_RAM && index < RTC_BYTES);
    ((struct mc146818 *)rtc)->cmos[index] = value;
}

uint8_t mc146818_get_cmos(struct device *rtc, unsigned index)
{
    g_assert(index >= RTC_RAM && index < RTC_BYTES);
    return ((struct mc146818 *)rtc)->cmos[index];
}

/* RESET# clears the enable bits and flags; time and memory have their battery. */
static void rtc_reset(struct device *dev)
{
    struct mc146818 *s = (struct mc146818 *)dev;

    s->cmos[RTC_B] &= (uint8_t)~(B_PIE | B_AIE | B_UIE | B_SQWE);
    s->cmos[RTC_C] = 0;
    s->index[0] = s->index[1] = 0;
    timer_cancel(s->second);
    timer_cancel(s->periodic);
    update_irq(s);
}

static const struct mmio_ops rtc_ops = { .read = rtc_read, .write = rtc_write, .min_size = 1, .max_size = 1 };

static bool rtc_realize(struct device *dev, GError **err)
{
    struct mc146818 *s = (struct mc146818 *)dev;
    int64_t host = clock_ns(device_clock_host(dev)) / NS_PER_S;

    (void)err;
    device_init_mmio(dev, 0, "rtc", &rtc_ops, s, 4);
    device_init_out(dev, 1);
    if (s->vm_clock)
        s->clock_base = s->base ? (int64_t)MIN_OF(s->base, (uint64_t)UINT32_MAX) : host;
    else if (s->base)
        s->clock_base = (int64_t)MIN_OF(s->base, (uint64_t)UINT32_MAX) - host;
    s->cmos[RTC_A] = 0x26;
    s->cmos[RTC_B] = B_24H;
    s->seen = calendar(s);
    s->next_period = clock_ns(device_clock(dev)) + period_ns(s);
    s->second = timer_new(device_loop(dev), calendar_clock(s), second_due, s);
    s->periodic = timer_new(device_loop(dev), device_clock(dev), period_due, s);
    return true;
}

static void rtc_unrealize(struct device *dev)
{
    struct mc146818 *s = (struct mc146818 *)dev;

    timer_free(s->second);
    timer_free(s->periodic);
}

#define RTC_FAR ((int64_t)1 << 40)               /* seconds; years have five digits at most */

static bool rtc_post_load(struct device *dev, GError **err)
{
    struct mc146818 *s = (struct mc146818 *)dev;

    s->index[0] &= 0x7f;
    s->index[1] &= 0x7f;
    s->weekday_offset = ((s->weekday_offset % 7) + 7) % 7;
    if (s->seen < -RTC_FAR || s->seen > RTC_FAR || s->offset < -RTC_FAR || s->offset > RTC_FAR || s->part < 0 ||
        s->part >= NS_PER_S || s->next_period < 0 || s->next_period > clock_ns(device_clock(dev)) + NS_PER_S) {
        g_set_error(err, g_quark_from_static_string("mc146818"), 0, "times out of range");
        return false;
    }
    update_irq(s);
    arm_second(s);
    arm_period(s);
    return true;
}

static const struct device_prop rtc_props[] = {
    PROP(struct mc146818, vm_clock, "vm-clock", PROP_BOOL, false, "the calendar stands while the machine does"),
    PROP(struct mc146818, base, "base", PROP_U64, 0, "the date at start, in seconds since 1970 (0: the host's)"),
    PROP_END
};

static const struct state_field rtc_state[] = {
    STATE_ARRAY(struct mc146818, index), STATE_ARRAY(struct mc146818, cmos), STATE(struct mc146818, offset), STATE(struct mc146818, part),
    STATE(struct mc146818, seen),
    STATE(struct mc146818, next_period), STATE(struct mc146818, weekday_offset),
    STATE_END
};

static const struct device_type rtc_type = {
    .name = "mc146818rtc", .desc = "real time clock and CMOS memory of a PC", .size = sizeof(struct mc146818),
    .props = rtc_props, .state = rtc_state,
    .realize = rtc_realize, .reset = rtc_reset, .unrealize = rtc_unrealize, .post_load = rtc_post_load,
};
DEVICE_REGISTER(rtc_type)
