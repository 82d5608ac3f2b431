/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monitor sessions of a machine. Main loop's thread, device lock held. */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

struct chardev;
struct machine;
struct monitor;

/* A human session (commands in lines, prompt "(qemu) ") on this handle from chardev_attach; both are borrowed and must outlive it. */
struct monitor *monitor_new(struct machine *m, struct chardev *c);
/* Takes NULL. */
void monitor_free(struct monitor *mon);

#endif
