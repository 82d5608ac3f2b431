#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot work gives exit status 1 and one line on stderr that names the input and the reason, and where there is one the remedy.
set -u
. "$SRC/tests/cli/lib.sh"

# bad PATTERN OPTION...: the line must match PATTERN (an extended regular expression)
bad() {
    pattern=$1
    shift
    run "$@"
    if [ $status -ne 1 ]; then
        failed "status $status, not 1: $*"
    elif [ "$(wc -l <"$work/err")" -ne 1 ]; then
        failed "$(wc -l <"$work/err") lines on stderr: $*"
    elif ! grep -qE "^tinamou-system-arm: .*$pattern" "$work/err"; then
        failed "'$(cat "$work/err")' does not match '$pattern': $*"
    else
        passed
    fi
}

# The same with a machine and a kernel that work.
bad_with() {
    pattern=$1
    shift
    bad "$pattern" -M virt -kernel "$own" -display none "$@"
}

cd "$work" || exit 1

# Machine, CPU, memory.
bad "-machine vurt: no such machine; .*'virt'" -M vurt
bad "no machine given; use -machine" -kernel "$own"
bad "-machine virt has no property 'foo'; the nearest is" -M virt,foo=1 -kernel "$own"
bad "gic-version=4: there are 2, 3 and max" -M virt,gic-version=4 -kernel "$own"
bad "gic-version=3: the 32-bit CPU 'cortex-a15' has no registers for it" -M virt,gic-version=3 -kernel "$own"
bad "gic-version=host: that needs KVM" -M virt,gic-version=host -kernel "$own"
bad "virtualization=maybe: it must be on or off" -M virt,virtualization=maybe -kernel "$own"
bad "acpi=maybe: it must be on, off or auto" -M virt,acpi=maybe -kernel "$own"
bad "mte=on: there is only mte=off" -M virt,mte=on -kernel "$own"
bad "iommu=smmuv3: there is only iommu=none" -M virt,iommu=smmuv3 -kernel "$own"
bad "no CPU model 'cortex-a99'; the nearest is 'cortex-a.*-cpu help" -M virt -kernel "$own" -cpu cortex-a99
bad "no CPU model ''; the nearest is" -M virt -kernel "$own" -cpu ""
bad_with "cortex-a15 has no property 'foo'; there is" -cpu cortex-a15,foo=on
bad_with "cortex-a15 has no property ''; there is" -cpu cortex-a15,
bad_with "cpu cortex-a57 has no property ''; it has none" -cpu cortex-a57,
bad "no CPU model 'pentium9'; the nearest is 'pentium.*-cpu help" -M pc -cpu pentium9
bad "cpu max has no feature or property 'avx512f'; features are" -M pc -cpu max,+avx512f
bad "cpu qemu64 has no feature or property ''; features are" -M pc -cpu qemu64,
bad "cpu max: pcid=maybe: not on or off" -M pc -cpu max,pcid=maybe
bad "cpu max: tsc-frequency=fast: not a frequency in Hz from" -M pc -cpu max,tsc-frequency=fast
bad_with "-smp 999: machine virt has at most [0-9]* CPUs" -smp 999
bad_with "9 CPUs: with gic-version=2 it takes 1 to 8 \(-smp\)" -smp 9
bad_with "9 CPUs: with gic-version=2 it takes 1 to 8 \(-smp\)" -M gic-version=max -smp 9
bad_with "-smp: cpus=0: must be a number from 1" -smp 0
bad_with "-smp: cpus=many: must be a number" -smp many
bad_with "-smp cpus=2,cores=4: sockets .* must make 2 CPUs" -smp cpus=2,cores=4
bad_with "-smp 3,sockets=2: sockets .* must make 3 CPUs" -smp 3,sockets=2
bad_with "-smp 4,maxcpus=2: cpus=4 is more than maxcpus=2" -smp 4,maxcpus=2
bad_with "-smp: no option 'bogus' \(it has: cpus" -smp 2,bogus=1
bad_with "-m 0: not a size; write it as 512" -m 0
bad_with "-m lots: not a size; write it as 512" -m lots
bad_with "4194304 MiB of memory: it takes 1 to 261120 \(-m\)" -m 4T
bad_with "4096 MiB of memory: it takes 1 to 3072 with highmem=off \(-m\)" -M highmem=off -m 4G
bad_with "-accel nosuch: no such accelerator here; there is 'tcg'" -accel nosuch
bad_with "-accel tcg,thread=both: it is single or multi" -accel tcg,thread=both
bad_with "-accel tcg: no option 'foo' \(it has:" -accel tcg,foo=on

# Options.
bad "no option -bogus; the nearest is .*-help" -bogus
bad "no option -kernal; the nearest is -kernel" -kernal x
bad_with "image .x.: No such file" -drive file=x
bad "option -gdb is not supported: .*-d" -gdb tcp::1234
bad "option -kernel needs a value" -M virt -kernel
bad "'disk.img': not an option" disk.img
bad "-monitor vc: there are no windows; use stdio, pty, unix:PATH" -monitor vc
bad_with "compat_monitor0: .*'bogus'" -monitor bogus
bad "-mon c,mode=control: mode=control is not supported; there is mode=readline" -chardev null,id=c -mon c,mode=control
bad "-mon: no option 'foo' \\(it has: chardev, mode" -mon c,foo=1
bad "-mon mode=readline: it needs chardev=ID" -mon mode=readline
bad_with "chardev c: there is no -chardev with this id" -mon c
bad_with "stdio is in use already; share it with mux=on or mon:stdio" -serial stdio -monitor stdio
bad "option -qmp is not supported: .*-monitor" -qmp stdio

# Networks.
bad_with "-netdev users,id=n: no kind of network 'users'; the nearest is 'user'" -netdev users,id=n
bad_with "-netdev id=n: no kind of network given" -netdev id=n
bad_with "-netdev user: it needs id=ID" -netdev user
bad_with "-netdev user,id=n: no option 'hostfw'; the nearest is 'hostfwd'" -netdev user,id=n,hostfw=x
bad_with "-netdev user,id=n: the id is taken by another network" -netdev user,id=n -netdev user,id=n
bad_with "netdev=m: there is no -netdev with this id; the nearest is 'n'" -netdev user,id=n -device virtio-net-device,netdev=m
bad_with "netdev=m: there is no -netdev with this id" -device virtio-net-device,netdev=m
bad_with "netdev=n: another device has it" -netdev user,id=n -device virtio-net-device,netdev=n -device virtio-net-device,netdev=n
bad_with "it needs netdev=ID" -device virtio-net-device
bad_with "mac=52:54: not the address of a card; write it as" -nic user,mac=52:54
bad_with "hostfwd=tcp::22: write it as .*tcp::8022-:22" -nic user,hostfwd=tcp::22
bad_with "hostfwd=icmp::1-:2: the protocol 'icmp' is not tcp or udp" -nic user,hostfwd=icmp::1-:2
bad_with "hostfwd=tcp:x:1-:2: 'x' is not an IPv4 address of the host" -nic user,hostfwd=tcp:x:1-:2
bad_with "hostfwd=tcp::70000-:2: '70000' is not a port of the host" -nic user,hostfwd=tcp::70000-:2
bad_with "hostfwd=tcp::1-:0: '0' is not a port of the guest" -nic user,hostfwd=tcp::1-:0
bad_with "guestfwd=tcp:1.2.3.4:5: write it as" -nic user,guestfwd=tcp:1.2.3.4:5
bad_with "guestfwd= to port 5: the address is not in the guest's network" -nic user,guestfwd=tcp:1.2.3.4:5-cmd:cat
bad_with "net=10.0.2.0/99: write it as ADDRESS/BITS" -nic user,net=10.0.2.0/99
bad_with "dns=1.2.3.4: not the address of a host in the network 10.0.2.0" -nic user,dns=1.2.3.4
bad_with "tftp=/nonexistent: there is no such folder" -nic user,tftp=/nonexistent
bad_with "smb= is not supported; share files with tftp" -nic user,smb=/tmp
bad_with "restrict=perhaps: must be on or off" -nic user,restrict=perhaps
bad_with "-nic model=e1000: no such network card; the nearest is 'virtio-net-device'" -nic user,model=e1000
bad_with "-net user: this network has its back end already; use -nic" -net user -net user
bad_with "-net nic,foo=1: no option 'foo'" -net nic,foo=1 -net user
bad_with "-object rng-random,id=r: no such kind of object; there is 'filter-dump'" -object rng-random,id=r
bad_with "-object filter-dump,id=d,netdev=n,file=x: there is no network with the id 'n'" -object filter-dump,id=d,netdev=n,file=x
bad_with "filter-dump,id=d: cannot write /nonexistent/x: No such file" -netdev user,id=n \
    -object filter-dump,id=d,netdev=n,file=/nonexistent/x
bad_with "-netdev socket,id=nic0: it needs one of listen=, connect=" -nic socket
bad_with "connect=127.0.0.1:1: cannot connect: Connection refused" -nic socket,connect=127.0.0.1:1
bad_with "listen=x: write it as HOST:PORT" -nic socket,listen=x
bad_with "mcast=127.0.0.1:1: not a multicast address" -nic socket,mcast=127.0.0.1:1
bad_with "listen=1:x: 'x' is not a port" -nic socket,listen=1:x
bad_with "addr.type=: it is inet, unix or fd" -nic stream
bad_with "addr.host=127.0.0.1,addr.port: '' is not a port" -nic stream,addr.type=inet,addr.host=127.0.0.1
bad_with "addr.path=: a path of 1 to" -nic stream,addr.type=unix
bad_with "addr: cannot connect: No such file" -nic stream,addr.type=unix,addr.path=/nonexistent/x
bad_with "it needs local.type= with an address" -nic dgram,remote.type=inet,remote.host=127.0.0.1,remote.port=1
bad_with "udp=127.0.0.1:1: it needs localaddr=" -nic socket,udp=127.0.0.1:1
bad_with "fd=99: not the number of an open socket" -nic socket,fd=99
bad_with "fd=99: not a tap interface" -nic tap,fd=99
bad_with "ifname=abcdefghijklmnopq: a name has at most 15" -nic tap,ifname=abcdefghijklmnopq
bad_with "vhost=on is not supported; leave it out" -nic tap,vhost=on
bad_with "host_mtu is 68 to 65535" -netdev user,id=n -device virtio-net-device,netdev=n,host_mtu=5
if command -v python3 >/dev/null; then
    python3 -c '
import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
print(s.getsockname()[1], flush=True)
time.sleep(60)' >"$work/port" &
    holder=$!
    await test -s "$work/port"
    port=$(cat "$work/port")
    bad_with "listen=127.0.0.1:$port: cannot listen there: Address already in use" -nic "socket,listen=127.0.0.1:$port"
    bad_with "hostfwd=: cannot listen on TCP port $port of the host: Address already in use" -nic "user,hostfwd=tcp:127.0.0.1:$port-:22"
    kill $holder
else
    skipped "no python3 to hold a port"
fi
bad "-display gtk: .*-display none" -display gtk
bad "-d in_asm,nosuch: no topic 'nosuch' \(-d help" -d in_asm,nosuch
bad "-D /nonexistent/log: .*No such file" -D /nonexistent/log
bad "-append needs -kernel" -M virt -append x
bad "-initrd needs -kernel" -M virt -initrd x
bad "nothing to start: .*-kernel, or firmware with -bios" -M virt

# Firmware and flash.
printf x >small-flash && truncate -s 1M small-flash
truncate -s 65M big-flash
truncate -s 64M right-flash right-flash2
mkdir fwdir
bad "firmware 'nosuch.bin': there is no such file, neither here nor in /usr/share/qemu, .*-L" -M virt -bios nosuch.bin
bad "firmware '/nonexistent/fw.bin': there is no such file" -M virt -bios /nonexistent/fw.bin
bad "firmware 'fwdir' is a directory" -M virt -bios fwdir
bad "firmware 'big-flash' is too large" -M virt -bios big-flash
bad_with "-fw_cfg opt/x: it needs name=NAME and one of file=FILE and string=TEXT" -fw_cfg opt/x
bad_with "-fw_cfg opt/x,file=f,string=t: it needs name" -fw_cfg opt/x,file=f,string=t
bad_with "-fw_cfg: no option 'gen' \\(it has: name, file, string" -fw_cfg opt/x,gen=1
bad_with "fw_cfg file 'nosuch': there is no such file" -fw_cfg opt/x,file=nosuch
bad_with "fw_cfg file 'opt/x': the name is taken" -fw_cfg opt/x,string=a -fw_cfg opt/x,string=b
bad "-L /nonexistent: there is no such folder" -M virt -L /nonexistent -bios x
bad "flash bank 0: .*1048576 bytes, but the flash bank has 67108864 \\(truncate -s 64M" -M virt -drive if=pflash,file=small-flash
bad "flash bank 0: .*68157440 bytes, but the flash bank has 67108864; it is not an image of this bank" -M virt -drive if=pflash,file=big-flash
bad "flash bank 1: .*1048576 bytes" -M virt -pflash right-flash -pflash small-flash
bad "flash bank 0: .*68157440 bytes" -M virt -drive if=none,id=f,file=big-flash -machine pflash0=f
bad "pflash0=nosuch: .*there is no -drive with this id" -M virt,pflash0=nosuch
bad "pflash0=f: -drive if=pflash,unit=0 is there, too" -M virt,pflash0=f -drive if=none,id=f,file=right-flash2 -pflash right-flash
bad "-bios '$own': the first flash bank has an image already" -M virt -bios "$own" -pflash right-flash
bad "unit=2: machine virt has flash banks 0 to 1" -M virt -bios "$own" -drive if=pflash,unit=2,file=right-flash
bad_with "-pidfile /nonexistent/pid: .*No such file" -pidfile /nonexistent/pid
bad "dumpdtb: [^/]*/nonexistent/dtb[^.A-Za-z0-9].*No such file" -M virt,dumpdtb=/nonexistent/dtb

# Devices.
bad_with "'virtio-rng-devise'; the nearest is 'virtio-rng-device' \(-device help" -device virtio-rng-devise
bad_with "'virtio-rng-device' has no property 'foo'; .*-device virtio-rng-device,help" -device virtio-rng-device,foo=1
bad_with "'virtio-rng-device': period=x: not a 32-bit number" -device virtio-rng-device,period=x
bad_with "'virtconsole' needs a bus: add -device virtio-serial-device before it" -device virtconsole
bad_with "'virtio-rng-pci': addr=20: it must be DEVICE\[.FUNCTION\], 0 to 1f" -device virtio-rng-pci,addr=20
bad_with "'virtio-rng-pci': addr=1.8: it must be" -device virtio-rng,addr=1.8
bad_with "addr=2: 'virtio-rng-pci' is there; take another one" -device virtio-rng-pci,addr=2 -device virtio-rng-pci,addr=2
bad_with "addr=2.1: function 0 there, 'virtio-rng-pci', is not multifunction=on" -device virtio-rng-pci,addr=2 -device virtio-rng-pci,addr=2.1
bad_with "bus=pci.1: there is no such PCI bus; the only one is pcie.0" -device virtio-rng-pci,bus=pci.1
bad_with "disable-legacy=maybe: it must be on, off or auto" -device virtio-rng-pci,disable-legacy=maybe
bad_with "disable-modern=on leave nothing" -device virtio-rng-pci,disable-legacy=on,disable-modern=on
bad_with "vectors=1000: it takes 0 to 128" -device virtio-rng-pci,vectors=1000
bad_with "'virtio-blk-pci': it needs drive=ID" -device virtio-blk-pci
bad_with "highmem=maybe: it must be on or off" -M virt,highmem=maybe
bad_with "-device pl011: it belongs to the machine" -device pl011
bad_with "nope: there is no -chardev with this id" -device virtio-serial-device -device virtserialport,chardev=nope
bad_with "no device type" -device ""

# Images for memory.
printf ':0400000001020304F2\n' >hex
printf x >raw
printf '\177ELF' >short-elf
bad_with "'loader': nothing to load: give file=FILE, or data=VALUE,data-len=BYTES, or cpu-num=CPU" -device loader,addr=0x41000000
bad_with "'loader': file 'nosuch': there is no such file" -device loader,file=nosuch
bad_with "'loader': file 'raw': it has no address of its own; add addr=ADDRESS" -device loader,file=raw
bad_with "'loader': file 'hex': it is in Intel's hex format; convert it .* force-raw=on" -device loader,file=hex,addr=0x41000000
bad_with "'loader': file 'short-elf': it is truncated" -device loader,file=short-elf
bad_with "'loader': file 'raw': 1 bytes at 0x1000 are not all in RAM \(0x40000000 to 0x48000000\); choose another addr=" -device loader,file=raw,addr=0x1000
bad_with "'loader': file=raw and data are two things" -device loader,file=raw,addr=0x41000000,data=1,data-len=4
bad_with "'loader': data needs data-len=BYTES" -device loader,addr=0x41000000,data=4
bad_with "'loader': data-len=9: it is 1 to 8 bytes" -device loader,addr=0x41000000,data=1,data-len=9
bad_with "'loader': data=0x5: 8 bytes at 0x47fffffc are not all in RAM" -device loader,addr=0x47fffffc,data=5,data-len=8
bad_with "'loader': force-raw=on goes with file=FILE only" -device loader,addr=0x41000000,data=1,data-len=4,force-raw=on
bad_with "'loader': cpu-num=1: there are CPUs 0 to 0" -device loader,addr=0x41000000,cpu-num=1
bad_with "'loader': addr=here: not a number" -device loader,addr=here,file=raw
bad_with "file 'raw' at 0x41000000 overlaps file 'raw'" -device loader,file=raw,addr=0x41000000 -device loader,file=raw,addr=0x41000000
bad_with "'guest-loader': it needs addr=ADDRESS" -device guest-loader,kernel=raw
bad_with "'guest-loader': it needs kernel=FILE or initrd=FILE" -device guest-loader,addr=0x41000000
bad_with "'guest-loader': kernel=raw and initrd=raw are two things" -device guest-loader,addr=0x41000000,kernel=raw,initrd=raw
bad_with "'guest-loader': bootargs=x goes with kernel=FILE only" -device guest-loader,addr=0x41000000,initrd=raw,bootargs=x
bad_with "'guest-loader': guest's kernel 'nosuch': there is no such file" -device guest-loader,addr=0x41000000,kernel=nosuch
bad_with "'guest-loader': addr=0x41000000: there is a module at this address already" \
    -device guest-loader,addr=0x41000000,kernel=raw -device guest-loader,addr=0x41000000,initrd=raw
bad "nothing to start: .*-kernel, or firmware with -bios, or code with -device loader,file=FILE,cpu-num=0" -M virt -device loader,file=raw,addr=0x41000000
set --
for i in $(seq 33); do
    set -- "$@" -device "virtio-rng-device,id=rng$i"
done
bad_with "no room for 'virtio-rng-device': all 32" "$@"
set --
for i in $(seq 32); do
    set -- "$@" -device "virtio-rng-pci,id=rng$i"
done
bad_with "'virtio-rng-pci': no room: all 32 places of pcie.0 are taken" "$@"

# Disk images.
truncate -s 1M disk
truncate -s 1000 cut
: >empty-disk
for o in -hda -hdb -cdrom; do
    bad_with "image 'none': No such file" $o none
done
bad_with "image 'none': No such file" -blockdev driver=file,filename=none,node-name=n
bad_with "image '$work': is a directory; give the file" -drive "file=$work"
bad_with "image 'cut': is not a whole number of 512-byte sectors; it may be cut short: extend it with truncate" -drive file=cut
bad_with "image 'empty-disk': is empty; make it with truncate -s SIZE" -drive file=empty-disk
bad_with "image '/dev/null': is neither a file nor a block device" -drive file=/dev/null
bad_with "image 'disk': is in use by another drive or process; .*readonly=on in both" -hda disk -hdb disk
if [ "$(id -u)" != 0 ] || command -v setpriv >/dev/null; then
    truncate -s 1M secret && chmod 0 secret
    emulator=$TINAMOU
    if [ "$(id -u)" = 0 ]; then
        printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "%s" "$@"\n' "$TINAMOU" >"$work/tinamou-system-arm"
        chmod 755 "$work/tinamou-system-arm"
        TINAMOU=$work/tinamou-system-arm
    fi
    bad_with "image 'secret': Permission denied" -drive file=secret
    TINAMOU=$emulator
else
    skipped "no setpriv: root may read everything"
fi
bad_with "-drive if=none: it needs file=FILE" -drive if=none
# A PC's devices; without SeaBIOS there is no machine to add them to.
if [ -e /usr/share/seabios/bios-256k.bin ]; then
    bad "device 'ide-hd': it needs drive=ID" -M pc -device ide-hd
    bad "'ide-cd': bus=ide.7: there is no such IDE bus" -M pc -device ide-cd,bus=ide.7
    bad "ide-cd: unit 0 of bus 0 has a drive already" -M pc -device ide-cd,bus=ide.0,unit=0 -device ide-cd,bus=ide.0,unit=0
    bad "the image of 'r' is read-only, which an IDE disk cannot be; use" -M pc -drive if=none,id=r,file=disk,readonly=on -device ide-hd,drive=r
    bad "if=ide,index=9: there are not so many IDE buses" -M pc -drive if=ide,index=9,file=disk
    bad "if=floppy,index=5: it has no such drives" -M pc -drive if=floppy,index=5,file=disk
    bad "floppy: unit=4: there are units 0 and 1" -M pc -device floppy,unit=4
    bad "there is no place for port 7; give index=0 to 3" -M pc -device isa-serial,index=7
    bad "'isa-serial' at port 0x3f8: device 'serial' is there" -M pc -device isa-serial,iobase=0x3f8
    bad "iosize=3 is not possible; use 1, 2 or 4" -M pc -device isa-debug-exit,iosize=3
    bad "device 'e1000': it needs netdev=ID" -M pc -device e1000
    bad "firmware 'nosuch.rom': there is no such file" -M pc -netdev user,id=n -device e1000,netdev=n,romfile=nosuch.rom
    bad "vgamem_mb=3: it must be a power of two, 1 to 256" -M pc -vga none -device VGA,vgamem_mb=3
    bad "it takes one VGA; give -vga none" -M pc -device VGA
    bad "mc146818rtc: it belongs to the machine" -M pc -device mc146818rtc
fi
bad_with "-drive file=disk,if=scsi: if=scsi: must be virtio or ide or floppy or none or pflash" -drive file=disk,if=scsi
bad_with "-drive if=ide: machine virt has no such drives; use if=virtio" -drive file=disk,if=ide
bad_with "format=qcow2 is not supported; the nearest is format=raw" -drive file=disk,format=qcow2
bad_with "-drive: no option 'speed' \(it has: file, if" -drive file=disk,speed=high
bad_with "aio=fast: must be threads or io_uring or native" -drive file=disk,aio=fast
bad_with "cache=wb: must be writeback or" -drive file=disk,cache=wb
bad_with "werror=retry: must be report, ignore, enospc or stop" -drive file=disk,werror=retry
bad_with "id=x: the name is taken by another drive or node" -drive file=disk,if=none,id=x -drive file=cut,if=none,id=x
bad_with "node-name=n: the name is taken" -blockdev file,filename=disk,node-name=n -blockdev file,filename=cut,node-name=n
bad_with "-blockdev .*: it needs node-name=NAME" -blockdev driver=file,filename=disk
bad_with "-blockdev .*driver=qcow2: must be raw or file" -blockdev driver=qcow2,node-name=n
bad_with "-blockdev .*(not JSON|reads no JSON)" -blockdev '{"driver":"file",'
bad_with "-blockdev .*(no option 'file.speed'|reads no JSON)" \
    -blockdev '{"driver":"raw","node-name":"n","file":{"driver":"file","filename":"disk","speed":1}}'
bad_with "file=m: there is no -blockdev with this node-name before it" -blockdev raw,node-name=n,file=m
bad_with "drive=nope: there is no -drive with this id and no -blockdev with this node-name" -device virtio-blk-device,drive=nope
bad_with "drive=d: another device has it" -drive file=disk,if=none,id=d -device virtio-blk-device,drive=d -device virtio-blk-device,drive=d
bad_with "'virtio-blk-device': it needs drive=ID" -device virtio-blk-device
bad_with "no device type 'virtio-block'; the nearest is 'virtio-blk[-a-z]*'" -device virtio-block
bad_with "queue-size=3: it must be a power of two" -drive file=disk,if=none,id=d -device virtio-blk-device,drive=d,queue-size=3
bad_with "-global pl011.nosuch=off: device 'pl011' has no property 'nosuch'" -global pl011.nosuch=off
bad_with "-global nosuch.a=b: no such device type" -global nosuch.a=b
bad_with "-global pl011: write TYPE.PROPERTY=VALUE" -global pl011
bad_with "-global driver=pl011,value=1: write TYPE.PROPERTY=VALUE" -global driver=pl011,value=1
bad_with "no kind 'nosuch'" -debugcon nosuch
bad_with "it has no bus of kind 'ISA' for device 'isa-debugcon'" -debugcon null
bad_with "option -sd is not supported: use -drive" -sd disk
TMPDIR=/nonexistent bad_with "snapshot of 'disk': cannot make a temporary file in /nonexistent: .*; set TMPDIR" -snapshot -hda disk

# Character devices.
bad_with "no kind 'nosuch' \(file, null" -serial nosuch
bad_with "no kind 'nosuch' \(file, null" -chardev nosuch,id=x
bad_with "id" -chardev null
bad_with "x" -chardev null,id=x -chardev null,id=x
bad_with "nope: there is no -chardev with this id" -serial chardev:nope
bad_with "stdio is in use already; .*mux=on" -serial stdio -serial stdio
bad_with "there are at most 4 serial ports" -serial null -serial null -serial null -serial null -serial null
bad_with "cannot listen on unix:/nonexistent/s: No such file" -serial unix:/nonexistent/s,server,nowait
bad_with "/nonexistent/f: No such file" -serial file:/nonexistent/f
bad_with "/nonexistent/p" -serial pipe:/nonexistent/p
bad_with "cannot connect to unix:$work/none" -serial "unix:$work/none"
bad_with "port 99999: there are ports 0 to 65535" -serial tcp:127.0.0.1:99999,server,nowait
bad_with "tcp needs HOST:PORT" -serial tcp:127.0.0.1

# A port and a socket in use.
"$TINAMOU" -M virt -S -display none -kernel "$own" -serial tcp:127.0.0.1:0,server,nowait -serial "unix:$work/busy,server,nowait" \
    2>"$work/first" &
first=$!
await grep -q "listening on port" "$work/first"
port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$work/first")
bad_with "tcp:127.0.0.1:$port: Address already in use" -serial "tcp:127.0.0.1:$port,server,nowait"
bad_with "busy: .*in use" -serial "unix:$work/busy,server,nowait"
kill $first
wait $first

# Kernels.
zeros() { # BYTES
    dd if=/dev/zero bs="$1" count=1 2>/dev/null
}
put() { # FILE OFFSET PRINTF-TEXT
    # shellcheck disable=SC2059  # octal escapes
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
: >empty
zeros 4096 >zimage && put zimage 36 '\030\050\157\001\000\000\000\000\000\000\100\000\001\002\003\004'
zeros 4096 >arm64 && put arm64 56 'ARM\144'
zeros 4096 >bzimage && put bzimage 514 'HdrS'
zeros 4096 >short-elf && put short-elf 0 '\177ELF\001\001\001'
put short-elf 16 '\002\000\050\000' && put short-elf 28 '\000\000\001\000' && put short-elf 42 '\040\000\001\000'
printf '\177ELF\001\001' >stub-elf
zeros 64 >uimage && put uimage 0 '\047\005\031\126'
echo x | gzip >gz
bad "kernel '/nonexistent': there is no such file" -M virt -kernel /nonexistent
bad "kernel '$work' is a directory" -M virt -kernel "$work"
bad "kernel 'empty' is empty" -M virt -kernel empty
bad "kernel 'zimage': it is truncated: .*4194304 bytes, there are 4096" -M virt -kernel zimage
bad "kernel 'arm64': it is a 64-bit ARM .*cortex-a57" -M virt -kernel arm64
bad "kernel 'bzimage': it is an x86 kernel .*takes ARM ones" -M virt -kernel bzimage
bad "kernel '$TINAMOU': it is an ELF file for x86-64 .*32-bit ARM" -M virt -kernel "$TINAMOU"
bad "kernel 'short-elf': it is truncated" -M virt -kernel short-elf
bad "kernel 'stub-elf': it is truncated" -M virt -kernel stub-elf
bad "kernel 'uimage': .*checksum of the uImage header" -M virt -kernel uimage
bad "kernel 'gz': it is compressed with gzip; .*gunzip" -M virt -kernel gz

# RAM disks and device trees.
truncate -s 64M large
truncate -s 512K half
bad_with "initrd 'large': .*do not fit into RAM.*-m" -m 32 -initrd large
bad_with "initrd 'none': there is no such file" -initrd none
bad_with "initrd 'empty' is empty" -initrd empty
bad_with "device tree .*do not fit into RAM.*-m" -m 1 -initrd half
bad_with "device tree 'none': there is no such file" -dtb none
bad_with "device tree 'half': not a valid device tree" -dtb half
bad_with "device tree 'large' is too large" -dtb large
truncate -s 2M kernel-large
bad "kernel 'kernel-large': .*do not fit into RAM.*-m" -M virt -m 1 -kernel kernel-large

finish
