#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest on a tap interface, with and without vnet_hdr: ping, and a file each way over TCP with equal hashes. In a network namespace of
# its own, so that the host's network stays as it is.
set -eu
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/net-lib.sh"
[ -e /dev/net/tun ] || skip "there is no /dev/net/tun"
command -v ip >/dev/null || skip "there is no ip (package iproute2)"
command -v python3 >/dev/null || skip "there is no python3 for the servers (package python3)"
if [ "${1:-}" != inside ]; then
    unshare -rn sh -c 'ip link set lo up && ip tuntap add mode tap name t0' 2>/dev/null ||
        skip "no network namespace with a tap interface can be made here"
    net_prepare
    exec unshare -rn "$0" inside
fi
ip link set lo up
cat >"$net_dir/ifup" <<'UP'
#!/bin/sh
ip addr add 192.168.60.1/24 dev "$1" && ip link set "$1" up
UP
chmod 755 "$net_dir/ifup"
mkdir -p "$net_dir/tap-www"
head -c 16777216 /dev/urandom >"$net_dir/tap-www/file"
file_sum=$(sha256sum <"$net_dir/tap-www/file" | cut -d' ' -f1)
net_address=0.0.0.0
net_http "$net_dir/tap-www"

for header in on off; do
    net_sink "$net_dir/tap-received"
    net_guest "tap-$header" <<SCRIPT
ping -c 5 -A 192.168.60.1 | grep -q ' 0% packet loss' && say pinged
say sha \$(wget -q -O - http://192.168.60.1:$http_port/file | sha256sum)
wget -q -O - http://192.168.60.1:$http_port/file | nc 192.168.60.1 $sink_port
SCRIPT
    APPEND=static=192.168.60.2 net_boot "tap-$header" \
        -netdev "tap,id=t,ifname=tin0,script=$net_dir/ifup,downscript=no,vnet_hdr=$header" -device virtio-net-device,netdev=t
    net_said pinged
    net_said "sha $file_sum -"
    net_await sh -c "[ \$(wc -c <'$net_dir/tap-received') = 16777216 ]"
    [ "$(sha256sum <"$net_dir/tap-received" | cut -d' ' -f1)" = "$file_sum" ] || bad "the host received something else ($header)"
done
rm -f "$net_dir/tap.pid"
# An interface that is removed under it: it says so once, and does not spin.
"$TINAMOU" -M virt -m 64 -nographic -serial null -monitor none -kernel "$own" -nic tap,ifname=tin1,script=no,downscript=no \
    -pidfile "$net_dir/tap.pid" </dev/null >"$net_dir/tap-gone.log" 2>&1 &
emulator=$!
net_pids="$net_pids $emulator"
net_await test -s "$net_dir/tap.pid"              # it is set up
ip link set tin1 up
ip link del tin1
net_await grep -q "tap tin1: cannot read from it any more" "$net_dir/tap-gone.log"
ticks() {
    awk '{ print $14 + $15 }' "/proc/$emulator/stat"
}
before=$(ticks)
sleep 1
[ $(($(ticks) - before)) -lt 50 ] || bad "a removed interface takes a whole processor"
rm -rf "$net_dir/tap-www" "$net_dir/tap-received"
