/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The images of a machine: -drive, by id, and the nodes of -blockdev, by node-name. Syntax, names and defaults are QEMU's, for the drivers
 * raw and file. Start-up's thread.
 */
#ifndef BLOCK_DRIVES_H
#define BLOCK_DRIVES_H

#include <glib.h>
#include <stdbool.h>

struct block;
struct drives;
struct event_loop;

struct drives *drives_new(struct event_loop *loop);
/* Closes every image. */
void drives_free(struct drives *d);
/* The if= of drives that have none: "virtio", which it is at first, "ide"... False: there is no such interface. */
bool drives_set_default_interface(struct drives *d, const char *name);
/* -snapshot: every drive added from now on has snapshot=on. */
void drives_snapshot(struct drives *d);
/* One -drive: opens the image. Errors name what is wrong. */
bool drives_add(struct drives *d, const char *spec, GError **err);
/* One -blockdev, as key=value pairs or JSON. */
bool drives_add_node(struct drives *d, const char *spec, GError **err);
/* Write the snapshot of the drive with this id back into its image; "all": of each drive that has one. */
bool drives_commit(struct drives *d, const char *id, GError **err);
/* The image for a device's drive=ID, an id or a node-name: once each. NULL and err when there is none or it has its device. */
struct block *drives_attach(struct drives *d, const char *id, GError **err);
/* The image of -drive if=pflash,unit=UNIT, for a board's flash bank; NULL when there is none. Borrowed: it lives as long as d. */
struct block *drives_pflash(struct drives *d, unsigned unit);
/* The i-th drive or node with a name, in the order they were given; false after the last. Everything is borrowed. */
struct drive_info {
    const char *id, *node_name;      /* one of them may be NULL */
    bool snapshot;           /* what the guest writes does not reach the file */
    const struct block *image;
};
bool drives_info(const struct drives *d, unsigned i, struct drive_info *info);
/* The i-th drive with this if= ("virtio", "ide", "floppy"), which wants a device made for it, in order of index=: its id; NULL after the last. Whether
 * it has media=cdrom goes to *cdrom. */
const char *drives_next(const struct drives *d, const char *interface, unsigned i, unsigned *index, bool *cdrom);

#endif
