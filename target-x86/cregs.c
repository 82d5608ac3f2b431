/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control registers, EFER and XCR0 with their checks, and what they make the TLB forget (SDM volume 3, 2.5, 2.6, 4.10.4.1). */
#include "config.h"
#include "softmmu/machine.h"
#include "softmmu/tlb.h"
#include "target-x86/system.h"

static void gp0(struct x86_cpu *c) __attribute__((noreturn));
static void gp0(struct x86_cpu *c)
{
    x86_raise(c, X86_GP, 0);
}

/* The PDPTEs are read anew when PAE paging comes into use (4.4.1). Raises. */
static void reload_pdptes(struct x86_cpu *c, uint64_t cr0, uint64_t cr4, uint64_t cr3)
{
    if (x86_is_pae(cr0, cr4, c->efer) && !x86_load_pdptes(c, cr3))
        gp0(c);
}

/* Paging goes on or off: IA-32e mode follows (9.8.5). Raises. */
static void switch_paging(struct x86_cpu *c, uint64_t cr0)
{
    bool on = cr0 & X86_CR0_PG;

    if (on && c->efer & X86_EFER_LME) {
        if (!(c->cr4 & X86_CR4_PAE) || c->seg[X86_CS].attr & X86_DESC_L)
            gp0(c);
        c->efer |= X86_EFER_LMA;
        return;
    }
    if (!on && x86_in_64(c))
        gp0(c);
    if (!on && c->cr4 & X86_CR4_PCIDE)
        gp0(c);
    if (on)
        reload_pdptes(c, cr0, c->cr4, c->cr3);
    else
        c->efer &= ~(uint64_t)X86_EFER_LMA;
}

#define CR0_BITS (X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | \
                  X86_CR0_CD | X86_CR0_PG)

void x86_write_cr0(struct x86_cpu *c, uint64_t val)
{
    uint64_t old = c->cr0, changed;

    if (val >> 32 || (val & X86_CR0_PG && !(val & X86_CR0_PE)) || (val & X86_CR0_NW && !(val & X86_CR0_CD)))
        gp0(c);
    val = (val & CR0_BITS) | X86_CR0_ET;
    changed = old ^ val;
    if (changed & X86_CR0_PG)
        switch_paging(c, val);
    else if (changed & (X86_CR0_CD | X86_CR0_NW))
        reload_pdptes(c, val, c->cr4, c->cr3);
    c->cr0 = val;
    if (changed & (X86_CR0_PG | X86_CR0_PE))
        tlb_flush_all(&c->cpu);
    if (changed & X86_CR0_PE)
        x86_seg_update_all(c);
    c->cpu.mode_changed = true;
}

void x86_write_cr3(struct x86_cpu *c, uint64_t val)
{
    uint64_t keep = c->cr4 & X86_CR4_PCIDE ? val & ~(1ull << 63) : val;

    if (x86_lma(c)) {
        if (keep >> x86_phys_bits(c))
            gp0(c);
    } else {
        keep = (uint32_t)keep;
        reload_pdptes(c, c->cr0, c->cr4, keep);
    }
    c->cr3 = keep;
    x86_flush_for_cr3(c, val);
    c->cpu.mode_changed = true;
}

/* Bits of CR4 that this CPU has. */
static uint64_t cr4_bits(const struct x86_cpu *c)
{
    static const struct {
        uint32_t bit;
        uint16_t feature;
    } rows[] = {
        { X86_CR4_VME | X86_CR4_PVI, X86_F_VME }, { X86_CR4_TSD, X86_F_TSC }, { X86_CR4_DE, X86_F_DE }, { X86_CR4_PSE, X86_F_PSE },
        { X86_CR4_PAE, X86_F_PAE }, { X86_CR4_MCE, X86_F_MCE }, { X86_CR4_PGE, X86_F_PGE }, { X86_CR4_OSFXSR, X86_F_FXSR },
        { X86_CR4_OSXMMEXCPT, X86_F_SSE }, { X86_CR4_UMIP, X86_F_UMIP }, { X86_CR4_LA57, X86_F_LA57 }, { X86_CR4_FSGSBASE, X86_F_FSGSBASE },
        { X86_CR4_PCIDE, X86_F_PCID }, { X86_CR4_OSXSAVE, X86_F_XSAVE }, { X86_CR4_SMEP, X86_F_SMEP }, { X86_CR4_SMAP, X86_F_SMAP },
        { X86_CR4_PKE, X86_F_PKU },
    };
    uint64_t bits = X86_CR4_PCE;

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (x86_has(c, rows[i].feature))
            bits |= rows[i].bit;
    return bits;
}

void x86_write_cr4(struct x86_cpu *c, uint64_t val)
{
    uint64_t changed = c->cr4 ^ val;

    if (val & ~cr4_bits(c))
        gp0(c);
    if (x86_lma(c) && (!(val & X86_CR4_PAE) || changed & X86_CR4_LA57))
        gp0(c);
    if (changed & val & X86_CR4_PCIDE && (!x86_lma(c) || c->cr3 & 0xfff))
        gp0(c);
    if (changed & (X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_SMEP) && val & X86_CR4_PAE)
        reload_pdptes(c, c->cr0, val, c->cr3);
    c->cr4 = val;
    if (changed & (X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PCIDE | X86_CR4_LA57) || changed & val & X86_CR4_SMEP)
        tlb_flush_all(&c->cpu);
    c->cpu.mode_changed = true;
}

/* The device lock is taken round calls to the APIC. */
void x86_write_cr8(struct x86_cpu *c, uint64_t val)
{
    struct cpu *cpu = &c->cpu;

    if (val >> 4)
        gp0(c);
    if (!cpu->apic || !cpu->apic->set_tpr)
        return;
    machine_lock(cpu->machine);
    cpu->apic->set_tpr(cpu->apic_opaque, (unsigned)val);
    machine_unlock(cpu->machine);
}

uint64_t x86_read_cr8(struct x86_cpu *c)
{
    struct cpu *cpu = &c->cpu;
    uint64_t val;

    if (!cpu->apic || !cpu->apic->tpr)
        return 0;
    machine_lock(cpu->machine);
    val = cpu->apic->tpr(cpu->apic_opaque);
    machine_unlock(cpu->machine);
    return val;
}

/* SDM 2.6 */
void x86_write_xcr0(struct x86_cpu *c, uint64_t val)
{
    uint64_t bits = 3 | (x86_has(c, X86_F_AVX) ? 4 : 0) | (x86_has(c, X86_F_PKU) ? 1 << 9 : 0);

    if (val & ~bits || !(val & 1) || (val & 4 && !(val & 2)))
        gp0(c);
    c->xcr0 = val;
    c->cpu.mode_changed = true;
}

bool x86_write_efer(struct x86_cpu *c, uint64_t val)
{
    uint64_t bits = X86_EFER_LMA | (x86_has(c, X86_F_SYSCALL) ? X86_EFER_SCE : 0) | (x86_has(c, X86_F_LM) ? X86_EFER_LME : 0) |
                    (x86_has(c, X86_F_NX) ? X86_EFER_NXE : 0);

    if (val & ~bits || (c->cr0 & X86_CR0_PG && (val ^ c->efer) & X86_EFER_LME))
        return false;
    c->efer = (val & ~(uint64_t)X86_EFER_LMA) | (c->efer & X86_EFER_LMA);
    c->cpu.mode_changed = true;
    return true;
}
