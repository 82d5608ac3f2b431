/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The common case of x87 arithmetic on the host's x87 unit: all exceptions masked, and no flag that is new but PE, which is
 * sticky and set already. Anything else is left to util/x87float.c, which gives the same (tests/util/test-x87float.c). For helper-fpu.c alone.
 *
 * C code leaves the host's unit with an empty stack, the default control word and flags that do not matter; so do these.
 */
#ifndef TARGET_X86_FPU_HOST_H
#define TARGET_X86_FPU_HOST_H

#include "target-x86/fpu.h"

#if defined(__x86_64__)

struct fpu_host_result {
    uint64_t sig;
    uint16_t se;
} __attribute__((packed));

/* Is the guest's unit in a state that this is for? */
static inline bool fpu_host_usable(const struct x86_cpu *c)
{
    return (c->fcw & X87_EXCEPTIONS) == X87_EXCEPTIONS && c->fsw & X87_PE;
}

static inline void fpu_host_control(uint16_t cw)
{
    __asm__ volatile("fldcw %0" : : "m"(cw));
}

/* Flags that were raised, PE aside: they are cleared, and the result does not count. */
static inline bool fpu_host_bad(uint16_t sw)
{
    if (!(sw & (X87_EXCEPTIONS & ~X87_PE)))
        return false;
    __asm__ volatile("fnclex");
    return true;
}

#define FPU_HOST_RUN(insns, r, sw, a, b)                                                             \
    __asm__ volatile(insns "\n fnstsw %%ax\n fstpt %[res]"                                           \
                     : [res] "=m"(r), "=&a"(sw)                                                      \
                     : [st] "m"(a), [op] "m"(b)                                                      \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)")

/* One per kind of operand: what loads ST0 and the operand, and the six operations */
#define FPU_HOST_ARITH(name, type, load, add, mul, sub, subr, div, divr)                             \
    static inline uint16_t fpu_host_##name(enum fpu_arith op, const struct x87_reg *a, const type *b, \
                                           struct fpu_host_result *r)                                \
    {                                                                                                \
        uint16_t sw;                                                                                 \
                                                                                                     \
        switch (op) {                                                                                \
        case FPU_ADD:                                                                                \
            FPU_HOST_RUN(load add, *r, sw, *a, *b);                                                  \
            break;                                                                                   \
        case FPU_MUL:                                                                                \
            FPU_HOST_RUN(load mul, *r, sw, *a, *b);                                                  \
            break;                                                                                   \
        case FPU_SUB:                                                                                \
            FPU_HOST_RUN(load sub, *r, sw, *a, *b);                                                  \
            break;                                                                                   \
        case FPU_SUBR:                                                                               \
            FPU_HOST_RUN(load subr, *r, sw, *a, *b);                                                 \
            break;                                                                                   \
        case FPU_DIV:                                                                                \
            FPU_HOST_RUN(load div, *r, sw, *a, *b);                                                  \
            break;                                                                                   \
        default:                                                                                     \
            FPU_HOST_RUN(load divr, *r, sw, *a, *b);                                                 \
            break;                                                                                   \
        }                                                                                            \
        return sw;                                                                                   \
    }

FPU_HOST_ARITH(f32, uint32_t, "fldt %[st]\n ", "fadds %[op]", "fmuls %[op]", "fsubs %[op]", "fsubrs %[op]", "fdivs %[op]",
               "fdivrs %[op]")
FPU_HOST_ARITH(f64, uint64_t, "fldt %[st]\n ", "faddl %[op]", "fmull %[op]", "fsubl %[op]", "fsubrl %[op]", "fdivl %[op]",
               "fdivrl %[op]")
/* ST1 op ST0, popped; by bytes, because assemblers swap the names of FSUBP and FSUBRP */
FPU_HOST_ARITH(reg, struct x87_reg, "fldt %[st]\n fldt %[op]\n ", ".byte 0xde, 0xc1", ".byte 0xde, 0xc9", ".byte 0xde, 0xe9",
               ".byte 0xde, 0xe1", ".byte 0xde, 0xf9", ".byte 0xde, 0xf1")

/* ST0 as a float of 32 or 64 bits */
static inline uint16_t fpu_host_store(const struct x87_reg *a, unsigned bits, uint64_t *v)
{
    uint16_t sw;
    uint32_t narrow;

    if (bits == 64) {
        __asm__ volatile("fldt %[st]\n fstpl %[res]\n fnstsw %%ax" : [res] "=m"(*v), "=&a"(sw) : [st] "m"(*a) : "st");
    } else {
        __asm__ volatile("fldt %[st]\n fstps %[res]\n fnstsw %%ax" : [res] "=m"(narrow), "=&a"(sw) : [st] "m"(*a) : "st");
        *v = narrow;
    }
    return sw;
}

#endif

#endif
