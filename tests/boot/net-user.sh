#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# User networking with Debian's driver and busybox: an address and names by DHCP, 32 MiB over HTTP with equal hashes and 8 MiB back, a
# service of the guest through hostfwd, TFTP, guestfwd to a command and to a character device, and the dump of it all. Then restrict=on.
set -eu
. "$SRC/tests/boot/lib.sh"
. "$SRC/tests/boot/net-lib.sh"
net_need_user
command -v python3 >/dev/null || skip "there is no python3 for the servers (package python3)"
www=$net_dir/www
tftp=$net_dir/tftp
rm -rf "$www" "$tftp"
mkdir -p "$www" "$tftp"
head -c 33554432 /dev/urandom >"$www/file"
head -c 300001 /dev/urandom >"$tftp/boot.img"
file_sum=$(sha256sum <"$www/file" | cut -d' ' -f1)
tftp_sum=$(sha256sum <"$tftp/boot.img" | cut -d' ' -f1)
net_http "$www"
http4_port=$http_port
net_sink "$net_dir/received"
forward=$(net_free_port)
udp=$(net_free_port)

# Ask the guest's web server until it answers; then it ends its wait.
ask_guest() {
    net_await curl_guest "http://127.0.0.1:$forward/hello" >/dev/null 2>&1
    curl_guest "http://127.0.0.1:$forward/hello" >"$net_dir/answer"
    curl_guest "http://127.0.0.1:$forward/done" >/dev/null || true
}
curl_guest() {
    python3 -c 'import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())' "$1"
}

net_guest user <<SCRIPT
say sha \$(wget -q -O - http://10.0.2.2:$http_port/file | sha256sum)
dd if=/dev/zero bs=64k count=128 2>/dev/null | tr '\\0' x | nc 10.0.2.2 $sink_port
say sent
ping -c 3 -A -s 5000 10.0.2.2 | grep -q ' 0% packet loss' && say fragments
cd /tmp && tftp -g -r boot.img 10.0.2.2 && say tftp \$(sha256sum </tmp/boot.img)
say command \$(echo from the guest | nc 10.0.2.100 1000)
echo "to the device" | nc 10.0.2.101 1001 &
sleep 1
mkdir -p /www && echo "served by the guest" >/www/hello && : >/www/done
httpd -h /www -vv -f -p 80 2>/tmp/httpd &
n=0
while [ \$n -lt 200 ] && ! grep -q done /tmp/httpd; do n=\$((n + 1)); usleep 100000; done

SCRIPT
ask_guest &
asker=$!
rm -f "$net_dir/device.log" "$net_dir/user.pcap"
net_boot user -chardev "file,id=dev,path=$net_dir/device.log" \
    -netdev "user,id=n0,hostname=emu,domainname=example.org,dnssearch=a.example,dnssearch=b.example,tftp=$tftp,bootfile=boot.img,\
tftp-server-name=10.0.2.2,hostfwd=tcp:127.0.0.1:$forward-:80,hostfwd=udp:127.0.0.1:$udp-:53,\
guestfwd=tcp:10.0.2.100:1000-cmd:tr a-z A-Z,guestfwd=tcp:10.0.2.101:1001-chardev:dev" \
    -object "filter-dump,id=d,netdev=n0,file=$net_dir/user.pcap" -device virtio-net-device,netdev=n0,mac=52:54:00:aa:bb:cc
wait $asker || bad "no answer from the guest's web server"
net_said "dhcp ip=10.0.2.15 router=10.0.2.2 dns=10.0.2.3 domain=example.org search=a.example b.example boot=boot.img tftp=10.0.2.2 .*"
net_said "sha $file_sum -"
net_said sent
net_said fragments
[ "$(sha256sum <"$net_dir/received")" = "$(head -c 8388608 /dev/zero | tr '\0' x | sha256sum)" ] ||
    bad "the host received something else: $(wc -c <"$net_dir/received") bytes"
net_said "tftp $tftp_sum -"
net_said "command FROM THE GUEST"
[ "$(cat "$net_dir/answer")" = "served by the guest" ] || bad "hostfwd: the host got '$(cat "$net_dir/answer")'"
[ "$(cat "$net_dir/device.log")" = "to the device" ] || bad "guestfwd: the device got '$(cat "$net_dir/device.log")'"
python3 "$SRC/tests/boot/pcap-dhcp.py" "$net_dir/user.pcap" 52:54:00:aa:bb:cc || bad "no DHCP exchange in the dump"

# Cut off: DHCP and the host's own services answer, nothing leads out; what is forwarded still works.
net_guest restrict <<SCRIPT
wget -q -T 3 -O - http://10.0.2.2:$http_port/file >/tmp/got 2>/dev/null
say got \$(wc -c </tmp/got)
say command \$(echo still | nc 10.0.2.100 1000)
SCRIPT
net_boot restrict -nic "user,restrict=on,guestfwd=tcp:10.0.2.100:1000-cmd:tr a-z A-Z"
net_said "dhcp ip=10.0.2.15 router= .*"
net_said "got 0"
net_said "command STILL"

# Another network, IPv6 where the host has it, two CPUs and the modern registers; and no network.
http6_port=
if grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null; then
    net_address=::1 net_http "$www"
    http6_port=$http_port
    http_port=$http4_port
fi
net_guest other <<SCRIPT
n=0
while [ \$n -lt 50 ] && ! grep -q '^fd000077.* 00 ' /proc/net/if_inet6; do n=\$((n + 1)); usleep 100000; done
say sha \$(wget -q -O - http://192.168.77.9:$http_port/file | sha256sum)
[ -z "$http6_port" ] || say sha6 \$(wget -q -O - http://[fd00:77::9]:$http6_port/file | sha256sum)
SCRIPT
SMP=2 MACHINE=virt,force-legacy=off net_boot other -net nic,macaddr=52:54:00:01:02:03 -net user,net=192.168.77.0/24,host=192.168.77.9,dhcpstart=192.168.77.50,dns=192.168.77.8,\
ipv6-net=fd00:77::/64,ipv6-host=fd00:77::9
net_said "dhcp ip=192.168.77.50 router=192.168.77.9 dns=192.168.77.8 .*"
net_said "sha $file_sum -"
[ -z "$http6_port" ] || net_said "sha6 $file_sum -"
# The driver's other ways of receiving: long chains of pages, and small buffers without offloads.
for off in mrg_rxbuf=off mrg_rxbuf=off,guest_csum=off,ctrl_vq=off,csum=off; do
    net_guest plain <<SCRIPT
say sha \$(wget -q -O - http://10.0.2.2:$http4_port/file | sha256sum)
SCRIPT
    net_boot plain -netdev user,id=n -device "virtio-net-device,netdev=n,$off"
    net_said "sha $file_sum -"
done

net_guest none <<'SCRIPT'
say cards $(ls /sys/class/net)
SCRIPT
net_boot none -nic none
net_said "cards lo"
rm -rf "$www" "$tftp"
