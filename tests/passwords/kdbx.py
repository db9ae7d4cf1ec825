"""KeePass databases of version 3 for tests, written by hand."""

from __future__ import annotations

import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def _aes(key: bytes, mode: modes.Mode, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def kdbx3(xml: str, rounds: int = 600, *, secret: str) -> bytes:
    """KDBX 3.1 with a passphrase, as https://keepass.info/help/kb/kdbx.html tells it; no value is protected twice."""
    master, transform, vector, start = (os.urandom(n) for n in (32, 32, 16, 32))
    header = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + struct.pack("<HH", 1, 3)
    for kind, data in (
        (2, bytes.fromhex("31c1f2e6bf714350be5805216afc5aff")),  # AES-256
        (3, struct.pack("<I", 0)),  # not compressed
        (4, master),
        (5, transform),
        (6, struct.pack("<Q", rounds)),
        (7, vector),
        (8, os.urandom(32)),
        (9, start),
        (10, struct.pack("<I", 2)),
        (0, b"\r\n\r\n"),
    ):
        header += struct.pack("<BH", kind, len(data)) + data
    key = hashlib.sha256(hashlib.sha256(secret.encode()).digest()).digest()
    for _ in range(rounds):
        key = _aes(transform, modes.ECB(), key)
    key = hashlib.sha256(master + hashlib.sha256(key).digest()).digest()
    data = xml.encode()
    body = start + struct.pack("<I", 0) + hashlib.sha256(data).digest() + struct.pack("<I", len(data)) + data
    body += struct.pack("<I", 1) + bytes(36)
    return header + _aes(key, modes.CBC(vector), body + bytes([16 - len(body) % 16]) * (16 - len(body) % 16))
