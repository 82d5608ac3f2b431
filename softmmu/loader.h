/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images that are put into guest memory at every reset: kernels of several formats, initial RAM disks, device trees.
 *
 * Errors name the file, what is wrong with it, and what to do.
 */
#ifndef SOFTMMU_LOADER_H
#define SOFTMMU_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

struct bus;
struct loader;

/* Images go to RAM from ram_base on, ram_size bytes. Thread: start-up and machine reset. */
struct loader *loader_new(struct bus *bus, uint64_t ram_base, uint64_t ram_size);
void loader_free(struct loader *l);

/* Write all images; device lock held or no CPU running. */
void loader_reset(struct loader *l);
/* Forget the images: there will be no reset any more. */
void loader_drop(struct loader *l);

/* Take a copy of data for paddr. what and path ("" for our own data) are for errors: it does not fit, or overlaps another image. */
bool loader_add(struct loader *l, const char *what, const char *path, uint64_t paddr, const void *data, size_t len,
                GError **err);

/* A file of the user's, read whole: missing, unreadable, empty or larger than max (0: no limit) is an error. Free with g_free. */
uint8_t *loader_read(const char *what, const char *path, size_t max, size_t *len, GError **err);

/* The file of -bios NAME: NAME itself, or, when it has no folder, in dirs (char *, may be NULL) and where Debian's packages put firmware.
 * NULL and err when there is none; free with g_free. */
char *loader_find_firmware(const char *name, const GPtrArray *dirs, GError **err);

enum kernel_format { KERNEL_RAW, KERNEL_ZIMAGE, KERNEL_IMAGE, KERNEL_UIMAGE, KERNEL_ELF };

struct kernel {
    enum kernel_format format;
    bool linux_boot;         /* starts by Linux's boot protocol: device tree above the initrd; else at the start of RAM if there is room */
    uint64_t entry;          /* bit 0: Thumb */
    uint64_t low, high;      /* memory that it takes: first byte, one past the last */
};

/* Recognise and add a kernel for a CPU that starts in 32-bit ARM state (zImage, Image, uImage, ELF) or in 64-bit state (Image, also
 * compressed with gzip; uImage, ELF). Anything that is none of these and nobody else's either is taken as bare code. */
bool loader_add_arm_kernel(struct loader *l, const char *path, bool is_64bit, struct kernel *k, GError **err);

/* Images at an address that the user chose: a file's bytes as they are (gives their number), our own bytes. */
bool loader_add_raw(struct loader *l, const char *what, const char *path, uint64_t addr, size_t *len, GError **err);
bool loader_add_data(struct loader *l, const char *what, uint64_t addr, const void *data, size_t len, GError **err);
/* ELF and uImage files where they say (for such a CPU), others as they are to addr; 0: none was given. Gives where to enter. */
bool loader_add_file(struct loader *l, const char *path, bool is_64bit, uint64_t addr, uint64_t *entry, GError **err);

#endif
