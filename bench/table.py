#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""table.py   medians of $BUILD/bench/results.csv side by side, geometric means by group, and translation cost

Host on-CPU seconds. Exit status 1 if two engines computed different checksums."""
import collections
import csv
import math
import os
import statistics
import sys

OUT = os.environ['BUILD'] + '/bench'
GROUPS = {
    'integer': 'coremark dhry sieve sha256 md5 u64 qsort interp fib str',
    'scalar FP': 'nbody mandel matmul',
    'float SIMD': 'fsimd',
    'integer SIMD': 'isimd',
    'memory': 'memcpy chase',
    'codegen': 'jitgen smc',
    'OS': 'syscall forkexec mmap pipe signal shloop shfork',
    'tools': 'gzip bzip2 unxz',
    'boot': 'boot',
}


def read_results():
    times, sums = collections.defaultdict(list), collections.defaultdict(set)
    with open(OUT + '/results.csv') as f:
        for engine, name, _, _, host, checksum in csv.reader(f):
            times[engine, name].append(float(host))
            sums[name].add(checksum)
    return {k: max(statistics.median(v), 1e-4) for k, v in times.items()}, sums


def geometric(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def ratio(a, b):
    return a / b if a and b else None


def show(value, form):
    return ' ' * (int(form.split('.')[0]) - 1) + '-' if value is None else format(value, form)


def print_row(name, native, qemu, ours):
    print(f'  {name:12}', show(native, '9.3f'), show(qemu, '9.3f'), show(ours, '9.3f'),
          show(ratio(qemu, ours), '9.2f'), show(ratio(qemu, native), '9.1f'), show(ratio(ours, native), '9.1f'))


def print_mean(name, rows):
    """rows: (native, qemu, ours)"""
    def mean(over, under):
        values = [r[over] / r[under] for r in rows if r[over] and r[under]]
        return geometric(values) if values else None

    print(f'  {name:42}', show(mean(1, 2), '9.2f'), show(mean(1, 0), '9.1f'), show(mean(2, 0), '9.1f'))


def print_stats():
    stats = collections.defaultdict(list)
    try:
        with open(OUT + '/stats.csv') as f:
            for name, value in csv.reader(f):
                stats[name].append(float(value))
    except OSError:
        return
    median = {k: statistics.median(v) for k, v in stats.items()}
    print(f"\ntranslation: {median['translate-ns'] / median['translated-insns']:.0f} host ns per guest instruction, "
          f"{median['host-bytes'] / median['guest-bytes']:.1f} host bytes per guest byte "
          f"({median['translated-insns']:.0f} instructions in {median['regions']:.0f} regions)")


def main():
    medians, sums = read_results()
    print(f'  {"":12} {"native":>9} {"qemu":>9} {"tinamou":>9} {"qemu/":>9} {"qemu/":>9} {"tinamou/":>9}')
    print(f'  {"":12} {"s":>9} {"s":>9} {"s":>9} {"tinamou":>9} {"native":>9} {"native":>9}')
    means, every = [], []
    for group, names in GROUPS.items():
        rows = [tuple(medians.get((engine, name)) for engine in ('native', 'qemu', 'tinamou')) for name in names.split()]
        for name, row in zip(names.split(), rows):
            if any(row):
                print_row(name, *row)
        means.append((group, rows))
        if group != 'boot':
            every += rows
    print('\n  geometric means')
    for group, rows in means:
        if any(any(r) for r in rows):
            print_mean(f'{group} ({len(rows)})', rows)
    print_mean(f'all programs ({len(every)})', every)
    print_stats()
    different = {name: s for name, s in sums.items() if len(s) > 1}
    for name, s in different.items():
        print(f'CHECKSUMS DIFFER in {name}: {" ".join(sorted(s))}')
    sys.exit(bool(different))


main()
