/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back end "tap": a network interface of the host (Linux tun/tap). With vnet_hdr, where the kernel has it, offload state goes in front of
 * each frame both ways, so that checksums and the cutting of large packets are left to the host's network card, or to nobody.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "net/internal.h"
#include "util/event-loop.h"
#include "util/log.h"

#define MAX_READS 64                 /* frames in one callback */
#define MAX_PARTS 256                /* of a frame in one writev */
#define UP_SCRIPT "/etc/qemu-ifup"
#define DOWN_SCRIPT "/etc/qemu-ifdown"

/* What stands in front of a frame: virtio's legacy header, in the host's byte order. */
struct vnet_header {
    uint8_t flags, gso;
    uint16_t hdr_len, gso_size, csum_start, csum_offset;
};

/* Owner: the device lock. */
struct tap {
    struct netdev *nd;
    struct event_loop *loop;
    int fd;
    unsigned in_watch, out_watch;
    bool vnet_hdr, gone;
    char name[IFNAMSIZ];
    char *down_script;               /* NULL: none */
    uint8_t buf[sizeof(struct vnet_header) + NET_MAX_FRAME];
};

static const char *const tap_options[] = { "ifname", "script", "downscript", "fd", "vnet_hdr", "vhost", NULL };

/* ---- to the guest ------------------------------------------------------------------------------ */

/* False: the card has no room. */
static bool deliver(struct tap *t, size_t len)
{
    struct vnet_header h = { 0 };
    size_t skip = t->vnet_hdr ? sizeof(h) : 0;
    struct iovec iov = { t->buf + skip, len - skip };
    struct net_frame f = { .iov = &iov, .niov = 1, .len = len - skip };

    if (len <= skip)
        return true;
    memcpy(&h, t->buf, skip);
    f.off = (struct net_offload){ h.flags, h.gso, h.hdr_len, h.gso_size, h.csum_start, h.csum_offset };
    return net_send(&t->nd->back, &f);
}

static void stop_reading(struct tap *t)
{
    if (t->in_watch)
        event_loop_remove(t->loop, t->in_watch);
    t->in_watch = 0;
}

/* An interface that somebody removed would be readable for ever. */
static void gone(struct tap *t)
{
    fprintf(stderr, "tap %s: cannot read from it any more: %s\n", t->name, g_strerror(errno));
    t->gone = true;
    stop_reading(t);
}

static void readable(void *opaque, int fd, GIOCondition ready)
{
    struct tap *t = opaque;
    bool room = true, any = false;

    (void)ready;
    for (int i = 0; i < MAX_READS && room; i++) {
        ssize_t n = read(fd, t->buf, sizeof(t->buf));

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            gone(t);
        if (n <= 0)
            break;
        any = true;
        room = deliver(t, (size_t)n);
    }
    if (any)
        net_flush(&t->nd->back);
    if (!room)
        stop_reading(t);
}

static void read_on(void *opaque)
{
    struct tap *t = opaque;

    if (!t->in_watch && !t->gone)
        t->in_watch = event_loop_add_fd(t->loop, t->fd, G_IO_IN, readable, t);
}

/* ---- from the guest ---------------------------------------------------------------------------- */

static void room_again(void *opaque, int fd, GIOCondition ready)
{
    struct tap *t = opaque;

    (void)fd;
    (void)ready;
    event_loop_remove(t->loop, t->out_watch);
    t->out_watch = 0;
    net_ready(&t->nd->back);
}

static bool receive(void *opaque, const struct net_frame *f)
{
    struct tap *t = opaque;
    struct vnet_header h = { f->off.flags, f->off.gso, f->off.hdr_len, f->off.gso_size, f->off.csum_start, f->off.csum_offset };
    struct iovec iov[MAX_PARTS + 1];
    int n = 0;
    ssize_t done;

    if (t->vnet_hdr)
        iov[n++] = (struct iovec){ &h, sizeof(h) };
    if (f->niov <= MAX_PARTS) {
        memcpy(iov + n, f->iov, f->niov * sizeof(*iov));
        n += (int)f->niov;
    } else {
        iov[n++] = (struct iovec){ t->buf, net_frame_copy(f, t->buf, NET_MAX_FRAME) };
    }
    do
        done = writev(t->fd, iov, n);
    while (done < 0 && errno == EINTR);
    if (done >= 0 || (errno != EAGAIN && errno != ENOBUFS))      /* the interface is down, or does not like the frame: it is lost */
        return true;
    if (!t->out_watch)
        t->out_watch = event_loop_add_fd(t->loop, t->fd, G_IO_OUT, room_again, t);
    return false;
}

static unsigned long offload_flags(uint32_t accepts)
{
    if (!(accepts & NET_ACCEPT_CSUM))
        return 0;
    return TUN_F_CSUM | (accepts & NET_ACCEPT_TSO4 ? TUN_F_TSO4 : 0) | (accepts & NET_ACCEPT_TSO6 ? TUN_F_TSO6 : 0) |
           (accepts & NET_ACCEPT_ECN ? TUN_F_TSO_ECN : 0);
}

static void peer_accepts(void *opaque, uint32_t accepts)
{
    struct tap *t = opaque;

    if (t->vnet_hdr && ioctl(t->fd, TUNSETOFFLOAD, offload_flags(accepts)) < 0)
        log_unimp("tap %s: the host does not take these offloads: %s", t->name, g_strerror(errno));
}

static const struct net_port_ops tap_ops = {
    .receive = receive, .writable = read_on, .peer_accepts = peer_accepts,
};

/* ---- life -------------------------------------------------------------------------------------- */

/* SCRIPT INTERFACE; empty or "no": none. */
static bool run_script(const char *script, const char *name, GError **err)
{
    char *argv[] = { (char *)script, (char *)name, NULL };
    g_autoptr(GError) why = NULL;
    int status;

    if (!script || !*script || !strcmp(script, "no"))
        return true;
    if (g_spawn_sync(NULL, argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL, &status, &why) &&
        g_spawn_check_wait_status(status, &why))
        return true;
    return net_fail(err, "the script %s %s: %s", script, name, why->message);
}

static void tap_close(struct netdev *nd)
{
    struct tap *t = nd->backend;
    g_autoptr(GError) why = NULL;

    stop_reading(t);
    if (t->out_watch)
        event_loop_remove(t->loop, t->out_watch);
    if (t->down_script && !run_script(t->down_script, t->name, &why))
        fprintf(stderr, "tap %s: %s\n", t->name, why->message);
    if (t->fd >= 0)
        close(t->fd);
    g_free(t->down_script);
    g_free(t);
}

static bool open_interface(struct tap *t, const char *name, bool want_header, GError **err)
{
    struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
    unsigned features = 0;

    if (name && strlen(name) >= IFNAMSIZ)
        return netdev_fail(t->nd, err, "ifname=%s: a name has at most %d characters", name, IFNAMSIZ - 1);
    t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (t->fd < 0)
        return netdev_fail(t->nd, err, "cannot open /dev/net/tun: %s", g_strerror(errno));
    if (want_header && !ioctl(t->fd, TUNGETFEATURES, &features) && features & IFF_VNET_HDR)
        ifr.ifr_flags |= IFF_VNET_HDR;
    g_strlcpy(ifr.ifr_name, name ? name : "tap%d", IFNAMSIZ);
    if (ioctl(t->fd, TUNSETIFF, &ifr) < 0)
        return netdev_fail(t->nd, err, "cannot use the interface %s: %s%s", name ? name : "tap", g_strerror(errno),
                           errno == EPERM ? "; have root make it with: ip tuntap add mode tap user USER" : "");
    g_strlcpy(t->name, ifr.ifr_name, IFNAMSIZ);
    t->vnet_hdr = ifr.ifr_flags & IFF_VNET_HDR;
    return true;
}

/* fd=: somebody else opened and set it up. */
static bool take_fd(struct tap *t, const char *text, GError **err)
{
    struct ifreq ifr = { 0 };
    uint64_t fd;

    if (!keyval_parse_number(text, &fd) || fd > INT_MAX)
        return netdev_fail(t->nd, err, "fd=%s: not the number of an open file", text);
    if (ioctl((int)fd, TUNGETIFF, &ifr) < 0)
        return netdev_fail(t->nd, err, "fd=%s: not a tap interface: %s", text, g_strerror(errno));
    t->fd = (int)fd;
    fcntl(t->fd, F_SETFL, O_NONBLOCK);
    g_strlcpy(t->name, ifr.ifr_name, IFNAMSIZ);
    t->vnet_hdr = ifr.ifr_flags & IFF_VNET_HDR;
    return true;
}

/* Without being told a script: the usual one where there is one. */
static const char *script_or(const char *given, const char *usual)
{
    return given ? given : g_file_test(usual, G_FILE_TEST_IS_EXECUTABLE) ? usual : NULL;
}

static bool start(struct tap *t, struct keyval *kv, GError **err)
{
    const char *fd = keyval_get(kv, "fd"), *name = keyval_get(kv, "ifname"), *up = keyval_get(kv, "script"),
               *down = keyval_get(kv, "downscript");
    g_autoptr(GError) why = NULL;
    bool header = true, vhost = false;
    int size = sizeof(struct vnet_header);

    if (!keyval_get_bool(kv, "vnet_hdr", &header, &why) || !keyval_get_bool(kv, "vhost", &vhost, &why))
        return netdev_fail(t->nd, err, "%s", why->message);
    if (vhost)
        return netdev_fail(t->nd, err, "vhost=on is not supported; leave it out");
    if (fd && (name || up || down || keyval_get(kv, "vnet_hdr")))
        return netdev_fail(t->nd, err, "fd= goes without ifname=, script=, downscript= and vnet_hdr=: it is set up already");
    if (!(fd ? take_fd(t, fd, err) : open_interface(t, name, header, err)))
        return false;
    if (t->vnet_hdr && ioctl(t->fd, TUNSETVNETHDRSZ, &size) < 0)
        return netdev_fail(t->nd, err, "interface %s: cannot set the size of its headers: %s", t->name, g_strerror(errno));
    if (fd)
        return true;
    if (!run_script(script_or(up, UP_SCRIPT), t->name, &why))
        return netdev_fail(t->nd, err, "%s", why->message);
    t->down_script = g_strdup(script_or(down, DOWN_SCRIPT));
    return true;
}

static bool tap_make(struct netdev *nd, struct keyval *kv, GError **err)
{
    struct tap *t = nd->backend = g_new0(struct tap, 1);

    nd->close = tap_close;
    t->nd = nd;
    t->loop = netdev_loop(nd);
    t->fd = -1;
    if (!start(t, kv, err))
        return false;
    net_port_init(&nd->back, &tap_ops, t);
    if (t->vnet_hdr) {
        nd->back.accepts = NET_ACCEPT_CSUM | NET_ACCEPT_TSO4 | NET_ACCEPT_TSO6 | NET_ACCEPT_ECN;
        nd->delivers = ioctl(t->fd, TUNSETOFFLOAD, offload_flags(nd->back.accepts)) ? 0 : nd->back.accepts;
        peer_accepts(t, 0);
    }
    read_on(t);
    return true;
}

const struct netdev_kind net_kind_tap = {
    .name = "tap", .help = "an interface of the host (ip tuntap)", .options = tap_options, .make = tap_make,
};
