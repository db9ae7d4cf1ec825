"""What is known of an entry as words, the search for them, and length bands."""

from __future__ import annotations

import pytest

from hygiene.passwords.score.context import may_hold, words, words_in
from hygiene.passwords.score.length import BANDS, band_index


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
    assert words_in(password, None, word, "Kasse 7") == (words(None, word, "Kasse 7") if expected else ())


@pytest.mark.parametrize(
    ("password", "names"),
    [
        pytest.param("hans+1", ("hans.müller7", None, None), id="a piece of the user"),
        pytest.param("Mu3ller!", ("hans.müller7", None, None), id="spelt out and in l33t"),
        pytest.param("1web2", ("root", "https://www.web1.de/x", None), id="a piece of the system, without its digits"),
        pytest.param("7essaK", ("root", "db1", "Kasse 7"), id="the customer, backwards"),
    ],
)
def test_words_are_given_where_one_may_be_in(password: str, names: tuple[str | None, str | None, str | None]) -> None:
    assert words_in(password, *names) == words(*names) != ()
    assert words_in("Quirl&Dampf", *names) == ()


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
