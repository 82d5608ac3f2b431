/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PS/2 keyboard and mouse: ps2.h.
 *
 * Not modelled: typematic repeats (who presses a key sends them), scan code set 3 and its per-key modes.
 */
#include "config.h"
#include <string.h>
#include "hw/input/ps2.h"
#include "softmmu/input.h"
#include "util/bits.h"
#include "util/log.h"

enum { PS2_ACK = 0xfa, PS2_RESEND = 0xfe, PS2_PASSED = 0xaa, PS2_ECHO = 0xee };
enum keyboard_command {
    KEYBOARD_LEDS = 0xed, KEYBOARD_ECHO = 0xee, KEYBOARD_SET = 0xf0, KEYBOARD_ID = 0xf2, KEYBOARD_RATE = 0xf3, KEYBOARD_ENABLE = 0xf4,
    KEYBOARD_DISABLE = 0xf5, KEYBOARD_DEFAULTS = 0xf6, KEYBOARD_RESEND = 0xfe, KEYBOARD_RESET = 0xff,
};
enum mouse_command {
    MOUSE_SCALING_1 = 0xe6, MOUSE_SCALING_2 = 0xe7, MOUSE_RESOLUTION = 0xe8, MOUSE_STATUS = 0xe9, MOUSE_STREAM = 0xea,
    MOUSE_READ = 0xeb, MOUSE_WRAP_OFF = 0xec, MOUSE_WRAP_ON = 0xee, MOUSE_REMOTE = 0xf0, MOUSE_ID = 0xf2, MOUSE_RATE = 0xf3,
    MOUSE_ENABLE = 0xf4, MOUSE_DISABLE = 0xf5, MOUSE_DEFAULTS = 0xf6, MOUSE_RESEND = 0xfe, MOUSE_RESET = 0xff,
};
enum mouse_type { MOUSE_PLAIN = 0, MOUSE_WHEEL = 3, MOUSE_FIVE = 4 };

/* Set 2 to set 1, codes below 80h; F7 (83h) and SysRq (84h) are beside the table. */
static const uint8_t set2_to_1[128] = {
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54,
};

uint8_t ps2_translate(uint8_t code)
{
    if (code < 0x80)
        return set2_to_1[code];
    return code == 0x83 ? 0x41 : code == 0x84 ? 0x54 : code;
}

static uint8_t set1_to_2(uint8_t code)
{
    if (code == 0x41)
        return 0x83;
    if (code == 0x54)
        return 0x84;
    for (unsigned i = 1; i < sizeof(set2_to_1); i++)
        if (set2_to_1[i] == code)
            return (uint8_t)i;
    return 0;
}

/* ---- the line to the host ---------------------------------------------------------------------- */

static unsigned room(const struct ps2_port *p)
{
    return PS2_QUEUE - p->count;
}

static void push(struct ps2_port *p, uint8_t byte)
{
    if (room(p))
        p->queue[(p->head + p->count++) % PS2_QUEUE] = byte;
}

static void answer(struct ps2_port *p, uint8_t byte)
{
    if (p->nreply < PS2_REPLY)
        p->reply[p->nreply++] = byte;
}


int ps2_next(struct ps2_port *p)
{
    if (p->nreply) {
        p->last = p->reply[0];
        memmove(p->reply, p->reply + 1, --p->nreply);
    } else if (p->count && !p->command) {
        p->last = p->queue[p->head];
        p->head = (uint8_t)((p->head + 1) % PS2_QUEUE);
        p->count--;
    } else {
        return -1;
    }
    return p->last;
}

void ps2_sanitize(struct ps2_port *p)
{
    p->head %= PS2_QUEUE;
    p->count = (uint8_t)MIN_OF(p->count, PS2_QUEUE);
    p->nreply = (uint8_t)MIN_OF(p->nreply, PS2_REPLY);
}

/* ---- keyboard ---------------------------------------------------------------------------------- */

static void keyboard_defaults(struct ps2_keyboard *k)
{
    k->set = 2;
    k->rate = 0x2b;
    k->port.command = 0;
    k->port.head = k->port.count = 0;
}

void ps2_keyboard_reset(struct ps2_keyboard *k)
{
    memset(k, 0, sizeof(*k));
    keyboard_defaults(k);
    k->enabled = 1;
}

static void keyboard_argument(struct ps2_keyboard *k, uint8_t command, uint8_t v)
{
    switch (command) {
    case KEYBOARD_LEDS:
        k->leds = v & 7;
        break;
    case KEYBOARD_RATE:
        k->rate = v & 0x7f;
        break;
    default:                         /* KEYBOARD_SET: 0 asks which */
        if (v > 2) {
            answer(&k->port, PS2_RESEND);
            log_unimp("ps2: scan code set %u", v);
            return;
        }
        if (v)
            k->set = v;
        break;
    }
    answer(&k->port, PS2_ACK);
    if (command == KEYBOARD_SET && !v)
        answer(&k->port, k->set);
}

static void keyboard_command(struct ps2_keyboard *k, uint8_t v)
{
    struct ps2_port *p = &k->port;

    switch (v) {
    case KEYBOARD_LEDS: case KEYBOARD_SET: case KEYBOARD_RATE:
        p->command = v;
        answer(p, PS2_ACK);
        return;
    case KEYBOARD_ECHO:
        answer(p, PS2_ECHO);
        return;
    case KEYBOARD_ID:
        answer(p, PS2_ACK);
        answer(p, 0xab);
        answer(p, 0x83);
        return;
    case KEYBOARD_RESEND:
        answer(p, p->last);
        return;
    case KEYBOARD_ENABLE:
        p->head = p->count = 0;
        k->enabled = 1;
        break;
    case KEYBOARD_DISABLE:
        keyboard_defaults(k);
        k->enabled = 0;
        break;
    case KEYBOARD_DEFAULTS:
        keyboard_defaults(k);
        break;
    case KEYBOARD_RESET:
        ps2_keyboard_reset(k);
        answer(p, PS2_ACK);
        answer(p, PS2_PASSED);
        return;
    default:
        log_guest_error("ps2: keyboard command 0x%x", v);
        answer(p, PS2_RESEND);
        return;
    }
    answer(p, PS2_ACK);
}

/* A new byte makes what was to be answered before pointless. */
void ps2_keyboard_write(struct ps2_keyboard *k, uint8_t byte)
{
    uint8_t command = k->port.command;

    k->port.nreply = 0;
    k->port.command = 0;
    if (command && byte < 0x80)
        keyboard_argument(k, command, byte);
    else
        keyboard_command(k, byte);
}

/* One code with its prefix and break in the set that is chosen. */
static void push_code(struct ps2_keyboard *k, bool extended, uint8_t code1, bool down)
{
    if (extended)
        push(&k->port, 0xe0);
    if (k->set == 1) {
        push(&k->port, (uint8_t)(code1 | (down ? 0 : 0x80)));
        return;
    }
    if (!down)
        push(&k->port, 0xf0);
    push(&k->port, set1_to_2(code1));
}

static void push_pause(struct ps2_keyboard *k)
{
    static const uint8_t set1[] = { 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5 }, set2[] = { 0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77 };

    for (unsigned i = 0; i < (k->set == 1 ? sizeof(set1) : sizeof(set2)); i++)
        push(&k->port, k->set == 1 ? set1[i] : set2[i]);
}

void ps2_keyboard_key(struct ps2_keyboard *k, unsigned key, bool down)
{
    uint8_t code = key & 0x7f;

    if (!k->enabled || room(&k->port) < 8 || (k->set == 2 && !set1_to_2(code)))
        return;                      /* a key that has no code; or the host does not read: real ones drop, too */
    if (key == INPUT_KEY_PAUSE) {
        if (down)
            push_pause(k);
    } else if (key == INPUT_KEY_PRINT) {
        push_code(k, true, down ? 0x2a : 0x37, down);
        push_code(k, true, down ? 0x37 : 0x2a, down);
    } else {
        push_code(k, key & 0x80, code, down);
    }
}

/* ---- mouse ------------------------------------------------------------------------------------- */

static void mouse_defaults(struct ps2_mouse *m)
{
    m->rate = 100;
    m->resolution = 2;
    m->enabled = m->remote = m->wrap = m->scaling = 0;
    m->dx = m->dy = m->dz = 0;
    m->changed = 0;
    m->knock = 0;
    m->port.command = 0;
    m->port.head = m->port.count = 0;
}

void ps2_mouse_reset(struct ps2_mouse *m)
{
    memset(m, 0, sizeof(*m));
    mouse_defaults(m);
}

static int32_t take(int32_t *from, int32_t limit)
{
    int32_t v = MAX_OF(MIN_OF(*from, limit), -limit - 1);

    *from -= v;
    return v;
}

/* Three or four bytes into the queue, or as an answer. */
static void send_packet(struct ps2_mouse *m, void (*send)(struct ps2_port *, uint8_t))
{
    int32_t dx = take(&m->dx, 255), dy = take(&m->dy, 255);
    struct ps2_port *p = &m->port;

    m->changed = 0;
    send(p, (uint8_t)(8 | (m->buttons & 7) | (dx < 0) << 4 | (dy < 0) << 5));
    send(p, (uint8_t)dx);
    send(p, (uint8_t)dy);
    if (m->type == MOUSE_WHEEL)
        send(p, (uint8_t)take(&m->dz, 127));
    else if (m->type == MOUSE_FIVE)
        send(p, (uint8_t)((take(&m->dz, 7) & 15) | (m->buttons >> 3 & 3) << 4));
    else
        m->dz = 0;
}

void ps2_mouse_report(struct ps2_mouse *m)
{
    bool news = m->dx || m->dy || (m->dz && m->type) || m->changed;

    if (m->enabled && !m->remote && !m->wrap && news && !m->port.count)
        send_packet(m, push);
}

void ps2_mouse_move(struct ps2_mouse *m, int dx, int dy, int dz, unsigned buttons)
{
    if (!m->enabled && !m->remote)
        return;
    m->dx = MAX_OF(MIN_OF(m->dx + MAX_OF(MIN_OF(dx, 4096), -4096), 65535), -65535);
    m->dy = MAX_OF(MIN_OF(m->dy + MAX_OF(MIN_OF(dy, 4096), -4096), 65535), -65535);
    m->dz = MAX_OF(MIN_OF(m->dz + MAX_OF(MIN_OF(dz, 127), -127), 1023), -1023);
    m->changed |= m->buttons != (buttons & 31);
    m->buttons = buttons & 31;
    ps2_mouse_report(m);
}

/* 200, 100, 80 unlocks the wheel, then 200, 200, 80 the further buttons. */
static void set_rate(struct ps2_mouse *m, uint8_t rate)
{
    static const uint8_t wheel[3] = { 200, 100, 80 }, five[3] = { 200, 200, 80 };
    const uint8_t *want = m->type == MOUSE_PLAIN ? wheel : five;

    m->rate = rate;
    if (m->type == MOUSE_FIVE)
        return;
    m->knock = rate == want[m->knock % 3] ? m->knock + 1 : rate == 200;
    if (m->knock == 3) {
        m->type = m->type == MOUSE_PLAIN ? MOUSE_WHEEL : MOUSE_FIVE;
        m->knock = 0;
    }
}

static void mouse_status(struct ps2_mouse *m)
{
    uint8_t b = m->buttons;

    answer(&m->port, PS2_ACK);
    answer(&m->port, (uint8_t)((b & 1) << 2 | (b & 4) >> 1 | (b & 2) >> 1 | m->scaling << 4 | m->enabled << 5 | m->remote << 6));
    answer(&m->port, m->resolution);
    answer(&m->port, m->rate);
}

static void mouse_command(struct ps2_mouse *m, uint8_t v)
{
    struct ps2_port *p = &m->port;

    switch (v) {
    case MOUSE_SCALING_1: case MOUSE_SCALING_2:
        m->scaling = v == MOUSE_SCALING_2;
        break;
    case MOUSE_RESOLUTION: case MOUSE_RATE:
        p->command = v;
        break;
    case MOUSE_STATUS:
        mouse_status(m);
        return;
    case MOUSE_STREAM: case MOUSE_REMOTE:
        m->remote = v == MOUSE_REMOTE;
        break;
    case MOUSE_READ:
        answer(p, PS2_ACK);
        send_packet(m, answer);
        return;
    case MOUSE_WRAP_OFF: case MOUSE_WRAP_ON:
        m->wrap = v == MOUSE_WRAP_ON;
        break;
    case MOUSE_ID:
        answer(p, PS2_ACK);
        answer(p, m->type);
        return;
    case MOUSE_ENABLE: case MOUSE_DISABLE:
        m->enabled = v == MOUSE_ENABLE;
        p->head = p->count = 0;
        break;
    case MOUSE_DEFAULTS:
        mouse_defaults(m);
        break;
    case MOUSE_RESEND:
        answer(p, p->last);
        return;
    case MOUSE_RESET:
        ps2_mouse_reset(m);
        answer(p, PS2_ACK);
        answer(p, PS2_PASSED);
        answer(p, 0);
        return;
    default:
        log_guest_error("ps2: mouse command 0x%x", v);
        answer(p, PS2_RESEND);
        return;
    }
    answer(p, PS2_ACK);
}

void ps2_mouse_write(struct ps2_mouse *m, uint8_t byte)
{
    uint8_t command = m->port.command;

    m->port.nreply = 0;
    m->port.command = 0;
    if (m->wrap && byte != MOUSE_WRAP_OFF && byte != MOUSE_RESET) {
        answer(&m->port, byte);
        return;
    }
    if (!command) {
        mouse_command(m, byte);
        return;
    }
    if (command == MOUSE_RATE)
        set_rate(m, byte);
    else
        m->resolution = byte & 3;
    answer(&m->port, PS2_ACK);
}
