/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 paging (SDM volume 3, chapter 4): 32-bit, PAE, 4-level and 5-level paging, permissions, accessed and dirty flags, what TLB
 * contexts are told apart by, and accesses of C code.
 *
 * Accessed and dirty flags are written when the whole translation has succeeded. A page that is not dirty gets an entry without write
 * permission, so that the first store comes here.
 */
#include "config.h"
#include "softmmu/access.h"
#include "softmmu/bus.h"
#include "softmmu/tlb.h"
#include "target-x86/system.h"
#include "util/bits.h"
#include "util/log.h"

/* Bits of paging-structure entries (SDM 4.3 to 4.5) */
#define PTE_P    (1ull << 0)
#define PTE_W    (1ull << 1)
#define PTE_U    (1ull << 2)
#define PTE_A    (1ull << 5)
#define PTE_D    (1ull << 6)
#define PTE_PS   (1ull << 7)
#define PTE_G    (1ull << 8)
#define PTE_XD   (1ull << 63)
#define PTE_PKEY_SHIFT 59

#define UPDATE_TRIES 32
#define MAX_LEVELS 5

enum paging { PAGING_NONE, PAGING_32, PAGING_PAE, PAGING_4LEVEL, PAGING_5LEVEL };

struct entry {
    void *host;              /* NULL: not in memory */
    uint64_t val;
    bool readonly;
};

struct walk {
    struct x86_cpu *c;
    uint64_t va;
    enum access_type type;
    enum paging paging;
    bool user;               /* a user-mode access */
    bool smap;               /* supervisor-mode data accesses to user pages are refused */
    struct entry path[MAX_LEVELS];
    unsigned depth;
    uint64_t all, any;       /* P W U ands, XD ors, over the levels */
    uint64_t paddr;
    uint8_t page_bits, prot;
    uint32_t error;
};

static uint64_t low_mask(unsigned n)
{
    return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

/* Bits hi..lo */
static uint64_t bits(unsigned hi, unsigned lo)
{
    return low_mask(hi + 1) & ~low_mask(lo);
}

static enum paging paging_of(const struct x86_cpu *c)
{
    if (!(c->cr0 & X86_CR0_PG))
        return PAGING_NONE;
    if (!(c->cr4 & X86_CR4_PAE))
        return PAGING_32;
    if (!(c->efer & X86_EFER_LMA))
        return PAGING_PAE;
    return c->cr4 & X86_CR4_LA57 ? PAGING_5LEVEL : PAGING_4LEVEL;
}

bool x86_is_canonical(const struct x86_cpu *c, uint64_t va)
{
    unsigned shift = 64 - x86_linear_bits(c);

    return (uint64_t)((int64_t)(va << shift) >> shift) == va;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static bool fault(struct walk *w, uint32_t error)
{
    const struct x86_cpu *c = w->c;

    error |= w->type == ACCESS_STORE ? X86_PF_W : 0;
    error |= w->user ? X86_PF_U : 0;
    if (w->type == ACCESS_EXEC && (c->cr4 & X86_CR4_SMEP || (c->efer & X86_EFER_NXE && w->paging >= PAGING_PAE)))
        error |= X86_PF_I;
    w->error = error;
    return false;
}

static void read_entry(struct walk *w, uint64_t addr, bool wide)
{
    struct entry *e = &w->path[w->depth++];
    struct bus *bus = w->c->cpu.bus;
    uint64_t room;

    addr &= w->c->a20_mask;
    e->host = bus_ram(bus, addr, &room, &e->readonly);
    /* SAFETY: entries are naturally aligned inside one page of guest memory: single accesses, which other CPUs' writes do not tear. */
    if (!e->host)
        bus_read(bus, addr, wide ? 8 : 4, &e->val);
    else if (wide)
        e->val = __atomic_load_n((uint64_t *)e->host, __ATOMIC_RELAXED);
    else
        e->val = __atomic_load_n((uint32_t *)e->host, __ATOMIC_RELAXED);
}

/* 32-bit paging (SDM 4.3) */
static bool walk_32(struct walk *w)
{
    const struct x86_cpu *c = w->c;
    uint32_t va = (uint32_t)w->va;
    unsigned phys = MIN(x86_phys_bits(c), 40);
    uint64_t pde, pte;

    read_entry(w, (c->cr3 & 0xfffff000u) | va >> 22 << 2, false);
    pde = w->path[0].val;
    if (!(pde & PTE_P))
        return fault(w, 0);
    w->all = pde;
    if (pde & PTE_PS && c->cr4 & X86_CR4_PSE) {
        if (pde & (x86_has(c, X86_F_PSE36) ? bits(21, phys - 19) : bits(21, 13)))
            return fault(w, X86_PF_P | X86_PF_RSVD);
        w->paddr = (pde & 0xffc00000u) | (pde >> 13 & 0xff) << 32 | (va & 0x3fffff);
        w->page_bits = 22;
        return true;
    }
    read_entry(w, (pde & 0xfffff000u) | (va >> 12 & 0x3ff) << 2, false);
    pte = w->path[1].val;
    if (!(pte & PTE_P))
        return fault(w, 0);
    w->all &= pte;
    w->paddr = (pte & 0xfffff000u) | (va & 0xfff);
    w->page_bits = 12;
    return true;
}

/* Reserved bits of every entry of PAE, 4-level and 5-level paging. */
static uint64_t reserved_bits(const struct walk *w)
{
    const struct x86_cpu *c = w->c;
    uint64_t r = bits(51, x86_phys_bits(c));

    if (!(c->efer & X86_EFER_NXE))
        r |= PTE_XD;
    return w->paging == PAGING_PAE ? r | bits(62, 52) : r;
}

/* From the table at base down, whose entries each map 1 << shift bytes (SDM 4.4.2, 4.5.4). */
static bool walk_64(struct walk *w, uint64_t base, unsigned shift)
{
    uint64_t reserved = reserved_bits(w), e;

    w->all = UINT64_MAX;
    for (;; shift -= 9) {
        read_entry(w, base | (w->va >> shift & 0x1ff) << 3, true);
        e = w->path[w->depth - 1].val;
        if (!(e & PTE_P))
            return fault(w, 0);
        w->all &= e;
        w->any |= e;
        if (shift == 12)
            break;
        if (e & PTE_PS) {
            if (shift > 30 || (shift == 30 && !x86_has(w->c, X86_F_PDPE1GB)))
                return fault(w, X86_PF_P | X86_PF_RSVD);
            reserved |= bits(shift - 1, 13);
            break;
        }
        if (e & reserved)
            return fault(w, X86_PF_P | X86_PF_RSVD);
        base = e & bits(51, 12);
    }
    if (e & reserved)
        return fault(w, X86_PF_P | X86_PF_RSVD);
    w->paddr = (e & bits(51, shift)) | (w->va & low_mask(shift));
    w->page_bits = (uint8_t)shift;
    return true;
}

static bool walk_pae(struct walk *w)
{
    uint64_t pdpte = w->c->pdpte[w->va >> 30 & 3];

    if (!(pdpte & PTE_P))
        return fault(w, 0);
    return walk_64(w, pdpte & bits(51, 12), 21);
}

static bool walk_tables(struct walk *w)
{
    switch (w->paging) {
    case PAGING_32:
        return walk_32(w);
    case PAGING_PAE:
        return walk_pae(w);
    default:
        return walk_64(w, w->c->cr3 & bits(51, 12), w->paging == PAGING_5LEVEL ? 48 : 39);
    }
}

/* ---- permissions (SDM 4.6) ------------------------------------------------------------------ */

/* What protection keys take away (4.6.2). */
static unsigned denied_by_key(const struct walk *w)
{
    const struct x86_cpu *c = w->c;
    unsigned key = w->path[w->depth - 1].val >> PTE_PKEY_SHIFT & 15, denied = 0;

    if (w->paging < PAGING_4LEVEL || !(c->cr4 & X86_CR4_PKE) || !(w->all & PTE_U))
        return 0;
    if (c->pkru >> (2 * key) & 1)
        denied |= PROT_R | PROT_W;
    if (c->pkru >> (2 * key + 1) & 1 && (w->user || c->cr0 & X86_CR0_WP))
        denied |= PROT_W;
    return denied;
}

static unsigned rights(const struct walk *w)
{
    const struct x86_cpu *c = w->c;
    bool user_page = w->all & PTE_U, xd = w->any & PTE_XD;
    unsigned prot = PROT_R | (xd ? 0 : PROT_X);

    if (w->user)
        return user_page ? prot | (w->all & PTE_W ? PROT_W : 0) : 0;
    if (w->all & PTE_W || !(c->cr0 & X86_CR0_WP))
        prot |= PROT_W;
    if (user_page && c->cr4 & X86_CR4_SMEP)
        prot &= ~(unsigned)PROT_X;
    if (user_page && w->smap)
        prot &= ~(unsigned)(PROT_R | PROT_W);
    return prot;
}

static bool check_rights(struct walk *w)
{
    static const uint8_t need[] = { [ACCESS_LOAD] = PROT_R, [ACCESS_STORE] = PROT_W, [ACCESS_EXEC] = PROT_X };
    unsigned prot = rights(w), denied = denied_by_key(w);

    w->prot = (uint8_t)(prot & ~denied);
    if (w->prot & need[w->type])
        return true;
    return fault(w, X86_PF_P | (denied & need[w->type] ? X86_PF_PK : 0));
}

/* Set A, and D of the last entry for stores (SDM 4.8). False: an entry has changed meanwhile, walk again. */
static bool set_flags(struct walk *w)
{
    bool wide = w->paging != PAGING_32, ok;

    for (unsigned i = 0; i < w->depth; i++) {
        struct entry *e = &w->path[i];
        uint64_t want = e->val | PTE_A | (i == w->depth - 1 && w->type == ACCESS_STORE ? PTE_D : 0);
        uint32_t old32 = (uint32_t)e->val;

        if (want == e->val || !e->host || e->readonly)
            continue;
        /* SAFETY: as in read_entry. */
        if (wide)
            ok = __atomic_compare_exchange_n((uint64_t *)e->host, &e->val, want, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        else
            ok = __atomic_compare_exchange_n((uint32_t *)e->host, &old32, (uint32_t)want, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        if (!ok)
            return false;
        e->val = want;
    }
    return true;
}

static bool do_walk(struct walk *w)
{
    for (unsigned i = 0; i < UPDATE_TRIES; i++) {
        w->depth = 0;
        w->any = 0;
        if (!walk_tables(w) || !check_rights(w))
            return false;
        if (set_flags(w))
            break;
    }
    if (!(w->path[w->depth - 1].val & PTE_D))
        w->prot &= (uint8_t)~PROT_W;
    return true;
}

/* ---- cpu_ops -------------------------------------------------------------------------------- */

static bool is_user(const struct x86_cpu *c, unsigned view)
{
    return view == X86_VIEW_CPL && x86_cpl(c) == 3;
}

/* SMAP applies: accesses to system structures ignore AC (SDM 4.6.1). */
static bool smap_on(const struct x86_cpu *c, unsigned view)
{
    return c->cr4 & X86_CR4_SMAP && !is_user(c, view) && !(view == X86_VIEW_CPL && c->eflags & X86_FL_AC);
}

static bool not_canonical(struct x86_cpu *c, enum access_type type, bool probe)
{
    if (probe)
        return false;
    x86_raise(c, type != ACCESS_EXEC && c->cpu.env.aux & X86_AUX_STACK ? X86_SS_FAULT : X86_GP, 0);
}

bool x86_tlb_fill(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe, struct tlb_fill *r)
{
    struct x86_cpu *c = X86_CPU(cpu);
    struct walk w = { .c = c, .type = type, .paging = paging_of(c), .user = is_user(c, view), .smap = smap_on(c, view) };
    bool wraps = !x86_lma(c) && va >> 32, watched = c->dr[7] & 0xff && x86_is_watched(c, va);

    w.va = wraps ? (uint32_t)va : va;
    if (w.paging == PAGING_NONE) {
        *r = (struct tlb_fill){ .paddr = w.va & TLB_PAGE_MASK & c->a20_mask, .prot = PROT_R | PROT_W | PROT_X, .global = !wraps,
                                .aliased = wraps, .page_bits = TLB_PAGE_BITS, .watched = watched };
        return true;
    }
    if (w.paging >= PAGING_4LEVEL && !x86_is_canonical(c, va))
        return not_canonical(c, type, probe);
    if (!do_walk(&w)) {
        if (!probe)
            x86_raise_pf(c, w.va, w.error);
        return false;
    }
    *r = (struct tlb_fill){ .paddr = w.paddr & TLB_PAGE_MASK & c->a20_mask, .prot = w.prot, .page_bits = w.page_bits, .aliased = wraps,
                            .watched = watched, .global = c->cr4 & X86_CR4_PGE && w.path[w.depth - 1].val & PTE_G };
    return true;
}

void x86_unaligned(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view)
{
    struct x86_cpu *c = X86_CPU(cpu);

    (void)va;
    (void)type;
    (void)view;
    if (!(cpu->env.aux & X86_AUX_VECTOR) && c->cr0 & X86_CR0_AM && c->eflags & X86_FL_AC && x86_cpl(c) == 3)
        x86_raise(c, X86_AC, 0);
    x86_raise(c, X86_GP, 0);
}

/* Nothing there: reads give what the bus gave, writes are lost. */
void x86_bus_error(struct cpu *cpu, uint64_t va, uint64_t paddr, enum access_type type, unsigned view)
{
    (void)type;
    (void)view;
    log_text(LOG_GUEST_ERRORS, "cpu %d: nothing at 0x%llx (va 0x%llx)\n", cpu->index, (unsigned long long)paddr, (unsigned long long)va);
}

/* ---- TLB keys ------------------------------------------------------------------------------- */

/* tlb_key.rights */
#define RIGHTS_USER (1u << 0)
#define RIGHTS_WP   (1u << 1)
#define RIGHTS_SMEP (1u << 2)
#define RIGHTS_SMAP (1u << 3)
#define RIGHTS_NXE  (1u << 4)
#define RIGHTS_PKE  (1u << 5)
#define RIGHTS_PKRU_SHIFT 32

#define OUTER_SMM   (1u << 8)

#define PCID_MASK 0xfffu

/*
 * space: without PCIDs 0, since MOV to CR3 drops all that is not global; with them CR3's table and PCID, so that a PCID that is given
 * another table without a flush does not see the old one's mappings. What supervisors see of global pages is common to all spaces.
 */
bool x86_tlb_key(const struct cpu *cpu, unsigned view, struct tlb_key *key)
{
    const struct x86_cpu *c = X86_CPU(cpu);
    enum paging paging = paging_of(c);
    uint64_t r = 0;

    if (view > X86_VIEW_SYSTEM)
        return false;
    *key = (struct tlb_key){ .outer = paging | (c->smm ? OUTER_SMM : 0) };
    if (paging == PAGING_NONE)
        return true;
    if (is_user(c, view))
        r |= RIGHTS_USER;
    else
        r |= (c->cr4 & X86_CR4_SMEP ? RIGHTS_SMEP : 0) | (smap_on(c, view) ? RIGHTS_SMAP : 0) | (c->cr0 & X86_CR0_WP ? RIGHTS_WP : 0);
    r |= c->efer & X86_EFER_NXE ? RIGHTS_NXE : 0;
    if (c->cr4 & X86_CR4_PKE)
        r |= RIGHTS_PKE | (c->cr0 & X86_CR0_WP ? RIGHTS_WP : 0) | (uint64_t)c->pkru << RIGHTS_PKRU_SHIFT;
    key->rights = r;
    key->common = !(r & RIGHTS_USER) && c->cr4 & X86_CR4_PGE;
    if (c->cr4 & X86_CR4_PCIDE)
        key->space = c->cr3 & bits(51, 0);
    return true;
}

static struct tlb_scope scope_of(const struct x86_cpu *c, unsigned pcid)
{
    if (!(c->cr4 & X86_CR4_PCIDE))
        return (struct tlb_scope){ 0 };
    return (struct tlb_scope){ .space = pcid, .space_mask = PCID_MASK };
}

/* SDM 4.10.4.1 */
void x86_flush_for_cr3(struct x86_cpu *c, uint64_t val)
{
    if (!(c->cr4 & X86_CR4_PCIDE))
        x86_flush_not_global(c);
    else if (!(val >> 63))
        x86_flush_pcid(c, val & PCID_MASK);
}

void x86_flush_page(struct x86_cpu *c, uint64_t va)
{
    x86_flush_page_pcid(c, va, c->cr3 & PCID_MASK);
}

void x86_flush_page_pcid(struct x86_cpu *c, uint64_t va, unsigned pcid)
{
    struct tlb_scope scope = scope_of(c, pcid);

    tlb_flush_page(&c->cpu, va, &scope);
}

void x86_flush_pcid(struct x86_cpu *c, unsigned pcid)
{
    struct tlb_scope scope = scope_of(c, pcid);

    tlb_flush_scope(&c->cpu, &scope, true);
}

void x86_flush_not_global(struct x86_cpu *c)
{
    struct tlb_scope scope = { 0 };

    tlb_flush_scope(&c->cpu, &scope, true);
}

/* ---- PDPTEs (SDM 4.4.1) --------------------------------------------------------------------- */

bool x86_load_pdptes(struct x86_cpu *c, uint64_t cr3)
{
    uint64_t reserved = bits(2, 1) | bits(8, 5) | bits(63, x86_phys_bits(c));
    struct walk w = { .c = c };

    for (unsigned i = 0; i < 4; i++)
        read_entry(&w, (cr3 & 0xffffffe0u) + 8 * i, true);
    for (unsigned i = 0; i < 4; i++)
        if (w.path[i].val & PTE_P && w.path[i].val & reserved)
            return false;
    for (unsigned i = 0; i < 4; i++)
        c->pdpte[i] = w.path[i].val;
    return true;
}

/* ---- accesses of C code --------------------------------------------------------------------- */

static uint64_t wrap(const struct x86_cpu *c, uint64_t la)
{
    return x86_lma(c) ? la : (uint32_t)la;
}

uint64_t x86_ld(struct x86_cpu *c, uint64_t la, unsigned memop, unsigned view)
{
    return access_mem_ops.ld(&c->cpu.env, wrap(c, la), TCG_OI(memop, view));
}

void x86_st(struct x86_cpu *c, uint64_t la, uint64_t val, unsigned memop, unsigned view)
{
    access_mem_ops.st(&c->cpu.env, wrap(c, la), val, TCG_OI(memop, view));
}
