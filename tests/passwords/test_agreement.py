"""The comparison with other programs: a difference is found, counted, and explained only where that can be shown."""

from __future__ import annotations

import pytest

from passwords import agreement
from passwords.agreement import Answer, Compared, Difference
from passwords.samples import KINDS

ALIKE: Answer = (3.0, 0)


@pytest.mark.parametrize(
    ("mine", "other", "found"),
    [
        pytest.param((3.0, 0), (3.0 + 1e-10, 0), False, id="the same to the ninth digit"),
        pytest.param((3.0, 0), (3.0 + 1e-8, 0), True, id="another number of guesses"),
        pytest.param((8.0, 2), (8.0, 3), True, id="another score"),
        pytest.param((12.0, 4), (31.5, 4), False, id="beyond 10^12 there is one number"),
        pytest.param((12.0, 4), (11.9, 4), True, id="but not below"),
        pytest.param((12.0, 4), (31.5, 3), True, id="and not for another score"),
    ],
)
def test_differences(mine: Answer, other: Answer, found: bool) -> None:
    expected = [Difference("x", mine, other, "why")] if found else []
    assert list(agreement.differences({"x": mine}, {"x": other}, lambda *_: "why")) == expected


def test_a_character_beyond_the_first_plane_explains_what_two_in_its_place_would_get() -> None:
    two = agreement.ours(["\ud83d\ude00z9"])["\ud83d\ude00z9"]
    assert agreement.why_npm("\U0001f600z9", two) == agreement.TWO_UNITS
    assert agreement.why_npm("\U0001f600z9", (two[0] + 1, two[1] + 1)) is None


def test_a_digit_of_another_script_explains_what_a_sign_in_its_place_would_get() -> None:
    sign = agreement.ours(["Loves\ue000\ue0001993"])["Loves\ue000\ue0001993"]
    assert agreement.why_npm("Loves\u0969\u09691993", sign) == agreement.DIGITS
    assert agreement.why_npm("Loves\u0969\u09691993", (sign[0] + 1, sign[1])) is None


def test_nothing_explains_another_score_of_a_plain_password() -> None:
    mine = agreement.ours(["Zq8kolibri"])["Zq8kolibri"]
    assert agreement.why_npm("Zq8kolibri", (mine[0] + 1, mine[1] + 1)) is None
    assert agreement.why_npm("Zq8constructor", (mine[0] + 1, mine[1] + 1)) == agreement.INHERITED


def test_the_table() -> None:
    kinds = {"a": "one", "b": "one", "c": "another"}
    found = [Difference("b", ALIKE, (4.0, 1), "why"), Difference("c", ALIKE, (3.5, 0), None)]
    assert agreement.table(kinds, [Compared("PyPI", ["a", "b", "c"], []), Compared("npm", ["b", "c"], found)]) == (
        "| kind | passwords | PyPI: asked | other guesses | other scores | npm: asked | other guesses |"
        " other scores |\n"
        "|---|---|---|---|---|---|---|---|\n"
        "| another | 1 | 1 | 0 | 0 | 1 | 1 (100.00%) | 0 |\n"
        "| one | 2 | 2 | 0 | 0 | 1 | 1 (100.00%) | 1 (100.00%) |\n"
        "| all | 3 | 3 | 0 | 0 | 2 | 2 (100.00%) | 1 (50.00%) |\n"
        "\n"
        "| program | reason | other guesses | other scores |\n"
        "|---|---|---|---|\n"
        "| npm | unknown | 1 | 0 |\n"
        "| npm | why | 1 | 1 |\n"
    )


def test_the_sample_holds_each_length_and_each_kind() -> None:
    made = agreement.sample(3_000)
    assert len(made) == 3_000
    assert {len(password) for password in made} == set(range(1, 251))
    assert set(made.values()) == {agreement.EVERY_LENGTH, *KINDS}


def test_a_program_is_asked_and_answers_in_order() -> None:
    passwords = ["password", "x" * 80, "\ud800", "Zq8kolibri"]
    answers = agreement.ask_pypi(passwords)
    assert list(agreement.differences(agreement.ours(passwords), answers, lambda *_: None)) == []
    assert [answers[password][1] for password in passwords] == [0, 0, 0, 2]
