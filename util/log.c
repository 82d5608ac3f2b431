/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log topics and where the log goes.  stdio's own stream lock keeps the lines
 * of several threads whole.
 */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

uint32_t log_mask;

static FILE *log_stream; /* NULL: stderr; changes only at start-up */

static const struct {
    const char *name;
    const char *help;
} topics[LOG_NBITS] = {
#define LOG_TOPIC(constant, name, help) {name, help},
    LOG_TOPICS(LOG_TOPIC)
#undef LOG_TOPIC
};

/* The mask of one name, 0 if there is no such topic. */
static uint32_t topic_mask(const char *name)
{
    for (int i = 0; i < LOG_NBITS; i++) {
        if (strcmp(topics[i].name, name) == 0)
            return 1u << i;
    }
    return 0;
}

bool log_set_topics(const char *list, GError **err)
{
    g_auto(GStrv) names = g_strsplit(list, ",", -1);
    uint32_t mask = log_mask;

    for (char **name = names; *name; name++) {
        uint32_t bit = topic_mask(*name);

        if (strcmp(*name, "all") == 0) {
            mask = (UINT32_C(1) << LOG_NBITS) - 1;
        } else if (strcmp(*name, "none") == 0) {
            mask = 0;
        } else if (bit) {
            mask |= bit;
        } else {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        "-d %s: no topic '%s' (-d help lists them)", list,
                        *name);
            return false;
        }
    }
    log_mask = mask;
    return true;
}

/* path with each "%d" replaced by the process id. */
static char *log_path(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "%d", -1);
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());

    return g_strjoinv(pid, parts);
}

bool log_set_file(const char *path, GError **err)
{
    FILE *stream = NULL;

    if (path) {
        g_autofree char *name = log_path(path);

        stream = fopen(name, "we");
        if (!stream) {
            g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno),
                        "-D %s: cannot open the log file: %s", path,
                        g_strerror(errno));
            return false;
        }
        setvbuf(stream, NULL, _IOLBF, BUFSIZ);
    }
    if (log_stream)
        fclose(log_stream);
    log_stream = stream;
    return true;
}

void log_help(FILE *out)
{
    fprintf(out, "Topics of -d (comma-separated):\n");
    for (int i = 0; i < LOG_NBITS; i++)
        fprintf(out, "  %-14s %s\n", topics[i].name, topics[i].help);
    fprintf(out, "  %-14s %s\n", "all", "every one of them");
}

FILE *log_lock(void)
{
    FILE *stream = log_stream ? log_stream : stderr;

    flockfile(stream);
    return stream;
}

void log_unlock(FILE *stream)
{
    funlockfile(stream);
}

void log_write(const char *fmt, ...)
{
    FILE *stream = log_lock();
    va_list args;

    va_start(args, fmt);
    vfprintf(stream, fmt, args);
    va_end(args);
    log_unlock(stream);
}

void log_line(const char *prefix, const char *fmt, ...)
{
    FILE *stream = log_lock();
    va_list args;

    fputs(prefix, stream);
    va_start(args, fmt);
    vfprintf(stream, fmt, args);
    va_end(args);
    putc('\n', stream);
    log_unlock(stream);
}

void log_flush(void)
{
    FILE *stream = log_lock();

    fflush(stream);
    log_unlock(stream);
}
