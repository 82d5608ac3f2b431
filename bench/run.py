#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run.py ENGINE [NAMES]   one run of the suite

ENGINE  native, qemu (QEMU) or tinamou (TINAMOU)
NAMES   programs separated by commas, 'all' (default) or 'none' (the boot alone)
Environment: SRC, BUILD; BENCH_ARCH (armhf, arm64, amd64: the guest), BENCH_PERCENT (amount of work, 100), BENCH_LIMIT (seconds, 900), BENCH_OPTIONS (more options
for tinamou).

Appends lines "engine,name,guest seconds,wall seconds,host on-CPU seconds,checksum" to $BUILD/bench/results.csv, and what
tinamou's -d stats says to $BUILD/bench/stats.csv. On-CPU seconds are those of all the emulator's threads between a
program's first and last line on the console: other work on the machine does not count.
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import threading
import time

SRC, BUILD = os.environ['SRC'], os.environ['BUILD']
OUT = BUILD + '/bench'
KERNEL, MACHINE, CPU, CONSOLE = {
    'armhf': ('armmp', 'virt', 'cortex-a15', 'ttyAMA0'),
    'arm64': ('arm64', 'virt', 'cortex-a57', 'ttyAMA0'),
    'amd64': ('amd64', 'pc', 'qemu64', 'ttyS0'),
}[os.environ.get('BENCH_ARCH', 'armhf')]


def command(engine, names, percent):
    if engine == 'native':
        return ['sh', SRC + '/bench/native.sh', names, percent]
    kernel = sorted(glob.glob(f'{BUILD}/guests/{KERNEL}/boot/vmlinuz-*'))[-1]
    append = f'console={CONSOLE} quiet bench={names} pct={percent}'
    options = (['-accel', 'tcg', '-d', 'stats', '-D', OUT + '/stats.log'] +
               shlex.split(os.environ.get('BENCH_OPTIONS', '')))
    emulator = [os.environ['TINAMOU']] + options
    if CONSOLE == 'ttyS0':
        emulator[0] = re.sub(r'-arm$', '-x86_64', emulator[0])
    if engine == 'qemu':
        emulator = [os.environ['QEMU'], '-accel', 'tcg']
    return emulator + ['-M', MACHINE, '-cpu', CPU, '-m', '512', '-display', 'none', '-serial', 'stdio',
                       '-monitor', 'none', '-net', 'none', '-no-reboot', '-kernel', kernel,
                       '-initrd', OUT + '/initramfs.gz', '-append', append]


class CpuTime:
    """On-CPU seconds of a process's threads, also of those that have ended."""

    def __init__(self, pid):
        self.pid, self.threads = pid, {}

    def now(self):
        try:
            for task in os.listdir(f'/proc/{self.pid}/task'):
                with open(f'/proc/{self.pid}/task/{task}/schedstat') as f:
                    self.threads[task] = int(f.read().split()[0])
        except OSError:
            pass        # it has just ended
        return sum(self.threads.values()) / 1e9


def run(engine, names, percent, limit):
    """Results: (name, guest, wall, host, checksum)."""
    begin = time.time()
    child = subprocess.Popen(command(engine, names, percent), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    timer = threading.Timer(limit, child.kill)
    timer.start()
    cpu_time, started, results = CpuTime(child.pid), {}, []
    with open(f'{OUT}/{engine}.log', 'w') as log:
        for raw in child.stdout:
            cpu, wall = cpu_time.now(), time.time() - begin
            line = raw.decode('latin1').rstrip('\r\n')
            log.write(f'{wall:9.4f} {line}\n')
            if m := re.search(r'\bS (\w+)$', line):
                started[m[1]] = wall, cpu
            elif m := re.search(r'\bB (\w+) ([\d.]+) ([\d.]+) (\w+)$', line):
                wall0, cpu0 = started.get(m[1], (wall, cpu))
                host = float(m[3]) if engine == 'native' else cpu - cpu0
                results.append((m[1], float(m[2]), wall - wall0, host, m[4]))
            elif 'INIT-START' in line:
                results.append(('boot', wall, wall, cpu, '-'))
    status = child.wait()
    timer.cancel()
    if status:
        sys.exit(f'{engine} ended with status {status}; see {OUT}/{engine}.log')
    return results


def keep_stats():
    """What -d stats wrote: "stats: NAME VALUE" lines."""
    with open(OUT + '/stats.log') as f, open(OUT + '/stats.csv', 'a') as csv:
        for line in f:
            if m := re.match(r'stats: (\S+) (\d+)$', line):
                csv.write(f'{m[1]},{m[2]}\n')


def main():
    engine, names = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else 'all'
    results = run(engine, names, os.environ.get('BENCH_PERCENT', '100'), float(os.environ.get('BENCH_LIMIT', '900')))
    with open(OUT + '/results.csv', 'a') as csv:
        for name, guest, wall, host, checksum in results:
            csv.write(f'{engine},{name},{guest:.4f},{wall:.4f},{host:.4f},{checksum}\n')
    if engine == 'tinamou':
        keep_stats()
    print(f'{engine}: {sum(r[3] for r in results):.1f} s on CPU, {len(results)} figures')


main()
