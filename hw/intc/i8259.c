/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two 8259A interrupt controllers as a PC has them (Intel 231468, 82371SB/AB for the edge/level registers): i8259.h says what its regions
 * and lines are.
 *
 * A request of an edge-triggered input stays until it is acknowledged (the chip forgets it when the input goes low before that), so that
 * devices may pulse. The acknowledge cycle is one step: nothing changes between its two INTA pulses. Not modelled: MCS-80/85 mode,
 * buffered mode.
 */
#include "config.h"
#include "hw/intc/i8259.h"
#include "softmmu/device.h"
#include "util/bits.h"
#include "util/log.h"

#define PIC_CASCADE 2
#define PIC_SPURIOUS 7

enum pic_icw1 { ICW1_IC4 = 1, ICW1_SNGL = 2, ICW1_LTIM = 8, ICW1 = 0x10 };
enum pic_icw4 { ICW4_8086 = 1, ICW4_AEOI = 2, ICW4_SFNM = 0x10 };
enum pic_ocw2 { OCW2_EOI = 0x20, OCW2_SPECIFIC = 0x40, OCW2_ROTATE = 0x80 };
enum pic_ocw3 { OCW3_RIS = 1, OCW3_RR = 2, OCW3_POLL = 4, OCW3 = 8, OCW3_SMM = 0x20, OCW3_ESMM = 0x40 };

/* What the next write to the data port is. */
enum pic_step { STEP_OCW1, STEP_ICW2, STEP_ICW3, STEP_ICW4 };

struct pic_chip {
    uint8_t lines;           /* levels of the inputs */
    uint8_t irr, isr, imr;
    uint8_t elcr;            /* level-triggered inputs */
    uint8_t base;            /* ICW2 */
    uint8_t icw1, icw3, icw4;
    uint8_t step;            /* enum pic_step */
    uint8_t lowest;          /* input of the lowest priority */
    uint8_t rotate_aeoi, special_mask, poll, read_isr;
};

/* Owner: the device lock. */
struct i8259 {
    struct device dev;
    struct pic_chip chip[2];         /* master, slave */
};

/* ---- priorities -------------------------------------------------------------------------------- */

static bool level_triggered(const struct pic_chip *c, unsigned n)
{
    return c->icw1 & ICW1_LTIM || c->elcr & BIT(n);
}

/* Place of the input of highest priority among mask: 0 the highest, 8 when there is none. */
static unsigned rank(const struct pic_chip *c, uint8_t mask)
{
    for (unsigned r = 0; r < 8; r++)
        if (mask & BIT((c->lowest + 1 + r) & 7))
            return r;
    return 8;
}

static unsigned at_rank(const struct pic_chip *c, unsigned r)
{
    return (c->lowest + 1 + r) & 7;
}

/* The input that is to be served now, or -1. In special mask mode masked levels in service block nothing; in the special fully nested
 * mode the slave may come again while it is in service. */
static int highest(const struct pic_chip *c, bool master)
{
    uint8_t blocking = c->isr;
    unsigned r = rank(c, c->irr & (uint8_t)~c->imr);

    if (c->special_mask)
        blocking &= (uint8_t)~c->imr;
    if (master && c->icw4 & ICW4_SFNM)
        blocking &= (uint8_t)~BIT(PIC_CASCADE);
    return r < rank(c, blocking) ? (int)at_rank(c, r) : -1;
}

static void update_irq(struct i8259 *s)
{
    struct pic_chip *m = &s->chip[0];

    if (highest(&s->chip[1], false) >= 0)
        m->irr |= BIT(PIC_CASCADE);
    else
        m->irr &= (uint8_t)~BIT(PIC_CASCADE);
    irq_set(s->dev.out[0], highest(m, true) >= 0);
}

static void pic_set_irq(void *opaque, int n, bool level)
{
    struct i8259 *s = opaque;
    struct pic_chip *c = &s->chip[n >> 3];
    unsigned in = n & 7, bit = BIT(in);

    if (n == PIC_CASCADE)
        return;
    if (level_triggered(c, in))
        c->irr = (uint8_t)(level ? c->irr | bit : c->irr & ~bit);
    else if (level && !(c->lines & bit))
        c->irr |= (uint8_t)bit;
    c->lines = (uint8_t)(level ? c->lines | bit : c->lines & ~bit);
    update_irq(s);
}

/* ---- acknowledge ------------------------------------------------------------------------------- */

static void end_of_interrupt(struct pic_chip *c, unsigned n, bool rotate)
{
    c->isr &= (uint8_t)~BIT(n);
    if (rotate)
        c->lowest = (uint8_t)n;
}

/* The chip takes the input into service; 7 without a request leaves no trace. */
static unsigned acknowledge(struct pic_chip *c, bool master)
{
    int n = highest(c, master);

    if (n < 0)
        return PIC_SPURIOUS;
    if (!level_triggered(c, (unsigned)n))
        c->irr &= (uint8_t)~BIT(n);
    c->isr |= (uint8_t)BIT(n);
    if (c->icw4 & ICW4_AEOI)
        end_of_interrupt(c, (unsigned)n, c->rotate_aeoi);
    return (unsigned)n;
}

int i8259_acknowledge(struct device *pic)
{
    struct i8259 *s = (struct i8259 *)pic;
    struct pic_chip *m = &s->chip[0], *slave = &s->chip[1];
    bool real = highest(m, true) >= 0;
    unsigned n = acknowledge(m, true);
    int vector = m->base + (int)n;

    if (real && n == PIC_CASCADE)
        vector = slave->base + (int)acknowledge(slave, false);
    update_irq(s);
    return vector;
}

bool i8259_pending(struct device *pic)
{
    return highest(&((struct i8259 *)pic)->chip[0], true) >= 0;
}

static int cpu_acknowledge(void *opaque, enum x86_line line)
{
    return line == X86_INTR && i8259_pending(opaque) ? i8259_acknowledge(opaque) : -1;
}

const struct cpu_apic_ops i8259_cpu_ops = { .acknowledge = cpu_acknowledge };

/* ---- registers --------------------------------------------------------------------------------- */

/* ICW1 clears the mask, the edge latches, and the modes; IR7 is lowest. */
static void write_icw1(struct pic_chip *c, uint8_t v)
{
    c->icw1 = v;
    c->irr = c->isr = c->imr = 0;
    for (unsigned n = 0; n < 8; n++)
        if (level_triggered(c, n) && c->lines & BIT(n))
            c->irr |= (uint8_t)BIT(n);
    c->lowest = 7;
    c->special_mask = c->poll = c->read_isr = c->rotate_aeoi = 0;
    c->icw4 = 0;
    c->step = STEP_ICW2;
    if (!(v & ICW1_IC4))
        log_unimp("i8259: MCS-80/85 mode");
}

static void write_ocw2(struct pic_chip *c, uint8_t v)
{
    unsigned n = v & 7, r;
    bool rotate = v & OCW2_ROTATE;

    switch (v & (OCW2_ROTATE | OCW2_SPECIFIC | OCW2_EOI)) {
    case OCW2_EOI:
    case OCW2_EOI | OCW2_ROTATE:
        /* Not specific: the highest in service; levels that special mask mode masks are not ended by it. */
        r = rank(c, c->special_mask ? c->isr & (uint8_t)~c->imr : c->isr);
        if (r < 8)
            end_of_interrupt(c, at_rank(c, r), rotate);
        break;
    case OCW2_EOI | OCW2_SPECIFIC:
    case OCW2_EOI | OCW2_SPECIFIC | OCW2_ROTATE:
        end_of_interrupt(c, n, rotate);
        break;
    case OCW2_ROTATE | OCW2_SPECIFIC:
        c->lowest = (uint8_t)n;
        break;
    case OCW2_ROTATE:
    case 0:
        c->rotate_aeoi = rotate;
        break;
    }                                /* OCW2_SPECIFIC alone: no operation */
}

static void write_ocw3(struct pic_chip *c, uint8_t v)
{
    if (v & OCW3_ESMM)
        c->special_mask = v & OCW3_SMM ? 1 : 0;
    c->poll = v & OCW3_POLL ? 1 : 0;
    if (v & OCW3_RR)
        c->read_isr = v & OCW3_RIS;
}

static void write_data(struct pic_chip *c, uint8_t v)
{
    switch (c->step) {
    case STEP_ICW2:
        c->base = v & 0xf8;
        c->step = c->icw1 & ICW1_SNGL ? (c->icw1 & ICW1_IC4 ? STEP_ICW4 : STEP_OCW1) : STEP_ICW3;
        break;
    case STEP_ICW3:
        c->icw3 = v;
        c->step = c->icw1 & ICW1_IC4 ? STEP_ICW4 : STEP_OCW1;
        break;
    case STEP_ICW4:
        c->icw4 = v & 0x1f;
        c->step = STEP_OCW1;
        break;
    default:
        c->imr = v;
        break;
    }
}

/* A read after the poll command is an acknowledge. */
static uint8_t poll(struct i8259 *s, struct pic_chip *c)
{
    bool master = c == &s->chip[0], real = highest(c, master) >= 0;
    unsigned n = acknowledge(c, master);

    c->poll = 0;
    update_irq(s);
    return real ? (uint8_t)(0x80 | n) : 0;
}

static uint64_t chip_read(struct i8259 *s, struct pic_chip *c, uint64_t off)
{
    if (c->poll)
        return poll(s, c);
    if (off)
        return c->imr;
    return c->read_isr ? c->isr : c->irr;
}

static void chip_write(struct i8259 *s, struct pic_chip *c, uint64_t off, uint8_t v)
{
    if (off)
        write_data(c, v);
    else if (v & ICW1)
        write_icw1(c, v);
    else if (v & OCW3)
        write_ocw3(c, v);
    else
        write_ocw2(c, v);
    update_irq(s);
}

static uint64_t master_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8259 *s = opaque;

    (void)size;
    return chip_read(s, &s->chip[0], off);
}

static void master_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8259 *s = opaque;

    (void)size;
    chip_write(s, &s->chip[0], off, (uint8_t)val);
}

static uint64_t slave_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8259 *s = opaque;

    (void)size;
    return chip_read(s, &s->chip[1], off);
}

static void slave_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8259 *s = opaque;

    (void)size;
    chip_write(s, &s->chip[1], off, (uint8_t)val);
}

static uint64_t elcr_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8259 *s = opaque;

    (void)size;
    return s->chip[off].elcr;
}

/* IRQ 0, 1, 2, 8 and 13 cannot be level-triggered. */
static void elcr_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8259 *s = opaque;
    struct pic_chip *c = &s->chip[off];

    (void)size;
    c->elcr = (uint8_t)val & (off ? 0xde : 0xf8);
    for (unsigned n = 0; n < 8; n++)
        if (level_triggered(c, n))
            c->irr = (uint8_t)(c->lines & BIT(n) ? c->irr | BIT(n) : c->irr & ~BIT(n));
    update_irq(s);
}

static const struct mmio_ops master_ops = { .read = master_read, .write = master_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops slave_ops = { .read = slave_read, .write = slave_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops elcr_ops = { .read = elcr_read, .write = elcr_write, .min_size = 1, .max_size = 1 };

/* ---- the device -------------------------------------------------------------------------------- */

static void i8259_reset(struct device *dev)
{
    struct i8259 *s = (struct i8259 *)dev;

    for (int i = 0; i < 2; i++)
        s->chip[i] = (struct pic_chip){ .lines = s->chip[i].lines, .lowest = 7 };
    update_irq(s);
}

static bool i8259_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "pic", &master_ops, dev, 2);
    device_init_mmio(dev, 1, "pic", &slave_ops, dev, 2);
    device_init_mmio(dev, 2, "elcr", &elcr_ops, dev, 2);
    device_init_in(dev, pic_set_irq, 16);
    device_init_out(dev, 1);
    return true;
}

static bool i8259_post_load(struct device *dev, GError **err)
{
    struct i8259 *s = (struct i8259 *)dev;

    (void)err;
    for (int i = 0; i < 2; i++) {
        struct pic_chip *c = &s->chip[i];

        c->elcr &= i ? 0xde : 0xf8;
        c->base &= 0xf8;
        c->lowest &= 7;
        c->step &= 3;
    }
    update_irq(s);
    return true;
}

#define CHIP_STATE(i)                                                                                                          \
    STATE(struct i8259, chip[i].lines), STATE(struct i8259, chip[i].irr), STATE(struct i8259, chip[i].isr),                    \
    STATE(struct i8259, chip[i].imr), STATE(struct i8259, chip[i].elcr), STATE(struct i8259, chip[i].base),                    \
    STATE(struct i8259, chip[i].icw1), STATE(struct i8259, chip[i].icw3), STATE(struct i8259, chip[i].icw4),                   \
    STATE(struct i8259, chip[i].step), STATE(struct i8259, chip[i].lowest), STATE(struct i8259, chip[i].rotate_aeoi),          \
    STATE(struct i8259, chip[i].special_mask), STATE(struct i8259, chip[i].poll), STATE(struct i8259, chip[i].read_isr)

static const struct state_field i8259_state[] = { CHIP_STATE(0), CHIP_STATE(1), STATE_END };

static const struct device_type i8259_type = {
    .name = "i8259", .desc = "two 8259A interrupt controllers of a PC", .size = sizeof(struct i8259),
    .state = i8259_state,
    .realize = i8259_realize, .reset = i8259_reset, .post_load = i8259_post_load,
};
DEVICE_REGISTER(i8259_type)
