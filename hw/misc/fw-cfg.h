/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a board puts into the firmware configuration device. */
#ifndef HW_MISC_FW_CFG_H
#define HW_MISC_FW_CFG_H

#include "softmmu/device.h"

enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00, FW_CFG_ID = 0x01, FW_CFG_UUID = 0x02, FW_CFG_RAM_SIZE = 0x03, FW_CFG_NOGRAPHIC = 0x04, FW_CFG_NB_CPUS = 0x05,
    FW_CFG_KERNEL_ADDR = 0x07, FW_CFG_KERNEL_SIZE = 0x08, FW_CFG_INITRD_ADDR = 0x0a, FW_CFG_INITRD_SIZE = 0x0b,
    FW_CFG_BOOT_DEVICE = 0x0c, FW_CFG_NUMA = 0x0d, FW_CFG_BOOT_MENU = 0x0e, FW_CFG_MAX_CPUS = 0x0f,
    FW_CFG_KERNEL_ENTRY = 0x10, FW_CFG_KERNEL_DATA = 0x11, FW_CFG_INITRD_DATA = 0x12, FW_CFG_CMDLINE_ADDR = 0x13,
    FW_CFG_CMDLINE_SIZE = 0x14, FW_CFG_CMDLINE_DATA = 0x15, FW_CFG_SETUP_ADDR = 0x16, FW_CFG_SETUP_SIZE = 0x17,
    FW_CFG_SETUP_DATA = 0x18, FW_CFG_FILE_DIR = 0x19, FW_CFG_FILE_FIRST = 0x20, FW_CFG_FILES = 0x40,
    FW_CFG_ARCH_LOCAL = 0x8000, FW_CFG_IRQ0_OVERRIDE = 0x8002,
};

/* Under a key of its own, or as a named file ("opt/org.example/x", at most 55 bytes). data is copied. After realize and before
 * the guest runs; a full table or a name given twice is false. */
void fw_cfg_add(struct device *dev, uint16_t key, const void *data, uint32_t len);
void fw_cfg_add_u16(struct device *dev, uint16_t key, uint16_t v);
void fw_cfg_add_u32(struct device *dev, uint16_t key, uint32_t v);
bool fw_cfg_add_file(struct device *dev, const char *name, const void *data, uint32_t len, GError **err);
/* Files that say what firmware has done before it reads them: refresh runs when one of those that fw_cfg_update_file has named is first selected
 * after a reset. */
void fw_cfg_set_refresh(struct device *dev, void (*refresh)(void *opaque), void *opaque);
/* Other contents for a file, not longer than it was; what is missing is zeros. */
void fw_cfg_update_file(struct device *dev, const char *name, const void *data, uint32_t len);

#endif
