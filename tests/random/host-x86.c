/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See host-x86.h. The child copies a trampoline below 2 GiB, where it saves and
 * loads every register relative to RIP, so that none is needed to do it:
 *
 *     enter  saves the stack pointer, loads x87, SSE and AVX state by XRSTOR and the
 *            general registers, and goes to the case by IRET, which loads RSP,
 *            RFLAGS and CS (32-bit code runs in the kernel's 32-bit user segment)
 *     leave  the case's end jumps here: the same backwards
 *     fault  signal handlers go here; they have taken the state from the signal
 *            frame, which has the exception's vector, error code and CR2, too
 */
#include "config.h"

#include "tests/random/host-x86.h"

#if defined(__x86_64__)

#include <asm/prctl.h>
#include <cpuid.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "util/bits.h"

/* A batch takes a millisecond. */
#define HOST_TIMEOUT_MS 20000

#define TRAMP_BASE 0x7a5c3000u
#define TRAMP_DATA 0x1000u       /* behind the code */
#define TRAMP_SIZE 0x3000u
#define USER_CS64  0x33
#define USER_CS32  0x23
#define USER_DS    0x2b

/* Offsets are written out in the trampoline below. */
struct tramp {
    uint64_t in[16];             /* 0: registers, RSP unused */
    uint64_t iret[5];            /* 128: RIP CS RFLAGS RSP SS */
    uint64_t host_rsp;           /* 168 */
    uint64_t out[16];            /* 176 */
    uint64_t out_flags;          /* 304 */
    uint64_t reserved;
    struct x86_fp_image fp_in;   /* 320 */
    struct x86_fp_image fp_out;  /* 1152 */
};

_Static_assert(offsetof(struct tramp, iret) == 128 && offsetof(struct tramp, host_rsp) == 168, "trampoline");
_Static_assert(offsetof(struct tramp, out) == 176 && offsetof(struct tramp, out_flags) == 304, "trampoline");
_Static_assert(offsetof(struct tramp, fp_in) == 320 && offsetof(struct tramp, fp_out) == 1152, "trampoline");
_Static_assert(sizeof(struct x86_fp_image) == 832, "XSAVE area");

extern const uint8_t host_x86_tramp[], host_x86_leave[], host_x86_fault[], host_x86_tramp_end[];

__asm__(".pushsection .text\n"
        ".balign 4096\n"
        "host_x86_tramp:\n"
        ".set D, host_x86_tramp + 0x1000\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "mov %rsp, D+168(%rip)\n"
        "mov $7, %eax\n xor %edx, %edx\n xrstor64 D+320(%rip)\n"
        "mov D+0(%rip), %rax\n mov D+8(%rip), %rcx\n mov D+16(%rip), %rdx\n mov D+24(%rip), %rbx\n"
        "mov D+40(%rip), %rbp\n mov D+48(%rip), %rsi\n mov D+56(%rip), %rdi\n"
        "mov D+64(%rip), %r8\n mov D+72(%rip), %r9\n mov D+80(%rip), %r10\n mov D+88(%rip), %r11\n"
        "mov D+96(%rip), %r12\n mov D+104(%rip), %r13\n mov D+112(%rip), %r14\n mov D+120(%rip), %r15\n"
        "lea D+128(%rip), %rsp\n"
        "iretq\n"
        "host_x86_leave:\n"
        "mov %rax, D+176(%rip)\n mov %rcx, D+184(%rip)\n mov %rdx, D+192(%rip)\n mov %rbx, D+200(%rip)\n"
        "mov %rsp, D+208(%rip)\n mov %rbp, D+216(%rip)\n mov %rsi, D+224(%rip)\n mov %rdi, D+232(%rip)\n"
        "mov %r8, D+240(%rip)\n mov %r9, D+248(%rip)\n mov %r10, D+256(%rip)\n mov %r11, D+264(%rip)\n"
        "mov %r12, D+272(%rip)\n mov %r13, D+280(%rip)\n mov %r14, D+288(%rip)\n mov %r15, D+296(%rip)\n"
        "mov D+168(%rip), %rsp\n"
        "pushfq\n pop D+304(%rip)\n"
        "mov $7, %eax\n xor %edx, %edx\n xsave64 D+1152(%rip)\n"
        "host_x86_fault:\n"
        "push $0x202\n popfq\n"
        "fninit\n push $0x1f80\n ldmxcsr (%rsp)\n pop %rax\n vzeroupper\n"
        "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "ret\n"
        "host_x86_tramp_end:\n"
        ".popsection\n");

struct shared {
    struct x86_case in[2][HOST_BATCH];
    struct x86_outcome out[2][HOST_BATCH];
    uint32_t at;                 /* the case that runs */
};

struct host_x86 {
    struct shared *shared;
    pid_t child;
    int to_child, from_child;
};

/* ---- The child ---- */

static struct tramp *const tramp = (struct tramp *)(uintptr_t)(TRAMP_BASE + TRAMP_DATA);
/* Where we write the code; cases see it at X86_CODE_BASE and cannot write. */
static uint8_t *code_page;
static uint64_t *const window = (uint64_t *)(uintptr_t)X86_WINDOW_BASE;

/* Signals come between enter and the case's end only; one thread. */
static struct x86_outcome *running;
static bool signalled;

static const uint8_t greg_of[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static uint32_t tramp_address(const uint8_t *label)
{
    return TRAMP_BASE + (uint32_t)(label - host_x86_tramp);
}

/* State components in their initial state are not in the image's data (SDM 1, 13.6). */
static void fill_initial(struct x86_fp_image *fp)
{
    if (!(fp->header[0] & 1)) {
        memset(fp, 0, 24);
        memset(fp->st, 0, sizeof(fp->st));
        fp->fcw = 0x37f;
    }
    if (!(fp->header[0] & 2)) {
        memset(fp->xmm, 0, sizeof(fp->xmm));
    }
    if (!(fp->header[0] & 4)) {
        memset(fp->ymmh, 0, sizeof(fp->ymmh));
    }
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    greg_t *g = uc->uc_mcontext.gregs;

    (void)info;
    if (!running) {
        _exit(64 + sig);
    }
    for (int i = 0; i < 16; i++) {
        running->r[i] = (uint64_t)g[greg_of[i]];
    }
    running->eflags = (uint32_t)g[REG_EFL];
    /* a single-step trap that comes when the case has ended: it was the case that set TF */
    if ((uint64_t)g[REG_RIP] - TRAMP_BASE >= TRAMP_SIZE) {
        running->rip = (uint64_t)g[REG_RIP];
        running->vector = (int32_t)g[REG_TRAPNO];
    }
    signalled = true;
    running->error = (uint32_t)g[REG_ERR];
    running->cr2 = (uint64_t)g[REG_CR2];
    memcpy(&running->fp, uc->uc_mcontext.fpregs, sizeof(running->fp));
    g[REG_RIP] = tramp_address(host_x86_fault);
    g[REG_RSP] = (greg_t)tramp->host_rsp;
    g[REG_EFL] = 0x202;
    g[REG_CSGSFS] = (g[REG_CSGSFS] & ~(greg_t)0xffff) | USER_CS64;
}

static void take_state(struct x86_outcome *out)
{
    memcpy(out->r, tramp->out, sizeof(out->r));
    out->eflags = (uint32_t)tramp->out_flags;
    memcpy(&out->fp, &tramp->fp_out, sizeof(out->fp));
}

unsigned x86_case_code(const struct x86_case *in, uint8_t *start)
{
    uint8_t *p = (uint8_t *)memcpy(start, in->code, in->code_bytes) + in->code_bytes;
    uint64_t leave = tramp_address(host_x86_leave);

    if (in->bits32) {
        *p++ = 0xea;                             /* jmp far ptr16:32 */
        memcpy(p, &leave, 4);
        p[4] = USER_CS64;
        p[5] = 0;
        p += 6;
    } else {
        uint32_t pad = -((uint32_t)(p - start) + 6) & 7;        /* with EFLAGS.AC the pointer is aligned */

        memcpy(p, "\xff\x25", 2);                /* jmp [rip + pad] */
        memcpy(p + 2, &pad, 4);
        memcpy(p + 6 + pad, &leave, 8);
        p += 14 + pad;
    }
    return (unsigned)(p - start);
}

static void run_case(const struct x86_case *in, struct x86_outcome *out)
{
    static uint64_t pristine[X86_WINDOW_SIZE / 8];
    static uint32_t seed;
    static bool filled;
    uint32_t used = x86_case_code(in, code_page + (X86_CODE_START - X86_CODE_BASE));

    if (!filled || seed != in->window_seed) {
        x86_window_fill(pristine, in->window_seed);
        memcpy(window, pristine, sizeof(pristine));
        seed = in->window_seed;
        filled = true;
    }
    memcpy(tramp->in, in->r, sizeof(tramp->in));
    tramp->iret[0] = X86_CODE_START;
    tramp->iret[1] = in->bits32 ? USER_CS32 : USER_CS64;
    tramp->iret[2] = in->eflags;
    tramp->iret[3] = in->r[4];
    tramp->iret[4] = USER_DS;
    memcpy(&tramp->fp_in, &in->fp, sizeof(in->fp));
    memset(&tramp->fp_out, 0, sizeof(tramp->fp_out));
    memset(out, 0, sizeof(*out));
    out->vector = -1;
    out->rip = X86_CODE_START + in->code_bytes;
    running = out;
    signalled = false;
    ((void (*)(void))(uintptr_t)TRAMP_BASE)();
    running = NULL;
    if (!signalled) {
        take_state(out);
    }
    fill_initial(&out->fp);
    out->window_hash = x86_window_hash(window, pristine);
    if (out->window_hash) {
        memcpy(window, pristine, sizeof(pristine));
    }
    memset(code_page + (X86_CODE_START - X86_CODE_BASE), 0xcc, used);
}

static void catch_signals(void)
{
    static uint8_t stack[1 << 17];
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
    const stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
    struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

    sigaltstack(&ss, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(signals); i++) {
        sigaction(signals[i], &sa, NULL);
    }
}

static bool map_at(uint32_t addr, uint32_t size, int prot)
{
    return mmap((void *)(uintptr_t)addr, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
           (void *)(uintptr_t)addr;
}

static bool map_code(void)
{
    int fd = memfd_create("code", 0);
    void *at = (void *)(uintptr_t)X86_CODE_BASE;

    if (fd < 0 || ftruncate(fd, X86_CODE_SIZE) != 0 ||
        mmap(at, X86_CODE_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) != at) {
        return false;
    }
    code_page = mmap(NULL, X86_CODE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (code_page == MAP_FAILED) {
        return false;
    }
    memset(code_page, 0xcc, X86_CODE_SIZE);
    return true;
}

static bool child_prepare(void)
{
    if (!map_code() || !map_at(X86_WINDOW_BASE, X86_WINDOW_SIZE, PROT_READ | PROT_WRITE) ||
        !map_at(TRAMP_BASE, TRAMP_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC)) {
        return false;
    }
    memcpy((void *)(uintptr_t)TRAMP_BASE, host_x86_tramp, (size_t)(host_x86_tramp_end - host_x86_tramp));
    catch_signals();
    /* 32-bit code needs selectors that are not null */
    __asm__ volatile("mov %0, %%ds\n mov %0, %%es" : : "r"(USER_DS));
    return syscall(SYS_arch_prctl, ARCH_SET_GS, (unsigned long)X86_GS_BASE) == 0;
}

static void child_main(struct shared *shared, int in, int out)
{
    uint16_t order[2];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!child_prepare()) {
        _exit(63);
    }
    while (read(in, order, sizeof(order)) == sizeof(order)) {
        for (uint32_t i = 0; i < order[1]; i++) {
            __atomic_store_n(&shared->at, i, __ATOMIC_RELAXED);
            run_case(&shared->in[order[0]][i], &shared->out[order[0]][i]);
        }
        if (write(out, order, 1) != 1) {
            break;
        }
    }
    _exit(0);
}

/* ---- The parent ---- */

static GQuark host_error(void)
{
    return g_quark_from_static_string("host-x86");
}

static bool host_has_avx(void)
{
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX)) {
        return false;
    }
    __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return (a & 7) == 7;
}

struct host_x86 *host_x86_new(GError **err)
{
    struct host_x86 *h;
    int to[2], from[2];
    void *shared;

    if (!host_has_avx()) {
        g_set_error(err, host_error(), 0, "the host's processor has no AVX");
        return NULL;
    }
    shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || pipe(to) != 0 || pipe(from) != 0) {
        g_set_error(err, host_error(), 0, "no memory or pipes for the child: %s", g_strerror(errno));
        return NULL;
    }
    h = g_new0(struct host_x86, 1);
    h->shared = shared;
    h->to_child = to[1];
    h->from_child = from[0];
    h->child = fork();
    if (h->child == 0) {
        close(to[1]);
        close(from[0]);
        child_main(shared, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    return h;
}

void host_x86_free(struct host_x86 *h)
{
    close(h->to_child);
    close(h->from_child);
    waitpid(h->child, NULL, 0);
    munmap(h->shared, sizeof(struct shared));
    g_free(h);
}

struct x86_case *host_x86_cases(struct host_x86 *h, unsigned slot)
{
    return h->shared->in[slot];
}

const struct x86_outcome *host_x86_outcomes(struct host_x86 *h, unsigned slot)
{
    return h->shared->out[slot];
}

void host_x86_start(struct host_x86 *h, unsigned slot, unsigned count)
{
    uint16_t order[2] = { (uint16_t)slot, (uint16_t)count };

    /* a child that has ended is noticed by host_x86_wait() */
    (void)!write(h->to_child, order, sizeof(order));
}

bool host_x86_wait(struct host_x86 *h, unsigned slot, GError **err)
{
    struct pollfd p = { .fd = h->from_child, .events = POLLIN };
    uint8_t done;
    int status = 0;

    (void)slot;
    if (poll(&p, 1, HOST_TIMEOUT_MS) == 1 && read(h->from_child, &done, 1) == 1) {
        return true;
    }
    kill(h->child, SIGKILL);
    waitpid(h->child, &status, 0);
    g_set_error(err, host_error(), 0, "the child ended (status %#x) at case %u of its batch", (unsigned)status,
                __atomic_load_n(&h->shared->at, __ATOMIC_RELAXED));
    return false;
}

#else

unsigned x86_case_code(const struct x86_case *in, uint8_t *start)
{
    memcpy(start, in->code, in->code_bytes);
    return in->code_bytes;
}

struct host_x86 *host_x86_new(GError **err)
{
    g_set_error(err, g_quark_from_static_string("host-x86"), 0, "the host is no x86-64 processor");
    return NULL;
}

#endif

/* ---- Both sides ---- */

void x86_window_fill(uint64_t *w, uint32_t seed)
{
    uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

    for (unsigned i = 0; i < X86_WINDOW_SIZE / 8; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        w[i] = i % 8 == 5 ? X86_CODE_BASE + (x >> 53) : x ^ x >> 29;
    }
}

uint64_t x86_window_hash(const uint64_t *w, const uint64_t *before)
{
    uint64_t h = 1;

    if (memcmp(w, before, X86_WINDOW_SIZE) == 0) {
        return 0;
    }
    for (unsigned i = 0; i < X86_WINDOW_SIZE / 8; i++) {
        h = (h ^ w[i]) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 32;
    }
    return h;
}
