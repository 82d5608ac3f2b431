/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See flat-x86.h. Stands in for softmmu and for the target's system side. */
#include "config.h"

#include <glib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "softmmu/access.h"
#include "softmmu/cpu.h"
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-x86/decode.h"
#include "target-x86/system.h"
#include "tcg/compile.h"
#include "tests/random/flat-x86.h"
#include "tests/random/host-x86.h"
#include "util/bits.h"
#include "util/endian.h"

#define TLB_ENTRIES 64
/* Regions that one case may enter before it counts as endless: string instructions go element by element over the window at worst. */
#define RUN_MAX 20000
/* Codes of a case */
#define MAX_REGIONS 64

struct flat_x86 {
    struct x86_cpu x86;      /* first: env, cpu and this are one address */
    struct tcg_ctx *tcg;
    struct {
        uint64_t pc;
        uint32_t mode;
        struct tcg_code code;
    } regions[MAX_REGIONS];
    unsigned nregions;
    bool bits32;
    bool filled;
    uint32_t window_seed;
    unsigned cases;
    uint64_t end;            /* where the case is through */
    uint8_t code[X86_CODE_SIZE + 16] __attribute__((aligned(4096)));       /* as it is fetched: UD2 at the end */
    uint8_t data[X86_CODE_SIZE + 16] __attribute__((aligned(4096)));       /* as it is read */
    uint64_t window[X86_WINDOW_SIZE / 8] __attribute__((aligned(4096)));
    uint64_t pristine[X86_WINDOW_SIZE / 8];
    struct tlb_entry tlb[TLB_ENTRIES];
};

static struct flat_x86 *flat_of(struct tcg_env *env)
{
    return (struct flat_x86 *)(void *)env;
}

/* ---- What softmmu does ---- */

void cpu_raise(struct cpu *cpu, int n, uint32_t syndrome, uint64_t addr)
{
    cpu->exception = n;
    cpu->exception_syndrome = syndrome;
    cpu->exception_addr = addr;
    __builtin_longjmp(cpu->jump, 1);
}

void x86_raise(struct x86_cpu *c, enum x86_vector vector, uint32_t error_code)
{
    cpu_raise(&c->cpu, (int)vector, error_code, 0);
}

void x86_raise_pf(struct x86_cpu *c, uint64_t va, uint32_t error_code)
{
    cpu_raise(&c->cpu, X86_PF, error_code, va);
}

/* No case sets debug registers. */
uint32_t x86_data_breakpoints(const struct x86_cpu *c, uint64_t la, unsigned size, bool write, bool io)
{
    (void)c;
    (void)la;
    (void)size;
    (void)write;
    (void)io;
    return 0;
}

void x86_finish_insn(struct x86_cpu *c, bool step)
{
    if (step) {
        x86_raise(c, X86_DB, 0);
    }
}

static bool is_canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

const uint8_t *cpu_fetch_bytes(struct cpu *cpu, uint64_t va, unsigned *room)
{
    struct flat_x86 *f = (struct flat_x86 *)cpu;

    if (va - X86_CODE_BASE >= X86_CODE_SIZE) {
        if (!is_canonical(va)) {
            x86_raise(&f->x86, X86_GP, 0);
        }
        cpu_raise(cpu, X86_PF, va - X86_WINDOW_BASE < X86_WINDOW_SIZE ? 0x15 : 0x14, va);
    }
    *room = (unsigned)(X86_CODE_SIZE - (va - X86_CODE_BASE));
    return f->code + (va - X86_CODE_BASE);
}

/* Make the next access to the page hit in generated code. */
static void fill_tlb(struct flat_x86 *f, uint64_t addr, const uint8_t *host, bool writable)
{
    uint64_t page = addr & TLB_PAGE_MASK, i = TLB_INDEX(addr, TLB_ENTRIES - 1);

    f->tlb[i] = (struct tlb_entry) {
        .read = page, .exec = page, .write = writable ? page : TLB_INVALID, .addend = (uintptr_t)host - addr,
    };
}

static void fault(struct flat_x86 *f, uint64_t addr, bool write)
{
    if (!f->bits32 && !is_canonical(addr)) {
        x86_raise(&f->x86, f->x86.cpu.env.aux & X86_AUX_STACK ? X86_SS_FAULT : X86_GP, 0);
    }
    x86_raise_pf(&f->x86, addr, write ? 6 : 4);
}

/* SAFETY: the pointer has n bytes behind it, inside code or window. */
static uint8_t *data_ptr(struct flat_x86 *f, uint64_t addr, uint32_t n, uint32_t oi, bool write)
{
    uint32_t align = (oi & MO_ALIGN_MASK) >> MO_ALIGN_SHIFT;
    uint64_t in = addr - X86_WINDOW_BASE;
    uint8_t *host;

    write |= (oi & MO_WRITE) != 0;
    if (align > 3 && addr & ((1u << align) - 1)) {
        x86_raise(&f->x86, X86_GP, 0);
    }
    if (!f->bits32 && (!is_canonical(addr) || !is_canonical(addr + n - 1))) {
        fault(f, is_canonical(addr) ? addr + n - 1 : addr, write);
    }
    if (addr & ((1u << align) - 1)) {
        x86_raise(&f->x86, X86_AC, 0);
    }
    if (addr - X86_CODE_BASE < X86_CODE_SIZE && write) {
        x86_raise_pf(&f->x86, addr, 7);
    }
    if (addr - X86_CODE_BASE < X86_CODE_SIZE) {
        if (addr - X86_CODE_BASE > X86_CODE_SIZE - n) {
            fault(f, X86_CODE_BASE + X86_CODE_SIZE, false);
        }
        fill_tlb(f, addr, f->data + (addr - X86_CODE_BASE), false);
        return f->data + (addr - X86_CODE_BASE);
    }
    if (in >= X86_WINDOW_SIZE) {
        fault(f, addr, write);
    }
    if (in > X86_WINDOW_SIZE - n) {
        fault(f, X86_WINDOW_BASE + X86_WINDOW_SIZE, write);
    }
    host = (uint8_t *)f->window + in;
    fill_tlb(f, addr, host, true);
    return host;
}

static uint64_t get(const uint8_t *p, uint32_t oi)
{
    uint64_t v = 0;
    unsigned size = 1u << (oi & MO_SIZE);
    bool be = oi & MO_BE;

    memcpy(&v, p, MIN_OF(size, 8));
    switch (oi & MO_SIZE) {
    case MO_8:
        return oi & MO_SIGN ? (uint64_t)(int8_t)v : v;
    case MO_16:
        v = be ? __builtin_bswap16((uint16_t)v) : v;
        return oi & MO_SIGN ? (uint64_t)(int16_t)v : v;
    case MO_32:
        v = be ? __builtin_bswap32((uint32_t)v) : v;
        return oi & MO_SIGN ? (uint64_t)(int32_t)v : v;
    default:
        return be ? __builtin_bswap64(v) : v;
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

static uint64_t mem_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    return get(data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), oi, false), oi);
}

static void mem_st(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    put(data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), oi, true), v, oi);
}

static void mem_ld_block(struct tcg_env *env, uint64_t addr, void *buf, uint32_t n, uint32_t oi)
{
    uint32_t size = 1u << (oi & MO_SIZE);

    memcpy(buf, data_ptr(flat_of(env), addr, n * size, oi, false), n * size);
}

static void mem_st_block(struct tcg_env *env, uint64_t addr, const void *buf, uint32_t n, uint32_t oi)
{
    uint32_t size = 1u << (oi & MO_SIZE);

    memcpy(data_ptr(flat_of(env), addr, n * size, oi, true), buf, n * size);
}

/* Atomic operations may be misaligned, unless EFLAGS.AC says so. */
static uint32_t atomic_oi(struct tcg_env *env, uint32_t oi)
{
    oi &= ~(uint32_t)MO_ALIGN_MASK;
    return X86_ENV(env)->eflags & X86_FL_AC ? oi | (oi & MO_SIZE) << MO_ALIGN_SHIFT : oi;
}

static uint64_t mem_cas(struct tcg_env *env, uint64_t addr, uint64_t expect, uint64_t v, uint32_t oi)
{
    uint8_t *p = data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), atomic_oi(env, oi), true);
    uint64_t old = get(p, oi);

    if (old == expect) {
        put(p, v, oi);
    }
    return old;
}

static uint64_t mem_rmw(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    uint8_t *p = data_ptr(flat_of(env), addr, 1u << (oi & MO_SIZE), atomic_oi(env, oi), true);
    uint64_t old = get(p, oi & ~(unsigned)MO_SIGN);

    switch ((enum ir_rmw)(oi >> 24)) {
    case RMW_XCHG:
        break;
    case RMW_ADD:
        v += old;
        break;
    case RMW_AND:
        v &= old;
        break;
    case RMW_OR:
        v |= old;
        break;
    case RMW_XOR:
        v ^= old;
        break;
    default:
        g_error("no x86 instruction has this atomic operation");
    }
    put(p, v, oi);
    return old;
}

const struct tcg_mem_ops access_mem_ops = {
    mem_ld, mem_st, mem_ld_block, mem_st_block, mem_cas, mem_rmw, NULL, NULL,
};

void cpu_cas128(struct cpu *cpu, uint64_t addr, uint64_t old[2], const uint64_t new_val[2], uint32_t oi)
{
    uint8_t *p = data_ptr((struct flat_x86 *)cpu, addr, 16, oi, true);
    uint64_t was[2] = { ld64_le(p), ld64_le(p + 8) };

    if (was[0] == old[0] && was[1] == old[1]) {
        st64_le(p, new_val[0]);
        st64_le(p + 8, new_val[1]);
    }
    memcpy(old, was, sizeof(was));
}

struct tlb_entry *tlb_lookup(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view, bool probe)
{
    struct flat_x86 *f = (struct flat_x86 *)cpu;

    (void)view;
    (void)probe;
    (void)data_ptr(f, va, 1, 0, type == ACCESS_STORE);
    return &f->tlb[TLB_INDEX(va, TLB_ENTRIES - 1)];
}

/* No line is connected. */
void machine_lock(struct machine *m)
{
    (void)m;
}

void machine_unlock(struct machine *m)
{
    (void)m;
}

/* ---- What the target's system side does, as far as CPL 3 with flat segments needs it ---- */

uint64_t x86_ld(struct x86_cpu *c, uint64_t la, unsigned memop, unsigned view)
{
    (void)view;
    return mem_ld(&c->cpu.env, la, memop);
}

void x86_st(struct x86_cpu *c, uint64_t la, uint64_t val, unsigned memop, unsigned view)
{
    (void)view;
    mem_st(&c->cpu.env, la, val, memop);
}

void x86_seg_check(struct x86_cpu *c, enum x86_segment seg, uint64_t off, unsigned size, bool write)
{
    (void)off;
    (void)size;
    if (c->seg[seg].unusable || (write && seg == X86_CS)) {
        x86_raise(c, X86_GP, 0);
    }
}

#define HELPER_INC "target-x86/helpers-sys.inc"
#include "tcg/helper-decl.h"

/* INT3, INTO, INT n: traps that Linux lets user programs have, else a fault. */
void helper_x86_int(struct tcg_env *env, uint32_t vector, uint32_t is_int_n, uint64_t next)
{
    if (is_int_n && vector != X86_BP && vector != X86_OF) {
        x86_raise(X86_ENV(env), X86_GP, vector << 3 | 2);
    }
    env->pc = next;
    x86_raise(X86_ENV(env), (enum x86_vector)vector, 0);
}

/* ARPL's */
void helper_x86_set_zf(struct tcg_env *env, uint32_t zf)
{
    struct x86_cpu *c = X86_ENV(env);

    c->flags = (c->flags & ~(uint32_t)FLAG_Z) | (zf ? FLAG_Z : 0);
}

bool x86_is_canonical(const struct x86_cpu *c, uint64_t la)
{
    (void)c;
    return is_canonical(la);
}

bool x86_io_allowed(struct x86_cpu *c, unsigned port, unsigned size)
{
    (void)c;
    (void)port;
    (void)size;
    return false;
}

uint32_t x86_mode(const struct cpu *cpu)
{
    const struct x86_cpu *c = (const struct x86_cpu *)cpu;
    bool is64 = c->seg[X86_CS].attr & X86_DESC_L;

    return 3 | X86_MODE_PE | X86_MODE_LMA | (is64 ? X86_MODE_64 : X86_MODE_CS32 | X86_MODE_SS32) | X86_MODE_FLAT_CS |
           X86_MODE_FLAT_DATA | X86_MODE_MP | X86_MODE_OSFXSR | X86_MODE_AVX | (c->eflags & X86_FL_TF ? X86_MODE_TF : 0) |
           (c->eflags & X86_FL_AC ? X86_MODE_AC : 0) | (~c->mxcsr & 0x1f80 ? X86_MODE_SSE_EXC : 0);
}

/* ---- Running ---- */

static void set_segments(struct x86_cpu *c, bool bits32)
{
    uint32_t data = X86_DESC_P | 3u << X86_DESC_DPL_SHIFT | X86_DESC_S | X86_DESC_WRITE | X86_DESC_ACCESSED | X86_DESC_G |
                    X86_DESC_DB;

    for (int i = 0; i < 6; i++) {
        bool none = i >= X86_FS;

        c->seg[i] = (struct x86_seg) {
            .limit = UINT32_MAX, .attr = data, .selector = none ? 0 : 0x2b, .unusable = none && bits32,
            .fast_read = none ? 0 : UINT64_C(1) << 32, .fast_write = none ? 0 : UINT64_C(1) << 32,
        };
    }
    c->seg[X86_CS].fast_write = 0;
    c->seg[X86_CS].selector = bits32 ? 0x23 : 0x33;
    c->seg[X86_CS].attr |= X86_DESC_CODE | (bits32 ? 0 : X86_DESC_L);
    c->seg[X86_CS].attr &= bits32 ? UINT32_MAX : ~(uint32_t)X86_DESC_DB;
    c->seg[X86_GS].base = bits32 ? 0 : X86_GS_BASE;
}

static void set_system(struct x86_cpu *c)
{
    c->cr0 = X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_PG;
    c->cr4 = X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_OSXSAVE | X86_CR4_FSGSBASE | X86_CR4_UMIP;
    c->xcr0 = 7;
    c->efer = X86_EFER_SCE | X86_EFER_LME | X86_EFER_LMA | X86_EFER_NXE;
    c->delivering = -1;
}

struct flat_x86 *flat_x86_new(bool interpret, unsigned host_level, uint64_t random_ra, bool bits32, const uint32_t features[16])
{
    struct flat_x86 *f = g_aligned_alloc0(1, sizeof(*f), 4096);
    struct tcg_config config = {
        .cache_size = 32 << 20, .target = &x86_ir_target, .mem = &access_mem_ops, .interpret = interpret, .verify = true,
        .host_level = host_level, .random_ra = random_ra,
    };
    struct tcg_env *env = &f->x86.cpu.env;
    char *error = NULL;

    f->tcg = tcg_ctx_new(&config, &error);
    if (!f->tcg) {
        g_error("%s", error);
    }
    env->tcg = f->tcg;
    env->jc = tcg_jump_cache_new();
    env->site_tag = (uint64_t)1 << TLB_SITE_SHIFT;
#if defined(__x86_64__)
    env->host_mxcsr = _mm_getcsr();
#endif
    for (int i = 0; i < TLB_VIEWS; i++) {
        env->tlb[i] = (struct tlb_view) { f->tlb, (TLB_ENTRIES - 1) * sizeof(struct tlb_entry) };
    }
    for (int i = 0; i < TLB_ENTRIES; i++) {
        f->tlb[i].read = f->tlb[i].write = f->tlb[i].exec = TLB_INVALID;
    }
    f->bits32 = bits32;
    memcpy(f->x86.features, features, sizeof(f->x86.features));
    set_segments(&f->x86, bits32);
    set_system(&f->x86);
    return f;
}

void flat_x86_free(struct flat_x86 *f)
{
    tcg_ctx_free(f->tcg);
    g_free(f->x86.cpu.env.jc);
    g_aligned_free(f);
}

static struct tcg_code *find_region(struct flat_x86 *f)
{
    struct cpu *cpu = &f->x86.cpu;
    struct region_limits lim = {
        .pc = cpu->env.pc, .max_insns = 64, .mode = x86_mode(cpu),
        .page_end = (cpu->env.pc & TLB_PAGE_MASK) + TLB_PAGE_SIZE,
    };
    struct region_result res;
    struct ir *ir = tcg_ir(f->tcg);
    unsigned n = f->nregions;

    for (unsigned i = 0; i < n; i++) {
        if (f->regions[i].pc == lim.pc && f->regions[i].mode == lim.mode) {
            return &f->regions[i].code;
        }
    }
    ir_reset(ir, lim.pc);
    ir->hot = f->cases & 1;
    x86_translate(cpu, ir, &lim, &res);
    n = n == MAX_REGIONS ? 0 : n;
    memset(&f->regions[n], 0, sizeof(f->regions[n]));
    f->regions[n].pc = lim.pc;
    f->regions[n].mode = lim.mode;
    f->nregions = n + 1;
    if (!tcg_compile(f->tcg, ir, &f->regions[n].code)) {
        g_error("code cache is full");
    }
    return &f->regions[n].code;
}

/* Run until an exception; false when it takes too long. */
static bool run_to_exception(struct flat_x86 *f)
{
    struct cpu *cpu = &f->x86.cpu;
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

        if (link) {
            tcg_link(f->tcg, link, code);
        }
        cpu->env.exit_link = NULL;
        tcg_run(f->tcg, &cpu->env, code->entry);
    }
    return false;
}

static void load_fp(struct x86_cpu *c, const struct x86_fp_image *fp)
{
    unsigned top = fp->fsw >> 11 & 7;

    c->ftop = top;
    c->fsw = fp->fsw & ~0x3800u;
    c->fcw = fp->fcw;
    c->fempty = (uint8_t)~fp->ftw;
    c->fop = fp->fop;
    c->fip = fp->fip;
    c->fdp = fp->fdp;
    for (unsigned i = 0; i < 8; i++) {
        struct x87_reg *reg = &c->fpr[(top + i) & 7];

        memcpy(&reg->significand, fp->st[i], 8);
        memcpy(&reg->sign_exponent, fp->st[i] + 8, 2);
    }
    memcpy(c->xmm, fp->xmm, sizeof(c->xmm));
    memcpy(c->ymmh, fp->ymmh, sizeof(c->ymmh));
    x86_set_mxcsr(c, fp->mxcsr, false);
}

static void save_fp(struct x86_cpu *c, struct x86_fp_image *fp)
{
    fp->fsw = x86_fsw(c);
    fp->fcw = (uint16_t)c->fcw;
    fp->ftw = (uint8_t)~c->fempty;
    fp->fop = (uint16_t)c->fop;
    fp->fip = c->fip;
    fp->fdp = c->fdp;
    fp->mxcsr = x86_mxcsr(c, false);
    for (unsigned i = 0; i < 8; i++) {
        const struct x87_reg *reg = &c->fpr[(c->ftop + i) & 7];

        memcpy(fp->st[i], &reg->significand, 8);
        memcpy(fp->st[i] + 8, &reg->sign_exponent, 2);
    }
    memcpy(fp->xmm, c->xmm, sizeof(c->xmm));
    memcpy(fp->ymmh, c->ymmh, sizeof(c->ymmh));
}

static void load_case(struct flat_x86 *f, const struct x86_case *in)
{
    struct x86_cpu *c = &f->x86;

    memcpy(c->r, in->r, sizeof(c->r));
    x86_set_eflags(c, in->eflags, UINT32_MAX);
    c->inhibit = 0;
    c->cpu.env.pc = X86_CODE_START;
    c->cpu.env.aux = 0;
    c->cpu.env.exit_request = 0;
    load_fp(c, &in->fp);
    tcg_fp_to_host(&c->cpu.env);
    memset(f->code, 0xcc, sizeof(f->code));
    memcpy(f->code + (X86_CODE_START - X86_CODE_BASE), in->code, in->code_bytes);
    f->end = X86_CODE_START + in->code_bytes;
    memcpy(f->code + (f->end - X86_CODE_BASE), "\x0f\x0b", 2);       /* UD2 */
    memset(f->data, 0xcc, sizeof(f->data));
    (void)x86_case_code(in, f->data + (X86_CODE_START - X86_CODE_BASE));
    if (!f->filled || f->window_seed != in->window_seed) {
        x86_window_fill(f->pristine, in->window_seed);
        memcpy(f->window, f->pristine, sizeof(f->window));
        f->window_seed = in->window_seed;
        f->filled = true;
    }
    f->nregions = 0;
    if (f->cases++ % 256 == 0) {
        tcg_flush(f->tcg);
    }
    tcg_jump_cache_clear(c->cpu.env.jc);
}

static void save_case(struct flat_x86 *f, struct x86_outcome *out)
{
    struct x86_cpu *c = &f->x86;

    memset(out, 0, sizeof(*out));
    tcg_fp_from_host(&c->cpu.env);
    memcpy(out->r, c->r, sizeof(out->r));
    out->rip = c->cpu.env.pc;
    out->eflags = x86_eflags(c);
    out->vector = c->cpu.exception;
    out->error = c->cpu.exception_syndrome;
    out->cr2 = c->cpu.exception_addr;
    if (out->vector == X86_UD && out->rip == f->end) {
        out->vector = -1;
    }
    save_fp(c, &out->fp);
    out->window_hash = x86_window_hash(f->window, f->pristine);
    if (out->window_hash) {
        memcpy(f->window, f->pristine, sizeof(f->window));
    }
}

bool flat_x86_run(struct flat_x86 *f, const struct x86_case *in, struct x86_outcome *out)
{
    bool ended;

    load_case(f, in);
    ended = run_to_exception(f);
    save_case(f, out);
    return ended;
}
