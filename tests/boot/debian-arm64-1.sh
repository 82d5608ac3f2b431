#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's 64-bit kernel and busybox, and a 32-bit program under it: cortex-a57, 1 CPU, GICv2.
set -eu
. "$SRC/tests/boot/lib.sh"
boot arm64 1 cortex-a57
