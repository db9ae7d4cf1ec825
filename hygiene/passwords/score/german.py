"""What zxcvbn lacks of German: words, and the keys where z and y have changed places. Data alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_BARE = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "s"})
# DIN 2137, the keys of a row from left to right, each row half a key further to the right than the one above it
_PLAIN = ("^1234567890ß\u00b4", " qwertzuiopü+", " asdfghjklöä#", " <yxcvbnm,.-")
_SHIFTED = ('°!"§$%&/()=?`', " QWERTZUIOPÜ*", " ASDFGHJKLÖÄ'", " >YXCVBNM;:_")


def _ranks() -> dict[str, int]:
    """Words in all their spellings with their place in the list."""
    ranks: dict[str, int] = {}
    lines = files(__package__).joinpath("german.txt").read_text(encoding="utf-8").splitlines()
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    for rank, word in enumerate(words, 1):
        for spelling in (word, word.translate(_SPELT_OUT), word.translate(_BARE)):
            ranks.setdefault(spelling, rank)
    return ranks


def _neighbours() -> Mapping[str, list[str | None]]:
    """Each character with what the six keys around its own write, clockwise from the left as zxcvbn has it."""
    keys = {
        (column, row): plain + shifted
        for row, (line, above) in enumerate(zip(_PLAIN, _SHIFTED, strict=True))
        for column, (plain, shifted) in enumerate(zip(line, above, strict=True))
        if plain != " "
    }

    def around(column: int, row: int) -> Iterator[str | None]:
        for aside, down in ((-1, 0), (0, -1), (1, -1), (1, 0), (0, 1), (-1, 1)):
            yield keys.get((column + aside, row + down))

    return {character: [*around(*place)] for place, key in keys.items() for character in key}


RANKS: Mapping[str, int] = _ranks()
QWERTZ = _neighbours()
SHIFTED = frozenset("".join(_SHIFTED)) - {" "}
