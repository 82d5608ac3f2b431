/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86 CPUs as the machine core sees them: struct cpu_ops, translation mode, reset, INIT and SIPI, A20M, logs. State slots are in x86.c. */
#include "config.h"
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-x86/system.h"
#include "tcg/compile.h"
#include "tcg/disas.h"
#include "util/log.h"

/* ---- translation mode ----------------------------------------------------------------------- */

static bool is_flat(const struct x86_seg *s)
{
    return s->base == 0 && s->fast_write == (uint64_t)1 << 32 && s->fast_read == s->fast_write;
}

static uint32_t segment_mode(const struct x86_cpu *c)
{
    const struct x86_seg *cs = &c->seg[X86_CS], *ss = &c->seg[X86_SS];
    uint32_t mode = 0;

    if (x86_in_64(c))
        return X86_MODE_LMA | X86_MODE_64 | X86_MODE_FLAT_CS | X86_MODE_FLAT_DATA | (c->cr4 & X86_CR4_LA57 ? X86_MODE_LA57 : 0);
    mode |= x86_lma(c) ? X86_MODE_LMA : 0;
    mode |= cs->attr & X86_DESC_DB ? X86_MODE_CS32 : 0;
    mode |= ss->attr & X86_DESC_DB ? X86_MODE_SS32 : 0;
    mode |= cs->base == 0 && cs->limit == 0xffffffffu ? X86_MODE_FLAT_CS : 0;
    if (is_flat(&c->seg[X86_ES]) && is_flat(ss) && is_flat(&c->seg[X86_DS]))
        mode |= X86_MODE_FLAT_DATA;
    return mode;
}

static uint32_t fp_mode(const struct x86_cpu *c)
{
    uint32_t mode = 0;

    mode |= c->cr0 & X86_CR0_TS ? X86_MODE_TS : 0;
    mode |= c->cr0 & X86_CR0_EM ? X86_MODE_EM : 0;
    mode |= c->cr0 & X86_CR0_MP ? X86_MODE_MP : 0;
    mode |= c->cr4 & X86_CR4_OSFXSR ? X86_MODE_OSFXSR : 0;
    mode |= c->cr4 & X86_CR4_OSXSAVE && (c->xcr0 & 6) == 6 ? X86_MODE_AVX : 0;
    mode |= (c->mxcsr >> 7 & 0x3f) != 0x3f ? X86_MODE_SSE_EXC : 0;
    return mode;
}

uint32_t x86_mode(const struct cpu *cpu)
{
    const struct x86_cpu *c = X86_CPU(cpu);
    unsigned cpl = x86_cpl(c);
    uint32_t mode = cpl | segment_mode(c) | fp_mode(c);

    mode |= c->cr0 & X86_CR0_PE ? X86_MODE_PE : 0;
    mode |= c->eflags & X86_FL_VM ? X86_MODE_VM : 0;
    mode |= c->eflags & X86_FL_TF ? X86_MODE_TF | X86_MODE_WORD : 0;
    mode |= c->inhibit ? X86_MODE_INHIBIT : 0;
    mode |= cpl == 3 && c->cr0 & X86_CR0_AM && c->eflags & X86_FL_AC ? X86_MODE_AC : 0;
    mode |= cpl <= (c->eflags >> X86_FL_IOPL_SHIFT & 3) ? X86_MODE_IO : 0;
    mode |= c->dr[7] & 0xff ? X86_MODE_DR | X86_MODE_WORD : 0;
    return mode;
}

/* ---- reset (SDM table 9-1) ------------------------------------------------------------------ */

static void reset_segments(struct x86_cpu *c)
{
    for (int i = 0; i < X86_NSEGS; i++) {
        c->seg[i] = (struct x86_seg){ .limit = 0xffff, .attr = X86_DESC_P | X86_DESC_S | X86_DESC_WRITE | X86_DESC_ACCESSED };
        x86_seg_update(c, i);
    }
    c->seg[X86_CS].selector = 0xf000;
    c->seg[X86_CS].base = 0xffff0000;
    c->seg[X86_LDTR].attr = X86_DESC_P | X86_TYPE_LDT << 8;
    c->seg[X86_TR].attr = X86_DESC_P | X86_TYPE_TSS32_BUSY << 8;
    c->gdtr = c->idtr = (struct x86_table){ .limit = 0xffff };
}

/* What reset and INIT have in common. */
static void reset_core(struct x86_cpu *c)
{
    memset(c->r, 0, sizeof(c->r));
    c->r[X86_RDX] = x86_signature(c);
    c->flags = 0;
    c->df = c->eflags = c->inhibit = 0;
    c->cr0 = (c->cr0 & (X86_CR0_CD | X86_CR0_NW)) | X86_CR0_ET;
    c->cr2 = c->cr3 = c->cr4 = c->efer = 0;
    memset(c->dr, 0, sizeof(c->dr));
    c->dr[6] = 0xffff0ff0;
    c->dr[7] = 0x400;
    c->smm = false;
    c->cpu.bus = c->normal_bus ? c->normal_bus : c->cpu.bus;
    c->nmi_blocked = c->nmi_pending = c->smi_pending = c->init_pending = false;
    c->wait_sipi = !c->is_bsp;
    c->delivering = -1;
    reset_segments(c);
    c->cpu.env.pc = 0xfffffff0;
    c->cpu.halted = c->wait_sipi;
    c->cpu.mode_changed = true;
}

void x86_init_reset(struct x86_cpu *c)
{
    tlb_flush_all(&c->cpu);
    reset_core(c);
    log_text(LOG_INT, "cpu %d: INIT\n", c->cpu.index);
}

void x86_start_at(struct x86_cpu *c, unsigned page)
{
    struct x86_seg *cs = &c->seg[X86_CS];

    c->wait_sipi = false;
    c->cpu.halted = false;
    cs->selector = (uint16_t)(page << 8);
    cs->base = (uint64_t)page << 12;
    x86_set_ip(c, 0);
    log_text(LOG_INT, "cpu %d: starts at page 0x%x\n", c->cpu.index, page);
}

static void reset_fpu(struct x86_cpu *c)
{
    memset(c->fpr, 0, sizeof(c->fpr));
    c->ftop = c->fsw = 0;
    c->fcw = 0x40;
    c->fempty = 0;
    c->fop = 0;
    c->fip = c->fdp = 0;
    c->fcs = c->fds = 0;
    memset(c->xmm, 0, sizeof(c->xmm));
    memset(c->ymmh, 0, sizeof(c->ymmh));
    c->xcr0 = 1;
    c->pkru = 0;
    x86_set_mxcsr(c, 0x1f80, false);
}

/* The machine is paused. */
static void x86_reset(struct cpu *cpu)
{
    struct x86_cpu *c = X86_CPU(cpu);

    if (!c->normal_bus) {
        c->normal_bus = cpu->bus;
        c->smm_bus = cpu->smm_bus ? cpu->smm_bus : cpu->bus;
    }
    c->is_bsp = cpu->index == 0;
    c->cr0 = X86_CR0_CD | X86_CR0_NW;
    reset_core(c);
    reset_fpu(c);
    x86_msr_reset(c);
    __atomic_store_n(&cpu->powered_off, false, __ATOMIC_SEQ_CST);
}

/* ---- A20M ----------------------------------------------------------------------------------- */

/* Device lock held; the CPU takes it when it looks at its lines. */
static void set_a20m(void *opaque, int n, bool level)
{
    struct cpu *cpu = opaque;
    uint32_t old = __atomic_load_n(&cpu->irq_lines, __ATOMIC_SEQ_CST);

    cpu_set_irq(cpu, n, level);
    if (!(old >> n & 1) != !level)
        cpu_set_irq(cpu, X86_A20_CHANGED, true);
}

void x86_apply_a20(struct x86_cpu *c)
{
    struct cpu *cpu = &c->cpu;
    bool masked;

    machine_lock(cpu->machine);
    cpu_set_irq(cpu, X86_A20_CHANGED, false);
    masked = __atomic_load_n(&cpu->irq_lines, __ATOMIC_SEQ_CST) >> X86_A20M & 1;
    machine_unlock(cpu->machine);
    c->a20_mask = masked ? ~((uint64_t)1 << 20) : UINT64_MAX;
    tlb_flush_all(cpu);
    cpu->mode_changed = true;
}

/* ---- making CPUs ---------------------------------------------------------------------------- */

static bool init(struct cpu *cpu, const char *model, bool lm, GError **err)
{
    struct x86_cpu *c = X86_CPU(cpu);

    if (!x86_configure(c, model, lm, err))
        return false;
    c->a20_mask = UINT64_MAX;
    c->delivering = -1;
    c->is_bsp = cpu->index == 0;
    c->smbase = 0x30000;
    cpu->is_64bit = x86_has(c, X86_F_LM);
    cpu->in[X86_A20M].handler = set_a20m;
    cpu->in[X86_A20M].opaque = cpu;
    return true;
}

static bool x86_init_32(struct cpu *cpu, const char *model, GError **err)
{
    return init(cpu, model, false, err);
}

static bool x86_init_64(struct cpu *cpu, const char *model, GError **err)
{
    return init(cpu, model, true, err);
}

/* ---- boot without firmware ------------------------------------------------------------------ */

/* A linear address: what the code segment's base is stays. */
static void x86_set_pc(struct cpu *cpu, uint64_t pc)
{
    cpu->env.pc = pc;
    cpu->mode_changed = true;
}

static void x86_set_boot_args(struct cpu *cpu, unsigned n, const uint64_t *args)
{
    static const uint8_t order[] = { X86_RAX, X86_RBX, X86_RCX, X86_RDX };

    for (unsigned i = 0; i < n && i < G_N_ELEMENTS(order); i++)
        X86_CPU(cpu)->r[order[i]] = args[i];
}

/* ---- logs ----------------------------------------------------------------------------------- */

static void x86_dump(const struct cpu *cpu, FILE *f)
{
    static const char *const names[] = { "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi" };
    static const char *const segs[] = { "es", "cs", "ss", "ds", "fs", "gs", "ldt", "tr" };
    const struct x86_cpu *c = X86_CPU(cpu);
    unsigned n = x86_has(c, X86_F_LM) ? 16 : 8;

    for (unsigned i = 0; i < n; i++) {
        if (i < 8)
            fprintf(f, "%s=", names[i]);
        else
            fprintf(f, "r%-2u=", i);
        fprintf(f, "%016llx%c", (unsigned long long)c->r[i], i % 4 == 3 ? '\n' : ' ');
    }
    fprintf(f, "rip=%016llx rfl=%08x cpl=%u pc=%llx smm=%d halted=%d\n", (unsigned long long)x86_ip(c), x86_eflags(c), x86_cpl(c),
            (unsigned long long)cpu->env.pc, c->smm, cpu->halted);
    for (unsigned i = 0; i < X86_NSEGS; i++)
        fprintf(f, "%-3s=%04x base=%016llx limit=%08x attr=%06x%s\n", segs[i], c->seg[i].selector, (unsigned long long)c->seg[i].base,
                c->seg[i].limit, c->seg[i].attr, c->seg[i].unusable ? " unusable" : "");
    fprintf(f, "gdt=%016llx %04x idt=%016llx %04x\n", (unsigned long long)c->gdtr.base, c->gdtr.limit, (unsigned long long)c->idtr.base,
            c->idtr.limit);
    fprintf(f, "cr0=%08llx cr2=%016llx cr3=%016llx cr4=%08llx efer=%llx\n", (unsigned long long)c->cr0, (unsigned long long)c->cr2,
            (unsigned long long)c->cr3, (unsigned long long)c->cr4, (unsigned long long)c->efer);
}

static void x86_disas(const struct cpu *cpu, uint64_t pc, const uint8_t *bytes, size_t len, FILE *f)
{
    uint32_t mode = x86_mode(cpu);

    disas_print(f, mode & X86_MODE_64 ? DISAS_X86_64 : mode & X86_MODE_CS32 ? DISAS_X86_32 : DISAS_X86_16, bytes, len, pc);
}

/* ---- */

#define X86_OPS                                                                                                                        \
    .family = "x86", .coherent_code = true, .ir_target = &x86_ir_target, .size = sizeof(struct x86_cpu), .mode_optional = X86_MODE_FP_BITS,                   \
    .model_desc = x86_model_desc, .reset = x86_reset, .set_pc = x86_set_pc, .set_boot_args = x86_set_boot_args, .mode = x86_mode,       \
    .tlb_key = x86_tlb_key, .tlb_fill = x86_tlb_fill, .unaligned = x86_unaligned, .bus_error = x86_bus_error,                          \
    .translate = x86_translate, .take_exception = x86_take_exception, .take_interrupt = x86_take_interrupt, .has_work = x86_has_work,  \
    .watched = x86_watched, .dump = x86_dump, .disas = x86_disas

const struct cpu_ops x86_cpu_ops = { .name = "i386", .models = x86_model_names, .init = x86_init_32, X86_OPS };
const struct cpu_ops x86_64_cpu_ops = { .name = "x86_64", .is_64bit = true, .models = x86_64_model_names, .init = x86_init_64, X86_OPS };

static void __attribute__((constructor)) x86_register(void)
{
    cpu_register(&x86_cpu_ops);
    cpu_register(&x86_64_cpu_ops);
}
