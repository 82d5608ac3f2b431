#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# -serial and -chardev: our own guest's console through each back end, both ways where the back end has two.
set -u
. "$SRC/tests/cli/lib.sh"
cd "$work" || exit 1

has() { # WHAT FILE
    if await grep -q 'DEMO-OK' "$2"; then passed; else failed "$1: no DEMO-OK"; fi
}

machine() {
    run -M virt -display none -no-reboot -kernel "$own" -append demo=check "$@"
    [ $status -eq 0 ] || failed "status $status, '$(cat "$work/err")': $*"
}

# One way.
machine -serial stdio && has "stdio" out
machine -serial mon:stdio && has "mon:stdio" out
machine -serial "file:$work/f" && has "file:" f
machine -chardev "file,id=c,path=$work/g" -serial chardev:c && has "-chardev file" g
machine -chardev "stdio,id=c,mux=on" -serial chardev:c && has "-chardev stdio,mux=on" out
machine -chardev "null,id=c,logfile=$work/h" -serial chardev:c && has "logfile=" h
machine -serial null
machine -serial none
machine

# A pair of pipes, and one for both directions.
mkfifo p.in p.out both
cat p.out >p.text &
machine -serial "pipe:$work/p" && has "pipe: with two" p.text

# talk: what the guest is told, and its answer
commands() {
    sleep 1
    printf 'sum\r'
    sleep 1
    printf 'off\r'
    sleep 1
}
answers() { # WHAT FILE
    if await grep -q 'a658f34417004048' "$2"; then passed; else failed "$1: the guest did not answer"; fi
    wait "$child"
    [ $? -eq 0 ] && passed || failed "$1: status after power-off"
}
start() {
    "$TINAMOU" -M virt -display none -no-reboot -kernel "$own" "$@" 2>err &
    child=$!
}

if command -v socat >/dev/null; then
    start -serial "unix:$work/s,server,nowait"
    await test -S s
    commands | socat -t 5 - "UNIX-CONNECT:$work/s" >s.text
    answers "unix: server" s.text

    start -chardev "socket,id=c,path=$work/s2,server=on,wait=on" -serial chardev:c
    await test -S s2
    commands | socat -t 5 - "UNIX-CONNECT:$work/s2" >s2.text
    answers "-chardev socket,wait=on" s2.text

    start -serial tcp:127.0.0.1:0,server,nowait
    await grep -q "listening on port" err
    commands | socat -t 5 - "TCP:127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' err)" >t.text
    answers "tcp: server" t.text

    commands | socat -t 5 "UNIX-LISTEN:$work/c" - >c.text &
    await test -S c
    start -serial "unix:$work/c"
    answers "unix: client" c.text

    start -serial pty
    await grep -q "/dev/pts/" err
    commands | socat -t 5 - "$(sed -n 's|.*\(/dev/pts/[0-9]*\).*|\1|p' err),raw,echo=0" >y.text
    answers "pty" y.text

    # A monitor on a socket: one client after the other, each is greeted; the second ends the emulator.
    "$TINAMOU" -M virt -display none -S -kernel "$own" -monitor "unix:$work/m,server,nowait" 2>err &
    child=$!
    await test -S m
    (printf 'info status\r' && sleep 1) | socat -t 2 - "UNIX-CONNECT:$work/m" >m1.text
    (printf 'cont\rinfo status\rquit\r' && sleep 1) | socat -t 2 - "UNIX-CONNECT:$work/m" >m2.text
    wait "$child"
    [ $? -eq 0 ] && passed || failed "-monitor unix: status after quit"
    for text in m1.text m2.text; do
        grep -q "^Tinamou .* monitor - type 'help'" $text && passed || failed "-monitor unix: no banner in $text"
    done
    grep -q "^VM status: paused (prelaunch)" m1.text && grep -q "^VM status: running" m2.text && passed ||
        failed "-monitor unix: wrong answers: $(cat m1.text m2.text)"
else
    skipped "sockets and pty: there is no socat"
fi

# stdin that is a pipe.
commands | timeout -k 5 20 "$TINAMOU" -M virt -nographic -no-reboot -kernel "$own" >n.text 2>err
[ $? -eq 0 ] && grep -q 'a658f34417004048' n.text && passed || failed "-nographic with a pipe on stdin"
finish
