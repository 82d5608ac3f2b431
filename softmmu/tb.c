/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations: make, find, link, invalidate.
 *
 * Code pages. A physical page with translations is registered here with a bitmap of the 64-byte granules they cover, and all
 * TLB entries that can write it carry TLB_CODE, so that stores come to code_written. A page is registered, and every CPU's
 * entries are marked, before its bytes are read for translation; a store that comes later finds the page registered.
 */
#include "config.h"
#include <string.h>
#include <time.h>
#include "softmmu/bus.h"
#include "softmmu/machine.h"
#include "softmmu/tb.h"
#include "softmmu/tlb.h"
#include "tcg/disas.h"
#include "util/arena.h"
#include "util/log.h"

#define HASH_SIZE 65536
#define GRANULE_BITS 6
#define MAX_INSNS 64

struct code_page {
    uint64_t paddr;          /* page */
    uint64_t granules;       /* bit per 64 bytes with code */
    uint64_t seen, hot;      /* likewise: where samples fell, where code is hot */
    uint64_t bound;          /* likewise: regions depend on the whole mode, because they link to one that does */
    struct tb *tbs;
    unsigned idle;           /* writes since its last translation went */
    uint64_t id;             /* of this registration */
    bool ready;              /* every TLB has its marks: its bytes may be translated */
};

/* A page without translations stays registered, and its writes slow, for this many writes: code that is rewritten again and again would
 * have it marked in every TLB each time, which costs more. */
#define IDLE_WRITES 256

struct code_space {
    struct machine *machine;
    struct tcg_ctx *tcg;
    pthread_mutex_t lock;
    struct tb *hash[HASH_SIZE];
    GHashTable *pages;       /* page number -> struct code_page; */
    uint8_t *active;         /* hashed filter in front of pages: counts, atomic */
    struct arena tbs;        /* every struct tb since the flush */
    uint64_t generation;     /* advances at each flush */
    uint64_t registrations;  /* made so far */
    struct code_stats stats;
};

#define ACTIVE_BITS 16

struct code_space *code_space_new(struct machine *m, struct tcg_ctx *tcg)
{
    struct code_space *cs = g_new0(struct code_space, 1);

    cs->machine = m;
    cs->tcg = tcg;
    cs->pages = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    cs->active = g_malloc0((size_t)1 << ACTIVE_BITS);
    arena_init(&cs->tbs);
    pthread_mutex_init(&cs->lock, NULL);
    return cs;
}

void code_space_free(struct code_space *cs)
{
    if (!cs)
        return;
    g_hash_table_destroy(cs->pages);
    arena_fini(&cs->tbs);
    g_free(cs->active);
    pthread_mutex_destroy(&cs->lock);
    g_free(cs);
}

const struct code_stats *code_space_stats(const struct code_space *cs)
{
    return &cs->stats;
}

uint64_t code_space_generation(const struct code_space *cs)
{
    return __atomic_load_n(&cs->generation, __ATOMIC_SEQ_CST);
}

/* Others' work must not be done here: slow paths of stores come with TLB entries and host addresses in hand, and host code goes on
 * with those it checked before (x64-share.c). Nobody waits for another CPU with the lock held, so there is no need. */
static void code_lock(struct code_space *cs, struct cpu *cpu)
{
    pthread_mutex_lock(&cs->lock);
    if (cpu)
        cpu->translating = true;
}

static void code_unlock(struct code_space *cs, struct cpu *cpu)
{
    if (cpu)
        cpu->translating = false;
    pthread_mutex_unlock(&cs->lock);
}

void code_unlock_after_fault(struct cpu *cpu)
{
    if (cpu->translating)
        code_unlock(cpu->code, cpu);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static uint8_t *active_slot(struct code_space *cs, uint64_t paddr)
{
    uint64_t n = paddr >> TLB_PAGE_BITS;

    return &cs->active[(n ^ n >> ACTIVE_BITS) & ((1u << ACTIVE_BITS) - 1)];
}

static struct code_page *page_find(struct code_space *cs, uint64_t paddr)
{
    uint64_t page = paddr & TLB_PAGE_MASK;

    return g_hash_table_lookup(cs->pages, &page);
}

/* The filter slot of a page stays set until a flush; where no page is registered behind it, a store costs one look-up, after which
 * its TLB mark goes. */
bool code_page_active(struct code_space *cs, uint64_t paddr)
{
    return __atomic_load_n(active_slot(cs, paddr), __ATOMIC_SEQ_CST);
}

static void protect_work(struct cpu *cpu, const void *data)
{
    tlb_protect_code(cpu, *(const uint64_t *)data, true);
}

/* Register the page and mark it in every TLB; both before its bytes are read, by this CPU or by another that finds it registered
 * meanwhile. A page that went and came back while the marks were made waits for those of its new registration. No lock held. */
static void page_register(struct code_space *cs, struct cpu *cpu, uint64_t paddr)
{
    uint64_t page = paddr & TLB_PAGE_MASK, id;
    struct code_page *p;

    code_lock(cs, cpu);
    p = page_find(cs, page);
    if (!p) {
        p = g_new0(struct code_page, 1);
        p->paddr = page;
        p->id = ++cs->registrations;
        g_hash_table_insert(cs->pages, &p->paddr, p);
    }
    id = p->id;
    code_unlock(cs, cpu);
    __atomic_store_n(active_slot(cs, page), 1, __ATOMIC_SEQ_CST);
    cpu_broadcast(cs->machine, cpu, protect_work, &page, sizeof(page));
    code_lock(cs, cpu);
    p = page_find(cs, page);
    if (p && p->id == id)
        p->ready = true;
    code_unlock(cs, cpu);
}

/* Registered, with marks in place? A page whose translations all went is unmarked and must register again. Lock held. */
static bool page_ready(struct code_space *cs, uint64_t paddr)
{
    const struct code_page *p = page_find(cs, paddr);

    return p && p->ready;
}

static uint64_t granule_mask(uint64_t first, uint64_t last)
{
    unsigned a = (unsigned)(first & ~TLB_PAGE_MASK) >> GRANULE_BITS;
    unsigned b = (unsigned)(last & ~TLB_PAGE_MASK) >> GRANULE_BITS;

    return (UINT64_MAX >> (63 - b)) & (UINT64_MAX << a);
}

static uint64_t granule_bit(uint64_t paddr)
{
    return granule_mask(paddr, paddr);
}

/* Physical bytes of part n (0 first page, 1 second) of tb: false when it has no such part. */
static bool tb_part(const struct tb *tb, int n, uint64_t *first, uint64_t *last)
{
    uint64_t room = TLB_PAGE_SIZE - (tb->paddr & ~TLB_PAGE_MASK);

    if (n == 0) {
        *first = tb->paddr;
        *last = tb->paddr + MIN(room, tb->size) - 1;
        return true;
    }
    if (tb->paddr2 == TB_ONE_PAGE)
        return false;
    *first = tb->paddr2;
    *last = tb->paddr2 + (tb->size - room) - 1;
    return true;
}

/* Granules of page p that tb covers. */
static uint64_t tb_granules(const struct tb *tb, const struct code_page *p)
{
    uint64_t first, last, mask = 0;

    for (int n = 0; n < 2; n++)
        if (tb_part(tb, n, &first, &last) && (first & TLB_PAGE_MASK) == p->paddr)
            mask |= granule_mask(first, last);
    return mask;
}

/* Its second page when that is another physical page. */
static bool has_second(const struct tb *tb)
{
    return tb->paddr2 != TB_ONE_PAGE && tb->paddr2 != (tb->paddr & TLB_PAGE_MASK);
}

/* Which of its two page links is the one on p's list? */
static int page_index(const struct tb *tb, const struct code_page *p)
{
    return (tb->paddr & TLB_PAGE_MASK) == p->paddr ? 0 : 1;
}

static void page_add(struct code_space *cs, struct tb *tb, uint64_t paddr)
{
    struct code_page *p = page_find(cs, paddr);
    int n = page_index(tb, p);

    p->granules |= tb_granules(tb, p);
    p->idle = 0;
    tb->page_next[n] = p->tbs;
    p->tbs = tb;
}

static void page_remove(struct code_space *cs, struct tb *tb, uint64_t paddr)
{
    struct code_page *p = page_find(cs, paddr);
    struct tb **at;

    for (at = &p->tbs; *at != tb; at = &(*at)->page_next[page_index(*at, p)])
        ;
    *at = tb->page_next[page_index(tb, p)];
    p->granules = 0;
    for (struct tb *t = p->tbs; t; t = t->page_next[page_index(t, p)])
        p->granules |= tb_granules(t, p);
}

/* ---- hash and links ------------------------------------------------------------------------- */

/* Every mode that a translation is good for has this in common. */
static uint32_t mode_key(const struct code_space *cs, uint32_t mode)
{
    return mode & ~cs->machine->cpus[0]->ops->mode_optional;
}

static bool good_for(const struct tb *tb, uint32_t mode)
{
    return !((tb->mode ^ mode) & tb->mode_mask);
}

static struct tb **bucket(struct code_space *cs, uint64_t paddr, uint64_t pc,
                          uint32_t mode)
{
    uint64_t h = paddr * 0x9e3779b97f4a7c15u ^ pc * 0xc2b2ae3d27d4eb4fu ^ mode_key(cs, mode);

    return &cs->hash[(h >> 32 ^ h >> 13) % HASH_SIZE];
}

static struct tb *hash_find(struct code_space *cs, uint64_t paddr, uint64_t pc,
                            uint32_t mode)
{
    struct tb *tb = *bucket(cs, paddr, pc, mode);

    while (tb && !(tb->paddr == paddr && tb->pc == pc && good_for(tb, mode)))
        tb = tb->hash_next;
    return tb;
}

static void hash_remove(struct code_space *cs, struct tb *tb)
{
    struct tb **at = bucket(cs, tb->paddr, tb->pc, tb->mode);

    while (*at != tb)
        at = &(*at)->hash_next;
    *at = tb->hash_next;
}

static void drop_outgoing(struct tb *tb)
{
    for (uint32_t i = 0; i < tb->code.nlinks; i++) {
        struct tcg_link *l = &tb->code.links[i], **at;
        struct tb *to = l->target;

        if (!to)
            continue;
        for (at = &to->incoming; *at != l; at = &(*at)->next)
            ;
        *at = l->next;
        l->target = NULL;
    }
}

static void invalidate(struct code_space *cs, struct tb *tb)
{
    __atomic_store_n(&tb->dead, true, __ATOMIC_RELEASE);
    hash_remove(cs, tb);
    page_remove(cs, tb, tb->paddr);
    if (has_second(tb))
        page_remove(cs, tb, tb->paddr2);
    tcg_kill(cs->tcg, tb->code.entry, tb->pc);
    for (struct tcg_link *l = tb->incoming; l; l = l->next) {
        tcg_unlink(cs->tcg, l);
        l->target = NULL;
    }
    tb->incoming = NULL;
    drop_outgoing(tb);
    cs->stats.invalidated++;
}

/* Is each mode that from is good for one that to is good for? */
static bool covers(const struct tb *from, const struct tb *to)
{
    return !(to->mode_mask & ~from->mode_mask) && good_for(to, from->mode);
}

/* From here on the region is translated for one mode each, so that it can link to those that depend on it. */
static void bind_region(struct code_space *cs, struct tb *tb)
{
    page_find(cs, tb->paddr)->bound |= granule_bit(tb->paddr);
    invalidate(cs, tb);
}

void tb_link(struct cpu *cpu, struct tcg_link *link, struct tb *tb)
{
    struct code_space *cs = cpu->code;
    struct tb *from;

    code_lock(cs, cpu);
    from = link->owner;
    if (!from->dead && !tb->dead && !link->target && link->pc == tb->pc &&
        tb->paddr2 == TB_ONE_PAGE && ((from->paddr ^ tb->paddr) & TLB_PAGE_MASK) == 0) {
        if (!covers(from, tb)) {
            if (from->mode_mask != UINT32_MAX)
                bind_region(cs, from);
            code_unlock(cs, cpu);
            return;
        }
        link->target = tb;
        link->next = tb->incoming;
        tb->incoming = link;
        tcg_link(cs->tcg, link, &tb->code);
    }
    code_unlock(cs, cpu);
}

/* ---- hot code --------------------------------------------------------------------------------- */

/* Guest bytes before and behind a sample that get hot with it: a poll is at the start of a loop, or behind a call in one. */
#define HOT_BEFORE 128
#define HOT_BEHIND 256

static bool is_bound(struct code_space *cs, uint64_t paddr)
{
    const struct code_page *p = page_find(cs, paddr);

    return p && p->bound & granule_bit(paddr);
}

static bool is_hot(struct code_space *cs, uint64_t paddr)
{
    const struct code_page *p = page_find(cs, paddr);

    return cs->machine->config.hot == HOT_ALL || (p && p->hot & granule_bit(paddr));
}

static void make_hot(struct code_space *cs, struct code_page *p, uint64_t paddr)
{
    uint64_t page = paddr & TLB_PAGE_MASK, first = MAX(paddr - MIN(paddr, HOT_BEFORE), page);
    struct tb *tb = p->tbs, *next;

    p->hot |= granule_mask(first, MIN(paddr + HOT_BEHIND, page + TLB_PAGE_SIZE) - 1);
    for (; tb; tb = next) {
        next = tb->page_next[page_index(tb, p)];
        if (!tb->hot && (tb->paddr & TLB_PAGE_MASK) == page && p->hot & granule_bit(tb->paddr))
            invalidate(cs, tb);
    }
}

void code_sample(struct cpu *cpu)
{
    uint64_t va = cpu->env.pc & ~(uint64_t)cpu->ops->pc_tag_mask, paddr, bit;
    struct tlb_entry *e = tlb_lookup(cpu, va, ACCESS_EXEC, 0, true);
    struct code_page *p;

    if (!e || e->exec & TLB_MMIO)
        return;
    paddr = tlb_paddr(cpu, e, va, 0);
    bit = granule_bit(paddr);
    code_lock(cpu->code, cpu);
    p = page_find(cpu->code, paddr);
    if (p && p->seen & bit && !(p->hot & bit))
        make_hot(cpu->code, p, paddr);
    if (p)
        p->seen |= bit;
    code_unlock(cpu->code, cpu);
}

/* ---- writes to code ------------------------------------------------------------------------- */

static bool overlaps(const struct tb *tb, uint64_t first, uint64_t last)
{
    uint64_t a, b;

    for (int n = 0; n < 2; n++)
        if (tb_part(tb, n, &a, &b) && a <= last && first <= b)
            return true;
    return false;
}

bool code_written(struct code_space *cs, struct cpu *cpu, uint64_t paddr,
                  uint64_t len)
{
    uint64_t last = paddr + len - 1;
    struct code_page *p;
    bool more;

    if (!code_page_active(cs, paddr))
        return false;
    code_lock(cs, cpu);
    cs->stats.code_writes++;
    p = page_find(cs, paddr);
    if (p && p->granules & granule_mask(paddr, last)) {
        struct tb *tb = p->tbs, *next;

        for (; tb; tb = next) {
            next = tb->page_next[page_index(tb, p)];
            if (overlaps(tb, paddr, last))
                invalidate(cs, tb);
        }
    }
    more = p && (p->tbs || ++p->idle < IDLE_WRITES);
    if (p && !more)
        g_hash_table_remove(cs->pages, &p->paddr);
    code_unlock(cs, cpu);
    return more;
}

bool code_overtaken(struct code_space *cs, struct cpu *cpu, uint64_t paddr, uint64_t len)
{
    uint64_t last = paddr + len - 1, pc = cpu->env.pc;
    struct tb *tb, *next;
    struct code_page *p;
    bool found = false;

    if (!code_page_active(cs, paddr))
        return false;
    code_lock(cs, cpu);
    p = page_find(cs, paddr);
    if (p && p->granules & granule_mask(paddr, last)) {
        for (tb = p->tbs; tb; tb = next) {
            next = tb->page_next[page_index(tb, p)];
            if (!tb->single && pc >= tb->pc && pc - tb->pc < tb->size && overlaps(tb, paddr, last)) {
                invalidate(cs, tb);
                found = true;
            }
        }
    }
    code_unlock(cs, cpu);
    cpu->one_insn |= found;
    return found;
}

static void dma_written(void *opaque, uint64_t paddr, uint64_t len)
{
    struct code_space *cs = opaque;

    while (len) {
        uint64_t n = MIN(len, TLB_PAGE_SIZE - (paddr & ~TLB_PAGE_MASK));

        code_written(cs, NULL, paddr, n);
        paddr += n;
        len -= n;
    }
}

void code_space_watch(struct code_space *cs, struct bus *bus)
{
    bus_set_write_hook(bus, dma_written, cs);
}

/* ---- flush ---------------------------------------------------------------------------------- */

static void drop_all(struct code_space *cs)
{
    memset(cs->hash, 0, sizeof(cs->hash));
    g_hash_table_remove_all(cs->pages);
    memset(cs->active, 0, (size_t)1 << ACTIVE_BITS);
    arena_reset(&cs->tbs);
    tcg_flush(cs->tcg);
    cs->stats.flushes++;
    for (int i = 0; i < cs->machine->ncpus; i++) {
        cs->machine->cpus[i]->env.exit_link = NULL;
        tlb_clear_jump_caches(cs->machine->cpus[i]);
        memset(cs->machine->cpus[i]->recent, 0, TB_RECENT * sizeof(struct tb *));
    }
    __atomic_add_fetch(&cs->generation, 1, __ATOMIC_SEQ_CST);
}

void code_flush(struct code_space *cs, struct cpu *cpu)
{
    machine_exclusive_begin(cs->machine, cpu);
    code_lock(cs, cpu);
    drop_all(cs);
    code_unlock(cs, cpu);
    machine_exclusive_end(cs->machine, cpu);
}

/* ---- translate ------------------------------------------------------------------------------ */

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void log_guest_code(struct cpu *cpu, const struct tb *tb)
{
    uint64_t room = TLB_PAGE_SIZE - (tb->paddr & ~TLB_PAGE_MASK);
    const uint8_t *p = bus_ram(cpu->bus, tb->paddr, NULL, NULL);
    FILE *f;

    if (!log_enabled(LOG_IN_ASM) || !p)
        return;
    f = log_lock();
    fprintf(f, "IN: pa 0x%llx mode 0x%x\n", (unsigned long long)tb->paddr, tb->mode);
    cpu->ops->disas(cpu, tb->pc, p, MIN(tb->size, room), f);
    log_unlock(f);
}

/* Physical page of the second part, 0 when the translation ends in its first page, UINT64_MAX - 1 when it must be registered
 * first. */
enum second_page { SECOND_NONE, SECOND_READY, SECOND_REGISTER };

static enum second_page second_page(struct cpu *cpu, struct tb *tb, uint64_t va_page)
{
    struct tlb_entry *e;

    tb->paddr2 = TB_ONE_PAGE;
    if ((tb->paddr & ~TLB_PAGE_MASK) + tb->size <= TLB_PAGE_SIZE)
        return SECOND_NONE;
    e = tlb_lookup(cpu, va_page, ACCESS_EXEC, 0, true);
    g_assert(e);             /* the front end has just read from it */
    tb->paddr2 = tlb_paddr(cpu, e, va_page, 0) & TLB_PAGE_MASK;
    return page_ready(cpu->code, tb->paddr2) ? SECOND_READY : SECOND_REGISTER;
}

/* Lock held; NULL with *again set when the caller must register *again (a page) or flush (*full) and retry. */
static struct tb *translate(struct cpu *cpu, uint64_t paddr, uint32_t mode,
                            uint64_t *again, bool *full)
{
    struct code_space *cs = cpu->code;
    uint64_t pc = cpu->env.pc, va = pc & ~(uint64_t)cpu->ops->pc_tag_mask;
    struct region_limits lim = {
        .pc = pc, .mode = mode, .max_insns = MAX_INSNS,
        .page_end = (va & TLB_PAGE_MASK) + TLB_PAGE_SIZE };
    struct region_result res = { 0 };
    struct ir *ir = tcg_ir(cs->tcg);
    uint64_t start = now_ns();
    struct tb tb = { .pc = pc, .paddr = paddr, .mode = mode, .hot = is_hot(cs, paddr) }, *made;

    if (cpu->one_insn)
        lim.max_insns = 1;
    ir_reset(ir, pc);
    ir->hot = tb.hot && !cpu->one_insn;
    cpu->ops->translate(cpu, ir, &lim, &res);
    tb.size = (uint16_t)(res.bytes_end - va);
    tb.single = res.ninsns == 1;
    tb.mode_mask = is_bound(cs, paddr) ? UINT32_MAX : ~res.mode_ignored;
    if (second_page(cpu, &tb, lim.page_end) == SECOND_REGISTER) {
        *again = tb.paddr2;
        return NULL;
    }
    log_guest_code(cpu, &tb);
    if (!tcg_compile(cs->tcg, ir, &tb.code)) {
        *full = true;
        return NULL;
    }
    cpu->one_insn = false;
    made = arena_alloc(&cs->tbs, sizeof(tb));
    *made = tb;
    for (uint32_t i = 0; i < made->code.nlinks; i++)
        made->code.links[i].owner = made;
    cs->stats.tbs++;
    cs->stats.hot += tb.hot;
    cs->stats.guest_bytes += tb.size;
    cpu->count.translated_insns += res.ninsns;
    cpu->count.translate_ns += now_ns() - start;
    return made;
}

static void publish(struct code_space *cs, struct tb *tb)
{
    struct tb **b = bucket(cs, tb->paddr, tb->pc, tb->mode);

    tb->hash_next = *b;
    *b = tb;
    page_add(cs, tb, tb->paddr);
    if (has_second(tb))
        page_add(cs, tb, tb->paddr2);
}

/* Does the second page still lie where it did? */
static bool second_matches(struct cpu *cpu, const struct tb *tb)
{
    uint64_t va = ((tb->pc & ~(uint64_t)cpu->ops->pc_tag_mask) & TLB_PAGE_MASK) + TLB_PAGE_SIZE;
    struct tlb_entry *e;

    if (tb->paddr2 == TB_ONE_PAGE)
        return true;
    e = tlb_lookup(cpu, va, ACCESS_EXEC, 0, true);
    return e && (tlb_paddr(cpu, e, va, 0) & TLB_PAGE_MASK) == tb->paddr2;
}

/* Where the CPU's next instruction is; its mode. */
static uint64_t fetch_paddr(struct cpu *cpu, uint32_t *mode)
{
    uint64_t va = cpu->env.pc & ~(uint64_t)cpu->ops->pc_tag_mask;
    struct tlb_entry *e = tlb_lookup(cpu, va, ACCESS_EXEC, 0, false);
    uint64_t paddr = tlb_paddr(cpu, e, va, 0);

    if (e->exec & TLB_MMIO)
        cpu->ops->bus_error(cpu, va, paddr, ACCESS_EXEC, 0);
    *mode = cpu->ops->mode(cpu);
    if (cpu->ops->mode_guarded && tlb_guarded(cpu, e, 0))
        *mode |= cpu->ops->mode_guarded;
    return paddr;
}

static struct tb **recent_slot(struct cpu *cpu, uint64_t paddr, uint32_t mode)
{
    return &cpu->recent[(paddr * 0x9e3779b97f4a7c15u ^ mode_key(cpu->code, mode) * 0xc2b2ae3d27d4eb4fu) >> 32 & (TB_RECENT - 1)];
}

struct tb *tb_find_recent(struct cpu *cpu)
{
    uint32_t mode;
    uint64_t paddr = fetch_paddr(cpu, &mode);
    struct tb *tb = *recent_slot(cpu, paddr, mode);

    /* dead is read without the lock: one that dies now has its entry patched. */
    if (tb && tb->paddr == paddr && tb->pc == cpu->env.pc && good_for(tb, mode) &&
        !__atomic_load_n(&tb->dead, __ATOMIC_ACQUIRE) && second_matches(cpu, tb))
        return tb;
    return NULL;
}

void *tb_find_code(struct tcg_env *env)
{
    struct cpu *cpu = (struct cpu *)env;
    struct tb *tb;

    if (cpu->mode_changed || log_enabled(LOG_EXEC | LOG_CPU))
        return NULL;
    tb = tb_find_recent(cpu);
    if (!tb)
        return NULL;
    tlb_know_code(cpu, tb->pc, tb->paddr2 == TB_ONE_PAGE, tb->code.entry);
    return tb->code.entry;
}

struct tb *tb_find(struct cpu *cpu)
{
    struct code_space *cs = cpu->code;
    uint32_t mode;
    uint64_t paddr = fetch_paddr(cpu, &mode), again = 0;
    bool full = false;
    struct tb *tb;

    cpu->count.tb_lookups++;
    for (;;) {
        code_lock(cs, cpu);
        tb = hash_find(cs, paddr, cpu->env.pc, mode);
        if (tb && !second_matches(cpu, tb)) {
            invalidate(cs, tb);
            tb = NULL;
        }
        if (!tb && page_ready(cs, paddr)) {
            tb = translate(cpu, paddr, mode, &again, &full);
            if (tb)
                publish(cs, tb);
        } else if (!tb) {
            again = paddr;
        }
        if (tb)
            *recent_slot(cpu, paddr, mode) = tb;
        code_unlock(cs, cpu);
        if (tb)
            return tb;
        if (full)
            code_flush(cs, cpu);
        else
            page_register(cs, cpu, again);
        full = false;
    }
}
