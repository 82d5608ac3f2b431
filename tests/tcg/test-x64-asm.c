/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every emitter of tcg/x64-asm.c against Capstone: the instruction is emitted
 * with several registers and addresses, disassembled, and the text compared.
 */
#include "config.h"

#include <capstone/capstone.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcg/x64-asm.h"
#include "tests/suite.h"

static csh cs;
static uint8_t code[4096];
static struct x64_buf buf;

static const char *const names[4][16] = {
    { "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b",
      "r10b", "r11b", "r12b", "r13b", "r14b", "r15b" },
    { "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w",
      "r11w", "r12w", "r13w", "r14w", "r15w" },
    { "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d",
      "r10d", "r11d", "r12d", "r13d", "r14d", "r15d" },
    { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9",
      "r10", "r11", "r12", "r13", "r14", "r15" },
};

static const int regs[] = { RAX, RCX, RBX, RSP, RBP, RSI, RDI, R8, R12, R13,
                            R15 };
enum { NREGS = sizeof(regs) / sizeof(regs[0]) };

static const struct {
    struct x64_mem m;
    const char *text;
} mems[] = {
    { { NULL, 0, RBX, -1, 0 }, "[rbx]" },
    { { NULL, 0, RSP, -1, 0 }, "[rsp]" },
    { { NULL, 0, RBP, -1, 0 }, "[rbp]" },
    { { NULL, 0, R12, -1, 0 }, "[r12]" },
    { { NULL, 0, R13, -1, 0 }, "[r13]" },
    { { NULL, 0x10, R12, -1, 0 }, "[r12 + 0x10]" },
    { { NULL, -8, RBP, -1, 0 }, "[rbp - 8]" },
    { { NULL, 0x12345, R9, -1, 0 }, "[r9 + 0x12345]" },
    { { NULL, 0, RAX, R9, 2 }, "[rax + r9*4]" },
    { { NULL, 0, R13, R12, 3 }, "[r13 + r12*8]" },
    { { NULL, 0x40, RBP, RBP, 0 }, "[rbp + rbp + 0x40]" },
    { { NULL, -0x1000, R8, R15, 1 }, "[r8 + r15*2 - 0x1000]" },
    { { NULL, 0x100, -1, R10, 3 }, "[r10*8 + 0x100]" },
    { { NULL, 0x1000, -1, -1, 0 }, "[0x1000]" },
};
enum { NMEMS = sizeof(mems) / sizeof(mems[0]) };

static void setup(void)
{
    ck_assert_int_eq(cs_open(CS_ARCH_X86, CS_MODE_64, &cs), CS_ERR_OK);
    x64_buf_init(&buf, code, sizeof(code), 0);
}

static void teardown(void)
{
    cs_close(&cs);
}

/* Remove "dword ptr " and friends. */
static void strip_ptr(char *s)
{
    char *at;

    while ((at = strstr(s, " ptr "))) {
        char *from = at;

        while (from > s && from[-1] != ' ' && from[-1] != ',')
            from--;
        memmove(from, at + 5, strlen(at + 5) + 1);
    }
}

/* What was emitted is one instruction with this text; then start again. */
static void __attribute__((format(printf, 1, 2))) expect(const char *fmt, ...)
{
    char want[160], got[240] = "(nothing)", hex[80] = "";
    cs_insn *insn = NULL;
    va_list ap;
    size_t n;

    va_start(ap, fmt);
    vsnprintf(want, sizeof(want), fmt, ap);
    va_end(ap);
    for (unsigned i = 0; i < x64_used(&buf) && i < 20; i++)
        sprintf(hex + 3 * i, "%02x ", code[i]);
    n = cs_disasm(cs, code, x64_used(&buf), 0x1000, 0, &insn);
    if (n) {
        snprintf(got, sizeof(got), "%s%s%s", insn[0].mnemonic,
                 insn[0].op_str[0] ? " " : "", insn[0].op_str);
        strip_ptr(got);
    }
    ck_assert_msg(n == 1 && insn[0].size == x64_used(&buf) &&
                  strcmp(got, want) == 0,
                  "%s: want '%s', got '%s' (%zu instructions)", hex, want,
                  got, n);
    cs_free(insn, n);
    buf.p = buf.base;
}

#define FOR_REGS(x) for (int x##i = 0, x; x##i < NREGS && (x = regs[x##i], 1); \
                         x##i++)
#define FOR_SIZES(sz, from) for (int sz = (from); sz <= S64; sz++)
#define FOR_MEMS(i) for (int i = 0; i < NMEMS; i++)

START_TEST(alu_forms)
{
    static const char *const alu[] = { "add", "or", "adc", "sbb", "and",
                                       "sub", "xor", "cmp" };
    static const char *const ones[] = { "0xfe", "0xfffe", "0xfffffffe",
                                        "0xfffffffffffffffe" };

    for (int op = 0; op < 8; op++) {
        FOR_SIZES(sz, S8) {
            FOR_REGS(d) {
                FOR_REGS(s) {
                    x64_alu_rr(&buf, op, sz, d, s);
                    expect("%s %s, %s", alu[op], names[sz][d], names[sz][s]);
                }
                FOR_MEMS(i) {
                    x64_alu_rm(&buf, op, sz, d, mems[i].m);
                    expect("%s %s, %s", alu[op], names[sz][d], mems[i].text);
                    x64_alu_mr(&buf, op, sz, mems[i].m, d);
                    expect("%s %s, %s", alu[op], mems[i].text, names[sz][d]);
                }
                x64_alu_ri(&buf, op, sz, d, 0x12);
                expect("%s %s, 0x12", alu[op], names[sz][d]);
                if (sz == S8)
                    continue;
                x64_alu_ri(&buf, op, sz, d, 0x1234);
                expect("%s %s, 0x1234", alu[op], names[sz][d]);
                x64_alu_ri(&buf, op, sz, d, -2);
                expect("%s %s, %s", alu[op], names[sz][d],
                       op == A_OR || op == A_AND || op == A_XOR ? ones[sz]
                                                                : "-2");
            }
        }
    }
}
END_TEST

START_TEST(alu_memory_immediate)
{
    FOR_MEMS(i) {
        FOR_SIZES(sz, S8) {
            x64_alu_mi(&buf, A_ADD, sz, mems[i].m, 5);
            expect("add %s, 5", mems[i].text);
            x64_alu_mi(&buf, A_CMP, sz, mems[i].m, 0x70);
            expect("cmp %s, 0x70", mems[i].text);
            x64_lock_alu_mi(&buf, A_OR, sz, mems[i].m, 4);
            expect("lock or %s, 4", mems[i].text);
            x64_lock_alu_mr(&buf, A_AND, sz, mems[i].m, RSI);
            expect("lock and %s, %s", mems[i].text, names[sz][RSI]);
            x64_test_mi(&buf, sz, mems[i].m, 0x40);
            expect("test %s, 0x40", mems[i].text);
            x64_mov_mi(&buf, sz, mems[i].m, 0x33);
            expect("mov %s, 0x33", mems[i].text);
            x64_unary_m(&buf, U_DIV, sz, mems[i].m);
            expect("div %s", mems[i].text);
            if (sz == S8)
                continue;
            x64_alu_mi(&buf, A_SUB, sz, mems[i].m, 0x1234);
            expect("sub %s, 0x1234", mems[i].text);
            x64_bit_mi(&buf, B_BTS, sz, mems[i].m, 7);
            expect("bts %s, 7", mems[i].text);
        }
    }
}
END_TEST

START_TEST(moves)
{
    FOR_SIZES(sz, S8) {
        FOR_REGS(d) {
            FOR_REGS(s) {
                x64_mov_rr(&buf, sz, d, s);
                expect("mov %s, %s", names[sz][d], names[sz][s]);
                x64_test_rr(&buf, sz, d, s);
                expect("test %s, %s", names[sz][d], names[sz][s]);
                for (int from = S8; from < sz; from++) {
                    x64_movsx_rr(&buf, sz, from, d, s);
                    if (sz == S16) {    /* no 16-bit form: 32 bits wide */
                        buf.p = buf.base;
                        continue;
                    }
                    expect("%s %s, %s", from == S32 ? "movsxd" : "movsx",
                           names[sz][d], names[from][s]);
                }
                x64_movzx_rr(&buf, sz, d, s);
                expect("%s %s, %s", sz < S32 ? "movzx" : "mov",
                       names[sz < S32 ? S32 : sz][d], names[sz][s]);
            }
            FOR_MEMS(i) {
                x64_mov_rm(&buf, sz, d, mems[i].m);
                expect("mov %s, %s", names[sz][d], mems[i].text);
                x64_mov_mr(&buf, sz, mems[i].m, d);
                expect("mov %s, %s", mems[i].text, names[sz][d]);
                x64_movzx_rm(&buf, sz, d, mems[i].m);
                expect("%s %s, %s", sz < S32 ? "movzx" : "mov",
                       names[sz < S32 ? S32 : sz][d], mems[i].text);
                if (sz < S64) {
                    x64_movsx_rm(&buf, S64, sz, d, mems[i].m);
                    expect("%s %s, %s", sz == S32 ? "movsxd" : "movsx",
                           names[S64][d], mems[i].text);
                }
                if (sz == S8)
                    continue;
                x64_movbe_rm(&buf, sz, d, mems[i].m);
                expect("movbe %s, %s", names[sz][d], mems[i].text);
                x64_movbe_mr(&buf, sz, mems[i].m, d);
                expect("movbe %s, %s", mems[i].text, names[sz][d]);
                x64_lea(&buf, sz, d, mems[i].m);
                expect("lea %s, %s", names[sz][d], mems[i].text);
            }
            x64_test_ri(&buf, sz, d, 0x55);
            expect("test %s, 0x55", names[sz][d]);
        }
    }
}
END_TEST

START_TEST(mov_immediate_is_shortest)
{
    FOR_REGS(d) {
        x64_mov_ri(&buf, d, 0x89abcdef);
        ck_assert_uint_le(x64_used(&buf), 6);
        expect("mov %s, 0x89abcdef", names[S32][d]);
        x64_mov_ri(&buf, d, (uint64_t)-2);
        ck_assert_uint_eq(x64_used(&buf), 7);
        expect("mov %s, -2", names[S64][d]);
        x64_mov_ri(&buf, d, 0x123456789abcdef0);
        expect("movabs %s, 0x123456789abcdef0", names[S64][d]);
        x64_push(&buf, d);
        expect("push %s", names[S64][d]);
        x64_pop(&buf, d);
        expect("pop %s", names[S64][d]);
        for (int sz = S32; sz <= S64; sz++) {
            x64_bswap(&buf, sz, d);
            expect("bswap %s", names[sz][d]);
        }
    }
}
END_TEST

START_TEST(shifts)
{
    static const char *const sh[] = { "rol", "ror", "rcl", "rcr", "shl",
                                      "shr", "", "sar" };
    static const char *const vg[] = { "shlx", "shrx", "sarx" };

    FOR_REGS(d) {
        FOR_SIZES(sz, S8) {
            for (int op = 0; op < 8; op++) {
                if (op == 6)
                    continue;
                x64_shift_i(&buf, op, sz, d, 5);
                expect("%s %s, 5", sh[op], names[sz][d]);
                x64_shift_i(&buf, op, sz, d, 1);
                expect("%s %s, 1", sh[op], names[sz][d]);
                x64_shift_cl(&buf, op, sz, d);
                expect("%s %s, cl", sh[op], names[sz][d]);
            }
        }
        for (int sz = S32; sz <= S64; sz++) {
            FOR_REGS(s) {
                const char *dn = names[sz][d], *sn = names[sz][s];

                for (int op = 0; op < 3; op++) {
                    x64_vgpr(&buf, op, sz, d, s, R9);
                    expect("%s %s, %s, %s", vg[op], dn, sn, names[sz][R9]);
                }
                x64_vgpr(&buf, V_ANDN, sz, d, s, R9);
                expect("andn %s, %s, %s", dn, names[sz][R9], sn);
                x64_vgpr(&buf, V_BEXTR, sz, d, s, R9);
                expect("bextr %s, %s, %s", dn, sn, names[sz][R9]);
                x64_vgpr(&buf, V_PDEP, sz, d, s, RCX);
                expect("pdep %s, %s, %s", dn, names[sz][RCX], sn);
                x64_vgpr(&buf, V_PEXT, sz, d, s, RCX);
                expect("pext %s, %s, %s", dn, names[sz][RCX], sn);
                x64_vgpr(&buf, V_MULX, sz, d, s, R10);
                expect("mulx %s, %s, %s", dn, names[sz][R10], sn);
                x64_rorx(&buf, sz, d, s, 7);
                expect("rorx %s, %s, 7", dn, sn);
                x64_shld_i(&buf, sz, d, s, 3);
                expect("shld %s, %s, 3", dn, sn);
                x64_shrd_i(&buf, sz, d, s, 3);
                expect("shrd %s, %s, 3", dn, sn);
            }
        }
    }
}
END_TEST

START_TEST(multiplies_and_bits)
{
    static const char *const un[] = { "", "", "not", "neg", "mul", "imul",
                                      "div", "idiv" };
    static const char *const bt[] = { "bt", "bts", "btr", "btc" };
    static void (*const cnt[])(struct x64_buf *, int, int, int) = {
        x64_popcnt, x64_lzcnt, x64_tzcnt, x64_bsr, x64_bsf };
    static const char *const cn[] = { "popcnt", "lzcnt", "tzcnt", "bsr",
                                      "bsf" };

    FOR_REGS(d) {
        FOR_SIZES(sz, S8)
            for (int op = 2; op < 8; op++) {
                x64_unary_r(&buf, op, sz, d);
                expect("%s %s", un[op], names[sz][d]);
            }
        for (int sz = S32; sz <= S64; sz++) {
            FOR_REGS(s) {
                x64_imul_rr(&buf, sz, d, s);
                expect("imul %s, %s", names[sz][d], names[sz][s]);
                x64_imul_rri(&buf, sz, d, s, 100);
                expect("imul %s, %s, 0x64", names[sz][d], names[sz][s]);
                x64_imul_rri(&buf, sz, d, s, 1000);
                expect("imul %s, %s, 0x3e8", names[sz][d], names[sz][s]);
                for (int k = 0; k < 5; k++) {
                    cnt[k](&buf, sz, d, s);
                    expect("%s %s, %s", cn[k], names[sz][d], names[sz][s]);
                }
                for (int op = 4; op < 8; op++) {
                    x64_bit_rr(&buf, op, sz, d, s);
                    expect("%s %s, %s", bt[op - 4], names[sz][d],
                           names[sz][s]);
                }
            }
            FOR_MEMS(i) {
                x64_imul_rm(&buf, sz, d, mems[i].m);
                expect("imul %s, %s", names[sz][d], mems[i].text);
            }
            for (int op = 4; op < 8; op++) {
                x64_bit_ri(&buf, op, sz, d, 29);
                expect("%s %s, 0x1d", bt[op - 4], names[sz][d]);
            }
        }
    }
}
END_TEST

START_TEST(conditions)
{
    static const char *const cc[] = { "o", "no", "b", "ae", "e", "ne", "be",
        "a", "s", "ns", "p", "np", "l", "ge", "le", "g" };

    for (int c = 0; c < 16; c++) {
        FOR_REGS(d) {
            x64_setcc_r(&buf, c, d);
            expect("set%s %s", cc[c], names[S8][d]);
            for (int sz = S32; sz <= S64; sz++) {
                x64_cmov_rr(&buf, c, sz, d, R11);
                expect("cmov%s %s, %s", cc[c], names[sz][d], names[sz][R11]);
                FOR_MEMS(i) {
                    x64_cmov_rm(&buf, c, sz, d, mems[i].m);
                    expect("cmov%s %s, %s", cc[c], names[sz][d],
                           mems[i].text);
                }
            }
        }
        FOR_MEMS(i) {
            x64_setcc_m(&buf, c, mems[i].m);
            expect("set%s %s", cc[c], mems[i].text);
        }
    }
}
END_TEST

START_TEST(fixed_encodings)
{
#define ONE(call, text) call; expect(text)
    ONE(x64_push_i(&buf, 5), "push 5");
    ONE(x64_push_i(&buf, 0x12345), "push 0x12345");
    ONE(x64_lahf(&buf), "lahf");
    ONE(x64_sahf(&buf), "sahf");
    ONE(x64_cmc(&buf), "cmc");
    ONE(x64_stc(&buf), "stc");
    ONE(x64_clc(&buf), "clc");
    ONE(x64_ret(&buf), "ret");
    ONE(x64_ud2(&buf), "ud2");
    ONE(x64_mfence(&buf), "mfence");
    ONE(x64_cdq(&buf, S32), "cdq");
    ONE(x64_cdq(&buf, S64), "cqo");
    ONE(x64_vzeroupper(&buf), "vzeroupper");
#undef ONE
    for (unsigned n = 1; n <= 9; n++) {
        cs_insn *insn;
        size_t k;

        x64_nop(&buf, n);
        ck_assert_uint_eq(x64_used(&buf), n);
        k = cs_disasm(cs, code, n, 0, 0, &insn);
        ck_assert_uint_eq(k, 1);
        ck_assert_str_eq(insn[0].mnemonic, "nop");
        cs_free(insn, k);
        buf.p = buf.base;
    }
}
END_TEST

START_TEST(high_byte)
{
    x64_mov_m_ah(&buf, x64_m(RBP, 0x2d1));
    expect("mov [rbp + 0x2d1], ah");
}
END_TEST

START_TEST(indirect_flow)
{
    FOR_REGS(r) {
        x64_jmp_r(&buf, r);
        expect("jmp %s", names[S64][r]);
        x64_call_r(&buf, r);
        expect("call %s", names[S64][r]);
    }
    FOR_MEMS(i) {
        x64_jmp_m(&buf, mems[i].m);
        expect("jmp %s", mems[i].text);
        x64_push_m(&buf, mems[i].m);
        expect("push %s", mems[i].text);
        x64_pop_m(&buf, mems[i].m);
        expect("pop %s", mems[i].text);
        x64_call_m(&buf, mems[i].m);
        expect("call %s", mems[i].text);
        x64_ldmxcsr(&buf, mems[i].m);
        expect("ldmxcsr %s", mems[i].text);
        x64_stmxcsr(&buf, mems[i].m);
        expect("stmxcsr %s", mems[i].text);
        x64_lock_cmpxchg8b(&buf, mems[i].m);
        expect("lock cmpxchg8b %s", mems[i].text);
        x64_lock_cmpxchg16b(&buf, mems[i].m);
        expect("lock cmpxchg16b %s", mems[i].text);
    }
}
END_TEST

START_TEST(atomics)
{
    FOR_REGS(s) {
        FOR_SIZES(sz, S8) {
            FOR_MEMS(i) {
                x64_xchg_mr(&buf, sz, mems[i].m, s);
                expect("xchg %s, %s", mems[i].text, names[sz][s]);
                x64_lock_xadd(&buf, sz, mems[i].m, s);
                expect("lock xadd %s, %s", mems[i].text, names[sz][s]);
                x64_lock_cmpxchg(&buf, sz, mems[i].m, s);
                expect("lock cmpxchg %s, %s", mems[i].text, names[sz][s]);
            }
            x64_xchg_rr(&buf, sz, R9, s);
            expect("xchg %s, %s", names[sz][R9], names[sz][s]);
        }
    }
}
END_TEST

/* --- SSE --- */

static const char *xreg(char *t, const char *kind, int r)
{
    sprintf(t, "%smm%d", kind, r);
    return t;
}

/* The text of a register operand: XMM/YMM, or a GPR. */
static const char *sse_operand(char *t, uint32_t fl, uint32_t gpr, int l,
                               int r)
{
    if (fl & gpr)
        return names[fl & X64_G8 ? S64 : S32][r];
    return xreg(t, l ? "y" : "x", r);
}

static void expect_sse(enum x64_sse op, bool vex, int l, int x, int a,
                       const char *rm)
{
    uint32_t fl = x64_sse_flags(op);
    char tx[8], ta[8], t4[24] = "", mid[24] = "";
    const char *reg = sse_operand(tx, fl, X64_RG, l, x);

    if (vex && (fl & X64_N3))
        sprintf(mid, "%s, ", xreg(ta, l ? "y" : "x", a));
    if (fl & X64_I4)
        sprintf(t4, ", %smm%d", l ? "y" : "x", 11);
    else if (fl & X64_IM)
        strcpy(t4, ", 3");
    if (fl >> X64_DIG_SHIFT & 8)
        expect("%s%s %s%s%s%s", vex ? "v" : "", x64_sse_text(op),
               vex ? reg : rm, vex ? ", " : "", vex ? rm : "", t4);
    else if (fl & X64_ST)
        expect("%s%s %s, %s%s", vex ? "v" : "", x64_sse_text(op), rm, reg,
               t4);
    else
        expect("%s%s %s, %s%s%s", vex ? "v" : "", x64_sse_text(op), reg, mid,
               rm, t4);
}

static void try_sse(enum x64_sse op, int x, int y)
{
    uint32_t fl = x64_sse_flags(op);
    bool dig = fl >> X64_DIG_SHIFT & 8;
    int l = fl & X64_L1 ? 1 : 0, imm = fl & X64_I4 ? 11 : 3;
    char ty[8];
    const char *rm = sse_operand(ty, fl, X64_MG, l, y);

    if (!(fl & X64_MO)) {
        if (!(fl & X64_VX)) {
            x64_sse_rr(&buf, op, dig ? y : x, y, imm);
            expect_sse(op, false, 0, x, 0, rm);
        }
        x64_vex_rr(&buf, op, l, x, 14, y, imm);
        expect_sse(op, true, l, x, 14, rm);
    }
    if (fl & X64_RO)
        return;
    FOR_MEMS(i) {
        if (!(fl & X64_VX)) {
            x64_sse_rm(&buf, op, x, mems[i].m, imm);
            expect_sse(op, false, 0, x, 0, mems[i].text);
        }
        x64_vex_rm(&buf, op, l, x, 5, mems[i].m, imm);
        expect_sse(op, true, l, x, 5, mems[i].text);
    }
}

START_TEST(sse_table)
{
    static const int some[][2] = { { 1, 2 }, { 9, 3 }, { 4, 12 }, { 15, 13 } };

    for (int op = 0; op < X64_N_SSE; op++) {
        uint32_t fl = x64_sse_flags(op);

        if (fl & X64_NT)
            continue;
        for (int k = 0; k < 4; k++)
            try_sse(op, some[k][0], some[k][1]);
    }
}
END_TEST

START_TEST(sse_special_text)
{
    x64_sse_rr(&buf, X_CMPPS, 1, 9, 2);
    expect("cmpleps xmm1, xmm9");
    x64_vex_rr(&buf, X_CMPSD, 0, 8, 2, 3, 0);
    expect("vcmpeqsd xmm8, xmm2, xmm3");
    x64_sse_rr(&buf, X_PCLMULQDQ, 1, 9, 4);
    expect("pclmulqdq xmm1, xmm9, 4");
    x64_sse_rr(&buf, X_SHA256RNDS2, 1, 9, 0);
    expect("sha256rnds2 xmm1, xmm9");
    x64_sse_rr(&buf, X_SHA256MSG1, 12, 2, 0);
    expect("sha256msg1 xmm12, xmm2");
    x64_sse_rr(&buf, X_SHA256MSG2, 1, 3, 0);
    expect("sha256msg2 xmm1, xmm3");
    x64_sse_rr(&buf, X_SHA1RNDS4, 9, 3, 2);
    expect("sha1rnds4 xmm9, xmm3, 2");
    x64_vex_rr(&buf, X_INSERTI128, 1, 8, 2, 13, 1);
    expect("vinserti128 ymm8, ymm2, xmm13, 1");
    x64_vex_rr(&buf, X_EXTRACTI128, 1, 8, 0, 13, 1);
    expect("vextracti128 xmm13, ymm8, 1");
    x64_vex_rr(&buf, X_CVTPD2PS, 0, 8, 0, 13, 0);
    expect("vcvtpd2ps xmm8, xmm13");
    x64_sse_rr(&buf, X_CVTTPD2DQ, 8, 13, 0);
    expect("cvttpd2dq xmm8, xmm13");
    x64_sse_rr(&buf, X_CVTPD2DQ, 8, 1, 0);
    expect("cvtpd2dq xmm8, xmm1");
    x64_vex_rr(&buf, X_PADDD, 1, 8, 2, 13, 0);
    expect("vpaddd ymm8, ymm2, ymm13");
}
END_TEST

/* --- labels and the buffer --- */

START_TEST(labels_resolve_both_ways)
{
    struct x64_label fwd, back;
    uint8_t *near;
    cs_insn *insn;
    size_t n;

    x64_label_init(&fwd);
    x64_label_init(&back);
    x64_bind(&buf, &back);
    x64_nop(&buf, 1);
    x64_jcc(&buf, XC_E, &fwd);
    x64_sse_rm(&buf, X_MOVSD, 0, x64_rip(&fwd), 0);
    x64_alu_mi(&buf, A_CMP, S32, x64_rip(&fwd), 0x12345678);
    x64_jmp(&buf, &back);
    near = x64_jcc8(&buf, XC_NE);
    x64_jmp(&buf, &fwd);
    x64_patch8(&buf, near);
    x64_bind(&buf, &fwd);
    x64_alu_mi(&buf, A_CMP, S32, x64_rip(&back), 0x1234);
    n = cs_disasm(cs, code, x64_used(&buf), 0x1000, 0, &insn);
    ck_assert_uint_eq(n, 8);
    ck_assert_str_eq(insn[1].op_str, "0x1022");
    ck_assert_str_eq(insn[2].op_str, "xmm0, qword ptr [rip + 0x13]");
    ck_assert_str_eq(insn[3].op_str, "dword ptr [rip + 9], 0x12345678");
    ck_assert_str_eq(insn[4].op_str, "0x1000");
    ck_assert_str_eq(insn[5].op_str, "0x1022");
    ck_assert_str_eq(insn[6].op_str, "0x1022");
    ck_assert_str_eq(insn[7].op_str, "dword ptr [rip - 0x2c], 0x1234");
    cs_free(insn, n);
}
END_TEST

START_TEST(absolute_targets_check_reach)
{
    buf.exec_off = 0x10000;
    ck_assert(x64_call_abs(&buf, x64_exec(&buf) + 0x1005));
    expect("call 0x2005");
    ck_assert(x64_jcc_abs(&buf, XC_B, x64_exec(&buf)));
    expect("jb 0x1000");
    ck_assert(!x64_jmp_abs(&buf, x64_exec(&buf) + (1ull << 33)));
    ck_assert_uint_eq(x64_used(&buf), 0);
}
END_TEST

START_TEST(overflow_is_sticky_and_stays_inside)
{
    enum { SIZE = 100 };
    struct x64_label l;

    memset(code, 0xee, sizeof(code));
    x64_buf_init(&buf, code, SIZE, 0);
    x64_label_init(&l);
    for (int i = 0; i < 200; i++) {
        x64_jcc(&buf, XC_E, &l);
        x64_mov_ri(&buf, R9, 0x123456789abcdef0);
    }
    x64_data(&buf, code + 1000, 500);
    x64_bind(&buf, &l);
    ck_assert(buf.overflow);
    for (unsigned i = SIZE; i < sizeof(code); i++)
        ck_assert_uint_eq(code[i], 0xee);
}
END_TEST

static Suite *suite_x64_asm(void)
{
    Suite *s = suite_create("x64-asm");
    TCase *t = tcase_create("x64-asm");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, alu_forms);
    tcase_add_test(t, alu_memory_immediate);
    tcase_add_test(t, moves);
    tcase_add_test(t, mov_immediate_is_shortest);
    tcase_add_test(t, shifts);
    tcase_add_test(t, multiplies_and_bits);
    tcase_add_test(t, conditions);
    tcase_add_test(t, fixed_encodings);
    tcase_add_test(t, high_byte);
    tcase_add_test(t, indirect_flow);
    tcase_add_test(t, atomics);
    tcase_add_test(t, sse_table);
    tcase_add_test(t, sse_special_text);
    tcase_add_test(t, labels_resolve_both_ways);
    tcase_add_test(t, absolute_targets_check_reach);
    tcase_add_test(t, overflow_is_sticky_and_stays_inside);
    suite_add_tcase(s, t);
    return s;
}
TEST_SUITE(suite_x64_asm)
