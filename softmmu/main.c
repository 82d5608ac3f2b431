/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start-up: read the command line, build the machine, run it. The only place, with options.c, that prints errors and exits. */
#include "config.h"
#include <errno.h>
#include <glib-unix.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "block/drives.h"
#include "chardev/chardev.h"
#include "monitor/monitor.h"
#include "net/net.h"
#include "softmmu/machine.h"
#include "softmmu/options.h"
#include "util/event-loop.h"
#include "util/keyval.h"
#include "util/log.h"

/* Blocks of so many bytes (images, buffers) go back to the host when they are freed. */
#define LARGE_BLOCK (256 << 10)

struct session {
    struct options options;
    struct event_loop *loop;
    struct chardev_registry *chardevs;
    struct drives *drives;
    struct net *net;
    struct machine *machine;
    GPtrArray *monitors;     /* struct monitor * */
};

static void *attach_chardev(void *opaque, const char *id, GError **err)
{
    return chardev_registry_attach(((struct session *)opaque)->chardevs, id, err);
}

static void *attach_drive(void *opaque, const char *id, GError **err)
{
    return drives_attach(((struct session *)opaque)->drives, id, err);
}

static bool commit_drives(void *opaque, const char *id, GError **err)
{
    return drives_commit(((struct session *)opaque)->drives, id, err);
}

/* Ctrl-A s */
static void save_drives(void *opaque)
{
    g_autoptr(GError) err = NULL;

    if (!commit_drives(opaque, "all", &err))
        fprintf(stderr, "%s\n", err->message);
}

static void *attach_netdev(void *opaque, const char *id, GError **err)
{
    return net_attach(((struct session *)opaque)->net, id, err);
}

static bool is_stdio(const char *spec)
{
    if (g_str_has_prefix(spec, "mon:"))
        spec += strlen("mon:");
    return g_str_has_prefix(spec, "stdio") && (!spec[5] || spec[5] == ',');
}

static bool any_is_stdio(const GPtrArray *specs)
{
    for (guint i = 0; i < specs->len; i++)
        if (is_stdio(g_ptr_array_index(specs, i)))
            return true;
    return false;
}

/*
 * Serial port 0 is the terminal unless the user says otherwise or wants no display at all; together with a monitor unless that has its
 * own place.
 */
static const char *serial_spec(const struct options *o, unsigned n)
{
    if (n < o->serials->len)
        return g_ptr_array_index(o->serials, n);
    if (n > 0 || o->config.no_defaults)
        return "none";
    if (!o->nographic && (o->display_none || any_is_stdio(o->monitors) || (o->debugcon && is_stdio(o->debugcon))))
        return "null";
    return o->monitors->len ? "stdio" : "mon:stdio";
}

static bool make_chardevs(struct session *s, struct chardev **serial, GError **err)
{
    const struct options *o = &s->options;

    s->chardevs = chardev_registry_new(s->loop);
    chardev_registry_set_hooks(s->chardevs, &(struct chardev_mux_hooks){ .save = save_drives, .opaque = s });
    for (guint i = 0; i < o->chardevs->len; i++)
        if (!chardev_registry_add(s->chardevs, g_ptr_array_index(o->chardevs, i), err))
            return false;
    for (unsigned i = 0; i < MACHINE_MAX_SERIAL; i++) {
        g_autofree char *label = g_strdup_printf("serial%u", i);

        if (!chardev_registry_serial(s->chardevs, serial_spec(o, i), label, &serial[i], err))
            return false;
    }
    return true;
}

static bool add_monitor(struct session *s, const char *spec, GError **err)
{
    g_autofree char *label = g_strdup_printf("compat_monitor%u", s->monitors->len);
    const struct monitor_env env = { s->machine, s->drives, s->chardevs };
    struct chardev *c = NULL;

    if (!chardev_registry_serial(s->chardevs, spec, label, &c, err))
        return false;
    if (c)
        g_ptr_array_add(s->monitors, monitor_new(&env, c));
    return true;
}

/* After all other front ends, so that those of a mux have the keyboard first. */
static bool add_monitors(struct session *s, GError **err)
{
    const struct options *o = &s->options;
    bool shared = false;

    s->monitors = g_ptr_array_new_with_free_func((GDestroyNotify)monitor_free);
    for (unsigned i = 0; i < MACHINE_MAX_SERIAL; i++) {
        g_autofree char *spec = g_strdup_printf("chardev:serial%u", i);

        if (!g_str_has_prefix(serial_spec(o, i), "mon:"))
            continue;
        shared = true;
        if (!add_monitor(s, spec, err))
            return false;
    }
    for (guint i = 0; i < o->monitors->len; i++)
        if (!add_monitor(s, g_ptr_array_index(o->monitors, i), err))
            return false;
    if (!o->nographic || o->config.no_defaults || shared || o->monitors->len || any_is_stdio(o->serials) || any_is_stdio(o->chardevs))
        return true;
    return add_monitor(s, "stdio", err);
}

/* One -device. */
static bool add_device(struct machine *m, const char *text, GError **err)
{
    struct keyval *kv = keyval_parse_any(text, "driver", err);
    const char *driver, *key, *value;
    struct device *dev = NULL;
    bool ok;

    if (!kv)
        return false;
    driver = keyval_get(kv, "driver");
    ok = driver != NULL;
    if (!ok)
        g_set_error(err, g_quark_from_static_string("main"), 0, "-device %s: no device type", text);
    if (ok)
        dev = device_new(m, driver, err);
    ok = dev != NULL;
    if (ok && !dev->type->user_creatable) {
        g_set_error(err, g_quark_from_static_string("main"), 0,
                    "-device %s: it belongs to the machine and cannot be added", driver);
        ok = false;
    }
    for (unsigned i = 0; ok && (key = keyval_at(kv, i, &value)); i++)
        if (strcmp(key, "driver"))
            ok = device_set_prop(dev, key, value, err);
    keyval_free(kv);
    if (!ok)
        return false;
    if (m->board->plug)
        return m->board->plug(m, dev, err);
    g_set_error(err, g_quark_from_static_string("main"), 0, "-device %s: machine %s takes no devices",
                text, m->board->name);
    return false;
}

/* -debugcon: short for a -chardev and a -device isa-debugcon. */
static bool add_debugcon(struct session *s, GError **err)
{
    struct machine *m = s->machine;
    struct chardev *c = NULL;
    struct device *dev;

    if (!s->options.debugcon)
        return true;
    if (!chardev_registry_serial(s->chardevs, s->options.debugcon, "debugcon", &c, err))
        return false;
    dev = device_new(m, "isa-debugcon", err);
    if (!dev)
        return false;
    device_set_chardev(dev, "chardev", c);
    if (m->board->plug)
        return m->board->plug(m, dev, err);
    g_set_error(err, g_quark_from_static_string("main"), 0, "-debugcon: machine %s takes no devices", m->board->name);
    return false;
}

static bool open_drives(struct session *s, GError **err)
{
    const GPtrArray *nodes = s->options.blockdevs, *list = s->options.drives;

    s->drives = drives_new(s->loop);
    if (s->options.board->default_if)
        drives_set_default_interface(s->drives, s->options.board->default_if);
    if (s->options.snapshot)
        drives_snapshot(s->drives);
    for (guint i = 0; i < nodes->len; i++)
        if (!drives_add_node(s->drives, g_ptr_array_index(nodes, i), err))
            return false;
    for (guint i = 0; i < list->len; i++)
        if (!drives_add(s->drives, g_ptr_array_index(list, i), err))
            return false;
    return true;
}

static bool check_flash(struct session *s, GError **err)
{
    for (unsigned i = MACHINE_MAX_PFLASH; i < 256; i++) {
        if (!drives_pflash(s->drives, i))
            continue;
        g_set_error(err, g_quark_from_static_string("main"), 0, "-drive if=pflash,unit=%u: machine %s has flash banks 0 to %u", i,
                    s->machine->board->name, MACHINE_MAX_PFLASH - 1);
        return false;
    }
    return true;
}

/* The device of a drive, as text of -device. */
static char *drive_device(struct machine *m, const char *interface, unsigned index, bool cdrom, const char *id, GError **err)
{
    const char *type = m->board->virtio_blk ? m->board->virtio_blk : "virtio-blk-device";

    if (!strcmp(interface, "virtio"))
        return g_strdup_printf("%s,drive=%s", type, id);
    if (m->board->drive_device)
        return m->board->drive_device(m, interface, index, cdrom, id, err);
    g_set_error(err, g_quark_from_static_string("main"), 0, "-drive if=%s: machine %s has no such drives; use if=virtio", interface,
                m->board->name);
    return NULL;
}

/* A device for each -drive if=virtio, ide, floppy. */
static bool add_disks(struct session *s, GError **err)
{
    static const char *const interfaces[] = { "virtio", "ide", "floppy" };
    unsigned index;
    const char *id;
    bool cdrom;

    for (size_t k = 0; k < G_N_ELEMENTS(interfaces); k++)
        for (unsigned i = 0; (id = drives_next(s->drives, interfaces[k], i, &index, &cdrom)); i++) {
            g_autofree char *text = drive_device(s->machine, interfaces[k], index, cdrom, id, err);

            if (!text || !add_device(s->machine, text, err))
                return false;
        }
    return true;
}

/* The networks of -netdev, -nic and -net; a user network when none of them was given. */
static bool open_networks(struct session *s, GError **err)
{
    const struct options *o = &s->options;
    bool ok = true;

    s->net = net_new(s->loop, s->machine->clock, s->chardevs);
    net_set_cards(s->net, o->board->default_card, o->board->virtio_net);
    for (guint i = 0; ok && i < o->netdevs->len; i++)
        ok = net_add(s->net, g_ptr_array_index(o->netdevs, i), err);
    for (guint i = 0; ok && i < o->nics->len; i++)
        ok = net_add_nic(s->net, g_ptr_array_index(o->nics, i), err);
    for (guint i = 0; ok && i < o->nets->len; i++)
        ok = net_add_old(s->net, g_ptr_array_index(o->nets, i), err);
    if (ok && !o->netdevs->len && !o->nics->len && !o->nets->len && !o->config.no_defaults && !o->board->no_card)
        ok = net_add_default(s->net, err);
    for (guint i = 0; ok && i < o->objects->len; i++)
        ok = net_add_object(s->net, g_ptr_array_index(o->objects, i), err);
    return ok;
}

/* A device for each -nic. */
static bool add_cards(struct session *s, GError **err)
{
    const char *text;

    for (unsigned i = 0; (text = net_card(s->net, i)); i++)
        if (!add_device(s->machine, text, err))
            return false;
    net_warn_unused(s->net, stderr);
    return true;
}

static bool make_machine(struct session *s, GError **err)
{
    struct options *o = &s->options;
    struct chardev *serial[MACHINE_MAX_SERIAL] = { NULL };
    bool ok;

    s->loop = event_loop_new();
    if (!make_chardevs(s, serial, err) || !open_drives(s, err))
        return false;
    s->machine = machine_new(o->board, &o->config, &o->boot, s->loop, err);
    if (!s->machine)
        return false;
    s->machine->attach_chardev = attach_chardev;
    s->machine->attach_drive = attach_drive;
    s->machine->attach_netdev = attach_netdev;
    s->machine->commit_drives = commit_drives;
    s->machine->attach_opaque = s;
    s->machine->globals = o->globals;
    for (unsigned i = 0; i < MACHINE_MAX_PFLASH; i++)
        s->machine->pflash[i] = drives_pflash(s->drives, i);
    if (!check_flash(s, err))
        return false;
    memcpy(s->machine->serial, serial, sizeof(serial));
    if (!machine_init(s->machine, err))
        return false;
    machine_lock(s->machine);
    ok = add_debugcon(s, err) && open_networks(s, err);
    for (guint i = 0; ok && i < o->devices->len; i++)
        ok = add_device(s->machine, g_ptr_array_index(o->devices, i), err);
    ok = ok && add_disks(s, err) && add_cards(s, err) && machine_ready(s->machine, err) && add_monitors(s, err);
    machine_unlock(s->machine);
    return ok;
}

static bool write_pidfile(const char *path, GError **err)
{
    FILE *f;

    if (!path)
        return true;
    f = fopen(path, "we");
    if (f && fprintf(f, "%d\n", (int)getpid()) > 0 && !fclose(f))
        return true;
    g_set_error(err, g_quark_from_static_string("main"), 0, "-pidfile %s: cannot write it: %s", path, g_strerror(errno));
    return false;
}

static gboolean on_signal(gpointer loop)
{
    event_loop_quit(loop, EXIT_SUCCESS);
    return G_SOURCE_CONTINUE;
}

/* From here on these end the run as a power-off does. Before, they have their default effect: a socket may wait for its client. */
static void catch_signals(struct event_loop *loop)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        g_autoptr(GSource) source = g_unix_signal_source_new(signals[i]);

        g_source_set_callback(source, on_signal, loop, NULL);
        g_source_attach(source, event_loop_context(loop));
    }
}

static void fini(struct session *s)
{
    if (s->monitors)
        g_ptr_array_free(s->monitors, TRUE);
    net_close(s->net);           /* its timers are on the machine's clock */
    if (s->machine)
        machine_free(s->machine);
    net_free(s->net);
    drives_free(s->drives);
    if (s->chardevs)
        chardev_registry_free(s->chardevs);
    if (s->loop)
        event_loop_free(s->loop);
    if (s->options.pidfile)
        unlink(s->options.pidfile);
    options_fini(&s->options);
    log_flush();
}

int main(int argc, char **argv)
{
    struct session s = { 0 };
    g_autoptr(GError) err = NULL;
    g_autofree char *name = g_path_get_basename(argv[0]);
    int code = EXIT_FAILURE;

    g_set_prgname(name);     /* -help */
    signal(SIGPIPE, SIG_IGN);
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    if (options_parse(&s.options, argc, argv, name, &err)) {
        if (s.options.done)
            code = EXIT_SUCCESS;
        else if (make_machine(&s, &err) && write_pidfile(s.options.pidfile, &err)) {
            catch_signals(s.loop);
            code = machine_run(s.machine);
        }
    }
    fini(&s);
    if (err)
        fprintf(stderr, "%s: %s\n", name, err->message);
    return code;
}
