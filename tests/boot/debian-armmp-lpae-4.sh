#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's kernel and busybox: flavour armmp-lpae, 4 CPU(s), cortex-a15.
set -eu
. "$SRC/tests/boot/lib.sh"
boot armmp-lpae 4 cortex-a15
