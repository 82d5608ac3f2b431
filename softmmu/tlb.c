/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Soft TLB contexts (docs/softmmu.md).
 *
 * A context is what one (address space, rights) pair sees: a table that generated code indexes, a parallel array of what only C needs, a few
 * victims of conflicts, and a jump cache for each translation mode. Contexts are a bounded LRU: a switch sets
 * pointers and flushes nothing.
 */
#include "config.h"
#include <string.h>
#include "softmmu/bus.h"
#include "softmmu/tb.h"
#include "softmmu/tlb.h"
#include "softmmu/tlb-sites.h"
#include "tcg/compile.h"
#include "util/log.h"

#define CONTEXTS 32
#define CONTEXT_HASH 64
#define MODES 4
#define VICTIMS 8
#define LOCALS_MAX 64
#define MIN_ENTRIES 256
#define MAX_ENTRIES 8192
#define MAX_CONFLICTS 1024        /* pages that push each other out: a larger table parts most */
#define CODE_PAGE_BITS 65536
#define LARGE_SHIFT 21            /* granule of the set of larger mappings */
#define LARGE_BITS 2048
#define STALE_BITS 1024
#define HUGE_MAX 8

/* What C knows of an entry. */
struct tlb_side {
    uint64_t paddr;          /* page */
    uint64_t va;             /* page */
    uint8_t page_bits;
    bool global;             /* or shared */
    bool guarded;
};

/* Mappings larger than a granule that there are entries of: few, in the kernels that have them. */
struct huge_set {
    unsigned n;              /* above HUGE_MAX: any address may be in one */
    uint64_t va[HUGE_MAX];
    uint8_t bits[HUGE_MAX];
};

struct tlb_mode {
    uint32_t mode;
    uint64_t last_use;
    struct jump_cache *jc;   /* NULL: slot is free */
};

/* Jump caches, one for each mode. */
struct tlb_codes {
    struct tlb_mode mode[MODES];
    uint64_t pages[CODE_PAGE_BITS / 64];   /* pages that they may hold, hashed */
    uint64_t granules[LARGE_BITS / 64];    /* granules with such pages */
};

/* What contexts with key.common and these rights have in common: what is about global mappings. */
struct tlb_common {
    struct site_group group;
    struct tlb_codes codes;
    uint64_t rights, outer, shared;
    bool used;
    bool tagged;             /* contexts have shared mappings that are not global */
    uint64_t stale_mask;     /* tags (space & stale_mask, hashed) whose shared mappings are void: all go when a context comes to have one */
    uint64_t stale[STALE_BITS / 64];
    struct huge_set huge;    /* as in the contexts, but for what the group may remember: it outlives its contexts */
    uint64_t large[LARGE_BITS / 64];
};

struct tlb_context {
    struct tlb_key key;
    bool used;
    uint64_t last_use;
    struct tlb_entry *table;
    struct tlb_side *side;
    uint64_t mask;
    struct tlb_common *common;
    struct site_group own;   /* these two: without common */
    struct tlb_codes own_codes;
    bool globals;            /* without common: there are global entries */
    bool locals;             /* with common: there are entries that are not */
    unsigned nlocals;        /* and these are their pages, unless there are more than fit */
    uint64_t local[LOCALS_MAX];
    bool aliased;            /* there are entries of addresses with tags */
    uint64_t fills;          /* since the last resize or flush */
    unsigned conflicts;      /* victims that came back, likewise */
    uint64_t large[LARGE_BITS / 64];       /* granules with entries of larger guest mappings, hashed */
    struct huge_set huge;
    struct tlb_entry victim[VICTIMS];
    struct tlb_side victim_side[VICTIMS];
    unsigned next_victim;
};

struct tlb {
    struct tlb_context context[CONTEXTS];
    uint8_t hash[CONTEXT_HASH];            /* guess of the context's index */
    struct tlb_context *view[TLB_VIEWS];
    struct tlb_common common[CONTEXTS];
    struct tlb_entry never;
    uint64_t tick;
    uint32_t site_number;    /* the last one given as a group's tag */
};

static const struct tlb_entry empty_entry = { TLB_INVALID, TLB_INVALID, TLB_INVALID, 0 };

static bool is_empty(const struct tlb_entry *e)
{
    return e->read & e->write & e->exec & TLB_INVALID;
}

static uint64_t slot_of(const struct tlb_context *c, uint64_t va)
{
    return TLB_INDEX(va, c->mask);
}

/* ---- contexts ------------------------------------------------------------------------------- */

static struct tlb_codes *codes_of(struct tlb_context *c)
{
    return c->common ? &c->common->codes : &c->own_codes;
}

static void clear_codes(struct tlb_codes *k)
{
    for (int i = 0; i < MODES; i++)
        if (k->mode[i].jc)
            tcg_jump_cache_clear(k->mode[i].jc);
    memset(k->pages, 0, sizeof(k->pages));
    memset(k->granules, 0, sizeof(k->granules));
}

/* The TLB entry of a page of code may be gone while the jump caches still lead there, so they have a set of their own. */
static uint64_t *code_page_word(struct tlb_codes *k, uint64_t va, uint64_t *bit)
{
    uint64_t n = (va >> TLB_PAGE_BITS) * 0x9e3779b97f4a7c15u >> 48;

    *bit = (uint64_t)1 << (n % 64);
    return &k->pages[n / 64];
}

/* The bit that says whether va is in a granule of which a part came from a larger mapping. */
static uint64_t *large_word(uint64_t *large, uint64_t va, uint64_t *bit)
{
    uint64_t n = (va >> LARGE_SHIFT) % LARGE_BITS;

    *bit = (uint64_t)1 << (n % 64);
    return &large[n / 64];
}

static bool large_has(uint64_t *large, uint64_t va)
{
    uint64_t bit, word = *large_word(large, va, &bit);

    return word & bit;
}

static void large_add(uint64_t *large, uint64_t va)
{
    uint64_t bit, *word = large_word(large, va, &bit);

    *word |= bit;
}

static bool huge_has(const struct huge_set *h, uint64_t va)
{
    for (unsigned i = 0; i < MIN(h->n, HUGE_MAX); i++)
        if (!((h->va[i] ^ va) >> h->bits[i]))
            return true;
    return h->n > HUGE_MAX;
}

static void huge_add(struct huge_set *h, uint64_t va, uint8_t bits)
{
    if (bits <= LARGE_SHIFT)
        return;
    for (unsigned i = 0; i < MIN(h->n, HUGE_MAX); i++)
        if (h->bits[i] >= bits && !((h->va[i] ^ va) >> h->bits[i]))
            return;
    if (h->n < HUGE_MAX) {
        h->va[h->n] = va;
        h->bits[h->n] = bits;
    }
    if (h->n <= HUGE_MAX)
        h->n++;
}

static void drop_code(struct jc_entry *e, unsigned at, uint64_t page)
{
    if (e[at].pc - (page - TLB_PAGE_SIZE) < 2 * TLB_PAGE_SIZE)
        e[at].pc = JC_EMPTY(at);
}

static void drop_codes(struct jump_cache *jc, uint64_t page)
{
    bool few = jc->nfilled <= JC_FILLED_MAX;
    unsigned n = few ? jc->nfilled : JC_SIZE;

    for (unsigned i = 0; i < n; i++) {
        unsigned at = few ? jc->filled[i] : i;

        drop_code(jc->entry, at, page);
        drop_code(jc->older, at, page);
    }
}

/* Forget code addresses of the page, if there can be some; a region may begin up to a page before the page it reaches into. */
static void drop_code_page(struct tlb_codes *k, uint64_t page)
{
    uint64_t bit, word = *code_page_word(k, page, &bit);

    if (!(word & bit))
        return;
    for (int m = 0; m < MODES; m++) {
        struct jump_cache *jc = k->mode[m].jc;

        if (!jc)
            continue;
        drop_codes(jc, page);
        for (unsigned i = 0; i < RET_STACK_SIZE; i++)
            jc->ret[i].pc = 0;
    }
}

static void clear_entries(struct tlb_context *c)
{
    for (uint64_t i = 0; i <= c->mask; i++)
        c->table[i] = empty_entry;
    for (int i = 0; i < VICTIMS; i++)
        c->victim[i] = empty_entry;
    memset(c->large, 0, sizeof(c->large));
    c->huge.n = 0;
}

static void set_size(struct tlb_context *c, uint64_t entries)
{
    c->mask = entries - 1;
    c->fills = 0;
    c->conflicts = 0;
    c->table = g_renew(struct tlb_entry, c->table, entries);
    c->side = g_renew(struct tlb_side, c->side, entries);
}

/* ---- what generated code remembers of entries (tcg/env.h) --------------------------------------- */

static struct site_group *group_of(struct tlb_context *c)
{
    return c->common ? &c->common->group : &c->own;
}

/* What is remembered under the group's tag no longer holds. When the numbers have run out every group gets another one. */
static void forget_group(struct cpu *cpu, struct site_group *g)
{
    struct tlb *t = cpu->tlb;

    if (t->site_number == UINT32_MAX) {
        memset(cpu->env.site, 0, sizeof(cpu->env.site));
        t->site_number = 0;
        for (int i = 0; i < CONTEXTS; i++) {
            t->context[i].own.tag = (uint64_t)++t->site_number << TLB_SITE_SHIFT;
            t->common[i].group.tag = (uint64_t)++t->site_number << TLB_SITE_SHIFT;
        }
    }
    g->tag = (uint64_t)++t->site_number << TLB_SITE_SHIFT;
    cpu->env.site_tag = group_of(t->view[0])->tag;
}

static void empty_common(struct tlb_common *o)
{
    site_group_empty(&o->group);
    memset(o->large, 0, sizeof(o->large));
    o->huge.n = 0;
    o->tagged = false;
    o->stale_mask = 0;
    memset(o->stale, 0, sizeof(o->stale));
}

static void forget_common(struct cpu *cpu, struct tlb_common *o)
{
    forget_group(cpu, &o->group);
    clear_codes(&o->codes);
}

static bool in_outer(const struct tlb_scope *s, uint64_t outer)
{
    return !((s->outer ^ outer) & s->outer_mask);
}

static bool in_scope(const struct tlb_scope *s, const struct tlb_key *k)
{
    return in_outer(s, k->outer) && !((s->space ^ k->space) & s->space_mask);
}

/* The page at va, or the physical page for writes, may have been remembered under g: no longer. */
static void forget_page(struct cpu *cpu, struct site_group *g, uint64_t va)
{
    if (site_set_has(&g->pages, va))
        forget_group(cpu, g);
}

static void forget_written(struct cpu *cpu, struct site_group *g, uint64_t paddr)
{
    if (site_set_has(&g->written, paddr))
        forget_group(cpu, g);
}

/* The context is about to hold e. aliased: at another address than maintenance will name. */
static void note_entry(struct tlb_context *c, struct tlb_entry *e, const struct tlb_side *s, bool aliased)
{
    struct site_group *g = group_of(c);

    if (aliased)
        e->exec |= TLB_LOCAL;
    if (c->common && !s->global) {
        e->exec |= TLB_LOCAL;
        c->locals = true;
        if (c->nlocals < LOCALS_MAX)
            c->local[c->nlocals] = s->va;
        c->nlocals = MIN(c->nlocals + 1, LOCALS_MAX + 1);
        site_set_add(&c->own.pages, s->va);
        return;
    }
    c->globals |= s->global;
    site_set_add(&g->pages, s->va);
    if (!(e->write & TLB_INVALID))
        site_set_add(&g->written, s->paddr);
}

static bool is_referenced(const struct tlb *t, const struct tlb_common *o)
{
    for (int i = 0; i < CONTEXTS; i++)
        if (t->context[i].used && t->context[i].common == o)
            return true;
    return false;
}

/* There is a free one for the only context that is not in use: as many as contexts. */
static struct tlb_common *common_of(struct cpu *cpu, const struct tlb_key *k)
{
    struct tlb_common *o, *end = cpu->tlb->common + CONTEXTS;

    for (o = cpu->tlb->common; o < end; o++)
        if (o->used && o->rights == k->rights && o->outer == k->outer && o->shared == k->shared)
            return o;
    for (o = cpu->tlb->common; is_referenced(cpu->tlb, o); o++)
        g_assert(o < end - 1);
    o->used = true;
    o->rights = k->rights;
    o->outer = k->outer;
    o->shared = k->shared;
    forget_group(cpu, &o->group);
    empty_common(o);
    clear_codes(&o->codes);
    return o;
}

/* What generated code sees of a view: its context's table, or, when each access is to be checked, one in which nothing hits. */
static void point_view(struct cpu *cpu, unsigned v)
{
    struct tlb_context *c = cpu->tlb->view[v];

    if (cpu->check)
        cpu->env.tlb[v] = (struct tlb_view){ &cpu->tlb->never, 0 };
    else
        cpu->env.tlb[v] = (struct tlb_view){ c->table, c->mask * sizeof(struct tlb_entry) };
    if (v == 0)
        cpu->env.site_tag = group_of(c)->tag;
}

static void point_views(struct cpu *cpu)
{
    for (unsigned v = 0; v < TLB_VIEWS; v++)
        point_view(cpu, v);
}

/* A table that was not used much becomes smaller: clearing it is what a flush costs. */
static void shrink(struct cpu *cpu, struct tlb_context *c)
{
    uint64_t n = c->mask + 1;

    if (n > MIN_ENTRIES && c->fills * 4 < n) {
        set_size(c, n / 2);
        point_views(cpu);
    }
    c->fills = 0;
    c->conflicts = 0;
}

static void flush_context(struct cpu *cpu, struct tlb_context *c)
{
    shrink(cpu, c);
    clear_entries(c);
    c->globals = c->locals = c->aliased = false;
    c->nlocals = 0;
    clear_codes(&c->own_codes);
    forget_group(cpu, &c->own);
    site_group_empty(&c->own);
    cpu->count.tlb_flushes++;
}

void tlb_init(struct cpu *cpu)
{
    cpu->tlb = g_new0(struct tlb, 1);
    cpu->tlb->never = empty_entry;
    for (int i = 0; i < CONTEXTS; i++) {
        set_size(&cpu->tlb->context[i], MIN_ENTRIES);
        clear_entries(&cpu->tlb->context[i]);
    }
    /* Every view points at a real table, so that generated code never sees NULL. */
    for (int v = 0; v < TLB_VIEWS; v++)
        cpu->tlb->view[v] = &cpu->tlb->context[0];
    for (int i = 0; i < CONTEXTS; i++)
        forget_group(cpu, &cpu->tlb->context[i].own);
    point_views(cpu);
}

void tlb_fini(struct cpu *cpu)
{
    if (!cpu->tlb)
        return;
    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_context *c = &cpu->tlb->context[i];

        for (int n = 0; n < MODES; n++) {
            g_free(c->own_codes.mode[n].jc);
            g_free(cpu->tlb->common[i].codes.mode[n].jc);
        }
        g_free(c->table);
        g_free(c->side);
    }
    g_free(cpu->tlb);
    cpu->tlb = NULL;
}

static bool in_use(const struct tlb *t, const struct tlb_context *c)
{
    for (int v = 0; v < TLB_VIEWS; v++)
        if (t->view[v] == c)
            return true;
    return false;
}

static struct tlb_context *oldest(struct tlb *t)
{
    struct tlb_context *best = NULL;

    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_context *c = &t->context[i];

        if (in_use(t, c))
            continue;
        if (!c->used)
            return c;
        if (!best || c->last_use < best->last_use)
            best = c;
    }
    return best;
}

static bool same_key(const struct tlb_context *c, const struct tlb_key *k)
{
    return c->used && c->key.space == k->space && c->key.rights == k->rights && c->key.outer == k->outer &&
           c->key.shared == k->shared && c->key.common == k->common;
}

/* A context of a kernel whose entries are all shared, as they are when it reaches user memory through another view: they hold for every
 * space, so it can go on as another one's. */
static bool serves_any_space(const struct tlb_context *c, const struct tlb_key *k)
{
    return k->common && c->used && c->key.common && !c->locals && c->key.rights == k->rights && c->key.outer == k->outer &&
           c->key.shared == k->shared;
}

static void flush_group_of(struct cpu *cpu, struct tlb_common *o)
{
    for (int i = 0; i < CONTEXTS; i++)
        if (cpu->tlb->context[i].used && cpu->tlb->context[i].common == o)
            flush_context(cpu, &cpu->tlb->context[i]);
    forget_common(cpu, o);
    empty_common(o);
}

static uint64_t *stale_word(struct tlb_common *o, uint64_t space, uint64_t *bit)
{
    uint64_t n = ((space & o->stale_mask) * 0x9e3779b97f4a7c15u >> 48) % STALE_BITS;

    *bit = (uint64_t)1 << (n % 64);
    return &o->stale[n / 64];
}

/* The context is about to be of this space. */
static void drop_stale(struct cpu *cpu, struct tlb_context *c, uint64_t space)
{
    uint64_t bit, word;

    if (!c->common || !c->common->stale_mask)
        return;
    word = *stale_word(c->common, space, &bit);
    if (word & bit)
        flush_group_of(cpu, c->common);
}

static struct tlb_context *context_of(struct cpu *cpu, const struct tlb_key *k)
{
    struct tlb *t = cpu->tlb;
    uint64_t h = (k->space ^ k->space >> 17 ^ k->shared >> 8 ^ (k->rights ^ k->outer << 7) * 0x9e3779b97f4a7c15u);
    uint8_t *guess = &t->hash[(h ^ h >> 32) % CONTEXT_HASH];
    struct tlb_context *c = &t->context[*guess];

    if (!same_key(c, k)) {
        for (c = t->context; c < t->context + CONTEXTS; c++)
            if (same_key(c, k) || serves_any_space(c, k))
                break;
        if (c == t->context + CONTEXTS) {
            c = oldest(t);
            flush_context(cpu, c);
            c->used = false;
            c->common = k->common ? common_of(cpu, k) : NULL;
            c->used = true;
        }
        c->key = *k;
        *guess = (uint8_t)(c - t->context);
    }
    drop_stale(cpu, c, k->space);
    c->last_use = ++t->tick;
    return c;
}

static struct jump_cache *jump_cache_of(struct tlb *t, struct tlb_codes *k,
                                        uint32_t mode)
{
    struct tlb_mode *m, *best = &k->mode[0];

    for (m = k->mode; m < k->mode + MODES; m++) {
        if (m->jc && m->mode == mode) {
            m->last_use = t->tick;
            return m->jc;
        }
        if (best->jc && (!m->jc || m->last_use < best->last_use))
            best = m;
    }
    if (best->jc)
        tcg_jump_cache_clear(best->jc);
    else
        best->jc = tcg_jump_cache_new();
    best->mode = mode;
    best->last_use = t->tick;
    return best->jc;
}

void tlb_refresh(struct cpu *cpu)
{
    struct tlb *t = cpu->tlb;
    struct tlb_key key;

    cpu->mode_changed = false;
    for (unsigned v = 0; v < TLB_VIEWS; v++) {
        if (!cpu->ops->tlb_key(cpu, v, &key))
            continue;
        if (same_key(t->view[v], &key) || serves_any_space(t->view[v], &key)) {
            drop_stale(cpu, t->view[v], key.space);
            t->view[v]->key = key;
            t->view[v]->last_use = ++t->tick;
            continue;
        }
        t->view[v] = context_of(cpu, &key);
        cpu->count.tlb_switches++;
        point_view(cpu, v);
    }
    cpu->env.jc = jump_cache_of(t, codes_of(t->view[0]), cpu->ops->mode(cpu));
}

static bool is_global_page(const struct tlb_context *c, uint64_t page)
{
    const struct tlb_side *s = &c->side[slot_of(c, page)];

    return s->va == page && s->global;
}

void tlb_know_code(struct cpu *cpu, uint64_t pc, bool one_page, void *code)
{
    uint64_t page = pc & ~(uint64_t)cpu->ops->pc_tag_mask & TLB_PAGE_MASK;
    struct tlb_context *c = cpu->tlb->view[0];

    if (!c->common || (is_global_page(c, page) && (one_page || is_global_page(c, page + TLB_PAGE_SIZE))))
        tcg_jump_cache_fill(cpu->env.jc, pc, code);
}

/* ---- fill and look up ----------------------------------------------------------------------- */

static void insert(struct tlb_context *c, const struct tlb_entry *e,
                   const struct tlb_side *s)
{
    uint64_t i = slot_of(c, s->va);
    unsigned v = c->next_victim;

    if (!is_empty(&c->table[i]) && c->side[i].va != s->va) {
        c->victim[v] = c->table[i];
        c->victim_side[v] = c->side[i];
        c->next_victim = (v + 1) % VICTIMS;
    }
    c->table[i] = *e;
    c->side[i] = *s;
}

static void grow(struct cpu *cpu, struct tlb_context *c)
{
    uint64_t n = c->mask + 1;
    struct tlb_entry *old = g_memdup2(c->table, n * sizeof(*old));
    struct tlb_side *old_side = g_memdup2(c->side, n * sizeof(*old_side));

    set_size(c, 2 * n);
    for (uint64_t i = 0; i < 2 * n; i++)
        c->table[i] = empty_entry;
    for (uint64_t i = 0; i < n; i++)
        if (!is_empty(&old[i]))
            insert(c, &old[i], &old_side[i]);
    g_free(old);
    g_free(old_side);
    point_views(cpu);
}

static uint64_t *tag_of(struct tlb_entry *e, enum access_type type)
{
    return type == ACCESS_LOAD ? &e->read : type == ACCESS_STORE ? &e->write : &e->exec;
}

static bool hit(uint64_t tag, uint64_t va)
{
    return (tag & (TLB_PAGE_MASK | TLB_INVALID)) == (va & TLB_PAGE_MASK);
}

static void make_entry(struct cpu *cpu, uint64_t va, const struct tlb_fill *f,
                       struct tlb_entry *e)
{
    bool readonly = false;
    uint8_t *ram = bus_ram(cpu->bus, f->paddr, NULL, &readonly);
    uint64_t page = va & TLB_PAGE_MASK, flags = ram ? 0 : TLB_MMIO;

    *e = empty_entry;
    if (f->prot & PROT_R)
        e->read = page | flags | (bus_is_direct(cpu->bus, f->paddr) ? 0 : TLB_MMIO);
    if (f->prot & PROT_X)
        e->exec = page | flags;
    if (f->prot & PROT_W) {
        e->write = page | flags;
        if (readonly)
            e->write |= TLB_MMIO;
        else if (ram && code_page_active(cpu->code, f->paddr))
            e->write |= TLB_CODE;
    }
    if (f->watched) {
        e->read |= TLB_WATCH;
        e->write |= TLB_WATCH;
    }
    e->addend = (uintptr_t)ram - page;
}

static struct tlb_entry *fill(struct cpu *cpu, uint64_t va,
                              enum access_type type, unsigned view, bool probe)
{
    struct tlb_context *c;
    struct tlb_fill f = { 0 };
    struct tlb_entry e;
    struct tlb_side s;

    if (!cpu->ops->tlb_fill(cpu, va, type, view, probe, &f))
        return NULL;
    c = cpu->tlb->view[view];
    cpu->count.tlb_fills++;
    if (++c->fills > 2 * (c->mask + 1) && c->mask + 1 < MAX_ENTRIES)
        grow(cpu, c);
    make_entry(cpu, va, &f, &e);
    s = (struct tlb_side){ f.paddr, va & TLB_PAGE_MASK, f.page_bits, f.global || (c->common && f.shared), f.guarded };
    c->aliased |= f.aliased;
    if (s.global && !f.global)
        c->common->tagged = true;
    if (f.page_bits > TLB_PAGE_BITS) {
        large_add(c->large, va);
        huge_add(&c->huge, va, f.page_bits);
        if (c->common) {
            large_add(c->common->large, va);
            huge_add(&c->common->huge, va, f.page_bits);
        }
    }
    note_entry(c, &e, &s, f.aliased);
    insert(c, &e, &s);
    log_text(LOG_MMU, "tlb: fill view %u va 0x%llx pa 0x%llx prot %u\n", view,
             (unsigned long long)va, (unsigned long long)f.paddr, f.prot);
    return &c->table[slot_of(c, va)];
}

static bool from_victims(struct tlb_context *c, uint64_t va,
                         enum access_type type)
{
    for (int i = 0; i < VICTIMS; i++) {
        struct tlb_entry e = c->victim[i];
        struct tlb_side s = c->victim_side[i];

        if (!hit(*tag_of(&e, type), va))
            continue;
        c->victim[i] = empty_entry;
        insert(c, &e, &s);
        return true;
    }
    return false;
}

struct tlb_entry *tlb_lookup(struct cpu *cpu, uint64_t va,
                             enum access_type type, unsigned view, bool probe)
{
    struct tlb_context *c;
    struct tlb_entry *e;

    if (cpu->mode_changed)
        tlb_refresh(cpu);
    c = cpu->tlb->view[view];
    if (type == ACCESS_EXEC) {
        struct tlb_codes *k = codes_of(c);
        uint64_t bit, *word = code_page_word(k, va, &bit);

        *word |= bit;
        large_add(k->granules, va);
    }
    e = &c->table[slot_of(c, va)];
    if (hit(*tag_of(e, type), va))
        return e;
    if (from_victims(c, va, type)) {
        cpu->count.tlb_victim_hits++;
        if (++c->conflicts > MAX_CONFLICTS && c->mask + 1 < MAX_ENTRIES)
            grow(cpu, c);
        return &c->table[slot_of(c, va)];
    }
    return fill(cpu, va, type, view, probe);
}

uint64_t tlb_paddr(struct cpu *cpu, const struct tlb_entry *e, uint64_t va,
                   unsigned view)
{
    struct tlb_context *c = cpu->tlb->view[view];

    return c->side[e - c->table].paddr | (va & ~TLB_PAGE_MASK);
}

bool tlb_guarded(struct cpu *cpu, const struct tlb_entry *e, unsigned view)
{
    struct tlb_context *c = cpu->tlb->view[view];

    return c->side[e - c->table].guarded;
}

/* ---- maintenance ---------------------------------------------------------------------------- */

void tlb_flush_all(struct cpu *cpu)
{
    for (int i = 0; i < CONTEXTS; i++)
        if (cpu->tlb->context[i].used)
            flush_context(cpu, &cpu->tlb->context[i]);
    for (int i = 0; i < CONTEXTS; i++)
        if (cpu->tlb->common[i].used) {
            forget_common(cpu, &cpu->tlb->common[i]);
            empty_common(&cpu->tlb->common[i]);
        }
    log_text(LOG_MMU, "tlb: flush all\n");
}

/* Drop the entries that match says, and all code addresses. */
static void drop_if(struct cpu *cpu, struct tlb_context *c,
                    bool (*match)(const struct tlb_side *, uint64_t), uint64_t arg)
{
    for (uint64_t i = 0; i <= c->mask; i++)
        if (!is_empty(&c->table[i]) && match(&c->side[i], arg))
            c->table[i] = empty_entry;
    for (int i = 0; i < VICTIMS; i++)
        if (!is_empty(&c->victim[i]) && match(&c->victim_side[i], arg))
            c->victim[i] = empty_entry;
    clear_codes(&c->own_codes);
    forget_group(cpu, &c->own);
    cpu->count.tlb_flushes++;
}

static bool not_global(const struct tlb_side *s, uint64_t arg)
{
    (void)arg;
    return !s->global;
}

/* The entries that a context of a group has for itself; generated code's slots and jump caches know nothing of them. */
static void drop_locals(struct cpu *cpu, struct tlb_context *c)
{
    if (c->nlocals > LOCALS_MAX) {
        drop_if(cpu, c, not_global, 0);
        return;
    }
    for (unsigned n = 0; n < c->nlocals; n++) {
        uint64_t i = slot_of(c, c->local[n]);

        if (c->side[i].va == c->local[n] && !c->side[i].global)
            c->table[i] = empty_entry;
    }
    for (int i = 0; i < VICTIMS; i++)
        if (!is_empty(&c->victim[i]) && !c->victim_side[i].global)
            c->victim[i] = empty_entry;
    cpu->count.tlb_flushes++;
}

/* Has a live view this group and a space of the scope? */
static bool is_current(const struct tlb *t, const struct tlb_common *o, const struct tlb_scope *scope)
{
    for (int v = 0; v < TLB_VIEWS; v++)
        if (t->view[v]->used && t->view[v]->common == o && in_scope(scope, &t->view[v]->key))
            return true;
    return false;
}

/* Shared mappings with a tag: maintenance of a tag drops them in all contexts that have them, but not before one of that tag looks:
 * the tag of a process that is no more never comes back. */
static void flush_tagged(struct cpu *cpu, const struct tlb_scope *scope)
{
    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_common *o = &cpu->tlb->common[i];
        uint64_t bit, *word;

        if (!o->used || !o->tagged || !in_outer(scope, o->outer))
            continue;
        if (!scope->space_mask || (o->stale_mask && o->stale_mask != scope->space_mask) || is_current(cpu->tlb, o, scope)) {
            flush_group_of(cpu, o);
            continue;
        }
        o->stale_mask = scope->space_mask;
        word = stale_word(o, scope->space, &bit);
        *word |= bit;
    }
}

void tlb_flush_scope(struct cpu *cpu, const struct tlb_scope *scope, bool keep_global)
{
    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_context *c = &cpu->tlb->context[i];

        if (!c->used || !in_scope(scope, &c->key))
            continue;
        if (!keep_global || (!c->common && !c->globals))
            flush_context(cpu, c);
        else if (!c->common)
            drop_if(cpu, c, not_global, 0);
        else if (c->locals)
            drop_locals(cpu, c);
        c->locals = false;
        c->nlocals = 0;
    }
    for (int i = 0; i < CONTEXTS && !keep_global; i++)
        if (cpu->tlb->common[i].used && in_outer(scope, cpu->tlb->common[i].outer))
            forget_common(cpu, &cpu->tlb->common[i]);
    if (keep_global)
        flush_tagged(cpu, scope);
    log_text(LOG_MMU, "tlb: flush space 0x%llx outer 0x%llx\n", (unsigned long long)scope->space, (unsigned long long)scope->outer);
}

static bool maps_va(const struct tlb_side *s, uint64_t va)
{
    return (s->va ^ va) >> s->page_bits == 0;
}

/* Code addresses in the granule round va: all go if there may be some. */
static void drop_code_granule(struct tlb_codes *k, uint64_t va)
{
    if (large_has(k->granules, va) || large_has(k->granules, va - TLB_PAGE_SIZE))
        clear_codes(k);
}

/* The entries of the larger mapping round va, whose pages are in one granule: it is no huge one. */
static void drop_large(struct cpu *cpu, struct tlb_context *c, uint64_t va)
{
    uint64_t first = va >> LARGE_SHIFT << LARGE_SHIFT, i;

    for (uint64_t page = first; page - first < (uint64_t)1 << LARGE_SHIFT; page += TLB_PAGE_SIZE) {
        i = slot_of(c, page);
        if (c->side[i].va == page && maps_va(&c->side[i], va))
            c->table[i] = empty_entry;
    }
    for (int n = 0; n < VICTIMS; n++)
        if (maps_va(&c->victim_side[n], va))
            c->victim[n] = empty_entry;
    drop_code_granule(&c->own_codes, va);
    forget_group(cpu, &c->own);
}

/* One page: its slot, victims, and the code addresses if any can be of the page. */
static void drop_small(struct tlb_context *c, uint64_t va)
{
    uint64_t i = slot_of(c, va), page = va & TLB_PAGE_MASK;

    if (!is_empty(&c->table[i]) && c->side[i].va == page)
        c->table[i] = empty_entry;
    for (int n = 0; n < VICTIMS; n++)
        if (c->victim_side[n].va == page)
            c->victim[n] = empty_entry;
    drop_code_page(&c->own_codes, page);
}

/* Is va in a granule with larger mappings, or in one larger than that? */
static bool is_large(const struct huge_set *huge, uint64_t *large, uint64_t va)
{
    return huge_has(huge, va) || large_has(large, va);
}

/* Global mappings of the page in contexts that have them in common; false: there are none. */
static bool drop_common(struct cpu *cpu, struct tlb_common *o, uint64_t va)
{
    bool large = is_large(&o->huge, o->large, va);

    if (!large && !site_set_has(&o->group.pages, va))
        return false;
    forget_group(cpu, &o->group);
    if (huge_has(&o->huge, va))
        clear_codes(&o->codes);
    else if (large)
        drop_code_granule(&o->codes, va);
    else
        drop_code_page(&o->codes, va & TLB_PAGE_MASK);
    return true;
}

static void drop_page(struct cpu *cpu, struct tlb_context *c, uint64_t va)
{
    if (huge_has(&c->huge, va)) {
        drop_if(cpu, c, maps_va, va);
    } else if (large_has(c->large, va)) {
        drop_large(cpu, c, va);
    } else {
        drop_small(c, va);
        forget_page(cpu, &c->own, va);
    }
}

/* Can the context hold an entry of the page for the given spaces? common: there may be global ones. */
static bool may_hold(struct tlb_context *c, uint64_t va, bool same_space, bool common)
{
    if (c->common && common)
        return true;
    if (!same_space && (c->common || !c->globals))
        return false;
    return is_large(&c->huge, c->large, va) || site_set_has(&c->own.pages, va);
}

void tlb_flush_page(struct cpu *cpu, uint64_t va, const struct tlb_scope *scope)
{
    struct tlb *t = cpu->tlb;
    bool common[CONTEXTS] = { false };

    for (int i = 0; i < CONTEXTS; i++)
        if (t->common[i].used && in_outer(scope, t->common[i].outer))
            common[i] = drop_common(cpu, &t->common[i], va);
    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_context *c = &t->context[i];

        if (!c->used || !in_outer(scope, c->key.outer))
            continue;
        if (c->aliased)
            flush_context(cpu, c);
        else if (may_hold(c, va, in_scope(scope, &c->key), c->common && common[c->common - t->common]))
            drop_page(cpu, c, va);
    }
    cpu->count.tlb_flushes++;
    log_text(LOG_MMU, "tlb: flush page 0x%llx\n", (unsigned long long)va);
}

static void protect_entry(struct tlb_entry *e, const struct tlb_side *s,
                          uint64_t paddr, bool on)
{
    if (s->paddr != paddr || e->write & TLB_INVALID)
        return;
    if (on)
        e->write |= TLB_CODE;
    else
        e->write &= ~(uint64_t)TLB_CODE;
}

void tlb_protect_code(struct cpu *cpu, uint64_t paddr, bool on)
{
    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_context *c = &cpu->tlb->context[i];

        if (!c->used)
            continue;
        for (uint64_t n = 0; n <= c->mask; n++)
            protect_entry(&c->table[n], &c->side[n], paddr, on);
        for (int n = 0; n < VICTIMS; n++)
            protect_entry(&c->victim[n], &c->victim_side[n], paddr, on);
        if (on)
            forget_written(cpu, &c->own, paddr);
    }
    for (int i = 0; on && i < CONTEXTS; i++)
        if (cpu->tlb->common[i].used)
            forget_written(cpu, &cpu->tlb->common[i].group, paddr);
}

static void slow_entry(struct tlb_entry *e, const struct tlb_side *s, uint64_t paddr, uint64_t size)
{
    if (s->paddr - paddr < size && !(e->read & TLB_INVALID))
        e->read |= TLB_MMIO;
}

void tlb_reads_slow(struct cpu *cpu, uint64_t paddr, uint64_t size)
{
    for (int i = 0; i < CONTEXTS; i++) {
        struct tlb_context *c = &cpu->tlb->context[i];

        for (uint64_t n = 0; c->used && n <= c->mask; n++)
            slow_entry(&c->table[n], &c->side[n], paddr, size);
        for (int n = 0; c->used && n < VICTIMS; n++)
            slow_entry(&c->victim[n], &c->victim_side[n], paddr, size);
        forget_group(cpu, &c->own);
    }
    for (int i = 0; i < CONTEXTS; i++)
        if (cpu->tlb->common[i].used)
            forget_common(cpu, &cpu->tlb->common[i]);
}

void tlb_clear_jump_caches(struct cpu *cpu)
{
    for (int i = 0; i < CONTEXTS; i++) {
        clear_codes(&cpu->tlb->context[i].own_codes);
        clear_codes(&cpu->tlb->common[i].codes);
    }
}
