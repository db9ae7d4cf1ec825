"""Text from hosts and lists, made harmless to show: what would act or hide is spelt out."""

from __future__ import annotations

import re
from typing import Final

# Unicode 16: general categories Cc, Cf, Cs, Co, Zl, Zp and the noncharacters, and what is drawn as nothing
# (Default_Ignorable_Code_Point, the Hangul fillers, the Braille blank). Spelt out rather than asked of unicodedata,
# so that a report has the same bytes under every Python.
ACTS_OR_HIDES: Final = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
_ACTS_OR_HIDES: Final = re.compile(f"[{ACTS_OR_HIDES}]")


def visible(text: str) -> str:
    r"""Give the text with control, format, invisible and undecodable characters as `\xNN`, `\uNNNN` or `\UNNNNNNNN`.

    Line breaks and tabs are spelt out too: what comes back is one line. A backslash stays what it is.
    """
    return _ACTS_OR_HIDES.sub(lambda hit: _spelt(ord(hit[0])), text)


def _spelt(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
