/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The half of diff-qemu that runs under qemu-arm or qemu-aarch64: a static
 * armhf or arm64 program. It reads batches of cases (case.h) from stdin and writes their results to
 * stdout. A case is entered by returning from a signal handler with its state
 * in the signal frame, and ends with a signal, at the latest that of the
 * undefined instruction behind its code.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/random/case.h"

#define NZCV 0xf0000000u
#define FPCR_MASK 0x07c80000u

#ifdef __aarch64__
#define BASE A64_BASE
#else
#define BASE 0
#endif
/* SAFETY: main maps both. */
#define CODE ((uint8_t *)(uintptr_t)(BASE + CODE_BASE))
#define WINDOW ((uint32_t *)(uintptr_t)(BASE + WINDOW_BASE))

static struct case_in in[BATCH_MAX];
static struct case_out out[BATCH_MAX];
static uint32_t pristine[WINDOW_SIZE / 4];
static uint32_t count, at;
static int started;

static void read_all(void *buf, size_t n)
{
    char *p = buf;

    while (n) {
        ssize_t r = read(0, p, n);

        if (r <= 0) {
            _exit(r < 0);
        }
        p += r;
        n -= (size_t)r;
    }
}

static void write_all(const void *buf, size_t n)
{
    const char *p = buf;

    while (n) {
        ssize_t r = write(1, p, n);

        if (r <= 0) {
            _exit(1);
        }
        p += r;
        n -= (size_t)r;
    }
}

static void place_code(uint32_t slot)
{
    uint8_t *p = CODE + slot * SLOT_SIZE;
    uint32_t a32 = BASE ? 0 : 0xe7f000f0u;
    uint16_t t16 = 0xde00u;

    memset(p, 0xde, SLOT_SIZE);
    memcpy(p, in[slot].code, in[slot].code_bytes);
    memcpy(p + TERM_A32, &a32, 4);
    memcpy(p + TERM_T16, &t16, 2);
}

static void next_batch(void)
{
    struct batch_head h;

    if (count) {
        write_all(out, count * sizeof(out[0]));
    }
    read_all(&h, sizeof(h));
    if (h.magic != CASE_MAGIC || h.count > BATCH_MAX) {
        _exit(1);
    }
    count = h.count;
    at = 0;
    read_all(in, count * sizeof(in[0]));
    window_fill(pristine, h.seed);
    for (uint32_t i = 0; i < count; i++) {
        place_code(i);
    }
    __builtin___clear_cache((char *)CODE, (char *)CODE + CODE_SIZE);
}

#ifdef __aarch64__

/* SAFETY: the kernel's frame has an FP record, and ends with one of size 0. */
static struct fpsimd_context *fp_frame(ucontext_t *uc)
{
    uint8_t *p = uc->uc_mcontext.__reserved;

    for (;;) {
        struct _aarch64_ctx *c = (struct _aarch64_ctx *)p;

        if (c->magic == FPSIMD_MAGIC) {
            return (struct fpsimd_context *)p;
        }
        if (c->size == 0) {
            _exit(2);
        }
        p += c->size;
    }
}

static uint64_t own_tpidr;

/* A case may have changed the thread pointer, which signal frames do not hold; it starts with 0. */
static void own_state(void)
{
    if (started) {
        __asm__ volatile("msr tpidr_el0, %0" : : "r"(own_tpidr));
    } else {
        __asm__ volatile("mrs %0, tpidr_el0" : "=r"(own_tpidr));
    }
}

static void case_state(void)
{
    __asm__ volatile("msr tpidr_el0, xzr");
}

static void save_registers(struct case_out *o, ucontext_t *uc)
{
    const struct fpsimd_context *v = fp_frame(uc);

    memcpy(o->r, uc->uc_mcontext.regs, 31 * sizeof(o->r[0]));
    o->r[31] = uc->uc_mcontext.sp;
    o->pc = uc->uc_mcontext.pc;
    o->cpsr = (uint32_t)uc->uc_mcontext.pstate & NZCV;
    memcpy(o->d, v->vregs, sizeof(o->d));
    o->fpscr = v->fpcr | v->fpsr;
}

static void load_registers(const struct case_in *c, ucontext_t *uc)
{
    struct fpsimd_context *v = fp_frame(uc);

    memcpy(uc->uc_mcontext.regs, c->r, 31 * sizeof(c->r[0]));
    uc->uc_mcontext.sp = c->r[31];
    uc->uc_mcontext.pc = c->pc;
    uc->uc_mcontext.pstate = c->cpsr & NZCV;
    memcpy(v->vregs, c->d, sizeof(c->d));
    v->fpcr = c->fpscr & FPCR_MASK;
    v->fpsr = c->fpscr & ~FPCR_MASK;
}

#else

#define VFP_MAGIC 0x56465001u
#define CPSR_CASE 0xf80f0000u   /* NZCV, Q, GE */

struct vfp_frame {
    uint32_t magic, size;
    uint64_t d[32];
    uint32_t fpscr;
};

static struct vfp_frame *vfp_frame(ucontext_t *uc)
{
    uint32_t *p = (uint32_t *)uc->uc_regspace;

    for (int i = 0; i < 64; i++) {
        if (p[i] == VFP_MAGIC) {
            return (struct vfp_frame *)&p[i];
        }
    }
    _exit(2);
}

/* A case may have left vector lengths that our own code cannot use. */
static void own_state(void)
{
    __asm__ volatile("vmsr fpscr, %0" : : "r"(0));
}

static void case_state(void)
{
}

static void save_registers(struct case_out *o, ucontext_t *uc)
{
    const struct vfp_frame *v = vfp_frame(uc);
    const unsigned long *r = &uc->uc_mcontext.arm_r0;

    for (unsigned i = 0; i < 15; i++) {
        o->r[i] = r[i];
    }
    o->pc = uc->uc_mcontext.arm_pc;
    o->cpsr = uc->uc_mcontext.arm_cpsr;
    memcpy(o->d, v->d, sizeof(v->d));
    o->fpscr = v->fpscr;
}

static void load_registers(const struct case_in *c, ucontext_t *uc)
{
    struct vfp_frame *v = vfp_frame(uc);
    unsigned long *r = &uc->uc_mcontext.arm_r0;

    for (unsigned i = 0; i < 15; i++) {
        r[i] = (unsigned long)c->r[i];
    }
    uc->uc_mcontext.arm_pc = c->pc & ~1u;
    uc->uc_mcontext.arm_cpsr =
        (uc->uc_mcontext.arm_cpsr & ~(CPSR_CASE | 0x0600fc20u)) |
        (c->cpsr & CPSR_CASE) | (c->pc & 1) << 5;
    memcpy(v->d, c->d, sizeof(v->d));
    v->fpscr = c->fpscr;
}

#endif

static void save_case(int sig, const siginfo_t *si, ucontext_t *uc)
{
    struct case_out *o = &out[at];

    save_registers(o, uc);
    o->signal = (uint32_t)sig;
    o->addr = sig == SIGSEGV || sig == SIGBUS ? (uintptr_t)si->si_addr : 0;
    o->hash = window_hash(WINDOW);
}

static void load_case(ucontext_t *uc)
{
    load_registers(&in[at], uc);
    memcpy(WINDOW, pristine, WINDOW_SIZE);
}

static void handler(int sig, siginfo_t *si, void *ucv)
{
    ucontext_t *uc = ucv;

    own_state();
    if (started) {
        save_case(sig, si, uc);
        at++;
    }
    started = 1;
    while (at == count) {
        next_batch();
    }
    load_case(uc);
    case_state();
}

static void map_at(void *base, uint32_t size, int prot)
{
    void *p = mmap(base, size, prot,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    if (p == MAP_FAILED) {
        _exit(3);
    }
}

int main(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
    struct sigaction sa = {
        .sa_sigaction = handler,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
    };
    static const int sigs[] = { SIGILL, SIGSEGV, SIGBUS, SIGTRAP, SIGFPE };

    map_at(CODE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
    map_at(WINDOW, WINDOW_SIZE, PROT_READ | PROT_WRITE);
    sigaltstack(&ss, NULL);
    for (unsigned i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
        sigaction(sigs[i], &sa, NULL);
    }
    raise(SIGILL);
    return 0;
}
