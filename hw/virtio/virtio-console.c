/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio console device (virtio 1.1, 5.3) with several ports: virtio-serial-device is the device and a bus, virtconsole and
 * virtserialport are ports on it, each with a chardev.
 *
 * Queues: 0 and 1 are port 0's input and output, 2 and 3 control messages to and from the driver, then two for each port from 1.
 * Control messages that wait for a buffer are bits in masks, so they need no memory however long the driver lets them wait.
 */
#include "config.h"
#include <string.h>
#include "chardev/chardev.h"
#include "hw/virtio/virtio.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/log.h"

#define CONSOLE_MAX_PORTS 31
#define CONSOLE_QUEUE 128
#define CONSOLE_CONTROL_QUEUE 32
#define CONSOLE_CHUNK 4096u      /* bytes moved at once */
#define CONSOLE_NAME 64          /* of a port, with its NUL */
/* Work at once, of a queue; other CPUs may put in more all the time. The rest is done in a bottom half. */
#define CONSOLE_BATCH 128        /* buffers */
#define CONSOLE_BATCH_BYTES (256u << 10)

enum console_feature { CONSOLE_F_MULTIPORT = 1, CONSOLE_F_EMERG_WRITE = 2 };      /* 5.3.3 */
/* 5.3.4: configuration space. */
enum console_config { CONFIG_COLS = 0, CONFIG_ROWS = 2, CONFIG_MAX_PORTS = 4, CONFIG_EMERG_WRITE = 8, CONFIG_LEN = 12 };
/* 5.3.6.2: control messages are id (4 bytes), event (2), value (2). */
enum console_event {
    EVENT_DEVICE_READY, EVENT_PORT_ADD, EVENT_PORT_REMOVE, EVENT_PORT_READY, EVENT_CONSOLE_PORT, EVENT_RESIZE,
    EVENT_PORT_OPEN, EVENT_PORT_NAME,
};
#define CONTROL_LEN 8u

enum control_queue { QUEUE_CONTROL_IN = 2, QUEUE_CONTROL_OUT = 3 };

struct console_port;

/* Owner: the device lock. */
struct virtio_console {
    struct virtio_device vdev;
    uint32_t max_ports;      /* property */
    struct console_port *ports[CONSOLE_MAX_PORTS];

    /* Messages that are to be sent, bit per port. */
    uint32_t send_add, send_console, send_name, send_open;
    uint32_t guest_open;     /* ports that the driver has open */
    uint32_t host_open;      /* what the last PORT_OPEN said */
    uint32_t out_done[CONSOLE_MAX_PORTS];        /* bytes sent of the buffer at the head of a port's output queue */
    uint32_t out_due;        /* ports with more output than a batch */
    bool control_due;        /* more messages than a batch */
    bool bh;
};

struct console_port {
    struct device dev;
    struct chardev *chr;     /* properties */
    char *name;
    uint32_t nr;             /* UINT32_MAX: the first free one */
    struct virtio_console *con;
    uint8_t added;           /* it sits on the bus */
};

static unsigned in_queue(unsigned port)
{
    return port ? 2 * port + 2 : 0;
}

static unsigned out_queue(unsigned port)
{
    return in_queue(port) + 1;
}

static bool is_console(const struct console_port *p)
{
    return !strcmp(p->dev.type->name, "virtconsole");
}

static bool multiport(const struct virtio_console *s)
{
    return s->vdev.features & VIRTIO_BIT(CONSOLE_F_MULTIPORT);
}

/* Without several ports there is only port 0, always open. */
static bool guest_has_open(const struct virtio_console *s, unsigned port)
{
    return multiport(s) ? s->guest_open >> port & 1 : port == 0;
}

/* ---- control messages to the driver ------------------------------------------------------------ */

static bool send_control(struct virtio_console *s, unsigned port, enum console_event event, uint16_t value,
                         const char *name)
{
    struct virtq_element *e = virtq_pop(&s->vdev, QUEUE_CONTROL_IN);
    uint8_t msg[CONTROL_LEN + CONSOLE_NAME];
    uint32_t len = CONTROL_LEN;

    if (!e)
        return false;
    st32_le(msg, port);
    st16_le(msg + 4, (uint16_t)event);
    st16_le(msg + 6, value);
    if (name) {
        g_strlcpy((char *)msg + CONTROL_LEN, name, CONSOLE_NAME);
        len += (uint32_t)strlen((char *)msg + CONTROL_LEN);
    }
    len = virtq_write(&s->vdev, e, 0, msg, len);
    virtq_push(&s->vdev, QUEUE_CONTROL_IN, e, len);
    return true;
}

/* Send the message of one mask for the ports that have a bit in it; false when the driver has no buffer left. */
static bool flush_mask(struct virtio_console *s, uint32_t *mask, enum console_event event)
{
    while (*mask) {
        unsigned port = (unsigned)__builtin_ctz(*mask);
        bool named = event == EVENT_PORT_NAME && s->ports[port];
        uint16_t value = event == EVENT_PORT_OPEN ? s->host_open >> port & 1 : 1;

        if (!send_control(s, port, event, value, named ? s->ports[port]->name : NULL))
            return false;
        *mask &= *mask - 1;
    }
    return true;
}

static void flush_control(struct virtio_console *s)
{
    if (!multiport(s))
        return;
    if (flush_mask(s, &s->send_add, EVENT_PORT_ADD) && flush_mask(s, &s->send_console, EVENT_CONSOLE_PORT) &&
        flush_mask(s, &s->send_name, EVENT_PORT_NAME))
        flush_mask(s, &s->send_open, EVENT_PORT_OPEN);
    virtq_notify(&s->vdev, QUEUE_CONTROL_IN);
}

/* ---- control messages from the driver ---------------------------------------------------------- */

static void driver_ready(struct virtio_console *s, uint16_t value)
{
    for (unsigned i = 0; value && i < s->max_ports; i++)
        if (s->ports[i])
            s->send_add |= 1u << i;
}

static void port_ready(struct virtio_console *s, struct console_port *p, uint16_t value)
{
    uint32_t bit = 1u << p->nr;

    if (!value) {
        log_guest_error("virtio-serial: the driver could not add port %u", p->nr);
        return;
    }
    if (is_console(p))
        s->send_console |= bit;
    if (p->name)
        s->send_name |= bit;
    if (!p->chr || chardev_is_open(p->chr) || is_console(p)) {
        s->host_open |= bit;
        s->send_open |= bit;
    }
}

static void port_open(struct virtio_console *s, struct console_port *p, uint16_t value)
{
    uint32_t bit = 1u << p->nr;

    s->guest_open = value ? s->guest_open | bit : s->guest_open & ~bit;
    if (value && p->chr)
        chardev_accept_input(p->chr);
}

static void handle_control(struct virtio_console *s, const uint8_t *msg)
{
    uint32_t port = ld32_le(msg);
    uint16_t event = ld16_le(msg + 4), value = ld16_le(msg + 6);
    struct console_port *p = port < s->max_ports ? s->ports[port] : NULL;

    if (event == EVENT_DEVICE_READY)
        driver_ready(s, value);
    else if (!p)
        log_guest_error("virtio-serial: control message %u for port %u, which does not exist", event, port);
    else if (event == EVENT_PORT_READY)
        port_ready(s, p, value);
    else if (event == EVENT_PORT_OPEN)
        port_open(s, p, value);
    else
        log_guest_error("virtio-serial: control message %u", event);
}

static void go_on_bh(void *opaque);

static void go_on_later(struct virtio_console *s)
{
    if (!s->bh)
        event_loop_bh(device_loop(&s->vdev.dev), go_on_bh, s);
    s->bh = true;
}

static void control_out(struct virtio_console *s)
{
    struct virtq_element *e;
    uint8_t msg[CONTROL_LEN];
    int i;

    for (i = 0; i < CONSOLE_BATCH && (e = virtq_pop(&s->vdev, QUEUE_CONTROL_OUT)); i++) {
        if (virtq_read(&s->vdev, e, 0, msg, sizeof(msg)) == sizeof(msg))
            handle_control(s, msg);
        else
            log_guest_error("virtio-serial: short control message");
        virtq_push(&s->vdev, QUEUE_CONTROL_OUT, e, 0);
    }
    virtq_notify(&s->vdev, QUEUE_CONTROL_OUT);
    flush_control(s);
    if (i == CONSOLE_BATCH) {
        s->control_due = true;
        go_on_later(s);
    }
}

/* ---- data -------------------------------------------------------------------------------------- */

/* Send the rest of a buffer, *budget bytes at most; false when there is more of it, because the other end takes no more now or the budget
 * is used up. With nobody at the other end all is lost. */
static bool send_buffer(struct virtio_console *s, struct chardev *chr, const struct virtq_element *e, uint32_t *done, uint32_t *budget)
{
    uint8_t buf[CONSOLE_CHUNK];

    while (chr && *done < e->read_len && *budget) {
        uint32_t n = virtq_read(&s->vdev, e, *done, buf, MIN(*budget, sizeof(buf))), sent;

        if (!n)
            return true;         /* the device broke */
        sent = (uint32_t)chardev_write(chr, buf, n);
        *done += sent;
        *budget -= sent;
        if (sent < n)
            return false;
    }
    return !chr || *done >= e->read_len;
}

static void data_out(struct virtio_console *s, unsigned port)
{
    unsigned n = out_queue(port);
    struct chardev *chr = s->ports[port] ? s->ports[port]->chr : NULL;
    uint32_t budget = CONSOLE_BATCH_BYTES;
    struct virtq_element *e;
    int i;

    for (i = 0; i < CONSOLE_BATCH && budget && (e = virtq_pop(&s->vdev, n)); i++) {
        if (!send_buffer(s, chr, e, &s->out_done[port], &budget)) {
            virtq_unpop(&s->vdev, n);
            g_free(e);
            break;
        }
        s->out_done[port] = 0;
        virtq_push(&s->vdev, n, e, 0);
    }
    virtq_notify(&s->vdev, n);
    if (i == CONSOLE_BATCH || !budget) {
        s->out_due |= 1u << port;
        go_on_later(s);
    }
}

static void go_on_bh(void *opaque)
{
    struct virtio_console *s = opaque;
    uint32_t out = s->out_due;
    bool control = s->control_due;

    s->bh = s->control_due = false;
    s->out_due = 0;
    if (control)
        control_out(s);
    for (; out; out &= out - 1)
        data_out(s, (unsigned)__builtin_ctz(out));
}

static int port_can_read(void *opaque)
{
    struct console_port *p = opaque;
    struct virtio_console *s = p->con;
    struct virtq_element *e;
    uint32_t room;

    if (!guest_has_open(s, p->nr) || !(e = virtq_pop(&s->vdev, in_queue(p->nr))))
        return 0;
    virtq_unpop(&s->vdev, in_queue(p->nr));
    room = MIN(e->write_len, CONSOLE_CHUNK);
    g_free(e);
    return (int)room;
}

static void port_read(void *opaque, const uint8_t *buf, size_t len)
{
    struct console_port *p = opaque;
    struct virtio_device *vdev = &p->con->vdev;
    unsigned n = in_queue(p->nr);
    size_t done = 0;

    while (done < len) {
        struct virtq_element *e = virtq_pop(vdev, n);
        uint32_t put;

        if (!e)
            break;           /* the driver took its buffer back since can_read */
        put = virtq_write(vdev, e, 0, buf + done, (uint32_t)(len - done));
        virtq_push(vdev, n, e, put);
        done += put;
        if (!put)
            break;
    }
    virtq_notify(vdev, n);
}

static void port_event(void *opaque, enum chardev_event event)
{
    struct console_port *p = opaque;
    struct virtio_console *s = p->con;
    uint32_t bit = 1u << p->nr;

    if (event == CHARDEV_WRITABLE) {
        data_out(s, p->nr);
        return;
    }
    if (is_console(p) || (event != CHARDEV_OPENED && event != CHARDEV_CLOSED))
        return;
    s->host_open = event == CHARDEV_OPENED ? s->host_open | bit : s->host_open & ~bit;
    s->send_open |= bit;
    flush_control(s);
}

static void console_notify(struct virtio_device *vdev, unsigned n)
{
    struct virtio_console *s = (struct virtio_console *)vdev;
    unsigned port = n < 2 ? 0 : n / 2 - 1;

    if (n == QUEUE_CONTROL_IN)
        flush_control(s);
    else if (n == QUEUE_CONTROL_OUT)
        control_out(s);
    else if (n & 1)
        data_out(s, port);
    else if (s->ports[port] && s->ports[port]->chr)
        chardev_accept_input(s->ports[port]->chr);
}

/* ---- the device -------------------------------------------------------------------------------- */

static void console_get_config(struct virtio_device *vdev, uint8_t *config)
{
    st32_le(config + CONFIG_MAX_PORTS, ((struct virtio_console *)vdev)->max_ports);
}

/* 5.3.5: a character may be written there at any time, before there are queues. */
static void console_set_config(struct virtio_device *vdev, unsigned off, unsigned len, const uint8_t *config)
{
    struct virtio_console *s = (struct virtio_console *)vdev;
    struct console_port *p = s->ports[0];

    (void)len;
    if (off == CONFIG_EMERG_WRITE && p && p->chr)
        chardev_write(p->chr, config + CONFIG_EMERG_WRITE, 1);
    else if (off != CONFIG_EMERG_WRITE)
        log_guest_error("virtio-serial: write of configuration offset %u", off);
}

static void console_reset(struct virtio_device *vdev)
{
    struct virtio_console *s = (struct virtio_console *)vdev;

    s->send_add = s->send_console = s->send_name = s->send_open = 0;
    s->guest_open = s->host_open = 0;
    memset(s->out_done, 0, sizeof(s->out_done));
}

static bool console_realize(struct virtio_device *vdev, GError **err)
{
    struct virtio_console *s = (struct virtio_console *)vdev;

    if (s->max_ports < 1 || s->max_ports > CONSOLE_MAX_PORTS) {
        g_set_error(err, g_quark_from_static_string("virtio-serial"), 0, "max_ports must be 1 to %d",
                    CONSOLE_MAX_PORTS);
        return false;
    }
    for (unsigned n = 0; n < 2 * (s->max_ports + 1); n++)
        virtio_add_queue(vdev, n / 2 == 1 ? CONSOLE_CONTROL_QUEUE : CONSOLE_QUEUE);
    return true;
}

static void console_unrealize(struct virtio_device *vdev)
{
    event_loop_bh_cancel(device_loop(&vdev->dev), go_on_bh, vdev);
}

static bool console_post_load(struct device *dev, GError **err)
{
    struct virtio_console *s = (struct virtio_console *)dev;
    uint32_t there = 0;

    for (unsigned i = 0; i < s->max_ports; i++)
        there |= s->ports[i] ? 1u << i : 0;
    s->send_add &= there;
    s->send_console &= there;
    s->send_name &= there;
    s->send_open &= there;
    s->guest_open &= there;
    return virtio_post_load(dev, err);
}

static const struct virtio_ops console_ops = {
    .id = VIRTIO_ID_CONSOLE, .config_len = CONFIG_LEN,
    .features = VIRTIO_BIT(CONSOLE_F_MULTIPORT) | VIRTIO_BIT(CONSOLE_F_EMERG_WRITE),
    .realize = console_realize, .unrealize = console_unrealize, .notify = console_notify, .reset = console_reset,
    .get_config = console_get_config, .set_config = console_set_config,
};

static const struct device_prop console_props[] = {
    PROP(struct virtio_console, max_ports, "max_ports", PROP_U32, CONSOLE_MAX_PORTS, "ports at most"),
    PROP_END
};

static const struct state_field console_state[] = {
    VIRTIO_STATE,
    STATE(struct virtio_console, send_add), STATE(struct virtio_console, send_console),
    STATE(struct virtio_console, send_name), STATE(struct virtio_console, send_open),
    STATE(struct virtio_console, guest_open), STATE(struct virtio_console, host_open),
    STATE_ARRAY(struct virtio_console, out_done),
    STATE_END
};

static const struct device_type console_type = {
    .name = "virtio-serial-device", .desc = "virtio serial ports: a bus for virtconsole and virtserialport",
    .size = sizeof(struct virtio_console), .user_creatable = true, .bus = "virtio",
    .props = console_props, .state = console_state, .class_data = &console_ops,
    .realize = virtio_realize, .unrealize = virtio_unrealize, .reset = virtio_reset, .post_load = console_post_load,
};
VIRTIO_DEVICE_REGISTER(console_type)

/* ---- ports ------------------------------------------------------------------------------------- */

/* Port 0 is the first console: drivers that know only one port use it as such. */
static bool choose_number(struct console_port *p, GError **err)
{
    struct virtio_console *s = p->con;
    uint32_t nr = is_console(p) ? 0 : 1;

    if (p->nr == UINT32_MAX) {
        while (nr < s->max_ports && s->ports[nr])
            nr++;
        p->nr = nr;
    }
    if (p->nr < s->max_ports && !s->ports[p->nr] && (p->nr || is_console(p)))
        return true;
    if (p->nr >= s->max_ports)
        g_set_error(err, g_quark_from_static_string("virtio-serial"), 0, "no port %u: the bus has %u", p->nr,
                    s->max_ports);
    else
        g_set_error(err, g_quark_from_static_string("virtio-serial"), 0,
                    p->nr ? "port %u is taken" : "port %u is for a virtconsole", p->nr);
    return false;
}

static bool port_realize(struct device *dev, GError **err)
{
    struct console_port *p = (struct console_port *)dev;

    g_assert(dev->parent_bus);
    p->con = (struct virtio_console *)dev->parent_bus;
    if (p->name && strlen(p->name) >= CONSOLE_NAME) {
        g_set_error(err, g_quark_from_static_string("virtio-serial"), 0, "name is longer than %d bytes",
                    CONSOLE_NAME - 1);
        return false;
    }
    if (!choose_number(p, err))
        return false;
    p->con->ports[p->nr] = p;
    p->added = 1;
    if (p->chr)
        chardev_set_handlers(p->chr, port_can_read, port_read, port_event, p);
    return true;
}

static void port_unrealize(struct device *dev)
{
    struct console_port *p = (struct console_port *)dev;

    if (p->chr)
        chardev_set_handlers(p->chr, NULL, NULL, NULL, NULL);
    p->con->ports[p->nr] = NULL;
}

static const struct device_prop port_props[] = {
    PROP(struct console_port, chr, "chardev", PROP_CHARDEV, 0, "the host's end"),
    PROP(struct console_port, name, "name", PROP_STR, 0, "what the guest calls it"),
    PROP(struct console_port, nr, "nr", PROP_U32, UINT32_MAX, "number of the port; the first free one if not given"),
    PROP_END
};

static const struct state_field port_state[] = { STATE(struct console_port, added), STATE_END };

static const struct device_type virtconsole_type = {
    .name = "virtconsole", .desc = "console port of a virtio-serial-device", .size = sizeof(struct console_port),
    .user_creatable = true, .bus = "virtio-serial", .props = port_props, .state = port_state,
    .realize = port_realize, .unrealize = port_unrealize,
};
DEVICE_REGISTER(virtconsole_type)

static const struct device_type virtserialport_type = {
    .name = "virtserialport", .desc = "data port of a virtio-serial-device", .size = sizeof(struct console_port),
    .user_creatable = true, .bus = "virtio-serial", .props = port_props, .state = port_state,
    .realize = port_realize, .unrealize = port_unrealize,
};
DEVICE_REGISTER(virtserialport_type)
