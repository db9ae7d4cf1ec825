"""The search for what must be nowhere: passwords, private keys and hashes, in every form in which they could stand."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from hygiene.evidence.segments import EvidenceFolder
from hygiene.evidence.stream import decode

from .plant import Key

_PART_BYTES = 24  # of a number: enough that no chance and no public part gives a hit


class Search:
    """Looks for planted secrets; gives their names and never themselves."""

    def __init__(self, needles: Mapping[str, Iterable[bytes]]) -> None:
        self._needles = {needle: name for name, given in needles.items() for needle in given}

    def __call__(self, *texts: bytes) -> set[str]:
        """The names of the secrets that stand in these texts."""
        data = b"\n".join(texts)
        return {name for needle, name in self._needles.items() if needle in data}


def of_text(text: str) -> Iterator[bytes]:
    """A password or hash as it is, as JSON, HTML and sshd write it, and in base64 wherever it begins."""
    plain = text.encode()
    yield plain
    yield json.dumps(text)[1:-1].encode()
    yield html.escape(text).encode()
    yield plain.hex().encode()
    yield from _base64(plain)


def of_pair(key: Key) -> Iterator[bytes]:
    """The private numbers of a key: raw, in hexadecimal, in base64 wherever they begin."""
    for part in _private_parts(key):
        piece = part[:_PART_BYTES]
        yield piece
        yield piece.hex().encode()
        yield from _base64(piece)


def of_file(data: bytes, key: Key) -> Iterator[bytes]:
    """The lines of a private key file, from where its public part has ended."""
    body = [line for line in data.splitlines() if line and b":" not in line and not line.startswith(b"-----")]
    text = b"".join(body)
    decoded = base64.b64decode(text)
    end = max((decoded.find(part) + len(part) for part in _public_parts(key) if part in decoded), default=0)
    at = 0
    for line in body:
        # the collector gives whole groups of base64, so up to the group in which the public part ends
        if at >= (end + 2) // 3 * 4 + 4 and len(line) > 16:
            yield line
        at += len(line)


def _base64(data: bytes) -> Iterator[bytes]:
    """As a part of some longer text: without the characters in which its neighbours have a share."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + data)
        yield coded[(0, 2, 3)[shift] : (shift + len(data)) * 8 // 6]


def _private_parts(key: Key) -> list[bytes]:
    private = key.pair.pyca_key
    match private:
        case ed25519.Ed25519PrivateKey():
            return [private.private_bytes_raw()]
        case rsa.RSAPrivateKey():
            numbers = private.private_numbers()
            return [_bytes(number) for number in (numbers.d, numbers.p, numbers.q)]
        case ec.EllipticCurvePrivateKey():
            return [_bytes(private.private_numbers().private_value)]
    raise TypeError(f"{key.name}: no key that is planted")


def _public_parts(key: Key) -> list[bytes]:
    private = key.pair.pyca_key
    parts = [base64.b64decode(key.public.split()[1])]
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.public_key().public_numbers()
        parts.append(_bytes(numbers.n) + b"\x02\x03" + _bytes(numbers.e))
    return parts


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


# ---------------------------------------------------------------- where to search


def evidence_of(folder: EvidenceFolder) -> bytes:
    """All that segments hold, unpacked: heads of records, streams, and what the frames of a stream decode to."""
    found = []
    for entry in folder.index().entries:
        record = folder.record(entry)
        evidence = folder.load(entry)
        frames = decode(evidence.stream, evidence.nonce).frames
        found += [json.dumps(record.head).encode(), evidence.stream]
        found += [part for frame in frames for part in (frame.path, frame.data)]
    return b"\n".join(found)


def files_of(folder: Path) -> bytes:
    """Names and contents of every file below a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        found.append(str(path).encode())
        if path.is_file():
            found.append(path.read_bytes())
    return b"\n".join(found)
