#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
exec sh "$SRC/tests/boot/rootfs-amd64.sh" long
