#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile frames for user networking; 60 s, or FUZZ_SECONDS. The seed of a failure is in the output: tests/net/fuzz-user SECONDS SEED.
exec "$BUILD/tests/net/fuzz-user" "${FUZZ_SECONDS:-60}"
