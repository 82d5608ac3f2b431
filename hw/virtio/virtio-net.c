/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio network card (virtio 1.1, 5.1): a receive, a transmit and a control queue, mergeable buffers, checksum and segmentation
 * offloads in both directions, filters for addresses and VLANs.
 *
 * Transmit runs in a bottom half, TX_BATCH frames at a time, so that the guest goes on meanwhile and a batch ends in one interrupt.
 * Offloads that the back end lacks are done by net/ in software, so those towards it are always offered; those towards the guest are
 * offered when the back end delivers them.
 * Not modelled: several pairs of queues, announcements, receive-side scaling, UDP fragmentation offload.
 */
#include "config.h"
#include <string.h>
#include "hw/virtio/virtio.h"
#include "net/net.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/log.h"

enum net_queue { RX, TX, CTRL };

/* 5.1.3 */
enum net_feature {
    NET_F_CSUM = 0, NET_F_GUEST_CSUM = 1, NET_F_CTRL_GUEST_OFFLOADS = 2, NET_F_MTU = 3, NET_F_MAC = 5, NET_F_GUEST_TSO4 = 7,
    NET_F_GUEST_TSO6 = 8, NET_F_GUEST_ECN = 9, NET_F_HOST_TSO4 = 11, NET_F_HOST_TSO6 = 12, NET_F_HOST_ECN = 13,
    NET_F_MRG_RXBUF = 15, NET_F_STATUS = 16, NET_F_CTRL_VQ = 17, NET_F_CTRL_RX = 18, NET_F_CTRL_VLAN = 19,
    NET_F_CTRL_RX_EXTRA = 20, NET_F_CTRL_MAC_ADDR = 23,
};
#define GUEST_OFFLOADS (VIRTIO_BIT(NET_F_GUEST_CSUM) | VIRTIO_BIT(NET_F_GUEST_TSO4) | VIRTIO_BIT(NET_F_GUEST_TSO6) | \
                        VIRTIO_BIT(NET_F_GUEST_ECN))

/* 5.1.4 */
enum net_config { CONFIG_MAC = 0, CONFIG_STATUS = 6, CONFIG_MAX_PAIRS = 8, CONFIG_MTU = 10, CONFIG_LEN = 12 };
#define STATUS_LINK_UP 1

/* 5.1.6: struct virtio_net_hdr; num_buffers is absent in the legacy format without MRG_RXBUF. */
enum net_header {
    HDR_FLAGS = 0, HDR_GSO = 1, HDR_HDR_LEN = 2, HDR_GSO_SIZE = 4, HDR_CSUM_START = 6, HDR_CSUM_OFFSET = 8, HDR_SHORT = 10,
    HDR_NUM_BUFFERS = 10, HDR_LONG = 12,
};

/* 5.1.6.5: classes and their commands. */
enum ctrl_class { CTRL_RX = 0, CTRL_MAC = 1, CTRL_VLAN = 2, CTRL_GUEST_OFFLOADS = 5 };
enum ctrl_rx { RX_PROMISC, RX_ALLMULTI, RX_ALLUNI, RX_NOMULTI, RX_NOUNI, RX_NOBCAST, RX_MODES };
enum ctrl_mac { MAC_TABLE_SET = 0, MAC_ADDR_SET = 1 };
enum ctrl_vlan { VLAN_ADD = 0, VLAN_DEL = 1 };
enum ctrl_offloads { OFFLOADS_SET = 0 };
enum ctrl_ack { CTRL_OK = 0, CTRL_ERR = 1 };
#define CTRL_HEADER 2u

#define TX_BATCH 256             /* frames in one bottom half */
#define CTRL_BATCH 64            /* commands for one notification */
#define MAX_TABLE 64             /* addresses in the filter's table; more means all (5.1.6.5.2) */
#define VLANS 4096
#define ETH_MIN 14u
#define ETHER_VLAN 0x8100
#define MIN_MTU 68
#define MAX_MTU 65535

/* Features that a property of the same name switches off. */
static const uint8_t optional[] = {
    NET_F_CSUM, NET_F_GUEST_CSUM, NET_F_CTRL_GUEST_OFFLOADS, NET_F_GUEST_TSO4, NET_F_GUEST_TSO6, NET_F_GUEST_ECN, NET_F_HOST_TSO4,
    NET_F_HOST_TSO6, NET_F_HOST_ECN, NET_F_MRG_RXBUF, NET_F_STATUS, NET_F_CTRL_VQ, NET_F_CTRL_RX, NET_F_CTRL_VLAN,
    NET_F_CTRL_RX_EXTRA, NET_F_CTRL_MAC_ADDR,
};

/* Owner: the device lock. */
struct virtio_net {
    struct virtio_device vdev;
    struct netdev *netdev;       /* properties */
    char *mac_text;
    uint32_t host_mtu, rx_size, tx_size;
    bool offer[sizeof(optional)];        /* in the order of `optional` */

    struct net_port *port;
    uint8_t own_mac[NET_MAC_LEN];        /* after a reset */
    bool tx_due;                 /* the bottom half is under way */
    bool tx_full;                /* the back end is full: wait for writable */
    bool stopped;                /* the machine is */
    bool started;                /* DRIVER_OK was set */

    uint8_t mac[NET_MAC_LEN];
    uint8_t mode[RX_MODES];      /* enum ctrl_rx */
    uint8_t nuni, nmulti;        /* in the table, unicast first */
    uint8_t uni_all, multi_all;  /* the driver's table was longer than ours */
    uint8_t table[MAX_TABLE * NET_MAC_LEN];
    uint8_t vlans[VLANS / 8];
    uint64_t offloads;           /* of GUEST_OFFLOADS, that are on */
};

static struct virtio_net *net_of(struct virtio_device *vdev)
{
    return (struct virtio_net *)vdev;
}

static bool long_header(const struct virtio_net *s)
{
    return virtio_has(&s->vdev, VIRTIO_F_VERSION_1) || virtio_has(&s->vdev, NET_F_MRG_RXBUF);
}

static uint32_t header_len(const struct virtio_net *s)
{
    return long_header(s) ? HDR_LONG : HDR_SHORT;
}

/* ---- transmit ---------------------------------------------------------------------------------- */

/* The frame's parts in guest memory, behind skip bytes of header. False: not all of it is RAM. */
static bool map_frame(struct virtio_net *s, const struct virtq_element *e, uint32_t skip, struct iovec *iov, unsigned *n)
{
    struct bus *bus = device_bus(&s->vdev.dev);

    *n = 0;
    for (unsigned i = 0; i < e->nread; i++) {
        uint64_t addr = e->seg[i].addr + MIN(skip, e->seg[i].len), room;
        uint32_t len = e->seg[i].len - MIN(skip, e->seg[i].len);
        uint8_t *p = len ? bus_ram(bus, addr, &room, NULL) : NULL;

        skip -= MIN(skip, e->seg[i].len);
        if (!len)
            continue;
        if (!p || room < len) {
            virtio_broken(&s->vdev, "a frame at 0x%llx is not in RAM", (unsigned long long)addr);
            return false;
        }
        iov[(*n)++] = (struct iovec){ p, len };
    }
    return true;
}

static bool read_header(struct virtio_net *s, const struct virtq_element *e, struct net_offload *off)
{
    uint8_t hdr[HDR_LONG];
    uint32_t len = header_len(s);

    if (e->read_len < len + ETH_MIN || e->read_len > len + NET_MAX_FRAME) {
        log_guest_error("virtio-net: a frame of %u bytes with its header", e->read_len);
        return false;
    }
    virtq_read(&s->vdev, e, 0, hdr, len);
    *off = (struct net_offload){
        .flags = hdr[HDR_FLAGS] & NET_NEEDS_CSUM, .gso = hdr[HDR_GSO], .hdr_len = ld16_le(hdr + HDR_HDR_LEN),
        .gso_size = ld16_le(hdr + HDR_GSO_SIZE), .csum_start = ld16_le(hdr + HDR_CSUM_START),
        .csum_offset = ld16_le(hdr + HDR_CSUM_OFFSET),
    };
    return true;
}

/* False when the back end wants no more at present. */
static bool transmit(struct virtio_net *s, const struct virtq_element *e)
{
    struct iovec iov[VIRTQ_MAX_SEGMENTS];
    struct net_frame f = { .iov = iov };

    if (!read_header(s, e, &f.off) || !map_frame(s, e, header_len(s), iov, &f.niov))
        return true;
    f.len = e->read_len - header_len(s);
    return net_send(s->port, &f);
}

static void tx_run(void *opaque)
{
    struct virtio_net *s = opaque;
    struct virtq_element *e = NULL;
    int n;

    s->tx_due = false;
    if (s->stopped)
        return;
    for (n = 0; n < TX_BATCH && !s->tx_full && (e = virtq_pop(&s->vdev, TX)); n++) {
        s->tx_full = !transmit(s, e);
        virtq_push(&s->vdev, TX, e, 0);
    }
    if (n) {
        net_flush(s->port);
        virtq_notify(&s->vdev, TX);
    }
    if (n == TX_BATCH && !s->tx_full) {
        s->tx_due = true;
        event_loop_bh(device_loop(&s->vdev.dev), tx_run, s);
    }
}

static void tx_start(struct virtio_net *s)
{
    if (s->tx_due || s->tx_full || s->stopped)
        return;
    s->tx_due = true;
    event_loop_bh(device_loop(&s->vdev.dev), tx_run, s);
}

static void backend_writable(void *opaque)
{
    struct virtio_net *s = opaque;

    s->tx_full = false;
    tx_start(s);
}

/* ---- receive ----------------------------------------------------------------------------------- */

static bool in_table(const uint8_t *table, unsigned n, const uint8_t *mac)
{
    for (unsigned i = 0; i < n; i++)
        if (!memcmp(table + i * NET_MAC_LEN, mac, NET_MAC_LEN))
            return true;
    return false;
}

/* 5.1.6.5.1 to .3: does the driver want frames with this start (ETH_MIN bytes and perhaps a VLAN tag)? */
static bool wanted(const struct virtio_net *s, const uint8_t *head, size_t len)
{
    static const uint8_t broadcast[NET_MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    if (virtio_has(&s->vdev, NET_F_CTRL_VLAN) && len >= ETH_MIN + 4 && ld16_be(head + 12) == ETHER_VLAN) {
        unsigned id = ld16_be(head + 14) & (VLANS - 1);

        if (!(s->vlans[id / 8] >> (id % 8) & 1))
            return false;
    }
    if (s->mode[RX_PROMISC])
        return true;
    if (!memcmp(head, broadcast, NET_MAC_LEN))
        return !s->mode[RX_NOBCAST];
    if (head[0] & 1) {
        if (s->mode[RX_NOMULTI])
            return false;
        return s->mode[RX_ALLMULTI] || s->multi_all || in_table(s->table + s->nuni * NET_MAC_LEN, s->nmulti, head);
    }
    if (s->mode[RX_NOUNI])
        return false;
    return s->mode[RX_ALLUNI] || s->uni_all || !memcmp(head, s->mac, NET_MAC_LEN) || in_table(s->table, s->nuni, head);
}

/* Take up to max buffers for `need` bytes; returns how many. 0: not enough there now, -1: it never will be; all are given back. */
static int take_buffers(struct virtio_net *s, size_t need, struct virtq_element **e, unsigned max)
{
    unsigned n = 0;
    size_t room = 0;

    while (room < need && n < max && (e[n] = virtq_pop(&s->vdev, RX)))
        room += e[n++]->write_len;
    if (room >= need)
        return (int)n;
    for (unsigned i = 0; i < n; i++) {
        virtq_unpop(&s->vdev, RX);
        g_free(e[i]);
    }
    if (n < max)
        return 0;
    log_guest_error("virtio-net: a frame of %zu bytes for buffers of %zu", need, room);
    return -1;
}

static void make_header(const struct net_offload *off, unsigned buffers, uint8_t *hdr)
{
    hdr[HDR_FLAGS] = off->flags;
    hdr[HDR_GSO] = off->gso;
    st16_le(hdr + HDR_HDR_LEN, off->hdr_len);
    st16_le(hdr + HDR_GSO_SIZE, off->gso_size);
    st16_le(hdr + HDR_CSUM_START, off->csum_start);
    st16_le(hdr + HDR_CSUM_OFFSET, off->csum_offset);
    st16_le(hdr + HDR_NUM_BUFFERS, (uint16_t)buffers);
}

/* Spread header and frame over the buffers; written gets the bytes of each. */
static void fill_buffers(struct virtio_net *s, const uint8_t *hdr, const struct net_frame *f, struct virtq_element **e,
                         unsigned n, uint32_t *written)
{
    const uint8_t *p = hdr;
    size_t left = header_len(s), part = 0;
    unsigned i = 0;

    memset(written, 0, n * sizeof(*written));
    for (;;) {
        while (!left) {
            if (part == f->niov)
                return;
            p = f->iov[part].iov_base;
            left = f->iov[part++].iov_len;
        }
        while (i < n && written[i] == e[i]->write_len)
            i++;
        if (i == n)
            return;
        uint32_t k = (uint32_t)MIN(left, e[i]->write_len - written[i]);

        virtq_write(&s->vdev, e[i], written[i], p, k);
        written[i] += k;
        p += k;
        left -= k;
    }
}

static bool receive(void *opaque, const struct net_frame *f)
{
    struct virtio_net *s = opaque;
    struct virtio_device *vdev = &s->vdev;
    bool mergeable = virtio_has(vdev, NET_F_MRG_RXBUF);
    unsigned max = mergeable ? vdev->vq_size[RX] : 1;
    uint8_t head[ETH_MIN + 4], hdr[HDR_LONG];
    struct virtq_element *e[VIRTQ_MAX_SIZE];
    uint32_t written[VIRTQ_MAX_SIZE];
    int n;

    if (s->stopped)
        return false;
    if (!virtio_running(vdev, RX) || f->len < ETH_MIN || !wanted(s, head, net_frame_copy(f, head, sizeof(head))))
        return true;
    n = take_buffers(s, header_len(s) + f->len, e, max);
    if (n <= 0)
        return n < 0 || vdev->broken;
    make_header(&f->off, (unsigned)n, hdr);
    fill_buffers(s, hdr, f, e, (unsigned)n, written);
    virtq_push_all(vdev, RX, e, written, (unsigned)n);
    return true;
}

static void batch_over(void *opaque)
{
    virtq_notify(&((struct virtio_net *)opaque)->vdev, RX);
}

static const struct net_port_ops port_ops = { .receive = receive, .flush = batch_over, .writable = backend_writable };

/* ---- control ----------------------------------------------------------------------------------- */

/* What the driver takes now, told to net/. */
static void set_accepts(struct virtio_net *s)
{
    uint32_t a = 0;

    if (s->offloads & VIRTIO_BIT(NET_F_GUEST_CSUM))
        a |= NET_ACCEPT_CSUM;
    if (s->offloads & VIRTIO_BIT(NET_F_GUEST_TSO4))
        a |= NET_ACCEPT_TSO4;
    if (s->offloads & VIRTIO_BIT(NET_F_GUEST_TSO6))
        a |= NET_ACCEPT_TSO6;
    if (s->offloads & VIRTIO_BIT(NET_F_GUEST_ECN))
        a |= NET_ACCEPT_ECN;
    net_set_accepts(s->port, a);
}

static enum ctrl_ack set_mode(struct virtio_net *s, uint8_t command, const uint8_t *data, uint32_t len)
{
    if (len != 1 || command >= RX_MODES || (command > RX_ALLMULTI && !virtio_has(&s->vdev, NET_F_CTRL_RX_EXTRA)))
        return CTRL_ERR;
    s->mode[command] = data[0] != 0;
    return CTRL_OK;
}

/* One part of the table: a count and that many addresses. Returns its length, 0 for nonsense. */
static uint32_t read_table(struct virtio_net *s, const uint8_t *data, uint32_t len, unsigned first, uint8_t *count, uint8_t *all)
{
    uint32_t n;

    if (len < 4)
        return 0;
    n = ld32_le(data);
    if (n > (len - 4) / NET_MAC_LEN)
        return 0;
    *all = n > MAX_TABLE - first;
    *count = *all ? 0 : (uint8_t)n;
    memcpy(s->table + first * NET_MAC_LEN, data + 4, (size_t)*count * NET_MAC_LEN);
    return 4 + n * NET_MAC_LEN;
}

static enum ctrl_ack set_mac(struct virtio_net *s, uint8_t command, const uint8_t *data, uint32_t len)
{
    uint32_t n;

    if (command == MAC_ADDR_SET && len == NET_MAC_LEN) {
        memcpy(s->mac, data, NET_MAC_LEN);
        return CTRL_OK;
    }
    if (command != MAC_TABLE_SET)
        return CTRL_ERR;
    s->nuni = s->nmulti = 0;
    s->uni_all = s->multi_all = 1;       /* if it makes no sense, everything comes through */
    n = read_table(s, data, len, 0, &s->nuni, &s->uni_all);
    if (!n || read_table(s, data + n, len - n, s->nuni, &s->nmulti, &s->multi_all) != len - n)
        return CTRL_ERR;
    return CTRL_OK;
}

static enum ctrl_ack set_vlan(struct virtio_net *s, uint8_t command, const uint8_t *data, uint32_t len)
{
    unsigned id = len == 2 ? ld16_le(data) : VLANS;

    if (id >= VLANS || command > VLAN_DEL)
        return CTRL_ERR;
    if (command == VLAN_ADD)
        s->vlans[id / 8] |= (uint8_t)(1u << (id % 8));
    else
        s->vlans[id / 8] &= (uint8_t)~(1u << (id % 8));
    return CTRL_OK;
}

static enum ctrl_ack set_offloads(struct virtio_net *s, uint8_t command, const uint8_t *data, uint32_t len)
{
    uint64_t want = len == 8 ? ld64_le(data) : UINT64_MAX;

    if (command != OFFLOADS_SET || want & ~(s->vdev.features & GUEST_OFFLOADS))
        return CTRL_ERR;
    s->offloads = want;
    set_accepts(s);
    return CTRL_OK;
}

static enum ctrl_ack control(struct virtio_net *s, const struct virtq_element *e)
{
    uint8_t cmd[CTRL_HEADER + 2 * (4 + MAX_TABLE * NET_MAC_LEN)];
    uint32_t len = virtq_read(&s->vdev, e, 0, cmd, sizeof(cmd));
    const uint8_t *data = cmd + CTRL_HEADER;

    if (len < CTRL_HEADER)
        return CTRL_ERR;
    len -= CTRL_HEADER;
    switch (cmd[0]) {
    case CTRL_RX:
        return virtio_has(&s->vdev, NET_F_CTRL_RX) ? set_mode(s, cmd[1], data, len) : CTRL_ERR;
    case CTRL_MAC:
        return set_mac(s, cmd[1], data, len);
    case CTRL_VLAN:
        return virtio_has(&s->vdev, NET_F_CTRL_VLAN) ? set_vlan(s, cmd[1], data, len) : CTRL_ERR;
    case CTRL_GUEST_OFFLOADS:
        return virtio_has(&s->vdev, NET_F_CTRL_GUEST_OFFLOADS) ? set_offloads(s, cmd[1], data, len) : CTRL_ERR;
    default:
        return CTRL_ERR;
    }
}

static void control_run(struct virtio_net *s)
{
    struct virtq_element *e;

    for (int i = 0; i < CTRL_BATCH && (e = virtq_pop(&s->vdev, CTRL)); i++) {
        uint8_t ack = control(s, e);

        if (ack != CTRL_OK)
            log_guest_error("virtio-net: a control command that is not known or makes no sense");
        if (!e->write_len)
            virtio_broken(&s->vdev, "virtio-net: a control command without room for the answer");
        virtq_push(&s->vdev, CTRL, e, virtq_write(&s->vdev, e, 0, &ack, 1));
    }
    virtq_notify(&s->vdev, CTRL);
}

static void net_notify(struct virtio_device *vdev, unsigned n)
{
    struct virtio_net *s = net_of(vdev);

    if (n == RX)
        net_ready(s->port);
    else if (n == TX)
        tx_start(s);
    else
        control_run(s);
}

/* ---- configuration space ----------------------------------------------------------------------- */

static void net_get_config(struct virtio_device *vdev, uint8_t *config)
{
    struct virtio_net *s = net_of(vdev);

    memcpy(config + CONFIG_MAC, s->mac, NET_MAC_LEN);
    st16_le(config + CONFIG_STATUS, STATUS_LINK_UP);
    st16_le(config + CONFIG_MAX_PAIRS, 1);
    st16_le(config + CONFIG_MTU, (uint16_t)s->host_mtu);
}

/* 5.1.4.1: the address can be written by drivers without CTRL_MAC_ADDR. */
static void net_set_config(struct virtio_device *vdev, unsigned off, unsigned len, const uint8_t *config)
{
    struct virtio_net *s = net_of(vdev);

    if (off + len > CONFIG_MAC + NET_MAC_LEN || virtio_has(vdev, NET_F_CTRL_MAC_ADDR) || virtio_has(vdev, VIRTIO_F_VERSION_1)) {
        log_guest_error("virtio-net: write of configuration offset %u", off);
        return;
    }
    memcpy(s->mac + off, config + off, len);
}

/* ---- life -------------------------------------------------------------------------------------- */

/* Until the driver runs, the offloads are those that it accepts; then it may change them by commands. */
static void net_status(struct virtio_device *vdev)
{
    struct virtio_net *s = net_of(vdev);

    if (s->started)
        return;
    s->started = vdev->status & VIRTIO_DRIVER_OK;        /* legacy drivers go there in one step */
    s->offloads = vdev->features & GUEST_OFFLOADS;
    set_accepts(s);
}

static void net_reset(struct virtio_device *vdev)
{
    struct virtio_net *s = net_of(vdev);

    memcpy(s->mac, s->own_mac, NET_MAC_LEN);
    memset(s->mode, 0, sizeof(s->mode));
    s->mode[RX_PROMISC] = 1;             /* until a driver that knows of modes says otherwise */
    s->nuni = s->nmulti = s->uni_all = s->multi_all = 0;
    memset(s->vlans, 0, sizeof(s->vlans));
    s->offloads = 0;
    s->started = false;
    set_accepts(s);
    net_purge(s->port);
    net_ready(s->port);
}

/* No frame moves while the machine stands. */
static void net_run_state(struct device *dev, bool running)
{
    struct virtio_net *s = (struct virtio_net *)dev;

    s->stopped = !running;
    if (!running)
        return;
    net_ready(s->port);
    tx_start(s);
}

/* What the card itself can do, and what the back end delivers. */
static uint64_t possible_features(const struct virtio_net *s)
{
    uint32_t d = netdev_delivers(s->netdev);
    uint64_t f = VIRTIO_BIT(NET_F_CSUM) | VIRTIO_BIT(NET_F_MAC) | VIRTIO_BIT(NET_F_HOST_TSO4) | VIRTIO_BIT(NET_F_HOST_TSO6) |
                 VIRTIO_BIT(NET_F_HOST_ECN) | VIRTIO_BIT(NET_F_MRG_RXBUF) | VIRTIO_BIT(NET_F_STATUS) | VIRTIO_BIT(NET_F_CTRL_VQ) |
                 VIRTIO_BIT(NET_F_CTRL_RX) | VIRTIO_BIT(NET_F_CTRL_VLAN) | VIRTIO_BIT(NET_F_CTRL_RX_EXTRA) |
                 VIRTIO_BIT(NET_F_CTRL_MAC_ADDR);

    if (s->host_mtu)
        f |= VIRTIO_BIT(NET_F_MTU);
    if (d & NET_ACCEPT_CSUM)
        f |= VIRTIO_BIT(NET_F_GUEST_CSUM) | VIRTIO_BIT(NET_F_CTRL_GUEST_OFFLOADS);
    if (d & NET_ACCEPT_TSO4)
        f |= VIRTIO_BIT(NET_F_GUEST_TSO4);
    if (d & NET_ACCEPT_TSO6)
        f |= VIRTIO_BIT(NET_F_GUEST_TSO6);
    if (d & NET_ACCEPT_ECN)
        f |= VIRTIO_BIT(NET_F_GUEST_ECN);
    return f;
}

/* Without what they need the others go too (5.1.3.1). */
static uint64_t with_needs(uint64_t f)
{
    static const struct { uint64_t what, needs; } rows[] = {
        { VIRTIO_BIT(NET_F_GUEST_TSO4) | VIRTIO_BIT(NET_F_GUEST_TSO6), VIRTIO_BIT(NET_F_GUEST_CSUM) },
        { VIRTIO_BIT(NET_F_HOST_TSO4) | VIRTIO_BIT(NET_F_HOST_TSO6), VIRTIO_BIT(NET_F_CSUM) },
        { VIRTIO_BIT(NET_F_GUEST_ECN), VIRTIO_BIT(NET_F_GUEST_TSO4) | VIRTIO_BIT(NET_F_GUEST_TSO6) },
        { VIRTIO_BIT(NET_F_HOST_ECN), VIRTIO_BIT(NET_F_HOST_TSO4) | VIRTIO_BIT(NET_F_HOST_TSO6) },
        { VIRTIO_BIT(NET_F_CTRL_RX) | VIRTIO_BIT(NET_F_CTRL_VLAN) | VIRTIO_BIT(NET_F_CTRL_MAC_ADDR) |
          VIRTIO_BIT(NET_F_CTRL_GUEST_OFFLOADS), VIRTIO_BIT(NET_F_CTRL_VQ) },
        { VIRTIO_BIT(NET_F_CTRL_RX_EXTRA), VIRTIO_BIT(NET_F_CTRL_RX) },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!(f & rows[i].needs))
            f &= ~rows[i].what;
    return f;
}

static uint64_t offered_features(const struct virtio_net *s)
{
    uint64_t f = possible_features(s);

    for (size_t i = 0; i < sizeof(optional); i++)
        if (!s->offer[i])
            f &= ~VIRTIO_BIT(optional[i]);
    return with_needs(f);
}

static bool fail(GError **err, const char *text)
{
    g_set_error_literal(err, g_quark_from_static_string("virtio-net"), 0, text);
    return false;
}

static bool queue_size_ok(uint32_t n)
{
    return n >= 64 && n <= VIRTQ_MAX_SIZE && !(n & (n - 1));
}

static bool net_realize(struct virtio_device *vdev, GError **err)
{
    struct virtio_net *s = net_of(vdev);

    if (!s->netdev)
        return fail(err, "it needs netdev=ID, the id of a -netdev");
    if (!queue_size_ok(s->rx_size) || !queue_size_ok(s->tx_size))
        return fail(err, "rx_queue_size and tx_queue_size are powers of two from 64 to 1024");
    if (s->host_mtu && (s->host_mtu < MIN_MTU || s->host_mtu > MAX_MTU))
        return fail(err, "host_mtu is 68 to 65535, or 0 to leave the choice to the driver");
    if (!netdev_mac(s->netdev, s->mac_text, s->own_mac, err))
        return false;
    virtio_add_queue(vdev, s->rx_size);
    virtio_add_queue(vdev, s->tx_size);
    virtio_add_queue(vdev, CTRL_BATCH);
    vdev->more_features |= offered_features(s);
    s->port = netdev_plug(s->netdev, &port_ops, s);
    return true;
}

static void net_unrealize(struct virtio_device *vdev)
{
    struct virtio_net *s = net_of(vdev);

    event_loop_bh_cancel(device_loop(&vdev->dev), tx_run, s);
    netdev_unplug(s->port);
}

static bool net_post_load(struct device *dev, GError **err)
{
    struct virtio_net *s = (struct virtio_net *)dev;

    if (s->nuni + s->nmulti > MAX_TABLE)
        return fail(err, "the address table has too many entries");
    s->offloads &= s->vdev.features & GUEST_OFFLOADS;
    if (!virtio_post_load(dev, err))
        return false;
    s->started = s->vdev.status & VIRTIO_DRIVER_OK;
    set_accepts(s);
    tx_start(s);
    return true;
}

static const struct virtio_ops net_ops = {
    .id = VIRTIO_ID_NET, .config_len = CONFIG_LEN,
    .realize = net_realize, .unrealize = net_unrealize, .notify = net_notify, .get_config = net_get_config,
    .set_config = net_set_config, .status = net_status, .reset = net_reset,
};

#define FEATURE(i, name, desc) PROP(struct virtio_net, offer[i], name, PROP_BOOL, true, desc)

static const struct device_prop net_props[] = {
    PROP(struct virtio_net, netdev, "netdev", PROP_NETDEV, 0, "id of a -netdev"),
    PROP(struct virtio_net, mac_text, "mac", PROP_STR, 0, "its address, such as 52:54:00:12:34:56"),
    PROP(struct virtio_net, host_mtu, "host_mtu", PROP_U32, 0, "largest packet, told to the driver; 0: not told"),
    PROP(struct virtio_net, rx_size, "rx_queue_size", PROP_U32, 256, "entries of the receive queue"),
    PROP(struct virtio_net, tx_size, "tx_queue_size", PROP_U32, 256, "entries of the transmit queue"),
    FEATURE(0, "csum", "complete checksums for the driver"),
    FEATURE(1, "guest_csum", "hand over frames whose checksums are not complete"),
    FEATURE(2, "ctrl_guest_offloads", "let the driver switch those off later"),
    FEATURE(3, "guest_tso4", "hand over large TCP packets over IPv4"),
    FEATURE(4, "guest_tso6", "the same over IPv6"),
    FEATURE(5, "guest_ecn", "the same with congestion marks"),
    FEATURE(6, "host_tso4", "cut large TCP packets over IPv4 for the driver"),
    FEATURE(7, "host_tso6", "the same over IPv6"),
    FEATURE(8, "host_ecn", "the same with congestion marks"),
    FEATURE(9, "mrg_rxbuf", "spread a frame over several buffers"),
    FEATURE(10, "status", "the link's state in configuration space"),
    FEATURE(11, "ctrl_vq", "control queue"),
    FEATURE(12, "ctrl_rx", "modes of receiving"),
    FEATURE(13, "ctrl_vlan", "filter of VLANs"),
    FEATURE(14, "ctrl_rx_extra", "more modes of receiving"),
    FEATURE(15, "ctrl_mac_addr", "change of the address"),
    PROP_END
};

static const struct state_field net_state[] = {
    VIRTIO_STATE, STATE_ARRAY(struct virtio_net, mac), STATE_ARRAY(struct virtio_net, mode), STATE(struct virtio_net, nuni),
    STATE(struct virtio_net, nmulti), STATE(struct virtio_net, uni_all), STATE(struct virtio_net, multi_all),
    STATE_ARRAY(struct virtio_net, table), STATE_ARRAY(struct virtio_net, vlans), STATE(struct virtio_net, offloads), STATE_END
};

static const struct device_type net_type = {
    .name = "virtio-net-device", .desc = "virtio network card", .size = sizeof(struct virtio_net),
    .user_creatable = true, .bus = "virtio", .props = net_props, .state = net_state, .class_data = &net_ops,
    .realize = virtio_realize, .unrealize = virtio_unrealize, .reset = virtio_reset, .post_load = net_post_load,
    .run_state = net_run_state,
};
VIRTIO_DEVICE_REGISTER(net_type)
