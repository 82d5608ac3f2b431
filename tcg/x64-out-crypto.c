/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crypto ops on x86-64, where it has instructions for them (AES-NI, PCLMULQDQ, SHA extensions; Intel SDM volume 2). */
#include "config.h"

#include "tcg/x64-vec.h"

static bool out_clmul(struct x64 *c, const struct ir_op *op)
{
    int a, b;

    if (!xv_has(c, NEED_CLMUL)) {
        return false;
    }
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    ra_inputs_done(c->ra);
    x64_op3_imm(c, X_PCLMULQDQ, xv_def(c, op, xv_avx(c) ? 0 : xv_bit(b)), a, b, op->c[0] ? 0x11 : 0);
    return true;
}

/* d = one round of s with a round key of zero */
static void aes_round(struct x64 *c, enum x64_sse x, int d, int s)
{
    x64_op3_mem(c, x, d, s, x64_const_mem(c, 0, 0));
}

/* The last round of AES has no MixColumns. MixColumns alone: the inverse of a last round, then a round. */
static bool out_aes(struct x64 *c, const struct ir_op *op)
{
    bool inverse = op->c[0];
    int a, d;

    if (!xv_has(c, NEED_AES)) {
        return false;
    }
    a = xv_use(c, op, 0);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    if (op->opc == IR_vaes_sub) {
        aes_round(c, inverse ? X_AESDECLAST : X_AESENCLAST, d, a);
    } else if (op->opc == IR_vaes_round) {
        aes_round(c, inverse ? X_AESDEC : X_AESENC, d, a);
    } else if (inverse) {
        x64_op2(c, X_AESIMC, d, a, 0);
    } else {
        aes_round(c, X_AESDECLAST, d, a);
        aes_round(c, X_AESENC, d, d);
    }
    return true;
}

/* SHA1RNDS4 has a and the first word in the highest lane, e added to the first word, and adds the constants itself. */
static bool out_sha1(struct x64 *c, const struct ir_op *op)
{
    static const uint32_t minus_k[] = { 0u - 0x5a827999, 0u - 0x6ed9eba1, 0u - 0x8f1bbcdc };
    int abcd, e, w, t, u, d;

    if (!xv_has(c, NEED_SHA)) {
        return false;
    }
    abcd = xv_use(c, op, 0);
    e = xv_use(c, op, 1);
    w = xv_use(c, op, 2);
    t = xv_temp(c);
    u = xv_temp(c);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, 0);
    x64_op2(c, X_PSHUFD, t, w, 0x1b);
    xv_shift(c, X_PSLLDQ_I, u, e, 12);
    x64_op3(c, X_PADDD, t, t, u);
    x64_op3_mem(c, X_PADDD, t, t, xv_all(c, 2, minus_k[op->c[0]]));
    x64_op2(c, X_PSHUFD, d, abcd, 0x1b);
    x64_sse_rr(&c->b, X_SHA1RNDS4, xnum(d), xnum(t), op->c[0]);
    x64_op2(c, X_PSHUFD, d, d, 0x1b);
    return true;
}

static bool out_sha256_rounds(struct x64 *c, const struct ir_op *op)
{
    const uint16_t *in = ir_ins(op);
    int cdgh, abef, d;

    if (!xv_has(c, NEED_SHA)) {
        return false;
    }
    ra_use_in(c->ra, in[2], XMM0);
    cdgh = ra_use_not(c->ra, in[0], xv_bit(XMM0));
    abef = ra_use_not(c->ra, in[1], xv_bit(XMM0));
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(abef));
    xv_mov(c, d, cdgh);
    x64_sse_rr(&c->b, X_SHA256RNDS2, xnum(d), xnum(abef), 0);
    return true;
}

static bool out_sha256_msg(struct x64 *c, const struct ir_op *op)
{
    int a, b, d;

    if (!xv_has(c, NEED_SHA)) {
        return false;
    }
    a = xv_use(c, op, 0);
    b = xv_use(c, op, 1);
    ra_inputs_done(c->ra);
    d = xv_def(c, op, xv_bit(b));
    xv_mov(c, d, a);
    x64_sse_rr(&c->b, op->opc == IR_vsha256_msg1 ? X_SHA256MSG1 : X_SHA256MSG2, xnum(d), xnum(b), 0);
    return true;
}

const x64_emit_fn x64_crypto_emit[IR_NOPS] = {
    [IR_vclmul] = out_clmul, [IR_vaes_sub] = out_aes, [IR_vaes_mix] = out_aes, [IR_vaes_round] = out_aes,
    [IR_vsha1_rounds] = out_sha1, [IR_vsha256_rounds] = out_sha256_rounds, [IR_vsha256_msg1] = out_sha256_msg,
    [IR_vsha256_msg2] = out_sha256_msg,
};
