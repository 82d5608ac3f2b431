/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys and pointer movements for the machine: from the monitor (sendkey) or a window, to the keyboard and mouse that it has.
 *
 * A key has a number: its make code in scan code set 1, plus 0x80 for keys that send E0h before it (as `sendkey 0x..` counts them).
 * Everything runs with the device lock held.
 */
#ifndef SOFTMMU_INPUT_H
#define SOFTMMU_INPUT_H

#include <stdbool.h>
#include <stdint.h>

struct device;
struct machine;

enum {
    INPUT_KEYS = 256,
    INPUT_KEY_PRINT = 0xb7, INPUT_KEY_PAUSE = 0xc6,      /* the two that send more than a code */
};

enum input_button { INPUT_LEFT = 1, INPUT_RIGHT = 2, INPUT_MIDDLE = 4, INPUT_SIDE = 8, INPUT_EXTRA = 16 };

/* What a device with a keyboard or mouse takes; either may be NULL. */
struct input_ops {
    void (*key)(struct device *dev, unsigned key, bool down);
    /* Right, down, and the wheel towards the user, in counts; buttons that are held (enum input_button). */
    void (*pointer)(struct device *dev, int dx, int dy, int dz, unsigned buttons);
};

/* From realize: dev is a keyboard or mouse of its machine, the newest before older ones; NULL ops: no longer. */
void input_register(struct device *dev, const struct input_ops *ops);

/* To the newest keyboard or mouse; false: there is none. A key beyond INPUT_KEYS is no key. */
bool input_key(struct machine *m, unsigned key, bool down);
bool input_pointer(struct machine *m, int dx, int dy, int dz, unsigned buttons);

/* Press n keys in this order, hold them for so long (virtual time), release them in the opposite order; after those of earlier calls.
 * False: too many wait already. */
bool input_send_keys(struct machine *m, const uint8_t *key, unsigned n, uint32_t hold_ms);

/* The machine goes. */
void input_free(struct machine *m);

/* The key with this name ("a", "ctrl", "ret", "f1", "kp_enter", ...; QEMU's names), or of a number 0x01 to 0xff; -1: there is none. */
int input_key_number(const char *name);
/* Names in order of their numbers, for help and completion; NULL after the last. */
const char *input_key_name(unsigned i);

#endif
