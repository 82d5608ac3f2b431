/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System management mode (SDM volume 3, chapter 31; AMD APM volume 2, chapter 10): entry at an SMI, RSM, the state save area.
 *
 * CPUs with long mode save in AMD64's layout (APM table 10-1), which firmware for virtual machines expects of them (revision 0x20064);
 * others in the 32-bit one (SDM table 31-1, revision 0x20000). SMBASE may be relocated; I/O instruction restart is not offered.
 */
#include "config.h"
#include "softmmu/bus.h"
#include "softmmu/tlb.h"
#include "target-x86/system.h"
#include "util/log.h"

#define SMBASE_RELOCATION (1u << 17)

/* ---- the save area: offsets from SMBASE + 0x8000 --------------------------------------------- */

static void put(struct x86_cpu *c, unsigned off, unsigned size, uint64_t val)
{
    bus_write(c->smm_bus, (c->smbase + 0x8000 + off) & c->a20_mask, size, val);
}

static uint64_t get(struct x86_cpu *c, unsigned off, unsigned size)
{
    uint64_t val;

    bus_read(c->smm_bus, (c->smbase + 0x8000 + off) & c->a20_mask, size, &val);
    return val;
}

/* Attributes as the save areas have them: the descriptor's, moved down by 8. */
static uint32_t attr_of(const struct x86_seg *s)
{
    uint32_t attr = s->attr >> 8 & 0xf0ff;

    return s->unusable ? attr & ~0x80u : attr;
}

static void set_seg(struct x86_cpu *c, enum x86_segment n, unsigned selector, uint32_t attr, uint32_t limit, uint64_t base)
{
    struct x86_seg *s = &c->seg[n];

    *s = (struct x86_seg){ .selector = (uint16_t)selector, .base = base, .limit = limit, .attr = (attr & 0xf0ff) << 8 };
    s->unusable = !(attr & 0x80);
    x86_seg_update(c, n);
}

/* Which 64-bit words are where (APM table 10-1). */
struct word64 {
    uint32_t off, field;
};
#define W(off, field) { off, X86_OFF(field) }
static const struct word64 words64[] = {
    W(0x7f48, cr4), W(0x7f50, cr3), W(0x7f58, cr0), W(0x7ed0, efer), W(0x7f60, dr[7]), W(0x7f68, dr[6]),
};
/* RAX first, downward: RAX 7ff8, RCX 7ff0, RDX 7fe8, RBX 7fe0, RSP, RBP, RSI, RDI 7fc0, R8 7fb8 ... R15 7f80 */
#define GPR64(n) (0x7ff8 - 8 * (n))
#define SEG64(n) (0x7e00 + 16 * (n))
enum { SEG64_GDTR = 6, SEG64_LDTR, SEG64_IDTR, SEG64_TR };

static uint64_t *word_of(struct x86_cpu *c, const struct word64 *w)
{
    return (uint64_t *)((uint8_t *)c + w->field);
}

static void put_seg64(struct x86_cpu *c, unsigned at, const struct x86_seg *s)
{
    put(c, SEG64(at), 2, s->selector);
    put(c, SEG64(at) + 2, 2, attr_of(s));
    put(c, SEG64(at) + 4, 4, s->limit);
    put(c, SEG64(at) + 8, 8, s->base);
}

static void get_seg64(struct x86_cpu *c, unsigned at, enum x86_segment n)
{
    set_seg(c, n, (unsigned)get(c, SEG64(at), 2), (uint32_t)get(c, SEG64(at) + 2, 2), (uint32_t)get(c, SEG64(at) + 4, 4),
            get(c, SEG64(at) + 8, 8));
}

static void put_table64(struct x86_cpu *c, unsigned at, const struct x86_table *t)
{
    put(c, SEG64(at) + 4, 4, t->limit);
    put(c, SEG64(at) + 8, 8, t->base);
}

static void get_table64(struct x86_cpu *c, unsigned at, struct x86_table *t)
{
    t->limit = (uint32_t)get(c, SEG64(at) + 4, 4);
    t->base = get(c, SEG64(at) + 8, 8);
}

static void save64(struct x86_cpu *c, bool halted)
{
    for (unsigned i = X86_ES; i <= X86_GS; i++)
        put_seg64(c, i, &c->seg[i]);
    put_table64(c, SEG64_GDTR, &c->gdtr);
    put_seg64(c, SEG64_LDTR, &c->seg[X86_LDTR]);
    put_table64(c, SEG64_IDTR, &c->idtr);
    put_seg64(c, SEG64_TR, &c->seg[X86_TR]);
    for (unsigned i = 0; i < X86_NREGS; i++)
        put(c, GPR64(i), 8, c->r[i]);
    for (unsigned i = 0; i < sizeof(words64) / sizeof(words64[0]); i++)
        put(c, words64[i].off, 8, *word_of(c, &words64[i]));
    put(c, 0x7f78, 8, x86_ip(c));
    put(c, 0x7f70, 8, x86_eflags(c));
    put(c, 0x7ec9, 1, halted);
    put(c, 0x7efc, 4, 0x20064);
    put(c, 0x7f00, 4, c->smbase);
}

static void restore64(struct x86_cpu *c)
{
    for (unsigned i = 0; i < sizeof(words64) / sizeof(words64[0]); i++)
        *word_of(c, &words64[i]) = get(c, words64[i].off, 8);
    x86_set_eflags(c, (uint32_t)get(c, 0x7f70, 8), ~(uint32_t)X86_FL_1);
    for (unsigned i = X86_ES; i <= X86_GS; i++)
        get_seg64(c, i, i);
    get_table64(c, SEG64_GDTR, &c->gdtr);
    get_seg64(c, SEG64_LDTR, X86_LDTR);
    get_table64(c, SEG64_IDTR, &c->idtr);
    get_seg64(c, SEG64_TR, X86_TR);
    for (unsigned i = 0; i < X86_NREGS; i++)
        c->r[i] = get(c, GPR64(i), 8);
    c->cpu.halted = get(c, 0x7ec9, 1) & 1;
    x86_set_ip(c, get(c, 0x7f78, 8));
    if (get(c, 0x7efc, 4) & SMBASE_RELOCATION)
        c->smbase = (uint32_t)get(c, 0x7f00, 4);
}

/* ---- the 32-bit area -------------------------------------------------------------------------- */

/* Hidden parts: attributes, limit, base from these offsets (ES, CS, SS and DS, FS, GS lie apart) */
static unsigned seg32(unsigned n)
{
    return n < 3 ? 0x7f84 + 12 * n : 0x7f2c + 12 * (n - 3);
}

static void put_hidden32(struct x86_cpu *c, unsigned at, const struct x86_seg *s)
{
    put(c, at + 8, 4, s->base);
    put(c, at + 4, 4, s->limit);
    put(c, at, 4, attr_of(s));
}

static void get_hidden32(struct x86_cpu *c, unsigned at, enum x86_segment n, unsigned selector_at)
{
    set_seg(c, n, (unsigned)get(c, selector_at, 4) & 0xffff, (uint32_t)get(c, at, 4), (uint32_t)get(c, at + 4, 4), get(c, at + 8, 4));
}

static void save32(struct x86_cpu *c, bool halted)
{
    put(c, 0x7ffc, 4, c->cr0);
    put(c, 0x7ff8, 4, c->cr3);
    put(c, 0x7ff4, 4, x86_eflags(c));
    put(c, 0x7ff0, 4, x86_ip(c));
    for (unsigned i = 0; i < 8; i++)          /* EAX 7fd0 ... EDI 7fec */
        put(c, 0x7fd0 + 4 * i, 4, c->r[i]);
    put(c, 0x7fcc, 4, c->dr[6]);
    put(c, 0x7fc8, 4, c->dr[7]);
    put(c, 0x7fc4, 4, c->seg[X86_TR].selector);
    put_hidden32(c, 0x7f5c, &c->seg[X86_TR]);
    put(c, 0x7fc0, 4, c->seg[X86_LDTR].selector);
    put_hidden32(c, 0x7f78, &c->seg[X86_LDTR]);
    put(c, 0x7f74, 4, c->gdtr.base);
    put(c, 0x7f70, 4, c->gdtr.limit);
    put(c, 0x7f58, 4, c->idtr.base);
    put(c, 0x7f54, 4, c->idtr.limit);
    for (unsigned i = X86_ES; i <= X86_GS; i++) {
        put(c, 0x7fa8 + 4 * i, 4, c->seg[i].selector);
        put_hidden32(c, seg32(i), &c->seg[i]);
    }
    put(c, 0x7f14, 4, c->cr4);
    put(c, 0x7f02, 2, halted);
    put(c, 0x7efc, 4, 0x20000);
    put(c, 0x7ef8, 4, c->smbase);
}

static void restore32(struct x86_cpu *c)
{
    c->cr0 = get(c, 0x7ffc, 4);
    c->cr3 = get(c, 0x7ff8, 4);
    c->cr4 = get(c, 0x7f14, 4);
    x86_set_eflags(c, (uint32_t)get(c, 0x7ff4, 4), ~(uint32_t)X86_FL_1);
    for (unsigned i = 0; i < 8; i++)
        c->r[i] = get(c, 0x7fd0 + 4 * i, 4);
    c->dr[6] = get(c, 0x7fcc, 4);
    c->dr[7] = get(c, 0x7fc8, 4);
    get_hidden32(c, 0x7f5c, X86_TR, 0x7fc4);
    get_hidden32(c, 0x7f78, X86_LDTR, 0x7fc0);
    c->gdtr = (struct x86_table){ get(c, 0x7f74, 4), (uint32_t)get(c, 0x7f70, 4) };
    c->idtr = (struct x86_table){ get(c, 0x7f58, 4), (uint32_t)get(c, 0x7f54, 4) };
    for (unsigned i = X86_ES; i <= X86_GS; i++)
        get_hidden32(c, seg32(i), i, 0x7fa8 + 4 * i);
    c->cpu.halted = get(c, 0x7f02, 2) & 1;
    x86_set_ip(c, get(c, 0x7ff0, 4));
    if (get(c, 0x7efc, 4) & SMBASE_RELOCATION)
        c->smbase = (uint32_t)get(c, 0x7ef8, 4);
}

/* ---- entry and RSM ---------------------------------------------------------------------------- */

static void switch_memory(struct x86_cpu *c, bool smm)
{
    struct bus *bus = smm ? c->smm_bus : c->normal_bus;

    c->smm = smm;
    if (c->cpu.bus != bus) {
        c->cpu.bus = bus;
        tlb_flush_all(&c->cpu);
    }
    c->cpu.mode_changed = true;
}

/* SDM 31.5.1: 16-bit code at SMBASE + 0x8000, segments of 4 GiB. */
static void enter_state(struct x86_cpu *c)
{
    c->cr0 &= ~(uint64_t)(X86_CR0_PE | X86_CR0_EM | X86_CR0_TS | X86_CR0_PG);
    c->cr4 = 0;
    c->efer = 0;
    c->dr[7] = 0x400;
    x86_set_eflags(c, X86_FL_1, ~(uint32_t)0);
    for (unsigned i = X86_ES; i <= X86_GS; i++) {
        c->seg[i] = (struct x86_seg){ .limit = 0xffffffff,
                                      .attr = X86_DESC_P | X86_DESC_S | X86_DESC_WRITE | X86_DESC_ACCESSED | X86_DESC_G };
        x86_seg_update(c, i);
    }
    c->seg[X86_CS].selector = (uint16_t)(c->smbase >> 4);
    c->seg[X86_CS].base = c->smbase;
    x86_set_ip(c, 0x8000);
}

void x86_enter_smm(struct x86_cpu *c)
{
    bool halted = c->cpu.halted;

    c->nmi_before_smm = c->nmi_blocked;
    c->nmi_blocked = true;
    if (x86_has(c, X86_F_LM))
        save64(c, halted);
    else
        save32(c, halted);
    c->cpu.halted = false;
    c->inhibit = 0;
    switch_memory(c, true);
    enter_state(c);
    log_text(LOG_INT, "cpu %d: SMI, SMBASE 0x%llx\n", c->cpu.index, (unsigned long long)c->smbase);
}

void x86_rsm(struct x86_cpu *c)
{
    if (!c->smm)
        x86_raise(c, X86_UD, 0);
    if (x86_has(c, X86_F_LM))
        restore64(c);
    else
        restore32(c);
    if (x86_is_pae(c->cr0, c->cr4, c->efer))
        x86_load_pdptes(c, c->cr3);
    c->nmi_blocked = c->nmi_before_smm;
    c->inhibit = 0;
    tlb_flush_all(&c->cpu);
    switch_memory(c, false);
    log_text(LOG_INT, "cpu %d: RSM to 0x%llx\n", c->cpu.index, (unsigned long long)c->cpu.env.pc);
}
