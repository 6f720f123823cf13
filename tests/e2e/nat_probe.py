#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a NAT does, seen from both of its sides. Prints one line of words.

Usage: nat_probe.py LAB INNER... : the lab has nodes out1 and out2 outside. One socket on port 5000
of each INNER speaks to both; then others speak to the addresses that these saw."""
import ctypes
import os
import socket
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
NO_ANSWER = 0.4  # seconds
ANSWER = 5.0


def udp(lab, node, port):
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{lab}.{node}", os.O_RDONLY)
    if LIBC.setns(there, 0):
        raise OSError(ctypes.get_errno(), f"enter {node}")
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("", port))
    LIBC.setns(home, 0)
    os.close(there)
    os.close(home)
    return made


def send(source, target, text, wait=ANSWER, at=None):
    """The address that `at` saw it come from; None when nothing came."""
    source.sendto(text.encode(), target)
    at.settimeout(wait)
    try:
        while True:
            data, sender = at.recvfrom(100)
            if data == text.encode():
                return sender
    except TimeoutError:
        return None


def look(lab, inner, outside, strangers):
    mine = udp(lab, inner, 5000)
    seen = [send(mine, address, f"{inner} {i}", at=there) for i, (there, address) in enumerate(outside)]
    words = ["same-mapping" if seen[0] == seen[1] else "other-mapping"]
    # out1 knows the inner host: by another port, and, of a host that it never spoke to, by any.
    for name, stranger in strangers.items():
        got = send(stranger, seen[0], f"{name} {inner}", NO_ANSWER, at=mine)
        words.append(("" if got else "no-") + name)
    return words, seen[0], mine


def main():
    lab, inners = sys.argv[1], sys.argv[2:]
    outside = [(udp(lab, "out1", 7000), ("192.0.2.11", 7000)),
               (udp(lab, "out2", 7000), ("192.0.2.12", 7000))]
    strangers = {"other-port": udp(lab, "out1", 7001), "other-address": udp(lab, "out3", 7000)}
    results = [look(lab, inner, outside, strangers) for inner in inners]
    print(*results[0][0])
    if len(results) > 1:
        print("apart" if results[0][1] != results[1][1] else "together", *results[1][0])
        print("ports", *(result[1][1] for result in results))


main()
