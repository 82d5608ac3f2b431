/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes: folding, forwarding and dead code on small regions built by hand. */
#include "config.h"
#include <check.h>
#include "tcg/internal.h"
#include "tcg/ir-build.h"
#include "tests/suite.h"
#include "util/arena.h"

enum { OFF_A = 2048, OFF_B = 2052, OFF_FLAGS = 2056, OFF_WIDE = 2064 };

static const struct ir_slot slots[] = {
    { "a", OFF_A, I32, -1 }, { "b", OFF_B, I32, -1 }, { "flags", OFF_FLAGS, FLAGS, -1 },
};
static const struct ir_target target = { .name = "test", .slots = slots, .nslots = 3, .addr_type = I32 };

static struct arena arena;
static struct ir *ir;

static void setup(void)
{
    arena_init(&arena);
    ir = ir_new(&arena, &target);
    ir_reset(ir, 0x1000);
    ir_insn_start(ir, 0x1000, 0);
}

static void teardown(void)
{
    ir_free(ir);
    arena_fini(&arena);
}

static unsigned live(enum ir_opc opc)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < ir->nops; i++)
        n += !ir->ops[i].dead && ir->ops[i].opc == opc;
    return n;
}

static void ck_const(struct ir_val v, uint64_t want)
{
    uint64_t got = 0;

    ck_assert(ir_is_const(ir, v, &got));
    ck_assert_uint_eq(got, want);
}

static struct ir_val k(uint32_t v)
{
    return ir_const(ir, I32, v);
}

START_TEST(constants_fold_when_built)
{
    ck_const(ir_add(ir, k(3), k(0xffffffff)), 2);
    ck_const(ir_sar(ir, k(0x80000000), k(31)), 0xffffffff);
    ck_const(ir_setcond(ir, ir_flags_sub(ir, k(1), k(2), CARRY_NOT_BORROW), CC_LT), 1);
    ck_const(ir_setcond(ir, ir_flags_sub(ir, k(1), k(2), CARRY_NOT_BORROW), CC_CS), 0);
    ck_const(ir_sdiv(ir, k(0x80000000), k(0xffffffff)), 0x80000000);
    ck_const(ir_udiv(ir, k(5), k(0)), 0);
}
END_TEST

START_TEST(neutral_operands_vanish)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A);

    ck_assert_uint_eq(ir_add(ir, x, k(0)).id, x.id);
    ck_assert_uint_eq(ir_add(ir, k(0), x).id, x.id);
    ck_assert_uint_eq(ir_and(ir, x, k(0xffffffff)).id, x.id);
    ck_assert_uint_eq(ir_or(ir, x, x).id, x.id);
    ck_assert_uint_eq(ir_shl(ir, x, k(0)).id, x.id);
    ck_assert_uint_eq(ir_trunc(ir, ir_zext(ir, x)).id, x.id);
}
END_TEST

START_TEST(xor_same_reg_gives_zero)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A);

    ck_const(ir_xor(ir, x, x), 0);
    ck_const(ir_sub(ir, x, x), 0);
    ck_const(ir_and(ir, x, k(0)), 0);
}
END_TEST

START_TEST(state_is_forwarded_to_loads)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A);

    ir_state_st(ir, ir_addi(ir, x, 1), OFF_A);
    ir_state_st(ir, ir_addi(ir, ir_state_ld(ir, I32, OFF_A), 1), OFF_B);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_state_ld), 1);
    ck_assert_uint_eq(live(IR_add), 2);
}
END_TEST

START_TEST(overlapping_store_is_not_forwarded)
{
    ir_state_st(ir, ir_const(ir, I64, 5), OFF_WIDE);
    ir_state_st(ir, k(1), OFF_WIDE);
    ir_state_st(ir, ir_state_ld(ir, I64, OFF_WIDE), OFF_A);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_state_ld), 1);
}
END_TEST

START_TEST(equal_ops_are_done_once)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A), y = ir_state_ld(ir, I32, OFF_B);

    ir_state_st(ir, ir_mul(ir, x, y), OFF_A);
    ir_state_st(ir, ir_mul(ir, x, y), OFF_B);
    ir_state_st(ir, ir_shl(ir, y, k(5)), OFF_WIDE);
    ir_state_st(ir, ir_shl(ir, y, k(5)), OFF_WIDE + 4);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_mul), 1);
    ck_assert_uint_eq(live(IR_shl), 1);
}
END_TEST

START_TEST(overwritten_flags_are_dead)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A);

    ir_state_st(ir, ir_flags_logic(ir, x), OFF_FLAGS);
    ir_state_st(ir, ir_flags_sub(ir, x, k(4), CARRY_NOT_BORROW), OFF_FLAGS);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_flags_logic), 0);
    ck_assert_uint_eq(live(IR_flags_sub), 1);
}
END_TEST

START_TEST(store_before_a_fault_stays)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A);

    ir_state_st(ir, ir_addi(ir, x, 4), OFF_A);
    ir_guest_st(ir, x, k(0), MO_32, 0);
    ir_state_st(ir, ir_addi(ir, x, 8), OFF_A);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_state_st), 2);
}
END_TEST

START_TEST(conditional_store_hides_what_was_known)
{
    struct ir_val fl = ir_state_ld(ir, FLAGS, OFF_FLAGS);
    unsigned l = ir_label_new(ir);

    ir_state_st(ir, k(1), OFF_A);
    ir_br_cond(ir, fl, CC_NE, l);
    ir_state_st(ir, k(2), OFF_A);
    ir_label(ir, l);
    ir_state_st(ir, ir_state_ld(ir, I32, OFF_A), OFF_B);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_state_ld), 2);
    ck_assert_uint_eq(live(IR_state_st), 3);
}
END_TEST

START_TEST(side_exit_keeps_what_was_known)
{
    struct ir_val fl = ir_state_ld(ir, FLAGS, OFF_FLAGS);
    unsigned l = ir_label_new(ir);

    ir_state_st(ir, k(1), OFF_A);
    ir_br_cond(ir, fl, CC_NE, l);
    ir_state_st(ir, k(2), OFF_A);
    ir_exit_link(ir, 0x1010, false);
    ir_label(ir, l);
    ir_state_st(ir, ir_state_ld(ir, I32, OFF_A), OFF_B);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_state_ld), 1);
}
END_TEST

START_TEST(parts_of_a_known_vector_are_not_loaded)
{
    struct ir_val x = ir_state_ld(ir, F64, OFF_A);

    ir_state_st(ir, ir_v1(ir, IR_vzext, V128, x, 0, 0), OFF_WIDE);
    ir_state_st(ir, ir_state_ld(ir, F64, OFF_WIDE), OFF_WIDE + 16);      /* x itself */
    ir_state_st(ir, ir_state_ld(ir, I64, OFF_WIDE), OFF_WIDE + 24);      /* its bits */
    ir_state_st(ir, ir_state_ld(ir, V64, OFF_WIDE + 8), OFF_WIDE + 32);  /* zero */
    ir_state_st(ir, ir_v1(ir, IR_vdup, V128, ir_state_ld(ir, I32, OFF_WIDE + 12), 2, 0), OFF_WIDE + 48);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_state_ld), 1);
    ck_assert_uint_eq(live(IR_bitcast), 1);
    ck_assert_uint_eq(live(IR_vhigh) + live(IR_vget_u) + live(IR_vlow), 0);
}
END_TEST

START_TEST(vector_permutations_undo_each_other)
{
    struct ir_val x = ir_state_ld(ir, V128, OFF_WIDE), y = ir_state_ld(ir, V128, OFF_WIDE + 16), lo, hi;

    lo = ir_v2(ir, IR_vzip_lo, V128, x, y, 3, 0);
    hi = ir_v2(ir, IR_vzip_hi, V128, x, y, 3, 0);
    ck_assert_uint_eq(ir_v2(ir, IR_vzip_lo, V128, lo, hi, 3, 0).id, x.id);
    ck_assert_uint_eq(ir_v2(ir, IR_vzip_hi, V128, lo, hi, 3, 0).id, y.id);
    lo = ir_v1(ir, IR_vrev, V128, x, 2, 3);
    ck_assert_uint_eq(ir_v1(ir, IR_vrev, V128, lo, 2, 3).id, x.id);
    ck_assert_uint_ne(ir_v1(ir, IR_vrev, V128, lo, 1, 3).id, x.id);
    ck_assert_uint_eq(ir_v2(ir, IR_vor, V128, x, ir_const_v128(ir, 0, 0), 0, 0).id, x.id);
    lo = ir_v1(ir, IR_vshli, V128, x, 2, 5);
    ck_assert_uint_eq(ir_v2(ir, IR_vandc, V128, lo, ir_const_v128(ir, 0x1f0000001f, 0x1f0000001f), 0, 0).id, lo.id);
    ck_assert_uint_ne(ir_v2(ir, IR_vandc, V128, lo, ir_const_v128(ir, 0x3f0000001f, 0x1f0000001f), 0, 0).id, lo.id);
}
END_TEST

START_TEST(fp_with_sticky_flags_stays)
{
    struct ir_val x = ir_bitcast(ir, F32, ir_state_ld(ir, I32, OFF_A));

    ir_fadd(ir, x, x, 0);
    ir_fneg(ir, x);
    ir_exit_main(ir);
    opt_run(ir, true, false);
    ck_assert_uint_eq(live(IR_fadd), 1);
    ck_assert_uint_eq(live(IR_fneg), 0);
}
END_TEST

/* ---- opt-sink ----------------------------------------------------------------------------------- */

static const struct ir_op *nth(enum ir_opc opc, unsigned n)
{
    for (uint32_t i = 0; i < ir->nops; i++)
        if (!ir->ops[i].dead && ir->ops[i].opc == opc && !n--)
            return &ir->ops[i];
    return NULL;
}

static struct ir_val sum_and_flags(unsigned from, struct ir_val with)
{
    struct ir_val a = ir_state_ld(ir, I32, from), r = ir_add(ir, a, with);

    ir_state_st(ir, ir_flags_add(ir, a, with), OFF_FLAGS);
    ir_state_st(ir, r, from);
    return r;
}

/* The store's slow path makes the first sum's flags: from the result and the second operand. */
START_TEST(flags_before_an_access_go_to_its_slow_path)
{
    struct ir_val b = ir_state_ld(ir, I32, OFF_B), r = sum_and_flags(OFF_A, b);
    const struct ir_op *st;

    ir_guest_st(ir, b, r, MO_32, 0);
    ir_state_st(ir, ir_flags_sub(ir, r, b, CARRY_BORROW), OFF_FLAGS);
    ir_exit_main(ir);
    opt_run(ir, true, true);
    st = nth(IR_guest_st, 0);
    ck_assert_uint_eq(live(IR_flags_add), 0);
    ck_assert_uint_eq(live(IR_flags_sub), 1);
    ck_assert_uint_eq(IR_SINK_KIND(st->c[2]), SINK_ADD_RESULT);
    ck_assert_uint_eq(IR_SINK_SLOT(st->c[2]), OFF_FLAGS);
    ck_assert_uint_eq(IR_SINK_BITS(st->c[2]), 32);
    ck_assert_uint_eq(st->nin, 4);
    ck_assert_uint_eq(ir_ins(st)[2], r.id);
    ck_assert_uint_eq(ir_ins(st)[3], b.id);
}
END_TEST

/* A path that leaves gets the store; the one that goes on does without. */
START_TEST(side_exits_store_flags_themselves)
{
    struct ir_val b = ir_state_ld(ir, I32, OFF_B), r = sum_and_flags(OFF_A, b);
    unsigned label = ir_label_new(ir);

    ir_br_cmp(ir, CC_EQ, r, b, label);
    ir_exit_link(ir, 0x1010, false);
    ir_label(ir, label);
    ir_state_st(ir, ir_flags_sub(ir, r, b, CARRY_BORROW), OFF_FLAGS);
    ir_exit_main(ir);
    opt_run(ir, true, true);
    ck_assert_uint_eq(live(IR_flags_add), 1);
    ck_assert_uint_eq(live(IR_state_st), 3);         /* the sum; flags on each way */
    ck_assert(nth(IR_flags_add, 0) > nth(IR_br_cmp, 0));
    ck_assert(nth(IR_flags_add, 0) < nth(IR_exit_link, 0));
}
END_TEST

/* Calls and loads of the flags see them; the last ones leave the region. */
START_TEST(flags_that_somebody_sees_stay)
{
    struct ir_val b = ir_state_ld(ir, I32, OFF_B), r = sum_and_flags(OFF_A, b), out[2];

    ir_guest_ldm(ir, I32, b, 2, out, MO_32, 0);
    ir_state_st(ir, ir_flags_sub(ir, r, b, CARRY_BORROW), OFF_FLAGS);
    ir_guest_st(ir, b, r, MO_32, 0);
    ir_exit_main(ir);
    opt_run(ir, true, true);
    ck_assert_uint_eq(live(IR_flags_add), 1);
    ck_assert_uint_eq(live(IR_flags_sub), 1);
    ck_assert_uint_eq(nth(IR_guest_st, 0)->c[2], 0);
}
END_TEST

/* Another branch comes to the end of the way out, past the store: what it finds in the slot stays. */
START_TEST(flags_with_a_way_round_their_store_are_stored)
{
    struct ir_val fl = ir_state_ld(ir, FLAGS, OFF_FLAGS), x = ir_state_ld(ir, I32, OFF_A), y = ir_state_ld(ir, I32, OFF_B), r;
    unsigned l = ir_label_new(ir);

    ir_br_cond(ir, fl, CC_NE, l);
    r = ir_add(ir, x, y);
    ir_state_st(ir, ir_flags_sub(ir, r, y, CARRY_BORROW), OFF_FLAGS);
    ir_br_cmp(ir, CC_EQ, x, y, l);
    ir_exit_link(ir, 0x1010, false);
    ir_label(ir, l);
    ir_guest_st(ir, x, y, MO_32, 0);
    ir_state_st(ir, ir_flags_sub(ir, y, x, CARRY_BORROW), OFF_FLAGS);
    ir_exit_main(ir);
    opt_run(ir, true, true);
    ck_assert_uint_eq(live(IR_flags_sub), 2);
    ck_assert_uint_eq(nth(IR_guest_st, 0)->nin - 2u, 0);
}
END_TEST

/* The difference is made behind the access: the slow path cannot have it. */
START_TEST(flags_are_not_made_of_a_result_to_come)
{
    struct ir_val x = ir_state_ld(ir, I32, OFF_A), y = ir_state_ld(ir, I32, OFF_B);

    ir_state_st(ir, ir_flags_sub(ir, x, y, CARRY_BORROW), OFF_FLAGS);
    ir_guest_st(ir, x, y, MO_32, 0);
    ir_state_st(ir, ir_sub(ir, x, y), OFF_A);
    ir_state_st(ir, ir_flags_sub(ir, y, x, CARRY_BORROW), OFF_FLAGS);
    ir_exit_main(ir);
    opt_run(ir, true, true);
    ck_assert_uint_eq(live(IR_flags_sub), 1);
    ck_assert_uint_eq(nth(IR_guest_st, 0)->nin - 2u, 2);
}
END_TEST

static Suite *suite_opt(void)
{
    Suite *s = suite_create("opt");
    TCase *t = tcase_create("passes");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, constants_fold_when_built);
    tcase_add_test(t, neutral_operands_vanish);
    tcase_add_test(t, xor_same_reg_gives_zero);
    tcase_add_test(t, state_is_forwarded_to_loads);
    tcase_add_test(t, overlapping_store_is_not_forwarded);
    tcase_add_test(t, equal_ops_are_done_once);
    tcase_add_test(t, overwritten_flags_are_dead);
    tcase_add_test(t, store_before_a_fault_stays);
    tcase_add_test(t, conditional_store_hides_what_was_known);
    tcase_add_test(t, side_exit_keeps_what_was_known);
    tcase_add_test(t, parts_of_a_known_vector_are_not_loaded);
    tcase_add_test(t, vector_permutations_undo_each_other);
    tcase_add_test(t, fp_with_sticky_flags_stays);
    tcase_add_test(t, flags_before_an_access_go_to_its_slow_path);
    tcase_add_test(t, side_exits_store_flags_themselves);
    tcase_add_test(t, flags_that_somebody_sees_stay);
    tcase_add_test(t, flags_with_a_way_round_their_store_are_stored);
    tcase_add_test(t, flags_are_not_made_of_a_result_to_come);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_opt)
