/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder with an image of known contents, and requests that are waited for. */
#ifndef TESTS_BLOCK_DISK_H
#define TESTS_BLOCK_DISK_H

#include "block/block.h"
#include "tests/suite.h"
#include "util/event-loop.h"

#define DISK_SIZE (4u << 20)

struct disk {
    struct event_loop *loop;
    char dir[64], file[128];         /* of the image */
    int called, error;               /* done callbacks, the last one's error */
};

/* Image of DISK_SIZE in a new folder below TMPDIR. */
void disk_init(struct disk *d);
/* The same in a tmpfs of `size` bytes, mounted for this process alone; the image is a hole. false where that is not allowed. */
bool disk_init_small(struct disk *d, const char *size);
void disk_fini(struct disk *d);
/* The byte that the image has at offset `at` to begin with. */
uint8_t disk_byte(uint64_t at);
/* Another file of the folder. */
const char *disk_path(struct disk *d, const char *name);
void disk_done(void *disk, int error);
/* Run the loop until n callbacks have been called in all. */
void disk_wait(struct disk *d, int n);
/* One request; its error. */
int disk_do(struct disk *d, struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len);
/* 0: threads, 1: io_uring; NULL where the host has no io_uring. */
struct block *disk_open(struct disk *d, int aio, const struct block_options *o);
/* Byte at an offset of the file itself. */
uint8_t disk_peek(struct disk *d, uint64_t at);

#endif
