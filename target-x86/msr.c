/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers (SDM volume 4; AMD APM volume 2, appendix A) as table rows, the time-stamp counter, and the clock page of
 * KVM's interface for guests (Linux: Documentation/virt/kvm/x86/msr.rst), by which a Linux guest knows the counter's frequency.
 */
#include "config.h"
#include <string.h>
#include "softmmu/machine.h"
#include "target-x86/system.h"
#include "util/clock.h"
#include "util/log.h"

#define NS_IN_S 1000000000u

/* ---- time-stamp counter --------------------------------------------------------------------- */

static uint64_t raw_tsc(const struct x86_cpu *c)
{
    uint64_t ns = (uint64_t)clock_ns(c->cpu.machine->clock);

    if (c->tsc_hz == NS_IN_S)
        return ns;
    return (uint64_t)((unsigned __int128)ns * c->tsc_hz / NS_IN_S);
}

uint64_t x86_tsc(struct x86_cpu *c)
{
    return raw_tsc(c) + c->tsc_offset;
}

static bool read_tsc(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    (void)index;
    *val = x86_tsc(c);
    return true;
}

/* IA32_TSC_ADJUST follows (SDM 17.17.3). */
static bool write_tsc(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    uint64_t delta = val - x86_tsc(c);

    (void)index;
    c->tsc_offset += delta;
    c->tsc_adjust += delta;
    return true;
}

static bool write_tsc_adjust(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)index;
    c->tsc_offset += val - c->tsc_adjust;
    c->tsc_adjust = val;
    return true;
}

/* ---- the APIC's ------------------------------------------------------------------------------ */

/* Nanoseconds of the virtual clock at which the counter has this value, and back. */
static uint64_t ns_of_tsc(const struct x86_cpu *c, uint64_t tsc)
{
    if (c->tsc_hz == NS_IN_S)
        return tsc - c->tsc_offset;
    return (uint64_t)((unsigned __int128)(tsc - c->tsc_offset) * NS_IN_S / c->tsc_hz);
}

static uint64_t tsc_of_ns(const struct x86_cpu *c, uint64_t ns)
{
    if (c->tsc_hz == NS_IN_S)
        return ns + c->tsc_offset;
    return (uint64_t)((unsigned __int128)ns * c->tsc_hz / NS_IN_S) + c->tsc_offset;
}

static bool read_apic(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    struct cpu *cpu = &c->cpu;
    bool ok;

    if (!cpu->apic || !cpu->apic->read_msr)
        return false;
    machine_lock(cpu->machine);
    ok = cpu->apic->read_msr(cpu->apic_opaque, index, val);
    machine_unlock(cpu->machine);
    return ok;
}

static bool write_apic(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    struct cpu *cpu = &c->cpu;
    bool ok;

    if (!cpu->apic || !cpu->apic->write_msr)
        return false;
    machine_lock(cpu->machine);
    ok = cpu->apic->write_msr(cpu->apic_opaque, index, val);
    machine_unlock(cpu->machine);
    return ok;
}

/* The APIC's deadline is in nanoseconds of the virtual clock; 0 is none. */
static bool read_deadline(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    if (!read_apic(c, index, val))
        return false;
    *val = *val ? tsc_of_ns(c, *val) : 0;
    return true;
}

static bool write_deadline(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    uint64_t ns = val ? ns_of_tsc(c, val) : 0;

    return write_apic(c, index, val && !ns ? 1 : ns);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool read_efer(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    (void)index;
    *val = c->efer;
    return true;
}

static bool write_efer(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)index;
    return x86_write_efer(c, val);
}

/* Each byte is a memory type that the PAT may have (SDM table 11-10). */
static bool write_pat(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)index;
    for (unsigned i = 0; i < 64; i += 8) {
        unsigned type = val >> i & 0xff;

        if (type > 7 || type == 2 || type == 3)
            return false;
    }
    c->pat = val;
    return true;
}

static uint64_t *base_of(struct x86_cpu *c, uint32_t index)
{
    return index == 0xc0000100 ? &c->seg[X86_FS].base : &c->seg[X86_GS].base;
}

static bool read_base(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    *val = *base_of(c, index);
    return true;
}

static bool write_base(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    if (!x86_is_canonical(c, val))
        return false;
    *base_of(c, index) = val;
    return true;
}

/* Where a SYSENTER or SYSCALL goes. */
static uint64_t *entry_of(struct x86_cpu *c, uint32_t index)
{
    switch (index) {
    case 0x175: return &c->sysenter_esp;
    case 0x176: return &c->sysenter_eip;
    case 0xc0000082: return &c->lstar;
    case 0xc0000083: return &c->cstar;
    default: return &c->kernel_gs_base;
    }
}

static bool read_entry(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    *val = *entry_of(c, index);
    return true;
}

static bool write_entry(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    if (!x86_has(c, X86_F_LM))
        val = (uint32_t)val;
    else if (!x86_is_canonical(c, val))
        return false;
    *entry_of(c, index) = val;
    return true;
}

static bool read_mtrr_cap(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    (void)index;
    if (!x86_has(c, X86_F_MTRR)) {       /* U-Boot looks without asking CPUID, and expects none */
        *val = 0;
        return true;
    }
    *val = 8 | 1 << 8 | 1 << 10;         /* 8 variable ranges, fixed ones, write combining */
    return true;
}

static bool mtrr_type_ok(unsigned type)
{
    return type < 7 && type != 2 && type != 3;
}

/* Bases and masks by turns. */
static bool write_mtrr_var(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    uint64_t beyond = ~(uint64_t)0 << x86_phys_bits(c);
    bool mask = index & 1;

    if (val & beyond || (mask ? val & 0x7ff : (val & 0xf00) || !mtrr_type_ok(val & 0xff)))
        return false;
    c->mtrr_var[index - 0x200] = val;
    return true;
}

static bool write_mtrr_def(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)index;
    if (val & ~(uint64_t)0xcff || !mtrr_type_ok(val & 0xff))
        return false;
    c->mtrr_def = val;
    return true;
}

/* 0x250, 0x258, 0x259, 0x268 to 0x26f */
static uint64_t *fixed_of(struct x86_cpu *c, uint32_t index)
{
    return &c->mtrr_fixed[index == 0x250 ? 0 : index < 0x260 ? index - 0x257 : index - 0x265];
}

static bool read_mtrr_fixed(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    *val = *fixed_of(c, index);
    return true;
}

static bool write_mtrr_fixed(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    for (unsigned i = 0; i < 64; i += 8)
        if (!mtrr_type_ok(val >> i & 0xff))
            return false;
    *fixed_of(c, index) = val;
    return true;
}

/* Locked; without VMX there is nothing to enable. */
static bool write_feature_control(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)index;
    if (c->feature_control & 1)
        return false;
    c->feature_control = val & 1;
    return true;
}

static bool ignore(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)c;
    (void)index;
    (void)val;
    return true;
}

static bool read_zero(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    (void)c;
    (void)index;
    *val = 0;
    return true;
}

/* MCi_CTL, STATUS, ADDR, MISC; a status is written as 0 alone (SDM 15.3.2). */
#define MC_BANKS 10

static bool write_mc_bank(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    if ((index & 3) == 1 && val != 0)
        return false;
    c->mc_bank[index - 0x400] = val;
    return true;
}

static bool write_mcg_status(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)index;
    c->mcg_status = val & 7;
    return true;
}

static bool write_xss(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    (void)c;
    (void)index;
    return val == 0;
}

/* ---- KVM's clock ----------------------------------------------------------------------------- */

struct clock_page {          /* version even: stable */
    uint32_t version, pad0;
    uint64_t tsc_timestamp, system_time;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags, pad[2];
};
struct wall_clock {
    uint32_t version, sec, nsec;
};

static void put_memory(struct x86_cpu *c, uint64_t paddr, const void *data, unsigned len)
{
    for (unsigned i = 0; i < len; i += 4) {
        uint32_t v;

        memcpy(&v, (const uint8_t *)data + i, 4);
        bus_write(c->cpu.bus, paddr + i, 4, v);
    }
}

/* ns = (delta << shift) * mul >> 32, with mul in [2^31, 2^32) */
static void set_scale(uint64_t hz, struct clock_page *p)
{
    uint64_t scaled = NS_IN_S;
    int shift = 0;

    while (scaled > hz) {
        hz *= 2;
        shift++;
    }
    while (scaled * 2 <= hz) {
        scaled *= 2;
        shift--;
    }
    p->tsc_to_system_mul = (uint32_t)MIN(((unsigned __int128)scaled << 32) / hz, UINT32_MAX);
    p->tsc_shift = (int8_t)shift;
}

/* The counter runs at one rate for ever, so the page is written once. */
static bool write_kvm_clock(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    struct clock_page p = { .version = 2, .flags = 1 };

    (void)index;
    if (c->no_kvmclock)
        return false;
    c->kvm_clock = val;
    if (!(val & 1))
        return true;
    p.system_time = (uint64_t)clock_ns(c->cpu.machine->clock);
    p.tsc_timestamp = tsc_of_ns(c, p.system_time);
    set_scale(c->tsc_hz, &p);
    put_memory(c, val & ~(uint64_t)3, &p, sizeof(p));
    return true;
}

static bool write_kvm_wall_clock(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    int64_t start = clock_ns(c->cpu.machine->host_clock) - clock_ns(c->cpu.machine->clock);
    struct wall_clock w = { .version = 2, .sec = (uint32_t)(start / NS_IN_S), .nsec = (uint32_t)(start % NS_IN_S) };

    (void)index;
    if (c->no_kvmclock)
        return false;
    put_memory(c, val & ~(uint64_t)3, &w, sizeof(w));
    return true;
}

/* ---- the table ------------------------------------------------------------------------------- */

struct msr {
    uint32_t first, last;
    uint16_t feature;
    bool amd;                /* AMD's models alone */
    uint32_t offset;         /* of the stored value; consecutive registers are consecutive there */
    uint64_t writable;       /* bits outside: #GP(0) */
    bool (*read)(struct x86_cpu *c, uint32_t index, uint64_t *val);        /* NULL: stored */
    bool (*write)(struct x86_cpu *c, uint32_t index, uint64_t val);        /* NULL: stored */
};
#define F(f) X86_F_##f
#define STORED(first, last, feature, field, bits) { first, last, F(feature), false, X86_OFF(field), bits, NULL, NULL }
#define CHECKED(first, last, feature, field, write) { first, last, F(feature), false, X86_OFF(field), UINT64_MAX, NULL, write }
#define CALLS(first, last, feature, read, write) { first, last, F(feature), false, 0, UINT64_MAX, read, write }
#define AMD_ROW(first, field) { first, first, F(NONE), true, X86_OFF(field), UINT64_MAX, NULL, NULL }
#define AMD_ZERO(first, last) { first, last, F(NONE), true, 0, UINT64_MAX, read_zero, ignore }
#define READ_ONLY 0

/* Those that kernels write all the time first. */
static const struct msr msrs[] = {
    CALLS(0x6e0, 0x6e0, TSC_DEADLINE, read_deadline, write_deadline),
    CALLS(0x800, 0x8ff, X2APIC, read_apic, write_apic),
    CALLS(0xc0000100, 0xc0000101, LM, read_base, write_base),
    CALLS(0xc0000102, 0xc0000102, LM, read_entry, write_entry),
    CALLS(0x10, 0x10, TSC, read_tsc, write_tsc),
    STORED(0x17, 0x17, NONE, misc_feature, READ_ONLY),                          /* IA32_PLATFORM_ID: 0 */
    CALLS(0x1b, 0x1b, APIC, read_apic, write_apic),
    CHECKED(0x3a, 0x3a, NONE, feature_control, write_feature_control),
    CHECKED(0x3b, 0x3b, TSC_ADJUST, tsc_adjust, write_tsc_adjust),
    CALLS(0x79, 0x79, NONE, read_zero, ignore),                                 /* IA32_BIOS_UPDT_TRIG */
    STORED(0x8b, 0x8b, NONE, bios_sign, UINT64_MAX),
    STORED(0xce, 0xce, NONE, misc_feature, READ_ONLY),                          /* MSR_PLATFORM_INFO: nothing */
    /* MTRRs: U-Boot programs them whatever CPUID says; without the feature they are storage. */
    CALLS(0xfe, 0xfe, MSR, read_mtrr_cap, NULL),
    STORED(0x140, 0x140, NONE, misc_feature, READ_ONLY),                        /* MISC_FEATURES_ENABLES */
    STORED(0x174, 0x174, SEP, sysenter_cs, UINT64_MAX),
    CALLS(0x175, 0x176, SEP, read_entry, write_entry),
    STORED(0x179, 0x179, MCA, mcg_cap, READ_ONLY),
    CHECKED(0x17a, 0x17a, MCA, mcg_status, write_mcg_status),
    CALLS(0x17b, 0x17b, MCA, read_zero, ignore),                                /* IA32_MCG_CTL */
    STORED(0x1a0, 0x1a0, NONE, misc_enable, UINT64_MAX),
    STORED(0x1d9, 0x1d9, NONE, debugctl, 0xffc3),
    CALLS(0x1db, 0x1de, NONE, read_zero, ignore),                               /* last branch and exception */
    CHECKED(0x200, 0x20f, MSR, mtrr_var, write_mtrr_var),
    CALLS(0x250, 0x250, MSR, read_mtrr_fixed, write_mtrr_fixed),
    CALLS(0x258, 0x259, MSR, read_mtrr_fixed, write_mtrr_fixed),
    CALLS(0x268, 0x26f, MSR, read_mtrr_fixed, write_mtrr_fixed),
    CHECKED(0x277, 0x277, PAT, pat, write_pat),
    CHECKED(0x2ff, 0x2ff, MSR, mtrr_def, write_mtrr_def),
    CHECKED(0x400, 0x400 + 4 * MC_BANKS - 1, MCA, mc_bank, write_mc_bank),
    CHECKED(0xda0, 0xda0, XSAVES, xss, write_xss),
    CALLS(0xc0000080, 0xc0000080, SYSCALL, read_efer, write_efer),
    STORED(0xc0000081, 0xc0000081, SYSCALL, star, UINT64_MAX),
    CALLS(0xc0000082, 0xc0000083, LM, read_entry, write_entry),
    STORED(0xc0000084, 0xc0000084, SYSCALL, sfmask, 0xffffffff),
    STORED(0xc0000103, 0xc0000103, RDTSCP, tsc_aux, 0xffffffff),
    CALLS(0x4b564d00, 0x4b564d00, HYPERVISOR, read_zero, write_kvm_wall_clock),
    CHECKED(0x4b564d01, 0x4b564d01, HYPERVISOR, kvm_clock, write_kvm_clock),
    CALLS(0x11, 0x11, HYPERVISOR, read_zero, write_kvm_wall_clock),
    CHECKED(0x12, 0x12, HYPERVISOR, kvm_clock, write_kvm_clock),
    AMD_ZERO(0xc0010000, 0xc0010007),                                           /* performance counters that never count */
    AMD_ROW(0xc0010010, amd_syscfg), AMD_ROW(0xc0010015, amd_hwcr),
    AMD_ZERO(0xc0010016, 0xc001001f),                                           /* IORRs, TOP_MEM, NB_CFG */
    AMD_ZERO(0xc0010020, 0xc0010020),                                           /* patch loader */
    AMD_ZERO(0xc0010055, 0xc0010058), AMD_ZERO(0xc0010112, 0xc0010115), AMD_ZERO(0xc0010140, 0xc0010141),
    AMD_ZERO(0xc001100d, 0xc001102c),                                           /* configuration of the core's units */
};

static const struct msr *find(const struct x86_cpu *c, uint32_t index)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(msrs); i++) {
        const struct msr *m = &msrs[i];

        if (index < m->first || index > m->last)
            continue;
        if (m->feature != X86_F_NONE && !x86_has(c, m->feature))
            return NULL;
        if (m->amd && strcmp(c->model->vendor, "AuthenticAMD"))
            return NULL;
        return m;
    }
    return NULL;
}

static uint64_t *stored(struct x86_cpu *c, const struct msr *m, uint32_t index)
{
    return (uint64_t *)((uint8_t *)c + m->offset) + (index - m->first);
}

bool x86_read_msr(struct x86_cpu *c, uint32_t index, uint64_t *val)
{
    const struct msr *m = find(c, index);

    if (!m) {
        log_guest_error("cpu %d: read of MSR 0x%x", c->cpu.index, index);
        return false;
    }
    if (m->read)
        return m->read(c, index, val);
    *val = *stored(c, m, index);
    return true;
}

bool x86_write_msr(struct x86_cpu *c, uint32_t index, uint64_t val)
{
    const struct msr *m = find(c, index);

    if (!m) {
        log_guest_error("cpu %d: write of MSR 0x%x", c->cpu.index, index);
        return false;
    }
    if (val & ~m->writable)
        return false;
    if (m->write)
        return m->write(c, index, val);
    if (m->read)
        return false;
    *stored(c, m, index) = val;
    return true;
}

void x86_msr_reset(struct x86_cpu *c)
{
    c->star = c->lstar = c->cstar = c->sfmask = c->kernel_gs_base = c->tsc_aux = 0;
    c->sysenter_cs = c->sysenter_esp = c->sysenter_eip = 0;
    c->pat = 0x0007040600070406;
    c->misc_enable = 1;
    c->tsc_adjust = c->tsc_offset = 0;
    c->mtrr_def = 0;
    memset(c->mtrr_fixed, 0, sizeof(c->mtrr_fixed));
    memset(c->mtrr_var, 0, sizeof(c->mtrr_var));
    c->mcg_status = 0;
    c->mcg_cap = MC_BANKS | 1 << 8 | 1 << 24;
    memset(c->mc_bank, 0, sizeof(c->mc_bank));
    c->xss = c->feature_control = c->spec_ctrl = c->debugctl = c->bios_sign = 0;
    c->smbase = 0x30000;
    c->kvm_clock = c->amd_hwcr = c->amd_syscfg = c->misc_feature = 0;
}
