/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, read into one struct. */
#ifndef SOFTMMU_OPTIONS_H
#define SOFTMMU_OPTIONS_H

#include <stdbool.h>
#include <glib.h>
#include "softmmu/machine.h"

struct options {
    const struct board_type *board;
    struct machine_config config;      /* owned strings live as long as this */
    struct boot_info boot;
    GPtrArray *chardevs, *serials, *monitors, *devices, *drives, *blockdevs;     /* char *, as given */
    GPtrArray *netdevs, *nics, *nets, *objects;
    GPtrArray *globals;      /* struct device_global * */
    char *pidfile, *debugcon;
    bool x86;                /* the program was called by the name of an x86 machine: pc is the default */
    bool nographic, display_none, snapshot;
    bool done;               /* help or version was printed: exit with status 0 */
};

/* Parse. target: the default of the program's name ("arm"). False with err; the message names the option. */
bool options_parse(struct options *o, int argc, char **argv, const char *target, GError **err);
void options_fini(struct options *o);

#endif
