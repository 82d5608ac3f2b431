# SPDX-License-Identifier: GPL-2.0-or-later
tests-block-uses := util block
tests-block-objs += tests/block/disk.o
tests-block-objs += tests/block/test-block.o
tests-block-objs += tests/block/test-overlay.o
tests-block-objs += tests/block/test-drives.o
