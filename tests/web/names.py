# SPDX-License-Identifier: Apache-2.0
"""names.py ADDRESS PORT-FILE NAME=A,B;C ...: a name server for tests.

Answers questions for NAME's addresses: A and B at the first one, C at the
second and from then on; with a time to live of 0.  Any other name is not
there; NAME=servfail is one that this server cannot say anything of.
Questions for IPv4 and for IPv6 are counted one by one.
"""
import ipaddress
import socket
import struct
import sys


def parse(args):
    names = {}
    for arg in args:
        name, _, turns = arg.partition('=')
        names[name] = [[ipaddress.ip_address(a) for a in turn.split(',')
                        if a != 'servfail'] for turn in turns.split(';')]
    return names


def question(packet):
    """The name and type asked for, and where the question ends."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode('ascii'))
        at += 1 + packet[at]
    kind, = struct.unpack('!H', packet[at + 1:at + 3])
    return '.'.join(labels).lower(), kind, at + 5


def answer(packet, names, turn):
    name, kind, end = question(packet)
    found = []
    if name in names and kind in (1, 28):
        turns = names[name]
        now = turn.get((name, kind), 0)
        turn[name, kind] = now + 1
        found = [a for a in turns[min(now, len(turns) - 1)]
                 if a.version == (4 if kind == 1 else 6)]
    flags = 0x8580 if name in names else 0x8583
    if names.get(name) == [[]]:
        flags = 0x8582
    head = packet[:2] + struct.pack('!HHHHH', flags, 1, len(found), 0, 0)
    records = b''.join(
        b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 0, len(a.packed)) +
        a.packed for a in found)
    return head + packet[12:end] + records


def main():
    names, turn = parse(sys.argv[3:]), {}
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((sys.argv[1], 53))
    with open(sys.argv[2], 'w') as f:
        f.write('53\n')
    while True:
        packet, peer = sock.recvfrom(512)
        try:
            sock.sendto(answer(packet, names, turn), peer)
        except (IndexError, UnicodeDecodeError, struct.error):
            pass


main()
