/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command line options: one row each, as QEMU documents them. Options of QEMU's that are not here are known by name, so that the error
 * can say what there is instead.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "chardev/chardev.h"
#include "net/net.h"
#include "softmmu/names.h"
#include "softmmu/options.h"
#include "util/keyval.h"
#include "util/log.h"

#define OPTION_ERROR g_quark_from_static_string("option")

typedef bool (*option_fn)(struct options *o, const char *arg, GError **err);

struct option_row {
    const char *name, *arg, *help;     /* arg NULL: takes none */
    option_fn fn;
};

static bool fail(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static bool fail(GError **err, const char *fmt, ...)
{
    va_list ap;
    g_autofree char *text = NULL;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_set_error_literal(err, OPTION_ERROR, 0, text);
    return false;
}

static void set(char **where, const char *value)
{
    g_free(*where);
    *where = g_strdup(value);
}

static bool is_help(const char *arg)
{
    return !strcmp(arg, "help") || !strcmp(arg, "?");
}

/* ---- machine, CPU, accelerator -------------------------------------------------------------- */

static bool machine_help(struct options *o)
{
    g_autofree const struct board_type **list = board_list();

    printf("Supported machines are:\n");
    for (int i = 0; list[i]; i++)
        printf("%-20s %s\n", list[i]->name, list[i]->desc);
    o->done = true;
    return true;
}

static bool no_machine(const char *name, GError **err)
{
    g_autofree const struct board_type **list = board_list();
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (int i = 0; list[i]; i++)
        g_ptr_array_add(names, (gpointer)list[i]->name);
    g_ptr_array_add(names, NULL);
    return fail(err, "-machine %s: no such machine; the nearest is '%s' (-machine help lists them)",
                name, name_nearest(name, (const char *const *)names->pdata));
}

static bool parse_accel(struct options *o, const char *arg, GError **err);

static bool machine_prop(struct options *o, const char *key, const char *value, GError **err)
{
    if (!strcmp(key, "accel"))
        return parse_accel(o, value, err);
    if (!strcmp(key, "dumpdtb"))
        set(&o->boot.dumpdtb, value);
    else if (!strcmp(key, "dtb"))
        set(&o->boot.dtb, value);
    else if (!strcmp(key, "kernel"))
        set(&o->boot.kernel, value);
    else if (!strcmp(key, "initrd"))
        set(&o->boot.initrd, value);
    else if (!strcmp(key, "append"))
        set(&o->boot.append, value);
    else if (!strcmp(key, "firmware"))
        set(&o->boot.bios, value);
    else
        g_hash_table_replace(o->config.props, g_strdup(key), g_strdup(value));
    return true;
}

static bool opt_machine(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv;
    const char *key, *value;
    bool ok = true;

    if (is_help(arg))
        return machine_help(o);
    kv = keyval_parse(arg, "type", err);
    if (!kv)
        return false;
    for (unsigned i = 0; ok && (key = keyval_at(kv, i, &value)); i++) {
        if (strcmp(key, "type")) {
            ok = machine_prop(o, key, value, err);
            continue;
        }
        o->board = board_find(value);
        ok = o->board || no_machine(value, err);
    }
    keyval_free(kv);
    return ok;
}

/* The transports belong to the machine, so their one property is the machine's here. */
/* TYPE.PROP=VALUE, or driver=TYPE,property=PROP,value=VALUE. */
static bool split_global(const char *arg, char **type, char **prop, char **value, GError **err)
{
    const char *dot = strchr(arg, '.'), *equals = strchr(arg, '=');
    struct keyval *kv;
    bool ok;

    if (dot && equals && dot < equals) {
        *type = g_strndup(arg, (size_t)(dot - arg));
        *prop = g_strndup(dot + 1, (size_t)(equals - dot - 1));
        *value = g_strdup(equals + 1);
        return true;
    }
    kv = keyval_parse(arg, NULL, err);
    if (!kv)
        return false;
    *type = g_strdup(keyval_get(kv, "driver"));
    *prop = g_strdup(keyval_get(kv, "property"));
    *value = g_strdup(keyval_get(kv, "value"));
    keyval_free(kv);
    ok = *type && *prop && *value;
    return ok || fail(err, "-global %s: write TYPE.PROPERTY=VALUE", arg);
}

static bool opt_global(struct options *o, const char *arg, GError **err)
{
    static const char *const spellings[] = { "virtio-mmio.force-legacy=", "driver=virtio-mmio,property=force-legacy,value=" };
    g_autofree char *type = NULL, *prop = NULL, *value = NULL;
    bool on;

    for (unsigned i = 0; i < G_N_ELEMENTS(spellings); i++)
        if (g_str_has_prefix(arg, spellings[i]) && keyval_parse_bool(arg + strlen(spellings[i]), &on))
            return machine_prop(o, "force-legacy", on ? "on" : "off", err);
    if (!split_global(arg, &type, &prop, &value, err))
        return false;
    if (!device_type_find(type))
        return fail(err, "-global %s: no such device type (-device help lists them)", arg);
    g_ptr_array_add(o->globals, g_memdup2(&(struct device_global){ g_steal_pointer(&type), g_steal_pointer(&prop), g_steal_pointer(&value) },
                                          sizeof(struct device_global)));
    return true;
}

/* A model that two targets of a family have is listed for the one that the program's name stands for. */
static void list_cpus(const struct cpu_ops *ops, bool want_64bit)
{
    for (int i = 0; ops->models[i]; i++)
        if (cpu_ops_find(ops->family, ops->models[i], want_64bit) == ops)
            printf("  %-14s %s\n", ops->models[i], ops->model_desc(ops->models[i]));
}

static bool opt_cpu(struct options *o, const char *arg, GError **err)
{
    (void)err;
    if (!is_help(arg)) {
        set(&o->config.cpu_model, arg);
        return true;
    }
    printf("Available CPUs:\n");
    for (int n = 0; cpu_ops_at(n); n++)
        list_cpus(cpu_ops_at(n), o->config.want_64bit);
    o->done = true;
    return true;
}

static bool accel_options(struct options *o, struct keyval *kv, GError **err)
{
    const char *thread = keyval_get(kv, "thread"), *hot = keyval_get(kv, "hot");
    uint64_t tb_size = 0;

    if (thread && strcmp(thread, "single") && strcmp(thread, "multi"))
        return fail(err, "-accel tcg,thread=%s: it is single or multi", thread);
    if (thread)
        o->config.thread_single = !strcmp(thread, "single");
    if (hot && strcmp(hot, "auto") && strcmp(hot, "on") && strcmp(hot, "off"))
        return fail(err, "-accel tcg,hot=%s: it is auto, on or off", hot);
    if (hot)
        o->config.hot = !strcmp(hot, "on") ? HOT_ALL : !strcmp(hot, "off") ? HOT_NONE : HOT_SAMPLED;
    if (!keyval_get_bool(kv, "check", &o->config.check, err) ||
        !keyval_get_bool(kv, "interp", &o->config.interpret, err) ||
        !keyval_get_bool(kv, "verify", &o->config.verify, err) ||
        !keyval_get_uint(kv, "random-ra", 0, UINT64_MAX, &o->config.random_ra, err) ||
        !keyval_get_uint(kv, "tb-size", 0, 2047, &tb_size, err))
        return false;
    if (tb_size)
        o->config.tb_size = tb_size << 20;
    if (o->config.check && o->config.interpret)
        return fail(err, "-accel tcg,check=on,interp=on: there is no host code to check; leave one out");
    if (o->config.check && thread && !o->config.thread_single)
        return fail(err, "-accel tcg,check=on,thread=multi: checking needs thread=single");
    o->config.thread_single |= o->config.check;
    return keyval_finish(kv, "-accel tcg", "thread, tb-size, hot, check, interp, verify, random-ra", err);
}

static bool parse_accel(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv;
    const char *name;
    bool ok;

    if (is_help(arg)) {
        printf("Accelerators supported in this build:\ntcg\n");
        o->done = true;
        return true;
    }
    kv = keyval_parse(arg, "accel", err);
    if (!kv)
        return false;
    name = keyval_get(kv, "accel");
    if (!name || strcmp(name, "tcg"))
        ok = fail(err, "-accel %s: no such accelerator here; there is 'tcg'", name ? name : arg);
    else
        ok = accel_options(o, kv, err);
    keyval_free(kv);
    return ok;
}

enum smp_part { SMP_SOCKETS, SMP_DIES, SMP_CLUSTERS, SMP_CORES, SMP_THREADS, SMP_PARTS };

/* What was not said (0) follows from the rest: one of cores, sockets, threads, in this order, from the number of CPUs; else 1. */
static bool smp_complete(uint64_t part[SMP_PARTS], uint64_t *cpus, uint64_t max, const char *arg, GError **err)
{
    uint64_t want = max ? max : *cpus, product = 1;
    unsigned open = !want ? SMP_PARTS : !part[SMP_CORES] ? SMP_CORES : !part[SMP_SOCKETS] ? SMP_SOCKETS :
                    !part[SMP_THREADS] ? SMP_THREADS : SMP_PARTS;

    for (unsigned i = 0; i < SMP_PARTS; i++)
        product *= i == open ? 1 : part[i] ? part[i] : 1;
    if (open < SMP_PARTS)
        product *= want / product;
    if (!want)
        want = product;
    if (!*cpus)
        *cpus = want;
    if (product != want)
        return fail(err, "-smp %s: sockets * dies * clusters * cores * threads must make %" G_GUINT64_FORMAT " CPUs", arg, want);
    if (*cpus > want)
        return fail(err, "-smp %s: cpus=%" G_GUINT64_FORMAT " is more than maxcpus=%" G_GUINT64_FORMAT, arg, *cpus, want);
    return true;
}

static bool opt_smp(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv = keyval_parse(arg, "cpus", err);
    uint64_t part[SMP_PARTS] = { 0 }, cpus = 0, max = 0;
    static const char *const parts[] = { "sockets", "dies", "clusters", "cores", "threads" };
    bool ok = kv != NULL;

    for (unsigned i = 0; ok && i < SMP_PARTS; i++)
        ok = keyval_get_uint(kv, parts[i], 1, 1024, &part[i], err);
    ok = ok && keyval_get_uint(kv, "cpus", 1, 1024, &cpus, err) &&
         keyval_get_uint(kv, "maxcpus", 1, 1024, &max, err) &&
         keyval_finish(kv, "-smp", "cpus, maxcpus, sockets, dies, clusters, cores, threads", err) &&
         smp_complete(part, &cpus, max, arg, err);
    if (kv)
        keyval_free(kv);
    o->config.smp = (int)cpus;
    return ok;
}

static bool opt_m(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv = keyval_parse(arg, "size", err);
    const char *size;
    bool ok;

    if (!kv)
        return false;
    size = keyval_get(kv, "size");
    ok = size && keyval_parse_size(size, 1 << 20, &o->config.ram_size) && o->config.ram_size;
    if (!ok)
        fail(err, "-m %s: not a size; write it as 512, 512M or 1G", arg);
    ok = ok && keyval_finish(kv, "-m", "size", err);
    keyval_free(kv);
    return ok;
}

/* ---- boot ----------------------------------------------------------------------------------- */

#define STRING_OPTION(name, field)                                                 \
    static bool name(struct options *o, const char *arg, GError **err)             \
    {                                                                              \
        (void)err;                                                                 \
        set(&o->field, arg);                                                       \
        return true;                                                               \
    }
STRING_OPTION(opt_kernel, boot.kernel)
STRING_OPTION(opt_initrd, boot.initrd)
STRING_OPTION(opt_append, boot.append)
STRING_OPTION(opt_dtb, boot.dtb)
STRING_OPTION(opt_bios, boot.bios)
STRING_OPTION(opt_pidfile, pidfile)

static bool opt_L(struct options *o, const char *arg, GError **err)
{
    if (!g_file_test(arg, G_FILE_TEST_IS_DIR))
        return fail(err, "-L %s: there is no such folder", arg);
    g_ptr_array_add(o->boot.firmware_dirs, g_strdup(arg));
    return true;
}

static bool opt_fw_cfg(struct options *o, const char *arg, GError **err)
{
    (void)err;
    g_ptr_array_add(o->boot.fw_cfg, g_strdup(arg));
    return true;
}

static bool opt_name(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv = keyval_parse(arg, "guest", err);
    bool threads = false, ok;

    if (!kv)
        return false;
    set(&o->config.name, keyval_get(kv, "guest"));
    ok = keyval_get_bool(kv, "debug-threads", &threads, err);
    keyval_get(kv, "process");
    ok = ok && keyval_finish(kv, "-name", "guest, process, debug-threads", err);
    keyval_free(kv);
    return ok;
}

#define FLAG_OPTION(name, field)                                                   \
    static bool name(struct options *o, const char *arg, GError **err)             \
    {                                                                              \
        (void)arg;                                                                 \
        (void)err;                                                                 \
        o->field = true;                                                           \
        return true;                                                               \
    }
FLAG_OPTION(opt_no_reboot, config.no_reboot)
FLAG_OPTION(opt_no_shutdown, config.no_shutdown)
FLAG_OPTION(opt_S, config.start_paused)
FLAG_OPTION(opt_perfmap, config.perfmap)
FLAG_OPTION(opt_nodefaults, config.no_defaults)
FLAG_OPTION(opt_nographic, nographic)
FLAG_OPTION(opt_snapshot, snapshot)

static bool opt_accepted(struct options *o, const char *arg, GError **err)
{
    (void)o;
    (void)arg;
    (void)err;
    return true;             /* it asks for what is so anyway */
}

static bool opt_seed(struct options *o, const char *arg, GError **err)
{
    o->config.seeded = true;
    return keyval_parse_number(arg, &o->config.seed) || fail(err, "-seed %s: not a number", arg);
}

/* ---- devices and consoles ------------------------------------------------------------------- */

static bool device_help(struct options *o)
{
    g_autofree const struct device_type **list = device_type_list();

    for (int i = 0; list[i]; i++)
        if (list[i]->user_creatable)
            printf("name \"%s\", bus %s%s%s%s, desc \"%s\"\n", list[i]->name, list[i]->bus ? list[i]->bus : "System",
                   list[i]->alias ? ", alias \"" : "", list[i]->alias ? list[i]->alias : "", list[i]->alias ? "\"" : "",
                   list[i]->desc);
    o->done = true;
    return true;
}

static bool opt_device(struct options *o, const char *arg, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(arg, ",", 2);
    const struct device_type *type;

    if (is_help(arg))
        return device_help(o);
    if (!parts[0] || !parts[1] || !is_help(parts[1])) {
        g_ptr_array_add(o->devices, g_strdup(arg));
        return true;
    }
    type = device_type_find(parts[0]);
    if (!type)
        return fail(err, "-device %s: no such device type (-device help lists them)", arg);
    device_type_help(type, stdout);
    o->done = true;
    return true;
}

static bool opt_chardev(struct options *o, const char *arg, GError **err)
{
    (void)err;
    if (is_help(arg)) {
        chardev_help(stdout);
        o->done = true;
        return true;
    }
    g_ptr_array_add(o->chardevs, g_strdup(arg));
    return true;
}

static bool opt_serial(struct options *o, const char *arg, GError **err)
{
    if (o->serials->len == MACHINE_MAX_SERIAL)
        return fail(err, "-serial %s: there are at most %d serial ports", arg, MACHINE_MAX_SERIAL);
    g_ptr_array_add(o->serials, g_strdup(arg));
    return true;
}

static bool opt_debugcon(struct options *o, const char *arg, GError **err)
{
    (void)err;
    set(&o->debugcon, arg);
    return true;
}

static bool opt_monitor(struct options *o, const char *arg, GError **err)
{
    if (!strcmp(arg, "vc") || g_str_has_prefix(arg, "vc:"))
        return fail(err, "-monitor %s: there are no windows; use stdio, pty, unix:PATH or tcp:HOST:PORT", arg);
    g_ptr_array_add(o->monitors, g_strdup(arg));
    return true;
}

static bool opt_mon(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv = keyval_parse(arg, "chardev", err);
    const char *id, *mode;
    bool pretty = false, ok;

    if (!kv)
        return false;
    id = keyval_get(kv, "chardev");
    mode = keyval_get(kv, "mode");
    ok = keyval_get_bool(kv, "pretty", &pretty, err) && keyval_finish(kv, "-mon", "chardev, mode", err);
    if (ok && !id)
        ok = fail(err, "-mon %s: it needs chardev=ID", arg);
    if (ok && mode && strcmp(mode, "readline"))
        ok = fail(err, "-mon %s: mode=%s is not supported; there is mode=readline", arg, mode);
    if (ok)
        g_ptr_array_add(o->monitors, g_strdup_printf("chardev:%s", id));
    keyval_free(kv);
    return ok;
}

static bool opt_drive(struct options *o, const char *arg, GError **err)
{
    (void)err;
    g_ptr_array_add(o->drives, g_strdup(arg));
    return true;
}

static bool opt_blockdev(struct options *o, const char *arg, GError **err)
{
    (void)err;
    g_ptr_array_add(o->blockdevs, g_strdup(arg));
    return true;
}

static void add_disk(struct options *o, const char *arg, int index, const char *more)
{
    g_auto(GStrv) parts = g_strsplit(arg, ",", -1);
    g_autofree char *file = g_strjoinv(",,", parts);

    g_ptr_array_add(o->drives, g_strdup_printf("file=%s,index=%d%s", file, index, more));
}

/* -hda FILE and its like: places as QEMU numbers them. */
#define DISK_OPTION(name, index, more)                                             \
    static bool name(struct options *o, const char *arg, GError **err)             \
    {                                                                              \
        (void)err;                                                                 \
        add_disk(o, arg, index, more);                                             \
        return true;                                                               \
    }
DISK_OPTION(opt_hda, 0, ",format=raw")
DISK_OPTION(opt_hdb, 1, ",format=raw")
DISK_OPTION(opt_hdc, 2, ",format=raw")
DISK_OPTION(opt_hdd, 3, ",format=raw")
DISK_OPTION(opt_cdrom, 2, ",format=raw,media=cdrom")
DISK_OPTION(opt_fda, 0, ",format=raw,if=floppy")
DISK_OPTION(opt_fdb, 1, ",format=raw,if=floppy")

static bool opt_pflash(struct options *o, const char *arg, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(arg, ",", -1);
    g_autofree char *file = g_strjoinv(",,", parts);

    (void)err;
    g_ptr_array_add(o->drives, g_strdup_printf("file=%s,if=pflash,format=raw", file));
    return true;
}

/* An option that is read when the machine is made; help lists the kinds of networks. */
#define LIST_OPTION(name, list)                                                    \
    static bool name(struct options *o, const char *arg, GError **err)             \
    {                                                                              \
        (void)err;                                                                 \
        if (is_help(arg)) {                                                        \
            net_help(stdout);                                                      \
            o->done = true;                                                        \
            return true;                                                           \
        }                                                                          \
        g_ptr_array_add(o->list, g_strdup(arg));                                   \
        return true;                                                               \
    }
LIST_OPTION(opt_netdev, netdevs)
LIST_OPTION(opt_nic, nics)
LIST_OPTION(opt_net, nets)

static bool opt_object(struct options *o, const char *arg, GError **err)
{
    (void)err;
    if (is_help(arg)) {
        printf("List of user creatable objects:\n  filter-dump\n");
        o->done = true;
        return true;
    }
    g_ptr_array_add(o->objects, g_strdup(arg));
    return true;
}

static bool opt_display(struct options *o, const char *arg, GError **err)
{
    if (strcmp(arg, "none"))
        return fail(err, "-display %s: there are no displays yet; use -display none or -nographic", arg);
    o->display_none = true;
    return true;
}

static bool opt_vga(struct options *o, const char *arg, GError **err)
{
    if (strcmp(arg, "none") && strcmp(arg, "std"))
        return fail(err, "-vga %s: there are std and none", arg);
    set(&o->config.vga, arg);
    return true;
}

/* ---- -boot ---------------------------------------------------------------------------------- */

static bool check_order(const char *option, const char *order, GError **err)
{
    for (const char *c = order; *c; c++)
        if (*c < 'a' || *c > 'p' || strchr(c + 1, *c))
            return fail(err, "-boot %s=%s: letters from a to p, each once: a, b floppies, c disk, d CD-ROM, n network", option, order);
    return true;
}

static bool read_order(struct keyval *kv, const char *option, char **where, GError **err)
{
    const char *order = keyval_get(kv, option);

    if (!order)
        return true;
    set(where, order);
    return check_order(option, order, err);
}

static bool opt_boot(struct options *o, const char *arg, GError **err)
{
    struct keyval *kv = keyval_parse(arg, "order", err);
    uint64_t ms = 0;
    bool ok;

    if (!kv)
        return false;
    ok = read_order(kv, "order", &o->boot.order, err) && read_order(kv, "once", &o->boot.once, err) &&
         keyval_get_bool(kv, "menu", &o->boot.menu, err) && keyval_get_bool(kv, "strict", &o->boot.strict, err) &&
         keyval_get_uint(kv, "splash-time", 0, 65535, &ms, err) &&
         keyval_finish(kv, "-boot", "order, once, menu, splash-time, strict", err);
    o->boot.menu_ms = (uint32_t)ms;
    keyval_free(kv);
    return ok;
}

/* QEMU's old spellings of machine properties. */
#define OFF_OPTION(name, prop)                                                     \
    static bool name(struct options *o, const char *arg, GError **err)             \
    {                                                                              \
        (void)arg;                                                                 \
        return machine_prop(o, prop, "off", err);                                  \
    }
OFF_OPTION(opt_no_hpet, "hpet")
OFF_OPTION(opt_no_acpi, "acpi")

/* Options whose only supported value is "none". */
static bool opt_none(struct options *o, const char *arg, GError **err)
{
    (void)o;
    if (!strcmp(arg, "none"))
        return true;
    return fail(err, "'%s' is not supported here; the nearest is 'none'", arg);
}

/* ---- logs ----------------------------------------------------------------------------------- */

static bool opt_d(struct options *o, const char *arg, GError **err)
{
    if (!is_help(arg))
        return log_set_topics(arg, err);
    log_help(stdout);
    o->done = true;
    return true;
}

static bool opt_D(struct options *o, const char *arg, GError **err)
{
    (void)o;
    return log_set_file(arg, err);
}

/* ---- help ----------------------------------------------------------------------------------- */

static bool opt_help(struct options *o, const char *arg, GError **err);

static bool opt_version(struct options *o, const char *arg, GError **err)
{
    (void)arg;
    (void)err;
    printf("Tinamou emulator version %s\n", CONFIG_VERSION);
    o->done = true;
    return true;
}

static const struct option_row rows[] = {
    { "machine", "[type=]NAME[,PROP=VALUE...]", "machine type (help lists them); accel=tcg, dumpdtb=FILE", opt_machine },
    { "M", "NAME", "same as -machine", opt_machine },
    { "global", "TYPE.PROP=VALUE", "a property of all devices of this type (-device TYPE,help lists them); virtio-mmio.force-legacy=off is -machine force-legacy=off", opt_global },
    { "cpu", "MODEL[,PROP=VALUE...]", "CPU model (help lists them)", opt_cpu },
    { "accel", "tcg[,thread=single|multi][,tb-size=MIB][,hot=auto|on|off][,check=on][,interp=on]", "accelerator; hot= says which code is translated with more effort; interp=on interprets the IR, check=on compares host code with the interpreter", parse_accel },
    { "smp", "[cpus=]N", "number of CPUs", opt_smp },
    { "m", "[size=]SIZE", "guest RAM in MiB, or with a suffix K M G", opt_m },
    { "kernel", "FILE", "zImage, Image, uImage, ELF or raw kernel; on a PC bzImage, multiboot or PVH (ELF)", opt_kernel },
    { "initrd", "FILE", "initial RAM disk", opt_initrd },
    { "append", "TEXT", "kernel command line", opt_append },
    { "dtb", "FILE", "device tree instead of the machine's own", opt_dtb },
    { "bios", "FILE", "firmware for the first flash bank; a name alone is looked up where Debian's packages put firmware", opt_bios },
    { "pflash", "FILE", "raw image of the next flash bank, as with -drive if=pflash", opt_pflash },
    { "L", "FOLDER", "look for -bios there, too", opt_L },
    { "fw_cfg", "[name=]NAME,file=FILE|string=TEXT", "a file for the guest's firmware or for /sys/firmware/qemu_fw_cfg", opt_fw_cfg },
    { "boot", "[order=]LETTERS[,once=LETTERS][,menu=on|off][,splash-time=MS][,strict=on|off]",
      "what a PC's firmware starts: a, b floppies, c disk, d CD-ROM, n network", opt_boot },
    { "no-acpi", NULL, "same as -machine acpi=off", opt_no_acpi },
    { "no-hpet", NULL, "same as -machine hpet=off", opt_no_hpet },
    { "device", "TYPE[,PROP=VALUE...]", "add a device (help lists them; TYPE,help its properties)", opt_device },
    { "chardev", "BACKEND,id=ID[,OPTION...]", "add a character device (help)", opt_chardev },
    { "drive", "file=FILE[,if=ide|floppy|virtio|none|pflash][,index=N][,id=ID][,format=raw][,readonly=on|off][,snapshot=on|off]"
      "[,cache=writeback|none|writethrough|directsync|unsafe][,aio=threads|io_uring|native][,discard=ignore|unmap]"
      "[,detect-zeroes=off|on|unmap][,werror=report|ignore|enospc|stop][,rerror=report|ignore|stop]",
      "disk image; if=none is for -device virtio-blk-device,drive=ID; werror=enospc (the default) pauses the guest when the host's disk is full", opt_drive },
    { "blockdev", "[driver=]raw|file,node-name=NAME[,OPTION=VALUE...]", "image as a node for -device virtio-blk-device,drive=NAME; also as JSON. "
      "file: filename=FILE; raw: file=NODE or file.driver=file,file.filename=FILE; options of -drive: read-only, cache.direct, cache.no-flush, aio, discard, detect-zeroes", opt_blockdev },
    { "fda", "FILE", "raw image of the first floppy disk", opt_fda },
    { "fdb", "FILE", "of the second", opt_fdb },
    { "hda", "FILE", "raw disk image as the first disk (IDE on a PC, else virtio)", opt_hda },
    { "hdb", "FILE", "as the second", opt_hdb },
    { "hdc", "FILE", "as the third", opt_hdc },
    { "hdd", "FILE", "as the fourth", opt_hdd },
    { "cdrom", "FILE", "read-only image as the third disk, a CD-ROM on a PC", opt_cdrom },
    { "snapshot", NULL, "writes to the images of -drive go to temporary files and are lost at the end", opt_snapshot },
    { "serial", "DEV", "where the next serial port goes: stdio, mon:stdio, pty, unix:PATH, tcp:HOST:PORT, file:PATH, pipe:PATH, chardev:ID, null, none", opt_serial },
    { "debugcon", "DEV", "where the bytes go that firmware writes to port 0xe9 of a PC (-global isa-debugcon.iobase=0x402 for OVMF); DEV as of -serial", opt_debugcon },
    { "nographic", NULL, "serial port and monitor on the terminal (Ctrl-A c switches, Ctrl-A x quits, Ctrl-A h helps); the default without -display none", opt_nographic },
    { "display", "none", "no display", opt_display },
    { "monitor", "DEV", "a monitor there, as with -serial; none: no monitor. Without it Ctrl-A c switches the terminal to one", opt_monitor },
    { "mon", "[chardev=]ID[,mode=readline]", "a monitor on a -chardev", opt_mon },
    { "netdev", "user|tap|socket|stream|dgram,id=ID[,OPTION...]", "add a network for -device virtio-net-device,netdev=ID (help lists kinds and options)", opt_netdev },
    { "nic", "none|user|tap|socket|stream|dgram[,model=CARD][,mac=MAC][,OPTION...]", "a network and its card; none: no network (the default is user)", opt_nic },
    { "net", "none|nic|user|tap|socket[,OPTION...]", "old form: nic is the card, the others its network", opt_net },
    { "object", "filter-dump,id=ID,netdev=ID,file=FILE[,maxlen=N]", "write a network's frames to a pcap file", opt_object },
    { "vga", "std|none", "the display adapter of machines that have one", opt_vga },
    { "parallel", "none", "no parallel port", opt_none },
    { "d", "TOPIC[,TOPIC...]", "log these topics (help lists them)", opt_d },
    { "D", "FILE", "write the log to FILE, not to stderr", opt_D },
    { "perfmap", NULL, "write /tmp/perf-PID.map, so that perf names translated code", opt_perfmap },
    { "no-reboot", NULL, "exit when the guest resets", opt_no_reboot },
    { "no-shutdown", NULL, "stay, stopped, when the guest powers off", opt_no_shutdown },
    { "S", NULL, "do not start the CPUs", opt_S },
    { "name", "NAME", "name of the guest", opt_name },
    { "pidfile", "FILE", "write the process id to FILE", opt_pidfile },
    { "nodefaults", NULL, "no default devices", opt_nodefaults },
    { "no-user-config", NULL, "(there is none)", opt_accepted },
    { "seed", "NUMBER", "seed of the guest's random numbers, to repeat a run", opt_seed },
    { "version", NULL, "print the version and exit", opt_version },
    { "help", NULL, "print this and exit", opt_help },
    { "h", NULL, "same as -help", opt_help },
};

/* QEMU's options that are not here, and what to do instead. */
static const struct { const char *name, *instead; } missing[] = {
    { "sd", "use -drive file=FILE,if=virtio" },
    { "gdb", "the gdb stub comes later; use -d in_asm,int" },
    { "s", "the gdb stub comes later; use -d in_asm,int" },
    { "qmp", "QMP comes later; use -monitor" },
    { "icount", "the nearest is -accel tcg,thread=single" },
    { "enable-kvm", "KVM comes later; use -accel tcg" },
    { "semihosting", "semihosting comes later; use the serial port" },
    { "loadvm", "snapshots come later" },
    { "incoming", "migration comes later" },
    { "daemonize", "run it in the background of the shell, with -pidfile and -serial" },
    { "rtc", "the clock is the host's, in UTC" },
};

static bool opt_help(struct options *o, const char *arg, GError **err)
{
    (void)arg;
    (void)err;
    printf("Tinamou emulator version %s\nusage: %s [options]\n\n", CONFIG_VERSION, g_get_prgname());
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        printf("-%s%s%s\n        %s\n", rows[i].name, rows[i].arg ? " " : "",
               rows[i].arg ? rows[i].arg : "", rows[i].help);
    o->done = true;
    return true;
}

static bool unknown(const char *name, GError **err)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(missing); i++)
        if (!strcmp(missing[i].name, name))
            return fail(err, "option -%s is not supported: %s", name, missing[i].instead);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        g_ptr_array_add(names, (gpointer)rows[i].name);
    g_ptr_array_add(names, NULL);
    return fail(err, "no option -%s; the nearest is -%s (-help lists them)", name,
                name_nearest(name, (const char *const *)names->pdata));
}

static const struct option_row *find_row(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}

static bool parse_one(struct options *o, int argc, char **argv, int *i, GError **err)
{
    const struct option_row *row;
    const char *name = argv[*i], *arg = NULL;

    if (name[0] != '-' || !name[1])
        return fail(err, "'%s': not an option; a disk image is given with -drive file=FILE, a kernel with -kernel", name);
    name += name[1] == '-' ? 2 : 1;
    row = find_row(name);
    if (!row)
        return unknown(name, err);
    if (row->arg) {
        if (*i + 1 >= argc)
            return fail(err, "option -%s needs a value: %s", row->name, row->arg);
        arg = argv[++*i];
    }
    if (row->fn(o, arg, err))
        return true;
    if (err && *err && (*err)->message[0] != '-' && !g_str_has_prefix((*err)->message, "option"))
        g_prefix_error(err, "-%s: ", row->name);
    return false;
}

static bool check_props(const struct options *o, GError **err)
{
    GHashTableIter it;
    gpointer key;

    g_hash_table_iter_init(&it, o->config.props);
    while (g_hash_table_iter_next(&it, &key, NULL))
        if (!o->board->props || !g_strv_contains(o->board->props, key))
            return fail(err, "-machine %s has no property '%s'; the nearest is '%s'", o->board->name,
                        (char *)key, o->board->props ? name_nearest(key, o->board->props) : "dumpdtb");
    return true;
}

static bool check(struct options *o, GError **err)
{
    if (!o->board && o->x86)
        o->board = board_find("pc");
    if (!o->board)
        return fail(err, "no machine given; use -machine NAME (-machine help lists them)");
    if (!o->config.cpu_model)
        o->config.cpu_model = g_strdup(o->board->default_cpu_32 && !o->config.want_64bit ? o->board->default_cpu_32 :
                                       o->board->default_cpu);
    if (!o->config.ram_size)
        o->config.ram_size = o->board->default_ram;
    if (!o->config.smp)
        o->config.smp = 1;
    o->config.serial_console = o->nographic || !o->display_none;
    if (o->config.smp > o->board->max_cpus)
        return fail(err, "-smp %d: machine %s has at most %d CPUs", o->config.smp, o->board->name,
                    o->board->max_cpus);
    if (!o->boot.kernel && (o->boot.initrd || o->boot.append))
        return fail(err, "%s needs -kernel", o->boot.initrd ? "-initrd" : "-append");
    return check_props(o, err);
}

static void free_global(gpointer p)
{
    struct device_global *g = p;

    g_free(g->type);
    g_free(g->prop);
    g_free(g->value);
    g_free(g);
}

bool options_parse(struct options *o, int argc, char **argv, const char *target, GError **err)
{
    memset(o, 0, sizeof(*o));
    o->config.want_64bit = g_str_has_suffix(target, "-aarch64") || g_str_has_suffix(target, "-x86_64");
    o->x86 = g_str_has_suffix(target, "-x86_64") || g_str_has_suffix(target, "-i386");
    o->boot.fw_cfg = g_ptr_array_new_with_free_func(g_free);
    o->boot.firmware_dirs = g_ptr_array_new_with_free_func(g_free);
    o->chardevs = g_ptr_array_new_with_free_func(g_free);
    o->monitors = g_ptr_array_new_with_free_func(g_free);
    o->serials = g_ptr_array_new_with_free_func(g_free);
    o->devices = g_ptr_array_new_with_free_func(g_free);
    o->drives = g_ptr_array_new_with_free_func(g_free);
    o->blockdevs = g_ptr_array_new_with_free_func(g_free);
    o->netdevs = g_ptr_array_new_with_free_func(g_free);
    o->nics = g_ptr_array_new_with_free_func(g_free);
    o->nets = g_ptr_array_new_with_free_func(g_free);
    o->objects = g_ptr_array_new_with_free_func(g_free);
    o->globals = g_ptr_array_new_with_free_func(free_global);
#ifdef CONFIG_DEBUG_TCG
    o->config.verify = true;
#endif
    o->config.props = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 1; i < argc && !o->done; i++)
        if (!parse_one(o, argc, argv, &i, err))
            return false;
    return o->done || check(o, err);
}

void options_fini(struct options *o)
{
    g_ptr_array_free(o->chardevs, TRUE);
    g_ptr_array_free(o->serials, TRUE);
    g_ptr_array_free(o->monitors, TRUE);
    g_ptr_array_free(o->devices, TRUE);
    g_ptr_array_free(o->drives, TRUE);
    g_ptr_array_free(o->blockdevs, TRUE);
    g_ptr_array_free(o->netdevs, TRUE);
    g_ptr_array_free(o->nics, TRUE);
    g_ptr_array_free(o->nets, TRUE);
    g_ptr_array_free(o->objects, TRUE);
    g_ptr_array_free(o->globals, TRUE);
    g_free(o->debugcon);
    g_hash_table_destroy(o->config.props);
    g_free(o->config.cpu_model);
    g_free(o->config.name);
    g_free(o->pidfile);
    g_free(o->boot.kernel);
    g_free(o->boot.initrd);
    g_free(o->boot.append);
    g_free(o->boot.dtb);
    g_free(o->boot.dumpdtb);
    g_free(o->boot.bios);
    g_free(o->boot.order);
    g_free(o->boot.once);
    g_free(o->config.vga);
    g_ptr_array_free(o->boot.firmware_dirs, TRUE);
    g_ptr_array_free(o->boot.fw_cfg, TRUE);
}
