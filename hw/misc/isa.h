/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that users put on the ISA bus (-device, type->bus "ISA"): the struct begins with a struct isa_device, and its realize sets what
 * properties leave open. The board's plug maps mmio 0 at iobase of I/O space, and connects output 0, if there is one, to IRQ irq.
 */
#ifndef HW_MISC_ISA_H
#define HW_MISC_ISA_H

#include "softmmu/device.h"

struct isa_device {
    struct device dev;
    uint32_t iobase, irq;            /* properties */
};

#define ISA_PROP_IOBASE(name, def) PROP(struct isa_device, iobase, name, PROP_U32, def, "its first I/O port")
#define ISA_PROP_IRQ(def) PROP(struct isa_device, irq, "irq", PROP_U32, def, "its interrupt, 0 to 15")

#endif
