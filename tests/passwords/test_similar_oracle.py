"""Sets of similar passwords beside an oracle that compares each entry with each other one, over hostile small lists."""

from __future__ import annotations

import random
from functools import cache

import pytest

from hygiene.passwords.similar.clusters import Clusters
from hygiene.passwords.similar.owners import Owners
from hygiene.passwords.similar.skeletons import Reach, Skeletons, skeletons

Row = tuple[str, str | None, str | None, str | None]  # password, account, system, tenant

# letters with an umlaut, of two code points, of another script, beyond the first plane, and no character at all
_ALPHABETS = (
    "ab",
    "abcXYZ019!$",
    "nordwindNORDWIND2024!@3",
    "äÄo\u0308öß7!a",
    "дйлжяф19",
    "\U0001f600aB7",
    "\ud800a\0b",
)
_WORDS = ("Nordwind", "sommer", "kQ9#vTz4mLx", "x7Tq2vBn", "Passwort", "N0rdw1nd", "$ommer", "NoRdWiNd", "Moin")
_ACCOUNTS = (
    None,
    "",
    "anna",
    "ANNA",
    "root",
    "Root",
    "ACME\\Administrator",
    "administrator@acme.de",
    "straße",
    "STRASSE",
)
_SYSTEMS = (None, "db1", "DB1", "web1")
_TENANTS = (None, "", "acme", "Acme", "bravo")
_ADMINISTRATORS = ("root", "administrator")


def made(rng: random.Random) -> list[Row]:
    """Some passwords, and what a change or two makes of them; equal ones too."""
    alphabet = rng.choice(_ALPHABETS)
    passwords = [
        rng.choice(_WORDS) + "".join(rng.choices(alphabet, k=rng.randint(0, 4)))
        if rng.random() < 0.5
        else "".join(rng.choices(alphabet, k=rng.choice((0, 1, 7, 8, 9, 31, 32, 33, rng.randint(6, 34)))))
        for _ in range(rng.randint(1, 5))
    ]
    while len(passwords) < 24:
        passwords.append(_changed(rng, rng.choice(passwords), alphabet))
    few = rng.randint(1, 4)
    accounts, systems, tenants = (rng.sample(some, min(few, len(some))) for some in (_ACCOUNTS, _SYSTEMS, _TENANTS))
    return [(one, rng.choice(accounts), rng.choice(systems), rng.choice(tenants)) for one in passwords]


def _changed(rng: random.Random, text: str, alphabet: str) -> str:
    at, sign = rng.randint(0, len(text)), rng.choice(alphabet)
    without = text[:at] + text[at + 1 :]
    to = rng.randint(0, len(without))
    changed = {
        "kept": text,
        "changed": text[:at] + sign + text[at + 1 :],
        "added": text[:at] + sign + text[at:],
        "left out": without,
        "moved": without[:to] + text[at : at + 1] + without[to:],
        "left out, and another put in": without[:to] + sign + without[to:],
        "in another case": text.swapcase(),
    }
    return rng.choice(list(changed.values()))


def by_comparing(rows: list[Row]) -> list[int | None]:
    """The number of each entry's set, as `Similar` numbers them."""
    numbers: list[int | None] = [None] * len(rows)
    seen: set[int] = set()
    number = 0
    for start in range(len(rows)):
        if start in seen:
            continue
        members, waiting = {start}, [start]
        while waiting:
            one = waiting.pop()
            near = {at for at in range(len(rows)) if at not in members and _belong(rows[one], rows[at])}
            members |= near
            waiting += near
        seen |= members
        if len({rows[at][0] for at in members}) > 1:
            number += 1
            for at in members:
                numbers[at] = number
    return numbers


def _belong(one: Row, other: Row) -> bool:
    first, second = _skeletons(one[0]), _skeletons(other[0])
    if first is None or second is None:
        return False
    user = bool(one[1] and other[1]) and _names(one, 1) == _names(other, 1)
    both = {first.reach, second.reach}
    if set(first.texts) & set(second.texts):
        if user or both == {Reach.ANYBODY}:
            return True
        system = bool(one[2] and other[2]) and _names(one, 2) == _names(other, 2)
        administrator = _administrator(one[1])
        if both == {Reach.NEIGHBOURS} and (system or (administrator and administrator == _administrator(other[1]))):
            return True
    tenant = one[3] is not None and other[3] is not None and one[3].casefold() == other[3].casefold() != ""
    return bool(_less(one[0]) & _less(other[0])) and (user or (tenant and both == {Reach.ANYBODY}))


def _names(row: Row, column: int) -> tuple[str, str]:
    return (row[column] or "").casefold(), (row[3] or "").casefold()


def _administrator(account: str | None) -> str | None:
    name = (account or "").casefold().split("\\")[-1].split("@")[0]
    return name if name in _ADMINISTRATORS else None


@cache
def _skeletons(password: str) -> Skeletons | None:
    return skeletons(password)


@cache
def _less(text: str) -> frozenset[str]:
    """The text, and what is left of it without one character."""
    if not 8 <= len(text) <= 32:
        return frozenset()
    return frozenset({text, *(text[:at] + text[at + 1 :] for at in range(len(text)))})


def found(rows: list[Row], key: bytes) -> list[int | None]:
    slots = {password: slot for slot, password in enumerate(dict.fromkeys(row[0] for row in rows))}
    clusters = Clusters(key)
    for password, slot in slots.items():
        clusters.learn(slot, password)
    accounts, systems, tenants = ([row[at] for row in rows] for at in (1, 2, 3))
    told = clusters.finish(Owners([slots[row[0]] for row in rows], accounts, systems, tenants))
    return [told.number(at) for at in range(len(rows))]


@pytest.mark.parametrize(
    ("seed", "lists"),
    [
        pytest.param(1, 300, id="a few"),
        pytest.param(2, 20_000, marks=[pytest.mark.prove, pytest.mark.timeout(1200)], id="many"),
    ],
)
def test_the_same_sets_as_by_comparing_each_with_each(seed: int, lists: int) -> None:
    rng = random.Random(seed)
    sets = 0
    for _ in range(lists):
        rows = made(rng)
        expected = by_comparing(rows)
        sets += max((number for number in expected if number), default=0)
        assert found(rows, rng.randbytes(32)) == expected, rows

    assert sets > lists / 2
