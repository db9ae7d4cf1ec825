"""What is odd about a line of a key file: a restriction that restricts nothing, or a key that is hard to see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hygiene.openssh.key_text import BLANK, Found
from hygiene.openssh.keys import PublicKey
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
_OPTION = re.compile(rb"(?:^|[ \t,])(?:" + _values + rb')="|(?:^[ \t]*+|,)(?:' + _flags + rb")(?=[ \t\r,]|$)")
_HINTS = (b'="', b"no-", b"restrict", b"cert-authority", b"forwarding", b"required")


def of(text: bytes, at: int, before: int, found: Found, options: Options, alive: bool) -> tuple[str, ...]:
    """The marks that a line has by itself.

    `text` is what sshd reads of it, where the key begins `at`; `before` is all that stands before the key.
    """
    marks: list[str] = []
    if options.texts:
        marks += _of_options(found.reading.key, options, alive)
    behind = text[at + found.end :].lower()
    if len(behind) > 3 and any(hint in behind for hint in _HINTS) and _OPTION.search(behind):
        marks.append(OPTIONS_BEHIND_KEY)
    if alive and (before > FAR or not is_plain(found)):
        marks.append(OBFUSCATED)
    return tuple(marks)


def _of_options(key: PublicKey, options: Options, alive: bool) -> Iterator[str]:
    if options.from_patterns is not None and not options.limits_source and alive:
        yield FROM_EVERYONE
    patterns = options.from_patterns or _from_text(options)
    if any(_never_matches(item) for item in patterns[:_ITEMS_MAX]):
        yield FROM_ITEM_DEAD
    ordinary = not options.cert_authority and not key.plain_type.startswith("sk-")
    if ordinary and any(text.lower() in _TOUCH for text in options.texts):
        yield VERIFY_WITHOUT_EFFECT


def _from_text(options: Options) -> tuple[str, ...]:
    """The items of from= of a line that sshd refuses, whose options were not read."""
    texts = (text for text in options.texts if text[:6].lower() == 'from="')
    return tuple(item for text in texts for item in text[6:].rstrip('"').split(","))


def _never_matches(item: str) -> bool:
    return not item.isprintable() or " " in item or judge(item.removeprefix("!")).broken is not None


def has_names(options: Options) -> bool:
    """True when an item of from= is a host's name: no client has one while UseDNS is off, and the item is dead."""
    items = [item for item in options.from_patterns or () if not item.startswith("!")]
    return any(judge(item).names_only for item in items[:_ITEMS_MAX])


def is_plain(found: Found) -> bool:
    """True when the key stands as ssh-keygen writes it, so that tools that look for `ssh-... AAAA...` see it."""
    reading = found.reading
    if found.gap != b" " or reading.key.type != found.name.decode("latin-1") or not reading.canonical:
        return False
    token = found.token.rstrip(BLANK)
    return len(token) == (len(reading.key.blob) + 2) // 3 * 4
