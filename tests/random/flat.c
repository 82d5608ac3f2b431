/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See flat.h. Stands in for softmmu and for the target's system side. */
#include "config.h"

#include <glib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "target-arm/a32.h"
#include "target-arm/a64.h"
#include "tcg/compile.h"
#include "tests/random/flat.h"
#include "util/bits.h"
#include "util/endian.h"

#define HELPER_INC "target-arm/helpers-sys.inc"
#include "tcg/helper-def.h"

#define TLB_ENTRIES 64
/* Regions that one case may enter before it counts as endless */
#define RUN_MAX 400

struct flat {
    struct arm_cpu arm;      /* first: env, cpu and this are one address */
    struct tcg_ctx *tcg;
    GHashTable *regions;     /* pc | mode << 40 to struct tcg_code */
    uint8_t code[CODE_SIZE] __attribute__((aligned(4096)));
    uint32_t window[WINDOW_SIZE / 4] __attribute__((aligned(4096)));
    uint32_t pristine[WINDOW_SIZE / 4];
    struct tlb_entry tlb[TLB_ENTRIES];
    struct flat_arch arch;
    uint64_t base;           /* added to the addresses of case.h */
    uint64_t slot_base;      /* of the running case */
    bool outside;            /* the case cannot be compared */
};

/* ---- Registers as the translator sees them ---- */

#define SLOT_R(n, pin) { "r" #n, ARM_OFF_R(n), I32, pin }
static const struct ir_slot slots[] = {
    SLOT_R(0, 0), SLOT_R(1, 1), SLOT_R(2, 2), SLOT_R(3, 3), SLOT_R(4, 5),
    SLOT_R(5, 6), SLOT_R(6, 7), SLOT_R(7, 8), SLOT_R(8, -1), SLOT_R(9, -1),
    SLOT_R(10, -1), SLOT_R(11, -1), SLOT_R(12, -1), SLOT_R(13, 4),
    SLOT_R(14, -1),
    { "flags", ARM_OFF(flags), FLAGS, -1 },
    { "q", ARM_OFF(q), I32, -1 },
    { "ge", ARM_OFF(ge), I32, -1 },
};

static const struct ir_target flat_target = {
    .name = "arm", .slots = slots, .nslots = G_N_ELEMENTS(slots),
    .addr_type = I32,
};

static uint32_t cpsr_of(const struct arm_cpu *a)
{
    uint32_t ge = 0, it = a->cpu.env.aux;

    for (int i = 0; i < 4; i++) {
        ge |= (a->ge >> 8 * i & 1) << i;
    }
    return (a->flags & FLAG_S ? PSR_N : 0) | (a->flags & FLAG_Z ? PSR_Z : 0) |
           (a->flags & FLAG_C ? PSR_C : 0) | (a->flags & FLAG_O ? PSR_V : 0) |
           a->q << 27 | ge << 16 | (it >> 2 & 0x3f) << 10 | (it & 3) << 25 |
           (a->cpu.env.pc & 1) << 5 | a->cpsr;
}

static void set_cpsr(struct arm_cpu *a, uint32_t v, uint32_t mask)
{
    v = (v & mask) | (cpsr_of(a) & ~mask);
    a->flags = (v & PSR_N ? FLAG_S : 0) | (v & PSR_Z ? FLAG_Z : 0) |
               (v & PSR_C ? FLAG_C : 0) | (v & PSR_V ? FLAG_O : 0);
    a->q = v >> 27 & 1;
    a->ge = 0;
    for (int i = 0; i < 4; i++) {
        a->ge |= (v >> (16 + i) & 1) * 0xffu << 8 * i;
    }
}

/* ---- What softmmu does ---- */

void cpu_raise(struct cpu *cpu, int n, uint32_t syndrome, uint64_t addr)
{
    cpu->exception = n;
    cpu->exception_syndrome = syndrome;
    cpu->exception_addr = addr;
    __builtin_longjmp(cpu->jump, 1);
}

static bool in_range(uint64_t addr, uint32_t n, uint64_t base, uint32_t size)
{
    return addr >= base && addr - base <= size - n;
}

static uint8_t *fetch_ptr(struct cpu *cpu, uint64_t va, uint32_t n)
{
    struct flat *f = (struct flat *)cpu;

    if (!in_range(va, n, f->base + CODE_BASE, CODE_SIZE)) {
        cpu_raise(cpu, ARM_EXC_PREFETCH_ABORT, 0, va);
    }
    return f->code + (va - f->base - CODE_BASE);
}

uint16_t cpu_fetch16(struct cpu *cpu, uint64_t va)
{
    return ld16_le(fetch_ptr(cpu, va, 2));
}

uint32_t cpu_fetch32(struct cpu *cpu, uint64_t va)
{
    return ld32_le(fetch_ptr(cpu, va, 4));
}

/* Make the next access to the page hit in generated code. */
static void fill_tlb(struct flat *f, uint64_t addr, const uint8_t *host)
{
    uint64_t page = addr & TLB_PAGE_MASK, i = TLB_INDEX(addr, TLB_ENTRIES - 1);

    f->tlb[i] = (struct tlb_entry) {
        .read = page, .exec = page, .write = page,
        .addend = (uintptr_t)host - addr,
    };
}

/* SAFETY: the pointer has n bytes behind it, inside code or window. */
static uint8_t *data_ptr(struct flat *f, uint64_t addr, uint32_t n,
                         uint32_t oi, bool write)
{
    uint32_t align = (oi & MO_ALIGN_MASK) >> MO_ALIGN_SHIFT;
    uint8_t *host = NULL;

    if (addr & ((1u << align) - 1)) {
        f->arm.cpu.exception_syndrome = 1;
        cpu_raise(&f->arm.cpu, ARM_EXC_DATA_ABORT, 1, addr);
    }
    if (in_range(addr, n, f->base + WINDOW_BASE, WINDOW_SIZE)) {
        host = (uint8_t *)f->window + (addr - f->base - WINDOW_BASE);
    } else if (!write && in_range(addr, n, f->slot_base, SLOT_SIZE)) {
        /* other slots have cases that one side may not have: no TLB entry */
        return f->code + (addr - f->base - CODE_BASE);
    } else {
        f->outside |= !in_range(addr, n, f->base + GUARD_BASE, GUARD_SIZE);
        cpu_raise(&f->arm.cpu, ARM_EXC_DATA_ABORT, 0, addr);
    }
    fill_tlb(f, addr, host);
    return host;
}

static uint64_t get(const uint8_t *p, uint32_t oi)
{
    bool be = oi & MO_BE, sign = oi & MO_SIGN;
    uint64_t v;

    switch (oi & MO_SIZE) {
    case MO_8:
        return sign ? (uint64_t)(int8_t)*p : *p;
    case MO_16:
        v = be ? ld16_be(p) : ld16_le(p);
        return sign ? (uint64_t)(int16_t)v : v;
    case MO_32:
        v = be ? ld32_be(p) : ld32_le(p);
        return sign ? (uint64_t)(int32_t)v : v;
    default:
        return be ? ld64_be(p) : ld64_le(p);
    }
}

static void put(uint8_t *p, uint64_t v, uint32_t oi)
{
    bool be = oi & MO_BE;

    switch (oi & MO_SIZE) {
    case MO_8:
        *p = (uint8_t)v;
        break;
    case MO_16:
        be ? st16_be(p, (uint16_t)v) : st16_le(p, (uint16_t)v);
        break;
    case MO_32:
        be ? st32_be(p, (uint32_t)v) : st32_le(p, (uint32_t)v);
        break;
    default:
        be ? st64_be(p, v) : st64_le(p, v);
        break;
    }
}

static struct flat *flat_of(struct tcg_env *env)
{
    return (struct flat *)(void *)env;
}

static uint64_t mem_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    return get(data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), oi, false),
               oi);
}

static void mem_st(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    put(data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), oi, true), v, oi);
}

static void mem_ld_block(struct tcg_env *env, uint64_t addr, void *buf,
                         uint32_t n, uint32_t oi)
{
    uint32_t size = 1u << (oi & MO_SIZE);
    uint8_t *p = data_ptr(flat_of(env), addr, n * size, oi, false), *q = buf;

    for (uint32_t i = 0; i < n * size; i += 8 < size ? 8 : size) {
        uint32_t one = size > 8 ? (oi & ~(unsigned)MO_SIZE) | MO_64 : oi;
        uint64_t v = get(p + i, one);

        memcpy(q + i, &v, size > 8 ? 8 : size);
    }
}

static void mem_st_block(struct tcg_env *env, uint64_t addr, const void *buf,
                         uint32_t n, uint32_t oi)
{
    uint32_t size = 1u << (oi & MO_SIZE);
    uint8_t *p = data_ptr(flat_of(env), addr, n * size, oi, true);
    const uint8_t *q = buf;

    for (uint32_t i = 0; i < n * size; i += 8 < size ? 8 : size) {
        uint32_t one = size > 8 ? (oi & ~(unsigned)MO_SIZE) | MO_64 : oi;
        uint64_t v = 0;

        memcpy(&v, q + i, size > 8 ? 8 : size);
        put(p + i, v, one);
    }
}

static uint64_t mem_cas(struct tcg_env *env, uint64_t addr, uint64_t expect,
                        uint64_t v, uint32_t oi)
{
    uint8_t *p = data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), oi, true);
    uint64_t old = get(p, oi);

    if (old == expect) {
        put(p, v, oi);
    }
    return old;
}

static uint64_t combine(enum ir_rmw rmw, uint64_t a, uint64_t b, unsigned bits)
{
    int64_t sa = (int64_t)(a << (64 - bits)), sb = (int64_t)(b << (64 - bits));
    uint64_t ua = (uint64_t)sa, ub = (uint64_t)sb;

    switch (rmw) {
    case RMW_XCHG:
        return b;
    case RMW_ADD:
        return a + b;
    case RMW_AND:
        return a & b;
    case RMW_OR:
        return a | b;
    case RMW_XOR:
        return a ^ b;
    case RMW_SMIN:
        return sa < sb ? a : b;
    case RMW_SMAX:
        return sa > sb ? a : b;
    case RMW_UMIN:
        return ua < ub ? a : b;
    default:
        return ua > ub ? a : b;
    }
}

static uint64_t mem_rmw(struct tcg_env *env, uint64_t addr, uint64_t v,
                        uint32_t oi)
{
    uint32_t size = 1u << (oi & MO_SIZE);
    uint8_t *p = data_ptr(flat_of(env), addr, size, oi, true);
    uint64_t old = get(p, oi & ~(unsigned)MO_SIGN);

    put(p, combine((enum ir_rmw)(oi >> 24), old, v, 8 * size), oi);
    return old;
}

static const struct tcg_mem_ops mem_ops = {
    mem_ld, mem_st, mem_ld_block, mem_st_block, mem_cas, mem_rmw, NULL, NULL,
};

/* ---- What the target's system side does, as far as User mode needs it ---- */

void helper_arm_raise(struct tcg_env *env, uint32_t exception, uint32_t syn)
{
    cpu_raise((struct cpu *)(void *)env, (int)exception, syn, 0);
}

void helper_a64_cas128(struct tcg_env *env, uint64_t addr, uint64_t first, uint64_t second, uint32_t oi)
{
    struct arm_cpu *a = ARM_ENV(env);
    uint8_t *p = data_ptr(flat_of(env), addr, 16, oi | MO_ALIGN_16, true);
    uint64_t old[2] = { ld64_le(p), ld64_le(p + 8) };

    if (old[0] == a->pair[0] && old[1] == a->pair[1]) {
        st64_le(p, first);
        st64_le(p + 8, second);
    }
    memcpy(a->pair, old, sizeof(old));
}

uint32_t helper_arm_cpsr_read(struct tcg_env *env)
{
    return cpsr_of(ARM_ENV(env));
}

void helper_arm_cpsr_write(struct tcg_env *env, uint32_t val, uint32_t mask)
{
    set_cpsr(ARM_ENV(env), val, mask & (PSR_NZCV | PSR_Q | PSR_GE));
}

void helper_arm_yield(struct tcg_env *env)
{
    (void)env;
}

void helper_arm_sev(struct tcg_env *env)
{
    (void)env;
}

uint32_t arm_fpscr_read(struct arm_cpu *a)
{
    uint32_t nzcv = a->fp_flags, f;

    tcg_fp_from_host(&a->cpu.env);
    f = a->cpu.env.fp[0].flags | a->cpu.env.fp[1].flags;
    return (a->fpscr & ~(PSR_NZCV | 1u << 27 | 0x9fu)) |
           (nzcv & FLAG_S ? PSR_N : 0) | (nzcv & FLAG_Z ? PSR_Z : 0) |
           (nzcv & FLAG_C ? PSR_C : 0) | (nzcv & FLAG_O ? PSR_V : 0) |
           (a->fpscr_qc[0] | a->fpscr_qc[1] ? 1u << 27 : 0) |
           (f & FP_INVALID ? 1 : 0) | (f & FP_DIVBYZERO ? 2 : 0) |
           (f & FP_OVERFLOW ? 4 : 0) | (f & FP_UNDERFLOW ? 8 : 0) |
           (f & FP_INEXACT ? 16 : 0) | (f & FP_INPUT_DENORMAL ? 128 : 0);
}

void arm_fpscr_write(struct arm_cpu *a, uint32_t v)
{
    static const uint8_t rounding[] = {
        FP_ROUND_NEAREST_EVEN, FP_ROUND_UP, FP_ROUND_DOWN, FP_ROUND_ZERO,
    };
    struct fp_env *e = a->cpu.env.fp;

    v &= ~(arm_has(a, ARM_FP16_ARITH) ? 0u : 1u << 19);
    a->fpscr = v & 0x07ff0000;
    a->fpscr_qc[0] = v >> 27 & 1;
    a->fpscr_qc[1] = 0;
    a->fp_flags = (v & PSR_N ? FLAG_S : 0) | (v & PSR_Z ? FLAG_Z : 0) |
                  (v & PSR_C ? FLAG_C : 0) | (v & PSR_V ? FLAG_O : 0);
    for (int i = 0; i < 2; i++) {
        e[i].tiny_before = 1;
        e[i].nan_rule = FP_NAN_SIGNALLING_FIRST;
        e[i].rounding = i ? FP_ROUND_NEAREST_EVEN : rounding[v >> 22 & 3];
        e[i].flush_inputs = e[i].flush_outputs = i || v >> 24 & 1;
        e[i].flush_half = v >> 19 & 1;
        e[i].half_alternative = v >> 26 & 1;
        e[i].default_nan = i || v >> 25 & 1;
        e[i].flags = 0;
    }
    e[0].flags = (v & 1 ? FP_INVALID : 0) | (v & 2 ? FP_DIVBYZERO : 0) |
                 (v & 4 ? FP_OVERFLOW : 0) | (v & 8 ? FP_UNDERFLOW : 0) |
                 (v & 16 ? FP_INEXACT : 0) |
                 (v & 128 ? FP_INPUT_DENORMAL : 0);
    tcg_fp_to_host(&a->cpu.env);
}

uint32_t helper_arm_fpscr_read(struct tcg_env *env)
{
    tcg_fp_from_live(env);
    return arm_fpscr_read(ARM_ENV(env));
}

void helper_arm_fpscr_write(struct tcg_env *env, uint32_t v)
{
    arm_fpscr_write(ARM_ENV(env), v);
    tcg_fp_to_live(env);
}

bool arm_trans_coproc(struct a32_ctx *s, const struct arm_coproc_insn *ci)
{
    (void)s;
    (void)ci;
    return false;
}

/* A64's system side as EL0 without any rights sees it */
bool arm64_trans_sysreg(struct a64_ctx *s, unsigned number, unsigned rt, bool read)
{
    if (number != CPU_SYSREG(3, 3, 0, 0, 7) || !read) {
        return false;
    }
    a64_set_reg(s, rt, a64_imm(s, true, 4));         /* DCZID_EL0 */
    return true;
}

bool arm64_trans_sys(struct a64_ctx *s, unsigned number, unsigned rt)
{
    (void)s;
    (void)number;
    (void)rt;
    return false;
}

void arm64_trans_cache_check(struct a64_ctx *s, unsigned number, unsigned rt)
{
    (void)s;
    (void)number;
    (void)rt;
}

bool arm64_trans_eret(struct a64_ctx *s)
{
    (void)s;
    return false;
}

bool arm64_trans_ereta(struct a64_ctx *s, bool key_b)
{
    (void)s;
    (void)key_b;
    return false;
}

bool arm64_trans_pstate(struct a64_ctx *s, unsigned op1, unsigned op2, unsigned imm)
{
    (void)s;
    (void)op1;
    (void)op2;
    (void)imm;
    return false;
}

void arm64_trans_fp_trap(struct a64_ctx *s)
{
    a64_raise(s, ARM_EXC_UNDEF, 0);
}

void arm64_trans_step(struct a64_ctx *s)
{
    (void)s;
}

void arm64_trans_bti(struct a64_ctx *s, uint32_t insn)
{
    (void)s;
    (void)insn;
}

void arm64_trans_sp_written(struct a64_ctx *s, bool odd)
{
    (void)s;
    (void)odd;
}

void arm64_trans_wait_check(struct a64_ctx *s, bool wfe)
{
    (void)s;
    (void)wfe;
}

/* Not reached in User mode */
#define NOT_HERE(ret, name, ...)                                  \
    ret helper_##name(struct tcg_env *env, ##__VA_ARGS__)         \
    {                                                             \
        (void)env;                                                \
        g_error("%s in User mode", __func__);                     \
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
NOT_HERE(uint32_t, arm_spsr_read)
NOT_HERE(void, arm_spsr_write, uint32_t v, uint32_t mask)
NOT_HERE(void, arm_exc_return, uint32_t pc, uint32_t psr)
NOT_HERE(uint32_t, arm_user_reg_read, uint32_t n)
NOT_HERE(void, arm_user_reg_write, uint32_t n, uint32_t v)
NOT_HERE(uint32_t, arm_banked_read, uint32_t n)
NOT_HERE(void, arm_banked_write, uint32_t n, uint32_t v)
NOT_HERE(uint32_t, arm_srs_sp, uint32_t mode)
NOT_HERE(void, arm_srs_set_sp, uint32_t mode, uint32_t v)
NOT_HERE(void, arm_wfi)
NOT_HERE(void, arm_wfe)
NOT_HERE(void, arm_coproc_check, uint32_t what)
NOT_HERE(void, arm_vmrs_check, uint32_t what)
NOT_HERE(void, arm_setend, uint32_t e)
NOT_HERE(uint32_t, arm_sysreg_read, uint32_t n)
NOT_HERE(void, arm_sysreg_write, uint32_t n, uint32_t v)
NOT_HERE(uint64_t, arm_sysreg_read64, uint32_t n)
NOT_HERE(void, arm_sysreg_write64, uint32_t n, uint64_t v)
NOT_HERE(uint64_t, a64_pauth, uint64_t ptr, uint64_t modifier, uint32_t what)
NOT_HERE(uint64_t, a64_xpac, uint64_t ptr, uint32_t data)
NOT_HERE(uint64_t, a64_pacga, uint64_t ptr, uint64_t modifier)
#pragma GCC diagnostic pop

/* ---- Running ---- */

static const enum arm_feature features_v7[] = {
    ARM_V6, ARM_V6K, ARM_V7, ARM_THUMB2, ARM_DIV_ARM, ARM_DIV_THUMB, ARM_VFP2, ARM_VFP3, ARM_VFP4, ARM_D32, ARM_NEON,
    ARM_NEON_FMA, ARM_FP16, ARM_LPAE, ARM_MP_EXT };
static const enum arm_feature features_v8[] = { ARM_V8, ARM_CRC32, ARM_V8_FP };
/* What a Neoverse N1 has */
static const enum arm_feature features_n1[] = {
    ARM_LSE, ARM_LRCPC, ARM_LOR, ARM_RDM, ARM_DOTPROD, ARM_FP16_ARITH, ARM_AES, ARM_PMULL, ARM_SHA1, ARM_SHA256,
};
static const enum arm_feature features_max[] = {
    ARM_LRCPC2, ARM_FLAGM, ARM_FLAGM2, ARM_SB, ARM_FHM, ARM_FCMA, ARM_JSCVT, ARM_FRINTTS, ARM_SHA512, ARM_SHA3, ARM_SM3,
    ARM_SM4,
};

#define ADD_FEATURES(a, list) add_features(a, list, G_N_ELEMENTS(list))
static void add_features(struct arm_cpu *a, const enum arm_feature *list, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        arm_set_feature(a, list[i], true);
    }
}

static void set_features(struct arm_cpu *a, struct flat_arch arch)
{
    ADD_FEATURES(a, features_v7);
    if (arch.a64 || arch.v8) {
        ADD_FEATURES(a, features_v8);
    }
    if (arch.a64) {
        ADD_FEATURES(a, features_n1);
    }
    if (arch.a64 && arch.v8) {
        ADD_FEATURES(a, features_max);
    }
}

struct flat *flat_new(bool interpret, uint64_t random_ra, struct flat_arch arch)
{
    struct flat *f = g_aligned_alloc0(1, sizeof(*f), 4096);
    struct tcg_config config = {
        .cache_size = 32 << 20, .target = arch.a64 || arch.wide ? &arm64_ir_target : &flat_target, .mem = &mem_ops,
        .interpret = interpret, .verify = true, .random_ra = random_ra,
    };
    struct tcg_env *env = &f->arm.cpu.env;
    char *error = NULL;

    f->tcg = tcg_ctx_new(&config, &error);
    if (!f->tcg) {
        g_error("%s", error);
    }
    f->regions = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                       g_free);
    env->tcg = f->tcg;
    env->jc = tcg_jump_cache_new();
    env->site_tag = (uint64_t)1 << TLB_SITE_SHIFT;
#if defined(__x86_64__)
    env->host_mxcsr = _mm_getcsr();
#endif
    for (int i = 0; i < TLB_VIEWS; i++) {
        env->tlb[i] = (struct tlb_view) {
            f->tlb, (TLB_ENTRIES - 1) * sizeof(struct tlb_entry) };
    }
    for (int i = 0; i < TLB_ENTRIES; i++) {
        f->tlb[i].read = f->tlb[i].write = f->tlb[i].exec = TLB_INVALID;
    }
    f->arch = arch;
    f->base = arch.a64 ? A64_BASE : 0;
    set_features(&f->arm, arch);
    arm_set_feature(&f->arm, ARM_A64, arch.a64 || arch.wide);
    return f;
}

void flat_free(struct flat *f)
{
    tcg_ctx_free(f->tcg);
    g_hash_table_destroy(f->regions);
    g_free(f->arm.cpu.env.jc);
    g_aligned_free(f);
}

struct tcg_ctx *flat_tcg(struct flat *f)
{
    return f->tcg;
}

void flat_batch(struct flat *f, uint32_t seed)
{
    window_fill(f->pristine, seed);
    memset(f->code, 0, sizeof(f->code));
    g_hash_table_remove_all(f->regions);
    tcg_flush(f->tcg);
    tcg_jump_cache_clear(f->arm.cpu.env.jc);
}

static gboolean is_of_slot(gpointer key, gpointer value, gpointer slot)
{
    uint64_t pc = *(const uint64_t *)key % A64_BASE;

    (void)value;
    return ((uint32_t)pc - CODE_BASE) / SLOT_SIZE == GPOINTER_TO_UINT(slot);
}

void flat_place(struct flat *f, uint32_t slot, const struct case_in *in)
{
    uint8_t *p = f->code + slot * SLOT_SIZE;

    /* a case that was dropped had the slot before */
    if (p[TERM_T16] == 0 && p[TERM_T16 + 1] == 0xde) {
        g_hash_table_foreach_remove(f->regions, is_of_slot,
                                    GUINT_TO_POINTER(slot));
        tcg_jump_cache_clear(f->arm.cpu.env.jc);
    }

    memset(p, 0xde, SLOT_SIZE);
    memcpy(p, in->code, in->code_bytes);
    st32_le(p + TERM_A32, f->arch.a64 ? 0 : 0xe7f000f0);
    st16_le(p + TERM_T16, 0xde00);
}

static struct tcg_code *find_region(struct flat *f)
{
    struct cpu *cpu = &f->arm.cpu;
    uint32_t it = cpu->env.aux;
    struct region_limits lim = {
        .pc = cpu->env.pc, .max_insns = 64,
        .mode = ARM_MODE_USRSYS | ARM_MODE_FP | ARM_MODE_NEON |
                ARM_MODE_CP10 | it << ARM_MODE_IT_SHIFT |
                (f->arm.fpscr >> 24 & 1 ? ARM_MODE_FZ : 0) |
                (f->arm.fpscr & 0x00370000 ? ARM_MODE_VECLEN : 0),
        .page_end = (cpu->env.pc & TLB_PAGE_MASK) + TLB_PAGE_SIZE,
    };
    struct region_result res;
    uint64_t key = lim.pc | (uint64_t)lim.mode << 40;
    struct tcg_code *code = g_hash_table_lookup(f->regions, &key);
    struct ir *ir = tcg_ir(f->tcg);

    f->outside |= !in_range(lim.pc, 1, f->slot_base, SLOT_SIZE);
    if (code) {
        return code;
    }
    ir_reset(ir, lim.pc);
    ir->hot = lim.pc >> 8 & 1;
    if (f->arch.a64) {
        a64_translate(cpu, ir, &lim, &res);
    } else {
        a32_translate(cpu, ir, &lim, &res);
    }
    code = g_new0(struct tcg_code, 1);
    if (!tcg_compile(f->tcg, ir, code)) {
        g_error("code cache is full");
    }
    g_hash_table_insert(f->regions, g_memdup2(&key, sizeof(key)), code);
    return code;
}

/* Run until an exception; false when it takes too long. */
static bool run_to_exception(struct flat *f)
{
    struct cpu *cpu = &f->arm.cpu;
    volatile int budget = RUN_MAX;

    cpu->exception = -1;
    if (__builtin_setjmp(cpu->jump)) {
        tcg_left_by_jump(&cpu->env);
        return true;
    }
    cpu->env.exit_link = NULL;
    while (budget-- > 0) {
        struct tcg_code *code = find_region(f);
        struct tcg_link *link = cpu->env.exit_link;

        if (link && !cpu->env.aux) {
            tcg_link(f->tcg, link, code);
        }
        cpu->env.exit_link = NULL;
        tcg_run(f->tcg, &cpu->env, code->entry);
    }
    return false;
}

/* The signal that Linux sends for the exception */
static uint32_t signal_of(const struct cpu *cpu)
{
    switch (cpu->exception) {
    case ARM_EXC_UNDEF:
        return 4;
    case ARM_EXC_BKPT:
        return 5;
    case ARM_EXC_DATA_ABORT:
        return cpu->exception_syndrome ? 7 : 11;
    case ARM_EXC_PC_ALIGN:
        return 7;
    default:
        return 11;
    }
}

static void load_registers(struct arm_cpu *a, const struct case_in *in, bool a64)
{
    if (a64) {
        memcpy(a->x, in->r, sizeof(a->x));
        a->sp = in->r[31];
        a->tpidr_el0 = 0;
    } else {
        for (unsigned i = 0; i < 15; i++) {
            a->r[i] = (uint32_t)in->r[i];
            a->x[i] = (uint32_t)in->r[i];
        }
    }
    a->cpsr = PSR_USR;
    set_cpsr(a, in->cpsr, PSR_NZCV | PSR_Q | PSR_GE);
    a->excl_addr = UINT64_MAX;
    memcpy(a->d, in->d, sizeof(a->d));
    arm_fpscr_write(a, in->fpscr);
}

static void save_registers(struct arm_cpu *a, struct case_out *out, struct flat_arch arch)
{
    if (arch.a64) {
        memcpy(out->r, a->x, sizeof(a->x));
        out->r[31] = a->sp;
        out->cpsr = cpsr_of(a) & PSR_NZCV;
        out->pc = a->cpu.env.pc;
        memcpy(out->d, a->d, sizeof(a->d));
    } else {
        for (unsigned i = 0; i < 15; i++) {
            out->r[i] = arch.wide ? a->x[i] : a->r[i];
        }
        out->cpsr = cpsr_of(a);
        out->pc = (uint32_t)a->cpu.env.pc & ~1u;
        memcpy(out->d, a->d, sizeof(a->d) / 2);
    }
    out->fpscr = arm_fpscr_read(a);
}

bool flat_run(struct flat *f, const struct case_in *in, struct case_out *out)
{
    struct arm_cpu *a = &f->arm;
    struct tcg_env *env = &a->cpu.env;

    memcpy(f->window, f->pristine, sizeof(f->window));
    env->pc = in->pc;
    env->aux = 0;
    env->exit_request = 0;
    load_registers(a, in, f->arch.a64);
    f->outside = false;
    f->slot_base = in->pc & ~(uint64_t)(SLOT_SIZE - 1);
    if (!run_to_exception(f) || f->outside ||
        a->cpu.exception == ARM_EXC_SVC) {
        return false;
    }
    memset(out, 0, sizeof(*out));
    save_registers(a, out, f->arch);
    out->signal = signal_of(&a->cpu);
    out->addr = out->signal == 4 ? 0 : a->cpu.exception_addr;
    out->hash = window_hash(f->window);
    return true;
}
