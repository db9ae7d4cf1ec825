"""The collector's own tables, read from a Transcript: metadata, states of paths, private keys."""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hygiene.evidence.frames import Transcript
from hygiene.model import Truth

_META = re.compile(
    rb"([-dlbcpsDPn])([-rwxsStT]{9})([^ ]?) ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,15}) ([^ ]{1,30}) (/.*)", re.DOTALL
)
_STAT = re.compile(rb"([-dbcpsDPn])([-rwxsStT]{9})[^ ]? ([0-9]{1,10}) ([0-9]{1,10}) (/.*)", re.DOTALL)
_STATE = re.compile(rb"([a-z]{1,20}) (.*)", re.DOTALL)
_KEY = re.compile(
    rb"([a-z0-9.-]{1,40}) (yes|no|unknown) (?:-|(head|rsa|blob|spki):([A-Za-z0-9+/=]{1,20000})) "
    rb"([^ ]{1,12}) ([0-9?]{1,10}) ([0-9?]{1,10}) ([0-9?]{1,15}) (/.*)",
    re.DOTALL,
)
_USE = re.compile(
    rb"([^\n]{1,200}) (SHA256:[A-Za-z0-9+/]{43}) ([0-9A-Za-z:.%_-]{1,100}) (-?[0-9]{1,11}) (-?[0-9]{1,11}) ([0-9]{1,9})"
)
_REACH = re.compile(rb"(-?[0-9]{1,11}) (-?[0-9]{1,11}) ([^\n]{1,200})")
_DIGEST = re.compile(rb"(?:[^\n]{0,40}= ?)?([0-9a-f]{32})[0-9a-f]{32}(?: [^\n]{0,40})?\n?")
_DIGEST_NUMBER = 6  # digits of one, and one more
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"([A-Z][a-z]{2})_([0-9]{1,2})_(?:([0-9]{4})|([0-9]{2}):([0-9]{2}))")


@dataclass(frozen=True, slots=True)
class Meta:
    """What lstat says of a path that is no symbolic link."""

    type: str  # `-` file, `d` folder, `p` `s` `b` `c` others
    mode: int  # permission bits with setuid, setgid and sticky
    uid: int
    gid: int
    size: int
    extended: bool = False  # an access control list or the like stands beside the mode
    modified: datetime | None = None  # to the minute in the last half year, else to the day


@dataclass(frozen=True, slots=True)
class Status:
    """What stat says of a file that was looked for by a name, links followed."""

    type: str  # as in Meta
    mode: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class PrivateKeyFile:
    """A private key that lies on a host: never the key itself."""

    path: bytes
    kind: str  # `openssh`, `pem-rsa`, `pem-ec`, `pem-dsa`, `pkcs8`, `putty`, `ssh.com`, `unknown`
    encrypted: Truth
    public: bytes | None = field(repr=False)  # the public key as an SSH blob, as the file has it; None: not readable
    mode: int | None
    uid: int | None
    gid: int | None


@dataclass(frozen=True, slots=True)
class Digests:
    """What stands for the password hashes of a host in comparisons, by the numbers in its passwd and shadow."""

    program: bool  # the host has one that makes them
    by_number: Mapping[int, str] = field(repr=False)  # 32 hex digits


@dataclass(frozen=True, slots=True)
class Use:
    """Logins with one key (or a certificate of one authority) as one account from one address, by the logs."""

    user: bytes
    fingerprint: str  # of the key; for a certificate there is another of these with its authority's
    address: str
    first: datetime
    last: datetime
    count: int


def metas(transcript: Transcript) -> Mapping[bytes, Meta]:
    """Owner, mode and time of every file and folder that was looked at, and of all folders above them, by real path.

    A path that leads over links is found by `transcript.links.get(path, path)`.
    """
    found: dict[bytes, Meta] = {}
    for line in _lines(transcript, "meta"):
        match = _META.fullmatch(line)
        if match is not None:
            kind, bits, mark, uid, gid, size, date, path = match.groups()
            found[path] = Meta(
                type=kind.decode(),
                mode=_mode(bits),
                uid=int(uid),
                gid=int(gid),
                size=int(size),
                extended=mark == b"+",
                modified=_modified(date.decode("ascii", "replace"), transcript.time),
            )
    return found


def states(transcript: Transcript, kind: str) -> Mapping[bytes, str]:
    """A word for each path: kind is one of

    - `shells`: of each login shell of passwd `ok`, `missing`, `notexecutable` (as sshd judges it) or `unknown`
    - `exists`: sudo, doas, sshd, dropbear, the nologin files (those that pam_nologin names too), and the programs of
      AuthorizedKeysCommand and AuthorizedPrincipalsCommand: `present`, `absent`, or why that is not known
    - `dirs`: folders that an include or a fixed pattern listed: `ok`, `absent`, `notdirectory`, `toolarge` (too many
      files), or why its list is not known: `unreadable`, `notvisited`, `badlink`, `unknown`
    """
    found: dict[bytes, str] = {}
    for line in _lines(transcript, kind):
        match = _STATE.fullmatch(line)
        if match is not None:
            found[match[2]] = match[1].decode()
    return found


def enrolments(transcript: Transcript) -> Mapping[bytes, Status | str]:
    """The files that PAM modules look for that ask for tokens, by the path under which a module would open them.

    Those of every account, the settings of these modules, and modules that a rule names by a path. A word where there
    is no such file: `absent`, or why that is not known.
    """
    found: dict[bytes, Status | str] = {}
    for frame in transcript.all("enrolments"):
        for line in frame.data.split(b"\n")[:-1]:
            match = _STAT.fullmatch(line)
            if match is not None:
                kind, bits, uid, gid, path = match.groups()
                found[path] = Status(kind.decode(), _mode(bits), int(uid), int(gid))
            elif (state := _STATE.fullmatch(line)) is not None and state[2].startswith(b"/"):
                found[state[2]] = state[1].decode()
    return found


def symlinks(transcript: Transcript) -> Mapping[bytes, bytes]:
    """Where every symbolic link points that was met on the way to any path, as the link has it.

    With `metas` this is enough to walk a path component by component. An empty target: the link is there, and where it
    points has characters that the collector does not follow.
    """
    lines = _lines(transcript, "symlinks")
    return dict(zip(lines[0::2], lines[1::2], strict=False))


def conf_times(transcript: Transcript) -> Mapping[bytes, int]:
    """When the files of sshd's configuration, its included folders, the program and the pid files were last changed.

    In seconds since 1970, by the path that the configuration names. Only from a running host whose stat(1) can tell.
    """
    found: dict[bytes, int] = {}
    for line in _lines(transcript, "conf_times"):
        epoch, _, path = line.partition(b" ")
        if path and epoch.isdigit() and len(epoch) < 12:
            found[path] = int(epoch)
    return found


def sysctls(transcript: Transcript) -> Mapping[str, int]:
    """Settings of a running kernel: `fs.protected_symlinks`; empty where they were not seen."""
    found: dict[str, int] = {}
    for line in _lines(transcript, "sysctl"):
        name, _, value = line.partition(b" ")
        if value.isdigit() and len(value) < 10:
            found[name.decode("ascii", "replace")] = int(value)
    return found


def private_keys(transcript: Transcript) -> tuple[PrivateKeyFile, ...]:
    """The private keys found, in the order of the search."""
    return tuple(
        PrivateKeyFile(
            path=match[9],
            kind=match[1].decode(),
            encrypted=Truth(match[2].decode()),
            public=_public(match[3].decode(), match[4]) if match[3] else None,
            mode=_mode(match[5][1:10]) if len(match[5]) >= 10 else None,
            uid=int(match[6]) if match[6].isdigit() else None,
            gid=int(match[7]) if match[7].isdigit() else None,
        )
        for line in _lines(transcript, "private_keys")
        if (match := _KEY.fullmatch(line))
    )


def digests(transcript: Transcript) -> Digests | None:
    """The digests of hashes; None when the collector was given no key for them, or is one that makes none."""
    head = transcript.first("digests")
    if head is None:
        return None
    found: dict[int, str] = {}
    for frame in transcript.all("digest"):
        # sha256sum(1) writes `HEX  -`, openssl-dgst(1) `SHA2-256(stdin)= HEX`
        match = _DIGEST.fullmatch(frame.data)
        if match is not None and frame.path.isdigit() and len(frame.path) < _DIGEST_NUMBER:
            found.setdefault(int(frame.path), match[1].decode())
    return Digests(head.status == "ok", found)


def key_uses(transcript: Transcript) -> tuple[Use, ...]:
    """Which keys were used; only when the collector was asked to read logs, and as far back as `logs_reach` says."""
    return tuple(
        Use(match[1], match[2].decode(), match[3].decode(), _when(match[4]), _when(match[5]), int(match[6]))
        for line in _lines(transcript, "key_uses")
        if (match := _USE.fullmatch(line))
    )


def logs_reach(transcript: Transcript) -> tuple[datetime, datetime] | None:
    """From when to when the logs of sshd tell without a gap; None when none was read.

    Where there are several, such as the journal and a log file, those that overlap count as one.
    """
    spans = [
        (_when(match[1]), _when(match[2]))
        for line in _lines(transcript, "logs_since")
        if (match := _REACH.fullmatch(line))
    ]
    spans.sort(key=lambda span: span[1], reverse=True)
    if not spans:
        return None
    since, until = spans[0]
    for first, last in spans[1:]:
        if last >= since:
            since = min(since, first)
    return since, until


def _when(epoch: bytes) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(epoch))


def _lines(transcript: Transcript, kind: str) -> list[bytes]:
    frame = transcript.first(kind)
    return frame.data.split(b"\n")[:-1] if frame is not None else []


def _mode(bits: bytes) -> int:
    """`rwsr-x--T` as a number."""
    mode = 0
    for index, char in enumerate(bits[:9]):
        if char in b"rwxst":
            mode |= 1 << (8 - index)
    for index, special, bit in ((2, b"sS", 0o4000), (5, b"sS", 0o2000), (8, b"tT", 0o1000)):
        if bits[index : index + 1] in (special[:1], special[1:]):
            mode |= bit
    return mode


def _modified(text: str, now: datetime | None) -> datetime | None:
    """The date of ls -l, which has no year for the last half year."""
    match = _DATE.fullmatch(text)
    if match is None or match[1] not in _MONTHS:
        return None
    try:
        if match[3]:
            return datetime(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2]), tzinfo=UTC)
        if now is None:
            return None
        date = datetime(now.year, _MONTHS.index(match[1]) + 1, int(match[2]), int(match[4]), int(match[5]), tzinfo=UTC)
        return date.replace(year=now.year - 1) if date > now + timedelta(days=1) else date
    except ValueError:
        return None


def _public(form: str, text: bytes) -> bytes | None:
    try:
        data = binascii.a2b_base64(text)
        if form == "head":
            return _from_openssh(data)
        if form == "rsa":
            return _from_rsa(data)
        return data if form == "blob" else _from_spki(data)
    except (ValueError, IndexError, struct.error):
        return None


def _from_openssh(data: bytes) -> bytes | None:
    """The public key in the head of an openssh-key-v1 file (PROTOCOL.key)."""
    at = len(b"openssh-key-v1\0")
    for _ in range(3):  # cipher, kdf, kdf options
        at += 4 + int(struct.unpack_from(">I", data, at)[0])
    (count, size) = struct.unpack_from(">II", data, at)
    blob = data[at + 8 : at + 8 + size]
    return blob if count == 1 and len(blob) == size else None


def _from_rsa(data: bytes) -> bytes | None:
    """Modulus and exponent from the head of a PKCS#1 key, bare or inside PKCS#8 (RFC 8017, RFC 5958)."""
    _, at = _der(data, 0, 0x30)
    size, at = _der(data, at, 0x02)
    at += size
    if data[at] == 0x30:
        size, at = _der(data, at, 0x30)
        _, at = _der(data, at + size, 0x04)
        _, at = _der(data, at, 0x30)
        size, at = _der(data, at, 0x02)
        at += size
    size, begin = _der(data, at, 0x02)
    modulus = data[begin : begin + size]
    size, begin = _der(data, begin + size, 0x02)
    exponent = data[begin : begin + size]
    return b"".join(struct.pack(">I", len(part)) + part for part in (b"ssh-rsa", exponent, modulus))


def _der(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """Length and start of the content of the element at `at`."""
    if data[at] != tag:
        raise ValueError("not the expected element")
    size = data[at + 1]
    at += 2
    if size > 127:
        count = size - 128
        if count > 2:
            raise ValueError("element too long")
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    return size, at


def _from_spki(data: bytes) -> bytes | None:
    # imported late: it costs more than all the rest of a small run, and few hosts need it
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        text = load_der_public_key(data).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except UnsupportedAlgorithm:
        return None
    return binascii.a2b_base64(text.split(b" ")[1])
