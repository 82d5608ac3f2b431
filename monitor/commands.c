/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monitor commands: the handlers of commands.def, the search for one, and help. */
#include "config.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "block/block.h"
#include "block/drives.h"
#include "chardev/chardev.h"
#include "monitor/internal.h"
#include "softmmu/display.h"
#include "softmmu/input.h"
#include "softmmu/machine.h"
#include "ui/image.h"
#include "util/event-loop.h"
#include "util/keyval.h"

void monitor_printf(struct monitor_call *call, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_string_append_vprintf(call->out, fmt, ap);
    va_end(ap);
}

/* ---- running -------------------------------------------------------------------------------- */

static bool do_commit(struct monitor_call *call, GError **err)
{
    struct machine *m = call->machine;

    return !m->commit_drives || m->commit_drives(m->attach_opaque, call->args[0], err);
}

static bool do_cont(struct monitor_call *call, GError **err)
{
    return machine_cont(call->machine, err);
}

static bool do_stop(struct monitor_call *call, GError **err)
{
    (void)err;
    machine_stop(call->machine);
    return true;
}

static bool do_quit(struct monitor_call *call, GError **err)
{
    (void)err;
    event_loop_quit(call->machine->loop, EXIT_SUCCESS);
    call->over = true;
    return true;
}

static bool do_system_reset(struct monitor_call *call, GError **err)
{
    (void)err;
    machine_reset_now(call->machine);
    return true;
}

static bool do_system_powerdown(struct monitor_call *call, GError **err)
{
    return machine_powerdown(call->machine, err);
}

static bool do_balloon(struct monitor_call *call, GError **err)
{
    uint64_t bytes;

    if (keyval_parse_size(call->args[0], 1 << 20, &bytes) && bytes)
        return machine_balloon(call->machine, bytes, err);
    g_set_error(err, g_quark_from_static_string("monitor"), 0, "balloon: '%s' is not a size (MiB, or with K, M, G)", call->args[0]);
    return false;
}

static bool do_screendump(struct monitor_call *call, GError **err)
{
    const char *const *args = call->args;
    enum image_format format = IMAGE_PPM;
    struct display_image image;
    bool ok;

    if (args[1] && (strcmp(args[1], "-f") || !args[2] || !image_find_format(args[2], &format))) {
        g_set_error(err, g_quark_from_static_string("monitor"), 0, "screendump: '%s' is not a format; use -f ppm%s",
                    args[2] ? args[2] : args[1], image_has_png() ? " or -f png" : "");
        return false;
    }
    if (!machine_render(call->machine, &image, err))
        return false;
    ok = image_write(args[0], format, image.width, image.height, image.rgb, err);
    g_free(image.rgb);
    return ok;
}

#define SENDKEY_MAX 16
#define SENDKEY_HOLD_MS 100

/* "ctrl-alt-f1"; a lone "-" or one at the end is the minus key's. Returns how many keys, 0 with err for an unknown one. */
static unsigned parse_keys(const char *text, uint8_t *key, GError **err)
{
    unsigned n = 0;

    while (*text) {
        const char *end = strchr(text + 1, '-');
        g_autofree char *name = end ? g_strndup(text, (size_t)(end - text)) : g_strdup(text);
        int number = input_key_number(strcmp(name, "-") ? strcmp(name, "<") ? name : "less" : "minus");

        if (number < 0 || n == SENDKEY_MAX) {
            g_set_error(err, g_quark_from_static_string("monitor"), 0, number < 0 ? "invalid parameter: %s" : "too many keys: %s",
                        number < 0 ? name : text);
            return 0;
        }
        key[n++] = (uint8_t)number;
        text = end ? end + 1 : "";
    }
    return n;
}

static bool do_sendkey(struct monitor_call *call, GError **err)
{
    uint64_t hold = SENDKEY_HOLD_MS;
    uint8_t key[SENDKEY_MAX];
    unsigned n = parse_keys(call->args[0], key, err);

    if (!n)
        return false;
    if (call->args[1] && (!keyval_parse_number(call->args[1], &hold) || hold > 3600 * 1000)) {
        g_set_error(err, g_quark_from_static_string("monitor"), 0, "sendkey: '%s' is not a number of milliseconds", call->args[1]);
        return false;
    }
    if (input_send_keys(call->machine, key, n, hold ? (uint32_t)hold : SENDKEY_HOLD_MS))
        return true;
    g_set_error(err, g_quark_from_static_string("monitor"), 0, "sendkey: too many keys wait to be sent; try again later");
    return false;
}

/* ---- info ----------------------------------------------------------------------------------- */

static bool do_info_balloon(struct monitor_call *call, GError **err)
{
    g_autoptr(GString) stats = g_string_new(NULL);
    uint64_t bytes;

    if (!machine_balloon_info(call->machine, &bytes, stats, err))
        return false;
    monitor_printf(call, "balloon: actual=%" G_GUINT64_FORMAT "%s\n", bytes >> 20, stats->str);
    return true;
}

static bool do_info_status(struct monitor_call *call, GError **err)
{
    enum run_state state = call->machine->state;

    (void)err;
    monitor_printf(call, "VM status: %s", state == RUN_RUNNING ? "running" : "paused");
    if (state != RUN_RUNNING && state != RUN_PAUSED)
        monitor_printf(call, " (%s)", run_state_name(state));
    monitor_printf(call, "\n");
    return true;
}

static bool do_info_version(struct monitor_call *call, GError **err)
{
    (void)err;
    monitor_printf(call, "%s\n", CONFIG_VERSION);
    return true;
}

static bool do_info_name(struct monitor_call *call, GError **err)
{
    (void)err;
    if (call->machine->config.name)
        monitor_printf(call, "%s\n", call->machine->config.name);
    return true;
}

static bool do_info_block(struct monitor_call *call, GError **err)
{
    struct drive_info d;

    (void)err;
    for (unsigned i = 0; call->env->drives && drives_info(call->env->drives, i, &d); i++) {
        monitor_printf(call, "%s%s", i ? "\n" : "", d.id ? d.id : d.node_name);
        if (d.id && d.node_name)
            monitor_printf(call, " (%s)", d.node_name);
        monitor_printf(call, ": %s (raw%s%s)\n", block_file(d.image), block_readonly(d.image) ? ", read-only" : "",
                       d.snapshot ? ", snapshot" : "");
        monitor_printf(call, "    Cache mode:       %s\n", block_writethrough(d.image) ? "writethrough" : "writeback");
    }
    return true;
}

static bool do_info_chardev(struct monitor_call *call, GError **err)
{
    const char *label, *kind;

    (void)err;
    for (unsigned i = 0; call->env->chardevs && (label = chardev_registry_label(call->env->chardevs, i, &kind)); i++)
        monitor_printf(call, "%s: filename=%s\n", label, kind);
    return true;
}

/* ---- help ----------------------------------------------------------------------------------- */

static bool is_info(const struct monitor_command *c)
{
    return g_str_has_prefix(c->name, "info ");
}

static void print_help(struct monitor_call *call, const struct monitor_command *c)
{
    monitor_printf(call, "%s %s -- %s\n", c->name, c->args, c->help);
}

static bool do_info(struct monitor_call *call, GError **err)
{
    (void)err;
    for (const struct monitor_command *c = monitor_commands(); c->name; c++)
        if (is_info(c))
            print_help(call, c);
    return true;
}

static bool do_help(struct monitor_call *call, GError **err)
{
    const char *name = call->args[0];
    bool found = false;

    (void)err;
    if (name && !strcmp(name, "info"))
        return do_info(call, err);
    for (const struct monitor_command *c = monitor_commands(); c->name; c++) {
        if (is_info(c) || (name && !monitor_name_is(c->name, name)))
            continue;
        print_help(call, c);
        found = true;
    }
    if (!found)
        monitor_printf(call, "unknown command: '%s'\n", name);
    return true;
}

/* ---- the table ------------------------------------------------------------------------------ */

const struct monitor_command *monitor_commands(void)
{
    static const struct monitor_command commands[] = {
#define COMMAND(name, args, help, run) { name, args, help, run },
#include "monitor/commands.def"
#undef COMMAND
        { NULL, NULL, NULL, NULL },
    };

    return commands;
}

bool monitor_name_is(const char *names, const char *word)
{
    g_auto(GStrv) list = g_strsplit(names, "|", -1);

    return g_strv_contains((const char *const *)list, word);
}

/* The command that the words begin with; *used says with how many. */
static const struct monitor_command *find(const char *const *words, unsigned *used)
{
    const struct monitor_command *all = monitor_commands();
    g_autofree char *two = words[1] ? g_strdup_printf("%s %s", words[0], words[1]) : NULL;

    for (const struct monitor_command *c = all; two && c->name; c++)
        if (!strcmp(c->name, two)) {
            *used = 2;
            return c;
        }
    *used = 1;
    for (const struct monitor_command *c = all; c->name; c++)
        if (monitor_name_is(c->name, words[0]))
            return c;
    return NULL;
}

/* false with err when the command takes fewer or more words. */
static bool check_args(const struct monitor_command *c, const char *const *args, GError **err)
{
    g_auto(GStrv) declared = g_strsplit(c->args, " ", -1);
    unsigned given = g_strv_length((char **)args), most = *c->args ? g_strv_length(declared) : 0, least = 0;

    while (least < most && *declared[least] != '[')
        least++;
    if (given >= least && given <= most)
        return true;
    if (given < least)
        g_set_error(err, g_quark_from_static_string("monitor"), 0, "%s: %s expected", c->name, declared[given]);
    else
        g_set_error(err, g_quark_from_static_string("monitor"), 0, "%s: extraneous characters at the end of line", c->name);
    return false;
}

/* The words of a line, without the blanks between them. */
static GStrv split(const char *line)
{
    g_auto(GStrv) parts = g_strsplit_set(line, " \t", -1);
    GPtrArray *words = g_ptr_array_new();

    for (unsigned i = 0; parts[i]; i++)
        if (*parts[i])
            g_ptr_array_add(words, g_strdup(parts[i]));
    g_ptr_array_add(words, NULL);
    return (GStrv)g_ptr_array_free(words, FALSE);
}

bool monitor_run_line(const struct monitor_env *env, const char *line, GString *out)
{
    g_auto(GStrv) words = split(line);
    g_autoptr(GError) err = NULL;
    struct monitor_call call = { .env = env, .machine = env->machine, .out = out };
    const struct monitor_command *c;
    unsigned used;

    if (!words[0])
        return true;
    c = find((const char *const *)words, &used);
    if (!c || (words[1] && used == 1 && !strcmp(words[0], "info"))) {
        g_string_append_printf(out, "unknown command: '%s%s%s'\n", words[0], c ? " " : "", c ? words[1] : "");
        return true;
    }
    call.args = (const char *const *)words + used;
    if (!check_args(c, call.args, &err))
        g_string_append_printf(out, "%s\nTry \"help %s\" for more information\n", err->message, words[0]);
    else if (!c->run(&call, &err))
        g_string_append_printf(out, "Error: %s\n", err->message);
    return !call.over;
}

char *monitor_complete(const char *head)
{
    const char *match = NULL;
    size_t len = strlen(head), common = 0;

    for (const struct monitor_command *c = monitor_commands(); c->name; c++) {
        size_t n = strcspn(c->name, "|"), i = len;

        if (strncmp(c->name, head, len) || n < len || (!strncmp(head, "info ", 5) != is_info(c)))
            continue;
        if (!match) {
            match = c->name;
            common = n;
        }
        while (i < common && i < n && match[i] == c->name[i])
            i++;
        common = i;
    }
    return match ? g_strndup(match + len, common - len) : NULL;
}
