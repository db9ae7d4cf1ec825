"""zxcvbn as the PyPI package computes it, wrapped once: any length, any text, and nothing of the result kept.

The package raises on an empty password (IndexError), on more than 72 characters (ValueError), and on some texts with
a line feed; its result holds the password in clear; and `user_inputs` goes into a module global, which two threads
share. So a private copy of its matching module is loaded here, and only the numbers leave.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TypedDict, cast

from zxcvbn import scoring, time_estimates

from hygiene.passwords.score.judgement import SCORED_CHARACTERS, Judgement, Mark

_Dictionaries = Mapping[str, Mapping[str, int]]


class _Match(TypedDict, total=False):
    pattern: str
    token: str
    dictionary_name: str


def _load_matching() -> ModuleType:
    spec = importlib.util.find_spec("zxcvbn.matching")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_matching = _load_matching()
_WORDS = frozenset().union(*_matching.RANKED_DICTIONARIES.values())
_LONGEST_WORD = max(map(len, _WORDS))


def _dictionary_match(
    password: str, _ranked_dictionaries: _Dictionaries = _matching.RANKED_DICTIONARIES
) -> list[dict[str, object]]:
    """The package's function, equal in every result, for substrings no longer than the longest word.

    The package looks up every substring in every dictionary, and for l33t once more for each of up to 736 ways to
    read the signs: 20 s for 250 random characters, over 70 s for hostile ones. So bounded it is at most 2 s.
    """
    lower = password.lower()
    own = _ranked_dictionaries.get("user_inputs", {})
    longest = max(_LONGEST_WORD, max(map(len, own), default=0))
    matches: list[dict[str, object]] = []
    length = len(password)
    for start in range(length):
        for end in range(start + 1, min(length, start + longest) + 1):
            word = lower[start:end]
            if word not in _WORDS and word not in own:
                continue
            for name, ranks in _ranked_dictionaries.items():
                if word in ranks:
                    matches.append(
                        {
                            "pattern": "dictionary",
                            "i": start,
                            "j": end - 1,
                            "token": password[start:end],
                            "matched_word": word,
                            "rank": ranks[word],
                            "dictionary_name": name,
                            "reversed": False,
                            "l33t": False,
                        }
                    )
    return matches


# on the private copy only: the package itself stays as it is
vars(_matching)["dictionary_match"] = _dictionary_match


def judge(password: str, words: Sequence[str] = ()) -> Judgement:
    """Score the first 250 characters; `words` (lower case, the likeliest first) are what is known of the entry.

    Without `words` both scores are zxcvbn's. 0 for an empty password. Never raises on a text; where the package
    breaks, the answer is 0 with Mark.FAILED.
    """
    password = password[:SCORED_CHARACTERS]
    if not password:
        return Judgement(0, 0, Mark(0))
    # the package's date patterns take a line feed at the end for the end, and then fail on it; a vertical tab is
    # white space to them just as well
    for text in (password, password.replace("\n", "\v")):
        try:
            return _judge(text, words)
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
            continue
    return Judgement(0, 0, Mark.FAILED)


def _judge(password: str, words: Sequence[str]) -> Judgement:
    own = {word: rank for rank, word in enumerate(words, 1)}
    dictionaries = {**_matching.RANKED_DICTIONARIES, "user_inputs": own}
    result = scoring.most_guessable_match_sequence(password, _matching.omnimatch(password, dictionaries))
    score = cast(int, time_estimates.guesses_to_score(result["guesses"]))
    return Judgement(score, score, _marks(password, result["sequence"], score))


def _marks(password: str, sequence: Sequence[_Match], score: int) -> Mark:
    """Why it is easily guessed; coarse on purpose, and silent where it is not."""
    marks = Mark(0)
    known = [len(match["token"]) for match in sequence if match.get("dictionary_name") == "user_inputs"]
    if known and (score <= 2 or 2 * sum(known) >= len(password)):
        marks |= Mark.CONTEXT
    if score > 2:
        return marks
    longest = max(
        (
            len(match["token"])
            for match in sequence
            if match["pattern"] == "dictionary" and match["dictionary_name"] != "user_inputs"
        ),
        default=0,
    )
    if 3 * longest >= 2 * len(password):
        marks |= Mark.COMMON
    patterned = sum(
        len(match["token"])
        for match in sequence
        if match["pattern"] in ("spatial", "sequence", "repeat", "date", "regex")
    )
    if 2 * patterned >= len(password):
        marks |= Mark.PATTERN
    return marks
