/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GICv3 between its files (IHI 0069: GIC architecture, versions 3 and 4). Owner of everything here: the device lock.
 *
 *     gicv3.c          the device, its lines, which interrupt is the next for a CPU
 *     gicv3-dist.c     distributor: registers of SPIs, routes
 *     gicv3-redist.c   redistributors: registers of SGIs and PPIs, LPIs
 *     gicv3-cpuif.c    CPU interfaces: ICC_* system registers
 *     gicv3-virt.c     what a hypervisor sets up for a virtual machine (ICH_*) and what that sees (ICV_*)
 *     gicv3-its.c      messages to LPIs
 */
#ifndef HW_INTC_GICV3_INTERNAL_H
#define HW_INTC_GICV3_INTERNAL_H

#include "hw/intc/gicv3.h"
#include "softmmu/device.h"
#include "softmmu/sysreg.h"

#define GICV3_MAX_CPUS 123
#define GICV3_MAX_IRQS 1020
#define GICV3_WORDS 32
#define GICV3_SGIS 16
#define GICV3_SPURIOUS 1023
#define GICV3_FIRST_LPI 8192
#define GICV3_ID_BITS 16         /* of interrupt IDs: LPIs end at 65535 */
#define GICV3_IDS (1u << GICV3_ID_BITS)
#define GICV3_IDLE_PRIORITY 0x100
#define GICV3_PRIO_BITS 5        /* of priorities, the upper ones of a byte: 32 levels; one active priority register a group */
#define GICV3_PRIO_MASK 0xf8u
#define GICV3_NLR 4              /* list registers */
#define GICV3_IIDR 0x43bu        /* JEP106 code of ARM */
#define GICV3_NO_CPU UINT16_MAX

enum gicv3_ctlr_bits { GICD_CTLR_GRP0 = 1, GICD_CTLR_GRP1 = 2, GICD_CTLR_ARE = 1 << 4, GICD_CTLR_DS = 1 << 6 };
enum gicr_ctlr_bits { GICR_CTLR_LPIS = 1, GICR_CTLR_CES = 2, GICR_CTLR_DPG0 = 1 << 24, GICR_CTLR_DPG1NS = 1 << 25 };
enum gicr_waker_bits { WAKER_SLEEP = 2, WAKER_ASLEEP = 4 };

struct gicv3;

/* A redistributor and its CPU interface: a device of its own, so that each has its frames and its state table. */
struct gicv3_cpu {
    struct device dev;
    struct gicv3 *gic;
    unsigned index;
    uint64_t affinity;

    uint32_t ctlr, waker;
    uint64_t propbaser, pendbaser;
    uint32_t enabled, pending, active, group, level, edge;   /* of SGIs and PPIs, a bit each */
    uint8_t prio[GICV3_INTERNAL];
    uint64_t lpi_pending[GICV3_IDS / 64];        /* the pending table, while LPIs are enabled */
    uint64_t lpi_words[GICV3_IDS / 64 / 64];     /* from lpi_pending: words that are not 0 */
    unsigned lpi_best;                           /* from these: enabled, of the highest priority; 0: none */
    uint32_t targeted[GICV3_WORDS];              /* from routes: SPIs that come here */

    uint32_t pmr, bpr[2], grpen[2], icc_ctlr, apr[2];        /* by group */

    uint64_t ich_hcr, ich_lr[GICV3_NLR];
    uint32_t ich_vmcr, ich_apr[2];
};

struct gicv3 {
    struct device dev;
    uint32_t num_cpu, num_irq;   /* properties */
    bool has_el2, has_el3, has_lpis;
    struct gicv3_cpu *cpu[GICV3_MAX_CPUS];

    uint32_t ctlr;
    uint32_t enabled[GICV3_WORDS], pending[GICV3_WORDS], active[GICV3_WORDS], group[GICV3_WORDS], level[GICV3_WORDS],
        edge[GICV3_WORDS];       /* of SPIs; word 0 is not used */
    uint8_t prio[GICV3_MAX_IRQS];
    uint64_t router[GICV3_MAX_IRQS];
    uint16_t route[GICV3_MAX_IRQS];      /* from router: the CPU that it goes to now, or GICV3_NO_CPU */
    uint8_t lpi_config[GICV3_IDS];       /* the configuration table as last read; bytes below GICV3_FIRST_LPI are not used */
};

/* ---- gicv3.c ---- */

/* An interrupt that a CPU could take. */
struct gicv3_candidate {
    unsigned irq;                /* GICV3_SPURIOUS: none */
    unsigned prio;
    bool group1;
};
/* The pending, enabled, not active interrupt of the highest priority for this CPU. */
struct gicv3_candidate gicv3_best(struct gicv3_cpu *c);
/* Set the CPU's lines anew after a change that concerns it; after one to SPIs, for the CPU that this one goes to; or for all. */
void gicv3_update_cpu(struct gicv3_cpu *c);
void gicv3_update_spi(struct gicv3 *s, unsigned irq);
void gicv3_update(struct gicv3 *s);
/* State of an interrupt as this CPU sees it; irq < num_irq. */
bool gicv3_group1(const struct gicv3_cpu *c, unsigned irq);
void gicv3_acknowledge(struct gicv3_cpu *c, unsigned irq);
void gicv3_deactivate(struct gicv3_cpu *c, unsigned irq);

/* ---- gicv3-dist.c ---- */

extern const struct mmio_ops gicv3_dist_ops;
void gicv3_dist_reset(struct gicv3 *s);
/* Find the CPU that an SPI goes to anew: all of them, or those that any CPU may take ("1 of N"), when a CPU has begun or ceased to. */
void gicv3_route_all(struct gicv3 *s);
void gicv3_route_any(struct gicv3 *s);
/* Words of bits that distributor and redistributors have alike: offsets from 0x80 to 0x3ff. level: inputs that are high. */
struct gicv3_word {
    uint32_t *group, *enabled, *pending, *active, *edge;
    uint32_t level;
};
uint32_t gicv3_read_word(const struct gicv3_word *w, unsigned off);
void gicv3_write_word(const struct gicv3_word *w, unsigned off, uint32_t v, uint32_t mask);
/* GICx_ICFGR: two bits for each of 16 interrupts, the upper says edge-triggered. bits: theirs, of one word. */
uint32_t gicv3_read_config(uint32_t bits);
uint32_t gicv3_config_bits(uint32_t v);
/* Peripheral and component ID registers, off from 0xffd0. part: lowest bits of the part number. */
uint32_t gicv3_id(unsigned off, uint8_t part);

/* ---- gicv3-redist.c ---- */

extern const struct mmio_ops gicv3_redist_ops;
void gicv3_redist_reset(struct gicv3_cpu *c);
/* LPIs: make one pending or not; read the configuration of one (or of all) again. Numbers that do not exist are ignored. */
void gicv3_lpi_set(struct gicv3_cpu *c, uint32_t lpi, bool pending);
bool gicv3_lpi_pending(const struct gicv3_cpu *c, uint32_t lpi);
void gicv3_lpi_reload(struct gicv3 *s, uint32_t lpi);
void gicv3_lpi_reload_all(struct gicv3_cpu *c);
/* All that is pending goes to another one. */
void gicv3_lpi_move_all(struct gicv3_cpu *from, struct gicv3_cpu *to);
/* lpi_words and lpi_best from lpi_pending. */
void gicv3_lpi_find(struct gicv3_cpu *c);
/* CPU of an affinity, NULL: none. */
struct gicv3_cpu *gicv3_find_cpu(struct gicv3 *s, uint64_t affinity);

/* ---- gicv3-cpuif.c ---- */

void gicv3_cpuif_reset(struct gicv3_cpu *c);
/* May this one be signalled to the CPU now: group, mask and running priority? */
bool gicv3_signalled(const struct gicv3_cpu *c, const struct gicv3_candidate *k);
/* The part of a priority that decides about preemption. bpr: of the group's table, see the definition. */
unsigned gicv3_lowest_active(uint32_t apr);

/* ---- gicv3-virt.c ---- */

void gicv3_virt_reset(struct gicv3_cpu *c);
/* VIRQ, VFIQ and the maintenance interrupt from the state. */
void gicv3_virt_update(struct gicv3_cpu *c);
bool gicv3_ich_has(unsigned reg, bool write);
uint64_t gicv3_ich_read(struct gicv3_cpu *c, unsigned reg);
void gicv3_ich_write(struct gicv3_cpu *c, unsigned reg, uint64_t v);
uint64_t gicv3_icv_read(struct gicv3_cpu *c, unsigned reg);
void gicv3_icv_write(struct gicv3_cpu *c, unsigned reg, uint64_t v);

#endif
