#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# disk-kill.sh with 50 kills.
ROUNDS=50 exec sh "$SRC/tests/boot/disk-kill.sh"
