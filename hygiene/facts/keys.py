"""Keys that lie on a host: private key files, host keys, and what each key is."""

from __future__ import annotations

import binascii
from collections.abc import Iterable

from hygiene.evidence import tables
from hygiene.facts.accounts import People
from hygiene.facts.daemons import Daemon
from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen, plain, why_not
from hygiene.model import AreaName, HostKey, Key, PrivateKey, Truth
from hygiene.openssh import authorized_keys
from hygiene.openssh import keys as public_keys
from hygiene.openssh.keys import KeyFormatError, PublicKey
from hygiene.openssh.weakness import weakness

_DEFAULT_HOST_KEYS = tuple(f"/etc/ssh/ssh_host_{name}_key" for name in ("rsa", "ecdsa", "ed25519"))


class KeyRing:
    """All distinct public keys of a host, as they turn up."""

    def __init__(self) -> None:
        self._keys: dict[str, PublicKey] = {}

    def add(self, key: PublicKey) -> None:
        self._keys.setdefault(key.fingerprint, key)

    def rows(self) -> tuple[Key, ...]:
        return tuple(
            Key(fingerprint, key.plain_type, key.bits, None, weakness(key)) for fingerprint, key in self._keys.items()
        )

    def moduli(self) -> tuple[tuple[str, str], ...]:
        """Fingerprint and modulus in hex of the RSA keys."""
        return tuple((name, f"{key.n:x}") for name, key in self._keys.items() if key.n is not None)


def private_keys(host: str, seen: Seen, people: People, ring: KeyRing, ledger: Ledger) -> tuple[PrivateKey, ...]:
    """Give the private key files of the host: never the keys themselves."""
    area = AreaName.PRIVATE_KEYS
    frame = seen.transcript.first("private_keys")
    if frame is None or frame.status != "ok":
        ledger.unseen(area, "private keys were not searched for")
        return ()
    ledger.seen(area)
    if seen.transcript.uid != 0 and not seen.offline:
        ledger.partial(area, "searched without root: folders of others were not entered")
    homes = _homes(people)
    names = {person.entry.uid: person.name for person in reversed(people.everybody)}
    found = tables.private_keys(seen.transcript)
    if len(found) != frame.data.count(b"\n"):
        ledger.partial(area, "some private key files could not be described")
    rows = []
    for file in found:
        key = _decoded(file.public)
        if key is not None:
            ring.add(key)
        path = plain(file.path)
        if file.encrypted is Truth.UNKNOWN:
            ledger.doubt(area, f"whether {path} has a passphrase is unknown")
        uid, mode = seen.owner(file.path, file.uid, file.mode)
        rows.append(
            PrivateKey(
                host=host,
                account=_home_of(path, homes) or (names.get(uid) if uid is not None else None),
                path=path,
                kind=file.kind,
                encrypted=file.encrypted,
                fingerprint=key.fingerprint if key is not None else None,
                mode="????" if mode is None else f"{mode:04o}",
            )
        )
    return tuple(rows)


def _homes(people: People) -> dict[str, str]:
    """Home folders that belong to one account; system folders that many share as a home say nothing."""
    homes: dict[str, str] = {}
    for person in people.everybody:
        home = person.entry.home.rstrip("/")
        if home.count("/") >= 2 or home == "/root":
            homes.setdefault(home, person.name)
    return homes


def _home_of(path: str, homes: dict[str, str]) -> str | None:
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in homes:
            return homes[folder]
    return None


def _decoded(blob: bytes | None) -> PublicKey | None:
    try:
        return public_keys.decode(blob) if blob is not None else None
    except KeyFormatError:
        return None


def host_keys(host: str, seen: Seen, daemons: Iterable[Daemon], ring: KeyRing, ledger: Ledger) -> tuple[HostKey, ...]:
    """Give the host keys: those whose public files the daemons' settings name, and the one that was offered to us."""
    area = AreaName.HOST_KEYS
    found: dict[str, PublicKey] = {}
    named = [path for daemon in daemons for path in daemon.settings.values("hostkey")]
    for path in dict.fromkeys(named or _DEFAULT_HOST_KEYS):
        frame = seen.transcript.file("hostkey_pub", f"{path}.pub".encode("utf-8", "surrogateescape"))
        if frame is not None and frame.status == "ok":
            lines = authorized_keys.parse(frame.data, None)
            found |= {line.key.fingerprint: line.key for line in lines if line.key is not None}
        elif frame.status != "absent" if frame is not None else not path.startswith("/etc/ssh/"):
            # of /etc/ssh every *.pub is looked at: what has no frame there is not there
            ledger.partial(area, f"{path}.pub {why_not(frame)}")
    offered = seen.evidence.host_key
    if offered is not None:
        try:
            key = _decoded(binascii.a2b_base64(offered.partition(" ")[2]))
        except ValueError:
            key = None
        if key is not None:
            found[key.fingerprint] = key
    if found:
        ledger.seen(area)
    elif not seen.transcript.complete:
        ledger.unseen(area, "no host key was seen")
    else:
        ledger.absent(area)
    for key in found.values():
        ring.add(key)
    return tuple(HostKey(host, fingerprint, key.plain_type, key.bits) for fingerprint, key in found.items())
