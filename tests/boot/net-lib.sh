# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Read by the network boot tests, after lib.sh: `net_guest NAME <SCRIPT` packs an initial RAM disk whose /init loads the network card's
# driver, gets an address by DHCP where the kernel command line does not say static=ADDRESS, runs SCRIPT and powers off; `net_boot NAME
# OPTION...` starts it and waits for its end.

net_modules="virtio_mmio failover net_failover virtio_net"
net_dir=$BUILD/boot/net
mkdir -p "$net_dir"

# What all of them have: busybox, the modules, /init. Sets net_base.
net_prepare() {
    debian armmp
    busybox=$(sh "$SRC/tools/get-guest.sh" busybox-armhf) || skip "no package registry answers, so there is no busybox for the guest"
    net_base=$net_dir/base.cpio
    (
        flock 9
        [ -e "$net_base" ] && [ ! "$SRC/tests/boot/net-init" -nt "$net_base" ] || net_pack_base
    ) 9>"$net_dir/.lock"
}

net_pack_base() {
    root=$net_dir/base.root
    rm -rf "$root"
    mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/etc" "$root/www" "$root/lib/modules"
    cp "$busybox/bin/busybox" "$root/bin/busybox"
    cp "$SRC/tests/boot/net-init" "$root/init"
    chmod 755 "$root/init" "$root/bin/busybox"
    for m in $net_modules; do
        f=$(find "$guest/lib/modules" -name "$m.ko*" | head -n 1)
        [ -n "$f" ] || bad "the kernel has no module $m"
        case $f in
        *.xz) xz -dc "$f" >"$root/lib/modules/$m.ko" ;;
        *) cp "$f" "$root/lib/modules/$m.ko" ;;
        esac
    done
    (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) >"$net_base.part"
    rm -rf "$root"
    mv "$net_base.part" "$net_base"
}

# NAME: the script on stdin becomes the guest's. Archives one after the other are one to the kernel.
net_guest() {
    net_prepare
    root=$net_dir/$1.root
    rm -rf "$root"
    mkdir -p "$root"
    cat >"$root/script"
    (cd "$root" && echo script | cpio -o -H newc --quiet -R 0:0) >"$net_dir/$1.extra"
    cat "$net_base" "$net_dir/$1.extra" >"$net_dir/$1.cpio"
    rm -rf "$root" "$net_dir/$1.extra"
}

# NAME OPTION...: log in $net_log. APPEND: more for the kernel command line; SMP; MACHINE. Fails unless the guest's script came to its end.
net_boot() {
    name=$1
    shift
    net_log=$net_dir/$name.log
    timeout -k 5 "${LIMIT_SECONDS:-90}" "$TINAMOU" -M "${MACHINE:-virt}" -cpu cortex-a15 -m 256 -smp "${SMP:-1}" -nographic -no-reboot \
        -kernel "$vmlinuz" -initrd "$net_dir/$name.cpio" -append "console=ttyAMA0 quiet panic=-1 ${APPEND:-}" "$@" \
        </dev/null >"$net_log.raw" 2>&1 || { tail -n 20 "$net_log.raw"; bad "$name: status $?"; }
    tr -d '\r' <"$net_log.raw" >"$net_log"
    grep -q '^NET-END' "$net_log" || { tail -n 20 "$net_log"; bad "$name: the guest's script did not end"; }
}

# TEXT: a line of the guest's.
net_said() {
    grep -qE "^NET $1\$" "$net_log" || { grep '^NET' "$net_log"; bad "$name: the guest did not say: $1"; }
}

# Start COMMAND in the background, to be ended with this script.
net_pids=
net_start() {
    "$@" &
    net_pids="$net_pids $!"
}
# shellcheck disable=SC2086
trap '[ -z "$net_pids" ] || kill $net_pids 2>/dev/null || :' EXIT

# Wait until COMMAND succeeds, at most 20 s.
net_await() {
    tries=200
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || bad "waited in vain for: $*"
        sleep 0.1
    done
}

net_need_user() {
    "$TINAMOU" -netdev help | grep -q '^user' || skip "this build has no user networking (package libslirp-dev)"
}

# A TCP port of the host that is free now.
net_free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Where the servers listen.
net_address=127.0.0.1

# FOLDER: a web server, port in http_port.
net_http() {
    net_start python3 -u -m http.server 0 --bind "$net_address" --directory "$1" >"$net_dir/http.log" 2>&1
    net_await grep -q 'port [0-9]' "$net_dir/http.log"
    http_port=$(sed -n 's/.* port \([0-9]*\).*/\1/p;q' "$net_dir/http.log")
}

# FILE: takes one TCP connection and keeps what comes; port in sink_port.
net_sink() {
    rm -f "$1"
    net_start python3 -u -c '
import socket, sys
s = socket.socket()
s.bind((sys.argv[2], 0))
s.listen(1)
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
with open(sys.argv[1], "wb") as f:
    while True:
        data = c.recv(65536)
        if not data:
            break
        f.write(data)' "$1" "$net_address" >"$net_dir/sink.log"
    net_await test -s "$net_dir/sink.log"
    sink_port=$(cat "$net_dir/sink.log")
}
