# SPDX-License-Identifier: GPL-2.0-or-later
block-objs += block/file.o
block-objs += block/drives.o
