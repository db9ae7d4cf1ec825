"""SSH public keys: a blob or its base64 in, one record out that is the same for every way to write that key."""

from __future__ import annotations

import binascii
import hashlib
from dataclasses import dataclass, field

from hygiene.openssh.curves import P256, P384, P521, Curve
from hygiene.openssh.wire import KeyFormatError as KeyFormatError
from hygiene.openssh.wire import Reader, mpint, string


# not frozen, though nothing changes it, as Reading below: that would triple the time to make one
@dataclass(slots=True, unsafe_hash=True)
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
# sshkey_type_from_name: up to 9.8 the short names count too, in any case of letters. ECDSA and ECDSA-SK are known as
# well, but name no curve (sshkey_ecdsa_nid_from_name): refused everywhere
SHORT_NAMES: dict[bytes, Form] = {
    b"rsa": _RSA,
    b"dsa": _DSA,
    b"ed25519": _ED25519,
    b"ed25519-sk": _SK_ED25519,
}

_ED25519_START = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
_ED25519_SIZE = len(_ED25519_START) + 32
_RSA_START = b"\0\0\0\x07ssh-rsa\0\0\0\x03\1\0\1\0\0"  # the exponent 65537, and a modulus below 65,536 bytes
_RSA_AT = len(_RSA_START) - 2  # where the modulus has its length
_MLDSA_SIZE = 1312 + 32  # bytes: MLDSA44_ED25519_PK_SZ
_SPACE = b" \t\n\v\f\r"  # isspace() in the C locale
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(slots=True)
class Reading:
    """A key, and how it was written: what some versions refuse, and what hides it from other tools."""

    key: PublicKey
    form: Form
    canonical: bool = True  # the bytes are those that OpenSSH itself would write
    short_name: bool = False  # a short name stands inside for the type
    edge_point: bool = False  # a point with coordinates outside the range that was asked for up to 10.2
    usual: bool = False  # a plain key that every version takes that knows its type

    def __post_init__(self) -> None:
        key = self.key
        odd = self.short_name or self.edge_point or self.form.cert
        self.usual = self.canonical and not odd and (key.n is None or key.bits >= 1024)


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
    """Decode the blob of a public key or certificate as any version of sshkey_from_blob does.

    KeyFormatError when it is none. A certificate's signature is not checked. An RSA key below 1024 bits is decoded
    here; sshd refuses it.
    """
    return inspect(blob).key


def inspect(blob: bytes) -> Reading:
    """Decode as `decode` does, and say how the key was written."""
    if len(blob) == _ED25519_SIZE and blob.startswith(_ED25519_START):  # most keys of a fleet
        return Reading(PublicKey("ssh-ed25519", 256, fingerprint(blob), blob), _ED25519)
    if blob.startswith(_RSA_START):  # and most of the others
        size = len(blob) - _RSA_AT - 4
        if int.from_bytes(blob[_RSA_AT : _RSA_AT + 4], "big") == size and 2 <= size <= 2048:
            first, second = blob[_RSA_AT + 4], blob[_RSA_AT + 5]
            if 0 < first < 0x80 or (not first and second >= 0x80):
                n = int.from_bytes(blob[_RSA_AT + 4 :], "big")
                key = PublicKey("ssh-rsa", n.bit_length(), fingerprint(blob), blob, False, n, 65537)
                return Reading(key, _RSA)
    return _inspect(blob)


def _inspect(blob: bytes) -> Reading:
    reader = Reader(blob)
    name = reader.cstring()
    form = NAMES.get(name) or SHORT_NAMES.get(name.lower())
    if form is None:
        raise KeyFormatError("the key is of an unknown type")
    if form.cert:
        reader.string()  # the nonce
    bits, body, numbers, edge = _read_fields(reader, form)
    if form.cert:
        _skip_certificate(reader)
    if reader.left():
        raise KeyFormatError("there are bytes behind the key")
    plain = string(form.plain) + body
    n, e = numbers if numbers is not None else (None, None)
    key = PublicKey(form.name.decode(), bits, fingerprint(plain), plain, form.cert, n, e)
    return Reading(key, form, form.cert or plain == blob, name not in NAMES, edge)


def skip_fields(reader: Reader, form: Form) -> None:
    """Read over what makes the key itself, behind its type (and a certificate's nonce)."""
    _read_fields(reader, form)


def _read_fields(reader: Reader, form: Form) -> tuple[int, bytes, tuple[int, int] | None, bool]:
    """The key's bits, its canonical fields, an RSA key's n and e, and whether its point is at the curve's edge."""
    numbers, edge = None, False
    match form.kind:
        case "rsa":
            e, n = reader.mpint(), reader.mpint()
            numbers = int.from_bytes(n, "big"), int.from_bytes(e, "big")
            bits, body = numbers[0].bit_length(), mpint(e) + mpint(n)
        case "dsa":
            parts = [reader.mpint() for _ in range(4)]
            bits = int.from_bytes(parts[0], "big").bit_length()
            body = b"".join(map(mpint, parts))
        case "ecdsa":
            bits, body, edge = _read_point(reader, form.curve)
        case "ed25519":
            bits, body = 256, reader.sized(32)
        case _:
            bits, body = 256, reader.sized(_MLDSA_SIZE)
    if form.sk:
        body += string(reader.cstring())  # the application
    return bits, body, numbers, edge


def encode(name: bytes, *fields: bytes | int) -> bytes:
    """Build the blob of a public key: a type's name, then strings and numbers (RFC 4253 section 6.6)."""
    parts = [string(name)]
    for field_ in fields:
        if isinstance(field_, int):
            parts.append(mpint(field_.to_bytes((field_.bit_length() + 7) // 8, "big")))
        else:
            parts.append(string(field_))
    return b"".join(parts)


def fingerprint(blob: bytes) -> str:
    """Give `SHA256:` and the unpadded base64 of the digest, as ssh-keygen prints it."""
    return "SHA256:" + binascii.b2a_base64(hashlib.sha256(blob).digest(), newline=False)[:-1].decode()


def sha1(blob: bytes) -> bytes:
    """The digest by which lists of revoked keys may name a key."""
    return hashlib.sha1(blob, usedforsecurity=False).digest()


def sha256(blob: bytes) -> bytes:
    return hashlib.sha256(blob).digest()


def _read_point(reader: Reader, curve: Curve | None) -> tuple[int, bytes, bool]:
    name, point = reader.cstring(), reader.string()
    if curve is None or name != curve.name:
        raise KeyFormatError("the key names another curve")
    if not curve.holds(point):
        raise KeyFormatError("the point is not on the curve")
    return curve.bits, string(name) + string(point), not curve.is_usual(point)


def _skip_certificate(reader: Reader) -> None:
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
