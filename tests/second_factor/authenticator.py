"""FIDO authenticators in software: they sign whatever flags they are told to, as no real one would.

OpenSSH's server only sees the signature, so a touch is a flag here, and so is a PIN.
"""

from __future__ import annotations

import base64
import hashlib

import asyncssh
from asyncssh.packet import Byte, MPInt, String, UInt32
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PRESENT, VERIFIED = 1, 4  # flags of a FIDO signature: WebAuthn, section 6.1
_APPLICATION = b"ssh:"
_KINDS = {"ed25519": b"sk-ssh-ed25519@openssh.com", "ecdsa": b"sk-ecdsa-sha2-nistp256@openssh.com"}


class Token:
    """One authenticator with one key on it, `ed25519` or `ecdsa`."""

    def __init__(self, kind: str) -> None:
        self.algorithm = _KINDS[kind]
        self._key = (
            ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else ec.generate_private_key(ec.SECP256R1())
        )
        public = self._key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            point = String(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
        else:
            point = String(b"nistp256") + String(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        self.blob = String(self.algorithm) + point + String(_APPLICATION)

    @property
    def line(self) -> str:
        """The public key as in a key file."""
        return f"{self.algorithm.decode()} {base64.b64encode(self.blob).decode()}"

    def offer(self, flags: int) -> asyncssh.SSHKeyPair:
        """What a client offers, with signatures that carry these flags."""
        return _Offer(self, flags)

    def sign(self, data: bytes, flags: int) -> bytes:
        """A signature as PROTOCOL.u2f says."""
        told = Byte(flags) + UInt32(1)
        signed = hashlib.sha256(_APPLICATION).digest() + told + hashlib.sha256(data).digest()
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            made = self._key.sign(signed)
        else:
            r, s = decode_dss_signature(self._key.sign(signed, ec.ECDSA(SHA256())))
            made = MPInt(r) + MPInt(s)
        return String(self.algorithm) + String(made) + told


class _Offer(asyncssh.SSHKeyPair):
    def __init__(self, token: Token, flags: int) -> None:
        algorithm = token.algorithm
        super().__init__(algorithm, algorithm, [algorithm], [algorithm], token.blob, None)
        self._token = token
        self._flags = flags

    def sign(self, data: bytes) -> bytes:
        return self._token.sign(data, self._flags)
