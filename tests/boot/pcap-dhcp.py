#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pcap-dhcp.py FILE MAC: does the dump hold a whole DHCP exchange (discover, offer, request, acknowledgement) of the card MAC?"""
import struct
import sys

data = open(sys.argv[1], "rb").read()
mac = bytes.fromhex(sys.argv[2].replace(":", ""))
magic, major, minor, _, _, longest, link = struct.unpack("<IHHIIII", data[:24])
if (magic, major, minor, link) != (0xA1B2C3D4, 2, 4, 1):
    sys.exit("not a pcap file of Ethernet frames")
at, kinds, frames, last = 24, [], 0, 0.0
while at < len(data):
    seconds, micros, kept, whole = struct.unpack("<IIII", data[at:at + 16])
    frame = data[at + 16:at + 16 + kept]
    at += 16 + kept
    if len(frame) != kept or kept != min(whole, longest) or micros >= 1000000 or seconds + micros / 1e6 < last:
        sys.exit(f"frame {frames}: a header that makes no sense")
    last = seconds + micros / 1e6
    frames += 1
    if frame[12:14] != b"\x08\x00" or frame[23] != 17:
        continue
    udp = frame[14 + (frame[14] & 15) * 4:]
    if {67, 68} != set(struct.unpack(">HH", udp[:4])) or udp[8 + 28:8 + 34] != mac:
        continue
    options = udp[8 + 240:]
    while options and options[0] != 255:
        if options[0] == 53:
            kinds.append(options[2])
        options = options[2 + options[1]:] if options[0] else options[1:]
print(f"{frames} frames, DHCP messages {kinds}")
sys.exit(0 if [k for k in kinds if k in (1, 2, 3, 5)][-4:] == [1, 2, 3, 5] else 1)
