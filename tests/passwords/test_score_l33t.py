"""Words written with signs: what is found is what the package's substitutions make."""

from __future__ import annotations

import random

import pytest
from zxcvbn.matching import L33T_TABLE, enumerate_l33t_subs, relevant_l33t_subtable

from hygiene.passwords.score.l33t import SIGNS, folded, l33t_ways, likeliest, reading
from hygiene.passwords.score.words import WORDS
from passwords.samples import L33T_SIGNS

Found = set[tuple[int, int, str, tuple[tuple[str, str], ...]]]


def texts(count: int) -> list[str]:
    rng = random.Random(6)
    return ["".join(rng.choices(rng.sample(L33T_SIGNS, 4) + list("aeiost"), k=14)) for _ in range(count)] + [
        L33T_SIGNS + "0" * 12,
        "p4$$w0rd1!|7+(<{[%",
        "1!|7+4@" * 3,
        "4bc123, 123abc",
    ]


def substitutions(text: str) -> list[dict[str, str]]:
    return list(enumerate_l33t_subs(relevant_l33t_subtable(text, L33T_TABLE)))


def one_after_the_other(text: str) -> Found:
    found: Found = set()
    for substitution in substitutions(text):
        read = text.translate({ord(sign): letter for sign, letter in substitution.items()})
        for end, value in WORDS.plain.iter(read):
            start, stop = end + 1 - (value & 255), end + 1
            if read[start:stop] != text[start:stop] and stop > start + 1:
                used = {sign: letter for sign, letter in substitution.items() if sign in text[start:stop]}
                found.add((start, stop, read[start:stop], tuple(sorted(used.items()))))
    return found


def at_once(text: str) -> Found:
    signs = SIGNS.intersection(text)
    return {
        (start, end + 1, word, tuple(sorted(read.items())))
        for end, value in WORDS.folded.iter(folded(text))
        for start in (end + 1 - (value & 255),)
        for word in WORDS.alike[value >> 8]
        if (read := reading(text[start : end + 1], word, signs))
    }


def test_what_is_read_is_what_the_package_reads() -> None:
    for text in texts(60):
        assert at_once(text) == one_after_the_other(text), text


def test_the_likeliest_substitution_beside_a_token() -> None:
    """Of all that read the token so, by their ways in a text beside it."""
    rng = random.Random(7)
    for text in texts(12):
        signs = SIGNS.intersection(text)
        for start, stop, _, read in sorted(at_once(text)):
            token, beside = text[start:stop], "".join(rng.choices(text, k=stop - start))
            here = signs.intersection(token)
            fitting = [
                one for one in substitutions(text) if {(sign, one[sign]) for sign in here if sign in one} == {*read}
            ]
            found = likeliest(dict(read), token, signs, beside)
            assert l33t_ways(beside, found) == min(l33t_ways(beside, one) for one in fitting), (text, token, beside)


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
