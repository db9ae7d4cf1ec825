"""Nothing that acts on a terminal, hides or reorders text is left in what is shown."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hygiene_reports.visible import columns, wrap

from hygiene.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "deploy@ci müller 田中 \U0001f511", "deploy@ci müller 田中 \U0001f511", id="plain-text-of-any-script-stays"
        ),
        pytest.param("DOMAIN\\user", "DOMAIN\\user", id="a-backslash-stays"),
        pytest.param("\x1b[31m\x07", r"\x1b[31m\x07", id="terminal-escapes"),
        pytest.param("\x9b31m\x85", r"\x9b31m\x85", id="c1-controls-act-without-esc"),
        pytest.param("a\r\n\tb\x00", r"a\x0d\x0a\x09b\x00", id="line-breaks-tabs-and-nul"),
        pytest.param("\u202etxt\u2066\u200e", r"\u202etxt\u2066\u200e", id="bidi-marks"),
        pytest.param("\u200b\u2060\ufeff\xad", r"\u200b\u2060\ufeff\xad", id="zero-width-and-soft-hyphen"),
        pytest.param("\u2028\u2029", r"\u2028\u2029", id="unicode-line-separators"),
        pytest.param("\u3164\u115f\u2800", r"\u3164\u115f\u2800", id="letters-that-are-drawn-as-nothing"),
        pytest.param("\udcff\udc80", r"\xff\x80", id="bytes-that-were-not-utf-8"),
        pytest.param("\ud83d", r"\ud83d", id="half-a-pair"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag-characters-beyond-the-first-plane"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_every_control_format_private_and_separator_character_of_this_unicode_is_spelt_out() -> None:
    acting = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    kept = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in acting and visible(chr(code)) == chr(code)
    ]
    assert kept == []


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        pytest.param("a key opens root", 9, ["a key", "opens", "root"], id="at-blanks"),
        pytest.param("x SHA256:abcdefgh y", 8, ["x", "SHA256:a", "bcdefgh", "y"], id="a-long-word-is-cut"),
        pytest.param("田中田中", 5, ["田中", "田中"], id="wide-characters-take-two"),
        pytest.param("e\u0301e\u0301e\u0301", 3, ["e\u0301e\u0301e\u0301"], id="combining-ones-take-none"),
        pytest.param("a b", None, ["a b"], id="no-limit"),
        pytest.param("", 5, [""], id="empty"),
        pytest.param("田", 1, ["田"], id="what-cannot-fit-is-not-lost"),
    ],
)
def test_wrap(text: str, width: int | None, lines: list[str]) -> None:
    assert wrap(text, width) == lines


def test_wrapping_loses_nothing_and_takes_linear_time() -> None:
    text = " ".join("word" * (number % 50) for number in range(2_000))
    lines = wrap(text, 70)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(columns(line) for line in lines) <= 70
