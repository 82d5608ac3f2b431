#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit kernel and busybox, and a 32-bit program under it: cortex-a72, 4 CPUs, GICv3.
set -eu
. "$SRC/tests/boot/lib.sh"
boot arm64 4 cortex-a72 -M gic-version=3
