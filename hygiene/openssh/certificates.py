"""OpenSSH certificates: what an authority says of a key, for whom, how long, and under which conditions."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hygiene.openssh import keys, signatures
from hygiene.openssh.keys import NAMES, PublicKey
from hygiene.openssh.wire import KeyFormatError, Reader

_PRINCIPALS_MAX = 256  # SSHKEY_CERT_MAX_PRINCIPALS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(enum.StrEnum):
    USER = "user"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certified key, and all that its certificate says (PROTOCOL.certkeys)."""

    key: PublicKey  # what is certified; its `blob` is the plain key's
    serial: int
    kind: Kind
    key_id: str
    principals: tuple[str, ...]
    valid_after: datetime | None  # None: from the beginning
    valid_before: datetime | None  # None: forever
    critical_options: tuple[tuple[str, bytes], ...]
    extensions: tuple[tuple[str, bytes], ...]
    authority: PublicKey
    signature_algorithm: str
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)  # what the signature is of

    def is_signed(self) -> bool | None:
        """Whether the authority has signed this; None for kinds of keys whose signatures are not checked here."""
        return signatures.verify(self.authority, self.signature, self.signed)

    def option(self, name: str) -> str | None:
        """The text of a critical option, such as `force-command`; None without it, or when it holds no text."""
        for found, data in self.critical_options:
            if found == name:
                try:
                    return _text(Reader(data).cstring())
                except KeyFormatError:
                    return None
        return None


def decode(blob: bytes) -> Certificate:
    """Decode a certificate as cert_parse in sshkey.c does; KeyFormatError when it is none.

    The signature is not checked: ask `is_signed`.
    """
    reader = Reader(blob, "the certificate")
    form = NAMES.get(reader.cstring())
    if form is None or not form.cert:
        raise KeyFormatError("the key is no certificate")
    key = keys.decode(blob)
    reader.string()  # the nonce
    keys.skip_fields(reader, form)
    serial, number = reader.number(8), reader.number(4)
    key_id = _text(reader.cstring())
    principals = _principals(reader.string())
    after, before = reader.number(8), reader.number(8)
    critical_options, extensions = (_options(reader.string()) for _ in range(2))
    reader.string()  # reserved
    authority_blob = reader.string()
    signed = blob[: reader.at]
    signature = reader.string()
    if NAMES.get(Reader(authority_blob, "the authority's key").cstring(), form).cert:
        raise KeyFormatError("the authority's key is a certificate")
    return Certificate(
        key,
        serial,
        Kind.USER if number == 1 else Kind.HOST,
        key_id,
        principals,
        None if after == 0 else _time(after) or datetime.max.replace(tzinfo=UTC),
        _time(before),
        critical_options,
        extensions,
        keys.decode(authority_blob),
        signatures.algorithm(signature),
        signature,
        signed,
    )


def is_signed(token: bytes) -> bool | None:
    """Whether a certificate in base64 bears its authority's signature: without it sshd does not read it at all.

    None for kinds of keys whose signatures are not checked here.
    """
    try:
        return decode(keys.unbase64(token)).is_signed()
    except KeyFormatError:
        return False


def _principals(data: bytes) -> tuple[str, ...]:
    reader = Reader(data, "the list of principals")
    found: list[str] = []
    while reader.left():
        if len(found) == _PRINCIPALS_MAX:
            raise KeyFormatError(f"the certificate has more than {_PRINCIPALS_MAX} principals")
        found.append(_text(reader.cstring()))
    return tuple(found)


def _options(data: bytes) -> tuple[tuple[str, bytes], ...]:
    reader = Reader(data, "the list of options")
    found: list[tuple[str, bytes]] = []
    while reader.left():
        found.append((_text(reader.string()), reader.string()))
    return tuple(found)


def _time(seconds: int) -> datetime | None:
    """The time; None where it lies beyond all calendars."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
