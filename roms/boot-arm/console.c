/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console: PL011 (ARM DDI 0183G) of machine virt. Output waits for room; input comes by interrupt into a ring. */
#include "roms/boot-arm/demo.h"

#define UART 0x09000000u
enum uart_reg { DR = 0x00, FR = 0x18, LCR_H = 0x2c, CR = 0x30, IMSC = 0x38, ICR = 0x44 };
enum uart_bit { FR_RXFE = 1 << 4, FR_TXFF = 1 << 5, LCR_FIFO_8BIT = 0x70, CR_ON = 0x301, INT_RX_TIMEOUT = 0x50 };

static struct {
    volatile uint32_t in, out;
    char ring[64];
} typed;

void console_init(void)
{
    write32(UART + LCR_H, LCR_FIFO_8BIT);
    write32(UART + CR, CR_ON);
    write32(UART + IMSC, INT_RX_TIMEOUT);
}

void console_interrupt(void)
{
    while (!(read32(UART + FR) & FR_RXFE)) {
        char c = (char)read32(UART + DR);

        if (typed.in - typed.out < sizeof(typed.ring))
            typed.ring[typed.in++ % sizeof(typed.ring)] = c;
    }
    write32(UART + ICR, INT_RX_TIMEOUT);
}

int get_char(void)
{
    if (typed.in == typed.out)
        return -1;
    return (unsigned char)typed.ring[typed.out++ % sizeof(typed.ring)];
}

void put_char(char c)
{
    if (c == '\n')
        put_char('\r');
    while (read32(UART + FR) & FR_TXFF)
        ;
    write32(UART + DR, (uint8_t)c);
}

void put(const char *text)
{
    while (*text)
        put_char(*text++);
}

void put_number(uint32_t v)
{
    char digits[11], *p = digits + sizeof(digits) - 1;

    *p = 0;
    do {
        *--p = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    put(p);
}

void put_hex(uint32_t v)
{
    put("0x");
    for (int shift = 28; shift >= 0; shift -= 4)
        put_char("0123456789abcdef"[v >> shift & 15]);
}
