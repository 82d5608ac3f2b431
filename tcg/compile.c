/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The translator: owns the code cache and the IR builder, runs the passes, and gives the result to the backend or keeps it
 * for the interpreter.
 */
#include "config.h"
#include <glib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include "tcg/backend.h"
#include "tcg/compile.h"
#include "tcg/disas.h"
#include "tcg/internal.h"
#include "tcg/interp.h"
#include "tcg/perfmap.h"
#include "util/arena.h"
#include "util/jitmem.h"
#include "util/log.h"

#define DEFAULT_CACHE_SIZE ((size_t)128 << 20)
#define CODE_ALIGN 16
/* A region that needs more does not exist: the front end's limits keep far below. */
#define REGION_MAX ((size_t)1 << 18)

/* Every so many bytes of code the writable view is cleared. */
#define UNMAP_STEP ((size_t)256 << 10)

/* A region kept for the interpreter. */
struct kept_region {
    bool killed;
    uint64_t kill_pc;
    struct ir ir;
};

struct tcg_ctx {
    struct tcg_config config;
    struct arena arena;
    struct ir *ir;
    struct jitmem *mem;
    struct backend *backend;
    size_t used;             /* bytes of mem */
    struct arena meta;       /* links; reset by a flush */
    GPtrArray *kept;         /* struct kept_region, interpreter only */
    struct perfmap *perfmap;
    struct tcg_stats stats;
};

struct tcg_ctx *tcg_ctx_new(const struct tcg_config *config, char **error)
{
    struct tcg_ctx *ctx = g_new0(struct tcg_ctx, 1);
    g_autoptr(GError) err = NULL;

    ctx->config = *config;
    if (!ctx->config.cache_size)
        ctx->config.cache_size = DEFAULT_CACHE_SIZE;
    arena_init(&ctx->arena);
    arena_init(&ctx->meta);
    ctx->ir = ir_new(&ctx->arena, config->target);
    ctx->kept = g_ptr_array_new();
    if (config->interpret)
        return ctx;
    ctx->mem = jitmem_new(ctx->config.cache_size, &err);
    if (!ctx->mem) {
        *error = g_strdup(err->message);
        tcg_ctx_free(ctx);
        return NULL;
    }
    ctx->backend = backend_new(&ctx->config, ctx->mem);
    ctx->used = backend_code_start(ctx->backend);
    if (config->perfmap)
        ctx->perfmap = perfmap_new();
    return ctx;
}

static void free_kept(struct tcg_ctx *ctx)
{
    for (guint i = 0; i < ctx->kept->len; i++) {
        struct kept_region *k = g_ptr_array_index(ctx->kept, i);

        g_free(k->ir.ops[0].v);
        g_free(k->ir.ops);
        g_free(k->ir.values);
        g_free(k);
    }
    g_ptr_array_set_size(ctx->kept, 0);
}

void tcg_ctx_free(struct tcg_ctx *ctx)
{
    if (!ctx)
        return;
    free_kept(ctx);
    g_ptr_array_free(ctx->kept, TRUE);
    if (ctx->backend)
        backend_free(ctx->backend);
    if (ctx->mem)
        jitmem_free(ctx->mem);
    perfmap_free(ctx->perfmap);
    ir_free(ctx->ir);
    arena_fini(&ctx->arena);
    arena_fini(&ctx->meta);
    g_free(ctx);
}

struct ir *tcg_ir(struct tcg_ctx *ctx)
{
    return ctx->ir;
}

const struct tcg_stats *tcg_stats(const struct tcg_ctx *ctx)
{
    return &ctx->stats;
}

/* Copy live ops into memory of their own; operands of all ops in one block, which ops[0].v points at. */
static void *keep_region(struct tcg_ctx *ctx, const struct ir *ir)
{
    struct kept_region *k = g_new0(struct kept_region, 1);
    size_t operands = 1, at = 0;
    uint16_t *v;

    k->ir = *ir;
    k->ir.arena = NULL;
    k->ir.nops = 0;
    k->ir.ops = g_new(struct ir_op, ir->nops);
    k->ir.values = g_memdup2(ir->values, ir->nvalues * sizeof(*ir->values));
    for (uint32_t i = 0; i < ir->nops; i++)
        operands += ir->ops[i].nout + ir->ops[i].nin;
    v = g_new(uint16_t, operands);
    for (uint32_t i = 0; i < ir->nops; i++) {
        struct ir_op *op;
        unsigned n = ir->ops[i].nout + ir->ops[i].nin;

        if (ir->ops[i].dead)
            continue;
        op = &k->ir.ops[k->ir.nops++];
        *op = ir->ops[i];
        op->v = v + at;
        if (n)
            memcpy(op->v, ir->ops[i].v, n * sizeof(*v));
        at += n;
    }
    g_ptr_array_add(ctx->kept, k);
    return k;
}

static void log_ir(const struct ir *ir, uint32_t topic, const char *what)
{
    FILE *f;

    if (!log_enabled(topic))
        return;
    f = log_lock();
    fprintf(f, "%s\n", what);
    ir_dump(ir, f);
    log_unlock(f);
}

static void log_host_code(const struct tcg_code *code)
{
    FILE *f;

    if (!log_enabled(LOG_OUT_ASM))
        return;
    f = log_lock();
    fprintf(f, "OUT: %u bytes\n", code->size);
    disas_host(f, code->entry, code->size, (uintptr_t)code->entry);
    log_unlock(f);
}

/* Links that the region can need. */
static unsigned count_links(const struct ir *ir)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < ir->nops && n < TCG_MAX_LINKS; i++)
        n += !ir->ops[i].dead && ir->ops[i].opc == IR_exit_link;
    return n;
}

/* Before the passes, so that they are checked too. */
static const struct ir *keep_for_check(struct tcg_ctx *ctx, struct ir *ir)
{
    struct kept_region *k = keep_region(ctx, ir);

    for (uint32_t i = 0; i < ir->nops; i++)
        if (ir->ops[i].opc == IR_ret_push)
            ir->ops[i].dead = true;
    return &k->ir;
}

/* Code is written once and then hardly touched through the writable view, whose pages would count twice in the process' size. */
static void used(struct tcg_ctx *ctx, size_t n)
{
    size_t before = ctx->used;

    ctx->used += n;
    ctx->stats.host_bytes += n;
    if (before / UNMAP_STEP != ctx->used / UNMAP_STEP)
        jitmem_unmap_written(ctx->mem, ctx->used);
}

bool tcg_compile(struct tcg_ctx *ctx, struct ir *ir, struct tcg_code *out)
{
    const struct ir *kept = NULL;
    size_t room, n;

    log_ir(ir, LOG_IR, "IR:");
    if (ctx->config.keep)
        kept = keep_for_check(ctx, ir);
    opt_run(ir, ctx->config.verify, !ctx->config.interpret);
    log_ir(ir, LOG_OPT, "OPT:");
    ctx->stats.regions++;
    ctx->stats.guest_insns += ir->ninsns;
    ctx->stats.ir_ops += ir->nops;
    if (ctx->config.interpret) {
        *out = (struct tcg_code){ .entry = keep_region(ctx, ir) };
        return true;
    }
    ctx->used = (ctx->used + CODE_ALIGN - 1) & ~(size_t)(CODE_ALIGN - 1);
    room = ctx->mem->size - ctx->used;
    if (ctx->used > ctx->mem->size || room < REGION_MAX)
        return false;
    /* Exit stubs hold the addresses of their links. */
    out->links = arena_alloc0(&ctx->meta, count_links(ir) * sizeof(out->links[0]));
    n = backend_emit(ctx->backend, ir, ctx->mem->rw + ctx->used, REGION_MAX,
                     out);
    ir_assert(n, "region 0x%llx does not fit", (unsigned long long)ir->entry_pc);
    out->ir = kept;
    out->size = (uint32_t)n;
    used(ctx, n);
    jitmem_flush(ctx->mem, out->entry, n);
    if (ctx->perfmap)
        perfmap_add(ctx->perfmap, out->entry, out->size, ir->entry_pc);
    log_host_code(out);
    return true;
}

void tcg_flush(struct tcg_ctx *ctx)
{
    free_kept(ctx);
    arena_reset(&ctx->meta);
    if (ctx->backend)
        ctx->used = backend_code_start(ctx->backend);
}

void tcg_link(struct tcg_ctx *ctx, struct tcg_link *link,
              const struct tcg_code *to)
{
    if (ctx->backend)
        backend_patch_link(ctx->backend, link, to->entry);
}

void tcg_unlink(struct tcg_ctx *ctx, struct tcg_link *link)
{
    if (ctx->backend)
        backend_patch_link(ctx->backend, link, link->unlinked);
}

void tcg_kill(struct tcg_ctx *ctx, void *entry, uint64_t pc)
{
    struct kept_region *k = entry;

    if (ctx->backend) {
        backend_kill(ctx->backend, entry, pc);
        return;
    }
    k->kill_pc = pc;
    k->killed = true;
}

static void run_kept(struct tcg_ctx *ctx, struct tcg_env *env,
                     const struct kept_region *k)
{
    struct v128 small[512], *values = small;

    if (k->killed) {
        env->pc = k->kill_pc;
        env->exit_link = NULL;
        return;
    }
    /* A longjmp out of the region leaves the large case to the arena-like reuse of the next one. */
    if (k->ir.nvalues > G_N_ELEMENTS(small)) {
        static __thread struct v128 *large;
        static __thread uint32_t room;

        if (room < k->ir.nvalues) {
            room = k->ir.nvalues;
            large = g_renew(struct v128, large, room);
        }
        values = large;
    }
    interp_run(&k->ir, env, ctx->config.mem, values);
}

void tcg_run(struct tcg_ctx *ctx, struct tcg_env *env, void *entry)
{
    if (ctx->backend)
        backend_enter(ctx->backend, env, entry);
    else
        run_kept(ctx, env, entry);
}

/* ---- FP modes ------------------------------------------------------------------------------- */

enum mxcsr {
    MXCSR_IE = 1 << 0, MXCSR_ZE = 1 << 2, MXCSR_OE = 1 << 3, MXCSR_UE = 1 << 4,
    MXCSR_PE = 1 << 5, MXCSR_FLAGS = 0x3f, MXCSR_DAZ = 1 << 6,
    MXCSR_MASKS = 0x1f80, MXCSR_RC_SHIFT = 13, MXCSR_FTZ = 1 << 15, MXCSR_DE = 1 << 1,
};

/* ARM (tininess before rounding) counts inputs that it flushes: without DAZ they raise DE, which generated code looks
 * at.  Without FTZ: SSE would raise inexact as well as underflow, and decide after rounding; backends send tiny results to
 * softfloat. */
static uint32_t mxcsr_of(const struct fp_env *e)
{
    static const uint8_t rc[] = {
        [FP_ROUND_NEAREST_EVEN] = 0, [FP_ROUND_UP] = 2, [FP_ROUND_DOWN] = 1,
        [FP_ROUND_ZERO] = 3, [FP_ROUND_NEAREST_AWAY] = 0,
    };

    return MXCSR_MASKS | (uint32_t)rc[e->rounding] << MXCSR_RC_SHIFT |
           (e->flush_inputs && !e->tiny_before ? MXCSR_DAZ : 0) | (e->flush_outputs && !e->tiny_before ? MXCSR_FTZ : 0);
}

/* DE: x86's denormal operand; ARM's flag of that bit means something else. */
static uint8_t fp_flags_of(const struct fp_env *e, uint32_t mxcsr)
{
    return (mxcsr & MXCSR_DE && !e->tiny_before ? FP_INPUT_DENORMAL : 0) |
           (mxcsr & MXCSR_IE ? FP_INVALID : 0) |
           (mxcsr & MXCSR_ZE ? FP_DIVBYZERO : 0) |
           (mxcsr & MXCSR_OE ? FP_OVERFLOW : 0) |
           (mxcsr & MXCSR_UE ? FP_UNDERFLOW : 0) |
           (mxcsr & MXCSR_PE ? FP_INEXACT : 0);
}

void tcg_fp_to_host(struct tcg_env *env)
{
    for (int i = 0; i < 2; i++)
        env->mxcsr[i] = mxcsr_of(&env->fp[i]);
}

void tcg_fp_from_host(struct tcg_env *env)
{
    for (int i = 0; i < 2; i++) {
        env->fp[i].flags |= fp_flags_of(&env->fp[i], env->mxcsr[i]);
        env->mxcsr[i] &= ~(uint32_t)MXCSR_FLAGS;
    }
}

#if defined(__x86_64__)
void tcg_fp_to_live(struct tcg_env *env)
{
    tcg_fp_to_host(env);
    if (env->tcg->backend)
        _mm_setcsr(env->mxcsr[0]);
}

void tcg_fp_from_live(struct tcg_env *env)
{
    if (env->tcg->backend)
        env->mxcsr[0] = _mm_getcsr();
    tcg_fp_from_host(env);
    if (env->tcg->backend)
        _mm_setcsr(env->mxcsr[0]);
}

void tcg_left_by_jump(struct tcg_env *env)
{
    if (env->tcg->backend)
        backend_left_by_jump(env->tcg->backend, env);
}
#else
void tcg_left_by_jump(struct tcg_env *env)
{
    (void)env;
}

void tcg_fp_to_live(struct tcg_env *env)
{
    tcg_fp_to_host(env);
}

void tcg_fp_from_live(struct tcg_env *env)
{
    tcg_fp_from_host(env);
}
#endif

/* ---- jump caches ---------------------------------------------------------------------------- */

struct jump_cache *tcg_jump_cache_new(void)
{
    struct jump_cache *jc = g_new(struct jump_cache, 1);

    jc->nfilled = JC_FILLED_MAX + 1;
    tcg_jump_cache_clear(jc);
    return jc;
}

void tcg_jump_cache_fill(struct jump_cache *jc, uint64_t pc, void *code)
{
    unsigned i = JC_INDEX(pc);

    if (jc->entry[i].pc == pc) {
        jc->entry[i].code = code;
        return;
    }
    if (jc->nfilled < JC_FILLED_MAX)
        jc->filled[jc->nfilled] = (uint16_t)i;
    if (jc->nfilled <= JC_FILLED_MAX)
        jc->nfilled++;
    if (jc->entry[i].pc != JC_EMPTY(i))
        jc->older[i] = jc->entry[i];
    jc->entry[i] = (struct jc_entry){ pc, code };
}

void tcg_jump_cache_clear(struct jump_cache *jc)
{
    if (jc->nfilled <= JC_FILLED_MAX) {
        for (unsigned i = 0; i < jc->nfilled; i++)
            jc->entry[jc->filled[i]].pc = jc->older[jc->filled[i]].pc = JC_EMPTY(jc->filled[i]);
    } else {
        for (unsigned i = 0; i < JC_SIZE; i++)
            jc->entry[i] = jc->older[i] = (struct jc_entry){ JC_EMPTY(i), NULL };
    }
    for (unsigned i = 0; i < RET_STACK_SIZE; i++)
        jc->ret[i] = (struct jc_entry){ 0, NULL };
    jc->ret_top = 0;
    jc->nfilled = 0;
}
