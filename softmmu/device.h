/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices: types, properties, state tables, creation. docs/add-a-device.md walks through one.
 *
 * A device is a struct whose first member is struct device; its type is a constant registered by DEVICE_REGISTER. Life: device_new (zeroed,
 * property defaults), device_set_prop..., device_realize, then device_reset at every machine reset, device_free.
 * All callbacks run with the machine's device lock held.
 */
#ifndef SOFTMMU_DEVICE_H
#define SOFTMMU_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <glib.h>
#include "softmmu/bus.h"
#include "softmmu/irq.h"

struct machine;
struct clock;
struct event_loop;
struct chardev;
struct block;

enum prop_kind {
    PROP_BOOL,               /* bool: on/off, yes/no, true/false */
    PROP_U32,                /* uint32_t: C number */
    PROP_U64,                /* uint64_t */
    PROP_SIZE,               /* uint64_t: number with k M G T */
    PROP_STR,                /* char *, owned by the device, may be NULL */
    PROP_CHARDEV,            /* struct chardev *: id of a -chardev, borrowed */
    PROP_DRIVE,              /* struct block *: id of a -drive, borrowed */
    PROP_NETDEV,             /* struct netdev *: id of a -netdev, borrowed */
};

struct device_prop {
    const char *name;        /* NULL ends the table */
    enum prop_kind kind;
    size_t offset;
    uint64_t def;            /* default of numbers and bools */
    const char *desc;
};
#define PROP(type, field, name, kind, def, desc) \
    { name, kind, offsetof(type, field), def, desc }
#define PROP_END { NULL, PROP_BOOL, 0, 0, NULL }

/* Guest-visible state, for snapshots, migration, replay checks and dumps. */
struct state_field {
    const char *name;        /* NULL ends the table */
    uint32_t offset;
    uint16_t size;           /* bytes of an element: 1, 2, 4, 8 */
    uint32_t count;
};
#define STATE(type, field) \
    { #field, offsetof(type, field), sizeof(((type *)0)->field), 1 }
#define STATE_ARRAY(type, field) \
    { #field, offsetof(type, field), sizeof(((type *)0)->field[0]), \
      sizeof(((type *)0)->field) / sizeof(((type *)0)->field[0]) }
#define STATE_END { NULL, 0, 0, 0 }

struct device;

struct device_type {
    const char *name;        /* as in -device */
    const char *alias;       /* another name, or NULL */
    const char *desc;        /* one line for -device help */
    size_t size;             /* of the whole struct */
    bool user_creatable;     /* -device may make one */
    const char *bus;         /* kind of bus it plugs into ("virtio", ...), NULL: system */
    const struct device_prop *props;
    const struct state_field *state;      /* a device without one does not land */
    bool (*realize)(struct device *dev, GError **err);
    void (*reset)(struct device *dev);
    void (*unrealize)(struct device *dev);
    /* The machine goes on (after a stop, for whatever reason) or has stopped. May be NULL. */
    void (*run_state)(struct device *dev, bool running);
    bool (*post_load)(struct device *dev, GError **err);  /* validate loaded state */
    const void *class_data;  /* for families (virtio devices): their ops */
};

#define DEVICE_MAX_MMIO 8

struct device_mmio {
    const char *name;
    uint64_t size;
    const struct mmio_ops *ops;
    void *opaque;
    void *memory;            /* of a ROM device, else NULL */
    uint64_t paddr;          /* once it is mapped; or the I/O port */
};

struct device {
    const struct device_type *type;
    struct machine *machine;
    char *id;                /* -device id=, or NULL */
    bool realized;
    struct device_mmio mmio[DEVICE_MAX_MMIO];
    struct irq **out;        /* outputs */
    int nout;
    struct irq *in;          /* inputs */
    int nin;
    struct device *parent_bus;    /* the device that provides the bus it sits on */
};

/* Registry; a constructor per type. Names are unique. */
void device_register(const struct device_type *type);
const struct device_type *device_type_find(const char *name);
/* All types sorted by name; NULL-terminated, free with g_free. */
const struct device_type **device_type_list(void);
#define DEVICE_REGISTER(type)                                            \
    static void __attribute__((constructor)) device_register_##type(void) \
    {                                                                    \
        device_register(&type);                                          \
    }

/* -global: a property's value for all devices of a type that are made without saying another. Owned strings. */
struct device_global {
    char *type, *prop, *value;
};

/*
 * Returned device is owned by the machine, and has the values of m->globals. Unknown type, or a global that its type does not take: NULL
 * with err.
 */
struct device *device_new(struct machine *m, const char *type, GError **err);
/* value is text as on the command line. Unknown property or bad value: false and err. */
bool device_set_prop(struct device *dev, const char *name, const char *value, GError **err);
/* Typed setters for boards: the property must exist (assertion). */
void device_set_u64(struct device *dev, const char *name, uint64_t value);
void device_set_chardev(struct device *dev, const char *name, struct chardev *chr);
void device_set_drive(struct device *dev, const char *name, struct block *image);
bool device_realize(struct device *dev, GError **err);
void device_reset(struct device *dev);
void device_free(struct device *dev);
/* -device TYPE,help */
void device_type_help(const struct device_type *type, FILE *f);

/* For realize callbacks. name is borrowed. */
void device_init_mmio(struct device *dev, int n, const char *name, const struct mmio_ops *ops, void *opaque,
                      uint64_t size);
/* A ROM device (bus_add_rom_device) with this memory, the device's own. */
void device_init_rom(struct device *dev, int n, const char *name, const struct mmio_ops *ops, void *opaque, uint64_t size,
                     void *memory);
void device_init_out(struct device *dev, int count);
void device_init_in(struct device *dev, irq_handler handler, int count);      /* opaque is dev */

/* For boards, after realize. */
void device_map(struct device *dev, int n, uint64_t paddr);
/* Registers n answer at I/O ports from `port` on (x86 machines). */
void device_map_io(struct device *dev, int n, uint16_t port);
void device_connect(struct device *dev, int out, struct irq *to);
struct irq *device_in(struct device *dev, int n);

/* What a device may ask of its machine (defined in machine.c). */
struct bus *device_bus(struct device *dev);             /* system memory, for dma.h */
struct bus *device_io_bus(struct device *dev);          /* I/O ports */
struct event_loop *device_loop(struct device *dev);
struct clock *device_clock(struct device *dev);         /* virtual clock */
struct clock *device_clock_host(struct device *dev);    /* wall clock */
/* Ask the machine to reset, power off, or stop for an I/O error until somebody says `cont`. */
enum machine_request { MACHINE_RESET, MACHINE_POWEROFF, MACHINE_STOP_IO_ERROR };
void device_request(struct device *dev, enum machine_request request);
/* The guest ends the emulator with this exit status (isa-debug-exit). */
void device_exit(struct device *dev, int code);
/* The machine's memory as -m says, bytes. */
uint64_t device_ram_size(struct device *dev);
/* What the monitor does with the machine's memory balloon; there is one at most. Bytes are those that the guest has. */
struct balloon_ops {
    void (*set_target)(struct device *dev, uint64_t bytes);
    uint64_t (*actual)(struct device *dev);
    void (*print_stats)(struct device *dev, GString *out);       /* " name=value"... */
};
/* dev is it, or with NULL no longer (takes any device then). False with err: another one is. */
bool device_set_balloon(struct device *dev, const struct balloon_ops *ops, GError **err);
/* Take and drop the device lock, for host callbacks on other threads than the main loop's. */
void device_lock(struct device *dev);
void device_unlock(struct device *dev);
/* len random bytes: from the host, or from the machine's seed when it has one. */
void device_random(struct device *dev, void *buf, size_t len);

#endif
