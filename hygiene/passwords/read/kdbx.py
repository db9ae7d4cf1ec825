"""KeePass databases (KDBX 3 and 4), opened by pykeepass, which is an extra of its own and imported only here.

A database says itself how much memory and time its key takes: that is read first, and what is beyond all
measure is refused.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Final, Self

from hygiene.errors import ListError
from hygiene.passwords.read.keepass_xml import read_items
from hygiene.passwords.read.reader import HashLine, ListReader, RawEntry
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.read.source import Source
from hygiene.passwords.read.vault import entries

# https://keepass.info/help/kb/kdbx.html
_KEEPASS: Final = b"\x03\xd9\xa2\x9a"
_KDBX: Final = b"\x67\xfb\x4b\xb5"
_FILE_BYTES: Final = 256 << 20
_AES: Final = frozenset(
    map(bytes.fromhex, ("c9d9f39a628a4460bf740d08c18a4fea", "7c02bb8279a74ac0927d114a00648238"))  # KDBX 4, 3.1
)
_ARGON2: Final = {
    bytes.fromhex("ef636ddf8c29444b91f7a9a403e30a0c"): "Argon2d",
    bytes.fromhex("9e298b1956db4773b23dfc3ec6f0a1e6"): "Argon2id",
}
_END, _TRANSFORM_ROUNDS, _KDF_PARAMETERS = 0, 6, 11
# far above what KeePass and KeePassXC propose (64 MiB, some passes; some 10^7 rounds)
_KDF_MEMORY_BYTES: Final = 1 << 30
_KDF_PASSES_BYTES: Final = 1 << 36
_KDF_THREADS: Final = 256
_KDF_ROUNDS: Final = 100_000_000


class KdbxReader(ListReader):
    encrypted = encryptable = True

    def __init__(self, source: Source, pykeepass: ModuleType, reading: Reading, kdf: str) -> None:
        super().__init__(source)
        # two numbers of two bytes, the lesser first
        self.format = f"KDBX {int.from_bytes(source.head[10:12], 'little')}"
        self._pykeepass = pykeepass
        self._reading = reading
        self._kdf = kdf

    @classmethod
    def recognise(cls, source: Source, reading: Reading) -> Self | None:
        """A reader for a database with a sound header; ListError when the extra is not installed."""
        if not source.head.startswith(_KEEPASS):
            return None
        if source.head[4:8] != _KDBX:
            raise ListError(
                f"{source.path}: a KeePass 1 database (KDB), which is not read; open it in KeePass 2 or KeePassXC and"
                " save it as KDBX, or export it as CSV"
            )
        kdf: str | None = None
        with contextlib.suppress(struct.error, KeyError):
            kdf = _describe_kdf(source.head)
        if kdf is None:
            raise ListError(f"{source.path}: the KeePass database is damaged or cut; copy it again")
        if not kdf:
            raise ListError(
                f"{source.path}: the key of the KeePass database takes more than 1 GiB of memory, or far more time than"
                " KeePass proposes; save it with a lesser key transformation, or export it as XML"
            )
        try:
            pykeepass = importlib.import_module("pykeepass")
        except ImportError:
            pykeepass = None
        if pykeepass is None:
            raise ListError(
                f"{source.path}: a KeePass database; reading it takes an extra: pip install 'ssh-hygiene[keepass]', or"
                " export it as XML"
            )
        return cls(source, pykeepass, reading, kdf)

    def __iter__(self) -> Iterator[RawEntry | HashLine]:
        self.tally.remarks.append(f"read as a KeePass database ({self._kdf}); rows are numbers of entries")
        path = str(self.source.path)
        for number, item in enumerate(read_items(io.BytesIO(self._opened()), path, unprotected=True), 1):
            yield from entries(number, item, self.tally)

    def _opened(self) -> bytes:
        path, key_file = self.source.path, self._reading.key_file
        passphrase = self._reading.passphrase(path) if self._reading.passphrase is not None else None
        if passphrase is None and key_file is None:
            raise ListError(
                f"{path}: the KeePass database needs its passphrase; give it with --passphrase-file FILE, its key file"
                " with --key-file FILE, or both"
            )
        if key_file is not None:
            problem = _key_file_problem(key_file)
            if problem:
                raise ListError(f"{key_file}: {problem}")
        self.source.file.seek(0)
        data = self.source.file.read(_FILE_BYTES + 1)
        if len(data) > _FILE_BYTES:
            raise ListError(f"{path}: a KeePass database of more than {_FILE_BYTES >> 20} MiB; export it as CSV")
        found: bytes | None = None
        problem = "the KeePass database is damaged or cut; copy it again"
        errors = importlib.import_module("pykeepass.exceptions")
        broken = (
            *(errors.HeaderChecksumError, errors.PayloadChecksumError),
            importlib.import_module("construct").ConstructError,
            importlib.import_module("lxml.etree").LxmlError,
            importlib.import_module("argon2.exceptions").Argon2Error,
            *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError, OSError),
            *(struct.error, TypeError, ValueError, zlib.error),
        )
        try:
            database = self._pykeepass.PyKeePass(
                io.BytesIO(data), password=passphrase, keyfile=None if key_file is None else str(key_file)
            )
            found = database.xml()
        except errors.CredentialsError:
            problem = (
                "the passphrase or key file does not open this KeePass database; check them, and that both are given"
            )
        except broken:
            pass
        if found is None:
            raise ListError(f"{path}: {problem}")
        return found


def _key_file_problem(path: object) -> str:
    try:
        with open(str(path), "rb") as file:  # noqa: PTH123  # any path that was given
            file.read(1)
    except OSError as error:
        return f"the key file cannot be read ({error.strerror or type(error).__name__}); check the path"
    return ""


def _describe_kdf(head: bytes) -> str:
    """How hard the key is to guess, for a person; empty where that is beyond all measure."""
    fields = _fields(head)
    parameters = _dictionary(fields[_KDF_PARAMETERS]) if _KDF_PARAMETERS in fields else {}
    if not parameters:
        rounds = struct.unpack("<Q", fields[_TRANSFORM_ROUNDS])[0]
        return f"AES-KDF, {rounds:,} rounds" if rounds <= _KDF_ROUNDS else ""
    kind = parameters["$UUID"]
    if kind in _AES:
        rounds = struct.unpack("<Q", parameters["R"])[0]
        return f"AES-KDF, {rounds:,} rounds" if rounds <= _KDF_ROUNDS else ""
    memory, passes = struct.unpack("<QQ", parameters["M"] + parameters["I"])
    threads = struct.unpack("<I", parameters["P"])[0]
    if memory > _KDF_MEMORY_BYTES or memory * passes > _KDF_PASSES_BYTES or threads > _KDF_THREADS:
        return ""
    return f"{_ARGON2[kind]}, {memory >> 10:,} KiB, {passes:,} passes"


def _fields(head: bytes) -> Mapping[int, bytes]:
    major = struct.unpack_from("<H", head, 10)[0]
    if major not in (3, 4):
        raise KeyError(major)
    size_format = "<BI" if major == 4 else "<BH"
    at, fields = 12, dict[int, bytes]()
    while True:
        kind, size = struct.unpack_from(size_format, head, at)
        at += struct.calcsize(size_format)
        if kind == _END:
            return fields
        fields[kind] = head[at : at + size]
        at += size


def _dictionary(data: bytes) -> Mapping[str, bytes]:
    """A VariantDictionary: type, name, value, each with its length."""
    at, found = 2, {}
    while data[at : at + 1] not in (b"\0", b""):
        size = struct.unpack_from("<i", data, at + 1)[0]
        name = data[at + 5 : at + 5 + max(size, 0)].decode("ascii", "replace")
        at += 5 + max(size, 0)
        size = struct.unpack_from("<i", data, at)[0]
        found[name] = data[at + 4 : at + 4 + max(size, 0)]
        at += 4 + max(size, 0)
    return found
