/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PS/2 keyboard and a PS/2 mouse (IBM Personal System/2 technical reference, keyboard and mouse sections; IntelliMouse's wheel and five
 * buttons): what they answer to bytes of the host, and what they send by themselves. They are parts of a controller, which holds the
 * structs, asks for the next byte when its buffer is free, and has them in its state table.
 */
#ifndef HW_INPUT_PS2_H
#define HW_INPUT_PS2_H

#include <stdbool.h>
#include <stdint.h>

#define PS2_QUEUE 32
#define PS2_REPLY 8

/* Bytes to the host: answers go before what happened. */
struct ps2_port {
    uint8_t queue[PS2_QUEUE], reply[PS2_REPLY];
    uint8_t head, count, nreply;
    uint8_t last;            /* sent last, for resend */
    uint8_t command;         /* waits for its argument, 0: none */
};

struct ps2_keyboard {
    struct ps2_port port;
    uint8_t enabled, set;    /* scanning; scan code set 1 or 2 */
    uint8_t leds, rate;
};

struct ps2_mouse {
    struct ps2_port port;
    uint8_t enabled, remote, wrap, scaling;
    uint8_t resolution, rate;
    uint8_t type;            /* 0; 3 with a wheel; 4 with five buttons too */
    uint8_t knock;           /* how much of a sequence of rates that unlocks a type was seen */
    uint8_t buttons, changed;
    int32_t dx, dy, dz;      /* not reported yet */
};

void ps2_keyboard_reset(struct ps2_keyboard *k);
void ps2_keyboard_write(struct ps2_keyboard *k, uint8_t byte);
/* A key (softmmu/input.h) goes down or up. */
void ps2_keyboard_key(struct ps2_keyboard *k, unsigned key, bool down);
/* A code of set 2 as set 1 has it, apart from breaks. */
uint8_t ps2_translate(uint8_t code);

void ps2_mouse_reset(struct ps2_mouse *m);
void ps2_mouse_write(struct ps2_mouse *m, uint8_t byte);
/* dy counts upwards here, as the mouse does. */
void ps2_mouse_move(struct ps2_mouse *m, int dx, int dy, int dz, unsigned buttons);
/* Put a packet into the queue if there is something to report and room. */
void ps2_mouse_report(struct ps2_mouse *m);

/* The next byte for the host, or -1. */
int ps2_next(struct ps2_port *p);
/* Impossible state is made possible. */
void ps2_sanitize(struct ps2_port *p);

#define PS2_PORT_STATE(TYPE, p)                                                                                \
    STATE_ARRAY(TYPE, p.queue), STATE_ARRAY(TYPE, p.reply), STATE(TYPE, p.head), STATE(TYPE, p.count),         \
    STATE(TYPE, p.nreply), STATE(TYPE, p.last), STATE(TYPE, p.command)
#define PS2_KEYBOARD_STATE(TYPE, k)                                                                            \
    PS2_PORT_STATE(TYPE, k.port), STATE(TYPE, k.enabled), STATE(TYPE, k.set), STATE(TYPE, k.leds), STATE(TYPE, k.rate)
#define PS2_MOUSE_STATE(TYPE, m)                                                                               \
    PS2_PORT_STATE(TYPE, m.port), STATE(TYPE, m.enabled), STATE(TYPE, m.remote), STATE(TYPE, m.wrap),          \
    STATE(TYPE, m.scaling), STATE(TYPE, m.resolution), STATE(TYPE, m.rate), STATE(TYPE, m.type),               \
    STATE(TYPE, m.knock), STATE(TYPE, m.buttons), STATE(TYPE, m.changed), STATE(TYPE, m.dx),                   \
    STATE(TYPE, m.dy), STATE(TYPE, m.dz)

#endif
