#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's kernel and busybox: flavour armmp, 1 CPU(s), cortex-a15.
set -eu
. "$SRC/tests/boot/lib.sh"
boot armmp 1 cortex-a15
