/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering and leaving generated code: thunks, exits, links, helper calls,
 * and the entry points of backend.h that deal with finished code.
 * The conventions are in tcg/README.
 */
#include "config.h"

#include <glib.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tcg/interp.h"
#include "tcg/x64-internal.h"
#include "util/jitmem.h"

#define ENV_OFF(field) ((int32_t)offsetof(struct tcg_env, field))
/* Not zero while generated code, or C called from it, runs. */
#define ENV_ACTIVE ENV_OFF(scratch[0])

static const int8_t pin_regs[] = { RBX, R12, R13, R14, R15, R8, R9, R10, R11 };
static const int8_t saved_regs[] = { RBX, RBP, R12, R13, R14, R15 };
enum { MAX_PINS = sizeof(pin_regs), HOST_MXCSR = 0x1f80, MXCSR_FLAGS = 0x3f };

static struct x64_mem env_mem(int32_t offset)
{
    return x64_m(ENV, offset);
}

void x64_call_c(struct x64_buf *b, const void *fn)
{
    if (x64_call_abs(b, fn))
        return;
    x64_mov_ri(b, RAX, (uintptr_t)fn);
    x64_call_r(b, RAX);
}

void x64_jmp_thunk(struct x64 *c, enum x64_thunk t)
{
    bool near = x64_jmp_abs(&c->b, c->be->thunk[t]);

    ir_assert(near, "code cache is larger than 2 GiB");
}

static void jcc_thunk(struct x64 *c, enum x64_cc cc, enum x64_thunk t)
{
    bool near = x64_jcc_abs(&c->b, cc, c->be->thunk[t]);

    ir_assert(near, "code cache is larger than 2 GiB");
}

/* --- pins -------------------------------------------------------------- */

static bool caller_saved(int reg)
{
    return C_POOL_CALLER >> reg & 1;
}

static void pin_store(struct x64_buf *b, const struct ra *ra, unsigned p)
{
    x64_store_reg(b, ra->pin_type[p], ra->pin_reg[p],
                  env_mem(ra->pin_offset[p]));
}

static void pin_load(struct x64_buf *b, const struct ra *ra, unsigned p)
{
    x64_load_reg(b, ra->pin_type[p], ra->pin_reg[p],
                 env_mem(ra->pin_offset[p]));
}

uint32_t x64_pins_caller_saved(const struct x64 *c)
{
    uint32_t mask = 0;

    for (unsigned p = 0; p < c->ra->npins; p++)
        if (caller_saved(c->ra->pin_reg[p]))
            mask |= 1u << p;
    return mask;
}

void x64_pins_store(struct x64 *c, uint32_t mask)
{
    for (unsigned p = 0; p < c->ra->npins; p++)
        if ((mask & ~c->ra->pin_clean) >> p & 1)
            pin_store(&c->b, c->ra, p);
    c->ra->pin_clean |= mask;
}

void x64_pins_load(struct x64 *c, uint32_t mask)
{
    for (unsigned p = 0; p < c->ra->npins; p++)
        if (mask >> p & 1)
            pin_load(&c->b, c->ra, p);
}

/* --- thunks ------------------------------------------------------------ */

/* void enter(env: rdi, code: rsi) */
static void thunk_enter(struct backend *be, struct x64_buf *b)
{
    for (unsigned i = 0; i < sizeof(saved_regs); i++)
        x64_push(b, saved_regs[i]);
    x64_alu_ri(b, A_SUB, S64, RSP, F_SIZE);
    x64_mov_rr(b, S64, ENV, RDI);
    x64_mov_mi(b, S32, env_mem(ENV_OFF(host_mxcsr)), HOST_MXCSR);
    x64_ldmxcsr(b, env_mem(ENV_OFF(mxcsr[0])));
    x64_mov_mi(b, S64, env_mem(ENV_ACTIVE), 1);
    for (unsigned p = 0; p < be->ra.npins; p++)
        pin_load(b, &be->ra, p);
    x64_jmp_r(b, RSI);
}

/*
 * The host's MXCSR gets the guest's sticky flags, which C does not look at:
 * the first STMXCSR that finds other flags than the one before it costs 30 to
 * 100 ns.
 */
static void leave_mxcsr(struct x64_buf *b)
{
    x64_stmxcsr(b, env_mem(ENV_OFF(mxcsr[0])));
    x64_mov_rm(b, S32, RAX, env_mem(ENV_OFF(mxcsr[0])));
    x64_alu_ri(b, A_AND, S32, RAX, MXCSR_FLAGS);
    x64_alu_ri(b, A_OR, S32, RAX, HOST_MXCSR);
    x64_mov_mr(b, S32, env_mem(ENV_OFF(host_mxcsr)), RAX);
    x64_ldmxcsr(b, env_mem(ENV_OFF(host_mxcsr)));
}

/* Leave; T_EXIT_LINK has pc in rsi and the tcg_link in rdi, T_EXIT_PC pc in
 * rsi, T_EXIT found env->pc stored already. */
static void thunk_exits(struct backend *be, struct x64_buf *b)
{
    be->thunk[T_EXIT_PC] = x64_exec(b);
    x64_mov_mr(b, S64, env_mem(ENV_OFF(pc)), RSI);
    be->thunk[T_EXIT] = x64_exec(b);
    x64_alu_rr(b, A_XOR, S32, RDI, RDI);
    x64_mov_rm(b, S64, RSI, env_mem(ENV_OFF(pc)));
    be->thunk[T_EXIT_LINK] = x64_exec(b);
    x64_mov_mr(b, S64, env_mem(ENV_OFF(pc)), RSI);
    x64_mov_mr(b, S64, env_mem(ENV_OFF(exit_link)), RDI);
    for (unsigned p = 0; p < be->ra.npins; p++)
        pin_store(b, &be->ra, p);
    leave_mxcsr(b);
    x64_mov_mi(b, S64, env_mem(ENV_ACTIVE), 0);
    x64_alu_ri(b, A_ADD, S64, RSP, F_SIZE);
    for (unsigned i = sizeof(saved_regs); i-- > 0;)
        x64_pop(b, saved_regs[i]);
    x64_ret(b);
}

/* JC_INDEX(rsi) * sizeof(entry) in eax: both shifts leave bits 4 and up in place. */
static void hash_pc(struct x64_buf *b)
{
    enum { ENTRY_SHIFT = 4 };

    G_STATIC_ASSERT(sizeof(struct jc_entry) == 1 << ENTRY_SHIFT);
    x64_lea(b, S32, RAX, x64_mi(X64_NOREG, RSI, ENTRY_SHIFT - JC_SHIFT1, 0));
    x64_mov_rr(b, S32, RCX, RSI);
    x64_shift_i(b, SH_SHR, S32, RCX, JC_SHIFT2 - ENTRY_SHIFT);
    x64_alu_rr(b, A_XOR, S32, RAX, RCX);
    x64_alu_ri(b, A_AND, S32, RAX, (JC_SIZE - 1) << ENTRY_SHIFT);
}

/* env->pc is stored: see whether the machine core has code to go on with. */
static void thunk_exit_main(struct backend *be, struct x64_buf *b)
{
    bool near;

    be->thunk[T_EXIT_MAIN] = be->thunk[T_EXIT];
    if (!be->config.mem || !be->config.mem->next)
        return;
    be->thunk[T_EXIT_MAIN] = x64_exec(b);
    for (unsigned p = 0; p < be->ra.npins; p++)
        pin_store(b, &be->ra, p);
    x64_mov_rr(b, S64, RDI, ENV);
    x64_call_c(b, (const void *)be->config.mem->next);
    for (unsigned p = 0; p < be->ra.npins; p++)
        pin_load(b, &be->ra, p);
    x64_test_rr(b, S64, RAX, RAX);
    near = x64_jcc_abs(b, XC_E, be->thunk[T_EXIT]);
    ir_assert(near, "thunk out of reach");
    x64_jmp_r(b, RAX);
}

/* The jump cache has something else for the pc in rsi: look at what its entry held before, then ask the machine core. */
static void thunk_older(struct backend *be, struct x64_buf *b)
{
    int32_t older = offsetof(struct jump_cache, older);
    struct x64_label other;
    bool near;

    be->thunk[T_LOOK_OLDER] = x64_exec(b);
    x64_label_init(&other);
    hash_pc(b);
    x64_alu_rm(b, A_ADD, S64, RAX, env_mem(ENV_OFF(jc)));
    x64_alu_mr(b, A_CMP, S64, x64_m(RAX, older), RSI);
    x64_jcc(b, XC_NE, &other);
    x64_jmp_m(b, x64_m(RAX, older + offsetof(struct jc_entry, code)));
    x64_bind(b, &other);
    x64_mov_mr(b, S64, env_mem(ENV_OFF(pc)), RSI);
    if (be->config.mem && be->config.mem->find) {
        for (unsigned p = 0; p < be->ra.npins; p++)
            pin_store(b, &be->ra, p);
        x64_mov_rr(b, S64, RDI, ENV);
        x64_call_c(b, (const void *)be->config.mem->find);
        for (unsigned p = 0; p < be->ra.npins; p++)
            if (caller_saved(be->ra.pin_reg[p]))
                pin_load(b, &be->ra, p);
        x64_test_rr(b, S64, RAX, RAX);
        near = x64_jcc_abs(b, XC_E, be->thunk[T_EXIT]);
        ir_assert(near, "thunk out of reach");
        x64_jmp_r(b, RAX);
        return;
    }
    near = x64_jmp_abs(b, be->thunk[T_EXIT]);
    ir_assert(near, "thunk out of reach");
}

/*
 * Slow paths of guest memory.  A stub pushes pc, aux, oi and the address and
 * calls; values pass through F_VAL and F_BLOCK.  All registers of the pool and
 * all pins are preserved, all pins and pc are in env for the C function.
 * The stack inside, in words from rsp: saved registers (nsave, plus one word
 * of padding if that is even), return address, address, oi, aux, pc, frame.
 */
enum { SLOW_ADDR = 1, SLOW_OI, SLOW_AUX, SLOW_PC, SLOW_WORDS };

static void slow_args(struct x64_buf *b, enum x64_thunk t, int32_t base,
                      int32_t frame)
{
    x64_mov_rr(b, S64, RDI, ENV);
    x64_mov_rm(b, S64, RSI, x64_m(RSP, base + 8 * SLOW_ADDR));
    switch (t) {
    case T_LD:
        x64_mov_rm(b, S32, RDX, x64_m(RSP, base + 8 * SLOW_OI));
        break;
    case T_ST:
    case T_RMW:
        x64_mov_rm(b, S64, RDX, x64_m(RSP, frame + F_VAL));
        x64_mov_rm(b, S32, RCX, x64_m(RSP, base + 8 * SLOW_OI));
        break;
    case T_CAS:
        x64_mov_rm(b, S64, RDX, x64_m(RSP, frame + F_VAL));
        x64_mov_rm(b, S64, RCX, x64_m(RSP, frame + F_VAL + 8));
        x64_mov_rm(b, S32, R8, x64_m(RSP, base + 8 * SLOW_OI));
        break;
    default:        /* blocks: the count is in F_VAL */
        x64_lea(b, S64, RDX, x64_m(RSP, frame + F_BLOCK));
        x64_mov_rm(b, S32, RCX, x64_m(RSP, frame + F_VAL));
        x64_mov_rm(b, S32, R8, x64_m(RSP, base + 8 * SLOW_OI));
        break;
    }
}

static void thunk_slow(struct backend *be, struct x64_buf *b,
                       enum x64_thunk t, const void *fn)
{
    bool pad = !(be->nsave & 1);
    int32_t base = 8 * (be->nsave + pad), frame = base + 8 * SLOW_WORDS;

    be->thunk[t] = x64_exec(b);
    if (pad)
        x64_push(b, RAX);
    for (unsigned i = 0; i < be->nsave; i++)
        x64_push(b, be->save_reg[i]);
    for (unsigned p = 0; p < be->ra.npins; p++)
        pin_store(b, &be->ra, p);
    if (be->config.target->addr_type == I32) {  /* else the stub stored it */
        x64_mov_rm(b, S32, RAX, x64_m(RSP, base + 8 * SLOW_PC));
        x64_mov_mr(b, S64, env_mem(ENV_OFF(pc)), RAX);
    }
    x64_mov_rm(b, S32, RAX, x64_m(RSP, base + 8 * SLOW_AUX));
    x64_mov_mr(b, S32, env_mem(ENV_OFF(aux)), RAX);
    slow_args(b, t, base, frame);
    x64_call_c(b, fn);
    if (t == T_LD || t == T_CAS || t == T_RMW)
        x64_mov_mr(b, S64, x64_m(RSP, frame + F_VAL), RAX);
    for (unsigned p = 0; p < be->ra.npins; p++)
        if (caller_saved(be->ra.pin_reg[p]))
            pin_load(b, &be->ra, p);
    for (unsigned i = be->nsave; i-- > 0;)
        x64_pop(b, be->save_reg[i]);
    if (pad)
        x64_alu_ri(b, A_ADD, S64, RSP, 8);
    x64_ret(b);
}

/*
 * Evaluate an op in C: its struct x64_eval was pushed, operands are in
 * F_BLOCK, the result comes to EVAL_OUT.  Preserves general registers.
 */
static void thunk_eval(struct backend *be, struct x64_buf *b)
{
    bool pad = be->nsave & 1;
    int32_t base = 8 * (be->nsave + pad), frame = base + 16;

    be->thunk[T_EVAL] = x64_exec(b);
    if (pad)
        x64_push(b, RAX);
    for (unsigned i = 0; i < be->nsave; i++)
        x64_push(b, be->save_reg[i]);
    for (unsigned p = 0; p < be->ra.npins; p++)
        if (caller_saved(be->ra.pin_reg[p]))
            pin_store(b, &be->ra, p);
    x64_mov_rr(b, S64, RDI, ENV);
    x64_mov_rm(b, S64, RSI, x64_m(RSP, base + 8));
    x64_lea(b, S64, RDX, x64_m(RSI, offsetof(struct x64_eval, in_type)));
    x64_lea(b, S64, RCX, x64_m(RSP, frame + EVAL_OUT));
    x64_lea(b, S64, R8, x64_m(RSP, frame + F_BLOCK));
    x64_call_c(b, (const void *)interp_eval);
    for (unsigned p = 0; p < be->ra.npins; p++)
        if (caller_saved(be->ra.pin_reg[p]))
            pin_load(b, &be->ra, p);
    for (unsigned i = be->nsave; i-- > 0;)
        x64_pop(b, be->save_reg[i]);
    if (pad)
        x64_alu_ri(b, A_ADD, S64, RSP, 8);
    x64_ret(b);
}

/* x64_redo on all vector registers.  rax: the data; its value has been pushed
 * and stays there.  Preserves what C clobbers. */
static void thunk_redo(struct backend *be, struct x64_buf *b)
{
    bool pad = be->nsave & 1;
    int32_t xmm = 8 * (be->nsave + pad + 2) + F_XSAVE;

    be->thunk[T_REDO] = x64_exec(b);
    if (pad)
        x64_push(b, RAX);
    for (unsigned i = 0; i < be->nsave; i++)
        x64_push(b, be->save_reg[i]);
    for (unsigned p = 0; p < be->ra.npins; p++)
        if (caller_saved(be->ra.pin_reg[p]))
            pin_store(b, &be->ra, p);
    for (int i = 0; i < 16; i++)
        x64_store_reg(b, V128, XMM0 + i, x64_m(RSP, xmm + 16 * i));
    x64_mov_rr(b, S64, RDI, ENV);
    x64_mov_rr(b, S64, RSI, RAX);
    x64_lea(b, S64, RDX, x64_m(RSP, xmm));
    x64_call_c(b, (const void *)x64_redo);
    for (int i = 0; i < 16; i++)
        x64_load_reg(b, V128, XMM0 + i, x64_m(RSP, xmm + 16 * i));
    for (unsigned p = 0; p < be->ra.npins; p++)
        if (caller_saved(be->ra.pin_reg[p]))
            pin_load(b, &be->ra, p);
    for (unsigned i = be->nsave; i-- > 0;)
        x64_pop(b, be->save_reg[i]);
    if (pad)
        x64_alu_ri(b, A_ADD, S64, RSP, 8);
    x64_ret(b);
}

bool x64_emit_thunks(struct backend *be, struct x64_buf *b)
{
    const struct tcg_mem_ops *m = be->config.mem;

    be->thunk[T_ENTER] = x64_exec(b);
    thunk_enter(be, b);
    thunk_exits(be, b);
    thunk_older(be, b);
    thunk_exit_main(be, b);
    thunk_eval(be, b);
    thunk_redo(be, b);
    if (m) {
        thunk_slow(be, b, T_LD, m->ld);
        thunk_slow(be, b, T_ST, m->st);
        thunk_slow(be, b, T_LD_BLOCK, m->ld_block);
        thunk_slow(be, b, T_ST_BLOCK, m->st_block);
        thunk_slow(be, b, T_CAS, m->cas);
        thunk_slow(be, b, T_RMW, m->rmw);
        for (unsigned v = 0; v < TLB_VIEWS; v++) {
            x64_emit_look_up(be, b, v, false);
            x64_emit_look_up(be, b, v, true);
        }
    }
    return !b->overflow;
}

/* --- making a backend -------------------------------------------------- */

static int32_t sp_offset(const struct ir_target *target)
{
    for (unsigned i = 0; i < target->nslots; i++)
        if (!strcmp(target->slots[i].name, "sp"))
            return target->slots[i].offset;
    return -1;
}

static void choose_pins(struct ra *ra, const struct ir_target *target)
{
    ra->npins = 0;
    for (unsigned i = 0; i < target->nslots; i++) {
        const struct ir_slot *s = &target->slots[i];

        if (s->pin < 0 || s->pin >= MAX_PINS)
            continue;
        ir_assert(s->type == I32 || s->type == I64, "pinned slot %s: type %d",
                  s->name, s->type);
        ra->pin_reg[ra->npins] = pin_regs[s->pin];
        ra->pin_offset[ra->npins] = s->offset;
        ra->pin_type[ra->npins] = s->type;
        ra->npins++;
    }
}

static void choose_pool(struct backend *be)
{
    uint32_t general = 0xffff & ~(1u << RSP | 1u << ENV);

    for (unsigned p = 0; p < be->ra.npins; p++)
        general &= ~(1u << be->ra.pin_reg[p]);
    be->ra.pool[RA_GENERAL] = general;
    be->ra.pool[RA_VECTOR] = C_POOL_VEC;
    be->nsave = 0;
    for (int r = 0; r < 16; r++)
        if ((general >> r & 1) && caller_saved(r))
            be->save_reg[be->nsave++] = r;
}

/* Levels of the x86-64 psABI. */
static void limit_features(struct x64_features *f, unsigned level)
{
    struct x64_features have = *f;

    if (level == 0)
        return;
    memset(f, 0, sizeof(*f));
    if (level == 2) {
        f->ssse3 = have.ssse3;
        f->sse41 = have.sse41;
        f->sse42 = have.sse42;
        f->popcnt = have.popcnt;
        f->cx16 = have.cx16;
    }
}

struct backend *backend_new(const struct tcg_config *config,
                            struct jitmem *mem)
{
    struct backend *be = g_new0(struct backend, 1);
    struct x64_buf b;
    uint64_t seed;
    bool ok;

    be->config = *config;
    be->mem = mem;
    x64_detect(&be->cpu);
    limit_features(&be->cpu, config->host_level);
    choose_pins(&be->ra, config->target);
    be->sp_offset = sp_offset(config->target);
    choose_pool(be);
    be->ra.host = &x64_ra_host;
    seed = config->random_ra;
    if (!seed && getenv("TCG_RANDOM_RA"))
        seed = strtoull(getenv("TCG_RANDOM_RA"), NULL, 0);
    if (seed) {
        be->ra.randomise = true;
        rng_init(&be->ra.rng, seed);
    }
    x64_buf_init(&b, mem->rw, MIN(mem->size, 65536), mem->rx - mem->rw);
    ok = x64_emit_thunks(be, &b);
    ir_assert(ok, "thunks do not fit");
    be->code_start = (x64_used(&b) + 63) & ~(size_t)63;
    return be;
}

void backend_free(struct backend *be)
{
    g_free(be);
}

size_t backend_code_start(const struct backend *be)
{
    return be->code_start;
}

void backend_enter(struct backend *be, struct tcg_env *env, void *entry)
{
    void (*enter)(struct tcg_env *, void *) = (void *)be->thunk[T_ENTER];

    enter(env, entry);
}

/* C code called from generated code runs with env 0's MXCSR live. */
void backend_left_by_jump(struct backend *be, struct tcg_env *env)
{
    (void)be;
    if (!env->scratch[0])
        return;
    env->mxcsr[0] = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(env->host_mxcsr);
    env->scratch[0] = NULL;
}

/* --- patching ---------------------------------------------------------- */

/* SAFETY: the field is 4-aligned in code that stays mapped until a flush, so
 * the store is atomic; other threads run the old or the new target. */
void backend_patch_link(struct backend *be, struct tcg_link *link,
                        const void *target)
{
    int32_t *field = jitmem_write_ptr(be->mem, link->jump);
    int32_t rel = (const uint8_t *)target - (link->jump + 4);

    __atomic_store_n(field, rel, __ATOMIC_RELEASE);
}

/*
 * A region is preceded by 16 bytes: movabs rsi, pc; jmp T_EXIT_PC; and begins
 * with a 5-byte nop that a jump to them replaces.
 */
enum { KILL_STUB = 16, KILL_PC = 2, ENTRY_NOP = 5 };

/* SAFETY: entry is 16-aligned, so the jump is put in place by one atomic
 * store of 8 bytes; the pc before it is complete by then. */
void backend_kill(struct backend *be, void *entry, uint64_t pc)
{
    uint8_t *rw = jitmem_write_ptr(be->mem, entry);
    uint64_t word;
    uint8_t jump[ENTRY_NOP] = { 0xe9 };
    int32_t rel = -KILL_STUB - ENTRY_NOP;

    memcpy(rw - KILL_STUB + KILL_PC, &pc, 8);
    memcpy(&word, rw, 8);
    memcpy(jump + 1, &rel, 4);
    memcpy(&word, jump, ENTRY_NOP);
    __atomic_store_n((uint64_t *)rw, word, __ATOMIC_RELEASE);
}

/* The kill stub and the nop; leaves the buffer after the entry. */
void x64_out_entry(struct x64 *c)
{
    static const uint8_t movabs_rsi[2] = { 0x48, 0xbe };
    uint64_t pc = c->ir->entry_pc;

    x64_data(&c->b, movabs_rsi, 2);
    x64_data(&c->b, &pc, 8);
    x64_jmp_thunk(c, T_EXIT_PC);
    x64_nop(&c->b, 1);
    c->out->entry = (void *)x64_exec(&c->b);
    x64_nop(&c->b, ENTRY_NOP);
}

/* --- exits ------------------------------------------------------------- */

static void tail_exit_pc(struct x64 *c, struct x64_tail *t)
{
    x64_mov_ri(&c->b, RSI, t->arg[0]);
    x64_jmp_thunk(c, T_EXIT_PC);
}

static void poll(struct x64 *c, uint64_t pc)
{
    struct x64_tail *t = x64_tail_new(c, NULL, tail_exit_pc);

    t->arg[0] = pc;
    x64_alu_mi(&c->b, A_CMP, S32, env_mem(ENV_OFF(exit_request)), 0);
    x64_jcc(&c->b, XC_NE, &t->entry);
}

static void tail_unlinked(struct x64 *c, struct x64_tail *t)
{
    struct tcg_link *link = (struct tcg_link *)(uintptr_t)t->arg[0];

    link->unlinked = (uint8_t *)x64_exec(&c->b);
    x64_mov_ri(&c->b, RSI, link->pc);
    x64_mov_ri(&c->b, RDI, (uintptr_t)link);
    x64_jmp_thunk(c, T_EXIT_LINK);
}

/* A new link whose rel32 comes after `opcode` more bytes; NULL: none free.
 * Aligns so that the field can be patched atomically. */
static struct x64_tail *new_link(struct x64 *c, uint64_t pc, unsigned opcode)
{
    struct tcg_link *link;
    struct x64_tail *t;

    if (c->out->nlinks == TCG_MAX_LINKS)
        return NULL;
    link = &c->out->links[c->out->nlinks++];
    link->pc = pc;
    x64_nop(&c->b, -((uintptr_t)c->b.p + opcode) & 3);
    link->jump = (uint8_t *)x64_exec(&c->b) + opcode;
    t = x64_tail_new(c, NULL, tail_unlinked);
    t->arg[0] = (uintptr_t)link;
    return t;
}

/* The label of a tail is not bound yet, so these are rel32 forms. */
bool x64_jcc_link(struct x64 *c, enum x64_cc cc, uint64_t pc)
{
    struct x64_tail *t = new_link(c, pc, 2);

    if (!t)
        return false;
    x64_jcc(&c->b, cc, &t->entry);
    return true;
}

void x64_out_exit_link(struct x64 *c, const struct ir_op *op)
{
    struct x64_tail *t;

    if (op->c[1])
        poll(c, op->c[0]);
    t = new_link(c, op->c[0], 1);
    if (t) {
        x64_jmp(&c->b, &t->entry);
    } else {
        x64_mov_ri(&c->b, RSI, op->c[0]);
        x64_jmp_thunk(c, T_EXIT_PC);
    }
}

/* rsi holds the tagged pc; poll before looking. */
static void poll_direct(struct x64 *c)
{
    x64_alu_mi(&c->b, A_CMP, S32, env_mem(ENV_OFF(exit_request)), 0);
    jcc_thunk(c, XC_NE, T_EXIT_PC);
}

void x64_out_exit_far(struct x64 *c, const struct ir_op *op)
{
    int32_t at = JC_INDEX(op->c[0]) * sizeof(struct jc_entry);
    struct x64_buf *b = &c->b;

    x64_mov_ri(b, RSI, op->c[0]);
    poll_direct(c);
    x64_mov_rm(b, S64, RAX, env_mem(ENV_OFF(jc)));
    x64_alu_mr(b, A_CMP, S64, x64_m(RAX, at), RSI);
    jcc_thunk(c, XC_NE, T_LOOK_OLDER);
    x64_jmp_m(b, x64_m(RAX, at + offsetof(struct jc_entry, code)));
}

/*
 * Returns take this path, too.  A return stack (push at the call: pc and a
 * linked jump to it; pop, compare and jump at the return) was measured beside
 * it: fib 0.69 s against 0.55, qsort 0.73 against 0.65, dhrystone 0.56 against
 * 0.47.  The push costs more than the probe saves, and the host predicts the
 * jump through the cache as well.  So ret_push emits nothing.
 */
void x64_out_exit_ind(struct x64 *c, const struct ir_op *op)
{
    struct x64_place p = x64_place_of(c, ir_ins(op)[0]);
    struct x64_buf *b = &c->b;

    x64_load_place(c, RSI, &p);
    poll_direct(c);
    hash_pc(b);
    x64_alu_rm(b, A_ADD, S64, RAX, env_mem(ENV_OFF(jc)));
    x64_alu_mr(b, A_CMP, S64, x64_m(RAX, 0), RSI);
    jcc_thunk(c, XC_NE, T_LOOK_OLDER);
    x64_jmp_m(b, x64_m(RAX, offsetof(struct jc_entry, code)));
}

void x64_out_exit_main(struct x64 *c, const struct ir_op *op)
{
    (void)op;
    x64_jmp_thunk(c, T_EXIT_MAIN);
}

/* --- helper calls ------------------------------------------------------ */

static const int8_t arg_regs[HELPER_MAX_ARGS] = { RDI, RSI, RDX, RCX, R8, R9 };

/* env->pc and env->aux of the instruction being translated. */
void x64_env_pc(struct x64 *c)
{
    if ((int64_t)c->pc == (int32_t)c->pc) {
        x64_mov_mi(&c->b, S64, env_mem(ENV_OFF(pc)), c->pc);
    } else {
        x64_mov_mi(&c->b, S32, env_mem(ENV_OFF(pc)), c->pc);
        x64_mov_mi(&c->b, S32, env_mem(ENV_OFF(pc) + 4), c->pc >> 32);
    }
    x64_mov_mi(&c->b, S32, env_mem(ENV_OFF(aux)), c->aux);
}

struct call_args {
    struct x64_place place[HELPER_MAX_ARGS];
    bool is_env[HELPER_MAX_ARGS];
    unsigned n;
};

static void collect_args(struct x64 *c, const struct ir_op *op,
                         struct call_args *a)
{
    const uint16_t *in = ir_ins(op);

    a->n = op->helper->nargs;
    for (unsigned i = 0; i < a->n; i++) {
        a->is_env[i] = op->helper->args[i] == HT_ENV;
        if (!a->is_env[i])
            a->place[i] = x64_place_of(c, *in++);
    }
}

static bool in_general_reg(const struct x64_place *p)
{
    return p->kind == PL_REG && p->reg < XMM0;
}

/* General registers to their argument registers, all at once. */
static void move_args(struct x64 *c, const struct call_args *a)
{
    struct ra_edge e = { 0 };
    struct ra_move moves[HELPER_MAX_ARGS];

    e.move = moves;
    for (unsigned i = 0; i < a->n; i++)
        if (!a->is_env[i] && in_general_reg(&a->place[i]))
            moves[e.nmove++] = (struct ra_move){
                .type = I64, .dst_reg = arg_regs[i],
                .src_reg = a->place[i].reg };
    ra_edge_emit(c->ra, &e);
}

/* V128 arguments go by address: to the block area first. */
static void store_vectors(struct x64 *c, const struct call_args *a)
{
    for (unsigned i = 0; i < a->n; i++) {
        if (!a->is_env[i] && a->place[i].type == V128)
            x64_place_to_mem(c, &a->place[i], F_BLOCK + 16 * i);
    }
}

static void other_args(struct x64 *c, const struct call_args *a)
{
    for (unsigned i = 0; i < a->n; i++) {
        struct x64_place p = a->place[i];

        if (a->is_env[i])
            x64_mov_rr(&c->b, S64, arg_regs[i], ENV);
        else if (p.type == V128)
            x64_lea(&c->b, S64, arg_regs[i], x64_m(RSP, F_BLOCK + 16 * i));
        else if (p.kind == PL_REG && p.reg >= XMM0)
            x64_sse_rr(&c->b, p.type == F32 ? X_MOVD_ST : X_MOVQ_G_ST,
                       xnum(p.reg), arg_regs[i], 0);
        else if (p.kind != PL_REG)
            x64_load_place(c, arg_regs[i], &p);
    }
}

static void take_result(struct x64 *c, const struct ir_op *op)
{
    uint16_t v = ir_outs(op)[0];
    int type = c->ra->val[v].type, d;

    if (ra_class_of(type) == RA_GENERAL) {
        if (type != I64)        /* C leaves the upper half undefined */
            x64_mov_rr(&c->b, S32, RAX, RAX);
        ra_fixed(c->ra, RAX);
        ra_def_in(c->ra, v, RAX);
        return;
    }
    d = ra_def(c->ra, v);
    x64_sse_rr(&c->b, type == F32 ? X_MOVD : X_MOVQ_G, xnum(d), RAX, 0);
}

/*
 * Everything in caller-saved registers is gone afterwards.  A helper that is
 * not pure sees the state: pins and pc go to env; one that writes state makes
 * all that is known of state void.
 */
void x64_out_call(struct x64 *c, const struct ir_op *op)
{
    unsigned flags = op->helper->flags;
    bool sees = flags & (HF_READS | HF_WRITES | HF_FAULTS | HF_NORETURN);
    uint32_t pins = sees ? (1u << c->ra->npins) - 1
                         : x64_pins_caller_saved(c);
    struct call_args a;

    collect_args(c, op, &a);
    ra_inputs_done(c->ra);
    if (flags & HF_WRITES)
        ra_forget_state(c->ra);     /* may load values into registers */
    ra_save_regs(c->ra, C_POOL_CALLER | C_POOL_VEC);
    x64_pins_store(c, pins);
    if (!(flags & HF_PURE))
        x64_env_pc(c);
    store_vectors(c, &a);
    move_args(c, &a);
    other_args(c, &a);
    x64_call_c(&c->b, op->helper->fn);
    if (flags & HF_NORETURN) {
        ra_exit(c->ra);
        return;
    }
    x64_pins_load(c, flags & HF_WRITES ? pins : x64_pins_caller_saved(c));
    if (op->nout)
        take_result(c, op);
}
