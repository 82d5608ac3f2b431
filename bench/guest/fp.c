/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar double arithmetic; built without vectorising and without fused multiply-add. */
#include <math.h>
#include "bench/guest/bench.h"

static uint32_t hash_double(double d)
{
    uint64_t u;

    memcpy(&u, &d, 8);
    return (uint32_t)(u >> 32) ^ (uint32_t)u;
}

/* Position, velocity, mass: the sun and four planets. */
enum { X, Y, Z, VX, VY, VZ, MASS, NFIELDS, NBODIES = 5 };
#define STEP .001

static inline void attract(double *restrict a, double *restrict b)
{
    double x = a[X] - b[X], y = a[Y] - b[Y], z = a[Z] - b[Z];
    double d = x * x + y * y + z * z, m = STEP / (d * sqrt(d));

    a[VX] -= x * b[MASS] * m;
    a[VY] -= y * b[MASS] * m;
    a[VZ] -= z * b[MASS] * m;
    b[VX] += x * a[MASS] * m;
    b[VY] += y * a[MASS] * m;
    b[VZ] += z * a[MASS] * m;
}

uint32_t bench_nbody(int n)
{
    static double b[NBODIES][NFIELDS] = {
        { 0, 0, 0, 0, 0, 0, 39.47841760435743 },
        { 4.84143144246472090, -1.16032004402742839, -.103622044471123109, .606326392995832, 2.81198684491626016,
          -.02521836165988763, .03769367487038949 },
        { 8.34336671824457987, 4.12479856412430479, -.403523417114321381, -1.01077434617879236, 1.82566237123041186,
          .00841576137658415, .011286326131968767 },
        { 12.8943695621391310, -15.1111514016986312, -.223307578892655734, 1.08279100644153536, .868713018169608219,
          -.0108326374013636358, .0017237240570597112 },
        { 15.3796971148509165, -25.9193146099879641, .179258772950371181, .979090732243897976, .594698998647676060,
          -.0347559555504078104, .0020336868699246304 },
    };

    for (int r = 0; r < n * 1000; r++) {
        for (int i = 0; i < NBODIES; i++)
            for (int j = i + 1; j < NBODIES; j++)
                attract(b[i], b[j]);
        for (int i = 0; i < NBODIES; i++) {
            b[i][X] += STEP * b[i][VX];
            b[i][Y] += STEP * b[i][VY];
            b[i][Z] += STEP * b[i][VZ];
        }
    }
    return hash_double(b[0][X]);
}

static inline uint32_t escape(double cr, double ci)
{
    double zr = 0, zi = 0;
    uint32_t k = 0;

    while (k < 100) {
        double a = zr * zr, b = zi * zi;

        if (a + b > 4)
            break;
        zi = 2 * zr * zi + ci;
        zr = a - b + cr;
        k++;
    }
    return k;
}

uint32_t bench_mandel(int n)
{
    uint32_t h = 0;

    for (int r = 0; r < n; r++)
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                h += escape(x / 32.0 - 1.5 + r * 1e-4, y / 32.0 - 1);
    return h;
}

uint32_t bench_matmul(int n)
{
    enum { SIZE = 96 };
    static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

    for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = i - j * .5;
            b[i][j] = i * .25 + j;
        }
    }
    while (n--) {
        for (int i = 0; i < SIZE; i++) {
            for (int j = 0; j < SIZE; j++) {
                double s = 0;

                for (int k = 0; k < SIZE; k++)
                    s += a[i][k] * b[k][j];
                c[i][j] = s;
            }
        }
        a[n % SIZE][3] += c[5][7] * 1e-9;
    }
    return hash_double(c[9][11]);
}
