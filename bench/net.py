#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""net.py MIB ROUNDS NAME=COMMAND...: how fast a guest fetches MIB MiB over HTTP from this host, under each emulator in turn.

COMMAND is split at spaces, and the kernel's command line with port=PORT is put behind it. The guest prints "NET start" and "NET stop" round its fetch: the
emulator's processor time (user and system, all threads) is read at both. Prints a line for each run, then the medians.
"""
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time


def serve(listener, path, size):
    """A web server that has one answer and sends it without copying."""
    head = f"HTTP/1.0 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()

    def answer(conn):
        with conn, open(path, "rb") as f:
            conn.recv(65536)
            conn.sendall(head)
            conn.sendfile(f)

    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(command):
    """Seconds of the clock and of the processor, between the guest's two marks."""
    marks = {}
    p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    killer = threading.Timer(120, p.kill)
    killer.start()
    text = []
    for line in p.stdout:
        text.append(line.decode(errors="replace"))
        for mark in ("start", "stop"):
            if f"NET {mark}" in text[-1]:
                marks[mark] = time.monotonic(), cpu_seconds(p.pid)
    p.wait()
    killer.cancel()
    if len(marks) != 2:
        sys.exit("net.py: the guest did not come to its end:\n" + "".join(text[-20:]))
    return tuple(b - a for a, b in zip(marks["start"], marks["stop"]))


def main():
    mib, rounds = int(sys.argv[1]), int(sys.argv[2])
    emulators = [a.split("=", 1) for a in sys.argv[3:]]
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    results = {name: [] for name, _ in emulators}
    with tempfile.NamedTemporaryFile() as f:
        f.truncate(mib << 20)
        threading.Thread(target=serve, args=(listener, f.name, mib << 20), daemon=True).start()
        for i in range(rounds):
            for name, command in emulators:
                wall, cpu = run(command.split() + [f"console=ttyAMA0 quiet panic=-1 port={port}"])
                results[name].append((wall, cpu))
                print(f"{name} run {i + 1}: {mib * 1.048576 / wall:.0f} MB/s, {cpu:.2f} s of processor", flush=True)
    for name, runs in results.items():
        wall, cpu = (statistics.median(r[k] for r in runs) for k in (0, 1))
        print(f"{name}: {mib} MiB in {wall:.2f} s, {mib * 1.048576 / wall:.0f} MB/s, {cpu:.2f} s of processor (medians of {len(runs)})")


main()
