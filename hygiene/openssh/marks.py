"""What is odd about a line of a key file: a restriction that restricts nothing, or a key that is hard to see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hygiene.openssh.key_text import BLANK, Found
from hygiene.openssh.options import FLAG_NAMES, VALUE_NAMES, Options
from hygiene.openssh.sources import judge

FROM_EVERYONE = "from-everyone"
FROM_ITEM_DEAD = "from-item-dead"
OPTIONS_BEHIND_KEY = "options-behind-key"
VERIFY_WITHOUT_EFFECT = "verify-without-effect"
SHADOWED = "shadowed"
OBFUSCATED = "obfuscated"

FAR = 4096  # bytes before a key in its line, and
JUNK = 1000  # lines without a key before it, behind which nobody looks
_ITEMS_MAX = 1000  # of a from= list, with more of which nobody meant every one

_TOUCH = ("touch-required", "no-touch-required", "verify-required", "no-verify-required")
_flags = b"|".join(sorted(map(re.escape, FLAG_NAMES - {b"pty", b"user-rc"}), reverse=True))
_values = b"|".join(sorted(map(re.escape, VALUE_NAMES)))
# an option with a value anywhere; flags where they begin the text or stand in a list, as a comment may hold their words
_VALUE = re.compile(rb"(?:^|[ \t,])(?:" + _values + rb')="', re.IGNORECASE)
_FLAG = re.compile(rb"[ \t]*+(?:" + _flags + rb")(?=[ \t\r,]|$)", re.IGNORECASE)
_LISTED_FLAG = re.compile(rb",(?:" + _flags + rb")(?=[ \t\r,]|$)", re.IGNORECASE)


def of(at: int, behind: bytes, found: Found, options: Options, alive: bool) -> tuple[str, ...]:
    """The marks that a line has by itself; the key begins `at` a place in it, and `behind` is what follows the key."""
    marks: list[str] = []
    if options.texts:
        marks += of_sources(options, alive)
        if not found.reading.form.sk and asks_for_touch(options):
            marks.append(VERIFY_WITHOUT_EFFECT)
    if has_options(behind):
        marks.append(OPTIONS_BEHIND_KEY)
    if alive and (at > FAR or not is_plain(found)):
        marks.append(OBFUSCATED)
    return tuple(marks)


def has_options(behind: bytes) -> bool:
    """True when options stand behind a key, where they are comment."""
    return (
        _FLAG.match(behind) is not None
        or (b'="' in behind and _VALUE.search(behind) is not None)
        or (b"," in behind and _LISTED_FLAG.search(behind) is not None)
    )


def of_sources(options: Options, alive: bool) -> Iterator[str]:
    """The marks of from=."""
    if alive and options.from_patterns is not None and not options.limits_source:
        yield FROM_EVERYONE
    patterns = options.from_patterns if alive else _from_text(options)
    if patterns and any(_never_matches(item, alive) for item in patterns[:_ITEMS_MAX]):
        yield FROM_ITEM_DEAD


def asks_for_touch(options: Options) -> bool:
    """True when options of a key, not of an authority, say what only a key held by an authenticator can do."""
    return not options.cert_authority and any(text.lower() in _TOUCH for text in options.texts)


def _from_text(options: Options) -> tuple[str, ...]:
    """The items of from= of a line that sshd refuses, whose options were not read."""
    texts = (text for text in options.texts if text[:6].lower() == 'from="')
    return tuple(item for text in texts for item in text[6:].rstrip('"').split(","))


def _never_matches(item: str, alive: bool) -> bool:
    """True for an item with blanks, and one that makes the whole list invalid, so that the line is dead."""
    return " " in item or not item.isprintable() or (not alive and judge(item.removeprefix("!")).broken is not None)


def has_names(options: Options) -> bool:
    """True when an item of from= is a host's name: no client has one while UseDNS is off, and the item is dead."""
    items = [item for item in options.from_patterns or () if not item.startswith("!")]
    return any(judge(item).names_only for item in items[:_ITEMS_MAX])


def is_plain(found: Found) -> bool:
    """True when the key stands as ssh-keygen writes it, so that tools that look for `ssh-... AAAA...` see it."""
    reading = found.reading
    if found.gap != b" " or reading.key.type != found.name.decode("latin-1"):
        return False
    token = found.token.rstrip(BLANK)
    # other bytes for the same key, and white space among them, are always more or less
    return len(token) == (len(reading.key.blob) + 2) // 3 * 4
