/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physical address space: RAM, ROM, ROM device (flash) and MMIO regions; or the I/O ports of an x86 machine.
 *
 * Regions are added before vCPUs run. Those of the bus_overlay functions may be moved, switched on and off, and given other memory while
 * CPUs run (PCI base addresses, shadow RAM); of several at an address the one of highest priority answers, of equals the one added
 * first. What a bus_add function makes has priority 0 and may not overlap with another of its kind. Look-ups need no lock: they go to a
 * flat list that is made anew at every change. MMIO callbacks run with the machine's device lock held (bus_read/bus_write take it round
 * the callback).
 */
#ifndef SOFTMMU_BUS_H
#define SOFTMMU_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>

struct bus;
struct bus_region;

/* Device registers. off: bytes from the region's start, aligned to size; size 1, 2, 4 or 8, already split or
 * widened to lie in min_size..max_size. Values are little-endian register contents in the low bits. */
struct mmio_ops {
    uint64_t (*read)(void *opaque, uint64_t off, unsigned size);
    void (*write)(void *opaque, uint64_t off, uint64_t val, unsigned size);
    uint8_t min_size, max_size;      /* 0: 1 and 4 */
    bool big_endian;
};

/* An access of 1, 2, 4 or 8 bytes at any offset, split or widened to what ops take, as the bus does it for its own regions: for
 * bridges that have devices behind them. Device lock held. */
uint64_t mmio_ops_read(const struct mmio_ops *ops, void *opaque, uint64_t off, unsigned size);
void mmio_ops_write(const struct mmio_ops *ops, void *opaque, uint64_t off, unsigned size, uint64_t val);

enum bus_result {
    BUS_OK,
    BUS_NO_DEVICE,           /* nothing there: the CPU takes an external abort */
    BUS_SWITCH,              /* a ROM device: see bus_add_rom_device */
};

/* lock/unlock: the device lock. */
struct bus *bus_new(void (*lock)(void *), void (*unlock)(void *), void *opaque);
void bus_free(struct bus *bus);
/* What some CPUs see beside what all see (SMM): the regions of `of`, now and later, and those added to the new bus, by priority. It
 * goes with `of`. */
struct bus *bus_new_view(struct bus *of);
/* Where nothing is, reads give all ones and writes are ignored, as on a PC; never BUS_NO_DEVICE. */
void bus_set_open(struct bus *bus);

/* RAM of size bytes at paddr, zeroed, owned by the bus; NULL with err when the host has not enough. readonly: guest writes are
 * ignored (ROM). Returns its host address. */
void *bus_add_ram(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, bool readonly, GError **err);
/* Registers at paddr. name, ops and opaque are borrowed. Overlap with another region is an assertion. */
void bus_add_mmio(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, const struct mmio_ops *ops,
                  void *opaque);

/*
 * A ROM device at paddr, such as a flash chip: memory that is read like RAM while it is direct (as it is at first), and through ops when
 * not. Writes by CPUs always go to ops; fetches of instructions and DMA see the memory in either state. mem: size bytes that outlive the
 * bus's use, not owned; otherwise as bus_add_mmio.
 *
 * Where CPUs may hold TLB entries that read the memory, the first write has to wait until they are told: bus_write then does nothing
 * and gives BUS_SWITCH; the caller calls bus_set_direct(.., false), has all CPUs forget, and writes again. bus_read gives BUS_SWITCH
 * with the value when the caller's entry may read the memory again.
 */
void bus_add_rom_device(struct bus *bus, const char *name, uint64_t paddr, uint64_t size, void *mem,
                        const struct mmio_ops *ops, void *opaque);
/* Is paddr read without ops? True for all that is not a ROM device, too. */
bool bus_is_direct(struct bus *bus, uint64_t paddr);
/* Switch the ROM device at paddr: to true with the device lock held, by the device itself; where it lies goes to *start and *size. */
void bus_set_direct(struct bus *bus, uint64_t paddr, bool on, uint64_t *start, uint64_t *size);
/* A device changed memory in place: translations of it are stale. Device lock held. */
void bus_changed(struct bus *bus, uint64_t paddr, uint64_t len);

/* ---- regions that change (device lock held, but for adding them) ---- */

/* Memory that is at no address yet, as bus_add_ram's; for bus_overlay_ram. NULL with err when the host has not enough. */
void *bus_new_ram(struct bus *bus, const char *name, uint64_t size, GError **err);
/* Regions off the bus until bus_region_set. size: not 0. name, mem (size bytes), ops and opaque outlive the bus. Several regions may show the same
 * memory, but code must not be run at one address and changed at another. */
struct bus_region *bus_overlay_ram(struct bus *bus, const char *name, uint64_t size, void *mem, bool readonly, int priority);
struct bus_region *bus_overlay_mmio(struct bus *bus, const char *name, uint64_t size, const struct mmio_ops *ops, void *opaque,
                                    int priority);
/* At paddr, or off the bus. What lies beyond the last address is cut off. */
void bus_region_set(struct bus_region *r, bool on, uint64_t paddr);
/* Its size from now on; it is off the bus. */
void bus_region_resize(struct bus_region *r, uint64_t size);
/* A RAM region shows mem from now on. readonly: writes are ignored, or, with under not NULL, go there (shadow RAM that is filled
 * while ROM is read). */
void bus_region_set_memory(struct bus_region *r, void *mem, bool readonly, void *under);
/* Several changes between these take effect at once. */
void bus_begin(struct bus *bus);
void bus_commit(struct bus *bus);
/* Called after memory appeared, went or changed its place: CPUs' TLB entries are stale. Device lock held. */
void bus_set_remap_hook(struct bus *bus, void (*remapped)(void *opaque), void *opaque);

/* Host address of paddr when RAM or ROM, else NULL; *room: bytes that follow in the region; *readonly set for ROM (both may be NULL). */
void *bus_ram(struct bus *bus, uint64_t paddr, uint64_t *room, bool *readonly);
/* Guest access of 1, 2, 4 or 8 bytes, RAM or MMIO, any alignment; little-endian value. BUS_SWITCH: see bus_add_rom_device. */
enum bus_result bus_read(struct bus *bus, uint64_t paddr, unsigned size, uint64_t *val);
enum bus_result bus_write(struct bus *bus, uint64_t paddr, unsigned size, uint64_t val);

/* Index of the CPU whose access runs on this thread, for registers that each CPU has its own of (GICC_*); 0 outside of accesses. */
int bus_current_cpu(void);
void bus_set_current_cpu(int index);

/* Called after RAM was written other than by a vCPU's own store (DMA, loaders): translations of it are stale. */
void bus_set_write_hook(struct bus *bus, void (*written)(void *opaque, uint64_t paddr, uint64_t len), void *opaque);

/* What answers where, range by range, for info mtree and the board's checks. Stops when cb returns false. */
void bus_foreach(struct bus *bus,
                 bool (*cb)(const char *name, uint64_t paddr, uint64_t size, bool is_ram, void *opaque), void *opaque);

#endif
