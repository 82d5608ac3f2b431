/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keyboard controller of a PC: 8042 with the firmware of IBM's PS/2 (PS/2 Hardware Interface Technical Reference, keyboard and auxiliary
 * device controller), with a keyboard and a mouse (ps2.h). mmio 0: data (0x60, 1 byte), 1: status and commands (0x64, 1 byte). Output 0:
 * IRQ 1, 1: IRQ 12, 2: A20M, high when address bit 20 is to be masked.
 *
 * The output port's reset bit resets the machine. Bytes arrive as fast as the guest reads them. Not modelled: passwords, time-outs, the
 * input port's jumpers.
 */
#include "config.h"
#include <string.h>
#include "hw/input/ps2.h"
#include "softmmu/device.h"
#include "softmmu/input.h"
#include "util/bits.h"
#include "util/log.h"

enum kbc_status { STATUS_OBF = 1, STATUS_SYS = 4, STATUS_COMMAND = 8, STATUS_UNLOCKED = 0x10, STATUS_AUX = 0x20 };
enum kbc_mode {
    MODE_KBD_INT = 1, MODE_AUX_INT = 2, MODE_SYS = 4, MODE_KBD_OFF = 0x10, MODE_AUX_OFF = 0x20, MODE_TRANSLATE = 0x40,
};
enum kbc_outport { OUT_RUN = 1, OUT_A20 = 2, OUT_OBF = 0x10, OUT_AUX_OBF = 0x20 };
enum kbc_command {
    KBC_READ_RAM = 0x20, KBC_WRITE_RAM = 0x60, KBC_AUX_OFF = 0xa7, KBC_AUX_ON = 0xa8, KBC_AUX_TEST = 0xa9, KBC_SELF_TEST = 0xaa,
    KBC_KBD_TEST = 0xab, KBC_KBD_OFF = 0xad, KBC_KBD_ON = 0xae, KBC_READ_INPUT = 0xc0, KBC_READ_OUTPUT = 0xd0, KBC_WRITE_OUTPUT = 0xd1,
    KBC_WRITE_KBD = 0xd2, KBC_WRITE_AUX = 0xd3, KBC_TO_AUX = 0xd4, KBC_A20_OFF = 0xdd, KBC_A20_ON = 0xdf, KBC_READ_TEST = 0xe0,
    KBC_PULSE = 0xf0,
};
/* Whose byte is in the output buffer. */
enum kbc_source { FROM_NONE, FROM_CONTROLLER, FROM_KBD, FROM_AUX };

/* Owner: the device lock. */
struct i8042 {
    struct device dev;
    struct ps2_keyboard kbd;
    struct ps2_mouse mouse;
    uint8_t ram[32];         /* byte 0 is the mode */
    uint8_t status, outport;
    uint8_t data, source;    /* output buffer; enum kbc_source */
    uint8_t command;         /* waits for its argument, 0: none */
    uint8_t broken;          /* translation has seen F0h */
};

static uint8_t mode(const struct i8042 *s)
{
    return s->ram[0];
}

static void update_irq(struct i8042 *s)
{
    bool aux = s->source == FROM_AUX;

    s->outport &= (uint8_t)~(OUT_OBF | OUT_AUX_OBF);
    if (s->source)
        s->outport |= aux ? OUT_AUX_OBF : OUT_OBF;
    irq_set(s->dev.out[0], s->source && !aux && mode(s) & MODE_KBD_INT);
    irq_set(s->dev.out[1], aux && mode(s) & MODE_AUX_INT);
}

static void put(struct i8042 *s, enum kbc_source source, uint8_t byte)
{
    s->data = byte;
    s->source = (uint8_t)source;
}

/* The keyboard's next byte, as translation leaves it; -1: none. */
static int next_code(struct i8042 *s)
{
    int v = ps2_next(&s->kbd.port);

    if (v < 0 || !(mode(s) & MODE_TRANSLATE))
        return v;
    if (v == 0xf0) {
        s->broken = 0x80;
        v = ps2_next(&s->kbd.port);
        if (v < 0)
            return v;
    }
    v = ps2_translate((uint8_t)v) | s->broken;
    s->broken = 0;
    return v;
}

/* The output buffer takes what there is. */
static void fill(struct i8042 *s)
{
    int v = -1;

    if (!s->source && !(mode(s) & MODE_KBD_OFF) && (v = next_code(s)) >= 0)
        put(s, FROM_KBD, (uint8_t)v);
    if (!s->source && !(mode(s) & MODE_AUX_OFF)) {
        ps2_mouse_report(&s->mouse);
        if ((v = ps2_next(&s->mouse.port)) >= 0)
            put(s, FROM_AUX, (uint8_t)v);
    }
    update_irq(s);
}

/* ---- registers --------------------------------------------------------------------------------- */

static void set_outport(struct i8042 *s, uint8_t v)
{
    uint8_t changed = v ^ s->outport;

    s->outport = v;
    if (changed & OUT_A20)
        irq_set(s->dev.out[2], !(v & OUT_A20));
    if (!(v & OUT_RUN))
        device_request(&s->dev, MACHINE_RESET);
}

static uint64_t data_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8042 *s = opaque;
    uint8_t v = s->data;

    (void)off;
    (void)size;
    s->source = FROM_NONE;
    update_irq(s);
    fill(s);
    return v;
}

static uint64_t status_read(void *opaque, uint64_t off, unsigned size)
{
    struct i8042 *s = opaque;

    (void)off;
    (void)size;
    return s->status | STATUS_UNLOCKED | (mode(s) & MODE_SYS) | (s->source ? STATUS_OBF : 0) | (s->source == FROM_AUX ? STATUS_AUX : 0);
}

static void to_keyboard(struct i8042 *s, uint8_t v)
{
    s->ram[0] &= (uint8_t)~MODE_KBD_OFF;         /* talking to it switches its clock on */
    s->broken = 0;
    ps2_keyboard_write(&s->kbd, v);
}

static void argument(struct i8042 *s, uint8_t command, uint8_t v)
{
    switch (command) {
    case KBC_WRITE_RAM ... KBC_WRITE_RAM + 31:
        s->ram[command & 31] = v;
        break;
    case KBC_WRITE_OUTPUT:
        set_outport(s, v);
        break;
    case KBC_WRITE_KBD:
        put(s, FROM_KBD, v);
        break;
    case KBC_WRITE_AUX:
        put(s, FROM_AUX, v);
        break;
    case KBC_TO_AUX:
        s->ram[0] &= (uint8_t)~MODE_AUX_OFF;
        ps2_mouse_write(&s->mouse, v);
        break;
    }
}

static void data_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8042 *s = opaque;
    uint8_t command = s->command;

    (void)off;
    (void)size;
    s->command = 0;
    s->status &= (uint8_t)~STATUS_COMMAND;
    if (command)
        argument(s, command, (uint8_t)val);
    else
        to_keyboard(s, (uint8_t)val);
    fill(s);
}

static void run_command(struct i8042 *s, uint8_t v)
{
    switch (v) {
    case KBC_READ_RAM ... KBC_READ_RAM + 31:
        put(s, FROM_CONTROLLER, s->ram[v & 31]);
        break;
    case KBC_WRITE_RAM ... KBC_WRITE_RAM + 31:
    case KBC_WRITE_OUTPUT: case KBC_WRITE_KBD: case KBC_WRITE_AUX: case KBC_TO_AUX:
        s->command = v;
        break;
    case KBC_AUX_OFF:
        s->ram[0] |= MODE_AUX_OFF;
        break;
    case KBC_AUX_ON:
        s->ram[0] &= (uint8_t)~MODE_AUX_OFF;
        break;
    case KBC_SELF_TEST:
        s->ram[0] |= MODE_SYS;
        put(s, FROM_CONTROLLER, 0x55);
        break;
    case KBC_AUX_TEST: case KBC_KBD_TEST: case KBC_READ_TEST:
        put(s, FROM_CONTROLLER, 0);
        break;
    case KBC_KBD_OFF:
        s->ram[0] |= MODE_KBD_OFF;
        break;
    case KBC_KBD_ON:
        s->ram[0] &= (uint8_t)~MODE_KBD_OFF;
        break;
    case KBC_READ_INPUT:
        put(s, FROM_CONTROLLER, 0x80);           /* not locked */
        break;
    case KBC_READ_OUTPUT:
        put(s, FROM_CONTROLLER, s->outport);
        break;
    case KBC_A20_OFF: case KBC_A20_ON:
        set_outport(s, (uint8_t)(v == KBC_A20_ON ? s->outport | OUT_A20 : s->outport & ~OUT_A20));
        break;
    case KBC_PULSE ... 0xff:                     /* bits that are 0 go low for 6 us: bit 0 resets */
        if (!(v & 1))
            device_request(&s->dev, MACHINE_RESET);
        break;
    default:
        log_guest_error("i8042: command 0x%x", v);
    }
}

static void command_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct i8042 *s = opaque;

    (void)off;
    (void)size;
    s->command = 0;
    s->status |= STATUS_COMMAND;
    run_command(s, (uint8_t)val);
    fill(s);
}

/* ---- the host's keys and mouse ----------------------------------------------------------------- */

static void kbc_key(struct device *dev, unsigned key, bool down)
{
    struct i8042 *s = (struct i8042 *)dev;

    ps2_keyboard_key(&s->kbd, key, down);
    fill(s);
}

static void kbc_pointer(struct device *dev, int dx, int dy, int dz, unsigned buttons)
{
    struct i8042 *s = (struct i8042 *)dev;

    ps2_mouse_move(&s->mouse, dx, -dy, dz, buttons);
    fill(s);
}

static const struct input_ops kbc_input = { .key = kbc_key, .pointer = kbc_pointer };

/* ---- the device -------------------------------------------------------------------------------- */

static void kbc_reset(struct device *dev)
{
    struct i8042 *s = (struct i8042 *)dev;

    ps2_keyboard_reset(&s->kbd);
    ps2_mouse_reset(&s->mouse);
    memset(s->ram, 0, sizeof(s->ram));
    s->ram[0] = MODE_KBD_INT | MODE_AUX_INT | MODE_TRANSLATE;
    s->status = 0;
    s->outport = OUT_RUN | OUT_A20;
    s->command = s->broken = s->data = s->source = 0;
    irq_set(dev->out[2], false);
    update_irq(s);
}

static const struct mmio_ops data_ops = { .read = data_read, .write = data_write, .min_size = 1, .max_size = 1 };
static const struct mmio_ops command_ops = { .read = status_read, .write = command_write, .min_size = 1, .max_size = 1 };

static bool kbc_realize(struct device *dev, GError **err)
{
    (void)err;
    device_init_mmio(dev, 0, "i8042-data", &data_ops, dev, 1);
    device_init_mmio(dev, 1, "i8042-cmd", &command_ops, dev, 1);
    device_init_out(dev, 3);
    input_register(dev, &kbc_input);
    return true;
}

static void kbc_unrealize(struct device *dev)
{
    input_register(dev, NULL);
}

static bool kbc_post_load(struct device *dev, GError **err)
{
    struct i8042 *s = (struct i8042 *)dev;

    (void)err;
    ps2_sanitize(&s->kbd.port);
    ps2_sanitize(&s->mouse.port);
    s->kbd.set = s->kbd.set == 1 ? 1 : 2;
    s->mouse.knock %= 3;
    s->source &= 3;
    s->broken &= 0x80;
    irq_set(dev->out[2], !(s->outport & OUT_A20));
    update_irq(s);
    return true;
}

static const struct state_field kbc_state[] = {
    PS2_KEYBOARD_STATE(struct i8042, kbd), PS2_MOUSE_STATE(struct i8042, mouse), STATE_ARRAY(struct i8042, ram), STATE(struct i8042, status),
    STATE(struct i8042, outport), STATE(struct i8042, data), STATE(struct i8042, source), STATE(struct i8042, command),
    STATE(struct i8042, broken),
    STATE_END
};

static const struct device_type kbc_type = {
    .name = "i8042", .desc = "keyboard controller of a PC, with PS/2 keyboard and mouse", .size = sizeof(struct i8042),
    .state = kbc_state,
    .realize = kbc_realize, .reset = kbc_reset, .unrealize = kbc_unrealize, .post_load = kbc_post_load,
};
DEVICE_REGISTER(kbc_type)
