"""Keys and certificates of the cases, made anew for each run."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence

import asyncssh
from asyncssh.packet import Byte, String, UInt32
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SK_TYPE = b"sk-ssh-ed25519@openssh.com"
PRESENT, VERIFIED = 1, 4  # flags of a FIDO signature: WebAuthn, section 6.1


def fresh() -> asyncssh.SSHKey:
    """A new Ed25519 key."""
    return asyncssh.generate_private_key("ssh-ed25519")


@functools.cache
def shared(kind: str) -> asyncssh.SSHKey:
    """The one key of a kind that is slow to make: `rsa-2048`, `ecdsa-256`, `dsa`."""
    kind, _, size = kind.partition("-")
    match kind:
        case "rsa":
            return asyncssh.generate_private_key("ssh-rsa", key_size=int(size))
        case "ecdsa":
            return asyncssh.generate_private_key(f"ecdsa-sha2-nistp{size}")
        case "dsa":
            return asyncssh.generate_private_key("ssh-dss")
    return fresh()


def line_of(key: asyncssh.SSHKey | asyncssh.SSHKeyPair) -> bytes:
    """The public key as in a key file, `type blob`."""
    if isinstance(key, SecurityKey):
        return key.line
    return b" ".join(key.export_public_key().split()[:2])


def fingerprint(key: asyncssh.SSHKey) -> str:
    return key.get_fingerprint()


def pair(key: asyncssh.SSHKey, certificate: asyncssh.SSHCertificate | None = None) -> asyncssh.SSHKeyPair:
    """What a client offers: the key, or the certificate alone."""
    return asyncssh.load_keypairs([key if certificate is None else (key, certificate)])[0]


def certificate(
    authority: asyncssh.SSHKey,
    key: asyncssh.SSHKey,
    principals: Sequence[str],
    **options: object,
) -> asyncssh.SSHCertificate:
    return authority.generate_user_certificate(key, "of the tests", principals=principals, **options)


class SecurityKey(asyncssh.SSHKeyPair):
    """A FIDO key in software: it signs with the flags that it was told."""

    def __init__(self, flags: int) -> None:
        self._private = ed25519.Ed25519PrivateKey.generate()
        self._flags = flags
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        blob = String(_SK_TYPE) + String(public) + String(b"ssh:")
        super().__init__(_SK_TYPE, _SK_TYPE, [_SK_TYPE], [_SK_TYPE], blob, None)
        self.line = _SK_TYPE + b" " + base64.b64encode(blob)
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    def sign(self, data: bytes) -> bytes:
        # PROTOCOL.u2f, SSH U2F signatures
        told = Byte(self._flags) + UInt32(1)
        signed = hashlib.sha256(b"ssh:").digest() + told + hashlib.sha256(data).digest()
        return String(_SK_TYPE) + String(self._private.sign(signed)) + told
