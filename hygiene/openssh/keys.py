"""SSH public keys: a blob or its base64 in, one record out that is the same for every way to write that key."""

from __future__ import annotations

import binascii
import hashlib
from dataclasses import dataclass, field

from hygiene.openssh.curves import P256, P384, P521, Curve


class KeyFormatError(ValueError):
    """The bytes are not a public key that OpenSSH decodes; the message says why, in a few words."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, or the key that a certificate certifies."""

    type: str  # OpenSSH's name: `ssh-rsa`, `ssh-ed25519-cert-v01@openssh.com`, ...
    bits: int  # as `ssh-keygen -l` counts
    fingerprint: str  # `SHA256:...` of `blob`
    blob: bytes = field(repr=False)  # canonical encoding of the plain key
    is_certificate: bool = False
    n: int | None = field(default=None, repr=False)  # RSA only
    e: int | None = field(default=None, repr=False)

    @property
    def plain_type(self) -> str:
        """The type of the key itself: a certificate's without `-cert-v01`."""
        return NAMES[self.type.encode()].plain.decode()


@dataclass(frozen=True, slots=True)
class Form:
    """One of the kinds of key that OpenSSH knows, under all its names."""

    name: bytes
    plain: bytes  # the name in the canonical encoding of the key itself
    kind: str  # rsa, dsa, ecdsa, ed25519, mldsa
    curve: Curve | None = None
    sk: bool = False  # held by a FIDO authenticator
    cert: bool = False


def _plain(name: bytes, kind: str, curve: Curve | None = None, sk: bool = False) -> Form:
    return Form(name, name, kind, curve, sk)


def _certified(form: Form) -> Form:
    base, _, _ = form.name.partition(b"@")
    return Form(base + b"-cert-v01@openssh.com", form.name, form.kind, form.curve, form.sk, cert=True)


_RSA = _plain(b"ssh-rsa", "rsa")
_DSA = _plain(b"ssh-dss", "dsa")
_ED25519 = _plain(b"ssh-ed25519", "ed25519")
_SK_ED25519 = _plain(b"sk-ssh-ed25519@openssh.com", "ed25519", sk=True)
_SK_ECDSA = _plain(b"sk-ecdsa-sha2-nistp256@openssh.com", "ecdsa", P256, sk=True)
_MLDSA = _plain(b"ssh-mldsa44-ed25519@openssh.com", "mldsa")
_ECDSA = tuple(_plain(b"ecdsa-sha2-" + curve.name, "ecdsa", curve) for curve in (P256, P384, P521))
_PLAIN = (_RSA, _DSA, _ED25519, _SK_ED25519, _SK_ECDSA, _MLDSA, *_ECDSA)
_CERTS = {form.name: _certified(form) for form in _PLAIN}

# keyimpls in sshkey.c: rsa-sha2-* and webauthn-* name signatures, and yet a key may stand under them
NAMES: dict[bytes, Form] = {
    **{form.name: form for form in (*_PLAIN, *_CERTS.values())},
    b"rsa-sha2-256": _RSA,
    b"rsa-sha2-512": _RSA,
    b"rsa-sha2-256-cert-v01@openssh.com": _CERTS[b"ssh-rsa"],
    b"rsa-sha2-512-cert-v01@openssh.com": _CERTS[b"ssh-rsa"],
    b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com": _SK_ECDSA,
    b"webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": _CERTS[_SK_ECDSA.name],
}
# sshkey_type_from_name: inside a blob the short names count too, in any case of letters
SHORT_NAMES: dict[bytes, Form] = {
    b"rsa": _RSA,
    b"dsa": _DSA,
    b"ed25519": _ED25519,
    b"ed25519-sk": _SK_ED25519,
    b"mldsa44-ed25519": _MLDSA,
}

_ED25519_START = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
_ED25519_SIZE = len(_ED25519_START) + 32
_MPINT_MAX = 2048  # bytes: SSHBUF_MAX_BIGNUM
_MLDSA_SIZE = 1312 + 32  # bytes: MLDSA44_ED25519_PK_SZ
_SPACE = b" \t\n\v\f\r"  # isspace() in the C locale
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def unbase64(token: bytes) -> bytes:
    """Decode base64 as b64_pton does: white space anywhere is skipped, padding is exact, unused bits are zero."""
    text = token.translate(None, _SPACE)
    body, padding = text, b""
    pad = text.find(b"=")
    if pad >= 0:
        body, padding = text[:pad], text[pad:]
    if body.translate(None, _BASE64):
        raise KeyFormatError("the base64 of the key holds other characters")
    rest = len(body) % 4
    if rest == 1 or padding != (b"", b"", b"==", b"=")[rest]:
        raise KeyFormatError("the base64 of the key has a wrong length or padding")
    data = binascii.a2b_base64(text)
    if rest and _BASE64.index(body[-1]) & (15 if rest == 2 else 3):
        raise KeyFormatError("the base64 of the key does not end at a byte")
    return data


def decode(blob: bytes) -> PublicKey:
    """Decode the blob of a public key or certificate as sshkey_from_blob does; KeyFormatError when it is none.

    A certificate's signature is not checked. An RSA key below 1024 bits is decoded here; sshd refuses it.
    """
    if len(blob) == _ED25519_SIZE and blob.startswith(_ED25519_START):  # most keys of a fleet
        return PublicKey("ssh-ed25519", 256, fingerprint(blob), blob)
    reader = _Reader(blob)
    name = reader.cstring()
    form = NAMES.get(name) or SHORT_NAMES.get(name.lower())
    if form is None:
        raise KeyFormatError("the key is of an unknown type")
    if form.cert:
        reader.string()  # the nonce
    n = e = None
    match form.kind:
        case "rsa":
            e_bytes, n_bytes = reader.mpint(), reader.mpint()
            n, e = int.from_bytes(n_bytes, "big"), int.from_bytes(e_bytes, "big")
            bits, body = n.bit_length(), _mpint(e_bytes) + _mpint(n_bytes)
        case "dsa":
            numbers = [reader.mpint() for _ in range(4)]
            bits = int.from_bytes(numbers[0], "big").bit_length()
            body = b"".join(map(_mpint, numbers))
        case "ecdsa":
            bits, body = _read_point(reader, form.curve)
        case "ed25519":
            bits, body = 256, reader.sized(32)
        case _:
            bits, body = 256, reader.sized(_MLDSA_SIZE)
    if form.sk:
        body += _string(reader.cstring())  # the application
    if form.cert:
        _skip_certificate(reader)
    if reader.left():
        raise KeyFormatError("there are bytes behind the key")
    canonical = _string(form.plain) + body
    return PublicKey(form.name.decode(), bits, fingerprint(canonical), canonical, form.cert, n, e)


def encode(name: bytes, *fields: bytes | int) -> bytes:
    """Build the blob of a public key: a type's name, then strings and numbers (RFC 4253 section 6.6)."""
    parts = [_string(name)]
    for field_ in fields:
        if isinstance(field_, int):
            parts.append(_mpint(field_.to_bytes((field_.bit_length() + 7) // 8, "big")))
        else:
            parts.append(_string(field_))
    return b"".join(parts)


def fingerprint(blob: bytes) -> str:
    """Give `SHA256:` and the unpadded base64 of the digest, as ssh-keygen prints it."""
    digest = binascii.b2a_base64(hashlib.sha256(blob).digest(), newline=False)
    return "SHA256:" + digest.rstrip(b"=").decode()


def _read_point(reader: _Reader, curve: Curve | None) -> tuple[int, bytes]:
    name, point = reader.cstring(), reader.string()
    if curve is None or name != curve.name:
        raise KeyFormatError("the key names another curve")
    if not curve.holds(point):
        raise KeyFormatError("the point is not on the curve")
    return curve.bits, _string(name) + _string(point)


def _skip_certificate(reader: _Reader) -> None:
    """Read over the fields between a certified key and its end (cert_parse in sshkey.c)."""
    reader.take(8)  # serial
    if reader.take(4) not in (b"\0\0\0\x01", b"\0\0\0\x02"):
        raise KeyFormatError("the certificate is neither a user's nor a host's")
    reader.cstring()  # key id
    reader.string()  # principals
    reader.take(16)  # valid after, valid before
    for _ in range(4):  # critical options, extensions, reserved, the authority's key
        reader.string()
    reader.string()  # signature


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _mpint(digits: bytes) -> bytes:
    return _string(b"\0" + digits if digits[:1] >= b"\x80" else digits)


class _Reader:
    """Walks over the fields of a blob (RFC 4251 section 5, with the limits of sshbuf-getput-basic.c)."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise KeyFormatError("the key is cut short")
        part = self._data[self._at : end]
        self._at = end
        return part

    def string(self) -> bytes:
        start = self._at + 4
        end = start + int.from_bytes(self._data[self._at : start], "big")
        if end > len(self._data):
            raise KeyFormatError("the key is cut short")
        self._at = end
        return self._data[start:end]

    def sized(self, size: int) -> bytes:
        """A string of exactly this size, with its length before it."""
        part = self.string()
        if len(part) != size:
            raise KeyFormatError("the key has a wrong size")
        return _string(part)

    def cstring(self) -> bytes:
        """A string without NUL; one NUL at its end is dropped, as sshbuf_get_cstring does."""
        part = self.string()
        if b"\0" in part[:-1]:
            raise KeyFormatError("there is a NUL byte in a name")
        return part.removesuffix(b"\0")

    def mpint(self) -> bytes:
        """The bytes of a number, leading zeros dropped: sshd takes the same key with any number of them."""
        part = self.string()
        if part[:1] >= b"\x80":
            raise KeyFormatError("a number in the key is negative")
        if len(part) > _MPINT_MAX + 1 or (len(part) == _MPINT_MAX + 1 and part[0]):
            raise KeyFormatError("a number in the key is longer than 16384 bits")
        return part.lstrip(b"\0")
