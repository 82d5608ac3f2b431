/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which encodings exist: our decoder against the host's processor. */
#ifndef TESTS_RANDOM_DECODE_HOST_H
#define TESTS_RANDOM_DECODE_HOST_H

#include "target-x86/decode.h"
#include "tests/random/host-x86.h"

/* Walk them all in 64-bit and 32-bit mode; prints those that one side alone has. False: there are some, or the host's side ended.
 * features: of the host, enum x86_feature >> 5 */
bool decode_host(struct host_x86 *host, const uint32_t features[16]);

#endif
