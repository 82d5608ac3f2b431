/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vector ops of the x86-64 backend against interp_eval: every op, lane size,
 * width and kind of operand (register, memory, constant), with random and
 * special lanes, on what the host has and on older levels of its instruction
 * set.  Floating point also with sticky flags, modes and chains of ops.
 */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tcg/compile.h"
#include "tcg/interp.h"
#include "tcg/ir-build.h"
#include "util/log.h"
#include "util/rng.h"
#include "tests/suite.h"

enum { ROUNDS = 60, FP_ROUNDS = 1500, CHAIN = 6 };

struct machine {
    struct tcg_env env;
    struct v128 in[4], out[CHAIN];
    uint64_t gpr, result;
};

#define OFF(field) ((unsigned)offsetof(struct machine, field))
static const struct ir_slot slots[] = {
    { "in0", OFF(in[0]), V128, -1 }, { "in1", OFF(in[1]), V128, -1 },
    { "in2", OFF(in[2]), V128, -1 }, { "out", OFF(out[0]), V128, -1 },
    { "gpr", OFF(gpr), I64, -1 }, { "result", OFF(result), I64, -1 },
};
static const struct ir_target target = {
    .name = "vec", .slots = slots, .nslots = sizeof(slots) / sizeof(slots[0]), .addr_type = I32 };

static struct machine m;
static struct tcg_ctx *ctx;
static struct rng rng;

static void start(unsigned host_level)
{
    struct tcg_config config = { .cache_size = 4 << 20, .target = &target,
                                 .verify = true, .host_level = host_level };
    char *error = NULL;

    ctx = tcg_ctx_new(&config, &error);
    ck_assert_msg(ctx, "%s", error);
    rng_init(&rng, 1234);
    memset(&m, 0, sizeof(m));
    m.env.tcg = ctx;
    m.env.jc = tcg_jump_cache_new();
}

static void stop(void)
{
    tcg_ctx_free(ctx);
    free(m.env.jc);
}

static void *compile(void)
{
    struct tcg_code code;

    ir_exit_link(tcg_ir(ctx), 0x1000, false);
    if (getenv("X64_LOG"))
        log_set_topics(getenv("X64_LOG"), NULL);
    ck_assert(tcg_compile(ctx, tcg_ir(ctx), &code));
    return code.entry;
}

static void begin(void)
{
    ir_reset(tcg_ir(ctx), 0x1000);
    ir_insn_start(tcg_ir(ctx), 0x1000, 0);
}

/* --- lanes ------------------------------------------------------------- */

static uint64_t special_int(unsigned e)
{
    static const uint64_t k[] = { 0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64,
        0x7f, 0x80, 0x81, 0xff, 0xf8, 0xf7, 0xf0, 0xef, 0xe0, 0xdf, 0xc0,
        0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
    uint64_t v = k[rng_below(&rng, sizeof(k) / sizeof(k[0]))];

    if (rng_below(&rng, 4) == 0)    /* the largest and smallest ones */
        v = (1ull << ((8u << e) - 1)) - rng_below(&rng, 2);
    return rng_below(&rng, 4) ? v : ~v;
}

static void random_vector(struct v128 *v, unsigned e)
{
    unsigned specials = rng_below(&rng, 5);

    for (unsigned i = 0; i < 16u >> e; i++) {
        uint64_t x = rng_below(&rng, 4) < specials ? special_int(e)
                                                   : rng_u64(&rng);

        memcpy((uint8_t *)v + (i << e), &x, 1u << e);
    }
}

static uint64_t special_fp(bool dbl)
{
    static const uint32_t s[] = { 0, 1, 0x007fffff, 0x00800000, 0x00800001,
        0x3f800000, 0x3f7fffff, 0x40000000, 0x7f7fffff, 0x7f800000,
        0x7fc00000, 0x7fc12345, 0x7f800001, 0x7fbfffff, 0x4f000000,
        0x4effffff, 0x4f800000, 0x4f7fffff, 0x3f000000, 0x33800000 };
    unsigned i = rng_below(&rng, sizeof(s) / sizeof(s[0]));
    uint64_t neg = rng_below(&rng, 2);

    if (!dbl)
        return s[i] | neg << 31;
    if (s[i] >= 0x7f800000 && s[i] < 0x80000000)
        return (s[i] & 0x007fffff ? 0x7ff0000000000000 |
                (uint64_t)(s[i] & 0x007fffff) << 29 : 0x7ff0000000000000) |
               neg << 63;
    if (s[i] < 0x01000000)
        return (uint64_t)s[i] << 29 | neg << 63;
    return ((uint64_t)s[i] << 29) + (896ull << 52) + (neg << 63);
}

/* Exponents around one half of the range, so that products and sums come near
 * its ends. */
static uint64_t random_fp(bool dbl)
{
    unsigned bits = dbl ? 52 : 23, bias = dbl ? 1023 : 127;
    uint64_t frac = rng_u64(&rng) & ((1ull << bits) - 1);
    uint64_t sign = (uint64_t)rng_below(&rng, 2) << (dbl ? 63 : 31), exp;

    switch (rng_below(&rng, 6)) {
    case 0: exp = bias - 3 + rng_below(&rng, 36); break;
    case 1: exp = bias / 2 - 1 + rng_below(&rng, 4); break;
    case 2: exp = bias + bias / 2 + rng_below(&rng, 4); break;
    case 3: exp = rng_below(&rng, 4); break;
    case 4: exp = rng_below(&rng, 2 * bias + 1); break;
    default: exp = bias; break;
    }
    if (rng_below(&rng, 4) == 0)    /* few bits: exact results */
        frac &= ~0ull << (bits - 3);
    if (rng_below(&rng, 8) == 0)
        frac |= ((1ull << bits) - 1) & ~(uint64_t)rng_below(&rng, 8);
    return sign | exp << bits | frac;
}

static uint64_t special_half(void)
{
    static const uint16_t special[] = { 0, 0x8000, 0x7c00, 0xfc00, 0x7e01, 0x7d00, 1, 0x8001, 0x3ff, 0x400, 0x8400, 0x7bff, 0x3c00 };

    return special[rng_below(&rng, sizeof(special) / sizeof(special[0]))];
}

static void random_fp_vector(struct v128 *v, unsigned e)
{
    unsigned specials = rng_below(&rng, 4), plain = rng_below(&rng, 3);

    for (unsigned i = 0; i < 16u >> e; i++) {
        bool is_special = rng_below(&rng, 8) < specials;
        uint64_t x = e == 1 ? (is_special ? special_half() : rng_u64(&rng) >> 48) :
                     is_special ? special_fp(e == 3) : random_fp(e == 3);

        if (!plain && e == 2)       /* all lanes calm */
            x = (x & 0x007fffff) | 0x3f800000;
        if (!plain && e == 1)
            x = (x & 0x8fff) | 0x3000;
        if (plain == 1 && e == 1)       /* few bits: sums in the middle of two halves */
            x &= 0xffe0;
        memcpy((uint8_t *)v + (i << e), &x, 1u << e);
    }
}

/* In some lanes (2 - 2k ulp) * (1 + k ulp): a product that rounds up to a power
 * of two, the smallest normal. */
static void boundary_product(struct v128 *a, struct v128 *b, unsigned e)
{
    unsigned bits = e == 3 ? 52 : e == 2 ? 23 : 10, bias = e == 3 ? 1023 : e == 2 ? 127 : 15;

    if (rng_below(&rng, 4))
        return;
    for (unsigned i = 0; i < 16u >> e; i++) {
        uint64_t k = 1 + rng_below(&rng, 4), exp = 1 + rng_below(&rng, bias - 1);
        uint64_t sign = (uint64_t)rng_below(&rng, 2) << ((8u << e) - 1);
        uint64_t x = sign | exp << bits | ((1ull << bits) - 2 * k);
        uint64_t y = (bias - exp) << bits | k;

        if (rng_below(&rng, 2))
            continue;
        memcpy((uint8_t *)a + (i << e), &x, 1u << e);
        memcpy((uint8_t *)b + (i << e), &y, 1u << e);
    }
}

/* --- one op ------------------------------------------------------------ */

enum source { SRC_MEM, SRC_REG, SRC_CONST, SRC_SAME, N_SRC };

struct shape {
    enum ir_opc opc;
    enum ir_type type, in[3];
    uint64_t c[3];
    unsigned nin;
};

static struct ir_val input(const struct shape *s, unsigned i,
                           enum source source)
{
    struct ir *ir = tcg_ir(ctx);
    enum ir_type t = s->in[i];
    struct ir_val v;

    if (t == I32 || t == I64)
        return ir_state_ld(ir, t, OFF(gpr));
    if (source == SRC_CONST && i + 1 == s->nin)
        return t == V128 ? ir_const_v128(ir, m.in[i].d[0], m.in[i].d[1])
                         : ir_const(ir, V64, m.in[i].d[0]);
    v = ir_state_ld(ir, t, OFF(in[i]));
    /* once more, so that it is in a register already */
    if (source == SRC_REG)
        ir_state_st(ir, ir_v1(ir, IR_vnot, t, v, 0, 0), OFF(out[1 + i]));
    return v;
}

static struct ir_val build(const struct shape *s, const struct ir_val *v)
{
    struct ir *ir = tcg_ir(ctx);

    if (s->nin == 1)
        return ir_v1_round(ir, s->opc, s->type, v[0], s->c[0], s->c[1], (unsigned)s->c[2]);
    if (s->nin == 2)
        return ir_v2(ir, s->opc, s->type, v[0], v[1], s->c[0], s->c[1]);
    return ir_v3(ir, s->opc, s->type, v[0], v[1], v[2], s->c[0], s->c[1],
                 s->c[2]);
}

static void *compile_shape(const struct shape *s, enum source source)
{
    struct ir *ir = tcg_ir(ctx);
    struct ir_val v[3], r;

    begin();
    for (unsigned i = 0; i < s->nin; i++)
        v[i] = source == SRC_SAME && i && s->in[i] == s->in[0]
                   ? v[0] : input(s, i, source);
    r = build(s, v);
    /* the inputs live on in some cases */
    if (source == SRC_REG)
        for (unsigned i = 0; i < s->nin; i++)
            if (s->in[i] != I32 && s->in[i] != I64)
                ir_state_st(ir, v[i], OFF(in[i]));
    ir_state_st(ir, r, s->type == I32 || s->type == I64 ? OFF(result)
                                                        : OFF(out[0]));
    return compile();
}

static void expect(const struct shape *s, const struct v128 *in,
                   struct tcg_env *env, struct v128 *out)
{
    struct ir_op op = { .opc = s->opc, .type = s->type, .nout = 1,
                        .nin = s->nin, .c = { s->c[0], s->c[1], s->c[2] } };
    struct v128 args[3];
    uint8_t types[8];

    for (unsigned i = 0; i < s->nin; i++) {
        types[i] = s->in[i];
        args[i] = in[i];
        if (ir_type_size(s->in[i]) < 16)
            args[i].d[1] = 0;
        if (ir_type_size(s->in[i]) < 8)
            args[i].d[0] = (uint32_t)args[i].d[0];
    }
    interp_eval(env, &op, types, out, args);
}

static void check_result(const struct shape *s, const struct v128 *in,
                         const struct v128 *want, const struct v128 *got)
{
    unsigned n = ir_type_size(s->type);

    if (memcmp(want, got, n) == 0)
        return;
    ck_abort_msg("%s type %d c %llu %llu %llu\n"
                 " a %016llx %016llx\n b %016llx %016llx\n"
                 " c %016llx %016llx\n want %016llx %016llx\n"
                 " got  %016llx %016llx", ir_op_info[s->opc].name, s->type,
                 (unsigned long long)s->c[0], (unsigned long long)s->c[1],
                 (unsigned long long)s->c[2], (unsigned long long)in[0].d[1],
                 (unsigned long long)in[0].d[0],
                 (unsigned long long)in[1].d[1],
                 (unsigned long long)in[1].d[0],
                 (unsigned long long)in[2].d[1],
                 (unsigned long long)in[2].d[0],
                 (unsigned long long)want->d[1],
                 (unsigned long long)want->d[0],
                 (unsigned long long)got->d[1],
                 (unsigned long long)got->d[0]);
}

static void run_once(const struct shape *s, void *entry, enum source source)
{
    struct v128 in[3], want, got = { { 0, 0 } };

    memcpy(in, m.in, sizeof(in));
    for (unsigned i = 0; i < s->nin; i++) {
        if (s->in[i] == I32 || s->in[i] == I64)
            in[i].d[0] = m.gpr;
        else if (source == SRC_SAME && i && s->in[i] == s->in[0])
            in[i] = in[0];
    }
    expect(s, in, NULL, &want);
    tcg_run(ctx, &m.env, entry);
    if (s->type == I32 || s->type == I64)
        got.d[0] = m.result;
    else
        got = m.out[0];
    check_result(s, in, &want, &got);
}

static void check_shape(const struct shape *s)
{
    unsigned e = s->opc == IR_vext || s->opc == IR_vtbl ? 0 : s->c[0];
    enum ir_type last = s->in[s->nin - 1];

    for (enum source source = 0; source < N_SRC; source++) {
        bool constant = source == SRC_CONST;
        void *entry = NULL;

        if (constant && (last == I32 || last == I64 || s->nin == 1))
            continue;
        if (source == SRC_SAME && s->nin == 1)
            continue;
        if (!constant)
            entry = compile_shape(s, source);
        for (unsigned i = 0; i < (constant ? 4 : ROUNDS); i++) {
            for (unsigned k = 0; k < 3; k++)
                random_vector(&m.in[k], e);
            m.gpr = rng_below(&rng, 2) ? rng_u64(&rng) : special_int(e);
            if (constant)
                entry = compile_shape(s, source);
            run_once(s, entry, source);
        }
    }
    tcg_flush(ctx);
}

/* --- every integer op -------------------------------------------------- */

/* Ops whose operands have the result's type; emask: lane sizes. */
static const struct {
    uint8_t opc, nin, emask;
} same_type[] = {
    { IR_vadd, 2, 15 }, { IR_vsub, 2, 15 }, { IR_vmul, 2, 15 },
    { IR_vand, 2, 1 }, { IR_vor, 2, 1 }, { IR_vxor, 2, 1 },
    { IR_vandc, 2, 1 }, { IR_vnot, 1, 1 }, { IR_vbsl, 3, 1 },
    { IR_vneg, 1, 15 }, { IR_vabs, 1, 15 }, { IR_vcmpeq, 2, 15 },
    { IR_vcmpgt_s, 2, 15 }, { IR_vcmpgt_u, 2, 15 }, { IR_vmin_s, 2, 15 },
    { IR_vmin_u, 2, 15 }, { IR_vmax_s, 2, 15 }, { IR_vmax_u, 2, 15 },
    { IR_vqadd_s, 2, 15 }, { IR_vqadd_u, 2, 15 }, { IR_vqsub_s, 2, 15 },
    { IR_vqsub_u, 2, 15 }, { IR_vhadd_s, 2, 15 }, { IR_vhadd_u, 2, 15 },
    { IR_vrhadd_s, 2, 15 }, { IR_vrhadd_u, 2, 15 }, { IR_vshl_s, 2, 15 },
    { IR_vshl_u, 2, 15 }, { IR_vpadd, 2, 7 }, { IR_vzip_lo, 2, 7 },
    { IR_vzip_hi, 2, 7 }, { IR_vuzp_even, 2, 7 }, { IR_vuzp_odd, 2, 7 },
    { IR_vtrn_even, 2, 7 }, { IR_vtrn_odd, 2, 7 }, { IR_vcnt, 1, 1 },
    { IR_vclz, 1, 15 },
};

static void check_same_type(enum ir_type type)
{
    for (unsigned i = 0; i < sizeof(same_type) / sizeof(same_type[0]); i++)
        for (unsigned e = 0; e < 4; e++) {
            struct shape s = { same_type[i].opc, type, { type, type, type },
                               { e, 0, 0 }, same_type[i].nin };

            if (same_type[i].emask >> e & 1)
                check_shape(&s);
        }
    /* permutations of 64-bit lanes need two of them */
    for (unsigned opc = IR_vzip_lo; opc <= IR_vtrn_odd; opc++)
        check_shape(&(struct shape){ opc, V128, { V128, V128 },
                                     { 3, 0, 0 }, 2 });
    check_shape(&(struct shape){ IR_vpadd, V128, { V128, V128 },
                                 { 3, 0, 0 }, 2 });
}

static void check_shifts(enum ir_type t)
{
    for (unsigned opc = IR_vshli; opc <= IR_vshri_u; opc++)
        for (unsigned e = 0; e < 4; e++)
            for (unsigned n = 0; n < 8u << e; n++)
                check_shape(&(struct shape){ opc, t, { t }, { e, n }, 1 });
}

static void check_lanes(enum ir_type t)
{
    for (unsigned e = 0; e < 4; e++) {
        enum ir_type lane = e == 3 ? I64 : I32;

        check_shape(&(struct shape){ IR_vdup, t, { lane }, { e }, 1 });
        for (unsigned i = 0; i < ir_type_size(t) >> e; i++) {
            check_shape(&(struct shape){ IR_vget_u, lane, { t }, { e, i },
                                         1 });
            check_shape(&(struct shape){ IR_vget_s, lane, { t }, { e, i },
                                         1 });
            check_shape(&(struct shape){ IR_vget_s, I64, { t }, { e, i },
                                         1 });
            check_shape(&(struct shape){ IR_vset, t, { t, lane }, { e, i },
                                         2 });
            check_shape(&(struct shape){ IR_vdup_lane, V64, { t }, { e, i },
                                         1 });
            check_shape(&(struct shape){ IR_vdup_lane, V128, { t }, { e, i },
                                         1 });
        }
    }
}

static void check_moves(enum ir_type t)
{
    for (unsigned n = 0; n < ir_type_size(t); n++)
        check_shape(&(struct shape){ IR_vext, t, { t, t }, { n }, 2 });
    for (unsigned e = 0; e < 3; e++)
        for (unsigned group = e + 1; group < 4; group++)
            check_shape(&(struct shape){ IR_vrev, t, { t }, { e, group },
                                         1 });
    check_shape(&(struct shape){ IR_vtbl, t, { V128, t }, { 0 }, 2 });
}

static void check_widths(void)
{
    for (unsigned e = 0; e < 3; e++) {
        check_shape(&(struct shape){ IR_vwiden_s, V128, { V64 }, { e }, 1 });
        check_shape(&(struct shape){ IR_vwiden_u, V128, { V64 }, { e }, 1 });
        check_shape(&(struct shape){ IR_vnarrow, V64, { V128 }, { e + 1 },
                                     1 });
        check_shape(&(struct shape){ IR_vmull_s, V128, { V64, V64 }, { e },
                                     2 });
        check_shape(&(struct shape){ IR_vmull_u, V128, { V64, V64 }, { e },
                                     2 });
    }
    for (unsigned i = 0; i < 2; i++) {
        enum ir_type t = i ? V128 : V64;

        for (unsigned opc = IR_vmulh_s; opc <= IR_vmadd; opc++)
            check_shape(&(struct shape){ opc, t, { t, t }, { 1 }, 2 });
        check_shape(&(struct shape){ IR_vpmul, t, { t, t }, { 0 }, 2 });
        check_shape(&(struct shape){ IR_vsum, t, { t }, { 0 }, 1 });
    }
    check_shape(&(struct shape){ IR_vpmull, V128, { V64, V64 }, { 0 }, 2 });
    check_shape(&(struct shape){ IR_vzext, V128, { V64 }, { 0 }, 1 });
    check_shape(&(struct shape){ IR_vlow, V64, { V128 }, { 0 }, 1 });
    check_shape(&(struct shape){ IR_vhigh, V64, { V128 }, { 0 }, 1 });
    check_shape(&(struct shape){ IR_vconcat, V128, { V64, V64 }, { 0 }, 2 });
}

static void check_crypto(void)
{
    static const struct shape shapes[] = {
        { IR_vsha256_rounds, V128, { V128, V128, V128 }, { 0 }, 3 }, { IR_vsha256_msg1, V128, { V128, V128 }, { 0 }, 2 },
        { IR_vsha256_msg2, V128, { V128, V128 }, { 0 }, 2 },
    };

    for (unsigned i = 0; i < 2; i++) {
        check_shape(&(struct shape){ IR_vclmul, V128, { V128, V128 }, { i }, 2 });
        for (unsigned opc = IR_vaes_sub; opc <= IR_vaes_round; opc++)
            check_shape(&(struct shape){ opc, V128, { V128 }, { i }, 1 });
    }
    for (unsigned i = 0; i < 3; i++) {
        check_shape(&(struct shape){ IR_vsha1_rounds, V128, { V128, V128, V128 }, { i }, 3 });
        check_shape(&shapes[i]);
    }
}

START_TEST(integer_ops)
{
    static const unsigned level[] = { 0, 2, 1 };

    start(level[_i]);
    for (int wide = 0; wide < 2; wide++) {
        enum ir_type t = wide ? V128 : V64;

        check_same_type(t);
        check_shifts(t);
        check_lanes(t);
        check_moves(t);
    }
    check_widths();
    check_crypto();
    stop();
}
END_TEST

/* --- floating point ---------------------------------------------------- */

static const struct {
    uint8_t opc, nin, emask;
} fp_ops[] = {
    { IR_vfadd, 2, 14 }, { IR_vfsub, 2, 14 }, { IR_vfmul, 2, 14 },
    { IR_vfmuladd, 3, 14 }, { IR_vfneg, 1, 14 }, { IR_vfabs, 1, 14 },
    { IR_vfmin, 2, 14 }, { IR_vfmax, 2, 14 }, { IR_vfcmpeq, 2, 14 },
    { IR_vfcmpge, 2, 14 }, { IR_vfcmpgt, 2, 14 }, { IR_vfcvt_s, 1, 12 },
    { IR_vfcvt_u, 1, 12 }, { IR_vfcvt_from_s, 1, 12 },
    { IR_vfcvt_from_u, 1, 12 }, { IR_vfdiv, 2, 14 }, { IR_vfmulx, 2, 14 },
    { IR_vfrecps, 2, 14 }, { IR_vfrsqrts, 2, 14 }, { IR_vfsqrt, 1, 14 },
    { IR_vfminnum, 2, 14 }, { IR_vfmaxnum, 2, 14 }, { IR_vfrint, 1, 14 },
};
enum { N_FP_OPS = sizeof(fp_ops) / sizeof(fp_ops[0]) };

static struct shape fp_shape(unsigned i, enum ir_type t, unsigned e,
                             unsigned env, unsigned neg)
{
    return (struct shape){ fp_ops[i].opc, t, { t, t, t }, { e, env, neg },
                           fp_ops[i].nin };
}

/* Modes, and sticky flags from before that the host has in MXCSR. */
static void random_env(struct tcg_env *env, bool flush)
{
    static const uint32_t host_flags[] = { 1, 2, 4, 8, 0x10, 0x20 };

    memset(env->fp, 0, sizeof(env->fp));
    env->fp[0].tiny_before = env->fp[1].tiny_before = 1;
    env->fp[1].flush_inputs = env->fp[1].flush_outputs = 1;
    env->fp[1].default_nan = 1;
    if (rng_below(&rng, 3) == 0)
        env->fp[0].rounding = rng_below(&rng, 4);
    env->fp[0].default_nan = rng_below(&rng, 2);
    env->fp[0].flush_half = rng_below(&rng, 4) == 0;
    env->fp[0].half_alternative = rng_below(&rng, 4) == 0;
    if (flush)
        env->fp[0].flush_inputs = env->fp[0].flush_outputs =
            rng_below(&rng, 2);
    tcg_fp_to_host(env);
    if (rng_below(&rng, 4) == 0)
        env->mxcsr[0] |= host_flags[rng_below(&rng, 6)];
}

static uint8_t sticky(struct tcg_env *env)
{
    tcg_fp_from_host(env);
    return env->fp[0].flags | env->fp[1].flags;
}

static void check_fp(const struct shape *s, bool flush)
{
    static struct tcg_env env;
    bool from_int = s->opc == IR_vfcvt_from_s || s->opc == IR_vfcvt_from_u;
    struct ir_val v[3];
    void *entry;

    begin();
    tcg_ir(ctx)->fp_flush = flush ? 3 : 2;
    for (unsigned k = 0; k < s->nin; k++)
        v[k] = ir_state_ld(tcg_ir(ctx), s->in[k], OFF(in[k]));
    ir_state_st(tcg_ir(ctx), build(s, v), OFF(out[0]));
    entry = compile();
    for (unsigned i = 0; i < FP_ROUNDS; i++) {
        struct v128 want;
        uint8_t a, b;

        for (unsigned k = 0; k < 3; k++) {
            if (from_int)
                random_vector(&m.in[k], s->c[0]);
            else
                random_fp_vector(&m.in[k], s->c[0]);
        }
        if (!from_int)
            boundary_product(&m.in[0], &m.in[1], s->c[0]);
        random_env(&m.env, flush);
        env = m.env;
        expect(s, m.in, &env, &want);
        tcg_run(ctx, &m.env, entry);
        check_result(s, m.in, &want, &m.out[0]);
        a = sticky(&env);
        b = sticky(&m.env);
        if (a != b) {
            ck_abort_msg("%s type %d c %u %u %u: flags %02x, got %02x\n"
                         " a %016llx %016llx\n b %016llx %016llx\n"
                         " c %016llx %016llx", ir_op_info[s->opc].name,
                         s->type, (unsigned)s->c[0], (unsigned)s->c[1],
                         (unsigned)s->c[2], a, b,
                         (unsigned long long)m.in[0].d[1],
                         (unsigned long long)m.in[0].d[0],
                         (unsigned long long)m.in[1].d[1],
                         (unsigned long long)m.in[1].d[0],
                         (unsigned long long)m.in[2].d[1],
                         (unsigned long long)m.in[2].d[0]);
        }
    }
    tcg_flush(ctx);
}

/* Values of c[2]: signs, roundings */
static unsigned variants(unsigned opc)
{
    switch (opc) {
    case IR_vfmuladd:
        return 4;
    case IR_vfcvt_s: case IR_vfcvt_u:
        return IR_ROUND_AWAY + 1;
    case IR_vfrint:
        return (IR_ROUND_AWAY | VFRINT_EXACT) + 1;
    default:
        return 1;
    }
}

static bool variant_valid(unsigned opc, unsigned v)
{
    return opc != IR_vfrint || (v & 7) <= IR_ROUND_AWAY;
}

static void check_fp_op(unsigned i, unsigned env, bool flush)
{
    for (int wide = 0; wide < 2; wide++)
        for (unsigned e = 1; e < 4; e++) {
            unsigned negs = fp_ops[i].emask >> e & 1 ? variants(fp_ops[i].opc) : 0;

            for (unsigned neg = 0; neg < negs; neg++) {
                struct shape s = fp_shape(i, wide ? V128 : V64, e, env, neg);

                if (variant_valid(s.opc, neg))
                    check_fp(&s, flush);
            }
        }
}

static void check_fp_resize(unsigned env, bool flush)
{
    const struct shape widen = { IR_vfwiden, V128, { V64 }, { 2, env }, 1 };
    const struct shape narrow = { IR_vfnarrow, V64, { V128 }, { 3, env }, 1 };

    const struct shape widen_half = { IR_vfwiden, V128, { V64 }, { 1, env }, 1 };
    const struct shape widen_exact = { IR_vfwiden, V128, { V64 }, { 1, env, VFWIDEN_EXACT }, 1 };
    const struct shape narrow_half = { IR_vfnarrow, V64, { V128 }, { 2, env }, 1 };

    check_fp(&widen, flush);
    check_fp(&narrow, flush);
    check_fp(&widen_half, flush);
    check_fp(&widen_exact, flush);
    check_fp(&narrow_half, flush);
}

START_TEST(fp_ops_of_neon)
{
    static const unsigned level[] = { 0, 2, 1 };

    start(level[_i]);
    for (unsigned i = 0; i < N_FP_OPS; i++)
        check_fp_op(i, 1, true);
    check_fp_resize(1, true);
    stop();
}
END_TEST

START_TEST(fp_ops_of_env_0)
{
    start(0);
    for (unsigned i = 0; i < N_FP_OPS; i++) {
        check_fp_op(i, 0, true);
        check_fp_op(i, 0, false);
    }
    check_fp_resize(0, true);
    check_fp_resize(0, false);
    stop();
}
END_TEST

/* Op i of a chain: often the sum that a product before it is for alone. */
static struct shape chain_op(unsigned i, const struct shape *before,
                             unsigned from[3], bool *keep_before)
{
    struct shape s = fp_shape(rng_below(&rng, 8), V128, 2,
                              rng_below(&rng, 8) != 0, rng_below(&rng, 4));

    for (unsigned k = 0; k < 3; k++)
        from[k] = rng_below(&rng, i + 2);
    if (i && before->opc == IR_vfmul && rng_below(&rng, 3)) {
        s = fp_shape(rng_below(&rng, 2), V128, 2, before->c[1], 0);
        from[0] = from[1] = rng_below(&rng, i + 1);
        from[rng_below(&rng, 2)] = i + 1;
        *keep_before = false;
    }
    return s;
}

/* Ops one after the other in a region: what one leaves in MXCSR the next one
 * starts from. */
static void check_chain(void)
{
    static struct tcg_env env;
    static struct v128 x[CHAIN + 2];
    struct shape s[CHAIN];
    unsigned from[CHAIN][3];
    bool keep[CHAIN];
    struct ir *ir = tcg_ir(ctx);
    struct ir_val v[CHAIN + 2];
    void *entry;

    for (unsigned i = 0; i < CHAIN; i++) {
        keep[i] = true;
        s[i] = chain_op(i, &s[i - !!i], from[i], &keep[i - !!i]);
    }
    begin();
    v[0] = ir_state_ld(ir, V128, OFF(in[0]));
    v[1] = ir_state_ld(ir, V128, OFF(in[1]));
    for (unsigned i = 0; i < CHAIN; i++) {
        v[i + 2] = build(&s[i], (struct ir_val[]){
            v[from[i][0]], v[from[i][1]], v[from[i][2]] });
        if (keep[i])
            ir_state_st(ir, v[i + 2], OFF(out[i]));
    }
    entry = compile();
    for (unsigned n = 0; n < 20; n++) {
        random_fp_vector(&m.in[0], 2);
        random_fp_vector(&m.in[1], 2);
        boundary_product(&m.in[0], &m.in[1], 2);
        random_env(&m.env, true);
        env = m.env;
        tcg_run(ctx, &m.env, entry);
        x[0] = m.in[0];
        x[1] = m.in[1];
        for (unsigned i = 0; i < CHAIN; i++) {
            struct v128 in[3] = { x[from[i][0]], x[from[i][1]],
                                  x[from[i][2]] };

            expect(&s[i], in, &env, &x[i + 2]);
            if (keep[i])
                check_result(&s[i], in, &x[i + 2], &m.out[i]);
        }
        ck_assert_int_eq(sticky(&env), sticky(&m.env));
    }
    tcg_flush(ctx);
}

START_TEST(fp_chains)
{
    start(0);
    for (unsigned i = 0; i < 2000; i++)
        check_chain();
    stop();
}
END_TEST

/* Takes the sticky flags away, as a guest does that writes its status. */
static void help_clear(struct tcg_env *env)
{
    tcg_fp_from_live(env);
    env->fp[0].flags = env->fp[1].flags = 0;
    tcg_fp_to_live(env);
}

static const struct helper h_clear = {
    "clear", (void *)help_clear, HF_READS | HF_WRITES, HT_VOID, 1,
    { HT_ENV } };

enum between { CLEAR_CALL, SCALAR_OP, BRANCH_OVER, N_BETWEEN };

/* An inexact sum, something that changes MXCSR, then a sum with a denormal
 * operand: its tail must go back to MXCSR as it was just before. */
static uint8_t flags_after(enum between between)
{
    static const uint32_t a[4] = { 0x3f800000, 0, 0, 0 };
    static const uint32_t b[4] = { 0x30000000, 0, 0, 0 };
    static const uint32_t denormal[4] = { 1, 0, 0, 0 };
    struct ir *ir = tcg_ir(ctx);
    struct ir_val x, y, z, k;
    unsigned label;

    begin();
    label = ir_label_new(ir);
    x = ir_state_ld(ir, V128, OFF(in[0]));
    y = ir_state_ld(ir, V128, OFF(in[1]));
    z = ir_state_ld(ir, V128, OFF(in[2]));
    if (between == SCALAR_OP)
        ir_state_st(ir, ir_v2(ir, IR_vfadd, V128, x, x, 2, 1), OFF(out[0]));
    else
        ir_state_st(ir, ir_v2(ir, IR_vfadd, V128, x, y, 2, 1), OFF(out[0]));
    if (between == CLEAR_CALL) {
        ir_call_n(ir, &h_clear, NULL, 0);
    } else if (between == SCALAR_OP) {
        k = ir_state_ld(ir, F32, OFF(in[1]));
        k = ir_fadd(ir, k, ir_const(ir, F32, 0x3f800000), 0);
        ir_state_st(ir, k, OFF(out[3]));
    } else {
        ir_br_cmp(ir, CC_EQ, ir_state_ld(ir, I64, OFF(gpr)),
                  ir_const(ir, I64, 0), label);
        ir_state_st(ir, ir_v2(ir, IR_vfadd, V128, z, z, 2, 1), OFF(out[2]));
        ir_label(ir, label);
    }
    ir_state_st(ir, ir_v2(ir, IR_vfmul, V128, x, z, 2, 1), OFF(out[1]));
    memcpy(&m.in[0], a, 16);
    memcpy(&m.in[1], b, 16);
    memcpy(&m.in[2], denormal, 16);
    random_env(&m.env, true);
    m.env.fp[0] = (struct fp_env){ .tiny_before = 1 };
    tcg_fp_to_host(&m.env);
    m.gpr = 0;
    tcg_run(ctx, &m.env, compile());
    return sticky(&m.env);
}

START_TEST(fp_tail_restores_flags_of_its_own_time)
{
    start(0);
    ck_assert_int_eq(flags_after(CLEAR_CALL), FP_INPUT_DENORMAL);
    ck_assert_int_eq(flags_after(SCALAR_OP), FP_INPUT_DENORMAL | FP_INEXACT);
    ck_assert_int_eq(flags_after(BRANCH_OVER),
                     FP_INPUT_DENORMAL | FP_INEXACT);
    stop();
}
END_TEST

static Suite *suite_x64_vec(void)
{
    Suite *s = suite_create("tcg/x64-vec");
    TCase *t;

    t = tcase_create("integer_ops");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, integer_ops, 0, 3);
    suite_add_tcase(s, t);
    t = tcase_create("fp");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, fp_ops_of_neon, 0, 3);
    tcase_add_test(t, fp_ops_of_env_0);
    tcase_add_test(t, fp_chains);
    tcase_add_test(t, fp_tail_restores_flags_of_its_own_time);
    suite_add_tcase(s, t);
    return s;
}

TEST_SUITE(suite_x64_vec)
