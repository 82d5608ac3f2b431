/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers: repeatable ones from a seed (tests, -seed) and the host's
 * entropy.  The repeatable ones are xoshiro256**, not for secrets.
 */
#ifndef UTIL_RNG_H
#define UTIL_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Belongs to one thread. */
struct rng {
    uint64_t s[4];
};

/* The same seed gives the same numbers on every host. */
void rng_init(struct rng *r, uint64_t seed);

uint64_t rng_u64(struct rng *r);
uint32_t rng_u32(struct rng *r);

/* Evenly from 0 to n - 1; n is not 0. */
uint32_t rng_below(struct rng *r, uint32_t n);

void rng_bytes(struct rng *r, void *buf, size_t len);

/* Entropy of the host; ends the process if the host has none.  Any thread. */
void rng_host_bytes(void *buf, size_t len);

#endif
