"""Keys that are made for the tests, and the pieces of their lines."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime

import asyncssh

ED = asyncssh.generate_private_key("ssh-ed25519")
RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
ECDSA = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
AUTHORITY = asyncssh.generate_private_key("ssh-ed25519")
CERTIFICATE = AUTHORITY.generate_user_certificate(ED, "a test's certificate", principals=["nobody"])


def line(key: asyncssh.SSHKey) -> bytes:
    """`type blob` of a key or certificate."""
    return b" ".join(key.export_public_key().split()[:2])


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def fields(blob: bytes) -> list[bytes]:
    """The strings that a blob is made of."""
    found = []
    while blob:
        size = struct.unpack(">I", blob[:4])[0]
        found.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return found


def blob(key: asyncssh.SSHKey) -> bytes:
    return base64.b64decode(line(key).split()[1])


def b64(*strings: bytes) -> bytes:
    """The base64 of a blob with these strings."""
    return base64.b64encode(b"".join(map(string, strings)))


ED_LINE, RSA_LINE, ECDSA_LINE = line(ED), line(RSA), line(ECDSA)
ED_BLOB, RSA_BLOB = ED_LINE.split()[1], RSA_LINE.split()[1]
CERTIFICATE_LINE = b" ".join(CERTIFICATE.export_certificate().split()[:2])
_NAME, _E, _N = fields(blob(RSA))
RSA_PADDED = b64(_NAME, b"\0" + _E, b"\0\0\0" + _N)  # the same key, other bytes
RSA_NAMED_SHORT = b64(b"RsA", _E, _N)
RSA_NAMED_SHA2 = b64(b"rsa-sha2-512", _E, _N)
ED_WITH_NUL = b64(b"ssh-ed25519\0", fields(blob(ED))[1])
ED_AND_MORE = base64.b64encode(blob(ED) + b"\0\0\0")
COMPRESSED = b64(b"ecdsa-sha2-nistp256", b"nistp256", b"\x02" + fields(blob(ECDSA))[2][1:33])
OFF_CURVE = b64(b"ecdsa-sha2-nistp256", b"nistp256", fields(blob(ECDSA))[2][:-1] + b"\0")
OTHER_CURVE = b64(b"ecdsa-sha2-nistp256", b"nistp384", fields(blob(ECDSA))[2])


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
