/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands and what runs them; for monitor/ only. */
#ifndef MONITOR_INTERNAL_H
#define MONITOR_INTERNAL_H

#include <glib.h>
#include <stdbool.h>
#include "monitor/monitor.h"

/* One command being run. */
struct monitor_call {
    const struct monitor_env *env;
    struct machine *machine; /* env's */
    const char *const *args;         /* the words that the row declares, NULL-terminated */
    GString *out;            /* what it answers, lines end in \n */
    bool over;               /* set by it: the session ends here */
};

/* false with err when it could not be done. */
typedef bool (*monitor_fn)(struct monitor_call *call, GError **err);

struct monitor_command {
    const char *name;        /* with its other names: "quit|q"; "info status" for a subcommand */
    const char *args;        /* for help: "value" needed, "[name]" optional, separated by blanks */
    const char *help;
    monitor_fn run;
};

void monitor_printf(struct monitor_call *call, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* All commands in the order of their names; ends with a row without one. */
const struct monitor_command *monitor_commands(void);
/* Is `word` one of the names in "a|b"? */
bool monitor_name_is(const char *names, const char *word);
/* Run one line: finds the row, checks the arguments. What is to be printed, errors too, is appended to out. false when the session is over. */
bool monitor_run_line(const struct monitor_env *env, const char *line, GString *out);
/* What a command's beginning can go on with; see line_complete_fn. */
char *monitor_complete(const char *head);

#endif
