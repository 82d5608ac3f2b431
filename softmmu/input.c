/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyboards and mice of a machine, and the names of keys. */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "softmmu/input.h"
#include "softmmu/machine.h"
#include "util/clock.h"
#include "util/timer.h"

#define INPUT_QUEUE 1024     /* keys of sendkey that wait */

struct input_sink {
    struct device *dev;
    const struct input_ops *ops;
};

/* What sendkey has to do yet: a key, or, when it is 0, wait so long. */
struct input_step {
    uint32_t hold_ms;
    uint8_t key;
    bool down;
};

/* Owner: the device lock. */
struct input {
    struct machine *m;
    GArray *sinks;           /* struct input_sink, oldest first */
    GArray *steps;           /* struct input_step */
    struct timer *timer;
};

static void next_steps(void *opaque);

static struct input *input_of(struct machine *m)
{
    if (!m->input) {
        m->input = g_new0(struct input, 1);
        m->input->m = m;
        m->input->sinks = g_array_new(FALSE, FALSE, sizeof(struct input_sink));
        m->input->steps = g_array_new(FALSE, FALSE, sizeof(struct input_step));
        m->input->timer = timer_new(m->loop, m->clock, next_steps, m->input);
    }
    return m->input;
}

void input_free(struct machine *m)
{
    if (!m->input)
        return;
    timer_free(m->input->timer);
    g_array_free(m->input->sinks, TRUE);
    g_array_free(m->input->steps, TRUE);
    g_clear_pointer(&m->input, g_free);
}

void input_register(struct device *dev, const struct input_ops *ops)
{
    GArray *sinks = input_of(dev->machine)->sinks;
    struct input_sink sink = { dev, ops };

    for (unsigned i = sinks->len; i-- > 0;)
        if (g_array_index(sinks, struct input_sink, i).dev == dev)
            g_array_remove_index(sinks, i);
    if (ops)
        g_array_append_val(sinks, sink);
}

bool input_key(struct machine *m, unsigned key, bool down)
{
    GArray *sinks = input_of(m)->sinks;

    for (unsigned i = sinks->len; i-- > 0;) {
        struct input_sink *sink = &g_array_index(sinks, struct input_sink, i);

        if (sink->ops->key) {
            if (key < INPUT_KEYS)
                sink->ops->key(sink->dev, key, down);
            return true;
        }
    }
    return false;
}

bool input_pointer(struct machine *m, int dx, int dy, int dz, unsigned buttons)
{
    GArray *sinks = input_of(m)->sinks;

    for (unsigned i = sinks->len; i-- > 0;) {
        struct input_sink *sink = &g_array_index(sinks, struct input_sink, i);

        if (sink->ops->pointer) {
            sink->ops->pointer(sink->dev, dx, dy, dz, buttons);
            return true;
        }
    }
    return false;
}

/* ---- key combinations -------------------------------------------------------------------------- */

/* Keys until the next wait. */
static void next_steps(void *opaque)
{
    struct input *in = opaque;

    while (in->steps->len) {
        struct input_step step = g_array_index(in->steps, struct input_step, 0);

        g_array_remove_index(in->steps, 0);
        if (!step.key) {
            timer_arm(in->timer, clock_ns(in->m->clock) + (int64_t)step.hold_ms * NS_PER_MS);
            return;
        }
        input_key(in->m, step.key, step.down);
    }
}

bool input_send_keys(struct machine *m, const uint8_t *key, unsigned n, uint32_t hold_ms)
{
    struct input *in = input_of(m);
    const struct input_step hold = { .hold_ms = hold_ms };

    if (in->steps->len + 2 * n + 2 > INPUT_QUEUE)
        return false;
    for (unsigned i = 0; i < n; i++) {
        struct input_step step = { .key = key[i], .down = true };

        g_array_append_val(in->steps, step);
    }
    g_array_append_val(in->steps, hold);
    for (unsigned i = n; i-- > 0;) {
        struct input_step step = { .key = key[i] };

        g_array_append_val(in->steps, step);
    }
    g_array_append_val(in->steps, hold);
    if (!timer_pending(in->timer))
        next_steps(in);
    return true;
}

/* ---- names ------------------------------------------------------------------------------------- */

static const struct { uint8_t number; const char *name; } keys[] = {
    { 0x01, "esc" }, { 0x02, "1" }, { 0x03, "2" }, { 0x04, "3" }, { 0x05, "4" }, { 0x06, "5" }, { 0x07, "6" }, { 0x08, "7" },
    { 0x09, "8" }, { 0x0a, "9" }, { 0x0b, "0" }, { 0x0c, "minus" }, { 0x0d, "equal" }, { 0x0e, "backspace" }, { 0x0f, "tab" },
    { 0x10, "q" }, { 0x11, "w" }, { 0x12, "e" }, { 0x13, "r" }, { 0x14, "t" }, { 0x15, "y" }, { 0x16, "u" }, { 0x17, "i" },
    { 0x18, "o" }, { 0x19, "p" }, { 0x1a, "bracket_left" }, { 0x1b, "bracket_right" }, { 0x1c, "ret" }, { 0x1d, "ctrl" },
    { 0x1e, "a" }, { 0x1f, "s" }, { 0x20, "d" }, { 0x21, "f" }, { 0x22, "g" }, { 0x23, "h" }, { 0x24, "j" }, { 0x25, "k" },
    { 0x26, "l" }, { 0x27, "semicolon" }, { 0x28, "apostrophe" }, { 0x29, "grave_accent" }, { 0x2a, "shift" }, { 0x2b, "backslash" },
    { 0x2c, "z" }, { 0x2d, "x" }, { 0x2e, "c" }, { 0x2f, "v" }, { 0x30, "b" }, { 0x31, "n" }, { 0x32, "m" }, { 0x33, "comma" },
    { 0x34, "dot" }, { 0x35, "slash" }, { 0x36, "shift_r" }, { 0x37, "kp_multiply" }, { 0x37, "asterisk" }, { 0x38, "alt" },
    { 0x39, "spc" }, { 0x3a, "caps_lock" }, { 0x3b, "f1" }, { 0x3c, "f2" }, { 0x3d, "f3" }, { 0x3e, "f4" }, { 0x3f, "f5" },
    { 0x40, "f6" }, { 0x41, "f7" }, { 0x42, "f8" }, { 0x43, "f9" }, { 0x44, "f10" }, { 0x45, "num_lock" }, { 0x46, "scroll_lock" },
    { 0x47, "kp_7" }, { 0x48, "kp_8" }, { 0x49, "kp_9" }, { 0x4a, "kp_subtract" }, { 0x4b, "kp_4" }, { 0x4c, "kp_5" },
    { 0x4d, "kp_6" }, { 0x4e, "kp_add" }, { 0x4f, "kp_1" }, { 0x50, "kp_2" }, { 0x51, "kp_3" }, { 0x52, "kp_0" },
    { 0x53, "kp_decimal" }, { 0x56, "less" }, { 0x57, "f11" }, { 0x58, "f12" }, { 0x9c, "kp_enter" }, { 0x9d, "ctrl_r" },
    { 0xb5, "kp_divide" }, { 0xb7, "print" }, { 0xb7, "sysrq" }, { 0xb8, "alt_r" }, { 0xc6, "pause" }, { 0xc7, "home" },
    { 0xc8, "up" }, { 0xc9, "pgup" }, { 0xcb, "left" }, { 0xcd, "right" }, { 0xcf, "end" }, { 0xd0, "down" }, { 0xd1, "pgdn" },
    { 0xd2, "insert" }, { 0xd3, "delete" }, { 0xdb, "meta_l" }, { 0xdc, "meta_r" }, { 0xdd, "menu" }, { 0xdd, "compose" },
    { 0xde, "power" }, { 0xdf, "sleep" }, { 0xe3, "wake" },
};

int input_key_number(const char *name)
{
    char *end;
    unsigned long n;

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++)
        if (!strcmp(name, keys[i].name))
            return keys[i].number;
    if (strncmp(name, "0x", 2) || !g_ascii_isxdigit(name[2]))
        return -1;
    n = strtoul(name, &end, 16);
    return *end || !n || n >= INPUT_KEYS ? -1 : (int)n;
}

const char *input_key_name(unsigned i)
{
    return i < G_N_ELEMENTS(keys) ? keys[i].name : NULL;
}
