#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# At least 20 million instructions; see diff-qemu-a64.sh.
exec sh "$SRC/tests/random/diff-qemu-a64.sh" long
