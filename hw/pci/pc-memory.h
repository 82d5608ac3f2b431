/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a PC's memory that its north bridge switches: the segments from 0xc0000 to 0xfffff (PAM registers; 82441FX data sheet 3.2.18,
 * the MCH of a Q35 has the same ones), and the memory of system management mode (SMRAM at 0xa0000, and TSEG). Device lock held.
 */
#ifndef HW_PCI_PC_MEMORY_H
#define HW_PCI_PC_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct bus;
struct pc_memory;

#define PC_NPAM 7
/* Bits of SMRAM's register (3.2.20). */
enum smram { SMRAM_OPEN = 0x40, SMRAM_CLOSED = 0x20, SMRAM_LOCK = 0x10, SMRAM_ENABLE = 0x08, SMRAM_BASE = 0x07 };

/* bus: what all CPUs see; smm: what they see in system management mode. ram: what RAM has at address 0, 1 MiB at least. rom: 128 KiB at
 * 0xe0000 where the bridge leads to the PCI bus, NULL: nothing. All outlive it. */
struct pc_memory *pc_memory_new(struct bus *bus, struct bus *smm, uint8_t *ram, uint8_t *rom);
void pc_memory_free(struct pc_memory *p);
/* The seven PAM registers: for each segment bit 0 reads RAM, bit 1 writes it. */
void pc_memory_set_pam(struct pc_memory *p, const uint8_t pam[PC_NPAM]);
void pc_memory_set_smram(struct pc_memory *p, uint8_t smram);
/* The value that a write leaves in SMRAM's register. */
uint8_t smram_written(uint8_t old, uint8_t val);
/* Memory from base on is for SMM only; size 0: none. mem: what RAM has there. */
void pc_memory_set_tseg(struct pc_memory *p, uint64_t base, uint64_t size, uint8_t *mem);

#endif
