/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder with an image, for the tests of block/. */
#include "config.h"
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "tests/block/disk.h"

static void make_dir(struct disk *d)
{
    const char *tmp = g_getenv("TMPDIR") ? g_getenv("TMPDIR") : "/tmp";

    memset(d, 0, sizeof(*d));
    ck_assert_int_lt(snprintf(d->dir, sizeof(d->dir), "%s/tinamou-disk-XXXXXX", tmp), (int)sizeof(d->dir));
    ck_assert_ptr_nonnull(g_mkdtemp(d->dir));
    snprintf(d->file, sizeof(d->file), "%s/image", d->dir);
    d->loop = event_loop_new();
}

uint8_t disk_byte(uint64_t at)
{
    return (uint8_t)(at * 7 + (at >> 9) * 31 + 1);
}

void disk_init(struct disk *d)
{
    g_autofree uint8_t *data = g_malloc(DISK_SIZE);

    make_dir(d);
    for (uint64_t i = 0; i < DISK_SIZE; i++)
        data[i] = disk_byte(i);
    ck_assert(g_file_set_contents(d->file, (const char *)data, DISK_SIZE, NULL));
}

bool disk_init_small(struct disk *d, const char *size)
{
    g_autofree char *option = g_strdup_printf("size=%s", size);
    int fd;

    make_dir(d);
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", d->dir, "tmpfs", 0, option)) {
        printf("skipped: no mount of a small file system is allowed here (it takes root)\n");
        return false;
    }
    fd = open(d->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert(fd >= 0 && !ftruncate(fd, DISK_SIZE));
    close(fd);
    return true;
}

void disk_fini(struct disk *d)
{
    GDir *dir = g_dir_open(d->dir, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        unlink(disk_path(d, name));
    if (dir)
        g_dir_close(dir);
    umount(d->dir);
    rmdir(d->dir);
    event_loop_free(d->loop);
}

const char *disk_path(struct disk *d, const char *name)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/%s", d->dir, name);
    return path;
}

void disk_done(void *disk, int error)
{
    struct disk *d = disk;

    d->called++;
    d->error = error;
}

void disk_wait(struct disk *d, int n)
{
    while (d->called < n)
        event_loop_poll(d->loop, true);
}

int disk_do(struct disk *d, struct block *b, enum block_op op, uint64_t offset, void *buf, uint64_t len)
{
    int before = d->called;

    block_submit(b, op, offset, buf, len, disk_done, d);
    ck_assert_int_eq(d->called, before);
    disk_wait(d, before + 1);
    return d->error;
}

struct block *disk_open(struct disk *d, int aio, const struct block_options *o)
{
    struct block_options with = o ? *o : (struct block_options){ 0 };
    g_autoptr(GError) err = NULL;
    struct block *b;

    with.aio = aio ? BLOCK_AIO_URING : BLOCK_AIO_THREADS;
    b = block_open("test", d->file, &with, d->loop, &err);
    if (!b && aio && strstr(err->message, "io_uring")) {
        printf("skipped: %s\n", err->message);
        return NULL;
    }
    ck_assert_msg(b, "%s", err ? err->message : "");
    ck_assert_int_eq(block_uring(b), aio);
    return b;
}

uint8_t disk_peek(struct disk *d, uint64_t at)
{
    FILE *f = fopen(d->file, "re");
    int c;

    ck_assert_ptr_nonnull(f);
    fseek(f, (long)at, SEEK_SET);
    c = fgetc(f);
    fclose(f);
    ck_assert_int_ne(c, EOF);
    return (uint8_t)c;
}
