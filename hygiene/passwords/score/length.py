"""How long a password is, as the rules count it: code points after NFC, published as a band only."""

from __future__ import annotations

import unicodedata

# NIST SP 800-63B-4, 3.1.1.2: 15 characters where the password is the only factor, each code point one character
SINGLE_FACTOR_MINIMUM = 15
# [longest canonical composition: 3 code points to 1]; beyond this the band is certain without normalising,
# which takes quadratic time on long runs of combining marks
_CERTAIN = 3 * 250

BANDS = ("<8", "8-11", "12-14", "15+")


def band_index(password: str) -> int:
    """The index in BANDS."""
    length = len(password)
    if length <= _CERTAIN and not password.isascii():
        length = len(unicodedata.normalize("NFC", password))
    return (length >= 8) + (length >= 12) + (length >= SINGLE_FACTOR_MINIMUM)
