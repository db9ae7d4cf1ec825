"""Scores: the reference's own number, what our overlay lowers, and the reasons given."""

from __future__ import annotations

import os
import random
import signal
import string
from pathlib import Path

import pytest
from zxcvbn import matching, zxcvbn

from hygiene.passwords.score.context import may_hold, words
from hygiene.passwords.score.german import is_habit
from hygiene.passwords.score.judgement import Judgement, Mark
from hygiene.passwords.score.length import BANDS, band_index
from hygiene.passwords.score.pool import Pool, ScoringError
from hygiene.passwords.score.reference import judge
from hygiene.passwords.score.worker import score

ALPHABET = string.ascii_letters + string.digits + string.punctuation
L33T = "4@8({[<369!1|0$57+%2"


def varied(seed: int, count: int) -> list[str]:
    """Passwords of many kinds: words mutated, joined and reversed, walks, dates, repeats, l33t, any script, random."""
    rng = random.Random(seed)
    known = sorted(word for ranks in matching.RANKED_DICTIONARIES.values() for word in ranks)
    swap = str.maketrans("aeiostl", "43!0$7|")
    makers = (
        lambda: rng.choice(known) + str(rng.randrange(10_000)),
        lambda: rng.choice(known).capitalize().translate(swap) + rng.choice("!?#"),
        lambda: "".join(rng.choice(known) for _ in range(3)),
        lambda: rng.choice(known)[::-1].upper(),
        lambda: "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(1, 24))),
        lambda: "".join(rng.choice("0123456789./- ") for _ in range(rng.randrange(1, 14))),
        lambda: rng.choice(("abc", "äö", "ü€", "😀", "İ", "Σ", "пароль", "\ud800", "\n")) * rng.randrange(1, 9),
        lambda: rng.choice(("qwertz", "zaq12wsx", "fghjkl", "13579", "AbCdEf")) + rng.choice(known),
        lambda: "".join(rng.choice(L33T) for _ in range(rng.randrange(1, 12))),
        lambda: rng.choice(known) * 2 + rng.choice(ALPHABET) * rng.randrange(6),
        lambda: f"{rng.choice(known)}{rng.randrange(1, 29)}.{rng.randrange(1, 13)}.{rng.randrange(1950, 2030)}",
    )
    return [makers[number % len(makers)]() for number in range(count)]


def test_scores_equal_the_package() -> None:
    passwords = varied(1, 660)
    with Pool(2) as pool:
        found = [
            judged.zxcvbn_score
            for start in range(0, len(passwords), 110)
            for judged in pool.submit([(password, ()) for password in passwords[start : start + 110]]).result()
        ]
    expected = [zxcvbn(password, max_length=250)["score"] for password in passwords]
    assert [
        (ascii(password), mine, its)
        for password, mine, its in zip(passwords, found, expected, strict=True)
        if mine != its
    ] == []
    assert set(found) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        pytest.param("", Judgement(0, 0, Mark(0)), id="empty: the package raises IndexError"),
        pytest.param("x" * 100, Judgement(1, 1, Mark.PATTERN), id="over 72 characters: the package raises ValueError"),
        pytest.param(
            "29072\n/.-0/0/", Judgement(4, 4, Mark(0)), id="a line feed after digits: the package fails on int"
        ),
        pytest.param("\ud800", Judgement(0, 0, Mark(0)), id="a lone surrogate"),
        pytest.param("password", Judgement(0, 0, Mark.COMMON), id="a common password"),
        pytest.param("zaq12wsx", Judgement(0, 0, Mark.COMMON), id="a walk that is in the list"),
        pytest.param("13.09.1987", Judgement(1, 1, Mark.PATTERN), id="a date"),
        pytest.param("xK9#mP2$vL5q", Judgement(4, 4, Mark(0)), id="random"),
    ],
)
def test_reference(password: str, expected: Judgement) -> None:
    assert judge(password) == expected


def test_reference_takes_250_characters() -> None:
    head = "".join(random.Random(2).choice(string.ascii_lowercase + " ") for _ in range(250))
    assert judge(head + "abc") == judge(head)
    assert judge("a" * 250 + "xK9#mP2$vL5q") == judge("a" * 250)


def test_the_package_itself_is_untouched() -> None:
    """Its user_inputs is a module global: a run of ours must neither read nor write it."""
    before = dict(matching.RANKED_DICTIONARIES)
    assert judge("hansmeier4711", ["hansmeier4711"]) == Judgement(0, 0, Mark.CONTEXT)
    assert before == matching.RANKED_DICTIONARIES
    assert matching.dictionary_match.__code__.co_filename == matching.__file__


@pytest.mark.parametrize(
    ("password", "reference", "lowered"),
    [
        ("Passwort1!", 1, 1),
        ("Sommer2024!", 3, 1),
        ("Krankenkasse2023", 4, 1),
        ("Frühling2024!", 4, 1),
        ("Fruehling2024!", 4, 1),
        ("Donnerstag12", 4, 1),
        ("Willkommen123!", 4, 1),
        ("Dezember#2025", 3, 1),
        ("!!2023Herbst", 4, 1),
        ("Versich3rung1", 4, 1),
        ("Qwertz123!", 2, 1),
        pytest.param("Password", 0, 0, id="never higher than the reference"),
        pytest.param("SommerKahnTafel2024!", 4, 4, id="more than one word is no habit"),
        pytest.param("Sommer20242025202620!", 4, 4, id="more than 12 digits and signs are not part of the habit"),
        pytest.param("xK9#mP2$vL5q", 4, 4, id="random"),
    ],
)
def test_german_habits(password: str, reference: int, lowered: int) -> None:
    judged = score(password, [])
    assert (judged.zxcvbn_score, judged.score) == (reference, lowered)
    assert (judged.score < judged.zxcvbn_score) <= (Mark.COMMON in judged.marks)


def test_random_passwords_are_no_habit() -> None:
    rng = random.Random(3)
    alphabet = string.ascii_letters + string.digits
    assert [text for _ in range(20_000) if is_habit(text := "".join(rng.choice(alphabet) for _ in range(10)))] == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(
            ("hans.müller7", None, None),
            (
                *("hans.müller7", "hans", "müller7", "mueller7", "muller7", "müller", "mueller", "muller"),
                *("hansmüller7", "hansmueller7", "hansmuller7", "hansmüller", "hansmueller", "hansmuller"),
            ),
            id="pieces, without digits, umlauts spelt out",
        ),
        pytest.param(
            (None, "https://www.web1.de/x", None), ("https://www.web1.de/x", "web1", "web", "web1de"), id="an address"
        ),
        pytest.param(("ab", "10.0.0.1", ""), ("10.0.0.1",), id="short pieces say nothing"),
        pytest.param(("a" * 65, None, "4711"), ("4711",), id="long cells are no words, four digits are one"),
        pytest.param((None, None, None), (), id="nothing known"),
    ],
)
def test_context_words(names: tuple[str | None, str | None, str | None], expected: tuple[str, ...]) -> None:
    assert words(*names) == expected


@pytest.mark.parametrize(
    ("password", "word", "expected"),
    [
        pytest.param("xxmuellerxx", "mueller", True, id="inside"),
        pytest.param("xxRELLEUMxx", "mueller", True, id="backwards, in capitals"),
        pytest.param("mu3|13r", "mueller", True, id="l33t"),
        pytest.param("+3$t99", "test99", True, id="l33t of a letter and of digits"),
        pytest.param("m-u-e-l-l-e-r", "mueller", False, id="taken apart"),
    ],
)
def test_prefilter(password: str, word: str, expected: bool) -> None:
    assert may_hold(password, [word]) is expected


def test_prefilter_misses_nothing_that_changes_a_score() -> None:
    rng = random.Random(4)
    swap = str.maketrans("aeiostlgzb", "43!0$7|928")
    names = ("hans", "mueller", "stadtwerke", "gitlab", "azubi", "svc_backup")
    missed = []
    for _ in range(400):
        name = rng.choice(names)
        shape = rng.choice((name, name[::-1], name.upper(), name.translate(swap), name.capitalize()))
        password = rng.choice(("", "!", "x9#")) + shape + rng.choice(("", "77", "?Kq", "2024!"))
        if judge(password, [name]).score < judge(password).score and not may_hold(password, [name]):
            missed.append(password)
    assert missed == []


@pytest.mark.parametrize(
    ("password", "band"),
    [
        ("", "<8"),
        ("1234567", "<8"),
        ("12345678", "8-11"),
        ("12345678901", "8-11"),
        ("123456789012", "12-14"),
        ("12345678901234", "12-14"),
        ("123456789012345", "15+"),
        pytest.param("u\u0308" * 7, "<8", id="a letter and its accent are one character after NFC"),
        pytest.param("😀" * 7, "<8", id="a code point is one character"),
        pytest.param("ü" * 8, "8-11", id="bytes do not count"),
        pytest.param("\u0301" * 100_000, "15+", id="a long run of accents takes no time"),
        pytest.param("\ud800" * 8, "8-11", id="lone surrogates"),
    ],
)
def test_length_bands(password: str, band: str) -> None:
    assert BANDS[band_index(password)] == band


def children() -> list[int]:
    """The processes that this one started and that still live."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_a_worker_that_dies_is_an_error_without_a_text() -> None:
    before = set(children())
    with Pool(1) as pool:
        assert pool.submit([("password", ())]).result() == [Judgement(0, 0, Mark.COMMON)]
        (worker,) = set(children()) - before
        limits = Path(f"/proc/{worker}/limits").read_text()
        assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [
            ["0", "0"]
        ]
        os.kill(worker, signal.SIGKILL)
        error = pool.submit([("canary-Zq8", ())]).exception()
    assert isinstance(error, ScoringError)
    assert str(error) == "a scoring process ended unexpectedly (out of memory?); run again"
    assert (error.__cause__, error.__context__) == (None, None)
    assert set(children()) - before == set()
