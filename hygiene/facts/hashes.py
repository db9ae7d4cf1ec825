"""The password hashes of a host's accounts, without the hashes: what each is worth, and a digest to compare it by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hygiene.accounts.shadow import Password, ShadowEntry, changed_at, never_expires
from hygiene.counted import counted
from hygiene.evidence import tables
from hygiene.evidence.tables import Digests
from hygiene.facts.accounts import People, Person
from hygiene.facts.ledger import Ledger
from hygiene.facts.seen import Seen
from hygiene.model import AreaName, HashState, HashWeakness, HostHash, PasswordState, Truth
from hygiene.passwords.hashes.costs import weakness_of

_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class _Made:
    """The digests of a host: with which key they were asked for, and what came."""

    key: str | None
    digests: Digests | None

    def of(self, password: Password) -> str | None:
        if self.key is None or self.digests is None or password.number is None:
            return None
        return self.digests.by_number.get(password.number)


def host_hashes(host: str, seen: Seen, people: People, ledger: Ledger) -> tuple[HostHash, ...]:
    """A row for each account of the host's own passwd whose password field was read.

    A hash of unknown worth is a doubt of the shadow area, and so is one without a digest where one was asked for.
    """
    made = _Made(seen.evidence.digest_key, tables.digests(seen.transcript))
    rows = tuple(_rows(host, people, made))
    for row in rows:
        if row.weakness is HashWeakness.UNKNOWN:
            reason = "the scheme or the cost of its hash is not understood: what it is worth is unknown"
            ledger.doubt(AreaName.SHADOW, reason, row.account)
    if made.key is not None:
        _doubt([row for row in rows if row.scheme is not None and row.digest is None], seen, made.digests, ledger)
    return rows


def _rows(host: str, people: People, made: _Made) -> Iterator[HostHash]:
    for person in people.everybody:
        password = person.password
        state = _state(password)
        if state is None or not person.local:
            continue
        held = state in (HashState.SET, HashState.LOCKED_HASH)
        scheme = (password.scheme or _OTHER) if held else None
        aging = person.aging if person.entry.password is None else None
        yield HostHash(
            host=host,
            account=person.name,
            state=state,
            scheme=scheme,
            cost=password.cost if held else None,
            weakness=weakness_of(scheme, password.cost),
            changed_at=changed_at(aging.last_change) if aging is not None else None,
            never_expires=_never_expires(person, aging, held),
            digest=made.of(password) if held else None,
            digest_key=made.key if held else None,
        )


def _state(password: Password) -> HashState | None:
    match password.state:
        case PasswordState.SET:
            return HashState.SET
        case PasswordState.EMPTY:
            return HashState.EMPTY
        case PasswordState.LOCKED:
            return HashState.LOCKED_HASH
        case PasswordState.NONE if password.scheme is not None:
            return HashState.LOCKED_HASH
        case PasswordState.NONE:
            return HashState.LOCKED if password.locked is Truth.YES else HashState.NONE
    return None


def _never_expires(person: Person, aging: ShadowEntry | None, held: bool) -> bool | None:
    if aging is not None and not aging.judged:
        return None
    if aging is not None:
        return never_expires(aging.last_change, aging.maximum)
    # a hash that stands in passwd has no age
    return True if held and person.entry.password is not None else None


def _doubt(missing: list[HostHash], seen: Seen, digests: Digests | None, ledger: Ledger) -> None:
    """Say of hashes without a digest that they were not compared, and why."""
    if not missing:
        return
    hashes = f"{counted(len(missing), 'hash was', 'hashes were')} not compared with those of others"
    if digests is None and not seen.transcript.complete:
        return  # that the evidence is not whole is said
    if digests is None and not seen.evidence.offline and seen.transcript.mode != "streamed":
        reason = (
            f"the collector installed there is of an older version: {hashes}; install what `hygiene collector` prints"
        )
        ledger.doubt(AreaName.SHADOW, reason)
    elif digests is None:
        ledger.doubt(AreaName.SHADOW, f"the collector is of an older version: {hashes}")
    elif not digests.program:
        reason = f"no program makes SHA-256 there (sha256sum, sha256, shasum, openssl or digest): {hashes}"
        ledger.doubt(AreaName.SHADOW, reason)
    else:
        for row in missing:
            ledger.doubt(
                AreaName.SHADOW, "its hash came without a digest: it was not compared with others", row.account
            )
