/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter-dump: the frames of a netdev, both ways, in a pcap file (the classic format: a header, then a header for each frame, in the
 * host's byte order; link type 1, Ethernet). Frames are written as the sender gave them: large packets whole, checksums perhaps not yet
 * complete.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "net/internal.h"
#include "util/log.h"

#define PCAP_MAGIC 0xa1b2c3d4u       /* times in microseconds */
#define PCAP_MAJOR 2
#define PCAP_MINOR 4
#define PCAP_ETHERNET 1
#define DEFAULT_LEN 65536

struct pcap_header {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t zone, accuracy, longest, link_type;
};

struct pcap_frame {
    uint32_t seconds, microseconds, kept, len;
};

struct dump {
    struct net_filter filter;
    int fd;
    uint32_t longest;
    uint8_t buf[sizeof(struct pcap_frame) + NET_MAX_FRAME];
};

static bool write_all(int fd, const uint8_t *p, size_t len)
{
    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* A file that cannot take more ends the dump, not the network. */
static void dump_frame(struct net_filter *filter, const struct net_frame *f)
{
    struct dump *d = (struct dump *)filter;
    struct pcap_frame head = { .len = (uint32_t)f->len };
    struct timeval now;

    if (d->fd < 0)
        return;
    gettimeofday(&now, NULL);
    head.seconds = (uint32_t)now.tv_sec;
    head.microseconds = (uint32_t)now.tv_usec;
    head.kept = (uint32_t)net_frame_copy(f, d->buf + sizeof(head), MIN(d->longest, NET_MAX_FRAME));
    memcpy(d->buf, &head, sizeof(head));
    if (write_all(d->fd, d->buf, sizeof(head) + head.kept))
        return;
    fprintf(stderr, "filter-dump %s: cannot write its file: %s; it stops\n", filter->id, g_strerror(errno));
    close(d->fd);
    d->fd = -1;
}

static void dump_free(struct net_filter *filter)
{
    struct dump *d = (struct dump *)filter;

    if (d->fd >= 0)
        close(d->fd);
    g_free(d);
}

struct net_filter *net_dump_new(struct keyval *kv, const char *id, GError **err)
{
    struct pcap_header header = { PCAP_MAGIC, PCAP_MAJOR, PCAP_MINOR, 0, 0, 0, PCAP_ETHERNET };
    const char *file = keyval_get(kv, "file");
    uint64_t longest = DEFAULT_LEN;
    g_autoptr(GError) why = NULL;
    struct dump *d;
    int fd;

    if (!file) {
        net_fail(err, "-object filter-dump,id=%s: it needs file=FILE", id);
        return NULL;
    }
    if (!keyval_get_uint(kv, "maxlen", 1, UINT32_MAX, &longest, &why)) {
        net_fail(err, "-object filter-dump,id=%s: %s", id, why->message);
        return NULL;
    }
    fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        net_fail(err, "-object filter-dump,id=%s: cannot write %s: %s", id, file, g_strerror(errno));
        return NULL;
    }
    d = g_new0(struct dump, 1);
    d->filter.frame = dump_frame;
    d->filter.free = dump_free;
    d->fd = fd;
    d->longest = header.longest = (uint32_t)longest;
    write_all(fd, (const uint8_t *)&header, sizeof(header));
    return &d->filter;
}
