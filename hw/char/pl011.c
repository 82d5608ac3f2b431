/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ARM PrimeCell UART (PL011), DDI 0183G. mmio 0: registers. out 0: UARTINTR, all sources or-ed.
 *
 * It says that it is revision 1, which has FIFOs of 16. Bytes leave as fast as the other end takes them; line settings only
 * decide how long the receive timeout is. Not modelled: DMA, SIR, modem status interrupts (CTS, DSR and DCD are always asserted),
 * sending breaks.
 */
#include "config.h"
#include <string.h>
#include "chardev/chardev.h"
#include "softmmu/device.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

#define PL011_DEPTH 16
#define PL011_CLOCK_HZ 24000000u
#define PL011_TIMEOUT_BITS 32    /* 3.3.10: UARTRTINTR after 32 bit periods without a new character */

enum pl011_reg {
    PL011_DR    = 0x000,     /* 3.3.1 data */
    PL011_RSR   = 0x004,     /* 3.3.2 receive status; any write clears it */
    PL011_FR    = 0x018,     /* 3.3.3 flags, read only */
    PL011_ILPR  = 0x020,     /* 3.3.4 IrDA counter */
    PL011_IBRD  = 0x024,     /* 3.3.5 */
    PL011_FBRD  = 0x028,     /* 3.3.6 */
    PL011_LCR_H = 0x02c,     /* 3.3.7 line control */
    PL011_CR    = 0x030,     /* 3.3.8 control */
    PL011_IFLS  = 0x034,     /* 3.3.9 FIFO levels */
    PL011_IMSC  = 0x038,     /* 3.3.10 */
    PL011_RIS   = 0x03c,     /* 3.3.11 */
    PL011_MIS   = 0x040,     /* 3.3.12 */
    PL011_ICR   = 0x044,     /* 3.3.13 */
    PL011_DMACR = 0x048,     /* 3.3.14 */
    PL011_ID    = 0xfe0,     /* 3.3.15 */
};

enum pl011_dr_bits { DR_FE = 1 << 8, DR_PE = 1 << 9, DR_BE = 1 << 10, DR_OE = 1 << 11 };
enum pl011_fr_bits {
    FR_CTS = 1 << 0, FR_DSR = 1 << 1, FR_DCD = 1 << 2, FR_BUSY = 1 << 3,
    FR_RXFE = 1 << 4, FR_TXFF = 1 << 5, FR_RXFF = 1 << 6, FR_TXFE = 1 << 7,
};
enum pl011_lcr_bits { LCR_BRK = 1 << 0, LCR_FEN = 1 << 4 };
enum pl011_cr_bits {
    CR_UARTEN = 1 << 0, CR_SIREN = 1 << 1, CR_LBE = 1 << 7, CR_TXE = 1 << 8, CR_RXE = 1 << 9,
    CR_MASK = 0xff87,
};
enum pl011_int_bits {
    INT_RX = 1 << 4, INT_TX = 1 << 5, INT_RT = 1 << 6, INT_FE = 1 << 7, INT_PE = 1 << 8,
    INT_BE = 1 << 9, INT_OE = 1 << 10, INT_MASK = 0x7ff,
};

/* UARTPeriphID0-3 (revision 1) and UARTPCellID0-3. */
static const uint8_t pl011_id[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Owner: the device lock. */
struct pl011 {
    struct device dev;
    struct chardev *chr;     /* property; NULL: nothing attached */
    struct timer *timeout;
    bool complained;         /* about data while the transmitter is off: once is enough */

    uint32_t rsr, ilpr, ibrd, fbrd, lcr, cr, ifls, imsc, ris, dmacr;
    uint16_t rx[PL011_DEPTH];        /* characters with their DR_ flags */
    uint32_t rx_head, rx_count;
    uint8_t tx[PL011_DEPTH];
    uint32_t tx_head, tx_count;
};

static uint32_t depth(const struct pl011 *s)
{
    return s->lcr & LCR_FEN ? PL011_DEPTH : 1;
}

static void update_irq(struct pl011 *s)
{
    irq_set(s->dev.out[0], s->ris & s->imsc);
}

/* Characters at which a FIFO interrupts (3.3.9): 1/8, 1/4, 1/2, 3/4, 7/8 of it; the reserved ones count as the last. */
static uint32_t level_of(const struct pl011 *s, unsigned select)
{
    static const uint8_t levels[8] = { 2, 4, 8, 12, 14, 14, 14, 14 };

    return s->lcr & LCR_FEN ? levels[select & 7] : 1;
}

static uint32_t rx_level(const struct pl011 *s)
{
    return level_of(s, s->ifls >> 3);
}

/* ---- sending ----------------------------------------------------------------------------------- */

static void receive(struct pl011 *s, uint16_t ch);

/* Let out what the other end takes. The interrupt comes when the FIFO falls to its level (3.4.2). */
static void drain(struct pl011 *s)
{
    uint32_t limit = s->lcr & LCR_FEN ? level_of(s, s->ifls) : 0, before = s->tx_count;

    while (s->tx_count) {
        if (s->cr & CR_LBE)
            receive(s, s->tx[s->tx_head]);
        else if (s->chr && chardev_write(s->chr, &s->tx[s->tx_head], 1) != 1)
            break;
        s->tx_head = (s->tx_head + 1) % PL011_DEPTH;
        s->tx_count--;
    }
    if (before > s->tx_count && s->tx_count <= limit)
        s->ris |= INT_TX;
    update_irq(s);
}

static void write_data(struct pl011 *s, uint8_t ch)
{
    if ((s->cr & (CR_UARTEN | CR_TXE)) != (CR_UARTEN | CR_TXE) && !s->complained) {
        s->complained = true;
        log_guest_error("pl011: data written while the transmitter is off; sent all the same");
    }
    if (s->tx_count >= depth(s)) {
        log_guest_error("pl011: data written into a full FIFO is lost");
        return;
    }
    s->tx[(s->tx_head + s->tx_count++) % PL011_DEPTH] = ch;
    drain(s);
}

/* ---- receiving --------------------------------------------------------------------------------- */

/* Bit period in ns from the divisors: 16 clocks times (IBRD + FBRD / 64). */
static int64_t bit_ns(const struct pl011 *s)
{
    uint64_t div64 = (uint64_t)s->ibrd * 64 + s->fbrd;

    if (!div64)              /* not set up: as 115200 baud */
        return NS_PER_S / 115200;
    return (int64_t)(div64 * 16 * (uint64_t)NS_PER_S / 64 / PL011_CLOCK_HZ);
}

static void start_timeout(struct pl011 *s)
{
    if (s->rx_count)
        timer_arm(s->timeout, clock_ns(device_clock(&s->dev)) + PL011_TIMEOUT_BITS * bit_ns(s));
    else
        timer_cancel(s->timeout);
}

static void timed_out(void *opaque)
{
    struct pl011 *s = opaque;

    if (!s->rx_count)
        return;
    s->ris |= INT_RT;
    update_irq(s);
}

static void receive(struct pl011 *s, uint16_t ch)
{
    if (s->rx_count >= depth(s)) {
        /* 3.3.1: the overrun flag goes with the next character that fits; the status register shows it at once. */
        s->rsr |= DR_OE >> 8;
        s->ris |= INT_OE;
        update_irq(s);
        return;
    }
    s->rx[(s->rx_head + s->rx_count++) % PL011_DEPTH] = ch;
    if (s->rx_count == rx_level(s))
        s->ris |= INT_RX;
    if (ch & DR_BE)
        s->ris |= INT_BE;
    start_timeout(s);
    update_irq(s);
}

static uint32_t read_data(struct pl011 *s)
{
    uint32_t ch;

    if (!s->rx_count)
        return 0;
    ch = s->rx[s->rx_head];
    s->rx_head = (s->rx_head + 1) % PL011_DEPTH;
    s->rx_count--;
    s->rsr = ch >> 8;
    if (s->rx_count < rx_level(s))
        s->ris &= ~(uint32_t)INT_RX;
    if (!s->rx_count) {
        s->ris &= ~(uint32_t)INT_RT;
        timer_cancel(s->timeout);
    }
    update_irq(s);
    if (s->chr)
        chardev_accept_input(s->chr);
    return ch;
}

static int pl011_can_read(void *opaque)
{
    struct pl011 *s = opaque;

    if (!(s->cr & CR_RXE) || s->cr & CR_LBE)
        return 0;
    return s->rx_count < depth(s) ? (int)(depth(s) - s->rx_count) : 0;
}

static void pl011_read_chr(void *opaque, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++)
        receive(opaque, buf[i]);
}

static void pl011_event(void *opaque, enum chardev_event event)
{
    struct pl011 *s = opaque;

    if (event == CHARDEV_BREAK && !(s->cr & CR_LBE))
        receive(s, DR_BE);
    else if (event == CHARDEV_WRITABLE)
        drain(s);
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint32_t flags(const struct pl011 *s)
{
    uint32_t fr = FR_CTS | FR_DSR | FR_DCD;

    if (!s->tx_count)
        fr |= FR_TXFE;
    else
        fr |= FR_BUSY;
    if (s->tx_count >= depth(s))
        fr |= FR_TXFF;
    if (!s->rx_count)
        fr |= FR_RXFE;
    if (s->rx_count >= depth(s))
        fr |= FR_RXFF;
    return fr;
}

static uint64_t pl011_read(void *opaque, uint64_t off, unsigned size)
{
    struct pl011 *s = opaque;

    (void)size;
    switch (off) {
    case PL011_DR:
        return read_data(s);
    case PL011_RSR:
        return s->rsr;
    case PL011_FR:
        return flags(s);
    case PL011_ILPR:
        return s->ilpr;
    case PL011_IBRD:
        return s->ibrd;
    case PL011_FBRD:
        return s->fbrd;
    case PL011_LCR_H:
        return s->lcr;
    case PL011_CR:
        return s->cr;
    case PL011_IFLS:
        return s->ifls;
    case PL011_IMSC:
        return s->imsc;
    case PL011_RIS:
        return s->ris;
    case PL011_MIS:
        return s->ris & s->imsc;
    case PL011_DMACR:
        return s->dmacr;
    case PL011_ID ... 0xfff:
        return off & 3 ? 0 : pl011_id[(off - PL011_ID) / 4];
    default:
        log_guest_error("pl011: read of offset 0x%x", (unsigned)off);
        return 0;
    }
}

/* Switching the FIFOs on or off empties them. */
static void write_lcr(struct pl011 *s, uint32_t v)
{
    if ((v ^ s->lcr) & LCR_FEN) {
        s->rx_head = s->rx_count = s->tx_head = s->tx_count = 0;
        s->ris &= ~(uint32_t)(INT_RX | INT_RT);
        timer_cancel(s->timeout);
    }
    if (v & LCR_BRK)
        log_unimp("pl011: sending a break");
    s->lcr = v & 0xff;
    update_irq(s);
    if (s->chr)
        chardev_accept_input(s->chr);
}

static void write_cr(struct pl011 *s, uint32_t v)
{
    s->cr = v & CR_MASK;
    if (v & CR_SIREN)
        log_unimp("pl011: infrared mode");
    if (s->chr)
        chardev_accept_input(s->chr);
}

static void pl011_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct pl011 *s = opaque;
    uint32_t v = (uint32_t)val;

    (void)size;
    switch (off) {
    case PL011_DR:
        write_data(s, v & 0xff);
        break;
    case PL011_RSR:
        s->rsr = 0;
        break;
    case PL011_ILPR:
        s->ilpr = v & 0xff;
        break;
    case PL011_IBRD:
        s->ibrd = v & 0xffff;
        break;
    case PL011_FBRD:
        s->fbrd = v & 0x3f;
        break;
    case PL011_LCR_H:
        write_lcr(s, v);
        break;
    case PL011_CR:
        write_cr(s, v);
        break;
    case PL011_IFLS:
        s->ifls = v & 0x3f;
        break;
    case PL011_IMSC:
        s->imsc = v & INT_MASK;
        update_irq(s);
        break;
    case PL011_ICR:
        s->ris &= ~v;
        update_irq(s);
        break;
    case PL011_DMACR:
        s->dmacr = v & 7;
        if (v & 3)
            log_unimp("pl011: DMA");
        break;
    default:
        log_guest_error("pl011: write of offset 0x%x", (unsigned)off);
    }
}

/* ---- the device -------------------------------------------------------------------------------- */

static void pl011_reset(struct device *dev)
{
    struct pl011 *s = (struct pl011 *)dev;

    s->rsr = s->ilpr = s->ibrd = s->fbrd = s->lcr = s->imsc = s->ris = s->dmacr = 0;
    s->rx_head = s->rx_count = s->tx_head = s->tx_count = 0;
    s->cr = CR_TXE | CR_RXE;
    s->ifls = 0x12;
    s->complained = false;
    timer_cancel(s->timeout);
    update_irq(s);
    if (s->chr)
        chardev_accept_input(s->chr);
}

static const struct mmio_ops pl011_ops = { .read = pl011_read, .write = pl011_write };

static bool pl011_realize(struct device *dev, GError **err)
{
    struct pl011 *s = (struct pl011 *)dev;

    (void)err;
    device_init_mmio(dev, 0, "pl011", &pl011_ops, s, 0x1000);
    device_init_out(dev, 1);
    s->timeout = timer_new(device_loop(dev), device_clock(dev), timed_out, s);
    s->cr = CR_TXE | CR_RXE;
    if (s->chr)
        chardev_set_handlers(s->chr, pl011_can_read, pl011_read_chr, pl011_event, s);
    return true;
}

static void pl011_unrealize(struct device *dev)
{
    struct pl011 *s = (struct pl011 *)dev;

    if (s->chr)
        chardev_set_handlers(s->chr, NULL, NULL, NULL, NULL);
    timer_free(s->timeout);
}

static bool pl011_post_load(struct device *dev, GError **err)
{
    struct pl011 *s = (struct pl011 *)dev;

    if (s->rx_head >= PL011_DEPTH || s->tx_head >= PL011_DEPTH || s->rx_count > depth(s) ||
        s->tx_count > depth(s)) {
        g_set_error(err, g_quark_from_static_string("pl011"), 0, "FIFO counts out of range");
        return false;
    }
    start_timeout(s);
    update_irq(s);
    return true;
}

static const struct device_prop pl011_props[] = {
    PROP(struct pl011, chr, "chardev", PROP_CHARDEV, 0, "where its bytes go"),
    PROP_END
};

static const struct state_field pl011_state[] = {
    STATE(struct pl011, rsr), STATE(struct pl011, ilpr), STATE(struct pl011, ibrd), STATE(struct pl011, fbrd),
    STATE(struct pl011, lcr), STATE(struct pl011, cr), STATE(struct pl011, ifls), STATE(struct pl011, imsc),
    STATE(struct pl011, ris), STATE(struct pl011, dmacr),
    STATE_ARRAY(struct pl011, rx), STATE(struct pl011, rx_head), STATE(struct pl011, rx_count),
    STATE_ARRAY(struct pl011, tx), STATE(struct pl011, tx_head), STATE(struct pl011, tx_count),
    STATE_END
};

static const struct device_type pl011_type = {
    .name = "pl011", .desc = "ARM PrimeCell UART", .size = sizeof(struct pl011),
    .props = pl011_props, .state = pl011_state,
    .realize = pl011_realize, .reset = pl011_reset, .unrealize = pl011_unrealize, .post_load = pl011_post_load,
};
DEVICE_REGISTER(pl011_type)
