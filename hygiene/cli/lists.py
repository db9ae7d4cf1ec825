"""What the command line and the policy say of how password lists are to be read, and held against what."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import secrets
import stat
import sys
from argparse import Namespace
from collections.abc import Iterable
from functools import partial, reduce
from pathlib import Path

from hygiene.cli.errand import read_passphrase
from hygiene.errors import UsageError
from hygiene.model import Target
from hygiene.passwords.against import Against
from hygiene.passwords.breach.breaches import Breaches
from hygiene.passwords.breach.online import RangeApi
from hygiene.passwords.defaults.pairs import Defaults, from_file, vendor_defaults
from hygiene.passwords.read.reading import Reading
from hygiene.passwords.score.judgement import Knowledge
from hygiene.passwords.score.known import known_words
from hygiene.policy.policy import Policy
from hygiene.store.store import Store

_KEY_BYTES = 16
# people's, not the system's; each counts once for each host
_USERS = "SELECT account FROM accounts WHERE uid >= 1000 GROUP BY account ORDER BY count(*) DESC, account LIMIT 20000"
_KEY_FILE_BYTES = 1 << 20


def reading_of(args: Namespace, policy: Policy) -> Reading:
    """Columns from the policy; the passphrase of a vault, from the file or asked for when one is met."""
    return Reading(policy.password_columns, partial(_passphrase, args.passphrase_file), args.key_file)


def check_defaults(args: Namespace, *, lists: bool) -> None:
    """UsageError when defaults are given and nothing that they could be found in."""
    if args.defaults and not lists:
        raise UsageError("--defaults belongs to password lists; add --passwords FILE")


def against_of(
    args: Namespace,
    knowledge: Knowledge,
    digest_key: str,
    breaches: Breaches | RangeApi | None,
    match_budget_s: float | None = None,
) -> Against:
    """What the lists of a run are held against; `digest_key` is the run's, `breaches` open while lists are read.

    ListError when a list of defaults cannot be read.
    """
    return Against(
        knowledge=knowledge,
        defaults=reduce(Defaults.joined, map(from_file, args.defaults), vendor_defaults()),
        breaches=breaches,
        match_budget_s=match_budget_s,
        digest_key=digest_key,
    )


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
