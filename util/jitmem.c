/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two mappings of one memfd.  The file lives only as long as the mappings.
 */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/jitmem.h"

/* Reach of a 32-bit displacement, less room for an instruction. */
#define NEAR ((int64_t)INT32_MAX - 4096)

static bool fail(GError **err, const char *what, size_t size)
{
    g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno),
                "code memory of %zu bytes: %s: %s", size, what,
                g_strerror(errno));
    return false;
}

/* Maps the executable view, with the kernel's own choice of place last. */
static void *map_exec(int fd, size_t size)
{
    const uintptr_t step = 64 << 20;
    uintptr_t text = (uintptr_t)&jitmem_new & ~(step - 1);
    void *p;

    /* Below the program first: above it the heap wants to grow. */
    for (uintptr_t gap = step; gap < (1u << 30); gap += step) {
        uintptr_t want = text - size - gap;

        p = mmap((void *)want, size, PROT_READ | PROT_EXEC,
                 MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
        if (p == (void *)want)
            return p;
        if (p != MAP_FAILED)
            munmap(p, size);
    }
    return mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
}

static bool map_views(struct jitmem *j, int fd, GError **err)
{
    if (ftruncate(fd, (off_t)j->size) < 0)
        return fail(err, "ftruncate", j->size);
    j->rw = mmap(NULL, j->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (j->rw == MAP_FAILED)
        return fail(err, "writable mapping", j->size);
    j->rx = map_exec(fd, j->size);
    if (j->rx == MAP_FAILED) {
        munmap(j->rw, j->size);
        return fail(err, "executable mapping", j->size);
    }
    return true;
}

struct jitmem *jitmem_new(size_t size, GError **err)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct jitmem *j = g_new0(struct jitmem, 1);
    int fd = memfd_create("tinamou-code", MFD_CLOEXEC);
    bool ok;

    j->size = (size + page - 1) & ~(page - 1);
    ok = fd < 0 ? fail(err, "memfd_create", size) : map_views(j, fd, err);
    if (fd >= 0)
        close(fd);
    if (!ok)
        g_clear_pointer(&j, g_free);
    return j;
}

void jitmem_free(struct jitmem *j)
{
    if (!j)
        return;
    munmap(j->rw, j->size);
    munmap(j->rx, j->size);
    g_free(j);
}

bool jitmem_near(const struct jitmem *j, const void *p)
{
    int64_t from_start = (int64_t)((uintptr_t)p - (uintptr_t)j->rx);
    int64_t from_end = from_start - (int64_t)j->size;

    return from_start < NEAR && from_start > -NEAR && from_end < NEAR &&
           from_end > -NEAR;
}

/* The memory itself belongs to the file, which the executable view keeps: only this process' mapping goes. */
void jitmem_unmap_written(const struct jitmem *j, size_t end)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    end = MIN(end, j->size) & ~(page - 1);
    if (end)
        madvise(j->rw, end, MADV_DONTNEED);
}

void jitmem_flush(const struct jitmem *j, const void *rx, size_t len)
{
    (void)j;
    __builtin___clear_cache((char *)rx, (char *)rx + len);
}
