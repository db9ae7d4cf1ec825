"""What the metadata of a private key file tells: whose key it is, by the public part that it carries."""

from __future__ import annotations

import binascii
import enum
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from hygiene.model import Truth
from hygiene.openssh import keys
from hygiene.openssh.keys import KeyFormatError, PublicKey


class PublicPart(enum.StrEnum):
    """How the public part of a private key was written down."""

    HEX = "hex"  # the blob of a public key, in hexadecimal
    BASE64 = "base64"  # the same in base64
    SPKI = "spki"  # SubjectPublicKeyInfo in DER, in hexadecimal


@dataclass(frozen=True, slots=True)
class PrivateKeyFile:
    """What is known of the key in a private key file; nothing secret is in it."""

    kind: str  # `openssh`, `pem-rsa`, `pkcs8`, `putty`, ...
    encrypted: Truth
    how: str | None  # the cipher, where the file names it
    key: PublicKey | None  # None: the file does not carry its public part, or it is damaged
    problem: str | None = None  # why there is no key


_LONGEST = 65536  # hexadecimal digits: a public key of 16384 bits has 4200
_CURVES = {"secp256r1": b"nistp256", "secp384r1": b"nistp384", "secp521r1": b"nistp521"}


def read(kind: str, encrypted: Truth, how: str | None, part: PublicPart | None, text: str) -> PrivateKeyFile:
    """Put together what the collector said of one file; `part` None: it found no public part."""
    if part is None or not text:
        return PrivateKeyFile(kind, encrypted, how, None, "the file does not show its public part")
    try:
        return PrivateKeyFile(kind, encrypted, how, _decode(part, text))
    except KeyFormatError as error:
        return PrivateKeyFile(kind, encrypted, how, None, str(error))


def _decode(part: PublicPart, text: str) -> PublicKey:
    if len(text) > _LONGEST:
        raise KeyFormatError("the public part is too long")
    match part:
        case PublicPart.BASE64:
            return keys.decode(keys.unbase64(text.encode("ascii", "replace")))
        case PublicPart.HEX:
            return keys.decode(_unhex(text))
        case PublicPart.SPKI:
            return from_spki(_unhex(text))


def _unhex(text: str) -> bytes:
    try:
        return binascii.unhexlify("".join(text.split()))
    except ValueError:
        raise KeyFormatError("the public part is not hexadecimal") from None


def from_spki(der: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo of a type that OpenSSH has; KeyFormatError otherwise."""
    try:
        key = load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFormatError("the public part is not a SubjectPublicKeyInfo that is understood") from None
    match key:
        case rsa.RSAPublicKey():
            public = key.public_numbers()
            blob = keys.encode(b"ssh-rsa", public.e, public.n)
        case dsa.DSAPublicKey():
            y, group = key.public_numbers().y, key.parameters().parameter_numbers()
            blob = keys.encode(b"ssh-dss", group.p, group.q, group.g, y)
        case ec.EllipticCurvePublicKey() if key.curve.name in _CURVES:
            name = _CURVES[key.curve.name]
            point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            blob = keys.encode(b"ecdsa-sha2-" + name, name, point)
        case ed25519.Ed25519PublicKey():
            blob = keys.encode(b"ssh-ed25519", key.public_bytes_raw())
        case _:
            raise KeyFormatError("the public part is of a type that OpenSSH does not have")
    return keys.decode(blob)
