/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slow paths of guest memory access: TLB misses, MMIO, pages with code, page-crossing and misaligned accesses,
 * big-endian blocks. Runs on the vCPU's thread with the guest's state in place; a fault leaves by longjmp.
 */
#include "config.h"
#include <string.h>
#include "softmmu/access.h"
#include "softmmu/bus.h"
#include "softmmu/cpu.h"
#include "softmmu/machine.h"
#include "softmmu/tb.h"
#include "softmmu/tlb.h"

static unsigned oi_size(uint32_t oi)
{
    return 1u << (oi & MO_SIZE);
}

static unsigned oi_view(uint32_t oi)
{
    return oi >> 16 & 0xff;
}

static void check_alignment(struct cpu *cpu, uint64_t addr, uint32_t oi,
                            enum access_type type)
{
    unsigned log2 = (oi & MO_ALIGN_MASK) >> MO_ALIGN_SHIFT;

    cpu->count.tlb_slow++;
    if (addr & (((uint64_t)1 << log2) - 1))
        cpu->ops->unaligned(cpu, addr, type, oi_view(oi));
}

/* Guest addresses wrap at the target's width. */
static uint64_t wrap(const struct cpu *cpu, uint64_t va)
{
    return cpu->ops->ir_target->addr_type == I32 ? (uint32_t)va : va;
}

static bool crosses(uint64_t addr, unsigned size)
{
    return (addr & ~TLB_PAGE_MASK) + size > TLB_PAGE_SIZE;
}

/* ---- host memory ---------------------------------------------------------------------------- */

static uint64_t host_load(const void *p, unsigned size)
{
    uint64_t v = 0;

    /* SAFETY: p is inside one guest RAM page; fixed-size copies are single accesses on the hosts we have. */
    switch (size) {
    case 1:
        return *(const uint8_t *)p;
    case 2:
        memcpy(&v, p, 2);
        return v;
    case 4:
        memcpy(&v, p, 4);
        return v;
    default:
        memcpy(&v, p, 8);
        return v;
    }
}

static void host_store(void *p, uint64_t v, unsigned size)
{
    /* SAFETY: as host_load. */
    switch (size) {
    case 1:
        *(uint8_t *)p = (uint8_t)v;
        return;
    case 2:
        memcpy(p, &v, 2);
        return;
    case 4:
        memcpy(p, &v, 4);
        return;
    default:
        memcpy(p, &v, 8);
        return;
    }
}

static uint64_t swap(uint64_t v, unsigned size)
{
    return __builtin_bswap64(v) >> (64 - 8 * size);
}

static uint64_t extend(uint64_t v, uint32_t oi)
{
    unsigned shift = 64 - 8 * oi_size(oi);

    if (!(oi & MO_SIGN))
        return v;
    return (uint64_t)((int64_t)(v << shift) >> shift);
}

/* ---- one page ------------------------------------------------------------------------------- */

static void reads_slow_work(struct cpu *cpu, const void *data)
{
    const uint64_t *range = data;

    tlb_reads_slow(cpu, range[0], range[1]);
}

/* The first write to a ROM device that CPUs read directly: when all of them know that it has registers now, the instruction starts
 * again. TLB entries may change here, as nobody goes on with one. */
static void switch_to_registers(struct cpu *cpu, uint64_t paddr) G_GNUC_NORETURN;
static void switch_to_registers(struct cpu *cpu, uint64_t paddr)
{
    uint64_t range[2];

    bus_set_direct(cpu->bus, paddr, false, &range[0], &range[1]);
    cpu_broadcast(cpu->machine, cpu, reads_slow_work, range, sizeof(range));
    cpu_leave(cpu);
}

/* After a write to a device, which may have moved memory: go on with what is there now. */
static void catch_up(struct cpu *cpu)
{
    if (__atomic_load_n(&cpu->remap_asked, __ATOMIC_SEQ_CST))
        cpu_drain_work(cpu);
}

/* Little-endian load of size bytes that lie in one page. */
static uint64_t load(struct cpu *cpu, uint64_t va, unsigned size, unsigned view)
{
    struct tlb_entry *e = tlb_lookup(cpu, va, ACCESS_LOAD, view, false);
    uint64_t paddr, v;

    if (e->read & TLB_WATCH)
        cpu->ops->watched(cpu, va, size, ACCESS_LOAD);
    if (!(e->read & TLB_MMIO))
        return host_load((void *)(uintptr_t)(va + e->addend), size);
    paddr = tlb_paddr(cpu, e, va, view);
    bus_set_current_cpu(cpu->index);
    switch (bus_read(cpu->bus, paddr, size, &v)) {
    case BUS_OK:
        break;
    case BUS_SWITCH:
        e->read &= ~(uint64_t)TLB_MMIO;
        break;
    case BUS_NO_DEVICE:
        cpu->ops->bus_error(cpu, va, paddr, ACCESS_LOAD, view);
        v = 0;
        break;
    }
    return v;
}

/* The page at paddr holds code: drop what was made of the bytes, and the mark when nothing is left. */
static void wrote_code(struct cpu *cpu, struct tlb_entry *e, uint64_t paddr,
                       unsigned len)
{
    if (!code_written(cpu->code, cpu, paddr, len))
        e->write &= ~(uint64_t)TLB_CODE;
}

/* Before a write to a page with code: the region that runs may be what is written. */
static void overtake(struct cpu *cpu, uint64_t paddr, unsigned len)
{
    if (cpu->ops->coherent_code && code_overtaken(cpu->code, cpu, paddr, len))
        cpu_leave(cpu);
}

static void store(struct cpu *cpu, uint64_t va, uint64_t v, unsigned size,
                  unsigned view)
{
    struct tlb_entry *e = tlb_lookup(cpu, va, ACCESS_STORE, view, false);
    uint64_t paddr;

    if (e->write & TLB_WATCH)
        cpu->ops->watched(cpu, va, size, ACCESS_STORE);
    if (!(e->write & (TLB_MMIO | TLB_CODE))) {
        host_store((void *)(uintptr_t)(va + e->addend), v, size);
        return;
    }
    paddr = tlb_paddr(cpu, e, va, view);
    bus_set_current_cpu(cpu->index);
    /* ROM with code has both marks. */
    if (!(e->write & TLB_MMIO)) {
        overtake(cpu, paddr, size);
        host_store((void *)(uintptr_t)(va + e->addend), v, size);
        wrote_code(cpu, e, paddr, size);
        return;
    }
    switch (bus_write(cpu->bus, paddr, size, v)) {
    case BUS_OK:
        catch_up(cpu);
        break;
    case BUS_SWITCH:
        switch_to_registers(cpu, paddr);
    case BUS_NO_DEVICE:
        cpu->ops->bus_error(cpu, va, paddr, ACCESS_STORE, view);
        break;
    }
}

/* ---- I/O ports ------------------------------------------------------------------------------ */

uint32_t cpu_io_read(struct cpu *cpu, uint16_t port, unsigned size)
{
    uint64_t v;

    bus_set_current_cpu(cpu->index);
    bus_read(cpu->machine->io, port, size, &v);
    return (uint32_t)v;
}

void cpu_io_write(struct cpu *cpu, uint16_t port, unsigned size, uint32_t v)
{
    bus_set_current_cpu(cpu->index);
    bus_write(cpu->machine->io, port, size, v);
    catch_up(cpu);
}

/* ---- two pages ------------------------------------------------------------------------------ */

/* Host address of va when plain RAM is behind it, else NULL. Raises the fault. */
static uint8_t *plain_ram(struct cpu *cpu, uint64_t va, enum access_type type, unsigned view)
{
    struct tlb_entry *e = tlb_lookup(cpu, va, type, view, false);

    if ((type == ACCESS_LOAD ? e->read : e->write) & (TLB_MMIO | TLB_CODE | TLB_WATCH))
        return NULL;
    return (uint8_t *)(uintptr_t)(va + e->addend);
}

/* Copy len bytes at va, which go over into the next page. Both pages' faults come before a byte moves. False when one of them is
 * not plain RAM: nothing was copied. */
static bool copy_across(struct cpu *cpu, uint64_t va, void *buf, unsigned len, enum access_type type, unsigned view)
{
    unsigned n = (unsigned)(TLB_PAGE_SIZE - (va & ~TLB_PAGE_MASK));
    uint8_t *first = plain_ram(cpu, va, type, view);
    uint8_t *second = plain_ram(cpu, wrap(cpu, va + n), type, view);

    if (!first || !second)
        return false;
    if (type == ACCESS_LOAD) {
        memcpy(buf, first, n);
        memcpy((uint8_t *)buf + n, second, len - n);
    } else {
        memcpy(first, buf, n);
        memcpy(second, (uint8_t *)buf + n, len - n);
    }
    return true;
}

/* ---- tcg_mem_ops ---------------------------------------------------------------------------- */

/* A load whose place is written next faults as the store would. */
static void check_writable(struct cpu *cpu, uint64_t addr, unsigned size, unsigned view)
{
    tlb_lookup(cpu, addr, ACCESS_STORE, view, false);
    if (crosses(addr, size))
        tlb_lookup(cpu, wrap(cpu, addr + size - 1), ACCESS_STORE, view, false);
}

static uint64_t access_ld(struct tcg_env *env, uint64_t addr, uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    unsigned size = oi_size(oi), view = oi_view(oi);
    uint64_t v = 0;

    check_alignment(cpu, addr, oi, ACCESS_LOAD);
    if (oi & MO_WRITE)
        check_writable(cpu, addr, size, view);
    if (!crosses(addr, size)) {
        v = load(cpu, addr, size, view);
    } else if (!copy_across(cpu, addr, &v, size, ACCESS_LOAD, view)) {
        for (unsigned i = 0; i < size; i++)
            v |= load(cpu, wrap(cpu, addr + i), 1, view) << (8 * i);
    }
    if (oi & MO_BE)
        v = swap(v, size);
    return extend(v, oi);
}

static void access_st(struct tcg_env *env, uint64_t addr, uint64_t v, uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    unsigned size = oi_size(oi), view = oi_view(oi);

    check_alignment(cpu, addr, oi, ACCESS_STORE);
    if (oi & MO_BE)
        v = swap(v, size);
    if (!crosses(addr, size)) {
        store(cpu, addr, v, size, view);
        return;
    }
    if (copy_across(cpu, addr, &v, size, ACCESS_STORE, view))
        return;
    for (unsigned i = 0; i < size; i++)
        store(cpu, wrap(cpu, addr + i), v >> (8 * i) & 0xff, 1, view);
}

/* Swap the bytes of each element in place. */
static void swap_elements(uint8_t *p, uint32_t n, unsigned size)
{
    for (uint32_t i = 0; i < n; i++, p += size)
        for (unsigned k = 0; k < size / 2; k++) {
            uint8_t t = p[k];

            p[k] = p[size - 1 - k];
            p[size - 1 - k] = t;
        }
}

/* Device accesses of a block: the widest that an element has, at most 8 bytes. */
static unsigned piece(unsigned size)
{
    return size > 8 ? 8 : size;
}

static void access_ld_block(struct tcg_env *env, uint64_t addr, void *buf,
                            uint32_t n, uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    unsigned size = oi_size(oi), view = oi_view(oi), step = piece(size);
    uint32_t plain = TCG_OI((oi & MO_SIZE) == MO_128 ? MO_64 : oi & MO_SIZE, view);
    bool crossed;
    uint64_t v;

    check_alignment(cpu, addr, oi, ACCESS_LOAD);
    crossed = crosses(addr, n * size) && copy_across(cpu, addr, buf, n * size, ACCESS_LOAD, view);
    for (uint32_t i = 0; !crossed && i < n * size; i += step) {
        v = access_ld(env, wrap(cpu, addr + i), plain);
        memcpy((uint8_t *)buf + i, &v, step);
    }
    if (oi & MO_BE)
        swap_elements(buf, n, size);
}

static void access_st_block(struct tcg_env *env, uint64_t addr, const void *buf,
                            uint32_t n, uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    unsigned size = oi_size(oi), view = oi_view(oi), step = piece(size);
    uint32_t plain = TCG_OI((oi & MO_SIZE) == MO_128 ? MO_64 : oi & MO_SIZE, view);
    uint8_t copy[32 * 16];
    uint64_t v = 0;

    check_alignment(cpu, addr, oi, ACCESS_STORE);
    memcpy(copy, buf, n * size);
    if (oi & MO_BE)
        swap_elements(copy, n, size);
    if (crosses(addr, n * size) && copy_across(cpu, addr, copy, n * size, ACCESS_STORE, view))
        return;
    for (uint32_t i = 0; i < n * size; i += step) {
        memcpy(&v, copy + i, step);
        access_st(env, wrap(cpu, addr + i), v, plain);
    }
}

/* ---- atomics -------------------------------------------------------------------------------- */

/* Host address of a naturally aligned word that may be written, or NULL for MMIO. */
static void *atomic_target(struct cpu *cpu, uint64_t addr, uint32_t oi,
                           struct tlb_entry **e)
{
    unsigned size = oi_size(oi), view = oi_view(oi);

    cpu->count.tlb_slow++;
    if (oi & MO_SPLIT)
        check_alignment(cpu, addr, oi, ACCESS_STORE);
    else if (addr & (size - 1))
        cpu->ops->unaligned(cpu, addr, ACCESS_STORE, view);
    *e = tlb_lookup(cpu, addr, ACCESS_STORE, view, false);
    if ((*e)->write & TLB_MMIO)
        return NULL;
    if ((*e)->write & TLB_WATCH)
        cpu->ops->watched(cpu, addr, size, ACCESS_STORE);
    if ((*e)->write & TLB_CODE)
        overtake(cpu, tlb_paddr(cpu, *e, addr, view), size);
    return (void *)(uintptr_t)(addr + (*e)->addend);
}

static uint64_t host_cas(void *p, uint64_t expect, uint64_t v, unsigned size)
{
    /* SAFETY: p is naturally aligned inside one guest RAM page. */
    switch (size) {
    case 1: {
        uint8_t x = (uint8_t)expect;

        __atomic_compare_exchange_n((uint8_t *)p, &x, (uint8_t)v, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        return x;
    }
    case 2: {
        uint16_t x = (uint16_t)expect;

        __atomic_compare_exchange_n((uint16_t *)p, &x, (uint16_t)v, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        return x;
    }
    case 4: {
        uint32_t x = (uint32_t)expect;

        __atomic_compare_exchange_n((uint32_t *)p, &x, (uint32_t)v, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        return x;
    }
    default:
        __atomic_compare_exchange_n((uint64_t *)p, &expect, v, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        return expect;
    }
}

static void after_atomic(struct cpu *cpu, struct tlb_entry *e, uint64_t addr,
                         uint32_t oi)
{
    if (e->write & TLB_CODE)
        wrote_code(cpu, e, tlb_paddr(cpu, e, addr, oi_view(oi)), oi_size(oi));
}

static uint64_t access_cas(struct tcg_env *env, uint64_t addr, uint64_t expect,
                           uint64_t v, uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    unsigned size = oi_size(oi);
    struct tlb_entry *e;
    uint64_t old;
    void *p;

    if (oi & MO_SPLIT && crosses(addr, size)) {
        old = access_ld(env, addr, (oi & ~(uint32_t)(MO_ATOMIC | MO_SIGN)) | MO_WRITE);
        if (old == expect)
            access_st(env, addr, v, oi & ~(uint32_t)MO_ATOMIC);
        return extend(old, oi);
    }
    p = atomic_target(cpu, addr, oi, &e);
    if (oi & MO_BE) {
        expect = swap(expect, size);
        v = swap(v, size);
    }
    if (p) {
        old = host_cas(p, expect, v, size);
        after_atomic(cpu, e, addr, oi);
    } else {
        old = load(cpu, addr, size, oi_view(oi));
        if (old == expect)
            store(cpu, addr, v, size, oi_view(oi));
    }
    if (oi & MO_BE)
        old = swap(old, size);
    return extend(old, oi);
}

/* Compare-and-swap of 16 bytes as one access; old: what is expected, then what was there. */
static void host_cas128(void *p, uint64_t old[2], const uint64_t v[2])
{
#if defined(__x86_64__)
    /* SAFETY: p is 16-byte aligned inside one guest RAM page; CMPXCHG16B is in every x86-64 CPU but the first AMD ones of 2003 to 2005. */
    __asm__ volatile("lock cmpxchg16b %0"
                     : "+m"(*(unsigned __int128 *)p), "+a"(old[0]), "+d"(old[1])
                     : "b"(v[0]), "c"(v[1])
                     : "cc", "memory");
#else
    unsigned __int128 x = (unsigned __int128)old[1] << 64 | old[0];

    __atomic_compare_exchange_n((unsigned __int128 *)p, &x, (unsigned __int128)v[1] << 64 | v[0], false,
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    old[0] = (uint64_t)x;
    old[1] = (uint64_t)(x >> 64);
#endif
}

static void swap_pair(uint64_t v[2], uint32_t oi)
{
    if (oi & MO_BE) {
        v[0] = swap(v[0], 8);
        v[1] = swap(v[1], 8);
    }
}

void cpu_cas128(struct cpu *cpu, uint64_t addr, uint64_t old[2], const uint64_t new_val[2], uint32_t oi)
{
    struct tlb_entry *e;
    void *p = atomic_target(cpu, addr, oi, &e);
    uint64_t expect[2] = { old[0], old[1] }, v[2] = { new_val[0], new_val[1] };

    swap_pair(expect, oi);
    swap_pair(v, oi);
    if (p) {
        host_cas128(p, expect, v);
        after_atomic(cpu, e, addr, oi);
        old[0] = expect[0];
        old[1] = expect[1];
    } else {    /* registers of a device: no other access can be seen in between */
        for (unsigned i = 0; i < 2; i++)
            old[i] = load(cpu, addr + 8 * i, 8, oi_view(oi));
        for (unsigned i = 0; i < 2 && old[0] == expect[0] && old[1] == expect[1]; i++)
            store(cpu, addr + 8 * i, v[i], 8, oi_view(oi));
    }
    swap_pair(old, oi);
}

static int64_t sx(uint64_t v, unsigned size)
{
    unsigned shift = 64 - 8 * size;

    return (int64_t)(v << shift) >> shift;
}

static uint64_t combine(enum ir_rmw rmw, uint64_t a, uint64_t b, unsigned size)
{
    switch (rmw) {
    case RMW_XCHG: return b;
    case RMW_ADD: return a + b;
    case RMW_AND: return a & b;
    case RMW_OR: return a | b;
    case RMW_XOR: return a ^ b;
    case RMW_SMIN: return sx(a, size) < sx(b, size) ? a : b;
    case RMW_SMAX: return sx(a, size) > sx(b, size) ? a : b;
    case RMW_UMIN: return a < b ? a : b;
    case RMW_UMAX: return a > b ? a : b;
    }
    return b;
}

static uint64_t access_rmw(struct tcg_env *env, uint64_t addr, uint64_t v,
                           uint32_t oi)
{
    struct cpu *cpu = (struct cpu *)env;
    unsigned size = oi_size(oi);
    uint64_t mask = size == 8 ? UINT64_MAX : ((uint64_t)1 << (8 * size)) - 1;
    uint32_t plain = oi & 0xffffff & ~(uint32_t)MO_SIGN, once = plain & ~(uint32_t)MO_ATOMIC;
    struct tlb_entry *e;
    uint64_t old, seen;

    v &= mask;
    /* A register, or two pages: not atomic, and no loop, which a register that counts would keep going for ever. */
    if ((oi & MO_SPLIT && crosses(addr, size)) || !atomic_target(cpu, addr, plain, &e)) {
        old = access_ld(env, addr, once | MO_WRITE);
        access_st(env, addr, combine(oi >> 24, old, v, size) & mask, once);
        return extend(old, oi);
    }
    seen = access_ld(env, addr, plain);
    do {
        old = seen;
        seen = access_cas(env, addr, old,
                          combine(oi >> 24, old, v, size) & mask, plain);
    } while (seen != old);
    return extend(old, oi);
}

const struct tcg_mem_ops access_mem_ops = {
    .ld = access_ld,
    .st = access_st,
    .ld_block = access_ld_block,
    .st_block = access_st_block,
    .cas = access_cas,
    .rmw = access_rmw,
    .find = tb_find_code,
    .next = cpu_next_code,
};

/* ---- code fetch ----------------------------------------------------------------------------- */

static const void *fetch(struct cpu *cpu, uint64_t va)
{
    struct tlb_entry *e = tlb_lookup(cpu, va, ACCESS_EXEC, 0, false);

    if (e->exec & TLB_MMIO) {
        cpu->ops->bus_error(cpu, va, tlb_paddr(cpu, e, va, 0), ACCESS_EXEC, 0);
        return "\0\0\0";
    }
    return (const void *)(uintptr_t)(va + e->addend);
}

uint16_t cpu_fetch16(struct cpu *cpu, uint64_t va)
{
    return (uint16_t)host_load(fetch(cpu, va), 2);
}

uint32_t cpu_fetch32(struct cpu *cpu, uint64_t va)
{
    if (crosses(va, 4))
        return cpu_fetch16(cpu, va) |
               (uint32_t)cpu_fetch16(cpu, wrap(cpu, va + 2)) << 16;
    return (uint32_t)host_load(fetch(cpu, va), 4);
}

const uint8_t *cpu_fetch_bytes(struct cpu *cpu, uint64_t va, unsigned *room)
{
    static const uint8_t nothing[16];
    struct tlb_entry *e = tlb_lookup(cpu, va, ACCESS_EXEC, 0, false);

    if (e->exec & TLB_MMIO) {
        cpu->ops->bus_error(cpu, va, tlb_paddr(cpu, e, va, 0), ACCESS_EXEC, 0);
        *room = sizeof(nothing);
        return nothing;
    }
    *room = (unsigned)(TLB_PAGE_SIZE - (va & ~TLB_PAGE_MASK));
    return (const uint8_t *)(uintptr_t)(va + e->addend);
}
