/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86 CPU models, their properties, and CPUID (SDM volume 2, CPUID; AMD APM volume 3, appendix E).
 *
 * A model is a row of feature words as QEMU 7.2 has them for the name; what is not modelled here is taken away, so that a guest sees
 * nothing that does not work.
 */
#include "config.h"
#include <stdlib.h>
#include <string.h>
#include "softmmu/machine.h"
#include "softmmu/names.h"
#include "target-x86/system.h"
#include "util/keyval.h"

#define X86_ERROR g_quark_from_static_string("x86")
#define TSC_FREQUENCY 1000000000u

/* ---- features by name ----------------------------------------------------------------------- */

struct feature_name {
    const char *name;        /* as QEMU's; '_' may stand for '-' */
    uint16_t feature;
};
#define NAME(name, f) { name, X86_F_##f }
/* All that is modelled. */
static const struct feature_name feature_names[] = {
    NAME("fpu", FPU), NAME("vme", VME), NAME("de", DE), NAME("pse", PSE), NAME("tsc", TSC), NAME("msr", MSR), NAME("pae", PAE),
    NAME("mce", MCE), NAME("cx8", CX8), NAME("apic", APIC), NAME("sep", SEP), NAME("mtrr", MTRR), NAME("pge", PGE), NAME("mca", MCA),
    NAME("cmov", CMOV), NAME("pat", PAT), NAME("pse36", PSE36), NAME("clflush", CLFSH), NAME("acpi", ACPI), NAME("mmx", MMX),
    NAME("fxsr", FXSR), NAME("sse", SSE), NAME("sse2", SSE2), NAME("ss", SS), NAME("ht", HTT),
    NAME("sse3", SSE3), NAME("pni", SSE3), NAME("pclmulqdq", PCLMUL), NAME("ssse3", SSSE3), NAME("fma", FMA), NAME("cx16", CX16),
    NAME("pcid", PCID), NAME("sse4.1", SSE41), NAME("sse4-1", SSE41), NAME("sse4.2", SSE42), NAME("sse4-2", SSE42),
    NAME("x2apic", X2APIC), NAME("movbe", MOVBE), NAME("popcnt", POPCNT), NAME("tsc-deadline", TSC_DEADLINE), NAME("aes", AES),
    NAME("xsave", XSAVE), NAME("avx", AVX), NAME("f16c", F16C), NAME("rdrand", RDRAND), NAME("hypervisor", HYPERVISOR),
    NAME("fsgsbase", FSGSBASE), NAME("tsc-adjust", TSC_ADJUST), NAME("bmi1", BMI1), NAME("avx2", AVX2), NAME("smep", SMEP),
    NAME("bmi2", BMI2), NAME("erms", ERMS), NAME("invpcid", INVPCID), NAME("rdseed", RDSEED), NAME("adx", ADX), NAME("smap", SMAP),
    NAME("clflushopt", CLFLUSHOPT), NAME("clwb", CLWB), NAME("umip", UMIP), NAME("pku", PKU), NAME("la57", LA57), NAME("rdpid", RDPID),
    NAME("fsrm", FSRM), NAME("monitor", MONITOR), NAME("syscall", SYSCALL), NAME("nx", NX), NAME("xd", NX), NAME("pdpe1gb", PDPE1GB), NAME("rdtscp", RDTSCP),
    NAME("lm", LM), NAME("lahf-lm", LAHF64), NAME("abm", LZCNT), NAME("3dnowprefetch", PREFETCHW), NAME("xsaveopt", XSAVEOPT),
    NAME("xsavec", XSAVEC), NAME("xgetbv1", XGETBV1), NAME("arat", ARAT), NAME("invtsc", INVTSC),
};

/* ---- models --------------------------------------------------------------------------------- */

#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"
#define QEMU_BRAND "QEMU Virtual CPU version 2.5+"
/* CPUID 1 EDX, 1 ECX, 7 EBX, 80000001 EDX, ECX, D.1 EAX, 6 EAX */
#define WORDS(d1, c1, b7, d8, c8, ad, a6)                                                                                        \
    .features = { [X86_FW_1_EDX] = d1, [X86_FW_1_ECX] = c1, [X86_FW_7_EBX] = b7, [X86_FW_8_EDX] = d8, [X86_FW_8_ECX] = c8,        \
                  [X86_FW_D1_EAX] = ad, [X86_FW_6_EAX] = a6 }

static const struct x86_model models[] = {
    { .name = "486", .desc = "Intel 80486", .vendor = INTEL, .family = 4, .model = 8, .max_leaf = 1,
      WORDS(0x00000009, 0x80000000, 0, 0, 0, 0, 0) },
    { .name = "pentium", .desc = "Intel Pentium", .vendor = INTEL, .family = 5, .model = 4, .stepping = 3, .max_leaf = 1,
      WORDS(0x008003bd, 0x80000000, 0, 0, 0, 0, 0) },
    { .name = "pentium3", .desc = "Intel Pentium III", .vendor = INTEL, .family = 6, .model = 7, .stepping = 3, .max_leaf = 3,
      WORDS(0x0383fbfd, 0x80000000, 0, 0, 0, 0, 0) },
    { .name = "qemu32", .desc = "QEMU's 32-bit CPU", .vendor = INTEL, .family = 6, .model = 6, .stepping = 3, .max_leaf = 4,
      .max_ext_leaf = 0x80000004, .brand = QEMU_BRAND, WORDS(0x0781abfd, 0x80000001, 0, 0, 0, 0, 0) },
    { .name = "kvm32", .desc = "Common 32-bit KVM processor", .vendor = INTEL, .family = 15, .model = 6, .stepping = 1, .max_leaf = 5,
      .max_ext_leaf = 0x80000008, .brand = "Common 32-bit KVM processor", WORDS(0x078bfbfd, 0x80000001, 0, 0, 0, 0, 0) },
    { .name = "qemu64", .desc = "QEMU's 64-bit CPU", .vendor = AMD, .family = 15, .model = 107, .stepping = 1, .max_leaf = 13,
      .max_ext_leaf = 0x8000000a, .brand = QEMU_BRAND, .cache_info = true,
      WORDS(0x078bfbfd, 0x80002001, 0, 0x2193fbfd, 0x00000001, 0, 0) },
    { .name = "kvm64", .desc = "Common KVM processor", .vendor = INTEL, .family = 15, .model = 6, .stepping = 1, .max_leaf = 13,
      .max_ext_leaf = 0x80000008, .brand = "Common KVM processor", .cache_info = true,
      WORDS(0x078bfbfd, 0x80002001, 0, 0x20100800, 0, 0, 0) },
    { .name = "Nehalem", .desc = "Intel Core i7 9xx (x86-64-v2)", .vendor = INTEL, .family = 6, .model = 26, .stepping = 3,
      .max_leaf = 11, .max_ext_leaf = 0x80000008, .brand = "Intel Core i7 9xx (Nehalem Class Core i7)", .cache_info = true,
      WORDS(0x078bfbfd, 0x80982201, 0, 0x20100800, 0x00000001, 0, 0) },
    { .name = "Haswell", .desc = "Intel Core processor (x86-64-v3)", .vendor = INTEL, .family = 6, .model = 60, .stepping = 4,
      .max_leaf = 0x16, .max_ext_leaf = 0x80000008, .brand = "Intel Core Processor (Haswell)", .cache_info = true,
      WORDS(0x078bfbfd, 0xf7fa3203, 0x000007a9, 0x28100800, 0x00000021, 0x00000001, 0x00000004) },
    /* Everything in feature_names but 5-level paging and MONITOR, which are options. */
    { .name = "max", .desc = "everything that is modelled", .vendor = AMD, .family = 15, .model = 107, .stepping = 1, .max_leaf = 0x16,
      .max_ext_leaf = 0x8000000a, .brand = "Tinamou virtual CPU", .cache_info = true },
};

#define MODEL_NAMES "486", "pentium", "pentium3", "qemu32", "kvm32", "qemu64", "kvm64", "Nehalem", "Haswell", "max", NULL
const char *const x86_model_names[] = { MODEL_NAMES };
const char *const x86_64_model_names[] = { MODEL_NAMES };

static const struct x86_model *find(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++)
        if (!strcmp(models[i].name, name))
            return &models[i];
    return NULL;
}

const char *x86_model_desc(const char *name)
{
    const struct x86_model *m = find(name);

    return m ? m->desc : NULL;
}

static void set_feature(struct x86_cpu *c, unsigned f, bool on)
{
    if (on)
        c->features[f >> 5] |= 1u << (f & 31);
    else
        c->features[f >> 5] &= ~(1u << (f & 31));
}

/* ---- properties ----------------------------------------------------------------------------- */

/* "+feat", "-feat", "feat=on|off", "tsc-frequency=HZ"; check and enforce are the default here. */
static bool set_number(struct x86_cpu *c, const char *name, const char *val, bool *known, GError **err)
{
    char *end;
    uint64_t n;

    *known = !strcmp(name, "tsc-frequency");
    if (!*known)
        return true;
    n = strtoull(val, &end, 0);
    if (!*val || *end || n < 1000000 || n > 100000000000ull) {
        g_set_error(err, X86_ERROR, 0, "cpu %s: tsc-frequency=%s: not a frequency in Hz from 1000000 to 100000000000", c->model->name, val);
        return false;
    }
    c->tsc_hz = n;
    return true;
}

static bool set_by_name(struct x86_cpu *c, const char *name, bool on, GError **err)
{
    static const char *const accepted[] = { "check", "enforce", "migratable" };

    for (unsigned i = 0; i < G_N_ELEMENTS(accepted); i++)
        if (!strcmp(name, accepted[i]))
            return true;
    if (!strcmp(name, "kvmclock")) {
        c->no_kvmclock = !on;
        return true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(feature_names); i++)
        if (!strcmp(feature_names[i].name, name)) {
            set_feature(c, feature_names[i].feature, on);
            return true;
        }
    g_set_error(err, X86_ERROR, 0, "cpu %s has no feature or property '%s'; features are CPUID names as 'avx2' or 'pcid', properties "
                "'tsc-frequency' and 'kvmclock'", c->model->name, name);
    return false;
}

static bool set_property(struct x86_cpu *c, const char *prop, GError **err)
{
    g_auto(GStrv) kv = NULL;
    g_autofree char *name = NULL;
    bool on = prop[0] != '-', known;

    if (prop[0] == '+' || prop[0] == '-') {
        name = g_strdelimit(g_strdup(prop + 1), "_", '-');
        return set_by_name(c, name, on, err);
    }
    kv = g_strsplit(prop, "=", 2);
    name = g_strdelimit(g_strdup(kv[0] ? kv[0] : ""), "_", '-');
    if (kv[0] && kv[1]) {
        if (!set_number(c, name, kv[1], &known, err))
            return false;
        if (known)
            return true;
        if (!keyval_parse_bool(kv[1], &on)) {
            g_set_error(err, X86_ERROR, 0, "cpu %s: %s: not on or off", c->model->name, prop);
            return false;
        }
    }
    return set_by_name(c, name, on, err);
}

/* Of the model only what is modelled; max has all of that. */
static void set_features(struct x86_cpu *c, bool lm)
{
    bool all = !strcmp(c->model->name, "max");

    memset(c->features, 0, sizeof(c->features));
    for (unsigned i = 0; i < G_N_ELEMENTS(feature_names); i++) {
        unsigned f = feature_names[i].feature;

        if (all ? f != X86_F_LA57 && f != X86_F_HTT && f != X86_F_MONITOR : c->model->features[f >> 5] >> (f & 31) & 1)
            set_feature(c, f, true);
    }
    if (!lm) {
        set_feature(c, X86_F_LM, false);
        set_feature(c, X86_F_LAHF64, false);
        if (strcmp(c->model->vendor, AMD))
            set_feature(c, X86_F_SYSCALL, false);
    }
}

/* What cannot be without something else. */
static void remove_dependent(struct x86_cpu *c)
{
    static const struct {
        uint16_t need, feature;
    } rows[] = {
        { X86_F_XSAVE, X86_F_AVX }, { X86_F_XSAVE, X86_F_XSAVEOPT }, { X86_F_XSAVE, X86_F_XSAVEC }, { X86_F_XSAVE, X86_F_XGETBV1 },
        { X86_F_XSAVE, X86_F_PKU }, { X86_F_AVX, X86_F_AVX2 }, { X86_F_AVX, X86_F_FMA }, { X86_F_AVX, X86_F_F16C },
        { X86_F_LM, X86_F_LA57 }, { X86_F_LM, X86_F_PCID }, { X86_F_LM, X86_F_PDPE1GB }, { X86_F_LM, X86_F_FSGSBASE },
        { X86_F_LM, X86_F_PKU }, { X86_F_PAE, X86_F_NX }, { X86_F_APIC, X86_F_X2APIC }, { X86_F_APIC, X86_F_TSC_DEADLINE },
        { X86_F_SSE, X86_F_SSE2 }, { X86_F_FXSR, X86_F_XSAVE },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!x86_has(c, rows[i].need))
            set_feature(c, rows[i].feature, false);
}

bool x86_configure(struct x86_cpu *c, const char *spec, bool lm, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(spec, ",", -1);
    const char *name = parts[0] ? parts[0] : "";

    c->model = find(name);
    if (!c->model) {
        g_set_error(err, X86_ERROR, 0, "no CPU model '%s'; the nearest is '%s' (-cpu help lists them)", name,
                    name_nearest(name, x86_model_names));
        return false;
    }
    c->tsc_hz = TSC_FREQUENCY;
    set_features(c, lm);
    for (int i = 1; parts[0] && parts[i]; i++)
        if (!set_property(c, parts[i], err))
            return false;
    if (x86_has(c, X86_F_LM) && !lm) {
        g_set_error(err, X86_ERROR, 0, "cpu %s: this is the emulator of 32-bit CPUs, without long mode; use tinamou-system-x86_64 for lm", name);
        return false;
    }
    remove_dependent(c);
    return true;
}

unsigned x86_phys_bits(const struct x86_cpu *c)
{
    return x86_has(c, X86_F_LM) ? 40 : x86_has(c, X86_F_PSE36) || x86_has(c, X86_F_PAE) ? 36 : 32;
}

uint64_t x86_tsc_frequency(const struct x86_cpu *c)
{
    return c->tsc_hz;
}

uint32_t x86_signature(const struct x86_cpu *c)
{
    const struct x86_model *m = c->model;
    uint32_t family = m->family > 15 ? 15 : m->family, extended = m->family > 15 ? m->family - 15u : 0;

    return m->stepping | (m->model & 15u) << 4 | family << 8 | (m->model >> 4 & 15u) << 16 | extended << 20;
}

/* ---- CPUID ---------------------------------------------------------------------------------- */

enum { EAX, EBX, ECX, EDX };

static void put_text(uint32_t *regs, const char *text, size_t from, size_t n)
{
    size_t len = strlen(text);

    memset(regs, 0, n);
    if (len > from)
        memcpy(regs, text + from, MIN(len - from, n));
}

/* The CPUs are the cores of one package. */
static unsigned cores(const struct x86_cpu *c)
{
    return (unsigned)MAX(c->cpu.machine->config.smp, 1);
}

static unsigned core_bits(const struct x86_cpu *c)
{
    unsigned n = 0;

    while (1u << n < cores(c))
        n++;
    return n;
}

static bool is_amd(const struct x86_cpu *c)
{
    return !strcmp(c->model->vendor, AMD);
}

static void leaf_vendor(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    uint32_t text[3];

    (void)sub;
    put_text(text, c->model->vendor, 0, sizeof(text));
    r[EBX] = text[0];
    r[EDX] = text[1];
    r[ECX] = text[2];
}

static void leaf_0(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    leaf_vendor(c, sub, r);
    r[EAX] = c->model->max_leaf;
}

static void leaf_1(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[EAX] = x86_signature(c);
    r[EBX] = (uint32_t)c->cpu.index << 24 | 8 << 8 | (cores(c) > 1 ? cores(c) << 16 : 0);
    r[ECX] = c->features[X86_FW_1_ECX] | (c->cr4 & X86_CR4_OSXSAVE ? 1u << 27 : 0);
    r[EDX] = c->features[X86_FW_1_EDX] | (cores(c) > 1 ? 1u << 28 : 0);
    if (!c->cpu.apic || !c->cpu.apic->tpr) {
        r[EDX] &= ~(1u << 9);
        r[ECX] &= ~(1u << 21 | 1u << 24);
    }
}

/* Cache descriptors: 32 KiB data and instructions, 2 MiB second level (SDM table 3-12). */
static void leaf_2(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)c;
    (void)sub;
    r[EAX] = 1;
    r[EDX] = 0x002c307d;
}

/* Kinds 1 data, 2 instructions, 3 both; size = ways * line * sets */
static void leaf_4(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    static const struct {
        uint8_t kind, level;
        uint16_t ways, sets;
        bool shared;
    } rows[] = { { 1, 1, 8, 64, false }, { 2, 1, 8, 64, false }, { 3, 2, 16, 4096, false }, { 3, 3, 16, 16384, true } };

    if (sub >= G_N_ELEMENTS(rows) || !c->model->cache_info)
        return;
    r[EAX] = rows[sub].kind | (uint32_t)rows[sub].level << 5 | 1 << 8 | (cores(c) - 1) << 26;
    r[EAX] |= rows[sub].shared ? ((1u << core_bits(c)) - 1) << 14 : 0;
    r[EBX] = 63 | (rows[sub].ways - 1u) << 22;
    r[ECX] = rows[sub].sets - 1u;
}

static void leaf_6(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[EAX] = c->features[X86_FW_6_EAX];
}

static void leaf_7(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    if (sub)
        return;
    r[EBX] = c->features[X86_FW_7_EBX];
    r[ECX] = c->features[X86_FW_7_ECX] | (c->cr4 & X86_CR4_PKE ? 1u << 4 : 0);
    r[EDX] = c->features[X86_FW_7_EDX];
}

/* Threads of a core, cores of the package; EDX is the x2APIC ID. */
static void leaf_b(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    if (!x86_has(c, X86_F_X2APIC))
        return;
    r[ECX] = sub & 0xff;
    r[EDX] = (uint32_t)c->cpu.index;
    if (sub == 0) {
        r[EBX] = 1;
        r[ECX] |= 1 << 8;
    } else if (sub == 1) {
        r[EAX] = core_bits(c);
        r[EBX] = cores(c);
        r[ECX] |= 2 << 8;
    }
}

static uint64_t xcr0_bits(const struct x86_cpu *c)
{
    return 3 | (x86_has(c, X86_F_AVX) ? 4 : 0) | (x86_has(c, X86_F_PKU) ? 1 << 9 : 0);
}

/* SDM volume 1, 13.4: the XSAVE area's size, standard or compacted. */
static uint32_t xsave_size(uint64_t components, bool compact)
{
    uint32_t size = 576;

    if (components & 4)
        size = 832;
    if (components & 1 << 9)
        size = compact ? size + 8 : 2688 + 8;
    return size;
}

static void leaf_d(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    if (!x86_has(c, X86_F_XSAVE))
        return;
    if (sub == 0) {
        r[EAX] = (uint32_t)xcr0_bits(c);
        r[EBX] = xsave_size(c->xcr0, false);
        r[ECX] = xsave_size(xcr0_bits(c), false);
    } else if (sub == 1) {
        r[EAX] = c->features[X86_FW_D1_EAX];
        r[EBX] = x86_has(c, X86_F_XSAVEC) ? xsave_size(c->xcr0, true) : 0;
    } else if (sub == 2 && x86_has(c, X86_F_AVX)) {
        r[EAX] = 256;
        r[EBX] = 576;
    } else if (sub == 9 && x86_has(c, X86_F_PKU)) {
        r[EAX] = 8;
        r[EBX] = 2688;
    }
}

/* TSC: a crystal of 1 MHz, multiplied. */
static void leaf_15(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[EAX] = 1;
    r[EBX] = (uint32_t)(c->tsc_hz / 1000000);
    r[ECX] = 1000000;
}

static void leaf_16(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[EAX] = r[EBX] = (uint32_t)(c->tsc_hz / 1000000) & 0xffff;
    r[ECX] = 100;
}

static void leaf_hv(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)c;
    (void)sub;
    r[EAX] = 0x40000010;
    put_text(&r[EBX], "TCGTCGTCGTCG", 0, 12);
}

/* Frequencies of TSC and APIC timer in kHz */
static void leaf_hv_timing(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[EAX] = (uint32_t)(c->tsc_hz / 1000);
    r[EBX] = 1000000;
}

/* KVM's clock (msr.c), by which Linux knows the TSC's frequency without measuring it. */
static void leaf_kvm(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    if (c->no_kvmclock)
        return;
    r[EAX] = 0x40000101;
    put_text(&r[EBX], "KVMKVMKVM", 0, 12);
}

static void leaf_kvm_features(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    if (!c->no_kvmclock)
        r[EAX] = 1u << 0 | 1u << 1 | 1u << 3 | 1u << 24;      /* clock, no I/O delay, clock with new MSRs, its stable flag */
}

static void leaf_ext(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    leaf_vendor(c, sub, r);
    r[EAX] = c->model->max_ext_leaf;
}

static void leaf_ext_1(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    uint32_t shared = 0x0183f3ff;        /* AMD: repeats bits of leaf 1 */

    (void)sub;
    r[EAX] = x86_signature(c);
    r[ECX] = c->features[X86_FW_8_ECX] | (is_amd(c) && cores(c) > 1 ? 1u << 1 : 0);
    r[EDX] = c->features[X86_FW_8_EDX];
    if (is_amd(c))
        r[EDX] |= c->features[X86_FW_1_EDX] & shared;
    /* Intel CPUs have SYSCALL in 64-bit mode alone, and say so there */
    if (!is_amd(c) && !x86_in_64(c))
        r[EDX] &= ~(1u << 11);
}

static void leaf_ext_2(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    put_text(r, c->model->brand ? c->model->brand : "", sub, 16);
}

/* L1: 64 KiB each, 2 ways, lines of 64 bytes, TLBs of 255 entries */
static void leaf_ext_5(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    if (!is_amd(c))
        return;
    r[EAX] = 0x01ff01ff;
    r[EBX] = 0x01ff01ff;
    r[ECX] = 0x40020140;
    r[EDX] = 0x40020140;
}

/* L2 512 KiB, 16 ways; L3 16 MiB */
static void leaf_ext_6(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[ECX] = 0x02008140;
    if (!is_amd(c))
        return;
    r[EBX] = 0x42004200;
    r[EDX] = 0x00808140;
}

static void leaf_ext_7(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    (void)sub;
    r[EDX] = c->features[X86_FW_807_EDX];
}

static void leaf_ext_8(struct x86_cpu *c, uint32_t sub, uint32_t r[4])
{
    bool lm = x86_has(c, X86_F_LM);

    (void)sub;
    r[EAX] = x86_phys_bits(c) | (!lm ? 32u : x86_has(c, X86_F_LA57) ? 57u : 48u) << 8;
    r[EBX] = c->features[X86_FW_808_EBX];
    if (cores(c) > 1)
        r[ECX] = core_bits(c) << 12 | (cores(c) - 1);
}

static const struct leaf {
    uint32_t leaf, sub;      /* sub: what the function gets with by_row */
    void (*fn)(struct x86_cpu *c, uint32_t sub, uint32_t r[4]);
    bool by_row;
} leaves[] = {
    { 0, 0, leaf_0, false }, { 1, 0, leaf_1, false }, { 2, 0, leaf_2, false }, { 4, 0, leaf_4, false }, { 6, 0, leaf_6, false },
    { 7, 0, leaf_7, false }, { 0xb, 0, leaf_b, false }, { 0xd, 0, leaf_d, false }, { 0x15, 0, leaf_15, false }, { 0x16, 0, leaf_16, false },
    { 0x40000000, 0, leaf_hv, false }, { 0x40000010, 0, leaf_hv_timing, false },
    { 0x40000100, 0, leaf_kvm, false }, { 0x40000101, 0, leaf_kvm_features, false },
    { 0x80000000, 0, leaf_ext, false }, { 0x80000001, 0, leaf_ext_1, false }, { 0x80000002, 0, leaf_ext_2, true },
    { 0x80000003, 16, leaf_ext_2, true }, { 0x80000004, 32, leaf_ext_2, true }, { 0x80000005, 0, leaf_ext_5, false },
    { 0x80000006, 0, leaf_ext_6, false }, { 0x80000007, 0, leaf_ext_7, false }, { 0x80000008, 0, leaf_ext_8, false },
};

/* A leaf above the highest of its range reads as the highest basic one (Intel), hypervisor's as 0 where there is none. */
static uint32_t existing(const struct x86_cpu *c, uint32_t leaf)
{
    uint32_t max = leaf >> 31 ? c->model->max_ext_leaf : c->model->max_leaf;

    if (leaf >> 28 == 4)
        return x86_has(c, X86_F_HYPERVISOR) ? leaf : UINT32_MAX;
    return leaf <= max ? leaf : c->model->max_leaf;
}

void x86_cpuid(struct x86_cpu *c, uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    leaf = existing(c, leaf);
    memset(regs, 0, 4 * sizeof(*regs));
    for (unsigned i = 0; i < G_N_ELEMENTS(leaves); i++)
        if (leaves[i].leaf == leaf)
            leaves[i].fn(c, leaves[i].by_row ? leaves[i].sub : subleaf, regs);
}
