"""Similar passwords: who is alike, between whom that counts, and that nothing of a text is kept or shown."""

from __future__ import annotations

import gc
import random
import string
from array import array
from collections import defaultdict

import pytest

from hygiene.passwords.similar.clusters import Clusters, Similar
from hygiene.passwords.similar.meetings import Column, meetings
from hygiene.passwords.similar.owners import Owners
from hygiene.passwords.similar.skeletons import Change, Reach, skeletons
from passwords.similars import entries

KEY = bytes(range(32))
Entry = tuple[str, str | None, str | None, str | None]  # password, account, system, tenant


def similar(*given: Entry | str) -> Similar:
    rows = [(one, None, None, None) if isinstance(one, str) else one for one in given]
    slots = {password: slot for slot, password in enumerate(dict.fromkeys(row[0] for row in rows))}
    clusters = Clusters(KEY)
    for password, slot in slots.items():
        clusters.learn(slot, password)
    accounts, systems, tenants = ([row[at] for row in rows] for at in (1, 2, 3))
    return clusters.finish(Owners([slots[row[0]] for row in rows], accounts, systems, tenants))


def unnamed(*slots: int) -> Owners:
    return Owners(slots, *([None] * len(slots) for _ in range(3)))


def found(*given: Entry | str) -> list[int | None]:
    """The number of each entry's set."""
    told = similar(*given)
    return [told.number(at) for at in range(len(given))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Nordwind2023!", "Nordwind2024!", id="year"),
        pytest.param("Nordwind1", "Nordwind2", id="count"),
        pytest.param("Nordwind!", "Nordwind??", id="sign"),
        pytest.param("Nordwind7", "nordwind7", id="case"),
        pytest.param("NORDWIND7", "Nordwind7", id="all capitals"),
        pytest.param("N0rdw1nd7", "Nordwind8", id="l33t"),
        pytest.param("$tromsee12", "Stromsee13", id="l33t at the left edge"),
        pytest.param("Stromse3!", "Stromsee!", id="l33t at the right edge"),
        pytest.param("!Nordwind7", "Nordwind7!", id="sign in front"),
        pytest.param("Fähre-Möwe1", "Faehre-Moewe2", id="umlauts spelt out"),
        pytest.param("Mo\u0308wenweg1", "M\u00f6wenweg2", id="umlauts composed or not"),
        pytest.param("\ud800ordwind1", "\udfffordwind1", id="what is not valid is no letter"),
        pytest.param("AcmeKunde2023", "acmekunde24", id="a name of two words"),
    ],
)
def test_alike(one: str, other: str) -> None:
    assert found(one, "vQ8-unrelated-one", other) == [1, None, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Sommer2023!", "Sommer2024!", id="a word that everybody uses"),
        pytest.param("$ommer2023!", "$ommer2024!", id="spelt with a sign in front"),
        pytest.param("S0mm3r2023!", "Sommer2024!", id="spelt with signs in it"),
        pytest.param("Prämi3!", "Präm13!19", id="spelt with signs at its end"),
        pytest.param("1qaz2wsx!", "1qaz2wsx?", id="keys in a row"),
        pytest.param("12345678", "12345679", id="numbers"),
        pytest.param("kXzQb17!", "kxzqb2", id="a short core by chance"),
        pytest.param("Nordwind1", "Nordwand1", id="one letter, owners not known"),
        pytest.param("Nordwind1", "Nordwindrad1", id="a part of the other"),
        pytest.param("Nordwind" * 32 + "1", "Nordwind" * 32 + "2", id="documents"),
        pytest.param("V3lmi1", "V3lmi2", id="a short core spelt with signs"),
        pytest.param("", " ", id="nothing"),
    ],
)
def test_strangers_are_not_joined(one: str, other: str) -> None:
    assert found(one, other) == [None, None]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            [
                ("Sommer2023!", "anna", "a", None),
                ("Sommer2024!", "anna", "b", None),
                ("Sommer2025!", "bert", "c", None),
            ],
            [1, 1, None],
            id="a common word: one user",
        ),
        pytest.param(
            [("Sommer2023!", "anna", "db1", None), ("Sommer2024!", "bert", "db1", None)],
            [1, 1],
            id="a common word: one system",
        ),
        pytest.param(
            [("Sommer2023!", "anna", "db1", "acme"), ("Sommer2024!", "anna", "db1", "bravo")],
            [None, None],
            id="the same names at another customer are strangers",
        ),
        pytest.param(
            [
                ("Sommer2023!", "root", "db1", "acme"),
                ("Sommer2024!", "Root", "web1", "bravo"),
                ("Sommer2025!", "ACME\\Administrator", "dc1", "acme"),
                ("Sommer2026!", "administrator@bravo.example", "dc1", "bravo"),
                ("Sommer2027!", "rooted", "db1", "corp"),
            ],
            [1, 1, 2, 2, None],
            id="a common word: one account of administration at all customers",
        ),
        pytest.param(
            [("kXzQb17!", "root", "db1", "acme"), ("KxZqB2", "root", "db1", "bravo")],
            [None, None],
            id="a short core of an account of administration: one customer",
        ),
        pytest.param(
            [("kQ9#vTz4mLx", "root", "x", "acme"), ("kQ9#vTz5mLx", "root", "y", "bravo")],
            [None, None],
            id="one character of an account of administration: one customer",
        ),
        pytest.param(
            [("nordwind7", "anna", None, "acme"), ("NoRdWiNd7!", "Anna", None, "ACME"), ("nORdwInd1", "x", None, None)],
            [1, 1, None],
            id="a word that reaches anybody in a case that reaches one user",
        ),
        pytest.param(
            [("Sommer2023!", "Anna", None, None), ("Sommer2024!", "ANNA", None, None)],
            [1, 1],
            id="names are compared without case",
        ),
        pytest.param(
            [("Sommer1", "db1", None, None), ("Sommer2", None, "db1", None)],
            [None, None],
            id="a user is no system",
        ),
        pytest.param(
            [("kXzQb17!", "anna", None, None), ("KxZqB2", "anna", None, None)],
            [1, 1],
            id="a short core: one user",
        ),
        pytest.param(
            [("kXzQb17!", "anna", "db1", None), ("KxZqB2", "bert", "db1", None)],
            [None, None],
            id="a short core: not one system",
        ),
        pytest.param(
            [("Präm13!19", "anna", None, None), ("Prämie24", "anna", None, None)],
            [1, 1],
            id="a common word that ends in two signs",
        ),
        pytest.param(
            [("Moin2023", "anna", "db1", None), ("Moin2024", "anna", "db2", None), ("Moin2025", "bert", "db2", None)],
            [1, 1, None],
            id="a very short word: one user",
        ),
        pytest.param(
            [("kQ9#vTz4mLx", "a", "x", "acme"), ("kQ9#vTz5mLx", "b", "y", "acme"), ("kQ9#vTz6mLx", "c", "z", "bravo")],
            [1, 1, None],
            id="one character: one customer",
        ),
        pytest.param(
            [("kQ9#vTz4mLx", "a", None, None), ("kQ9#vTzmLx", "a", None, None), ("kQ9#TvzmLx", "a", None, None)],
            [1, 1, 1],
            id="one character: one user; left out, then two exchanged",
        ),
        pytest.param(
            [("kQ9#vTz4mLx", "a", None, None), ("kQ8#vTz5mLx", "a", None, None)],
            [None, None],
            id="two characters",
        ),
        pytest.param(
            [
                ("4711-0815", "a", None, "acme"),
                ("4711-0816", "a", None, "acme"),
                ("kQ9#vT", "a", None, "acme"),
                ("kQ8#vT", "a", None, "acme"),
            ],
            [None, None, None, None],
            id="numbers and short texts of one owner differ in a character without meaning anything",
        ),
        pytest.param(
            [("Nordwind1", "a", None, None), ("Nordwind1", "b", None, None)],
            [None, None],
            id="equal ones are another matter",
        ),
        pytest.param(
            [("Nordwind1", "a", None, None), ("Nordwind1", "b", None, None), ("Nordwind2", "c", None, None)],
            [1, 1, 1],
            id="but belong to a set when there is a third",
        ),
        pytest.param(
            [("Ostsee-Haus1", None, None, None), ("Nordwind1", None, None, None)] * 2
            + [("Nordwind2", None, None, None), ("Ostsee-Haus2", None, None, None)],
            [1, 2, 1, 2, 2, 1],
            id="sets are numbered by their first entries",
        ),
    ],
)
def test_between_whom(given: list[Entry], expected: list[int | None]) -> None:
    assert found(*given) == expected


@pytest.mark.parametrize(
    ("passwords", "expected"),
    [
        pytest.param(["Nordwind2023!", "Nordwind2024!"], Change.YEAR, id="year"),
        pytest.param(["Nordwind!", "nordwind!"], Change.CASE, id="case"),
        pytest.param(["Nordwind7", "Nordwind8"], Change.SUFFIX, id="suffix"),
        pytest.param(["Nordwind!!", "N0rdwind!!"], Change.L33T, id="l33t"),
        pytest.param(["Nordwind2023!", "nordwind24?"], Change.YEAR | Change.CASE | Change.SUFFIX, id="several"),
        pytest.param(["kQvTzmLx#abcd", "kQvTzmLx#abcc"], Change.TYPO, id="one character"),
    ],
)
def test_in_what_they_differ(passwords: list[str], expected: Change) -> None:
    told = similar(*((password, "anna", None, None) for password in passwords))

    assert (len(told), told.size(1), told.changes(1)) == (1, len(passwords), expected)


def test_what_is_equal_and_near_a_stranger_s_is_no_set() -> None:
    again = ("kXzQb17!", "anna", None, None)
    told = similar(again, again, ("kXzRb17!", "bert", None, None), "Nordwind7", "nordwind7")

    assert [told.number(at) for at in range(5)] == [None, None, None, 1, 1]
    assert told.changes(1) == Change.CASE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(Change.YEAR, ("ending",), id="that it is a year is not told"),
        pytest.param(Change.SUFFIX | Change.YEAR, ("ending",), id="once"),
        pytest.param(Change.CASE | Change.L33T | Change.TYPO, ("case", "l33t", "one-sign"), id="several"),
        pytest.param(Change(0), (), id="none"),
    ],
)
def test_what_reports_tell_of_it(change: Change, words: tuple[str, ...]) -> None:
    assert change.words() == words


def test_planted_sets_are_found_exactly() -> None:
    made = entries(7, sets=150, strangers=1_500)
    planted = defaultdict(set)
    numbers = defaultdict(set)
    told = found(*((one.password, one.account, one.system, one.tenant) for one in made))
    for at, (one, number) in enumerate(zip(made, told, strict=True)):
        planted[one.planted].add(at)
        numbers[number].add(at)

    assert sorted(map(sorted, numbers.values())) == sorted(map(sorted, planted.values()))


def test_slots_may_have_holes() -> None:
    clusters = Clusters(KEY)
    for password, slot in (("Nordwind1", 3), ("other-Thing-8", 17), ("Nordwind2", 900)):
        clusters.learn(slot, password)
    # one behind all that were learnt: an entry judged with words of its own
    told = clusters.finish(unnamed(900, 3, 17, 900, 905))

    assert [told.number(at) for at in range(5)] == [1, 1, None, 1, None]
    assert told.size(1) == 3


@pytest.mark.parametrize("at_once", [pytest.param(1, id="many parts"), pytest.param(2**20, id="one part")])
def test_digests_in_common_are_found_in_parts(at_once: int) -> None:
    columns = (
        Column([5, 7, 9], array("Q", [11, 0, 12])),
        Column([5, 8], array("Q", [1, 12, 1, 0, 11, 13]), each=3),
    )

    assert sorted(meetings(columns, at_once)) == [[5, 8], [5, 9]]


def test_nothing_of_a_text_is_kept_or_shown() -> None:
    marked = ("Zq8canary-Eins!", "Zq8canary-Zwei", "vx7kolibri1", "vx7kolibri2", "Zq8cänary-Drei7")
    clusters = Clusters(KEY)
    for slot, password in enumerate(marked):
        clusters.learn(slot, password)
    held = [*_texts(clusters), repr(clusters), str(clusters)]
    told = clusters.finish(unnamed(*range(len(marked))))
    held += [*_texts(clusters), *_texts(told), repr(told), repr(told.changes(1))]
    held += [repr(skeletons(password)) for password in marked]

    assert len(told) == 1
    assert not [text for text in held if any(part in text.casefold() for part in ("canary", "kolibri", "canari"))]


def _texts(root: object) -> list[str]:
    """All texts that can be reached from an object by its own parts."""
    seen: set[int] = set()
    waiting, texts = [root], []
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or callable(one):
            continue
        seen.add(id(one))
        texts += [one] if isinstance(one, str) else [repr(one)] if isinstance(one, (bytes, bytearray)) else []
        waiting += gc.get_referents(one)
    return texts


@pytest.mark.parametrize(
    "password", ["x" * 250, "aA1!" * 62, "ä" * 250, "e\u0301" * 125, "1" * 250, "\ud800" * 9, "\0" * 9]
)
def test_hostile_texts_are_taken(password: str) -> None:
    assert found(password, password + "!") in ([None, None], [1, 1])


def test_random_ones_reach_their_user_only() -> None:
    short = skeletons("kXzQb17!")

    assert short is not None
    assert short.reach is Reach.USER


@pytest.mark.prove
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("length", [8, 10, 12])
@pytest.mark.parametrize(
    "alphabet",
    [
        pytest.param(string.ascii_letters + string.digits, id="letters and digits"),
        pytest.param(string.ascii_letters + string.digits + string.punctuation, id="printable"),
        pytest.param(string.ascii_lowercase + string.digits, id="small letters and digits"),
    ],
)
def test_no_random_passwords_are_alike(alphabet: str, length: int) -> None:
    rng = random.Random(length)
    made = dict.fromkeys("".join(rng.choices(alphabet, k=length)) for _ in range(300_000))

    assert len(similar(*made)) == 0
