"""Made-up lists of breached passwords, in each form that the real one has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hygiene.passwords.breach.kind import Kind


def digests(kind: Kind, words: Iterable[str]) -> list[bytes]:
    return [kind.digest(word) for word in words]


def lines(counts: Mapping[bytes, int], *, end: str = "\n", small: bool = False) -> bytes:
    """`HASH:COUNT` in ascending order."""
    rows = (f"{key.hex() if small else key.hex().upper()}:{number}{end}" for key, number in sorted(counts.items()))
    return "".join(rows).encode()


def folder(path: Path, counts: Mapping[bytes, int], *, end: str = "\r\n") -> Path:
    """All 2^20 files would take minutes to write: those of which nothing is looked up are links to a few."""
    path.mkdir()
    by_prefix: dict[str, list[str]] = {}
    for key, number in sorted(counts.items()):
        text = key.hex().upper()
        by_prefix.setdefault(text[:5], []).append(f"{text[5:]}:{number}")
    for prefix, rows in by_prefix.items():
        (path / f"{prefix}.txt").write_bytes(end.join(rows).encode())
    return path
