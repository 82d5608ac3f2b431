/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The translator as the machine core uses it: a region of IR in, host code out, run it, link it, kill it.
 *
 * One tcg_ctx per machine. tcg_compile, tcg_link, tcg_unlink, tcg_kill and tcg_flush are called with the caller's
 * translation lock held; tcg_run by each vCPU thread without it.
 */
#ifndef TCG_COMPILE_H
#define TCG_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tcg/env.h"
#include "tcg/ir.h"
#include "tcg/helper.h"

/* Slow paths of guest memory, from the soft MMU. Called from generated code and from the interpreter, on
 * the vCPU's thread, with all guest state in place (env->pc, env->aux too). They may leave by the machine core's
 * longjmp when the access faults. oi = memop | view << 16 | rmw << 24. */
struct tcg_mem_ops {
    /* value zero or sign extended to 64 bits as the memop says */
    uint64_t (*ld)(struct tcg_env *env, uint64_t addr, uint32_t oi);
    void (*st)(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi);
    /* n elements of the memop's size (up to 16 bytes), each already in host order in buf, packed */
    void (*ld_block)(struct tcg_env *env, uint64_t addr, void *buf, uint32_t n, uint32_t oi);
    void (*st_block)(struct tcg_env *env, uint64_t addr, const void *buf, uint32_t n, uint32_t oi);
    uint64_t (*cas)(struct tcg_env *env, uint64_t addr, uint64_t expect, uint64_t v, uint32_t oi);
    uint64_t (*rmw)(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi);
    /* A jump to env->pc that no jump cache knows: its code, or NULL to leave generated code. May be NULL. */
    void *(*find)(struct tcg_env *env);
    /* exit_main, with all state in env: what the main loop would do if nobody waits for it; code to go on with, or NULL to leave. */
    void *(*next)(struct tcg_env *env);
};
#define TCG_OI(memop, view) ((uint32_t)(memop) | (uint32_t)(view) << 16)
#define TCG_OI_RMW(memop, view, rmw) (TCG_OI(memop, view) | (uint32_t)(rmw) << 24)

/* A direct exit of a translation. Lives as long as the code. */
struct tcg_link {
    uint64_t pc;             /* tagged target */
    uint8_t *jump;           /* the patched rel32, executable view */
    uint8_t *unlinked;       /* where it points when not linked, executable view */
    /* The machine core's: the translation it belongs to, the one it goes to, the next link to that one. */
    void *owner, *target;
    struct tcg_link *next;
};

#define TCG_MAX_LINKS 16

/* What tcg_compile gives. */
struct tcg_code {
    void *entry;             /* executable view; 16-byte aligned; kept valid (but killed) until tcg_flush */
    uint32_t size : 24;      /* host bytes, with stubs */
    uint32_t nlinks : 8;
    uint32_t main_size;      /* from entry, without stubs and data */
    struct tcg_link *links;  /* in the code cache's metadata */
    const struct ir *ir;     /* config.keep: the region as the front end made it, until tcg_flush */
};

struct tcg_stats {
    uint64_t regions, guest_insns, ir_ops, host_bytes;
};

struct tcg_config {
    size_t cache_size;       /* bytes of code cache; 0: the default, 128 MiB */
    const struct ir_target *target;
    const struct tcg_mem_ops *mem;
    bool interpret;          /* no host code: tcg_run interprets (a copy of the IR is the code) */
    bool verify;             /* run ir_verify after every pass */
    bool perfmap;            /* write perf's map */
    bool keep;               /* keep each region's IR in its tcg_code, and push no returns */
    uint64_t random_ra;      /* seed of randomised register allocation, 0 off */
    unsigned host_level;     /* tests: use no more of the host than level 1 or 2 of its ABI; 0 all it has */
};

/* New translator; NULL with err set when no code memory can be had. */
struct tcg_ctx *tcg_ctx_new(const struct tcg_config *config, char **error);
void tcg_ctx_free(struct tcg_ctx *ctx);
struct ir *tcg_ir(struct tcg_ctx *ctx);         /* the context's builder */
const struct tcg_stats *tcg_stats(const struct tcg_ctx *ctx);

/* Passes, register allocation, emission. False: the code cache is full; tcg_flush and translate again. Logs
 * the topics ir, opt and out_asm. */
bool tcg_compile(struct tcg_ctx *ctx, struct ir *ir, struct tcg_code *out);

/* Drop all code. No vCPU may be in generated code. */
void tcg_flush(struct tcg_ctx *ctx);

/* Point a direct exit at code / back at its stub. Atomic: other vCPUs may run through it. */
void tcg_link(struct tcg_ctx *ctx, struct tcg_link *link, const struct tcg_code *to);
void tcg_unlink(struct tcg_ctx *ctx, struct tcg_link *link);
/* Make entry leave to the main loop with env->pc = pc whoever jumps to it (links, jump caches, return stacks). */
void tcg_kill(struct tcg_ctx *ctx, void *entry, uint64_t pc);

/* Run from entry until an exit. On return all state slots and env->pc are in place; env->exit_link is the tcg_link
 * that wants a target, or NULL. May be left by longjmp from a helper or memory slow path instead. */
void tcg_run(struct tcg_ctx *ctx, struct tcg_env *env, void *entry);

/* Generated code was left by a longjmp: give C its host modes back. Harmless at other times. */
void tcg_left_by_jump(struct tcg_env *env);

/* Host MXCSR words from env->fp[i] (after the target changed modes or sticky flags), and back: fold the sticky
 * flags that the host collected into env->fp[i].flags. _host: outside generated code; _live: from a helper, the
 * host register holds env->mxcsr[0]. */
void tcg_fp_to_host(struct tcg_env *env);
void tcg_fp_from_host(struct tcg_env *env);
void tcg_fp_to_live(struct tcg_env *env);
void tcg_fp_from_live(struct tcg_env *env);
/* An empty jump cache. */
struct jump_cache *tcg_jump_cache_new(void);
void tcg_jump_cache_clear(struct jump_cache *jc);
/* Enter code for tagged pc. The vCPU's own thread. */
void tcg_jump_cache_fill(struct jump_cache *jc, uint64_t pc, void *code);

#endif
