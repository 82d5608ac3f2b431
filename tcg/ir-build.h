/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders: what front ends call to append ops. ir_<op>(ir, inputs, constants); the type comes from
 * the inputs, or is the first argument after ir where they do not fix it. Constants fold on
 * the way in where that needs no look-around. Every builder asserts the types of its inputs.
 */
#ifndef TCG_IR_BUILD_H
#define TCG_IR_BUILD_H

#include "tcg/ir.h"
#include "tcg/helper.h"

/* Constants (no op). value is cut to the type. */
struct ir_val ir_const(struct ir *ir, enum ir_type type, uint64_t value);
struct ir_val ir_const_v128(struct ir *ir, uint64_t lo, uint64_t hi);
bool ir_is_const(const struct ir *ir, struct ir_val v, uint64_t *value);
enum ir_type ir_typeof(const struct ir *ir, struct ir_val v);

/* Generic append; v holds nout slots to be filled, then inputs. Used by passes and by the builders below. */
struct ir_op *ir_append(struct ir *ir, enum ir_opc opc, enum ir_type type, unsigned nout, unsigned nin);
struct ir_val ir_new_value(struct ir *ir, enum ir_type type);

#define IR_B1(name) struct ir_val ir_##name(struct ir *ir, struct ir_val a)
#define IR_B2(name) \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a, struct ir_val b)
#define IR_B3(name) \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a, struct ir_val b, struct ir_val c)

/* Integers */
IR_B2(add); IR_B2(sub); IR_B2(mul); IR_B2(umulh); IR_B2(smulh); IR_B2(udiv);
IR_B2(sdiv); IR_B2(and); IR_B2(or); IR_B2(xor); IR_B2(andc); IR_B1(not);
IR_B1(neg); IR_B2(shl); IR_B2(shr); IR_B2(sar); IR_B2(ror); IR_B1(clz);
IR_B1(ctz); IR_B1(bswap); IR_B1(bswap16); IR_B2(concat32); IR_B1(zext);
IR_B1(sext); IR_B1(trunc); IR_B2(smin); IR_B2(smax); IR_B2(umin); IR_B2(umax);
IR_B3(adc);
struct ir_val ir_sbc(struct ir *ir, struct ir_val a, struct ir_val b, struct ir_val fl, enum ir_carry carry);
struct ir_val ir_addi(struct ir *ir, struct ir_val a, int64_t imm);
struct ir_val ir_andi(struct ir *ir, struct ir_val a, uint64_t imm);
struct ir_val ir_shli(struct ir *ir, struct ir_val a, unsigned n);
struct ir_val ir_shri(struct ir *ir, struct ir_val a, unsigned n);
struct ir_val ir_sari(struct ir *ir, struct ir_val a, unsigned n);
struct ir_val ir_rori(struct ir *ir, struct ir_val a, unsigned n);
struct ir_val ir_extract(struct ir *ir, struct ir_val a, unsigned pos, unsigned len);
struct ir_val ir_sextract(struct ir *ir, struct ir_val a, unsigned pos, unsigned len);
struct ir_val ir_deposit(struct ir *ir, struct ir_val into, struct ir_val field, unsigned pos, unsigned len);

/* Flags */
IR_B2(flags_add); IR_B3(flags_adc); IR_B1(flags_logic); IR_B2(flags_set_c);
IR_B1(flags_from_bits); IR_B1(flags_to_bits);
struct ir_val ir_flags_sub(struct ir *ir, struct ir_val a, struct ir_val b, enum ir_carry carry);
struct ir_val ir_flags_sbc(struct ir *ir, struct ir_val a, struct ir_val b, struct ir_val fl, enum ir_carry carry);
/* kind: enum ir_narrow; bits 8 or 16: those of a and b above do not matter. fl: for ADC and SBB, else IR_NONE */
struct ir_val ir_flags_narrow(struct ir *ir, enum ir_narrow kind, unsigned bits, struct ir_val a, struct ir_val b, struct ir_val fl);
/* After shifting a (its low `bits`) by count, as x86 does; count 0: old */
struct ir_val ir_flags_shift(struct ir *ir, enum ir_shift kind, unsigned bits, struct ir_val old, struct ir_val a, struct ir_val count);
struct ir_val ir_flags_merge(struct ir *ir, struct ir_val old, struct ir_val new_flags, unsigned mask);
struct ir_val ir_flags_fcmp(struct ir *ir, struct ir_val a, struct ir_val b, unsigned env, bool signalling);
struct ir_val ir_setcond(struct ir *ir, struct ir_val fl, enum ir_cc cc);
struct ir_val ir_setcmp(struct ir *ir, enum ir_cc cc, struct ir_val a, struct ir_val b);
struct ir_val ir_select(struct ir *ir, struct ir_val fl, enum ir_cc cc, struct ir_val yes, struct ir_val no);
struct ir_val ir_select_cmp(struct ir *ir, enum ir_cc cc, struct ir_val a, struct ir_val b, struct ir_val yes,
                            struct ir_val no);

/* State: offset in bytes from env */
struct ir_val ir_state_ld(struct ir *ir, enum ir_type type, unsigned offset);
void ir_state_st(struct ir *ir, struct ir_val v, unsigned offset);

/* Guest memory: addr I32 or I64; view: MMU index 0..TLB_VIEWS-1 */
struct ir_val ir_guest_ld(struct ir *ir, enum ir_type type, struct ir_val addr, unsigned memop, unsigned view);
void ir_guest_st(struct ir *ir, struct ir_val addr, struct ir_val v, unsigned memop, unsigned view);
/* n (1..32) consecutive elements, lowest address first; all have one type */
void ir_guest_ldm(struct ir *ir, enum ir_type type, struct ir_val addr, unsigned n, struct ir_val *out, unsigned memop,
                  unsigned view);
void ir_guest_stm(struct ir *ir, struct ir_val addr, unsigned n, const struct ir_val *v, unsigned memop, unsigned view);
/* Compare with expect, store new when equal; gives the old value. Implies MO_ATOMIC and a full barrier. */
struct ir_val ir_guest_cas(struct ir *ir, struct ir_val addr, struct ir_val expect, struct ir_val new_val,
                           unsigned memop, unsigned view);
struct ir_val ir_guest_rmw(struct ir *ir, enum ir_rmw rmw, struct ir_val addr, struct ir_val v, unsigned memop,
                           unsigned view);
void ir_mb(struct ir *ir, unsigned barrier);

/* Control */
void ir_insn_start(struct ir *ir, uint64_t pc, uint32_t aux);
unsigned ir_label_new(struct ir *ir);
void ir_label(struct ir *ir, unsigned label);
void ir_br_cond(struct ir *ir, struct ir_val fl, enum ir_cc cc, unsigned label);
void ir_br_cmp(struct ir *ir, enum ir_cc cc, struct ir_val a, struct ir_val b, unsigned label);
void ir_exit_link(struct ir *ir, uint64_t pc, bool poll);
void ir_exit_far(struct ir *ir, uint64_t pc);
void ir_exit_ind(struct ir *ir, struct ir_val pc, enum ir_jump kind);
void ir_exit_main(struct ir *ir);
void ir_ret_push(struct ir *ir, uint64_t pc);

/* Call of a helper from a HELPER table: ir_call(ir, arm_sdiv, a, b); the result is IR_NONE for VOID. */
struct ir_val ir_call_n(struct ir *ir, const struct helper *h, const struct ir_val *args, unsigned n);
#define ir_call(ir, name, ...)                                           \
    ir_call_n(ir, &helper_desc_##name,                                   \
              (const struct ir_val[]){ IR_NONE, ##__VA_ARGS__ } + 1,     \
              sizeof((const struct ir_val[]){ IR_NONE, ##__VA_ARGS__ }) / \
              sizeof(struct ir_val) - 1)

/* Bits and FP: env is the fp env index */
struct ir_val ir_bitcast(struct ir *ir, enum ir_type to, struct ir_val a);
#define IR_F1(name) struct ir_val ir_##name(struct ir *ir, struct ir_val a, unsigned env)
#define IR_F2(name) \
    struct ir_val ir_##name(struct ir *ir, struct ir_val a, struct ir_val b, unsigned env)
IR_F2(fadd); IR_F2(fsub); IR_F2(fmul); IR_F2(fdiv); IR_F1(fsqrt); IR_F2(fmin);
IR_F2(fmax); IR_F2(fminnum); IR_F2(fmaxnum); IR_B1(fneg); IR_B1(fabs);
struct ir_val ir_fmuladd(struct ir *ir, struct ir_val a, struct ir_val b, struct ir_val c, unsigned env, unsigned neg);
struct ir_val ir_fcvt(struct ir *ir, enum ir_type to, struct ir_val a, unsigned env);
struct ir_val ir_fcvt_s(struct ir *ir, enum ir_type to, struct ir_val a, unsigned env, enum ir_round round);
struct ir_val ir_fcvt_u(struct ir *ir, enum ir_type to, struct ir_val a, unsigned env, enum ir_round round);
struct ir_val ir_frint(struct ir *ir, struct ir_val a, unsigned env, enum ir_round round, bool exact);
struct ir_val ir_fcvt_from_s(struct ir *ir, enum ir_type to, struct ir_val a, unsigned env);
struct ir_val ir_fcvt_from_u(struct ir *ir, enum ir_type to, struct ir_val a, unsigned env);

/* Vectors. Without a special prototype: ir_v1/ir_v2/ir_v3 with the opcode, result type, operands and up to
 * three constants as tcg/ir-ops.inc lists them, e.g. ir_v2(ir, IR_vadd, V128, a, b, 2, 0). */
struct ir_val ir_v1(struct ir *ir, enum ir_opc opc, enum ir_type type, struct ir_val a, uint64_t c0, uint64_t c1);
/* The same with the third constant, of vfcvt_s, vfcvt_u and vfrint */
struct ir_val ir_v1_round(struct ir *ir, enum ir_opc opc, enum ir_type type, struct ir_val a, uint64_t c0, uint64_t c1,
                          unsigned round);
struct ir_val ir_v2(struct ir *ir, enum ir_opc opc, enum ir_type type, struct ir_val a, struct ir_val b, uint64_t c0,
                    uint64_t c1);
struct ir_val ir_v3(struct ir *ir, enum ir_opc opc, enum ir_type type, struct ir_val a, struct ir_val b,
                    struct ir_val c, uint64_t c0, uint64_t c1, uint64_t c2);

/* Operations of tcg/vx.inc: vx or vfx (fp: with flags), and their relatives; see tcg/ir-ops.inc */
struct ir_val ir_vx(struct ir *ir, bool fp, unsigned op, struct ir_val a, struct ir_val b, unsigned imm);
struct ir_val ir_vfx3(struct ir *ir, unsigned op, struct ir_val a, struct ir_val b, struct ir_val c);
struct ir_val ir_vfx_get(struct ir *ir, enum ir_type type, unsigned op, struct ir_val a);
struct ir_val ir_vfx_put(struct ir *ir, unsigned op, struct ir_val a, struct ir_val b);
struct ir_val ir_vfx_cmp(struct ir *ir, unsigned op, struct ir_val a, struct ir_val b);

#undef IR_B1
#undef IR_B2
#undef IR_B3
#undef IR_F1
#undef IR_F2

#endif
