"""What our overlay lowers, the reasons given, and what it leaves alone."""

from __future__ import annotations

import random
from statistics import mean

import pytest

from hygiene.passwords.score.context import may_hold
from hygiene.passwords.score.judgement import Judgement, Knowledge, Mark
from hygiene.passwords.score.overlay import Judge
from hygiene.passwords.score.reference import zxcvbn_score
from passwords.samples import KINDS, of_kind, typical_german, varied

JUDGE = Judge(Knowledge(2026))


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Passwort1!", Judgement(1, 1, Mark.COMMON)),
        ("Sommer2024!", Judgement(3, 1, Mark.COMMON)),
        ("Krankenkasse2023", Judgement(4, 1, Mark.COMMON)),
        ("Frühling2024!", Judgement(4, 1, Mark.COMMON)),
        ("Fruehling2024!", Judgement(4, 1, Mark.COMMON)),
        pytest.param("Fru\u0308hling2024!", Judgement(4, 1, Mark.COMMON), id="an accent of its own"),
        ("Donnerstag12", Judgement(4, 1, Mark.COMMON)),
        ("Willkommen123!", Judgement(4, 1, Mark.COMMON)),
        ("Dezember#2025", Judgement(3, 1, Mark.COMMON)),
        ("!!2023Herbst", Judgement(4, 1, Mark.COMMON)),
        ("Versich3rung1", Judgement(4, 1, Mark.COMMON)),
        pytest.param("$omm3r2024", Judgement(2, 1, Mark.COMMON), id="l33t at the edge"),
        pytest.param("Herbst2027", Judgement(3, 1, Mark.COMMON), id="next year"),
        pytest.param("Herbst2028", Judgement(3, 1, Mark(0)), id="a later one is a date"),
        ("Qwertz123!", Judgement(2, 1, Mark.COMMON)),
        pytest.param("zuiopüasdf", Judgement(3, 1, Mark.PATTERN), id="keys of a German keyboard"),
        pytest.param("Password", Judgement(0, 0, Mark.COMMON), id="never higher than the reference"),
        pytest.param("SommerKahnTafel2024!", Judgement(4, 4, Mark(0)), id="more than one word is no habit"),
        pytest.param("Sommer20242025202620!", Judgement(4, 4, Mark(0)), id="more digits than anybody guesses"),
        pytest.param("xK9#mP2$vL5q", Judgement(4, 4, Mark(0)), id="random"),
        pytest.param("13.09.1987", Judgement(1, 1, Mark.PATTERN), id="a date"),
        pytest.param("x" * 100, Judgement(1, 1, Mark.PATTERN), id="a repeat"),
        pytest.param("", Judgement(0, 0, Mark(0)), id="empty"),
        pytest.param("\ud800", Judgement(0, 0, Mark(0)), id="a lone surrogate"),
    ],
)
def test_judgements(password: str, expected: Judgement) -> None:
    assert JUDGE.judge(password) == expected


def test_the_present_is_an_argument() -> None:
    assert [Judge(Knowledge(year)).judge("Steckdose2031").score for year in (2026, 2030, 2031)] == [2, 1, 1]


@pytest.mark.parametrize(
    ("password", "words", "expected"),
    [
        pytest.param("Lindenhof#7", ["lindenhof"], Judgement(3, 1, Mark.CONTEXT), id="capital, sign and digit"),
        pytest.param("fohnedniL#7", ["lindenhof"], Judgement(4, 1, Mark.CONTEXT), id="backwards"),
        pytest.param("L1nd3nh0f#7", ["lindenhof"], Judgement(3, 1, Mark.CONTEXT), id="l33t"),
        pytest.param("Lindenhof2026!!", ["abc", "lindenhof"], Judgement(4, 1, Mark.CONTEXT), id="a habit"),
        pytest.param("Lindenhof#7", ["waldhof"], Judgement(3, 3, Mark(0)), id="another's"),
        pytest.param(
            "lindenhofxK9#mP2$",
            ["lindenhof"],
            Judgement(4, 4, Mark.CONTEXT),
            id="half of a strong one: said, not lowered",
        ),
        pytest.param("x4", ["x", "", "x" * 251], Judgement(0, 0, Mark(0)), id="too short and too long to be one"),
        pytest.param("hansmeier4711", ["hansmeier4711"], Judgement(4, 0, Mark.CONTEXT), id="nothing else"),
    ],
)
def test_words_of_the_entry(password: str, words: list[str], expected: Judgement) -> None:
    assert JUDGE.judge(password, words) == expected


def test_words_of_the_organisation_count_for_every_entry() -> None:
    judge = Judge(Knowledge(2026, ("nordkontor", "db17")))
    assert judge.judge("Nordkontor2024!") == Judgement(4, 1, Mark.CONTEXT)
    assert judge.judge("xK9#mP2$vL5q") == Judgement(4, 4, Mark(0))


def test_nothing_is_raised() -> None:
    passwords = varied(7, 1_500, longest=60)
    judged = [JUDGE.judge(password, ["anna", "web01"]) for password in passwords]
    assert [one.zxcvbn_score for one in judged] == [zxcvbn_score(password) for password in passwords]
    assert [ascii(text) for text, one in zip(passwords, judged, strict=True) if one.score > one.zxcvbn_score] == []
    assert [ascii(text) for text, one in zip(passwords, judged, strict=True) if Mark.FAILED in one.marks] == []


def test_what_is_out_of_reach_is_judged_as_if_all_were_searched() -> None:
    """With a word of the organisation everything is searched, be it one that nobody uses."""
    searched = Judge(Knowledge(2026, ("qzxjvwkpfgy",)))
    strong = Judgement(4, 4, Mark(0))
    passwords = [text for text in varied(12, 4_000, longest=30) if JUDGE.judge(text) == strong]
    assert [text for text in passwords if searched.judge(text) != strong] == []


def test_typical_german_passwords_are_weak() -> None:
    rng = random.Random(8)
    judged = [JUDGE.judge(typical_german(rng)) for _ in range(3_000)]
    assert mean(one.zxcvbn_score >= 3 for one in judged) > 0.25
    assert mean(one.score >= 3 for one in judged) <= 0.1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("random")])
def test_random_passwords_stay(kind: str) -> None:
    judged = [JUDGE.judge(password) for password in of_kind(kind, 9, 500)]
    assert mean(one.zxcvbn_score - one.score for one in judged) <= 0.1


def test_the_search_for_words_misses_nothing_that_changes_a_score() -> None:
    rng = random.Random(4)
    swap = str.maketrans("aeiostlgzb", "43!0$7|928")
    names = ("hans", "mueller", "stadtwerke", "gitlab", "azubi", "svc_backup", "nordkontor")
    missed = []
    for _ in range(400):
        name = rng.choice(names)
        shape = rng.choice((name, name[::-1], name.upper(), name.translate(swap), name.capitalize()))
        password = rng.choice(("", "!", "x9#")) + shape + rng.choice(("", "77", "?Kq", "2024!"))
        if JUDGE.judge(password, [name]).score < JUDGE.judge(password).score and not may_hold(password, [name]):
            missed.append(password)
    assert missed == []
