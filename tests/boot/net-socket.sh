#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two guests on one cable, -netdev socket with listen= and connect=: ping, and a file over TCP with equal hashes.
set -eu
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/net-lib.sh"
command -v python3 >/dev/null || skip "there is no python3 to find a free port (package python3)"
port=$(net_free_port)

net_guest listener <<'SCRIPT'
nc -l -p 7 >/tmp/got
say got $(sha256sum </tmp/got)
SCRIPT
net_guest connector <<'SCRIPT'
n=0
until ping -c 1 -W 1 192.168.50.1 >/dev/null || [ $n -gt 30 ]; do n=$((n + 1)); done
ping -c 5 -A 192.168.50.1 | grep -q ' 0% packet loss' && say pinged
n=0
until nc 192.168.50.1 7 </bin/busybox || [ $n -gt 30 ]; do n=$((n + 1)); sleep 1; done
say sent $(sha256sum </bin/busybox)
SCRIPT
APPEND=static=192.168.50.1 net_boot listener -nic "socket,listen=127.0.0.1:$port" &
first=$!
net_await sh -c "grep -qi ':$(printf %04x "$port") 00000000:0000 0A' /proc/net/tcp"
APPEND=static=192.168.50.2 net_boot connector -nic "socket,connect=127.0.0.1:$port,mac=52:54:00:12:34:57"
net_said pinged
sum=$(sed -n 's/^NET sent //p' "$net_log")
wait $first || bad "the listening guest failed"
name=listener net_log=$net_dir/listener.log
net_said "got $sum"
