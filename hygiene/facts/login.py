"""The ways into the accounts of one host, from each class of places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hygiene.factors import door
from hygiene.factors.paths import login_paths
from hygiene.facts.accounts import People, Person
from hygiene.facts.grants import SHELL_RUNS, Opening, Reader
from hygiene.facts.hostbased import HostTrust
from hygiene.facts.ledger import Ledger
from hygiene.facts.places import ANYWHERE, Place, Places, everywhere_but
from hygiene.model import AreaName, LoginPath, Truth
from hygiene.openssh import access
from hygiene.openssh.settings import Settings


@dataclass(frozen=True, slots=True)
class _Ways:
    """The paths from one class of places."""

    label: str
    paths: tuple[LoginPath, ...]


def ways(
    host: str,
    people: People,
    person: Person,
    places: Places,
    trust: HostTrust,
    reader: Reader,
    openings: Sequence[Opening],
    ledger: Ledger,
) -> Iterator[LoginPath]:
    """The ways into one account, keys first; what cannot be told is a gap of the account."""
    found = []
    for place in places.classes(person):
        door_ = _door(people, person, places, place, trust, openings)
        door_ = replace(door_, unseen_keys=reader.unseen(person, place))
        answered = login_paths(_daemon(host, places, place), door_)
        for doubt in answered.doubts:
            ledger.doubt(AreaName.PAM, doubt, person.name)
        found.append(_Ways(place.label, answered.paths))
    yield from sorted(_joined(found), key=lambda path: not path.methods.startswith("publickey"))


def _daemon(host: str, places: Places, place: Place) -> door.Daemon:
    pending = places.daemon.pending
    settings = place.settings
    if pending is not None and not settings.problems:
        reason = f"{pending} was changed after sshd read its configuration"
        settings = Settings((), settings.has_match, (), (reason,))
    return door.Daemon(host, places.daemon.name, settings)


def _door(
    people: People,
    person: Person,
    places: Places,
    place: Place,
    trust: HostTrust,
    openings: Sequence[Opening],
) -> door.Door:
    grants = []
    for opening in openings:
        answer = opening.at.get(place.alike)
        if answer is not None and answer.answer is not Truth.NO:
            grants.append(replace(opening.grant, accepted=answer.answer, reason=answer.reason))
    return door.Door(
        account=person.name,
        uid=person.entry.uid,
        password=person.password,
        expired=people.expired(person, place.settings.flag("usepam")),
        shell_runs=SHELL_RUNS.get(person.shell, Truth.UNKNOWN),
        grants=tuple(grants),
        sk_keys=frozenset(
            opening.grant.fingerprint for opening in openings if opening.security_key and opening.grant.fingerprint
        ),
        allowed=access.allowed(place.settings, place.situation.connection, places.daemon.version),
        pam=place.answers,
        hostbased=trust.hostbased(person, place.settings),
        gssapi=trust.gssapi(person, place.settings),
    )


def _joined(found: Sequence[_Ways]) -> Iterator[LoginPath]:
    """The paths of all classes, each once; `*` without the classes that do not have that path."""
    if len(found) == 1:
        yield from found[0].paths
        return
    everywhere = {path for ways_ in found for path in ways_.paths if ways_.label == ANYWHERE}
    for ways_ in found:
        for path in ways_.paths:
            if ways_.label != ANYWHERE:
                if path not in everywhere:
                    yield replace(path, source=_within(path.source, ways_.label))
                continue
            without = [other.label for other in found if other is not ways_ and path not in other.paths]
            if path.source == ANYWHERE and without:
                yield replace(path, source=everywhere_but(without))
            else:
                yield path


def _within(source: str, label: str) -> str:
    return label if source in (ANYWHERE, label) else f"{source} within {label}"
