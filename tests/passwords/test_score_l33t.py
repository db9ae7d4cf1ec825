"""Words written with signs: two ways to find them give the same, and the package agrees on the substitutions."""

from __future__ import annotations

import random

import pytest
from zxcvbn.matching import L33T_TABLE, enumerate_l33t_subs, relevant_l33t_subtable

from hygiene.passwords.score.l33t import SIGNS, choices, l33t_ways, substitutions, words_with_signs
from hygiene.passwords.score.words import LONGEST_WORD, WORDS
from passwords.samples import L33T_SIGNS

Found = set[tuple[int, int, int, int, tuple[tuple[str, str], ...]]]


def texts(count: int) -> list[str]:
    rng = random.Random(6)
    return ["".join(rng.choices(rng.sample(L33T_SIGNS, 4) + list("aeiost"), k=14)) for _ in range(count)] + [
        L33T_SIGNS + "0" * 12,
        "p4$$w0rd1!|7+(<{[%",
        "1!|7+4@" * 3,
    ]


def one_after_the_other(text: str) -> Found:
    found: Found = set()
    for substitution, table in substitutions(SIGNS.intersection(text)):
        read = text.translate(table)
        for end, (length, rank, ours) in WORDS.iter(read):
            start, stop = end - length + 1, end + 1
            if read[start:stop] != text[start:stop]:
                used = {sign: letter for sign, letter in substitution.items() if sign in text[start:stop]}
                found.add((start, stop, rank, ours, tuple(sorted(used.items()))))
    return found


def test_both_searches_find_the_same() -> None:
    for text in texts(60):
        found = words_with_signs(WORDS, text, SIGNS.intersection(text), LONGEST_WORD)
        both = {(start, stop, rank, ours, tuple(sorted(read.items()))) for start, stop, rank, ours, read in found}
        assert {one for one in both if one[1] - one[0] > 1} == {
            one for one in one_after_the_other(text) if one[1] - one[0] > 1
        }, text


def test_substitutions_are_those_of_the_package() -> None:
    for text in texts(40):
        its = enumerate_l33t_subs(relevant_l33t_subtable(text, L33T_TABLE))
        mine = [substitution for substitution, _ in substitutions(SIGNS.intersection(text))]
        assert sorted(map(sorted, map(dict.items, its))) == sorted(sorted(one.items()) for one in mine)
        assert len(mine) <= 4 * choices(SIGNS.intersection(text))


@pytest.mark.parametrize(
    ("token", "substitution", "ways"),
    [
        pytest.param("p4ss", {"4": "a"}, 2, id="all of them: with and without"),
        pytest.param("b4nana", {"4": "a"}, 3, id="in one of three places"),
        pytest.param("P4SSW0RD", {"4": "a", "0": "o"}, 4, id="two signs"),
        pytest.param("p4ss", {"4": "a", "0": "o"}, 2, id="a sign that is not there"),
    ],
)
def test_ways(token: str, substitution: dict[str, str], ways: float) -> None:
    assert l33t_ways(token, substitution) == ways
