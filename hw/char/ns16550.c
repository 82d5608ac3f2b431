/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UART with FIFOs, NS16550A (National Semiconductor PC16550D data sheet), as a serial port of a PC: ns16550.h says what its region and
 * line are.
 *
 * Bytes leave as fast as the other end takes them; line settings only decide how long the receive time-out is. DSR, CTS and DCD are
 * asserted while somebody is at the other end. The interrupt does not depend on OUT2, with which a PC's cards gate it. Not modelled: DMA
 * modes, parity and framing errors, sending breaks.
 */
#include "config.h"
#include <string.h>
#include "chardev/chardev.h"
#include "hw/char/ns16550.h"
#include "hw/misc/isa.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/timer.h"

#define UART_FIFO 16
#define UART_HZ 1843200
#define UART_TIMEOUT_CHARS 4

enum uart_reg { UART_DATA, UART_IER, UART_IIR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };
enum uart_ier { IER_RX = 1, IER_TX = 2, IER_LINE = 4, IER_MODEM = 8, IER_MASK = 0xf };
enum uart_iir { IIR_NONE = 1, IIR_MODEM = 0, IIR_TX = 2, IIR_RX = 4, IIR_LINE = 6, IIR_TIMEOUT = 0xc, IIR_FIFO = 0xc0 };
enum uart_fcr { FCR_ENABLE = 1, FCR_CLEAR_RX = 2, FCR_CLEAR_TX = 4, FCR_KEPT = 0xc9 };
enum uart_lcr { LCR_STOP = 4, LCR_PARITY = 8, LCR_BREAK = 0x40, LCR_DLAB = 0x80 };
enum uart_mcr { MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 0x10, MCR_MASK = 0x1f };
enum uart_lsr { LSR_DR = 1, LSR_OE = 2, LSR_PE = 4, LSR_FE = 8, LSR_BI = 0x10, LSR_THRE = 0x20, LSR_TEMT = 0x40, LSR_ERROR = 0x80 };
enum uart_msr { MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80, MSR_TERI = 4 };

/* Owner: the device lock. */
struct ns16550 {
    struct isa_device isa;
    struct chardev *chr;     /* properties; chr NULL: nothing attached */
    uint32_t index;
    struct timer *timeout;

    uint8_t ier, fcr, lcr, mcr, lsr, msr, scr;
    uint16_t divisor;
    uint8_t tx_pending;      /* the transmitter's interrupt waits to be seen */
    uint8_t timed_out;
    uint16_t rx[UART_FIFO];  /* characters, with LSR_BI << 8 */
    uint8_t tx[UART_FIFO];
    uint8_t rx_head, rx_count, tx_head, tx_count;
};

static unsigned depth(const struct ns16550 *s)
{
    return s->fcr & FCR_ENABLE ? UART_FIFO : 1;
}

static unsigned rx_trigger(const struct ns16550 *s)
{
    static const uint8_t levels[4] = { 1, 4, 8, 14 };

    return s->fcr & FCR_ENABLE ? levels[s->fcr >> 6] : 1;
}

/* The interrupt of highest priority, IIR_NONE without one. */
static uint8_t pending(const struct ns16550 *s)
{
    if (s->ier & IER_LINE && s->lsr & (LSR_OE | LSR_PE | LSR_FE | LSR_BI))
        return IIR_LINE;
    if (s->ier & IER_RX && s->rx_count >= rx_trigger(s))
        return IIR_RX;
    if (s->ier & IER_RX && s->timed_out)
        return IIR_TIMEOUT;
    if (s->ier & IER_TX && s->tx_pending)
        return IIR_TX;
    if (s->ier & IER_MODEM && s->msr & 0xf)
        return IIR_MODEM;
    return IIR_NONE;
}

static void update_irq(struct ns16550 *s)
{
    irq_set(s->isa.dev.out[0], pending(s) != IIR_NONE);
}

/* ---- sending ----------------------------------------------------------------------------------- */

static void receive(struct ns16550 *s, uint16_t ch);

static void drain(struct ns16550 *s)
{
    while (s->tx_count) {
        if (s->mcr & MCR_LOOP)
            receive(s, s->tx[s->tx_head]);
        else if (s->chr && chardev_write(s->chr, &s->tx[s->tx_head], 1) != 1)
            return;
        s->tx_head = (s->tx_head + 1) % UART_FIFO;
        s->tx_count--;
    }
    if (!(s->lsr & LSR_THRE))
        s->tx_pending = 1;
    s->lsr |= LSR_THRE | LSR_TEMT;
}

static void write_data(struct ns16550 *s, uint8_t ch)
{
    if (s->tx_count >= depth(s))
        log_guest_error("ns16550: data written into a full FIFO is lost");
    else
        s->tx[(s->tx_head + s->tx_count++) % UART_FIFO] = ch;
    s->tx_pending = 0;
    s->lsr &= (uint8_t)~(LSR_THRE | LSR_TEMT);
    update_irq(s);
    drain(s);
    update_irq(s);
}

/* ---- receiving --------------------------------------------------------------------------------- */

/* Four characters' time. */
static int64_t timeout_ns(const struct ns16550 *s)
{
    int64_t bits = 1 + 5 + (s->lcr & 3) + (s->lcr & LCR_PARITY ? 1 : 0) + (s->lcr & LCR_STOP ? 2 : 1);

    return bits * UART_TIMEOUT_CHARS * 16 * (s->divisor ? s->divisor : 1) * NS_PER_S / UART_HZ;
}

static void start_timeout(struct ns16550 *s)
{
    if (s->rx_count && s->fcr & FCR_ENABLE && !s->timed_out)
        timer_arm(s->timeout, clock_ns(device_clock(&s->isa.dev)) + timeout_ns(s));
    else
        timer_cancel(s->timeout);
}

static void timeout_due(void *opaque)
{
    struct ns16550 *s = opaque;

    if (s->rx_count)
        s->timed_out = 1;
    update_irq(s);
}

/* Line status shows the errors of the character that is read next. */
static void show_next(struct ns16550 *s)
{
    s->lsr &= (uint8_t)~(LSR_DR | LSR_ERROR);
    if (s->rx_count) {
        s->lsr |= (uint8_t)(LSR_DR | s->rx[s->rx_head] >> 8);
        s->rx[s->rx_head] &= 0xff;
    }
    for (unsigned i = 0; i < s->rx_count && s->fcr & FCR_ENABLE; i++)
        if (s->rx[(s->rx_head + i) % UART_FIFO] >> 8)
            s->lsr |= LSR_ERROR;
}

static void receive(struct ns16550 *s, uint16_t ch)
{
    if (s->rx_count >= depth(s)) {
        s->lsr |= LSR_OE;            /* FIFO: the new one is lost; else it takes the old one's place */
        if (!(s->fcr & FCR_ENABLE))
            s->rx[s->rx_head] = ch;
    } else {
        s->rx[(s->rx_head + s->rx_count++) % UART_FIFO] = ch;
    }
    show_next(s);
    start_timeout(s);
    update_irq(s);
}

static uint8_t read_data(struct ns16550 *s)
{
    uint8_t ch = (uint8_t)s->rx[s->rx_head];

    if (!s->rx_count)
        return 0;
    s->rx_head = (s->rx_head + 1) % UART_FIFO;
    s->rx_count--;
    s->timed_out = 0;
    show_next(s);
    start_timeout(s);
    update_irq(s);
    if (s->chr)
        chardev_accept_input(s->chr);
    return ch;
}

static int uart_can_read(void *opaque)
{
    struct ns16550 *s = opaque;

    return s->mcr & MCR_LOOP || s->rx_count >= depth(s) ? 0 : (int)(depth(s) - s->rx_count);
}

static void uart_read_chr(void *opaque, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++)
        receive(opaque, buf[i]);
}

/* ---- modem lines ------------------------------------------------------------------------------- */

/* A change sets the line's delta bit; RI's counts when it falls. */
static void update_modem(struct ns16550 *s)
{
    uint8_t lines, delta;

    if (s->mcr & MCR_LOOP)
        lines = (uint8_t)((s->mcr & MCR_RTS ? MSR_CTS : 0) | (s->mcr & MCR_DTR ? MSR_DSR : 0) | (s->mcr & MCR_OUT1 ? MSR_RI : 0) |
                          (s->mcr & MCR_OUT2 ? MSR_DCD : 0));
    else
        lines = !s->chr || chardev_is_open(s->chr) ? MSR_CTS | MSR_DSR | MSR_DCD : 0;
    delta = (uint8_t)((s->msr ^ lines) >> 4);
    if (lines & MSR_RI)
        delta &= (uint8_t)~MSR_TERI;
    s->msr = lines | (s->msr & 0xf) | delta;
    update_irq(s);
}

static void uart_event(void *opaque, enum chardev_event event)
{
    struct ns16550 *s = opaque;

    if (event == CHARDEV_BREAK && !(s->mcr & MCR_LOOP))
        receive(s, LSR_BI << 8);
    else if (event == CHARDEV_WRITABLE)
        drain(s);
    else if (event == CHARDEV_OPENED || event == CHARDEV_CLOSED)
        update_modem(s);
    update_irq(s);
}

/* ---- registers --------------------------------------------------------------------------------- */

static uint8_t read_iir(struct ns16550 *s)
{
    uint8_t v = pending(s);

    if (v == IIR_TX) {
        s->tx_pending = 0;
        update_irq(s);
    }
    return v | (s->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_lsr(struct ns16550 *s)
{
    uint8_t v = s->lsr;

    s->lsr &= (uint8_t)~(LSR_OE | LSR_PE | LSR_FE | LSR_BI);
    update_irq(s);
    return v;
}

static uint8_t read_msr(struct ns16550 *s)
{
    uint8_t v = s->msr;

    s->msr &= 0xf0;
    update_irq(s);
    return v;
}

static uint64_t uart_read(void *opaque, uint64_t off, unsigned size)
{
    struct ns16550 *s = opaque;
    bool dlab = s->lcr & LCR_DLAB;

    (void)size;
    switch (off) {
    case UART_DATA:
        return dlab ? s->divisor & 0xff : read_data(s);
    case UART_IER:
        return dlab ? s->divisor >> 8 : s->ier;
    case UART_IIR:
        return read_iir(s);
    case UART_LCR:
        return s->lcr;
    case UART_MCR:
        return s->mcr;
    case UART_LSR:
        return read_lsr(s);
    case UART_MSR:
        return read_msr(s);
    default:
        return s->scr;
    }
}

/* Enabling the transmitter's interrupt while the register is empty raises it. */
static void write_ier(struct ns16550 *s, uint8_t v)
{
    if (v & ~s->ier & IER_TX && s->lsr & LSR_THRE)
        s->tx_pending = 1;
    s->ier = v & IER_MASK;
    update_irq(s);
}

static void write_fcr(struct ns16550 *s, uint8_t v)
{
    bool toggled = (v ^ s->fcr) & FCR_ENABLE;

    if (toggled || v & FCR_CLEAR_RX) {
        s->rx_head = s->rx_count = s->timed_out = 0;
        timer_cancel(s->timeout);
    }
    if (toggled || v & FCR_CLEAR_TX) {
        s->tx_head = s->tx_count = 0;
        s->lsr |= LSR_THRE | LSR_TEMT;
    }
    s->fcr = v & FCR_ENABLE ? v & FCR_KEPT : 0;
    show_next(s);
    update_irq(s);
    if (s->chr)
        chardev_accept_input(s->chr);
}

static void write_mcr(struct ns16550 *s, uint8_t v)
{
    s->mcr = v & MCR_MASK;
    drain(s);
    update_modem(s);
    if (s->chr)
        chardev_accept_input(s->chr);
}

static void uart_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct ns16550 *s = opaque;
    bool dlab = s->lcr & LCR_DLAB;
    uint8_t v = (uint8_t)val;

    (void)size;
    switch (off) {
    case UART_DATA:
        if (dlab)
            s->divisor = (s->divisor & 0xff00) | v;
        else
            write_data(s, v);
        break;
    case UART_IER:
        if (dlab)
            s->divisor = (uint16_t)((s->divisor & 0xff) | v << 8);
        else
            write_ier(s, v);
        break;
    case UART_IIR:
        write_fcr(s, v);
        break;
    case UART_LCR:
        if (v & ~s->lcr & LCR_BREAK)
            log_unimp("ns16550: sending a break");
        s->lcr = v;
        break;
    case UART_MCR:
        write_mcr(s, v);
        break;
    case UART_SCR:
        s->scr = v;
        break;
    default:
        log_guest_error("ns16550: write of a status register");
    }
}

/* ---- the device -------------------------------------------------------------------------------- */

static void uart_reset(struct device *dev)
{
    struct ns16550 *s = (struct ns16550 *)dev;

    s->ier = s->fcr = s->lcr = s->mcr = s->scr = 0;
    s->lsr = LSR_THRE | LSR_TEMT;
    s->divisor = 12;
    s->tx_pending = s->timed_out = 0;
    s->rx_head = s->rx_count = s->tx_head = s->tx_count = 0;
    timer_cancel(s->timeout);
    update_modem(s);
    s->msr &= 0xf0;
    update_irq(s);
    if (s->chr)
        chardev_accept_input(s->chr);
}

static const struct mmio_ops uart_ops = { .read = uart_read, .write = uart_write, .min_size = 1, .max_size = 1 };

static bool uart_realize(struct device *dev, GError **err)
{
    struct ns16550 *s = (struct ns16550 *)dev;

    if (s->index >= NS16550_PORTS && !(s->isa.iobase && s->isa.irq)) {
        g_set_error(err, g_quark_from_static_string("ns16550"), 0,
                    "there is no place for port %u; give index=0 to %d, or iobase= and irq=", s->index, NS16550_PORTS - 1);
        return false;
    }
    if (!s->isa.iobase)
        s->isa.iobase = ns16550_iobase[s->index];
    if (!s->isa.irq)
        s->isa.irq = ns16550_irq[s->index];
    device_init_mmio(dev, 0, "serial", &uart_ops, s, 8);
    device_init_out(dev, 1);
    s->timeout = timer_new(device_loop(dev), device_clock(dev), timeout_due, s);
    s->lsr = LSR_THRE | LSR_TEMT;
    if (s->chr)
        chardev_set_handlers(s->chr, uart_can_read, uart_read_chr, uart_event, s);
    return true;
}

static void uart_unrealize(struct device *dev)
{
    struct ns16550 *s = (struct ns16550 *)dev;

    if (s->chr)
        chardev_set_handlers(s->chr, NULL, NULL, NULL, NULL);
    timer_free(s->timeout);
}

static bool uart_post_load(struct device *dev, GError **err)
{
    struct ns16550 *s = (struct ns16550 *)dev;

    if (s->rx_head >= UART_FIFO || s->tx_head >= UART_FIFO || s->rx_count > depth(s) || s->tx_count > depth(s)) {
        g_set_error(err, g_quark_from_static_string("ns16550"), 0, "FIFO counts out of range");
        return false;
    }
    start_timeout(s);
    update_irq(s);
    return true;
}

static const struct device_prop uart_props[] = {
    PROP(struct ns16550, chr, "chardev", PROP_CHARDEV, 0, "where its bytes go"),
    PROP(struct ns16550, index, "index", PROP_U32, 0, "which of the ports it is, 0 (COM1) to 3"),
    ISA_PROP_IOBASE("iobase", 0), ISA_PROP_IRQ(0),
    PROP_END
};

static const struct state_field uart_state[] = {
    STATE(struct ns16550, ier), STATE(struct ns16550, fcr), STATE(struct ns16550, lcr), STATE(struct ns16550, mcr),
    STATE(struct ns16550, lsr), STATE(struct ns16550, msr), STATE(struct ns16550, scr), STATE(struct ns16550, divisor),
    STATE(struct ns16550, tx_pending), STATE(struct ns16550, timed_out), STATE_ARRAY(struct ns16550, rx), STATE_ARRAY(struct ns16550, tx),
    STATE(struct ns16550, rx_head), STATE(struct ns16550, rx_count), STATE(struct ns16550, tx_head), STATE(struct ns16550, tx_count),
    STATE_END
};

static const struct device_type uart_type = {
    .name = "isa-serial", .desc = "16550A serial port of a PC", .size = sizeof(struct ns16550), .user_creatable = true, .bus = "ISA",
    .props = uart_props, .state = uart_state,
    .realize = uart_realize, .reset = uart_reset, .unrealize = uart_unrealize, .post_load = uart_post_load,
};
DEVICE_REGISTER(uart_type)
