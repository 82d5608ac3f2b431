#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit kernel and busybox, and a 32-bit program under it: max, 2 CPUs, GICv3.
set -eu
. "$SRC/tests/boot/lib.sh"
boot arm64 2 max -M gic-version=3
