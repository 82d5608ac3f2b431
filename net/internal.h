/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What back ends and filters share; for net/ only.
 *
 * A back end is a row in netdevs.c's table of kinds. Its make() fills in `backend`, `delivers` and `close`, and takes its port with
 * net_port_init(&nd->back, ...).
 */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include "net/net.h"
#include "util/keyval.h"

struct net_port {
    const struct net_port_ops *ops;  /* NULL: nobody there */
    void *opaque;
    struct netdev *nd;
    struct net_port *peer;
    uint32_t accepts;
    GQueue waiting;                  /* of struct queued: frames for this port */
    size_t waiting_bytes;
    bool delivering;                 /* inside ops->receive */
    bool stopped;                    /* the peer was told to wait */
    uint8_t *scratch;                /* for frames that this port sends, when offloads are done in software */
    uint64_t lost;
};

/* Sees the frames of a netdev, from either side, before they are received. */
struct net_filter {
    void (*frame)(struct net_filter *f, const struct net_frame *frame);
    void (*free)(struct net_filter *f);
    char *id;
};

struct netdev {
    struct net *net;
    char *id;
    const struct netdev_kind *kind;
    struct net_port back, card;
    bool taken;                      /* a card has it */
    uint32_t delivers;
    GPtrArray *filters;              /* struct net_filter * */
    void *backend;
    void (*close)(struct netdev *nd);    /* frees backend */
};

struct netdev_kind {
    const char *name, *help;
    const char *const *options;      /* NULL-terminated, for errors */
    bool (*make)(struct netdev *nd, struct keyval *kv, GError **err);
};

extern const struct netdev_kind net_kind_user, net_kind_tap, net_kind_socket, net_kind_stream, net_kind_dgram;

struct event_loop *netdev_loop(const struct netdev *nd);
struct clock *netdev_clock(const struct netdev *nd);
struct chardev_registry *netdev_chardevs(const struct netdev *nd);

void net_port_init(struct net_port *port, const struct net_port_ops *ops, void *opaque);
/* Nobody is there any more; what waits is dropped. */
void net_port_fini(struct net_port *port);

/* false, with "-netdev ID: TEXT" in err. */
bool netdev_fail(const struct netdev *nd, GError **err, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
/* false, with "TEXT" in err. */
bool net_fail(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* -object filter-dump for nd. */
struct net_filter *net_dump_new(struct keyval *kv, const char *id, GError **err);

#endif
