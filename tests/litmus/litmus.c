/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Litmus tests of AArch64's memory model on a machine virt with four CPUs (DDI 0487 B2.3; the names are the field's): MP, SB, LB, IRIW,
 * CoRR, with and without what orders them; contended atomics; break-before-make with TLBI while another CPU accesses the page. Prints
 * for each how often which outcome was seen: "forbidden" must be 0 (litmus.sh).
 *
 * Runs on nothing but the machine, without a library. The CPUs go through rounds together; in each one every CPU runs its thread of the
 * test once, after a delay that changes, so that the threads meet in all possible ways.
 */
#include <stdbool.h>
#include <stdint.h>

#define UART ((volatile uint32_t *)0x09000000)
enum { CPUS = 4, LINE = 64, PSCI_OFF = 0x84000008u };
#define PSCI_CPU_ON 0xc4000003u

/* Each on a cache line of its own */
struct cell {
    uint64_t v;
} __attribute__((aligned(LINE)));

static struct cell x, y, seen[CPUS][2], go, done, stage, go4, done4;
static struct cell counters[4];
static struct {
    uint64_t lo, hi;
} __attribute__((aligned(16))) pair;
static uint64_t tables[3][512] __attribute__((aligned(4096)));
static uint8_t page_a[4096] __attribute__((aligned(4096)));

uint64_t probe_word(const uint64_t *p);
void cpu_main(uint64_t cpu);
void unexpected(uint64_t esr, uint64_t elr, uint64_t far);
extern char second_start[];

/* ---- output ----------------------------------------------------------------------------------- */

static void put(const char *s)
{
    while (*s)
        *UART = (uint8_t)*s++;
}

static void put_number(uint64_t n)
{
    char buf[24], *p = buf + sizeof(buf) - 1;

    *p = 0;
    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    put(p);
}

static uint64_t psci(uint64_t fn, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = fn, x1 __asm__("x1") = a, x2 __asm__("x2") = b, x3 __asm__("x3") = c;

    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory");
    return x0;
}

void unexpected(uint64_t esr, uint64_t elr, uint64_t far)
{
    put("unexpected exception: ESR ");
    put_number(esr);
    put(" ELR ");
    put_number(elr);
    put(" FAR ");
    put_number(far);
    put("\n");
    psci(PSCI_OFF, 0, 0, 0);
}

/* ---- accesses ----------------------------------------------------------------------------------- */

static uint64_t load(const struct cell *c)
{
    uint64_t v;

    __asm__ volatile("ldr %0, %1" : "=r"(v) : "m"(c->v) : "memory");
    return v;
}

static void store(struct cell *c, uint64_t v)
{
    __asm__ volatile("str %1, %0" : "=m"(c->v) : "r"(v) : "memory");
}

static uint64_t load_acquire(const struct cell *c)
{
    uint64_t v;

    __asm__ volatile("ldar %0, %1" : "=r"(v) : "Q"(c->v) : "memory");
    return v;
}

static void store_release(struct cell *c, uint64_t v)
{
    __asm__ volatile("stlr %1, %0" : "=Q"(c->v) : "r"(v) : "memory");
}

static void dmb(void)
{
    __asm__ volatile("dmb ish" ::: "memory");
}

/* ---- tests: what each CPU does in a round n (values are n: the last round's are older) ------------------ */

enum order { PLAIN, BARRIER, ACQUIRE };

static void write_in(enum order o, struct cell *c, uint64_t v)
{
    if (o == ACQUIRE)
        store_release(c, v);
    else
        store(c, v);
}

static uint64_t read_in(enum order o, const struct cell *c)
{
    return o == ACQUIRE ? load_acquire(c) : load(c);
}

static void between(enum order o)
{
    if (o == BARRIER)
        dmb();
}

static void mp(unsigned cpu, uint64_t n, enum order o)
{
    if (cpu == 0) {
        store(&x, n);
        between(o);
        write_in(o, &y, n);
    } else if (cpu == 1) {
        seen[1][0].v = read_in(o, &y);
        between(o);
        seen[1][1].v = load(&x);
    }
}

/* Seeing the flag and not the message */
static bool mp_weak(uint64_t n)
{
    return seen[1][0].v == n && seen[1][1].v != n;
}

static void sb(unsigned cpu, uint64_t n, enum order o)
{
    if (cpu < 2) {
        write_in(o, cpu ? &y : &x, n);
        between(o);
        seen[cpu][0].v = read_in(o, cpu ? &x : &y);
    }
}

static bool sb_weak(uint64_t n)
{
    return seen[0][0].v != n && seen[1][0].v != n;
}

static void lb(unsigned cpu, uint64_t n, enum order o)
{
    if (cpu < 2) {
        seen[cpu][0].v = read_in(o, cpu ? &x : &y);
        between(o);
        write_in(o, cpu ? &y : &x, n);
    }
}

static bool lb_weak(uint64_t n)
{
    return seen[0][0].v == n && seen[1][0].v == n;
}

static void iriw(unsigned cpu, uint64_t n, enum order o)
{
    if (cpu < 2) {
        write_in(o, cpu ? &y : &x, n);
        return;
    }
    seen[cpu][0].v = read_in(o, cpu == 2 ? &x : &y);
    between(o);
    seen[cpu][1].v = read_in(o, cpu == 2 ? &y : &x);
}

/* The readers saw the writes in opposite orders. */
static bool iriw_weak(uint64_t n)
{
    return seen[2][0].v == n && seen[2][1].v != n && seen[3][0].v == n && seen[3][1].v != n;
}

static void corr(unsigned cpu, uint64_t n, enum order o)
{
    if (cpu == 0) {
        write_in(o, &x, n);
        return;
    }
    seen[cpu][0].v = read_in(o, &x);
    between(o);
    seen[cpu][1].v = read_in(o, &x);
}

static bool corr_weak(uint64_t n)
{
    (void)n;
    for (unsigned i = 1; i < CPUS; i++)          /* of two CPUs the others' are 0 */
        if (seen[i][1].v < seen[i][0].v)
            return true;
    return false;
}

static const struct test {
    const char *name;
    void (*run)(unsigned cpu, uint64_t n, enum order o);
    bool (*weak)(uint64_t n);
    enum order order;
    bool allowed;
} tests2[] = {
    { "MP", mp, mp_weak, PLAIN, true }, { "MP+dmbs", mp, mp_weak, BARRIER, false }, { "MP+stlr+ldar", mp, mp_weak, ACQUIRE, false },
    { "SB", sb, sb_weak, PLAIN, true }, { "SB+dmbs", sb, sb_weak, BARRIER, false }, { "SB+stlr+ldar", sb, sb_weak, ACQUIRE, false },
    { "LB", lb, lb_weak, PLAIN, true }, { "LB+dmbs", lb, lb_weak, BARRIER, false }, { "LB+ldar+stlr", lb, lb_weak, ACQUIRE, false },
    { "CoRR", corr, corr_weak, PLAIN, false }, { "CoRR+ldar", corr, corr_weak, ACQUIRE, false },
}, tests4[] = {
    { "IRIW", iriw, iriw_weak, PLAIN, true }, { "IRIW+dmbs", iriw, iriw_weak, BARRIER, false },
    { "IRIW+stlr+ldar", iriw, iriw_weak, ACQUIRE, false },
    { "CoRR 3 readers", corr, corr_weak, PLAIN, false }, { "CoRR+ldar 3 readers", corr, corr_weak, ACQUIRE, false },
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { ROUNDS2 = 20000, ROUNDS4 = 2000, ATOMICS = 20000, SWITCHES = 300 };

/* ---- rounds --------------------------------------------------------------------------------------- */

static void add_release(struct cell *c)
{
    __atomic_fetch_add(&c->v, 1, __ATOMIC_ACQ_REL);
}

/* All of n CPUs arrive; nobody leaves before. round counts from 1. */
static void meet_of(struct cell *c, uint64_t round, unsigned n)
{
    add_release(c);
    for (unsigned spins = 1; load_acquire(c) < round * n; spins++)
        if (spins % 1024 == 0)
            __asm__ volatile("yield");
}

static void meet(struct cell *c, uint64_t round)
{
    meet_of(c, round, CPUS);
}

static void delay(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    for (uint64_t n = *seed >> 59; n; n--)
        __asm__ volatile("");
}

struct run {
    const struct test *tests;
    unsigned ntests, rounds, cpus;
    struct cell *go, *done;
};

static void run_tests(unsigned cpu, const struct run *r)
{
    uint64_t round = 0, seed = cpu + 1;

    for (unsigned t = 0; t < r->ntests; t++) {
        const struct test *test = &r->tests[t];
        uint64_t weak = 0;

        for (unsigned i = 0; i < r->rounds; i++) {
            meet_of(r->go, ++round, r->cpus);
            delay(&seed);
            test->run(cpu, round, test->order);
            meet_of(r->done, round, r->cpus);
            if (cpu == 0)
                weak += test->weak(round);
        }
        if (cpu == 0) {
            put(test->name);
            put(test->allowed ? ": allowed " : ": forbidden ");
            put_number(weak);
            put("\n");
        }
    }
}

/* ---- contended atomics ---------------------------------------------------------------------------- */

static bool has_lse(void)
{
    uint64_t v;

    __asm__("mrs %0, id_aa64isar0_el1" : "=r"(v));
    return v >> 20 & 15;
}

static void add_exclusive(uint64_t *p)
{
    uint64_t v;
    uint32_t failed;

    __asm__ volatile("1: ldxr %0, %2\n add %0, %0, #1\n stxr %w1, %0, %2\n cbnz %w1, 1b"
                     : "=&r"(v), "=&r"(failed), "+Q"(*p) : : "memory");
}

/* Both halves by one: never seen apart */
static bool add_pair(void)
{
    uint64_t lo, hi, same;
    uint32_t failed;

    __asm__ volatile("1: ldxp %0, %1, %4\n eor %2, %0, %1\n add %0, %0, #1\n add %1, %1, #1\n stxp %w3, %0, %1, %4\n cbnz %w3, 1b"
                     : "=&r"(lo), "=&r"(hi), "=&r"(same), "=&r"(failed), "+Q"(pair) : : "memory");
    return same == 0;
}

static void run_atomics(unsigned cpu)
{
    uint64_t torn = 0, total = (uint64_t)ATOMICS * CPUS;
    bool lse = has_lse();

    meet(&stage, 1);
    for (unsigned i = 0; i < ATOMICS; i++) {
        add_exclusive(&counters[0].v);
        torn += !add_pair();
        if (lse) {
            uint64_t one = 1, old = load(&counters[2]);

            __asm__ volatile(".arch_extension lse\n stadd %1, %0" : "+Q"(counters[1].v) : "r"(one) : "memory");
            for (;;) {
                uint64_t got = old;

                __asm__ volatile(".arch_extension lse\n casal %0, %2, %1" : "+r"(got), "+Q"(counters[2].v) : "r"(old + 1) : "memory");
                if (got == old)
                    break;
                old = got;
            }
        }
    }
    __atomic_fetch_add(&counters[3].v, torn, __ATOMIC_ACQ_REL);
    meet(&stage, 2);
    if (cpu)
        return;
    put("exclusives: forbidden ");
    put_number(total - counters[0].v);
    put("\npairs: forbidden ");
    put_number((pair.lo ^ total) | (pair.hi ^ total) | counters[3].v);
    if (lse) {
        put("\nLSE: forbidden ");
        put_number((total - counters[1].v) | (total - counters[2].v));
    }
    put("\n");
}

/* ---- TLBI with concurrent access ------------------------------------------------------------------ */

#define WINDOW ((uint64_t *)0x80000000u)         /* mapped to page_a, or not */
enum { BLOCK = 0x701, DEVICE_BLOCK = 0x401, PAGE = 0x703, TABLE = 3 };

static void mmu_on(void)
{
    __asm__ volatile("msr mair_el1, %0\n msr tcr_el1, %1\n msr ttbr0_el1, %2\n isb\n tlbi vmalle1\n dsb ish\n isb\n"
                     "mrs x9, sctlr_el1\n orr x9, x9, #1\n msr sctlr_el1, x9\n isb"
                     : : "r"(0xff00ul), "r"(0x500803519ul), "r"(tables[0]) : "x9", "memory");
}

static void make_tables(void)
{
    for (unsigned i = 0; i < 512; i++)
        tables[0][i] = tables[1][i] = tables[2][i] = 0;
    tables[0][0] = DEVICE_BLOCK;
    tables[0][1] = 0x40000000u | BLOCK | 1 << 2;
    tables[0][2] = (uint64_t)tables[1] | TABLE;
    tables[1][0] = (uint64_t)tables[2] | TABLE;
}

static void unmap(uint64_t n)
{
    __atomic_store_n(&tables[2][0], 0, __ATOMIC_RELAXED);
    if (n & 1)
        __asm__ volatile("dsb ishst\n tlbi vaae1is, %0\n dsb ish\n isb" : : "r"((uint64_t)WINDOW >> 12) : "memory");
    else
        __asm__ volatile("dsb ishst\n tlbi vmalle1is\n dsb ish\n isb" ::: "memory");
}

static void map(void)
{
    __atomic_store_n(&tables[2][0], (uint64_t)page_a | PAGE | 1 << 2, __ATOMIC_RELAXED);
    __asm__ volatile("dsb ishst\n isb" ::: "memory");
}

/* CPU 0 maps and unmaps; x tells the others that it is unmapped: from then on to the next meeting every access must fault. */
static void run_tlbi(unsigned cpu)
{
    uint64_t stale = 0;

    if (cpu == 0) {
        make_tables();
        x.v = y.v = 0;
        *(uint64_t *)page_a = 1;
    }
    meet(&stage, 3);
    mmu_on();
    for (uint64_t n = 1; n <= SWITCHES; n++) {
        if (cpu == 0)
            map();
        meet(&stage, 2 * n + 2);
        if (cpu == 0) {
            for (volatile unsigned i = 0; i < (n & 63) * 8; i++)
                ;
            unmap(n);
            store_release(&x, n);
            stale += probe_word(WINDOW) != UINT64_MAX;
        } else {
            while (load_acquire(&x) != n)
                probe_word(WINDOW);
            stale += probe_word(WINDOW) != UINT64_MAX;
        }
        meet(&stage, 2 * n + 3);
    }
    __atomic_fetch_add(&y.v, stale, __ATOMIC_ACQ_REL);
    meet(&stage, 2 * SWITCHES + 4);
    if (cpu == 0) {
        put("TLBI: forbidden ");
        put_number(y.v);
        put("\n");
    }
}

static void start(uint64_t cpu)
{
    psci(PSCI_CPU_ON, cpu, (uint64_t)second_start, cpu);
}

/* Tests of two threads run while there are but two CPUs, so that each can have a core of the host. */
void cpu_main(uint64_t cpu)
{
    const struct run two = { tests2, COUNT(tests2), ROUNDS2, 2, &go, &done }, four = { tests4, COUNT(tests4), ROUNDS4, CPUS, &go4, &done4 };

    if (cpu == 0)
        start(1);
    if (cpu < 2)
        run_tests((unsigned)cpu, &two);
    if (cpu == 0) {
        x.v = y.v = 0;
        start(2);
        start(3);
    }
    run_tests((unsigned)cpu, &four);
    run_atomics((unsigned)cpu);
    run_tlbi((unsigned)cpu);
    if (cpu == 0) {
        put("end\n");
        psci(PSCI_OFF, 0, 0, 0);
    }
}
