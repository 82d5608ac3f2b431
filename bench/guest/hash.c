/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sha256 and md5: the compression functions (FIPS 180-4, RFC 1321) over 64 KiB; md5 with random constants. */
#include "bench/guest/bench.h"

static const uint32_t sha_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint8_t md5_shifts[64] = {
    7, 12, 17, 22, 7, 12, 17, 22, 7, 12, 17, 22, 7, 12, 17, 22, 5, 9,  14, 20, 5, 9,  14, 20, 5, 9,  14, 20, 5, 9,  14, 20,
    4, 11, 16, 23, 4, 11, 16, 23, 4, 11, 16, 23, 4, 11, 16, 23, 6, 10, 15, 21, 6, 10, 15, 21, 6, 10, 15, 21, 6, 10, 15, 21,
};

static uint32_t md5_constants[64];
static uint8_t data[65536];

static inline uint32_t ror(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

static inline uint32_t rol(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

static void fill(void)
{
    uint32_t s = 1;

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(next_random(&s) >> 8);
}

static NOINLINE void sha_block(uint32_t *hash, const uint8_t *p)
{
    uint32_t w[64];
    uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];

    for (int i = 0; i < 16; i++) {
        uint32_t v;

        memcpy(&v, p + 4 * i, 4);
        w[i] = __builtin_bswap32(v);
    }
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];

        w[i] = w[i - 16] + w[i - 7] + (ror(x, 7) ^ ror(x, 18) ^ x >> 3) + (ror(y, 17) ^ ror(y, 19) ^ y >> 10);
    }
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = h + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & f) ^ (~e & g)) + sha_constants[i] + w[i];
        uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));

        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    hash[0] += a;
    hash[1] += b;
    hash[2] += c;
    hash[3] += d;
    hash[4] += e;
    hash[5] += f;
    hash[6] += g;
    hash[7] += h;
}

uint32_t bench_sha256(int n)
{
    uint32_t hash[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

    fill();
    while (n--)
        for (size_t i = 0; i < sizeof(data); i += 64)
            sha_block(hash, data + i);
    return hash[0];
}

static NOINLINE void md5_block(uint32_t *hash, const uint8_t *p)
{
    uint32_t w[16], a = hash[0], b = hash[1], c = hash[2], d = hash[3], v;
    int i = 0;

    memcpy(w, p, 64);
#define STEP(function, word)                                                       \
    do {                                                                           \
        v = (function) + a + md5_constants[i] + w[(word) & 15];                    \
        a = d;                                                                     \
        d = c;                                                                     \
        c = b;                                                                     \
        b += rol(v, md5_shifts[i]);                                                \
    } while (0)
    for (; i < 16; i++)
        STEP((b & c) | (~b & d), i);
    for (; i < 32; i++)
        STEP((d & b) | (~d & c), 5 * i + 1);
    for (; i < 48; i++)
        STEP(b ^ c ^ d, 3 * i + 5);
    for (; i < 64; i++)
        STEP(c ^ (b | ~d), 7 * i);
#undef STEP
    hash[0] += a;
    hash[1] += b;
    hash[2] += c;
    hash[3] += d;
}

uint32_t bench_md5(int n)
{
    uint32_t s = 12345, hash[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };

    for (int i = 0; i < 64; i++)
        md5_constants[i] = next_random(&s);
    fill();
    while (n--)
        for (size_t i = 0; i < sizeof(data); i += 64)
            md5_block(hash, data + i);
    return hash[0];
}
