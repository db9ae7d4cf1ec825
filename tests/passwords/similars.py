"""Entries with planted sets of similar passwords, made from a seed: who is alike is known."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from passwords.samples import TYPICAL_GERMAN

_SIGNS = "!?.#*$-"
_L33T = str.maketrans("aeio", "4310")
_PRINTABLE = string.ascii_letters + string.digits + string.punctuation
# of shorter ones too little is left to tell
_WORDS = tuple(word for word in TYPICAL_GERMAN if len(word) > 4)
# each has a skeleton of its own
_PLAIN_WORDS = tuple(word for word in _WORDS if word.isascii())
_ADMINISTRATORS = ("root", "admin", "administrator", "sysadmin")
_COMMON_USERS = ("info", "test", "scanner", "mueller", "backup", "rootmail", "Petra")
_SYLLABLES = (
    "nor",
    "ta",
    "vel",
    "mi",
    "ko",
    "rus",
    "ben",
    "dal",
    "fo",
    "gi",
    "hem",
    "ju",
    "lor",
    "pex",
    "qua",
    "sti",
    "wol",
    "zy",
)


@dataclass(frozen=True, slots=True)
class Made:
    """One entry, with the number of the planted set that it belongs to; None: to none."""

    password: str
    account: str
    system: str
    tenant: str | None
    planted: int | None


def entries(seed: int, sets: int, strangers: int) -> list[Made]:
    """Sets of two to six similar passwords, and entries that are similar to nothing: random, and common words."""
    rng = random.Random(seed)
    made = [one for number in range(sets) for one in _set(rng, number)]
    made += [_stranger(rng, number) for number in range(strangers)]
    rng.shuffle(made)
    return made


def _set(rng: random.Random, number: int) -> list[Made]:
    size = rng.randint(2, 6)
    if rng.random() < 0.1 and number // len(_ADMINISTRATORS) < len(_PLAIN_WORDS):
        # a word that everybody uses, by one account of administration at many customers
        account, word = _ADMINISTRATORS[number % len(_ADMINISTRATORS)], _PLAIN_WORDS[number // len(_ADMINISTRATORS)]
        spelt = (account, account.capitalize(), f"{account}@s{number}.example", f"S{number}\\{account.upper()}")
        return [
            Made(password, rng.choice(spelt), f"s{number}-{at}", f"c{number}-{at}", number)
            for at, password in enumerate(_variants(rng, word, size))
        ]
    if rng.random() < 0.3:  # a word that everybody uses, by one person on many systems
        return [
            Made(password, f"person{number}", f"s{number}-{at}", None, number)
            for at, password in enumerate(_variants(rng, rng.choice(_WORDS), size))
        ]
    if rng.random() < 0.2:  # random, one character changed, at one customer
        text = "".join(rng.choices(string.ascii_letters, k=14))
        at = rng.randrange(1, 13)
        digits = rng.sample(string.digits, size)
        return [
            Made(text[:at] + digit + text[at + 1 :], f"u{number}-{digit}", f"s{number}-{digit}", f"t{number}", number)
            for digit in digits
        ]
    # a word of one's own on accounts and systems that have nothing else in common
    word = "".join(rng.sample(_SYLLABLES, 4)).capitalize() + _spelt(number)
    return [
        Made(password, f"u{number}-{at}", f"s{number}-{at}", f"t{rng.randrange(5)}", number)
        for at, password in enumerate(_variants(rng, word, size))
    ]


def _spelt(number: int) -> str:
    """A number in letters, so that no two words are alike or a character apart."""
    return "".join("bdfglmnprs"[int(digit)] * 2 for digit in str(number))


def _variants(rng: random.Random, word: str, size: int) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < size:
        year = str(rng.randint(2015, 2026))
        way = rng.choice(("year", "year", "count", "suffix", "case", "l33t", "prefix"))
        text = {
            "year": word + year + "!",
            "count": word + str(rng.randrange(1, 9999)),
            "suffix": word + rng.choice(_SIGNS) * rng.randint(1, 3),
            "case": rng.choice((word.lower(), word.upper())) + year,
            "l33t": word[:1] + word[1:].translate(_L33T) + "!" + year[2:],
            "prefix": rng.choice(_SIGNS[:4]) + word + year,
        }[way]
        made.setdefault(text)
    return list(made)


def _stranger(rng: random.Random, number: int) -> Made:
    if rng.random() < 0.3:
        password = rng.choice(TYPICAL_GERMAN) + str(rng.randint(1990, 2026)) + rng.choice(_SIGNS)
        if rng.random() < 0.5:  # a user name that is common too, at a customer of its own
            return Made(password, rng.choice(_COMMON_USERS), f"y{number}", f"n{number}", None)
    else:
        password = "".join(rng.choices(_PRINTABLE, k=rng.randint(8, 16)))
    return Made(password, f"x{number}", f"y{number}", f"t{rng.randrange(5)}", None)
