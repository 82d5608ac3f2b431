#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's kernel and busybox: flavour armmp, 2 CPU(s), cortex-a7.
set -eu
. "$SRC/tests/boot/lib.sh"
boot armmp 2 cortex-a7
