/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board puts into the firmware configuration device. */
#ifndef HW_MISC_FW_CFG_H
#define HW_MISC_FW_CFG_H

#include "softmmu/device.h"

enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00, FW_CFG_ID = 0x01, FW_CFG_NB_CPUS = 0x05, FW_CFG_KERNEL_ADDR = 0x07,
    FW_CFG_KERNEL_SIZE = 0x08, FW_CFG_INITRD_ADDR = 0x0a, FW_CFG_INITRD_SIZE = 0x0b, FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12, FW_CFG_CMDLINE_SIZE = 0x14, FW_CFG_CMDLINE_DATA = 0x15, FW_CFG_FILE_DIR = 0x19,
    FW_CFG_FILE_FIRST = 0x20, FW_CFG_FILES = 0x20,
};

/* Under a key of its own, or as a named file ("opt/org.example/x", at most 55 bytes). data is copied. After realize and before
 * the guest runs; a full table or a name given twice is false. */
void fw_cfg_add(struct device *dev, uint16_t key, const void *data, uint32_t len);
void fw_cfg_add_u16(struct device *dev, uint16_t key, uint16_t v);
void fw_cfg_add_u32(struct device *dev, uint16_t key, uint32_t v);
bool fw_cfg_add_file(struct device *dev, const char *name, const void *data, uint32_t len, GError **err);

#endif
