/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monitor sessions of a machine. Main loop's thread, device lock held. */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

struct chardev;
struct chardev_registry;
struct drives;
struct machine;
struct monitor;

/* What commands are about. Borrowed; all but the machine may be NULL. */
struct monitor_env {
    struct machine *machine;
    const struct drives *drives;
    const struct chardev_registry *chardevs;
};

/* A human session (commands in lines, prompt "(qemu) ") on this handle from chardev_attach, which must outlive it. env is copied. */
struct monitor *monitor_new(const struct monitor_env *env, struct chardev *c);
/* Takes NULL. */
void monitor_free(struct monitor *mon);

#endif
