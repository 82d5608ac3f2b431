/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine without CPUs in this process, for tests of devices: the test is the driver. Memory at HARNESS_RAM, the virtual clock
 * moves by clock_step only.
 */
#ifndef TESTS_DEV_HARNESS_H
#define TESTS_DEV_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include "chardev/chardev.h"
#include "softmmu/machine.h"
#include "tests/suite.h"

#define HARNESS_RAM 0x40000000u
#define HARNESS_RAM_SIZE (4u << 20)
#define HARNESS_LINES 320

struct harness {
    struct machine *m;
    struct event_loop *loop;
    struct irq *lines;               /* inputs of the test, numbered */
    bool level[HARNESS_LINES];
    int rises[HARNESS_LINES];
    char dir[64];                    /* for files; gone at the end */
    struct chardev *chr;             /* harness_chardev's */
    int to_dev, from_dev;            /* its far end, not blocking */
    struct drives *drives;           /* harness_drive's */
};

struct harness *harness_new(void);
void harness_free(struct harness *h);

/* A device that is not realized, and with properties given in pairs of text (NULL ends them), mapped and reset. */
struct device *harness_device(struct harness *h, const char *type);
struct device *harness_realize(struct harness *h, struct device *dev, uint64_t paddr);
/* Outputs of dev from `first` on go to the test's lines from `line` on. */
void harness_watch(struct harness *h, struct device *dev, int first, int count, int line);
/* A chardev whose far end is to_dev and from_dev. */
struct chardev *harness_chardev(struct harness *h);
/* A -drive, for devices' drive= properties. */
void harness_drive(struct harness *h, const char *spec);
/* Run the loop until nothing is due. */
void harness_settle(struct harness *h);
void clock_step(struct harness *h, int64_t ns);
/* What the device wrote to the far end so far, up to len - 1 bytes and a NUL. */
void harness_output(struct harness *h, char *buf, size_t len);
void harness_input(struct harness *h, const char *text);

/* Guest accesses; the address must answer. */
uint32_t dev_read32(struct harness *h, uint64_t paddr);
void dev_write32(struct harness *h, uint64_t paddr, uint32_t val);
uint64_t dev_read(struct harness *h, uint64_t paddr, unsigned size);
void dev_write(struct harness *h, uint64_t paddr, unsigned size, uint64_t val);
#define ck_assert_reg(h, paddr, val) ck_assert_uint_eq(dev_read32(h, paddr), val)
#define ck_assert_irq(h, line, lvl) ck_assert_int_eq((h)->level[line], lvl)

/* Every offset and size of the device's registers with random values, `rounds` times: it must survive. */
void harness_hammer(struct harness *h, uint64_t paddr, uint32_t size, int rounds, uint64_t seed);
/* The same for a few ports, which are read and written byte by byte. */
void harness_hammer_ports(struct harness *h, uint64_t paddr, uint32_t count, int rounds, uint64_t seed);

#endif
