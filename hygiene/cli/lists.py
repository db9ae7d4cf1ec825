"""What the command line and the policy say of password lists and hashes, and the reading of them with it."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import secrets
import stat
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from pathlib import Path

from hygiene import audit
from hygiene.cli.breached import Lookup, lookup_of, opened
from hygiene.cli.errand import read_passphrase
from hygiene.cli.matching import hash_files_of, match_budget_of, opened_lines
from hygiene.cli.progress import Watch
from hygiene.counted import counted
from hygiene.errors import UsageError
from hygiene.model import Target
from hygiene.passwords.against import Against
from hygiene.passwords.defaults.pairs import Defaults, from_file, vendor_defaults
from hygiene.passwords.hashes.listed import HashFile
from hygiene.passwords.lists import ListInfo
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.score.judgement import Knowledge
from hygiene.passwords.score.known import known_words
from hygiene.policy.policy import Policy
from hygiene.store.store import Store

_KEY_BYTES = 16
_NOTES = 20  # of one list; a workbook may have hundreds of sheets
# people's, not the system's; each counts once for each host
_USERS = "SELECT account FROM accounts WHERE uid >= 1000 GROUP BY account ORDER BY count(*) DESC, account LIMIT 20000"
_KEY_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Lists:
    """What the command line and the policy say of lists: which are read, how, and held against what."""

    passwords: tuple[Path, ...]
    hashes: tuple[HashFile, ...]
    reading: Reading
    defaults: tuple[Path, ...]  # besides those that come with this tool
    breached: Lookup
    match_budget_s: float | None  # for trying passwords on hashes; None: none is tried
    digest_key: str = field(repr=False)

    @property
    def any(self) -> bool:
        """Whether there is something to read."""
        return bool(self.passwords or self.hashes)


def lists_of(args: Namespace, passwords: Sequence[Path], policy: Policy) -> Lists:
    """Put together what is said of lists. UsageError for what cannot be meant, before anything is read."""
    if args.defaults and not passwords:
        raise UsageError("--defaults belongs to password lists; add --passwords FILE")
    return Lists(
        passwords=tuple(passwords),
        hashes=hash_files_of(args),
        reading=Reading(policy.password_columns, partial(_passphrase, args.passphrase_file), args.key_file),
        defaults=tuple(args.defaults),
        breached=lookup_of(args, policy, passwords),
        match_budget_s=match_budget_of(args, passwords),
        digest_key=digest_key_of(policy),
    )


def read_lists(lists: Lists, store: Store, knowledge: Knowledge, watch: Watch) -> None:
    """Read the lists into the store, and tell what they open of the hashes that were handed in.

    ListError when a list, or one of defaults, cannot be read; InputError when one of breached passwords cannot.
    """
    with opened(lists.breached, watch) as breaches:
        against = Against(
            knowledge=knowledge,
            defaults=reduce(Defaults.joined, map(from_file, lists.defaults), vendor_defaults()),
            breaches=breaches,
            match_budget_s=lists.match_budget_s,
            digest_key=lists.digest_key,
        )
        read = audit.read_lists(store, lists.passwords, watch.passwords, lists.reading, against, lists.hashes, watch)
    for info in read:
        if notes := _notes(info):
            watch.note(f"{info.name}: {'; '.join(notes)}")
    for line in opened_lines(store.fleet()):
        watch.note(line)


def _notes(info: ListInfo) -> list[str]:
    """What its owner should know of how a list was read."""
    if not info.notes and not info.entries and not info.hashes:
        return ["no password in it"]
    more = len(info.notes) - _NOTES
    return [*info.notes[:_NOTES], *([counted(more, "more remark")] if more > 0 else [])]


def knowledge_of(policy: Policy, year: int, store: Store, targets: Iterable[Target] = ()) -> Knowledge:
    """The words of this organisation: from the policy, the inventory, and what earlier scans left in the store."""
    fleet = store.fleet()
    known = [(target.host, target.address, target.tenant) for target in targets]
    known += fleet.query("SELECT host, address, tenant FROM hosts ORDER BY host")
    # numbers say nothing, and the address of an image is a folder
    names = {name for host, address, _ in known for name in (host, address) if not (name[:1] == "/" or ":" in name)}
    users = [user for (user,) in fleet.query(_USERS)]
    words = known_words(policy.organisation, dict.fromkeys(tenant for *_, tenant in known if tenant), names, users)
    return Knowledge(year, words)


def digest_key_of(policy: Policy) -> str:
    """The key for digests of hashes, 32 hex digits: made of the file that the policy names, else one for this run.

    UsageError when that file is none that can be kept secret.
    """
    path = policy.digest_key
    if path is None:
        return secrets.token_hex(_KEY_BYTES)
    place = f"{policy.path}: digest_key: {path}"
    remedy = f"make one with: (umask 077; head -c 32 /dev/urandom > {path})"
    try:
        # a pipe would wait for whoever writes it
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            found = os.fstat(descriptor)
            regular = stat.S_ISREG(found.st_mode)
            data = os.read(descriptor, _KEY_FILE_BYTES + 1) if regular else b""
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(f"{place}: cannot be read: {error.strerror}; check the path, or {remedy}") from None
    if not regular:
        raise UsageError(f"{place}: is no regular file; {remedy}")
    if found.st_mode & 0o077:
        raise UsageError(
            f"{place}: others can read or write it (mode {stat.S_IMODE(found.st_mode):04o}); whoever has the key can"
            " try passwords on the digests: make a new one with mode 0600"
        )
    if not _KEY_BYTES <= len(data) <= _KEY_FILE_BYTES:
        raise UsageError(f"{place}: expected a file of {_KEY_BYTES} bytes to 1 MiB; {remedy}")
    return hashlib.blake2b(data, digest_size=_KEY_BYTES).hexdigest()


def _passphrase(name: str | None, vault: Path) -> str | None:
    if name is None:
        return (getpass.getpass(f"Passphrase of {vault}: ") or None) if sys.stdin.isatty() else None
    text = None
    # judged below, outside: this error holds the bytes
    with contextlib.suppress(UnicodeDecodeError):
        text = read_passphrase(name).decode()
    if text is None:
        raise UsageError(f"{name}: the passphrase is not UTF-8; save the file as UTF-8")
    return text or None
