/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 82540EM gigabit Ethernet controller (PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual, 317453; section
 * numbers are its): descriptor rings, legacy, context and data descriptors with checksums and TCP segmentation, address and VLAN filters,
 * EEPROM and PHY (e1000-eeprom.c). BAR 0: registers, BAR 1: a window to them in I/O space.
 *
 * Frames leave from the main loop after the tail was written; interrupts come once for a batch. Large TCP packets go to net/ whole, which
 * cuts them when the other end wants that. Not modelled: interrupt delays and throttling (stored), flow control, wake-up, management, loopback.
 */
#include "config.h"
#include <string.h>
#include <zlib.h>
#include "hw/net/e1000.h"
#include "hw/pci/pci.h"
#include "net/net.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/endian.h"
#include "util/event-loop.h"
#include "util/log.h"

#define E1000_REGS 0x6000        /* bytes of registers that exist; the rest of 128 KiB reads 0 */
#define E1000_DESC 16
#define E1000_TX_BATCH 256
#define E1000_MAX_RING 65536     /* descriptors: TDLEN and RDLEN have 20 bits */
#define ETH_HEADER 14
#define ETH_MIN 60
#define ETH_FCS 4
#define ETH_MAX 1522
#define REG(off) ((off) / 4)

/* 13.3 */
enum e1000_reg {
    E_CTRL = 0x0000, E_STATUS = 0x0008, E_EECD = 0x0010, E_EERD = 0x0014, E_MDIC = 0x0020, E_VET = 0x0038, E_ICR = 0x00c0,
    E_ITR = 0x00c4, E_ICS = 0x00c8, E_IMS = 0x00d0, E_IMC = 0x00d8, E_RCTL = 0x0100, E_TCTL = 0x0400, E_PBA = 0x1000,
    E_RDBAL = 0x2800, E_RDBAH = 0x2804, E_RDLEN = 0x2808, E_RDH = 0x2810, E_RDT = 0x2818, E_RDTR = 0x2820,
    E_TDBAL = 0x3800, E_TDBAH = 0x3804, E_TDLEN = 0x3808, E_TDH = 0x3810, E_TDT = 0x3818,
    E_STATS = 0x4000, E_GPRC = 0x4074, E_BPRC = 0x4078, E_MPRC = 0x407c, E_GPTC = 0x4080, E_GORCL = 0x4088, E_GOTCL = 0x4090,
    E_TORL = 0x40c0, E_TOTL = 0x40c8, E_TPR = 0x40d0, E_TPT = 0x40d4, E_STATS_END = 0x4100,
    E_RXCSUM = 0x5000, E_MTA = 0x5200, E_RAL = 0x5400, E_RAH = 0x5404, E_VFTA = 0x5600,
};
enum e1000_ctrl { CTRL_RST = 1 << 26, CTRL_VME = 1 << 30, CTRL_PHY_RST = (int)0x80000000 };
enum e1000_icr { ICR_TXDW = 1, ICR_TXQE = 2, ICR_LSC = 4, ICR_RXDMT0 = 0x10, ICR_RXO = 0x40, ICR_RXT0 = 0x80, ICR_MDAC = 0x200, ICR_MASK = 0x1ffff };
enum e1000_rctl {
    RCTL_EN = 2, RCTL_UPE = 8, RCTL_MPE = 0x10, RCTL_LPE = 0x20, RCTL_BAM = 0x8000, RCTL_VFE = 0x40000, RCTL_BSEX = 0x2000000,
    RCTL_SECRC = 0x4000000,
};
enum { TCTL_EN = 2, TCTL_PSP = 8, RAH_VALID = (int)0x80000000 };
/* 3.3.3, 3.3.7: the command byte, and what extended descriptors have in its place. */
enum e1000_tx_cmd { TX_EOP = 1, TX_IC = 4, TX_TSE = 4, TX_RS = 8, TX_RPS = 0x10, TX_DEXT = 0x20, TX_VLE = 0x40, TX_CTX_TCP = 1, TX_CTX_IP = 2 };
enum e1000_tx_popts { POPTS_IP = 1, POPTS_TCP = 2 };
/* 3.2.3 */
enum e1000_rx_status { RX_DD = 1, RX_EOP = 2, RX_IXSM = 4, RX_VP = 8 };

/* What the last context descriptor said (3.3.6). */
struct e1000_context {
    uint8_t ipcss, ipcso, tucss, tucso, hdrlen, tucmd;
    uint16_t ipcse, tucse, mss;
};

/* Owner: the device lock. */
struct e1000 {
    struct pci_device pci;
    struct netdev *nd;           /* properties */
    char *mac_text;
    struct net_port *port;
    uint8_t mac[NET_MAC_LEN];

    uint32_t reg[E1000_REGS / 4];
    uint32_t ioaddr;
    struct e1000_eeprom eeprom;
    struct e1000_phy phy;
    struct e1000_context context;
    uint8_t popts, segment, vlan, legacy_csum;       /* of the packet that is being put together */
    uint8_t css, cso;
    uint16_t tag;
    uint32_t tx_len;
    uint8_t tx[NET_MAX_FRAME + 4];

    bool tx_due, tx_full, tx_lost, stopped;
};

static uint32_t *reg(struct e1000 *s, unsigned off)
{
    return &s->reg[REG(off)];
}

static uint32_t get(const struct e1000 *s, unsigned off)
{
    return s->reg[REG(off)];
}

static struct bus *memory(struct e1000 *s)
{
    return device_bus(&s->pci.dev);
}

static void update_irq(struct e1000 *s)
{
    pci_set_intx(&s->pci, get(s, E_ICR) & get(s, E_IMS));
}

static void raise_irq(struct e1000 *s, uint32_t cause)
{
    *reg(s, E_ICR) |= cause;
    update_irq(s);
}

static void count_frame(struct e1000 *s, unsigned frames, unsigned good, unsigned low, unsigned all, size_t len)
{
    uint64_t octets;

    (*reg(s, frames))++;
    (*reg(s, good))++;
    for (int i = 0; i < 2; i++) {
        unsigned at = i ? all : low;

        octets = ((uint64_t)get(s, at + 4) << 32 | get(s, at)) + len + ETH_FCS;
        *reg(s, at) = (uint32_t)octets;
        *reg(s, at + 4) = (uint32_t)(octets >> 32);
    }
}

/* ---- sending ----------------------------------------------------------------------------------- */

static uint32_t ring_size(const struct e1000 *s, unsigned len_reg)
{
    return get(s, len_reg) / E1000_DESC;
}

static uint64_t ring_base(const struct e1000 *s, unsigned low)
{
    return (uint64_t)get(s, low + 4) << 32 | get(s, low);
}

static uint32_t add_up(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
    return (sum & 0xffff) + (sum >> 16);
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Put the checksum of bytes css to cse (0: all) at cso. */
static void insert_checksum(struct e1000 *s, uint32_t css, uint32_t cso, uint32_t cse, bool udp)
{
    uint32_t end = cse && cse + 1 < s->tx_len ? cse + 1 : s->tx_len;
    uint16_t sum;

    if (css >= end || cso + 2 > s->tx_len)
        return;
    sum = fold(add_up(0, s->tx + css, end - css));
    st16_be(s->tx + cso, udp && !sum ? 0xffff : sum);
}

/* A packet for segmentation: its headers get the lengths that the hardware would put into each segment's (3.5.7), and net/ the rest of
 * the work. False: it is not one. */
static bool prepare_segments(struct e1000 *s, struct net_offload *off)
{
    const struct e1000_context *c = &s->context;
    uint8_t *ip = s->tx + c->ipcss, *tcp = s->tx + c->tucss;
    uint32_t tcp_len = s->tx_len - c->tucss, sum;
    bool v4 = c->tucmd & TX_CTX_IP;

    if (!(c->tucmd & TX_CTX_TCP) || !c->mss || c->ipcss + (v4 ? 20u : 40u) > c->tucss || c->tucss + 20u > s->tx_len || c->hdrlen >= s->tx_len ||
        s->tx_len - c->ipcss > 65535)
        return false;
    if (v4) {
        st16_be(ip + 2, (uint16_t)(s->tx_len - c->ipcss));
        st16_be(ip + 10, 0);
        st16_be(ip + 10, fold(add_up(0, ip, (size_t)(c->tucss - c->ipcss))));
    } else {
        st16_be(ip + 4, (uint16_t)(s->tx_len - c->ipcss - 40));
    }
    sum = add_up(6 + tcp_len, v4 ? ip + 12 : ip + 8, v4 ? 8 : 32);
    st16_be(tcp + 16, (uint16_t)~fold(sum));
    *off = (struct net_offload){
        .flags = NET_NEEDS_CSUM, .gso = v4 ? NET_GSO_TCP4 : NET_GSO_TCP6, .hdr_len = c->hdrlen, .gso_size = c->mss,
        .csum_start = c->tucss, .csum_offset = 16,
    };
    return true;
}

static void insert_vlan(struct e1000 *s)
{
    if (s->tx_len < 12 || s->tx_len + 4 > sizeof(s->tx))
        return;
    memmove(s->tx + 16, s->tx + 12, s->tx_len - 12);
    st16_be(s->tx + 12, (uint16_t)get(s, E_VET));
    st16_be(s->tx + 14, s->tag);
    s->tx_len += 4;
}

static void finish_offloads(struct e1000 *s, struct net_offload *off)
{
    const struct e1000_context *c = &s->context;

    if (s->segment && s->tx_len > (uint32_t)c->hdrlen + c->mss && prepare_segments(s, off))
        return;
    if (s->popts & POPTS_IP)
        insert_checksum(s, c->ipcss, c->ipcso, c->ipcse, false);
    if (s->popts & POPTS_TCP)
        insert_checksum(s, c->tucss, c->tucso, c->tucse, !(c->tucmd & TX_CTX_TCP));
    if (s->legacy_csum)
        insert_checksum(s, s->css, s->cso, 0, false);
}

/* The packet is whole. */
static void send_packet(struct e1000 *s)
{
    struct net_offload off = { 0 };
    struct iovec iov;
    struct net_frame f;

    finish_offloads(s, &off);
    if (s->vlan && get(s, E_CTRL) & CTRL_VME) {
        insert_vlan(s);
        if (off.gso) {
            off.csum_start += 4;
            off.hdr_len += 4;
        }
    }
    if (s->tx_len < ETH_MIN && get(s, E_TCTL) & TCTL_PSP && s->tx_len) {
        memset(s->tx + s->tx_len, 0, ETH_MIN - s->tx_len);
        s->tx_len = ETH_MIN;
    }
    if (s->tx_len >= ETH_HEADER && !s->tx_lost) {
        iov = (struct iovec){ s->tx, s->tx_len };
        f = (struct net_frame){ .iov = &iov, .niov = 1, .len = s->tx_len, .off = off };
        s->tx_full = !net_send(s->port, &f);
        count_frame(s, E_TPT, E_GPTC, E_GOTCL, E_TOTL, s->tx_len);
    }
    s->tx_len = 0;
    s->tx_lost = false;
    s->popts = s->segment = s->vlan = s->legacy_csum = 0;
}

static void take_context(struct e1000 *s, const uint8_t *d)
{
    s->context = (struct e1000_context){
        .ipcss = d[0], .ipcso = d[1], .ipcse = ld16_le(d + 2), .tucss = d[4], .tucso = d[5], .tucse = ld16_le(d + 6),
        .tucmd = d[11], .hdrlen = d[13], .mss = ld16_le(d + 14),
    };
}

static void add_data(struct e1000 *s, uint64_t addr, uint32_t len)
{
    if (len > NET_MAX_FRAME - s->tx_len || !dma_read(memory(s), addr, s->tx + s->tx_len, len)) {
        log_guest_error("e1000: a packet of %u bytes and more, or not in RAM, is not sent", s->tx_len + len);
        s->tx_lost = true;
        return;
    }
    s->tx_len += len;
}

/* One descriptor. True when its status is to be written back. */
static bool run_descriptor(struct e1000 *s, const uint8_t *d)
{
    uint32_t low = ld32_le(d + 8);
    uint8_t cmd = d[11];
    bool extended = cmd & TX_DEXT, first = !s->tx_len;

    if (extended && (low >> 20 & 15) == 0) {
        take_context(s, d);
        return cmd & TX_RS;
    }
    if (extended) {
        if (first) {
            s->popts = d[13];
            s->segment = cmd & TX_TSE;
        }
        add_data(s, ld64_le(d), low & 0xfffff);
    } else {
        if (first && cmd & TX_IC) {
            s->legacy_csum = 1;
            s->cso = d[10];
            s->css = d[13];
        }
        add_data(s, ld64_le(d), ld16_le(d + 8));
    }
    if (cmd & TX_EOP) {
        s->vlan = cmd & TX_VLE;
        s->tag = ld16_le(d + 14);
        send_packet(s);
    }
    return cmd & (TX_RS | TX_RPS);
}

static void tx_start(struct e1000 *s);

/* From head to tail, a batch at a time. */
static void tx_run(void *opaque)
{
    struct e1000 *s = opaque;
    uint32_t n = ring_size(s, E_TDLEN), cause = 0, done;

    s->tx_due = false;
    for (done = 0; done < E1000_TX_BATCH && !s->tx_full && !s->stopped && n && get(s, E_TCTL) & TCTL_EN; done++) {
        uint32_t head = get(s, E_TDH);
        uint64_t at = ring_base(s, E_TDBAL) + (uint64_t)head * E1000_DESC;
        uint8_t d[E1000_DESC];

        if (head == get(s, E_TDT) || head >= n)
            break;
        if (!dma_read(memory(s), at, d, sizeof(d)))
            break;
        if (run_descriptor(s, d)) {
            d[12] |= 1;          /* done */
            dma_write(memory(s), at + 12, d + 12, 1);
            cause |= ICR_TXDW;
        }
        *reg(s, E_TDH) = head + 1 == n ? 0 : head + 1;
    }
    if (done)
        net_flush(s->port);
    if (done && get(s, E_TDH) == get(s, E_TDT))
        cause |= ICR_TXQE;
    raise_irq(s, cause);
    if (done == E1000_TX_BATCH)
        tx_start(s);
}

static void tx_start(struct e1000 *s)
{
    if (s->tx_due || s->tx_full || s->stopped)
        return;
    s->tx_due = true;
    event_loop_bh(device_loop(&s->pci.dev), tx_run, s);
}

static void port_writable(void *opaque)
{
    struct e1000 *s = opaque;

    s->tx_full = false;
    tx_start(s);
}

/* ---- receiving --------------------------------------------------------------------------------- */

static uint32_t buffer_size(const struct e1000 *s)
{
    uint32_t rctl = get(s, E_RCTL), code = rctl >> 16 & 3;

    if (rctl & RCTL_BSEX && code)
        return 32768u >> code;
    return 2048u >> code;
}

/* 13.5.1: the hash of a multicast address, as RCTL.MO chooses its bits. */
static bool in_hash(const struct e1000 *s, const uint8_t *mac)
{
    static const uint8_t shift[4] = { 4, 3, 2, 0 };
    uint32_t hash = ld16_le(mac + 4) >> shift[get(s, E_RCTL) >> 12 & 3] & 0xfff;

    return get(s, E_MTA + (hash >> 5) * 4) >> (hash & 31) & 1;
}

static bool wanted(const struct e1000 *s, const uint8_t *head)
{
    static const uint8_t broadcast[NET_MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    uint32_t rctl = get(s, E_RCTL);
    unsigned tag = ld16_be(head + 14) & 0xfff;

    if (rctl & RCTL_VFE && ld16_be(head + 12) == (get(s, E_VET) & 0xffff) && !(get(s, E_VFTA + (tag >> 5) * 4) >> (tag & 31) & 1))
        return false;
    if (!memcmp(head, broadcast, NET_MAC_LEN))
        return rctl & RCTL_BAM || rctl & RCTL_MPE;
    if (head[0] & 1 ? rctl & RCTL_MPE : rctl & RCTL_UPE)
        return true;
    for (unsigned i = 0; i < 16; i++)
        if (get(s, E_RAH + 8 * i) & RAH_VALID && ld32_le(head) == get(s, E_RAL + 8 * i) &&
            ld16_le(head + 4) == (get(s, E_RAH + 8 * i) & 0xffff))
            return true;
    return head[0] & 1 && in_hash(s, head);
}

static uint32_t free_descriptors(const struct e1000 *s)
{
    uint32_t n = ring_size(s, E_RDLEN), head = get(s, E_RDH), tail = get(s, E_RDT);

    if (!n || head >= n || tail >= n)
        return 0;
    return (tail + n - head) % n;
}

/* len bytes of the frame into as many buffers as it takes; free_descriptors has seen to it that they are there. */
static void fill_buffers(struct e1000 *s, const uint8_t *data, uint32_t len, uint8_t status, uint16_t tag)
{
    uint32_t n = ring_size(s, E_RDLEN), size = buffer_size(s), at = 0;

    while (at < len) {
        uint64_t where = ring_base(s, E_RDBAL) + (uint64_t)get(s, E_RDH) * E1000_DESC;
        uint32_t k = MIN_OF(size, len - at);
        uint8_t d[E1000_DESC];

        if (!dma_read(memory(s), where, d, sizeof(d)))
            return;
        dma_write(memory(s), ld64_le(d), data + at, k);
        at += k;
        st16_le(d + 8, (uint16_t)k);
        st16_le(d + 10, 0);
        d[12] = (uint8_t)(status | RX_DD | (at == len ? RX_EOP : 0));
        d[13] = 0;
        st16_le(d + 14, tag);
        dma_write(memory(s), where + 8, d + 8, 8);
        *reg(s, E_RDH) = get(s, E_RDH) + 1 == n ? 0 : get(s, E_RDH) + 1;
    }
}

static bool port_receive(void *opaque, const struct net_frame *f)
{
    struct e1000 *s = opaque;
    uint8_t data[NET_MAX_FRAME + ETH_FCS], status = RX_IXSM;
    uint32_t rctl = get(s, E_RCTL), len = (uint32_t)net_frame_copy(f, data, NET_MAX_FRAME), size = len;
    uint16_t tag = 0;

    if (s->stopped)
        return false;
    if (!(rctl & RCTL_EN) || len < ETH_HEADER)
        return true;
    if (len < ETH_MIN) {
        memset(data + len, 0, ETH_MIN - len);
        len = size = ETH_MIN;
    }
    if ((len > ETH_MAX && !(rctl & RCTL_LPE)) || len > 16384 || !wanted(s, data))
        return true;
    if (get(s, E_CTRL) & CTRL_VME && ld16_be(data + 12) == (get(s, E_VET) & 0xffff)) {
        tag = ld16_be(data + 14);
        memmove(data + 12, data + 16, len - 16);
        len -= 4;
        status |= RX_VP;
    }
    if (!(rctl & RCTL_SECRC)) {
        st32_le(data + len, (uint32_t)crc32(0, data, len));
        len += ETH_FCS;
    }
    if (free_descriptors(s) < (len + buffer_size(s) - 1) / buffer_size(s))
        return false;
    fill_buffers(s, data, len, status, tag);
    count_frame(s, E_TPR, E_GPRC, E_GORCL, E_TORL, size);
    if (data[0] & 1)
        (*reg(s, data[0] == 0xff ? E_BPRC : E_MPRC))++;
    return true;
}

/* 13.4.22, RDMTS: fewer than a half, quarter, eighth of the descriptors are left. */
static void port_flush(void *opaque)
{
    struct e1000 *s = opaque;
    uint32_t low = ring_size(s, E_RDLEN) >> ((get(s, E_RCTL) >> 8 & 3) + 1);

    if (get(s, E_RCTL) & RCTL_EN)
        raise_irq(s, ICR_RXT0 | (free_descriptors(s) <= low ? ICR_RXDMT0 : 0));
}

static const struct net_port_ops port_ops = { .receive = port_receive, .flush = port_flush, .writable = port_writable };

/* ---- registers --------------------------------------------------------------------------------- */

static void software_reset(struct e1000 *s)
{
    memset(s->reg, 0, sizeof(s->reg));
    *reg(s, E_CTRL) = 0x00000241;                /* full duplex, 1000 Mb/s, set link up */
    *reg(s, E_STATUS) = 0x80080783;              /* the same, and the link is up */
    *reg(s, E_PBA) = 0x00100030;
    *reg(s, E_VET) = 0x8100;
    *reg(s, E_RAL) = ld32_le(s->mac);
    *reg(s, E_RAH) = ld16_le(s->mac + 4) | (uint32_t)RAH_VALID;
    s->tx_len = 0;
    s->tx_lost = false;
    s->popts = s->segment = s->vlan = s->legacy_csum = 0;
    memset(&s->context, 0, sizeof(s->context));
    update_irq(s);
}

static uint32_t read_reg(struct e1000 *s, unsigned off)
{
    uint32_t v;

    if (off >= E1000_REGS)
        return 0;
    switch (off) {
    case E_EECD:
        return e1000_read_eecd(&s->eeprom);
    case E_ICR:                                  /* 13.4.17: reading clears it */
        v = get(s, E_ICR);
        *reg(s, E_ICR) = 0;
        update_irq(s);
        return v;
    case E_ICS: case E_IMC:
        return 0;
    case E_STATS ... E_STATS_END - 1:            /* reading clears them */
        v = get(s, off);
        *reg(s, off) = 0;
        return v;
    default:
        return get(s, off);
    }
}

static void write_ctrl(struct e1000 *s, uint32_t v)
{
    if (v & (uint32_t)CTRL_PHY_RST)
        e1000_phy_reset(&s->phy);
    if (v & CTRL_RST) {
        software_reset(s);
        return;
    }
    *reg(s, E_CTRL) = v & ~(uint32_t)CTRL_PHY_RST;
}

static void write_mdic(struct e1000 *s, uint32_t v)
{
    bool restarted;

    *reg(s, E_MDIC) = e1000_write_mdic(&s->phy, v, &restarted);
    if (v & 1 << 29)
        raise_irq(s, ICR_MDAC);
    if (restarted)
        raise_irq(s, ICR_LSC);
}

static void receive_again(struct e1000 *s)
{
    net_ready(s->port);
}

static void write_reg(struct e1000 *s, unsigned off, uint32_t v)
{
    switch (off) {
    case E_CTRL: case E_CTRL + 4:
        write_ctrl(s, v);
        break;
    case E_EECD:
        e1000_write_eecd(&s->eeprom, v);
        break;
    case E_EERD:
        *reg(s, E_EERD) = e1000_write_eerd(&s->eeprom, v);
        break;
    case E_MDIC:
        write_mdic(s, v);
        break;
    case E_ICR:
        *reg(s, E_ICR) &= ~v;
        update_irq(s);
        break;
    case E_ICS:
        raise_irq(s, v & ICR_MASK);
        break;
    case E_IMS:
        *reg(s, E_IMS) |= v & ICR_MASK;
        update_irq(s);
        break;
    case E_IMC:
        *reg(s, E_IMS) &= ~v;
        update_irq(s);
        break;
    case E_RDBAL: case E_TDBAL:
        *reg(s, off) = v & ~15u;
        break;
    case E_RDLEN: case E_TDLEN:
        *reg(s, off) = v & 0xfff80;
        break;
    case E_RDH: case E_TDH:
        *reg(s, off) = v & 0xffff;
        break;
    case E_RDT:
        *reg(s, off) = v & 0xffff;
        receive_again(s);
        break;
    case E_RCTL:
        *reg(s, off) = v;
        receive_again(s);
        break;
    case E_TDT: case E_TCTL:
        *reg(s, off) = off == E_TDT ? v & 0xffff : v;
        tx_start(s);
        break;
    case E_STATUS: case E_STATS ... E_STATS_END - 1:
        break;
    default:
        if (off < E1000_REGS)
            *reg(s, off) = v;
        else
            log_guest_error("e1000: write of offset 0x%x", off);
    }
}

static uint64_t bar_read(void *opaque, uint64_t off, unsigned size)
{
    (void)size;
    return read_reg(opaque, (unsigned)off);
}

static void bar_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)size;
    write_reg(opaque, (unsigned)off, (uint32_t)val);
}

/* IOADDR and IODATA (13.2.2). */
static uint64_t io_read(void *opaque, uint64_t off, unsigned size)
{
    struct e1000 *s = opaque;

    (void)size;
    if (off == 0)
        return s->ioaddr;
    return off == 4 ? read_reg(s, s->ioaddr & 0x1fffc) : 0;
}

static void io_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct e1000 *s = opaque;

    (void)size;
    if (off == 0)
        s->ioaddr = (uint32_t)val;
    else if (off == 4)
        write_reg(s, s->ioaddr & 0x1fffc, (uint32_t)val);
}

static const struct mmio_ops bar_ops = { .read = bar_read, .write = bar_write, .min_size = 4, .max_size = 4 };
static const struct mmio_ops io_ops = { .read = io_read, .write = io_write, .min_size = 4, .max_size = 4 };

/* ---- the device -------------------------------------------------------------------------------- */

static void e1000_reset(struct device *dev)
{
    struct e1000 *s = (struct e1000 *)dev;

    pci_device_reset(&s->pci);
    s->ioaddr = 0;
    s->tx_full = false;
    e1000_eeprom_init(&s->eeprom, s->mac);
    e1000_phy_reset(&s->phy);
    software_reset(s);
    net_purge(s->port);
    net_ready(s->port);
}

static void e1000_run_state(struct device *dev, bool running)
{
    struct e1000 *s = (struct e1000 *)dev;

    s->stopped = !running;
    if (!running)
        return;
    tx_start(s);
    receive_again(s);
}

static bool e1000_realize(struct device *dev, GError **err)
{
    static const struct pci_ids ids = { .vendor = 0x8086, .device = 0x100e, .subsystem_vendor = 0x1af4, .subsystem = 0x1100,
                                        .class_code = 0x020000, .revision = 3, .intx = true };
    struct e1000 *s = (struct e1000 *)dev;

    if (!s->nd) {
        g_set_error(err, g_quark_from_static_string("e1000"), 0, "it needs netdev=ID, the id of a -netdev");
        return false;
    }
    if (!netdev_mac(s->nd, s->mac_text, s->mac, err) || !pci_device_init(&s->pci, &ids, err))
        return false;
    s->pci.default_rom = "efi-e1000.rom";
    pci_add_bar(&s->pci, 0, 0, 0x20000, &bar_ops, s);
    pci_add_bar(&s->pci, 1, PCI_BAR_IO, 64, &io_ops, s);
    s->port = netdev_plug(s->nd, &port_ops, s);
    return true;
}

static void e1000_unrealize(struct device *dev)
{
    struct e1000 *s = (struct e1000 *)dev;

    netdev_unplug(s->port);
    event_loop_bh_cancel(device_loop(dev), tx_run, s);
    pci_device_fini(&s->pci);
}

static bool e1000_post_load(struct device *dev, GError **err)
{
    struct e1000 *s = (struct e1000 *)dev;

    if (s->tx_len > NET_MAX_FRAME || s->eeprom.nout >= 16) {
        g_set_error(err, g_quark_from_static_string("e1000"), 0, "state out of range");
        return false;
    }
    s->eeprom.address %= E1000_EEPROM_WORDS;
    *reg(s, E_RDLEN) &= 0xfff80;
    *reg(s, E_TDLEN) &= 0xfff80;
    update_irq(s);
    return pci_device_post_load(&s->pci, err);
}

static const struct device_prop e1000_props[] = {
    PROP(struct e1000, nd, "netdev", PROP_NETDEV, 0, "id of a -netdev"),
    PROP(struct e1000, mac_text, "mac", PROP_STR, 0, "its address; the next free one if not given"),
    PCI_PROPS(struct e1000),
    PROP_END
};

static const struct state_field e1000_state[] = {
    PCI_STATE, STATE_ARRAY(struct e1000, reg), STATE(struct e1000, ioaddr), STATE_ARRAY(struct e1000, eeprom.word),
    STATE(struct e1000, eeprom.in), STATE(struct e1000, eeprom.nin), STATE(struct e1000, eeprom.nout), STATE(struct e1000, eeprom.address),
    STATE(struct e1000, eeprom.eecd), STATE(struct e1000, eeprom.out), STATE_ARRAY(struct e1000, phy.reg),
    STATE(struct e1000, context.ipcss), STATE(struct e1000, context.ipcso), STATE(struct e1000, context.tucss),
    STATE(struct e1000, context.tucso), STATE(struct e1000, context.hdrlen), STATE(struct e1000, context.tucmd),
    STATE(struct e1000, context.ipcse), STATE(struct e1000, context.tucse), STATE(struct e1000, context.mss), STATE(struct e1000, popts),
    STATE(struct e1000, segment), STATE(struct e1000, vlan), STATE(struct e1000, legacy_csum), STATE(struct e1000, css),
    STATE(struct e1000, cso), STATE(struct e1000, tag), STATE(struct e1000, tx_len), STATE_ARRAY(struct e1000, tx),
    STATE_END
};

static const struct device_type e1000_type = {
    .name = "e1000", .alias = "e1000-82540em", .desc = "Intel 82540EM gigabit Ethernet", .size = sizeof(struct e1000), .user_creatable = true,
    .bus = "PCI", .props = e1000_props, .state = e1000_state, .realize = e1000_realize, .reset = e1000_reset,
    .unrealize = e1000_unrealize, .run_state = e1000_run_state, .post_load = e1000_post_load,
};
DEVICE_REGISTER(e1000_type)
