/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What boards of several families do alike: options that become images of flash banks and files of fw_cfg. */
#ifndef HW_BOARDS_COMMON_H
#define HW_BOARDS_COMMON_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

struct block;
struct device;
struct machine;

/* The image of a flash bank: -drive if=pflash, or -machine pflash0=ID; *image is NULL when there is none. False with err for an ID that does
 * not exist. */
bool board_flash_image(struct machine *m, int bank, struct block **image, GError **err);
/* A file for each -fw_cfg. */
bool board_add_fw_cfg_files(struct machine *m, struct device *fw_cfg, GError **err);
/* A file under two keys, for firmware: its length, and its bytes. path NULL: nothing. */
bool board_add_fw_cfg_item(struct device *fw_cfg, const char *what, const char *path, uint16_t size_key, uint16_t data_key, GError **err);

#endif
