"""Program: a RADIUS server that takes one-time codes, in the auditor's network.

    python radius.py ADDRESS PORT

The shared secret and the seed of the codes, in hexadecimal, come as two lines on standard input. It writes `ready` when
it listens. RFC 2865, sections 3 and 5.2; standard library only.
"""

import hashlib
import hmac
import socket
import struct
import sys
import time

_REQUEST, _ACCEPT, _REJECT, _USER_PASSWORD = 1, 2, 3, 2
_STEP_S = 30


def codes(seed):
    """The codes of the last minutes: the client may have read its clock before."""
    for counter in range(int(time.time()) // _STEP_S - 3, int(time.time()) // _STEP_S + 2):
        digest = hmac.digest(seed, struct.pack(">Q", counter), "sha1")
        yield f"{(struct.unpack_from('>I', digest, digest[19] & 15)[0] & 0x7FFFFFFF) % 10**6:06}".encode()


def shown(packet, secret):
    """The password of a request, without what hides it."""
    place = 20
    while place + 2 <= len(packet):
        kind, size = packet[place : place + 2]
        if kind == _USER_PASSWORD:
            hidden, before, clear = packet[place + 2 : place + size], packet[4:20], b""
            for start in range(0, len(hidden), 16):
                block = hidden[start : start + 16]
                pad = hashlib.md5(secret + before).digest()
                clear += bytes(a ^ b for a, b in zip(block, pad, strict=False))
                before = block
            return clear.rstrip(b"\0")
        place += max(size, 2)
    return b""


def main():
    secret, seed = sys.stdin.readline().strip().encode(), bytes.fromhex(sys.stdin.readline().strip())
    serving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    serving.bind((sys.argv[1], int(sys.argv[2])))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        packet, client = serving.recvfrom(4096)
        if packet[:1] != bytes([_REQUEST]):
            continue
        answer = _ACCEPT if shown(packet, secret) in set(codes(seed)) else _REJECT
        head = bytes([answer, packet[1]]) + struct.pack(">H", 20)
        serving.sendto(head + hashlib.md5(head + packet[4:20] + secret).digest(), client)


if __name__ == "__main__":
    main()
