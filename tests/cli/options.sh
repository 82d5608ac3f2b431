#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each option is accepted and does what it says: our own guest runs with it.
set -u
. "$SRC/tests/cli/lib.sh"

# guest OPTION...: the guest must pass its checks
guest() {
    run -M virt -nographic -no-reboot -kernel "$own" -append demo=check "$@"
    if [ $status -ne 0 ] || ! grep -q '^DEMO-OK' "$work/out"; then
        failed "status $status, '$(cat "$work/err")': $*"
        return 1
    fi
    passed
}

# same WHAT WANTED GOT
same() {
    if [ "$2" = "$3" ]; then
        passed
    else
        failed "$1: '$3', not '$2'"
    fi
}

memory() {
    sed -n 's/^memory *\([0-9]*\) MiB.*/\1/p' "$work/out"
}

guest -machine virt
guest -M type=virt,accel=tcg
guest -M virt,gic-version=2
for m in 64 64M 65536K size=64; do
    guest -m $m && same "-m $m" 64 "$(memory)"
done
guest -m 1G && same "-m 1G" 1024 "$(memory)"
guest && same "default memory" 128 "$(memory)"
for cpu in cortex-a7 cortex-a15 max; do
    guest -cpu $cpu
done
for smp in 1 3 cpus=2 2,sockets=1,cores=2,threads=1 4,maxcpus=4 2,maxcpus=4,cores=4 cpus=4,sockets=2; do
    guest -smp $smp
done
for accel in tcg tcg,thread=single tcg,thread=multi tcg,tb-size=32 tcg,interp=on tcg,verify=on; do
    guest -smp 2 -accel $accel
done
for option in "-display none -serial stdio" "-monitor none" "-net none" "-nic none" "-vga none" "-parallel none" \
    "-nodefaults -serial stdio" "-no-user-config" "-seed 7" "-name demo" "-name guest=demo,debug-threads=on" \
    "-device virtio-rng-device" "-device virtio-rng-device,id=r0,max-bytes=1024,period=1000" \
    "-device virtio-serial-device -device virtconsole" "-chardev null,id=c0 -serial mon:stdio -serial chardev:c0"; do
    # shellcheck disable=SC2086  # words
    guest $option
done

guest -device '{"driver":"virtio-rng-device","id":"r0"}' -netdev '{"type":"user","id":"n"}' -device virtio-net-device,netdev=n
guest -global virtio-mmio.force-legacy=false
guest -global driver=virtio-mmio,property=force-legacy,value=on

# Words of the command line reach the guest.
guest -append "one two demo=check" && same "-append" "one two demo=check" "$(sed -n 's/^command line \(.*\)\r$/\1/p' "$work/out")"

# -dtb: the tree of a machine of its own size.
run -M "virt,dumpdtb=$work/two.dtb" -smp 2
if [ -s "$work/two.dtb" ]; then
    guest -smp 2 -dtb "$work/two.dtb" && same "-dtb" 2 "$(sed -n 's/^DEMO cpus \([0-9]*\).*/\1/p' "$work/out")"
else
    failed "dumpdtb= wrote nothing"
fi

# -d and -D: each topic writes something where -D says, and nothing to the console.
for topic in in_asm ir opt out_asm int mmu exec in_asm,int; do
    rm -f "$work/log"
    guest -d $topic -D "$work/log"
    if [ -s "$work/log" ]; then passed; else failed "-d $topic -D: the log is empty"; fi
    if [ -s "$work/err" ]; then failed "-d $topic -D: stderr has text too"; else passed; fi
done
for topic in guest_errors unimp none stats all; do
    guest -d $topic -D "$work/log"
done
guest -d int
if grep -q "data abort" "$work/err"; then passed; else failed "-d int does not tell of the guest's data abort"; fi

# -S: nothing runs. -pidfile: while it runs.
"$TINAMOU" -M virt -S -pidfile "$work/pid" -display none -serial "file:$work/serial" -kernel "$own" &
child=$!
await test -s "$work/pid"
same "-pidfile" $child "$(cat "$work/pid")"
sleep 0.3
same "-S: bytes on the console" 0 "$(wc -c <"$work/serial")"
kill $child
wait $child
same "status after SIGTERM" 0 $?
if [ -e "$work/pid" ]; then failed "the pidfile is still there"; else passed; fi

# -no-shutdown: stays after the guest's power-off.
"$TINAMOU" -M virt -no-shutdown -display none -serial "file:$work/serial" -kernel "$own" -append demo=check &
child=$!
await grep -q DEMO-OK "$work/serial"
sleep 0.3
if kill -0 $child 2>/dev/null; then passed; else failed "-no-shutdown: it ended"; fi
kill $child
wait $child
finish
