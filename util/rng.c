/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2018), its state filled from the seed by splitmix64.
 */
#include "config.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/random.h>

#include "util/bits.h"
#include "util/endian.h"
#include "util/rng.h"

/* One step of splitmix64: never four zeros in a row, which xoshiro needs. */
static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void rng_init(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rol64(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rol64(s[3], 45);
    return result;
}

uint32_t rng_u32(struct rng *r)
{
    return (uint32_t)(rng_u64(r) >> 32);
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
    /* The first 2^32 mod n products would make small results likelier. */
    uint32_t biased = -n % n;
    uint64_t product;

    do {
        product = (uint64_t)rng_u32(r) * n;
    } while ((uint32_t)product < biased);
    return (uint32_t)(product >> 32);
}

void rng_bytes(struct rng *r, void *buf, size_t len)
{
    uint8_t *p = buf, word[8];

    while (len) {
        size_t n = MIN(len, sizeof(word));

        st64_le(word, rng_u64(r));
        memcpy(p, word, n);
        p += n;
        len -= n;
    }
}

void rng_host_bytes(void *buf, size_t len)
{
    uint8_t *p = buf;

    while (len) {
        ssize_t n = getrandom(p, len, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            g_error("getrandom: %s", g_strerror(errno));
        p += n;
        len -= (size_t)n;
    }
}
