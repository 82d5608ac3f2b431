/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checking accelerator (check.h).
 *
 * Every translation runs alone: no links, no jump cache, and an empty inline TLB, so that each guest access comes to the slow path,
 * where it is logged. The interpreter then starts from the state before, takes loads and the results of atomics from the log, and compares stores with it. Regions with
 * helpers that cannot be run twice (HF_EFFECT: system registers, waits) are run by host code only and counted.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "softmmu/access.h"
#include "softmmu/check.h"
#include "softmmu/tb.h"
#include "tcg/helper.h"
#include "tcg/interp.h"
#include "util/log.h"

#define MAX_LOG 1024
#define MAX_BLOCK 512

enum entry_kind { LOG_LD, LOG_ST, LOG_LD_BLOCK, LOG_ST_BLOCK, LOG_CAS, LOG_RMW };

struct entry {
    uint8_t kind;
    bool done;               /* false: this access faulted */
    uint32_t oi, n;
    uint64_t addr, a, b, result;
    uint8_t block[MAX_BLOCK];
};

/* What a region can change. The rest of struct cpu (TLBs, places) is large, and the same for both runs. */
struct snapshot {
    uint64_t pc;
    uint32_t aux, mxcsr[2];
    struct fp_env fp[2];
    uint8_t *state;          /* what follows struct cpu */
};

struct check {
    struct cpu *cpu;
    struct entry log[MAX_LOG];
    unsigned n, at;          /* entries made, entries replayed */
    struct snapshot before, after;
    struct v128 *values;
    uint32_t nvalues;
    const struct tb *tb;
    uint64_t checked, skipped;
};

static size_t state_size(const struct cpu *cpu)
{
    return cpu->ops->size - sizeof(struct cpu);
}

struct check *check_new(struct cpu *cpu)
{
    struct check *c = g_new0(struct check, 1);

    c->cpu = cpu;
    c->before.state = g_malloc(state_size(cpu));
    c->after.state = g_malloc(state_size(cpu));
    return c;
}

void check_free(struct check *c)
{
    if (!c)
        return;
    g_free(c->before.state);
    g_free(c->after.state);
    g_free(c->values);
    g_free(c);
}

void check_counts(const struct check *c, uint64_t *checked, uint64_t *skipped)
{
    *checked = c->checked;
    *skipped = c->skipped;
}

/* ---- logging -------------------------------------------------------------------------------- */

static struct entry *log_add(struct tcg_env *env, enum entry_kind kind, uint64_t addr, uint32_t oi)
{
    struct check *c = ((struct cpu *)env)->check;
    struct entry *e;

    g_assert(c->n < MAX_LOG);
    e = &c->log[c->n++];
    e->kind = kind;
    e->done = false;
    e->addr = addr;
    e->oi = oi;
    return e;
}

static uint64_t log_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    struct entry *e = log_add(env, LOG_LD, addr, oi);

    e->result = access_mem_ops.ld(env, addr, oi);
    e->done = true;
    return e->result;
}

static void log_st(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    struct entry *e = log_add(env, LOG_ST, addr, oi);

    e->a = v;
    access_mem_ops.st(env, addr, v, oi);
    e->done = true;
}

static void log_ld_block(struct tcg_env *env, uint64_t addr, void *buf, uint32_t n, uint32_t oi)
{
    struct entry *e = log_add(env, LOG_LD_BLOCK, addr, oi);

    e->n = n;
    access_mem_ops.ld_block(env, addr, buf, n, oi);
    memcpy(e->block, buf, (size_t)n << (oi & MO_SIZE));
    e->done = true;
}

static void log_st_block(struct tcg_env *env, uint64_t addr, const void *buf, uint32_t n, uint32_t oi)
{
    struct entry *e = log_add(env, LOG_ST_BLOCK, addr, oi);

    e->n = n;
    memcpy(e->block, buf, (size_t)n << (oi & MO_SIZE));
    access_mem_ops.st_block(env, addr, buf, n, oi);
    e->done = true;
}

static uint64_t log_cas(struct tcg_env *env, uint64_t addr, uint64_t expect, uint64_t v, uint32_t oi)
{
    struct entry *e = log_add(env, LOG_CAS, addr, oi);

    e->a = expect;
    e->b = v;
    e->result = access_mem_ops.cas(env, addr, expect, v, oi);
    e->done = true;
    return e->result;
}

static uint64_t log_rmw(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    struct entry *e = log_add(env, LOG_RMW, addr, oi);

    e->a = v;
    e->result = access_mem_ops.rmw(env, addr, v, oi);
    e->done = true;
    return e->result;
}

const struct tcg_mem_ops check_mem_ops = {
    .ld = log_ld, .st = log_st, .ld_block = log_ld_block, .st_block = log_st_block,
    .cas = log_cas, .rmw = log_rmw,
};

/* ---- differences ---------------------------------------------------------------------------- */

static void differ(struct check *c, const char *fmt, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;
static void differ(struct check *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fprintf(stderr, "check: host code and interpreter differ in the region at 0x%llx: ",
            (unsigned long long)c->tb->pc);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, "\ninterpreter's state:\n");
    c->cpu->ops->dump(c->cpu, stderr);
    ir_dump(c->tb->code.ir, stderr);
    exit(EXIT_FAILURE);
}

/* ---- replay --------------------------------------------------------------------------------- */

static struct entry *next(struct tcg_env *env, enum entry_kind kind, uint64_t addr, uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    struct check *c = cpu->check;
    struct entry *e;

    if (c->at == c->n)
        differ(c, "access %u (kind %d, 0x%llx) was not made by host code", c->at, kind, (unsigned long long)addr);
    e = &c->log[c->at++];
    if (e->kind != kind || e->addr != addr || (e->oi | MO_ATOMIC) != (oi | MO_ATOMIC))      /* read-modify-write implies it */
        differ(c, "access %u is kind %d 0x%llx oi 0x%x, host code: kind %d 0x%llx oi 0x%x", c->at - 1, kind,
               (unsigned long long)addr, oi, e->kind, (unsigned long long)e->addr, e->oi);
    if (!e->done)
        cpu_leave(cpu);      /* it faulted */
    return e;
}

static void same(struct tcg_env *env, uint64_t ours, uint64_t logged, uint32_t oi)
{
    unsigned bits = 8u << (oi & MO_SIZE);
    uint64_t mask = bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    struct check *c = ((struct cpu *)env)->check;

    if ((ours ^ logged) & mask)
        differ(c, "access %u writes 0x%llx, host code 0x%llx", c->at - 1, (unsigned long long)(ours & mask),
               (unsigned long long)(logged & mask));
}

static uint64_t replay_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    return next(env, LOG_LD, addr, oi)->result;
}

static void replay_st(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    struct check *c = ((struct cpu *)env)->check;

    /* The value is compared for a store that faulted as well. */
    if (c->at < c->n)
        same(env, v, c->log[c->at].a, oi);
    next(env, LOG_ST, addr, oi);
}

static void replay_ld_block(struct tcg_env *env, uint64_t addr, void *buf, uint32_t n, uint32_t oi)
{
    struct entry *e = next(env, LOG_LD_BLOCK, addr, oi);

    memcpy(buf, e->block, (size_t)n << (oi & MO_SIZE));
}

static void replay_st_block(struct tcg_env *env, uint64_t addr, const void *buf, uint32_t n, uint32_t oi)
{
    struct entry *e = next(env, LOG_ST_BLOCK, addr, oi);

    if (e->n != n || memcmp(buf, e->block, (size_t)n << (oi & MO_SIZE)))
        differ(((struct cpu *)env)->check, "block store at 0x%llx", (unsigned long long)addr);
}

static uint64_t replay_cas(struct tcg_env *env, uint64_t addr, uint64_t expect, uint64_t v, uint32_t oi)
{
    struct entry *e = next(env, LOG_CAS, addr, oi);

    same(env, expect, e->a, oi);
    same(env, v, e->b, oi);
    return e->result;
}

static uint64_t replay_rmw(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    struct entry *e = next(env, LOG_RMW, addr, oi);

    same(env, v, e->a, oi);
    return e->result;
}

static const struct tcg_mem_ops replay_mem_ops = {
    .ld = replay_ld, .st = replay_st, .ld_block = replay_ld_block, .st_block = replay_st_block,
    .cas = replay_cas, .rmw = replay_rmw,
};

/* ---- state ---------------------------------------------------------------------------------- */

static void save(const struct cpu *cpu, struct snapshot *to)
{
    to->pc = cpu->env.pc;
    to->aux = cpu->env.aux;
    memcpy(to->fp, cpu->env.fp, sizeof(to->fp));
    memcpy(to->mxcsr, cpu->env.mxcsr, sizeof(to->mxcsr));
    memcpy(to->state, cpu + 1, state_size(cpu));
}

static void load(struct cpu *cpu, const struct snapshot *from)
{
    cpu->env.pc = from->pc;
    cpu->env.aux = from->aux;
    memcpy(cpu->env.fp, from->fp, sizeof(from->fp));
    memcpy(cpu->env.mxcsr, from->mxcsr, sizeof(from->mxcsr));
    memcpy(cpu + 1, from->state, state_size(cpu));
}

/* FLAGS slots have unspecified bits. */
static uint32_t mask_of(const struct cpu *cpu, size_t offset)
{
    const struct ir_target *t = cpu->ops->ir_target;

    for (unsigned i = 0; i < t->nslots; i++)
        if (t->slots[i].type == FLAGS && t->slots[i].offset == offset)
            return FLAG_NZCV;
    return UINT32_MAX;
}

/* The modes of both FP environments; of the sticky flags what a target sees,
 * those of both together: generated code may run ops of env 1 in env 0. */
static void compare_fp(struct check *c)
{
    struct fp_env a[2], b[2];
    uint8_t flags_a, flags_b;

    memcpy(a, c->cpu->env.fp, sizeof(a));
    memcpy(b, c->after.fp, sizeof(b));
    flags_a = a[0].flags | a[1].flags;
    flags_b = b[0].flags | b[1].flags;
    if (flags_a != flags_b)
        differ(c, "FP flags 0x%x, host code 0x%x", flags_a, flags_b);
    for (int i = 0; i < 2; i++) {
        a[i].flags = b[i].flags = 0;
        if (memcmp(&a[i], &b[i], sizeof(a[i])))
            differ(c, "FP modes of env %d", i);
    }
}

static void compare(struct check *c)
{
    const struct cpu *cpu = c->cpu;
    const uint8_t *ours = (const uint8_t *)(cpu + 1);

    if (c->at != c->n)
        differ(c, "host code made %u accesses, the interpreter %u", c->n, c->at);
    if (cpu->env.pc != c->after.pc ||
        (cpu->env.aux != c->after.aux && !(cpu->ops->ir_target->aux_for_faults && cpu->exception < 0)))
        differ(c, "pc 0x%llx/%x, host code 0x%llx/%x", (unsigned long long)cpu->env.pc, cpu->env.aux,
               (unsigned long long)c->after.pc, c->after.aux);
    compare_fp(c);
    for (size_t at = 0; at + 4 <= state_size(cpu); at += 4) {
        uint32_t a, b;

        memcpy(&a, ours + at, 4);
        memcpy(&b, c->after.state + at, 4);
        if (a != b && (a ^ b) & mask_of(cpu, sizeof(struct cpu) + at))
            differ(c, "state at offset 0x%zx is 0x%x, host code 0x%x", sizeof(struct cpu) + at, a, b);
    }
}

/* ---- run ------------------------------------------------------------------------------------ */

static bool repeatable(const struct ir *ir)
{
    for (uint32_t i = 0; i < ir->nops; i++)
        if (ir->ops[i].opc == IR_call && ir->ops[i].helper->flags & HF_EFFECT)
            return false;
    return true;
}

/* True when left by a jump. Not inlined: __builtin_setjmp wants a frame of its own. */
static bool __attribute__((noinline)) run_host(struct check *c)
{
    struct cpu *cpu = c->cpu;

    if (__builtin_setjmp(cpu->jump)) {
        tcg_left_by_jump(&cpu->env);
        return true;
    }
    tcg_run(cpu->env.tcg, &cpu->env, c->tb->code.entry);
    return false;
}

static bool __attribute__((noinline)) run_interp(struct check *c)
{
    struct cpu *cpu = c->cpu;

    if (__builtin_setjmp(cpu->jump))
        return true;
    interp_run(c->tb->code.ir, &cpu->env, &replay_mem_ops, c->values);
    return false;
}

bool check_run(struct cpu *cpu, const struct tb *tb)
{
    struct check *c = cpu->check;
    int exception;
    uint32_t syndrome;
    uint64_t addr;
    bool jumped;

    c->tb = tb;
    c->n = c->at = 0;
    tcg_fp_from_host(&cpu->env);
    save(cpu, &c->before);
    jumped = run_host(c);
    tcg_fp_from_host(&cpu->env);
    if (!repeatable(tb->code.ir)) {
        c->skipped++;
        return jumped;
    }
    c->checked++;
    save(cpu, &c->after);
    exception = cpu->exception;
    syndrome = cpu->exception_syndrome;
    addr = cpu->exception_addr;
    if (c->nvalues < tb->code.ir->nvalues) {
        c->nvalues = tb->code.ir->nvalues;
        c->values = g_renew(struct v128, c->values, c->nvalues);
    }
    load(cpu, &c->before);
    if (run_interp(c) != jumped)
        differ(c, "%s faulted", jumped ? "host code" : "the interpreter");
    compare(c);
    load(cpu, &c->after);
    cpu->exception = exception;
    cpu->exception_syndrome = syndrome;
    cpu->exception_addr = addr;
    cpu->env.exit_link = NULL;
    return jumped;
}
