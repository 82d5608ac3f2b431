# SPDX-License-Identifier: GPL-2.0-or-later
block-objs += block/block.o
block-objs += block/aio.o
block-objs += block/file.o
block-objs += block/overlay.o
block-objs += block/node-options.o
block-objs += block/drives.o
