/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board puts into a flash bank that has no image of its own. */
#ifndef HW_BLOCK_PFLASH_H
#define HW_BLOCK_PFLASH_H

#include "softmmu/device.h"

/* Contents from the bank's start on, copied; len at most the bank's size. After realize, before the guest runs. */
void pflash_load(struct device *dev, const void *data, size_t len);

#endif
