/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to helper-decl.h and helper-def.h: one macro argument after another. No guard on purpose: plain #defines. */
#ifndef TCG_HELPER_MACROS_H
#define TCG_HELPER_MACROS_H

#define HC_VOID void
#define HC_I32 uint32_t
#define HC_I64 uint64_t
#define HC_F32 uint32_t
#define HC_F64 uint64_t
#define HC_V64 uint64_t
#define HC_V128 const struct v128 *
#define HC_ENV struct tcg_env *

#define H_COUNT(...) H_COUNT_(dummy, ##__VA_ARGS__, 6, 5, 4, 3, 2, 1, 0)
#define H_COUNT_(z, a, b, c, d, e, f, n, ...) n
#define H_CAT(a, b) H_CAT_(a, b)
#define H_CAT_(a, b) a##b
#define H_C0() void
#define H_C1(a) HC_##a
#define H_C2(a, b) HC_##a, HC_##b
#define H_C3(a, b, c) HC_##a, HC_##b, HC_##c
#define H_C4(a, b, c, d) HC_##a, HC_##b, HC_##c, HC_##d
#define H_C5(a, b, c, d, e) HC_##a, HC_##b, HC_##c, HC_##d, HC_##e
#define H_C6(a, b, c, d, e, f) HC_##a, HC_##b, HC_##c, HC_##d, HC_##e, HC_##f
#define H_PROTO(...) H_CAT(H_C, H_COUNT(__VA_ARGS__))(__VA_ARGS__)
#define H_T0() 0
#define H_T1(a) HT_##a
#define H_T2(a, b) HT_##a, HT_##b
#define H_T3(a, b, c) HT_##a, HT_##b, HT_##c
#define H_T4(a, b, c, d) HT_##a, HT_##b, HT_##c, HT_##d
#define H_T5(a, b, c, d, e) HT_##a, HT_##b, HT_##c, HT_##d, HT_##e
#define H_T6(a, b, c, d, e, f) HT_##a, HT_##b, HT_##c, HT_##d, HT_##e, HT_##f
#define H_TYPES(...) H_CAT(H_T, H_COUNT(__VA_ARGS__))(__VA_ARGS__)

#endif
